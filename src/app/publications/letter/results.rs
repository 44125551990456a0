//! Chapter II, sections 1 to 4: the figures against their targets, by field, by element and by unit.

use std::collections::BTreeMap;

use super::charts::{self, Point, Shares, Words};
use super::sentences::{figure, judged};
use super::tables::{Named, levels, named, plain};
use super::word::{Cell, Style};
use super::words::{NONE, VI, decimal, goal, level_words, part, percent};
use super::writer::Writer;
use crate::domain::dataset::{Cut, Row, hundredths};
use crate::domain::index::Share;
use crate::domain::questionnaire::Kind;
use crate::domain::target::Verdict;
use crate::error::Result;

/// Section 1: every target of the plan.
///
/// # Errors
/// Internal, when a chart cannot be drawn.
pub fn targets(writer: &mut Writer) -> Result<()> {
    writer.text(Style::Section, "letter.results.targets-title");
    writer.text(Style::Part, "letter.results.tthc-title");
    spoken(writer, Kind::Tthc);
    others(writer, Kind::Tthc);
    writer.text(Style::Part, "letter.results.service-title");
    spoken(writer, Kind::AgencyService);
    others(writer, Kind::AgencyService);
    let rows = target_rows(writer);
    let words = level_words(writer.dataset, Kind::Tthc);
    if !rows.is_empty() {
        let (table, mut notes) =
            levels(writer.dataset, &VI.text("letter.column.content"), &words, &rows, false);
        notes.insert(0, VI.text("letter.note.reading"));
        writer.table(&VI.text("letter.results.targets-table"), &table, &notes);
    }
    distribution(writer, &rows, &words)?;
    unflagged(writer, &rows);
    imported(writer);
    Ok(())
}

fn target_rows<'a>(writer: &Writer<'a>) -> Vec<Named<'a>> {
    let of = |kind| named(writer.dataset, &writer.names, kind, Cut::Target, |_| true);
    Kind::ALL.into_iter().flat_map(of).collect()
}

/// One sentence a target, with its full name.
fn spoken(writer: &mut Writer, kind: Kind) {
    let enough = writer.dataset.method.enough;
    let rows = writer.dataset.rows(kind, Cut::Target);
    if rows.is_empty() {
        writer.text(Style::Body, "letter.results.no-target");
        let total = writer.dataset.row(kind, Cut::Total, &[]);
        let name = writer.names.kind(kind);
        if let Some(row) = total {
            writer.say(Style::Body, &judged(&name, row, enough));
        }
    }
    for row in rows {
        let key = row.key.first().map_or("", String::as_str);
        let name = writer.names.target_name(key);
        writer.say(Style::Body, &judged(&name, row, enough));
    }
}

/// F2, F3 and F4 of a kind: shown, never judged.
fn others(writer: &mut Writer, kind: Kind) {
    let Some(figures) = writer.dataset.row(kind, Cut::Total, &[]).and_then(|row| row.figures) else {
        return;
    };
    let (Some(mean), Some(of_five), Some(of_span)) = (figures.f4, figures.f4_of_5, figures.f4_of_span) else {
        return;
    };
    let share = |part: Option<crate::domain::dataset::Part>| {
        part.and_then(|part| part.index).map_or_else(|| NONE.to_owned(), percent)
    };
    let places = [
        ("f2", share(figures.f2)),
        ("f3", share(figures.f3)),
        ("mean", decimal(mean)),
        ("of_five", decimal(of_five)),
        ("of_span", decimal(of_span)),
    ];
    let text =
        VI.with("letter.results.others", &places.each_ref().map(|(name, value)| (*name, value.as_str())));
    writer.say(Style::Body, &text);
}

fn distribution(writer: &mut Writer, rows: &[Named], words: &[String; 5]) -> Result<()> {
    let bars: Vec<Shares> = rows.iter().filter_map(|(name, row)| shares(name, row)).collect();
    if bars.is_empty() {
        return Ok(());
    }
    let lines = bars.iter().map(|bar| format!("{}: {}", bar.name, bar.labels.join(", ")));
    let lines: Vec<String> = lines.collect();
    let alternative = VI.with(
        "letter.results.levels-alternative",
        &[("levels", &words.join(", ")), ("rows", &lines.join("; "))],
    );
    let picture = charts::levels(&bars, words, alternative)?;
    writer.picture(&VI.text("letter.results.levels-figure"), picture);
    Ok(())
}

fn shares(name: &str, row: &Row) -> Option<Shares> {
    let levels = row.levels.filter(|levels| levels.valid() > 0)?;
    let n = levels.valid();
    let share = |k| hundredths(Share { k, n }.percent()).unwrap_or_default();
    Some(Shares {
        name: name.to_owned(),
        levels: levels.descending().map(share),
        labels: levels.descending().map(|count| part(count, n)),
    })
}

