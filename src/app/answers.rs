//! Reading what a citizen sent: a form becomes a response, or the list of what is wrong with it.

use std::collections::BTreeMap;

use chrono::{NaiveDate, NaiveDateTime};
use uuid::{Uuid, Variant};

use super::catalogue::Snapshot;
use crate::domain::answer::{COMMENT_LENGTH, Comment, Response, Score, Scores};
use crate::domain::day::Local;
use crate::domain::flags::{Flag, Flags};
use crate::domain::ids::{FieldId, ProcedureId};
use crate::domain::link::{Channel, Link, Respondent};
use crate::domain::procedure::ProcedureVersion;
use crate::domain::questionnaire::Questionnaire;
use crate::domain::questionnaire::tag::Tag;
use crate::error::FieldError;
use crate::locale::Message;

/// Names under which a choice is sent, and perhaps the answer to a question too.
const CHOICES: [&str; 2] = ["field", "procedure"];

/// The names and values of a form that was sent.
///
/// `procedure` can stand in it twice: as the answer to the question of that key and as the code of
/// the procedure that was chosen. A level is never a code, so the value tells which is which.
#[derive(Debug, Clone, Default)]
pub struct Form(BTreeMap<String, Vec<String>>);

impl Form {
    /// The last value under a name, without the space around it; none where there is nothing.
    pub fn value(&self, name: &str) -> Option<&str> {
        self.values(name).next()
    }

    /// The answer to a question.
    pub fn answer(&self, question: &str) -> Option<&str> {
        let is_choice = CHOICES.contains(&question);
        self.values(question).find(|value| !is_choice || Score::from_form(value).is_some())
    }

    /// The field or procedure that was chosen.
    pub fn choice(&self, name: &str) -> Option<&str> {
        self.values(name).find(|value| Score::from_form(value).is_none())
    }

    fn values(&self, name: &str) -> impl Iterator<Item = &str> {
        let sent = self.0.get(name).into_iter().flatten().rev();
        sent.map(|value| value.trim()).filter(|value| !value.is_empty())
    }
}

impl<N: Into<String>, V: Into<String>> FromIterator<(N, V)> for Form {
    fn from_iter<I: IntoIterator<Item = (N, V)>>(pairs: I) -> Self {
        let mut form = Self::default();
        for (name, value) in pairs {
            form.0.entry(name.into()).or_default().push(value.into());
        }
        form
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
    language: impl Into<Tag>,
    channel: Channel,
    now: Local,
) -> Result<Response, Vec<FieldError>> {
    let mut faults = Faults::default();
    let id = faults.keep(id(form));
    let place = faults.keep(place(snapshot, link, form, now.day));
    let scores = scores(questionnaire, link, form, &mut faults);
    let comment = faults.keep(comment(form));
    let respondent = faults.keep(respondent(form));
    let served = faults.keep(served(snapshot, link, now.day));
    let (Some(id), Some((field, procedure)), Some(comment), Some(respondent), Some(served), true) =
        (id, place, comment, respondent, served, faults.0.is_empty())
    else {
        return Err(faults.0);
    };
    Ok(Response {
        id,
        served,
        deciding: snapshot.deciding(link, now.day).unwrap_or(served),
        counter: link.counter,
        link: link.id,
        questionnaire: questionnaire.id,
        field,
        procedure,
        stage: link.stage,
        channel,
        respondent,
        language: language.into(),
        day: now.day,
        half: now.half(),
        scores,
        comment: comment.map(|body| Comment { id: Uuid::new_v4(), body }),
        flags: if channel == Channel::Qr { Flags::NONE } else { Flags::NONE.with(Flag::Assisted) },
    })
}

/// The number of the questionnaire version that a form says it shows.
pub fn version_number(form: &Form) -> Option<i32> {
    form.value("version").and_then(|number| number.parse().ok())
}

/// The questionnaire version that a form shows, as long as answers to it are taken at an instant (UTC);
/// a form that does not say shows the published one.
pub fn version<'a>(
    snapshot: &'a Snapshot,
    link: &Link,
    form: &Form,
    now: NaiveDateTime,
) -> Option<&'a Questionnaire> {
    if form.value("version").is_none() {
        return snapshot.published(link.kind);
    }
    snapshot.version(link.kind, version_number(form)?).filter(|version| version.takes_answers_at(now))
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

fn served(
    snapshot: &Snapshot,
    link: &Link,
    day: NaiveDate,
) -> Result<crate::domain::ids::UnitId, FieldError> {
    snapshot.served(link, day).ok_or_else(|| fault("counter", "survey.fault.counter"))
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
    let chosen = || form.choice("field").and_then(|key| snapshot.open_field(key, day)).map(|field| field.id);
    let field = field_of(snapshot, link, day).or_else(chosen);
    let field = field.ok_or_else(|| fault("field", "survey.fault.field"))?;
    let procedure = match (link.procedure, form.choice("procedure")) {
        (Some(known), _) => Some(known),
        (None, None) => None,
        (None, Some(code)) => {
            let version = procedure_of(snapshot, field, code, day);
            Some(version.ok_or_else(|| fault("procedure-code", "survey.fault.procedure"))?.procedure)
        }
    };
    Ok((Some(field), procedure))
}

fn scores(questionnaire: &Questionnaire, link: &Link, form: &Form, faults: &mut Faults) -> Scores {
    let mut scores = Scores::new();
    for question in questionnaire.asked_at(link.stage) {
        let read = form.answer(&question.key).map(Score::from_form);
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
    let Some(sent) = form.value("comment") else {
        return Ok(None);
    };
    // Browsers send a line break as two characters; other control characters have no place in a text.
    let body: String = sent
        .chars()
        .filter(|character| !character.is_control() || matches!(character, '\n' | '\t'))
        .collect();
    let length = body.chars().count();
    if length > COMMENT_LENGTH {
        let message = Message::new("survey.fault.comment")
            .with_count("most", COMMENT_LENGTH)
            .with_count("found", length);
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
