//! Invitations: one-time links under which a person chooses a password, at most one a person.

use chrono::NaiveDateTime;
use diesel::prelude::*;

use super::conn::Conn;
use super::schema::invitations;
use super::violation::translate;
use crate::domain::ids::PersonId;
use crate::error::Result;

/// Stores the invitation of a person in place of an earlier one.
///
/// # Errors
/// Those of the database.
pub fn save(
    conn: &mut Conn,
    person: PersonId,
    token_hash: &str,
    now: NaiveDateTime,
    expires_at: NaiveDateTime,
) -> Result<()> {
    delete_of(conn, person)?;
    diesel::insert_into(invitations::table)
        .values((
            invitations::token_hash.eq(token_hash),
            invitations::person_id.eq(person.raw()),
            invitations::created_at.eq(now),
            invitations::expires_at.eq(expires_at),
        ))
        .execute(conn)
        .map(drop)
        .map_err(translate)
}

/// Whom a token invites, and until when (UTC).
///
/// # Errors
/// Those of the database.
pub fn find(conn: &mut Conn, token_hash: &str) -> Result<Option<(PersonId, NaiveDateTime)>> {
    let found = invitations::table
        .filter(invitations::token_hash.eq(token_hash))
        .select((invitations::person_id, invitations::expires_at))
        .first::<(i64, NaiveDateTime)>(conn)
        .optional()
        .map_err(translate)?;
    Ok(found.map(|(person, expires_at)| (person.into(), expires_at)))
}

/// Until when (UTC) the invitation of a person is valid.
///
/// # Errors
/// Those of the database.
pub fn expiry_of(conn: &mut Conn, person: PersonId) -> Result<Option<NaiveDateTime>> {
    invitations::table
        .filter(invitations::person_id.eq(person.raw()))
        .select(invitations::expires_at)
        .first(conn)
        .optional()
        .map_err(translate)
}

/// Takes the invitation of a person away and says whether there was one.
///
/// # Errors
/// Those of the database.
pub fn delete_of(conn: &mut Conn, person: PersonId) -> Result<bool> {
    diesel::delete(invitations::table.filter(invitations::person_id.eq(person.raw())))
        .execute(conn)
        .map(|count| count > 0)
        .map_err(translate)
}
