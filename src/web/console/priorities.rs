//! What to mend first: parts of an index ranked by what it would gain if they reached their targets.

use std::collections::HashMap;

use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use chrono::Utc;

use super::charts::Mark;
use super::filter_form::{Chip, FilterForm, Reader, chips};
use super::filters::Filters;
use super::listing::{self, Head, Listing, Rank, Table, Words};
use super::paging::{self, Pages};
use super::periods::{self, Periods};
use super::tables::interval;
use super::{Shell, breakdown};
use crate::app::catalogue::Snapshot;
use crate::app::priorities::{self, Priority, Ranking};
use crate::app::reach;
use crate::app::scores::{self, Cell, Dimension};
use crate::domain::day::Local;
use crate::domain::number::nearest;
use crate::error::{Error, Result};
use crate::locale::{Lang, Message};
use crate::web::actor::Actor;
use crate::web::respond::{Fault, page_with};
use crate::web::state::State;

/// Address of the page.
const PATH: &str = "/console/priorities";

/// Columns of the list as a file.
const COLUMNS: [&str; 11] = [
    "cut",
    "part",
    "gain",
    "index",
    "n",
    "interval",
    "target",
    "missing",
    "verdict",
    "element",
    "element-index",
];

/// Entries on a page: what drives each of them is a query of its own.
const ROWS: usize = 20;

/// What the parts of an index are, for this page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Parts {
    /// Fields, procedures and counters of one unit together.
    All,
    /// Units, of an index that knows no fields.
    Unit,
    /// A unit's work in a field.
    UnitField,
    /// Fields of one unit.
    Field,
    /// Procedures.
    Procedure,
    /// Counters.
    Counter,
}

impl Parts {
    const ALL: [Self; 6] =
        [Self::All, Self::Unit, Self::UnitField, Self::Field, Self::Procedure, Self::Counter];

    const fn key(self) -> &'static str {
        match self {
            Self::All => "all",
            Self::Unit => "unit",
            Self::UnitField => "unit-field",
            Self::Field => "field",
            Self::Procedure => "procedure",
            Self::Counter => "counter",
        }
    }

    /// The cuts of each table whose rows they are.
    pub const fn cuts(self) -> &'static [&'static [Dimension]] {
        match self {
            Self::All => &[&[Dimension::Field], &[Dimension::Procedure], &[Dimension::Counter]],
            Self::Unit => &[&[Dimension::Unit]],
            Self::UnitField => &[&[Dimension::Unit, Dimension::Field]],
            Self::Field => &[&[Dimension::Field]],
            Self::Procedure => &[&[Dimension::Procedure]],
            Self::Counter => &[&[Dimension::Counter]],
        }
    }

    /// The parts of which a row with these cells is one.
    const fn of(cells: &[Cell]) -> Self {
        match cells {
            [Cell::Field(_)] => Self::Field,
            [Cell::Procedure(_)] => Self::Procedure,
            [Cell::Counter(_)] => Self::Counter,
            [Cell::Unit(_)] => Self::Unit,
            _ => Self::UnitField,
        }
    }

    /// Whether there are such parts, each with an address: a unit that serves has none beside one that decides.
    const fn is_offered(self, filters: &Filters, sees_province: bool) -> bool {
        let names_unit = breakdown::names_unit(filters, sees_province);
        let has_fields = filters.kind.has_fields();
        match self {
            Self::Unit => !has_fields && !names_unit,
            Self::UnitField => has_fields && sees_province && !(filters.of_deciding && names_unit),
            Self::All | Self::Field => has_fields && names_unit,
            Self::Procedure => has_fields,
            Self::Counter => true,
        }
    }

    fn offered(filters: &Filters, sees_province: bool) -> impl Iterator<Item = Self> {
        Self::ALL.into_iter().filter(move |parts| parts.is_offered(filters, sees_province))
    }

    /// What is most telling at first: who in the province, whatever it is in one unit.
    const fn first(filters: &Filters, sees_province: bool) -> Self {
        match (filters.kind.has_fields(), breakdown::names_unit(filters, sees_province)) {
            (true, false) => Self::UnitField,
            (true, true) => Self::All,
            (false, false) => Self::Unit,
            (false, true) => Self::Counter,
        }
    }
}

