//! The rhythm of a counter: whether it has gone silent, judged by what it used to bring.

use chrono::{Days, NaiveDate};

use super::latest::Latest;
use super::number::real;
use super::period::Period;

/// Days over which a counter's rhythm is looked at: half a year.
pub const WINDOW: u64 = 182;

/// Days without an answer after which a counter is silent.
pub const QUIET: i64 = 7;

/// Fewest answers a week that a rhythm must have. At five a week on the average, a week without any
/// comes by chance less than once in a hundred weeks (e⁻⁵ = 0.7%).
pub const LEAST_A_WEEK: u32 = 5;

/// Fewest weeks over which a rhythm is known.
pub const LEAST_WEEKS: u32 = 4;

/// What a counter brought within the window, or within one month of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rhythm {
    /// Day of its first answer there.
    pub first: NaiveDate,
    /// Day of its last answer there.
    pub last: NaiveDate,
    /// Answers there.
    pub answers: u64,
}

impl Rhythm {
    /// The first day of the window that ends with a day.
    pub fn window(today: NaiveDate) -> NaiveDate {
        today.checked_sub_days(Days::new(WINDOW)).unwrap_or(today)
    }

    /// That of some months together; none without any.
    pub fn of(months: &[Self]) -> Option<Self> {
        let first = months.iter().map(|month| month.first).min()?;
        let last = months.iter().map(|month| month.last).max()?;
        Some(Self { first, last, answers: months.iter().map(|month| month.answers).sum() })
    }

    /// When the last answer of some months came, as far as those may know who do not see small groups.
    pub fn latest(months: &[Self]) -> Latest {
        let within = |period: Period| {
            let inside = months.iter().filter(|month| period.contains(month.first));
            inside.map(|month| month.answers).sum()
        };
        Latest::shared(months.iter().map(|month| month.last).max(), within)
    }

    /// Weeks from the first answer to the last.
    fn weeks(self) -> f64 {
        let days = self.last.signed_duration_since(self.first).num_days() + 1;
        real(u64::try_from(days).unwrap_or_default()) / 7.0
    }

    /// Answers a week while it was answered at.
    pub fn a_week(self) -> f64 {
        real(self.answers) / self.weeks().max(1.0)
    }

    /// Whether it used to bring enough a week, long enough, and has brought none for a week.
    pub fn is_silent_on(self, today: NaiveDate) -> bool {
        today.signed_duration_since(self.last).num_days() > QUIET
            && self.weeks() >= f64::from(LEAST_WEEKS)
            && self.a_week() >= f64::from(LEAST_A_WEEK)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_silent(first: &str, last: &str, answers: u64) -> bool {
        let rhythm = Rhythm { first: first.parse().unwrap(), last: last.parse().unwrap(), answers };
        rhythm.is_silent_on("2026-11-23".parse().unwrap())
    }

    #[test]
    fn a_busy_counter_without_an_answer_for_a_week_is_silent() {
        assert!(is_silent("2026-09-01", "2026-11-15", 200));
        assert!(!is_silent("2026-09-01", "2026-11-16", 200), "seven days ago is not yet over a week");
        assert!(!is_silent("2026-09-01", "2026-11-15", 40), "it was never busy");
        assert!(!is_silent("2026-11-01", "2026-11-14", 200), "two weeks are no rhythm");
    }

    #[test]
    fn months_add_up_and_the_last_day_is_told_where_five_answers_share_its_month() {
        let month = |first: &str, last: &str, answers| Rhythm {
            first: first.parse().unwrap(),
            last: last.parse().unwrap(),
            answers,
        };
        let september = month("2026-09-02", "2026-09-30", 80);
        let whole = Rhythm::of(&[september, month("2026-10-01", "2026-10-03", 5)]).unwrap();
        assert_eq!(whole, month("2026-09-02", "2026-10-03", 85));
        let latest = |answers| Rhythm::latest(&[september, month("2026-10-01", "2026-10-03", answers)]);
        assert_eq!(latest(5), Latest::On("2026-10-03".parse().unwrap()));
        assert_eq!(latest(4), Latest::Within(Period::parse("2026").unwrap()));
        assert_eq!((Rhythm::of(&[]), Rhythm::latest(&[])), (None, Latest::None));
    }

    #[test]
    fn a_rhythm_ends_with_its_last_answer_so_that_silence_does_not_water_it_down() {
        assert!(is_silent("2026-06-01", "2026-07-31", 60));
    }
}
