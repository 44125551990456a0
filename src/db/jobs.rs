//! Jobs: what was started, how far it is, and what came of it.

use chrono::{NaiveDateTime, TimeDelta, Utc};
use diesel::prelude::*;
use serde_json::Value;
use uuid::Uuid;

use super::conn::Conn;
use super::schema::jobs;
use super::types::{StoredDocument, StoredId};
use super::violation::translate;
use crate::domain::job::{Stand, State, Step};
use crate::error::{Error, Result};

/// How long a job is remembered; the audit keeps what it changed.
const REMEMBERED: TimeDelta = TimeDelta::days(90);

/// How long a file is kept.
const FILE_KEPT: TimeDelta = TimeDelta::hours(1);

/// Words of the states in which something is still to come.
const OPEN: [&str; 2] = [State::Queued.key(), State::Running.key()];

/// A job that is to be done.
#[derive(Debug, Clone, Copy)]
pub struct New<'a> {
    /// Random id.
    pub id: Uuid,
    /// What it does.
    pub kind: &'a str,
    /// Sign-in name of who started it.
    pub person: &'a str,
    /// What it is about: two open jobs of a person about the same are one.
    pub subject: &'a str,
}

/// One row of `jobs`, without its file.
#[derive(Debug, Clone, PartialEq)]
pub struct Job {
    /// Id.
    pub id: Uuid,
    /// What it does.
    pub kind: String,
    /// Sign-in name of who started it.
    pub person: String,
    /// What it is about.
    pub subject: String,
    /// How it stands.
    pub state: State,
    /// How far it is, or how far it came.
    pub stand: Stand,
    /// When it was asked for (UTC).
    pub created_at: NaiveDateTime,
    /// When it began (UTC).
    pub started_at: Option<NaiveDateTime>,
    /// When the instance that runs it was last heard of (UTC).
    pub beat_at: NaiveDateTime,
    /// When it ended (UTC).
    pub finished_at: Option<NaiveDateTime>,
    /// What it did.
    pub report: Option<Value>,
    /// Why it could not be done, in the words of who started it; of one that was cancelled, the sign-in name of
    /// who did.
    pub error: String,
    /// Name of its file, where there is one that is still kept.
    pub file: Option<String>,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = jobs)]
struct JobRow {
    id: StoredId,
    kind: String,
    person: String,
    subject: String,
    state: String,
    step: String,
    done: i64,
    total: i64,
    created_at: NaiveDateTime,
    started_at: Option<NaiveDateTime>,
    beat_at: NaiveDateTime,
    finished_at: Option<NaiveDateTime>,
    report: Option<StoredDocument>,
    error: String,
    file_name: Option<String>,
}

impl TryFrom<JobRow> for Job {
    type Error = Error;

    fn try_from(row: JobRow) -> Result<Self> {
        let broken = |what: &str| Error::internal(format!("job {} has an unknown {what}", row.id.0));
        let is_kept = row.finished_at.is_some_and(|at| at >= oldest_file());
        Ok(Self {
            id: row.id.0,
            state: State::from_key(&row.state).ok_or_else(|| broken("state"))?,
            stand: Stand {
                step: Step::from_key(&row.step).ok_or_else(|| broken("step"))?,
                done: u64::try_from(row.done).unwrap_or_default(),
                total: u64::try_from(row.total).unwrap_or_default(),
            },
            kind: row.kind,
            person: row.person,
            subject: row.subject,
            created_at: row.created_at,
            started_at: row.started_at,
            beat_at: row.beat_at,
            finished_at: row.finished_at,
            report: row.report.map(|report| report.read()).transpose()?,
            error: row.error,
            file: row.file_name.filter(|_| is_kept),
        })
    }
}

fn oldest_file() -> NaiveDateTime {
    Utc::now().naive_utc() - FILE_KEPT
}

