//! Chapter I: what was measured, when, where and how.

use std::collections::{BTreeMap, BTreeSet};

use super::tables::{levels, named, plain};
use super::word::{Cell, Style};
use super::words::{NONE, VI, decimal, level_words, part, percent, range};
use super::writer::Writer;
use crate::domain::dataset::{Cut, Issue, QuestionnaireEntry, Row};
use crate::domain::day::Local;
use crate::domain::index::sample_goal;
use crate::domain::questionnaire::Kind;

/// The sentence that says by what mandate, and for a correction what it corrects.
pub fn opening(writer: &mut Writer) {
    let dataset = writer.dataset;
    let bases = bases(dataset.targets.iter().map(|target| target.legal_basis.trim()));
    let key = if bases.is_empty() { "letter.opening.bare" } else { "letter.opening.by" };
    let places = [("bases", bases), ("period", writer.names.period(&dataset.period.key))];
    writer.say(Style::Body, &VI.with(key, &places.each_ref().map(|(name, value)| (*name, value.as_str()))));
    if let Some(issue) = dataset.issue.as_ref().filter(|_| dataset.version > 1) {
        correction(writer, issue);
    }
}

/// Legal bases with those of one document together: `QĐ 1, mục 2 và 3; QĐ 4`.
fn bases<'a>(all: impl Iterator<Item = &'a str>) -> String {
    let section = VI.text("letter.opening.section");
    let mut documents: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for basis in all.filter(|basis| !basis.is_empty()) {
        let (document, place) = basis.split_once(section.as_str()).unwrap_or((basis, ""));
        documents.entry(document).or_default().extend(Some(place).filter(|place| !place.is_empty()));
    }
    let text = |(document, places): (&str, BTreeSet<&str>)| {
        let places: Vec<&str> = places.into_iter().collect();
        if places.is_empty() {
            document.to_owned()
        } else {
            format!("{document}{section}{}", places.join(", "))
        }
    };
    documents.into_iter().map(text).collect::<Vec<_>>().join("; ")
}

fn correction(writer: &mut Writer, issue: &Issue) {
    let (version, before) = (writer.dataset.version.to_string(), (writer.dataset.version - 1).to_string());
    let late = match issue.late {
        Some(0) => VI.text("letter.opening.late-none"),
        Some(late) => VI.with("letter.opening.late", &[("late", &VI.count(late))]),
        None => VI.text("letter.opening.late-hidden"),
    };
    let text =
        VI.with("letter.opening.corrects", &[("version", &version), ("before", &before), ("late", &late)]);
    writer.say(Style::Body, &text);
    if let Some(hash) = &issue.corrects {
        writer.say(Style::Body, &VI.with("letter.opening.corrected-file", &[("before", &before)]));
        writer.say(Style::Hash, hash);
    }
}

/// The chapter.
pub fn chapter(writer: &mut Writer) {
    writer.text(Style::Chapter, "letter.scope.title");
    writer.text(Style::Section, "letter.scope.period-title");
    days(writer);
    units(writer);
    writer.text(Style::Section, "letter.scope.method-title");
    for questionnaire in &writer.dataset.questionnaires {
        writer.say(Style::Body, &asked(writer, questionnaire));
    }
    method(writer);
    writer.text(Style::Section, "letter.scope.answers-title");
    for kind in Kind::ALL {
        collected(writer, kind);
    }
    channels(writer);
    flags(writer);
    dossiers(writer);
}

fn days(writer: &mut Writer) {
    let dataset = writer.dataset;
    let frozen = Local::at(dataset.frozen_at);
    let places = [
        ("period", writer.names.period(&dataset.period.key)),
        ("from", VI.date(dataset.period.from)),
        ("to", VI.date(dataset.period.to)),
        ("day", VI.date(frozen.day)),
        ("hour", frozen.time.format("%H").to_string()),
        ("minute", frozen.time.format("%M").to_string()),
    ];
    let places = places.each_ref().map(|(name, value)| (*name, value.as_str()));
    let key = if dataset.issue.is_some() { "letter.scope.closed" } else { "letter.scope.open" };
    writer.say(Style::Body, &(VI.with("letter.scope.days", &places) + " " + &VI.with(key, &places)));
}

