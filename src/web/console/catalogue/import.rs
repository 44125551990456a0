//! Imports into the catalogue: the form, and what a file would change.

use actix_multipart::form::MultipartForm;
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, web};

use super::{Cell, HOME, Reply, Table, Words, shell, text};
use crate::app::catalogue::Snapshot;
use crate::app::import::preview::Lines;
use crate::app::import::{Difference, Done, Hanging, Kind, shown};
use crate::domain::person::Permission;
use crate::error::{Error, Result};
use crate::locale::{Lang, Message};
use crate::web::actor::Actor;
use crate::web::console::uploads::guide::{self, Guide, UploadPage};
use crate::web::console::uploads::{self, Application, Looked, Upload};
use crate::web::respond::{page, page_with};
use crate::web::state::State;

const PATH: &str = "/console/catalogue/import";

/// GET /console/catalogue/import?kind=
///
/// # Errors
/// Not found for whoever does not keep the catalogue.
pub async fn form(state: web::Data<State>, actor: Actor, request: HttpRequest, asked: Words) -> Reply {
    let kind = asked.get("kind").cloned().unwrap_or_default();
    page(&form_page(&state.catalogue.snapshot(), &actor, &request, &kind)?)
}

fn form_page(snapshot: &Snapshot, actor: &Actor, request: &HttpRequest, kind: &str) -> Result<UploadPage> {
    let lang = actor.lang();
    let guide = |one: Kind| Guide::of(lang, snapshot, one, one.key() == kind);
    Ok(UploadPage {
        shell: shell(actor, snapshot, text(lang, "part.import"), request)?,
        back: HOME.to_owned(),
        back_word: text(lang, "title"),
        lead: text(lang, "import.lead"),
        address: PATH.to_owned(),
        hint: guide::hint(lang, &Kind::CATALOGUE),
        faults: Vec::new(),
        all_faults: None,
        guides: Kind::CATALOGUE.map(guide).into(),
    })
}

/// GET /console/catalogue/import/template/{kind}.{format}
///
/// # Errors
/// Not found for whoever does not keep the catalogue, and for another kind or format.
pub async fn template(state: web::Data<State>, actor: Actor, of: web::Path<(String, String)>) -> Reply {
    let (kind, format) = of.into_inner();
    let kind = known(&actor, &kind)?;
    Ok(guide::file(actor.lang(), &state.catalogue.snapshot(), kind, &format).await?)
}

/// POST /console/catalogue/import: what the file would do, or the page of the job that finds it.
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
    let upload = upload.into_inner();
    let kind = known(&actor, upload.kind())?;
    match uploads::look(&state, &actor, &request, kind, upload).await? {
        Looked::Shown(reply) => Ok(reply),
        Looked::Faulty(faulty) => {
            let again = form_page(&state.catalogue.snapshot(), &actor, &request, kind.key())?;
            page_with(StatusCode::UNPROCESSABLE_ENTITY, &again.again(faulty))
        }
    }
}

/// The title of a preview, and what would become of the rows.
pub fn previewed(lang: Lang, kind: Kind, lines: Lines) -> (String, Table) {
    let title = [text(lang, "import.preview"), text(lang, &format!("import.kind-{}", kind.key()))].join(": ");
    let rows = match lines {
        Lines::Rows(rows) => rows,
        Lines::Answers(_) | Lines::Dossiers(_) => Vec::new(),
    };
    (title, table(lang, kind, rows))
}

/// What becomes of each column that changes; of something new, what stands in it.
fn columns(lang: Lang, kind: Kind, row: &Done) -> String {
    let told = |one: &Difference| {
        let title = lang.text(&format!("import.column.{}.{}", kind.key(), one.column));
        if row.is_known {
            format!("{title}: {} → {}", shown(&one.before), shown(&one.after))
        } else {
            format!("{title}: {}", one.after)
        }
    };
    // The name of something new stands beside.
    let is_told = |one: &&Difference| row.is_known || !["code", "name"].contains(&one.column.as_str());
    row.differences.iter().filter(is_told).map(told).collect::<Vec<_>>().join("; ")
}

/// What ends, and what hangs on it.
fn follows(lang: Lang, row: &Done) -> String {
    let Some(day) = row.ends else {
        return String::new();
    };
    let ends = lang.with("catalogue.import.ends", &[("day", &lang.date(day))]);
    let Some(Hanging { counters, links, people, answers }) = row.hanging else {
        return ends;
    };
    let count = |count: usize| lang.count(u64::try_from(count).unwrap_or(u64::MAX));
    let parts = [
        ("counters", count(counters)),
        ("links", count(links)),
        ("people", count(people)),
        ("answers-since", lang.count(answers)),
    ];
    let parts = parts.map(|(part, count)| format!("{}: {count}", text(lang, &format!("follows.{part}"))));
    std::iter::once(ends).chain(parts).collect::<Vec<_>>().join("; ")
}

/// What changes nothing is counted, not listed.
fn table(lang: Lang, kind: Kind, rows: Vec<Done>) -> Table {
    let mut table = Table::new(lang, "preview", &["line", "effect", "name", "columns", "follows"]);
    let cells = rows.into_iter().map(|row| {
        vec![
            Cell::text(row.line.to_string()),
            Cell::whole(text(lang, &format!("import.{}", row.change.key()))),
            Cell::text(&*row.what),
            Cell::text(columns(lang, kind, &row)),
            Cell::text(follows(lang, &row)),
        ]
    });
    table.rows = cells.collect();
    table
}

fn known(actor: &Actor, kind: &str) -> Result<Kind> {
    actor.person.require(Permission::ManageCatalogue)?;
    Kind::from_key(kind)
        .filter(|kind| Kind::CATALOGUE.contains(kind))
        .ok_or_else(|| Error::NotFound(Message::new("error.page-not-found")))
}

/// POST /console/catalogue/import/application: starts to apply the file that was previewed.
///
/// # Errors
/// Those of [`uploads::apply`].
pub async fn apply(
    state: web::Data<State>,
    actor: Actor,
    request: HttpRequest,
    form: web::Form<Application>,
) -> Reply {
    let kind = known(&actor, &form.kind)?;
    uploads::apply(&state, &actor, &request, kind, form.into_inner()).await
}
