//! One comment: what it says, where it comes from, and the forms of its next steps.

use std::collections::HashMap;

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use chrono::NaiveDate;
use uuid::Uuid;

use super::choices::{self, Choice};
use super::comment_filters::CommentFilters;
use super::comments::{Line, level_word};
use super::session::Proof;
use super::{FormFault, Shell, form_faults};
use crate::app::catalogue::Snapshot;
use crate::app::comments::{self, Detail, Draft, Seen};
use crate::db;
use crate::domain::answer::Score;
use crate::domain::comment::{DUE_DAYS, State, Step, TEXT_LENGTH};
use crate::domain::day::Local;
use crate::domain::person::Permission;
use crate::domain::questionnaire::Role;
use crate::domain::suppress::SHOWN_TO_UNITS;
use crate::error::{Error, Result};
use crate::locale::{Lang, Message};
use crate::web::actor::Actor;
use crate::web::respond::{Fault, page_with, see_other};
use crate::web::state::State as Shared;

type Typed = HashMap<String, String>;
type Asked = web::Query<Typed>;
type Reply = std::result::Result<HttpResponse, Fault>;

/// Replies that a handler may start from.
const REPLIES: [&str; 5] = ["thanks", "sorry", "explain", "mend", "unclear"];

/// What was written in the form of a step.
struct StepForm {
    key: &'static str,
    word: String,
    lead: String,
    text: Option<String>,
    is_needed: bool,
    is_open: bool,
    is_assignment: bool,
    has_replies: bool,
}

struct EventLine {
    at: String,
    who: String,
    what: String,
    body: String,
    is_note: bool,
}

/// What a form brought back.
#[derive(Default)]
struct Sent {
    typed: Typed,
    faults: Vec<FormFault>,
    unmasked: Option<String>,
}

#[derive(Template)]
#[template(path = "console/comment.html", config = "frontend/askama.toml")]
struct CommentPage {
    shell: Shell,
    line: Line,
    /// The list that the page came from.
    list: CommentFilters,
    /// The page without what is asked of it.
    path: String,
    /// Number of the steps that had changed the comment, for the forms of the next.
    changes: usize,
    /// What was typed for a step that does not fit any more.
    unsaved: Option<String>,
    counter: String,
    procedure: String,
    stage: String,
    channel: String,
    hidden: Option<String>,
    due_rule: String,
    scores: Vec<(String, u8, String)>,
    unmasked: Option<String>,
    may_unmask: bool,
    may_handle: bool,
    steps: Vec<StepForm>,
    handlers: Vec<Choice>,
    due: String,
    replies: Vec<Choice>,
    events: Vec<EventLine>,
    faults: Vec<FormFault>,
    longest: usize,
}

impl CommentPage {
    fn back(&self) -> String {
        self.list.address(self.list.page)
    }

    /// Where the form of something done with the comment is sent.
    fn form(&self, noun: &str) -> String {
        self.list.leading_to(&format!("{}/{noun}", self.path))
    }

    fn t(&self, key: &str) -> String {
        self.shell.lang.text(&format!("comments.{key}"))
    }

    /// The fault of a field, said again beside it.
    fn fault(&self, field: &str) -> Option<&str> {
        self.faults.iter().find(|fault| fault.field == field).map(|fault| fault.text.as_str())
    }
}

/// GET /console/comments/{id}
///
/// # Errors
/// Not found, also for a comment out of reach; those of the database.
pub async fn show(state: web::Data<Shared>, actor: Actor, id: web::Path<String>, asked: Asked) -> Reply {
    let place = Place { id: read_id(&id)?, list: CommentFilters::from(&asked) };
    reply(&state, &actor, place, StatusCode::OK, Sent::default()).await
}

/// A comment, and the list that its page came from.
struct Place {
    id: Uuid,
    list: CommentFilters,
}

impl Place {
    fn path(&self) -> String {
        format!("/console/comments/{}", self.id)
    }
}

fn read_id(text: &str) -> Result<Uuid> {
    Uuid::parse_str(text).map_err(|_| Error::NotFound(Message::new("comments.not-found")))
}

async fn reply(state: &Shared, actor: &Actor, place: Place, status: StatusCode, sent: Sent) -> Reply {
    let id = place.id;
    let snapshot = state.catalogue.snapshot();
    let (catalogue, origins) = (snapshot.clone(), state.origins.clone());
    let detail =
        state.read(actor, move |conn, person| comments::one(conn, &catalogue, person, &origins, id)).await?;
    let title = actor.lang().text("comments.one");
    let shell = Shell::of(actor, &snapshot, "comments", title, place.list.leading_to(&place.path()));
    page_with(status, &build(shell, actor, &snapshot, &detail, place, sent))
}

