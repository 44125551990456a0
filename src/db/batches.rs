//! Batches of answers on paper, and the sheets drawn from them for a second key-in.

use chrono::{NaiveDate, NaiveDateTime};
use diesel::dsl::max;
use diesel::{
    ExpressionMethods, Insertable, OptionalExtension, QueryDsl, Queryable, RunQueryDsl, Selectable,
    SelectableHelper,
};

use super::conn::{Conn, on_each};
use super::schema::{batch_checks, batches};
use super::types::{StoredDocument, StoredId};
use super::violation::translate;
use crate::domain::answer::Scores;
use crate::domain::batch::{Batch, Check, State};
use crate::domain::ids::{BatchId, FieldId, LinkId, ProcedureId, UnitId};
use crate::domain::link::{Channel, Stage};
use crate::error::{Error, Result};

#[derive(Queryable, Selectable)]
#[diesel(table_name = batches)]
struct BatchRow {
    id: i64,
    unit_id: i64,
    year: i32,
    number: i32,
    channel: i16,
    counter_id: i64,
    link_id: i64,
    questionnaire_id: i64,
    field_id: Option<i64>,
    procedure_id: Option<i64>,
    deciding_unit_id: i64,
    stage: i16,
    answered_on: NaiveDate,
    announced: i32,
    keyed: i32,
    struck: i32,
    seed: StoredId,
    state: String,
    opened_by: String,
    created_at: NaiveDateTime,
    closed_at: Option<NaiveDateTime>,
    remark: String,
    compared: i32,
    differing: i32,
}

impl TryFrom<BatchRow> for Batch {
    type Error = Error;

    fn try_from(row: BatchRow) -> Result<Self> {
        let broken = |what: &str| Error::internal(format!("batch {} has an unknown {what}", row.id));
        Ok(Self {
            id: row.id.into(),
            unit: row.unit_id.into(),
            year: row.year,
            number: row.number,
            channel: Channel::from_number(row.channel).ok_or_else(|| broken("channel"))?,
            counter: row.counter_id.into(),
            link: LinkId::stated(row.link_id),
            questionnaire: row.questionnaire_id.into(),
            field: row.field_id.map(FieldId::from),
            procedure: row.procedure_id.map(ProcedureId::from),
            deciding: row.deciding_unit_id.into(),
            stage: Stage::from_number(row.stage),
            day: row.answered_on,
            announced: row.announced,
            keyed: row.keyed,
            struck: row.struck,
            seed: row.seed.0,
            state: State::from_key(&row.state).ok_or_else(|| broken("state"))?,
            opened_by: row.opened_by,
            created_at: row.created_at,
            closed_at: row.closed_at,
            remark: row.remark,
            compared: row.compared,
            differing: row.differing,
        })
    }
}

#[derive(Insertable)]
#[diesel(table_name = batches)]
struct NewBatch<'a> {
    unit_id: i64,
    year: i32,
    number: i32,
    channel: i16,
    counter_id: i64,
    link_id: i64,
    questionnaire_id: i64,
    field_id: Option<i64>,
    procedure_id: Option<i64>,
    deciding_unit_id: i64,
    stage: i16,
    answered_on: NaiveDate,
    announced: i32,
    keyed: i32,
    struck: i32,
    seed: StoredId,
    state: &'a str,
    opened_by: &'a str,
    created_at: NaiveDateTime,
    remark: &'a str,
    compared: i32,
    differing: i32,
}

/// All batches, newest first.
///
/// # Errors
/// Those of the database.
pub fn list(conn: &mut Conn) -> Result<Vec<Batch>> {
    let rows = batches::table.select(BatchRow::as_select()).order(batches::id.desc()).load(conn);
    rows.map_err(translate)?.into_iter().map(Batch::try_from).collect()
}

/// The batch of an id.
///
/// # Errors
/// Those of the database.
pub fn find(conn: &mut Conn, id: BatchId) -> Result<Option<Batch>> {
    let row = batches::table.find(id.raw()).select(BatchRow::as_select()).first(conn).optional();
    row.map_err(translate)?.map(Batch::try_from).transpose()
}

/// The number for the next batch of a unit in a year.
///
/// # Errors
/// Those of the database.
pub fn next_number(conn: &mut Conn, unit: UnitId, year: i32) -> Result<i32> {
    let last: Option<i32> = batches::table
        .filter(batches::unit_id.eq(unit.raw()))
        .filter(batches::year.eq(year))
        .select(max(batches::number))
        .first(conn)
        .map_err(translate)?;
    Ok(last.unwrap_or(0).saturating_add(1))
}

