//! Jobs in the console: how far one is, what came of it, how it is cancelled, and the list of one's own.

mod faults;
mod list;

use std::time::Duration;

use actix_web::http::header::{self, HeaderName, HeaderValue};
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use chrono::{NaiveDateTime, TimeDelta, Utc};
use uuid::Uuid;

use super::catalogue::Reply;
use super::session::Proof;
use super::{Shell, uploads, words};
use crate::app::import::{self, preview};
use crate::app::jobs::{Job, Jobs, Kind, Report, Task};
use crate::domain::job::{State as Standing, Step};
use crate::domain::person;
use crate::error::{Error, Result};
use crate::locale::{Lang, Message};
use crate::web::actor::Actor;
use crate::web::respond::{page, see_other};
use crate::web::state::State;
pub use faults::faults;
pub use list::list;

const PATH: &str = "/console/jobs";

/// How long a request waits for the job that it started: whoever waits no longer than this sees the result at
/// once and hardly notices the wait; a file of some hundred lines takes less.
const PATIENCE: Duration = Duration::from_secs(1);

/// Faults of a file that a page shows; all of them are had as a file.
pub const FAULTS: usize = 200;

/// Seconds after which the page of an open job is asked for again.
const REFRESH: &str = "2";

/// What is asked for where the page shall not refresh itself.
const STILL: &str = "still=1";

/// What is asked for where a job had ended before it could be cancelled.
const LATE: &str = "late=1";

/// The address of a job.
pub fn address(id: Uuid) -> String {
    format!("{PATH}/{id}")
}

/// Starts a job and leads to its page, on which a small one is done already.
///
/// # Errors
/// Conflict when too many jobs of the actor are open; unavailable when too many jobs wait; those of the database.
pub async fn launch(state: &State, actor: &Actor, task: Task) -> Reply {
    // However it ended, its page says how it stands.
    let (id, _) = begin(state, actor, task).await?;
    Ok(see_other(&address(id)))
}

/// Asks the jobs of this instance in the name of an actor.
///
/// # Errors
/// Those of `question`.
pub async fn ask<T: Send + 'static>(
    state: &State,
    actor: &Actor,
    question: impl FnOnce(&Jobs, &person::Actor) -> Result<T> + Send + 'static,
) -> Result<T> {
    let (jobs, person) = (state.jobs.clone(), actor.person.clone());
    state.block(move |_| question(&jobs, &person)).await
}

/// Starts a job and waits a moment for its end; says how it ended if it did.
///
/// # Errors
/// Those of [`Jobs::start`].
pub async fn begin(state: &State, actor: &Actor, task: Task) -> Result<(Uuid, Option<Result<()>>)> {
    let started = ask(state, actor, move |jobs, person| jobs.start(person, task)).await?;
    let ended = tokio::time::timeout(PATIENCE, started.ended).await;
    Ok((started.id, ended.ok().and_then(std::result::Result::ok)))
}

fn text(lang: Lang, key: &str) -> String {
    lang.text(&format!("jobs.{key}"))
}

fn count(lang: Lang, count: usize) -> String {
    lang.count(u64::try_from(count).unwrap_or(u64::MAX))
}

fn state_word(lang: Lang, job: &Job) -> String {
    text(lang, &format!("state-{}", job.state.key()))
}

/// Seconds that it took, or takes by now.
fn seconds(job: &Job) -> Option<i64> {
    let end = job.finished_at.unwrap_or_else(|| Utc::now().naive_utc());
    Some(end.signed_duration_since(job.started_at?).num_seconds().max(0))
}

/// How long it took, or takes by now.
fn time(lang: Lang, job: &Job) -> Option<String> {
    let seconds = seconds(job)?;
    let (minutes, rest) = (seconds / 60, (seconds % 60).to_string());
    Some(if seconds == 0 {
        text(lang, "moment")
    } else if minutes == 0 {
        lang.with("jobs.seconds", &[("seconds", &rest)])
    } else {
        lang.with("jobs.minutes", &[("minutes", &minutes.to_string()), ("seconds", &rest)])
    })
}

