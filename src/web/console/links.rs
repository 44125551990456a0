//! Links in the console: the list, one link with its history, and their making, end and replacement.

use std::collections::{BTreeSet, HashMap};

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use chrono::{NaiveDate, Utc};

use super::link_form::{self, FormPage};
use super::{Shell, form_faults, words};
use crate::app::catalogue::Snapshot;
use crate::app::links;
use crate::app::scores::Dimension;
use crate::db;
use crate::db::conn::Conn;
use crate::db::links::Life;
use crate::domain::day::{self, Local};
use crate::domain::ids::{LinkId, UnitId};
use crate::domain::latest::Latest;
use crate::domain::link::Link;
use crate::domain::person::{self, Permission};
use crate::error::Error;
use crate::locale::{Lang, Message};
use crate::web::actor::{Actor, submission};
use crate::web::respond::{Fault, page, page_with, see_other};
use crate::web::state::State;

/// Days without an answer after which a code in use is called silent.
const SILENT: i64 = 7;

type Words = web::Query<HashMap<String, String>>;
type Reply = Result<HttpResponse, Fault>;

/// A link as a day sees it; each word is made when it is asked for.
pub(in crate::web) struct Line<'a> {
    pub(in crate::web) link: &'a Link,
    pub(super) is_replaced: bool,
    lang: Lang,
    snapshot: &'a Snapshot,
    today: NaiveDate,
}

impl<'a> Line<'a> {
    pub(super) const fn of(
        lang: Lang,
        snapshot: &'a Snapshot,
        link: &'a Link,
        is_replaced: bool,
        today: NaiveDate,
    ) -> Self {
        Self { link, is_replaced, lang, snapshot, today }
    }

    fn asked(&self) -> String {
        self.lang.text("console.links.asked")
    }

    fn named(&self, unit: Option<UnitId>) -> String {
        unit.map_or_else(String::new, |unit| words::unit(self.snapshot, unit, self.today))
    }

    pub(super) fn unit(&self) -> String {
        self.named(self.snapshot.served(self.link, self.today))
    }

    pub(super) fn deciding(&self) -> String {
        self.named(self.snapshot.deciding(self.link, self.today))
    }

    pub(super) fn counter(&self) -> &str {
        self.snapshot.counters.get(&self.link.counter).map_or("", |counter| &counter.name)
    }

    /// The address of what the counter is rated, by what its figures are best cut by.
    pub(super) fn figures(&self) -> String {
        let by = if self.link.kind.has_fields() { Dimension::Field } else { Dimension::Element };
        let (by, kind) = (by.key(), self.link.kind.key());
        format!("/console/breakdown?by={by}&kind={kind}&counter={}", self.link.counter)
    }

    pub(super) fn kind(&self) -> String {
        words::kind(self.lang, self.link.kind)
    }

    /// The field, or that it is asked; none where the questionnaire has no fields.
    pub(super) fn field(&self) -> Option<String> {
        match self.link.field.and_then(|id| self.snapshot.field(id)) {
            Some(field) => Some(field.name_in(self.lang).to_owned()),
            None => self.link.kind.has_fields().then(|| self.asked()),
        }
    }

    /// The procedure, or that it is asked; none where the questionnaire has no fields.
    pub(super) fn procedure(&self) -> Option<String> {
        match self.link.procedure.and_then(|id| self.snapshot.procedure(id, self.today)) {
            Some(version) => Some(version.name.clone()),
            None => self.link.kind.has_fields().then(|| self.asked()),
        }
    }

    pub(super) fn stage(&self) -> Option<String> {
        self.link.stage.map(|stage| words::stage(self.lang, stage))
    }

    pub(super) fn validity(&self) -> String {
        let first = self.lang.date(self.link.valid_from);
        match self.link.valid_to {
            Some(end) => format!("{first} – {}", self.lang.date(day::previous(end))),
            None => self.lang.with("console.links.from-day", &[("day", &first)]),
        }
    }

    /// Whether its code can be hung up, today or once its first day has come.
    pub(in crate::web) fn is_printable(&self) -> bool {
        matches!(self.state(), "open" | "waiting")
    }

    /// Key of the state.
    pub(super) fn state(&self) -> &'static str {
        if self.link.revoked {
            "revoked"
        } else if self.link.is_open_on(self.today) {
            "open"
        } else if self.today < self.link.valid_from {
            "waiting"
        } else {
            "expired"
        }
    }

    pub(super) fn state_word(&self) -> String {
        match self.state() {
            "revoked" if self.is_replaced => self.lang.text("catalogue.bulk.replaced"),
            state => self.lang.text(&format!("console.links.state-{state}")),
        }
    }

    /// Whether the code is in use and no answer came for [`SILENT`] days, as far as what is shown tells.
    pub(super) fn is_silent(&self, life: &Life, latest: Latest) -> bool {
        let since = match latest {
            Latest::None => Some(Local::at(life.issued.and_utc()).day),
            other => other.until(),
        };
        let is_long = |since| self.today.signed_duration_since(since).num_days() >= SILENT;
        self.state() == "open" && since.is_some_and(is_long)
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
struct LinkPage<'a> {
    shell: Shell,
    line: Line<'a>,
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
    let is_replaced = snapshot.links.values().any(|other| other.replaces == Some(id));
    let line = Line::of(lang, &snapshot, link, is_replaced, today);
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
    let (snapshot, sent) = (state.catalogue.snapshot(), submission(&request, &form));
    let outcome = match link_form::read(&form, &snapshot) {
        Ok(draft) => {
            let make = move |conn: &mut Conn, person: &_| links::create(conn, person, &draft).map(address_of);
            state.once(&actor, sent, make).await
        }
        Err(error) => Err(error),
    };
    match outcome {
        Ok(address) => Ok(see_other(&address)),
        Err(error) => {
            let faults = form_faults(actor.lang(), error)?;
            page_with(StatusCode::UNPROCESSABLE_ENTITY, &FormPage::of(&actor, &snapshot, form, faults))
        }
    }
}

fn address_of(link: Link) -> String {
    format!("/console/links/{}", link.id)
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
    form: web::Form<HashMap<String, String>>,
) -> Reply {
    let form = actor.accept(&request, form)?;
    let (snapshot, id) = (state.catalogue.snapshot(), LinkId::from(*id));
    let end = move |conn: &mut Conn, person: &_| {
        links::revoke(conn, &snapshot, person, id).map(|()| format!("/console/links/{id}"))
    };
    Ok(see_other(&state.once(&actor, submission(&request, &form), end).await?))
}

/// POST /console/links/{id}/replacement
///
/// # Errors
/// Forbidden, not found, conflict when it was revoked before or ran out; those of the database.
pub async fn replace(
    state: web::Data<State>,
    actor: Actor,
    request: HttpRequest,
    id: web::Path<i64>,
    form: web::Form<HashMap<String, String>>,
) -> Reply {
    let form = actor.accept(&request, form)?;
    let (snapshot, id) = (state.catalogue.snapshot(), LinkId::from(*id));
    let make = move |conn: &mut Conn, person: &_| links::replace(conn, &snapshot, person, id).map(address_of);
    Ok(see_other(&state.once(&actor, submission(&request, &form), make).await?))
}
