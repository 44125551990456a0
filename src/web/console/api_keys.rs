//! API keys in the console: the list, a new key shown once, revocation.

use std::collections::HashMap;

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use chrono::{NaiveDate, Utc};

use super::choices::{self, Choice};
use super::people::OncePage;
use super::session::Proof;
use super::{FormFault, Shell, form_faults, words};
use crate::app::api_keys::{self, Draft};
use crate::app::catalogue::Snapshot;
use crate::db::api_keys::Stored;
use crate::domain::api_key::{Reading, Standing};
use crate::domain::day::{self, Local};
use crate::domain::ids::{KeyId, UnitId};
use crate::error::{Error, FieldError, Result};
use crate::locale::{Lang, Message};
use crate::web::actor::Actor;
use crate::web::respond::{Fault, page, page_with, see_other};
use crate::web::state::State;

type Typed = HashMap<String, String>;
type Reply = std::result::Result<HttpResponse, Fault>;

struct Line {
    id: KeyId,
    name: String,
    scope: String,
    reads: String,
    made: String,
    last_day: String,
    last_use: String,
    standing: Standing,
    standing_word: String,
}

impl Line {
    fn of(lang: Lang, snapshot: &Snapshot, stored: &Stored, today: NaiveDate) -> Self {
        let (key, standing) = (&stored.key, stored.key.standing(today));
        Self {
            id: key.id,
            name: key.name.clone(),
            scope: key
                .unit
                .map_or_else(|| lang.text("people.province"), |unit| words::unit(snapshot, unit, today)),
            reads: key.reads.map_or_else(|| "–".to_owned(), |reads| reading(lang, reads)),
            made: format!("{} · {}", words::instant(lang, stored.created_at), stored.created_by),
            last_day: lang.date(day::previous(key.valid_to)),
            last_use: stored
                .last_used_at
                .map_or_else(|| lang.text("people.key-unused"), |at| words::instant(lang, at)),
            standing_word: lang.text(&format!("people.key-{}", standing.key())),
            standing,
        }
    }

    fn is_revoked(&self) -> bool {
        self.standing == Standing::Revoked
    }
}

fn reading(lang: Lang, reading: Reading) -> String {
    lang.text(&format!("people.reads-{}", reading.key()))
}

#[derive(Template)]
#[template(path = "console/api-keys.html", config = "frontend/askama.toml")]
struct KeysPage {
    shell: Shell,
    lines: Vec<Line>,
    typed: Typed,
    units: Vec<Choice>,
    reads: Vec<Choice>,
    faults: Vec<FormFault>,
}

impl KeysPage {
    fn of(
        actor: &Actor,
        snapshot: &Snapshot,
        stored: &[Stored],
        typed: Typed,
        faults: Vec<FormFault>,
    ) -> Self {
        let (lang, today) = (actor.lang(), Local::at(Utc::now()).day);
        Self {
            shell: Shell::of(
                actor,
                snapshot,
                "api-keys",
                lang.text("people.keys-title"),
                "/console/api-keys".to_owned(),
            ),
            lines: stored.iter().map(|stored| Line::of(lang, snapshot, stored, today)).collect(),
            units: choices::all_units(snapshot, today, typed.get("unit")),
            reads: choices::of(Reading::ALL.map(|one| (one.key(), reading(lang, one))), typed.get("reads")),
            typed,
            faults,
        }
    }

    fn typed(&self, name: &str) -> &str {
        self.typed.get(name).map_or("", String::as_str)
    }
}

async fn stored(state: &State, actor: &Actor) -> Result<Vec<Stored>> {
    let person = actor.person.clone();
    state.block(move |db| db.read(|conn| api_keys::list(conn, &person))).await
}

/// GET /console/api-keys
///
/// # Errors
/// Not found for all but administrators; those of the database.
pub async fn list(state: web::Data<State>, actor: Actor) -> Reply {
    let stored = stored(&state, &actor).await?;
    let typed = Typed::from([("last_day".to_owned(), api_keys::proposed_last_day().to_string())]);
    page(&KeysPage::of(&actor, &state.catalogue.snapshot(), &stored, typed, Vec::new()))
}

fn read(typed: &Typed) -> Result<Draft> {
    let text = |name: &str| typed.get(name).map_or("", |text| text.trim());
    let mut faults = Vec::new();
    let reads = Reading::from_key(text("reads"));
    if reads.is_none() {
        let expected = Reading::ALL.map(Reading::key).join(", ");
        let message = Message::new("error.expected-one-of").with("expected", expected);
        faults.push(FieldError::new("reads", message.with("found", text("reads"))));
    }
    let unit = text("unit").parse::<i64>().ok().map(UnitId::from);
    if unit.is_none() && !text("unit").is_empty() {
        faults.push(FieldError::new("unit", Message::new("error.unit-not-found")));
    }
    let last_day = text("last_day").parse::<NaiveDate>().ok();
    if last_day.is_none() {
        let message = Message::new("audit.no-day").with("found", text("last_day"));
        faults.push(FieldError::new("last_day", message));
    }
    match (reads, last_day) {
        (Some(reads), Some(last_day)) if faults.is_empty() => {
            Ok(Draft { name: text("name").to_owned(), unit, reads, last_day })
        }
        _ => Err(Error::Invalid(faults)),
    }
}

/// POST /console/api-keys: makes a key and shows it once.
///
/// # Errors
/// Forbidden for a form of another page; not found for all but administrators; those of the database.
/// Wrong input shows the form again.
pub async fn create(
    state: web::Data<State>,
    actor: Actor,
    request: HttpRequest,
    form: web::Form<Typed>,
) -> Reply {
    actor.check(request.headers(), form.get("csrf").map_or("", String::as_str))?;
    let stored = stored(&state, &actor).await?;
    let (snapshot, lang) = (state.catalogue.snapshot(), actor.lang());
    let outcome = match read(&form) {
        Ok(draft) => {
            let (person, catalogue) = (actor.person.clone(), snapshot.clone());
            state.block(move |db| db.write(|conn| api_keys::create(conn, &catalogue, &person, &draft))).await
        }
        Err(error) => Err(error),
    };
    match outcome {
        Ok(secret) => {
            let back = "/console/api-keys".to_owned();
            let title = lang.text("people.key-title");
            page(&OncePage {
                shell: Shell::of(&actor, &snapshot, "api-keys", title, back.clone()),
                lead: lang.text("people.key-lead"),
                secret,
                back,
            })
        }
        Err(error) => {
            let faults = form_faults(lang, error)?;
            let page = KeysPage::of(&actor, &snapshot, &stored, form.into_inner(), faults);
            page_with(StatusCode::UNPROCESSABLE_ENTITY, &page)
        }
    }
}

/// POST /console/api-keys/{id}/revocation
///
/// # Errors
/// Forbidden for a form of another page; not found, and for all but administrators; conflict when it was
/// revoked before; those of the database.
pub async fn revoke(
    state: web::Data<State>,
    actor: Actor,
    request: HttpRequest,
    id: web::Path<i64>,
    form: web::Form<Proof>,
) -> Reply {
    actor.check(request.headers(), &form.csrf)?;
    let (person, id) = (actor.person.clone(), KeyId::from(*id));
    state.block(move |db| db.write(|conn| api_keys::revoke(conn, &person, id))).await?;
    Ok(see_other("/console/api-keys"))
}
