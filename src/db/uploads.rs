//! Files that were previewed: kept for an hour, so that exactly what was seen can be applied.

use chrono::{NaiveDateTime, TimeDelta, Utc};
use diesel::prelude::*;

use super::conn::Conn;
use super::schema::uploads;
use super::violation::translate;
use crate::error::Result;

/// How long a file waits to be applied.
const KEPT: TimeDelta = TimeDelta::hours(1);

/// Whose file it is, and which.
#[derive(Debug, Clone, Copy)]
pub struct Key<'a> {
    /// Sign-in name.
    pub person: &'a str,
    /// SHA-256 of the contents.
    pub hash: &'a str,
    /// What the file holds.
    pub kind: &'a str,
}

/// Keeps a file, and forgets all that waited too long.
///
/// # Errors
/// Those of the database.
pub fn keep(conn: &mut Conn, key: Key<'_>, content: &[u8]) -> Result<()> {
    diesel::delete(uploads::table.filter(uploads::created_at.lt(oldest())))
        .execute(conn)
        .map_err(translate)?;
    forget(conn, key)?;
    diesel::insert_into(uploads::table)
        .values((
            uploads::person.eq(key.person),
            uploads::hash.eq(key.hash),
            uploads::kind.eq(key.kind),
            uploads::content.eq(content),
            uploads::created_at.eq(Utc::now().naive_utc()),
        ))
        .execute(conn)
        .map(drop)
        .map_err(translate)
}

/// The file, where it is still kept.
///
/// # Errors
/// Those of the database.
pub fn find(conn: &mut Conn, key: Key<'_>) -> Result<Option<Vec<u8>>> {
    uploads::table
        .filter(uploads::person.eq(key.person))
        .filter(uploads::hash.eq(key.hash))
        .filter(uploads::kind.eq(key.kind))
        .filter(uploads::created_at.ge(oldest()))
        .select(uploads::content)
        .first(conn)
        .optional()
        .map_err(translate)
}

/// When the file was taken in (UTC), where it is still kept.
///
/// # Errors
/// Those of the database.
pub fn kept_since(conn: &mut Conn, key: Key<'_>) -> Result<Option<NaiveDateTime>> {
    uploads::table
        .filter(uploads::person.eq(key.person))
        .filter(uploads::hash.eq(key.hash))
        .filter(uploads::kind.eq(key.kind))
        .filter(uploads::created_at.ge(oldest()))
        .select(uploads::created_at)
        .first(conn)
        .optional()
        .map_err(translate)
}

/// Forgets a file; says whether it was there.
///
/// # Errors
/// Those of the database.
pub fn forget(conn: &mut Conn, key: Key<'_>) -> Result<bool> {
    let same = uploads::person.eq(key.person).and(uploads::hash.eq(key.hash)).and(uploads::kind.eq(key.kind));
    diesel::delete(uploads::table.filter(same)).execute(conn).map(|gone| gone > 0).map_err(translate)
}

fn oldest() -> NaiveDateTime {
    Utc::now().naive_utc() - KEPT
}
