//! People in the console: the list, invitations, one account and what can be done with it.

use std::cmp::Ordering;
use std::collections::HashMap;

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use chrono::{NaiveDate, Utc};

use super::account::{SessionLine, session_lines};
use super::choices::{self, Choice};
use super::paging::{self, Pages};
use super::person_form::{self, FormPage};
use super::session::Proof;
use super::{Shell, exports, form_faults, words};
use crate::app::catalogue::Snapshot;
use crate::app::exports::{Sheet, Value};
use crate::app::people::{self, Account};
use crate::app::token::Token;
use crate::db::conn::Conn;
use crate::db::people::Person;
use crate::domain::day::Local;
use crate::domain::fold;
use crate::domain::ids::PersonId;
use crate::domain::person::{AccountState, Actor as Who, Permission, Role};
use crate::error::Result;
use crate::locale::Lang;
use crate::web::actor::{Actor, encode};
use crate::web::respond::{Fault, page, page_with, see_other};
use crate::web::state::State;

type Words = HashMap<String, String>;
type Reply = std::result::Result<HttpResponse, Fault>;

/// Columns by which the list is sorted.
const COLUMNS: [&str; 6] = ["name", "login", "role", "unit", "state", "codes"];

struct Line {
    id: PersonId,
    name: String,
    login: String,
    role: Role,
    role_word: String,
    unit: String,
    state: &'static str,
    state_word: String,
    codes: String,
}

impl Line {
    fn of(lang: Lang, snapshot: &Snapshot, person: &Person, today: NaiveDate) -> Self {
        let state = person.state().key();
        let codes = if person.totp_secret.is_some() { "people.codes-on" } else { "people.codes-off" };
        Self {
            id: person.id,
            name: person.name.clone(),
            login: person.login.clone(),
            role: person.role,
            role_word: words::role_name(lang, person.role),
            unit: person
                .unit
                .map_or_else(|| lang.text("people.province"), |unit| words::unit(snapshot, unit, today)),
            state,
            state_word: lang.text(&format!("people.state-{state}")),
            codes: lang.text(codes),
        }
    }

    fn cell(&self, column: &str) -> &str {
        match column {
            "login" => &self.login,
            "role" => &self.role_word,
            "unit" => &self.unit,
            "state" => &self.state_word,
            "codes" => &self.codes,
            _ => &self.name,
        }
    }

    fn is_found(&self, asked: &Words) -> bool {
        let word = |name: &str| asked.get(name).map(String::as_str).filter(|word| !word.is_empty());
        let text = fold::fold(&format!("{} {} {}", self.name, self.login, self.unit));
        word("q").is_none_or(|search| fold::matches(&text, search))
            && word("role").is_none_or(|role| role == self.role.key())
            && word("state").is_none_or(|state| state == self.state)
    }
}

/// The people whom an address asks for, in its order.
fn lines(lang: Lang, snapshot: &Snapshot, people: &[Person], asked: &Words) -> Vec<Line> {
    let today = Local::at(Utc::now()).day;
    let mut lines: Vec<Line> = people
        .iter()
        .map(|person| Line::of(lang, snapshot, person, today))
        .filter(|line| line.is_found(asked))
        .collect();
    let column = asked.get("sort").map_or("name", String::as_str);
    // The last word of a Vietnamese name is the one by which people are sorted.
    let given = |line: &Line| fold::fold(line.name.split_whitespace().last().unwrap_or_default());
    lines.sort_by(|one, other| {
        let order = if column == "name" || !COLUMNS.contains(&column) {
            given(one).cmp(&given(other)).then_with(|| one.name.cmp(&other.name))
        } else {
            fold::fold(one.cell(column)).cmp(&fold::fold(other.cell(column)))
        };
        let order = if is_descending(asked) { order.reverse() } else { order };
        if order == Ordering::Equal { one.login.cmp(&other.login) } else { order }
    });
    lines
}

fn is_descending(asked: &Words) -> bool {
    asked.get("dir").is_some_and(|dir| dir == "desc")
}

/// The filters and, where asked for, the order as the part of an address after the question mark.
fn query(asked: &Words, names: &[&str]) -> String {
    let given = names.iter().filter_map(|name| asked.get(*name).map(|value| (name, value.trim())));
    let parts: Vec<String> = given
        .filter(|(_, value)| !value.is_empty())
        .map(|(name, value)| format!("{name}={}", encode(value)))
        .collect();
    parts.join("&")
}

struct Heading {
    word: String,
    address: String,
    sorted: Option<&'static str>,
}

