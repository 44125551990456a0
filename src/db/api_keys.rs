//! API keys: only their hashes are kept.

use chrono::{NaiveDate, NaiveDateTime};
use diesel::prelude::*;

use super::conn::{Conn, on_each};
use super::schema::api_keys;
use super::violation::translate;
use crate::domain::api_key::{ApiKey, Reading};
use crate::domain::ids::{KeyId, UnitId};
use crate::error::Result;

/// A key with its history.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stored {
    /// The key.
    pub key: ApiKey,
    /// When it was made (UTC).
    pub created_at: NaiveDateTime,
    /// Who made it.
    pub created_by: String,
    /// When it was last used (UTC), to a minute.
    pub last_used_at: Option<NaiveDateTime>,
}

/// What is stored of a new key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewKey<'a> {
    /// What it is for.
    pub name: &'a str,
    /// SHA-256 of the key.
    pub key_hash: &'a str,
    /// The unit to which it is bound; none means the province.
    pub unit: Option<UnitId>,
    /// What it may read.
    pub reads: Reading,
    /// When (UTC).
    pub created_at: NaiveDateTime,
    /// Who makes it.
    pub created_by: &'a str,
    /// First day on which it no longer opens.
    pub valid_to: NaiveDate,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = api_keys)]
struct KeyRow {
    id: i64,
    name: String,
    unit_id: Option<i64>,
    reads: String,
    created_at: NaiveDateTime,
    created_by: String,
    valid_to: NaiveDate,
    last_used_at: Option<NaiveDateTime>,
    revoked_at: Option<NaiveDateTime>,
}

impl KeyRow {
    fn read(self) -> Stored {
        Stored {
            key: ApiKey {
                id: self.id.into(),
                name: self.name,
                unit: self.unit_id.map(UnitId::from),
                reads: Reading::from_key(&self.reads),
                valid_to: self.valid_to,
                revoked: self.revoked_at.is_some(),
            },
            created_at: self.created_at,
            created_by: self.created_by,
            last_used_at: self.last_used_at,
        }
    }
}

/// Stores a new key.
///
/// # Errors
/// Those of the database.
pub fn insert(conn: &mut Conn, key: &NewKey<'_>) -> Result<KeyId> {
    let values = (
        api_keys::name.eq(key.name),
        api_keys::key_hash.eq(key.key_hash),
        api_keys::unit_id.eq(key.unit.map(UnitId::raw)),
        api_keys::reads.eq(key.reads.key()),
        api_keys::created_at.eq(key.created_at),
        api_keys::created_by.eq(key.created_by),
        api_keys::valid_to.eq(key.valid_to),
    );
    let id = on_each!(conn => diesel::insert_into(api_keys::table)
        .values(values)
        .returning(api_keys::id)
        .get_result::<i64>(conn));
    id.map(KeyId::from).map_err(translate)
}

/// Every key, the newest first.
///
/// # Errors
/// Those of the database.
pub fn list(conn: &mut Conn) -> Result<Vec<Stored>> {
    let rows = api_keys::table
        .order(api_keys::id.desc())
        .select(KeyRow::as_select())
        .load(conn)
        .map_err(translate)?;
    Ok(rows.into_iter().map(KeyRow::read).collect())
}

/// The key with this hash.
///
/// # Errors
/// Those of the database.
pub fn by_hash(conn: &mut Conn, key_hash: &str) -> Result<Option<Stored>> {
    let row = api_keys::table
        .filter(api_keys::key_hash.eq(key_hash))
        .select(KeyRow::as_select())
        .first(conn)
        .optional()
        .map_err(translate)?;
    Ok(row.map(KeyRow::read))
}

/// The key of an id.
///
/// # Errors
/// Those of the database.
pub fn find(conn: &mut Conn, key: KeyId) -> Result<Option<Stored>> {
    let row = api_keys::table
        .filter(api_keys::id.eq(key.raw()))
        .select(KeyRow::as_select())
        .first(conn)
        .optional()
        .map_err(translate)?;
    Ok(row.map(KeyRow::read))
}

/// Notes the last use of a key.
///
/// # Errors
/// Those of the database.
pub fn update_last_use(conn: &mut Conn, key: KeyId, now: NaiveDateTime) -> Result<()> {
    diesel::update(api_keys::table.filter(api_keys::id.eq(key.raw())))
        .set(api_keys::last_used_at.eq(Some(now)))
        .execute(conn)
        .map(drop)
        .map_err(translate)
}

/// Revokes a key and says whether it was still in force.
///
/// # Errors
/// Those of the database.
pub fn revoke(conn: &mut Conn, key: KeyId, now: NaiveDateTime) -> Result<bool> {
    let open = api_keys::id.eq(key.raw()).and(api_keys::revoked_at.is_null());
    diesel::update(api_keys::table.filter(open))
        .set(api_keys::revoked_at.eq(Some(now)))
        .execute(conn)
        .map(|count| count == 1)
        .map_err(translate)
}
