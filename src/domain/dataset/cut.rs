//! What the tables of a dataset are cut by.

use serde::{Deserialize, Serialize};

/// What the rows of a table are about. The key of a row has a part for each word after `by`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Cut {
    /// Everything: one row, its key empty.
    Total,
    /// By target: its key.
    Target,
    /// By field: its key, empty where not stated.
    Field,
    /// By unit served, as units are now: its id.
    Unit,
    /// By unit served, as units were at the time of the survey: its id. Absent where it would equal the other.
    UnitThen,
    /// By unit that decides, as units are now: its id.
    Deciding,
    /// By unit served now and field: id, key.
    UnitField,
    /// By procedure: its id, empty where not stated.
    Procedure,
    /// By counter: its id.
    Counter,
    /// By element question: its key. Levels are those of that question.
    Element,
    /// By stage of the dossier: its key. Stages outside the headline are in no other table.
    Stage,
    /// By channel: its key.
    Channel,
    /// By integrity flag: its key. An answer may bear several.
    Flag,
    /// By calendar month: its period.
    Month,
    /// By period of the same length, up to this one, and target: period, key of the target.
    Trend,
}

impl Cut {
    /// Every cut, in the order of a dataset.
    pub const ALL: [Self; 15] = [
        Self::Total,
        Self::Target,
        Self::Field,
        Self::Unit,
        Self::UnitThen,
        Self::Deciding,
        Self::UnitField,
        Self::Procedure,
        Self::Counter,
        Self::Element,
        Self::Stage,
        Self::Channel,
        Self::Flag,
        Self::Month,
        Self::Trend,
    ];

    /// The word in files.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Total => "total",
            Self::Target => "target",
            Self::Field => "field",
            Self::Unit => "unit",
            Self::UnitThen => "unit-then",
            Self::Deciding => "deciding",
            Self::UnitField => "unit-field",
            Self::Procedure => "procedure",
            Self::Counter => "counter",
            Self::Element => "element",
            Self::Stage => "stage",
            Self::Channel => "channel",
            Self::Flag => "flag",
            Self::Month => "month",
            Self::Trend => "trend",
        }
    }
}
