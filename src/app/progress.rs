//! How far long work is, kept in memory: telling it neither waits for the database nor disturbs it.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use crate::domain::job::{Stand, Step};

/// A counter that the work moves on and others read.
#[derive(Debug, Default)]
pub struct Progress {
    is_writing: AtomicBool,
    done: AtomicU64,
    total: AtomicU64,
}

impl Progress {
    /// A step with so many parts begins.
    pub fn begin(&self, step: Step, parts: usize) {
        self.done.store(0, Ordering::Relaxed);
        self.total.store(u64::try_from(parts).unwrap_or(u64::MAX), Ordering::Relaxed);
        self.is_writing.store(step == Step::Writing, Ordering::Relaxed);
    }

    /// So many more parts are done.
    pub fn advance(&self, parts: usize) {
        self.done.fetch_add(u64::try_from(parts).unwrap_or(u64::MAX), Ordering::Relaxed);
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