/// Each index with and without flagged answers.
fn unflagged(writer: &mut Writer, rows: &[Named]) {
    let shown = rows.iter().filter_map(|(name, row)| {
        let (figures, without) = (row.figures?, row.unflagged?);
        let index = |value: Option<i64>| value.map_or_else(|| NONE.to_owned(), decimal);
        Some(vec![
            Cell::words(name),
            Cell::numbers(vec![super::tables::answers(row)]),
            Cell::numbers(vec![index(figures.index)]),
            Cell::numbers(vec![VI.count(without.share.n)]),
            Cell::numbers(vec![index(without.index)]),
        ])
    });
    let cells: Vec<_> = shown.collect();
    if cells.is_empty() {
        return;
    }
    let columns = [
        (220, "letter.column.n"),
        (260, "letter.column.f1-plain"),
        (300, "letter.column.n-unflagged"),
        (300, "letter.column.f1-unflagged"),
    ];
    let table = plain(&VI.text("letter.column.content"), &columns, cells);
    writer.table(&VI.text("letter.results.unflagged-table"), &table, &[]);
}

/// Figures of health and education, by the methods of their ministries.
fn imported(writer: &mut Writer) {
    writer.text(Style::Part, "letter.results.imported-title");
    let dataset = writer.dataset;
    if dataset.imported.is_empty() {
        writer.text(Style::Body, "letter.results.imported-none");
    }
    for one in &dataset.imported {
        let target = writer.names.target(&one.target);
        let name = writer.names.target_name(&one.target);
        let goal = target.map_or_else(|| NONE.to_owned(), |target| goal(target.threshold));
        let respondents = one.respondents.and_then(|count| u64::try_from(count).ok());
        let respondents = respondents.map_or_else(
            || VI.text("letter.results.respondents-unknown"),
            |count| VI.with("letter.results.respondents", &[("count", &VI.count(count))]),
        );
        let places = [
            ("name", name),
            ("target", goal),
            ("index", one.index.map_or_else(String::new, percent)),
            ("respondents", respondents),
            ("source", one.source.clone().unwrap_or_else(|| NONE.to_owned())),
        ];
        let key =
            if one.index.is_some() { "letter.results.imported" } else { "letter.results.imported-missing" };
        writer
            .say(Style::Body, &VI.with(key, &places.each_ref().map(|(name, value)| (*name, value.as_str()))));
    }
}

/// Section 2: every field.
///
/// # Errors
/// Internal, when a chart cannot be drawn.
pub fn fields(writer: &mut Writer) -> Result<()> {
    writer.text(Style::Section, "letter.results.fields-title");
    let rows = named(writer.dataset, &writer.names, Kind::Tthc, Cut::Field, |_| true);
    if rows.is_empty() {
        writer.text(Style::Body, "letter.results.no-rows");
        return Ok(());
    }
    writer.say(Style::Body, &counted(&VI.text("letter.results.field-noun"), &rows));
    extremes(writer, &rows);
    let words = level_words(writer.dataset, Kind::Tthc);
    let (table, notes) = levels(writer.dataset, &VI.text("dimension.field"), &words, &rows, true);
    writer.table(&VI.text("letter.results.fields-table"), &table, &notes);
    let points: Vec<Point> = rows.iter().filter_map(|(name, row)| point(name, row)).collect();
    if points.is_empty() {
        return Ok(());
    }
    let lines = points.iter().map(|point| {
        let target = point.target.map_or_else(|| NONE.to_owned(), goal);
        VI.with(
            "letter.results.point",
            &[("name", &point.name), ("label", &point.label), ("target", &target)],
        )
    });
    let lines: Vec<String> = lines.collect();
    let alternative = VI.with("letter.results.fields-alternative", &[("rows", &lines.join("; "))]);
    let words = Words {
        index: VI.text("letter.results.key-index"),
        interval: VI.text("letter.results.key-interval"),
        target: VI.text("letter.results.key-target"),
    };
    writer.picture(
        &VI.text("letter.results.fields-figure"),
        charts::against_targets(&points, &words, alternative)?,
    );
    Ok(())
}

fn point(name: &str, row: &Row) -> Option<Point> {
    let (figures, n) = (row.figures?, row.n()?);
    let index = (figures.index?, figures.low?, figures.high?);
    Some(Point {
        name: name.to_owned(),
        index,
        target: row.target,
        sure: matches!(figures.verdict, Some(Verdict::MetSurely | Verdict::MissedSurely)),
        label: VI.with("letter.results.label", &[("index", &percent(index.0)), ("n", &VI.count(n))]),
    })
}

