//! Subjects of the audit by their names: rows keep kind and id alone, since names change.

use std::collections::HashMap;

use chrono::NaiveDate;

use crate::app::catalogue::Snapshot;
use crate::app::dossiers;
use crate::db;
use crate::db::audit::Entry;
use crate::db::conn::Conn;
use crate::domain::day::Local;
use crate::domain::fold;
use crate::domain::ids::{CounterId, LinkId};
use crate::domain::person::Actor;
use crate::error::Result;
use crate::locale::Lang;

/// Most things that a search finds by their names; more of them are found by kind and id alone.
const FOUND: usize = 2_000;

/// People as the audit names them.
#[derive(Debug, Default)]
pub struct People {
    by_login: HashMap<String, String>,
    by_id: HashMap<i64, String>,
}

impl People {
    /// Reads all of them.
    ///
    /// # Errors
    /// Those of the database.
    pub fn read(conn: &mut Conn) -> Result<Self> {
        let mut people = Self::default();
        for person in db::people::list(conn)? {
            people.by_id.insert(person.id.raw(), person.name.clone());
            people.by_login.insert(person.login, person.name);
        }
        Ok(people)
    }
}

/// Where names are found.
pub struct Names<'a> {
    /// Language of the reader.
    pub lang: Lang,
    /// The catalogue.
    pub snapshot: &'a Snapshot,
    /// People.
    pub people: &'a People,
}

impl Names<'_> {
    /// Who did what a row tells, by full name.
    pub fn who(&self, entry: &Entry) -> String {
        let login = &entry.record.actor;
        if login == Actor::Operator.audit_name() {
            return self.lang.text("console.words.role-operator");
        }
        self.people.by_login.get(login).unwrap_or(login).clone()
    }

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
            "person" => self.people.by_login.get(id)?.clone(),
            "target" => self.target(id, day)?,
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

    /// The sign-in names of whoever is called so.
    pub fn logins(&self, searched: &str) -> Vec<String> {
        let called = |(_, name): &(&String, &String)| fold::matches(&fold::fold(name), searched);
        self.people.by_login.iter().filter(called).map(|(login, _)| login.clone()).collect()
    }

    /// What is called so, as the audit writes it: units, counters, fields, procedures, codes and people.
    pub fn subjects(&self, searched: &str) -> Vec<String> {
        let is_called = |name: &str| fold::matches(&fold::fold(name), searched);
        let snapshot = self.snapshot;
        let units =
            snapshot.units.versions().filter(|one| is_called(&one.name)).map(|one| ("unit", one.unit.raw()));
        let counters = snapshot.counters.iter().filter(|(_, one)| is_called(&one.name));
        let fields = snapshot.fields.iter().filter(|one| is_called(&one.name) || is_called(&one.name_en));
        let procedures = snapshot.procedures.iter().filter(|one| is_called(&one.name));
        let links = snapshot.links.values().filter(|one| is_called(one.code.as_str()));
        let numbered = units
            .chain(counters.map(|(id, _)| ("counter", id.raw())))
            .chain(fields.map(|one| ("field", one.id.raw())))
            .chain(procedures.map(|one| ("procedure", one.procedure.raw())))
            .chain(links.map(|one| ("link", one.id.raw())));
        let mut found: Vec<String> = numbered.map(|(kind, id)| format!("{kind}:{id}")).collect();
        found.extend(self.logins(searched).into_iter().map(|login| format!("person:{login}")));
        found.sort();
        found.dedup();
        if found.len() > FOUND { Vec::new() } else { found }
    }

    pub(super) fn unit(&self, id: i64, day: NaiveDate) -> Option<String> {
        self.snapshot.units.nearest(id.into(), day).map(|version| version.name.clone())
    }

    pub(super) fn counter(&self, id: CounterId, day: NaiveDate) -> Option<String> {
        let counter = self.snapshot.counters.get(&id)?;
        let unit = self.snapshot.units.present(counter.unit, day).unit();
        let unit = self.unit(unit.raw(), day).unwrap_or_else(|| unit.to_string());
        Some(format!("{} · {unit}", counter.name))
    }

    pub(super) fn person(&self, id: i64) -> Option<String> {
        self.people.by_id.get(&id).cloned()
    }

    pub(super) fn code(&self, id: LinkId) -> Option<String> {
        self.snapshot.link(id).map(|link| link.code.to_string())
    }

    fn link(&self, id: LinkId, day: NaiveDate) -> Option<String> {
        let link = self.snapshot.link(id)?;
        Some(format!("{} · {}", link.code, self.counter(link.counter, day)?))
    }

    fn target(&self, key: &str, day: NaiveDate) -> Option<String> {
        let rows = || self.snapshot.targets.iter().filter(|target| target.key == key);
        let target = rows().filter(|target| target.valid_from <= day).max_by_key(|target| target.valid_from);
        target.or_else(|| rows().next()).map(|target| target.name_in(self.lang).to_owned())
    }
}
