//! The handling of a comment: its states, the steps between them, and its due date.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::day;
use super::level::Level;
use super::link::numbered;

/// Working days in which a comment is to be handled, unless whoever assigns it sets another day.
pub const DUE_DAYS: u32 = 5;

/// Longest answer, reason or note of staff, in characters.
pub const TEXT_LENGTH: usize = 2000;

numbered!(
    /// How far the handling of a comment is.
    State {
        /// Nobody has looked at it.
        New = 1 "new",
        /// Someone has taken note of it.
        Acknowledged = 2 "acknowledged",
        /// Someone is to handle it.
        Assigned = 3 "assigned",
        /// It is written down what was done about it.
        Answered = 4 "answered",
        /// Nothing more is to be done.
        Closed = 5 "closed",
    }
);

/// What staff do with a comment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Step {
    /// Take note of it.
    Acknowledge,
    /// Give it to someone until a day, or to someone else.
    Assign,
    /// Write down what was done about it.
    Answer,
    /// End it.
    Close,
    /// Take an ended one up again.
    Reopen,
    /// Leave a note for colleagues.
    Note,
}

impl Step {
    /// Every step.
    pub const ALL: [Self; 6] =
        [Self::Acknowledge, Self::Assign, Self::Answer, Self::Close, Self::Reopen, Self::Note];

    /// The noun under which it is stored and stands in addresses.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Acknowledge => "acknowledgement",
            Self::Assign => "assignment",
            Self::Answer => "answer",
            Self::Close => "closure",
            Self::Reopen => "reopening",
            Self::Note => "note",
        }
    }

    /// The step of that noun.
    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|step| step.key() == key)
    }
}

impl State {
    /// Whether something is still to be done.
    pub const fn is_open(self) -> bool {
        matches!(self, Self::New | Self::Acknowledged | Self::Assigned)
    }

    /// The state after a step; none where the step does not fit.
    ///
    /// Words of thanks may be closed as they are; an answer needs someone who has taken note.
    pub const fn after(self, step: Step) -> Option<Self> {
        match (self, step) {
            (Self::New, Step::Acknowledge) => Some(Self::Acknowledged),
            (Self::New | Self::Acknowledged | Self::Assigned, Step::Assign) => Some(Self::Assigned),
            (Self::Acknowledged | Self::Assigned, Step::Answer) => Some(Self::Answered),
            (Self::New | Self::Acknowledged | Self::Assigned | Self::Answered, Step::Close) => {
                Some(Self::Closed)
            }
            (Self::Answered | Self::Closed, Step::Reopen) => Some(Self::Acknowledged),
            (state, Step::Note) => Some(state),
            _ => None,
        }
    }

    /// Whether closing must be given a reason: it takes the place of an answer.
    pub const fn needs_reason_to_close(self) -> bool {
        self.is_open()
    }
}

/// The day until which a comment of a day is to be handled.
pub fn due(received: NaiveDate) -> NaiveDate {
    day::working_days_after(received, DUE_DAYS)
}

/// Whether the handling is late on a day.
pub fn is_overdue(state: State, due: NaiveDate, today: NaiveDate) -> bool {
    state.is_open() && due < today
}

/// Whether a level is so low that its comment raises an alert.
pub const fn is_low(level: Level) -> bool {
    matches!(level, Level::Dissatisfied | Level::VeryDissatisfied)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_comment_goes_from_new_to_its_end_by_the_steps_of_the_table() {
        use State::{Acknowledged, Answered, Assigned, Closed, New};
        let table = [
            (New, [Some(Acknowledged), Some(Assigned), None, Some(Closed), None]),
            (Acknowledged, [None, Some(Assigned), Some(Answered), Some(Closed), None]),
            (Assigned, [None, Some(Assigned), Some(Answered), Some(Closed), None]),
            (Answered, [None, None, None, Some(Closed), Some(Acknowledged)]),
            (Closed, [None, None, None, None, Some(Acknowledged)]),
        ];
        for (state, after) in table {
            let steps = [Step::Acknowledge, Step::Assign, Step::Answer, Step::Close, Step::Reopen];
            assert_eq!(steps.map(|step| state.after(step)), after, "{state:?}");
            assert_eq!(state.after(Step::Note), Some(state));
        }
    }

    #[test]
    fn only_what_is_open_can_be_late() {
        let (due, today) = ("2026-11-20".parse().unwrap(), "2026-11-23".parse().unwrap());
        assert!(is_overdue(State::Assigned, due, today) && !is_overdue(State::Assigned, today, today));
        assert!(!is_overdue(State::Answered, due, today));
    }

    proptest! {
        #[test]
        fn no_way_through_the_steps_answers_what_nobody_noticed(choices in proptest::collection::vec(0usize..6, 0..12)) {
            let (mut state, mut noticed) = (State::New, false);
            for choice in choices {
                let step = Step::ALL[choice];
                if let Some(after) = state.after(step) {
                    noticed |= matches!(step, Step::Acknowledge | Step::Assign | Step::Close);
                    state = after;
                }
                prop_assert!(state != State::Answered || noticed);
            }
        }
    }
}
