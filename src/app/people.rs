//! Staff accounts as administrators run them: added, invited, changed, locked and reset.

use chrono::{NaiveDate, NaiveDateTime, TimeDelta, Utc};
use serde::Serialize;
use serde_json::json;

use super::catalogue::Snapshot;
use super::passwords::Issued;
use super::token::Token;
use crate::db;
use crate::db::conn::Conn;
use crate::db::people::{NewPerson, Person};
use crate::db::sessions::Session;
use crate::domain::day::Local;
use crate::domain::ids::{PersonId, UnitId};
use crate::domain::person::{Actor, Permission, Role};
use crate::error::{Error, FieldError, Result};
use crate::locale::{Lang, Message};

/// Hours for which a one-time link is valid.
pub const INVITATION_HOURS: i64 = 72;

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

/// The login as it is stored and compared.
pub fn fold(login: &str) -> String {
    login.trim().to_lowercase()
}

/// How the audit names a person.
pub fn subject(login: &str) -> String {
    format!("person:{login}")
}

#[derive(Serialize)]
struct Details<'a> {
    role: &'a str,
    unit: Option<UnitId>,
}

/// Adds a person with the password to hand over.
///
/// # Errors
/// Not found for all but administrators; invalid; conflict when the login is taken.
pub fn add(conn: &mut Conn, actor: &Actor, draft: &Draft, issued: &Issued) -> Result<()> {
    actor.require(Permission::ManagePeople)?;
    let login = check(draft)?;
    if db::people::by_login(conn, &login)?.is_some() {
        return Err(Error::Conflict(taken(&login)));
    }
    insert(conn, actor, draft, login, issued.hash.clone(), "person.add").map(drop)
}

/// Adds a person, who chooses a password under a link with this token.
///
/// # Errors
/// Not found for all but administrators; invalid, also when the login is taken; those of the database.
pub fn invite(
    conn: &mut Conn,
    snapshot: &Snapshot,
    actor: &Actor,
    draft: &Draft,
    token: &Token,
) -> Result<PersonId> {
    actor.require(Permission::ManagePeople)?;
    let login = check(draft)?;
    check_unit(snapshot, draft.unit, Local::at(Utc::now()).day)?;
    if db::people::by_login(conn, &login)?.is_some() {
        return Err(Error::invalid("login", taken(&login)));
    }
    let person = insert(conn, actor, draft, login, String::new(), "person.invite")?;
    open_invitation(conn, person, token)?;
    Ok(person)
}

fn taken(login: &str) -> Message {
    Message::new("people.taken").with("login", login)
}

fn insert(
    conn: &mut Conn,
    actor: &Actor,
    draft: &Draft,
    login: String,
    password_hash: String,
    action: &str,
) -> Result<PersonId> {
    let person = NewPerson {
        login,
        name: draft.name.trim().to_owned(),
        password_hash,
        role: draft.role,
        unit: draft.unit,
        language: draft.language,
        created_at: Utc::now().naive_utc(),
    };
    let details = Details { role: draft.role.key(), unit: draft.unit };
    db::audit::insert(conn, actor, action, &subject(&person.login), &details)?;
    db::people::insert(conn, &person)
}

fn open_invitation(conn: &mut Conn, person: PersonId, token: &Token) -> Result<()> {
    let now = Utc::now().naive_utc();
    let expires_at = now + TimeDelta::hours(INVITATION_HOURS);
    db::invitations::save(conn, person, &token.hash(), now, expires_at)
}

fn check(draft: &Draft) -> Result<String> {
    let login = fold(&draft.login);
    let is_plain = |character: char| {
        character.is_ascii_lowercase() || character.is_ascii_digit() || ".-_@".contains(character)
    };
    let mut faults = Vec::new();
    if !(2..=64).contains(&login.chars().count()) || !login.chars().all(is_plain) {
        faults.push(FieldError::new("login", Message::new("people.login-rule").with("found", &login)));
    }
    check_place(&draft.name, draft.role, draft.unit, &mut faults);
    if faults.is_empty() { Ok(login) } else { Err(Error::Invalid(faults)) }
}

fn check_place(name: &str, role: Role, unit: Option<UnitId>, faults: &mut Vec<FieldError>) {
    if !(1..=120).contains(&name.trim().chars().count()) {
        faults.push(FieldError::new("name", Message::new("people.name-rule")));
    }
    if role.sees_province() == unit.is_some() {
        faults.push(FieldError::new("unit", Message::new("people.unit-rule")));
    }
}

