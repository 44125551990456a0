//! API keys: made and shown once, looked up by hash, revoked.

use chrono::{Days, NaiveDate, TimeDelta, Utc};
use serde_json::json;

use super::catalogue::Snapshot;
use super::token::Token;
use crate::db;
use crate::db::api_keys::{NewKey, Stored};
use crate::db::conn::{Conn, Database};
use crate::domain::api_key::{Reading, Standing};
use crate::domain::day::{self, Local};
use crate::domain::ids::{KeyId, UnitId};
use crate::domain::person::{Actor, Permission};
use crate::error::{Error, FieldError, Result};
use crate::locale::Message;

/// What each key begins with, so that one that leaked is recognized.
const PREFIX: &str = "hailong_";

/// Longest time for which a key is made, in days.
pub const MOST_DAYS: i64 = 731;

/// Days for which a key is proposed.
const DAYS: u64 = 365;

/// Seconds to which the last use is noted; each note is a write.
const USE_SECONDS: i64 = 60;

/// A key to be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draft {
    /// What it is for.
    pub name: String,
    /// The unit to which it is bound; none means the province.
    pub unit: Option<UnitId>,
    /// What it may read.
    pub reads: Reading,
    /// Last day on which it opens.
    pub last_day: NaiveDate,
}

/// The last day of a key where nothing else is asked for: a year from today.
pub fn proposed_last_day() -> NaiveDate {
    let today = Local::at(Utc::now()).day;
    today.checked_add_days(Days::new(DAYS)).unwrap_or(today)
}

/// How the audit names a key.
pub fn subject(key: KeyId) -> String {
    format!("key:{key}")
}

/// The text of a key with these random bits, which is handed out once.
pub fn text(token: &Token) -> String {
    format!("{PREFIX}{}", token.to_text())
}

/// Makes a key of random bits and gives its text.
///
/// # Errors
/// Not found for whoever may not; invalid with every fault of the draft; those of the database.
pub fn create(
    conn: &mut Conn,
    snapshot: &Snapshot,
    actor: &Actor,
    draft: &Draft,
    token: &Token,
) -> Result<String> {
    actor.require(Permission::ManagePeople)?;
    let today = Local::at(Utc::now()).day;
    let faults = faults(snapshot, draft, today);
    if !faults.is_empty() {
        return Err(Error::Invalid(faults));
    }
    let name = draft.name.trim();
    let id = db::api_keys::insert(
        conn,
        &NewKey {
            name,
            key_hash: &token.hash(),
            unit: draft.unit,
            reads: draft.reads,
            created_at: Utc::now().naive_utc(),
            created_by: actor.audit_name(),
            valid_to: day::next(draft.last_day),
        },
    )?;
    let details = json!({
        "name": name, "unit": draft.unit, "reads": draft.reads.key(), "last_day": draft.last_day.to_string(),
    });
    db::audit::insert(conn, actor, "key.create", &subject(id), &details)?;
    Ok(text(token))
}

fn faults(snapshot: &Snapshot, draft: &Draft, today: NaiveDate) -> Vec<FieldError> {
    let mut faults = Vec::new();
    if !(1..=120).contains(&draft.name.trim().chars().count()) {
        faults.push(FieldError::new("name", Message::new("people.name-rule")));
    }
    if draft.unit.is_some_and(|unit| snapshot.units.on(unit, today).is_none()) {
        faults.push(FieldError::new("unit", Message::new("error.unit-not-found")));
    }
    if draft.last_day < today || draft.last_day - today > TimeDelta::days(MOST_DAYS) {
        let message = Message::new("people.key-days").with("most", MOST_DAYS).with("found", draft.last_day);
        faults.push(FieldError::new("last_day", message));
    }
    faults
}

/// Every key, the newest first.
///
/// # Errors
/// Not found for whoever may not; those of the database.
pub fn list(conn: &mut Conn, actor: &Actor) -> Result<Vec<Stored>> {
    actor.require(Permission::ManagePeople)?;
    db::api_keys::list(conn)
}

/// Revokes a key; it opens nothing from now on.
///
/// # Errors
/// Not found for whoever may not; not found; conflict when it was revoked before; those of the database.
pub fn revoke(conn: &mut Conn, actor: &Actor, id: KeyId) -> Result<()> {
    actor.require(Permission::ManagePeople)?;
    let unknown = || Error::NotFound(Message::new("people.key-unknown"));
    let stored = db::api_keys::find(conn, id)?.ok_or_else(unknown)?;
    if !db::api_keys::revoke(conn, id, Utc::now().naive_utc())? {
        return Err(Error::Conflict(Message::new("people.key-revoked-before")));
    }
    db::audit::insert(conn, actor, "key.revoke", &subject(id), &json!({ "name": stored.key.name }))
}

/// The actor of a key that is sent to read something; notes that it is used.
///
/// # Errors
/// Unauthenticated for a key that is unknown, expired or revoked; forbidden for one that may not read
/// this; those of the database.
pub fn actor(database: &Database, sent: &str, reading: Reading) -> Result<Actor> {
    let token = sent.strip_prefix(PREFIX).and_then(Token::parse).ok_or(Error::Unauthenticated)?;
    let found = database.read(|conn| db::api_keys::by_hash(conn, &token.hash()))?;
    let stored = found
        .filter(|stored| stored.key.standing(Local::at(Utc::now()).day) == Standing::Open)
        .ok_or(Error::Unauthenticated)?;
    let now = Utc::now().naive_utc();
    if stored.last_used_at.is_none_or(|last| now - last > TimeDelta::seconds(USE_SECONDS)) {
        database.write(|conn| db::api_keys::update_last_use(conn, stored.key.id, now))?;
    }
    if stored.key.reads != Some(reading) {
        return Err(Error::Forbidden);
    }
    Ok(Actor::Key { id: stored.key.id, unit: stored.key.unit })
}
