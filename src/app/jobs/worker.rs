//! The thread that does the jobs, and the one that says meanwhile that it is alive.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::thread::JoinHandle;
use std::time::Duration;

use super::{Context, Desk, Ticket, Work};
use crate::db;
use crate::domain::job::{State, Step};
use crate::error::{Error, Result};
use crate::locale::Message;

/// How often an instance says that it is alive.
const BEAT: Duration = Duration::from_secs(2);

/// Starts both threads; they end when the queue is closed and empty.
pub(super) fn start(desk: Arc<Desk>, queue: Receiver<(Ticket, Work)>) -> Result<JoinHandle<()>> {
    let (living, life) = mpsc::channel::<()>();
    let heart = Arc::clone(&desk);
    let beat = move || {
        while life.recv_timeout(BEAT) == Err(RecvTimeoutError::Timeout) {
            heart.beat();
        }
    };
    std::thread::Builder::new().name("jobs-beat".into()).spawn(beat).map_err(Error::internal)?;
    let work = move || {
        for (ticket, work) in queue {
            desk.run(ticket, work);
        }
        drop(living);
    };
    std::thread::Builder::new().name("jobs".into()).spawn(work).map_err(Error::internal)
}

impl Desk {
    /// Copies how far the open jobs are into the table.
    fn beat(&self) {
        let open: Vec<_> = self.open().iter().map(|(id, progress)| (*id, Arc::clone(progress))).collect();
        // The only writer of SQLite is with the job: asking for it would keep it from citizens longer.
        if self.database.is_sqlite() && open.iter().any(|(_, progress)| progress.is_writing()) {
            return;
        }
        for (id, progress) in open {
            match self.database.write(|conn| db::jobs::beat(conn, id, progress.stand())) {
                Ok(true) => (),
                // It ended, or was cancelled over another instance.
                Ok(false) => progress.cancel(),
                Err(error) => tracing::warn!(%error, "the progress of a job could not be noted"),
            }
        }
    }

    fn run(&self, ticket: Ticket, work: Work) {
        if self.is_closing.load(Ordering::Relaxed) {
            self.give_up(&ticket, State::Abandoned, &gone());
            return;
        }
        // A job that breaks must not take the worker with it.
        let done = catch_unwind(AssertUnwindSafe(|| self.work(&ticket, work)));
        let done = done.unwrap_or_else(|_| Err(Error::internal("a job broke")));
        match &done {
            Ok(()) => {
                if let Err(error) = self.catalogue.refresh(&self.database) {
                    tracing::warn!(%error, "the catalogue could not be refreshed");
                }
            }
            Err(error) => self.end(&ticket, error),
        }
        self.cancelled().remove(&ticket.id);
        self.open().remove(&ticket.id);
        if ticket.ended.send(done).is_err() {
            tracing::debug!(kind = ticket.kind.key(), "nobody waited for the job");
        }
    }

    /// Notes why a job was not done: somebody cancelled it, or it could not be done.
    fn end(&self, ticket: &Ticket, error: &Error) {
        let by = self.cancelled().get(&ticket.id).cloned();
        match by.map(|by| self.cancel(&by, ticket.id)) {
            None => self.give_up(ticket, State::Failed, error),
            Some(Ok(_)) => (),
            Some(Err(failed)) => tracing::error!(error = %failed, "the end of a job could not be noted"),
        }
    }

    fn work(&self, ticket: &Ticket, work: Work) -> Result<()> {
        let (id, progress) = (ticket.id, &*ticket.progress);
        if !self.database.write(|conn| db::jobs::begin(conn, id))? {
            return Err(gone());
        }
        let snapshot = self.catalogue.snapshot();
        let effect = work(&Context { job: id, database: &self.database, snapshot, progress })?;
        progress.go_on()?;
        progress.begin(Step::Writing, 0);
        self.database.write_audited(|conn| {
            let outcome = effect(conn, progress)?;
            progress.go_on()?;
            let report = serde_json::to_value(outcome.report).map_err(Error::internal)?;
            let file = outcome.file.as_ref().map(|file| (file.name.as_str(), file.packed.as_slice()));
            // Another instance may have held this one for dead: then it was said that nothing is changed.
            let is_mine = db::jobs::finish(conn, id, progress.stand(), &report, file)?;
            if is_mine { Ok(()) } else { Err(gone()) }
        })
    }

    /// Notes why a job was not done. Where that fails too, it is found abandoned after a while.
    pub(super) fn give_up(&self, ticket: &Ticket, state: State, error: &Error) {
        if let Error::Internal(cause) = error {
            tracing::error!(cause, kind = ticket.kind.key(), "a job failed");
        }
        let (stand, told) = (ticket.progress.stand(), error.text(ticket.lang));
        let noted = self.database.write(|conn| db::jobs::give_up(conn, ticket.id, state, stand, &told));
        if let Err(error) = noted {
            tracing::error!(%error, "the end of a job could not be noted");
        }
    }
}

/// Nobody waits for this job any more: it was held for dead, or the program is to stop.
fn gone() -> Error {
    Error::Conflict(Message::new("jobs.gone"))
}