fn check_unit(snapshot: &Snapshot, unit: Option<UnitId>, today: NaiveDate) -> Result<()> {
    match unit {
        Some(unit) if snapshot.units.on(unit, today).is_none() => {
            Err(Error::invalid("unit", Message::new("error.unit-not-found")))
        }
        _ => Ok(()),
    }
}

/// Everyone, by sign-in name.
///
/// # Errors
/// Not found for all but administrators; those of the database.
pub fn list(conn: &mut Conn, actor: &Actor) -> Result<Vec<Person>> {
    actor.require(Permission::ManagePeople)?;
    db::people::list(conn)
}

/// A person with what belongs to the account.
pub struct Account {
    /// The person.
    pub person: Person,
    /// Sessions in force, the one used last first.
    pub sessions: Vec<Session>,
    /// Until when (UTC) a one-time link is valid, if there is one.
    pub invited_until: Option<NaiveDateTime>,
    /// Recovery codes that are left.
    pub recovery_codes: u64,
}

/// The account of a person.
///
/// # Errors
/// Not found, and for all but administrators; those of the database.
pub fn account(conn: &mut Conn, actor: &Actor, person: PersonId) -> Result<Account> {
    actor.require(Permission::ManagePeople)?;
    account_of(conn, person)
}

/// One's own account.
///
/// # Errors
/// Unauthenticated for whoever is no person; those of the database.
pub fn own_account(conn: &mut Conn, actor: &Actor) -> Result<Account> {
    match actor {
        Actor::Person { id, .. } => account_of(conn, *id),
        Actor::Operator | Actor::Key { .. } => Err(Error::Unauthenticated),
    }
}

fn account_of(conn: &mut Conn, id: PersonId) -> Result<Account> {
    let now = Utc::now().naive_utc();
    Ok(Account {
        person: find(conn, id)?,
        sessions: db::sessions::by_person(conn, id, now)?,
        invited_until: db::invitations::expiry_of(conn, id)?,
        recovery_codes: db::totp::count_recovery(conn, id)?,
    })
}

fn find(conn: &mut Conn, id: PersonId) -> Result<Person> {
    db::people::find(conn, id)?.ok_or_else(|| unknown(&id.to_string()))
}

fn unknown(login: &str) -> Error {
    Error::NotFound(Message::new("people.unknown").with("login", login))
}

/// The id of a sign-in name.
///
/// # Errors
/// Not found, and for all but administrators; those of the database.
pub fn id_of(conn: &mut Conn, actor: &Actor, login: &str) -> Result<PersonId> {
    actor.require(Permission::ManagePeople)?;
    let login = fold(login);
    db::people::by_login(conn, &login)?.map(|person| person.id).ok_or_else(|| unknown(&login))
}

/// What can be changed of a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// Full name.
    pub name: String,
    /// Role.
    pub role: Role,
    /// The unit of whoever does not see the province.
    pub unit: Option<UnitId>,
}

/// Changes name, role and unit; what the person may see changes with the next page.
///
/// # Errors
/// Not found for all but administrators; not found; invalid, also when no administrator would be left;
/// those of the database.
pub fn change(
    conn: &mut Conn,
    snapshot: &Snapshot,
    actor: &Actor,
    id: PersonId,
    change: &Change,
    today: NaiveDate,
) -> Result<()> {
    actor.require(Permission::ManagePeople)?;
    let person = find(conn, id)?;
    let mut faults = Vec::new();
    check_place(&change.name, change.role, change.unit, &mut faults);
    if !faults.is_empty() {
        return Err(Error::Invalid(faults));
    }
    // A unit that was closed since may stay, so that a name can still be corrected.
    if change.unit != person.unit {
        check_unit(snapshot, change.unit, today)?;
    }
    let name = change.name.trim();
    let details = json!({
        "name": name, "role": change.role.key(), "unit": change.unit,
        "old_name": person.name, "old_role": person.role.key(), "old_unit": person.unit,
    });
    db::audit::insert(conn, actor, "person.change", &subject(&person.login), &details)?;
    db::people::update(conn, id, name, change.role, change.unit)?;
    if lacks_administrator(conn, &person)? {
        return Err(Error::invalid("role", Message::new("people.last-administrator")));
    }
    Ok(())
}

/// Whether a person was the last who could sign in as an administrator.
///
/// To be asked after the audit row was written: two transactions that each take one of two
/// administrators away write it one after the other, so that the second sees what the first did.
fn lacks_administrator(conn: &mut Conn, before: &Person) -> Result<bool> {
    let could = before.role == Role::Administrator && before.is_open();
    Ok(could && !db::people::has_administrator(conn)?)
}