/// How many of some rows got which verdict.
fn counted(noun: &str, rows: &[Named]) -> String {
    let mut found: BTreeMap<&str, u64> = BTreeMap::new();
    for (_, row) in rows {
        let key = row.figures.map_or("hidden", |figures| figures.verdict.map_or("unjudged", Verdict::key));
        *found.entry(key).or_default() += 1;
    }
    let order =
        ["met-surely", "met-unsurely", "missed-unsurely", "missed-surely", "too-few", "unjudged", "hidden"];
    let parts = order.iter().filter_map(|key| {
        let count = VI.count(*found.get(key)?);
        Some(VI.with(&format!("letter.count.{key}"), &[("count", &count), ("noun", noun)]))
    });
    let (parts, all) = (parts.collect::<Vec<_>>().join("; "), VI.count(rows.iter().map(|_| 1).sum()));
    VI.with("letter.count.all", &[("all", &all), ("noun", noun), ("parts", &parts)])
}

/// The highest and the lowest of the rows that have enough answers.
fn extremes(writer: &mut Writer, rows: &[Named]) {
    let enough = writer.dataset.method.enough;
    let judged = rows.iter().filter(|(_, row)| row.n().is_some_and(|n| n >= enough));
    let mut ordered: Vec<&Named> = judged.collect();
    ordered.sort_by_key(|(_, row)| row.figures.and_then(|figures| figures.index));
    if let [lowest, .., highest] = ordered.as_slice()
        && let (Some(high), Some(low)) = (figure(highest.1), figure(lowest.1))
    {
        let places = [("highest", highest.0.as_str()), ("high", &high), ("lowest", &lowest.0), ("low", &low)];
        writer.say(Style::Body, &VI.with("letter.results.extremes", &places));
    }
}

/// Section 3: every element, by kind.
pub fn elements(writer: &mut Writer) {
    writer.text(Style::Section, "letter.results.elements-title");
    for kind in Kind::ALL {
        let rows = named(writer.dataset, &writer.names, kind, Cut::Element, |_| true);
        let name = writer.names.kind(kind);
        if rows.iter().all(|(_, row)| row.n() == Some(0)) {
            writer.say(Style::Body, &VI.with("letter.say.none", &[("subject", &name)]));
            continue;
        }
        writer.say(Style::Body, &VI.with("letter.results.elements-lead", &[("kind", &name)]));
        extremes(writer, &rows);
        let words = level_words(writer.dataset, kind);
        let (table, mut notes) = levels(writer.dataset, &VI.text("dimension.element"), &words, &rows, true);
        let not_applicable = rows.iter().filter_map(|(name, row)| {
            let count = row.levels.map(|levels| levels.na).filter(|count| *count > 0)?;
            Some(format!("{name}: {}", VI.count(count)))
        });
        let not_applicable: Vec<String> = not_applicable.collect();
        if !not_applicable.is_empty() {
            notes.push(VI.with("letter.note.not-applicable", &[("rows", &not_applicable.join("; "))]));
        }
        writer.table(&VI.with("letter.results.elements-table", &[("kind", &name)]), &table, &notes);
    }
}

/// Section 4: units of the province; communes are in the annex.
pub fn units(writer: &mut Writer) {
    writer.text(Style::Section, "letter.results.units-title");
    for kind in Kind::ALL {
        let rows = named(writer.dataset, &writer.names, kind, Cut::Unit, |_| true);
        let name = writer.names.kind(kind);
        if rows.is_empty() {
            writer.say(Style::Body, &VI.with("letter.say.none", &[("subject", &name)]));
            continue;
        }
        let counted = counted(&VI.text("letter.results.unit-noun"), &rows);
        writer.say(
            Style::Body,
            &VI.with("letter.results.units-lead", &[("kind", &name), ("counted", &counted)]),
        );
        let of_province: Vec<Named> = rows.into_iter().filter(|(_, row)| !is_commune(writer, row)).collect();
        if !of_province.is_empty() {
            let words = level_words(writer.dataset, kind);
            let head = VI.text("dimension.unit");
            let (table, notes) = levels(writer.dataset, &head, &words, &of_province, true);
            writer.table(&VI.with("letter.results.units-table", &[("kind", &name)]), &table, &notes);
        }
    }
    writer.text(Style::Body, "letter.results.units-annex");
}

/// Whether a row of a cut by unit is about a commune.
pub fn is_commune(writer: &Writer, row: &Row) -> bool {
    let unit = row.key.first().and_then(|id| writer.names.unit(id));
    unit.is_some_and(|unit| unit.level == "xa")
}
