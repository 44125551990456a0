//! When offices are open: the rhythm of the week, the growth of the year, and the holidays.

use chrono::{Datelike, NaiveDate, Weekday};

use super::dice::Dice;
use crate::domain::day;
use crate::domain::number::real;

/// First and last days of the lunar new year and Hùng Kings holidays, yyyymmdd.
const MOVABLE: [(i32, i32); 8] = [
    (20_240_208, 20_240_214),
    (20_240_418, 20_240_418),
    (20_250_125, 20_250_202),
    (20_250_407, 20_250_407),
    (20_260_214, 20_260_222),
    (20_260_427, 20_260_427),
    (20_270_204, 20_270_210),
    (20_270_416, 20_270_416),
];

/// A working day and how many answers it draws.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Workday {
    /// Day.
    pub day: NaiveDate,
    /// Weight.
    pub weight: f64,
    /// Where in the year, from 0 at its start to 1 at its end.
    pub progress: f64,
}

/// The working days of the twelve months that end with a day.
pub fn workdays(end: NaiveDate, dice: &mut Dice) -> Vec<Workday> {
    let start = first_day(end);
    let length = u64::try_from(end.signed_duration_since(start).num_days()).unwrap_or(365).max(1);
    (0..=length)
        .zip(std::iter::successors(Some(start), |day| Some(day::next(*day))))
        .map(|(index, day)| {
            let progress = real(index) / real(length);
            let weight = rhythm(day) * (0.7 + 0.6 * progress) * dice.between(0.88, 1.12);
            Workday { day, weight, progress }
        })
        .filter(|workday| workday.weight > 0.0)
        .collect()
}

/// The first of the twelve months' days.
pub fn first_day(end: NaiveDate) -> NaiveDate {
    day::next(end.checked_sub_months(chrono::Months::new(12)).unwrap_or(end))
}

fn rhythm(day: NaiveDate) -> f64 {
    if is_holiday(day) {
        return 0.0;
    }
    match day.weekday() {
        Weekday::Mon => 1.25,
        Weekday::Tue => 1.1,
        Weekday::Wed | Weekday::Thu => 1.0,
        Weekday::Fri => 0.92,
        Weekday::Sat => 0.1,
        Weekday::Sun => 0.0,
    }
}

fn is_holiday(day: NaiveDate) -> bool {
    let fixed = matches!((day.month(), day.day()), (1 | 5, 1) | (4, 30) | (9, 1 | 2));
    let number = crate::domain::tally::day_number(day);
    fixed || MOVABLE.iter().any(|(from, to)| (*from..=*to).contains(&number))
}

/// Whether the day is among the last seven of its quarter.
pub fn closes_quarter(day: NaiveDate) -> bool {
    let quarter = crate::domain::period::Period::around(day, crate::domain::period::Span::Quarter);
    quarter.to().signed_duration_since(day).num_days() < 7
}
