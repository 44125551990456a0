//! Publications and the steps that they went through.

use chrono::{NaiveDate, NaiveDateTime, Utc};
use diesel::prelude::*;

use super::conn::{Conn, on_each};
use super::schema::{publication_events, publications};
use super::violation::translate;
use crate::domain::ids::PublicationId;
use crate::domain::period::Period;
use crate::domain::publication::{Event, Issued, Publication, State, Step};
use crate::error::{Error, Result};

#[derive(Queryable, Selectable)]
#[diesel(table_name = publications)]
struct PublicationRow {
    id: i64,
    period_from: NaiveDate,
    period_to: NaiveDate,
    version: i32,
    state: String,
    frozen_at: NaiveDateTime,
    number: Option<i64>,
    published_at: Option<NaiveDateTime>,
    sha256: Option<String>,
}

impl TryFrom<PublicationRow> for Publication {
    type Error = Error;

    fn try_from(row: PublicationRow) -> Result<Self> {
        let broken = |what: &str| Error::internal(format!("publication {} has an unknown {what}", row.id));
        let issued = match (row.number, row.published_at, row.sha256.clone()) {
            (Some(number), Some(at), Some(sha256)) => Some(Issued { number, at, sha256 }),
            _ => None,
        };
        Ok(Self {
            id: row.id.into(),
            period: Period::between(row.period_from, row.period_to).ok_or_else(|| broken("period"))?,
            version: row.version,
            state: State::from_key(&row.state).ok_or_else(|| broken("state"))?,
            frozen_at: row.frozen_at,
            issued,
        })
    }
}

/// Every publication, the latest period first and its newest version before the older ones.
///
/// # Errors
/// Those of the database; internal for a row that cannot be read.
pub fn list(conn: &mut Conn) -> Result<Vec<Publication>> {
    let rows = publications::table
        .select(PublicationRow::as_select())
        .order((
            publications::period_to.desc(),
            publications::period_from.asc(),
            publications::version.desc(),
        ))
        .load(conn)
        .map_err(translate)?;
    rows.into_iter().map(TryInto::try_into).collect()
}

/// One publication.
///
/// # Errors
/// Those of the database; internal for a row that cannot be read.
pub fn find(conn: &mut Conn, id: PublicationId) -> Result<Option<Publication>> {
    let row = publications::table
        .find(id.raw())
        .select(PublicationRow::as_select())
        .first(conn)
        .optional()
        .map_err(translate)?;
    row.map(TryInto::try_into).transpose()
}

/// The complete figures of a publication, as they were frozen.
///
/// # Errors
/// Not found; those of the database.
pub fn complete(conn: &mut Conn, id: PublicationId) -> Result<Vec<u8>> {
    publications::table.find(id.raw()).select(publications::complete).first(conn).map_err(translate)
}

/// The file that was published under a number.
///
/// # Errors
/// Those of the database.
pub fn file(conn: &mut Conn, number: i64) -> Result<Option<Vec<u8>>> {
    publications::table
        .filter(publications::number.eq(number))
        .select(publications::file)
        .first::<Option<Vec<u8>>>(conn)
        .optional()
        .map(Option::flatten)
        .map_err(translate)
}

/// A version to be stored.
#[derive(Debug, Clone, Copy)]
pub struct Frozen<'a> {
    /// Days.
    pub period: Period,
    /// Version.
    pub version: i32,
    /// Instant (UTC).
    pub at: NaiveDateTime,
    /// The complete dataset.
    pub complete: &'a [u8],
}

/// Stores a draft.
///
/// # Errors
/// Conflict, where the period has an open version or one of this number; those of the database.
pub fn insert(conn: &mut Conn, frozen: Frozen<'_>) -> Result<PublicationId> {
    on_each!(conn => diesel::insert_into(publications::table)
        .values((
            publications::period_from.eq(frozen.period.from()),
            publications::period_to.eq(frozen.period.to()),
            publications::version.eq(frozen.version),
            publications::state.eq(State::Draft.key()),
            publications::frozen_at.eq(frozen.at),
            publications::complete.eq(frozen.complete),
        ))
        .returning(publications::id)
        .get_result::<i64>(conn))
    .map(PublicationId::from)
    .map_err(translate)
}

