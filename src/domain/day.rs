//! Days and half-days of Vietnam (Asia/Ho_Chi_Minh, UTC+7 all year).

use chrono::{
    DateTime, Datelike, Days, FixedOffset, Months, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, Timelike,
    Utc, Weekday,
};

use crate::locale::Message;

/// The half of a day; nothing finer is kept with an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum HalfDay {
    /// Before noon.
    Morning,
    /// From noon on.
    Afternoon,
}

impl HalfDay {
    /// The number under which it is stored.
    pub const fn number(self) -> i16 {
        match self {
            Self::Morning => 0,
            Self::Afternoon => 1,
        }
    }

    /// The half-day stored as this number.
    pub const fn from_number(number: i16) -> Self {
        if number == 0 { Self::Morning } else { Self::Afternoon }
    }
}

/// A local date and time of day in Vietnam.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Local {
    /// Date.
    pub day: NaiveDate,
    /// Time of day.
    pub time: NaiveTime,
}

impl Local {
    /// What Vietnamese clocks show at an instant.
    pub fn at(instant: DateTime<Utc>) -> Self {
        let local = FixedOffset::east_opt(7 * 3600)
            .map_or_else(|| instant.naive_utc(), |offset| instant.with_timezone(&offset).naive_local());
        Self { day: local.date(), time: local.time() }
    }

    /// The half of the day.
    pub fn half(self) -> HalfDay {
        if self.time.hour() < 12 { HalfDay::Morning } else { HalfDay::Afternoon }
    }
}

/// The instant (UTC) at which a day begins in Vietnam.
pub fn start(day: NaiveDate) -> NaiveDateTime {
    let midnight = day.and_time(NaiveTime::MIN);
    midnight.checked_sub_signed(TimeDelta::hours(7)).unwrap_or(midnight)
}

/// The day after; the last day that can be represented has none and stays.
pub fn next(day: NaiveDate) -> NaiveDate {
    day.checked_add_days(Days::new(1)).unwrap_or(day)
}

/// The last day from which something may begin, ten years ahead: a later one is a slip of the keyboard.
pub fn latest_start(today: NaiveDate) -> NaiveDate {
    today.checked_add_months(Months::new(120)).unwrap_or(today)
}

/// The first day from which something may begin, with the year of the unified state: one before is a slip, too.
pub fn earliest_start() -> NaiveDate {
    NaiveDate::from_ymd_opt(1976, 1, 1).unwrap_or_default()
}

/// Why nothing may begin or end on a day: it lies before [`earliest_start`] or beyond [`latest_start`].
pub fn far_fault(found: NaiveDate, today: NaiveDate) -> Option<Message> {
    let latest = latest_start(today);
    let message = if found > latest {
        Message::new("catalogue.fault.far-date").with_day("latest", latest)
    } else if found < earliest_start() {
        Message::new("catalogue.fault.old-date").with_day("earliest", earliest_start())
    } else {
        return None;
    };
    Some(message.with_day("found", found))
}

/// The day before; the first day that can be represented has none and stays.
pub fn previous(day: NaiveDate) -> NaiveDate {
    day.checked_sub_days(Days::new(1)).unwrap_or(day)
}

/// The day that lies so many working days after one: Monday to Friday, public holidays not taken out.
pub fn working_days_after(day: NaiveDate, count: u32) -> NaiveDate {
    let is_working = |day: &NaiveDate| !matches!(day.weekday(), Weekday::Sat | Weekday::Sun);
    let days = std::iter::successors(Some(next(day)), |day| Some(next(*day)));
    let nth = usize::try_from(count.saturating_sub(1)).unwrap_or_default();
    if count == 0 { day } else { days.filter(is_working).nth(nth).unwrap_or(day) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn five_working_days_pass_over_one_weekend() {
        let after = |day: &str| working_days_after(day.parse().unwrap(), 5).to_string();
        assert_eq!(after("2026-11-23"), "2026-11-30", "Monday");
        assert_eq!(after("2026-11-27"), "2026-12-04", "Friday");
        assert_eq!(after("2026-11-28"), "2026-12-04", "Saturday");
        assert_eq!(after("2026-11-29"), "2026-12-04", "Sunday");
    }

    #[test]
    fn the_day_changes_at_seventeen_hours_utc() {
        let before = Local::at("2026-09-30T16:59:59Z".parse().unwrap());
        let after = Local::at("2026-09-30T17:00:00Z".parse().unwrap());
        assert_eq!((before.day.to_string(), before.half()), ("2026-09-30".into(), HalfDay::Afternoon));
        assert_eq!((after.day.to_string(), after.half()), ("2026-10-01".into(), HalfDay::Morning));
    }
}
