//! Sessions of staff: only hashes of their tokens are kept.

use chrono::NaiveDateTime;
use diesel::prelude::*;

use super::conn::Conn;
use super::schema::sessions;
use super::violation::translate;
use crate::domain::ids::PersonId;
use crate::error::Result;

/// A session as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// SHA-256 of the token.
    pub token_hash: String,
    /// Whose it is.
    pub person: PersonId,
    /// When it began (UTC).
    pub created_at: NaiveDateTime,
    /// When it ends (UTC).
    pub expires_at: NaiveDateTime,
    /// When it was last used (UTC), to a few minutes.
    pub last_used_at: NaiveDateTime,
    /// Whether the password was right and the code is still to come.
    pub awaits_code: bool,
    /// Browser and system in words, empty where they are not known.
    pub device: String,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = sessions)]
struct SessionRow {
    token_hash: String,
    person_id: i64,
    created_at: NaiveDateTime,
    expires_at: NaiveDateTime,
    last_used_at: NaiveDateTime,
    awaits_code: i16,
    device: String,
}

impl SessionRow {
    fn read(self) -> Session {
        Session {
            token_hash: self.token_hash,
            person: self.person_id.into(),
            created_at: self.created_at,
            expires_at: self.expires_at,
            last_used_at: self.last_used_at,
            awaits_code: self.awaits_code != 0,
            device: self.device,
        }
    }
}

/// Stores a session and drops all that have ended.
///
/// # Errors
/// Those of the database.
pub fn insert(conn: &mut Conn, session: &Session) -> Result<()> {
    diesel::delete(sessions::table.filter(sessions::expires_at.le(session.created_at)))
        .execute(conn)
        .map_err(translate)?;
    diesel::insert_into(sessions::table)
        .values((
            sessions::token_hash.eq(&session.token_hash),
            sessions::person_id.eq(session.person.raw()),
            sessions::created_at.eq(session.created_at),
            sessions::expires_at.eq(session.expires_at),
            sessions::last_used_at.eq(session.last_used_at),
            sessions::awaits_code.eq(i16::from(session.awaits_code)),
            sessions::device.eq(&session.device),
        ))
        .execute(conn)
        .map(drop)
        .map_err(translate)
}

/// The session of a token that has not ended.
///
/// # Errors
/// Those of the database.
pub fn find(conn: &mut Conn, token_hash: &str, now: NaiveDateTime) -> Result<Option<Session>> {
    let row = sessions::table
        .filter(sessions::token_hash.eq(token_hash).and(sessions::expires_at.gt(now)))
        .select(SessionRow::as_select())
        .first(conn)
        .optional()
        .map_err(translate)?;
    Ok(row.map(SessionRow::read))
}

/// The sessions of a person that have not ended and wait for no code, the one used last first.
///
/// # Errors
/// Those of the database.
pub fn by_person(conn: &mut Conn, person: PersonId, now: NaiveDateTime) -> Result<Vec<Session>> {
    let rows = sessions::table
        .filter(sessions::person_id.eq(person.raw()))
        .filter(sessions::expires_at.gt(now).and(sessions::awaits_code.eq(0_i16)))
        .order(sessions::last_used_at.desc())
        .select(SessionRow::as_select())
        .load(conn)
        .map_err(translate)?;
    Ok(rows.into_iter().map(SessionRow::read).collect())
}

/// Notes the last use of a session.
///
/// # Errors
/// Those of the database.
pub fn update_last_use(conn: &mut Conn, token_hash: &str, now: NaiveDateTime) -> Result<()> {
    diesel::update(sessions::table.filter(sessions::token_hash.eq(token_hash)))
        .set(sessions::last_used_at.eq(now))
        .execute(conn)
        .map(drop)
        .map_err(translate)
}

/// Ends one session.
///
/// # Errors
/// Those of the database.
pub fn delete(conn: &mut Conn, token_hash: &str) -> Result<()> {
    diesel::delete(sessions::table.filter(sessions::token_hash.eq(token_hash)))
        .execute(conn)
        .map(drop)
        .map_err(translate)
}

/// Ends all sessions of a person.
///
/// # Errors
/// Those of the database.
pub fn delete_of(conn: &mut Conn, person: PersonId) -> Result<()> {
    diesel::delete(sessions::table.filter(sessions::person_id.eq(person.raw())))
        .execute(conn)
        .map(drop)
        .map_err(translate)
}
