//! What to mend first: parts of an index ranked by what it would gain if they reached their targets.

use std::collections::HashMap;

use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use chrono::Utc;

use super::charts::Mark;
use super::choices::{self, Choice};
use super::filters::Filters;
use super::listing::{self, Head, Listing, Rank, Table, Words};
use super::paging::{self, Pages};
use super::periods::{self, Periods};
use super::tables::interval;
use super::{Shell, breakdown};
use crate::app::catalogue::Snapshot;
use crate::app::priorities::{self, Priority};
use crate::app::scores::{self, Cell, Dimension, Query};
use crate::db::conn::Conn;
use crate::domain::day::Local;
use crate::domain::number::nearest;
use crate::domain::person;
use crate::error::{Error, Result};
use crate::locale::{Lang, Message};
use crate::web::actor::Actor;
use crate::web::respond::{Fault, page_with};
use crate::web::state::State;

/// Address of the page.
const PATH: &str = "/console/priorities";

/// Columns of the list as a file.
const COLUMNS: [&str; 10] =
    ["part", "gain", "index", "n", "interval", "target", "missing", "verdict", "element", "element-index"];

/// Entries on a page: what drives each of them is a query of its own.
const ROWS: usize = 20;

/// What the parts of an index are, for this page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Parts {
    /// A unit's work in a field.
    UnitField,
    /// Procedures.
    Procedure,
    /// Counters.
    Counter,
}

impl Parts {
    const ALL: [Self; 3] = [Self::UnitField, Self::Procedure, Self::Counter];

    const fn key(self) -> &'static str {
        match self {
            Self::UnitField => "unit-field",
            Self::Procedure => "procedure",
            Self::Counter => "counter",
        }
    }

    /// The cuts of the query.
    pub const fn cuts(self) -> &'static [Dimension] {
        match self {
            Self::UnitField => &[Dimension::Unit, Dimension::Field],
            Self::Procedure => &[Dimension::Procedure],
            Self::Counter => &[Dimension::Counter],
        }
    }

    /// What is most telling at first: who in the province, what in one unit.
    pub const fn first(filters: &Filters, sees_province: bool) -> Self {
        if sees_province && filters.unit.is_none() { Self::UnitField } else { Self::Procedure }
    }
}

/// One entry of the list.
pub struct Entry {
    /// Name of the part.
    pub name: String,
    /// The breakdown of the part.
    pub address: String,
    /// The comments behind it.
    pub comments: String,
    /// Points that the whole index would gain.
    pub gain: String,
    /// Index, answers and target in words.
    pub why: String,
    /// How sure it is.
    pub verdict: Mark,
    /// The element that drives it.
    pub driver: Option<String>,
}

/// Shows priorities in words.
pub fn entries(
    lang: Lang,
    snapshot: &Snapshot,
    filters: &Filters,
    sees_province: bool,
    found: &[Priority],
) -> Vec<Entry> {
    let day = filters.period.to();
    let entry = |one: &Priority| {
        let names: Vec<String> =
            one.cells.iter().map(|cell| scores::name(*cell, snapshot, day, lang)).collect();
        let narrowed =
            one.cells.iter().fold(filters.clone(), |filters, cell| breakdown::narrowed(&filters, *cell));
        let target = one.threshold.percent();
        Entry {
            name: names.join(" · "),
            address: narrowed.breakdown(breakdown::next_cut(&narrowed, sees_province)),
            comments: narrowed.comments(),
            gain: format!("+{}", lang.decimal(one.gain, 2)),
            why: lang.with(
                "figures.priorities.why",
                &[
                    ("index", &lang.percent(one.figures.f1.percent())),
                    ("n", &lang.count(one.figures.f1.n)),
                    ("interval", &interval(lang, one.figures)),
                    ("target", &lang.decimal(target, if target.fract() == 0.0 { 0 } else { 2 })),
                    ("missing", &lang.decimal(one.missing, 1)),
                ],
            ),
            verdict: Mark::of(lang, one.verdict),
            driver: one.driver.map(|(question, share)| {
                lang.with(
                    "figures.priorities.driver",
                    &[
                        ("element", &scores::name(Cell::Element(question), snapshot, day, lang)),
                        ("index", &lang.percent(share.percent())),
                    ],
                )
            }),
        }
    };
    found.iter().map(entry).collect()
}

struct Tab {
    word: String,
    address: String,
    is_open: bool,
}

