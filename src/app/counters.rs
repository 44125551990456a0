//! Counters: added, renamed, closed and opened again; what was answered at them stays.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use serde_json::json;

use super::ending::{End, Part, backdated};
use super::links::{CounterDraft, counter_faults};
use super::units::none;
use super::withdrawals::Along;
use crate::db;
use crate::db::conn::Conn;
use crate::db::links::Ended;
use crate::domain::ids::{CounterId, UnitId};
use crate::domain::link::Counter;
use crate::domain::person::{Actor, Permission};
use crate::error::{Error, FieldError, Result};
use crate::locale::Message;

/// Adds a counter to a unit that is in force on a day.
///
/// # Errors
/// Not found for whoever may not; invalid with every fault; those of the database.
pub fn create(conn: &mut Conn, actor: &Actor, draft: &CounterDraft, today: NaiveDate) -> Result<CounterId> {
    actor.require(Permission::ManageCatalogue)?;
    let mut faults = faults(conn, draft, None)?;
    if db::units::load(conn)?.on(draft.unit, today).is_none() {
        faults.push(FieldError::new("counter", Message::new("error.unit-not-in-force")));
    }
    none(faults)?;
    let hours = (draft.opens, draft.closes);
    let id = db::links::counter_by_name(conn, draft.unit, draft.name.trim(), hours)?;
    record(conn, actor, "counter.create", id, &contents(draft))?;
    Ok(id)
}

/// Gives a counter another name or other hours.
///
/// # Errors
/// Not found for whoever may not and for an unknown counter; invalid with every fault; those of the database.
pub fn change(conn: &mut Conn, actor: &Actor, id: CounterId, draft: &CounterDraft) -> Result<()> {
    actor.require(Permission::ManageCatalogue)?;
    let old = find(conn, id)?;
    none(faults(conn, draft, Some(id))?)?;
    if (old.name.as_str(), old.opens, old.closes) == (draft.name.trim(), draft.opens, draft.closes) {
        return Ok(());
    }
    db::counter_writes::update(conn, id, draft.name.trim(), (draft.opens, draft.closes))?;
    let was = CounterDraft { unit: old.unit, name: old.name, opens: old.opens, closes: old.closes };
    record(conn, actor, "counter.change", id, &json!({ "old": contents(&was), "new": contents(draft) }))
}

/// Closes a counter: its links end on that day, and it takes no new ones.
///
/// # Errors
/// Not found for whoever may not and for an unknown counter; invalid with the fault, also for answers after the
/// day unless that is meant; those of the database.
pub fn close(conn: &mut Conn, actor: &Actor, id: CounterId, end: End, today: NaiveDate) -> Result<()> {
    actor.require(Permission::ManageCatalogue)?;
    let counter = find(conn, id)?;
    let closing = counter.closure.closing(end.from, today);
    let closure = closing.map_err(|message| Error::invalid("closed_from", message))?;
    none(before_unit(conn, counter.unit, end.from)?.into_iter().collect())?;
    none(backdated(conn, &Part::Counter(id), end)?.into_iter().collect())?;
    db::counter_writes::save_closure(conn, id, closure)?;
    let along = Along { links: end_links(conn, &BTreeSet::from([id]), end.from)?, ..Along::default() };
    let details = json!({ "from": end.from, "backdated": end.backdated, "along": along });
    record(conn, actor, "counter.close", id, &details)
}

/// Opens a closed counter again; its old links stay ended, since their codes may have been taken down.
///
/// # Errors
/// Not found for whoever may not and for an unknown counter; invalid with the fault; those of the database.
pub fn reopen(conn: &mut Conn, actor: &Actor, id: CounterId, from: NaiveDate) -> Result<()> {
    actor.require(Permission::ManageCatalogue)?;
    let counter = find(conn, id)?;
    let fault = |message| Error::invalid("reopened_from", message);
    let closure = counter.closure.reopening(from).map_err(fault)?;
    let units = db::units::load(conn)?;
    if units.on(units.present(counter.unit, from).unit(), from).is_none() {
        return Err(fault(Message::new("error.unit-not-in-force")));
    }
    db::counter_writes::save_closure(conn, id, closure)?;
    record(conn, actor, "counter.reopen", id, &json!({ "from": from }))
}

/// Ends the links of some counters, and says which.
///
/// # Errors
/// Those of the database.
pub(super) fn end_links(conn: &mut Conn, counters: &BTreeSet<CounterId>, from: NaiveDate) -> Result<Ended> {
    let links = db::links::list(conn)?.into_iter().filter(|link| counters.contains(&link.counter));
    db::links::end(conn, &links.map(|link| link.id).collect::<Vec<_>>(), from)
}

fn find(conn: &mut Conn, id: CounterId) -> Result<Counter> {
    let found = db::links::counters(conn)?.into_iter().find(|counter| counter.id == id);
    found.ok_or_else(|| Error::NotFound(Message::new("error.page-not-found")))
}

fn faults(conn: &mut Conn, draft: &CounterDraft, own: Option<CounterId>) -> Result<Vec<FieldError>> {
    let mut faults = counter_faults(draft);
    let name = draft.name.trim();
    let taken = |one: &Counter| one.unit == draft.unit && one.name == name && Some(one.id) != own;
    if db::links::counters(conn)?.iter().any(taken) {
        let message = Message::new("catalogue.fault.counter-taken").with("found", name);
        faults.push(FieldError::new("counter", message));
    }
    Ok(faults)
}

/// Why a counter cannot be closed from a day on: its unit is not older than that.
fn before_unit(conn: &mut Conn, unit: UnitId, from: NaiveDate) -> Result<Option<FieldError>> {
    let units = db::units::load(conn)?;
    let first = units.versions_of(unit).first().map(|version| version.valid_from);
    Ok(first.filter(|first| from <= *first).map(|first| {
        let message = Message::new("catalogue.fault.before-unit").with_day("first", first);
        FieldError::new("closed_from", message.with_day("found", from))
    }))
}

fn contents(draft: &CounterDraft) -> serde_json::Value {
    json!({ "unit": draft.unit, "name": draft.name.trim(), "opens": draft.opens, "closes": draft.closes })
}

fn record(
    conn: &mut Conn,
    actor: &Actor,
    action: &str,
    id: CounterId,
    details: &serde_json::Value,
) -> Result<()> {
    db::audit::insert(conn, actor, action, &format!("counter:{id}"), details)?;
    db::revision::bump(conn)
}
