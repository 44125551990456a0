//! Many rows at once: a simulated year is written in statements of a thousand rows each.

use std::collections::HashMap;

use chrono::{NaiveDate, NaiveDateTime, NaiveTime};
use diesel::{QueryDsl, RunQueryDsl};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::comments::{CommentRow, Event, EventRow};
use super::conn::{Conn, on_each};
use super::responses::ResponseRow;
use super::rollups::RollupRow;
use super::schema::{
    comment_events, comments, counters, dossiers, imported_figures, links, responses, rollups, tallies,
};
use super::tallies::TallyRow;
use super::targets::ImportedFigure;
use super::violation::translate;
use crate::domain::answer::Response;
use crate::domain::comment::State;
use crate::domain::ids::{FieldId, UnitId};
use crate::domain::link::{Counter, Link};
use crate::domain::rollup::RollupKey;
use crate::domain::tally::{Levels, TallyKey};
use crate::error::Result;

/// Rows in one statement; 17 columns stay below the 32,766 variables of SQLite.
const ROWS: usize = 1000;

/// Dossiers settled by a unit in a field in a month.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Settled {
    /// Unit at whose counters they were handed in.
    pub unit: UnitId,
    /// Field.
    pub field: FieldId,
    /// Month as the number yyyymm.
    pub month: i32,
    /// Dossiers.
    pub count: i64,
}

#[derive(diesel::Insertable)]
#[diesel(table_name = counters, treat_none_as_default_value = false)]
struct CounterRow<'a> {
    id: i64,
    unit_id: i64,
    name: &'a str,
    opens: NaiveTime,
    closes: NaiveTime,
}

#[derive(diesel::Insertable)]
#[diesel(table_name = links, treat_none_as_default_value = false)]
struct LinkRow<'a> {
    id: i64,
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
}

#[derive(diesel::Insertable)]
#[diesel(table_name = dossiers, treat_none_as_default_value = false)]
struct DossierRow {
    unit_id: i64,
    field_id: i64,
    month: i32,
    settled: i64,
}

#[derive(diesel::Insertable)]
#[diesel(table_name = imported_figures, treat_none_as_default_value = false)]
struct FigureRow<'a> {
    target_key: &'a str,
    period_from: NaiveDate,
    period_to: NaiveDate,
    index_value: i32,
    respondents: Option<i64>,
    source: &'a str,
}

/// Writes prepared rows into a table, so many a statement.
macro_rules! write_rows {
    ($conn:ident, $table:expr, $rows:expr) => {{
        for rows in $rows.chunks(ROWS) {
            on_each!($conn => diesel::insert_into($table).values(rows).execute($conn)).map_err(translate)?;
        }
        Ok(())
    }};
}

/// Whether no answer was ever stored.
///
/// # Errors
/// Those of the database.
pub fn has_no_responses(conn: &mut Conn) -> Result<bool> {
    let found: Vec<i64> =
        responses::table.select(responses::served_unit_id).limit(1).load(conn).map_err(translate)?;
    Ok(found.is_empty())
}

/// Inserts counters under the ids they bear.
///
/// # Errors
/// Those of the database.
pub fn insert_counters(conn: &mut Conn, counters: &[Counter]) -> Result<()> {
    let rows: Vec<_> = counters
        .iter()
        .map(|one| CounterRow {
            id: one.id.raw(),
            unit_id: one.unit.raw(),
            name: &one.name,
            opens: one.opens,
            closes: one.closes,
        })
        .collect();
    write_rows!(conn, counters::table, rows)?;
    follow_ids(conn, "counters")
}

/// Inserts links under the ids they bear.
///
/// # Errors
/// Those of the database; conflict when a code is taken.
pub fn insert_links(conn: &mut Conn, links: &[Link]) -> Result<()> {
    let rows: Vec<_> = links
        .iter()
        .map(|one| LinkRow {
            id: one.id.raw(),
            code: one.code.as_str(),
            counter_id: one.counter.raw(),
            kind: one.kind.key(),
            field_id: one.field.map(|field| field.raw()),
            procedure_id: one.procedure.map(|procedure| procedure.raw()),
            deciding_unit_id: one.deciding.map(|unit| unit.raw()),
            stage: one.stage.map_or(0, |stage| stage.number()),
            valid_from: one.valid_from,
            valid_to: one.valid_to,
            created_at: one.valid_from.and_time(NaiveTime::MIN),
        })
        .collect();
    write_rows!(conn, links::table, rows)?;
    follow_ids(conn, "links")
}

