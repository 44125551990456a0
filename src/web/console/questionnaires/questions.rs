//! Questions of a draft: added, changed, moved and taken out.

use actix_web::{HttpRequest, web};
use askama::Template;
use serde_json::json;

use super::super::{FormFault, Shell};
use super::drafts::{Wish, change, change_or_show, find_draft};
use super::{Reply, Texts, Typed, address, find, name, not_found, shell, typed};
use crate::domain::questionnaire::edit::KEY_LENGTH;
use crate::domain::questionnaire::seen;
use crate::domain::questionnaire::tag::Tag;
use crate::domain::questionnaire::{Question, QuestionText, Questionnaire, Role};
use crate::error::Error;
use crate::locale::{Lang, Message};
use crate::web::actor::Actor;
use crate::web::respond::page;
use crate::web::state::State;

/// The part of the page of a version that shows its questions.
const PART: &str = "questions";

/// The texts of the question in one language.
struct Words {
    tag: String,
    name: String,
    ask_field: String,
    ask: String,
    label_field: String,
    label: String,
}

#[derive(Template)]
#[template(path = "console/question.html", config = "frontend/askama.toml")]
struct Page {
    shell: Shell,
    texts: Texts,
    faults: Vec<FormFault>,
    back: String,
    back_name: String,
    action: String,
    /// What the form has seen of the question; empty for a new one.
    seen: String,
    key: String,
    longest_key: usize,
    is_headline: bool,
    required: bool,
    result_only: bool,
    allows_na: bool,
    words: Vec<Words>,
}

impl Page {
    fn of(
        state: &State,
        actor: &Actor,
        draft: &Questionnaire,
        old: Option<&str>,
        question: &Question,
        faults: Vec<FormFault>,
    ) -> Self {
        let lang = actor.lang();
        let back = address(draft.id);
        let action = old.map_or_else(|| format!("{back}/questions"), |key| format!("{back}/questions/{key}"));
        let title = old.map_or_else(
            || lang.text("questionnaires.question-new"),
            |key| lang.with("questionnaires.question-one", &[("key", key)]),
        );
        let words = |tag: &Tag| {
            let text = question.texts.get(tag).cloned().unwrap_or_default();
            let name = draft.texts.get(tag).map(|texts| texts.own_name(tag)).unwrap_or_default();
            Words {
                tag: tag.to_string(),
                name,
                ask_field: format!("ask-{tag}"),
                ask: text.ask,
                label_field: format!("label-{tag}"),
                label: text.label,
            }
        };
        let here = if old.is_some() { action.clone() } else { format!("{action}/new") };
        Self {
            shell: shell(state, actor, title, here),
            texts: Texts(lang),
            faults: faults.into_iter().map(|fault| labelled(lang, fault)).collect(),
            back_name: name(lang, draft),
            back,
            action,
            seen: old.and_then(|old| draft.question(old)).map(Question::seen).unwrap_or_default(),
            key: question.key.clone(),
            longest_key: KEY_LENGTH,
            is_headline: question.role == Role::Headline,
            required: question.required,
            result_only: question.result_only,
            allows_na: question.allows_na,
            words: draft.languages().into_iter().map(words).collect(),
        }
    }
}

/// A fault with the words that stand at its field.
fn labelled(lang: Lang, fault: FormFault) -> FormFault {
    if fault.field == seen::FIELD {
        return fault;
    }
    let (part, tag) = fault.field.split_once('-').unwrap_or((&fault.field, ""));
    let label = format!("{} {tag}", lang.text(&format!("questionnaires.part-{part}")));
    FormFault { label: label.trim_end().to_owned(), ..fault }
}

fn blank() -> Question {
    Question {
        id: 0.into(),
        key: String::new(),
        role: Role::Element,
        required: false,
        result_only: false,
        allows_na: false,
        texts: std::collections::BTreeMap::new(),
    }
}

/// The question as the form says it, in the languages of the draft.
fn read(form: &Typed, draft: &Questionnaire) -> Question {
    let is = |name: &str| form.contains_key(name);
    let text = |tag: &Tag| QuestionText {
        ask: typed(form, &format!("ask-{tag}")),
        label: typed(form, &format!("label-{tag}")),
    };
    let headline = form.get("role").is_some_and(|role| role == Role::Headline.key());
    Question {
        id: 0.into(),
        key: typed(form, "key"),
        role: if headline { Role::Headline } else { Role::Element },
        required: is("required"),
        result_only: is("result_only"),
        allows_na: is("allows_na"),
        texts: draft.texts.keys().map(|tag| (tag.clone(), text(tag))).collect(),
    }
}

