//! Scores: one query object feeds screen, API and every export.

mod compared;
mod judge;
mod names;
mod run;
mod settled;

pub use compared::{Compared, breaks};
pub use names::{SortKey, name};
pub use run::{run, run_all, run_each};

use chrono::NaiveDate;
use serde::Serialize;

use super::reach::Narrowed;
use crate::domain::ids::{CounterId, FieldId, ProcedureId, QuestionId, UnitId};
use crate::domain::index::{self, Interval, Mean, Share, Weighted};
use crate::domain::link::{Channel, Stage};
use crate::domain::period::Period;
use crate::domain::questionnaire::Kind;
use crate::domain::tally::Levels;
use crate::domain::target::{Threshold, Verdict};
use crate::domain::unit::UnitView;
use crate::locale::Message;

/// What a table is cut by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Dimension {
    /// Unit at whose counter the citizen was served.
    Unit,
    /// Unit that decides.
    Deciding,
    /// Counter.
    Counter,
    /// Field.
    Field,
    /// Procedure.
    Procedure,
    /// Stage of the dossier.
    Stage,
    /// Channel.
    Channel,
    /// Element question; the row's index is then E_k.
    Element,
    /// Calendar month.
    Month,
    /// Calendar quarter.
    Quarter,
}

impl Dimension {
    /// Every dimension.
    pub const ALL: [Self; 10] = [
        Self::Unit,
        Self::Deciding,
        Self::Counter,
        Self::Field,
        Self::Procedure,
        Self::Stage,
        Self::Channel,
        Self::Element,
        Self::Month,
        Self::Quarter,
    ];

    /// Whether it is a part of the calendar.
    pub const fn is_of_time(self) -> bool {
        matches!(self, Self::Month | Self::Quarter)
    }

    /// The word used on the command line, in addresses and exports.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Unit => "unit",
            Self::Deciding => "deciding",
            Self::Counter => "counter",
            Self::Field => "field",
            Self::Procedure => "procedure",
            Self::Stage => "stage",
            Self::Channel => "channel",
            Self::Element => "element",
            Self::Month => "month",
            Self::Quarter => "quarter",
        }
    }

    /// Most cuts of a table: with each one more its rows become many times as many.
    pub const MOST: usize = 4;

    /// What is wrong with the cuts of a table: there are too many, or the same one twice.
    pub fn fault(cuts: &[Self]) -> Option<Message> {
        if cuts.len() > Self::MOST {
            let message = Message::new("error.too-many-cuts").with_count("most", Self::MOST);
            return Some(message.with_count("found", cuts.len()));
        }
        let again =
            cuts.iter().enumerate().find(|(place, cut)| cuts.iter().take(*place).any(|one| one == *cut));
        again.map(|(_, cut)| Message::new("error.cut-twice").with("found", cut.key()))
    }

    /// The dimension of that word.
    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|dimension| dimension.key() == key)
    }
}

/// Which answers count with regard to their flags.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Flagged {
    /// All of them.
    #[default]
    Included,
    /// Only those without a flag.
    Excluded,
    /// Only those with a flag.
    Only,
}

impl Flagged {
    /// Every choice.
    pub const ALL: [Self; 3] = [Self::Included, Self::Excluded, Self::Only];

    /// Whether an answer counts, by whether it bears a flag.
    pub const fn takes(self, is_flagged: bool) -> bool {
        match self {
            Self::Included => true,
            Self::Excluded => !is_flagged,
            Self::Only => is_flagged,
        }
    }

    /// What of a sum counts, by its parts without and with a flag.
    pub(crate) fn of<T: std::iter::Sum>(self, [without, with]: [T; 2]) -> T {
        match self {
            Self::Included => [without, with].into_iter().sum(),
            Self::Excluded => without,
            Self::Only => with,
        }
    }

    /// The word used on the command line, in addresses and exports.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Included => "included",
            Self::Excluded => "excluded",
            Self::Only => "only",
        }
    }
}

/// A question to the tallies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Query {
    /// Questionnaire kind.
    pub kind: Kind,
    /// Days.
    pub period: Period,
    /// Cuts, in the order of the columns.
    pub by: Vec<Dimension>,
    /// Only this unit and what is below it.
    pub unit: Option<UnitId>,
    /// Whether `unit` means the unit that decides and not the one that serves.
    pub of_deciding: bool,
    /// Only these fields; what was stated of none is [`FieldId::UNSTATED`].
    pub fields: Option<Vec<FieldId>>,
    /// Only this procedure, or [`ProcedureId::UNSTATED`].
    pub procedure: Option<ProcedureId>,
    /// Only this counter.
    pub counter: Option<CounterId>,
    /// Only these stages; none means the headline stages of the kind.
    pub stages: Option<Vec<Stage>>,
    /// Only this channel.
    pub channel: Option<Channel>,
    /// Which answers count.
    pub flagged: Flagged,
    /// Units then or now.
    pub view: UnitView,
    /// Whether F1 and F4 are enough, so that elements, F3 and dossiers need not be read.
    pub brief: bool,
}

