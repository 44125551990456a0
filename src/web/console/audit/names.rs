//! Subjects of the audit by their names: rows keep kind and id alone, since names change.

use std::collections::HashMap;

use chrono::NaiveDate;

use crate::app::catalogue::Snapshot;
use crate::app::dossiers;
use crate::db::audit::Entry;
use crate::domain::day::Local;
use crate::domain::ids::{CounterId, LinkId};
use crate::locale::Lang;
use crate::web::console::words;

/// Where names are found.
pub struct Names<'a> {
    /// Language of the reader.
    pub lang: Lang,
    /// The catalogue.
    pub snapshot: &'a Snapshot,
    /// Full names of people by their sign-in names.
    pub people: &'a HashMap<String, String>,
}

impl Names<'_> {
    /// What a row is about, called as it was on the day of the row; none where there is no better name than
    /// kind and id.
    pub fn of(&self, entry: &Entry) -> Option<String> {
        let (kind, id) = entry.record.subject.split_once(':')?;
        let day = Local::at(entry.record.at.and_utc()).day;
        let number = || id.parse::<i64>().ok();
        let name = match kind {
            "unit" => self.unit(number()?, day)?,
            "counter" => self.counter(number()?.into(), day)?,
            "field" => self.snapshot.field(number()?.into())?.name_in(self.lang).to_owned(),
            "procedure" => self.snapshot.procedure(number()?.into(), day)?.name.clone(),
            "link" => self.link(number()?.into(), day)?,
            "person" => self.people.get(id)?.clone(),
            "dossiers" => {
                let (unit, month) = id.split_once(':')?;
                let month = month.split_at_checked(4).map(|(year, month)| format!("{year}-{month}"))?;
                let month = self.lang.period(dossiers::month(&month)?);
                format!("{}, {month}", self.unit(unit.parse().ok()?, day)?)
            }
            _ => return None,
        };
        Some(self.lang.with(&format!("audit.subject-{kind}"), &[("name", &name)]))
    }

    fn unit(&self, id: i64, day: NaiveDate) -> Option<String> {
        self.snapshot.units.nearest(id.into(), day).map(|version| version.name.clone())
    }

    fn counter(&self, id: CounterId, day: NaiveDate) -> Option<String> {
        let counter = self.snapshot.counters.get(&id)?;
        let unit = self.snapshot.units.present(counter.unit, day).unit();
        Some(format!("{} · {}", counter.name, words::unit(self.snapshot, unit, day)))
    }

    fn link(&self, id: LinkId, day: NaiveDate) -> Option<String> {
        let link = self.snapshot.link(id)?;
        Some(format!("{} · {}", link.code, self.counter(link.counter, day)?))
    }
}
