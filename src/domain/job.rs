//! Work that outlasts a request: how far it is, and how it ended.

/// How a job stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// It waits for its turn.
    Queued,
    /// It is at work; nothing has been changed yet.
    Running,
    /// All of it was done.
    Done,
    /// It could not be done, and nothing was changed.
    Failed,
    /// The program that ran it ended before it was done, and nothing was changed.
    Abandoned,
    /// Somebody stopped it, and nothing was changed.
    Cancelled,
}

impl State {
    /// Every state.
    pub const ALL: [Self; 6] =
        [Self::Queued, Self::Running, Self::Done, Self::Failed, Self::Abandoned, Self::Cancelled];

    /// The word under which it is stored and named.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Running => "running",
            Self::Done => "done",
            Self::Failed => "failed",
            Self::Abandoned => "abandoned",
            Self::Cancelled => "cancelled",
        }
    }

    /// The state of that word.
    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.key() == key)
    }

    /// Whether something is still to come.
    pub const fn is_open(self) -> bool {
        matches!(self, Self::Queued | Self::Running)
    }
}

/// What a running job does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Step {
    /// It gets ready: what is needed is read and checked, and others can write meanwhile.
    #[default]
    Preparing,
    /// It writes, in the one transaction that holds all of its effect.
    Writing,
}

impl Step {
    /// Both steps, in order.
    pub const ALL: [Self; 2] = [Self::Preparing, Self::Writing];

    /// The word under which it is stored and named.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Preparing => "preparing",
            Self::Writing => "writing",
        }
    }

    /// The step of that word.
    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|step| step.key() == key)
    }
}

/// How far a job is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Stand {
    /// Step.
    pub step: Step,
    /// Parts of the step that are done.
    pub done: u64,
    /// All parts of the step; zero while that is not known.
    pub total: u64,
}
