//! Publications in the console: the list of periods that were closed, and the form that closes one.

mod one;

use std::collections::HashMap;

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use chrono::Utc;

pub use one::{act, file, show};

use super::listing::{Cell, Head, Listing, Rank, Table, Words};
use super::{FormFault, Shell, form_faults};
use crate::app::publications;
use crate::db::conn::Database;
use crate::domain::day::{self, Local};
use crate::domain::period::{Period, Span};
use crate::domain::person::Permission;
use crate::domain::publication::Publication;
use crate::error::{Error, Result};
use crate::locale::Lang;
use crate::web::actor::{Actor, submission};
use crate::web::respond::{Fault, page_with, see_other};
use crate::web::state::State;

/// Address of the list.
const LIST: &str = "/console/publications";

/// Columns of the list.
const COLUMNS: [&str; 6] = ["period", "state", "frozen", "published", "number", "sha256"];

type Reply = std::result::Result<HttpResponse, Fault>;

/// The texts of these pages.
#[derive(Clone, Copy)]
struct Texts(Lang);

impl Texts {
    fn t(&self, key: &str) -> String {
        self.0.text(&format!("publications.{key}"))
    }
}

fn address(publication: &Publication) -> String {
    format!("{LIST}/{}", publication.id)
}

/// "quý III/2026", and the version where it is a correction.
fn name(lang: Lang, publication: &Publication) -> String {
    let period = lang.period(publication.period);
    match publication.version {
        1 => period,
        version => {
            lang.with("publications.corrected", &[("period", &period), ("version", &version.to_string())])
        }
    }
}

/// A row of the list; `newest` tells whether no later version of the period was published.
fn cells(lang: Lang, publication: &Publication, newest: bool) -> Vec<Cell> {
    let issued = publication.issued.as_ref();
    let state = if issued.is_some() && !newest { "corrected" } else { publication.state.key() };
    let nothing = || Cell::text("–");
    vec![
        Cell::link(name(lang, publication), address(publication)).ranked(Rank::Day(publication.period.to())),
        Cell::state(state, lang.text(&format!("publications.state-{state}"))),
        Cell::instant(lang, publication.frozen_at),
        issued.map_or_else(nothing, |issued| Cell::instant(lang, issued.at)),
        issued.map_or_else(nothing, |issued| {
            let number = u64::try_from(issued.number).unwrap_or_default();
            Cell::number(lang.count(number), Rank::Count(number))
        }),
        issued.map_or_else(nothing, |issued| Cell { class: "hash", ..Cell::text(&issued.sha256) }),
    ]
}

/// Whether no later version of the same period was published.
fn is_newest(all: &[Publication], one: &Publication) -> bool {
    !all.iter()
        .any(|other| other.period == one.period && other.version > one.version && other.issued.is_some())
}

#[derive(Template)]
#[template(path = "console/publications.html", config = "frontend/askama.toml")]
struct ListPage {
    shell: Shell,
    texts: Texts,
    table: Table,
    may_close: bool,
    period: String,
    offered: Vec<(String, String)>,
    faults: Vec<FormFault>,
}

/// Calendar periods that are over and were not closed yet, the latest first.
fn offered(lang: Lang, all: &[Publication]) -> Vec<(String, String)> {
    let yesterday = day::previous(Local::at(Utc::now()).day);
    let spans = [Span::Quarter, Span::Half, Span::Year];
    let mut periods: Vec<Period> = spans
        .into_iter()
        .flat_map(|span| Period::around(yesterday, span).trail(span, 4))
        .filter(|period| period.to() <= yesterday && !all.iter().any(|one| one.period == *period))
        .collect();
    periods.sort_by_key(|period| std::cmp::Reverse((period.to(), period.from())));
    periods.into_iter().map(|period| (period.to_string(), lang.period(period))).collect()
}

fn table(lang: Lang, all: &[Publication]) -> Table {
    Table {
        id: "publications",
        class: "publications",
        caption: lang.text("publications.caption"),
        empty: lang.text("publications.empty"),
        heads: COLUMNS.map(|key| Head::of(key, lang.text(&format!("publications.column-{key}")))).into(),
        rows: all.iter().map(|one| cells(lang, one, is_newest(all, one))).collect(),
        ..Table::default()
    }
}

async fn published(state: &State, actor: &Actor) -> Result<Vec<Publication>> {
    state.read(actor, publications::list).await
}

fn list_page(
    state: &State,
    actor: &Actor,
    all: &[Publication],
    table: Table,
    (period, faults): (String, Vec<FormFault>),
) -> ListPage {
    let (lang, snapshot) = (actor.lang(), state.catalogue.snapshot());
    ListPage {
        shell: Shell::of(actor, &snapshot, "publications", lang.text("publications.title"), LIST.to_owned()),
        texts: Texts(lang),
        table,
        may_close: actor.person.may(Permission::Publish),
        period,
        offered: offered(lang, all),
        faults,
    }
}

/// GET /console/publications, and /console/publications.{format}
///
/// # Errors
/// Not found for whoever may not and for another format; those of the database.
pub async fn list(
    state: web::Data<State>,
    actor: Actor,
    request: HttpRequest,
    asked: web::Query<Words>,
) -> Reply {
    let (all, lang) = (published(&state, &actor).await?, actor.lang());
    let listing = Listing::of(lang, LIST, &request, &asked);
    let mut tables = [table(lang, &all)];
    if let Some(file) = listing.arrange(&mut tables, &lang.text("publications.title")).await? {
        return Ok(file);
    }
    let [table] = tables;
    page_with(StatusCode::OK, &list_page(&state, &actor, &all, table, (String::new(), Vec::new())))
}

/// POST /console/publications: closes a period.
///
/// # Errors
/// Forbidden; not found for whoever may not; those of the database.
pub async fn close(
    state: web::Data<State>,
    actor: Actor,
    request: HttpRequest,
    form: web::Form<HashMap<String, String>>,
) -> Reply {
    let form = actor.accept(&request, form)?;
    actor.person.require(Permission::Publish)?;
    let typed = form.get("period").cloned().unwrap_or_default();
    let (person, sent) = (actor.person.clone(), submission(&request, &form));
    let outcome = match Period::parse(&typed) {
        Ok(period) => {
            let (snapshot, form) = (state.catalogue.snapshot(), sent.clone());
            let close = move |db: &Database| {
                publications::close_as_sent(db, &snapshot, &person, (period, Some(&form)))
            };
            state.block(close).await
        }
        Err(wrong) => Err(Error::invalid("period", wrong.message())),
    };
    let (status, faults) = match outcome {
        Ok(id) => return Ok(see_other(&format!("{LIST}/{id}"))),
        Err(Error::Conflict(message)) => {
            if let Some(id) = state.led_to(&actor, &sent).await? {
                return Ok(see_other(&format!("{LIST}/{id}")));
            }
            (StatusCode::CONFLICT, vec![at("period", message.text(actor.lang()))])
        }
        Err(other) => (StatusCode::UNPROCESSABLE_ENTITY, form_faults(actor.lang(), other)?),
    };
    let all = published(&state, &actor).await?;
    let table = table(actor.lang(), &all);
    page_with(status, &list_page(&state, &actor, &all, table, (typed, faults)))
}

fn at(field: &str, text: String) -> FormFault {
    FormFault { field: field.to_owned(), label: String::new(), text }
}
