//! Imports in two steps: a job finds what a file would do, and another one does exactly that with that file.

use std::collections::BTreeMap;

use chrono::{NaiveDate, NaiveDateTime};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::dossiers::{self, Planned, Weighed};
use super::{Change, Changes, Contents, Done, Kind, Read, answers, report};
use crate::app::jobs::{self, Jobs, Outcome, Task};
use crate::db;
use crate::db::conn::Database;
use crate::domain::answer::{Response, Score};
use crate::domain::hex;
use crate::domain::ids::{CounterId, FieldId, ProcedureId, UnitId};
use crate::domain::level::Level;
use crate::domain::link::{Channel, Stage};
use crate::domain::person::Actor;
use crate::error::{Error, Result};
use crate::locale::Message;

/// Largest file, in bytes.
pub const MOST: usize = 8 * 1024 * 1024;

/// Lines of a preview that are shown; the counts are of all.
pub const SHOWN: usize = 500;

/// What a file would do.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Preview {
    /// By which the file is found again.
    pub hash: String,
    /// How many lines would do what.
    pub changes: Changes,
    /// The lines that would change something, as many of them as are shown.
    pub lines: Lines,
}

/// The lines of a file as they can be shown.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Lines {
    /// Rows of the catalogue and what would become of them.
    Rows(Vec<Done>),
    /// All answers, those about the same in one; whoever shows them sorts them by name first.
    Answers(Vec<Alike>),
    /// Dossiers, with what is there now and the answers of their months.
    Dossiers(Vec<Weighed>),
}

/// What an answer of a file is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct About {
    /// Unit at which the citizen was served.
    pub unit: UnitId,
    /// Counter.
    pub counter: CounterId,
    /// Field.
    pub field: Option<FieldId>,
    /// Procedure.
    pub procedure: Option<ProcedureId>,
    /// Stage.
    pub stage: Option<Stage>,
    /// Channel.
    pub channel: Channel,
    /// Day.
    pub day: NaiveDate,
}

/// Answers about the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Alike {
    /// What they are about.
    pub about: About,
    /// How many they are.
    pub sheets: usize,
    /// Answers to the overall question, from level 5 to 1.
    pub levels: [usize; 5],
}

fn alike(responses: &[Response]) -> Vec<Alike> {
    let mut groups: BTreeMap<About, Alike> = BTreeMap::new();
    for one in responses {
        let about = About {
            unit: one.served,
            counter: one.counter,
            field: one.field,
            procedure: one.procedure,
            stage: one.stage,
            channel: one.channel,
            day: one.day,
        };
        let group = groups.entry(about).or_insert(Alike { about, sheets: 0, levels: [0; 5] });
        group.sheets += 1;
        let overall = one.scores.get("overall");
        for (slot, level) in group.levels.iter_mut().zip(Level::DESCENDING) {
            *slot += usize::from(overall == Some(&Score::Level(level)));
        }
    }
    groups.into_values().collect()
}

/// A job that finds what a file would do without doing it; the file is kept for an hour once the job is accepted.
///
/// The job fails with the faults of the file, which is then not kept any longer, and with the other errors
/// of the import.
///
/// # Errors
/// Not found for whoever may not import it.
pub fn task(actor: &Actor, kind: Kind, file: Vec<u8>) -> Result<Task> {
    actor.require(kind.permission())?;
    let hash = hex::hex(&Sha256::digest(&file));
    let (actor, subject) = (actor.clone(), hash.clone());
    let work: jobs::Work = Box::new(move |context| {
        let found = look(context, &actor, kind, &hash);
        if let Err(Error::Invalid(_)) = found {
            context.database.write(|conn| db::uploads::forget(conn, key(&actor, kind, &hash)))?;
        }
        let (changes, lines) = found?;
        let preview = Preview { hash, changes, lines };
        let content = serde_json::to_vec(&preview).map_err(Error::internal)?;
        let file = jobs::File::pack(format!("{}.json", kind.key()), &content)?;
        Ok(Box::new(move |_, _| Ok(Outcome { report: jobs::Report::Preview(changes), file: Some(file) })))
    });
    Ok(Task { upload: Some(file), ..Task::new(jobs::Kind::Preview(kind), subject, work) })
}

