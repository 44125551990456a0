//! Imports in the console: a file is previewed first, then exactly that file is applied.

use actix_multipart::form::bytes::Bytes;
use actix_multipart::form::text::Text;
use actix_multipart::form::{MultipartForm, MultipartFormConfig};
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, web};

use super::form::{FormPage, Inputs, Typed};
use super::{Action, Cell, Confirm, HOME, Page, Reply, Table, Words, shell, text};
use crate::app::catalogue::Snapshot;
use crate::app::import::preview::{self, Preview};
use crate::app::import::{Change, Changes, Kind};
use crate::domain::person::Permission;
use crate::error::{Error, Result};
use crate::locale::{Lang, Message};
use crate::web::actor::Actor;
use crate::web::console::FormFault;
use crate::web::respond::{Fault, page, page_with, see_other};
use crate::web::state::State;

const PATH: &str = "/console/catalogue/import";

/// Rows of a preview that are shown; the counts are of all.
const SHOWN: usize = 500;

/// What the form sends.
#[derive(MultipartForm)]
pub struct Upload {
    #[multipart(limit = "1KiB")]
    csrf: Text<String>,
    #[multipart(limit = "1KiB")]
    kind: Text<String>,
    file: Bytes,
}

/// How much is taken in; a longer file is refused before it is read.
pub fn limit() -> MultipartFormConfig {
    MultipartFormConfig::default()
        .total_limit(preview::MOST)
        .memory_limit(preview::MOST)
        .error_handler(|error, _| too_much(&error).into())
}

fn too_much(error: &actix_multipart::MultipartError) -> Fault {
    let most = preview::MOST / 1024 / 1024;
    let message = Message::new("catalogue.import.unreadable").with("most", most).with("found", error);
    Error::invalid("file", message).into()
}

/// GET /console/catalogue/import?kind=
///
/// # Errors
/// Not found for whoever does not keep the catalogue.
pub async fn form(state: web::Data<State>, actor: Actor, request: HttpRequest, asked: Words) -> Reply {
    let kind = asked.get("kind").cloned().unwrap_or_default();
    let page_of = form_page(&state.catalogue.snapshot(), &actor, &request, &kind)?;
    match counts(&asked) {
        None => page(&page_of),
        Some(changes) => {
            let lang = actor.lang();
            let lead = done(lang, changes);
            page(&FormPage { lead, ..page_of })
        }
    }
}

/// What the address says was applied.
fn counts(asked: &Words) -> Option<Changes> {
    let count = |name: &str| asked.get(name)?.parse().ok();
    Some(Changes { added: count("added")?, changed: count("changed")?, unchanged: count("unchanged")? })
}

fn done(lang: Lang, changes: Changes) -> String {
    lang.with(
        "catalogue.import.done",
        &numbers(changes).each_ref().map(|(name, count)| (*name, count.as_str())),
    )
}

