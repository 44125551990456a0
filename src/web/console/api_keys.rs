//! API keys in the console: the list, a new key shown once, revocation.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use chrono::{NaiveDate, NaiveDateTime, Utc};

use super::choices::{self, Choice};
use super::listing::{Button, Cell, Head, Listing, Place, Rank, Table, Words};
use super::people::OncePage;
use super::session::Proof;
use super::{FormFault, Shell, form_faults, words};
use crate::app::api_keys::{self, Draft};
use crate::app::catalogue::Snapshot;
use crate::db::api_keys::Stored;
use crate::db::conn::Conn;
use crate::domain::api_key::{Reading, Standing};
use crate::domain::day::{self, Local};
use crate::domain::ids::{KeyId, UnitId};
use crate::error::{Error, FieldError, Result};
use crate::locale::{Lang, Message};
use crate::web::actor::{Actor, submission};
use crate::web::respond::{Fault, page, page_with, see_other};
use crate::web::state::State;

type Typed = Words;
type Reply = std::result::Result<HttpResponse, Fault>;

/// Address of the list.
const PATH: &str = "/console/api-keys";

/// Columns of the list with the keys of their words.
const COLUMNS: [(&str, &str); 8] = [
    ("name", "key-name"),
    ("scope", "key-scope"),
    ("reads", "key-reads"),
    ("last_day", "key-last-day"),
    ("last_use", "key-last-use"),
    ("made", "key-made"),
    ("by", "key-by"),
    ("state", "column-state"),
];

/// The keys that an address asks for, the newest first.
fn table(lang: Lang, snapshot: &Snapshot, stored: &[Stored], listing: &Listing<'_>) -> Table {
    let today = Local::at(Utc::now()).day;
    let is_found = |stored: &&Stored| {
        let state = listing.word("state");
        state.is_empty() || stored.key.standing(today).key() == state
    };
    let empty = if stored.is_empty() { "people.keys-empty" } else { "people.keys-no-match" };
    let mut table = Table {
        id: "api-keys",
        class: "",
        caption: lang.text("people.keys-caption"),
        empty: lang.text(empty),
        heads: COLUMNS.map(|(key, word)| Head::of(key, lang.text(&format!("people.{word}")))).into(),
        rows: stored.iter().filter(is_found).map(|one| row(lang, snapshot, one, today)).collect(),
        ..Table::default()
    };
    table.heads.push(Head::of("revoke", lang.text("people.key-revoke")).only(Place::Screen));
    table
}

fn row(lang: Lang, snapshot: &Snapshot, stored: &Stored, today: NaiveDate) -> Vec<Cell> {
    let (key, standing) = (&stored.key, stored.key.standing(today));
    let scope = key
        .unit
        .map_or_else(|| lang.text("people.province"), |unit| words::bound(lang, snapshot, unit, today));
    let revoke = Button {
        action: format!("{PATH}/{}/revocation", key.id),
        word: lang.text("people.key-revoke"),
        about: key.name.clone(),
    };
    vec![
        Cell::text(&key.name),
        Cell::text(scope),
        Cell::text(key.reads.map_or_else(|| "–".to_owned(), |reads| reading(lang, reads))),
        Cell::day(lang, day::previous(key.valid_to)),
        stored.last_used_at.map_or_else(
            || Cell::whole(lang.text("people.key-unused")).ranked(Rank::Instant(NaiveDateTime::MIN)),
            |at| Cell::instant(lang, at),
        ),
        Cell::instant(lang, stored.created_at),
        Cell::text(&stored.created_by),
        Cell::state(standing.key(), lang.text(&format!("people.key-{}", standing.key()))),
        Cell { button: (standing != Standing::Revoked).then_some(revoke), ..Cell::text("") },
    ]
}

fn reading(lang: Lang, reading: Reading) -> String {
    lang.text(&format!("people.reads-{}", reading.key()))
}

#[derive(Template)]
#[template(path = "console/api-keys.html", config = "frontend/askama.toml")]
struct KeysPage {
    shell: Shell,
    table: Table,
    kept: Vec<(String, String)>,
    states: Vec<Choice>,
    typed: Typed,
    units: Vec<Choice>,
    reads: Vec<Choice>,
    faults: Vec<FormFault>,
}

impl KeysPage {
    fn of(
        actor: &Actor,
        snapshot: &Snapshot,
        table: Table,
        listing: &Listing<'_>,
        typed: Typed,
        faults: Vec<FormFault>,
    ) -> Self {
        let (lang, today) = (actor.lang(), Local::at(Utc::now()).day);
        let states = Standing::ALL.map(|one| (one.key(), lang.text(&format!("people.key-{}", one.key()))));
        Self {
            shell: Shell::of(actor, snapshot, "api-keys", lang.text("people.keys-title"), PATH.to_owned()),
            table,
            kept: listing.kept(),
            states: choices::of(states, Some(listing.word("state"))),
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
    state.read(actor, api_keys::list).await
}

/// GET /console/api-keys, and /console/api-keys.{format}: the keys, never their secrets.
///
/// # Errors
/// Not found for all but administrators and for another format; those of the database.
pub async fn list(
    state: web::Data<State>,
    actor: Actor,
    request: HttpRequest,
    asked: web::Query<Words>,
) -> Reply {
    let stored = stored(&state, &actor).await?;
    let typed = Typed::from([("last_day".to_owned(), api_keys::proposed_last_day().to_string())]);
    show(&state, &actor, &stored, &Listing::of(actor.lang(), PATH, &request, &asked), typed, Vec::new()).await
}

/// The list with the form for a new key below it, or the list as a file.
async fn show(
    state: &State,
    actor: &Actor,
    stored: &[Stored],
    listing: &Listing<'_>,
    typed: Typed,
    faults: Vec<FormFault>,
) -> Reply {
    let (snapshot, lang) = (state.catalogue.snapshot(), actor.lang());
    let mut tables = [table(lang, &snapshot, stored, listing)];
    if let Some(file) = listing.arrange(&mut tables, &lang.text("people.keys-title")).await? {
        return Ok(file);
    }
    let [table] = tables;
    let status = if faults.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    page_with(status, &KeysPage::of(actor, &snapshot, table, listing, typed, faults))
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
    let form = actor.accept(&request, form)?;
    let stored = stored(&state, &actor).await?;
    let (snapshot, lang) = (state.catalogue.snapshot(), actor.lang());
    let sent = submission(&request, &form);
    let token = sent.token(&state.secret)?;
    let outcome = match read(&form) {
        Ok(draft) => {
            let (catalogue, bits) = (snapshot.clone(), token.clone());
            let make = move |conn: &mut Conn, person: &_| {
                api_keys::create(conn, &catalogue, person, &draft, &bits).map(|_| PATH.to_owned())
            };
            state.once(&actor, sent, make).await
        }
        Err(error) => Err(error),
    };
    match outcome {
        Ok(back) => {
            let title = lang.text("people.key-title");
            page(&OncePage {
                shell: Shell::of(&actor, &snapshot, "api-keys", title, back.clone()),
                lead: lang.text("people.key-lead"),
                secret: api_keys::text(&token),
                back,
            })
        }
        Err(error) => {
            let (faults, asked) = (form_faults(lang, error)?, Words::new());
            let listing = Listing::of(lang, PATH, &request, &asked);
            show(&state, &actor, &stored, &listing, form, faults).await
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
    let id = KeyId::from(*id);
    state.write(&actor, move |conn, person| api_keys::revoke(conn, person, id)).await?;
    Ok(see_other(PATH))
}
