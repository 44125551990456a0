//! The five worded levels of the scale.

use serde::{Deserialize, Serialize};

/// One of the five levels of SIPAS; "Bình thường" is a real middle level, not "no opinion".
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(into = "u8", try_from = "u8")]
pub enum Level {
    /// Rất không hài lòng (1).
    VeryDissatisfied,
    /// Không hài lòng (2).
    Dissatisfied,
    /// Bình thường (3).
    Neutral,
    /// Hài lòng (4).
    Satisfied,
    /// Rất hài lòng (5).
    VerySatisfied,
}

impl Level {
    /// The levels in the order in which a citizen reads them: 5 down to 1.
    pub const DESCENDING: [Self; 5] =
        [Self::VerySatisfied, Self::Satisfied, Self::Neutral, Self::Dissatisfied, Self::VeryDissatisfied];

    /// Whether the answer counts as satisfied (4 or 5).
    pub fn is_satisfied(self) -> bool {
        self >= Self::Satisfied
    }
}

impl From<Level> for u8 {
    fn from(level: Level) -> Self {
        match level {
            Level::VeryDissatisfied => 1,
            Level::Dissatisfied => 2,
            Level::Neutral => 3,
            Level::Satisfied => 4,
            Level::VerySatisfied => 5,
        }
    }
}

impl TryFrom<u8> for Level {
    type Error = String;

    fn try_from(number: u8) -> Result<Self, String> {
        match number {
            1 => Ok(Self::VeryDissatisfied),
            2 => Ok(Self::Dissatisfied),
            3 => Ok(Self::Neutral),
            4 => Ok(Self::Satisfied),
            5 => Ok(Self::VerySatisfied),
            other => Err(format!("expected a level from 1 to 5, found {other}")),
        }
    }
}
