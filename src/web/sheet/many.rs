//! Sheets of many codes: asked for by a form, drawn by a job.

use std::collections::HashMap;

use actix_web::{HttpRequest, web};
use chrono::Utc;
use sha2::{Digest, Sha256};

use super::asked::Asked;
use super::{Format, Setting, render};
use crate::app::catalogue::Snapshot;
use crate::app::jobs::{File, Kind, Outcome, Report, Task, Work};
use crate::app::links;
use crate::domain::day::Local;
use crate::domain::hex::hex;
use crate::domain::ids::LinkId;
use crate::domain::link::Link;
use crate::domain::person::{Actor, Permission};
use crate::error::Error;
use crate::locale::Lang;
use crate::web::actor::{self, Words, submission};
use crate::web::console::catalogue::Reply;
use crate::web::console::catalogue::form::{FormPage, Inputs, Typed};
use crate::web::console::{Shell, jobs};
use crate::web::respond::page;
use crate::web::state::State;

/// Where sheets are asked for.
const PATH: &str = "/console/links/sheet";

/// The form that asks for a sheet of many codes.
pub(super) fn ask(snapshot: &Snapshot, actor: &actor::Actor, asked: &Asked, codes: usize) -> Reply {
    let (lang, kept) = (actor.lang(), asked.kept());
    let mut typed = vec![("format".to_owned(), asked.format.key().to_owned())];
    typed.extend(kept.iter().map(|(name, value)| ((*name).to_owned(), value.clone())));
    let typed = Typed::from(typed);
    let word = |format: Format| lang.text(&format!("print.format.{}", format.key()));
    let formats = Format::ALL.map(|format| (format.key().to_owned(), word(format)));
    let mut inputs = Inputs::new(lang, &typed).select("format", formats.to_vec());
    inputs = inputs.called(lang.text("print.formats"));
    for (name, _) in &kept {
        inputs = inputs.hidden(name);
    }
    let count = lang.count(u64::try_from(codes).map_err(Error::internal)?);
    page(&FormPage {
        shell: Shell::of(actor, snapshot, "links", lang.text("jobs.kind-sheet"), PATH.to_owned()),
        back: "/console/links".to_owned(),
        back_word: lang.text("print.back"),
        lead: lang.with("jobs.sheet-lead", &[("count", &count)]),
        action: PATH.to_owned(),
        submit: lang.text("jobs.sheet-make"),
        inputs: inputs.done(),
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
    body: web::Form<Words>,
) -> Reply {
    let form = actor.accept(&request, body)?;
    let (asked, snapshot) = (Asked::of(&form)?, state.catalogue.snapshot());
    let today = Local::at(Utc::now()).day;
    let links = asked.links(&state, &actor, &snapshot, today).await?;
    let ids = links.iter().map(|link| link.id).collect();
    let task = task(&actor.person, actor.lang(), state.config.public_url(), (asked.format, ids));
    jobs::launch(&state, &actor, task.sent_by(submission(&request, &form))).await
}

/// A job that draws codes, as far as they are still there to print, as a file of its own.
fn task(actor: &Actor, lang: Lang, public_url: String, (format, ids): (Format, Vec<LinkId>)) -> Task {
    let actor = actor.clone();
    let subject = format!("{} {}", format.key(), hex(&Sha256::digest(format!("{ids:?}"))));
    let work: Work = Box::new(move |context| {
        let today = Local::at(Utc::now()).day;
        let by_id: HashMap<LinkId, &Link> =
            context.snapshot.links.values().map(|link| (link.id, link)).collect();
        let is_there = |link: &&Link| !link.revoked && link.valid_to.is_none_or(|end| end > today);
        let links: Vec<&Link> = ids.iter().filter_map(|id| by_id.get(id).copied()).filter(is_there).collect();
        let setting = Setting { format, public_url: &public_url, lang, today, kept: "", is_file: true };
        let sheet = render(&context.snapshot, &links, &setting, context.progress)?;
        let file = File::pack(format!("ma-qr-{}-{today}.html", format.key()), sheet.as_bytes())?;
        let ids: Vec<LinkId> = links.iter().map(|link| link.id).collect();
        let notes = if actor.may(Permission::ManageLinks) { ids.clone() } else { Vec::new() };
        Ok(Box::new(move |conn, progress| {
            links::printed(conn, &actor, &notes, progress)?;
            Ok(Outcome { report: Report::Sheet(ids.len()), file: Some(file) })
        }))
    });
    Task::new(Kind::Sheet, subject, work)
}
