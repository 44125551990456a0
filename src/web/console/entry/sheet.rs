//! One sheet of an open batch: shown, corrected, struck out; and the list of those that were keyed.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, web};
use askama::Template;

use super::batch::{address as batch_address, typed_sheet};
use super::batches::Line;
use super::keying::{self, Key, Said};
use super::{Reply, Typed, here, labelled};
use crate::app::batches;
use crate::app::catalogue::Snapshot;
use crate::domain::batch::{Batch, KeyedSheet};
use crate::domain::ids::BatchId;
use crate::domain::questionnaire::Question;
use crate::error::Result;
use crate::locale::Lang;
use crate::web::actor::Actor;
use crate::web::console::listing::{Cell, Head, Listing, Rank, Table};
use crate::web::console::{FormFault, Shell, form_faults, has_focus};
use crate::web::respond::{page, page_with, see_other};
use crate::web::state::State;

/// Address of the page of a sheet.
pub fn address(batch: BatchId, number: i32) -> String {
    format!("{}/sheets/{number}", batch_address(batch))
}

/// The sheets of a batch that can be opened, the last one first; the address may ask for one by its number.
pub fn table(
    lang: Lang,
    questions: &[&Question],
    (batch, sheets): (BatchId, &[KeyedSheet]),
    listing: &Listing<'_>,
) -> Table {
    let word = |key: &str| lang.text(&format!("entry.sheet.{key}"));
    let asked = listing.word("number");
    let row = |sheet: &KeyedSheet| {
        let number = u64::try_from(sheet.number).unwrap_or_default();
        let (state, state_word) = if sheet.is_struck { ("revoked", "struck") } else { ("open", "stands") };
        vec![
            Cell::link(sheet.number.to_string(), address(batch, sheet.number)).ranked(Rank::Count(number)),
            Cell::whole(batches::digits(questions, &sheet.scores)),
            Cell::text(if sheet.comment.is_empty() { "–".to_owned() } else { word("has-comment") }),
            Cell::state(state, word(state_word)),
        ]
    };
    let is_asked = |sheet: &&KeyedSheet| asked.is_empty() || sheet.number.to_string() == asked;
    let empty = if sheets.is_empty() { "empty" } else { "no-match" };
    Table {
        id: "sheets",
        title: word("list"),
        class: "sheets",
        caption: word("caption"),
        heads: ["number", "digits", "comment", "state"].map(|key| Head::of(key, word(key))).into(),
        rows: sheets.iter().rev().filter(is_asked).map(row).collect(),
        empty: word(empty),
        ..Table::default()
    }
}

#[derive(Template)]
#[template(path = "console/entry/sheet.html", config = "frontend/askama.toml")]
struct Page {
    shell: Shell,
    faults: Vec<FormFault>,
    line: Line,
    back_word: String,
    address: String,
    is_struck: bool,
    /// The state in which the page shows it.
    seen: String,
    said: Vec<Said>,
    keys: Vec<Key>,
    example: String,
    answers: String,
    comment: String,
}

impl Page {
    fn of(actor: &Actor, snapshot: &Snapshot, batch: &Batch, sheet: &KeyedSheet) -> Result<Self> {
        let lang = actor.lang();
        let questions = batches::questions(snapshot, batch)?;
        let number = sheet.number.to_string();
        let title = lang.with("entry.sheet.title", &[("sheet", &number), ("name", &batch.name())]);
        let address = address(batch.id, sheet.number);
        Ok(Self {
            shell: Shell::of(actor, snapshot, "entry", title, address.clone()),
            faults: Vec::new(),
            line: Line::of(lang, snapshot, batch),
            back_word: lang.with("entry.batch.title", &[("name", &batch.name())]),
            address,
            is_struck: sheet.is_struck,
            seen: batches::fingerprint(sheet),
            said: keying::said(lang, &questions, &sheet.scores),
            keys: keying::keys(lang, &questions),
            example: keying::example(&questions),
            answers: batches::digits(&questions, &sheet.scores),
            comment: sheet.comment.clone(),
        })
    }

    fn has_focus(&self, field: &str) -> bool {
        has_focus(&self.faults, field, &["answers", "comment"])
    }
}

async fn load(state: &State, actor: &Actor, id: BatchId, number: i32) -> Result<Page> {
    let snapshot = state.catalogue.snapshot();
    let catalogue = snapshot.clone();
    let found = state.read(actor, move |conn, person| {
        let batch = batches::find(conn, &catalogue, person, id)?;
        let sheet = batches::kept(conn, &batch, number)?;
        Ok((batch, sheet))
    });
    let (batch, sheet) = found.await?;
    Page::of(actor, &snapshot, &batch, &sheet)
}

/// GET /console/entry/batches/{id}/sheets/{number}
///
/// # Errors
/// Not found, also for a batch out of reach and a number that was not keyed; conflict once the sheet is an
/// answer; those of the database.
pub async fn show(
    state: web::Data<State>,
    actor: Actor,
    request: HttpRequest,
    path: web::Path<(i64, i32)>,
) -> Reply {
    let mut shown = load(&state, &actor, path.0.into(), path.1).await?;
    shown.shell.here = here(&request);
    page(&shown)
}

/// POST /console/entry/batches/{id}/sheets/{number}: other answers.
///
/// # Errors
/// Forbidden for a form of another page; those of [`show`]. A wrong sheet shows the page again.
pub async fn correct(
    state: web::Data<State>,
    actor: Actor,
    request: HttpRequest,
    path: web::Path<(i64, i32)>,
    form: web::Form<Typed>,
) -> Reply {
    let typed = actor.accept(&request, form)?;
    let (id, number) = (BatchId::from(path.0), path.1);
    let (snapshot, sheet, seen) = (state.catalogue.snapshot(), typed_sheet(&typed, number), seen(&typed));
    let done = state
        .write(&actor, move |conn, person| batches::correct(conn, &snapshot, person, id, (&sheet, &seen)));
    let Err(error) = done.await else {
        return Ok(see_other(&format!("{}?sheet={number}", batch_address(id))));
    };
    let lang = actor.lang();
    let faults = form_faults(lang, error)?;
    let shown = load(&state, &actor, id, number).await?;
    let again = Page {
        faults: faults.into_iter().map(|fault| labelled(lang, fault)).collect(),
        answers: keying::again(&typed, shown.keys.len()),
        comment: typed.get("comment").cloned().unwrap_or_default(),
        ..shown
    };
    page_with(StatusCode::UNPROCESSABLE_ENTITY, &again)
}

/// POST /console/entry/batches/{id}/sheets/{number}/striking
///
/// # Errors
/// Forbidden for a form of another page; conflict when the sheet is struck out already, and when somebody
/// changed it meanwhile; those of [`show`].
pub async fn strike(
    state: web::Data<State>,
    actor: Actor,
    request: HttpRequest,
    path: web::Path<(i64, i32)>,
    form: web::Form<Typed>,
) -> Reply {
    let typed = actor.accept(&request, form)?;
    let (id, number) = (BatchId::from(path.0), path.1);
    let (snapshot, seen) = (state.catalogue.snapshot(), seen(&typed));
    let done = state
        .write(&actor, move |conn, person| batches::strike(conn, &snapshot, person, id, (number, &seen)));
    done.await?;
    Ok(see_other(&batch_address(id)))
}

/// The state of the sheet on the page that was sent.
fn seen(typed: &Typed) -> String {
    typed.get("seen").cloned().unwrap_or_default()
}
