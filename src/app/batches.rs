//! Answers on paper and from interviews: batches and their sheets.

mod closing;
mod sheets;

use chrono::{Datelike, NaiveDate, NaiveTime, Utc};
use serde_json::json;
use uuid::Uuid;

use super::catalogue::Snapshot;
use crate::db;
use crate::db::conn::Conn;
use crate::domain::batch::{Batch, MOST_SHEETS, State};
use crate::domain::code::Code;
use crate::domain::day::Local;
use crate::domain::ids::{BatchId, CounterId, FieldId, LinkId, ProcedureId, UnitId};
use crate::domain::link::{Channel, Link, Stage};
use crate::domain::period::Period;
use crate::domain::person::{Actor, Permission};
use crate::domain::questionnaire::{Kind, Question, Questionnaire};
use crate::error::{Error, FieldError, Result};
use crate::locale::Message;

pub use closing::{check, checks, close};
pub(super) use sheets::pairs;
pub use sheets::{Sheet, correct, digits, fingerprint, kept, kept_all, key_in, scores_of, strike};

/// A batch as it is typed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BatchDraft {
    /// Counter.
    pub counter: CounterId,
    /// Paper or interview.
    pub channel: Channel,
    /// Questionnaire kind; its newest published version must be the one on the sheets.
    pub kind: Kind,
    /// Field, for a kind that has fields.
    pub field: Option<FieldId>,
    /// Procedure, where all sheets are about the same.
    pub procedure: Option<ProcedureId>,
    /// Stage, for a kind that has stages.
    pub stage: Option<Stage>,
    /// Day of the answers.
    pub day: NaiveDate,
    /// Sheets announced.
    pub announced: i32,
}

/// Lets an actor go on who may enter answers at a unit; for others there is no such thing.
///
/// # Errors
/// Not found.
pub fn reach(snapshot: &Snapshot, actor: &Actor, unit: UnitId) -> Result<()> {
    actor.require(Permission::EnterAnswers)?;
    if super::reach::contains(snapshot, actor, unit) {
        Ok(())
    } else {
        Err(Error::NotFound(Message::new("error.unit-not-found")))
    }
}

/// How the audit names a batch.
pub fn subject(id: BatchId) -> String {
    format!("batch:{id}")
}

/// The batches of all units within the actor's reach, newest first.
///
/// # Errors
/// Not found for whoever may not; those of the database.
pub fn list(conn: &mut Conn, snapshot: &Snapshot, actor: &Actor) -> Result<Vec<Batch>> {
    actor.require(Permission::EnterAnswers)?;
    let mut batches = db::batches::list(conn)?;
    if !actor.sees_province() {
        let seen = actor.scope().map(|own| snapshot.units.subtree(own)).unwrap_or_default();
        batches.retain(|batch| seen.contains(&batch.unit));
    }
    Ok(batches)
}

/// Batches that are still keyed in, whose sheets no figure counts yet.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Waiting {
    /// Batches.
    pub batches: u64,
    /// Sheets that were keyed in and stand.
    pub sheets: u64,
}

/// The batches of a period that are still keyed in, within the actor's reach; none where there is none.
///
/// # Errors
/// Not found for whoever may not; those of the database.
pub fn waiting(
    conn: &mut Conn,
    snapshot: &Snapshot,
    actor: &Actor,
    period: Period,
) -> Result<Option<Waiting>> {
    let batches = list(conn, snapshot, actor)?;
    let open = batches.iter().filter(|batch| batch.state == State::Open && period.contains(batch.day));
    Ok(open.fold(None, |waiting: Option<Waiting>, batch| {
        let Waiting { batches, sheets } = waiting.unwrap_or_default();
        let standing = u64::try_from(batch.standing()).unwrap_or_default();
        Some(Waiting { batches: batches + 1, sheets: sheets + standing })
    }))
}

/// A batch within the actor's reach.
///
/// # Errors
/// Not found; those of the database.
pub fn find(conn: &mut Conn, snapshot: &Snapshot, actor: &Actor, id: BatchId) -> Result<Batch> {
    actor.require(Permission::EnterAnswers)?;
    let gone = || Error::NotFound(Message::new("entry.error.no-batch"));
    let batch = db::batches::find(conn, id)?.ok_or_else(gone)?;
    reach(snapshot, actor, batch.unit).map_err(|_| gone())?;
    Ok(batch)
}

/// The unit for which the answers of a batch count: the one that ran its counter on their day.
fn served(snapshot: &Snapshot, batch: &Batch) -> UnitId {
    snapshot.units.present(batch.unit, batch.day).unit()
}

/// The questionnaire that is on the sheets of a batch.
///
/// # Errors
/// Internal for a questionnaire that is not in the catalogue.
pub fn questionnaire<'a>(snapshot: &'a Snapshot, batch: &Batch) -> Result<&'a Questionnaire> {
    let mut all = snapshot.questionnaires.iter();
    let found = all.find(|one| one.id == batch.questionnaire);
    found.ok_or_else(|| Error::internal("a batch with an unknown questionnaire"))
}

/// The questions of a batch in the order in which they are keyed.
///
/// # Errors
/// Internal for a questionnaire that is not in the catalogue.
pub fn questions<'a>(snapshot: &'a Snapshot, batch: &Batch) -> Result<Vec<&'a Question>> {
    Ok(questionnaire(snapshot, batch)?.asked_at(batch.stage).collect())
}

