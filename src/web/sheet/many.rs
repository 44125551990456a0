//! Sheets of many codes: asked for by a form, drawn by a job.

use actix_web::{HttpRequest, web};
use chrono::Utc;

use super::{Format, Setting, SheetQuery, open_links, render};
use crate::app::catalogue::Snapshot;
use crate::app::jobs::{File, Kind, Outcome, Report, Task, Work};
use crate::app::links;
use crate::domain::day::Local;
use crate::domain::ids::LinkId;
use crate::domain::person::{Actor, Permission};
use crate::error::{Error, Result};
use crate::locale::Lang;
use crate::web::actor;
use crate::web::console::catalogue::Reply;
use crate::web::console::catalogue::form::{FormPage, Inputs, Typed};
use crate::web::console::{Shell, jobs};
use crate::web::respond::page;
use crate::web::state::State;

/// Where sheets are asked for.
const PATH: &str = "/console/links/sheet";

/// The form that asks for a sheet of many codes.
pub(super) fn ask(snapshot: &Snapshot, actor: &actor::Actor, query: &SheetQuery, codes: usize) -> Reply {
    let lang = actor.lang();
    let typed = Typed::of([
        ("format", query.format()?.key().to_owned()),
        ("unit", query.unit().unwrap_or_default().to_owned()),
    ]);
    let word = |format: Format| lang.text(&format!("print.format.{}", format.key()));
    let formats = Format::ALL.map(|format| (format.key().to_owned(), word(format)));
    let inputs = Inputs::new(lang, &typed).select("format", formats.to_vec());
    let inputs = inputs.called(lang.text("print.formats")).hidden("unit").done();
    let count = lang.count(u64::try_from(codes).map_err(Error::internal)?);
    page(&FormPage {
        shell: Shell::of(actor, snapshot, "links", lang.text("jobs.kind-sheet"), PATH.to_owned()),
        back: "/console/links".to_owned(),
        back_word: lang.text("print.back"),
        lead: lang.with("jobs.sheet-lead", &[("count", &count)]),
        action: PATH.to_owned(),
        submit: lang.text("jobs.sheet-make"),
        inputs,
        faults: Vec::new(),
        is_upload: false,
    })
}

/// POST /console/links/sheet: starts the job that draws the sheet.
///
/// # Errors
/// Forbidden for a form of another page; invalid for an unknown format; not found where there is no code to
/// print; those of the database.
pub async fn prepare(
    state: web::Data<State>,
    actor: actor::Actor,
    request: HttpRequest,
    body: web::Form<SheetQuery>,
) -> Reply {
    actor.check(request.headers(), body.csrf.as_deref().unwrap_or_default())?;
    let today = Local::at(Utc::now()).day;
    open_links(&state.catalogue.snapshot(), &actor.person, body.unit(), today)?;
    let task = task(&actor.person, actor.lang(), &state.config.public_url(), &body)?;
    jobs::launch(&state, &actor, task).await
}

/// A job that draws the codes that the actor may see, as a file of its own.
fn task(actor: &Actor, lang: Lang, public_url: &str, query: &SheetQuery) -> Result<Task> {
    let (actor, format, public_url) = (actor.clone(), query.format()?, public_url.to_owned());
    let unit = query.unit().map(str::to_owned);
    let subject = format!("{} {}", format.key(), unit.as_deref().unwrap_or_default());
    let work: Work = Box::new(move |context| {
        let today = Local::at(Utc::now()).day;
        let links = open_links(&context.snapshot, &actor, unit.as_deref(), today)?;
        let setting =
            Setting { format, public_url: &public_url, lang, today, unit: unit.as_deref(), is_file: true };
        let sheet = render(&context.snapshot, &links, &setting, context.progress)?;
        let file = File::pack(format!("ma-qr-{}-{today}.html", format.key()), sheet.as_bytes())?;
        let ids: Vec<LinkId> = links.iter().map(|link| link.id).collect();
        let notes = if actor.may(Permission::ManageLinks) { ids.clone() } else { Vec::new() };
        Ok(Box::new(move |conn, progress| {
            links::printed(conn, &actor, &notes, progress)?;
            Ok(Outcome { report: Report::Sheet(ids.len()), file: Some(file) })
        }))
    });
    Ok(Task::new(Kind::Sheet, subject, work))
}
