//! Sums of tallies, from the smallest table that has what is asked for: a rollup or the tallies.

use std::collections::BTreeSet;

use diesel::{QueryableByName, RunQueryDsl};

use super::conn::Conn;
use super::tallies::levels;
use super::violation::translate;
use crate::domain::ids::{FieldId, ProcedureId, QuestionId, UnitId};
use crate::domain::link::Stage;
use crate::domain::period::{Period, Span};
use crate::domain::rollup::{Cut, Side, quarter_start};
use crate::domain::tally::{Levels, day_number};
use crate::error::Result;

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
    /// Whether the answers bear a flag.
    Flagged,
}

impl Column {
    const ALL: [Self; 9] = [
        Self::Served,
        Self::Deciding,
        Self::Counter,
        Self::Field,
        Self::Procedure,
        Self::Stage,
        Self::Channel,
        Self::Month,
        Self::Flagged,
    ];

    /// The name of the column in the result.
    const fn name(self) -> &'static str {
        match self {
            Self::Served => "served",
            Self::Deciding => "deciding",
            Self::Counter => "counter",
            Self::Field => "field",
            Self::Procedure => "procedure",
            Self::Stage => "stage",
            Self::Channel => "channel",
            Self::Month => "month",
            Self::Flagged => "flagged",
        }
    }
}

/// Which tallies are summed; an empty list of a filter means every one.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Units served; never empty, since they lead the primary key of the tallies.
    pub served: Vec<UnitId>,
    /// Whether `served` is all there are, so that the rollups need not be asked for each.
    pub everywhere: bool,
    /// Units that decide.
    pub deciding: Vec<UnitId>,
    /// Questions; never empty.
    pub questions: Vec<QuestionId>,
    /// Whether `questions` are overall questions alone.
    pub brief: bool,
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
    place: i64,
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

/// Where sums are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Source {
    Tallies,
    Rollup(Cut),
}

impl Source {
    /// The smallest one that keeps all that is asked for and begins and ends with the period.
    fn of(period: Period, filter: &Filter, columns: &[Column]) -> Self {
        let cut_by = |column| columns.contains(&column);
        let counter = filter.counter.is_some() || cut_by(Column::Counter);
        let served = !filter.everywhere || cut_by(Column::Served) || counter;
        let deciding = !filter.deciding.is_empty() || cut_by(Column::Deciding);
        let field = !filter.fields.is_empty() || cut_by(Column::Field);
        let procedure = filter.procedure.is_some() || cut_by(Column::Procedure);
        let channel = filter.channel.is_some() || cut_by(Column::Channel);
        let side = match (served, deciding) {
            (false, false) => Side::Province,
            (true, false) => Side::Served,
            (false, true) => Side::Deciding,
            (true, true) => return Self::Tallies,
        };
        if !period.is_whole_months() {
            return Self::Tallies;
        }
        let quarters = period.is_whole_quarters() && !cut_by(Column::Month);
        let headline: BTreeSet<i16> = Stage::HEADLINE.map(Stage::number).into();
        let stage =
            cut_by(Column::Stage) || filter.stages.iter().copied().collect::<BTreeSet<_>>() != headline;
        let fits = |cut: &Cut| {
            cut.side() == side
                && (cut.span() == Span::Month || quarters)
                && (cut.keeps_field() || !field)
                && (cut.keeps_procedure() || !procedure)
                && (cut.keeps_counter() || !counter)
                && (cut.keeps_stage() || !stage)
                && (cut.keeps_channel() || !channel)
                && (cut.holds_elements() || filter.brief)
        };
        Cut::ALL.into_iter().find(fits).map_or(Self::Tallies, Self::Rollup)
    }

    const fn table(self) -> &'static str {
        match self {
            Self::Tallies => "tallies",
            Self::Rollup(_) => "rollups",
        }
    }

    const fn column(self, column: Column) -> &'static str {
        match (self, column) {
            (Self::Tallies, Column::Served) => "served_unit_id",
            (Self::Tallies, Column::Deciding) => "deciding_unit_id",
            (Self::Tallies, Column::Month) => "day / 100",
            (Self::Rollup(_), Column::Served | Column::Deciding) => "unit_id",
            (Self::Rollup(_), Column::Month) => "month",
            (_, Column::Counter) => "counter_id",
            (_, Column::Field) => "field_id",
            (_, Column::Procedure) => "procedure_id",
            (_, Column::Stage) => "stage",
            (_, Column::Channel) => "channel",
            (Self::Tallies, Column::Flagged) => "CASE WHEN flags = 0 THEN 0 ELSE 1 END",
            (Self::Rollup(_), Column::Flagged) => "flagged",
        }
    }

    fn conditions(self, period: Period, filter: &Filter) -> String {
        let mut text = match self {
            Self::Tallies => {
                format!("day BETWEEN {} AND {}", day_number(period.from()), day_number(period.to()))
            }
            Self::Rollup(cut) => format!("cut = {} AND {}", cut.number(), months(period, cut)),
        };
        let mut one_of = |column: &str, values: Vec<i64>| {
            if !values.is_empty() {
                text.push_str(&format!(" AND {column} IN ({})", list(values)));
            }
        };
        let is_named = self == Self::Tallies || !filter.everywhere;
        let served = filter.served.iter().filter(|_| is_named);
        one_of(self.column(Column::Served), served.map(|unit| unit.raw()).collect());
        one_of("question_id", filter.questions.iter().map(|question| question.raw()).collect());
        one_of(self.column(Column::Deciding), filter.deciding.iter().map(|unit| unit.raw()).collect());
        one_of("field_id", filter.fields.iter().map(|field| field.raw()).collect());
        if !matches!(self, Self::Rollup(cut) if !cut.keeps_stage()) {
            one_of("stage", filter.stages.iter().copied().map(i64::from).collect());
        }
        one_of("procedure_id", filter.procedure.iter().map(|one| one.raw()).collect());
        one_of("counter_id", filter.counter.into_iter().collect());
        one_of("channel", filter.channel.into_iter().map(i64::from).collect());
        text
    }
}

