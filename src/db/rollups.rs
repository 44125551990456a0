//! Rollups: the tallies summed by month, written with them.

use std::collections::BTreeMap;

use diesel::upsert::excluded;
use diesel::{ExpressionMethods, Insertable, OptionalExtension, QueryDsl, QueryableByName, RunQueryDsl};

use super::conn::{Conn, on_each};
use super::schema::rollups;
use super::tallies::{add_levels, stored};
use super::violation::translate;
use crate::domain::ids::{FieldId, ProcedureId, QuestionId, UnitId};
use crate::domain::rollup::{Cut, RollupKey, Side};
use crate::domain::tally::Levels;
use crate::error::Result;

/// The first and the last month in which one of some questions was answered, as yyyymm.
///
/// # Errors
/// Those of the database.
pub fn extent(conn: &mut Conn, questions: &[QuestionId]) -> Result<Option<(i32, i32)>> {
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

/// Rows of a cut that the tallies do not give, or that they give and that are missing.
///
/// # Errors
/// Those of the database.
pub fn differences(conn: &mut Conn, cut: Cut) -> Result<u64> {
    let kept = |keeps: bool, column: &'static str| if keeps { column } else { "0" };
    let number = cut.number();
    let unit = match cut.side() {
        Side::Province => "0",
        Side::Served => "served_unit_id",
        Side::Deciding => "deciding_unit_id",
    };
    let (field, procedure, channel) = (
        kept(cut.keeps_field(), "field_id"),
        kept(cut.keeps_procedure(), "procedure_id"),
        kept(cut.keeps_channel(), "channel"),
    );
    let summed = format!(
        "SELECT question_id, day / 100 AS month, {unit} AS unit_id, {field} AS field_id, \
         {procedure} AS procedure_id, stage, {channel} AS channel, \
         CASE WHEN flags = 0 THEN 0 ELSE 1 END AS flagged, CAST(SUM(n5) AS BIGINT), \
         CAST(SUM(n4) AS BIGINT), CAST(SUM(n3) AS BIGINT), CAST(SUM(n2) AS BIGINT), \
         CAST(SUM(n1) AS BIGINT), CAST(SUM(na) AS BIGINT) \
         FROM tallies GROUP BY 1, 2, 3, 4, 5, 6, 7, 8"
    );
    let rolled = format!(
        "SELECT question_id, month, unit_id, field_id, procedure_id, stage, channel, flagged, \
         n5, n4, n3, n2, n1, na FROM rollups WHERE cut = {number}"
    );
    let statement = format!(
        "SELECT (SELECT COUNT(*) FROM ({summed} EXCEPT {rolled}) AS missing) \
         + (SELECT COUNT(*) FROM ({rolled} EXCEPT {summed}) AS extra) AS found"
    );
    let row: CountRow = diesel::sql_query(statement).get_result(conn).map_err(translate)?;
    Ok(u64::try_from(row.found).unwrap_or_default())
}
