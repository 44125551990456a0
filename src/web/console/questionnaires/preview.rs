//! A version as on a phone: the citizens' page in a frame of 360 pixels.

use actix_web::http::header::{CONTENT_SECURITY_POLICY, HeaderValue};
use actix_web::web;
use askama::Template;
use chrono::Utc;

use super::super::{Shell, words};
use super::{Reply, Texts, Typed, address, find, name, shell};
use crate::domain::day::Local;
use crate::domain::link::Stage;
use crate::domain::questionnaire::Questionnaire;
use crate::domain::questionnaire::tag::Tag;
use crate::error::Error;
use crate::locale::Lang;
use crate::web::actor::Actor;
use crate::web::respond::page;
use crate::web::server::POLICY;
use crate::web::state::State;
use crate::web::survey;

struct Choice {
    word: String,
    address: String,
    is_open: bool,
}

#[derive(Template)]
#[template(path = "console/questionnaire-preview.html", config = "frontend/askama.toml")]
struct Page {
    shell: Shell,
    texts: Texts,
    address: String,
    frame: String,
    languages: Vec<Choice>,
    stages: Vec<Choice>,
}

/// Language and stage that are looked at; what there is not gives the usual ones.
fn chosen(questionnaire: &Questionnaire, asked: &Typed) -> (Tag, Option<Stage>) {
    let tag = asked.get("lang").and_then(|tag| Tag::parse(tag));
    let tag = tag.filter(|tag| questionnaire.texts.contains_key(tag));
    let stage = asked.get("stage").and_then(|key| Stage::from_key(key)).unwrap_or(Stage::Result);
    (tag.unwrap_or_else(|| Lang::default().into()), Some(stage).filter(|_| questionnaire.kind.has_fields()))
}

fn says(tag: &Tag, stage: Option<Stage>) -> String {
    stage.map_or_else(|| format!("?lang={tag}"), |stage| format!("?lang={tag}&stage={}", stage.key()))
}

/// GET /console/catalogue/questionnaires/{id}/preview
///
/// # Errors
/// Not found, also for whoever may not; those of the database.
pub async fn show(
    state: web::Data<State>,
    actor: Actor,
    id: web::Path<i64>,
    asked: web::Query<Typed>,
) -> Reply {
    let lang = actor.lang();
    let found = find(&state, &actor, *id).await?;
    let (tag, stage) = chosen(&found, &asked);
    let own = address(found.id);
    let language = |other: &Tag| Choice {
        word: found.texts.get(other).map(|texts| texts.own_name(other)).unwrap_or_default(),
        address: format!("{own}/preview{}", says(other, stage)),
        is_open: *other == tag,
    };
    let at = |other: &Stage| Choice {
        word: words::stage(lang, *other),
        address: format!("{own}/preview{}", says(&tag, Some(*other))),
        is_open: Some(*other) == stage,
    };
    let title = lang.with("questionnaires.preview-of", &[("name", &name(lang, &found))]);
    let mut reply = page(&Page {
        shell: shell(&state, &actor, title, format!("{own}/preview")),
        texts: Texts(lang),
        frame: format!("{own}/preview/page{}", says(&tag, stage)),
        languages: found.languages().into_iter().map(language).collect(),
        stages: stage.map(|_| Stage::ALL.iter().map(at).collect()).unwrap_or_default(),
        address: own,
    })?;
    let policy = HeaderValue::from_str(&format!("{POLICY}; frame-src 'self'")).map_err(Error::internal)?;
    reply.headers_mut().insert(CONTENT_SECURITY_POLICY, policy);
    Ok(reply)
}

/// GET /console/catalogue/questionnaires/{id}/preview/page
///
/// # Errors
/// Not found, also for whoever may not; those of the database.
pub async fn frame(
    state: web::Data<State>,
    actor: Actor,
    id: web::Path<i64>,
    asked: web::Query<Typed>,
) -> Reply {
    let found = find(&state, &actor, *id).await?;
    let (tag, stage) = chosen(&found, &asked);
    let (snapshot, today) = (state.catalogue.snapshot(), Local::at(Utc::now()).day);
    Ok(survey::preview::page(&snapshot, &found, &tag, stage, today, |other| says(other, stage))?)
}
