//! Languages of a draft: all texts of one on a page, beside the Vietnamese ones.

use std::collections::BTreeMap;

use actix_web::{HttpRequest, web};
use askama::Template;
use serde_json::json;

use super::super::{FormFault, Shell};
use super::drafts::{Wish, change, change_or_show, edit, find_draft};
use super::{Reply, Typed, address, find, name, not_found, refuse, shell, typed};
use crate::domain::level::Level;
use crate::domain::questionnaire::seen;
use crate::domain::questionnaire::tag::Tag;
use crate::domain::questionnaire::words::{self, PARTS, keys};
use crate::domain::questionnaire::{QuestionText, Questionnaire, Texts};
use crate::error::Error;
use crate::locale::{Lang, Message};
use crate::web::actor::Actor;
use crate::web::respond::{page, see_other};
use crate::web::state::State;

/// The part of the page of a version that shows its languages.
const PART: &str = "languages";

/// Most characters that a field of one line shows at a time on a phone.
const LINE: usize = 40;

/// One text to write, with the Vietnamese one beside it.
struct Field {
    name: String,
    word: String,
    value: String,
    vietnamese: String,
    is_long: bool,
}

/// Texts that belong together.
struct Part {
    heading: String,
    note: String,
    fields: Vec<Field>,
}

#[derive(Template)]
#[template(path = "console/questionnaire-language.html", config = "frontend/askama.toml")]
struct Page {
    shell: Shell,
    texts: super::Texts,
    faults: Vec<FormFault>,
    back: String,
    back_name: String,
    action: String,
    /// What the form has seen of the texts.
    seen: String,
    tag: String,
    beside: bool,
    parts: Vec<Part>,
}

impl Part {
    const fn of(heading: String, fields: Vec<Field>) -> Self {
        Self { heading, note: String::new(), fields }
    }
}

/// The words of the citizens' page itself, each called by what it is in the language of the reader.
fn page_parts(lang: Lang, own: &Texts) -> Vec<Part> {
    let field = |key: &&str| {
        let key = *key;
        let vietnamese = Lang::Vi.text(&format!("survey.{key}"));
        let word = lang.text(&format!("survey.{key}"));
        Field {
            name: format!("page-{key}"),
            value: own.page.get(key).cloned().unwrap_or_default(),
            is_long: word.chars().count() > LINE,
            vietnamese: if word == vietnamese { String::new() } else { vietnamese },
            word,
        }
    };
    let part = |(key, keys): (&str, &[&str])| {
        let heading = lang.text(&format!("questionnaires.page-{key}"));
        Part::of(heading, keys.iter().map(field).collect())
    };
    let mut parts: Vec<Part> = PARTS.into_iter().map(part).collect();
    let missing = own.missing_words();
    if let Some(first) = parts.first_mut().filter(|_| missing > 0) {
        let [missing, all] = [missing, keys().count()].map(|count| count.to_string());
        first.note = lang.with("questionnaires.page-missing", &[("missing", &missing), ("all", &all)]);
    }
    parts
}

impl Page {
    fn of(state: &State, actor: &Actor, draft: &Questionnaire, tag: &Tag, faults: Vec<FormFault>) -> Self {
        let lang = actor.lang();
        let (own, back) = (draft.texts_or_empty(tag), address(draft.id));
        let beside = tag.lang() != Some(Lang::Vi);
        let vietnamese = if beside { draft.texts_or_empty(&Lang::Vi.into()) } else { Texts::default() };
        let word = |part: &str| lang.text(&format!("questionnaires.part-{part}"));
        let field = |name: &str, value: &str, vietnamese: &str, is_long| Field {
            name: name.to_owned(),
            word: word(name),
            value: value.to_owned(),
            vietnamese: vietnamese.to_owned(),
            is_long,
        };
        let mut head = Vec::new();
        if tag.lang().is_none() {
            head.push(field("name", &own.name, "", false));
        }
        head.push(field("title", &own.title, &vietnamese.title, false));
        head.push(field("opening", &own.opening, &vietnamese.opening, true));
        let levels = Level::DESCENDING.into_iter().zip(own.levels.iter().zip(&vietnamese.levels));
        let levels = levels.map(|(level, (value, vietnamese))| {
            field(&format!("level-{}", u8::from(level)), value, vietnamese, false)
        });
        let mut parts = vec![
            Part::of(lang.text("questionnaires.head-texts"), head),
            Part::of(lang.text("questionnaires.level-words"), levels.collect()),
        ];
        parts.extend(draft.asked().map(|question| {
            let own = question.texts.get(tag).cloned().unwrap_or_default();
            let other = question.text(Lang::Vi).filter(|_| beside).cloned().unwrap_or_default();
            let key = &question.key;
            let fields = vec![
                Field { name: format!("ask-{key}"), ..field("ask", &own.ask, &other.ask, true) },
                Field { name: format!("label-{key}"), ..field("label", &own.label, &other.label, false) },
            ];
            Part::of(lang.with("questionnaires.question-one", &[("key", key)]), fields)
        }));
        if tag.lang().is_none() {
            parts.extend(page_parts(lang, &own));
        }
        let title = lang.with("questionnaires.language-one", &[("name", &own.own_name(tag))]);
        let action = format!("{back}/languages/{tag}");
        Self {
            shell: shell(state, actor, title, action.clone()),
            texts: super::Texts(lang),
            faults,
            back_name: name(lang, draft),
            back,
            action,
            seen: draft.texts_seen(tag),
            tag: tag.to_string(),
            beside,
            parts,
        }
    }
}

