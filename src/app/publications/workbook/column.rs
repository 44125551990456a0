//! The columns of a table: what they are called, how wide they are and how they look.

use super::page::Look;
use crate::locale::Lang;

/// Columns that stand together and begin a printed page of their own where there is no room left.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Group {
    /// What the row is about; repeated on each printed page.
    Lead,
    /// Counts by level.
    Levels,
    /// F1 with its interval and verdict.
    Index,
    /// Counts as shares.
    Shares,
    /// F2, F3 and F4.
    Others,
    /// Without flagged answers.
    Clean,
    /// Dossiers settled.
    Dossiers,
    /// F5.
    Weighted,
    /// What F5 is computed from.
    Weights,
}

impl Group {
    /// The word in locale keys.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Lead => "lead",
            Self::Levels => "levels",
            Self::Index => "index",
            Self::Shares => "shares",
            Self::Others => "others",
            Self::Clean => "clean",
            Self::Dossiers => "dossiers",
            Self::Weighted => "weighted",
            Self::Weights => "weights",
        }
    }

    /// Whether a printed page begins with it.
    pub const fn begins_page(self) -> bool {
        matches!(self, Self::Others | Self::Dossiers)
    }
}

/// A column of a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Column {
    /// Questionnaire kind.
    Kind,
    /// What rows are cut by, where a sheet holds several tables.
    Cut,
    /// Code.
    Code,
    /// Name.
    Name,
    /// Code of the second part of the key.
    SecondCode,
    /// Name of the second part of the key.
    Second,
    /// What a reader must know.
    Marks,
    /// Answers at a level, 5 to 1.
    Level(u8),
    /// Answers "not applicable".
    NotApplicable,
    /// n.
    Valid,
    /// k.
    Satisfied,
    /// F1 or E_k.
    Index,
    /// L.
    Low,
    /// U.
    High,
    /// Target.
    Target,
    /// Verdict.
    Verdict,
    /// Share of a level, 5 to 1.
    Share(u8),
    /// M.
    Mean,
    /// 100·M/5.
    OfFive,
    /// 100·(M − 1)/4.
    OfSpan,
    /// k of F2.
    ElementsSatisfied,
    /// n of F2.
    ElementsValid,
    /// F2.
    Elements,
    /// k of F3.
    CompleteSatisfied,
    /// n of F3.
    CompleteValid,
    /// F3.
    Complete,
    /// k without flagged answers.
    CleanSatisfied,
    /// n without flagged answers.
    CleanValid,
    /// F1 without flagged answers.
    Clean,
    /// F1 less the same without flagged answers.
    Difference,
    /// Dossiers settled.
    Settled,
    /// Answers for each dossier settled.
    Rate,
    /// Sample goal.
    Goal,
    /// Median weight of an answer.
    Median,
    /// Σ w·k.
    SumSatisfied,
    /// Σ w·n.
    SumValid,
    /// Σ w²·n.
    SumSquares,
    /// F5.
    Weighted,
    /// L of F5.
    WeightedLow,
    /// U of F5.
    WeightedHigh,
    /// Share of dossiers whose stratum has an answer.
    Coverage,
    /// Effective n.
    Effective,
    /// Whether a weight was capped.
    Capped,
    /// Id of the unit.
    Id,
    /// w = N/n of a stratum.
    Weight,
    /// Answers of no greater weight, in the whole province, the unit, the field, and each group of fields.
    Running(u8),
}

impl Column {
    /// Its group.
    pub const fn group(self) -> Group {
        match self {
            Self::Kind
            | Self::Cut
            | Self::Code
            | Self::Name
            | Self::SecondCode
            | Self::Second
            | Self::Marks => Group::Lead,
            Self::Level(_) | Self::NotApplicable => Group::Levels,
            Self::Valid
            | Self::Satisfied
            | Self::Index
            | Self::Low
            | Self::High
            | Self::Target
            | Self::Verdict => Group::Index,
            Self::Share(_) => Group::Shares,
            Self::Mean
            | Self::OfFive
            | Self::OfSpan
            | Self::ElementsSatisfied
            | Self::ElementsValid
            | Self::Elements
            | Self::CompleteSatisfied
            | Self::CompleteValid
            | Self::Complete => Group::Others,
            Self::CleanSatisfied | Self::CleanValid | Self::Clean | Self::Difference => Group::Clean,
            Self::Settled | Self::Rate | Self::Goal => Group::Dossiers,
            Self::Median
            | Self::SumSatisfied
            | Self::SumValid
            | Self::SumSquares
            | Self::Weighted
            | Self::WeightedLow
            | Self::WeightedHigh
            | Self::Coverage
            | Self::Effective
            | Self::Capped => Group::Weighted,
            Self::Id | Self::Weight | Self::Running(_) => Group::Weights,
        }
    }