fn kind_of(job: &Job) -> Result<Kind> {
    Kind::from_key(&job.kind)
        .ok_or_else(|| Error::internal(format!("a job of the unknown kind {}", job.kind)))
}

/// The section of the console to which a job belongs, and where one goes on from it.
const fn place(kind: Kind) -> (&'static str, &'static str) {
    match kind {
        Kind::Preview(kind) | Kind::Import(kind) => match kind {
            import::Kind::Units => ("catalogue", "/console/catalogue/units"),
            import::Kind::Procedures => ("catalogue", "/console/catalogue/procedures"),
            import::Kind::Figures => ("catalogue", "/console/catalogue/targets"),
            import::Kind::Answers => ("entry", "/console/entry"),
            import::Kind::Dossiers => ("entry", "/console/dossiers"),
        },
        Kind::Links | Kind::Sheet => ("links", "/console/links"),
    }
}

/// The section of the console to which files of a kind belong.
pub const fn section(kind: import::Kind) -> &'static str {
    place(Kind::Import(kind)).0
}

/// Where a job is asked for once more.
fn origin(kind: Kind) -> String {
    match kind {
        Kind::Preview(kind) | Kind::Import(kind) => uploads::form(kind),
        Kind::Links => "/console/links/bulk".to_owned(),
        Kind::Sheet => "/console/links/sheet".to_owned(),
    }
}

/// How much of its step an open job has done.
fn percent(job: &Job) -> Option<u64> {
    let is_counted = job.state == Standing::Running && job.stand.total > 0;
    is_counted.then(|| (job.stand.done.saturating_mul(100) / job.stand.total).min(100))
}

#[derive(Template)]
#[template(path = "console/job.html", config = "frontend/askama.toml")]
struct JobPage {
    shell: Shell,
    state: Standing,
    state_word: String,
    started: bool,
    step: String,
    of: String,
    percent: Option<u64>,
    took: String,
    is_still: bool,
    is_late: bool,
    result: String,
    errors: Vec<String>,
    fault_files: bool,
    stopped: String,
    has_file: bool,
    can_look_again: bool,
    leave: String,
    kept: String,
    next: String,
    next_word: String,
}

impl JobPage {
    fn of(shell: Shell, kind: Kind, job: &Job, asked: &str) -> Result<Self> {
        let (lang, stand) = (shell.lang, job.stand);
        let is_preview = matches!(kind, Kind::Preview(_));
        let is_of_file = is_preview || matches!(kind, Kind::Import(_));
        let (done, total) = (lang.count(stand.done), lang.count(stand.total));
        let step = match stand.step {
            Step::Writing if is_preview => text(lang, "step-trying"),
            step => text(lang, &format!("step-{}", step.key())),
        };
        let is_counted = stand.total > 0;
        let places = [("step", step.as_str()), ("done", &done), ("total", &total)];
        let told = |key: &str| lang.with(&format!("jobs.{key}"), &places);
        let is_writing = stand.step == Step::Writing && stand.done > 0 && !is_preview;
        let stopped = if matches!(kind, Kind::Import(_)) { "stopped" } else { "stopped-codes" };
        let (next, next_word) = if is_preview {
            (origin(kind), lang.text("import.other-file"))
        } else if job.state == Standing::Done {
            // Codes made together are seen, and printed, together.
            let only = if kind == Kind::Links { format!("?job={}", job.id) } else { String::new() };
            (format!("{}{only}", place(kind).1), text(lang, &format!("next-{}", kind.key())))
        } else {
            (origin(kind), text(lang, "again"))
        };
        Ok(Self {
            state: job.state,
            state_word: state_word(lang, job),
            started: job.state == Standing::Running,
            of: if is_counted { told("of") } else { String::new() },
            percent: percent(job),
            took: took(lang, job),
            is_still: asked == STILL,
            is_late: asked == LATE,
            result: result(lang, job)?,
            errors: errors(lang, job).into_iter().take(FAULTS).collect(),
            fault_files: job.state == Standing::Failed && is_of_file,
            stopped: if is_counted && is_writing { told(stopped) } else { String::new() },
            has_file: job.file.is_some() && !is_preview,
            can_look_again: false,
            leave: text(lang, if is_preview { "leave-preview" } else { "leave" }),
            kept: kept(lang, kind, job),
            step,
            next,
            next_word,
            shell,
        })
    }

