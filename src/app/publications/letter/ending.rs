//! Chapters III and IV, and the annexes: what the figures do not say, how to check them, and all their rows.

use super::results::is_commune;
use super::tables::{Named, levels, named};
use super::word::Style;
use super::words::{VI, level_words, scope};
use super::writer::Writer;
use crate::domain::dataset::Cut;
use crate::domain::questionnaire::Kind;

const ROMAN: [&str; 5] = ["I", "II", "III", "IV", "V"];

/// Chapter III: what a reader must know before using a figure.
pub fn limits(writer: &mut Writer) {
    let dataset = writer.dataset;
    writer.text(Style::Chapter, "letter.limits.title");
    if dataset.simulated {
        writer.text(Style::Body, "letter.limits.simulated");
    }
    for line in VI.text("letter.limits.always").lines() {
        writer.say(Style::Body, line);
    }
    if dataset.floor > 0 {
        let floor = VI.count(dataset.floor);
        writer.say(Style::Body, &VI.with("letter.limits.small", &[("floor", &floor)]));
    } else {
        writer.text(Style::Body, "letter.limits.complete");
    }
    let mut missing: Vec<String> = Vec::new();
    for kind in Kind::ALL {
        if dataset.row(kind, Cut::Total, &[]).is_none_or(|row| row.n() == Some(0)) {
            missing.push(VI.with("letter.limits.no-answers", &[("kind", &writer.names.kind(kind))]));
        }
    }
    for one in dataset.imported.iter().filter(|one| one.index.is_none()) {
        let target = scope(&writer.names, &one.target);
        missing.push(VI.with("letter.limits.no-import", &[("target", &target)]));
    }
    if dataset.row(Kind::Tthc, Cut::Total, &[]).is_none_or(|row| row.settled.is_none()) {
        missing.push(VI.text("letter.limits.no-dossiers"));
    }
    if !missing.is_empty() {
        writer.say(Style::Body, &VI.with("letter.limits.missing", &[("missing", &missing.join("; "))]));
    }
}

/// Chapter IV: the hash of the frozen figures, and how to compute it.
pub fn proof(writer: &mut Writer, sha256: Option<&str>) {
    writer.text(Style::Chapter, "letter.proof.title");
    match sha256 {
        Some(hash) => {
            writer.text(Style::Body, "letter.proof.lead");
            writer.say(Style::Hash, hash);
            writer.text(Style::Body, "letter.proof.how");
        }
        None => writer.text(Style::Body, "letter.proof.none"),
    }
    let issue = writer.dataset.issue.as_ref();
    if let Some(issue) = issue {
        let number = issue.number.to_string();
        let key = if issue.previous.is_some() { "letter.proof.chain" } else { "letter.proof.first" };
        writer.say(Style::Body, &VI.with(key, &[("number", &number)]));
        if let Some(previous) = &issue.previous {
            writer.say(Style::Hash, previous);
        }
    }
    let period = writer.names.period(&writer.dataset.period.key);
    writer.say(Style::Closing, &VI.with("letter.end", &[("period", &period)]));
}

/// A table of an annex: the key of its title, the key of the head of its names, its kind and its rows.
type Listed<'a> = (&'static str, &'static str, Kind, Vec<Named<'a>>);

/// The annexes that have rows, each with pages of its own.
pub fn annexes(writer: &mut Writer) {
    let (tthc, service) = (Kind::Tthc, Kind::AgencyService);
    let all: [(&str, Vec<Listed>); 5] = [
        ("communes", vec![("communes-table", "dimension.unit", tthc, communes(writer, tthc))]),
        ("deciding", vec![("deciding-table", "dimension.deciding", tthc, every(writer, Cut::Deciding))]),
        ("service", vec![("service-table", "dimension.unit", service, communes(writer, service))]),
        ("then", vec![("then-table", "dimension.unit", tthc, every(writer, Cut::UnitThen))]),
        (
            "procedures",
            vec![
                ("procedures-table", "dimension.procedure", tthc, every(writer, Cut::Procedure)),
                ("stages-table", "dimension.stage", tthc, every(writer, Cut::Stage)),
                ("months-table", "dimension.month", tthc, every(writer, Cut::Month)),
            ],
        ),
    ];
    let period = writer.names.period(&writer.dataset.period.key).to_uppercase().replace(' ', "\u{a0}");
    let wanted = all.into_iter().filter(|(_, tables)| tables.iter().any(|(.., rows)| !rows.is_empty()));
    for (number, (name, tables)) in ROMAN.into_iter().zip(wanted) {
        writer.end_section();
        writer.say(Style::Title, &VI.with("letter.annex.number", &[("number", number)]));
        writer.say(Style::Subject, &VI.with(&format!("letter.annex.{name}"), &[("period", &period)]));
        writer.text(Style::HeadItalic, "letter.annex.of");
        for (title, head, kind, rows) in tables.into_iter().filter(|(.., rows)| !rows.is_empty()) {
            let words = level_words(writer.dataset, kind);
            let (table, notes) = levels(writer.dataset, &VI.text(head), &words, &rows, true);
            writer.table(&VI.text(&format!("letter.annex.{title}")), &table, &notes);
        }
    }
}

/// Every row of a cut of administrative procedures.
fn every<'a>(writer: &Writer<'a>, by: Cut) -> Vec<Named<'a>> {
    named(writer.dataset, &writer.names, Kind::Tthc, by, |_| true)
}

fn communes<'a>(writer: &Writer<'a>, kind: Kind) -> Vec<Named<'a>> {
    named(writer.dataset, &writer.names, kind, Cut::Unit, |row| is_commune(writer, row))
}
