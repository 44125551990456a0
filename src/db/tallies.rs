//! Tallies: every index is read from here.

use std::collections::BTreeMap;

use diesel::upsert::excluded;
use diesel::{
    ExpressionMethods, Insertable, QueryDsl, Queryable, QueryableByName, RunQueryDsl, Selectable,
    SelectableHelper,
};

use super::conn::{Conn, on_each};
use super::schema::tallies;
use super::violation::translate;
use crate::domain::ids::{FieldId, ProcedureId, QuestionId, UnitId};
use crate::domain::period::Period;
use crate::domain::tally::{Levels, TallyKey, day_number};
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
        let stored = |count: u64| i64::try_from(count).unwrap_or(i64::MAX);
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
            n5: stored(levels.n5),
            n4: stored(levels.n4),
            n3: stored(levels.n3),
            n2: stored(levels.n2),
            n1: stored(levels.n1),
            na: stored(levels.na),
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

fn levels(stored: [i64; 6]) -> Levels {
    let [n5, n4, n3, n2, n1, na] = stored.map(|count| u64::try_from(count).unwrap_or(0));
    Levels { n5, n4, n3, n2, n1, na }
}

/// Most rows in one statement: SQLite binds 32766 values at most.
const ROWS: usize = 2_000;

/// Adds counts to what is there.
///
/// # Errors
/// Those of the database.
pub fn add(conn: &mut Conn, counted: &BTreeMap<TallyKey, Levels>) -> Result<()> {
    let mut rows = counted.iter().map(TallyRow::of).peekable();
    while rows.peek().is_some() {
        let part: Vec<TallyRow> = rows.by_ref().take(ROWS).collect();
        on_each!(conn => diesel::insert_into(tallies::table)
            .values(part)
            .on_conflict((
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
            ))
            .do_update()
            .set((
                tallies::n5.eq(tallies::n5 + excluded(tallies::n5)),
                tallies::n4.eq(tallies::n4 + excluded(tallies::n4)),
                tallies::n3.eq(tallies::n3 + excluded(tallies::n3)),
                tallies::n2.eq(tallies::n2 + excluded(tallies::n2)),
                tallies::n1.eq(tallies::n1 + excluded(tallies::n1)),
                tallies::na.eq(tallies::na + excluded(tallies::na)),
            ))
            .execute(conn))
        .map_err(translate)?;
    }
    Ok(())
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

/// What tallies can be summed by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Column {
    /// Unit served.
    Served,
    /// Unit that decides.
    Deciding,
    /// Counter.
    Counter,
    /// Field.
    Field,
    /// Procedure.
    Procedure,
    /// Stage.
    Stage,
    /// Channel.
    Channel,
    /// Month, as yyyymm.
    Month,
}

impl Column {
    const ALL: [Self; 8] = [
        Self::Served,
        Self::Deciding,
        Self::Counter,
        Self::Field,
        Self::Procedure,
        Self::Stage,
        Self::Channel,
        Self::Month,
    ];

    const fn sql(self) -> (&'static str, &'static str) {
        match self {
            Self::Served => ("served_unit_id", "served"),
            Self::Deciding => ("deciding_unit_id", "deciding"),
            Self::Counter => ("counter_id", "counter"),
            Self::Field => ("field_id", "field"),
            Self::Procedure => ("procedure_id", "procedure"),
            Self::Stage => ("stage", "stage"),
            Self::Channel => ("channel", "channel"),
            Self::Month => ("day / 100", "month"),
        }
    }
}

/// Which tallies are summed; an empty list of a filter means every one.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Units served; never empty, since they lead the primary key.
    pub served: Vec<UnitId>,
    /// Units that decide.
    pub deciding: Vec<UnitId>,
    /// Questions; never empty.
    pub questions: Vec<QuestionId>,
    /// Fields.
    pub fields: Vec<FieldId>,
    /// Procedure.
    pub procedure: Option<ProcedureId>,
    /// Counter.
    pub counter: Option<i64>,
    /// Stages as stored numbers.
    pub stages: Vec<i16>,
    /// Channel as stored number.
    pub channel: Option<i16>,
}

/// One sum; columns that were not asked for are zero.
#[derive(Debug, Clone, Copy)]
pub struct Sum {
    /// Unit served.
    pub served: i64,
    /// Unit that decides.
    pub deciding: i64,
    /// Counter.
    pub counter: i64,
    /// Field.
    pub field: i64,
    /// Procedure.
    pub procedure: i64,
    /// Stage.
    pub stage: i64,
    /// Channel.
    pub channel: i64,
    /// Month as yyyymm.
    pub month: i64,
    /// Question.
    pub question: QuestionId,
    /// Whether the answers bear a flag.
    pub flagged: bool,
    /// Counts.
    pub levels: Levels,
}

