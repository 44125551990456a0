//! Responses and their comments.

use std::collections::{BTreeMap, HashMap};

use chrono::NaiveDate;
use diesel::{ExpressionMethods, Insertable, QueryDsl, Queryable, RunQueryDsl, Selectable, SelectableHelper};
use uuid::Uuid;

use super::comments::CommentRow;
use super::conn::{Conn, on_each};
use super::schema::{comments, responses};
use super::types::{StoredDocument, StoredId};
use super::violation::translate;
use crate::domain::answer::{Comment, Outcome, Response, Scores};
use crate::domain::day::HalfDay;
use crate::domain::flags::Flags;
use crate::domain::ids::{FieldId, ProcedureId, UnitId};
use crate::domain::link::{Channel, Respondent, Stage};
use crate::domain::period::Period;
use crate::domain::questionnaire::tag::Tag;
use crate::error::{Error, Result};
use crate::locale::Lang;

/// One row of `responses`.
#[derive(Insertable, Queryable, Selectable)]
#[diesel(table_name = responses, treat_none_as_default_value = false)]
pub struct ResponseRow {
    served_unit_id: i64,
    id: StoredId,
    deciding_unit_id: i64,
    counter_id: i64,
    link_id: i64,
    questionnaire_id: i64,
    field_id: i64,
    procedure_id: i64,
    stage: i16,
    channel: i16,
    respondent: i16,
    language: String,
    answered_on: NaiveDate,
    half_day: i16,
    scores: StoredDocument,
    comment_id: Option<StoredId>,
    flags: i16,
}

impl ResponseRow {
    /// The row of a response.
    ///
    /// # Errors
    /// Internal, for scores that JSON cannot hold.
    pub fn of(response: &Response) -> Result<Self> {
        Ok(Self {
            served_unit_id: response.served.raw(),
            id: StoredId(response.id),
            deciding_unit_id: response.deciding.raw(),
            counter_id: response.counter.raw(),
            link_id: response.link.raw(),
            questionnaire_id: response.questionnaire.raw(),
            field_id: response.field.map_or(0, FieldId::raw),
            procedure_id: response.procedure.map_or(0, ProcedureId::raw),
            stage: response.stage.map_or(0, Stage::number),
            channel: response.channel.number(),
            respondent: response.respondent.map_or(0, Respondent::number),
            language: response.language.to_string(),
            answered_on: response.day,
            half_day: response.half.number(),
            scores: StoredDocument::of(&response.scores)?,
            comment_id: response.comment.as_ref().map(|comment| StoredId(comment.id)),
            flags: response.flags.bits(),
        })
    }

    fn read(self) -> Result<Response> {
        Ok(Response {
            id: self.id.0,
            served: self.served_unit_id.into(),
            deciding: self.deciding_unit_id.into(),
            counter: self.counter_id.into(),
            link: self.link_id.into(),
            questionnaire: self.questionnaire_id.into(),
            field: FieldId::stated(self.field_id),
            procedure: ProcedureId::stated(self.procedure_id),
            stage: Stage::from_number(self.stage),
            channel: Channel::from_number(self.channel).ok_or_else(|| {
                Error::internal(format!("a response of the unknown channel {}", self.channel))
            })?,
            respondent: Respondent::from_number(self.respondent),
            language: Tag::parse(&self.language).unwrap_or_else(|| Lang::default().into()),
            day: self.answered_on,
            half: HalfDay::from_number(self.half_day),
            scores: self.scores.read()?,
            comment: self.comment_id.map(|id| Comment { id: id.0, body: String::new() }),
            flags: Flags::from_bits(self.flags),
        })
    }
}

