//! When units cannot end on a day.

use std::collections::BTreeSet;

use chrono::NaiveDate;

use super::Book;
use crate::app::ending::{End, Part, backdated};
use crate::db::conn::Conn;
use crate::domain::ids::UnitId;
use crate::domain::unit::{UnitVersion, Units};
use crate::error::{FieldError, Result};
use crate::locale::Message;

/// Units and those that they took over by a day: what ends with them.
pub fn with_served<'a>(
    units: &Units,
    of: impl IntoIterator<Item = &'a UnitId>,
    day: NaiveDate,
) -> BTreeSet<UnitId> {
    of.into_iter().flat_map(|unit| served(units, *unit, day)).collect()
}

/// A unit and those that it took over by a day.
pub(super) fn served(units: &Units, unit: UnitId, day: NaiveDate) -> BTreeSet<UnitId> {
    let all = units.versions().map(|version| version.unit);
    all.filter(|one| units.present(*one, day).unit() == unit).chain([unit]).collect()
}

impl Book {
    /// Why units cannot end on a day; of many that all fail, the first reason is enough.
    pub(super) fn end_faults(
        &self,
        conn: &mut Conn,
        lasts: &[UnitVersion],
        end: End,
    ) -> Result<Vec<FieldError>> {
        let mut faults: Vec<_> = lasts.iter().flat_map(|last| self.standing_faults(last, end.from)).collect();
        faults.truncate(1);
        if faults.is_empty() {
            let all = with_served(&self.units, lasts.iter().map(|last| &last.unit), end.from);
            faults.extend(backdated(conn, &Part::Units(all), end)?);
        }
        Ok(faults)
    }

    fn standing_faults(&self, last: &UnitVersion, from: NaiveDate) -> Vec<FieldError> {
        // Whoever ended a unit chose the day; a second form, perhaps open for long, must not move it.
        if let Some(ended) = last.valid_to {
            let message = Message::new("catalogue.fault.ends").with("unit", &last.name);
            return vec![FieldError::new("from", message.with_day("end", ended))];
        }
        let mut faults: Vec<_> =
            super::fault("from", super::Versions::ending(last, from)).into_iter().collect();
        let below = |version: &&UnitVersion| {
            version.parent == Some(last.unit) && version.valid_to.is_none_or(|end| end > from)
        };
        let count =
            self.versions.iter().filter(below).map(|version| version.unit).collect::<BTreeSet<_>>().len();
        if count > 0 {
            let message = Message::new("catalogue.fault.children").with("unit", &last.name);
            faults.push(FieldError::new("from", message.with_count("count", count).with_day("day", from)));
        }
        faults
    }
}
