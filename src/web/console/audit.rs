//! The audit in the console: search, one page of rows, and the same rows as a file.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use chrono::{NaiveDate, Utc};

use super::choices::{self, Choice};
use super::listing::{self, Words};
use super::paging::{self, Pages, ROWS};
use super::periods::Periods;
use super::{FormFault, Shell, exports, form_faults, words};
use crate::app::audit::{self, Names, People};
use crate::db::audit::{Entry, Search};
use crate::db::conn::Conn;
use crate::domain::day::{self, Local};
use crate::domain::period::Period;
use crate::domain::person::{self, Permission};
use crate::error::{Error, FieldError, Result};
use crate::locale::{Lang, Message, compare_names};
use crate::web::actor::{Actor, encode};
use crate::web::respond::{Fault, page_with};
use crate::web::state::State;

/// Address of the page.
const PATH: &str = "/console/audit";

/// Names of the filters and of the order in the address.
const FILTERS: [&str; 6] = ["actor", "action", "subject", "from", "to", "dir"];

struct Line {
    id: i64,
    at: String,
    /// Full name.
    who: String,
    actor: String,
    action: String,
    subject: String,
    name: Option<String>,
    details: String,
}

impl Line {
    fn of(names: &Names<'_>, entry: Entry) -> Self {
        let lang = names.lang;
        Self {
            name: names.of(&entry),
            id: entry.id,
            at: words::instant(lang, entry.record.at),
            action: audit::action(lang, &entry.record.action),
            details: audit::details(names, &entry),
            who: names.who(&entry),
            actor: entry.record.actor,
            subject: entry.record.subject,
        }
    }

    fn of_subject(&self) -> String {
        format!("/console/audit?subject={}", encode(&self.subject))
    }
}