/// GET /console/catalogue/questionnaires/{id}/questions/new
///
/// # Errors
/// Not found, also for whoever may not and for what is no draft; those of the database.
pub async fn new(state: web::Data<State>, actor: Actor, id: web::Path<i64>) -> Reply {
    let draft = find_draft(&state, &actor, *id).await?;
    page(&Page::of(&state, &actor, &draft, None, &blank(), Vec::new()))
}

/// GET /console/catalogue/questionnaires/{id}/questions/{key}
///
/// # Errors
/// Not found, also for whoever may not and for what is no draft; those of the database.
pub async fn form(state: web::Data<State>, actor: Actor, path: web::Path<(i64, String)>) -> Reply {
    let (id, key) = path.into_inner();
    let draft = find_draft(&state, &actor, id).await?;
    let question = draft.question(&key).ok_or_else(not_found)?;
    page(&Page::of(&state, &actor, &draft, Some(&key), question, Vec::new()))
}

/// POST /console/catalogue/questionnaires/{id}/questions
///
/// # Errors
/// Forbidden, not found; those of the database. Wrong input shows the form again.
pub async fn create(
    state: web::Data<State>,
    actor: Actor,
    request: HttpRequest,
    id: web::Path<i64>,
    form: web::Form<Typed>,
) -> Reply {
    let form = actor.accept(&request, form)?;
    put(&state, &actor, *id, None, (&request, &form)).await
}

/// POST /console/catalogue/questionnaires/{id}/questions/{key}
///
/// # Errors
/// Forbidden, not found; those of the database. Wrong input shows the form again.
pub async fn save(
    state: web::Data<State>,
    actor: Actor,
    request: HttpRequest,
    path: web::Path<(i64, String)>,
    form: web::Form<Typed>,
) -> Reply {
    let form = actor.accept(&request, form)?;
    let (id, key) = path.into_inner();
    put(&state, &actor, id, Some(key), (&request, &form)).await
}

async fn put(
    state: &State,
    actor: &Actor,
    id: i64,
    old: Option<String>,
    sent: (&HttpRequest, &Typed),
) -> Reply {
    let (draft, form) = (find(state, actor, id).await?, sent.1);
    let question = read(form, &draft);
    let wish = Wish::of(sent, (id, PART), json!({ "question": question.key, "was": old }));
    let (put, place, seen) = (question.clone(), old.clone(), typed(form, seen::FIELD));
    let save = move |draft: &mut Questionnaire| match place {
        Some(old) if draft.question(&old).is_none() => {
            Err(Error::invalid(seen::FIELD, Message::new("questionnaires.fault.gone").with("key", old)))
        }
        Some(old) => draft.put_seen(&old, put, &seen),
        None => draft.put(None, put),
    };
    change_or_show(state, actor, wish, save, |draft, faults| {
        // What somebody else took out can be added again as it was typed.
        let old = old.filter(|old| draft.question(old).is_some());
        Page::of(state, actor, &draft, old.as_deref(), &question, faults)
    })
    .await
}

/// POST /console/catalogue/questionnaires/{id}/questions/{key}/place: one up, or one down.
///
/// # Errors
/// Forbidden, not found, conflict for what is no draft; those of the database.
pub async fn shift(
    state: web::Data<State>,
    actor: Actor,
    request: HttpRequest,
    path: web::Path<(i64, String)>,
    form: web::Form<Typed>,
) -> Reply {
    let form = actor.accept(&request, form)?;
    let up = form.get("to").is_some_and(|to| to == "up");
    let (id, key) = path.into_inner();
    let what = json!({ "question": key, "moved": if up { "up" } else { "down" } });
    let wish = Wish::of((&request, &form), (id, PART), what);
    change(&state, &actor, wish, move |draft| draft.shift(&key, up)).await
}

/// POST /console/catalogue/questionnaires/{id}/questions/{key}/deletion
///
/// # Errors
/// Forbidden, not found, conflict for what is no draft; those of the database.
pub async fn delete(
    state: web::Data<State>,
    actor: Actor,
    request: HttpRequest,
    path: web::Path<(i64, String)>,
    form: web::Form<Typed>,
) -> Reply {
    let form = actor.accept(&request, form)?;
    let (id, key) = path.into_inner();
    let wish = Wish::of((&request, &form), (id, PART), json!({ "removed": key }));
    change(&state, &actor, wish, move |draft| draft.take_out(&key)).await
}