fn look(context: &jobs::Context<'_>, actor: &Actor, kind: Kind, hash: &str) -> Result<(Changes, Lines)> {
    let jobs::Context { database, snapshot, progress } = context;
    let read = Read::of(snapshot, actor, kind, &kept(database, actor, kind, hash)?, progress)?;
    Ok(match read.contents {
        Contents::List(sheet, faults) => {
            let mut report =
                database.rehearse(|conn| report(conn, actor, kind, (&sheet, faults), progress))?;
            report.rows.retain(|row| row.change != Change::Unchanged);
            report.rows.truncate(SHOWN);
            (report.changes, Lines::Rows(report.rows))
        }
        Contents::Answers(sheets) => {
            let count = sheets.responses.len();
            let is_stored = database.read(|conn| answers::is_stored(conn, &sheets.responses))?;
            let (added, unchanged) = if is_stored { (0, count) } else { (count, 0) };
            (Changes { added, changed: 0, unchanged }, Lines::Answers(alike(&sheets.responses)))
        }
        Contents::Dossiers(settled) => {
            let mut planned = database.read(|conn| dossiers::plan(conn, &settled))?;
            let changes = dossiers::changes(&planned);
            planned.retain(Planned::is_new);
            let mut weighed = database.read(|conn| dossiers::weigh(conn, snapshot, actor, planned))?;
            weighed.truncate(SHOWN);
            (changes, Lines::Dossiers(weighed))
        }
    })
}

/// What a job of the actor found that a file would do.
///
/// # Errors
/// Not found for whoever may not import it, for a job of somebody else, and after an hour; those of the
/// database.
pub fn found(jobs: &Jobs, actor: &Actor, kind: Kind, id: Uuid) -> Result<Preview> {
    actor.require(kind.permission())?;
    let file = jobs.file(actor, jobs::Kind::Preview(kind), id)?;
    serde_json::from_slice(&file.unpack()?).map_err(Error::internal)
}

/// The file of a preview.
fn kept(database: &Database, actor: &Actor, kind: Kind, hash: &str) -> Result<Vec<u8>> {
    database.read(|conn| db::uploads::find(conn, key(actor, kind, hash)))?.ok_or_else(expired)
}

/// Since when a file that was previewed is kept (UTC), where it still is.
///
/// # Errors
/// Not found for whoever may not import it; those of the database.
pub fn kept_since(
    database: &Database,
    actor: &Actor,
    kind: Kind,
    hash: &str,
) -> Result<Option<NaiveDateTime>> {
    actor.require(kind.permission())?;
    database.read(|conn| db::uploads::kept_since(conn, key(actor, kind, hash)))
}

/// A job that applies a file that was previewed, once.
///
/// It fails as not found for whoever may not, with a conflict when the file is no longer kept, or when what is
/// there changed so that the file would now do something else, and with the errors of the import.
pub fn application(actor: &Actor, kind: Kind, hash: String, seen: Changes) -> Task {
    let (actor, subject) = (actor.clone(), hash.clone());
    let work: jobs::Work = Box::new(move |context| {
        let file = kept(context.database, &actor, kind, &hash)?;
        let snapshot = context.snapshot.clone();
        let read = Read::of(&snapshot, &actor, kind, &file, context.progress)?;
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
    Task::new(jobs::Kind::Import(kind), subject, work)
}

/// Nobody previewed the file, or it was applied, or an hour went by.
pub fn expired() -> Error {
    Error::Conflict(Message::new("import.expired"))
}

fn key<'a>(actor: &'a Actor, kind: Kind, hash: &'a str) -> db::uploads::Key<'a> {
    db::uploads::Key { person: actor.audit_name(), hash, kind: kind.key() }
}
