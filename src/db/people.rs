//! Staff and their sessions: only hashes are kept, of passwords and of session tokens alike.

use chrono::NaiveDateTime;
use diesel::prelude::*;

use super::conn::Conn;
use super::schema::{people, sessions};
use super::violation::translate;
use crate::domain::ids::{PersonId, UnitId};
use crate::domain::person::{Actor, Role};
use crate::error::{Error, Result};
use crate::locale::Lang;

/// A member of staff who can sign in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// Id.
    pub id: PersonId,
    /// Sign-in name, folded.
    pub login: String,
    /// Full name.
    pub name: String,
    /// Argon2id hash in PHC form.
    pub password_hash: String,
    /// Whether the password is a one-time one.
    pub must_change_password: bool,
    /// Role.
    pub role: Role,
    /// The unit to which a viewer is bound.
    pub unit: Option<UnitId>,
    /// Preferred language.
    pub language: Lang,
}

impl Person {
    /// The person as the one who asks.
    pub fn into_actor(self) -> Actor {
        Actor::Person {
            id: self.id,
            login: self.login,
            name: self.name,
            role: self.role,
            unit: self.unit,
            language: self.language,
        }
    }
}

/// What is stored of a new person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewPerson {
    /// Sign-in name, folded.
    pub login: String,
    /// Full name.
    pub name: String,
    /// Argon2id hash in PHC form, of a one-time password.
    pub password_hash: String,
    /// Role.
    pub role: Role,
    /// The unit to which a viewer is bound.
    pub unit: Option<UnitId>,
    /// Preferred language.
    pub language: Lang,
    /// When.
    pub created_at: NaiveDateTime,
}

type Stored = (i64, String, String, String, i16, String, Option<i64>, String);

fn read(stored: Stored) -> Result<Person> {
    let (id, login, name, password_hash, must_change, role, unit, language) = stored;
    let role =
        Role::from_key(&role).ok_or_else(|| Error::internal(format!("person {id}: role \"{role}\"")))?;
    Ok(Person {
        id: id.into(),
        login,
        name,
        password_hash,
        must_change_password: must_change != 0,
        role,
        unit: unit.map(UnitId::from),
        language: Lang::from_key(&language).unwrap_or_default(),
    })
}

/// Stores a new person with a password that must be changed; a login that is taken is a conflict.
///
/// # Errors
/// Conflict, and those of the database.
pub fn insert(conn: &mut Conn, person: &NewPerson) -> Result<()> {
    diesel::insert_into(people::table)
        .values((
            people::login.eq(&person.login),
            people::name.eq(&person.name),
            people::password_hash.eq(&person.password_hash),
            people::must_change_password.eq(1_i16),
            people::role.eq(person.role.key()),
            people::unit_id.eq(person.unit.map(UnitId::raw)),
            people::language.eq(person.language.key()),
            people::created_at.eq(person.created_at),
        ))
        .execute(conn)
        .map(drop)
        .map_err(translate)
}

/// The enabled person of a folded login.
///
/// # Errors
/// Those of the database.
pub fn by_login(conn: &mut Conn, login: &str) -> Result<Option<Person>> {
    people::table
        .filter(people::login.eq(login).and(people::disabled_at.is_null()))
        .select((
            people::id,
            people::login,
            people::name,
            people::password_hash,
            people::must_change_password,
            people::role,
            people::unit_id,
            people::language,
        ))
        .first::<Stored>(conn)
        .optional()
        .map_err(translate)?
        .map(read)
        .transpose()
}

/// Number of people, disabled ones too.
///
/// # Errors
/// Those of the database.
pub fn count(conn: &mut Conn) -> Result<u64> {
    let count: i64 = people::table.count().get_result(conn).map_err(translate)?;
    Ok(u64::try_from(count).unwrap_or_default())
}

/// Replaces a password.
///
/// # Errors
/// Those of the database.
pub fn update_password(conn: &mut Conn, person: PersonId, hash: &str, must_change: bool) -> Result<()> {
    diesel::update(people::table.filter(people::id.eq(person.raw())))
        .set((people::password_hash.eq(hash), people::must_change_password.eq(i16::from(must_change))))
        .execute(conn)
        .map(drop)
        .map_err(translate)
}

/// Replaces the preferred language.
///
/// # Errors
/// Those of the database.
pub fn update_language(conn: &mut Conn, person: PersonId, language: Lang) -> Result<()> {
    diesel::update(people::table.filter(people::id.eq(person.raw())))
        .set(people::language.eq(language.key()))
        .execute(conn)
        .map(drop)
        .map_err(translate)
}

/// Stores a session and drops all that have expired.
///
/// # Errors
/// Those of the database.
pub fn insert_session(
    conn: &mut Conn,
    token_hash: &str,
    person: PersonId,
    now: NaiveDateTime,
    expires_at: NaiveDateTime,
) -> Result<()> {
    diesel::delete(sessions::table.filter(sessions::expires_at.le(now))).execute(conn).map_err(translate)?;
    diesel::insert_into(sessions::table)
        .values((
            sessions::token_hash.eq(token_hash),
            sessions::person_id.eq(person.raw()),
            sessions::created_at.eq(now),
            sessions::expires_at.eq(expires_at),
        ))
        .execute(conn)
        .map(drop)
        .map_err(translate)
}

/// The enabled person of a session that has not expired.
///
/// # Errors
/// Those of the database.
pub fn by_session(conn: &mut Conn, token_hash: &str, now: NaiveDateTime) -> Result<Option<Person>> {
    let login = people::table
        .inner_join(sessions::table.on(sessions::person_id.eq(people::id)))
        .filter(sessions::token_hash.eq(token_hash).and(sessions::expires_at.gt(now)))
        .select(people::login)
        .first::<String>(conn)
        .optional()
        .map_err(translate)?;
    match login {
        Some(login) => by_login(conn, &login),
        None => Ok(None),
    }
}

/// Ends one session.
///
/// # Errors
/// Those of the database.
pub fn delete_session(conn: &mut Conn, token_hash: &str) -> Result<()> {
    diesel::delete(sessions::table.filter(sessions::token_hash.eq(token_hash)))
        .execute(conn)
        .map(drop)
        .map_err(translate)
}

/// Ends all sessions of a person.
///
/// # Errors
/// Those of the database.
pub fn delete_sessions(conn: &mut Conn, person: PersonId) -> Result<()> {
    diesel::delete(sessions::table.filter(sessions::person_id.eq(person.raw())))
        .execute(conn)
        .map(drop)
        .map_err(translate)
}
