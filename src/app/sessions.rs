//! Sessions as their owners and administrators speak of them.

use serde_json::json;
use sha2::{Digest, Sha256};

use super::people::subject;
use crate::db;
use crate::db::conn::Conn;
use crate::db::people::Person;
use crate::db::sessions::Session;
use crate::domain::hex::hex;
use crate::domain::ids::PersonId;
use crate::domain::person::{Actor, Permission};
use crate::error::{Error, Result};
use crate::locale::Message;

/// The name of a session in addresses: nothing that is stored follows from it, and no token.
pub fn name(session: &Session) -> String {
    hex(&Sha256::new().chain_update("session ").chain_update(&session.token_hash).finalize())
}

/// Ends one session of one's own. One that has ended stays so.
///
/// # Errors
/// Unauthenticated for whoever is no person; those of the database.
pub fn end_own(conn: &mut Conn, actor: &Actor, wanted: &str) -> Result<()> {
    match actor {
        Actor::Person { id, .. } => end_of(conn, actor, *id, wanted),
        Actor::Operator | Actor::Key { .. } => Err(Error::Unauthenticated),
    }
}

/// Ends one session of a person.
///
/// # Errors
/// Not found, and for all but administrators; those of the database.
pub fn end(conn: &mut Conn, actor: &Actor, person: PersonId, wanted: &str) -> Result<()> {
    actor.require(Permission::ManagePeople)?;
    end_of(conn, actor, person, wanted)
}

fn end_of(conn: &mut Conn, actor: &Actor, person: PersonId, wanted: &str) -> Result<()> {
    let unknown = || Error::NotFound(Message::new("people.unknown").with("login", person.to_string()));
    let Person { login, .. } = db::people::find(conn, person)?.ok_or_else(unknown)?;
    let sessions = db::sessions::by_person(conn, person, chrono::Utc::now().naive_utc())?;
    let Some(session) = sessions.iter().find(|session| name(session) == wanted) else {
        return Ok(());
    };
    let began = session.created_at.and_utc().to_rfc3339();
    db::audit::insert(conn, actor, "person.session-end", &subject(&login), &json!({ "began": began }))?;
    db::sessions::delete(conn, &session.token_hash)
}
