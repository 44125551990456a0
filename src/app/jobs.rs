//! Long work outside of requests: one after the other, each with all of its effect in one transaction.
//!
//! A job first gets ready, without a transaction, and then writes. Its row turns to "done" in the
//! transaction of its effect, so that a job that is not done has changed nothing, whatever became of the
//! program. How far it is stands in memory; every few seconds another connection copies it into the table,
//! for other instances and as a sign of life.

mod task;
mod worker;

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, SyncSender, TrySendError};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use chrono::{TimeDelta, Utc};
use serde_json::json;
use tokio::sync::oneshot;
use uuid::Uuid;

use super::catalogue::Catalogue;
use super::progress::Progress;
use super::submissions::{self, Submission};
use crate::db;
use crate::db::conn::{Conn, Database};
pub use crate::db::jobs::Job;
use crate::domain::job::State;
use crate::domain::person::{Actor, Permission};
use crate::error::{Error, Result};
use crate::locale::{Lang, Message};

pub use task::{Context, Effect, File, Kind, Outcome, Report, Task, Work};

/// Jobs of a person that may be open at once: one after the other is done, and others wait for them.
pub const MOST_OPEN: usize = 5;

/// Jobs that may wait in one instance; above it whoever asks is told to come back.
const CAPACITY: usize = 32;

/// Seconds without a sign of life after which an instance is held to be dead: several beats, and longer
/// than the longest transaction holds up the beat on SQLite.
pub const SILENT: i64 = 15;

/// How long a program that is to stop waits for the job at work.
const GRACE: Duration = Duration::from_secs(20);

/// Seconds after which somebody may ask again for a job that found no place.
const RETRY_AFTER: u64 = 30;

/// Jobs that a person is shown, at most.
const SHOWN: i64 = 1_000;

/// A job that was started.
pub struct Started {
    /// Id.
    pub id: Uuid,
    /// How the job ended, once it has; nothing is sent for one that was started before.
    pub ended: oneshot::Receiver<Result<()>>,
}

/// A job on its way through the worker.
struct Ticket {
    id: Uuid,
    kind: Kind,
    lang: Lang,
    progress: Arc<Progress>,
    ended: oneshot::Sender<Result<()>>,
}

/// What the jobs of this instance share with their worker.
struct Desk {
    database: Database,
    catalogue: Arc<Catalogue>,
    /// Open jobs of this instance; what is in here is alive.
    open: Mutex<HashMap<Uuid, Arc<Progress>>>,
    /// Who cancelled which of them, until its end is noted.
    cancelled: Mutex<HashMap<Uuid, Actor>>,
    /// Whether the program is to stop.
    is_closing: AtomicBool,
}

impl Desk {
    fn open(&self) -> MutexGuard<'_, HashMap<Uuid, Arc<Progress>>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn cancelled(&self) -> MutexGuard<'_, HashMap<Uuid, Actor>> {
        self.cancelled.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes that a job was cancelled, and forgets the file that it previewed; says whether it was still open.
    fn cancel(&self, actor: &Actor, id: Uuid) -> Result<bool> {
        self.database.write(|conn| {
            let Some(job) = db::jobs::find(conn, id)? else { return Ok(false) };
            if !db::jobs::cancel(conn, id, actor.audit_name())? {
                return Ok(false);
            }
            if let Some(key) = upload_key(&job.person, &job.kind, &job.subject) {
                db::uploads::forget(conn, key)?;
            }
            let details = json!({ "kind": job.kind, "person": job.person });
            db::audit::insert(conn, actor, "job.cancel", &format!("job:{id}"), &details)?;
            Ok(true)
        })
    }
}

/// Where the file of a preview is kept; jobs of another kind have none.
fn upload_key<'a>(person: &'a str, kind: &str, subject: &'a str) -> Option<db::uploads::Key<'a>> {
    match Kind::from_key(kind)? {
        Kind::Preview(kind) => Some(db::uploads::Key { person, hash: subject, kind: kind.key() }),
        Kind::Import(_) | Kind::Links | Kind::Sheet => None,
    }
}

/// The jobs of this instance.
pub struct Jobs {
    desk: Arc<Desk>,
    /// The way to the worker, until the program is to stop.
    queue: Mutex<Option<SyncSender<(Ticket, Work)>>>,
    /// Held from the look for the same job until there is one, so that a form sent twice at once starts one.
    starting: Mutex<()>,
}

impl Jobs {
    /// Starts the worker; the handle ends after [`Jobs::close`].
    ///
    /// # Errors
    /// Internal, when the machine gives no thread.
    pub fn begin(database: Database, catalogue: Arc<Catalogue>) -> Result<(Arc<Self>, JoinHandle<()>)> {
        let (queue, waiting) = mpsc::sync_channel(CAPACITY);
        let desk = Arc::new(Desk {
            database,
            catalogue,
            open: Mutex::default(),
            cancelled: Mutex::default(),
            is_closing: false.into(),
        });
        let worker = worker::start(Arc::clone(&desk), waiting)?;
        Ok((Arc::new(Self { desk, queue: Mutex::new(Some(queue)), starting: Mutex::default() }), worker))
    }

