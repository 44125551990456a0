//! Closures: a counter or a field is closed from a day on, and perhaps opened again.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::locale::Message;

/// The last closure of a thing; of earlier ones the audit tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Closure {
    /// First day on which it is closed; none for what was never closed.
    pub from: Option<NaiveDate>,
    /// Day on which it is open again.
    pub until: Option<NaiveDate>,
}

impl Closure {
    /// Whether the thing is closed on a day.
    pub fn holds_on(self, day: NaiveDate) -> bool {
        self.from.is_some_and(|from| from <= day) && self.until.is_none_or(|until| day < until)
    }

    /// Whether the thing is closed, now or later, and nobody said when it opens again.
    pub const fn is_lasting(self) -> bool {
        self.from.is_some() && self.until.is_none()
    }

    /// The day on which the thing is to be closed, if it has not come yet.
    pub fn planned(self, today: NaiveDate) -> Option<NaiveDate> {
        self.from.filter(|from| *from > today && self.until.is_none())
    }

    /// The closure of a thing that ends on a day, whether or not it is closed by then.
    #[must_use]
    pub fn ending(self, day: NaiveDate, today: NaiveDate) -> Self {
        let earlier = self.from.filter(|from| *from <= day);
        let goes_on = self.until.is_none_or(|until| until > today);
        Self { from: earlier.filter(|_| goes_on).or(Some(day)), until: None }
    }

    /// The closure of a thing that somebody closes from a day on.
    ///
    /// # Errors
    /// The sentence that says why not: it is closed on that day, or stays closed until a later one.
    pub fn closing(self, day: NaiveDate, today: NaiveDate) -> Result<Self, Message> {
        if let Some(from) = self.from.filter(|_| self.holds_on(day)) {
            let message = Message::new("catalogue.fault.closed-before").with_day("from", from);
            return Err(message.with_day("found", day));
        }
        if let Some(until) = self.until.filter(|until| *until > today && *until != day) {
            let message = Message::new("catalogue.fault.reopens").with_day("until", until);
            return Err(message.with_day("found", day));
        }
        Ok(self.ending(day, today))
    }

    /// The closure of a thing that somebody opens again; opened on the day it closes, it never closed.
    ///
    /// # Errors
    /// The sentence that says why not: it is not closed, or closes later than that day.
    pub fn reopening(self, day: NaiveDate) -> Result<Self, Message> {
        let from = self.from.filter(|_| self.is_lasting());
        let from = from.ok_or_else(|| Message::new("catalogue.fault.not-closed"))?;
        if day < from {
            let message = Message::new("catalogue.fault.reopened-early").with_day("from", from);
            return Err(message.with_day("found", day));
        }
        Ok(if day == from { Self::default() } else { Self { until: Some(day), ..self } })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(number: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(2026, 11, number).unwrap()
    }

    fn closure(from: u32, until: Option<u32>) -> Closure {
        Closure { from: Some(day(from)), until: until.map(day) }
    }

    #[test]
    fn what_is_opened_again_is_closed_only_in_between() {
        let never = Closure::default();
        let closed = never.closing(day(5), day(1)).unwrap();
        assert_eq!(closed, closure(5, None));
        assert!(!closed.holds_on(day(4)) && closed.holds_on(day(5)) && closed.holds_on(day(30)));
        let opened = closed.reopening(day(9)).unwrap();
        assert!(opened.holds_on(day(8)) && !opened.holds_on(day(9)));
        assert_eq!(closed.reopening(day(5)), Ok(never));
        assert!(closed.reopening(day(4)).is_err() && never.reopening(day(4)).is_err());
        assert!(opened.reopening(day(10)).is_err());
    }

    #[test]
    fn a_closure_that_still_lasts_is_not_forgotten_by_another() {
        let opened = closure(5, Some(9));
        assert_eq!(opened.closing(day(12), day(10)), Ok(closure(12, None)));
        assert!(opened.closing(day(12), day(7)).is_err(), "it is closed today");
        assert_eq!(opened.closing(day(9), day(7)), Ok(closure(5, None)));
        assert!(opened.closing(day(6), day(1)).is_err());
        assert_eq!(closure(5, None).closing(day(3), day(1)), Ok(closure(3, None)), "earlier than planned");
        assert_eq!(opened.ending(day(12), day(7)), closure(5, None));
    }
}
