//! What is shown of when the last answer came: as much as enough answers share, so that it tells the day of no
//! single one.

use chrono::NaiveDate;

use super::origin::FLOOR;
use super::period::{Period, Span};

/// When the last answer of a code or counter came, as far as somebody may know.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Latest {
    /// There is no answer.
    None,
    /// On this day.
    On(NaiveDate),
    /// In this quarter or year.
    Within(Period),
    /// Too few answers share even the year.
    Hidden,
}

impl Latest {
    /// The day itself, for those who may see groups of any size.
    pub fn whole(last: Option<NaiveDate>) -> Self {
        last.map_or(Self::None, Self::On)
    }

    /// What others are shown; `count` says how many answers came in a period, counted no further than [`FLOOR`].
    ///
    /// Among the five answers of its month nobody can tell whose the last day is; where there are fewer, the
    /// quarter or the year is shown in which there are as many.
    pub fn shared(last: Option<NaiveDate>, count: impl Fn(Period) -> u64) -> Self {
        let Some(last) = last else {
            return Self::None;
        };
        let is_shared = |span: &Span| count(Period::around(last, *span)) >= FLOOR;
        match [Span::Month, Span::Quarter, Span::Year].into_iter().find(is_shared) {
            Some(Span::Month) => Self::On(last),
            Some(span) => Self::Within(Period::around(last, span)),
            None => Self::Hidden,
        }
    }

    /// The last day on which it may have been, as far as is shown.
    pub const fn until(self) -> Option<NaiveDate> {
        match self {
            Self::On(day) => Some(day),
            Self::Within(period) => Some(period.to()),
            Self::None | Self::Hidden => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shared(days: &[&str]) -> Latest {
        let days: Vec<NaiveDate> = days.iter().map(|day| day.parse().unwrap()).collect();
        let within =
            |period: Period| days.iter().filter(|day| period.contains(**day)).count().try_into().unwrap();
        Latest::shared(days.iter().max().copied(), within)
    }

    #[test]
    fn the_day_is_shown_where_five_answers_share_its_month_and_else_as_much_as_they_share() {
        let november = ["2026-11-02", "2026-11-02", "2026-11-09", "2026-11-20"];
        let on = "2026-11-23".parse().unwrap();
        assert_eq!(shared(&[&november[..], &["2026-11-23"]].concat()), Latest::On(on));
        let quarter = Latest::Within(Period::parse("2026-Q4").unwrap());
        assert_eq!(shared(&[&november[..], &["2026-10-01"]].concat()), quarter);
        let year = Latest::Within(Period::parse("2026").unwrap());
        assert_eq!(shared(&[&november[..], &["2026-01-01"]].concat()), year);
        assert_eq!(shared(&[&november[..], &["2025-12-31"]].concat()), Latest::Hidden);
        assert_eq!(shared(&[]), Latest::None);
        assert_eq!((quarter.until(), Latest::Hidden.until()), ("2026-12-31".parse().ok(), None));
    }
}
