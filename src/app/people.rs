//! Staff accounts: one-time passwords, sign-in with answers that tell nothing, sessions.

use std::sync::LazyLock;

use argon2::Argon2;
use argon2::password_hash::{PasswordHasher, PasswordVerifier, phc::PasswordHash};
use chrono::{TimeDelta, Utc};
use serde::Serialize;
use sha2::{Digest, Sha256};

use crate::db;
use crate::db::conn::{Conn, Database};
use crate::db::people::{NewPerson, Person};
use crate::domain::hex::{from_hex, hex};
use crate::domain::ids::{PersonId, UnitId};
use crate::domain::person::{Actor, Permission, Role};
use crate::error::{Error, FieldError, Result};
use crate::locale::{Lang, Message};

/// Fewest characters of a password that a person chooses.
pub const PASSWORD_LENGTH: usize = 12;

/// Hours after which a session ends.
pub const SESSION_HOURS: i64 = 12;

/// Letters and digits that nobody mistakes for one another.
const READABLE: &[u8; 31] = b"23456789abcdefghjkmnpqrstuvwxyz";

/// A hash that no password fits, so that an unknown login costs the same time as a known one.
static NOBODY: LazyLock<Option<String>> = LazyLock::new(|| hash("").ok());

/// A person to be added.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draft {
    /// Sign-in name.
    pub login: String,
    /// Full name.
    pub name: String,
    /// Role.
    pub role: Role,
    /// The unit of whoever does not see the province.
    pub unit: Option<UnitId>,
    /// Preferred language.
    pub language: Lang,
}

/// A password shown once.
#[derive(Clone, PartialEq, Eq)]
pub struct OneTimePassword(String);

impl OneTimePassword {
    /// 16 random readable characters in four groups: 79 bits.
    fn random() -> Self {
        let mut text = String::with_capacity(19);
        for place in 0..16 {
            if place > 0 && place % 4 == 0 {
                text.push('-');
            }
            let index = rand::random_range(0..READABLE.len());
            text.extend(READABLE.get(index).copied().map(char::from));
        }
        Self(text)
    }

    /// The characters.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for OneTimePassword {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("OneTimePassword(…)")
    }
}

/// The secret of a session, kept by the browser alone.
#[derive(Clone, PartialEq, Eq)]
pub struct Token([u8; 32]);

impl Token {
    fn random() -> Self {
        Self(rand::random())
    }

    /// Reads 64 hexadecimal digits.
    pub fn parse(text: &str) -> Option<Self> {
        from_hex(text).and_then(|bytes| bytes.try_into().ok()).map(Self)
    }

    /// The value of the cookie.
    pub fn to_text(&self) -> String {
        hex(&self.0)
    }

    /// SHA-256 of the token: all that the database knows of it.
    pub fn hash(&self) -> String {
        hex(&Sha256::digest(self.0))
    }
}

/// The login as it is stored and compared.
pub fn fold(login: &str) -> String {
    login.trim().to_lowercase()
}

#[derive(Serialize)]
struct Details<'a> {
    role: &'a str,
    unit: Option<UnitId>,
}

/// Adds a person and gives the password to hand over.
///
/// # Errors
/// Not found for all but administrators; invalid; conflict when the login is taken.
pub fn add(conn: &mut Conn, actor: &Actor, draft: &Draft) -> Result<OneTimePassword> {
    actor.require(Permission::ManagePeople)?;
    let login = check(draft)?;
    if db::people::by_login(conn, &login)?.is_some() {
        return Err(Error::Conflict(Message::new("console.people.taken").with("login", login)));
    }
    let password = OneTimePassword::random();
    let person = NewPerson {
        login,
        name: draft.name.trim().to_owned(),
        password_hash: hash(password.as_str())?,
        role: draft.role,
        unit: draft.unit,
        language: draft.language,
        created_at: Utc::now().naive_utc(),
    };
    db::people::insert(conn, &person)?;
    let details = Details { role: draft.role.key(), unit: draft.unit };
    db::audit::insert(conn, actor, "person.add", &format!("person:{}", person.login), &details)?;
    Ok(password)
}

fn check(draft: &Draft) -> Result<String> {
    let login = fold(&draft.login);
    let is_plain = |character: char| {
        character.is_ascii_lowercase() || character.is_ascii_digit() || ".-_@".contains(character)
    };
    let mut faults = Vec::new();
    if !(2..=64).contains(&login.chars().count()) || !login.chars().all(is_plain) {
        faults
            .push(FieldError::new("login", Message::new("console.people.login-rule").with("found", &login)));
    }
    if !(1..=120).contains(&draft.name.trim().chars().count()) {
        faults.push(FieldError::new("name", Message::new("error.missing")));
    }
    if draft.role.sees_province() == draft.unit.is_some() {
        faults.push(FieldError::new("unit", Message::new("console.people.unit-rule")));
    }
    if faults.is_empty() { Ok(login) } else { Err(Error::Invalid(faults)) }
}

