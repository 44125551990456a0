//! Long work outside of requests: one after the other, each with all of its effect in one transaction.
//!
//! A job first gets ready, without a transaction, and then writes. Its row turns to "done" in the
//! transaction of its effect, so that a job that is not done has changed nothing, whatever became of the
//! program. How far it is stands in memory; every few seconds another connection copies it into the table,
//! for other instances and as a sign of life.

mod worker;

use std::collections::HashMap;
use std::io::{Read, Write};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, SyncSender, TrySendError};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use chrono::{NaiveDateTime, TimeDelta, Utc};
use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;
use serde::{Deserialize, Serialize};
use tokio::sync::oneshot;
use uuid::Uuid;

use super::catalogue::{Catalogue, Snapshot};
use super::import::{self, Changes};
use super::progress::Progress;
use super::submissions::{self, Submission};
use crate::db;
use crate::db::conn::{Conn, Database};
pub use crate::db::jobs::Job;
use crate::domain::job::State;
use crate::domain::person::Actor;
use crate::error::{Error, Result};
use crate::locale::{Lang, Message};

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

/// What a job does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Finds what a file would do.
    Preview(import::Kind),
    /// Imports a file.
    Import(import::Kind),
    /// Makes links in bulk.
    Links,
    /// Draws the codes of many links for printing.
    Sheet,
}

impl Kind {
    /// The word under which it is stored and named.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Preview(import::Kind::Units) => "preview-units",
            Self::Preview(import::Kind::Procedures) => "preview-procedures",
            Self::Preview(import::Kind::Figures) => "preview-figures",
            Self::Preview(import::Kind::Answers) => "preview-answers",
            Self::Preview(import::Kind::Dossiers) => "preview-dossiers",
            Self::Import(kind) => kind.key(),
            Self::Links => "links",
            Self::Sheet => "sheet",
        }
    }

    /// The kind of that word.
    pub fn from_key(key: &str) -> Option<Self> {
        match key {
            "links" => Some(Self::Links),
            "sheet" => Some(Self::Sheet),
            other => match other.strip_prefix("preview-") {
                Some(seen) => import::Kind::from_key(seen).map(Self::Preview),
                None => import::Kind::from_key(other).map(Self::Import),
            },
        }
    }
}

/// What a job did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Report {
    /// Rows of a file would be applied.
    Preview(Changes),
    /// Rows of a file were applied.
    Import(Changes),
    /// So many links were made.
    Links(usize),
    /// So many codes were drawn.
    Sheet(usize),
}

/// A file that a job made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct File {
    /// Name.
    pub name: String,
    /// Contents under gzip: drawn codes shrink to a tenth.
    pub packed: Vec<u8>,
}

impl File {
    /// Packs contents.
    ///
    /// # Errors
    /// Internal, when the contents cannot be packed.
    pub fn pack(name: String, content: &[u8]) -> Result<Self> {
        let mut packer = GzEncoder::new(Vec::new(), Compression::fast());
        let packed = packer.write_all(content).and_then(|()| packer.finish()).map_err(Error::internal)?;
        Ok(Self { name, packed })
    }

    /// The contents, for a browser that does not unpack.
    ///
    /// # Errors
    /// Internal, when what was stored is not what was packed.
    pub fn unpack(&self) -> Result<Vec<u8>> {
        let mut content = Vec::new();
        GzDecoder::new(self.packed.as_slice()).read_to_end(&mut content).map_err(Error::internal)?;
        Ok(content)
    }
}

/// What a job did and made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// What it did.
    pub report: Report,
    /// What it made.
    pub file: Option<File>,
}

/// What a job has at hand.
pub struct Context<'a> {
    /// The job.
    pub job: Uuid,
    /// Pools.
    pub database: &'a Database,
    /// The catalogue as it is when the job begins.
    pub snapshot: Arc<Snapshot>,
    /// Where it says how far it is.
    pub progress: &'a Progress,
}

/// All that a job changes, in the transaction of the connection.
pub type Effect = Box<dyn FnOnce(&mut Conn, &Progress) -> Result<Outcome> + Send>;

