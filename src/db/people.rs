//! Staff: only hashes of passwords are kept.

use std::collections::HashMap;

use chrono::NaiveDateTime;
use diesel::prelude::*;

use super::conn::{Conn, on_each};
use super::schema::people;
use super::violation::translate;
use crate::domain::ids::{PersonId, UnitId};
use crate::domain::person::{AccountState, Actor, Role};
use crate::error::{Error, Result};
use crate::locale::Lang;

/// A member of staff.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// Id.
    pub id: PersonId,
    /// Sign-in name, folded.
    pub login: String,
    /// Full name.
    pub name: String,
    /// Argon2id hash in PHC form; empty until an invited person has chosen a password.
    pub password_hash: String,
    /// Whether the password is a one-time one.
    pub must_change_password: bool,
    /// Role.
    pub role: Role,
    /// The unit to which a viewer is bound.
    pub unit: Option<UnitId>,
    /// Preferred language.
    pub language: Lang,
    /// When the person was added (UTC).
    pub created_at: NaiveDateTime,
    /// Whether the account is locked.
    pub locked: bool,
    /// The encrypted secret of sign-in codes, where they are set up.
    pub totp_secret: Option<String>,
    /// When sign-in codes were set up (UTC).
    pub totp_since: Option<NaiveDateTime>,
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

    /// How the account stands.
    pub const fn state(&self) -> AccountState {
        if self.locked {
            AccountState::Locked
        } else if self.password_hash.is_empty() {
            AccountState::Invited
        } else {
            AccountState::Open
        }
    }

    /// Whether the person can sign in.
    pub fn is_open(&self) -> bool {
        self.state() == AccountState::Open
    }
}

/// What is stored of a new person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewPerson {
    /// Sign-in name, folded.
    pub login: String,
    /// Full name.
    pub name: String,
    /// Argon2id hash in PHC form of a one-time password; empty for a person who is invited by link.
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

#[derive(Queryable, Selectable)]
#[diesel(table_name = people)]
struct PersonRow {
    id: i64,
    login: String,
    name: String,
    password_hash: String,
    must_change_password: i16,
    role: String,
    unit_id: Option<i64>,
    language: String,
    created_at: NaiveDateTime,
    disabled_at: Option<NaiveDateTime>,
    totp_secret: Option<String>,
    totp_confirmed_at: Option<NaiveDateTime>,
}

impl PersonRow {
    fn read(self) -> Result<Person> {
        let role = Role::from_key(&self.role)
            .ok_or_else(|| Error::internal(format!("person {}: role \"{}\"", self.id, self.role)))?;
        Ok(Person {
            id: self.id.into(),
            login: self.login,
            name: self.name,
            password_hash: self.password_hash,
            must_change_password: self.must_change_password != 0,
            role,
            unit: self.unit_id.map(UnitId::from),
            language: Lang::from_key(&self.language).unwrap_or_default(),
            created_at: self.created_at,
            locked: self.disabled_at.is_some(),
            totp_secret: self.totp_secret,
            totp_since: self.totp_confirmed_at,
        })
    }
}

/// Stores a new person with a password that must be changed; a login that is taken is a conflict.
///
/// # Errors
/// Conflict, and those of the database.
pub fn insert(conn: &mut Conn, person: &NewPerson) -> Result<PersonId> {
    let values = (
        people::login.eq(&person.login),
        people::name.eq(&person.name),
        people::password_hash.eq(&person.password_hash),
        people::must_change_password.eq(1_i16),
        people::role.eq(person.role.key()),
        people::unit_id.eq(person.unit.map(UnitId::raw)),
        people::language.eq(person.language.key()),
        people::created_at.eq(person.created_at),
    );
    let id = on_each!(conn => diesel::insert_into(people::table)
        .values(values)
        .returning(people::id)
        .get_result::<i64>(conn));
    id.map(PersonId::from).map_err(translate)
}

/// The person of a folded login, locked ones too.
///
/// # Errors
/// Those of the database.
pub fn by_login(conn: &mut Conn, login: &str) -> Result<Option<Person>> {
    people::table
        .filter(people::login.eq(login))
        .select(PersonRow::as_select())
        .first(conn)
        .optional()
        .map_err(translate)?
        .map(PersonRow::read)
        .transpose()
}

/// The person of an id, locked ones too.
///
/// # Errors
/// Those of the database.
pub fn find(conn: &mut Conn, person: PersonId) -> Result<Option<Person>> {
    people::table
        .filter(people::id.eq(person.raw()))
        .select(PersonRow::as_select())
        .first(conn)
        .optional()
        .map_err(translate)?
        .map(PersonRow::read)
        .transpose()
}

/// Everyone, locked ones too, by sign-in name.
///
/// # Errors
/// Those of the database.
pub fn list(conn: &mut Conn) -> Result<Vec<Person>> {
    let rows = people::table
        .order(people::login.asc())
        .select(PersonRow::as_select())
        .load(conn)
        .map_err(translate)?;
    rows.into_iter().map(PersonRow::read).collect()
}

/// Full names by sign-in name.
///
/// # Errors
/// Those of the database.
pub fn names(conn: &mut Conn) -> Result<HashMap<String, String>> {
    let rows = people::table.select((people::login, people::name)).load(conn).map_err(translate)?;
    Ok(rows.into_iter().collect())
}

/// Number of people, locked ones too.
///
/// # Errors
/// Those of the database.
pub fn count(conn: &mut Conn) -> Result<u64> {
    let count: i64 = people::table.count().get_result(conn).map_err(translate)?;
    Ok(u64::try_from(count).unwrap_or_default())
}

/// Whether anybody can sign in as an administrator.
///
/// # Errors
/// Those of the database.
pub fn has_administrator(conn: &mut Conn) -> Result<bool> {
    let first = people::table
        .filter(people::role.eq(Role::Administrator.key()))
        .filter(people::disabled_at.is_null().and(people::password_hash.ne("")))
        .select(people::id)
        .first::<i64>(conn)
        .optional();
    first.map(|id| id.is_some()).map_err(translate)
}

/// Replaces name, role and unit.
///
/// # Errors
/// Those of the database.
pub fn update(conn: &mut Conn, person: PersonId, name: &str, role: Role, unit: Option<UnitId>) -> Result<()> {
    diesel::update(people::table.filter(people::id.eq(person.raw())))
        .set((people::name.eq(name), people::role.eq(role.key()), people::unit_id.eq(unit.map(UnitId::raw))))
        .execute(conn)
        .map(drop)
        .map_err(translate)
}

/// Locks an account since an instant (UTC), or opens it again.
///
/// # Errors
/// Those of the database.
pub fn update_lock(conn: &mut Conn, person: PersonId, since: Option<NaiveDateTime>) -> Result<()> {
    diesel::update(people::table.filter(people::id.eq(person.raw())))
        .set(people::disabled_at.eq(since))
        .execute(conn)
        .map(drop)
        .map_err(translate)
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
