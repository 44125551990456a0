//! One account in the console, and what can be done with it.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use chrono::Utc;
use serde::Deserialize;

use super::choices::Choice;
use super::listing::{Listing, Table, Words};
use super::people::{Line, link_page};
use super::session::Proof;
use super::{FormFault, Shell, form_faults, person_form, sessions, words};
use crate::app::catalogue::Snapshot;
use crate::app::people::{self, Account};
use crate::db::conn::Conn;
use crate::domain::day::Local;
use crate::domain::ids::PersonId;
use crate::domain::person::{Actor as Who, Permission};
use crate::error::Result;
use crate::web::actor::{Actor, encode};
use crate::web::respond::{Fault, page, page_with, see_other};
use crate::web::state::State;

type Reply = std::result::Result<HttpResponse, Fault>;

#[derive(Template)]
#[template(path = "console/person.html", config = "frontend/askama.toml")]
struct PersonPage {
    shell: Shell,
    line: Line,
    unit_ended: bool,
    since: String,
    codes_since: Option<String>,
    invited_until: Option<String>,
    sessions: Table,
    history: String,
    roles: Vec<Choice>,
    units: Vec<Choice>,
    typed: Words,
    faults: Vec<FormFault>,
}

impl PersonPage {
    fn of(
        actor: &Actor,
        snapshot: &Snapshot,
        account: &Account,
        sessions: Table,
        (typed, faults): (Words, Vec<FormFault>),
    ) -> Self {
        let (lang, today, person) = (actor.lang(), Local::at(Utc::now()).day, &account.person);
        let here = address(person.id);
        let chosen = |name: &str| typed.get(name).map_or("", String::as_str);
        Self {
            shell: Shell::of(actor, snapshot, "people", person.name.clone(), here),
            line: Line::of(lang, snapshot, person, today),
            unit_ended: person_form::is_ended(snapshot, person.unit, today),
            since: words::instant(lang, person.created_at),
            codes_since: person.totp_since.map(|since| words::instant(lang, since)),
            invited_until: account.invited_until.map(|until| words::instant(lang, until)),
            sessions,
            history: format!("/console/audit?subject={}", encode(&people::subject(&person.login))),
            roles: person_form::roles(lang, chosen("role")),
            units: person_form::units(lang, snapshot, today, chosen("unit")),
            typed,
            faults,
        }
    }

    fn typed(&self, name: &str) -> &str {
        self.typed.get(name).map_or("", String::as_str)
    }
}

async fn account(state: &State, actor: &Actor, id: PersonId) -> Result<Account> {
    state.read(actor, move |conn, person| people::account(conn, person, id)).await
}

pub(super) fn address(id: PersonId) -> String {
    format!("/console/people/{id}")
}

fn sessions_of(actor: &Actor, account: &Account) -> Table {
    sessions::table(actor.lang(), &address(account.person.id), &account.sessions, &actor.token.hash())
}

/// What an address says of a person.
#[derive(Deserialize)]
pub struct Of {
    id: i64,
}

/// GET /console/people/{id}, and /console/people/{id}.{format}: the sessions of the person.
///
/// # Errors
/// Not found, and for all but administrators and for another format; those of the database.
pub async fn show(
    state: web::Data<State>,
    actor: Actor,
    request: HttpRequest,
    of: web::Path<Of>,
    asked: web::Query<Words>,
) -> Reply {
    let account = account(&state, &actor, PersonId::from(of.id)).await?;
    let (person, path) = (&account.person, address(account.person.id));
    let mut tables = [sessions_of(&actor, &account)];
    let listing = Listing::of(actor.lang(), &path, &request, &asked);
    if let Some(file) = listing.arrange(&mut tables, &person.name).await? {
        return Ok(file);
    }
    let [sessions] = tables;
    let typed = (person_form::typed(person), Vec::new());
    page(&PersonPage::of(&actor, &state.catalogue.snapshot(), &account, sessions, typed))
}

/// POST /console/people/{id}: changes name, role and unit.
///
/// # Errors
/// Forbidden for a form of another page; not found; those of the database. Wrong input shows the form
/// again.
pub async fn change(
    state: web::Data<State>,
    actor: Actor,
    request: HttpRequest,
    id: web::Path<i64>,
    form: web::Form<Words>,
) -> Reply {
    let form = actor.accept(&request, form)?;
    actor.person.require(Permission::ManagePeople)?;
    let (snapshot, today, id) = (state.catalogue.snapshot(), Local::at(Utc::now()).day, PersonId::from(*id));
    let outcome = match person_form::change(&form) {
        Ok(change) => {
            let catalogue = snapshot.clone();
            state
                .write(&actor, move |conn, person| {
                    people::change(conn, &catalogue, person, id, &change, today)
                })
                .await
        }
        Err(error) => Err(error),
    };
    match outcome {
        Ok(()) => Ok(see_other(&format!("/console/people/{id}"))),
        Err(error) => {
            let faults = form_faults(actor.lang(), error)?;
            let account = account(&state, &actor, id).await?;
            let sessions = sessions_of(&actor, &account);
            let page = PersonPage::of(&actor, &snapshot, &account, sessions, (form, faults));
            page_with(StatusCode::UNPROCESSABLE_ENTITY, &page)
        }
    }
}

/// Does one thing to an account and shows it again.
async fn act(
    state: &State,
    actor: &Actor,
    request: &HttpRequest,
    id: i64,
    proof: &str,
    deed: fn(&mut Conn, &Who, PersonId) -> Result<()>,
) -> Reply {
    actor.check(request.headers(), proof)?;
    state.write(actor, move |conn, person| deed(conn, person, PersonId::from(id))).await?;
    Ok(see_other(&format!("/console/people/{id}")))
}

macro_rules! deed {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        ///
        /// # Errors
        /// Forbidden for a form of another page; not found, and for all but administrators; conflict where
        /// it does not fit with what is there; those of the database.
        pub async fn $name(
            state: web::Data<State>,
            actor: Actor,
            request: HttpRequest,
            id: web::Path<i64>,
            form: web::Form<Proof>,
        ) -> Reply {
            act(&state, &actor, &request, *id, &form.csrf, people::$name).await
        }
    };
}

deed!(
    /// POST /console/people/{id}/lock
    lock
);
deed!(
    /// POST /console/people/{id}/unlock
    unlock
);
deed!(
    /// POST /console/people/{id}/sign-out
    sign_out
);
deed!(
    /// POST /console/people/{id}/totp-reset
    reset_totp
);

/// POST /console/people/{id}/reset: a new one-time link, shown once.
///
/// # Errors
/// Forbidden for a form of another page; not found, and for all but administrators; conflict for a locked
/// account and for the last administrator; those of the database.
pub async fn reset(
    state: web::Data<State>,
    actor: Actor,
    request: HttpRequest,
    id: web::Path<i64>,
    form: web::Form<Proof>,
) -> Reply {
    actor.check(request.headers(), &form.csrf)?;
    let id = PersonId::from(*id);
    let token = state.write(&actor, move |conn, person| people::reset_by_link(conn, person, id)).await?;
    link_page(&state, &actor, address(id), &token)
}