    /// Starts a job; a second one about the same subject is the first one.
    ///
    /// # Errors
    /// Conflict when [`MOST_OPEN`] jobs of the actor are open; unavailable when too many jobs wait or the program
    /// is about to stop; those of the database.
    pub fn start(&self, actor: &Actor, task: Task) -> Result<Started> {
        let (ended, end) = oneshot::channel();
        let _turn = self.starting.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(id) = task.sent.as_ref().map(|sent| self.of_form(actor, sent)).transpose()?.flatten() {
            return Ok(Started { id, ended: end });
        }
        let same = self.of_subject(actor, task.kind, &task.subject)?;
        let is_asked_twice = |job: &Job| job.state.is_open() || job.created_at >= task.since;
        if let Some(same) = same.filter(is_asked_twice) {
            return Ok(Started { id: same.id, ended: end });
        }
        if self.open_jobs()?.iter().filter(|job| job.person == actor.audit_name()).count() >= MOST_OPEN {
            return Err(Error::Conflict(Message::new("jobs.too-many").with("most", MOST_OPEN)));
        }
        let full = || Error::Unavailable { retry_after: RETRY_AFTER };
        let queue = self.queue.lock().unwrap_or_else(PoisonError::into_inner).clone().ok_or_else(full)?;
        let (id, progress, lang) = (Uuid::new_v4(), Arc::new(Progress::default()), actor.language());
        let new =
            db::jobs::New { id, kind: task.kind.key(), person: actor.audit_name(), subject: &task.subject };
        let noted = self.desk.database.write(|conn| note(conn, actor, new, &task))?;
        if noted != id {
            return Ok(Started { id: noted, ended: end });
        }
        self.desk.open().insert(id, Arc::clone(&progress));
        let ticket = Ticket { id, kind: task.kind, lang, progress, ended };
        queue.try_send((ticket, task.work)).map_err(|refused| {
            let (TrySendError::Full((ticket, _)) | TrySendError::Disconnected((ticket, _))) = refused;
            self.desk.give_up(&ticket, State::Failed, &full());
            self.desk.open().remove(&id);
            self.forget_upload(new);
            full()
        })?;
        Ok(Started { id, ended: end })
    }

    /// A file whose job found no place is not kept; where that fails, an hour ends it.
    fn forget_upload(&self, new: db::jobs::New<'_>) {
        let Some(key) = upload_key(new.person, new.kind, new.subject) else { return };
        if let Err(error) = self.desk.database.write(|conn| db::uploads::forget(conn, key)) {
            tracing::warn!(%error, "a file that nobody will apply could not be forgotten");
        }
    }

    /// Cancels an open job of the actor, or as an administrator that of anybody; says whether it was still open.
    /// One at work stops at its next part, and all that it did is undone.
    ///
    /// # Errors
    /// Not found, also for a job of somebody else; those of the database.
    pub fn cancel(&self, actor: &Actor, id: Uuid) -> Result<bool> {
        let may = |job: &Job| job.person == actor.audit_name() || actor.may(Permission::ManagePeople);
        let found = self.desk.database.read(|conn| db::jobs::find(conn, id))?.filter(may);
        if !self.settle(found.ok_or_else(not_found)?)?.state.is_open() {
            return Ok(false);
        }
        // The one writer of SQLite may be with the job: it hears of this first, and notes it if nobody else can.
        let progress = self.desk.open().get(&id).cloned();
        if let Some(progress) = &progress {
            self.desk.cancelled().insert(id, actor.clone());
            progress.cancel();
        }
        match self.desk.cancel(actor, id) {
            Ok(true) => Ok(true),
            Ok(false) => {
                let job = self.desk.database.read(|conn| db::jobs::find(conn, id))?;
                Ok(job.is_some_and(|job| job.state == State::Cancelled))
            }
            Err(Error::Unavailable { .. }) if progress.is_some() => Ok(true),
            Err(error) => Err(error),
        }
    }

    /// The job that a form started when it was sent before.
    ///
    /// # Errors
    /// Those of the database.
    pub fn of_form(&self, actor: &Actor, sent: &Submission) -> Result<Option<Uuid>> {
        let place = self.desk.database.read(|conn| submissions::place(conn, actor, sent))?;
        Ok(place.and_then(|place| Uuid::try_parse(&place).ok()))
    }