fn build(
    shell: Shell,
    actor: &Actor,
    snapshot: &Snapshot,
    detail: &Detail,
    place: Place,
    sent: Sent,
) -> CommentPage {
    let (lang, seen) = (shell.lang, &detail.seen);
    let may_handle = actor.person.may(Permission::HandleComments);
    let hidden = || "…".to_owned();
    let asked_due = || seen.due.map(|due| due.max(today()).to_string()).unwrap_or_default();
    CommentPage {
        line: Line::of(lang, snapshot, seen, &place.list),
        path: place.path(),
        list: place.list,
        changes: detail.changes,
        unsaved: unsaved(seen.state, &sent.typed),
        counter: comments::counter_name(seen, snapshot).unwrap_or_else(hidden),
        procedure: comments::procedure_name(seen, snapshot, lang, today()).unwrap_or_else(hidden),
        stage: seen.stage.map_or_else(String::new, |stage| lang.text(&format!("stage.{}", stage.key()))),
        channel: seen.channel.map_or_else(String::new, |one| lang.text(&format!("channel.{}", one.key()))),
        hidden: (seen.procedure.is_none() || seen.counter.is_none() || !seen.is_dated())
            .then(|| lang.with("comments.hidden", &[("least", &SHOWN_TO_UNITS.to_string())])),
        due_rule: lang.with("comments.rule-due", &[("days", &DUE_DAYS.to_string())]),
        scores: scores(lang, snapshot, seen),
        may_unmask: seen.is_masked && sent.unmasked.is_none() && actor.person.may(Permission::UnmaskComments),
        unmasked: sent.unmasked,
        may_handle,
        steps: if may_handle { steps(lang, seen.state, &sent.typed) } else { Vec::new() },
        handlers: handlers(snapshot, detail, &sent.typed),
        due: sent.typed.get("due").cloned().unwrap_or_else(asked_due),
        replies: replies(lang),
        events: detail.events.iter().map(|event| event_line(lang, event, seen.is_dated())).collect(),
        faults: sent.faults,
        longest: TEXT_LENGTH,
        shell,
    }
}

fn today() -> NaiveDate {
    Local::at(chrono::Utc::now()).day
}

/// The answers to the element questions, in the order in which they were asked.
fn scores(lang: Lang, snapshot: &Snapshot, seen: &Seen) -> Vec<(String, u8, String)> {
    let questionnaire = snapshot.questionnaires.iter().find(|one| one.id == seen.questionnaire);
    let elements = questionnaire.into_iter().flat_map(|one| &one.questions);
    elements
        .filter(|question| question.role == Role::Element)
        .filter_map(|question| match seen.scores.get(&question.key)? {
            Score::Level(level) => {
                Some((question.text(lang)?.label.clone(), (*level).into(), level_word(lang, *level)))
            }
            Score::NotApplicable => None,
        })
        .collect()
}

fn steps(lang: Lang, state: State, typed: &Typed) -> Vec<StepForm> {
    let order = [Step::Acknowledge, Step::Answer, Step::Assign, Step::Close, Step::Reopen, Step::Note];
    let fitting = order.into_iter().filter(|step| state.after(*step).is_some());
    let is_back = |step: Step| typed.contains_key(&format!("{}-text", step.key()));
    fitting
        .map(|step| StepForm {
            key: step.key(),
            word: lang.text(&format!("comments.step-{}", step.key())),
            lead: lang.text(&format!("comments.lead-{}", step.key())),
            text: (!matches!(step, Step::Acknowledge | Step::Reopen | Step::Assign))
                .then(|| typed.get(&format!("{}-text", step.key())).cloned().unwrap_or_default()),
            is_needed: matches!(step, Step::Answer | Step::Note)
                || (step == Step::Close && state.needs_reason_to_close()),
            is_open: matches!(step, Step::Acknowledge | Step::Answer | Step::Reopen)
                || is_back(step)
                || (step == Step::Assign && (state == State::Acknowledged || typed.contains_key("due"))),
            is_assignment: step == Step::Assign,
            has_replies: step == Step::Answer,
        })
        .collect()
}

/// What was typed for a step that somebody else has made impossible: no form shows it any more.
fn unsaved(state: State, typed: &Typed) -> Option<String> {
    let lost = Step::ALL.into_iter().filter(|step| state.after(*step).is_none());
    let mut texts = lost.filter_map(|step| typed.get(&format!("{}-text", step.key())));
    texts.find(|text| !text.trim().is_empty()).cloned()
}

fn handlers(snapshot: &Snapshot, detail: &Detail, typed: &Typed) -> Vec<Choice> {
    let chosen = typed.get("assignee").and_then(|id| id.parse::<i64>().ok()).map(Into::into);
    let chosen = chosen.or(detail.seen.assignee);
    let named = |handler: &db::comments::Handler| {
        let unit = handler.unit.map(|unit| super::words::unit(snapshot, unit, today()));
        (handler.id, unit.map_or_else(|| handler.name.clone(), |unit| format!("{} ({unit})", handler.name)))
    };
    choices::of(detail.handlers.iter().map(named), chosen)
}

