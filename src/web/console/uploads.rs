//! Files that are shown before they are applied: one flow for the catalogue and for what is entered.

pub mod guide;

use actix_multipart::MultipartError;
use actix_multipart::form::bytes::Bytes;
use actix_multipart::form::text::Text;
use actix_multipart::form::{MultipartForm, MultipartFormConfig};
use actix_web::error::PayloadError;
use actix_web::{HttpRequest, HttpResponse};
use uuid::Uuid;

use super::catalogue::{self, Confirm, Page, Reply};
use super::{FormFault, Shell, entry, jobs};
use crate::app::import::preview::{self, MOST, Seen};
use crate::app::import::{Changes, Kind};
use crate::app::jobs::{Kind as JobKind, Task};
use crate::error::{Error, Unread};
use crate::locale::{Lang, Message};
use crate::web::actor::Actor;
use crate::web::entrance::unreadable_upload;
use crate::web::respond::{Fault, page, see_other};
use crate::web::state::State;

/// What the form with a file sends.
#[derive(MultipartForm)]
pub struct Upload {
    #[multipart(limit = "1KiB")]
    csrf: Text<String>,
    #[multipart(limit = "1KiB")]
    kind: Option<Text<String>>,
    file: Bytes,
}

impl Upload {
    /// What the form says that the file holds, where it says so.
    pub fn kind(&self) -> &str {
        self.kind.as_ref().map_or("", |kind| kind.0.as_str())
    }
}

/// How much is taken in; a longer file is refused before it is read.
pub fn limit() -> MultipartFormConfig {
    MultipartFormConfig::default()
        .total_limit(MOST)
        .memory_limit(MOST)
        .error_handler(|error, _| Fault::from(unreadable(&error)).into())
}

/// Why a form with a file cannot be read.
fn unreadable(error: &MultipartError) -> Error {
    match error {
        MultipartError::Payload(PayloadError::Overflow) => {
            let message = Message::new("import.too-large").with("most", MOST / 1024 / 1024);
            Error::Unreadable(Unread::TooLarge, message)
        }
        other => unreadable_upload(other),
    }
}

/// What can be said about a file by the end of the request that brought it.
pub enum Looked {
    /// What it would do, or where that will stand.
    Shown(HttpResponse),
    /// What is wrong with it.
    Faulty(Faulty),
}

/// What is wrong with a file, the first faults of it, and where all of them are had as a file.
#[derive(Default)]
pub struct Faulty {
    /// Faults that are shown.
    pub told: Vec<FormFault>,
    /// Address of the file, without its format; none where there is nothing more to have.
    pub all: Option<String>,
    /// How many faults there are.
    pub count: usize,
}

impl Faulty {
    /// One fault of the whole file.
    fn of(text: String) -> Self {
        let fault = FormFault { label: String::new(), text, field: "file".to_owned() };
        Self { told: vec![fault], all: None, count: 1 }
    }
}

/// Starts the job that finds what a file would do, and keeps the file for an hour; what a small file would do
/// is shown at once, and otherwise the page of the job leads to it.
///
/// # Errors
/// Forbidden for a form of another page; not found for whoever may not import it; unavailable when too many
/// jobs wait; those of the import.
pub async fn look(
    state: &State,
    actor: &Actor,
    request: &HttpRequest,
    kind: Kind,
    upload: Upload,
) -> Result<Looked, Fault> {
    actor.check(request.headers(), &upload.csrf)?;
    let task = preview::task(&actor.person, kind, upload.file.data.to_vec())?;
    let (id, ended) = match jobs::begin(state, actor, task).await {
        // So many of one's jobs are open that this one was not taken: the form is shown again with the reason.
        Err(Error::Conflict(message)) => {
            return Ok(Looked::Faulty(Faulty::of(message.text(actor.lang()))));
        }
        begun => begun?,
    };
    match ended {
        Some(Ok(())) => show(state, actor, kind, id).await.map(Looked::Shown),
        None => Ok(Looked::Shown(see_other(&jobs::address(id)))),
        Some(Err(Error::Invalid(faults))) => {
            // Columns are named as the file names them; each fault leads to the one field of the form.
            let count = faults.len();
            let told = faults.into_iter().take(jobs::FAULTS).map(|fault| FormFault {
                label: if fault.field == "file" { String::new() } else { fault.field },
                text: fault.message.text(actor.lang()),
                field: "file".to_owned(),
            });
            let all = Some(format!("{}/faults", jobs::address(id)));
            Ok(Looked::Faulty(Faulty { told: told.collect(), all, count }))
        }
        Some(Err(error)) => Err(error.into()),
    }
}

