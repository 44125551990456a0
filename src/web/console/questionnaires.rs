//! Questionnaires in the console: versions of each kind, and one version with its life, preview and
//! difference from another.

mod changes;
mod drafts;
mod languages;
mod list;
mod preview;
mod questions;

use std::collections::HashMap;

use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;

use super::session::Proof;
use super::{FormFault, Shell, words};
use crate::app::questionnaires;
use crate::db;
use crate::db::conn::Conn;
use crate::domain::day::Local;
use crate::domain::ids::QuestionnaireId;
use crate::domain::person;
use crate::domain::questionnaire::readiness::{Lost, Why};
use crate::domain::questionnaire::tag::Tag;
use crate::domain::questionnaire::{Kind, Question, Questionnaire, Stamp, Status, change, seen};
use crate::error::{Error, Result};
use crate::locale::{Lang, Message};
use crate::web::actor::{Actor, submission};
use crate::web::respond::{Fault, page, page_with, see_other};
use crate::web::state::State;

pub use changes::show as changes;
pub use languages::{add as add_language, drop as drop_language, form as language, save as save_language};
pub use list::list;
pub use preview::{frame, show as preview};
pub use questions::{
    create as add_question, delete as delete_question, form as question, new as new_question,
    save as save_question, shift as move_question,
};

/// Address of the list.
const LIST: &str = "/console/catalogue/questionnaires";

type Typed = HashMap<String, String>;
type Reply = std::result::Result<HttpResponse, Fault>;

/// The texts of these pages.
#[derive(Clone, Copy)]
struct Texts(Lang);

impl Texts {
    fn t(&self, key: &str) -> String {
        self.0.text(&format!("questionnaires.{key}"))
    }
}

/// The frame of one of these pages.
fn shell(state: &State, actor: &Actor, title: String, here: String) -> Shell {
    Shell::of(actor, &state.catalogue.snapshot(), "catalogue", title, here)
}

fn address(id: QuestionnaireId) -> String {
    format!("{LIST}/{id}")
}

/// "Giải quyết thủ tục hành chính, phiên bản 2".
fn name(lang: Lang, questionnaire: &Questionnaire) -> String {
    let version = questionnaire.version.to_string();
    lang.with(
        "questionnaires.one",
        &[("kind", &words::kind(lang, questionnaire.kind)), ("version", &version)],
    )
}

/// One version, looked up for an actor.
async fn find(state: &State, actor: &Actor, id: i64) -> Result<Questionnaire> {
    state.read(actor, move |conn, person| questionnaires::find(conn, person, id.into())).await
}

fn not_found() -> Error {
    Error::NotFound(Message::new("error.page-not-found"))
}

/// What was typed under a name, with single spaces.
fn typed(form: &Typed, name: &str) -> String {
    form.get(name).map(|text| text.split_whitespace().collect::<Vec<_>>().join(" ")).unwrap_or_default()
}

fn who(lang: Lang, by: &str) -> String {
    if by == person::Actor::Operator.audit_name() {
        words::role(lang, &person::Actor::Operator)
    } else {
        by.to_owned()
    }
}

/// Day and person of a step; a dash where it was not taken.
fn step(lang: Lang, stamp: Option<&Stamp>) -> String {
    stamp.map_or_else(
        || "–".to_owned(),
        |stamp| format!("{} · {}", lang.date(Local::at(stamp.at.and_utc()).day), who(lang, &stamp.by)),
    )
}

/// POST /console/catalogue/questionnaires: a draft from the published version of a kind.
///
/// # Errors
/// Forbidden; not found, also for another kind; conflict where there is a draft; those of the database.
pub async fn draft(
    state: web::Data<State>,
    actor: Actor,
    request: HttpRequest,
    form: web::Form<Typed>,
) -> Reply {
    let form = actor.accept(&request, form)?;
    let kind = form.get("kind").and_then(|key| Kind::from_key(key)).ok_or_else(not_found)?;
    let make =
        move |conn: &mut Conn, person: &person::Actor| questionnaires::draft(conn, person, kind).map(address);
    Ok(see_other(&state.once(&actor, submission(&request, &form), make).await?))
}