#[derive(Template)]
#[template(path = "console/priorities.html", config = "frontend/askama.toml")]
struct Page {
    shell: Shell,
    parts: &'static str,
    period_value: String,
    period_fault: Option<String>,
    periods: Periods,
    units: Vec<Choice>,
    fields: Vec<Choice>,
    filters: Filters,
    tabs: Vec<Tab>,
    entries: Vec<Entry>,
    exports: [(&'static str, String); 2],
    is_blank: bool,
    first: usize,
    pages: Pages,
}

/// The list as a file: what the page says in sentences stands in columns.
fn table(lang: Lang, snapshot: &Snapshot, filters: &Filters, found: &[Priority]) -> Table {
    let head = |key: &'static str| Head::of(key, lang.text(&format!("figures.priorities.column-{key}")));
    let name = |cell: Cell| scores::name(cell, snapshot, filters.period.to(), lang);
    let hundredths = |number: f64| Rank::Hundredths(nearest(number * 100.0));
    let share = |percent: Option<f64>| {
        listing::Cell::number(lang.percent(percent), percent.map_or(Rank::Text, hundredths))
    };
    let row = |one: &Priority| {
        let names: Vec<String> = one.cells.iter().map(|cell| name(*cell)).collect();
        let driver = one.driver.map(|(question, _)| name(Cell::Element(question)));
        let answers = one.figures.f1.n;
        vec![
            listing::Cell::text(names.join(" · ")),
            listing::Cell::number(lang.decimal(one.gain, 2), hundredths(one.gain)),
            share(one.figures.f1.percent()),
            listing::Cell::number(lang.count(answers), Rank::Count(answers)),
            listing::Cell::text(interval(lang, one.figures)),
            share(Some(one.threshold.percent())),
            listing::Cell::number(lang.decimal(one.missing, 1), hundredths(one.missing)),
            listing::Cell::text(Mark::of(lang, one.verdict).word),
            listing::Cell::text(driver.unwrap_or_default()),
            share(one.driver.and_then(|(_, share)| share.percent())),
        ]
    };
    Table {
        id: "priorities",
        heads: COLUMNS.map(head).into(),
        rows: found.iter().map(row).collect(),
        ..Table::default()
    }
}

/// The address of this page.
pub fn address(filters: &Filters, parts: Parts) -> String {
    format!("{PATH}?parts={}&{}", parts.key(), filters.to_query())
}

fn files(filters: &Filters, parts: Parts) -> [(&'static str, String); 2] {
    let query = format!("parts={}&{}", parts.key(), filters.to_query());
    [("CSV", "csv"), ("XLSX", "xlsx")].map(|(word, format)| (word, format!("{PATH}.{format}?{query}")))
}

/// GET /console/priorities, and /console/priorities.{format}: all of them.
///
/// # Errors
/// Not found for a unit out of sight, for parts that there are not and for another format; those of the
/// database.
pub async fn show(
    state: web::Data<State>,
    actor: Actor,
    request: HttpRequest,
    asked: web::Query<Words>,
) -> std::result::Result<HttpResponse, Fault> {
    let snapshot = state.catalogue.snapshot();
    let today = Local::at(Utc::now()).day;
    let filters = Filters::read(&asked, today);
    let sees_province = actor.person.sees_province();
    let parts = read_parts(&asked, &filters, sees_province)?;
    breakdown::in_sight(&snapshot, &actor, &filters)?;
    let query = filters.narrowed(&[]);
    let catalogue = snapshot.clone();
    let (lang, number, own) = (actor.lang(), paging::number(&asked), address(&filters, parts));
    let listing = Listing::of(lang, PATH, &request, &asked);
    let rows = if listing.is_file() { usize::MAX } else { ROWS };
    let (found, pages, answered, is_blank) = state
        .read(&actor, move |conn, person| {
            let mut found = priorities::find(conn, &catalogue, person, &query, parts.cuts())?;
            let pages = paging::cut_to(rows, &mut found, number, |page| format!("{own}&page={page}"), lang);
            priorities::find_drivers(conn, &catalogue, person, &query, &mut found)?;
            let is_blank = found.is_empty() && is_blank(conn, &catalogue, person, &query)?;
            Ok((found, pages, periods::answered(conn, &catalogue)?, is_blank))
        })
        .await?;
    let title = lang.with("figures.priorities.title", &[("period", &lang.period(filters.period))]);
    if let Some(file) = listing.arrange(&mut [table(lang, &snapshot, &filters, &found)], &title)? {
        return Ok(file);
    }
    let entries = entries(lang, &snapshot, &filters, sees_province, &found);
    let here = request.uri().path_and_query().map_or_else(String::new, ToString::to_string);
    page_with(
        filters.status(),
        &Page {
            shell: Shell::of(&actor, &snapshot, "priorities", title, here),
            parts: parts.key(),
            period_value: filters.typed_period(),
            period_fault: filters.period_fault(lang),
            periods: Periods::of(lang, &filters, today, answered, &|filters| address(filters, parts)),
            units: choices::units(&snapshot, &actor.person, filters.period.to(), filters.unit),
            fields: choices::fields(lang, &snapshot, filters.field),
            tabs: tabs(lang, &filters, parts, sees_province),
            entries,
            exports: files(&filters, parts),
            is_blank,
            first: pages.first,
            pages,
            filters,
        },
    )
}

/// Whether there are no answers, or too few, for anything to follow from them.
fn is_blank(conn: &mut Conn, snapshot: &Snapshot, actor: &person::Actor, query: &Query) -> Result<bool> {
    let all = scores::run(conn, snapshot, actor, &query.clone().brief())?.total.figures;
    Ok(all.is_none_or(|figures| figures.f1.n == 0))
}

fn read_parts(asked: &HashMap<String, String>, filters: &Filters, sees_province: bool) -> Result<Parts> {
    match asked.get("parts").filter(|key| !key.is_empty()) {
        None => Ok(Parts::first(filters, sees_province)),
        Some(key) => Parts::ALL
            .into_iter()
            .find(|parts| parts.key() == key)
            .ok_or_else(|| Error::NotFound(Message::new("error.page-not-found"))),
    }
}

fn tabs(lang: Lang, filters: &Filters, open: Parts, sees_province: bool) -> Vec<Tab> {
    Parts::ALL
        .into_iter()
        .filter(|parts| *parts != Parts::UnitField || sees_province)
        .map(|parts| Tab {
            word: lang.text(&format!("figures.priorities.by-{}", parts.key())),
            address: address(filters, parts),
            is_open: parts == open,
        })
        .collect()
}