#[derive(QueryableByName)]
struct SumRow {
    #[diesel(sql_type = diesel::sql_types::BigInt)]
    served: i64,
    #[diesel(sql_type = diesel::sql_types::BigInt)]
    deciding: i64,
    #[diesel(sql_type = diesel::sql_types::BigInt)]
    counter: i64,
    #[diesel(sql_type = diesel::sql_types::BigInt)]
    field: i64,
    #[diesel(sql_type = diesel::sql_types::BigInt)]
    procedure: i64,
    #[diesel(sql_type = diesel::sql_types::BigInt)]
    stage: i64,
    #[diesel(sql_type = diesel::sql_types::BigInt)]
    channel: i64,
    #[diesel(sql_type = diesel::sql_types::BigInt)]
    month: i64,
    #[diesel(sql_type = diesel::sql_types::BigInt)]
    question: i64,
    #[diesel(sql_type = diesel::sql_types::BigInt)]
    flagged: i64,
    #[diesel(sql_type = diesel::sql_types::BigInt)]
    s5: i64,
    #[diesel(sql_type = diesel::sql_types::BigInt)]
    s4: i64,
    #[diesel(sql_type = diesel::sql_types::BigInt)]
    s3: i64,
    #[diesel(sql_type = diesel::sql_types::BigInt)]
    s2: i64,
    #[diesel(sql_type = diesel::sql_types::BigInt)]
    s1: i64,
    #[diesel(sql_type = diesel::sql_types::BigInt)]
    sa: i64,
}

/// Sums tallies over a period by some columns, always by question and by whether there are flags.
///
/// The statement is put together from names of columns and whole numbers alone; the primary key
/// leads to each unit's questions and days.
///
/// # Errors
/// Those of the database.
pub fn sums(conn: &mut Conn, period: Period, filter: &Filter, columns: &[Column]) -> Result<Vec<Sum>> {
    if filter.served.is_empty() || filter.questions.is_empty() {
        return Ok(Vec::new());
    }
    let statement = statement(period, filter, columns);
    let rows = diesel::sql_query(statement).load::<SumRow>(conn).map_err(translate)?;
    Ok(rows
        .into_iter()
        .map(|row| Sum {
            served: row.served,
            deciding: row.deciding,
            counter: row.counter,
            field: row.field,
            procedure: row.procedure,
            stage: row.stage,
            channel: row.channel,
            month: row.month,
            question: row.question.into(),
            flagged: row.flagged != 0,
            levels: levels([row.s5, row.s4, row.s3, row.s2, row.s1, row.sa]),
        })
        .collect())
}

fn statement(period: Period, filter: &Filter, columns: &[Column]) -> String {
    let mut select = String::new();
    let mut group = String::from("question_id, CASE WHEN flags = 0 THEN 0 ELSE 1 END");
    for column in Column::ALL {
        let (expression, name) = column.sql();
        let asked = columns.contains(&column);
        let value = if asked { expression } else { "0" };
        select.push_str(&format!("CAST({value} AS BIGINT) AS {name}, "));
        if asked {
            group.push_str(&format!(", {expression}"));
        }
    }
    let mut sums = String::new();
    for (column, name) in [("n5", "s5"), ("n4", "s4"), ("n3", "s3"), ("n2", "s2"), ("n1", "s1"), ("na", "sa")]
    {
        sums.push_str(&format!(", CAST(SUM({column}) AS BIGINT) AS {name}"));
    }
    format!(
        "SELECT {select}question_id AS question, \
         CAST(CASE WHEN flags = 0 THEN 0 ELSE 1 END AS BIGINT) AS flagged{sums} \
         FROM tallies WHERE {} GROUP BY {group}",
        conditions(period, filter)
    )
}

fn conditions(period: Period, filter: &Filter) -> String {
    let mut text = format!("day BETWEEN {} AND {}", day_number(period.from()), day_number(period.to()));
    let mut one_of = |column: &str, values: Vec<i64>| {
        if !values.is_empty() {
            let list: Vec<String> = values.iter().map(i64::to_string).collect();
            text.push_str(&format!(" AND {column} IN ({})", list.join(", ")));
        }
    };
    one_of("served_unit_id", filter.served.iter().map(|unit| unit.raw()).collect());
    one_of("question_id", filter.questions.iter().map(|question| question.raw()).collect());
    one_of("deciding_unit_id", filter.deciding.iter().map(|unit| unit.raw()).collect());
    one_of("field_id", filter.fields.iter().map(|field| field.raw()).collect());
    one_of("stage", filter.stages.iter().copied().map(i64::from).collect());
    one_of("procedure_id", filter.procedure.iter().map(|one| one.raw()).collect());
    one_of("counter_id", filter.counter.into_iter().collect());
    one_of("channel", filter.channel.into_iter().map(i64::from).collect());
    text
}