/// One entry of the list.
pub struct Entry {
    /// What kind of part it is, as its key and its word.
    pub cut: (&'static str, String),
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
    /// The element that drives it, with the page of all elements.
    pub driver: Option<(String, String)>,
}

/// Shows priorities in words.
pub fn entries(
    lang: Lang,
    snapshot: &Snapshot,
    filters: &Filters,
    sees_province: bool,
    found: &[Priority],
) -> Vec<Entry> {
    let day = filters.day();
    let entry = |one: &Priority| {
        let names: Vec<String> =
            one.cells.iter().map(|cell| scores::name(*cell, snapshot, day, lang)).collect();
        let narrowed =
            one.cells.iter().fold(filters.clone(), |filters, cell| breakdown::narrowed(&filters, *cell));
        let target = one.threshold.percent();
        let parts = Parts::of(&one.cells);
        Entry {
            cut: (parts.key(), lang.text(&format!("figures.priorities.by-{}", parts.key()))),
            name: names.join(" · "),
            address: narrowed.breakdown(breakdown::next_cut(&narrowed, sees_province)),
            comments: narrowed.comments(),
            gain: format!("+{}", lang.hundredths(one.gain)),
            why: lang.with(
                "figures.priorities.why",
                &[
                    ("index", &lang.percent(one.figures.f1.percent())),
                    ("n", &lang.count(one.figures.f1.n)),
                    ("interval", &interval(lang, one.figures)),
                    ("target", &lang.decimal(target, if target.fract() == 0.0 { 0 } else { 2 })),
                    ("missing", &lang.hundredths(one.missing)),
                ],
            ),
            verdict: Mark::of(lang, one.verdict),
            driver: one.driver.map(|(question, share)| {
                let element = scores::name(Cell::Element(question), snapshot, day, lang);
                let places = [("element", &*element), ("index", &lang.percent(share.percent()))];
                let sentence = lang.with("figures.priorities.driver", &places);
                (sentence, narrowed.breakdown(Dimension::Element))
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
    form: FilterForm,
    periods: Periods,
    chips: Vec<Chip>,
    tabs: Vec<Tab>,
    entries: Vec<Entry>,
    exports: [(&'static str, String); 2],
    empty: String,
    first: usize,
    pages: Pages,
}

/// The list as a file: what the page says in sentences stands in columns.
fn table(lang: Lang, snapshot: &Snapshot, filters: &Filters, found: &[Priority]) -> Table {
    let head = |key: &'static str| Head::of(key, lang.text(&format!("figures.priorities.column-{key}")));
    let name = |cell: Cell| scores::name(cell, snapshot, filters.day(), lang);
    let hundredths = |number: f64| Rank::Hundredths(nearest(number * 100.0));
    let share = |percent: Option<f64>| {
        listing::Cell::number(lang.percent(percent), percent.map_or(Rank::Text, hundredths))
    };
    let row = |one: &Priority| {
        let names: Vec<String> = one.cells.iter().map(|cell| name(*cell)).collect();
        let driver = one.driver.map(|(question, _)| name(Cell::Element(question)));
        let answers = one.figures.f1.n;
        let cut = Parts::of(&one.cells).key();
        vec![
            listing::Cell::text(lang.text(&format!("figures.priorities.by-{cut}"))),
            listing::Cell::text(names.join(" · ")),
            listing::Cell::number(lang.hundredths(one.gain), hundredths(one.gain)),
            share(one.figures.f1.percent()),
            listing::Cell::number(lang.count(answers), Rank::Count(answers)),
            listing::Cell::text(interval(lang, one.figures)),
            share(Some(one.threshold.percent())),
            listing::Cell::number(lang.hundredths(one.missing), hundredths(one.missing)),
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
    let query = filters.narrowed(&[]);
    reach::check(&snapshot, &actor.person, query.narrowed())?;
    let catalogue = snapshot.clone();
    let (lang, number, own) = (actor.lang(), paging::number(&asked), address(&filters, parts));
    let listing = Listing::of(lang, PATH, &request, &asked);
    let rows = if listing.is_file() { usize::MAX } else { ROWS };
    let (found, pages, answered) = state
        .read(&actor, move |conn, person| {
            let mut found = priorities::find(conn, &catalogue, person, &query, parts.cuts())?;
            let page = |page| format!("{own}&page={page}");
            let pages = paging::cut_to(rows, &mut found.parts, number, page, lang);
            priorities::find_drivers(conn, &catalogue, person, &query, &mut found.parts)?;
            Ok((found, pages, periods::answered(conn, &catalogue)?))
        })
        .await?;
    let title = lang.with("figures.priorities.title", &[("period", &lang.period(filters.period))]);
    if let Some(file) = listing.arrange(&mut [table(lang, &snapshot, &filters, &found.parts)], &title).await?
    {
        return Ok(file);
    }
    let reader = Reader { lang, snapshot: &snapshot, actor: &actor.person };
    let same_parts = |filters: &Filters| address(filters, parts);
    let entries = entries(lang, &snapshot, &filters, sees_province, &found.parts);
    let here = request.uri().path_and_query().map_or_else(String::new, ToString::to_string);
    page_with(
        filters.status(),
        &Page {
            shell: Shell::of(&actor, &snapshot, "priorities", title, here),
            form: FilterForm::narrowing(reader, &filters, PATH, vec![("parts", parts.key().to_owned())]),
            periods: Periods::of(lang, &filters, today, answered, &same_parts),
            chips: chips(lang, &snapshot, &filters, &same_parts),
            tabs: tabs(lang, &filters, parts, sees_province),
            entries,
            exports: files(&filters, parts),
            empty: empty(lang, parts, &found),
            first: pages.first,
            pages,
        },
    )
}

/// What stands in place of a list without entries.
pub fn empty(lang: Lang, parts: Parts, found: &Ranking) -> String {
    let part = lang.text(&format!("figures.priorities.part-{}", parts.key()));
    let hidden = u64::try_from(found.hidden).unwrap_or(u64::MAX);
    let key = match found {
        Ranking { answers: 0, .. } => "no-answers",
        Ranking { has_target: false, .. } => "no-target",
        Ranking { hidden: 0, .. } => "empty",
        _ => "empty-hidden",
    };
    let places = [("part", &*part), ("hidden", &lang.count(hidden))];
    lang.with(&format!("figures.priorities.{key}"), &places)
}

fn read_parts(asked: &HashMap<String, String>, filters: &Filters, sees_province: bool) -> Result<Parts> {
    let first = Parts::first(filters, sees_province);
    let Some(key) = asked.get("parts").filter(|key| !key.is_empty()) else {
        return Ok(first);
    };
    let parts = Parts::ALL.into_iter().find(|parts| parts.key() == key);
    let parts = parts.ok_or_else(|| Error::NotFound(Message::new("error.page-not-found")))?;
    Ok(if parts.is_offered(filters, sees_province) { parts } else { first })
}

fn tabs(lang: Lang, filters: &Filters, open: Parts, sees_province: bool) -> Vec<Tab> {
    Parts::offered(filters, sees_province)
        .map(|parts| Tab {
            word: lang.text(&format!("figures.priorities.by-{}", parts.key())),
            address: address(filters, parts),
            is_open: parts == open,
        })
        .collect()
}
