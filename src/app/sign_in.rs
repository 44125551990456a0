//! Signing in and out: answers that tell a guesser nothing, sessions, invitations, one's own password.

use std::sync::LazyLock;

use chrono::{TimeDelta, Utc};
use serde_json::json;

use super::passwords::{self, hash, verify};
use super::people::{fold, subject};
use super::token::Token;
use super::totp::{self, Taken};
use crate::config::Secret;
use crate::db;
use crate::db::conn::{Conn, Database};
use crate::db::people::Person;
use crate::db::sessions::Session;
use crate::domain::ids::PersonId;
use crate::domain::person::Actor;
use crate::error::{Error, FieldError, Result};
use crate::locale::{Lang, Message};

/// Hours after which a session ends.
pub const SESSION_HOURS: i64 = 12;

/// Minutes within which the code must follow the password.
const CODE_MINUTES: i64 = 10;

/// Minutes to which the last use of a session is noted; each note is a write.
const USE_MINUTES: i64 = 5;

/// A hash that no password fits, so that an unknown login costs the same time as a known one.
static NOBODY: LazyLock<Option<String>> = LazyLock::new(|| hash("").ok());

/// A session that was opened.
pub struct Opened {
    /// What the browser keeps.
    pub token: Token,
    /// Whether the code is still to come.
    pub awaits_code: bool,
}

/// Signs a person in by password on a device of that name; whoever has sign-in codes goes on with [`enter_code`].
///
/// # Errors
/// Invalid, in the same words and after the same work whether the login or the password is wrong.
pub fn sign_in(database: &Database, login: &str, password: &str, device: &str) -> Result<Opened> {
    let login = fold(login);
    let found = database.read(|conn| db::people::by_login(conn, &login))?;
    let found = found.filter(Person::is_open);
    let stored = found.as_ref().map(|person| person.password_hash.as_str()).or(NOBODY.as_deref());
    let fits = stored.is_some_and(|stored| verify(password, stored));
    let wrong = || Error::invalid("login", Message::new("console.sign-in.wrong"));
    let person = found.filter(|_| fits).ok_or_else(wrong)?;
    database.write_audited(|conn| {
        // Between reading and writing the password may have been reset or the account closed.
        let current = db::people::by_login(conn, &login)?;
        if current.is_none_or(|current| current.locked || current.password_hash != person.password_hash) {
            return Err(wrong());
        }
        if person.totp_secret.is_none() {
            let actor = person.clone().into_actor();
            db::audit::insert(conn, &actor, "person.sign-in", &subject(&login), &json!({}))?;
        }
        open_session(conn, &person, device)
    })
}

/// Opens a session that waits for a code where the person has sign-in codes.
fn open_session(conn: &mut Conn, person: &Person, device: &str) -> Result<Opened> {
    let awaits_code = person.totp_secret.is_some();
    let lasts = if awaits_code { TimeDelta::minutes(CODE_MINUTES) } else { TimeDelta::hours(SESSION_HOURS) };
    Ok(Opened { token: insert_session(conn, person.id, lasts, awaits_code, device)?, awaits_code })
}

fn insert_session(
    conn: &mut Conn,
    person: PersonId,
    lasts: TimeDelta,
    awaits_code: bool,
    device: &str,
) -> Result<Token> {
    let (token, now) = (Token::random(), Utc::now().naive_utc());
    let session = Session {
        token_hash: token.hash(),
        person,
        created_at: now,
        expires_at: now + lasts,
        last_used_at: now,
        awaits_code,
        device: device.to_owned(),
    };
    db::sessions::insert(conn, &session)?;
    Ok(token)
}

/// Finishes a sign-in by a code or a recovery code, and gives the token of a session in full.
///
/// # Errors
/// Unauthenticated for a session that waits for no code; invalid for a wrong or used code; those of the
/// database.
pub fn enter_code(database: &Database, secret: &Secret, token: &Token, typed: &str) -> Result<Token> {
    database.write_audited(|conn| {
        let (session, person) = find(conn, token)?.ok_or(Error::Unauthenticated)?;
        if !session.awaits_code {
            return Err(Error::Unauthenticated);
        }
        let taken = totp::take(conn, secret, &person, typed)?;
        let actor = person.clone().into_actor();
        let action = if taken == Taken::Recovery { "totp.recovered" } else { "person.sign-in" };
        db::audit::insert(conn, &actor, action, &subject(&person.login), &json!({}))?;
        db::sessions::delete(conn, &token.hash())?;
        insert_session(conn, person.id, TimeDelta::hours(SESSION_HOURS), false, &session.device)
    })
}

