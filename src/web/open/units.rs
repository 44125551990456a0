//! Communes and departments: all of them with a search, and one with its history.

use std::collections::HashSet;
use std::sync::Arc;

use actix_web::http::StatusCode;
use actix_web::web;
use askama::Template;

use super::figures::Figure;
use super::frame::Frame;
use super::home::{About, History};
use super::{Reply, escaped, missing, page};
use crate::app::catalogue::Snapshot;
use crate::app::open_data::Reading;
use crate::app::publications::Names;
use crate::domain::dataset::{Cut, Dataset, Mark, Row, UnitEntry};
use crate::domain::fold;
use crate::domain::questionnaire::Kind;
use crate::domain::target::Verdict;
use crate::domain::unit::UnitLevel;
use crate::locale::{Lang, compare_names};
use crate::web::state::State;

/// Levels that a reader may choose between.
const LEVELS: [UnitLevel; 2] = [UnitLevel::Commune, UnitLevel::Body];

/// Results that a reader may choose between: the key and the verdicts behind it.
const RESULTS: [(&str, &[Verdict]); 3] = [
    ("met", &[Verdict::MetSurely, Verdict::MetUnsurely]),
    ("missed", &[Verdict::MissedSurely, Verdict::MissedUnsurely]),
    ("too-few", &[Verdict::TooFew]),
];

/// The levels as choices: key, word, and whether it is chosen.
pub fn levels(lang: Lang, chosen: &str) -> Vec<(&'static str, String, bool)> {
    LEVELS
        .iter()
        .map(|level| level.key())
        .map(|key| (key, lang.text(&format!("open.units.level-{key}")), key == chosen))
        .collect()
}

#[derive(Template)]
#[template(path = "open/units.html", config = "frontend/askama.toml")]
struct List<'a> {
    frame: &'a Frame,
    about: About,
    search: &'a str,
    levels: Vec<(&'static str, String, bool)>,
    results: Vec<(&'static str, String, bool)>,
    sortings: Vec<(&'static str, String, bool)>,
    lines: Vec<Figure>,
    found: String,
    total: String,
    least: String,
}

/// A unit with its row of the headline survey, where it has one.
struct Unit<'a> {
    code: &'a str,
    name: &'a str,
    level: &'a str,
    row: Option<&'a Row>,
}

/// All units with a row, and those in force today that have none.
fn units<'a>(dataset: &'a Dataset, snapshot: &'a Snapshot) -> Vec<Unit<'a>> {
    let of = |entry: &'a UnitEntry| {
        let row = dataset.row(Kind::Tthc, Cut::Unit, &[&entry.id]);
        Unit { code: &entry.code, name: &entry.name, level: &entry.level, row }
    };
    let mut all: Vec<Unit<'_>> = dataset.units.iter().map(of).collect();
    let known: HashSet<&str> =
        dataset.units.iter().flat_map(|entry| &entry.holds).map(String::as_str).collect();
    let others = snapshot
        .units
        .all_on(dataset.period.to)
        .filter(|unit| LEVELS.contains(&unit.level) && !known.contains(unit.unit.to_string().as_str()));
    all.extend(others.map(|unit| Unit {
        code: &unit.code,
        name: &unit.name,
        level: unit.level.key(),
        row: None,
    }));
    all.sort_by(|one, other| compare_names(one.name, other.name));
    all
}

/// GET /open/units?q=&level=&result=&sort=
///
/// # Errors
/// Those of the database.
pub async fn list(state: web::Data<State>, frame: Frame) -> Reply {
    let shelf = state.open.clone();
    let Some(reading) = state.block(move |database| shelf.newest(database)).await? else {
        return missing(&frame, "open.missing.nothing-yet");
    };
    let (lang, dataset, snapshot) = (frame.lang, &reading.file.dataset, state.catalogue.snapshot());
    let mut all = units(dataset, &snapshot);
    let total = lang.count(u64::try_from(all.len()).unwrap_or_default());
    let (search, level, result) = (frame.asked("q"), frame.asked("level"), frame.asked("result"));
    let verdict = |unit: &Unit<'_>| unit.row?.figures?.verdict;
    all.retain(|unit| {
        let wanted = RESULTS.iter().find(|(key, _)| *key == result);
        fold::matches(&fold::fold(unit.name), search)
            && (level.is_empty() || unit.level == level)
            && wanted.is_none_or(|(_, verdicts)| verdict(unit).is_some_and(|one| verdicts.contains(&one)))
    });
    let index = |unit: &Unit<'_>| unit.row.and_then(|row| row.figures?.index);
    match frame.asked("sort") {
        "lowest" => all.sort_by_key(|unit| index(unit).map_or(i64::MAX, |index| index)),
        "highest" => all.sort_by_key(|unit| index(unit).map_or(i64::MAX, |index| -index)),
        _ => {}
    }
    let line = |unit: &Unit<'_>| {
        let figure = match unit.row {
            Some(row) => Figure::of(lang, dataset, row, unit.name.to_owned()),
            None => Figure::of(lang, dataset, &silent(), unit.name.to_owned()),
        };
        figure.leading_to(frame.link(&format!("/open/units/{}", escaped(unit.code))))
    };
    let lines: Vec<Figure> = all.iter().map(line).collect();
    let results =
        RESULTS.iter().map(|(key, _)| (*key, lang.text(&format!("open.units.result-{key}")), *key == result));
    let sortings = ["name", "lowest", "highest"]
        .map(|key| (key, lang.text(&format!("open.units.sort-{key}")), key == frame.asked("sort")));
    let list = List {
        about: About::of(&frame, &reading.file),
        search,
        levels: levels(lang, level),
        results: results.collect(),
        sortings: sortings.to_vec(),
        found: lang.count(u64::try_from(lines.len()).unwrap_or_default()),
        lines,
        total,
        least: dataset.floor.to_string(),
        frame: &frame,
    };
    page(&frame, StatusCode::OK, &list)
}

