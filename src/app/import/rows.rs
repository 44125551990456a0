//! Rows that are versions of units or procedures: new ones, followers of those in force, corrections.

use std::collections::HashSet;

use super::sheet::Line;
use super::{Change, Faults, Report, dates};
use crate::app::versions::{Versioned, Versions};
use crate::db::conn::Conn;
use crate::domain::versions::{Days, Place, place};
use crate::error::Result;
use crate::locale::Message;

/// The versions known so far, and the rows that were read.
pub(super) struct Rows<V: Versioned> {
    pub known: Versions<V>,
    seen: HashSet<(String, Days)>,
}

impl<V: Versioned> Rows<V> {
    pub(super) fn new(known: Vec<V>) -> Self {
        Self { known: Versions::new(known), seen: HashSet::new() }
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
        let what = format!("{} {}", version.code(), version.name());
        let old = match place {
            Place::Same(index) | Place::After(index) => held.get(index),
            Place::New => None,
        };
        let Some(old) = old else {
            self.known.begin(conn, version)?;
            report.count(line, Change::Added, what, "");
            return Ok(());
        };
        version.belong_with(old);
        if matches!(place, Place::Same(_)) {
            let end = version.days().to.or(old.days().to);
            version.set_end(end);
            return self.correct(conn, line, old, version, (what, report));
        }
        let is_later = |one: &&V| one.days().from >= version.days().from;
        if let Some(later) = self.known.of(version.id()).find(is_later) {
            dates::overlap(line, later.days().from, faults);
            return Ok(());
        }
        self.known.follow(conn, old, version)?;
        report.count(line, Change::Added, what, old.name());
        Ok(())
    }

    fn correct(
        &mut self,
        conn: &mut Conn,
        line: &Line,
        old: &V,
        version: V,
        (what, report): (String, &mut Report),
    ) -> Result<()> {
        if *old == version {
            report.count(line, Change::Unchanged, what, "");
            return Ok(());
        }
        self.known.correct(conn, version)?;
        report.count(line, Change::Changed, what, old.name());
        Ok(())
    }
}
