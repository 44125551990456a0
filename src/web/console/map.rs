//! The map: communes as a grid of tiles, and a heat map of elements.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use chrono::{NaiveDate, Utc};

use super::charts::Mark;
use super::filter_form::{Chip, FilterForm, Reader, chips};
use super::filters::{Filters, Sort};
use super::periods::{self, Periods};
use super::tables::{self, Heading};
use super::{Shell, breakdown, words};
use crate::app::catalogue::Snapshot;
use crate::app::reach;
use crate::app::scores::{self, Cell, Dimension, Figures, Row, Table};
use crate::domain::day::Local;
use crate::domain::ids::{QuestionId, UnitId};
use crate::domain::target::{ENOUGH, Verdict};
use crate::domain::unit::{UnitLevel, UnitView};
use crate::locale::{Lang, compare_names};
use crate::web::actor::Actor;
use crate::web::respond::{Fault, page_with};
use crate::web::state::State;

/// A commune in the grid.
struct Tile {
    name: String,
    address: String,
    index: String,
    mark: Mark,
}

/// How many communes have a verdict.
struct Count {
    mark: Mark,
    count: String,
}

/// A cell of the heat map.
struct Heat {
    index: String,
    band: &'static str,
    /// The elements of the row, where its figures are shown.
    address: Option<String>,
}

/// A row of the heat map.
struct Strip {
    name: String,
    address: Option<String>,
    cells: Vec<Heat>,
}