/// Stores those responses whose id is new to their unit, with their comments; what is there stays.
///
/// Outcomes are in the order of `batch`. An id that stands twice in the batch counts once.
///
/// # Errors
/// Those of the database.
pub fn insert_if_missing(conn: &mut Conn, batch: &[Response]) -> Result<Vec<Outcome>> {
    // In the order of the primary key, so that two writers never wait for each other crosswise.
    let mut first: BTreeMap<(UnitId, Uuid), &Response> = BTreeMap::new();
    for response in batch {
        first.entry((response.served, response.id)).or_insert(response);
    }
    let rows = first.values().map(|response| ResponseRow::of(response)).collect::<Result<Vec<_>>>()?;
    let stored: Vec<(i64, StoredId)> = on_each!(conn => diesel::insert_into(responses::table)
        .values(rows)
        .on_conflict_do_nothing()
        .returning((responses::served_unit_id, responses::id))
        .get_results(conn))
    .map_err(translate)?;
    let mut fresh: HashMap<(UnitId, Uuid), bool> =
        stored.into_iter().map(|(unit, id)| ((unit.into(), id.0), true)).collect();
    insert_comments(
        conn,
        first.iter().filter(|(key, _)| fresh.contains_key(key)).map(|(_, response)| *response),
    )?;
    batch
        .iter()
        .map(|response| {
            let key = (response.served, response.id);
            match fresh.get_mut(&key) {
                Some(unseen) if *unseen => {
                    *unseen = false;
                    Ok(Outcome::Stored)
                }
                Some(_) => Ok(compare(&response.scores, first.get(&key).map(|one| &one.scores))),
                None => scores_of(conn, key).map(|scores| compare(&response.scores, Some(&scores))),
            }
        })
        .collect()
}

fn compare(now: &Scores, before: Option<&Scores>) -> Outcome {
    if before == Some(now) { Outcome::Repeated } else { Outcome::FirstStands }
}

/// The scores of a response, where there is one of that id.
///
/// # Errors
/// Those of the database.
pub fn scores(conn: &mut Conn, unit: UnitId, id: Uuid) -> Result<Option<Scores>> {
    match scores_of(conn, (unit, id)) {
        Ok(scores) => Ok(Some(scores)),
        Err(Error::NotFound(_)) => Ok(None),
        Err(error) => Err(error),
    }
}

fn scores_of(conn: &mut Conn, (unit, id): (UnitId, Uuid)) -> Result<Scores> {
    responses::table
        .find((unit.raw(), StoredId(id)))
        .select(responses::scores)
        .first::<StoredDocument>(conn)
        .map_err(translate)?
        .read()
}

fn insert_comments<'a>(conn: &mut Conn, responses: impl Iterator<Item = &'a Response>) -> Result<()> {
    let rows: Vec<CommentRow> = responses.filter_map(CommentRow::of).collect::<Result<_>>()?;
    if rows.is_empty() {
        return Ok(());
    }
    on_each!(conn => diesel::insert_into(comments::table).values(rows).execute(conn))
        .map(drop)
        .map_err(translate)
}

/// Units at which there are responses.
///
/// # Errors
/// Those of the database.
pub fn served_units(conn: &mut Conn) -> Result<Vec<UnitId>> {
    let rows = responses::table
        .select(responses::served_unit_id)
        .distinct()
        .order(responses::served_unit_id.asc())
        .load::<i64>(conn)
        .map_err(translate)?;
    Ok(rows.into_iter().map(UnitId::from).collect())
}

/// The responses of one unit; comments come with their id alone.
///
/// # Errors
/// Those of the database.
pub fn by_unit(conn: &mut Conn, unit: UnitId) -> Result<Vec<Response>> {
    let rows = responses::table
        .filter(responses::served_unit_id.eq(unit.raw()))
        .select(ResponseRow::as_select())
        .load(conn)
        .map_err(translate)?;
    rows.into_iter().map(ResponseRow::read).collect()
}

/// The responses of one unit in a period in the order of their ids, from an id on and so many at most;
/// comments come with their id alone.
///
/// # Errors
/// Those of the database.
pub fn page(conn: &mut Conn, unit: UnitId, period: Period, from: Uuid, most: i64) -> Result<Vec<Response>> {
    let rows = responses::table
        .filter(responses::served_unit_id.eq(unit.raw()))
        .filter(responses::id.ge(StoredId(from)))
        .filter(responses::answered_on.between(period.from(), period.to()))
        .order(responses::id.asc())
        .limit(most)
        .select(ResponseRow::as_select())
        .load(conn)
        .map_err(translate)?;
    rows.into_iter().map(ResponseRow::read).collect()
}