    fn t(&self, key: &str) -> String {
        text(self.shell.lang, key)
    }

    fn still(&self) -> String {
        format!("{}?{STILL}", self.shell.here)
    }
}

fn took(lang: Lang, job: &Job) -> String {
    let at = job.finished_at.map(|at| words::instant(lang, at)).unwrap_or_default();
    let key = if job.state.is_open() { "jobs.so-far" } else { "jobs.took" };
    time(lang, job).map_or_else(String::new, |time| lang.with(key, &[("time", &time), ("at", &at)]))
}

fn result(lang: Lang, job: &Job) -> Result<String> {
    let Some(report) = job.report.clone() else {
        return Ok(String::new());
    };
    Ok(match serde_json::from_value(report).map_err(Error::internal)? {
        Report::Preview(changes) => uploads::told(lang, "import.would", changes),
        Report::Import(changes) => uploads::told(lang, "import.applied", changes),
        Report::Links(made) => lang.with("jobs.links-made", &[("count", &count(lang, made))]),
        Report::Sheet(codes) => lang.with("jobs.drawn", &[("count", &count(lang, codes))]),
    })
}

fn errors(lang: Lang, job: &Job) -> Vec<String> {
    match job.state {
        Standing::Abandoned if job.error.is_empty() => vec![text(lang, "abandoned")],
        Standing::Cancelled if job.error == job.person => vec![text(lang, "cancelled")],
        Standing::Cancelled => vec![lang.with("jobs.cancelled-by", &[("login", &job.error)])],
        Standing::Failed | Standing::Abandoned => {
            // A fault of the whole file stands in no column.
            let line = |line: &str| line.strip_prefix("file: ").unwrap_or(line).to_owned();
            job.error.lines().map(line).collect()
        }
        Standing::Queued | Standing::Running | Standing::Done => Vec::new(),
    }
}

/// Until when the file can be had.
fn kept(lang: Lang, kind: Kind, job: &Job) -> String {
    let until = |at: NaiveDateTime| words::instant(lang, at + TimeDelta::hours(1));
    match (kind, job.finished_at.filter(|_| job.state == Standing::Done)) {
        (Kind::Sheet, Some(at)) if job.file.is_some() => lang.with("jobs.kept", &[("until", &until(at))]),
        (Kind::Sheet, Some(_)) => text(lang, "not-kept"),
        (Kind::Preview(_), Some(_)) => lang.text("import.expired"),
        _ => String::new(),
    }
}

fn known(id: &str) -> Result<Uuid> {
    Uuid::try_parse(id).map_err(|_| Error::NotFound(Message::new("jobs.not-found")))
}

