//! Versions that bear dates: where one belongs among others that bear the same code.

use chrono::NaiveDate;

/// The days of a version, from the first until the one on which it no longer holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Days {
    /// First day.
    pub from: NaiveDate,
    /// Day on which it no longer holds.
    pub to: Option<NaiveDate>,
}

impl Days {
    /// Whether two versions share a day.
    pub fn overlaps(self, other: Self) -> bool {
        self.to.is_none_or(|end| other.from < end) && other.to.is_none_or(|end| self.from < end)
    }
}

/// Where a version belongs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
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
///
/// # Errors
/// The day on which a later version begins before the row ends.
pub fn place(held: &[Days], row: Days) -> Result<Place, NaiveDate> {
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

/// What is planned for a thing whose versions follow one another, and from which day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Planned {
    /// It begins.
    Beginning(NaiveDate),
    /// Another version follows.
    Change(NaiveDate),
    /// It ends.
    End(NaiveDate),
}

/// What is planned last of a thing with versions on these days; an end is withdrawn before what leads to it.
pub fn planned(versions: &[Days], today: NaiveDate) -> Option<Planned> {
    let last = versions.iter().max_by_key(|days| days.from)?;
    if let Some(end) = last.to.filter(|end| *end > today) {
        return Some(Planned::End(end));
    }
    (last.from > today).then_some(match versions.len() {
        1 => Planned::Beginning(last.from),
        _ => Planned::Change(last.from),
    })
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

    #[test]
    fn what_has_no_day_yet_is_planned_and_an_end_comes_before_what_leads_to_it() {
        let today = "2026-11-30".parse().unwrap();
        let (past, ended) = (days("2021-01-01", None), days("2021-01-01", Some("2025-07-01")));
        let (next, next_ends) = (days("2027-01-01", None), days("2027-01-01", Some("2028-01-01")));
        assert_eq!(planned(&[past], today), None);
        assert_eq!(planned(&[ended], today), None);
        assert_eq!(planned(&[next], today), Some(Planned::Beginning(next.from)));
        assert_eq!(planned(&[past, next], today), Some(Planned::Change(next.from)));
        assert_eq!(planned(&[past, next_ends], today), Some(Planned::End(next_ends.to.unwrap())));
        let ends = days("2021-01-01", Some("2026-12-01"));
        assert_eq!(planned(&[ends], today), Some(Planned::End(ends.to.unwrap())));
    }

    #[test]
    fn versions_that_meet_on_a_day_do_not_overlap() {
        let (first, second) = (days("2021-01-01", Some("2025-07-01")), days("2025-07-01", None));
        assert!(!first.overlaps(second) && !second.overlaps(first));
        assert!(first.overlaps(days("2025-06-30", None)) && second.overlaps(days("2030-01-01", None)));
    }
}
