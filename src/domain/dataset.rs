//! The figures of a period as they are frozen, signed and published: counts, what follows from them, and the
//! lists that explain them. Written as JSON, a dataset is the canonical file of a publication.

mod cut;
mod lists;

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

pub use cut::Cut;
pub use lists::{
    CounterEntry, FieldEntry, ProcedureEntry, QuestionEntry, QuestionnaireEntry, TargetEntry, UnitEntry,
};

use super::index::{self, METHOD, METHOD_VERSION, Share};
use super::number::nearest;
use super::questionnaire::Kind;
use super::tally::Levels;
use super::target::{ENOUGH, Threshold, Verdict};

/// Name and version of the form of the file.
pub const FORMAT: &str = "hailong-dataset/1";

/// A percentage or score in hundredths, rounded once from whole counts.
pub type Hundredths = i64;

/// All figures of a period.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dataset {
    /// [`FORMAT`].
    pub format: String,
    /// Its place in the chain of publications; none before it is published.
    pub issue: Option<Issue>,
    /// 256 random bits in the complete dataset alone, without which its hash would give small groups away to
    /// whoever tries all that they may be.
    pub seal: Option<String>,
    /// Days that it covers.
    pub period: Dates,
    /// 1 for the first publication of a period, one more for each correction.
    pub version: i32,
    /// Whether the answers are simulated.
    pub simulated: bool,
    /// Instant at which the figures were frozen.
    pub frozen_at: DateTime<Utc>,
    /// Rows over fewer answers are hidden; 0 where nothing is.
    pub floor: u64,
    /// How the figures were computed.
    pub method: Method,
    /// Figures by questionnaire kind.
    pub surveys: Vec<Survey>,
    /// Figures of other ministries' methods, shown beside.
    pub imported: Vec<Imported>,
    /// Targets in force on any day of the period.
    pub targets: Vec<TargetEntry>,
    /// Questionnaire versions in use in the period.
    pub questionnaires: Vec<QuestionnaireEntry>,
    /// Units that rows name, as they were on the last day.
    pub units: Vec<UnitEntry>,
    /// Counters that rows name.
    pub counters: Vec<CounterEntry>,
    /// Fields in their official order.
    pub fields: Vec<FieldEntry>,
    /// Procedures that rows name, as they were on the last day.
    pub procedures: Vec<ProcedureEntry>,
}

/// A place in the chain of publications.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Issue {
    /// Number in the chain, from 1.
    pub number: i64,
    /// Instant of publication.
    pub at: DateTime<Utc>,
    /// SHA-256 of the file published before this one, of whatever period; none for the first.
    pub previous: Option<String>,
    /// SHA-256 of the file that this one corrects.
    pub corrects: Option<String>,
    /// SHA-256 of the complete dataset, small groups and all, that stays with Sở Nội vụ.
    pub complete: String,
    /// Answers that came after the corrected version was frozen; none where that would speak of few people.
    pub late: Option<u64>,
}

/// Days with the word of their period.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dates {
    /// `2026`, `2026-H1`, `2026-Q3`, `2026-09` or two dates with `..` between.
    pub key: String,
    /// First day.
    pub from: NaiveDate,
    /// Last day.
    pub to: NaiveDate,
}

/// How figures were computed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Method {
    /// Formula that is judged.
    pub id: String,
    /// Its version.
    pub version: u32,
    /// z of the 95% Wilson interval.
    pub z: String,
    /// Fewest answers for a verdict.
    pub enough: u64,
}

impl Method {
    /// The method of this program.
    pub fn current() -> Self {
        Self { id: METHOD.to_owned(), version: METHOD_VERSION, z: index::Z.to_string(), enough: ENOUGH }
    }

    /// Whether figures of both may be compared.
    pub fn is_alike(&self, other: &Self) -> bool {
        (&self.id, self.version) == (&other.id, other.version)
    }
}

/// Figures of one questionnaire kind.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Survey {
    /// Kind.
    pub kind: Kind,
    /// Days within the period on which the questions changed so that figures before and after differ in kind.
    pub breaks: Vec<NaiveDate>,
    /// Tables.
    pub tables: Vec<Table>,
}

/// Rows under one cut.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Table {
    /// What rows are about.
    pub by: Cut,
    /// Rows in reading order.
    pub rows: Vec<Row>,
}

/// What a reader must know about a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Mark {
    /// The unit was split, so that its answers belong to no unit of today.
    Split,
    /// The unit ended within the period.
    Ended,
    /// The questions changed within the period of the row: it is not to be compared with others.
    Changed,
    /// The target changed within the period; the row is judged by the one in force on its last day.
    Retargeted,
    /// The row is of an earlier publication, by another method: it is not to be compared with those of this one.
    Method,
}

impl Mark {
    /// Every mark.
    pub const ALL: [Self; 5] = [Self::Split, Self::Ended, Self::Changed, Self::Retargeted, Self::Method];

    /// The word in files.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Split => "split",
            Self::Ended => "ended",
            Self::Changed => "changed",
            Self::Retargeted => "retargeted",
            Self::Method => "method",
        }
    }
}

/// Figures of one row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Row {
    /// A part for each word of the cut.
    pub key: Vec<String>,
    /// Marks.
    pub marks: Vec<Mark>,
    /// The target that the row is judged by, in hundredths of a percent.
    pub target: Option<i32>,
    /// Dossiers settled, where they are known for the cut.
    pub settled: Option<u64>,
    /// Counts of all answers; none where they are hidden.
    pub levels: Option<Levels>,
    /// What follows from the counts; none where they are hidden.
    pub figures: Option<Figures>,
    /// Answers without a flag; none where they are hidden.
    pub unflagged: Option<Part>,
}

