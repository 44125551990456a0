//! The dates of a line.

use chrono::{Datelike, NaiveDate, Utc};

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
    let date = written(text);
    if date.is_none() {
        faults.add(line, column, Message::new("import.no-date").with("found", text));
    }
    date
}

/// A date as people here write it, with all four digits of its year.
fn written(text: &str) -> Option<NaiveDate> {
    let forms = ["%Y-%m-%d", "%d/%m/%Y", "%d-%m-%Y", "%d.%m.%Y"];
    let read = |form: &&str| NaiveDate::parse_from_str(text, form).ok();
    forms.iter().find_map(read).filter(|date| date.year() >= 1000)
}

/// A period in the words of the program: a month may be written `9/2026`, and a spreadsheet makes the first day of
/// a month of it.
pub(super) fn period(text: &str) -> String {
    let first = written(text).or_else(|| written(&format!("1/{text}"))).filter(|date| date.day() == 1);
    first.map_or_else(|| text.to_owned(), |date| date.format("%Y-%m").to_string())
}

/// Notes that a row overlaps with the version that begins on `with`.
pub(super) fn overlap(line: &Line, with: NaiveDate, faults: &mut Faults) {
    let found = line.cell("valid_to");
    let found = if found.is_empty() { "–" } else { found };
    let message = Message::new("import.overlap").with("other", with).with("found", found);
    faults.add(line, "valid_to", message);
}

#[cfg(test)]
mod tests {
    use super::{period, written};

    #[test]
    fn dates_are_read_as_people_and_spreadsheets_write_them() {
        for text in ["2026-12-31", "31/12/2026", "31-12-2026", "31.12.2026"] {
            assert_eq!(written(text).unwrap().to_string(), "2026-12-31", "{text}");
        }
        for text in ["31/12/26", "12/31/2026", "46022", "31/02/2026"] {
            assert_eq!(written(text), None, "{text}");
        }
        for (text, read) in
            [("9/2026", "2026-09"), ("2026-09-01", "2026-09"), ("2026-Q3", "2026-Q3"), ("2026", "2026")]
        {
            assert_eq!(period(text), read);
        }
        assert_eq!(period("2026-09-15"), "2026-09-15", "a day is no month");
    }
}
