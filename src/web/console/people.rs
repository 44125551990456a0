//! People in the console: the list, and invitations.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use chrono::{NaiveDate, Utc};

use super::choices::{self, Choice};
use super::listing::{Cell, Head, Listing, Rank, Table, Words};
use super::person::address;
use super::person_form::{self, FormPage};
use super::{Shell, form_faults, words};
use crate::app::catalogue::Snapshot;
use crate::app::people;
use crate::app::token::Token;
use crate::db::conn::Conn;
use crate::db::people::Person;
use crate::domain::day::Local;
use crate::domain::fold;
use crate::domain::ids::PersonId;
use crate::domain::person::{AccountState, Permission, Role};
use crate::error::Result;
use crate::locale::Lang;
use crate::web::actor::{Actor, submission};
use crate::web::respond::{Fault, page, page_with};
use crate::web::state::State;

type Reply = std::result::Result<HttpResponse, Fault>;

/// Address of the list.
const PATH: &str = "/console/people";

/// Columns of the list.
const COLUMNS: [&str; 6] = ["name", "login", "role", "unit", "state", "codes"];

/// A person in words.
pub(super) struct Line {
    pub(super) id: PersonId,
    pub(super) name: String,
    pub(super) login: String,
    role: Role,
    pub(super) role_word: String,
    pub(super) unit: String,
    pub(super) state: &'static str,
    pub(super) state_word: String,
    pub(super) codes: String,
}

impl Line {
    pub(super) fn of(lang: Lang, snapshot: &Snapshot, person: &Person, today: NaiveDate) -> Self {
        let state = person.state().key();
        let codes = if person.totp_secret.is_some() { "people.codes-on" } else { "people.codes-off" };
        Self {
            id: person.id,
            name: person.name.clone(),
            login: person.login.clone(),
            role: person.role,
            role_word: words::role_name(lang, person.role),
            unit: person.unit.map_or_else(
                || lang.text("people.province"),
                |unit| words::bound(lang, snapshot, unit, today),
            ),
            state,
            state_word: lang.text(&format!("people.state-{state}")),
            codes: lang.text(codes),
        }
    }

    fn is_found(&self, listing: &Listing<'_>) -> bool {
        let is_any = |name: &str, own: &str| listing.word(name).is_empty() || listing.word(name) == own;
        let text = fold::fold(&format!("{} {} {}", self.name, self.login, self.unit));
        fold::matches(&text, listing.word("q"))
            && is_any("role", self.role.key())
            && is_any("state", self.state)
    }

    fn cells(self) -> Vec<Cell> {
        // The last word of a Vietnamese name is the one by which people are sorted.
        let given = self.name.split_whitespace().last().unwrap_or_default();
        let name = Rank::Word(format!("{given} {}", self.name));
        vec![
            Cell::link(self.name, format!("{PATH}/{}", self.id)).ranked(name),
            Cell::text(self.login),
            Cell::text(self.role_word),
            Cell::text(self.unit),
            Cell::state(self.state, self.state_word),
            Cell::text(self.codes),
        ]
    }
}

/// The people whom an address asks for.
fn table(lang: Lang, snapshot: &Snapshot, people: &[Person], listing: &Listing<'_>) -> Table {
    let today = Local::at(Utc::now()).day;
    let lines = people.iter().map(|person| Line::of(lang, snapshot, person, today));
    Table {
        id: "people",
        class: "",
        caption: lang.text("people.caption"),
        empty: lang.text("people.empty"),
        heads: COLUMNS.map(|key| Head::of(key, lang.text(&format!("people.column-{key}")))).into(),
        rows: lines.filter(|line| line.is_found(listing)).map(Line::cells).collect(),
        first: Some("name"),
        ..Table::default()
    }
}

#[derive(Template)]
#[template(path = "console/people.html", config = "frontend/askama.toml")]
struct ListPage {
    shell: Shell,
    table: Table,
    kept: Vec<(String, String)>,
    count: String,
    searched: String,
    roles: Vec<Choice>,
    states: Vec<Choice>,
}

async fn everyone(state: &State, actor: &Actor) -> Result<Vec<Person>> {
    state.read(actor, people::list).await
}

/// GET /console/people, and /console/people.{format}: all whom the filters find, in the order of the page.
///
/// # Errors
/// Not found for all but administrators and for another format; those of the database.
pub async fn list(
    state: web::Data<State>,
    actor: Actor,
    request: HttpRequest,
    asked: web::Query<Words>,
) -> Reply {
    let people = everyone(&state, &actor).await?;
    let (snapshot, lang) = (state.catalogue.snapshot(), actor.lang());
    let listing = Listing::of(lang, PATH, &request, &asked);
    let mut tables = [table(lang, &snapshot, &people, &listing)];
    let title = lang.text("people.title");
    if let Some(file) = listing.arrange(&mut tables, &title).await? {
        return Ok(file);
    }
    let [table] = tables;
    let here = request.uri().path_and_query().map_or_else(String::new, ToString::to_string);
    let named = AccountState::ALL.map(|one| (one.key(), lang.text(&format!("people.state-{}", one.key()))));
    page(&ListPage {
        shell: Shell::of(&actor, &snapshot, "people", title, here),
        count: lang.count(u64::try_from(table.total).unwrap_or_default()),
        table,
        kept: listing.kept(),
        searched: listing.word("q").to_owned(),
        roles: person_form::roles(lang, listing.word("role")),
        states: choices::of(named, Some(listing.word("state"))),
    })
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
    let form = actor.accept(&request, form)?;
    actor.person.require(Permission::ManagePeople)?;
    let (snapshot, sent) = (state.catalogue.snapshot(), submission(&request, &form));
    let token = sent.token(&state.secret)?;
    let outcome = match person_form::draft(&form) {
        Ok(draft) => {
            let (catalogue, bits) = (snapshot.clone(), token.clone());
            let invite = move |conn: &mut Conn, person: &_| {
                people::invite(conn, &catalogue, person, &draft, &bits).map(address)
            };
            state.once(&actor, sent, invite).await
        }
        Err(error) => Err(error),
    };
    match outcome {
        Ok(back) => link_page(&state, &actor, back, &token),
        Err(error) => {
            let faults = form_faults(actor.lang(), error)?;
            let page = FormPage::of(&actor, &snapshot, form, faults);
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

/// The page with a one-time link for a person, who is found at an address.
pub(super) fn link_page(state: &State, actor: &Actor, back: String, token: &Token) -> Reply {
    let lang = actor.lang();
    let hours = people::INVITATION_HOURS.to_string();
    let title = lang.text("people.link-title");
    page(&OncePage {
        shell: Shell::of(actor, &state.catalogue.snapshot(), "people", title, back.clone()),
        lead: lang.with("people.link-lead", &[("hours", &hours)]),
        secret: format!("{}/console/invitation/{}", state.config.public_url(), token.to_text()),
        back,
    })
}