impl Row {
    /// n, where it is shown.
    pub fn n(&self) -> Option<u64> {
        self.levels.map(|levels| levels.valid())
    }

    /// F1 or E_k as a share, where it is shown.
    pub fn share(&self) -> Option<Share> {
        self.levels.as_ref().map(Share::satisfied)
    }

    /// Whether it may be compared with other rows of its table.
    pub fn is_comparable(&self) -> bool {
        !self.marks.iter().any(|mark| matches!(mark, Mark::Changed | Mark::Method))
    }

    /// Takes away all that the answers say.
    pub fn hide(&mut self) {
        (self.levels, self.figures, self.unflagged) = (None, None, None);
    }
}

/// A share with its index.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Part {
    /// k of n.
    #[serde(flatten)]
    pub share: Share,
    /// 100·k/n in hundredths of a percent; none without answers.
    pub index: Option<Hundredths>,
}

impl From<Share> for Part {
    fn from(share: Share) -> Self {
        Self { share, index: hundredths(share.percent()) }
    }
}

/// Figures that follow from counts; percentages and scores in hundredths.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Figures {
    /// F1, or E_k in a table by element.
    pub index: Option<Hundredths>,
    /// L.
    pub low: Option<Hundredths>,
    /// U.
    pub high: Option<Hundredths>,
    /// Verdict, where there is a target.
    pub verdict: Option<Verdict>,
    /// F2; none in a table by element or flag.
    pub f2: Option<Part>,
    /// F3; none in a table by element or flag.
    pub f3: Option<Part>,
    /// F4, the mean score, 100 to 500.
    pub f4: Option<Hundredths>,
    /// 100·M/5.
    pub f4_of_5: Option<Hundredths>,
    /// 100·(M − 1)/4.
    pub f4_of_span: Option<Hundredths>,
    /// F5, where dossiers are known for the cut.
    pub f5: Option<Weighted>,
}

impl Figures {
    /// What follows from the levels of one question.
    pub fn of(levels: &Levels, target: Option<i32>) -> Self {
        let share = Share::satisfied(levels);
        let (interval, mean) = (share.interval(), index::mean(levels));
        let threshold = target.and_then(Threshold::of_hundredths);
        Self {
            index: hundredths(share.percent()),
            low: hundredths(interval.map(|interval| interval.low)),
            high: hundredths(interval.map(|interval| interval.high)),
            verdict: threshold.map(|threshold| Verdict::judge(share, threshold)),
            f2: None,
            f3: None,
            f4: hundredths(mean.map(|mean| mean.score)),
            f4_of_5: hundredths(mean.map(|mean| mean.of_five)),
            f4_of_span: hundredths(mean.map(|mean| mean.of_span)),
            f5: None,
        }
    }
}

/// F5 with what it rests on; all in hundredths.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Weighted {
    /// The index in percent.
    pub index: Hundredths,
    /// L, by the effective n.
    pub low: Hundredths,
    /// U, by the effective n.
    pub high: Hundredths,
    /// Dossiers whose stratum has an answer, in percent.
    pub coverage: Hundredths,
    /// Effective n.
    pub effective: Hundredths,
    /// Whether a weight was capped.
    pub capped: bool,
}

impl From<index::Weighted> for Weighted {
    fn from(weighted: index::Weighted) -> Self {
        let of = |value: f64| nearest(value * 100.0);
        Self {
            index: of(weighted.percent),
            low: of(weighted.interval.low),
            high: of(weighted.interval.high),
            coverage: of(weighted.coverage),
            effective: of(weighted.effective),
            capped: weighted.capped,
        }
    }
}

/// A value in hundredths, rounded to the nearest.
pub fn hundredths(value: Option<f64>) -> Option<Hundredths> {
    value.map(|value| nearest(value * 100.0))
}

/// A target whose figure another ministry's method gives.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Imported {
    /// Key of the target.
    pub target: String,
    /// The figure in hundredths of a percent; none where nobody has given it for this period.
    pub index: Option<Hundredths>,
    /// Respondents, where the source says it.
    pub respondents: Option<i64>,
    /// Where it was read.
    pub source: Option<String>,
}

impl Dataset {
    /// The rows of a kind under a cut; none where there is no such table.
    pub fn rows(&self, kind: Kind, by: Cut) -> &[Row] {
        let survey = self.surveys.iter().find(|survey| survey.kind == kind);
        let table = survey.and_then(|survey| survey.tables.iter().find(|table| table.by == by));
        table.map_or(&[], |table| table.rows.as_slice())
    }

    /// The row of a kind under a cut with a key.
    pub fn row(&self, kind: Kind, by: Cut, key: &[&str]) -> Option<&Row> {
        self.rows(kind, by).iter().find(|row| row.key == key)
    }

    /// The canonical file: JSON without spaces, members in the order of this module, and a line break at its end.
    ///
    /// # Errors
    /// Internal, when the writer fails.
    pub fn canonical(&self) -> crate::error::Result<Vec<u8>> {
        let mut bytes = serde_json::to_vec(self).map_err(crate::error::Error::internal)?;
        bytes.push(b'\n');
        Ok(bytes)
    }

    /// Reads a canonical file.
    ///
    /// # Errors
    /// The reason for which it is none.
    pub fn read(bytes: &[u8]) -> Result<Self, String> {
        let dataset: Self = serde_json::from_slice(bytes).map_err(|error| error.to_string())?;
        if dataset.format == FORMAT {
            Ok(dataset)
        } else {
            Err(format!("expected the format {FORMAT}, found {}", dataset.format))
        }
    }
}