fn headings(lang: Lang, asked: &Words) -> Vec<Heading> {
    let sort = asked.get("sort").map_or("name", String::as_str);
    let filters = query(asked, &["q", "role", "state"]);
    let heading = |column: &str| {
        let is_sorted = sort == column;
        let descending = is_sorted && !is_descending(asked);
        let dir = if descending { "desc" } else { "asc" };
        Heading {
            word: lang.text(&format!("people.column-{column}")),
            address: format!("/console/people?sort={column}&dir={dir}&{filters}"),
            sorted: is_sorted.then_some(if is_descending(asked) { "descending" } else { "ascending" }),
        }
    };
    COLUMNS.into_iter().map(heading).collect()
}

#[derive(Template)]
#[template(path = "console/people.html", config = "frontend/askama.toml")]
struct ListPage {
    shell: Shell,
    headings: Vec<Heading>,
    lines: Vec<Line>,
    count: String,
    searched: String,
    roles: Vec<Choice>,
    states: Vec<Choice>,
    pages: Pages,
    exports: [(&'static str, String); 2],
}

async fn everyone(state: &State, actor: &Actor) -> Result<Vec<Person>> {
    let person = actor.person.clone();
    state.block(move |db| db.read(|conn| people::list(conn, &person))).await
}

/// GET /console/people
///
/// # Errors
/// Not found for all but administrators; those of the database.
pub async fn list(
    state: web::Data<State>,
    actor: Actor,
    request: HttpRequest,
    asked: web::Query<Words>,
) -> Reply {
    let people = everyone(&state, &actor).await?;
    let (snapshot, lang) = (state.catalogue.snapshot(), actor.lang());
    let mut lines = lines(lang, &snapshot, &people, &asked);
    let (total, all) = (lines.len(), query(&asked, &["q", "role", "state", "sort", "dir"]));
    let address = |number: usize| format!("/console/people?{all}&page={number}");
    let pages = paging::cut(&mut lines, paging::number(&asked), address, lang);
    let here = request.uri().path_and_query().map_or_else(String::new, ToString::to_string);
    let chosen = |name: &str| asked.get(name).map_or("", String::as_str);
    let named = AccountState::ALL.map(|one| (one.key(), lang.text(&format!("people.state-{}", one.key()))));
    page(&ListPage {
        shell: Shell::of(&actor, &snapshot, "people", lang.text("people.title"), here),
        headings: headings(lang, &asked),
        lines,
        count: lang.count(u64::try_from(total).unwrap_or_default()),
        searched: chosen("q").to_owned(),
        roles: person_form::roles(lang, chosen("role")),
        states: choices::of(named, Some(chosen("state"))),
        exports: ["csv", "xlsx"].map(|format| {
            let name = if format == "csv" { "CSV" } else { "XLSX" };
            (name, format!("/console/people.{format}?{all}"))
        }),
        pages,
    })
}

/// GET /console/people.{format}: all people whom the filters find, in the order of the page.
///
/// # Errors
/// Not found for all but administrators and for another format; those of the database.
pub async fn export(
    state: web::Data<State>,
    actor: Actor,
    format: web::Path<String>,
    asked: web::Query<Words>,
) -> Reply {
    let people = everyone(&state, &actor).await?;
    let lang = actor.lang();
    let lines = lines(lang, &state.catalogue.snapshot(), &people, &asked);
    let title = |column: &str| (column.to_owned(), lang.text(&format!("people.column-{column}")));
    let row = |line: &Line| COLUMNS.map(|column| Value::Text(line.cell(column).to_owned())).into();
    let sheet = Sheet { columns: COLUMNS.map(title).into(), rows: lines.iter().map(row).collect() };
    Ok(exports::download(&sheet, "people", &lang.text("people.title"), &format)?)
}

/// GET /console/people/new
///
/// # Errors
/// Not found for all but administrators.
pub async fn new(state: web::Data<State>, actor: Actor) -> Reply {
    actor.person.require(Permission::ManagePeople)?;
    let typed = Words::from([("role".to_owned(), Role::UnitViewer.key().to_owned())]);
    page(&FormPage::of(&actor, &state.catalogue.snapshot(), typed, Vec::new()))
}

/// POST /console/people: invites a person and shows the one-time link.
///
/// # Errors
/// Forbidden for a form of another page; not found for all but administrators; those of the database.
/// Wrong input shows the form again.
pub async fn create(
    state: web::Data<State>,
    actor: Actor,
    request: HttpRequest,
    form: web::Form<Words>,
) -> Reply {
    actor.check(request.headers(), form.get("csrf").map_or("", String::as_str))?;
    actor.person.require(Permission::ManagePeople)?;
    let (snapshot, today) = (state.catalogue.snapshot(), Local::at(Utc::now()).day);
    let outcome = match person_form::draft(&form) {
        Ok(draft) => {
            let (person, catalogue) = (actor.person.clone(), snapshot.clone());
            state
                .block(move |db| db.write(|conn| people::invite(conn, &catalogue, &person, &draft, today)))
                .await
        }
        Err(error) => Err(error),
    };
    match outcome {
        Ok((person, token)) => link_page(&state, &actor, person, &token),
        Err(error) => {
            let faults = form_faults(actor.lang(), error)?;
            let page = FormPage::of(&actor, &snapshot, form.into_inner(), faults);
            page_with(StatusCode::UNPROCESSABLE_ENTITY, &page)
        }
    }
}

/// A page that shows a secret once.
#[derive(Template)]
#[template(path = "console/once.html", config = "frontend/askama.toml")]
pub(super) struct OncePage {
    /// Frame.
    pub shell: Shell,
    /// What it is and what to do with it.
    pub lead: String,
    /// The secret.
    pub secret: String,
    /// Where to go on.
    pub back: String,
}

fn link_page(state: &State, actor: &Actor, person: PersonId, token: &Token) -> Reply {
    let lang = actor.lang();
    let hours = people::INVITATION_HOURS.to_string();
    let back = format!("/console/people/{person}");
    let title = lang.text("people.link-title");
    page(&OncePage {
        shell: Shell::of(actor, &state.catalogue.snapshot(), "people", title, back.clone()),
        lead: lang.with("people.link-lead", &[("hours", &hours)]),
        secret: format!("{}/console/invitation/{}", state.config.public_url(), token.to_text()),
        back,
    })
}

#[derive(Template)]
#[template(path = "console/person.html", config = "frontend/askama.toml")]
struct PersonPage {
    shell: Shell,
    line: Line,
    since: String,
    codes_since: Option<String>,
    invited_until: Option<String>,
    sessions: Vec<SessionLine>,
    history: String,
    roles: Vec<Choice>,
    units: Vec<Choice>,
    typed: Words,
    faults: Vec<super::FormFault>,
}

impl PersonPage {
    fn of(
        actor: &Actor,
        snapshot: &Snapshot,
        account: &Account,
        typed: Words,
        faults: Vec<super::FormFault>,
    ) -> Self {
        let (lang, today, person) = (actor.lang(), Local::at(Utc::now()).day, &account.person);
        let here = format!("/console/people/{}", person.id);
        let chosen = |name: &str| typed.get(name).map_or("", String::as_str);
        Self {
            shell: Shell::of(actor, snapshot, "people", person.name.clone(), here),
            line: Line::of(lang, snapshot, person, today),
            since: words::instant(lang, person.created_at),
            codes_since: person.totp_since.map(|since| words::instant(lang, since)),
            invited_until: account.invited_until.map(|until| words::instant(lang, until)),
            sessions: session_lines(lang, &account.sessions, &actor.token.hash()),
            history: format!("/console/audit?subject={}", encode(&people::subject(&person.login))),
            roles: person_form::roles(lang, chosen("role")),
            units: choices::all_units(snapshot, today, typed.get("unit")),
            typed,
            faults,
        }
    }

    fn typed(&self, name: &str) -> &str {
        self.typed.get(name).map_or("", String::as_str)
    }
}

async fn account(state: &State, actor: &Actor, id: PersonId) -> Result<Account> {
    let person = actor.person.clone();
    state.block(move |db| db.read(|conn| people::account(conn, &person, id))).await
}

/// GET /console/people/{id}
///
/// # Errors
/// Not found, and for all but administrators; those of the database.
pub async fn show(state: web::Data<State>, actor: Actor, id: web::Path<i64>) -> Reply {
    let account = account(&state, &actor, PersonId::from(*id)).await?;
    let typed = person_form::typed(&account.person);
    page(&PersonPage::of(&actor, &state.catalogue.snapshot(), &account, typed, Vec::new()))
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
    actor.check(request.headers(), form.get("csrf").map_or("", String::as_str))?;
    actor.person.require(Permission::ManagePeople)?;
    let (snapshot, today, id) = (state.catalogue.snapshot(), Local::at(Utc::now()).day, PersonId::from(*id));
    let outcome = match person_form::change(&form) {
        Ok(change) => {
            let (person, catalogue) = (actor.person.clone(), snapshot.clone());
            state
                .block(move |db| {
                    db.write(|conn| people::change(conn, &catalogue, &person, id, &change, today))
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
            let page = PersonPage::of(&actor, &snapshot, &account, form.into_inner(), faults);
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
    let person = actor.person.clone();
    state.block(move |db| db.write(|conn| deed(conn, &person, PersonId::from(id)))).await?;
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
    let (person, id) = (actor.person.clone(), PersonId::from(*id));
    let token = state.block(move |db| db.write(|conn| people::reset_by_link(conn, &person, id))).await?;
    link_page(&state, &actor, id, &token)
}
