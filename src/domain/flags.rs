//! Integrity flags: what is known against an answer, kept with it and never used to drop it.

use serde::{Deserialize, Serialize};

/// One reason to look twice at an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Flag {
    /// Same device again within the window.
    Repeat,
    /// Too many answers at one counter in a short time.
    Burst,
    /// Answered quicker than reading allows.
    Fast,
    /// Every answer the same.
    Straight,
    /// Outside the counter's opening hours.
    OffHours,
    /// Given on a kiosk or entered by staff.
    Assisted,
}

impl Flag {
    /// Every flag, in the order of the stored bits.
    pub const ALL: [Self; 6] =
        [Self::Repeat, Self::Burst, Self::Fast, Self::Straight, Self::OffHours, Self::Assisted];

    /// The name used in exports and addresses.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Repeat => "repeat",
            Self::Burst => "burst",
            Self::Fast => "fast",
            Self::Straight => "straight",
            Self::OffHours => "offhours",
            Self::Assisted => "assisted",
        }
    }

    const fn bit(self) -> i16 {
        match self {
            Self::Repeat => 1,
            Self::Burst => 2,
            Self::Fast => 4,
            Self::Straight => 8,
            Self::OffHours => 16,
            Self::Assisted => 32,
        }
    }
}

/// A set of flags.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Flags(i16);

impl Flags {
    /// No flag at all.
    pub const NONE: Self = Self(0);

    /// The set stored as these bits.
    pub const fn from_bits(bits: i16) -> Self {
        Self(bits)
    }

    /// The bits under which the set is stored.
    pub const fn bits(self) -> i16 {
        self.0
    }

    /// This set with one flag more.
    #[must_use]
    pub const fn with(self, flag: Flag) -> Self {
        Self(self.0 | flag.bit())
    }

    /// Whether the set holds the flag.
    pub const fn has(self, flag: Flag) -> bool {
        self.0 & flag.bit() != 0
    }

    /// Whether there is no flag.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// The flags of the set.
    pub fn iter(self) -> impl Iterator<Item = Flag> {
        Flag::ALL.into_iter().filter(move |flag| self.has(*flag))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_holds_what_was_put_in_and_nothing_else() {
        let set = Flags::NONE.with(Flag::Burst).with(Flag::Assisted);
        assert_eq!(set.iter().map(Flag::key).collect::<Vec<_>>(), ["burst", "assisted"]);
        assert_eq!(Flags::from_bits(set.bits()), set);
        assert!(Flags::NONE.is_empty() && !set.is_empty());
    }
}
