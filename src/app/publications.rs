//! Publications: a period is closed, its figures frozen, submitted, approved, published and corrected.

mod changes;
mod gather;
mod issue;
mod letter;
mod lists;
mod names;
mod proof;
mod protect;
mod report;
mod workbook;

pub use changes::{Change, changes};
pub use letter::letter;
pub use names::Names;
pub use proof::{Chain, Proof, chain, file, prove};
pub use protect::{Obstacle, Public};
pub use report::{Form, Origin, Report, Scope, of, of_period, written};
pub use workbook::workbook;

use chrono::{SubsecRound, Utc};
use serde_json::json;

use super::catalogue::Snapshot;
use super::submissions::{self, Submission};
use crate::db;
use crate::db::conn::{Conn, Database};
use crate::db::publications::{self as stored, Frozen};
use crate::domain::dataset::{Cut, Dataset};
use crate::domain::day::Local;
use crate::domain::hex::hex;
use crate::domain::ids::PublicationId;
use crate::domain::period::Period;
use crate::domain::person::{Actor, Permission};
use crate::domain::publication::{Event, Publication, REMARK_LENGTH, State, Step, submitter};
use crate::domain::questionnaire::Kind;
use crate::error::{Error, Result};
use crate::locale::Message;

/// A publication and what was done with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Course {
    /// The publication.
    pub publication: Publication,
    /// Its steps, the first one first.
    pub events: Vec<Event>,
}

/// The complete figures of a period as they are at this moment.
///
/// # Errors
/// Those of the database.
pub fn live(database: &Database, snapshot: &Snapshot, period: Period, version: i32) -> Result<Dataset> {
    let now = Utc::now().trunc_subsecs(0);
    database.read_at_once(|conn| gather::gather(conn, snapshot, period, version, now))
}

/// Every publication, the latest period first.
///
/// # Errors
/// Not found for whoever may not; those of the database.
pub fn list(conn: &mut Conn, actor: &Actor) -> Result<Vec<Publication>> {
    actor.require(Permission::ReadPublications)?;
    stored::list(conn)
}

/// One publication with its steps.
///
/// # Errors
/// Not found, also for whoever may not; those of the database.
pub fn find(conn: &mut Conn, actor: &Actor, id: PublicationId) -> Result<Course> {
    actor.require(Permission::ReadPublications)?;
    let publication = stored::find(conn, id)?.ok_or_else(not_found)?;
    Ok(Course { publication, events: stored::events(conn, id)? })
}

/// The complete figures of a publication, small groups and all.
///
/// # Errors
/// Not found, also for whoever may not see small groups; those of the database.
pub fn complete(conn: &mut Conn, actor: &Actor, id: PublicationId) -> Result<Dataset> {
    actor.require(Permission::SeeSmallGroups)?;
    stored::find(conn, id)?.ok_or_else(not_found)?;
    frozen_figures(conn, id)
}

fn frozen_figures(conn: &mut Conn, id: PublicationId) -> Result<Dataset> {
    Dataset::read(&stored::complete(conn, id)?).map_err(Error::internal)
}

/// What everyone gets to see of a publication: as it was published, or as it would be today.
///
/// # Errors
/// Not found, also for whoever may not; those of the database.
pub fn public(conn: &mut Conn, snapshot: &Snapshot, actor: &Actor, id: PublicationId) -> Result<Public> {
    let Course { publication, .. } = find(conn, actor, id)?;
    match publication.issued {
        Some(issued) => {
            let file = stored::file(conn, issued.number)?.ok_or_else(not_found)?;
            Ok(Public { dataset: Dataset::read(&file).map_err(Error::internal)?, obstacles: Vec::new() })
        }
        None => {
            let complete = frozen_figures(conn, id)?;
            protected(conn, snapshot, publication.period, &complete)
        }
    }
}