#[derive(Template)]
#[template(path = "console/audit.html", config = "frontend/askama.toml")]
struct ListPage {
    shell: Shell,
    faults: Vec<FormFault>,
    typed: Words,
    actions: Vec<Choice>,
    lines: Vec<Line>,
    count: String,
    pages: Pages,
    periods: Periods,
    oldest_first: bool,
    turned: String,
    exports: [(&'static str, String); 2],
}

impl ListPage {
    fn typed(&self, name: &str) -> &str {
        self.typed.get(name).map_or("", String::as_str)
    }
}

/// What the address asks for.
///
/// # Errors
/// Invalid for days that cannot be read or are reversed.
fn search(words: &Words) -> Result<Search> {
    let text = |name: &str| words.get(name).map(|text| text.trim()).filter(|text| !text.is_empty());
    let mut faults = Vec::new();
    let mut date = |name: &str| {
        let found = text(name)?;
        let parsed = found.parse::<NaiveDate>().ok();
        if parsed.is_none() {
            faults.push(FieldError::new(name, Message::new("audit.no-day").with("found", found)));
        }
        parsed
    };
    let (from, to) = (date("from"), date("to"));
    if from.zip(to).is_some_and(|(from, to)| to < from) {
        faults.push(FieldError::new("to", Message::new("error.dates-reversed")));
    }
    if !faults.is_empty() {
        return Err(Error::Invalid(faults));
    }
    Ok(Search {
        actors: text("actor").map(|login| vec![login.to_lowercase()]),
        action: text("action").map(str::to_owned),
        subject: text("subject").map(str::to_owned),
        subjects: Vec::new(),
        from: from.map(day::start),
        until: to.map(|to| day::start(day::next(to))),
        oldest_first: is_oldest_first(words),
    })
}

/// The same, where people and things may be meant by their names.
fn by_names(search: Search, names: &Names<'_>) -> Search {
    let logins = |searched: Vec<String>| {
        let called = searched.iter().flat_map(|name| names.logins(name)).collect::<Vec<_>>();
        searched.into_iter().chain(called).collect()
    };
    Search {
        subjects: search.subject.as_deref().map_or_else(Vec::new, |searched| names.subjects(searched)),
        actors: search.actors.map(logins),
        ..search
    }
}

/// Faults with the names of their fields, of which there are two of days.
fn labelled(lang: Lang, mut faults: Vec<FormFault>) -> Vec<FormFault> {
    for fault in &mut faults {
        fault.label = lang.text(&format!("audit.{}", fault.field));
    }
    faults
}

fn is_oldest_first(words: &Words) -> bool {
    words.get("dir").is_some_and(|dir| dir == "asc")
}

/// An address with the filters, but for what is said anew.
fn address(path: &str, words: &Words, extra: &[(&str, String)]) -> String {
    listing::address(path, words.iter().filter(|(name, _)| FILTERS.contains(&name.as_str())), extra)
}

/// The usual periods as days from and to.
fn periods(lang: Lang, words: &Words) -> Periods {
    let date = |name: &str| words.get(name)?.trim().parse::<NaiveDate>().ok();
    let open = date("from").zip(date("to")).and_then(|(from, to)| Period::between(from, to));
    Periods::beside(lang, open, Local::at(Utc::now()).day, None, &|period| {
        let days = [("from", period.from().to_string()), ("to", period.to().to_string())];
        address(PATH, words, &days)
    })
}

/// GET /console/audit
///
/// # Errors
/// Not found for whoever may not read the audit; those of the database. Days that cannot be read show
/// the form again.
pub async fn list(
    state: web::Data<State>,
    actor: Actor,
    request: HttpRequest,
    asked: web::Query<Words>,
) -> std::result::Result<HttpResponse, Fault> {
    actor.person.require(Permission::ReadAudit)?;
    let (lang, number) = (actor.lang(), paging::number(&asked));
    let (status, faults, wanted) = match search(&asked) {
        Ok(wanted) => (StatusCode::OK, Vec::new(), Some(wanted)),
        Err(error) => (StatusCode::UNPROCESSABLE_ENTITY, labelled(lang, form_faults(lang, error)?), None),
    };
    let place = move |count: u64| {
        let first = paging::first(number, usize::try_from(count).unwrap_or(usize::MAX));
        [first, ROWS].map(|rows| i64::try_from(rows).unwrap_or(i64::MAX)).into()
    };
    let (snapshot, title) = (state.catalogue.snapshot(), lang.text("audit.title"));
    let catalogue = snapshot.clone();
    let ((entries, total), actions, people) = state
        .read(&actor, move |conn, person| {
            let people = People::read(conn)?;
            let found = match wanted {
                Some(wanted) => {
                    let names = Names { lang, snapshot: &catalogue, people: &people };
                    audit::page(conn, person, &by_names(wanted, &names), place)?
                }
                None => (Vec::new(), 0),
            };
            Ok((found, crate::db::audit::actions(conn)?, people))
        })
        .await?;
    let here = request.uri().path_and_query().map_or_else(String::new, ToString::to_string);
    let names = Names { lang, snapshot: &snapshot, people: &people };
    let page = |number: usize| address(PATH, &asked, &[("page", number.to_string())]);
    let export = |format: &str| address(&format!("{PATH}.{format}"), &asked, &[]);
    let oldest_first = is_oldest_first(&asked);
    let turned = if oldest_first { "desc" } else { "asc" };
    page_with(
        status,
        &ListPage {
            shell: Shell::of(&actor, &snapshot, "audit", title, here),
            actions: actions_of(lang, actions, asked.get("action")),
            lines: entries.into_iter().map(|entry| Line::of(&names, entry)).collect(),
            count: lang.count(total),
            pages: paging::of(usize::try_from(total).unwrap_or(usize::MAX), number, page, lang),
            periods: periods(lang, &asked),
            oldest_first,
            turned: address(PATH, &asked, &[("dir", turned.to_owned())]),
            exports: [("CSV", export("csv")), ("XLSX", export("xlsx"))],
            typed: asked.into_inner(),
            faults,
        },
    )
}

fn actions_of(lang: Lang, actions: Vec<String>, chosen: Option<&String>) -> Vec<Choice> {
    let named = actions.into_iter().map(|key| (audit::action(lang, &key), key));
    let mut named: Vec<(String, String)> = named.collect();
    named.sort_by(|(one, _), (other, _)| compare_names(one, other));
    choices::of(named.into_iter().map(|(word, key)| (key, word)), chosen)
}

/// GET /console/audit.{format}: all rows that the filters find, not the page alone.
///
/// # Errors
/// Not found for whoever may not read the audit and for another format; invalid for days that cannot be
/// read and for too many rows; those of the database.
pub async fn export(
    state: web::Data<State>,
    actor: Actor,
    format: web::Path<String>,
    asked: web::Query<Words>,
) -> std::result::Result<HttpResponse, Fault> {
    actor.person.require(Permission::ReadAudit)?;
    let (lang, wanted) = (actor.lang(), search(&asked)?);
    let snapshot = state.catalogue.snapshot();
    let export = move |conn: &mut Conn, person: &person::Actor| {
        let people = People::read(conn)?;
        let names = Names { lang, snapshot: &snapshot, people: &people };
        audit::export(conn, person, &names, &by_names(wanted, &names))
    };
    let sheet = state.read(&actor, export).await?;
    Ok(exports::download(sheet, "audit", &lang.text("audit.title"), &format).await?)
}
