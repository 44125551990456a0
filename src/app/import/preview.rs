//! Imports in two steps: a rehearsal that is undone, and then exactly that file with that effect.

use sha2::{Digest, Sha256};

use super::{Changes, Kind, Report};
use crate::db;
use crate::db::conn::Database;
use crate::domain::hex;
use crate::domain::person::{Actor, Permission};
use crate::error::{Error, Result};
use crate::locale::Message;

/// Largest file, in bytes.
pub const MOST: usize = 8 * 1024 * 1024;

/// What a file would do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Preview {
    /// By which the file is found again.
    pub hash: String,
    /// What the import did before it was undone.
    pub report: Report,
}

/// Runs an import, undoes it, and keeps the file for an hour.
///
/// # Errors
/// Those of the import; the file is then not kept.
pub fn preview(database: &Database, actor: &Actor, kind: Kind, file: &[u8]) -> Result<Preview> {
    actor.require(Permission::ManageCatalogue)?;
    let report = database.rehearse(|conn| super::report(conn, actor, kind, file))?;
    let hash = digest(file);
    database.write(|conn| db::uploads::keep(conn, key(actor, kind, &hash), file))?;
    Ok(Preview { hash, report })
}

/// Applies a file that was previewed, once.
///
/// # Errors
/// Not found for whoever may not; conflict when the file is no longer kept, or when the catalogue changed
/// so that the file would now do something else; those of the import.
pub fn apply(database: &Database, actor: &Actor, kind: Kind, hash: &str, seen: Changes) -> Result<Changes> {
    actor.require(Permission::ManageCatalogue)?;
    database.write(|conn| {
        let key = key(actor, kind, hash);
        let file = db::uploads::find(conn, key)?.filter(|file| digest(file) == hash);
        let file = file.ok_or_else(|| Error::Conflict(Message::new("catalogue.import.expired")))?;
        let changes = super::run(conn, actor, kind, &file)?;
        if changes != seen {
            return Err(Error::Conflict(Message::new("catalogue.import.differs")));
        }
        db::uploads::forget(conn, key)?;
        Ok(changes)
    })
}

fn key<'a>(actor: &'a Actor, kind: Kind, hash: &'a str) -> db::uploads::Key<'a> {
    db::uploads::Key { person: actor.audit_name(), hash, kind: kind.key() }
}

fn digest(file: &[u8]) -> String {
    hex::hex(&Sha256::digest(file))
}