/// Puts other figures in the place of those of a version that is in one of some states; whether it was.
///
/// # Errors
/// Those of the database.
pub fn freeze(conn: &mut Conn, id: PublicationId, frozen: Frozen<'_>) -> Result<bool> {
    let open = allowing(Step::Freeze);
    let changed = diesel::update(publications::table.find(id.raw()))
        .filter(publications::state.eq_any(open))
        .set((
            publications::state.eq(State::Draft.key()),
            publications::frozen_at.eq(frozen.at),
            publications::complete.eq(frozen.complete),
        ))
        .execute(conn)
        .map_err(translate)?;
    Ok(changed == 1)
}

fn allowing(step: Step) -> Vec<&'static str> {
    State::ALL.into_iter().filter(|state| state.allows(step)).map(State::key).collect()
}

/// Takes a step that changes the state alone; whether the version was in a state that allows it.
///
/// # Errors
/// Those of the database.
pub fn advance(conn: &mut Conn, id: PublicationId, step: Step) -> Result<bool> {
    let row = publications::table.find(id.raw()).filter(publications::state.eq_any(allowing(step)));
    let changed = match step.leads_to() {
        Some(state) => diesel::update(row).set(publications::state.eq(state.key())).execute(conn),
        None => diesel::delete(row).execute(conn),
    };
    changed.map(|changed| changed == 1).map_err(translate)
}

/// Publishes an approved version; whether it was approved and not yet published.
///
/// # Errors
/// Conflict, where the number is taken; those of the database.
pub fn publish(conn: &mut Conn, id: PublicationId, issued: &Issued, file: &[u8]) -> Result<bool> {
    let row = publications::table.find(id.raw()).filter(publications::state.eq_any(allowing(Step::Publish)));
    let changed = diesel::update(row)
        .set((
            publications::state.eq(State::Published.key()),
            publications::number.eq(issued.number),
            publications::published_at.eq(issued.at),
            publications::sha256.eq(&issued.sha256),
            publications::file.eq(file),
        ))
        .execute(conn)
        .map_err(translate)?;
    Ok(changed == 1)
}

/// Writes down a step.
///
/// # Errors
/// Those of the database.
pub fn record(conn: &mut Conn, id: PublicationId, actor: &str, step: Step, remark: &str) -> Result<()> {
    diesel::insert_into(publication_events::table)
        .values((
            publication_events::publication_id.eq(id.raw()),
            publication_events::at.eq(Utc::now().naive_utc()),
            publication_events::actor.eq(actor),
            publication_events::step.eq(step.key()),
            publication_events::remark.eq(remark),
        ))
        .execute(conn)
        .map(drop)
        .map_err(translate)
}

/// The steps of a publication, the first one first.
///
/// # Errors
/// Those of the database; internal for an unknown step.
pub fn events(conn: &mut Conn, id: PublicationId) -> Result<Vec<Event>> {
    let rows = publication_events::table
        .filter(publication_events::publication_id.eq(id.raw()))
        .order(publication_events::id.asc())
        .select((
            publication_events::at,
            publication_events::actor,
            publication_events::step,
            publication_events::remark,
        ))
        .load::<(NaiveDateTime, String, String, String)>(conn)
        .map_err(translate)?;
    let event = |(at, actor, step, remark): (_, _, String, _)| {
        let step = Step::from_key(&step)
            .ok_or_else(|| Error::internal(format!("a publication went through an unknown step: {step}")))?;
        Ok(Event { at, actor, step, remark })
    };
    rows.into_iter().map(event).collect()
}
