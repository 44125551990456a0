//! Tallies: what every index is counted from.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use diesel::sql_types::{BigInt, Integer, Nullable, SmallInt};
use diesel::upsert::excluded;
use diesel::{
    ExpressionMethods, Insertable, QueryDsl, Queryable, QueryableByName, RunQueryDsl, Selectable,
    SelectableHelper,
};

use super::conn::{Conn, on_each};
use super::schema::tallies;
use super::violation::translate;
use crate::domain::flags::Flags;
use crate::domain::ids::{CounterId, FieldId, ProcedureId, QuestionId, UnitId};
use crate::domain::period::Period;
use crate::domain::tally::{Levels, TallyKey, day_date, day_number};
use crate::error::Result;

/// One row of `tallies`.
#[derive(Insertable, Queryable, Selectable)]
#[diesel(table_name = tallies, treat_none_as_default_value = false)]
pub struct TallyRow {
    served_unit_id: i64,
    question_id: i64,
    day: i32,
    counter_id: i64,
    field_id: i64,
    procedure_id: i64,
    deciding_unit_id: i64,
    stage: i16,
    channel: i16,
    flags: i16,
    n5: i64,
    n4: i64,
    n3: i64,
    n2: i64,
    n1: i64,
    na: i64,
}

impl TallyRow {
    /// The row of a tally.
    pub fn of((key, levels): (&TallyKey, &Levels)) -> Self {
        let [n5, n4, n3, n2, n1, na] = stored(levels);
        Self {
            served_unit_id: key.served.raw(),
            question_id: key.question.raw(),
            day: key.day,
            counter_id: key.counter.raw(),
            field_id: key.field.map_or(0, FieldId::raw),
            procedure_id: key.procedure.map_or(0, ProcedureId::raw),
            deciding_unit_id: key.deciding.raw(),
            stage: key.stage,
            channel: key.channel,
            flags: key.flags,
            n5,
            n4,
            n3,
            n2,
            n1,
            na,
        }
    }

    fn read(&self) -> (TallyKey, Levels) {
        let key = TallyKey {
            served: self.served_unit_id.into(),
            question: self.question_id.into(),
            day: self.day,
            counter: self.counter_id.into(),
            field: FieldId::stated(self.field_id),
            procedure: ProcedureId::stated(self.procedure_id),
            deciding: self.deciding_unit_id.into(),
            stage: self.stage,
            channel: self.channel,
            flags: self.flags,
        };
        let levels = levels([self.n5, self.n4, self.n3, self.n2, self.n1, self.na]);
        (key, levels)
    }
}

/// The headline counts of a period by set of flags.
///
/// # Errors
/// Those of the database.
pub fn by_flags(
    conn: &mut Conn,
    period: Period,
    questions: &[QuestionId],
    stages: &[i16],
) -> Result<Vec<(Flags, Levels)>> {
    let questions = list(questions.iter().map(|question| question.raw()));
    let stages = list(stages.iter().copied().map(i64::from));
    let stages = if stages.is_empty() { String::new() } else { format!(" AND stage IN ({stages})") };
    // The statement is put together from names of columns and whole numbers alone.
    let statement = format!(
        "SELECT flags, CAST(SUM(n5) AS BIGINT) AS s5, CAST(SUM(n4) AS BIGINT) AS s4, \
         CAST(SUM(n3) AS BIGINT) AS s3, CAST(SUM(n2) AS BIGINT) AS s2, CAST(SUM(n1) AS BIGINT) AS s1, \
         CAST(SUM(na) AS BIGINT) AS sa FROM tallies \
         WHERE day BETWEEN {} AND {} AND question_id IN ({questions}){stages} GROUP BY flags",
        day_number(period.from()),
        day_number(period.to()),
    );
    let rows = diesel::sql_query(statement).load::<FlagsRow>(conn).map_err(translate)?;
    let read = |row: FlagsRow| {
        (Flags::from_bits(row.flags), levels([row.s5, row.s4, row.s3, row.s2, row.s1, row.sa]))
    };
    Ok(rows.into_iter().map(read).collect())
}

#[derive(QueryableByName)]
struct FlagsRow {
    #[diesel(sql_type = SmallInt)]
    flags: i16,
    #[diesel(sql_type = BigInt)]
    s5: i64,
    #[diesel(sql_type = BigInt)]
    s4: i64,
    #[diesel(sql_type = BigInt)]
    s3: i64,
    #[diesel(sql_type = BigInt)]
    s2: i64,
    #[diesel(sql_type = BigInt)]
    s1: i64,
    #[diesel(sql_type = BigInt)]
    sa: i64,
}

/// A part of the catalogue whose answers are asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Part {
    /// Units at which they were given.
    Units(BTreeSet<UnitId>),
    /// A counter.
    Counter(CounterId),
    /// A field.
    Field(FieldId),
    /// A procedure.
    Procedure(ProcedureId),
}

impl Part {
    /// The condition on a row; none where no row can meet it, since PostgreSQL knows no empty list.
    fn condition(&self) -> Option<String> {
        match self {
            Self::Units(units) if units.is_empty() => None,
            Self::Units(units) => {
                Some(format!("served_unit_id IN ({})", list(units.iter().map(|unit| unit.raw()))))
            }
            Self::Counter(counter) => Some(format!("counter_id = {}", counter.raw())),
            Self::Field(field) => Some(format!("field_id = {}", field.raw())),
            Self::Procedure(procedure) => Some(format!("procedure_id = {}", procedure.raw())),
        }
    }
}

