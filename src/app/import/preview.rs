//! Imports in two steps: what a file would do, and then a job for exactly that file with that effect.

use sha2::{Digest, Sha256};

use super::dossiers::{self, Planned};
use super::{Changes, Contents, Done, Kind, Read, answers, report};
use crate::app::catalogue::Snapshot;
use crate::app::jobs::{self, Outcome, Task};
use crate::app::progress::Progress;
use crate::db;
use crate::db::conn::Database;
use crate::domain::answer::Response;
use crate::domain::hex;
use crate::domain::person::Actor;
use crate::error::{Error, Result};
use crate::locale::Message;

/// Largest file, in bytes.
pub const MOST: usize = 8 * 1024 * 1024;

/// What a file would do.
#[derive(Debug, Clone, PartialEq)]
pub struct Preview {
    /// By which the file is found again.
    pub hash: String,
    /// How many lines would do what.
    pub changes: Changes,
    /// The lines.
    pub lines: Lines,
}

/// The lines of a file as they can be shown.
#[derive(Debug, Clone, PartialEq)]
pub enum Lines {
    /// Rows of the catalogue and what would become of them.
    Rows(Vec<Done>),
    /// Answers.
    Answers(Vec<Response>),
    /// Dossiers, with what is there now.
    Dossiers(Vec<Planned>),
}

/// Finds what a file would do without doing it, and keeps the file for an hour.
///
/// # Errors
/// Those of the import; the file is then not kept.
pub fn preview(
    database: &Database,
    snapshot: &Snapshot,
    actor: &Actor,
    kind: Kind,
    file: &[u8],
) -> Result<Preview> {
    let progress = Progress::default();
    let read = Read::of(snapshot, actor, kind, file, &progress)?;
    let (changes, lines) = match read.contents {
        Contents::List(sheet, faults) => {
            let report = database.rehearse(|conn| report(conn, actor, kind, (&sheet, faults), &progress))?;
            (report.changes, Lines::Rows(report.rows))
        }
        Contents::Answers(sheets) => {
            let count = sheets.responses.len();
            let is_stored = database.read(|conn| answers::is_stored(conn, &sheets.responses))?;
            let (added, unchanged) = if is_stored { (0, count) } else { (count, 0) };
            (Changes { added, changed: 0, unchanged }, Lines::Answers(sheets.responses))
        }
        Contents::Dossiers(settled) => {
            let planned = database.read(|conn| dossiers::plan(conn, &settled))?;
            (dossiers::changes(&planned), Lines::Dossiers(planned))
        }
    };
    let hash = hex::hex(&Sha256::digest(file));
    database.write(|conn| db::uploads::keep(conn, key(actor, kind, &hash), file))?;
    Ok(Preview { hash, changes, lines })
}

/// Whether a file that was previewed is still kept.
///
/// # Errors
/// Not found for whoever may not import it; those of the database.
pub fn is_kept(database: &Database, actor: &Actor, kind: Kind, hash: &str) -> Result<bool> {
    actor.require(kind.permission())?;
    Ok(database.read(|conn| db::uploads::find(conn, key(actor, kind, hash)))?.is_some())
}

/// A job that applies a file that was previewed, once.
///
/// It fails as not found for whoever may not, with a conflict when the file is no longer kept, or when what is
/// there changed so that the file would now do something else, and with the errors of the import.
pub fn task(actor: &Actor, kind: Kind, hash: String, seen: Changes) -> Task {
    let (actor, subject) = (actor.clone(), hash.clone());
    let work: jobs::Work = Box::new(move |context| {
        let kept = context.database.read(|conn| db::uploads::find(conn, key(&actor, kind, &hash)))?;
        let snapshot = context.snapshot.clone();
        let read = Read::of(&snapshot, &actor, kind, &kept.ok_or_else(expired)?, context.progress)?;
        Ok(Box::new(move |conn, progress| {
            if !db::uploads::forget(conn, key(&actor, kind, &hash))? {
                return Err(expired());
            }
            let changes = read.write(conn, &snapshot, &actor, progress)?;
            if changes != seen {
                return Err(Error::Conflict(Message::new("import.differs")));
            }
            Ok(Outcome { report: jobs::Report::Import(changes), file: None })
        }))
    });
    Task { kind: jobs::Kind::Import(kind), subject, work }
}

/// Nobody previewed the file, or it was applied, or an hour went by.
pub fn expired() -> Error {
    Error::Conflict(Message::new("import.expired"))
}

fn key<'a>(actor: &'a Actor, kind: Kind, hash: &'a str) -> db::uploads::Key<'a> {
    db::uploads::Key { person: actor.audit_name(), hash, kind: kind.key() }
}
