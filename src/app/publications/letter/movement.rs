//! Chapter II, sections 5 and 6: what changed since the period before, and what to mend first.

use super::charts::{self, Course};
use super::sentences::{comparable, compared};
use super::tables::{self, Named, hidden_note, mark_notes, marks, named, plain, signs};
use super::word::{Cell, Style};
use super::words::{NONE, VI, decimal, goal, percent, scope, short_period};
use super::writer::Writer;
use crate::domain::dataset::{Cut, Mark, Row};
use crate::domain::questionnaire::Kind;
use crate::domain::target::{Threshold, shortfall};
use crate::error::Result;

/// Procedures named in the body; the annex has all.
const HOT_SPOTS: usize = 15;

/// An index over the periods of the trend, the oldest first.
struct Series<'a> {
    name: String,
    rows: Vec<(&'a str, &'a Row)>,
}

impl<'a> Series<'a> {
    fn now(&self) -> Option<&'a Row> {
        self.rows.last().map(|(_, row)| *row)
    }

    fn before(&self) -> Option<(&'a str, &'a Row)> {
        self.rows.iter().rev().nth(1).copied()
    }
}

/// The series of each target, without the periods before anything was measured.
fn series<'a>(writer: &Writer<'a>) -> Vec<Series<'a>> {
    let mut found: Vec<(&str, Series)> = Vec::new();
    for row in Kind::ALL.into_iter().flat_map(|kind| writer.dataset.rows(kind, Cut::Trend)) {
        let [when, target] = row.key.as_slice() else {
            continue;
        };
        match found.iter_mut().find(|(key, _)| key == target) {
            Some((_, series)) => series.rows.push((when, row)),
            None => {
                let series = Series { name: scope(&writer.names, target), rows: vec![(when, row)] };
                found.push((target, series));
            }
        }
    }
    let mut all: Vec<Series> = found.into_iter().map(|(_, series)| series).collect();
    let silent = |one: &Series| one.rows.iter().take_while(|(_, row)| row.n() == Some(0)).count();
    let silent = all.iter().map(silent).min().unwrap_or_default();
    for one in &mut all {
        // The two last periods stay, so that a first period of measuring says that there is none before.
        one.rows.drain(..silent.min(one.rows.len().saturating_sub(2)));
    }
    all
}

/// Section 5: the trend.
///
/// # Errors
/// Internal, when a chart cannot be drawn.
pub fn trend(writer: &mut Writer) -> Result<()> {
    writer.text(Style::Section, "letter.trend.title");
    let all = series(writer);
    if all.is_empty() {
        writer.text(Style::Body, "letter.trend.no-calendar");
        return Ok(());
    }
    for one in &all {
        if let (Some(now), Some((when, before))) = (one.now(), one.before()) {
            let text = compared(now, Some(before), &writer.names.period(when));
            writer.say(Style::Body, &format!("{}: {}", one.name, uncapitalised(&text)));
        }
    }
    changes(writer, &all);
    history(writer, &all);
    chart(writer, &all)
}

fn uncapitalised(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_lowercase().chain(letters).collect())
}

fn changes(writer: &mut Writer, all: &[Series]) {
    let cells = all.iter().filter_map(|one| {
        let (now, (_, before)) = (one.now()?, one.before()?);
        let value = |row: &Row| row.figures.and_then(|figures| figures.index);
        let difference = value(now).zip(value(before)).filter(|_| comparable(now, before));
        let (points, order) = difference.map_or_else(
            || (NONE.to_owned(), VI.text("letter.trend.not-compared")),
            |(index, earlier)| (signed(index - earlier), order(now, before)),
        );
        Some(vec![
            Cell::words(&one.name),
            Cell::numbers(tables::index(before)),
            Cell::numbers(tables::index(now)),
            Cell::numbers(vec![points]),
            Cell::centred(vec![order]),
        ])
    });
    let cells: Vec<_> = cells.collect();
    let columns = [
        (260, "letter.column.before"),
        (260, "letter.column.now"),
        (200, "letter.column.points"),
        (350, "letter.column.order"),
    ];
    let table = plain(&VI.text("letter.column.content"), &columns, cells);
    writer.table(&VI.text("letter.trend.changes-table"), &table, &[VI.text("letter.trend.order-note")]);
}

fn signed(points: i64) -> String {
    if points > 0 { format!("+{}", decimal(points)) } else { decimal(points) }
}

fn order(now: &Row, before: &Row) -> String {
    use crate::domain::index::Order;
    let order = now.share().zip(before.share()).map_or(Order::Alike, |(now, before)| now.order(before));
    VI.text(match order {
        Order::Above => "letter.trend.above",
        Order::Alike => "letter.trend.alike",
        Order::Below => "letter.trend.below",
    })
}

/// Every index in every period.
fn history(writer: &mut Writer, all: &[Series]) {
    let Some(first) = all.first() else {
        return;
    };
    let rows: Vec<Named> =
        all.iter().flat_map(|one| &one.rows).map(|(_, row)| (String::new(), *row)).collect();
    let marks = marks(&rows);
    let mut cells = Vec::new();
    for (when, _) in &first.rows {
        let mut line = vec![Cell::words(writer.names.period(when))];
        for one in all {
            let row = one.rows.iter().find(|(other, _)| other == when).map(|(_, row)| *row);
            line.push(
                row.map_or_else(|| Cell::numbers(vec![NONE.to_owned()]), |row| history_cell(row, &marks)),
            );
        }
        cells.push(line);
    }
    let width = (tables::TEXT - 250) / u32::try_from(all.len()).unwrap_or(1).max(1);
    let mut columns =
        vec![(tables::TEXT - width * u32::try_from(all.len()).unwrap_or(1), VI.text("letter.column.period"))];
    columns.extend(all.iter().map(|one| (width, one.name.clone())));
    let mut notes = vec![VI.text("letter.trend.history-note")];
    notes.extend(mark_notes(&marks));
    notes.extend(rows.iter().any(|(_, row)| row.levels.is_none()).then(|| hidden_note(writer.dataset)));
    let table = super::word::Table { columns, rows: cells };
    writer.table(&VI.text("letter.trend.history-table"), &table, &notes);
}

