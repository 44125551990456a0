//! Rollups: the tallies summed by month or quarter, written with them.

use std::collections::{BTreeMap, BTreeSet};

use diesel::upsert::excluded;
use diesel::{ExpressionMethods, Insertable, OptionalExtension, QueryDsl, QueryableByName, RunQueryDsl};

use super::conn::{Conn, on_each};
use super::schema::rollups;
use super::sums::list;
use super::tallies::{add_levels, stored};
use super::violation::translate;
use crate::domain::ids::{CounterId, FieldId, ProcedureId, QuestionId, UnitId};
use crate::domain::link::Stage;
use crate::domain::period::Span;
use crate::domain::rollup::{Cut, RollupKey, Side};
use crate::domain::tally::Levels;
use crate::error::Result;

/// The first and the last month in which one of some questions was answered, as yyyymm.
///
/// # Errors
/// Those of the database.
pub fn extent(conn: &mut Conn, questions: &BTreeSet<QuestionId>) -> Result<Option<(i32, i32)>> {
    let mut extent: Option<(i32, i32)> = None;
    for question in questions {
        // The key leads to the ends of one question; over several at once it would be read through.
        let months = rollups::table
            .filter(rollups::cut.eq(Cut::Field.number()))
            .filter(rollups::question_id.eq(question.raw()))
            .select(rollups::month);
        let first = months.order(rollups::month.asc()).first::<i32>(conn).optional().map_err(translate)?;
        let last = months.order(rollups::month.desc()).first::<i32>(conn).optional().map_err(translate)?;
        if let Some((first, last)) = first.zip(last) {
            let (from, to) = extent.unwrap_or((first, last));
            extent = Some((first.min(from), last.max(to)));
        }
    }
    Ok(extent)
}

/// One row of `rollups`.
#[derive(Insertable)]
#[diesel(table_name = rollups, treat_none_as_default_value = false)]
pub struct RollupRow {
    cut: i16,
    question_id: i64,
    month: i32,
    unit_id: i64,
    field_id: i64,
    procedure_id: i64,
    counter_id: i64,
    stage: i16,
    channel: i16,
    flagged: i16,
    n5: i64,
    n4: i64,
    n3: i64,
    n2: i64,
    n1: i64,
    na: i64,
}

impl RollupRow {
    /// The row of a rollup.
    pub fn of((key, levels): (&RollupKey, &Levels)) -> Self {
        let [n5, n4, n3, n2, n1, na] = stored(levels);
        Self {
            cut: key.cut.number(),
            question_id: key.question.raw(),
            month: key.month,
            unit_id: key.unit.map_or(0, UnitId::raw),
            field_id: key.field.map_or(0, FieldId::raw),
            procedure_id: key.procedure.map_or(0, ProcedureId::raw),
            counter_id: key.counter.map_or(0, CounterId::raw),
            stage: key.stage,
            channel: key.channel,
            flagged: i16::from(key.flagged),
            n5,
            n4,
            n3,
            n2,
            n1,
            na,
        }
    }
}

/// Adds counts to what is there.
///
/// # Errors
/// Those of the database.
pub fn add(conn: &mut Conn, sums: &BTreeMap<RollupKey, Levels>) -> Result<()> {
    add_levels!(
        conn,
        rollups,
        sums.iter().map(RollupRow::of),
        (
            rollups::cut,
            rollups::question_id,
            rollups::month,
            rollups::unit_id,
            rollups::field_id,
            rollups::procedure_id,
            rollups::counter_id,
            rollups::stage,
            rollups::channel,
            rollups::flagged,
        )
    )
}

/// Number of rollups.
///
/// # Errors
/// Those of the database.
pub fn count(conn: &mut Conn) -> Result<u64> {
    let found: i64 = rollups::table.count().get_result(conn).map_err(translate)?;
    Ok(u64::try_from(found).unwrap_or_default())
}

#[derive(QueryableByName)]
struct CountRow {
    #[diesel(sql_type = diesel::sql_types::BigInt)]
    found: i64,
}

/// Rows of a cut that the tallies do not give, or that they give and that are missing; `overall` are the
/// overall questions.
///
/// # Errors
/// Those of the database.
pub fn differences(conn: &mut Conn, cut: Cut, overall: &BTreeSet<QuestionId>) -> Result<u64> {
    let kept = |keeps: bool, column: &'static str| if keeps { column } else { "0" };
    let number = cut.number();
    let unit = match cut.side() {
        Side::Province => "0",
        Side::Served => "served_unit_id",
        Side::Deciding => "deciding_unit_id",
    };
    let (field, procedure, counter) = (
        kept(cut.keeps_field(), "field_id"),
        kept(cut.keeps_procedure(), "procedure_id"),
        kept(cut.keeps_counter(), "counter_id"),
    );
    let (stage, channel) = (kept(cut.keeps_stage(), "stage"), kept(cut.keeps_channel(), "channel"));
    let month = match cut.span() {
        Span::Quarter => "day / 100 - (day / 100 % 100 - 1) % 3",
        _ => "day / 100",
    };
    let mut held = String::from("1 = 1");
    if !cut.keeps_stage() {
        held.push_str(&format!(" AND stage IN ({})", list(Stage::HEADLINE.map(Stage::number))));
    }
    if !cut.holds_elements() {
        // No question has the id zero, and a list of none is no SQL.
        let ids = overall.iter().map(|question| question.raw()).chain([0]);
        held.push_str(&format!(" AND question_id IN ({})", list(ids)));
    }
    let summed = format!(
        "SELECT question_id, {month} AS month, {unit} AS unit_id, {field} AS field_id, \
         {procedure} AS procedure_id, {counter} AS counter_id, {stage} AS stage, {channel} AS channel, \
         CASE WHEN flags = 0 THEN 0 ELSE 1 END AS flagged, CAST(SUM(n5) AS BIGINT), \
         CAST(SUM(n4) AS BIGINT), CAST(SUM(n3) AS BIGINT), CAST(SUM(n2) AS BIGINT), \
         CAST(SUM(n1) AS BIGINT), CAST(SUM(na) AS BIGINT) \
         FROM tallies WHERE {held} GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9"
    );
    let rolled = format!(
        "SELECT question_id, month, unit_id, field_id, procedure_id, counter_id, stage, channel, \
         flagged, n5, n4, n3, n2, n1, na FROM rollups WHERE cut = {number}"
    );
    let statement = format!(
        "SELECT (SELECT COUNT(*) FROM ({summed} EXCEPT {rolled}) AS missing) \
         + (SELECT COUNT(*) FROM ({rolled} EXCEPT {summed}) AS extra) AS found"
    );
    let row: CountRow = diesel::sql_query(statement).get_result(conn).map_err(translate)?;
    Ok(u64::try_from(row.found).unwrap_or_default())
}
