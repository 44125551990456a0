//! The audit: what staff changed, written in the transaction of the change.

use chrono::{NaiveDateTime, Utc};
use diesel::{ExpressionMethods, QueryDsl, RunQueryDsl};
use serde::Serialize;

use super::conn::Conn;
use super::schema::audit;
use super::types::StoredDocument;
use super::violation::translate;
use crate::domain::person::Actor;
use crate::error::Result;

/// One line of the audit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Instant (UTC).
    pub at: NaiveDateTime,
    /// Who.
    pub actor: String,
    /// What was done, such as `link.create`.
    pub action: String,
    /// To what, such as `link:12`.
    pub subject: String,
}

/// Writes one line.
///
/// # Errors
/// Those of the database.
pub fn insert(
    conn: &mut Conn,
    actor: &Actor,
    action: &str,
    subject: &str,
    details: &impl Serialize,
) -> Result<()> {
    diesel::insert_into(audit::table)
        .values((
            audit::at.eq(Utc::now().naive_utc()),
            audit::actor.eq(actor.audit_name()),
            audit::action.eq(action),
            audit::subject.eq(subject),
            audit::details.eq(StoredDocument::of(details)?),
        ))
        .execute(conn)
        .map(drop)
        .map_err(translate)
}

/// The lines about one subject, oldest first.
///
/// # Errors
/// Those of the database.
pub fn by_subject(conn: &mut Conn, subject: &str) -> Result<Vec<Entry>> {
    let rows = audit::table
        .filter(audit::subject.eq(subject))
        .order(audit::id.asc())
        .select((audit::at, audit::actor, audit::action, audit::subject))
        .load::<(NaiveDateTime, String, String, String)>(conn)
        .map_err(translate)?;
    Ok(rows.into_iter().map(|(at, actor, action, subject)| Entry { at, actor, action, subject }).collect())
}