    /// The newest job of the actor about a subject, unless it failed, was cancelled or abandoned.
    ///
    /// # Errors
    /// Those of the database.
    pub fn of_subject(&self, actor: &Actor, kind: Kind, subject: &str) -> Result<Option<Job>> {
        let person = actor.audit_name();
        let found =
            self.desk.database.read(|conn| db::jobs::of_subject(conn, person, kind.key(), subject))?;
        found.map(|job| self.settle(job)).transpose()
    }

    /// A job of the actor, as it stands now.
    ///
    /// # Errors
    /// Not found, also for a job of somebody else; those of the database.
    pub fn find(&self, actor: &Actor, id: Uuid) -> Result<Job> {
        let found = self.desk.database.read(|conn| db::jobs::find(conn, id))?;
        self.settle(found.filter(|job| job.person == actor.audit_name()).ok_or_else(not_found)?)
    }

    /// The newest jobs of the actor, as they stand now.
    ///
    /// # Errors
    /// Those of the database.
    pub fn list(&self, actor: &Actor) -> Result<Vec<Job>> {
        let jobs = self.desk.database.read(|conn| db::jobs::list(conn, actor.audit_name(), SHOWN))?;
        jobs.into_iter().map(|job| self.settle(job)).collect()
    }

    /// Open jobs of all others, for whoever may cancel them; the newest first.
    ///
    /// # Errors
    /// Those of the database.
    pub fn of_others(&self, actor: &Actor) -> Result<Vec<Job>> {
        if !actor.may(Permission::ManagePeople) {
            return Ok(Vec::new());
        }
        let mut jobs = self.open_jobs()?;
        jobs.retain(|job| job.person != actor.audit_name());
        Ok(jobs)
    }

    /// The jobs of everyone that are open by now.
    fn open_jobs(&self) -> Result<Vec<Job>> {
        let found = self.desk.database.read(db::jobs::open)?;
        let jobs: Vec<Job> = found.into_iter().map(|job| self.settle(job)).collect::<Result<_>>()?;
        Ok(jobs.into_iter().filter(|job| job.state.is_open()).collect())
    }

    /// The file that a job of that kind of the actor made.
    ///
    /// # Errors
    /// Not found, also for a job of somebody else and when the file is no longer kept; those of the database.
    pub fn file(&self, actor: &Actor, kind: Kind, id: Uuid) -> Result<File> {
        let found =
            self.desk.database.read(|conn| db::jobs::file(conn, actor.audit_name(), kind.key(), id))?;
        found.map(|(name, packed)| File { name, packed }).ok_or_else(not_found)
    }

    /// An open job as this instance knows it better than the table, or as abandoned when nobody runs it.
    fn settle(&self, job: Job) -> Result<Job> {
        if !job.state.is_open() {
            return Ok(job);
        }
        if let Some(progress) = self.desk.open().get(&job.id) {
            return Ok(Job { stand: progress.stand(), ..job });
        }
        let silent_since = Utc::now().naive_utc() - TimeDelta::seconds(SILENT);
        if job.beat_at >= silent_since {
            return Ok(job);
        }
        let settled = self.desk.database.write(|conn| {
            db::jobs::abandon(conn, job.id, silent_since)?;
            db::jobs::find(conn, job.id)
        });
        match settled {
            Ok(settled) => settled.ok_or_else(not_found),
            // Whoever holds the only writer of SQLite may well be the job.
            Err(Error::Unavailable { .. }) => Ok(job),
            Err(error) => Err(error),
        }
    }

    /// Takes no more jobs; those that wait are abandoned, and the worker ends after the one at work.
    pub fn close(&self) {
        self.desk.is_closing.store(true, Ordering::Relaxed);
        self.queue.lock().unwrap_or_else(PoisonError::into_inner).take();
    }
}

/// Notes a new job with the file that it is about; gives its id, or that of the job that the same form started at
/// another instance.
fn note(conn: &mut Conn, actor: &Actor, new: db::jobs::New<'_>, task: &Task) -> Result<Uuid> {
    let insert = |conn: &mut Conn| {
        let key = upload_key(new.person, new.kind, new.subject);
        if let Some((key, upload)) = key.zip(task.upload.as_deref()) {
            db::uploads::keep(conn, key, upload)?;
        }
        db::jobs::insert(conn, new)?;
        Ok(new.id.to_string())
    };
    let place = match &task.sent {
        Some(sent) => submissions::once(conn, actor, sent, insert)?,
        None => insert(conn)?,
    };
    Uuid::try_parse(&place).map_err(Error::internal)
}

fn not_found() -> Error {
    Error::NotFound(Message::new("jobs.not-found"))
}

/// Waits a while for the worker of closed jobs; one that is left at work is undone with its transaction.
pub fn wind_up(worker: &JoinHandle<()>) {
    let start = Instant::now();
    while !worker.is_finished() && start.elapsed() < GRACE {
        std::thread::sleep(Duration::from_millis(20));
    }
    if !worker.is_finished() {
        tracing::warn!("a job was still at work and is undone");
    }
}