fn replies(lang: Lang) -> Vec<Choice> {
    let named = REPLIES.iter().map(|key| (key, lang.text(&format!("comments.reply-{key}-title"))));
    choices::of(named, None::<&str>)
}

/// A step; where the month of the comment is hidden, so are the days from which it could be told.
fn event_line(lang: Lang, event: &db::comments::Event, is_dated: bool) -> EventLine {
    let local = Local::at(event.at.and_utc());
    let what = lang.text(&format!("comments.did-{}", event.step.key()));
    let due = event.due.filter(|_| is_dated).map_or_else(|| "…".to_owned(), |due| lang.date(due));
    EventLine {
        at: if is_dated {
            format!("{} {}", lang.date(local.day), local.time.format("%H:%M"))
        } else {
            String::new()
        },
        who: event.actor.clone(),
        what: what.replace("%{assignee}", &event.assignee).replace("%{due}", &due),
        body: event.body.clone(),
        is_note: event.step == Step::Note,
    }
}

/// POST /console/comments/{id}/{step}: takes a step, or puts a ready reply into the form of the answer.
///
/// # Errors
/// Forbidden for a form of another page; not found out of reach, for an unknown step, and for whoever
/// may not handle comments; those of the database. Wrong input shows the page again, and so does it when
/// somebody else was first.
pub async fn step(
    state: web::Data<Shared>,
    actor: Actor,
    request: HttpRequest,
    path: web::Path<(String, String)>,
    asked: Asked,
    form: web::Form<Typed>,
) -> Reply {
    let form = actor.accept(&request, form)?;
    actor.person.require(Permission::HandleComments)?;
    let (id, step) = (read_id(&path.0)?, Step::from_key(&path.1));
    let place = Place { id, list: CommentFilters::from(&asked) };
    let step = step.ok_or_else(|| Error::NotFound(Message::new("error.page-not-found")))?;
    let mut typed = form;
    if let Some(key) = typed.remove("reply").filter(|key| REPLIES.contains(&key.as_str())) {
        insert_reply(&mut typed, step, &key);
        return reply(&state, &actor, place, StatusCode::OK, Sent { typed, ..Sent::default() }).await;
    }
    let text = |name: &str| typed.get(name).map(|text| text.trim().to_owned()).unwrap_or_default();
    let draft = Draft {
        step,
        text: text(&format!("{}-text", step.key())),
        assignee: text("assignee").parse::<i64>().ok().map(Into::into),
        due: text("due").parse().ok(),
        seen: text("seen").parse().ok(),
    };
    let catalogue = state.catalogue.snapshot();
    let taken =
        state.write(&actor, move |conn, person| comments::take(conn, &catalogue, person, id, &draft)).await;
    let lang = actor.lang();
    let (status, faults) = match taken {
        Ok(()) => return Ok(see_other(&place.list.leading_to(&place.path()))),
        Err(Error::Conflict(message)) => {
            let fault = FormFault { field: "next".into(), label: String::new(), text: message.text(lang) };
            (StatusCode::CONFLICT, vec![fault])
        }
        Err(error) => (StatusCode::UNPROCESSABLE_ENTITY, form_faults(lang, error)?),
    };
    reply(&state, &actor, place, status, Sent { typed, faults, unmasked: None }).await
}

/// Puts a ready reply after what is typed. Citizens read it, so it is Vietnamese whoever writes.
fn insert_reply(typed: &mut Typed, step: Step, key: &str) {
    let text = typed.entry(format!("{}-text", step.key())).or_default();
    if !text.trim().is_empty() {
        text.push('\n');
    }
    text.push_str(&Lang::Vi.text(&format!("comments.reply-{key}")));
}

/// POST /console/comments/{id}/unmasking: shows the text as it was typed, this once.
///
/// # Errors
/// Forbidden for a form of another page; not found out of reach and for whoever may not; those of the
/// database.
pub async fn unmask(
    state: web::Data<Shared>,
    actor: Actor,
    request: HttpRequest,
    id: web::Path<String>,
    asked: Asked,
    form: web::Form<Proof>,
) -> Reply {
    actor.check(request.headers(), &form.csrf)?;
    let id = read_id(&id)?;
    let catalogue = state.catalogue.snapshot();
    let text =
        state.write(&actor, move |conn, person| comments::unmask(conn, &catalogue, person, id)).await?;
    let sent = Sent { unmasked: Some(text), ..Sent::default() };
    let place = Place { id, list: CommentFilters::from(&asked) };
    reply(&state, &actor, place, StatusCode::OK, sent).await
}
