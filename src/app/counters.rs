//! Counters: added, renamed, and closed for good; what was answered at them stays.

use chrono::NaiveDate;
use serde_json::json;

use super::links::{CounterDraft, counter_faults};
use super::units::none;
use crate::db;
use crate::db::conn::Conn;
use crate::domain::ids::CounterId;
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

/// Closes a counter for good: its links end on that day, and it takes no new ones.
///
/// # Errors
/// Not found for whoever may not and for an unknown counter; conflict when it was closed before; those of
/// the database.
pub fn close(conn: &mut Conn, actor: &Actor, id: CounterId, from: NaiveDate) -> Result<()> {
    actor.require(Permission::ManageCatalogue)?;
    if find(conn, id)?.is_closed_on(from) {
        return Err(Error::invalid("closed_from", Message::new("catalogue.fault.counter-closed")));
    }
    db::counter_writes::close(conn, id, from)?;
    record(conn, actor, "counter.close", id, &json!({ "from": from }))
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
