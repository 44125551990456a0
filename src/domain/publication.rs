//! Publications: how the figures of a period get from a draft to everyone, step by step.

use chrono::NaiveDateTime;

use super::ids::PublicationId;
use super::period::Period;

/// Longest remark, in characters.
pub const REMARK_LENGTH: usize = 2000;

/// How far a version of the figures is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum State {
    /// Frozen, and looked through by whoever closed the period.
    Draft,
    /// Laid before whoever approves.
    Submitted,
    /// Given back with a remark.
    Returned,
    /// Approved, and ready to be published.
    Approved,
    /// In the chain, open to everyone, and never changed again.
    Published,
}

/// What is done with a version.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Step {
    /// Freeze the figures as they are now.
    Freeze,
    /// Lay them before whoever approves.
    Submit,
    /// Give them back.
    Return,
    /// Approve them.
    Approve,
    /// Publish them.
    Publish,
    /// Throw them away.
    Discard,
}

impl State {
    /// Every state.
    pub const ALL: [Self; 5] =
        [Self::Draft, Self::Submitted, Self::Returned, Self::Approved, Self::Published];

    /// The word under which it is stored.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Submitted => "submitted",
            Self::Returned => "returned",
            Self::Approved => "approved",
            Self::Published => "published",
        }
    }

    /// The state of that word.
    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.key() == key)
    }

    /// Whether a step may be taken from here.
    pub const fn allows(self, step: Step) -> bool {
        match step {
            Step::Freeze | Step::Submit | Step::Discard => matches!(self, Self::Draft | Self::Returned),
            Step::Approve => matches!(self, Self::Submitted),
            Step::Return => matches!(self, Self::Submitted | Self::Approved),
            Step::Publish => matches!(self, Self::Approved),
        }
    }
}

impl Step {
    /// Every step.
    pub const ALL: [Self; 6] =
        [Self::Freeze, Self::Submit, Self::Return, Self::Approve, Self::Publish, Self::Discard];

    /// The noun under which it is stored and stands in addresses.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Freeze => "freeze",
            Self::Submit => "submission",
            Self::Return => "return",
            Self::Approve => "approval",
            Self::Publish => "publication",
            Self::Discard => "discard",
        }
    }

    /// The step of that noun.
    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|step| step.key() == key)
    }

    /// The state after the step; none where the version is then gone.
    pub const fn leads_to(self) -> Option<State> {
        match self {
            Self::Freeze => Some(State::Draft),
            Self::Submit => Some(State::Submitted),
            Self::Return => Some(State::Returned),
            Self::Approve => Some(State::Approved),
            Self::Publish => Some(State::Published),
            Self::Discard => None,
        }
    }

    /// Whether whoever takes the step must say why.
    pub const fn needs_remark(self) -> bool {
        matches!(self, Self::Return)
    }
}

/// A version of the figures of a period, without the figures.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Publication {
    /// Id.
    pub id: PublicationId,
    /// Days.
    pub period: Period,
    /// 1, or one more for each correction.
    pub version: i32,
    /// How far it is.
    pub state: State,
    /// When the figures were frozen (UTC).
    pub frozen_at: NaiveDateTime,
    /// Its place in the chain, where it was published.
    pub issued: Option<Issued>,
}

/// The place of a published version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Issued {
    /// Number in the chain, from 1.
    pub number: i64,
    /// When (UTC).
    pub at: NaiveDateTime,
    /// SHA-256 of the file, as 64 hexadecimal digits.
    pub sha256: String,
}

/// A step that was taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// When (UTC).
    pub at: NaiveDateTime,
    /// By whom, as the audit names them.
    pub actor: String,
    /// What.
    pub step: Step,
    /// What they wrote.
    pub remark: String,
}

/// Who submitted the figures as they now stand.
pub fn submitter(events: &[Event]) -> Option<&str> {
    events.iter().rev().find(|event| event.step == Step::Submit).map(|event| event.actor.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_published_allows_nothing_more_and_nothing_is_published_unapproved() {
        assert!(!Step::ALL.into_iter().any(|step| State::Published.allows(step)));
        let from = |step: Step| State::ALL.into_iter().filter(|state| state.allows(step)).collect::<Vec<_>>();
        assert_eq!(from(Step::Publish), [State::Approved]);
        assert_eq!(from(Step::Approve), [State::Submitted]);
        assert_eq!(from(Step::Freeze), [State::Draft, State::Returned]);
        for key in Step::ALL.map(Step::key) {
            assert_eq!(Step::from_key(key).map(Step::key), Some(key));
        }
    }
}
