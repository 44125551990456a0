//! What follows when a unit ends: its counters, links and people, and answers that lie after the day.

use std::collections::BTreeSet;

use chrono::{NaiveDate, Utc};

use super::Book;
use crate::app::catalogue::Snapshot;
use crate::db;
use crate::db::conn::Conn;
use crate::db::tallies::Since;
use crate::domain::day::Local;
use crate::domain::ids::UnitId;
use crate::domain::link::{Counter, Link};
use crate::domain::person::{Actor, Permission};
use crate::domain::questionnaire::Role;
use crate::domain::unit::{UnitVersion, Units};
use crate::error::{FieldError, Result};
use crate::locale::Message;

/// From when a unit ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct End {
    /// The first day on which it is no more.
    pub from: NaiveDate,
    /// Whether that day may lie before answers that were given since.
    pub backdated: bool,
}

/// What hangs on units that are about to end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Effect {
    /// Counters that are open.
    pub counters: usize,
    /// Links in use.
    pub links: usize,
    /// People bound to them.
    pub people: usize,
    /// Answers since the day.
    pub answers: Since,
}

/// Tells what would follow if units ended on a day.
///
/// # Errors
/// Not found for whoever may not; those of the database.
pub fn effect(
    conn: &mut Conn,
    snapshot: &Snapshot,
    actor: &Actor,
    units: &BTreeSet<UnitId>,
    from: NaiveDate,
) -> Result<Effect> {
    actor.require(Permission::ManageCatalogue)?;
    let today = Local::at(Utc::now()).day;
    let all: BTreeSet<UnitId> = units.iter().flat_map(|unit| served(&snapshot.units, *unit, today)).collect();
    let is_open = |one: &&Counter| all.contains(&one.unit) && !one.is_closed_on(today);
    let counters: BTreeSet<_> = snapshot.counters.values().filter(is_open).map(|one| one.id).collect();
    let in_use = |link: &&Link| counters.contains(&link.counter) && link.is_open_on(today);
    Ok(Effect {
        counters: counters.len(),
        links: snapshot.links.values().filter(in_use).count(),
        people: db::people::list(conn)?
            .iter()
            .filter(|person| person.unit.is_some_and(|unit| all.contains(&unit)))
            .count(),
        answers: answers(conn, &all, from)?,
    })
}

/// A unit and those that it took over by a day.
pub(super) fn served(units: &Units, unit: UnitId, day: NaiveDate) -> BTreeSet<UnitId> {
    let all = units.versions().map(|version| version.unit);
    all.filter(|one| units.present(*one, day).unit() == unit).chain([unit]).collect()
}

fn answers(conn: &mut Conn, units: &BTreeSet<UnitId>, from: NaiveDate) -> Result<Since> {
    let versions = db::questionnaires::all(conn)?;
    let questions = versions.iter().flat_map(|version| &version.questions);
    let headlines: Vec<_> =
        questions.filter(|question| question.role == Role::Headline).map(|question| question.id).collect();
    db::tallies::since(conn, units, &headlines, from)
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
            faults.extend(self.backdated(conn, lasts, end)?);
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
            faults.push(FieldError::new("from", message.with("count", count).with_day("day", from)));
        }
        faults
    }

    /// A day gone by since which there are answers must be meant.
    fn backdated(&self, conn: &mut Conn, lasts: &[UnitVersion], end: End) -> Result<Option<FieldError>> {
        if end.backdated || end.from >= Local::at(Utc::now()).day {
            return Ok(None);
        }
        let all = lasts.iter().flat_map(|last| served(&self.units, last.unit, end.from)).collect();
        let found = answers(conn, &all, end.from)?;
        Ok(found.last.filter(|_| found.count > 0).map(|last| {
            let message = Message::new("catalogue.fault.answered-since").with("count", found.count);
            FieldError::new("backdated", message.with_day("found", end.from).with_day("last", last))
        }))
    }
}
