//! Counters and links.

use std::collections::BTreeSet;

use chrono::{NaiveDate, NaiveDateTime, NaiveTime, Utc};
use diesel::dsl::max;
use diesel::{
    BoolExpressionMethods, ExpressionMethods, Insertable, OptionalExtension, QueryDsl, Queryable,
    RunQueryDsl, Selectable, SelectableHelper,
};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::conn::{Conn, on_each};
use super::schema::{counters, links, responses};
use super::types::StoredId;
use super::violation::translate;
use crate::domain::closure::Closure;
use crate::domain::code::Code;
use crate::domain::ids::{CounterId, FieldId, LinkId, ProcedureId, UnitId};
use crate::domain::latest::Latest;
use crate::domain::link::{Counter, Link, Stage};
use crate::domain::origin::FLOOR;
use crate::domain::period::Period;
use crate::domain::questionnaire::Kind;
use crate::error::{Error, Result};

/// So many ids stay below the variables that SQLite takes.
const AT_ONCE: usize = 1000;

#[derive(Queryable, Selectable)]
#[diesel(table_name = links)]
struct LinkRow {
    id: i64,
    code: String,
    counter_id: i64,
    kind: String,
    field_id: Option<i64>,
    procedure_id: Option<i64>,
    deciding_unit_id: Option<i64>,
    stage: i16,
    valid_from: NaiveDate,
    valid_to: Option<NaiveDate>,
    revoked_at: Option<NaiveDateTime>,
    replaces_id: Option<i64>,
}

impl TryFrom<LinkRow> for Link {
    type Error = Error;

    fn try_from(row: LinkRow) -> Result<Self> {
        let broken = |what: &str| Error::internal(format!("link {} has an unknown {what}", row.id));
        Ok(Self {
            id: row.id.into(),
            code: Code::parse(&row.code).map_err(|_| broken("code"))?,
            counter: row.counter_id.into(),
            kind: Kind::from_key(&row.kind).ok_or_else(|| broken("kind"))?,
            field: row.field_id.map(FieldId::from),
            procedure: row.procedure_id.map(ProcedureId::from),
            deciding: row.deciding_unit_id.map(UnitId::from),
            stage: Stage::from_number(row.stage),
            valid_from: row.valid_from,
            valid_to: row.valid_to,
            revoked: row.revoked_at.is_some(),
            replaces: row.replaces_id.map(LinkId::from),
        })
    }
}

#[derive(Insertable)]
#[diesel(table_name = links)]
struct NewLink<'a> {
    code: &'a str,
    counter_id: i64,
    kind: &'a str,
    field_id: Option<i64>,
    procedure_id: Option<i64>,
    deciding_unit_id: Option<i64>,
    stage: i16,
    valid_from: NaiveDate,
    valid_to: Option<NaiveDate>,
    created_at: NaiveDateTime,
    replaces_id: Option<i64>,
}

/// All counters.
///
/// # Errors
/// Those of the database.
pub fn counters(conn: &mut Conn) -> Result<Vec<Counter>> {
    let rows = counters::table
        .load::<(i64, i64, String, NaiveTime, NaiveTime, Option<NaiveDate>, Option<NaiveDate>)>(conn)
        .map_err(translate)?;
    Ok(rows
        .into_iter()
        .map(|(id, unit, name, opens, closes, from, until)| Counter {
            id: id.into(),
            unit: unit.into(),
            name,
            opens,
            closes,
            closure: Closure { from, until },
        })
        .collect())
}

/// All links, revoked ones too.
///
/// # Errors
/// Those of the database.
pub fn list(conn: &mut Conn) -> Result<Vec<Link>> {
    let rows =
        links::table.select(LinkRow::as_select()).order(links::id.asc()).load(conn).map_err(translate)?;
    rows.into_iter().map(Link::try_from).collect()
}

