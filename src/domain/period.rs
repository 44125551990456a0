//! Reporting periods: a year, half-year, quarter, month, or any two dates.

use std::collections::BTreeSet;
use std::fmt;

use chrono::{Datelike, Months, NaiveDate};

use super::day;
use super::tally::day_number;
use crate::locale::Message;

/// A span of whole days, both ends included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Period {
    from: NaiveDate,
    to: NaiveDate,
}

/// Length of a calendar period.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Span {
    /// A calendar month.
    Month,
    /// A quarter.
    Quarter,
    /// Half a year.
    Half,
    /// A year.
    Year,
}

impl Span {
    const ALL: [Self; 4] = [Self::Month, Self::Quarter, Self::Half, Self::Year];

    /// Number of months.
    pub const fn months(self) -> u32 {
        match self {
            Self::Month => 1,
            Self::Quarter => 3,
            Self::Half => 6,
            Self::Year => 12,
        }
    }
}

/// A text that names no period.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoPeriod(pub String);

impl NoPeriod {
    /// What is wrong with the text: its days stand the wrong way round, or it names none.
    pub fn message(&self) -> Message {
        let ends = self.0.split_once("..").and_then(|(from, to)| Some((date(from)?, date(to)?)));
        let is_reversed = ends.is_some_and(|(from, to)| to < from);
        let key = if is_reversed { "error.period-reversed" } else { "error.no-period" };
        Message::new(key).with("found", self.0.trim())
    }
}

impl Period {
    /// The days from `from` to `to`; none when they are the wrong way round.
    pub fn between(from: NaiveDate, to: NaiveDate) -> Option<Self> {
        (from <= to).then_some(Self { from, to })
    }

    /// The calendar period of a length in which a day lies.
    pub fn around(date: NaiveDate, span: Span) -> Self {
        let first = (date.month0() / span.months()) * span.months() + 1;
        Self::starting(date.year(), first, span).unwrap_or(Self { from: date, to: date })
    }

    fn starting(year: i32, month: u32, span: Span) -> Option<Self> {
        let from = NaiveDate::from_ymd_opt(year, month, 1)?;
        let end = from.checked_add_months(Months::new(span.months()))?;
        Some(Self { from, to: day::previous(end) })
    }

    /// Reads `2026`, `2026-H1`, `2026-Q3`, `2026-09` or `2026-09-01..2026-09-30`.
    ///
    /// # Errors
    /// [`NoPeriod`] with the text that was found.
    pub fn parse(text: &str) -> Result<Self, NoPeriod> {
        Self::read(text.trim()).ok_or_else(|| NoPeriod(text.to_owned()))
    }

    fn read(text: &str) -> Option<Self> {
        if let Some((from, to)) = text.split_once("..") {
            return Self::between(date(from)?, date(to)?);
        }
        let (year, part) = text.split_once('-').map_or((text, None), |(year, part)| (year, Some(part)));
        let year = digits(year, 4).filter(|year| (1900..=9000).contains(year))?;
        let year = i32::try_from(year).ok()?;
        match part {
            None => Self::starting(year, 1, Span::Year),
            Some("H1") => Self::starting(year, 1, Span::Half),
            Some("H2") => Self::starting(year, 7, Span::Half),
            Some("Q1") => Self::starting(year, 1, Span::Quarter),
            Some("Q2") => Self::starting(year, 4, Span::Quarter),
            Some("Q3") => Self::starting(year, 7, Span::Quarter),
            Some("Q4") => Self::starting(year, 10, Span::Quarter),
            Some(month) => Self::starting(year, digits(month, 2)?, Span::Month),
        }
    }

    /// First day.
    pub const fn from(self) -> NaiveDate {
        self.from
    }

    /// Last day.
    pub const fn to(self) -> NaiveDate {
        self.to
    }

    /// Whether a day lies within.
    pub fn contains(self, date: NaiveDate) -> bool {
        self.from <= date && date <= self.to
    }

    /// Whether all days of another one lie within.
    pub fn holds(self, other: Self) -> bool {
        self.from <= other.from && other.to <= self.to
    }

    /// The days of another one that lie within; all of its own where none do.
    #[must_use]
    pub fn part(self, other: Self) -> Self {
        let (from, to) = (self.from.max(other.from), self.to.min(other.to));
        if from <= to { Self { from, to } } else { self }
    }

    /// The day whose names and targets hold for it: its last one, or today while it is not over, since what is
    /// planned for later has not come to pass.
    #[must_use]
    pub fn named_on(self, today: NaiveDate) -> NaiveDate {
        self.to.min(today)
    }

    /// Whether some days lie in both.
    pub fn overlaps(self, other: Self) -> bool {
        self.from <= other.to && other.from <= self.to
    }

    /// The spans between the first and last days of some periods, as far as they lie in one.
    pub fn pieces(all: &[Self]) -> Vec<Self> {
        let starts = all.iter().map(|period| period.from);
        let ends = all.iter().map(|period| day::next(period.to));
        let starts: BTreeSet<NaiveDate> = starts.chain(ends).collect();
        let spans = starts.iter().zip(starts.iter().skip(1));
        let spans = spans.filter_map(|(start, next)| Self::between(*start, day::previous(*next)));
        spans.filter(|span| all.iter().any(|period| period.holds(*span))).collect()
    }

    /// The length, where it is a calendar period.
    pub fn span(self) -> Option<Span> {
        Span::ALL.into_iter().find(|span| Self::around(self.from, *span) == self)
    }

