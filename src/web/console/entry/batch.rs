//! One batch: its sheets are keyed in and listed, a sample is keyed again, and it is closed.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, web};
use askama::Template;

use super::batches::{Line, error_rate};
use super::keying::{self, Key, Said};
use super::{Reply, Typed, here, labelled, sheet};
use crate::app::batches::{self, Sheet};
use crate::app::catalogue::Snapshot;
use crate::db::conn::Conn;
use crate::domain::answer::{Outcome, Scores};
use crate::domain::batch::{Batch, Check, KeyedSheet, State as Stage, differences};
use crate::domain::ids::BatchId;
use crate::domain::keyed;
use crate::domain::person;
use crate::domain::questionnaire::Question;
use crate::error::{Error, Result};
use crate::locale::Lang;
use crate::web::actor::Actor;
use crate::web::console::listing::{Listing, Table};
use crate::web::console::{FormFault, Shell, form_faults, has_focus};
use crate::web::respond::{page_with, see_other};
use crate::web::state::State;

/// What the page needs from the database.
struct Found {
    batch: Batch,
    checks: Vec<Check>,
    /// Sheets that can still be corrected, and any that were struck out.
    kept: Vec<KeyedSheet>,
    shown: Option<(i32, Scores)>,
}

fn find(
    conn: &mut Conn,
    snapshot: &Snapshot,
    actor: &person::Actor,
    id: BatchId,
    sheet: Option<i32>,
) -> Result<Found> {
    let batch = batches::find(conn, snapshot, actor, id)?;
    let checks = batches::checks(conn, &batch)?;
    let shown = match sheet.filter(|_| batch.state == Stage::Open) {
        Some(sheet) => batches::scores_of(conn, snapshot, &batch, sheet)?.map(|scores| (sheet, scores)),
        None => None,
    };
    let kept = batches::kept_all(conn, &batch)?;
    Ok(Found { batch, checks, kept, shown })
}

/// A sheet read back.
struct ReadBack {
    lead: String,
    said: Vec<Said>,
    /// Where the sheet can be corrected; none for one that is an answer already.
    address: Option<String>,
}

/// An answer that was keyed in two ways.
struct Differing {
    sheet: i32,
    question: String,
    first: String,
    second: String,
}

#[derive(Template)]
#[template(path = "console/entry/batch.html", config = "frontend/askama.toml")]
struct Page {
    shell: Shell,
    faults: Vec<FormFault>,
    typed: Typed,
    line: Line,
    remark: String,
    keys: Vec<Key>,
    example: String,
    read_back: Option<ReadBack>,
    /// The sheet that is keyed next; none when the sample is in, or the batch closed.
    next: Option<i32>,
    progress: String,
    is_complete: bool,
    /// Whether no sheet stands.
    is_empty: bool,
    /// Numbers of the sheets that were struck out; empty for none.
    struck: String,
    sheets: Table,
    searched: String,
    sample: String,
    differing: Vec<Differing>,
    error_rate: String,
}

