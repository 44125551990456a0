//! The map: communes as a grid of tiles, and a heat map of elements.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use chrono::{NaiveDate, Utc};

use super::charts::Mark;
use super::choices::{self, Choice};
use super::filters::Filters;
use super::periods::{self, Periods};
use super::{Shell, breakdown, words};
use crate::app::catalogue::Snapshot;
use crate::app::scores::{self, Cell, Dimension, Row, Table};
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
    period_value: String,
    period_fault: Option<String>,
    periods: Periods,
    fields: Vec<Choice>,
    filters: Filters,
    counts: Vec<Count>,
    tiles: Vec<Tile>,
    title: String,
    elements: Vec<String>,
    strips: Vec<Strip>,
    exports: [(&'static str, String); 3],
}

/// GET /console/map
///
/// # Errors
/// Not found for a unit out of sight; those of the database.
pub async fn show(
    state: web::Data<State>,
    actor: Actor,
    request: HttpRequest,
    asked: web::Query<HashMap<String, String>>,
) -> Result<HttpResponse, Fault> {
    let snapshot = state.catalogue.snapshot();
    let today = Local::at(Utc::now()).day;
    let filters = Filters::read(&asked, today);
    let is_province = actor.person.sees_province() && filters.unit.is_none();
    let rows = if is_province { Dimension::Unit } else { Dimension::Field };
    let units = filters.narrowed(&[Dimension::Unit]).brief();
    let elements = filters.narrowed(&[rows, Dimension::Element]);
    let catalogue = snapshot.clone();
    let (units, elements, answered) = state
        .read(&actor, move |conn, person| {
            let units = scores::run(conn, &catalogue, person, &units)?;
            let elements = scores::run(conn, &catalogue, person, &elements)?;
            Ok((units, elements, periods::answered(conn, &catalogue)?))
        })
        .await?;
    let lang = actor.lang();
    let title = lang.with("figures.map.title", &[("period", &lang.period(filters.period))]);
    let here = request.uri().path_and_query().map_or_else(String::new, ToString::to_string);
    let tiles = if is_province { tiles(lang, &snapshot, &filters, &units, today) } else { Vec::new() };
    let (columns, strips) = heat(lang, &snapshot, &filters, &elements, rows);
    page_with(
        filters.status(),
        &Page {
            shell: Shell::of(&actor, &snapshot, "map", title, here),
            period_value: filters.typed_period(),
            period_fault: filters.period_fault(lang),
            periods: Periods::of(lang, &filters, today, answered, &|filters| {
                format!("/console/map?{}", filters.to_query())
            }),
            fields: choices::fields(lang, &snapshot, filters.field),
            counts: counts(lang, &tiles),
            tiles: tiles.into_iter().map(|(_, tile)| tile).collect(),
            title: lang.text(&format!("figures.map.heat-{}", rows.key())),
            elements: columns,
            strips,
            exports: ["xlsx", "csv", "json"]
                .map(|format| (format, filters.export(format, &[rows, Dimension::Element]))),
            filters,
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
    let day = filters.period.to();
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
        let figures = row.and_then(|row| row.figures);
        let verdict = row.and_then(|row| row.verdict).unwrap_or(Verdict::TooFew);
        let n = figures.map_or(0, |figures| figures.f1.n);
        let tile = Tile {
            address: filters.with(|filters| filters.unit = Some(unit)).address(),
            name,
            index: if n >= ENOUGH {
                lang.percent(figures.and_then(|figures| figures.f1.percent()))
            } else {
                lang.with("figures.map.answers", &[("n", &lang.count(n))])
            },
            mark: Mark::of(lang, verdict),
        };
        (verdict, tile)
    };
    communes.into_iter().map(tile).collect()
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

/// The names of the elements, and a strip for each row with a cell for each of them.
fn heat(
    lang: Lang,
    snapshot: &Snapshot,
    filters: &Filters,
    table: &Table,
    rows: Dimension,
) -> (Vec<String>, Vec<Strip>) {
    let day = filters.period.to();
    let mut found: BTreeMap<Cell, BTreeMap<QuestionId, &Row>> = BTreeMap::new();
    let mut order: Vec<Cell> = Vec::new();
    for row in &table.rows {
        if let [first, Cell::Element(element)] = row.cells.as_slice() {
            if !found.contains_key(first) {
                order.push(*first);
            }
            found.entry(*first).or_default().insert(*element, row);
        }
    }
    let elements: BTreeSet<QuestionId> = found.values().flat_map(BTreeMap::keys).copied().collect();
    let strip = |cell: &Cell| Strip {
        name: scores::name(*cell, snapshot, day, lang),
        address: breakdown::within(filters, rows, *cell, true),
        cells: elements
            .iter()
            .map(|element| {
                let row = found.get(cell).and_then(|row| row.get(element)).copied();
                let elements = breakdown::narrowed(filters, *cell).breakdown(Dimension::Element);
                Heat { address: row.and_then(|row| row.percent()).map(|_| elements), ..warmth(lang, row) }
            })
            .collect(),
    };
    let strips = order.iter().map(strip).collect();
    let names = elements.iter().map(|id| scores::name(Cell::Element(*id), snapshot, day, lang)).collect();
    (names, strips)
}

/// The colour of an index: bands of five points from 80 to 95 percent; none below thirty answers.
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