fn numbers(changes: Changes) -> [(&'static str, String); 3] {
    [
        ("added", changes.added.to_string()),
        ("changed", changes.changed.to_string()),
        ("unchanged", changes.unchanged.to_string()),
    ]
}

fn form_page(snapshot: &Snapshot, actor: &Actor, request: &HttpRequest, kind: &str) -> Result<FormPage> {
    let lang = actor.lang();
    let typed = Typed::of([("kind", kind.to_owned())]);
    let kinds = Kind::ALL.map(|kind| {
        let columns = kind.required().join(", ");
        let word = text(lang, &format!("import.kind-{}", kind.key()));
        (kind.key().to_owned(), format!("{word}: {columns}"))
    });
    Ok(FormPage {
        shell: shell(actor, snapshot, text(lang, "part.import"), request)?,
        back: HOME.to_owned(),
        back_word: text(lang, "title"),
        lead: text(lang, "import.lead"),
        action: PATH.to_owned(),
        submit: text(lang, "import.preview"),
        inputs: Inputs::new(lang, &typed).select("kind", kinds.to_vec()).file("file").hint("file").done(),
        faults: Vec::new(),
        is_upload: true,
    })
}

/// POST /console/catalogue/import: what the file would do.
///
/// # Errors
/// Forbidden for a form of another page; not found for whoever does not keep the catalogue; those of the
/// database. Faults of the file are told above the form.
pub async fn show(
    state: web::Data<State>,
    actor: Actor,
    request: HttpRequest,
    upload: MultipartForm<Upload>,
) -> Reply {
    let Upload { csrf, kind, file } = upload.into_inner();
    actor.check(request.headers(), &csrf)?;
    let kind = known(&kind)?;
    let snapshot = state.catalogue.snapshot();
    let again = form_page(&snapshot, &actor, &request, kind.key())?;
    let person = actor.person.clone();
    let outcome = state.block(move |db| preview::preview(db, &person, kind, &file.data)).await;
    match outcome {
        Ok(preview) => page(&preview_page(&snapshot, &actor, &request, kind, preview)?),
        Err(Error::Invalid(faults)) => {
            // Columns of the file are named as the file names them.
            let told = faults.into_iter().map(|fault| FormFault {
                label: if fault.field == "file" { String::new() } else { fault.field },
                text: fault.message.text(actor.lang()),
                field: "file".to_owned(),
            });
            let faults = told.collect();
            page_with(StatusCode::UNPROCESSABLE_ENTITY, &FormPage { faults, ..again })
        }
        Err(error) => Err(error.into()),
    }
}

fn known(kind: &str) -> Result<Kind> {
    Kind::from_key(kind).ok_or_else(|| Error::NotFound(Message::new("error.page-not-found")))
}

fn preview_page(
    snapshot: &Snapshot,
    actor: &Actor,
    request: &HttpRequest,
    kind: Kind,
    preview: Preview,
) -> Result<Page> {
    let lang = actor.lang();
    let changes = preview.report.changes;
    let mut table = Table::new(lang, "preview", &["line", "effect", "name", "before"]);
    // What changes nothing is counted, not listed.
    let effects = preview.report.rows.into_iter().filter(|row| row.change != Change::Unchanged);
    table.rows = effects
        .take(SHOWN)
        .map(|row| {
            vec![
                Cell::text(row.line.to_string()),
                Cell::whole(text(lang, &format!("import.{}", row.change.key()))),
                Cell::text(row.what),
                Cell::text(row.before),
            ]
        })
        .collect();
    let title =
        format!("{}: {}", text(lang, "import.preview"), text(lang, &format!("import.kind-{}", kind.key())));
    let mut hidden = vec![("kind", kind.key().to_owned()), ("hash", preview.hash)];
    hidden.extend(numbers(changes));
    let confirm = Confirm {
        action: format!("{PATH}/application"),
        word: text(lang, "import.apply"),
        hidden,
        away: PATH.to_owned(),
    };
    let is_new = changes.added + changes.changed > 0;
    Ok(Page {
        back: Some((PATH.to_owned(), text(lang, "part.import"))),
        lead: lang.with(
            "catalogue.import.would",
            &numbers(changes).each_ref().map(|(name, count)| (*name, count.as_str())),
        ),
        notice: text(lang, if is_new { "import.not-yet" } else { "import.nothing" }),
        actions: Vec::<Action>::new(),
        tables: vec![table],
        confirm: is_new.then_some(confirm),
        ..Page::new(shell(actor, snapshot, title, request)?)
    })
}

/// What the preview sends on; a file that nobody previewed has no hash.
#[derive(Default, serde::Deserialize)]
#[serde(default)]
pub struct Application {
    csrf: String,
    kind: String,
    hash: String,
    added: usize,
    changed: usize,
    unchanged: usize,
}

/// POST /console/catalogue/import/application: applies the file that was previewed.
///
/// # Errors
/// Forbidden for a form of another page; not found for whoever does not keep the catalogue; conflict when
/// the file is no longer kept or would now do something else; those of the database.
pub async fn apply(
    state: web::Data<State>,
    actor: Actor,
    request: HttpRequest,
    form: web::Form<Application>,
) -> Reply {
    actor.person.require(Permission::ManageCatalogue)?;
    actor.check(request.headers(), &form.csrf)?;
    let (kind, person, hash) = (known(&form.kind)?, actor.person.clone(), form.hash.clone());
    let seen = Changes { added: form.added, changed: form.changed, unchanged: form.unchanged };
    let changes = state.block(move |db| preview::apply(db, &person, kind, &hash, seen)).await?;
    crate::web::console::links::refresh(&state).await?;
    let told: Vec<String> = numbers(changes).iter().map(|(name, count)| format!("{name}={count}")).collect();
    Ok(see_other(&format!("{PATH}?kind={}&{}", kind.key(), told.join("&"))))
}