/// What a job found that a file would do, as a page on which it is confirmed.
///
/// # Errors
/// Not found for whoever may not import it and after an hour; those of the database.
pub async fn show(state: &State, actor: &Actor, kind: Kind, id: Uuid) -> Reply {
    let preview = jobs::ask(state, actor, move |jobs, person| preview::found(jobs, person, kind, id)).await?;
    let (lang, snapshot, changes) = (actor.lang(), state.catalogue.snapshot(), preview.changes);
    let (title, table) = if Kind::ENTRY.contains(&kind) {
        entry::imports::previewed(lang, &snapshot, kind, &preview.lines)
    } else {
        catalogue::import::previewed(lang, kind, preview.lines)
    };
    let is_new = changes.added + changes.changed > 0;
    let hidden = [
        ("kind", kind.key().to_owned()),
        ("hash", preview.hash),
        ("preview", id.to_string()),
        ("digest", preview.digest),
    ];
    let confirm = Confirm {
        action: format!("{}/application", path(kind)),
        word: lang.text("import.apply"),
        hidden: hidden.map(|(name, value)| (name.to_owned(), value)).into(),
        away: form(kind),
    };
    let shell = Shell::of(actor, &snapshot, jobs::section(kind), title, jobs::address(id));
    page(&Page {
        back: Some((form(kind), lang.text("import.other-file"))),
        lead: told(lang, "import.would", changes),
        notice: lang.text(if is_new { "import.not-yet" } else { "import.nothing" }),
        tables: vec![table],
        confirm: is_new.then_some(confirm),
        ..Page::new(shell)
    })
}

/// Where files of a kind are sent.
pub fn path(kind: Kind) -> String {
    if Kind::ENTRY.contains(&kind) {
        format!("/console/entry/import/{}", kind.key())
    } else {
        "/console/catalogue/import".to_owned()
    }
}

/// Where a file of a kind is chosen.
pub fn form(kind: Kind) -> String {
    if Kind::ENTRY.contains(&kind) { path(kind) } else { format!("{}?kind={}", path(kind), kind.key()) }
}

/// A sentence with the numbers of lines in it.
pub fn told(lang: Lang, key: &str, changes: Changes) -> String {
    let count = |count: usize| lang.count(u64::try_from(count).unwrap_or(u64::MAX));
    let [added, changed, unchanged] = [changes.added, changes.changed, changes.unchanged].map(count);
    lang.with(key, &[("added", &added), ("changed", &changed), ("unchanged", &unchanged)])
}

/// What a preview sends on; a file that nobody previewed has no hash.
#[derive(Default, serde::Deserialize)]
#[serde(default)]
pub struct Application {
    csrf: String,
    /// What the file holds.
    pub kind: String,
    hash: String,
    /// The job that found what the file would do, and what that was.
    preview: String,
    digest: String,
}

/// Starts the job that applies a file which was previewed. The same form sent twice leads to the same job.
///
/// # Errors
/// Forbidden for a form of another page; not found for whoever may not import it; conflict when the file is
/// no longer kept; those of the database.
pub async fn apply(
    state: &State,
    actor: &Actor,
    request: &HttpRequest,
    kind: Kind,
    form: Application,
) -> Reply {
    actor.person.require(kind.permission())?;
    actor.check(request.headers(), &form.csrf)?;
    let (jobs, person, hash) = (state.jobs.clone(), actor.person.clone(), form.hash.clone());
    // Since when the file is kept, or else the job that applied it.
    let found = state.block(move |db| {
        if let Some(since) = preview::kept_since(db, &person, kind, &hash)? {
            return Ok(Ok(since));
        }
        let done = jobs.of_subject(&person, JobKind::Import(kind), &hash)?;
        done.map(|job| Err(job.id)).ok_or_else(preview::expired)
    });
    match found.await? {
        Err(id) => Ok(see_other(&jobs::address(id))),
        Ok(since) => {
            let seen = Seen { job: Uuid::try_parse(&form.preview).ok(), digest: form.digest };
            let task = preview::application(&actor.person, kind, form.hash, seen);
            jobs::launch(state, actor, Task { since, ..task }).await
        }
    }
}