/// Each month by name, so that the key leads on to the units; of very long periods only the ends.
fn months(period: Period, cut: Cut) -> String {
    let [from, to] = [period.from(), period.to()].map(|day| day_number(day) / 100);
    if to - from > 1_000 {
        format!("month BETWEEN {from} AND {to}")
    } else {
        let named = |month: &i32| cut.span() == Span::Month || quarter_start(*month) == *month;
        format!("month IN ({})", list(period.month_numbers().into_iter().filter(named)))
    }
}

/// Whole numbers as SQL lists them.
pub fn list(values: impl IntoIterator<Item = impl ToString>) -> String {
    values.into_iter().map(|value| value.to_string()).collect::<Vec<_>>().join(", ")
}

/// Some sums over a period by some columns, always by question too.
#[derive(Debug, Clone)]
pub struct Asked {
    /// Days.
    pub period: Period,
    /// Which tallies.
    pub filter: Filter,
    /// What is kept apart.
    pub columns: Vec<Column>,
}

impl Asked {
    /// The statement, which gives its place among others with each row.
    fn statement(&self, place: usize) -> String {
        let source = Source::of(self.period, &self.filter, &self.columns);
        let mut select = String::new();
        let mut group = "question_id".to_owned();
        for column in Column::ALL {
            let (expression, name) = (source.column(column), column.name());
            let asked = self.columns.contains(&column);
            let value = if asked { expression } else { "0" };
            select.push_str(&format!("CAST({value} AS BIGINT) AS {name}, "));
            if asked {
                group.push_str(&format!(", {expression}"));
            }
        }
        let mut sums = String::new();
        for (column, name) in
            [("n5", "s5"), ("n4", "s4"), ("n3", "s3"), ("n2", "s2"), ("n1", "s1"), ("na", "sa")]
        {
            sums.push_str(&format!(", CAST(SUM({column}) AS BIGINT) AS {name}"));
        }
        format!(
            "SELECT CAST({place} AS BIGINT) AS place, {select}question_id AS question{sums} \
             FROM {} WHERE {} GROUP BY {group}",
            source.table(),
            source.conditions(self.period, &self.filter)
        )
    }

    /// Whether nothing can be found, for which SQL has no list.
    const fn is_empty(&self) -> bool {
        self.filter.served.is_empty() || self.filter.questions.is_empty()
    }
}

/// Questions that one statement asks at most: SQLite joins 500.
const MOST_TOGETHER: usize = 100;

/// Sums tallies.
///
/// # Errors
/// Those of the database.
pub fn sums(conn: &mut Conn, asked: &Asked) -> Result<Vec<Sum>> {
    Ok(all_sums(conn, std::slice::from_ref(asked))?.into_iter().flatten().collect())
}

/// Sums tallies, for each of what is asked; many questions are asked with few statements, since each costs a way to the database and back.
///
/// The statements are put together from names of columns and whole numbers alone, so that each
/// condition is one which the primary key of its table can follow.
///
/// # Errors
/// Those of the database.
pub fn all_sums(conn: &mut Conn, asked: &[Asked]) -> Result<Vec<Vec<Sum>>> {
    let mut found: Vec<Vec<Sum>> = asked.iter().map(|_| Vec::new()).collect();
    let open: Vec<(usize, &Asked)> = asked.iter().enumerate().filter(|(_, one)| !one.is_empty()).collect();
    for part in open.chunks(MOST_TOGETHER) {
        let statements: Vec<String> = part.iter().map(|(place, one)| one.statement(*place)).collect();
        let rows = diesel::sql_query(statements.join(" UNION ALL ")).load::<SumRow>(conn);
        for row in rows.map_err(translate)? {
            let place = usize::try_from(row.place).ok().and_then(|place| found.get_mut(place));
            place.into_iter().for_each(|sums| sums.push(row.sum()));
        }
    }
    Ok(found)
}

impl SumRow {
    fn sum(&self) -> Sum {
        Sum {
            served: self.served,
            deciding: self.deciding,
            counter: self.counter,
            field: self.field,
            procedure: self.procedure,
            stage: self.stage,
            channel: self.channel,
            month: self.month,
            question: self.question.into(),
            flagged: self.flagged != 0,
            levels: levels([self.s5, self.s4, self.s3, self.s2, self.s1, self.sa]),
        }
    }
}
