//! Figures of health and education, which their ministries measure by methods of their own.

use std::collections::{HashMap, HashSet};

use chrono::Utc;

use super::report::{Facts, Outcome};
use super::sheet::{Line, Sheet};
use super::{Change, Faults, Report, dates};
use crate::app::progress::Progress;
use crate::app::targets;
use crate::db;
use crate::db::conn::Conn;
use crate::db::targets::ImportedFigure;
use crate::domain::day::Local;
use crate::domain::number;
use crate::domain::period::Period;
use crate::error::Result;
use crate::locale::{Lang, Message};

/// Writes the figures; one for the same target and period is corrected.
pub(super) fn run(
    conn: &mut Conn,
    sheet: &Sheet,
    faults: &mut Faults,
    progress: &Progress,
) -> Result<Report> {
    let keys = db::target_writes::imported_keys(conn)?;
    let (known, today) = (targets::load(conn)?, Local::at(Utc::now()).day);
    let held = db::targets::figures(conn)?.into_iter();
    let held: HashMap<_, _> = held.map(|one| ((one.target.clone(), one.period), one)).collect();
    let (mut seen, mut new) = (HashSet::new(), Vec::new());
    let mut report = Report::default();
    for line in &sheet.lines {
        progress.advance(1)?;
        let Some(figure) = read(line, &keys, faults) else {
            continue;
        };
        let key = (figure.target.clone(), figure.period);
        let old = held.get(&key);
        // One that is there may always be corrected.
        let fault = if old.is_none() { targets::period_fault(&known, &figure, today) } else { None };
        if let Some(message) = fault {
            faults.add(line, "period", message);
            continue;
        }
        if !seen.insert(key) {
            faults.add(line, "period", Message::new("import.twice").with("found", line.cell("period")));
            continue;
        }
        let change = match old {
            None => Change::Added,
            Some(old) if *old == figure => Change::Unchanged,
            Some(_) => Change::Changed,
        };
        report.count(
            line,
            Outcome {
                change,
                what: format!("{} {}", figure.target, line.cell("period")),
                subject: format!("target:{}", figure.target),
                before: old.map(facts).as_ref(),
                after: &facts(&figure),
                ends: None,
            },
        );
        match change {
            Change::Added => new.push(figure),
            Change::Changed => db::target_writes::update_figure(conn, &figure)?,
            Change::Unchanged => (),
        }
    }
    db::bulk::insert_figures(conn, &new)?;
    Ok(report)
}

/// What stands in the columns of a figure.
fn facts(figure: &ImportedFigure) -> Facts {
    vec![
        ("period", figure.period.to_string()),
        ("percent", Lang::Vi.hundredths(number::in_hundredths(figure.hundredths.into()))),
        ("respondents", figure.respondents.map_or_else(String::new, |count| count.to_string())),
        ("source", figure.source.clone()),
    ]
}

fn read(line: &Line, targets: &[String], faults: &mut Faults) -> Option<ImportedFigure> {
    let target = target(line, targets, faults);
    let period = period(line, faults);
    let hundredths = percent(line, faults);
    let respondents = respondents(line, faults);
    let source = line.text("source", faults);
    Some(ImportedFigure {
        target: target?,
        period: period?,
        hundredths: hundredths?,
        respondents: respondents?,
        source: source?.to_owned(),
    })
}

fn target(line: &Line, targets: &[String], faults: &mut Faults) -> Option<String> {
    let word = line.text("target_key", faults)?;
    let target = targets.iter().find(|key| *key == word).cloned();
    if target.is_none() {
        let message = Message::new("import.one-of").with("expected", targets.join(", ")).with("found", word);
        faults.add(line, "target_key", message);
    }
    target
}

fn period(line: &Line, faults: &mut Faults) -> Option<Period> {
    let text = line.text("period", faults)?;
    let period = Period::parse(&dates::period(text)).ok();
    if period.is_none() {
        faults.add(line, "period", Message::new("import.no-period").with("found", text));
    }
    period
}

fn percent(line: &Line, faults: &mut Faults) -> Option<i32> {
    let text = line.text("percent", faults)?;
    let value = hundredths(text);
    if value.is_none() {
        faults.add(line, "percent", Message::new("import.no-percent").with("found", text));
    }
    value
}

/// Hundredths of a percent, from at most two decimals after a comma or a point.
pub fn hundredths(text: &str) -> Option<i32> {
    let text = text.trim_end_matches('%').trim().replace(',', ".");
    let (whole, part) = text.split_once('.').unwrap_or((&text, "0"));
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if !digits(whole) || !digits(part) || part.len() > 2 || whole.len() > 3 {
        return None;
    }
    let value = whole.parse::<i32>().ok()? * 100 + format!("{part:0<2}").parse::<i32>().ok()?;
    (value <= 10_000).then_some(value)
}

fn respondents(line: &Line, faults: &mut Faults) -> Option<Option<i64>> {
    let text = line.cell("respondents");
    if text.is_empty() {
        return Some(None);
    }
    let count = number::ungrouped(text).and_then(|digits| digits.parse().ok());
    if count.is_none() {
        faults.add(line, "respondents", Message::new("import.no-count").with("found", text));
    }
    count.map(Some)
}

#[cfg(test)]
mod tests {
    use super::hundredths;

    #[test]
    fn a_percentage_has_at_most_two_decimals() {
        assert_eq!(hundredths("92,7"), Some(9270));
        assert_eq!(hundredths("85.05%"), Some(8505));
        assert_eq!(hundredths("100"), Some(10_000));
        for text in ["100,01", "92,123", "-1", "", ",5", "n/a"] {
            assert_eq!(hundredths(text), None, "{text}");
        }
    }
}