struct QuestionLine {
    key: String,
    ask: String,
    label: String,
    role: String,
    rules: String,
    is_first: bool,
    is_last: bool,
}

struct LanguageLine {
    tag: String,
    name: String,
    is_complete: bool,
    missing: Option<String>,
    may_go: bool,
}

struct Event {
    at: String,
    who: String,
    what: String,
}

#[derive(Template)]
#[template(path = "console/questionnaire.html", config = "frontend/askama.toml")]
struct VersionPage {
    shell: Shell,
    texts: Texts,
    faults: Vec<FormFault>,
    address: String,
    /// What the form that publishes has seen of the draft.
    seen: String,
    status: &'static str,
    is_draft: bool,
    may_compare: bool,
    breaks: Option<String>,
    lost: Vec<String>,
    created: String,
    published: String,
    retired: String,
    title: String,
    opening: String,
    levels: String,
    questions: Vec<QuestionLine>,
    languages: Vec<LanguageLine>,
    tag: String,
    events: Vec<Event>,
}

/// GET /console/catalogue/questionnaires/{id}
///
/// # Errors
/// Not found, also for whoever may not; those of the database.
pub async fn show(state: web::Data<State>, actor: Actor, id: web::Path<i64>) -> Reply {
    page(&version_page(&state, &actor, *id, Vec::new(), String::new()).await?)
}

/// The page of a version, with what was wrong in one of its small forms.
async fn version_page(
    state: &State,
    actor: &Actor,
    id: i64,
    faults: Vec<FormFault>,
    tag: String,
) -> Result<VersionPage> {
    let lang = actor.lang();
    let found = find(state, actor, id).await?;
    let subject = questionnaires::subject(&found);
    let history = state.block(move |db| db.read(|conn| db::audit::by_subject(conn, &subject))).await?;
    let snapshot = state.catalogue.snapshot();
    let is_draft = found.status == Status::Draft;
    let published = snapshot.published(found.kind).filter(|_| is_draft);
    let breaks = published.filter(|published| !change::comparable(published, &found)).map(|published| {
        lang.with("questionnaires.will-break", &[("version", &published.version.to_string())])
    });
    let vietnamese = found.text(Lang::Vi).cloned().unwrap_or_default();
    let (last, steps) = (found.asked().count(), &found.steps);
    let line = |(question, place): (&Question, usize)| question_line(lang, question, place, last);
    Ok(VersionPage {
        shell: shell(state, actor, name(lang, &found), address(found.id)),
        texts: Texts(lang),
        faults,
        address: address(found.id),
        seen: found.seen(),
        status: found.status.key(),
        is_draft,
        may_compare: found.version > 1,
        breaks,
        lost: published.map(|published| lost(lang, published, &found)).unwrap_or_default(),
        created: step(lang, steps.created.as_ref()),
        published: step(lang, steps.published.as_ref()),
        retired: step(lang, steps.retired.as_ref()),
        levels: vietnamese.words(Lang::Vi.key()).join(" · "),
        title: vietnamese.title,
        opening: vietnamese.opening,
        questions: found.asked().zip(1..).map(line).collect(),
        languages: found.languages().into_iter().map(|tag| language_line(lang, &found, tag)).collect(),
        tag,
        events: history.into_iter().map(|entry| event(lang, entry)).collect(),
    })
}

/// "English: chưa dịch câu hỏi wifi", for each language that citizens would lose.
fn lost(lang: Lang, before: &Questionnaire, draft: &Questionnaire) -> Vec<String> {
    let told = |lost: Lost<'_>| {
        let name = before.texts.get(lost.tag).map(|texts| texts.own_name(lost.tag)).unwrap_or_default();
        let why = match lost.why {
            Why::Removed => lang.text("questionnaires.lost-removed"),
            Why::Texts => lang.text("questionnaires.lost-texts"),
            Why::Questions(keys) => lang.with("questionnaires.lost-questions", &[("keys", &keys.join(", "))]),
        };
        format!("{name}: {why}")
    };
    draft.lost_from(before).into_iter().map(told).collect()
}

