//! Imports in two steps: a job finds what a file would do, and another one does exactly that with that file.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{NaiveDate, NaiveDateTime};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::dossiers::{self, Planned, Weighed};
use super::{Changes, Contents, Done, Effect, Hanging, Kind, Read, answers, report};
use crate::app::ending::{self, Part};
use crate::app::jobs::{self, Jobs, Outcome, Task};
use crate::app::units::with_served;
use crate::db;
use crate::db::conn::Database;
use crate::domain::answer::{Response, Score};
use crate::domain::hex;
use crate::domain::ids::{CounterId, FieldId, ProcedureId, UnitId};
use crate::domain::level::Level;
use crate::domain::link::{Channel, Stage};
use crate::domain::person::Actor;
use crate::error::{Error, FieldError, Result};
use crate::locale::Message;

/// Largest file, in bytes.
pub const MOST: usize = 8 * 1024 * 1024;

/// Lines of a preview that are shown; the counts are of all.
pub const SHOWN: usize = 500;

/// Lines that are told where a file would now do something else.
const TOLD: usize = 10;

/// What a file would do.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Preview {
    /// By which the file is found again.
    pub hash: String,
    /// How many lines would do what.
    pub changes: Changes,
    /// By which it is known whether the file would still do the same.
    pub digest: String,
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
        let (effect, lines) = found?;
        let (changes, digest) = (effect.changes, effect.digest);
        let preview = Preview { hash, changes, digest, lines };
        let content = serde_json::to_vec(&preview).map_err(Error::internal)?;
        let file = jobs::File::pack(format!("{}.json", kind.key()), &content)?;
        Ok(Box::new(move |_, _| Ok(Outcome { report: jobs::Report::Preview(changes), file: Some(file) })))
    });
    Ok(Task { upload: Some(file), ..Task::new(jobs::Kind::Preview(kind), subject, work) })
}

fn look(context: &jobs::Context<'_>, actor: &Actor, kind: Kind, hash: &str) -> Result<(Effect, Lines)> {
    let jobs::Context { database, snapshot, progress, .. } = context;
    let read = Read::of(snapshot, actor, kind, &kept(database, actor, kind, hash)?, progress)?;
    Ok(match read.contents {
        Contents::List(sheet, faults) => {
            let report = database.rehearse(|conn| report(conn, kind, (&sheet, faults), progress))?;
            let mut effect = Effect::of_rows(report)?;
            let mut rows = std::mem::take(&mut effect.rows);
            rows.truncate(SHOWN);
            hang(context, actor, kind, &mut rows)?;
            (effect, Lines::Rows(rows))
        }
        Contents::Answers(sheets) => {
            let count = sheets.responses.len();
            let is_stored = database.read(|conn| answers::is_stored(conn, &sheets.responses))?;
            let (added, unchanged) = if is_stored { (0, count) } else { (count, 0) };
            let changes = Changes { added, changed: 0, unchanged };
            (Effect::of_counts(changes)?, Lines::Answers(alike(&sheets.responses)))
        }
        Contents::Dossiers(settled) => {
            let mut planned = database.read(|conn| dossiers::plan(conn, &settled))?;
            let effect = Effect::of(dossiers::changes(&planned), &planned, Vec::new())?;
            planned.retain(Planned::is_new);
            let mut weighed = database.read(|conn| dossiers::weigh(conn, snapshot, actor, planned))?;
            weighed.truncate(SHOWN);
            (effect, Lines::Dossiers(weighed))
        }
    })
}

/// Tells what hangs on the units and procedures that would end.
fn hang(context: &jobs::Context<'_>, actor: &Actor, kind: Kind, rows: &mut [Done]) -> Result<()> {
    for row in rows.iter_mut().filter(|row| row.is_known) {
        let id = row.subject.split_once(':').and_then(|(_, id)| id.parse::<i64>().ok());
        let Some((id, day)) = id.zip(row.ends) else {
            continue;
        };
        let part = match kind {
            Kind::Procedures => Part::Procedure(ProcedureId::from(id)),
            _ => Part::Units(with_served(&context.snapshot.units, [&UnitId::from(id)], day)),
        };
        let found =
            context.database.read(|conn| ending::effect(conn, &context.snapshot, actor, &part, day))?;
        row.hanging = Some(Hanging {
            counters: found.counters,
            links: found.links,
            people: found.people,
            answers: found.answers.count,
        });
        context.progress.go_on()?;
    }
    Ok(())
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

/// What was seen before a file is applied.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen {
    /// The job that found it.
    pub job: Option<Uuid>,
    /// By which it is known whether the file would still do the same.
    pub digest: String,
}