/// Gets ready without changing anything.
pub type Work = Box<dyn FnOnce(&Context<'_>) -> Result<Effect> + Send>;

/// A job to be started.
pub struct Task {
    /// What it does.
    pub kind: Kind,
    /// What it is about: while one job of a person about it is open, no second one is started.
    pub subject: String,
    /// What was asked for about it since then (UTC), and did not fail, is this job too, asked for twice.
    pub since: NaiveDateTime,
    /// The form that asked for it: sent again, it leads to the job that it started.
    pub sent: Option<Submission>,
    /// The work.
    pub work: Work,
}

impl Task {
    /// A task that is asked for now.
    pub fn new(kind: Kind, subject: String, work: Work) -> Self {
        Self { kind, subject, since: Utc::now().naive_utc(), sent: None, work }
    }

    /// The task as a form asked for it.
    #[must_use]
    pub fn sent_by(self, form: Submission) -> Self {
        Self { sent: Some(form), ..self }
    }
}

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
    /// Whether the program is to stop.
    is_closing: AtomicBool,
}

impl Desk {
    fn open(&self) -> MutexGuard<'_, HashMap<Uuid, Arc<Progress>>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
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
        let desk = Arc::new(Desk { database, catalogue, open: Mutex::default(), is_closing: false.into() });
        let worker = worker::start(Arc::clone(&desk), waiting)?;
        Ok((Arc::new(Self { desk, queue: Mutex::new(Some(queue)), starting: Mutex::default() }), worker))
    }

    /// Starts a job; a second one about the same subject is the first one.
    ///
    /// # Errors
    /// Unavailable when too many jobs wait or the program is about to stop; those of the database.
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
        let full = || Error::Unavailable { retry_after: RETRY_AFTER };
        let queue = self.queue.lock().unwrap_or_else(PoisonError::into_inner).clone().ok_or_else(full)?;
        let (id, progress, lang) = (Uuid::new_v4(), Arc::new(Progress::default()), actor.language());
        let new =
            db::jobs::New { id, kind: task.kind.key(), person: actor.audit_name(), subject: &task.subject };
        let noted = self.desk.database.write(|conn| note(conn, actor, new, task.sent.as_ref()))?;
        if noted != id {
            return Ok(Started { id: noted, ended: end });
        }
        self.desk.open().insert(id, Arc::clone(&progress));
        let ticket = Ticket { id, kind: task.kind, lang, progress, ended };
        queue.try_send((ticket, task.work)).map_err(|refused| {
            let (TrySendError::Full((ticket, _)) | TrySendError::Disconnected((ticket, _))) = refused;
            self.desk.give_up(&ticket, State::Failed, &full());
            self.desk.open().remove(&id);
            full()
        })?;
        Ok(Started { id, ended: end })
    }

    /// The job that a form started when it was sent before.
    ///
    /// # Errors
    /// Those of the database.
    pub fn of_form(&self, actor: &Actor, sent: &Submission) -> Result<Option<Uuid>> {
        let place = self.desk.database.read(|conn| submissions::place(conn, actor, sent))?;
        Ok(place.and_then(|place| Uuid::try_parse(&place).ok()))
    }

    /// The newest job of the actor about a subject, unless it failed or was abandoned.
    ///
    /// # Errors
    /// Those of the database.
    pub fn of_subject(&self, actor: &Actor, kind: Kind, subject: &str) -> Result<Option<Job>> {
        let person = actor.audit_name();
        let found =
            self.desk.database.read(|conn| db::jobs::of_subject(conn, person, kind.key(), subject))?;
        found.map(|job| self.settle(actor, job)).transpose()
    }

    /// A job of the actor, as it stands now.
    ///
    /// # Errors
    /// Not found, also for a job of somebody else; those of the database.
    pub fn find(&self, actor: &Actor, id: Uuid) -> Result<Job> {
        let found = self.desk.database.read(|conn| db::jobs::find(conn, actor.audit_name(), id))?;
        self.settle(actor, found.ok_or_else(not_found)?)
    }

    /// The newest jobs of the actor, as they stand now.
    ///
    /// # Errors
    /// Those of the database.
    pub fn list(&self, actor: &Actor) -> Result<Vec<Job>> {
        let jobs = self.desk.database.read(|conn| db::jobs::list(conn, actor.audit_name(), SHOWN))?;
        jobs.into_iter().map(|job| self.settle(actor, job)).collect()
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
    fn settle(&self, actor: &Actor, job: Job) -> Result<Job> {
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
            db::jobs::find(conn, actor.audit_name(), job.id)
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

/// Notes a new job; gives its id, or that of the job that the same form started at another instance.
fn note(conn: &mut Conn, actor: &Actor, new: db::jobs::New<'_>, sent: Option<&Submission>) -> Result<Uuid> {
    let insert = |conn: &mut Conn| db::jobs::insert(conn, new).map(|()| new.id.to_string());
    let place = match sent {
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