/// Answers in a part since a day, and when the last one of all was given.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Since {
    /// Day of the last answer, on whichever side of the day it lies.
    pub last: Option<NaiveDate>,
    /// Answers on the day and later.
    pub count: u64,
}

#[derive(QueryableByName)]
struct SinceRow {
    #[diesel(sql_type = Nullable<Integer>)]
    last: Option<i32>,
    #[diesel(sql_type = Nullable<BigInt>)]
    count: Option<i64>,
}

/// Answers to questions in a part since a day.
///
/// # Errors
/// Those of the database.
pub fn since(conn: &mut Conn, part: &Part, questions: &[QuestionId], day: NaiveDate) -> Result<Since> {
    let Some(condition) = part.condition().filter(|_| !questions.is_empty()) else {
        return Ok(Since::default());
    };
    let questions = list(questions.iter().map(|question| question.raw()));
    let statement = format!(
        "SELECT MAX(day) AS last, CAST(SUM(CASE WHEN day >= {} THEN n5 + n4 + n3 + n2 + n1 + na ELSE 0 END) \
         AS BIGINT) AS count FROM tallies WHERE {condition} AND question_id IN ({questions})",
        day_number(day),
    );
    let row = diesel::sql_query(statement).get_result::<SinceRow>(conn).map_err(translate)?;
    Ok(Since {
        last: row.last.and_then(day_date),
        count: row.count.and_then(|count| u64::try_from(count).ok()).unwrap_or_default(),
    })
}

/// Numbers as a list of a statement; nothing else is ever put into one.
fn list(numbers: impl Iterator<Item = i64>) -> String {
    numbers.map(|number| number.to_string()).collect::<Vec<_>>().join(", ")
}

/// Counts as they are stored, "not applicable" last.
pub fn stored(levels: &Levels) -> [i64; 6] {
    let Levels { n5, n4, n3, n2, n1, na } = *levels;
    [n5, n4, n3, n2, n1, na].map(|count| i64::try_from(count).unwrap_or(i64::MAX))
}

/// Stored counts as they are counted.
pub fn levels(stored: [i64; 6]) -> Levels {
    let [n5, n4, n3, n2, n1, na] = stored.map(|count| u64::try_from(count).unwrap_or(0));
    Levels { n5, n4, n3, n2, n1, na }
}

/// Most rows in one statement: SQLite binds 32766 values at most.
pub const ROWS: usize = 2_000;

/// Adds the counts of rows to those of the rows with the same key, in a table with columns n5 to na.
macro_rules! add_levels {
    ($conn:ident, $table:ident, $rows:expr, $key:expr) => {{
        let mut rows = $rows.peekable();
        while rows.peek().is_some() {
            let part: Vec<_> = rows.by_ref().take($crate::db::tallies::ROWS).collect();
            on_each!($conn => diesel::insert_into($table::table)
                .values(part)
                .on_conflict($key)
                .do_update()
                .set((
                    $table::n5.eq($table::n5 + excluded($table::n5)),
                    $table::n4.eq($table::n4 + excluded($table::n4)),
                    $table::n3.eq($table::n3 + excluded($table::n3)),
                    $table::n2.eq($table::n2 + excluded($table::n2)),
                    $table::n1.eq($table::n1 + excluded($table::n1)),
                    $table::na.eq($table::na + excluded($table::na)),
                ))
                .execute($conn))
            .map_err(translate)?;
        }
        Ok(())
    }};
}
pub(crate) use add_levels;

/// Adds counts to what is there.
///
/// # Errors
/// Those of the database.
pub fn add(conn: &mut Conn, counted: &BTreeMap<TallyKey, Levels>) -> Result<()> {
    add_levels!(
        conn,
        tallies,
        counted.iter().map(TallyRow::of),
        (
            tallies::served_unit_id,
            tallies::question_id,
            tallies::day,
            tallies::counter_id,
            tallies::field_id,
            tallies::procedure_id,
            tallies::deciding_unit_id,
            tallies::stage,
            tallies::channel,
            tallies::flags,
        )
    )
}

/// The stored tallies of one unit.
///
/// # Errors
/// Those of the database.
pub fn by_unit(conn: &mut Conn, unit: UnitId) -> Result<BTreeMap<TallyKey, Levels>> {
    let rows = tallies::table
        .filter(tallies::served_unit_id.eq(unit.raw()))
        .select(TallyRow::as_select())
        .load(conn)
        .map_err(translate)?;
    Ok(rows.iter().map(TallyRow::read).collect())
}

/// Units at which there are tallies.
///
/// # Errors
/// Those of the database.
pub fn served_units(conn: &mut Conn) -> Result<Vec<UnitId>> {
    let rows = tallies::table
        .select(tallies::served_unit_id)
        .distinct()
        .order(tallies::served_unit_id.asc())
        .load::<i64>(conn)
        .map_err(translate)?;
    Ok(rows.into_iter().map(UnitId::from).collect())
}