/// Gives a person a new one-time password and ends all sessions of that person.
///
/// # Errors
/// Not found for all but administrators; not found.
pub fn reset(conn: &mut Conn, actor: &Actor, login: &str) -> Result<OneTimePassword> {
    actor.require(Permission::ManagePeople)?;
    let login = fold(login);
    let person = db::people::by_login(conn, &login)?
        .ok_or_else(|| Error::NotFound(Message::new("console.people.unknown").with("login", &login)))?;
    let password = OneTimePassword::random();
    db::people::update_password(conn, person.id, &hash(password.as_str())?, true)?;
    db::people::delete_sessions(conn, person.id)?;
    db::audit::insert(conn, actor, "person.reset", &format!("person:{login}"), &())?;
    Ok(password)
}

/// Signs a person in and gives the token of the new session.
///
/// # Errors
/// Invalid, in the same words and after the same work whether the login or the password is wrong.
pub fn sign_in(database: &Database, login: &str, password: &str) -> Result<Token> {
    let login = fold(login);
    let found = database.read(|conn| db::people::by_login(conn, &login))?;
    let stored = found.as_ref().map(|person| person.password_hash.as_str()).or(NOBODY.as_deref());
    let fits = stored.is_some_and(|stored| verify(password, stored));
    let wrong = || Error::invalid("login", Message::new("console.sign-in.wrong"));
    let person = found.filter(|_| fits).ok_or_else(wrong)?;
    database.write(|conn| {
        // Between reading and writing the password may have been reset or the account closed.
        let current = db::people::by_login(conn, &login)?;
        if current.is_none_or(|current| current.password_hash != person.password_hash) {
            return Err(wrong());
        }
        let actor = person.clone().into_actor();
        db::audit::insert(conn, &actor, "person.sign-in", &format!("person:{login}"), &())?;
        open_session(conn, person.id)
    })
}

fn open_session(conn: &mut Conn, person: PersonId) -> Result<Token> {
    let token = Token::random();
    let now = Utc::now().naive_utc();
    db::people::insert_session(conn, &token.hash(), person, now, now + TimeDelta::hours(SESSION_HOURS))?;
    Ok(token)
}

/// The person of a session, where it is in force.
///
/// # Errors
/// Those of the database.
pub fn of_session(conn: &mut Conn, token: &Token) -> Result<Option<Person>> {
    db::people::by_session(conn, &token.hash(), Utc::now().naive_utc())
}

/// Ends a session.
///
/// # Errors
/// Those of the database.
pub fn sign_out(conn: &mut Conn, token: &Token) -> Result<()> {
    db::people::delete_session(conn, &token.hash())
}

/// Replaces one's own password, ends every other session and gives the token of a new one.
///
/// # Errors
/// Invalid when the current password is wrong or the new one breaks a rule; forbidden to the operator.
pub fn change_password(database: &Database, actor: &Actor, current: &str, new: &str) -> Result<Token> {
    let Actor::Person { id, login, .. } = actor else {
        return Err(Error::Forbidden);
    };
    let person = database.read(|conn| db::people::by_login(conn, login))?.ok_or(Error::Unauthenticated)?;
    let mut faults = Vec::new();
    if !verify(current, &person.password_hash) {
        faults.push(FieldError::new("current", Message::new("console.password.wrong")));
    }
    let length = new.chars().count();
    if !(PASSWORD_LENGTH..=200).contains(&length)
        || new == current
        || new.to_lowercase().contains(login.as_str())
    {
        faults.push(FieldError::new(
            "new",
            Message::new("console.password.rule").with("length", PASSWORD_LENGTH),
        ));
    }
    if !faults.is_empty() {
        return Err(Error::Invalid(faults));
    }
    let hash = hash(new)?;
    database.write(|conn| {
        db::people::update_password(conn, *id, &hash, false)?;
        db::people::delete_sessions(conn, *id)?;
        db::audit::insert(conn, actor, "person.password", &format!("person:{login}"), &())?;
        open_session(conn, *id)
    })
}

/// Replaces one's own language.
///
/// # Errors
/// Those of the database.
pub fn change_language(conn: &mut Conn, actor: &Actor, language: Lang) -> Result<()> {
    match actor {
        Actor::Person { id, .. } => db::people::update_language(conn, *id, language),
        Actor::Operator => Ok(()),
    }
}

/// Argon2id with the crate's defaults (19 MiB, two passes) and a random salt.
fn hash(password: &str) -> Result<String> {
    let hash: PasswordHash = Argon2::default().hash_password(password.as_bytes()).map_err(Error::internal)?;
    Ok(hash.to_string())
}

fn verify(password: &str, stored: &str) -> bool {
    PasswordHash::new(stored).is_ok_and(|stored| {
        Argon2::default().verify_password(password.as_bytes(), &stored).is_ok() && !password.is_empty()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_one_time_password_is_readable_and_its_hash_fits_it_alone() {
        let (one, other) = (OneTimePassword::random(), OneTimePassword::random());
        let stored = hash(one.as_str()).unwrap();
        assert_eq!(one.as_str().replace('-', "").len(), 16);
        assert!(stored.starts_with("$argon2id$"));
        assert!(verify(one.as_str(), &stored) && !verify(other.as_str(), &stored));
    }

    #[test]
    fn a_token_reads_back_and_its_hash_does_not_show_it() {
        let token = Token::random();
        assert!(Token::parse(&token.to_text()).is_some_and(|again| again == token));
        assert_ne!(token.hash(), token.to_text());
        assert!(Token::parse("12").is_none() && Token::parse("zz").is_none());
    }
}
