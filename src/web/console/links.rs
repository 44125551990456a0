//! Links in the console: the list, one link with its history, and their making, end and replacement.

use std::collections::{BTreeSet, HashMap};

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use chrono::{NaiveDate, Utc};

use super::link_form::{self, FormPage};
use super::session::Proof;
use super::{Shell, form_faults, words};
use crate::app::catalogue::Snapshot;
use crate::app::links;
use crate::db;
use crate::db::links::Life;
use crate::domain::code::Code;
use crate::domain::day::{self, Local};
use crate::domain::ids::{LinkId, UnitId};
use crate::domain::link::Link;
use crate::domain::person::{self, Permission};
use crate::error::{Error, Result};
use crate::locale::{Lang, Message};
use crate::web::actor::Actor;
use crate::web::respond::{Fault, page, page_with, see_other};
use crate::web::state::State;

/// Days without an answer after which a code in use is called silent.
const SILENT: i64 = 7;

type Words = web::Query<HashMap<String, String>>;
type Reply = std::result::Result<HttpResponse, Fault>;

/// A link in words.
pub(super) struct Line {
    pub(super) id: LinkId,
    pub(super) code: Code,
    pub(super) unit: String,
    pub(super) counter: String,
    pub(super) kind: String,
    pub(super) about: String,
    pub(super) field: String,
    pub(super) procedure: String,
    pub(super) deciding: String,
    pub(super) stage: String,
    pub(super) valid_from: NaiveDate,
    pub(super) validity: String,
    pub(super) state: &'static str,
    pub(super) state_word: String,
}

impl Line {
    pub(super) fn of(lang: Lang, snapshot: &Snapshot, link: &Link, today: NaiveDate) -> Self {
        let counter = snapshot.counters.get(&link.counter);
        let asked = || lang.text("console.links.asked");
        let field = match link.field.and_then(|id| snapshot.field(id)) {
            Some(field) => Some(field.name_in(lang).to_owned()),
            None => link.kind.has_fields().then(asked),
        };
        let state = state_of(link, today);
        let first = lang.date(link.valid_from);
        Self {
            id: link.id,
            code: link.code.clone(),
            unit: snapshot
                .served(link, today)
                .map_or_else(String::new, |unit| words::unit(snapshot, unit, today)),
            counter: counter.map_or_else(String::new, |counter| counter.name.clone()),
            about: field.clone().unwrap_or_else(|| words::kind(lang, link.kind)),
            kind: words::kind(lang, link.kind),
            field: field.unwrap_or_else(|| "–".to_owned()),
            procedure: match link.procedure.and_then(|id| snapshot.procedure(id, today)) {
                Some(version) => version.name.clone(),
                None if link.kind.has_fields() => asked(),
                None => "–".to_owned(),
            },
            deciding: snapshot
                .deciding(link, today)
                .map_or_else(String::new, |unit| words::unit(snapshot, unit, today)),
            stage: link.stage.map_or_else(|| "–".to_owned(), |stage| words::stage(lang, stage)),
            valid_from: link.valid_from,
            validity: match link.valid_to {
                Some(end) => format!("{first} – {}", lang.date(day::previous(end))),
                None => lang.with("console.links.from-day", &[("day", &first)]),
            },
            state,
            state_word: lang.text(&format!("console.links.state-{state}")),
        }
    }

    /// Whether the code is in use and no answer came for [`SILENT`] days.
    pub(super) fn is_silent(&self, life: &Life, today: NaiveDate) -> bool {
        let since = life.answered.unwrap_or_else(|| Local::at(life.issued.and_utc()).day);
        self.state == "open" && today.signed_duration_since(since).num_days() >= SILENT
    }
}

/// What became of some links.
pub(super) async fn lives(state: &State, ids: Vec<LinkId>) -> Result<HashMap<LinkId, Life>> {
    let lives = state.block(move |db| db.read(|conn| db::links::lives(conn, &ids))).await?;
    Ok(lives.into_iter().map(|life| (life.link, life)).collect())
}

fn state_of(link: &Link, today: NaiveDate) -> &'static str {
    if link.revoked {
        "revoked"
    } else if link.is_open_on(today) {
        "open"
    } else if today < link.valid_from {
        "waiting"
    } else {
        "expired"
    }
}

/// The units whose links the actor may see; none means all.
pub(super) fn sight(snapshot: &Snapshot, actor: &person::Actor) -> Option<BTreeSet<UnitId>> {
    actor.scope().map(|scope| snapshot.units.subtree(scope))
}

pub(super) fn is_seen(snapshot: &Snapshot, seen: Option<&BTreeSet<UnitId>>, link: &Link) -> bool {
    let unit = snapshot.counters.get(&link.counter).map(|counter| counter.unit);
    seen.is_none_or(|seen| unit.is_some_and(|unit| seen.contains(&unit)))
}

