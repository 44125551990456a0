//! Links: made, revoked and replaced, with their history.

mod life;

use std::collections::BTreeSet;

use chrono::{NaiveDate, NaiveTime, Utc};
use serde_json::json;
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::catalogue::Snapshot;
use super::jobs::{self, Outcome, Report, Task};
use super::progress::Progress;
use crate::db;
use crate::db::conn::Conn;
use crate::domain::code::{Code, SPACE};
use crate::domain::day::{self, Local};
use crate::domain::hex::hex;
use crate::domain::ids::{CounterId, FieldId, LinkId, ProcedureId, UnitId};
use crate::domain::job::Step;
use crate::domain::link::{Counter, Link, Stage};
use crate::domain::person::{Actor, Permission};
use crate::domain::procedure::Field;
use crate::domain::questionnaire::Kind;
use crate::error::{Error, FieldError, Result};
use crate::locale::Message;

pub(super) use life::end_outliving;
use life::{Ground, is_open};

/// Longest name of a counter, in characters.
pub const COUNTER_LENGTH: usize = 80;

/// A counter as it is typed; one that the unit has already is used again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CounterDraft {
    /// Unit that runs it.
    pub unit: UnitId,
    /// Name.
    pub name: String,
    /// Opening hour.
    pub opens: NaiveTime,
    /// Closing hour.
    pub closes: NaiveTime,
}

/// A link as it is typed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LinkDraft {
    /// Counter.
    pub counter: CounterDraft,
    /// Questionnaire kind.
    pub kind: Kind,
    /// Field, if the code shall know it.
    pub field: Option<FieldId>,
    /// Procedure, if the code shall know it.
    pub procedure: Option<ProcedureId>,
    /// Unit that decides, if not the unit served.
    pub deciding: Option<UnitId>,
    /// Stage; needed where the questionnaire is about a dossier.
    pub stage: Option<Stage>,
    /// First day.
    pub valid_from: NaiveDate,
    /// Last day, if it ends.
    pub valid_until: Option<NaiveDate>,
}

/// Makes a link with a fresh code, which ends at the latest when something ends that it hangs on.
///
/// # Errors
/// Not found for whoever may not; invalid with every fault of the draft; those of the database.
pub fn create(conn: &mut Conn, actor: &Actor, draft: &LinkDraft) -> Result<Link> {
    actor.require(Permission::ManageLinks)?;
    let (ground, mut link) = (Ground::load(conn)?, drafted(draft, fresh_code(conn)?));
    let mut faults = faults(&ground, draft);
    if faults.is_empty() {
        faults.extend(ground.fault(draft, &link));
    }
    if !faults.is_empty() {
        return Err(Error::Invalid(faults));
    }
    let (counter, name) = (&draft.counter, draft.counter.name.trim());
    let end = ground.end(&link, counter.unit, ground.named(counter.unit, name)).map(|(_, end)| end);
    link.valid_to = link.valid_to.or(end);
    link.counter = db::links::counter_by_name(conn, counter.unit, name, (counter.opens, counter.closes))?;
    save(conn, actor, link, "link.create")
}

/// The link of a draft, at a counter that is still to be found.
fn drafted(draft: &LinkDraft, code: Code) -> Link {
    Link {
        id: LinkId::from(0),
        code,
        counter: CounterId::from(0),
        kind: draft.kind,
        field: draft.field,
        procedure: draft.procedure,
        deciding: draft.deciding,
        stage: draft.stage.filter(|_| draft.kind.has_fields()),
        valid_from: draft.valid_from,
        valid_to: draft.valid_until.map(day::next),
        revoked: false,
        replaces: None,
    }
}

/// Ends a link: its page then says that the code is no longer in use.
///
/// # Errors
/// Not found for whoever may not; not found; conflict when it was revoked before; those of the database.
pub fn revoke(conn: &mut Conn, snapshot: &Snapshot, actor: &Actor, id: LinkId) -> Result<()> {
    actor.require(Permission::ManageLinks)?;
    find(snapshot, id)?;
    end(conn, actor, id, "link.revoke")
}

/// Ends a link and makes another with the same contents and a fresh code, for a lost or copied print.
///
/// # Errors
/// Those of [`revoke`]; conflict for a link that ran out, whose like nobody could answer either.
pub fn replace(conn: &mut Conn, snapshot: &Snapshot, actor: &Actor, id: LinkId) -> Result<Link> {
    actor.require(Permission::ManageLinks)?;
    find(snapshot, id)?;
    let old = db::links::list(conn)?.into_iter().find(|link| link.id == id).ok_or_else(no_link)?;
    if let Some(end) = old.valid_to.filter(|end| *end <= Local::at(Utc::now()).day) {
        return Err(Error::Conflict(Message::new("error.link-run-out").with_day("last", day::previous(end))));
    }
    end(conn, actor, id, "link.replace")?;
    let link = Link { code: fresh_code(conn)?, replaces: Some(id), revoked: false, ..old };
    save(conn, actor, link, "link.create")
}

