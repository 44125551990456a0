//! Fields as Sở Nội vụ keeps them: added, renamed, put in order, closed and opened again.
//!
//! A field has one name at a time: whoever reads of an old period finds the field under the name it has
//! now. What shall count apart is a new field, and the old one is closed.

use chrono::NaiveDate;
use serde_json::json;

use super::ending::{End, Part, backdated};
use super::units::none;
use super::withdrawals::Along;
use crate::db;
use crate::db::conn::Conn;
use crate::domain::ids::FieldId;
use crate::domain::person::{Actor, Permission};
use crate::domain::procedure::Field;
use crate::error::{Error, FieldError, Result};
use crate::locale::Message;

/// Longest key, in bytes.
pub const KEY_LENGTH: usize = 40;
/// Longest name, in characters.
pub const NAME_LENGTH: usize = 120;

/// A field as it is typed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldDraft {
    /// Vietnamese name.
    pub name: String,
    /// English name.
    pub name_en: String,
    /// How many of the other fields stand before it.
    pub place: usize,
}

/// Adds a field under a key that nobody changes any more.
///
/// # Errors
/// Not found for whoever may not; invalid with every fault; those of the database.
pub fn create(conn: &mut Conn, actor: &Actor, key: &str, draft: &FieldDraft) -> Result<FieldId> {
    actor.require(Permission::ManageCatalogue)?;
    let others = db::procedures::fields(conn)?;
    let mut faults = faults(&others, draft);
    if others.iter().any(|field| field.key == key) {
        faults
            .push(FieldError::new("key", Message::new("catalogue.fault.field-key-taken").with("found", key)));
    }
    none(faults)?;
    let id = db::field_writes::insert(conn, key, (&draft.name, &draft.name_en), 0)?;
    arrange(conn, &others, id, draft.place)?;
    record(
        conn,
        actor,
        "field.create",
        id,
        &json!({ "key": key, "name": draft.name, "name_en": draft.name_en }),
    )?;
    Ok(id)
}

/// Gives a field other names or another place in the order.
///
/// # Errors
/// Not found for whoever may not and for an unknown field; invalid with every fault; those of the database.
pub fn change(conn: &mut Conn, actor: &Actor, id: FieldId, draft: &FieldDraft) -> Result<()> {
    actor.require(Permission::ManageCatalogue)?;
    let mut others = db::procedures::fields(conn)?;
    let place = others.iter().position(|field| field.id == id).ok_or_else(missing)?;
    let old = others.remove(place);
    none(faults(&others, draft))?;
    let was = FieldDraft { name: old.name, name_en: old.name_en, place };
    if was == *draft {
        return Ok(());
    }
    db::field_writes::update(conn, id, (&draft.name, &draft.name_en))?;
    arrange(conn, &others, id, draft.place)?;
    let contents =
        |one: &FieldDraft| json!({ "name": one.name, "name_en": one.name_en, "place": one.place + 1 });
    record(conn, actor, "field.change", id, &json!({ "old": contents(&was), "new": contents(draft) }))
}

/// Closes a field: from that day nobody chooses it, and the links that name it end.
///
/// # Errors
/// Not found for whoever may not and for an unknown field; invalid with the fault, also for answers after the
/// day unless that is meant; those of the database.
pub fn close(conn: &mut Conn, actor: &Actor, id: FieldId, end: End, today: NaiveDate) -> Result<()> {
    actor.require(Permission::ManageCatalogue)?;
    let closing = find(conn, id)?.closure.closing(end.from, today);
    let closure = closing.map_err(|message| Error::invalid("closed_from", message))?;
    none(backdated(conn, &Part::Field(id), end)?.into_iter().collect())?;
    db::field_writes::save_closure(conn, id, closure)?;
    let procedures = db::procedures::versions(conn)?;
    let is_within = |procedure| {
        procedures
            .iter()
            .any(|one| one.procedure == procedure && one.field == id && one.is_valid_on(end.from))
    };
    let links = db::links::list(conn)?.into_iter();
    let links = links.filter(|link| link.field == Some(id) || link.procedure.is_some_and(is_within));
    let links = db::links::end(conn, &links.map(|link| link.id).collect::<Vec<_>>(), end.from)?;
    let along = Along { links, ..Along::default() };
    let details = json!({ "from": end.from, "backdated": end.backdated, "along": along });
    record(conn, actor, "field.close", id, &details)
}

/// Opens a closed field again; its old links stay ended.
///
/// # Errors
/// Not found for whoever may not and for an unknown field; invalid with the fault; those of the database.
pub fn reopen(conn: &mut Conn, actor: &Actor, id: FieldId, from: NaiveDate) -> Result<()> {
    actor.require(Permission::ManageCatalogue)?;
    let reopening = find(conn, id)?.closure.reopening(from);
    let closure = reopening.map_err(|message| Error::invalid("reopened_from", message))?;
    db::field_writes::save_closure(conn, id, closure)?;
    record(conn, actor, "field.reopen", id, &json!({ "from": from }))
}

fn find(conn: &mut Conn, id: FieldId) -> Result<Field> {
    db::procedures::fields(conn)?.into_iter().find(|field| field.id == id).ok_or_else(missing)
}

fn missing() -> Error {
    Error::NotFound(Message::new("error.page-not-found"))
}

/// What does not fit in a field among the others.
fn faults(others: &[Field], draft: &FieldDraft) -> Vec<FieldError> {
    let taken = |field: &str, name: &str, of: fn(&Field) -> &str| {
        let message = || Message::new("catalogue.fault.field-taken").with("found", name);
        others.iter().any(|other| of(other) == name).then(|| FieldError::new(field, message()))
    };
    let names = [
        taken("name", &draft.name, |field| &field.name),
        taken("name_en", &draft.name_en, |field| &field.name_en),
    ];
    names.into_iter().flatten().collect()
}

/// Writes the order in which a field has a place among the others.
fn arrange(conn: &mut Conn, others: &[Field], id: FieldId, place: usize) -> Result<()> {
    let mut order: Vec<FieldId> = others.iter().map(|field| field.id).collect();
    order.insert(place.min(order.len()), id);
    db::field_writes::arrange(conn, &order)
}

fn record(
    conn: &mut Conn,
    actor: &Actor,
    action: &str,
    id: FieldId,
    details: &serde_json::Value,
) -> Result<()> {
    db::audit::insert(conn, actor, action, &format!("field:{id}"), details)?;
    db::revision::bump(conn)
}