/// A job that finds once more what a file would do that is still kept.
///
/// # Errors
/// Not found for whoever may not import it; conflict when it is no longer kept; those of the database.
pub fn again(database: &Database, actor: &Actor, kind: Kind, hash: &str) -> Result<Task> {
    task(actor, kind, kept(database, actor, kind, hash)?)
}

/// A job that applies a file that was previewed, once.
///
/// It fails as not found for whoever may not, with a conflict when the file is no longer kept, as invalid with what
/// differs when what is there changed so that the file would now do something else, and with the errors of the
/// import.
pub fn application(actor: &Actor, kind: Kind, hash: String, seen: Seen) -> Task {
    let (actor, subject) = (actor.clone(), hash.clone());
    let work: jobs::Work = Box::new(move |context| {
        let file = kept(context.database, &actor, kind, &hash)?;
        let snapshot = context.snapshot.clone();
        let shown = shown(context.database, &actor, kind, seen.job)?;
        let read = Read::of(&snapshot, &actor, kind, &file, context.progress)?;
        Ok(Box::new(move |conn, progress| {
            if !db::uploads::forget(conn, key(&actor, kind, &hash))? {
                return Err(expired());
            }
            let effect = read.carry_out(conn, &snapshot, &actor, progress)?;
            if effect.digest != seen.digest {
                return Err(differs(&shown, &effect.rows));
            }
            Ok(Outcome { report: jobs::Report::Import(effect.changes), file: None })
        }))
    });
    Task::new(jobs::Kind::Import(kind), subject, work)
}

/// The rows of the catalogue that a preview showed; none where it is no longer kept, and for files that are entered.
fn shown(database: &Database, actor: &Actor, kind: Kind, job: Option<Uuid>) -> Result<Vec<Done>> {
    let Some(job) = job else {
        return Ok(Vec::new());
    };
    let key = jobs::Kind::Preview(kind).key();
    let Some((name, packed)) = database.read(|conn| db::jobs::file(conn, actor.audit_name(), key, job))?
    else {
        return Ok(Vec::new());
    };
    let preview: Preview =
        serde_json::from_slice(&jobs::File { name, packed }.unpack()?).map_err(Error::internal)?;
    Ok(match preview.lines {
        Lines::Rows(rows) => rows,
        Lines::Answers(_) | Lines::Dossiers(_) => Vec::new(),
    })
}

/// What a file would now do otherwise than it was shown, the first lines of it.
fn differs(shown: &[Done], found: &[Done]) -> Error {
    let by_line = |rows: &[Done]| -> BTreeMap<u64, String> {
        rows.iter().take(SHOWN).map(|row| (row.line, row.told())).collect()
    };
    let (seen, found) = (by_line(shown), by_line(found));
    let lines: BTreeSet<u64> =
        if seen.is_empty() { BTreeSet::new() } else { seen.keys().chain(found.keys()).copied().collect() };
    let differing = lines.into_iter().filter(|line| seen.get(line) != found.get(line));
    let fault = |line: u64| {
        let told =
            |rows: &BTreeMap<u64, String>| rows.get(&line).map_or_else(|| "–".to_owned(), String::clone);
        let message = Message::new("import.differs-line").with("line", line);
        FieldError::new("file", message.with("seen", told(&seen)).with("found", told(&found)))
    };
    let whole = FieldError::new("file", Message::new("import.differs"));
    Error::Invalid(std::iter::once(whole).chain(differing.take(TOLD).map(fault)).collect())
}

/// Nobody previewed the file, or it was applied, or an hour went by.
pub fn expired() -> Error {
    Error::Conflict(Message::new("import.expired"))
}

fn key<'a>(actor: &'a Actor, kind: Kind, hash: &'a str) -> db::uploads::Key<'a> {
    db::uploads::Key { person: actor.audit_name(), hash, kind: kind.key() }
}