fn protected(conn: &mut Conn, snapshot: &Snapshot, period: Period, complete: &Dataset) -> Result<Public> {
    let mut earlier = Vec::new();
    for publication in stored::list(conn)? {
        let Some(issued) = &publication.issued else {
            continue;
        };
        let file = stored::file(conn, issued.number)?.ok_or_else(not_found)?;
        let inner = stored::complete(conn, publication.id)?;
        let [shown, complete] = [file, inner].map(|bytes| Dataset::read(&bytes).map_err(Error::internal));
        let (period, number) = (publication.period, issued.number);
        earlier.push(protect::Earlier { period, number, complete: complete?, shown: shown? });
    }
    earlier.sort_by_key(|one| one.number);
    let mut between = Vec::new();
    for gap in protect::gaps(period, &earlier) {
        between.push((gap, gather::gather(conn, snapshot, gap, 0, Utc::now())?));
    }
    Ok(protect::protect(complete, period, &earlier, &between))
}

/// Closes a period: freezes its figures as a draft, or as the draft of a correction where it was published.
///
/// # Errors
/// Not found for whoever may not; invalid for a period that is not over or has no answers; conflict where
/// the period is being prepared already, or nothing has changed since it was published; those of the database.
pub fn close(
    database: &Database,
    snapshot: &Snapshot,
    actor: &Actor,
    period: Period,
) -> Result<PublicationId> {
    close_as_sent(database, snapshot, actor, (period, None))
}

/// The same for a form, which is noted with what it made.
///
/// # Errors
/// Those of [`close`].
pub fn close_as_sent(
    database: &Database,
    snapshot: &Snapshot,
    actor: &Actor,
    (period, sent): (Period, Option<&Submission>),
) -> Result<PublicationId> {
    actor.require(Permission::Publish)?;
    let before = database.read(|conn| previous(conn, period))?;
    let version = before.as_ref().map_or(1, |before| before.publication.version + 1);
    let dataset = frozen(database, snapshot, period, version)?;
    if before.as_ref().is_some_and(|before| is_same(&before.complete, &dataset)) {
        return Err(Error::Conflict(Message::new("publications.fault.unchanged")));
    }
    let bytes = dataset.canonical()?;
    database.write_audited(|conn| {
        record_audit(conn, actor, Step::Freeze, period, version, "")?;
        let at = dataset.frozen_at.naive_utc();
        let id = stored::insert(conn, Frozen { period, version, at, complete: &bytes }).map_err(taken)?;
        stored::record(conn, id, actor.audit_name(), Step::Freeze, "")?;
        if let Some(sent) = sent {
            submissions::once(conn, actor, sent, |_| Ok(id.to_string()))?;
        }
        Ok(id)
    })
}

/// The newest published version of a period with all its figures; a conflict where another is being prepared.
struct Before {
    publication: Publication,
    complete: Dataset,
}

fn previous(conn: &mut Conn, period: Period) -> Result<Option<Before>> {
    let versions = stored::list(conn)?.into_iter().filter(|one| one.period == period);
    let newest = versions.max_by_key(|one| one.version);
    match newest {
        None => Ok(None),
        Some(one) if one.state != State::Published => {
            Err(Error::Conflict(Message::new("publications.fault.open")))
        }
        Some(publication) => {
            Ok(Some(Before { complete: frozen_figures(conn, publication.id)?, publication }))
        }
    }
}

/// Only the unique index can tell that someone else was first by a moment.
fn taken(error: Error) -> Error {
    match error {
        Error::Conflict(_) => Error::Conflict(Message::new("publications.fault.open")),
        other => other,
    }
}

fn is_same(one: &Dataset, other: &Dataset) -> bool {
    let bare = |dataset: &Dataset| Dataset {
        issue: None,
        seal: None,
        version: 0,
        frozen_at: chrono::DateTime::UNIX_EPOCH,
        ..dataset.clone()
    };
    bare(one) == bare(other)
}

fn frozen(database: &Database, snapshot: &Snapshot, period: Period, version: i32) -> Result<Dataset> {
    let today = Local::at(Utc::now()).day;
    if period.to() >= today {
        let message = Message::new("publications.fault.not-over").with_day("end", period.to());
        return Err(Error::invalid("period", message));
    }
    let mut dataset = live(database, snapshot, period, version)?;
    let answers: u64 = Kind::ALL
        .iter()
        .filter_map(|kind| dataset.row(*kind, Cut::Total, &[]))
        .filter_map(|row| row.n())
        .sum();
    if answers == 0 {
        return Err(Error::invalid("period", Message::new("publications.fault.no-answers")));
    }
    dataset.seal = Some(hex(&rand::random::<[u8; 32]>()));
    Ok(dataset)
}

