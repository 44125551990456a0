//! How far long work is, and whether it is to stop, kept in memory: telling it neither waits for the database
//! nor disturbs it.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use crate::domain::job::{Stand, Step};
use crate::error::{Error, Result};
use crate::locale::Message;

/// A counter that the work moves on and others read.
#[derive(Debug, Default)]
pub struct Progress {
    is_writing: AtomicBool,
    done: AtomicU64,
    total: AtomicU64,
    is_cancelled: AtomicBool,
}

impl Progress {
    /// A step with so many parts begins.
    pub fn begin(&self, step: Step, parts: usize) {
        self.done.store(0, Ordering::Relaxed);
        self.total.store(u64::try_from(parts).unwrap_or(u64::MAX), Ordering::Relaxed);
        self.is_writing.store(step == Step::Writing, Ordering::Relaxed);
    }

    /// So many more parts are done.
    ///
    /// # Errors
    /// Those of [`Progress::go_on`].
    pub fn advance(&self, parts: usize) -> Result<()> {
        self.done.fetch_add(u64::try_from(parts).unwrap_or(u64::MAX), Ordering::Relaxed);
        self.go_on()
    }

    /// The work is to stop at its next part.
    pub fn cancel(&self) {
        self.is_cancelled.store(true, Ordering::Relaxed);
    }

    /// Whether the work may go on.
    ///
    /// # Errors
    /// Conflict when it was cancelled: whatever it did is then to be undone.
    pub fn go_on(&self) -> Result<()> {
        if self.is_cancelled.load(Ordering::Relaxed) {
            return Err(Error::Conflict(Message::new("jobs.cancelled")));
        }
        Ok(())
    }

    /// How far it is.
    pub fn stand(&self) -> Stand {
        Stand {
            step: if self.is_writing() { Step::Writing } else { Step::Preparing },
            done: self.done.load(Ordering::Relaxed),
            total: self.total.load(Ordering::Relaxed),
        }
    }

    /// Whether the work holds its transaction.
    pub fn is_writing(&self) -> bool {
        self.is_writing.load(Ordering::Relaxed)
    }
}