fn history_cell(row: &Row, marks: &std::collections::BTreeSet<Mark>) -> Cell {
    let mut lines = tables::index(row);
    if row.n().is_some_and(|n| n > 0) {
        lines.push(VI.with("letter.trend.n", &[("n", &tables::answers(row))]));
    }
    Cell::numbers(lines).raised(signs(row, marks))
}

fn chart(writer: &mut Writer, all: &[Series]) -> Result<()> {
    let enough = writer.dataset.method.enough;
    let courses: Vec<Course> = all.iter().map(|one| course(one, enough)).collect();
    let drawn = courses.iter().flat_map(|course| &course.points).filter(|point| point.is_some());
    if drawn.count() < 2 {
        return Ok(());
    }
    let keys: Vec<&str> =
        all.first().map(|one| one.rows.iter().map(|(when, _)| *when).collect()).unwrap_or_default();
    let periods: Vec<String> = keys.iter().map(|key| short_period(key)).collect();
    let lines = courses.iter().map(|course| {
        let points = keys.iter().zip(&course.points).filter_map(|(key, point)| {
            point.map(|(index, ..)| format!("{} {}", writer.names.period(key), percent(index)))
        });
        format!("{}: {}", course.name, points.collect::<Vec<_>>().join(", "))
    });
    let rows: Vec<String> = lines.collect();
    let alternative = VI.with("letter.trend.alternative", &[("rows", &rows.join("; "))]);
    let title = VI.with("letter.trend.figure", &[("enough", &VI.count(enough))]);
    writer.picture(&title, charts::trend(&courses, &periods, alternative)?);
    Ok(())
}

fn course(one: &Series, enough: u64) -> Course {
    let points = one.rows.iter().map(|(_, row)| {
        let figures = row.figures.filter(|_| row.n().is_some_and(|n| n >= enough))?;
        Some((figures.index?, figures.low?, figures.high?))
    });
    let points: Vec<_> = points.collect();
    let alone = |row: &Row| !row.is_comparable();
    let earlier = std::iter::once(false).chain(one.rows.iter().map(|(_, row)| alone(row)));
    let target = one.now().and_then(|row| row.target);
    let last = points.iter().rev().find_map(|point| point.map(|(index, ..)| percent(index)));
    Course {
        name: one.name.clone(),
        target,
        title: target.map_or_else(
            || one.name.clone(),
            |target| VI.with("letter.trend.goal", &[("name", &one.name), ("target", &goal(target))]),
        ),
        broken: one.rows.iter().zip(earlier).map(|((_, row), earlier)| earlier || alone(row)).collect(),
        points,
        last: last.unwrap_or_default(),
    }
}

/// Section 6: procedures below their target, by the answers that they lack.
pub fn hot_spots(writer: &mut Writer) {
    writer.text(Style::Section, "letter.hot.title");
    let stated = |row: &Row| row.key.first().is_some_and(|key| !key.is_empty());
    let rows = named(writer.dataset, &writer.names, Kind::Tthc, Cut::Procedure, stated);
    let mut lacking: Vec<(f64, Named)> =
        rows.iter().filter_map(|(name, row)| Some((lack(row)?, (name.clone(), *row)))).collect();
    lacking.retain(|(lack, _)| *lack > 0.0);
    lacking.sort_by(|(one, _), (other, _)| other.total_cmp(one));
    let hidden = rows.iter().filter(|(_, row)| row.levels.is_none()).count();
    let all: u64 = lacking.iter().map(|_| 1).sum();
    if rows.is_empty() {
        writer.text(Style::Body, "letter.hot.unknown");
        return;
    }
    if hidden > 0 {
        writer.say(Style::Body, &VI.with("letter.hot.hidden", &[("count", &hidden.to_string())]));
    }
    if lacking.is_empty() {
        writer.text(Style::Body, "letter.hot.none");
        return;
    }
    writer.say(Style::Body, &VI.with("letter.hot.lead", &[("all", &VI.count(all))]));
    writer.text(Style::Body, "letter.hot.rule");
    let cells = (1..)
        .zip(lacking.iter().take(HOT_SPOTS))
        .map(|(place, (lack, (name, row)))| hot_cells(place, *lack, name, row));
    let columns = [
        (80, VI.text("letter.column.number")),
        (570, VI.text("dimension.procedure")),
        (150, VI.text("letter.column.n")),
        (250, VI.text("letter.column.index")),
        (150, VI.text("letter.column.target")),
        (200, VI.text("letter.column.lack")),
        (250, VI.text("letter.column.verdict")),
    ];
    let table = super::word::Table { columns: columns.to_vec(), rows: cells.collect() };
    writer.table(&VI.text("letter.hot.table"), &table, &[]);
}

fn lack(row: &Row) -> Option<f64> {
    Some(shortfall(row.share()?, Threshold::of_hundredths(row.target?)?))
}

fn hot_cells(place: usize, lack: f64, name: &str, row: &Row) -> Vec<Cell> {
    vec![
        Cell::centred(vec![place.to_string()]),
        Cell::words(name),
        Cell::numbers(vec![tables::answers(row)]),
        Cell::numbers(tables::index(row)),
        Cell::centred(vec![tables::target(row)]),
        Cell::numbers(vec![VI.decimal(lack, 1)]),
        Cell::centred(tables::verdict(row)),
    ]
}
