//! The audit in the console: search, one page of rows, and the same rows as a file.

mod names;

use std::collections::HashMap;

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use chrono::NaiveDate;

use self::names::Names;
use super::choices::{self, Choice};
use super::paging::{self, Pages, ROWS};
use super::{FormFault, Shell, exports, form_faults, words};
use crate::app::audit;
use crate::db::audit::{Entry, Search};
use crate::domain::day;
use crate::domain::person::Permission;
use crate::error::{Error, FieldError, Result};
use crate::locale::{Lang, Message};
use crate::web::actor::{Actor, encode};
use crate::web::respond::{Fault, page_with};
use crate::web::state::State;

type Words = HashMap<String, String>;

/// Names of the filters in the address.
const FILTERS: [&str; 5] = ["actor", "action", "subject", "from", "to"];

struct Line {
    id: i64,
    at: String,
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
            details: audit::details(&entry.record.details),
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
        actor: text("actor").map(str::to_lowercase),
        action: text("action").map(str::to_owned),
        subject: text("subject").map(str::to_owned),
        from: from.map(day::start),
        until: to.map(|to| day::start(day::next(to))),
    })
}

/// The part of an address that repeats the filters.
fn filters(words: &Words) -> String {
    let given = FILTERS.into_iter().filter_map(|name| words.get(name).map(|value| (name, value)));
    let parts: Vec<String> = given
        .filter(|(_, value)| !value.trim().is_empty())
        .map(|(name, value)| format!("{name}={}", encode(value.trim())))
        .collect();
    if parts.is_empty() { String::new() } else { format!("?{}", parts.join("&")) }
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
        Err(error) => (StatusCode::UNPROCESSABLE_ENTITY, form_faults(lang, error)?, None),
    };
    let person = actor.person.clone();
    let place = move |count: u64| {
        let first = paging::first(number, usize::try_from(count).unwrap_or(usize::MAX));
        [first, ROWS].map(|rows| i64::try_from(rows).unwrap_or(i64::MAX)).into()
    };
    let (entries, total, actions, people) = state
        .block(move |db| {
            db.read(|conn| {
                let found = match &wanted {
                    Some(wanted) => audit::page(conn, &person, wanted, place)?,
                    None => (Vec::new(), 0),
                };
                let people = crate::db::people::names(conn)?;
                Ok((found.0, found.1, crate::db::audit::actions(conn)?, people))
            })
        })
        .await?;
    let query = filters(&asked);
    let here = request.uri().path_and_query().map_or_else(String::new, ToString::to_string);
    let (snapshot, title) = (state.catalogue.snapshot(), lang.text("audit.title"));
    let names = Names { lang, snapshot: &snapshot, people: &people };
    let joint = if query.is_empty() { '?' } else { '&' };
    let address = |number: usize| format!("/console/audit{query}{joint}page={number}");
    let export = |format: &str| format!("/console/audit.{format}{query}");
    page_with(
        status,
        &ListPage {
            shell: Shell::of(&actor, &snapshot, "audit", title, here),
            actions: actions_of(lang, actions, asked.get("action")),
            lines: entries.into_iter().map(|entry| Line::of(&names, entry)).collect(),
            count: lang.count(total),
            pages: paging::of(usize::try_from(total).unwrap_or(usize::MAX), number, address, lang),
            exports: [("CSV", export("csv")), ("XLSX", export("xlsx"))],
            typed: asked.into_inner(),
            faults,
        },
    )
}

fn actions_of(lang: Lang, actions: Vec<String>, chosen: Option<&String>) -> Vec<Choice> {
    let named = actions.into_iter().map(|key| (audit::action(lang, &key), key));
    let mut named: Vec<(String, String)> = named.collect();
    named.sort();
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
    let sheet = state.read(&actor, move |conn, person| audit::export(conn, person, &wanted, lang)).await?;
    Ok(exports::download(&sheet, "audit", &lang.text("audit.title"), &format)?)
}