struct Event {
    at: String,
    who: String,
    what: String,
}

#[derive(Template)]
#[template(path = "console/link.html", config = "frontend/askama.toml")]
struct LinkPage {
    shell: Shell,
    line: Line,
    address: String,
    events: Vec<Event>,
    may_end: bool,
    is_drawn: bool,
}

/// GET /console/links/{id}
///
/// # Errors
/// Not found, also for a link out of the actor's sight; those of the database.
pub async fn show(state: web::Data<State>, actor: Actor, id: web::Path<i64>) -> Reply {
    let snapshot = state.catalogue.snapshot();
    let (lang, today) = (actor.lang(), Local::at(Utc::now()).day);
    let seen = sight(&snapshot, &actor.person);
    let id = LinkId::from(*id);
    let link = snapshot.link(id).filter(|link| is_seen(&snapshot, seen.as_ref(), link));
    let link = link.ok_or_else(|| Error::NotFound(Message::new("error.link-not-found")))?;
    let history =
        state.block(move |db| db.read(|conn| db::audit::by_subject(conn, &links::subject(id)))).await?;
    let line = Line::of(lang, &snapshot, link, today);
    let title = lang.with("console.links.one", &[("code", link.code.as_str())]);
    page(&LinkPage {
        shell: Shell::of(&actor, &snapshot, "links", title, format!("/console/links/{id}")),
        address: format!("{}/s/{}", state.config.public_url(), link.code),
        events: history.into_iter().map(|entry| event(lang, entry)).collect(),
        may_end: actor.person.may(Permission::ManageLinks) && !link.revoked,
        is_drawn: !link.revoked && link.valid_to.is_none_or(|end| today < end),
        line,
    })
}

fn event(lang: Lang, entry: db::audit::Entry) -> Event {
    Event {
        at: words::instant(lang, entry.record.at),
        who: words::who(lang, entry.record.actor),
        what: lang.text(&format!("console.links.did-{}", entry.record.action.replace('.', "-"))),
    }
}

/// GET /console/links/new
///
/// # Errors
/// Not found for whoever may not make links.
pub async fn new(state: web::Data<State>, actor: Actor, asked: Words) -> Reply {
    actor.person.require(Permission::ManageLinks)?;
    page(&FormPage::of(&actor, &state.catalogue.snapshot(), link_form::defaults(&asked), Vec::new()))
}

/// POST /console/links
///
/// # Errors
/// Forbidden for a form of another page; those of the database. Wrong input shows the form again.
pub async fn create(
    state: web::Data<State>,
    actor: Actor,
    request: HttpRequest,
    form: web::Form<HashMap<String, String>>,
) -> Reply {
    actor.person.require(Permission::ManageLinks)?;
    let form = actor.accept(&request, form)?;
    let snapshot = state.catalogue.snapshot();
    let outcome = match link_form::read(&form, &snapshot) {
        Ok(draft) => {
            let catalogue = snapshot.clone();
            state.change(&actor, move |conn, person| links::create(conn, &catalogue, person, &draft)).await
        }
        Err(error) => Err(error),
    };
    match outcome {
        Ok(link) => Ok(see_other(&format!("/console/links/{}", link.id))),
        Err(error) => {
            let faults = form_faults(actor.lang(), error)?;
            page_with(StatusCode::UNPROCESSABLE_ENTITY, &FormPage::of(&actor, &snapshot, form, faults))
        }
    }
}

/// POST /console/links/{id}/revocation
///
/// # Errors
/// Forbidden, not found, conflict when it was revoked before; those of the database.
pub async fn revoke(
    state: web::Data<State>,
    actor: Actor,
    request: HttpRequest,
    id: web::Path<i64>,
    form: web::Form<Proof>,
) -> Reply {
    actor.check(request.headers(), &form.csrf)?;
    let (snapshot, id) = (state.catalogue.snapshot(), LinkId::from(*id));
    state.change(&actor, move |conn, person| links::revoke(conn, &snapshot, person, id)).await?;
    Ok(see_other(&format!("/console/links/{id}")))
}

/// POST /console/links/{id}/replacement
///
/// # Errors
/// Forbidden, not found, conflict when it was revoked before; those of the database.
pub async fn replace(
    state: web::Data<State>,
    actor: Actor,
    request: HttpRequest,
    id: web::Path<i64>,
    form: web::Form<Proof>,
) -> Reply {
    actor.check(request.headers(), &form.csrf)?;
    let (snapshot, id) = (state.catalogue.snapshot(), LinkId::from(*id));
    let link = state.change(&actor, move |conn, person| links::replace(conn, &snapshot, person, id)).await?;
    Ok(see_other(&format!("/console/links/{}", link.id)))
}