fn number(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

/// Adds a job to be done, and forgets old ones and files that waited too long.
///
/// # Errors
/// Those of the database.
pub fn insert(conn: &mut Conn, new: New<'_>) -> Result<()> {
    let at = Utc::now().naive_utc();
    diesel::delete(jobs::table.filter(jobs::created_at.lt(at - REMEMBERED)))
        .execute(conn)
        .map_err(translate)?;
    diesel::update(jobs::table.filter(jobs::finished_at.lt(oldest_file()).and(jobs::file.is_not_null())))
        .set(jobs::file.eq(None::<Vec<u8>>))
        .execute(conn)
        .map_err(translate)?;
    diesel::insert_into(jobs::table)
        .values((
            jobs::id.eq(StoredId(new.id)),
            jobs::kind.eq(new.kind),
            jobs::person.eq(new.person),
            jobs::subject.eq(new.subject),
            jobs::state.eq(State::Queued.key()),
            jobs::step.eq(Step::default().key()),
            jobs::done.eq(0),
            jobs::total.eq(0),
            jobs::created_at.eq(at),
            jobs::beat_at.eq(at),
            jobs::error.eq(""),
        ))
        .execute(conn)
        .map(drop)
        .map_err(translate)
}

/// Notes that a waiting job is at work; says whether it still waited.
///
/// # Errors
/// Those of the database.
pub fn begin(conn: &mut Conn, id: Uuid) -> Result<bool> {
    let at = Utc::now().naive_utc();
    diesel::update(jobs::table.find(StoredId(id)).filter(jobs::state.eq(State::Queued.key())))
        .set((jobs::state.eq(State::Running.key()), jobs::started_at.eq(at), jobs::beat_at.eq(at)))
        .execute(conn)
        .map(|changed| changed > 0)
        .map_err(translate)
}

/// Notes that the instance of an open job is alive, and how far the job is; says whether it is still open.
///
/// # Errors
/// Those of the database.
pub fn beat(conn: &mut Conn, id: Uuid, stand: Stand) -> Result<bool> {
    diesel::update(jobs::table.find(StoredId(id)).filter(jobs::state.eq_any(OPEN)))
        .set((
            jobs::step.eq(stand.step.key()),
            jobs::done.eq(number(stand.done)),
            jobs::total.eq(number(stand.total)),
            jobs::beat_at.eq(Utc::now().naive_utc()),
        ))
        .execute(conn)
        .map(|changed| changed > 0)
        .map_err(translate)
}

/// Notes that an open job is to stop; says whether it was still open. Whatever it did is undone with its
/// transaction, which can no longer be committed.
///
/// # Errors
/// Those of the database.
pub fn cancel(conn: &mut Conn, id: Uuid, by: &str) -> Result<bool> {
    diesel::update(jobs::table.find(StoredId(id)).filter(jobs::state.eq_any(OPEN)))
        .set((
            jobs::state.eq(State::Cancelled.key()),
            jobs::finished_at.eq(Utc::now().naive_utc()),
            jobs::error.eq(by),
        ))
        .execute(conn)
        .map(|changed| changed > 0)
        .map_err(translate)
}

/// Notes in the transaction of its effect that a job is done; says whether it was still at work, and where it
/// was not, the transaction must be given up.
///
/// # Errors
/// Those of the database.
pub fn finish(
    conn: &mut Conn,
    id: Uuid,
    stand: Stand,
    report: &Value,
    file: Option<(&str, &[u8])>,
) -> Result<bool> {
    diesel::update(jobs::table.find(StoredId(id)).filter(jobs::state.eq(State::Running.key())))
        .set((
            jobs::state.eq(State::Done.key()),
            jobs::step.eq(stand.step.key()),
            jobs::done.eq(number(stand.done)),
            jobs::total.eq(number(stand.total)),
            jobs::finished_at.eq(Utc::now().naive_utc()),
            jobs::report.eq(StoredDocument::of(report)?),
            jobs::file_name.eq(file.map(|(name, _)| name)),
            jobs::file.eq(file.map(|(_, content)| content)),
        ))
        .execute(conn)
        .map(|changed| changed > 0)
        .map_err(translate)
}

/// Notes that an open job was not done, and why; one that is done stays done.
///
/// # Errors
/// Those of the database.
pub fn give_up(conn: &mut Conn, id: Uuid, state: State, stand: Stand, error: &str) -> Result<()> {
    diesel::update(jobs::table.find(StoredId(id)).filter(jobs::state.eq_any(OPEN)))
        .set((
            jobs::state.eq(state.key()),
            jobs::step.eq(stand.step.key()),
            jobs::done.eq(number(stand.done)),
            jobs::total.eq(number(stand.total)),
            jobs::finished_at.eq(Utc::now().naive_utc()),
            jobs::error.eq(error),
        ))
        .execute(conn)
        .map(drop)
        .map_err(translate)
}

/// Notes that the instance of an open job was not heard of since an instant: it can no longer be done.
///
/// # Errors
/// Those of the database.
pub fn abandon(conn: &mut Conn, id: Uuid, silent_since: NaiveDateTime) -> Result<()> {
    let open = jobs::state.eq_any(OPEN).and(jobs::beat_at.lt(silent_since));
    diesel::update(jobs::table.find(StoredId(id)).filter(open))
        .set((jobs::state.eq(State::Abandoned.key()), jobs::finished_at.eq(Utc::now().naive_utc())))
        .execute(conn)
        .map(drop)
        .map_err(translate)
}

/// A job, whoever started it.
///
/// # Errors
/// Those of the database.
pub fn find(conn: &mut Conn, id: Uuid) -> Result<Option<Job>> {
    let row = jobs::table.find(StoredId(id)).select(JobRow::as_select()).first(conn).optional();
    row.map_err(translate)?.map(Job::try_from).transpose()
}

/// Jobs of everyone that are not known to have ended, the newest first.
///
/// # Errors
/// Those of the database.
pub fn open(conn: &mut Conn) -> Result<Vec<Job>> {
    let rows = jobs::table
        .filter(jobs::state.eq_any(OPEN))
        .order(jobs::created_at.desc())
        .select(JobRow::as_select())
        .load(conn);
    rows.map_err(translate)?.into_iter().map(Job::try_from).collect()
}

/// The newest job of a person about a subject, unless it failed, was cancelled or abandoned.
///
/// # Errors
/// Those of the database.
pub fn of_subject(conn: &mut Conn, person: &str, kind: &str, subject: &str) -> Result<Option<Job>> {
    let row = jobs::table
        .filter(jobs::person.eq(person).and(jobs::kind.eq(kind)).and(jobs::subject.eq(subject)))
        .filter(jobs::state.ne_all([State::Failed, State::Abandoned, State::Cancelled].map(State::key)))
        .order(jobs::created_at.desc())
        .select(JobRow::as_select())
        .first(conn)
        .optional();
    row.map_err(translate)?.map(Job::try_from).transpose()
}

/// The newest jobs of a person.
///
/// # Errors
/// Those of the database.
pub fn list(conn: &mut Conn, person: &str, most: i64) -> Result<Vec<Job>> {
    let rows = jobs::table
        .filter(jobs::person.eq(person))
        .order(jobs::created_at.desc())
        .limit(most)
        .select(JobRow::as_select())
        .load(conn);
    rows.map_err(translate)?.into_iter().map(Job::try_from).collect()
}

/// The file of a job of a kind of a person with its name, where it is still kept.
///
/// # Errors
/// Those of the database.
pub fn file(conn: &mut Conn, person: &str, kind: &str, id: Uuid) -> Result<Option<(String, Vec<u8>)>> {
    let row = jobs::table
        .find(StoredId(id))
        .filter(jobs::person.eq(person).and(jobs::kind.eq(kind)).and(jobs::finished_at.ge(oldest_file())))
        .select((jobs::file_name, jobs::file))
        .first::<(Option<String>, Option<Vec<u8>>)>(conn)
        .optional()
        .map_err(translate)?;
    Ok(row.and_then(|(name, content)| name.zip(content)))
}
