//! What a visit is about: the link behind the code, and which step comes next.

use chrono::NaiveDate;
use serde::Deserialize;

use crate::app::answers;
use crate::app::catalogue::Snapshot;
use crate::domain::code::Code;
use crate::domain::ids::{FieldId, ProcedureId};
use crate::domain::link::{Channel, Link};
use crate::domain::questionnaire::Questionnaire;
use crate::domain::questionnaire::tag::Tag;
use crate::error::Error;
use crate::locale::Lang;

/// What an address may say besides the code.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct Query {
    /// `1` on a tablet at the counter.
    pub kiosk: Option<String>,
    /// Language.
    pub lang: Option<String>,
    /// Key of the field that was chosen.
    pub field: Option<String>,
    /// Code of the procedure that was chosen; empty for "I do not know".
    pub procedure: Option<String>,
    /// Words to search procedures for.
    pub q: Option<String>,
    /// `1` where an earlier answer of the same page stands.
    pub first: Option<String>,
}

impl Query {
    /// The language of the program's own words, Vietnamese unless another is asked for.
    pub fn lang(&self) -> Lang {
        self.lang.as_deref().and_then(Lang::from_key).unwrap_or_default()
    }

    /// The language of the questions, which need not be one of the program.
    pub fn tag(&self) -> Tag {
        self.lang.as_deref().and_then(Tag::parse).unwrap_or_else(|| Lang::default().into())
    }

    /// The same in Vietnamese, where a questionnaire is not offered in the language that is asked for.
    pub fn offered_by(self, questionnaire: &Questionnaire) -> Self {
        let tag = self.tag();
        let is_offered = questionnaire.offered().contains(&&tag);
        Self { lang: is_offered.then(|| tag.to_string()), ..self }
    }

    /// Whether the page stands on a tablet at the counter.
    pub fn is_kiosk(&self) -> bool {
        self.kiosk.as_deref() == Some("1")
    }

    /// How an answer from this page comes in.
    pub fn channel(&self) -> Channel {
        if self.is_kiosk() { Channel::Kiosk } else { Channel::Qr }
    }
}

/// Why there is nothing to answer behind a code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Dead {
    /// The text is no code.
    Mistyped,
    /// Nobody made such a code.
    Unknown,
    /// Its first day is still to come.
    NotYet(NaiveDate),
    /// Revoked or run out; perhaps another code hangs in its place.
    Ended(Option<Code>),
}

/// The link of a code that may be answered on a day.
///
/// # Errors
/// What stands in the way.
pub fn open<'a>(snapshot: &'a Snapshot, text: &str, day: NaiveDate) -> Result<&'a Link, Dead> {
    let link = known(snapshot, text)?;
    if link.is_open_on(day) {
        return Ok(link);
    }
    if !link.revoked && day < link.valid_from {
        return Err(Dead::NotYet(link.valid_from));
    }
    let successor =
        snapshot.links.values().find(|other| other.replaces == Some(link.id) && other.is_open_on(day));
    Err(Dead::Ended(successor.map(|other| other.code.clone())))
}

/// The link of a code, whether or not it may be answered.
///
/// # Errors
/// What stands in the way.
pub fn known<'a>(snapshot: &'a Snapshot, text: &str) -> Result<&'a Link, Dead> {
    let code = Code::parse(text).map_err(|_| Dead::Mistyped)?;
    snapshot.links.get(&code).ok_or(Dead::Unknown)
}

/// The questionnaire that is asked behind a link.
///
/// # Errors
/// Internal when none of its kind is published.
pub fn asked<'a>(snapshot: &'a Snapshot, link: &Link) -> Result<&'a Questionnaire, Error> {
    let missing = || Error::internal("no questionnaire is published for a link");
    snapshot.published(link.kind).ok_or_else(missing)
}

/// What the citizen sees next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// Choose a field.
    Field,
    /// Choose a procedure of a field, or say that it is not known.
    Procedure(FieldId),
    /// Answer.
    Form(Subject),
}

/// What the answers will be about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Subject {
    /// Field, for a questionnaire that has fields.
    pub field: Option<FieldId>,
    /// Procedure, where it is known.
    pub procedure: Option<ProcedureId>,
}

/// The step that a link and the choices made so far lead to.
pub fn step(snapshot: &Snapshot, link: &Link, query: &Query, day: NaiveDate) -> Step {
    if !link.kind.has_fields() {
        return Step::Form(Subject::default());
    }
    let chosen =
        || query.field.as_deref().and_then(|key| snapshot.open_field(key, day)).map(|field| field.id);
    let Some(field) = answers::field_of(snapshot, link, day).or_else(chosen) else {
        return Step::Field;
    };
    let about = |procedure| Step::Form(Subject { field: Some(field), procedure });
    match (link.procedure, query.procedure.as_deref()) {
        (Some(known), _) => about(Some(known)),
        (None, Some("")) => about(None),
        (None, Some(code)) => answers::procedure_of(snapshot, field, code, day)
            .map_or(Step::Procedure(field), |version| about(Some(version.procedure))),
        (None, None) if snapshot.procedures_of(field, day).next().is_none() => about(None),
        (None, None) => Step::Procedure(field),
    }
}

/// The address of a page of a code, with what it says besides.
pub fn address(code: &Code, page: &str, says: &[(&str, Option<&str>)]) -> String {
    let mut address = format!("/s/{code}{page}");
    let said = says.iter().filter_map(|(name, value)| value.map(|value| (name, value)));
    for ((name, value), sign) in said.zip(std::iter::once('?').chain(std::iter::repeat('&'))) {
        address.push(sign);
        address.push_str(name);
        address.push('=');
        value.bytes().for_each(|byte| encode(byte, &mut address));
    }
    address
}

fn encode(byte: u8, address: &mut String) {
    match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => address.push(char::from(byte)),
        other => address.push_str(&format!("%{other:02X}")),
    }
}