fn find(snapshot: &Snapshot, id: LinkId) -> Result<&Link> {
    snapshot.link(id).ok_or_else(no_link)
}

fn no_link() -> Error {
    Error::NotFound(Message::new("error.link-not-found"))
}

fn end(conn: &mut Conn, actor: &Actor, id: LinkId, action: &str) -> Result<()> {
    if !db::links::revoke(conn, id)? {
        return Err(Error::Conflict(Message::new("error.link-revoked-before")));
    }
    db::audit::insert(conn, actor, action, &subject(id), &json!({}))?;
    db::revision::bump(conn)
}

fn save(conn: &mut Conn, actor: &Actor, link: Link, action: &str) -> Result<Link> {
    let link = insert(conn, actor, link, action)?;
    db::revision::bump(conn)?;
    Ok(link)
}

fn insert(conn: &mut Conn, actor: &Actor, link: Link, action: &str) -> Result<Link> {
    let id = db::links::insert(conn, &link)?;
    let details = json!({ "code": link.code.as_str(), "replaces": link.replaces });
    db::audit::insert(conn, actor, action, &subject(id), &details)?;
    Ok(Link { id, ..link })
}

/// What is made in bulk: a link of one kind for every open counter of some units, at each stage.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bulk {
    /// Units that run the counters.
    pub units: BTreeSet<UnitId>,
    /// Questionnaire kind.
    pub kind: Kind,
    /// Stages; not looked at where the questionnaire is not about a dossier.
    pub stages: Vec<Stage>,
    /// First day.
    pub valid_from: NaiveDate,
}

/// What a bulk would make.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Plan {
    /// Counters and stages without such a link.
    pub missing: Vec<(CounterId, Option<Stage>)>,
    /// How many have one already.
    pub present: usize,
}

/// Finds what a bulk would make; a counter that has such a link for the day gets no second one.
///
/// # Errors
/// Not found for whoever may not; invalid where no unit or no stage is chosen, or where the units have no open counter.
pub fn plan(snapshot: &Snapshot, actor: &Actor, bulk: &Bulk) -> Result<Plan> {
    actor.require(Permission::ManageLinks)?;
    let day = bulk.valid_from;
    let stages: Vec<Option<Stage>> = match bulk.kind.has_fields() {
        true => bulk.stages.iter().copied().map(Some).collect(),
        false => vec![None],
    };
    let mut faults = Vec::new();
    if bulk.units.is_empty() {
        faults.push(FieldError::new("units", Message::new("catalogue.fault.no-units")));
    }
    if stages.is_empty() {
        faults.push(FieldError::new("stages", Message::new("error.stage-missing")));
    }
    if !faults.is_empty() {
        return Err(Error::Invalid(faults));
    }
    let is_wanted = |counter: &Counter| {
        let unit = snapshot.units.present(counter.unit, day).unit();
        bulk.units.contains(&unit) && is_open(&snapshot.units, counter, day)
    };
    let has = |counter, stage| {
        snapshot.links.values().any(|link| {
            (link.counter, link.kind, link.stage) == (counter, bulk.kind, stage)
                && (link.field, link.procedure) == (None, None)
                && link.is_open_on(day)
        })
    };
    let mut plan = Plan::default();
    for counter in snapshot.counters.values().filter(|counter| is_wanted(counter)) {
        for stage in &stages {
            if has(counter.id, *stage) {
                plan.present += 1;
            } else {
                plan.missing.push((counter.id, *stage));
            }
        }
    }
    if plan.missing.is_empty() && plan.present == 0 {
        return Err(Error::invalid("units", Message::new("catalogue.fault.no-counter")));
    }
    Ok(plan)
}

/// Makes what a bulk misses in the name of a job, all or nothing, and says how many links that were. Each ends
/// with its counter.
///
/// # Errors
/// Not found for whoever may not; conflict where a counter was closed meanwhile; those of the database.
pub fn create_bulk(
    conn: &mut Conn,
    actor: &Actor,
    bulk: &Bulk,
    plan: &Plan,
    (job, progress): (Uuid, &Progress),
) -> Result<usize> {
    actor.require(Permission::ManageLinks)?;
    let ground = Ground::load(conn)?;
    progress.begin(Step::Writing, plan.missing.len());
    let mut made = Vec::with_capacity(plan.missing.len());
    for (counter, stage) in &plan.missing {
        let end = ground.end_of_open(*counter, bulk.valid_from)?;
        let link = Link {
            id: LinkId::from(0),
            code: fresh_code(conn)?,
            counter: *counter,
            kind: bulk.kind,
            field: None,
            procedure: None,
            deciding: None,
            stage: *stage,
            valid_from: bulk.valid_from,
            valid_to: end,
            revoked: false,
            replaces: None,
        };
        made.push(insert(conn, actor, link, "link.create")?.id);
        progress.advance(1)?;
    }
    db::links::save_job(conn, job, &made)?;
    db::revision::bump(conn)?;
    Ok(made.len())
}