#[derive(Template)]
#[template(path = "console/map.html", config = "frontend/askama.toml")]
struct Page {
    shell: Shell,
    form: FilterForm,
    periods: Periods,
    chips: Vec<Chip>,
    counts: Vec<Count>,
    tiles: Vec<Tile>,
    title: String,
    headings: Vec<Heading>,
    /// The colours of the heat map, from low to high.
    bands: [&'static str; 5],
    strips: Vec<Strip>,
    exports: [(&'static str, String); 3],
}

/// Colours of the heat map, from low to high: steps of five points from 80 to 95 percent.
const BANDS: [&str; 5] = ["band-1", "band-2", "band-3", "band-4", "band-5"];

/// Address of the page.
const PATH: &str = "/console/map";

/// The address of the page with these filters.
pub fn address(filters: &Filters) -> String {
    format!("{PATH}?{}", filters.to_query())
}

/// The address of the page with the rows whose index of an element is lowest first.
pub fn of_element(filters: &Filters, question: QuestionId) -> String {
    let sorted = filters.with(|filters| {
        (filters.sort, filters.descending) = (Sort::Element(question), false);
    });
    format!("{}#heat", address(&sorted))
}

/// The filters without the order of another table, which the heat map and its files do not know.
fn sorted_by_columns(filters: Filters) -> Filters {
    match filters.sort {
        Sort::Name | Sort::Element(_) => filters,
        _ => filters.unsorted(),
    }
}

/// What the rows of the heat map are: what its figures are best cut by next, or the counters at last.
const fn rows_of(filters: &Filters, sees_province: bool) -> Dimension {
    match breakdown::next_cut(filters, sees_province) {
        Dimension::Element => Dimension::Counter,
        cut => cut,
    }
}

/// GET /console/map
///
/// # Errors
/// Not found for a unit or counter out of sight; those of the database.
pub async fn show(
    state: web::Data<State>,
    actor: Actor,
    request: HttpRequest,
    asked: web::Query<HashMap<String, String>>,
) -> Result<HttpResponse, Fault> {
    let snapshot = state.catalogue.snapshot();
    let today = Local::at(Utc::now()).day;
    let filters = sorted_by_columns(Filters::read(&asked, today));
    let sees_province = actor.person.sees_province();
    let is_province = sees_province && filters.unit.is_none();
    let rows = rows_of(&filters, sees_province);
    let units = filters.narrowed(&[Dimension::Unit]).brief();
    let elements = filters.narrowed(&[rows, Dimension::Element]);
    reach::check(&snapshot, &actor.person, elements.narrowed())?;
    let catalogue = snapshot.clone();
    let (units, elements, answered) = state
        .read(&actor, move |conn, person| {
            // Below the province there are no tiles.
            let units = is_province.then(|| scores::run(conn, &catalogue, person, &units)).transpose()?;
            let elements = scores::run(conn, &catalogue, person, &elements)?;
            Ok((units, elements, periods::answered(conn, &catalogue)?))
        })
        .await?;
    let lang = actor.lang();
    let title = if is_province { "figures.map.title" } else { "figures.map.title-unit" };
    let title = lang.with(title, &[("period", &lang.period(filters.period))]);
    let here = request.uri().path_and_query().map_or_else(String::new, ToString::to_string);
    let tiles = units.map_or_else(Vec::new, |units| tiles(lang, &snapshot, &filters, &units, today));
    let order = tables::in_strips(&filters, &elements.rows);
    let (headings, strips) = heat(lang, &snapshot, &filters, &order, (rows, sees_province));
    let reader = Reader { lang, snapshot: &snapshot, actor: &actor.person };
    page_with(
        filters.status(),
        &Page {
            shell: Shell::of(&actor, &snapshot, "map", title, here),
            form: FilterForm::narrowing(reader, &filters, PATH, Vec::new()),
            periods: Periods::of(lang, &filters, today, answered, &address),
            chips: chips(lang, &snapshot, &filters, &address),
            counts: counts(lang, &tiles),
            tiles: tiles.into_iter().map(|(_, tile)| tile).collect(),
            title: lang.text(&format!("figures.map.heat-{}", rows.key())),
            headings,
            bands: BANDS,
            strips,
            exports: tables::files(&|format| filters.export(format, &[rows, Dimension::Element])),
        },
    )
}

/// One tile for each commune of the last day, or for the one that took it over since, with answers or without,
/// in the order of their names.
fn tiles(
    lang: Lang,
    snapshot: &Snapshot,
    filters: &Filters,
    table: &Table,
    today: NaiveDate,
) -> Vec<(Verdict, Tile)> {
    let rows: BTreeMap<UnitId, &Row> = table
        .rows
        .iter()
        .filter_map(|row| match row.cells.first() {
            Some(Cell::Unit(unit)) => Some((*unit, row)),
            _ => None,
        })
        .collect();
    let day = filters.day();
    let of_then = snapshot.units.all_on(day).filter(|unit| unit.level == UnitLevel::Commune);
    let shown: BTreeSet<UnitId> = of_then
        .map(|unit| match filters.view {
            UnitView::Then => unit.unit,
            UnitView::Now => snapshot.units.present(unit.unit, today).unit(),
        })
        .collect();
    let mut communes: Vec<(UnitId, String)> =
        shown.into_iter().map(|unit| (unit, words::unit(snapshot, unit, day))).collect();
    communes.sort_by(|(_, one), (_, other)| compare_names(one, other));
    let tile = |(unit, name): (UnitId, String)| {
        let row = rows.get(&unit);
        let verdict = row.and_then(|row| row.verdict).unwrap_or(Verdict::TooFew);
        // A unit without a row has no answers; one whose row has no figures has few.
        let figures = row.map_or(Some(Figures::default()), |row| row.figures);
        let index = match figures {
            None => "…".to_owned(),
            Some(figures) if figures.f1.n >= ENOUGH => lang.percent(figures.f1.percent()),
            Some(figures) => lang.with("figures.map.answers", &[("n", &lang.count(figures.f1.n))]),
        };
        let tile = Tile { address: of_unit(filters, unit), name, index, mark: Mark::of(lang, verdict) };
        (verdict, tile)
    };
    communes.into_iter().map(tile).collect()
}

/// The page that shows just what a tile does: the overview knows no filters beyond those of the targets.
fn of_unit(filters: &Filters, unit: UnitId) -> String {
    let narrowed = breakdown::narrowed(&filters.unsorted(), Cell::Unit(unit));
    if narrowed == narrowed.of_targets() {
        narrowed.address()
    } else {
        narrowed.breakdown(breakdown::next_cut(&narrowed, true))
    }
}

fn counts(lang: Lang, tiles: &[(Verdict, Tile)]) -> Vec<Count> {
    let verdicts = [
        Verdict::MetSurely,
        Verdict::MetUnsurely,
        Verdict::MissedUnsurely,
        Verdict::MissedSurely,
        Verdict::TooFew,
    ];
    if tiles.is_empty() {
        return Vec::new();
    }
    let count = |verdict: Verdict| tiles.iter().filter(|(found, _)| *found == verdict).count();
    let line = |verdict| Count {
        mark: Mark::of(lang, verdict),
        count: lang.count(u64::try_from(count(verdict)).unwrap_or(u64::MAX)),
    };
    verdicts.into_iter().map(line).collect()
}

/// The headings, by each of which one can sort, and a strip for each row with a cell for each element.
fn heat(
    lang: Lang,
    snapshot: &Snapshot,
    filters: &Filters,
    table: &[&Row],
    (rows, sees_province): (Dimension, bool),
) -> (Vec<Heading>, Vec<Strip>) {
    let mut found: BTreeMap<Cell, BTreeMap<QuestionId, &Row>> = BTreeMap::new();
    let mut order: Vec<Cell> = Vec::new();
    for row in table {
        if let [first, Cell::Element(element)] = row.cells.as_slice() {
            if !found.contains_key(first) {
                order.push(*first);
            }
            found.entry(*first).or_default().insert(*element, row);
        }
    }
    let elements: BTreeSet<QuestionId> = found.values().flat_map(BTreeMap::keys).copied().collect();
    let unsorted = filters.unsorted();
    let name = |cell| scores::name(cell, snapshot, filters.day(), lang);
    let strip = |cell: &Cell| Strip {
        name: name(*cell),
        address: breakdown::within(&unsorted, rows, *cell, sees_province),
        cells: elements
            .iter()
            .map(|element| {
                let row = found.get(cell).and_then(|row| row.get(element)).copied();
                let elements = breakdown::narrowed(&unsorted, *cell).breakdown(Dimension::Element);
                Heat { address: row.and_then(|row| row.percent()).map(|_| elements), ..warmth(lang, row) }
            })
            .collect(),
    };
    let heading = |sort: Sort, word: String| Heading {
        word,
        address: Some(format!("{}#heat", address(&filters.sorted(sort)))),
        sorted: tables::sorted(filters, sort),
        number: sort != Sort::Name,
    };
    let mut headings = vec![heading(Sort::Name, lang.text("console.table.head-name"))];
    headings.extend(elements.iter().map(|id| heading(Sort::Element(*id), name(Cell::Element(*id)))));
    (headings, order.iter().map(strip).collect())
}

/// The colour of an index, one of [`BANDS`]; none below thirty answers.
fn warmth(lang: Lang, row: Option<&Row>) -> Heat {
    let Some(row) = row else {
        return Heat { index: "–".to_owned(), band: "band-none", address: None };
    };
    let Some(figures) = row.figures else {
        return Heat { index: "…".to_owned(), band: "band-none", address: None };
    };
    let percent = figures.f1.percent();
    let band = match percent {
        Some(percent) if figures.f1.n >= ENOUGH => match percent {
            95.0.. => "band-5",
            90.0.. => "band-4",
            85.0.. => "band-3",
            80.0.. => "band-2",
            _ => "band-1",
        },
        _ => "band-none",
    };
    Heat {
        index: percent.map_or_else(|| "–".to_owned(), |percent| lang.hundredths(percent)),
        band,
        address: None,
    }
}