impl Query {
    /// The whole province in a period, uncut.
    pub const fn of(kind: Kind, period: Period) -> Self {
        Self {
            kind,
            period,
            by: Vec::new(),
            unit: None,
            of_deciding: false,
            fields: None,
            procedure: None,
            counter: None,
            stages: None,
            channel: None,
            flagged: Flagged::Included,
            view: UnitView::Now,
            brief: false,
        }
    }

    /// The same without elements, F3 and dossiers.
    #[must_use]
    pub const fn brief(mut self) -> Self {
        self.brief = true;
        self
    }

    /// The same narrowed to the answers of some cells, uncut.
    #[must_use]
    pub fn within(&self, cells: &[Cell]) -> Self {
        let mut query = Self { by: Vec::new(), ..self.clone() };
        for cell in cells {
            match *cell {
                Cell::Unit(unit) => query.unit = Some(unit),
                Cell::Counter(counter) => query.counter = Some(counter),
                Cell::Field(field) => query.fields = Some(vec![field.unwrap_or(FieldId::UNSTATED)]),
                Cell::Procedure(id) => query.procedure = Some(id.unwrap_or(ProcedureId::UNSTATED)),
                Cell::Stage(stage) => query.stages = stage.map(|stage| vec![stage]),
                Cell::Channel(channel) => query.channel = channel,
                Cell::Period(period) => query.period = period,
                Cell::Element(_) => {}
            }
        }
        query
    }

    /// What it is narrowed to besides a unit.
    pub fn narrowed(&self) -> Narrowed<'_> {
        Narrowed {
            counter: self.counter,
            of_any_unit: self.of_deciding,
            fields: self.fields.as_deref().unwrap_or_default(),
            procedure: self.procedure,
        }
    }

    /// The same with these cuts.
    #[must_use]
    pub fn by(mut self, by: &[Dimension]) -> Self {
        self.by = by.to_vec();
        self
    }
}

/// The value of one cut in one row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Cell {
    /// A unit; split ones are marked.
    Unit(UnitId),
    /// A counter.
    Counter(CounterId),
    /// A field, none where the questionnaire has none.
    Field(Option<FieldId>),
    /// A procedure, none where it was not said.
    Procedure(Option<ProcedureId>),
    /// A stage.
    Stage(Option<Stage>),
    /// A channel.
    Channel(Option<Channel>),
    /// An element question.
    Element(QuestionId),
    /// A month or quarter.
    Period(Period),
}

/// Figures over one set of answers.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize)]
pub struct Figures {
    /// Counts of the question that is judged: the overall one, or the element of the row.
    pub levels: Levels,
    /// F1 or E_k.
    pub f1: Share,
    /// F2, over all elements.
    pub f2: Share,
    /// F3, over respondents.
    pub f3: Share,
}

impl Figures {
    /// Wilson interval of F1.
    pub fn interval(&self) -> Option<Interval> {
        self.f1.interval()
    }

    /// F4.
    pub fn mean(&self) -> Option<Mean> {
        index::mean(&self.levels)
    }
}

/// One row of a table of scores.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// A cell for each cut of the query.
    pub cells: Vec<Cell>,
    /// Whether a unit of the row was split, so that it cannot be given to a unit of today.
    pub split: bool,
    /// Figures over the answers that the query counts; none where they are hidden.
    pub figures: Option<Figures>,
    /// Figures over all answers, flagged ones too; none where they are hidden.
    pub with_flagged: Option<Figures>,
    /// Figures without flagged answers; none where they are hidden.
    pub without_flagged: Option<Figures>,
    /// The threshold in force for the row, if there is one.
    pub threshold: Option<Threshold>,
    /// The verdict against it, if there is one and the figures are shown.
    pub verdict: Option<Verdict>,
    /// F5, where dossiers are known for the cuts of the row and the figures are shown.
    pub weighted: Option<Weighted>,
    /// Dossiers settled, where they are known for the cuts of the row.
    pub settled: Option<u64>,
}

impl Row {
    /// F1 in percent, where it is shown and there are answers.
    pub fn percent(&self) -> Option<f64> {
        self.figures.and_then(|figures| figures.f1.percent())
    }

    /// The sample goal, where dossiers are known.
    pub fn goal(&self) -> Option<u64> {
        self.settled.map(index::sample_goal)
    }
}

/// The answer to a query.
#[derive(Debug, Clone, PartialEq)]
pub struct Table {
    /// The query as it was run, the actor's scope included.
    pub query: Query,
    /// Rows in the order of their cells.
    pub rows: Vec<Row>,
    /// The same over all rows.
    pub total: Row,
    /// The day whose names and targets hold for it.
    pub day: NaiveDate,
}