fn question_line(lang: Lang, question: &Question, place: usize, last: usize) -> QuestionLine {
    let text = question.text(Lang::Vi).cloned().unwrap_or_default();
    let rules = [
        (question.required, "required"),
        (question.result_only, "result-only"),
        (question.allows_na, "allows-na"),
    ];
    let rules = rules.into_iter().filter(|(is, _)| *is);
    QuestionLine {
        key: question.key.clone(),
        ask: text.ask,
        label: text.label,
        role: lang.text(&format!("questionnaires.role-{}", question.role.key())),
        rules: rules
            .map(|(_, key)| lang.text(&format!("questionnaires.{key}-short")))
            .collect::<Vec<_>>()
            .join(", "),
        is_first: place == 1,
        is_last: place == last,
    }
}

fn language_line(lang: Lang, questionnaire: &Questionnaire, tag: &Tag) -> LanguageLine {
    let texts = questionnaire.texts.get(tag).filter(|_| tag.lang().is_none());
    let missing = texts.map(|texts| texts.missing_words()).filter(|missing| *missing > 0);
    let told = |missing: usize| lang.with("questionnaires.page-lacks", &[("missing", &missing.to_string())]);
    LanguageLine {
        missing: missing.map(told),
        tag: tag.to_string(),
        name: questionnaire.texts.get(tag).map(|texts| texts.own_name(tag)).unwrap_or_default(),
        is_complete: questionnaire.is_complete_in(tag.as_str()),
        may_go: tag.lang().is_none(),
    }
}

fn event(lang: Lang, entry: db::audit::Entry) -> Event {
    let local = Local::at(entry.record.at.and_utc());
    Event {
        at: format!("{} {}", lang.date(local.day), local.time.format("%H:%M")),
        who: who(lang, &entry.record.actor),
        what: lang.text(&format!("questionnaires.did-{}", entry.record.action.replace('.', "-"))),
    }
}

/// The page of a version again, with what stands in the way.
async fn refuse(state: &State, actor: &Actor, id: i64, error: Error, tag: String) -> Reply {
    let (status, faults) = drafts::refusal(actor, error)?;
    let page = version_page(state, actor, id, faults, tag).await?;
    page_with(status, &page)
}

/// POST /console/catalogue/questionnaires/{id}/publication
///
/// # Errors
/// Forbidden, not found; those of the database. What stands in the way is shown on the page, also that somebody
/// changed or published the draft after the page was opened.
pub async fn publish(
    state: web::Data<State>,
    actor: Actor,
    request: HttpRequest,
    id: web::Path<i64>,
    form: web::Form<Typed>,
) -> Reply {
    let form = actor.accept(&request, form)?;
    let (id, drops, seen) = (*id, typed(&form, "drops") == "1", typed(&form, seen::FIELD));
    let publish = move |conn: &mut Conn, person: &person::Actor| {
        questionnaires::publish_seen(conn, person, id.into(), drops, &seen).map(|()| address(id.into()))
    };
    match state.once(&actor, submission(&request, &form), publish).await {
        Ok(address) => Ok(see_other(&address)),
        Err(error) => refuse(&state, &actor, id, error, String::new()).await,
    }
}

/// POST /console/catalogue/questionnaires/{id}/deletion
///
/// # Errors
/// Forbidden, not found, conflict for what is no draft; those of the database.
pub async fn delete(
    state: web::Data<State>,
    actor: Actor,
    request: HttpRequest,
    id: web::Path<i64>,
    form: web::Form<Proof>,
) -> Reply {
    actor.check(request.headers(), &form.csrf)?;
    let id = QuestionnaireId::from(*id);
    state.write(&actor, move |conn, person| questionnaires::delete(conn, person, id)).await?;
    Ok(see_other(LIST))
}