fn find(conn: &mut Conn, token: &Token) -> Result<Option<(Session, Person)>> {
    let Some(session) = db::sessions::find(conn, &token.hash(), Utc::now().naive_utc())? else {
        return Ok(None);
    };
    let person = db::people::find(conn, session.person)?.filter(|person| !person.locked);
    Ok(person.map(|person| (session, person)))
}

/// The session of a token with its person, where both are in force; notes that it is used.
///
/// # Errors
/// Those of the database.
pub fn of_session(database: &Database, token: &Token) -> Result<Option<(Session, Person)>> {
    let found = database.read(|conn| find(conn, token))?;
    let now = Utc::now().naive_utc();
    let is_old = |session: &Session| now - session.last_used_at > TimeDelta::minutes(USE_MINUTES);
    if found.as_ref().is_some_and(|(session, _)| is_old(session)) {
        database.write(|conn| db::sessions::update_last_use(conn, &token.hash(), now))?;
    }
    Ok(found)
}

/// Ends a session.
///
/// # Errors
/// Those of the database.
pub fn sign_out(conn: &mut Conn, token: &Token) -> Result<()> {
    db::sessions::delete(conn, &token.hash())
}

/// Ends all of one's own sessions.
///
/// # Errors
/// Forbidden to whoever is no person; those of the database.
pub fn sign_out_everywhere(conn: &mut Conn, actor: &Actor) -> Result<()> {
    let Actor::Person { id, login, .. } = actor else {
        return Err(Error::Forbidden);
    };
    db::audit::insert(conn, actor, "person.sign-out", &subject(login), &json!({}))?;
    db::sessions::delete_of(conn, *id)
}

/// Replaces one's own password, ends every other session and gives the token of a new one.
///
/// # Errors
/// Invalid when the current password is wrong or the new one breaks a rule; forbidden to the operator.
pub fn change_password(
    database: &Database,
    actor: &Actor,
    current: &str,
    new: &str,
    device: &str,
) -> Result<Token> {
    let Actor::Person { id, login, .. } = actor else {
        return Err(Error::Forbidden);
    };
    let person = database.read(|conn| db::people::find(conn, *id))?.ok_or(Error::Unauthenticated)?;
    let mut faults = Vec::new();
    if !verify(current, &person.password_hash) {
        faults.push(FieldError::new("current", Message::new("console.password.wrong")));
    }
    faults.extend(passwords::fault(new, Some(current), login));
    if !faults.is_empty() {
        return Err(Error::Invalid(faults));
    }
    let hash = hash(new)?;
    database.write_audited(|conn| {
        db::audit::insert(conn, actor, "person.password", &subject(login), &json!({}))?;
        db::people::update_password(conn, *id, &hash, false)?;
        db::sessions::delete_of(conn, *id)?;
        insert_session(conn, *id, TimeDelta::hours(SESSION_HOURS), false, device)
    })
}

/// Replaces one's own language.
///
/// # Errors
/// Those of the database.
pub fn change_language(conn: &mut Conn, actor: &Actor, language: Lang) -> Result<()> {
    match actor {
        Actor::Person { id, .. } => db::people::update_language(conn, *id, language),
        Actor::Operator | Actor::Key { .. } => Ok(()),
    }
}

/// The person whom a one-time link invites.
///
/// # Errors
/// Not found for a link that is unknown or was used; gone for one that is no longer valid; those of the
/// database.
pub fn invited(conn: &mut Conn, token: &Token) -> Result<Person> {
    let unknown = || Error::NotFound(Message::new("people.link-unknown"));
    let (person, expires_at) = db::invitations::find(conn, &token.hash())?.ok_or_else(unknown)?;
    if expires_at <= Utc::now().naive_utc() {
        return Err(Error::Gone(Message::new("people.link-expired")));
    }
    db::people::find(conn, person)?.filter(|person| !person.locked).ok_or_else(unknown)
}

/// Takes a one-time link: the person's password is chosen, and a session opened.
///
/// # Errors
/// Those of [`invited`]; invalid for a password that breaks a rule.
pub fn accept(database: &Database, token: &Token, new: &str, device: &str) -> Result<Opened> {
    let person = database.read(|conn| invited(conn, token))?;
    if let Some(fault) = passwords::fault(new, None, &person.login) {
        return Err(Error::Invalid(vec![fault]));
    }
    let hash = hash(new)?;
    database.write_audited(|conn| {
        let person = invited(conn, token)?;
        let actor = person.clone().into_actor();
        db::audit::insert(conn, &actor, "person.accept", &subject(&person.login), &json!({}))?;
        // Of two browsers that take the same link at once, one takes the invitation away.
        if !db::invitations::delete_of(conn, person.id)? {
            return Err(Error::NotFound(Message::new("people.link-unknown")));
        }
        db::people::update_password(conn, person.id, &hash, false)?;
        db::sessions::delete_of(conn, person.id)?;
        open_session(conn, &person, device)
    })
}