/// PostgreSQL does not notice ids that were given; its next own id must come after them.
fn follow_ids(conn: &mut Conn, table: &str) -> Result<()> {
    if let Conn::Postgres(conn) = conn {
        let statement =
            format!("SELECT setval(pg_get_serial_sequence('{table}', 'id'), (SELECT max(id) FROM {table}))");
        diesel::sql_query(statement).execute(conn).map_err(translate)?;
    }
    Ok(())
}

/// Inserts responses and their comments, those without a state as new ones.
///
/// # Errors
/// Those of the database; conflict when an id is taken.
pub fn insert_responses(
    conn: &mut Conn,
    responses: &[Response],
    states: &HashMap<Uuid, State>,
) -> Result<()> {
    let rows = responses.iter().map(ResponseRow::of).collect::<Result<Vec<_>>>()?;
    write_rows!(conn, responses::table, rows)?;
    let remarks: Vec<CommentRow> = responses
        .iter()
        .filter_map(|response| CommentRow::in_state(response, states))
        .collect::<Result<_>>()?;
    write_rows!(conn, comments::table, remarks)
}

/// Inserts steps taken with comments.
///
/// # Errors
/// Those of the database.
pub fn insert_events<'a>(conn: &mut Conn, events: impl IntoIterator<Item = (Uuid, &'a Event)>) -> Result<()> {
    let rows: Vec<EventRow<'_>> =
        events.into_iter().map(|(comment, event)| EventRow::of(comment, event)).collect();
    write_rows!(conn, comment_events::table, rows)
}

/// Inserts tallies whose keys are not in the table yet.
///
/// # Errors
/// Those of the database; conflict when a key is there.
pub fn insert_tallies<'a>(
    conn: &mut Conn,
    tallies: impl IntoIterator<Item = (&'a TallyKey, &'a Levels)>,
) -> Result<()> {
    let rows: Vec<TallyRow> = tallies.into_iter().map(TallyRow::of).collect();
    write_rows!(conn, tallies::table, rows)
}

/// Inserts rollups whose keys are not in the table yet.
///
/// # Errors
/// Those of the database; conflict when a key is there.
pub fn insert_rollups<'a>(
    conn: &mut Conn,
    rollups: impl IntoIterator<Item = (&'a RollupKey, &'a Levels)>,
) -> Result<()> {
    let mut rows = rollups.into_iter().map(RollupRow::of).peekable();
    while rows.peek().is_some() {
        let part: Vec<RollupRow> = rows.by_ref().take(ROWS).collect();
        write_rows!(conn, rollups::table, part)?;
    }
    Ok(())
}

/// Inserts dossiers settled.
///
/// # Errors
/// Those of the database.
pub fn insert_dossiers(conn: &mut Conn, settled: &[Settled]) -> Result<()> {
    let rows: Vec<_> = settled
        .iter()
        .map(|one| DossierRow {
            unit_id: one.unit.raw(),
            field_id: one.field.raw(),
            month: one.month,
            settled: one.count,
        })
        .collect();
    write_rows!(conn, dossiers::table, rows)
}

/// Inserts imported figures.
///
/// # Errors
/// Those of the database.
pub fn insert_figures(conn: &mut Conn, figures: &[ImportedFigure]) -> Result<()> {
    let rows: Vec<_> = figures
        .iter()
        .map(|one| FigureRow {
            target_key: &one.target,
            period_from: one.period.from(),
            period_to: one.period.to(),
            index_value: one.hundredths,
            respondents: one.respondents,
            source: &one.source,
        })
        .collect();
    write_rows!(conn, imported_figures::table, rows)
}

/// Tells the planner of PostgreSQL what was written in bulk; it would find out by itself some minutes
/// later, and until then read large parts of the rollups for a few rows. SQLite plans by the keys alone.
///
/// # Errors
/// Those of the database.
pub fn analyze(conn: &mut Conn) -> Result<()> {
    match conn {
        Conn::Postgres(conn) => diesel::sql_query("ANALYZE").execute(conn).map(drop).map_err(translate),
        Conn::Sqlite(_) => Ok(()),
    }
}