fn units(writer: &mut Writer) {
    let dataset = writer.dataset;
    let rows = Kind::ALL.into_iter().flat_map(|kind| dataset.rows(kind, Cut::Unit));
    let ids: BTreeSet<&str> = rows.filter_map(|row| row.key.first()).map(String::as_str).collect();
    let mut count: BTreeMap<&str, u64> = BTreeMap::new();
    for unit in ids.iter().filter_map(|id| writer.names.unit(id)) {
        *count.entry(unit.level.as_str()).or_default() += 1;
    }
    let parts = ["so", "tinh", "huyen", "xa"].into_iter().filter_map(|level| {
        let found = VI.count(*count.get(level)?);
        Some(VI.with(&format!("letter.scope.level-{level}"), &[("count", &found)]))
    });
    let (parts, to): (Vec<String>, String) = (parts.collect(), VI.date(dataset.period.to));
    let key = if parts.is_empty() { "letter.scope.units-none" } else { "letter.scope.units" };
    writer.say(Style::Body, &VI.with(key, &[("parts", &parts.join("; ")), ("to", &to)]));
}

fn asked(writer: &Writer, questionnaire: &QuestionnaireEntry) -> String {
    let (headline, elements): (Vec<_>, Vec<_>) = questionnaire.questions.iter().partition(|one| one.headline);
    let elements: Vec<&str> = elements.iter().map(|question| question.ask.as_str()).collect();
    let (kind, version) = (writer.names.kind(questionnaire.kind), questionnaire.version.to_string());
    VI.with(
        "letter.scope.questionnaire",
        &[
            ("kind", &kind),
            ("version", &version),
            ("headline", headline.first().map_or(NONE, |question| question.ask.as_str())),
            ("elements", &elements.join("; ")),
        ],
    )
}

fn method(writer: &mut Writer) {
    let dataset = writer.dataset;
    let words = level_words(writer.dataset, Kind::Tthc);
    let scale: Vec<String> =
        words.iter().zip((1..=5).rev()).map(|(word, level)| format!("{word} ({level})")).collect();
    writer.say(Style::Body, &VI.with("letter.scope.scale", &[("levels", &scale.join("; "))]));
    let places = [
        ("method", dataset.method.id.clone()),
        ("version", dataset.method.version.to_string()),
        ("z", dataset.method.z.replace('.', ",")),
        ("enough", VI.count(dataset.method.enough)),
    ];
    let places = places.each_ref().map(|(name, value)| (*name, value.as_str()));
    writer.say(Style::Body, &VI.with("letter.scope.formula", &places));
    writer.say(Style::Body, &VI.with("letter.scope.certainty", &places));
    for survey in &dataset.surveys {
        let kind = writer.names.kind(survey.kind);
        for day in &survey.breaks {
            let text = VI.with("letter.scope.break", &[("day", &VI.date(*day)), ("kind", &kind)]);
            writer.say(Style::Body, &text);
        }
    }
}

/// How many answers there are, and how many of them the index is computed over.
fn collected(writer: &mut Writer, kind: Kind) {
    let dataset = writer.dataset;
    let name = writer.names.kind(kind);
    let Some(total) = dataset.row(kind, Cut::Total, &[]) else {
        return;
    };
    let Some(levels) = total.levels else {
        writer.say(Style::Body, &VI.with("letter.scope.collected-hidden", &[("kind", &name)]));
        return;
    };
    let stages: Option<Vec<_>> = dataset.rows(kind, Cut::Stage).iter().map(|row| row.levels).collect();
    let all: u64 = stages.unwrap_or_default().iter().map(|levels| levels.valid() + levels.na).sum();
    let judged = levels.valid() + levels.na;
    let places = [
        ("kind", name),
        ("all", VI.count(all.max(judged))),
        ("judged", VI.count(judged)),
        ("other", VI.count(all.saturating_sub(judged))),
        ("valid", VI.count(levels.valid())),
        ("na", VI.count(levels.na)),
    ];
    let key = if all > judged { "letter.scope.collected-stages" } else { "letter.scope.collected" };
    writer.say(Style::Body, &VI.with(key, &places.each_ref().map(|(name, value)| (*name, value.as_str()))));
}