/// The counter of that name, made where the unit has none.
///
/// # Errors
/// Those of the database.
pub fn counter_by_name(
    conn: &mut Conn,
    unit: UnitId,
    name: &str,
    hours: (NaiveTime, NaiveTime),
) -> Result<CounterId> {
    let known = counters::table
        .filter(counters::unit_id.eq(unit.raw()))
        .filter(counters::name.eq(name))
        .select(counters::id)
        .first::<i64>(conn)
        .optional()
        .map_err(translate)?;
    if let Some(id) = known {
        return Ok(id.into());
    }
    let row = (
        counters::unit_id.eq(unit.raw()),
        counters::name.eq(name),
        counters::opens.eq(hours.0),
        counters::closes.eq(hours.1),
    );
    on_each!(conn => diesel::insert_into(counters::table).values(row).returning(counters::id).get_result::<i64>(conn))
        .map(CounterId::from)
        .map_err(translate)
}

/// Writes a link and gives it its id; the id of `link` itself is not looked at.
///
/// # Errors
/// Conflict for a code that is taken; those of the database.
pub fn insert(conn: &mut Conn, link: &Link) -> Result<LinkId> {
    let row = NewLink {
        code: link.code.as_str(),
        counter_id: link.counter.raw(),
        kind: link.kind.key(),
        field_id: link.field.map(FieldId::raw),
        procedure_id: link.procedure.map(ProcedureId::raw),
        deciding_unit_id: link.deciding.map(UnitId::raw),
        stage: link.stage.map_or(0, Stage::number),
        valid_from: link.valid_from,
        valid_to: link.valid_to,
        created_at: Utc::now().naive_utc(),
        replaces_id: link.replaces.map(LinkId::raw),
    };
    on_each!(conn => diesel::insert_into(links::table).values(row).returning(links::id).get_result::<i64>(conn))
        .map(LinkId::from)
        .map_err(translate)
}

/// Ends a link; says whether it was open.
///
/// # Errors
/// Those of the database.
pub fn revoke(conn: &mut Conn, id: LinkId) -> Result<bool> {
    diesel::update(links::table.find(id.raw()).filter(links::revoked_at.is_null()))
        .set(links::revoked_at.eq(Utc::now().naive_utc()))
        .execute(conn)
        .map(|changed| changed > 0)
        .map_err(translate)
}

/// Links that ended along with something, by their ids.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ended {
    /// Those that ended earlier than they would have, and the day from which that would have been.
    pub cut: Vec<(i64, Option<NaiveDate>)>,
    /// Those that would have begun later, and were revoked.
    pub revoked: Vec<i64>,
}

/// Ends links from a day on, those that would go on, and says which.
///
/// # Errors
/// Those of the database.
pub fn end(conn: &mut Conn, ids: &[LinkId], from: NaiveDate) -> Result<Ended> {
    let mut ended = Ended::default();
    for ids in ids.chunks(AT_ONCE) {
        let ids: Vec<i64> = ids.iter().map(|id| id.raw()).collect();
        let open = links::id.eq_any(ids).and(links::revoked_at.is_null());
        // A link whose first day is still to come would have no day at all.
        let later = links::table.filter(open.clone().and(links::valid_from.ge(from)));
        ended.revoked.extend(later.clone().select(links::id).load::<i64>(conn).map_err(translate)?);
        diesel::update(later)
            .set(links::revoked_at.eq(Utc::now().naive_utc()))
            .execute(conn)
            .map_err(translate)?;
        let lasting = links::valid_to.is_null().or(links::valid_to.gt(from));
        let cut = links::table.filter(open.and(links::valid_from.lt(from)).and(lasting));
        let before = cut.clone().select((links::id, links::valid_to));
        let before = before.load::<(i64, Option<NaiveDate>)>(conn).map_err(translate)?;
        ended.cut.extend(before);
        diesel::update(cut).set(links::valid_to.eq(from)).execute(conn).map_err(translate)?;
    }
    Ok(ended)
}

/// Lets links go on that were to end along with something on a day; those revoked by hand since stay so.
///
/// # Errors
/// Those of the database.
pub fn restore(conn: &mut Conn, ended: &Ended, day: NaiveDate) -> Result<()> {
    for (id, end) in &ended.cut {
        let still = links::table.find(*id).filter(links::valid_to.eq(day));
        diesel::update(still).set(links::valid_to.eq(*end)).execute(conn).map_err(translate)?;
    }
    for ids in ended.revoked.chunks(AT_ONCE) {
        diesel::update(links::table.filter(links::id.eq_any(ids)))
            .set(links::revoked_at.eq(None::<NaiveDateTime>))
            .execute(conn)
            .map_err(translate)?;
    }
    Ok(())
}