    /// Width in characters.
    pub const fn width(self) -> f64 {
        match self {
            Self::Name => 36.0,
            Self::Second => 24.0,
            Self::Verdict => 26.0,
            Self::Marks => 17.0,
            Self::Cut => 12.0,
            Self::Code => 15.0,
            Self::Kind | Self::SecondCode | Self::Settled | Self::Running(_) => 11.5,
            Self::Median
            | Self::SumSatisfied
            | Self::SumValid
            | Self::SumSquares
            | Self::Effective
            | Self::Clean
            | Self::Weight => 11.0,
            _ => 9.5,
        }
    }

    /// How its cells look.
    pub const fn look(self) -> Look {
        match self {
            Self::Kind
            | Self::Code
            | Self::Name
            | Self::SecondCode
            | Self::Second
            | Self::Marks
            | Self::Cut => Look::Text,
            Self::Capped => Look::Code,
            Self::Verdict => Look::Verdict,
            Self::Index
            | Self::Low
            | Self::High
            | Self::Target
            | Self::Share(_)
            | Self::OfFive
            | Self::OfSpan
            | Self::Elements
            | Self::Complete
            | Self::Clean
            | Self::Rate
            | Self::Weighted
            | Self::WeightedLow
            | Self::WeightedHigh
            | Self::Coverage => Look::Percent,
            Self::Difference => Look::Points,
            Self::Mean
            | Self::Median
            | Self::SumSatisfied
            | Self::SumValid
            | Self::SumSquares
            | Self::Effective
            | Self::Weight => Look::Real,
            _ => Look::Count,
        }
    }

    /// Its title.
    pub fn title(self, lang: Lang) -> String {
        match self {
            Self::Level(level) | Self::Share(level) => {
                format!("{level} · {}", lang.text(&format!("console.level.{level}")))
            }
            Self::Running(at @ 0..=2) => lang.text(&format!("workbook.column.running-{at}")),
            _ => lang.text(&format!("workbook.column.{}", self.key())),
        }
    }

    const fn key(self) -> &'static str {
        match self {
            Self::Kind => "kind",
            Self::Cut => "cut",
            Self::Code => "code",
            Self::Name => "name",
            Self::SecondCode => "second-code",
            Self::Second => "second",
            Self::Marks => "marks",
            Self::Level(_) | Self::Share(_) => "level",
            Self::NotApplicable => "na",
            Self::Valid => "n",
            Self::Satisfied => "k",
            Self::Index => "index",
            Self::Low => "low",
            Self::High => "high",
            Self::Target => "target",
            Self::Verdict => "verdict",
            Self::Mean => "mean",
            Self::OfFive => "of-five",
            Self::OfSpan => "of-span",
            Self::ElementsSatisfied => "f2-k",
            Self::ElementsValid => "f2-n",
            Self::Elements => "f2",
            Self::CompleteSatisfied => "f3-k",
            Self::CompleteValid => "f3-n",
            Self::Complete => "f3",
            Self::CleanSatisfied => "clean-k",
            Self::CleanValid => "clean-n",
            Self::Clean => "clean",
            Self::Difference => "difference",
            Self::Settled => "settled",
            Self::Rate => "rate",
            Self::Goal => "goal",
            Self::Median => "median",
            Self::SumSatisfied => "sum-k",
            Self::SumValid => "sum-n",
            Self::SumSquares => "sum-squares",
            Self::Weighted => "f5",
            Self::WeightedLow => "f5-low",
            Self::WeightedHigh => "f5-high",
            Self::Coverage => "coverage",
            Self::Effective => "effective",
            Self::Capped => "capped",
            Self::Id => "id",
            Self::Weight => "weight",
            Self::Running(_) => "running",
        }
    }
}