    /// All days on which there may be answers up to one: the oldest catalogue is of 2021.
    pub fn of_all_answers(until: NaiveDate) -> Self {
        let from = NaiveDate::from_ymd_opt(2021, 1, 1).unwrap_or(until).min(until);
        Self { from, to: until }
    }

    /// Whether it begins on the first day of a month and ends on the last of one.
    pub fn is_whole_months(self) -> bool {
        self.from.day() == 1 && day::next(self.to).day() == 1
    }

    /// Whether it begins and ends with quarters of the calendar.
    pub fn is_whole_quarters(self) -> bool {
        let begins = |day: NaiveDate| day.day() == 1 && day.month0().is_multiple_of(3);
        begins(self.from) && begins(day::next(self.to))
    }

    /// Its months as numbers yyyymm, oldest first, also those that it only touches.
    pub fn month_numbers(self) -> Vec<i32> {
        let month = |date: NaiveDate| day_number(date) / 100;
        let months =
            std::iter::successors(Some(Self::around(self.from, Span::Month)), |one| Some(one.next()));
        months.map(|one| month(one.from)).take_while(|one| *one <= month(self.to)).collect()
    }

    /// The period of the same length that ends the day before this one begins.
    #[must_use]
    pub fn previous(self) -> Self {
        let to = day::previous(self.from);
        if let Some(span) = self.span() {
            return Self::around(to, span);
        }
        let days = self.to.signed_duration_since(self.from);
        Self { from: to.checked_sub_signed(days).unwrap_or(to), to }
    }

    /// The same days of the year before; a period of whole months stays one.
    #[must_use]
    pub fn year_before(self) -> Self {
        let earlier = |date: NaiveDate| date.checked_sub_months(Months::new(12)).unwrap_or(date);
        if self.is_whole_months() {
            return Self { from: earlier(self.from), to: day::previous(earlier(day::next(self.to))) };
        }
        Self { from: earlier(self.from), to: earlier(self.to) }
    }

    /// The period of the same length that begins the day after this one ends.
    #[must_use]
    pub fn next(self) -> Self {
        let from = day::next(self.to);
        if let Some(span) = self.span() {
            return Self::around(from, span);
        }
        let days = self.to.signed_duration_since(self.from);
        Self { from, to: from.checked_add_signed(days).unwrap_or(from) }
    }

    /// The last `count` calendar periods of a length up to the one in which this one ends, oldest first.
    pub fn trail(self, span: Span, count: usize) -> Vec<Self> {
        let last = Self::around(self.to, span);
        let mut trail: Vec<Self> =
            std::iter::successors(Some(last), |period| Some(period.previous())).take(count).collect();
        trail.reverse();
        trail
    }
}

fn date(text: &str) -> Option<NaiveDate> {
    text.trim().parse().ok()
}

fn digits(text: &str, count: usize) -> Option<u32> {
    let all_digits = text.len() == count && text.bytes().all(|byte| byte.is_ascii_digit());
    if all_digits { text.parse().ok() } else { None }
}

impl fmt::Display for Period {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let year = self.from.year();
        match self.span() {
            Some(Span::Year) => write!(f, "{year}"),
            Some(Span::Half) => write!(f, "{year}-H{}", self.from.month0() / 6 + 1),
            Some(Span::Quarter) => write!(f, "{year}-Q{}", self.from.month0() / 3 + 1),
            Some(Span::Month) => write!(f, "{year}-{:02}", self.from.month()),
            None => write!(f, "{}..{}", self.from, self.to),
        }
    }
}

impl serde::Serialize for Period {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn period(text: &str) -> Period {
        Period::parse(text).unwrap()
    }

    #[test]
    fn the_year_before_has_the_same_months_also_in_leap_years() {
        let before = |text: &str| Period::parse(text).unwrap().year_before().to_string();
        assert_eq!(before("2026-Q3"), "2025-Q3");
        assert_eq!(before("2024-02"), "2023-02");
        assert_eq!(before("2025-02"), "2024-02");
        assert_eq!(before("2026-03-05..2026-04-10"), "2025-03-05..2025-04-10");
    }

    #[test]
    fn every_form_is_read_and_written_alike() {
        for text in ["2026", "2026-H1", "2026-H2", "2026-Q3", "2026-09", "2026-09-02..2026-09-30"] {
            assert_eq!(period(text).to_string(), text);
        }
        assert_eq!(period("2026-09-01..2026-09-30"), period("2026-09"));
        assert_eq!(period("2024-02").to().to_string(), "2024-02-29");
    }

    #[test]
    fn what_is_no_period_is_refused() {
        for text in [
            "",
            "26",
            "2026-Q5",
            "2026-13",
            "2026-9",
            "2026-H3",
            "2026-09-31..2026-10-01",
            "2026-02..2026-01",
        ] {
            assert_eq!(Period::parse(text), Err(NoPeriod(text.to_owned())));
        }
        assert!(Period::parse("2026-10-02..2026-10-01").is_err());
    }

    #[test]
    fn the_period_before_has_the_same_length() {
        for (text, before) in [
            ("2026-Q1", "2025-Q4"),
            ("2026-H1", "2025-H2"),
            ("2026-03", "2026-02"),
            ("2026", "2025"),
            ("2026-09-11..2026-09-20", "2026-09-01..2026-09-10"),
        ] {
            assert_eq!(period(text).previous(), period(before));
            assert_eq!(period(before).next(), period(text));
        }
    }

    #[test]
    fn a_trail_ends_with_the_period_of_the_last_day() {
        let trail: Vec<String> =
            period("2026-H1").trail(Span::Quarter, 3).iter().map(Period::to_string).collect();
        assert_eq!(trail, ["2025-Q4", "2026-Q1", "2026-Q2"]);
    }
}
