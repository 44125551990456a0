//! Rows that are versions of units or procedures: new ones, followers of those in force, corrections.

use std::collections::HashSet;
use std::fmt::Display;

use super::report::{Facts, Outcome};
use super::sheet::Line;
use super::{Change, Faults, Report, dates};
use crate::app::versions::{Versioned, Versions};
use crate::db::conn::Conn;
use crate::domain::versions::{Days, Place, place};
use crate::error::Result;
use crate::locale::Message;

/// How versions of a kind are told.
pub(super) struct Telling<'a, V: Versioned> {
    /// What the audit calls the thing.
    pub subject: &'static str,
    /// What stands in the columns of a version.
    pub facts: &'a dyn Fn(&V, &Versions<V>) -> Facts,
}

/// The versions known so far, and the rows that were read.
pub(super) struct Rows<'a, V: Versioned> {
    pub known: Versions<V>,
    telling: Telling<'a, V>,
    seen: HashSet<(String, Days)>,
}

impl<'a, V: Versioned> Rows<'a, V>
where
    V::Id: Display,
{
    pub(super) fn new(known: Vec<V>, telling: Telling<'a, V>) -> Self {
        Self { known: Versions::new(known), telling, seen: HashSet::new() }
    }

    /// Whether no earlier row is about the same code and day; a second one is a fault.
    pub(super) fn is_first(&mut self, line: &Line, code: &str, days: Days, faults: &mut Faults) -> bool {
        let first = self.seen.insert((code.to_owned(), Days { to: None, ..days }));
        if !first {
            faults.add(line, "code", Message::new("import.twice").with("found", code));
        }
        first
    }

    /// Writes a row where it belongs; the id that it bears is not looked at.
    pub(super) fn save(
        &mut self,
        conn: &mut Conn,
        line: &Line,
        mut version: V,
        faults: &mut Faults,
        report: &mut Report,
    ) -> Result<()> {
        let held: Vec<V> = self.known.of_code(version.code()).cloned().collect();
        let days: Vec<Days> = held.iter().map(Versioned::days).collect();
        let place = match place(&days, version.days()) {
            Ok(place) => place,
            Err(with) => {
                dates::overlap(line, with, faults);
                return Ok(());
            }
        };
        let old = match place {
            Place::Same(index) | Place::After(index) => held.get(index),
            Place::New => None,
        };
        let Some(old) = old else {
            let made = self.known.begin(conn, version)?;
            self.tell(line, Change::Added, None, &made, report);
            return Ok(());
        };
        version.belong_with(old);
        if matches!(place, Place::Same(_)) {
            let end = version.days().to.or(old.days().to);
            version.set_end(end);
            return self.correct(conn, line, old, version, report);
        }
        let is_later = |one: &&V| one.days().from >= version.days().from;
        if let Some(later) = self.known.of(version.id()).find(is_later) {
            dates::overlap(line, later.days().from, faults);
            return Ok(());
        }
        let before = (self.telling.facts)(old, &self.known);
        self.known.follow(conn, old, version.clone())?;
        self.tell(line, Change::Added, Some((old, before)), &version, report);
        Ok(())
    }

    fn correct(
        &mut self,
        conn: &mut Conn,
        line: &Line,
        old: &V,
        version: V,
        report: &mut Report,
    ) -> Result<()> {
        let before = (self.telling.facts)(old, &self.known);
        let change = if *old == version { Change::Unchanged } else { Change::Changed };
        if change == Change::Changed {
            self.known.correct(conn, version.clone())?;
        }
        self.tell(line, change, Some((old, before)), &version, report);
        Ok(())
    }

    /// Notes what became of a row.
    fn tell(&self, line: &Line, change: Change, old: Option<(&V, Facts)>, version: &V, report: &mut Report) {
        let is_last =
            self.known.last(version.id()).is_some_and(|last| last.days().from == version.days().from);
        let ended = old.as_ref().and_then(|(old, _)| old.days().to);
        report.count(
            line,
            Outcome {
                change,
                what: format!("{} {}", version.code(), version.name()),
                subject: format!("{}:{}", self.telling.subject, version.id()),
                before: old.as_ref().map(|(_, facts)| facts),
                after: &(self.telling.facts)(version, &self.known),
                ends: version.days().to.filter(|end| is_last && ended != Some(*end)),
            },
        );
    }
}