/// GET /console/jobs/{id}; with `still` the page does not refresh itself.
///
/// # Errors
/// Not found, also for a job of somebody else; those of the database.
pub async fn show(
    state: web::Data<State>,
    actor: Actor,
    id: web::Path<String>,
    request: HttpRequest,
) -> Reply {
    let id = known(&id)?;
    let job = ask(&state, &actor, move |jobs, person| jobs.find(person, id)).await?;
    let kind = kind_of(&job)?;
    if let (Kind::Preview(kind), Standing::Done, Some(_)) = (kind, job.state, &job.file) {
        return uploads::show(&state, &actor, kind, id).await;
    }
    let can_look_again = match kind {
        Kind::Import(kind) if job.state == Standing::Failed || job.state == Standing::Cancelled => {
            let (person, hash) = (actor.person.clone(), job.subject.clone());
            state.block(move |db| preview::kept_since(db, &person, kind, &hash)).await?.is_some()
        }
        _ => false,
    };
    let title = text(actor.lang(), &format!("kind-{}", kind.key()));
    let shell = Shell::of(&actor, &state.catalogue.snapshot(), place(kind).0, title, address(id));
    let shown = JobPage::of(shell, kind, &job, request.query_string())?;
    let mut reply = page(&JobPage { can_look_again, ..shown })?;
    if job.state.is_open() && request.query_string() != STILL {
        let name = HeaderName::from_static("refresh");
        reply.headers_mut().insert(name, HeaderValue::from_static(REFRESH));
    }
    Ok(reply)
}

/// POST /console/jobs/{id}/cancellation: of a job that has ended by then, its page tells how.
///
/// # Errors
/// Forbidden for a form of another page; not found, also for a job of somebody else but for administrators;
/// those of the database.
pub async fn cancel(
    state: web::Data<State>,
    actor: Actor,
    id: web::Path<String>,
    request: HttpRequest,
    form: web::Form<Proof>,
) -> Reply {
    actor.check(request.headers(), &form.csrf)?;
    let id = known(&id)?;
    let outcome = ask(&state, &actor, move |jobs, person| {
        Ok((jobs.cancel(person, id)?, jobs.find(person, id).is_ok()))
    });
    Ok(see_other(&match outcome.await? {
        (true, true) => address(id),
        (false, true) => format!("{}?{LATE}", address(id)),
        // An administrator does not see what others do, only that they do.
        (_, false) => PATH.to_owned(),
    }))
}

/// POST /console/jobs/{id}/preview: finds once more what the file of an import would do that was not done.
///
/// # Errors
/// Forbidden for a form of another page; not found, also for a job of somebody else; conflict when the file is no
/// longer kept; those of [`launch`].
pub async fn look_again(
    state: web::Data<State>,
    actor: Actor,
    id: web::Path<String>,
    request: HttpRequest,
    form: web::Form<Proof>,
) -> Reply {
    actor.check(request.headers(), &form.csrf)?;
    let id = known(&id)?;
    let job = ask(&state, &actor, move |jobs, person| jobs.find(person, id)).await?;
    let Kind::Import(kind) = kind_of(&job)? else {
        return Err(Error::NotFound(Message::new("jobs.not-found")).into());
    };
    let person = actor.person.clone();
    let task = state.block(move |db| preview::again(db, &person, kind, &job.subject)).await?;
    launch(&state, &actor, task).await
}

/// GET /console/jobs/{id}/file
///
/// # Errors
/// Not found, also for a job of somebody else and when the file is no longer kept; those of the database.
pub async fn file(
    state: web::Data<State>,
    actor: Actor,
    id: web::Path<String>,
    request: HttpRequest,
) -> Reply {
    let id = known(&id)?;
    let file = ask(&state, &actor, move |jobs, person| jobs.file(person, Kind::Sheet, id)).await?;
    let mut reply = HttpResponse::Ok();
    reply
        .content_type("text/html; charset=utf-8")
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .insert_header((header::CONTENT_DISPOSITION, format!("attachment; filename=\"{}\"", file.name)));
    let accepted = request.headers().get(header::ACCEPT_ENCODING).and_then(|value| value.to_str().ok());
    if accepted.is_some_and(|accepted| accepted.contains("gzip")) {
        return Ok(reply.insert_header((header::CONTENT_ENCODING, "gzip")).body(file.packed));
    }
    let content = state.block(move |_| file.unpack()).await?;
    Ok(reply.body(content))
}
