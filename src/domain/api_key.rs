//! Keys with which other programs read figures.

use chrono::NaiveDate;

use super::ids::{KeyId, UnitId};

/// What a key may read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reading {
    /// Scores, as the console exports them.
    Scores,
}

impl Reading {
    /// Everything that a key may be made for.
    pub const ALL: [Self; 1] = [Self::Scores];

    /// The word under which it is stored and given on the command line.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Scores => "scores",
        }
    }

    /// The reading of that word.
    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|reading| reading.key() == key)
    }
}

/// How a key stands on a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// It opens.
    Open,
    /// Its last day is over.
    Expired,
    /// It was revoked.
    Revoked,
}

impl Standing {
    /// Every standing.
    pub const ALL: [Self; 3] = [Self::Open, Self::Expired, Self::Revoked];

    /// The word in pages and locale keys.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Expired => "expired",
            Self::Revoked => "revoked",
        }
    }
}

/// A key as it is known after it was shown once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiKey {
    /// Id.
    pub id: KeyId,
    /// What it is for.
    pub name: String,
    /// The unit to which it is bound; none means the province.
    pub unit: Option<UnitId>,
    /// What it may read; none for a word of a later version.
    pub reads: Option<Reading>,
    /// First day on which it no longer opens.
    pub valid_to: NaiveDate,
    /// Whether it was revoked.
    pub revoked: bool,
}

impl ApiKey {
    /// How it stands on a day.
    pub fn standing(&self, day: NaiveDate) -> Standing {
        if self.revoked {
            Standing::Revoked
        } else if day >= self.valid_to {
            Standing::Expired
        } else {
            Standing::Open
        }
    }
}