/// Writes a batch and gives it its id; the id of `batch` itself is not looked at.
///
/// # Errors
/// Conflict for a number that is taken; those of the database.
pub fn insert(conn: &mut Conn, batch: &Batch) -> Result<BatchId> {
    let row = NewBatch {
        unit_id: batch.unit.raw(),
        year: batch.year,
        number: batch.number,
        channel: batch.channel.number(),
        counter_id: batch.counter.raw(),
        link_id: batch.link.map_or(0, LinkId::raw),
        questionnaire_id: batch.questionnaire.raw(),
        field_id: batch.field.map(FieldId::raw),
        procedure_id: batch.procedure.map(ProcedureId::raw),
        deciding_unit_id: batch.deciding.raw(),
        stage: batch.stage.map_or(0, Stage::number),
        answered_on: batch.day,
        announced: batch.announced,
        keyed: batch.keyed,
        struck: batch.struck,
        seed: StoredId(batch.seed),
        state: batch.state.key(),
        opened_by: &batch.opened_by,
        created_at: batch.created_at,
        remark: &batch.remark,
        compared: batch.compared,
        differing: batch.differing,
    };
    on_each!(conn => diesel::insert_into(batches::table).values(row).returning(batches::id).get_result::<i64>(conn))
        .map(BatchId::from)
        .map_err(translate)
}

/// Counts one sheet more; says whether the batch was open with this many before.
///
/// # Errors
/// Those of the database.
pub fn count_sheet(conn: &mut Conn, id: BatchId, before: i32) -> Result<bool> {
    let open = batches::table
        .find(id.raw())
        .filter(batches::state.eq(State::Open.key()))
        .filter(batches::keyed.eq(before));
    let counted = diesel::update(open).set(batches::keyed.eq(before.saturating_add(1))).execute(conn);
    counted.map(|rows| rows > 0).map_err(translate)
}

/// Writes how many sheets are struck out; says whether the batch was open with as many as `batch` says.
///
/// # Errors
/// Those of the database.
pub fn count_struck(conn: &mut Conn, batch: &Batch, struck: i32) -> Result<bool> {
    let open = batches::table
        .find(batch.id.raw())
        .filter(batches::state.eq(State::Open.key()))
        .filter(batches::struck.eq(batch.struck));
    diesel::update(open).set(batches::struck.eq(struck)).execute(conn).map(|rows| rows > 0).map_err(translate)
}

/// Writes state, remark, error rate and closing of a batch that was in another state; says whether it was.
///
/// # Errors
/// Those of the database.
pub fn advance(conn: &mut Conn, batch: &Batch, from: State) -> Result<bool> {
    let same = batches::table
        .find(batch.id.raw())
        .filter(batches::state.eq(from.key()))
        .filter(batches::keyed.eq(batch.keyed))
        .filter(batches::struck.eq(batch.struck));
    let moved = diesel::update(same)
        .set((
            batches::state.eq(batch.state.key()),
            batches::remark.eq(&batch.remark),
            batches::compared.eq(batch.compared),
            batches::differing.eq(batch.differing),
            batches::closed_at.eq(batch.closed_at),
        ))
        .execute(conn);
    moved.map(|rows| rows > 0).map_err(translate)
}

/// Notes the sheets that were drawn.
///
/// # Errors
/// Those of the database.
pub fn insert_checks(conn: &mut Conn, id: BatchId, sheets: &[i32]) -> Result<()> {
    let rows: Vec<_> = sheets
        .iter()
        .map(|sheet| (batch_checks::batch_id.eq(id.raw()), batch_checks::sheet.eq(*sheet)))
        .collect();
    on_each!(conn => diesel::insert_into(batch_checks::table).values(rows).execute(conn))
        .map(drop)
        .map_err(translate)
}

/// The sheets that were drawn, by number.
///
/// # Errors
/// Those of the database; internal for scores that cannot be read.
pub fn checks(conn: &mut Conn, id: BatchId) -> Result<Vec<Check>> {
    let rows = batch_checks::table
        .filter(batch_checks::batch_id.eq(id.raw()))
        .order(batch_checks::sheet.asc())
        .select((batch_checks::sheet, batch_checks::first, batch_checks::second))
        .load::<(i32, Option<StoredDocument>, Option<StoredDocument>)>(conn)
        .map_err(translate)?;
    rows.into_iter()
        .map(|(sheet, first, second)| {
            let keyed = match first.zip(second) {
                Some((first, second)) => Some((first.read()?, second.read()?)),
                None => None,
            };
            Ok(Check { sheet, keyed })
        })
        .collect()
}

/// Notes what was keyed for a drawn sheet; says whether it was the first time.
///
/// # Errors
/// Those of the database.
pub fn save_check(conn: &mut Conn, id: BatchId, sheet: i32, first: &Scores, second: &Scores) -> Result<bool> {
    let waiting = batch_checks::table.find((id.raw(), sheet)).filter(batch_checks::second.is_null());
    let saved = diesel::update(waiting)
        .set((
            batch_checks::first.eq(StoredDocument::of(first)?),
            batch_checks::second.eq(StoredDocument::of(second)?),
        ))
        .execute(conn);
    saved.map(|rows| rows > 0).map_err(translate)
}
