//! Answers on paper and from interviews: batches and their sheets.

mod closing;

use chrono::{Datelike, NaiveDate, NaiveTime, Utc};
use serde_json::json;
use uuid::Uuid;

use super::answers::{self, Form};
use super::catalogue::Snapshot;
use super::intake;
use crate::db;
use crate::db::conn::Conn;
use crate::domain::answer::{Outcome, Scores};
use crate::domain::batch::{Batch, MOST_SHEETS, State};
use crate::domain::code::Code;
use crate::domain::day::Local;
use crate::domain::ids::{BatchId, CounterId, FieldId, LinkId, ProcedureId, UnitId};
use crate::domain::keyed;
use crate::domain::link::{Channel, Link, Stage};
use crate::domain::person::{Actor, Permission};
use crate::domain::questionnaire::{Kind, Question, Questionnaire};
use crate::error::{Error, FieldError, Result};
use crate::locale::{Lang, Message};

pub use closing::{check, checks, close};

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

/// A sheet as it is typed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sheet {
    /// Number in the batch, from 1.
    pub number: i32,
    /// Digits.
    pub answers: String,
    /// Comment, empty for none.
    pub comment: String,
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
    let today = Local::at(Utc::now()).day;
    if draft.day > today {
        fault("day", Message::new("entry.fault.future").with("found", draft.day.format("%d/%m/%Y")));
    }
    if !(1..=MOST_SHEETS).contains(&draft.announced) {
        fault(
            "announced",
            Message::new("entry.fault.announced").with("most", MOST_SHEETS).with("found", draft.announced),
        );
    }
    faults
}

/// Keys in a sheet: the next one, or again one that is in, which then stays as it was first keyed.
///
/// # Errors
/// Not found; conflict when the batch takes no more sheets; invalid with every fault of the sheet.
pub fn key_in(
    conn: &mut Conn,
    snapshot: &Snapshot,
    actor: &Actor,
    id: BatchId,
    sheet: &Sheet,
) -> Result<Outcome> {
    let batch = find(conn, snapshot, actor, id)?;
    let questionnaire = questionnaire(snapshot, &batch)?;
    let scores = scores(&questions(snapshot, &batch)?, &sheet.answers)?;
    let place = Place {
        counter: batch.counter,
        kind: questionnaire.kind,
        field: batch.field,
        procedure: batch.procedure,
        stage: batch.stage,
        day: batch.day,
    };
    let link = Link {
        id: batch.link.unwrap_or_else(|| 0.into()),
        deciding: Some(batch.deciding),
        ..place.link(snapshot)
    };
    let id_of_answer = batch.answer_id(sheet.number);
    let form: Form = pairs(id_of_answer, &scores, &sheet.comment).into_iter().collect();
    let read = answers::read(snapshot, &link, questionnaire, &form, Lang::Vi, batch.channel, place.moment());
    let response = read.map_err(Error::Invalid)?;
    let is_next = sheet.number == batch.keyed.saturating_add(1);
    if batch.state != State::Open {
        return Err(Error::Conflict(Message::new("entry.error.no-more-sheets")));
    }
    if sheet.number < 1 || (sheet.number > batch.keyed && !is_next) {
        let message = Message::new("entry.fault.order").with("expected", batch.keyed.saturating_add(1));
        return Err(Error::invalid("answers", message.with("found", sheet.number)));
    }
    if is_next {
        db::audit::insert(conn, actor, "batch.key", &subject(id), &json!({ "sheet": sheet.number }))?;
        if !db::batches::count_sheet(conn, id, batch.keyed)? {
            return Err(Error::Conflict(Message::new("entry.error.moved-on")));
        }
    }
    let outcome = intake::store(conn, &[response], &snapshot.questionnaires)?;
    outcome.first().copied().ok_or_else(|| Error::internal("a sheet without an outcome"))
}

/// A sheet as the names and values that a page would send.
pub(super) fn pairs(id: Uuid, scores: &Scores, comment: &str) -> Vec<(String, String)> {
    let answers = scores.iter().map(|(key, score)| (key.clone(), score.form_value().to_owned()));
    let rest = [("id".to_owned(), id.to_string()), ("comment".to_owned(), comment.to_owned())];
    answers.chain(rest).collect()
}

fn scores(questions: &[&Question], text: &str) -> Result<Scores> {
    keyed::read(text, questions).map_err(|faults| {
        Error::Invalid(faults.into_iter().map(|fault| FieldError::new("answers", fault)).collect())
    })
}
