//! Sign-in codes of staff: the encrypted secret, the last step used, and hashes of recovery codes.

use chrono::NaiveDateTime;
use diesel::prelude::*;

use super::conn::Conn;
use super::schema::{people, recovery_codes};
use super::violation::translate;
use crate::domain::ids::PersonId;
use crate::error::Result;

/// Stores a secret that was proved by the code of a step.
///
/// # Errors
/// Those of the database.
pub fn save(conn: &mut Conn, person: PersonId, secret: &str, step: i64, now: NaiveDateTime) -> Result<()> {
    diesel::update(people::table.filter(people::id.eq(person.raw())))
        .set((
            people::totp_secret.eq(Some(secret)),
            people::totp_confirmed_at.eq(Some(now)),
            people::totp_last_step.eq(Some(step)),
        ))
        .execute(conn)
        .map(drop)
        .map_err(translate)
}

/// Takes secret and recovery codes away.
///
/// # Errors
/// Those of the database.
pub fn delete(conn: &mut Conn, person: PersonId) -> Result<()> {
    diesel::update(people::table.filter(people::id.eq(person.raw())))
        .set((
            people::totp_secret.eq(None::<String>),
            people::totp_confirmed_at.eq(None::<NaiveDateTime>),
            people::totp_last_step.eq(None::<i64>),
        ))
        .execute(conn)
        .map_err(translate)?;
    replace_recovery(conn, person, &[])
}

/// Uses the code of a step up and says whether it was still unused: steps only go forward.
///
/// # Errors
/// Those of the database.
pub fn use_step(conn: &mut Conn, person: PersonId, step: i64) -> Result<bool> {
    let unused = people::totp_last_step.is_null().or(people::totp_last_step.lt(step));
    diesel::update(people::table.filter(people::id.eq(person.raw())).filter(unused))
        .set(people::totp_last_step.eq(Some(step)))
        .execute(conn)
        .map(|count| count == 1)
        .map_err(translate)
}

/// Stores hashes of recovery codes in place of the earlier ones.
///
/// # Errors
/// Those of the database.
pub fn replace_recovery(conn: &mut Conn, person: PersonId, hashes: &[String]) -> Result<()> {
    diesel::delete(recovery_codes::table.filter(recovery_codes::person_id.eq(person.raw())))
        .execute(conn)
        .map_err(translate)?;
    for hash in hashes {
        diesel::insert_into(recovery_codes::table)
            .values((recovery_codes::person_id.eq(person.raw()), recovery_codes::code_hash.eq(hash)))
            .execute(conn)
            .map_err(translate)?;
    }
    Ok(())
}

/// Uses a recovery code up and says whether it was still there.
///
/// # Errors
/// Those of the database.
pub fn use_recovery(conn: &mut Conn, person: PersonId, hash: &str) -> Result<bool> {
    let one = recovery_codes::person_id.eq(person.raw()).and(recovery_codes::code_hash.eq(hash));
    diesel::delete(recovery_codes::table.filter(one)).execute(conn).map(|count| count == 1).map_err(translate)
}

/// Number of recovery codes that are left.
///
/// # Errors
/// Those of the database.
pub fn count_recovery(conn: &mut Conn, person: PersonId) -> Result<u64> {
    let count: i64 = recovery_codes::table
        .filter(recovery_codes::person_id.eq(person.raw()))
        .count()
        .get_result(conn)
        .map_err(translate)?;
    Ok(u64::try_from(count).unwrap_or_default())
}