/// Notes that a job made some links.
///
/// # Errors
/// Those of the database.
pub fn save_job(conn: &mut Conn, job: Uuid, ids: &[LinkId]) -> Result<()> {
    for ids in ids.chunks(AT_ONCE) {
        let ids: Vec<i64> = ids.iter().map(|id| id.raw()).collect();
        diesel::update(links::table.filter(links::id.eq_any(ids)))
            .set(links::job_id.eq(Some(StoredId(job))))
            .execute(conn)
            .map_err(translate)?;
    }
    Ok(())
}

/// The links that a job made.
///
/// # Errors
/// Those of the database.
pub fn of_job(conn: &mut Conn, job: Uuid) -> Result<BTreeSet<LinkId>> {
    let ids = links::table.filter(links::job_id.eq(Some(StoredId(job)))).select(links::id);
    let ids = ids.load::<i64>(conn).map_err(translate)?;
    Ok(ids.into_iter().map(LinkId::from).collect())
}

/// Whether a code is taken.
///
/// # Errors
/// Those of the database.
pub fn exists(conn: &mut Conn, code: &Code) -> Result<bool> {
    diesel::select(diesel::dsl::exists(links::table.filter(links::code.eq(code.as_str()))))
        .get_result(conn)
        .map_err(translate)
}

/// What became of a link since it was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Life {
    /// Link.
    pub link: LinkId,
    /// When it was made (UTC).
    pub issued: NaiveDateTime,
    /// When it was first opened for printing (UTC).
    pub printed: Option<NaiveDateTime>,
    /// When it was revoked or replaced (UTC).
    pub revoked: Option<NaiveDateTime>,
    /// Day of the last answer.
    pub answered: Option<NaiveDate>,
    /// Day of the answer that is [`FLOOR`]th from the end.
    pub shared: Option<NaiveDate>,
}

impl Life {
    /// When the last answer came, as far as those may know who do not see small groups.
    pub fn latest(&self) -> Latest {
        let is_shared = |period: Period| self.shared.is_some_and(|day| period.contains(day));
        Latest::shared(self.answered, |period| if is_shared(period) { FLOOR } else { 0 })
    }
}

type LifeRow =
    (i64, NaiveDateTime, Option<NaiveDateTime>, Option<NaiveDateTime>, Option<NaiveDate>, Option<NaiveDate>);

/// The lives of some links; the last answers of each are a look into an index.
///
/// # Errors
/// Those of the database.
pub fn lives(conn: &mut Conn, ids: &[LinkId]) -> Result<Vec<Life>> {
    let mut lives = Vec::with_capacity(ids.len());
    for ids in ids.chunks(AT_ONCE) {
        let ids: Vec<i64> = ids.iter().map(|id| id.raw()).collect();
        let last = responses::table
            .filter(responses::link_id.eq(links::id))
            .select(max(responses::answered_on))
            .single_value();
        let before = i64::try_from(FLOOR).unwrap_or(i64::MAX) - 1;
        let shared = responses::table
            .filter(responses::link_id.eq(links::id))
            .order(responses::answered_on.desc())
            .select(responses::answered_on)
            .offset(before)
            .single_value();
        let rows = links::table
            .filter(links::id.eq_any(ids))
            .select((links::id, links::created_at, links::printed_at, links::revoked_at, last, shared))
            .load::<LifeRow>(conn)
            .map_err(translate)?;
        lives.extend(rows.into_iter().map(|(id, issued, printed, revoked, answered, shared)| Life {
            link: id.into(),
            issued,
            printed,
            revoked,
            answered,
            shared,
        }));
    }
    Ok(lives)
}

/// Notes that a link was printed; says whether it is the first time.
///
/// # Errors
/// Those of the database.
pub fn mark_printed(conn: &mut Conn, id: LinkId) -> Result<bool> {
    diesel::update(links::table.find(id.raw()).filter(links::printed_at.is_null()))
        .set(links::printed_at.eq(Utc::now().naive_utc()))
        .execute(conn)
        .map(|changed| changed > 0)
        .map_err(translate)
}
