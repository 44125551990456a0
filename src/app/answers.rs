//! Reading what a citizen sent: a form becomes a response, or the list of what is wrong with it.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use uuid::{Uuid, Variant};

use super::catalogue::Snapshot;
use crate::domain::answer::{COMMENT_LENGTH, Comment, Response, Score, Scores};
use crate::domain::day::Local;
use crate::domain::flags::{Flag, Flags};
use crate::domain::ids::{FieldId, ProcedureId};
use crate::domain::link::{Channel, Link, Respondent};
use crate::domain::procedure::ProcedureVersion;
use crate::domain::questionnaire::Questionnaire;
use crate::error::FieldError;
use crate::locale::{Lang, Message};

/// The names and values of a form that was sent; of a repeated name the last value counts.
#[derive(Debug, Clone, Default)]
pub struct Form(BTreeMap<String, String>);

impl Form {
    /// The value under a name, without the space around it; none where there is nothing.
    pub fn value(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(|value| value.trim()).filter(|value| !value.is_empty())
    }
}

impl<N: Into<String>, V: Into<String>> FromIterator<(N, V)> for Form {
    fn from_iter<I: IntoIterator<Item = (N, V)>>(pairs: I) -> Self {
        Self(pairs.into_iter().map(|(name, value)| (name.into(), value.into())).collect())
    }
}

/// Reads a form that was sent to a link; names that nobody asked for are passed over.
///
/// # Errors
/// One entry for each field that does not fit, in the order of the page.
pub fn read(
    snapshot: &Snapshot,
    link: &Link,
    questionnaire: &Questionnaire,
    form: &Form,
    language: Lang,
    channel: Channel,
    now: Local,
) -> Result<Response, Vec<FieldError>> {
    let mut faults = Faults::default();
    let id = faults.keep(id(form));
    let place = faults.keep(place(snapshot, link, form, now.day));
    let scores = scores(questionnaire, link, form, &mut faults);
    let comment = faults.keep(comment(form));
    let respondent = faults.keep(respondent(form));
    let served = faults.keep(served(snapshot, link));
    let (Some(id), Some((field, procedure)), Some(comment), Some(respondent), Some(served), true) =
        (id, place, comment, respondent, served, faults.0.is_empty())
    else {
        return Err(faults.0);
    };
    Ok(Response {
        id,
        served,
        deciding: link.deciding.unwrap_or(served),
        counter: link.counter,
        link: link.id,
        questionnaire: questionnaire.id,
        field,
        procedure,
        stage: link.stage,
        channel,
        respondent,
        language,
        day: now.day,
        half: now.half(),
        scores,
        comment: comment.map(|body| Comment { id: Uuid::new_v4(), body }),
        flags: if channel == Channel::Kiosk { Flags::NONE.with(Flag::Assisted) } else { Flags::NONE },
    })
}

/// The field that a link knows, by itself or from its procedure.
pub fn field_of(snapshot: &Snapshot, link: &Link, day: NaiveDate) -> Option<FieldId> {
    link.field.or_else(|| snapshot.procedure(link.procedure?, day).map(|version| version.field))
}

/// The procedure of a field that bears a code on a day.
pub fn procedure_of<'a>(
    snapshot: &'a Snapshot,
    field: FieldId,
    code: &str,
    day: NaiveDate,
) -> Option<&'a ProcedureVersion> {
    snapshot.procedures_of(field, day).find(|version| version.code == code)
}

/// The id that a page carries, where it is a random one.
pub fn page_id(form: &Form) -> Option<Uuid> {
    let id = Uuid::try_parse(form.value("id")?).ok()?;
    // Other versions hold a time or an address of a machine.
    (id.get_version_num() == 4 && id.get_variant() == Variant::RFC4122).then_some(id)
}

#[derive(Default)]
struct Faults(Vec<FieldError>);

impl Faults {
    fn keep<T>(&mut self, read: Result<T, FieldError>) -> Option<T> {
        read.map_err(|fault| self.0.push(fault)).ok()
    }
}

fn fault(field: &str, key: &'static str) -> FieldError {
    FieldError::new(field, Message::new(key))
}

fn id(form: &Form) -> Result<Uuid, FieldError> {
    page_id(form).ok_or_else(|| fault("id", "survey.fault.id"))
}

fn served(snapshot: &Snapshot, link: &Link) -> Result<crate::domain::ids::UnitId, FieldError> {
    let counter = snapshot.counters.get(&link.counter);
    counter.map(|counter| counter.unit).ok_or_else(|| fault("counter", "survey.fault.counter"))
}

fn place(
    snapshot: &Snapshot,
    link: &Link,
    form: &Form,
    day: NaiveDate,
) -> Result<(Option<FieldId>, Option<ProcedureId>), FieldError> {
    if !link.kind.has_fields() {
        return Ok((None, None));
    }
    let chosen = || form.value("field").and_then(|key| snapshot.field_by_key(key)).map(|field| field.id);
    let field = field_of(snapshot, link, day).or_else(chosen);
    let field = field.ok_or_else(|| fault("field", "survey.fault.field"))?;
    let procedure = match (link.procedure, form.value("procedure")) {
        (Some(known), _) => Some(known),
        (None, None) => None,
        (None, Some(code)) => {
            let version = procedure_of(snapshot, field, code, day);
            Some(version.ok_or_else(|| fault("procedure", "survey.fault.procedure"))?.procedure)
        }
    };
    Ok((Some(field), procedure))
}

fn scores(questionnaire: &Questionnaire, link: &Link, form: &Form, faults: &mut Faults) -> Scores {
    let mut scores = Scores::new();
    for question in questionnaire.asked_at(link.stage) {
        let read = form.value(&question.key).map(Score::from_form);
        match read {
            Some(Some(score)) if score != Score::NotApplicable || question.allows_na => {
                scores.insert(question.key.clone(), score);
            }
            Some(_) => faults.0.push(fault(&question.key, "survey.fault.level")),
            None if question.required => faults.0.push(fault(&question.key, "survey.fault.required")),
            None => {}
        }
    }
    scores
}

fn comment(form: &Form) -> Result<Option<String>, FieldError> {
    let Some(sent) = form.value("comment") else { return Ok(None) };
    // Browsers send a line break as two characters; other control characters have no place in a text.
    let body: String =
        sent.chars().filter(|character| !character.is_control() || matches!(character, '\n' | '\t')).collect();
    let length = body.chars().count();
    if length > COMMENT_LENGTH {
        let message = Message::new("survey.fault.comment").with("most", COMMENT_LENGTH).with("found", length);
        return Err(FieldError::new("comment", message));
    }
    Ok(Some(body).filter(|body| !body.is_empty()))
}

fn respondent(form: &Form) -> Result<Option<Respondent>, FieldError> {
    match form.value("respondent") {
        None => Ok(None),
        Some(key) => {
            Respondent::from_key(key).map(Some).ok_or_else(|| fault("respondent", "survey.fault.respondent"))
        }
    }
}

#[cfg(test)]
#[path = "answers_tests.rs"]
mod tests;