/// A job that makes what a bulk misses, as many links as were seen.
///
/// It fails with a conflict when that number changed, and with the errors of [`plan`] and [`create_bulk`].
pub fn bulk_task(actor: &Actor, bulk: Bulk, seen: usize) -> Task {
    let (actor, subject) = (actor.clone(), hex(&Sha256::digest(format!("{bulk:?}"))));
    let work: jobs::Work = Box::new(move |context| {
        let plan = plan(&context.snapshot, &actor, &bulk)?;
        let found = plan.missing.len();
        if found != seen {
            let message = Message::new("jobs.links-differ").with("seen", seen).with("found", found);
            return Err(Error::Conflict(message));
        }
        let job = context.job;
        Ok(Box::new(move |conn, progress| {
            let made = create_bulk(conn, &actor, &bulk, &plan, (job, progress))?;
            Ok(Outcome { report: Report::Links(made), file: None })
        }))
    });
    Task::new(jobs::Kind::Links, subject, work)
}

/// Notes that links were opened for printing, for those that never were.
///
/// # Errors
/// Those of the database.
pub fn printed(conn: &mut Conn, actor: &Actor, links: &[LinkId], progress: &Progress) -> Result<()> {
    progress.begin(Step::Writing, links.len());
    for id in links {
        progress.advance(1)?;
        if db::links::mark_printed(conn, *id)? {
            db::audit::insert(conn, actor, "link.print", &subject(*id), &json!({}))?;
        }
    }
    Ok(())
}

/// How the audit names a link.
pub fn subject(id: LinkId) -> String {
    format!("link:{id}")
}

fn fresh_code(conn: &mut Conn) -> Result<Code> {
    // Among 28 million codes a dozen tries fail only when nearly all are taken.
    for _ in 0..12 {
        let code = Code::numbered(rand::random_range(0..SPACE));
        if !db::links::exists(conn, &code)? {
            return Ok(code);
        }
    }
    Err(Error::internal("no free code was found"))
}

/// What does not fit in the words of a counter.
pub(super) fn counter_faults(draft: &CounterDraft) -> Vec<FieldError> {
    let mut faults = Vec::new();
    let length = draft.name.trim().chars().count();
    if length == 0 || length > COUNTER_LENGTH {
        faults.push(FieldError::new("counter", Message::new("error.counter-name")));
    }
    if draft.opens >= draft.closes {
        faults.push(FieldError::new("closes", Message::new("error.counter-hours")));
    }
    faults
}

/// What is wrong with the field of a link that begins on a day.
fn field_fault(fields: &[Field], id: Option<FieldId>, day: NaiveDate) -> Option<FieldError> {
    let id = id?;
    let message = match fields.iter().find(|field| field.id == id) {
        None => Message::new("error.field-unknown"),
        Some(field) if field.is_closed_on(day) => Message::new("error.field-closed").with_day("day", day),
        Some(_) => return None,
    };
    Some(FieldError::new("field", message))
}

fn faults(ground: &Ground, draft: &LinkDraft) -> Vec<FieldError> {
    let mut faults = counter_faults(&draft.counter);
    let day = draft.valid_from;
    faults.extend(field_fault(&ground.fields, draft.field, day));
    let mut fault = |field: &str, key: &'static str| faults.push(FieldError::new(field, Message::new(key)));
    let counter = ground.named(draft.counter.unit, draft.counter.name.trim());
    if counter.is_some_and(|counter| counter.is_closed_on(day)) {
        fault("counter", "error.counter-closed");
    }
    if ground.units.on(draft.counter.unit, day).is_none() {
        fault("unit", "error.unit-not-in-force");
    }
    if draft.deciding.is_some_and(|unit| ground.units.on(unit, day).is_none()) {
        fault("deciding", "error.unit-not-in-force");
    }
    if draft.kind.has_fields() && draft.stage.is_none() {
        fault("stage", "error.stage-missing");
    }
    if !draft.kind.has_fields() && (draft.field.is_some() || draft.procedure.is_some()) {
        fault("field", "error.field-not-asked");
    }
    let fits = |id| {
        let version = ground.procedures.iter().find(|one| one.procedure == id && one.is_valid_on(day));
        version.is_some_and(|version| draft.field == Some(version.field))
    };
    if draft.procedure.is_some_and(|id| !fits(id)) {
        fault("procedure", "error.procedure-not-of-field");
    }
    if draft.valid_until.is_some_and(|until| until < day) {
        fault("valid_until", "error.dates-reversed");
    }
    let (today, ends) = (Local::at(Utc::now()).day, draft.valid_until.map(|until| ("valid_until", until)));
    if let Some(until) = draft.valid_until.filter(|until| (day..today).contains(until)) {
        let message = Message::new("error.ends-gone-by").with_day("today", today).with_day("found", until);
        faults.push(FieldError::new("valid_until", message));
    }
    for (field, found) in [("valid_from", day)].into_iter().chain(ends) {
        faults.extend(day::far_fault(found, today).map(|message| FieldError::new(field, message)));
    }
    faults
}
