//! What follows when a unit, counter, field or procedure ends, and the guard before an end that lies behind
//! answers given since.

use std::collections::BTreeSet;

use chrono::{NaiveDate, Utc};

use super::catalogue::Snapshot;
use crate::db;
use crate::db::conn::Conn;
use crate::db::tallies::Since;
use crate::domain::api_key::Standing;
use crate::domain::day::{Local, earliest_start};
use crate::domain::ids::{CounterId, UnitId};
use crate::domain::link::{Counter, Link};
use crate::domain::person::{Actor, Permission};
use crate::domain::questionnaire::Role;
use crate::error::{FieldError, Result};
use crate::locale::Message;

pub use crate::db::tallies::Part;

/// From when something ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct End {
    /// The first day on which it is no more.
    pub from: NaiveDate,
    /// Whether that day may lie before answers that were given since.
    pub backdated: bool,
}

/// What hangs on something that is about to end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Effect {
    /// Counters that are open; none hang on fields and procedures.
    pub counters: usize,
    /// Links in use.
    pub links: usize,
    /// People bound to units.
    pub people: usize,
    /// Keys of other programs that are bound to units and open something.
    pub keys: usize,
    /// All answers.
    pub all: Since,
    /// Answers since the day.
    pub answers: Since,
}

/// Tells what would follow if something ended on a day.
///
/// # Errors
/// Not found for whoever may not; those of the database.
pub fn effect(
    conn: &mut Conn,
    snapshot: &Snapshot,
    actor: &Actor,
    part: &Part,
    from: NaiveDate,
) -> Result<Effect> {
    actor.require(Permission::ManageCatalogue)?;
    let today = Local::at(Utc::now()).day;
    let counters = counters(snapshot, part, today);
    let names = |link: &&Link| match part {
        Part::Units(_) | Part::Counter(_) => counters.contains(&link.counter),
        Part::Field(field) => super::answers::field_of(snapshot, link, from) == Some(*field),
        Part::Procedure(procedure) => link.procedure == Some(*procedure),
    };
    let (people, keys) = match part {
        Part::Units(units) => bound(conn, units, today)?,
        Part::Counter(_) | Part::Field(_) | Part::Procedure(_) => (0, 0),
    };
    Ok(Effect {
        counters: counters.len(),
        links: snapshot.links.values().filter(names).filter(|link| link.is_open_on(today)).count(),
        people,
        keys,
        all: answers(conn, part, earliest_start())?,
        answers: answers(conn, part, from)?,
    })
}

/// How many people are bound to units, and how many keys that still open something.
fn bound(conn: &mut Conn, units: &BTreeSet<UnitId>, today: NaiveDate) -> Result<(usize, usize)> {
    let is_within = |unit: Option<UnitId>| unit.is_some_and(|unit| units.contains(&unit));
    let people = db::people::list(conn)?.into_iter().filter(|person| is_within(person.unit)).count();
    let keys = db::api_keys::list(conn)?.into_iter().map(|stored| stored.key);
    let keys = keys.filter(|key| is_within(key.unit) && key.standing(today) == Standing::Open).count();
    Ok((people, keys))
}

/// The counters that end along, as far as they are open.
fn counters(snapshot: &Snapshot, part: &Part, today: NaiveDate) -> BTreeSet<CounterId> {
    let ends = |one: &&Counter| match part {
        Part::Units(units) => units.contains(&one.unit),
        Part::Counter(counter) => one.id == *counter,
        Part::Field(_) | Part::Procedure(_) => false,
    };
    let counters = snapshot.counters.values().filter(ends).filter(|one| !one.is_closed_on(today));
    counters.map(|one| one.id).collect()
}

fn answers(conn: &mut Conn, part: &Part, from: NaiveDate) -> Result<Since> {
    let versions = db::questionnaires::all(conn)?;
    let questions = versions.iter().flat_map(|version| &version.questions);
    let headlines: Vec<_> =
        questions.filter(|question| question.role == Role::Headline).map(|question| question.id).collect();
    db::tallies::since(conn, part, &headlines, from)
}

/// A day gone by since which there are answers must be meant.
///
/// # Errors
/// Those of the database.
pub(super) fn backdated(conn: &mut Conn, part: &Part, end: End) -> Result<Option<FieldError>> {
    if end.backdated || end.from >= Local::at(Utc::now()).day {
        return Ok(None);
    }
    let found = answers(conn, part, end.from)?;
    Ok(found.last.filter(|_| found.count > 0).map(|last| {
        let message = Message::new("catalogue.fault.answered-since").with_count("count", found.count);
        FieldError::new("backdated", message.with_day("found", end.from).with_day("last", last))
    }))
}