/// The texts that a form says, and those of its questions by their keys.
fn read(form: &Typed) -> (Texts, BTreeMap<String, QuestionText>) {
    let texts = Texts {
        title: typed(form, "title"),
        opening: typed(form, "opening"),
        levels: Level::DESCENDING.map(|level| typed(form, &format!("level-{}", u8::from(level)))),
        name: typed(form, "name"),
        page: words::read(|key| typed(form, &format!("page-{key}"))),
    };
    let keys = form.keys().filter_map(|name| name.strip_prefix("ask-"));
    let text = |key: &str| QuestionText {
        ask: typed(form, &format!("ask-{key}")),
        label: typed(form, &format!("label-{key}")),
    };
    (texts, keys.map(|key| (key.to_owned(), text(key))).collect())
}

fn known(draft: &Questionnaire, tag: &str) -> Result<Tag, Error> {
    Tag::parse(tag).filter(|tag| draft.texts.contains_key(tag)).ok_or_else(not_found)
}

/// GET /console/catalogue/questionnaires/{id}/languages/{tag}
///
/// # Errors
/// Not found, also for whoever may not and for what is no draft; those of the database.
pub async fn form(state: web::Data<State>, actor: Actor, path: web::Path<(i64, String)>) -> Reply {
    let (id, tag) = path.into_inner();
    let draft = find_draft(&state, &actor, id).await?;
    let tag = known(&draft, &tag)?;
    page(&Page::of(&state, &actor, &draft, &tag, Vec::new()))
}

/// POST /console/catalogue/questionnaires/{id}/languages/{tag}
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
    let (id, tag) = path.into_inner();
    let tag = known(&find(&state, &actor, id).await?, &tag)?;
    let (texts, asks) = read(&form);
    let (put, put_asks, place) = (texts.clone(), asks.clone(), tag.clone());
    let wish = Wish::of((&request, &form), (id, PART), json!({ "language": tag }));
    let seen = typed(&form, seen::FIELD);
    let save = move |draft: &mut Questionnaire| draft.put_texts_seen(&place, put, put_asks, &seen);
    change_or_show(&state, &actor, wish, save, |mut draft, faults| {
        let seen = draft.texts_seen(&tag);
        // What was typed is shown, too long as it is, over what has to be seen of what is there.
        draft.show_texts(&tag, texts, asks);
        Page { seen, ..Page::of(&state, &actor, &draft, &tag, faults) }
    })
    .await
}

/// POST /console/catalogue/questionnaires/{id}/languages
///
/// # Errors
/// Forbidden, not found, conflict for what is no draft; those of the database. A tag that cannot be used
/// is said on the page of the version.
pub async fn add(
    state: web::Data<State>,
    actor: Actor,
    request: HttpRequest,
    id: web::Path<i64>,
    form: web::Form<Typed>,
) -> Reply {
    let form = actor.accept(&request, form)?;
    let found = typed(&form, "tag");
    let fault = || Error::invalid("tag", Message::new("questionnaires.fault.tag").with("found", &found));
    let tag = Tag::parse(&found).ok_or_else(fault);
    let done = match tag {
        Ok(tag) => {
            let wish = Wish::of((&request, &form), (*id, PART), json!({ "language": tag }));
            let wish = wish.leading_to(format!("{}/languages/{tag}", address((*id).into())));
            edit(&state, &actor, wish, move |draft| draft.add_language(tag)).await
        }
        Err(error) => Err(error),
    };
    match done {
        Ok(address) => Ok(see_other(&address)),
        Err(error) => refuse(&state, &actor, *id, error, found).await,
    }
}

/// POST /console/catalogue/questionnaires/{id}/languages/{tag}/deletion
///
/// # Errors
/// Forbidden, not found; conflict for what is no draft and for a language that stays; those of the
/// database.
pub async fn drop(
    state: web::Data<State>,
    actor: Actor,
    request: HttpRequest,
    path: web::Path<(i64, String)>,
    form: web::Form<Typed>,
) -> Reply {
    let form = actor.accept(&request, form)?;
    let (id, tag) = path.into_inner();
    let tag = Tag::parse(&tag).ok_or_else(not_found)?;
    let wish = Wish::of((&request, &form), (id, PART), json!({ "removed_language": tag }));
    change(&state, &actor, wish, move |draft| draft.drop_language(&tag)).await
}
