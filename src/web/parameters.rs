//! What other programs may ask for, as the description of the interface lists it. A page takes a filter that it
//! cannot read as not said; a program that misspells one must not be given the figures of everything instead.

use std::collections::{BTreeSet, HashMap};

use actix_web::web;

use crate::app::scores::{Dimension, Flagged};
use crate::domain::link::{Channel, Stage};
use crate::domain::period::Period;
use crate::domain::questionnaire::Kind;
use crate::error::{Error, FieldError, Result};
use crate::locale::{Lang, Message};
use crate::web::console::filters::{Sort, UNSTATED};

/// What a parameter may be.
pub enum Allowed {
    /// A period.
    Period,
    /// Some of these, with commas between.
    Several(Vec<&'static str>),
    /// One of these.
    One(Vec<&'static str>),
    /// The number of something.
    Id,
    /// The number of something, or the word for what was not stated.
    IdOrNone,
    /// A column that sorts.
    Sort,
}

impl Allowed {
    /// What is wrong with a value.
    fn fault(&self, found: &str) -> Option<Message> {
        match self {
            Self::Period => Period::parse(found).err().map(|wrong| wrong.message()),
            Self::Several(keys) => {
                let key = found.split(',').find(|key| !key.is_empty() && !keys.contains(key))?;
                Some(none_of(keys, key))
            }
            Self::One(keys) => (!keys.contains(&found)).then(|| none_of(keys, found)),
            Self::IdOrNone if found == UNSTATED => None,
            Self::Id | Self::IdOrNone => {
                let is_id = found.parse::<i64>().is_ok_and(|id| id > 0);
                (!is_id).then(|| Message::new("error.no-id").with("found", found))
            }
            Self::Sort => Sort::read(found).is_none().then(|| none_of(&Sort::WORDS, found)),
        }
    }
}

fn none_of(keys: &[&str], found: &str) -> Message {
    Message::new("error.expected-one-of").with("expected", keys.join(", ")).with("found", found)
}

/// A parameter of an address.
pub struct Parameter {
    /// Name.
    pub name: &'static str,
    /// Whether there is no answer without it.
    pub is_required: bool,
    /// What it may be.
    pub allowed: Allowed,
    /// What it means, and what its absence means.
    pub meaning: &'static str,
}

impl Parameter {
    const fn optional(name: &'static str, allowed: Allowed, meaning: &'static str) -> Self {
        Self { name, is_required: false, allowed, meaning }
    }

    fn lang(meaning: &'static str) -> Self {
        Self::optional("lang", Allowed::One(Lang::ALL.map(Lang::key).to_vec()), meaning)
    }
}

/// Those of the scores.
pub fn of_scores() -> Vec<Parameter> {
    let one = |name, keys: &[&'static str], meaning| {
        Parameter::optional(name, Allowed::One(keys.to_vec()), meaning)
    };
    let id = |name, meaning| Parameter::optional(name, Allowed::Id, meaning);
    let or_none = |name, meaning| Parameter::optional(name, Allowed::IdOrNone, meaning);
    let stages: Vec<_> = Stage::ALL.iter().map(|stage| stage.key()).collect();
    let channels: Vec<_> = Channel::ALL.iter().map(|channel| channel.key()).collect();
    let cuts = Allowed::Several(Dimension::ALL.map(Dimension::key).to_vec());
    vec![
        Parameter::optional("period", Allowed::Period, "The current quarter where it is missing"),
        Parameter::optional("by", cuts, "Cuts with commas between; field,unit where it is missing"),
        one("kind", &Kind::ALL.map(Kind::key), "Questionnaire; tthc where it is missing"),
        id("unit", "It and all below it are counted; else all that the key may see"),
        one("side", &["served", "deciding"], "Whether `unit` serves or decides; serves where it is missing"),
        or_none("field", "Only this field; none for answers whose field was not stated"),
        or_none("procedure", "Only this procedure; none for answers whose procedure was not stated"),
        id("counter", "Only this counter"),
        one("stage", &stages, "Only this stage; else those of the headline, and all in a cut by stage"),
        one("channel", &channels, "Only this channel"),
        one(
            "flagged",
            &Flagged::ALL.map(Flagged::key),
            "Whether flagged answers count, or they alone; they do where it is missing",
        ),
        one(
            "view",
            &["now", "then"],
            "Units of today or of the day of the answer; of today where it is missing",
        ),
        Parameter::optional(
            "sort",
            Allowed::Sort,
            "Column by which rows are sorted; name where it is missing",
        ),
        one("dir", &["asc", "desc"], "From low to high or from high to low; from low where it is missing"),
        Parameter::lang(
            "Language of names, verdicts and errors; else that of the header Accept-Language, else vi",
        ),
    ]
}

/// Those of the published indexes.
pub fn of_indexes() -> Vec<Parameter> {
    let period = Parameter::optional("period", Allowed::Period, "A period that is published");
    vec![
        Parameter { is_required: true, ..period },
        Parameter::lang("Language of errors; else that of the header Accept-Language, else vi"),
    ]
}

/// Refuses an address that says a parameter twice, since nobody can tell which is meant.
///
/// # Errors
/// Invalid with each name.
pub fn check_once(query: &str) -> Result<()> {
    let pairs = web::Query::<Vec<(String, String)>>::from_query(query);
    let pairs = pairs.map(web::Query::into_inner).unwrap_or_default();
    let (mut seen, mut twice) = (BTreeSet::new(), BTreeSet::new());
    for (name, _) in &pairs {
        if !seen.insert(name.as_str()) {
            twice.insert(name.as_str());
        }
    }
    let fault = |name: &str| FieldError::new(name, Message::new("error.said-twice").with("found", name));
    let faults: Vec<FieldError> = twice.into_iter().map(fault).collect();
    if faults.is_empty() { Ok(()) } else { Err(Error::Invalid(faults)) }
}

/// Refuses scores asked for in words that cannot be read.
///
/// # Errors
/// Invalid with each fault.
pub fn check_scores(words: &HashMap<String, String>) -> Result<()> {
    check(&of_scores(), words)
}

/// Refuses indexes asked for in words that cannot be read.
///
/// # Errors
/// Invalid with each fault.
pub fn check_indexes(words: &HashMap<String, String>) -> Result<()> {
    check(&of_indexes(), words)
}

fn check(parameters: &[Parameter], words: &HashMap<String, String>) -> Result<()> {
    let fault = |parameter: &Parameter| {
        let found = words.get(parameter.name).map(String::as_str).filter(|found| !found.is_empty())?;
        parameter.allowed.fault(found).map(|message| FieldError::new(parameter.name, message))
    };
    let is_known = |name: &str| parameters.iter().any(|parameter| parameter.name == name);
    let mut unknown: Vec<&String> = words.keys().filter(|name| !is_known(name)).collect();
    unknown.sort();
    let names: Vec<&str> = parameters.iter().map(|parameter| parameter.name).collect();
    let no_name = |name: &String| FieldError::new(name, none_of(&names, name));
    let faults: Vec<FieldError> =
        parameters.iter().filter_map(fault).chain(unknown.into_iter().map(no_name)).collect();
    if faults.is_empty() { Ok(()) } else { Err(Error::Invalid(faults)) }
}
