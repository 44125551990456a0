//! The dates of a line.

use chrono::{NaiveDate, Utc};

use super::Faults;
use super::sheet::Line;
use crate::domain::day::{Local, earliest_start, latest_start};
use crate::domain::versions::Days;
use crate::locale::Message;

/// The days that a line gives; faults are noted.
pub(super) fn read(line: &Line, faults: &mut Faults) -> Option<Days> {
    let from = date(line, "valid_from", faults)?;
    let latest = latest_start(Local::at(Utc::now()).day);
    if from > latest {
        let message = Message::new("import.far-date").with_day("latest", latest);
        faults.add(line, "valid_from", message.with("found", line.cell("valid_from")));
        return None;
    }
    if from < earliest_start() {
        let message = Message::new("import.old-date").with_day("earliest", earliest_start());
        faults.add(line, "valid_from", message.with("found", line.cell("valid_from")));
        return None;
    }
    if line.cell("valid_to").is_empty() {
        return Some(Days { from, to: None });
    }
    let to = date(line, "valid_to", faults)?;
    if to <= from {
        faults.add(line, "valid_to", Message::new("import.ends-before").with("found", line.cell("valid_to")));
        return None;
    }
    Some(Days { from, to: Some(to) })
}

/// The date in a column; a fault is noted.
pub(super) fn date(line: &Line, column: &str, faults: &mut Faults) -> Option<NaiveDate> {
    let text = line.text(column, faults)?;
    let date = ["%Y-%m-%d", "%d/%m/%Y"].iter().find_map(|form| NaiveDate::parse_from_str(text, form).ok());
    if date.is_none() {
        faults.add(line, column, Message::new("import.no-date").with("found", text));
    }
    date
}

/// Notes that a row overlaps with the version that begins on `with`.
pub(super) fn overlap(line: &Line, with: NaiveDate, faults: &mut Faults) {
    let found = line.cell("valid_to");
    let found = if found.is_empty() { "–" } else { found };
    let message = Message::new("import.overlap").with("other", with).with("found", found);
    faults.add(line, "valid_to", message);
}