/// The row of a unit from which no answers came.
fn silent() -> Row {
    Row {
        key: Vec::new(),
        marks: Vec::new(),
        target: None,
        settled: None,
        levels: Some(Default::default()),
        figures: None,
        unflagged: None,
    }
}

#[derive(Template)]
#[template(path = "open/unit.html", config = "frontend/askama.toml")]
struct OneUnit<'a> {
    frame: &'a Frame,
    about: About,
    name: String,
    level: String,
    notes: Vec<String>,
    figures: Vec<Figure>,
    fields: Vec<Figure>,
    histories: Vec<History>,
    least: String,
}

/// What is counted for a unit: kind, cut, and the key of the words for it.
const SIDES: [(Kind, Cut, &str); 3] = [
    (Kind::Tthc, Cut::Unit, "open.unit.served"),
    (Kind::Tthc, Cut::Deciding, "open.unit.deciding"),
    (Kind::AgencyService, Cut::Unit, "open.unit.service"),
];

/// GET /open/units/{code}
///
/// # Errors
/// Those of the database.
pub async fn show(state: web::Data<State>, frame: Frame, code: web::Path<String>) -> Reply {
    let shelf = state.open.clone();
    let Some(reading) = state.block(move |database| shelf.newest(database)).await? else {
        return missing(&frame, "open.missing.nothing-yet");
    };
    let snapshot = state.catalogue.snapshot();
    let Some(unit) = named(&reading, &snapshot, &code) else {
        return missing(&frame, "open.missing.unit");
    };
    let (lang, dataset) = (frame.lang, &reading.file.dataset);
    let row = |dataset: &'_ Dataset, kind: Kind, by: Cut| {
        dataset.rows(kind, by).iter().find(|row| row.key.first() == Some(&unit.id)).cloned()
    };
    let figures: Vec<Figure> = SIDES
        .iter()
        .filter_map(|(kind, by, key)| {
            Some(Figure::of(lang, dataset, &row(dataset, *kind, *by)?, lang.text(key)))
        })
        .collect();
    let of_unit =
        dataset.rows(Kind::Tthc, Cut::UnitField).iter().filter(|row| row.key.first() == Some(&unit.id));
    let names = Names::of(dataset, lang);
    let fields = of_unit.map(|row| {
        let key = row.key.get(1..).unwrap_or_default();
        Figure::of(lang, dataset, row, names.row(Kind::Tthc, Cut::Field, key))
    });
    let histories = SIDES.iter().map(|(kind, by, key)| {
        History::of(&frame, &reading, *kind, lang.text(key), |dataset| {
            dataset.rows(*kind, *by).iter().find(|row| row.key.first() == Some(&unit.id))
        })
    });
    let mut histories: Vec<History> = histories.collect();
    histories.retain(|one| one.lines.len() > 1 && one.lines.iter().any(|line| line.figure.is_some()));
    let marks = row(dataset, Kind::Tthc, Cut::Unit).map_or_else(Vec::new, |row| row.marks);
    let changes: Vec<Mark> =
        marks.into_iter().filter(|mark| matches!(mark, Mark::Split | Mark::Ended)).collect();
    let page_of = OneUnit {
        about: About::of(&frame, &reading.file),
        level: lang.text(&format!("open.units.level-{}", unit.level)),
        name: unit.name,
        notes: super::figures::notes(lang, &changes),
        figures,
        fields: fields.collect(),
        histories,
        least: dataset.floor.to_string(),
        frame: &frame,
    };
    page(&frame, StatusCode::OK, &page_of)
}

/// A unit as it was called when it was last published, or is called where it never was.
struct Called {
    id: String,
    name: String,
    level: String,
}

fn named(reading: &Reading, snapshot: &Snapshot, code: &str) -> Option<Called> {
    let files = reading.trail.iter().rev().filter_map(|(_, file)| file.as_ref().map(Arc::as_ref));
    let mut entries = files.flat_map(|file| &file.dataset.units);
    if let Some(entry) = entries.find(|entry| entry.code == code) {
        let (id, name, level) = (entry.id.clone(), entry.name.clone(), entry.level.clone());
        return Some(Called { id, name, level });
    }
    let unit = snapshot.units.by_code(code, reading.file.edition.period.to())?;
    let is_shown = LEVELS.contains(&unit.level);
    is_shown.then(|| Called {
        id: unit.unit.to_string(),
        name: unit.name.clone(),
        level: unit.level.key().to_owned(),
    })
}