fn channels(writer: &mut Writer) {
    for kind in Kind::ALL {
        let rows = named(writer.dataset, &writer.names, kind, Cut::Channel, |row| row.n() != Some(0));
        if rows.is_empty() {
            continue;
        }
        let (table, notes) = levels(
            writer.dataset,
            &VI.text("dimension.channel"),
            &level_words(writer.dataset, kind),
            &rows,
            false,
        );
        let title = VI.with("letter.scope.channels", &[("kind", &writer.names.kind(kind))]);
        writer.table(&title, &table, &notes);
    }
}

/// How many answers bear a flag, for what reason, and the index without them.
fn flags(writer: &mut Writer) {
    for kind in Kind::ALL {
        let Some(total) = writer.dataset.row(kind, Cut::Total, &[]).filter(|row| row.n() != Some(0)) else {
            continue;
        };
        let (Some(n), Some(without)) = (total.n(), total.unflagged) else {
            continue;
        };
        let flagged = n.saturating_sub(without.share.n);
        let rows = named(writer.dataset, &writer.names, kind, Cut::Flag, |row| row.n() != Some(0));
        let reasons = rows.iter().map(|(name, row)| {
            let count = row.n().map_or_else(|| VI.text("letter.hidden"), |n| VI.count(n));
            format!("{name}: {count}")
        });
        let places = [
            ("kind", writer.names.kind(kind)),
            ("flagged", VI.count(flagged)),
            ("share", part(flagged, n)),
            ("reasons", reasons.collect::<Vec<_>>().join("; ")),
            ("n", VI.count(without.share.n)),
            ("index", without.index.map_or_else(|| NONE.to_owned(), percent)),
        ];
        let key = if flagged == 0 { "letter.scope.flags-none" } else { "letter.scope.flags" };
        writer
            .say(Style::Body, &VI.with(key, &places.each_ref().map(|(name, value)| (*name, value.as_str()))));
    }
}

/// Dossiers settled, the response rate, the sample goal, and F5 beside F1.
fn dossiers(writer: &mut Writer) {
    let rows = named(writer.dataset, &writer.names, Kind::Tthc, Cut::Target, |row| row.settled.is_some());
    if rows.is_empty() {
        writer.text(Style::Body, "letter.scope.no-dossiers");
        return;
    }
    writer.text(Style::Body, "letter.scope.dossiers");
    let capped = rows.iter().any(|(_, row)| row.figures.and_then(|one| one.f5).is_some_and(|f5| f5.capped));
    let cells = rows.iter().map(|(name, row)| dossier_cells(name, row)).collect();
    let columns = [
        (190, "letter.column.settled"),
        (170, "letter.column.rate"),
        (150, "letter.column.goal"),
        (250, "letter.column.f1"),
        (250, "letter.column.f5"),
        (160, "letter.column.coverage"),
        (175, "letter.column.effective"),
    ];
    let table = plain(&VI.text("letter.column.content"), &columns, cells);
    let mut notes = vec![VI.text("letter.scope.dossiers-note")];
    notes.extend(capped.then(|| VI.text("letter.scope.capped")));
    writer.table(&VI.text("letter.scope.dossiers-title"), &table, &notes);
}

fn dossier_cells(name: &str, row: &Row) -> Vec<Cell> {
    let (settled, n) = (row.settled.unwrap_or_default(), row.n());
    let f5 = row.figures.and_then(|figures| figures.f5);
    let one = |text: Option<String>| Cell::numbers(vec![text.unwrap_or_else(|| NONE.to_owned())]);
    let weighted =
        f5.map(|f5| vec![decimal(f5.index), format!("[{}]", range(f5.low, f5.high).replace('–', "; "))]);
    vec![
        Cell::words(name),
        one(Some(VI.count(settled))),
        one(n.map(|n| part(n, settled))),
        one(Some(VI.count(sample_goal(settled)))),
        Cell::numbers(super::tables::index(row)),
        Cell::numbers(weighted.unwrap_or_else(|| vec![NONE.to_owned()])),
        one(f5.map(|f5| percent(f5.coverage))),
        one(f5.map(|f5| decimal(f5.effective))),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_document_is_named_once() {
        let all = ["QĐ 1, mục II.2.7", "QĐ 1, mục II.2.2", "QĐ 1, mục II.2.2", "Kế hoạch năm", ""];
        assert_eq!(bases(all.into_iter()), "Kế hoạch năm; QĐ 1, mục II.2.2, II.2.7");
        assert_eq!(bases(std::iter::empty()), "");
    }
}