fn keep_administrator(conn: &mut Conn, before: &Person) -> Result<()> {
    if lacks_administrator(conn, before)? {
        return Err(Error::Conflict(Message::new("people.last-administrator")));
    }
    Ok(())
}

/// Locks an account: its sessions end at once, and a one-time link no longer opens.
///
/// # Errors
/// Not found for all but administrators; not found; conflict when it is locked or no administrator would
/// be left; those of the database.
pub fn lock(conn: &mut Conn, actor: &Actor, id: PersonId) -> Result<()> {
    actor.require(Permission::ManagePeople)?;
    let person = find(conn, id)?;
    if person.locked {
        return Err(Error::Conflict(Message::new("people.locked-before")));
    }
    db::audit::insert(conn, actor, "person.lock", &subject(&person.login), &json!({}))?;
    db::people::update_lock(conn, id, Some(Utc::now().naive_utc()))?;
    db::sessions::delete_of(conn, id)?;
    db::invitations::delete_of(conn, id)?;
    keep_administrator(conn, &person)
}

/// Opens a locked account again.
///
/// # Errors
/// Not found for all but administrators; not found; conflict when it is not locked; those of the database.
pub fn unlock(conn: &mut Conn, actor: &Actor, id: PersonId) -> Result<()> {
    actor.require(Permission::ManagePeople)?;
    let person = find(conn, id)?;
    if !person.locked {
        return Err(Error::Conflict(Message::new("people.open-before")));
    }
    db::audit::insert(conn, actor, "person.unlock", &subject(&person.login), &json!({}))?;
    db::people::update_lock(conn, id, None)
}

/// Gives a person a new one-time password and ends all sessions of that person.
///
/// # Errors
/// Not found for all but administrators; not found.
pub fn reset(conn: &mut Conn, actor: &Actor, login: &str, issued: &Issued) -> Result<()> {
    let id = id_of(conn, actor, login)?;
    let person = find_open(conn, id)?;
    db::audit::insert(conn, actor, "person.reset", &subject(&person.login), &json!({ "by": "password" }))?;
    db::people::update_password(conn, id, &issued.hash, true)?;
    db::sessions::delete_of(conn, id)?;
    db::invitations::delete_of(conn, id)?;
    Ok(())
}

/// Takes the password away, ends all sessions and gives the token of a new one-time link.
///
/// # Errors
/// Not found for all but administrators; not found; conflict for a locked account and when no
/// administrator would be left; those of the database.
pub fn reset_by_link(conn: &mut Conn, actor: &Actor, id: PersonId) -> Result<Token> {
    actor.require(Permission::ManagePeople)?;
    let person = find_open(conn, id)?;
    db::audit::insert(conn, actor, "person.reset", &subject(&person.login), &json!({ "by": "link" }))?;
    db::people::update_password(conn, id, "", true)?;
    db::sessions::delete_of(conn, id)?;
    keep_administrator(conn, &person)?;
    let token = Token::random();
    open_invitation(conn, id, &token)?;
    Ok(token)
}

fn find_open(conn: &mut Conn, id: PersonId) -> Result<Person> {
    let person = find(conn, id)?;
    if person.locked { Err(Error::Conflict(Message::new("people.is-locked"))) } else { Ok(person) }
}

/// Ends all sessions of a person.
///
/// # Errors
/// Not found for all but administrators; not found; those of the database.
pub fn sign_out(conn: &mut Conn, actor: &Actor, id: PersonId) -> Result<()> {
    actor.require(Permission::ManagePeople)?;
    let person = find(conn, id)?;
    db::audit::insert(conn, actor, "person.sign-out", &subject(&person.login), &json!({}))?;
    db::sessions::delete_of(conn, id)
}

/// Takes the sign-in codes of a person away, for a lost telephone, and ends all sessions.
///
/// # Errors
/// Not found for all but administrators; not found; conflict when there are none; those of the database.
pub fn reset_totp(conn: &mut Conn, actor: &Actor, id: PersonId) -> Result<()> {
    actor.require(Permission::ManagePeople)?;
    let person = find(conn, id)?;
    if person.totp_secret.is_none() {
        return Err(Error::Conflict(Message::new("people.no-totp")));
    }
    db::audit::insert(conn, actor, "totp.reset", &subject(&person.login), &json!({}))?;
    db::totp::delete(conn, id)?;
    db::sessions::delete_of(conn, id)
}