impl Page {
    fn of(
        actor: &Actor,
        snapshot: &Snapshot,
        found: &Found,
        (listing, here, first): (&Listing<'_>, String, bool),
    ) -> Result<Self> {
        let (lang, batch) = (actor.lang(), &found.batch);
        let questions = batches::questions(snapshot, batch)?;
        let title = lang.with("entry.batch.title", &[("name", &batch.name())]);
        let waiting = found.checks.iter().find(|check| check.keyed.is_none());
        let next = match batch.state {
            Stage::Open => Some(batch.keyed.saturating_add(1)),
            Stage::Checking => waiting.map(|check| check.sheet),
            Stage::Closed => None,
        };
        let done = found.checks.iter().filter(|check| check.keyed.is_some()).count();
        let mut sheets = [sheet::table(lang, &questions, (batch.id, &found.kept), listing)];
        listing.lay_out(&mut sheets);
        let [sheets] = sheets;
        let struck = found.kept.iter().filter(|sheet| sheet.is_struck).map(|sheet| sheet.number);
        Ok(Self {
            shell: Shell::of(actor, snapshot, "entry", title, here),
            faults: Vec::new(),
            typed: Typed::new(),
            line: Line::of(lang, snapshot, batch),
            remark: batch.remark.clone(),
            keys: keying::keys(lang, &questions),
            example: keying::example(&questions),
            read_back: found
                .shown
                .as_ref()
                .map(|(number, scores)| read_back(lang, &questions, found, (*number, scores), first)),
            next,
            progress: match batch.state {
                Stage::Open => format!("{} / {}", batch.standing(), batch.announced),
                _ => format!("{done} / {}", found.checks.len()),
            },
            is_complete: batch.is_complete(),
            is_empty: batch.standing() == 0,
            struck: numbers(struck),
            sheets: Table { exports: Vec::new(), ..sheets },
            searched: listing.word("number").to_owned(),
            sample: numbers(found.checks.iter().map(|check| check.sheet)),
            differing: differing(lang, &questions, &found.checks),
            error_rate: error_rate(lang, batch),
        })
    }

    fn has_focus(&self, field: &str) -> bool {
        has_focus(&self.faults, field, &["answers", "comment", "remark"])
    }

    fn typed(&self, name: &str) -> &str {
        self.typed.get(name).map_or("", String::as_str)
    }
}

/// `2, 7, 31`
fn numbers(sheets: impl Iterator<Item = i32>) -> String {
    sheets.map(|number| number.to_string()).collect::<Vec<_>>().join(", ")
}

fn read_back(
    lang: Lang,
    questions: &[&Question],
    found: &Found,
    (number, scores): (i32, &Scores),
    first: bool,
) -> ReadBack {
    let lead = if first { "entry.batch.first-stands" } else { "entry.batch.stored" };
    let is_kept = found.kept.iter().any(|sheet| sheet.number == number);
    ReadBack {
        lead: lang.with(lead, &[("sheet", &number.to_string())]),
        said: keying::said(lang, questions, scores),
        address: is_kept.then(|| sheet::address(found.batch.id, number)),
    }
}

fn differing(lang: Lang, questions: &[&Question], checks: &[Check]) -> Vec<Differing> {
    let mut rows = Vec::new();
    let said = |score| format!("{} · {}", keyed::sign(score), keying::word(lang, score));
    for check in checks {
        let Some((first, second)) = &check.keyed else {
            continue;
        };
        rows.extend(differences(questions, first, second).into_iter().map(|one| Differing {
            sheet: check.sheet,
            question: format!("{}. {}", one.place, keying::label(lang, one.question)),
            first: said(one.first),
            second: said(one.second),
        }));
    }
    rows
}

/// GET /console/entry/batches/{id}
///
/// # Errors
/// Not found, also for a batch out of reach; those of the database.
pub async fn show(
    state: web::Data<State>,
    actor: Actor,
    request: HttpRequest,
    id: web::Path<i64>,
    asked: web::Query<Typed>,
) -> Reply {
    let mut shown = load(&state, &actor, BatchId::from(*id), (&request, &asked)).await?;
    shown.shell.here = here(&request);
    page_with(StatusCode::OK, &shown)
}

async fn load(
    state: &State,
    actor: &Actor,
    id: BatchId,
    (request, asked): (&HttpRequest, &Typed),
) -> Result<Page> {
    let snapshot = state.catalogue.snapshot();
    let (catalogue, sheet) = (snapshot.clone(), asked.get("sheet").and_then(|text| text.parse().ok()));
    let found = state.read(actor, move |conn, person| find(conn, &catalogue, person, id, sheet)).await?;
    let path = address(id);
    let listing = Listing::of(actor.lang(), &path, request, asked);
    Page::of(actor, &snapshot, &found, (&listing, path.clone(), asked.contains_key("first")))
}

/// Address of the page of a batch.
pub(super) fn address(id: BatchId) -> String {
    format!("/console/entry/batches/{id}")
}

/// The page with what was typed and what is wrong with it.
async fn again(
    state: &State,
    actor: &Actor,
    (request, id): (&HttpRequest, BatchId),
    typed: Typed,
    error: Error,
) -> Reply {
    let lang = actor.lang();
    let faults = form_faults(lang, error)?;
    let mut shown = load(state, actor, id, (request, &Typed::new())).await?;
    shown.faults = faults.into_iter().map(|fault| labelled(lang, fault)).collect();
    let answers = keying::again(&typed, shown.keys.len());
    shown.typed = typed;
    shown.typed.insert("answers".to_owned(), answers);
    page_with(StatusCode::UNPROCESSABLE_ENTITY, &shown)
}

/// The sheet of a number as it was typed.
pub(super) fn typed_sheet(typed: &Typed, number: i32) -> Sheet {
    let text = |name: &str| typed.get(name).cloned().unwrap_or_default();
    Sheet { number, answers: text("answers"), shown: text("shown"), comment: text("comment") }
}

/// The number of the sheet that a form is about; zero, which no sheet has, where it says none.
fn number_of(typed: &Typed) -> i32 {
    typed.get("sheet").and_then(|text| text.trim().parse().ok()).unwrap_or(0)
}

/// POST /console/entry/batches/{id}/sheets
///
/// # Errors
/// Forbidden, not found; conflict when the batch takes no more sheets. A wrong sheet shows the page again.
pub async fn key_in(
    state: web::Data<State>,
    actor: Actor,
    request: HttpRequest,
    id: web::Path<i64>,
    form: web::Form<Typed>,
) -> Reply {
    let (typed, id) = (actor.accept(&request, form)?, BatchId::from(*id));
    let number = number_of(&typed);
    let (snapshot, sheet) = (state.catalogue.snapshot(), typed_sheet(&typed, number));
    let done =
        state.write(&actor, move |conn, person| batches::key_in(conn, &snapshot, person, id, &sheet)).await;
    match done {
        Ok(outcome) => {
            let first = if outcome == Outcome::FirstStands { "&first=1" } else { "" };
            Ok(see_other(&format!("{}?sheet={number}{first}", address(id))))
        }
        Err(error) => again(&state, &actor, (&request, id), typed, error).await,
    }
}

/// POST /console/entry/batches/{id}/checks
///
/// # Errors
/// Forbidden, not found; conflict when the sheet was keyed a second time before. A wrong sheet shows the
/// page again.
pub async fn check(
    state: web::Data<State>,
    actor: Actor,
    request: HttpRequest,
    id: web::Path<i64>,
    form: web::Form<Typed>,
) -> Reply {
    let (typed, id) = (actor.accept(&request, form)?, BatchId::from(*id));
    let (snapshot, sheet) = (state.catalogue.snapshot(), typed_sheet(&typed, number_of(&typed)));
    let done =
        state.write(&actor, move |conn, person| batches::check(conn, &snapshot, person, id, &sheet)).await;
    match done {
        Ok(()) => Ok(see_other(&address(id))),
        Err(error) => again(&state, &actor, (&request, id), typed, error).await,
    }
}

/// POST /console/entry/batches/{id}/closure
///
/// # Errors
/// Forbidden, not found; conflict while sheets of the sample are missing. A missing remark shows the page
/// again.
pub async fn close(
    state: web::Data<State>,
    actor: Actor,
    request: HttpRequest,
    id: web::Path<i64>,
    form: web::Form<Typed>,
) -> Reply {
    let (typed, id) = (actor.accept(&request, form)?, BatchId::from(*id));
    let snapshot = state.catalogue.snapshot();
    let remark = typed.get("remark").cloned().unwrap_or_default();
    let done =
        state.write(&actor, move |conn, person| batches::close(conn, &snapshot, person, id, &remark)).await;
    match done {
        Ok(()) => Ok(see_other(&address(id))),
        Err(error) => again(&state, &actor, (&request, id), typed, error).await,
    }
}