/// Opens a batch; its sheets ask what was asked on their day.
///
/// # Errors
/// Not found for a counter out of reach; invalid with every fault; those of the database.
pub fn open(conn: &mut Conn, snapshot: &Snapshot, actor: &Actor, draft: &BatchDraft) -> Result<Batch> {
    let gone = || Error::NotFound(Message::new("error.unit-not-found"));
    let unit = snapshot.counters.get(&draft.counter).map(|counter| counter.unit).ok_or_else(gone)?;
    reach(snapshot, actor, unit)?;
    let faults = faults(snapshot, draft);
    let (Some(questionnaire), true) = (snapshot.asked_on(draft.kind, draft.day), faults.is_empty()) else {
        return Err(Error::Invalid(faults));
    };
    let (year, has_fields) = (draft.day.year(), draft.kind.has_fields());
    let place = Place {
        counter: draft.counter,
        kind: draft.kind,
        field: draft.field.filter(|_| has_fields),
        procedure: draft.procedure.filter(|_| has_fields),
        stage: draft.stage.filter(|_| has_fields),
        day: draft.day,
    };
    let link = place.link(snapshot);
    let batch = Batch {
        id: 0.into(),
        unit,
        year,
        number: db::batches::next_number(conn, unit, year)?,
        channel: draft.channel,
        counter: draft.counter,
        link: LinkId::stated(link.id.raw()),
        questionnaire: questionnaire.id,
        field: place.field,
        procedure: place.procedure,
        deciding: link.deciding.unwrap_or(unit),
        stage: place.stage,
        day: draft.day,
        announced: draft.announced,
        keyed: 0,
        struck: 0,
        seed: Uuid::new_v4(),
        state: State::Open,
        opened_by: actor.audit_name().to_owned(),
        created_at: Utc::now().naive_utc(),
        closed_at: None,
        remark: String::new(),
        compared: 0,
        differing: 0,
    };
    let id = db::batches::insert(conn, &batch)?;
    let details = json!({ "unit": unit, "number": batch.name(), "announced": batch.announced });
    db::audit::insert(conn, actor, "batch.create", &subject(id), &details)?;
    Ok(Batch { id, ..batch })
}

/// What answers on paper are about, as a link says it for those from a phone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Place {
    pub counter: CounterId,
    pub kind: Kind,
    pub field: Option<FieldId>,
    pub procedure: Option<ProcedureId>,
    pub stage: Option<Stage>,
    pub day: NaiveDate,
}

impl Place {
    /// The counter's own link for this, the most exact and newest one; else one without an id.
    ///
    /// Field and procedure are those of the place, also where the printed code leaves them open.
    pub(super) fn link(&self, snapshot: &Snapshot) -> Link {
        let fits = |link: &&Link| {
            link.counter == self.counter
                && link.kind == self.kind
                && link.stage == self.stage
                && link.field.is_none_or(|field| self.field == Some(field))
                && link.procedure.is_none_or(|procedure| self.procedure == Some(procedure))
        };
        let exact = |link: &&Link| (link.procedure.is_some(), link.field.is_some(), !link.revoked, link.id);
        let known = snapshot.links.values().filter(fits).max_by_key(exact).cloned();
        let base = known.unwrap_or_else(|| Link {
            id: 0.into(),
            code: Code::numbered(0),
            counter: self.counter,
            kind: self.kind,
            field: None,
            procedure: None,
            deciding: None,
            stage: self.stage,
            valid_from: self.day,
            valid_to: None,
            revoked: false,
            replaces: None,
        });
        Link { field: self.field, procedure: self.procedure, ..base }
    }

    /// Half-days are not known of paper; the morning stands for the day.
    pub(super) const fn moment(&self) -> Local {
        Local { day: self.day, time: NaiveTime::MIN }
    }
}

/// Why nobody can have answered at the counter of a batch on its day.
fn day_fault(snapshot: &Snapshot, draft: &BatchDraft) -> Option<Message> {
    let (day, counter) = (draft.day, snapshot.counters.get(&draft.counter)?);
    let key = if day > Local::at(Utc::now()).day {
        "entry.fault.future"
    } else if snapshot.units.on(snapshot.units.present(counter.unit, day).unit(), day).is_none() {
        "entry.fault.no-unit"
    } else if counter.is_closed_on(day) {
        "entry.fault.closed"
    } else {
        return None;
    };
    Some(Message::new(key).with_day("found", day))
}

fn faults(snapshot: &Snapshot, draft: &BatchDraft) -> Vec<FieldError> {
    let mut faults = Vec::new();
    let mut fault = |field: &str, message: Message| faults.push(FieldError::new(field, message));
    if !Channel::BY_STAFF.contains(&draft.channel) {
        fault("channel", Message::new("error.missing"));
    }
    if snapshot.asked_on(draft.kind, draft.day).is_none() {
        fault("kind", Message::new("entry.fault.no-questionnaire"));
    }
    if draft.kind.has_fields() {
        if draft.stage.is_none() {
            fault("stage", Message::new("error.stage-missing"));
        }
        match draft.field.and_then(|field| snapshot.field(field)) {
            None => fault("field", Message::new("entry.fault.field")),
            Some(field) if field.is_closed_on(draft.day) => {
                fault("field", Message::new("error.field-closed").with_day("day", draft.day));
            }
            Some(_) => {}
        }
        let of_field = |id: ProcedureId| {
            let versions = snapshot.procedures.iter();
            let mut fitting = versions.filter(|one| one.procedure == id && one.is_valid_on(draft.day));
            fitting.any(|one| draft.field == Some(one.field))
        };
        if draft.procedure.is_some_and(|id| !of_field(id)) {
            fault("procedure", Message::new("error.procedure-not-of-field"));
        }
    }
    if let Some(message) = day_fault(snapshot, draft) {
        fault("day", message);
    }
    if !(1..=MOST_SHEETS).contains(&draft.announced) {
        fault(
            "announced",
            Message::new("entry.fault.announced")
                .with_count("most", MOST_SHEETS)
                .with("found", draft.announced),
        );
    }
    faults
}
