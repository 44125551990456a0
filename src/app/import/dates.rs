//! Where a dated row belongs among the versions that bear the same code.

use chrono::NaiveDate;

use super::Faults;
use super::sheet::Line;
use crate::locale::Message;

/// The days of a version, from the first until the one on which it no longer holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Days {
    pub from: NaiveDate,
    pub to: Option<NaiveDate>,
}

/// Where a row belongs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// It says again, or corrects, the version at this index.
    Same(usize),
    /// It follows the version at this index, which ends where it begins.
    After(usize),
    /// No version of that code is in force: it is something new, since codes are used again.
    New,
}

/// The place of `row` among `held`, or the first day of the version with which it overlaps.
///
/// A row that gives no end leaves the end of the same version as it is.
pub(super) fn place(held: &[Days], row: Days) -> Result<Place, NaiveDate> {
    let same = held.iter().position(|days| days.from == row.from);
    let end = row.to.or_else(|| same.and_then(|index| held.get(index)).and_then(|days| days.to));
    let later = held.iter().map(|days| days.from).filter(|from| *from > row.from).min();
    if let Some(later) = later.filter(|later| end.is_none_or(|end| end > *later)) {
        return Err(later);
    }
    if let Some(index) = same {
        return Ok(Place::Same(index));
    }
    let open = |days: &Days| days.from < row.from && days.to.is_none_or(|to| to > row.from);
    Ok(held.iter().position(open).map_or(Place::New, Place::After))
}

/// The days that a line gives; faults are noted.
pub(super) fn read(line: &Line, faults: &mut Faults) -> Option<Days> {
    let from = date(line, "valid_from", faults)?;
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

#[cfg(test)]
mod tests {
    use super::*;

    fn days(from: &str, to: Option<&str>) -> Days {
        Days { from: from.parse().unwrap(), to: to.map(|day| day.parse().unwrap()) }
    }

    #[test]
    fn a_newer_row_follows_the_open_version_and_a_code_that_ended_is_used_again() {
        let open = [days("2021-01-01", None)];
        let ended = [days("2021-01-01", Some("2025-07-01"))];
        assert_eq!(place(&open, days("2025-07-01", None)), Ok(Place::After(0)));
        assert_eq!(place(&ended, days("2025-07-01", None)), Ok(Place::New));
        assert_eq!(place(&ended, days("2021-01-01", None)), Ok(Place::Same(0)));
    }

    #[test]
    fn a_row_must_end_where_the_next_version_begins() {
        let held = [days("2025-07-01", None)];
        assert_eq!(place(&held, days("2021-01-01", None)), Err(held[0].from));
        assert_eq!(place(&held, days("2021-01-01", Some("2025-07-01"))), Ok(Place::New));
    }
}
