//! One batch: its sheets are keyed in, a sample is keyed again, and it is closed.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, web};
use askama::Template;

use super::batches::{Line, error_rate};
use super::{Reply, Typed, here, labelled};
use crate::app::batches::{self, Sheet};
use crate::app::catalogue::Snapshot;
use crate::db;
use crate::db::conn::Conn;
use crate::domain::answer::{Outcome, Score, Scores};
use crate::domain::batch::{Batch, Check, State as Stage, differences};
use crate::domain::ids::BatchId;
use crate::domain::keyed;
use crate::domain::person;
use crate::domain::questionnaire::Question;
use crate::error::Result;
use crate::locale::Lang;
use crate::web::actor::Actor;
use crate::web::console::{FormFault, Shell, form_faults};
use crate::web::respond::{page_with, see_other};
use crate::web::state::State;

/// What the page needs from the database.
struct Found {
    batch: Batch,
    checks: Vec<Check>,
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
        Some(sheet) => {
            let scores = db::responses::scores(conn, batch.unit, batch.answer_id(sheet))?;
            scores.map(|scores| (sheet, scores))
        }
        None => None,
    };
    Ok(Found { batch, checks, shown })
}

/// A question on the sheet and what may be keyed for it.
struct Key {
    place: usize,
    label: String,
    ask: String,
    allowed: String,
}

/// An answer read back in words.
struct Said {
    label: String,
    sign: char,
    word: String,
}

/// A sheet read back.
struct ReadBack {
    lead: String,
    said: Vec<Said>,
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
    sample: String,
    differing: Vec<Differing>,
    error_rate: String,
}

impl Page {
    fn of(actor: &Actor, snapshot: &Snapshot, found: &Found, here: String, first: bool) -> Result<Self> {
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
        let sheets: Vec<String> = found.checks.iter().map(|check| check.sheet.to_string()).collect();
        Ok(Self {
            shell: Shell::of(actor, snapshot, "entry", title, here),
            faults: Vec::new(),
            typed: Typed::new(),
            line: Line::of(lang, snapshot, batch),
            remark: batch.remark.clone(),
            keys: keys(lang, &questions),
            example: questions.iter().map(|_| '5').collect(),
            read_back: found
                .shown
                .as_ref()
                .map(|(sheet, scores)| read_back(lang, &questions, (*sheet, scores), first)),
            next,
            progress: match batch.state {
                Stage::Open => format!("{} / {}", batch.keyed, batch.announced),
                _ => format!("{done} / {}", found.checks.len()),
            },
            is_complete: batch.is_complete(),
            sample: sheets.join(", "),
            differing: differing(lang, &questions, &found.checks),
            error_rate: error_rate(lang, batch),
        })
    }

    fn typed(&self, name: &str) -> &str {
        self.typed.get(name).map_or("", String::as_str)
    }
}

fn label(lang: Lang, question: &Question) -> String {
    question.text(lang).map_or_else(|| question.key.clone(), |text| text.label.clone())
}

fn keys(lang: Lang, questions: &[&Question]) -> Vec<Key> {
    let one = |(place, question): (usize, &&Question)| Key {
        place,
        label: label(lang, question),
        ask: question.text(lang).map_or_else(String::new, |text| text.ask.clone()),
        allowed: keyed::allowed(question),
    };
    (1..).zip(questions).map(one).collect()
}

/// The sign under which an answer is keyed.
fn sign(score: Option<Score>) -> char {
    match score.map(Score::form_value) {
        None => keyed::BLANK,
        Some("na") => '0',
        Some(digit) => digit.chars().next().unwrap_or(keyed::BLANK),
    }
}

fn word(lang: Lang, score: Option<Score>) -> String {
    match sign(score) {
        keyed::BLANK => lang.text("entry.batch.blank"),
        '0' => lang.text("survey.cell-na"),
        digit => lang.text(&format!("console.level.{digit}")),
    }
}

fn read_back(lang: Lang, questions: &[&Question], sheet: (i32, &Scores), first: bool) -> ReadBack {
    let (number, scores) = sheet;
    let lead = if first { "entry.batch.first-stands" } else { "entry.batch.stored" };
    let said = |question: &&Question| {
        let score = scores.get(&question.key).copied();
        Said { label: label(lang, question), sign: sign(score), word: word(lang, score) }
    };
    ReadBack {
        lead: lang.with(lead, &[("sheet", &number.to_string())]),
        said: questions.iter().map(said).collect(),
    }
}

fn differing(lang: Lang, questions: &[&Question], checks: &[Check]) -> Vec<Differing> {
    let mut rows = Vec::new();
    let said = |score| format!("{} · {}", sign(score), word(lang, score));
    for check in checks {
        let Some((first, second)) = &check.keyed else {
            continue;
        };
        rows.extend(differences(questions, first, second).into_iter().map(|one| Differing {
            sheet: check.sheet,
            question: format!("{}. {}", one.place, label(lang, one.question)),
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
    let sheet = asked.get("sheet").and_then(|text| text.parse().ok());
    let mut shown = load(&state, &actor, BatchId::from(*id), sheet, asked.contains_key("first")).await?;
    shown.shell.here = here(&request);
    page_with(StatusCode::OK, &shown)
}

async fn load(state: &State, actor: &Actor, id: BatchId, sheet: Option<i32>, first: bool) -> Result<Page> {
    let snapshot = state.catalogue.snapshot();
    let catalogue = snapshot.clone();
    let found = state.read(actor, move |conn, person| find(conn, &catalogue, person, id, sheet)).await?;
    Page::of(actor, &snapshot, &found, address(id), first)
}

fn address(id: BatchId) -> String {
    format!("/console/entry/batches/{id}")
}

/// The page with what was typed and what is wrong with it.
async fn again(state: &State, actor: &Actor, id: BatchId, typed: Typed, error: crate::error::Error) -> Reply {
    let lang = actor.lang();
    let faults = form_faults(lang, error)?;
    let mut shown = load(state, actor, id, None, false).await?;
    shown.faults = faults.into_iter().map(|fault| labelled(lang, fault)).collect();
    shown.typed = typed;
    page_with(StatusCode::UNPROCESSABLE_ENTITY, &shown)
}

fn sheet(typed: &Typed) -> Sheet {
    let text = |name: &str| typed.get(name).cloned().unwrap_or_default();
    Sheet {
        number: text("sheet").trim().parse().unwrap_or(0),
        answers: text("answers"),
        comment: text("comment"),
    }
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
    let (snapshot, sheet) = (state.catalogue.snapshot(), sheet(&typed));
    let number = sheet.number;
    let done =
        state.write(&actor, move |conn, person| batches::key_in(conn, &snapshot, person, id, &sheet)).await;
    match done {
        Ok(outcome) => {
            let first = if outcome == Outcome::FirstStands { "&first=1" } else { "" };
            Ok(see_other(&format!("{}?sheet={number}{first}", address(id))))
        }
        Err(error) => again(&state, &actor, id, typed, error).await,
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
    let (snapshot, sheet) = (state.catalogue.snapshot(), sheet(&typed));
    let done =
        state.write(&actor, move |conn, person| batches::check(conn, &snapshot, person, id, &sheet)).await;
    match done {
        Ok(()) => Ok(see_other(&address(id))),
        Err(error) => again(&state, &actor, id, typed, error).await,
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
        Err(error) => again(&state, &actor, id, typed, error).await,
    }
}