/// Freezes the figures of a draft anew, as they are now.
///
/// # Errors
/// Not found, also for whoever may not; invalid for a period without answers; conflict for a version that is
/// neither draft nor returned; those of the database.
pub fn freeze(database: &Database, snapshot: &Snapshot, actor: &Actor, id: PublicationId) -> Result<()> {
    actor.require(Permission::Publish)?;
    let publication = database.read(|conn| stored::find(conn, id))?.ok_or_else(not_found)?;
    let Publication { period, version, .. } = publication;
    let dataset = frozen(database, snapshot, period, version)?;
    let bytes = dataset.canonical()?;
    database.write_audited(|conn| {
        record_audit(conn, actor, Step::Freeze, period, version, "")?;
        let at = dataset.frozen_at.naive_utc();
        if !stored::freeze(conn, id, Frozen { period, version, at, complete: &bytes })? {
            return Err(moved(conn, id));
        }
        stored::record(conn, id, actor.audit_name(), Step::Freeze, "")
    })
}

/// Submits, returns, approves, publishes or discards a version.
///
/// # Errors
/// Not found, also for whoever may not; invalid without a remark where one is needed, or with one that is too
/// long; conflict where the version is not in a state that allows the step, where the one who submitted
/// would approve, or where something stands in the way of publishing; those of the database.
pub fn step(
    database: &Database,
    snapshot: &Snapshot,
    actor: &Actor,
    id: PublicationId,
    (step, remark): (Step, &str),
) -> Result<()> {
    actor.require(Permission::Publish)?;
    let remark = remark.trim();
    check_remark(step, remark)?;
    if step == Step::Publish {
        return issue::publish(database, snapshot, actor, id, remark);
    }
    // Whoever else takes a step at the same time waits here, and then finds another state.
    database.write_audited(|conn| {
        let Course { publication, events } = find(conn, actor, id)?;
        if !publication.state.allows(step) || step == Step::Freeze {
            return Err(moved(conn, id));
        }
        if step == Step::Approve && submitter(&events) == Some(actor.audit_name()) {
            return Err(Error::Conflict(Message::new("publications.fault.own")));
        }
        record_audit(conn, actor, step, publication.period, publication.version, remark)?;
        if !stored::advance(conn, id, step)? {
            return Err(moved(conn, id));
        }
        if step.leads_to().is_some() {
            stored::record(conn, id, actor.audit_name(), step, remark)?;
        }
        Ok(())
    })
}

fn check_remark(step: Step, remark: &str) -> Result<()> {
    let length = remark.chars().count();
    if step.needs_remark() && length == 0 {
        return Err(Error::invalid("remark", Message::new("publications.fault.no-remark")));
    }
    if length > REMARK_LENGTH {
        let message = Message::new("publications.fault.long")
            .with_count("most", REMARK_LENGTH)
            .with_count("found", length);
        return Err(Error::invalid("remark", message));
    }
    Ok(())
}

/// Why a step did not happen: nothing of that id, or it is elsewhere by now.
fn moved(conn: &mut Conn, id: PublicationId) -> Error {
    match stored::find(conn, id) {
        Ok(Some(_)) => Error::Conflict(Message::new("publications.fault.moved")),
        Ok(None) => not_found(),
        Err(error) => error,
    }
}

fn record_audit(
    conn: &mut Conn,
    actor: &Actor,
    step: Step,
    period: Period,
    version: i32,
    remark: &str,
) -> Result<()> {
    let details = if remark.is_empty() { json!({}) } else { json!({ "remark": remark }) };
    db::audit::insert(
        conn,
        actor,
        &format!("publication.{}", step.key()),
        &subject(period, version),
        &details,
    )
}

/// How the audit names a version.
fn subject(period: Period, version: i32) -> String {
    format!("publication:{period}-{version}")
}

fn not_found() -> Error {
    Error::NotFound(Message::new("error.page-not-found"))
}
