//! Questionnaires: versioned, and immutable once published.

pub mod change;
pub mod edit;
pub mod readiness;
pub mod seen;
pub mod tag;
pub mod words;

use std::collections::{BTreeMap, BTreeSet};

use chrono::{NaiveDateTime, TimeDelta};
use serde::{Deserialize, Serialize};

use super::ids::{QuestionId, QuestionnaireId};
use super::level::Level;
use super::link::Stage;
use crate::locale::Lang;
use tag::Tag;

/// How long after a version was retired answers to it are still taken, in hours: whoever began to answer
/// before a new version was published shall not be asked twice.
pub const GRACE_HOURS: i64 = 24;

/// What a questionnaire measures; targets are set per kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// Settling of administrative procedures (plan II.2.2).
    Tthc,
    /// Service of administrative agencies (plan II.2.7).
    AgencyService,
}

impl Kind {
    /// Both kinds.
    pub const ALL: [Self; 2] = [Self::Tthc, Self::AgencyService];

    /// The word used in addresses, imports and exports.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Tthc => "tthc",
            Self::AgencyService => "agency-service",
        }
    }

    /// The kind of that word.
    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.key() == key)
    }

    /// Whether answers belong to a field and a stage of a dossier.
    pub const fn has_fields(self) -> bool {
        matches!(self, Self::Tthc)
    }
}

/// What a question is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Role {
    /// The overall question, over which F1 is computed.
    Headline,
    /// One of the elements E_k.
    Element,
    /// The pseudo-question of F3; never asked.
    Complete,
}

impl Role {
    /// The word under which it is stored.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Headline => "headline",
            Self::Element => "element",
            Self::Complete => "complete",
        }
    }

    /// The role of that word.
    pub fn from_key(key: &str) -> Option<Self> {
        [Self::Headline, Self::Element, Self::Complete].into_iter().find(|role| role.key() == key)
    }
}

/// Where a version stands in its life; it only ever goes forward.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Status {
    /// Being written; nobody is asked with it.
    Draft,
    /// New answers are asked with it; one version of a kind at a time.
    Published,
    /// Was published; its answers still count.
    Retired,
}

impl Status {
    /// The word under which it is stored.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Published => "published",
            Self::Retired => "retired",
        }
    }

    /// The status of that word.
    pub fn from_key(key: &str) -> Option<Self> {
        [Self::Draft, Self::Published, Self::Retired].into_iter().find(|status| status.key() == key)
    }
}

/// When something was done (UTC), and by whom as the audit names them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stamp {
    /// Instant.
    pub at: NaiveDateTime,
    /// Who.
    pub by: String,
}

/// The steps of a version's life so far; a version that came with the program has none.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Steps {
    /// Made as a draft.
    pub created: Option<Stamp>,
    /// Published.
    pub published: Option<Stamp>,
    /// Retired by the version after it.
    pub retired: Option<Stamp>,
}

/// Texts of a question in one language.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct QuestionText {
    /// The question as it is asked.
    pub ask: String,
    /// Short name of what it measures, for tables.
    pub label: String,
}

/// A question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Question {
    /// Id, of this version alone.
    pub id: QuestionId,
    /// Key, the same in all versions that ask the same.
    pub key: String,
    /// What it is for.
    pub role: Role,
    /// Whether it must be answered.
    pub required: bool,
    /// Whether it is asked only where a result is handed out.
    pub result_only: bool,
    /// Whether "not applicable" is offered.
    pub allows_na: bool,
    /// Texts by language.
    pub texts: BTreeMap<Tag, QuestionText>,
}

impl Question {
    /// The texts in a language, or in Vietnamese where that one is missing.
    pub fn text(&self, lang: Lang) -> Option<&QuestionText> {
        self.text_in(lang.key())
    }

    /// The texts in the language of a tag, or in Vietnamese where that one is missing.
    pub fn text_in(&self, tag: &str) -> Option<&QuestionText> {
        self.texts.get(tag).or_else(|| self.texts.get(Lang::Vi.key()))
    }
}

/// Texts of a questionnaire in one language.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Texts {
    /// Heading.
    pub title: String,
    /// The privacy line above the first question.
    pub opening: String,
    /// The words of the five levels from 5 down to 1; empty where they are those of the program.
    #[serde(default)]
    pub levels: [String; 5],
    /// What the language calls itself; empty where the program knows.
    #[serde(default)]
    pub name: String,
    /// Words of the page itself by their keys, in a language that the program does not speak.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub page: BTreeMap<String, String>,
}

impl Texts {
    /// The words of the five levels from 5 down to 1: its own, or in the languages of the program its.
    pub fn words(&self, tag: &str) -> [String; 5] {
        match Lang::from_key(tag) {
            Some(lang) if self.levels.iter().all(String::is_empty) => standard_words(lang),
            _ => self.levels.clone(),
        }
    }

    /// What the language of a tag calls itself, or else the tag.
    pub fn own_name(&self, tag: &Tag) -> String {
        match tag.lang() {
            // Each language of the program says the name of the other.
            Some(lang) => lang.other().text("survey.other-language"),
            None if self.name.trim().is_empty() => tag.to_string(),
            None => self.name.clone(),
        }
    }
}

/// The program's words of the five levels from 5 down to 1.
pub fn standard_words(lang: Lang) -> [String; 5] {
    Level::DESCENDING.map(|level| lang.text(&format!("survey.level-{}", u8::from(level))))
}

/// One version of a questionnaire.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Questionnaire {
    /// Id.
    pub id: QuestionnaireId,
    /// Kind.
    pub kind: Kind,
    /// Version, from 1.
    pub version: i32,
    /// Where it stands in its life.
    pub status: Status,
    /// When it came there, and through whom.
    pub steps: Steps,
    /// Texts by language.
    pub texts: BTreeMap<Tag, Texts>,
    /// Questions in order, the pseudo-question last.
    pub questions: Vec<Question>,
}

/// The overall questions of questionnaires.
pub fn overall(questionnaires: &[Questionnaire]) -> BTreeSet<QuestionId> {
    let questions = questionnaires.iter().flat_map(|one| &one.questions);
    questions.filter(|question| question.role == Role::Headline).map(|question| question.id).collect()
}

impl Questionnaire {
    /// The texts in a language, or in Vietnamese where that one is missing.
    pub fn text(&self, lang: Lang) -> Option<&Texts> {
        self.text_in(lang.key())
    }

    /// The texts in the language of a tag, or in Vietnamese where that one is missing.
    pub fn text_in(&self, tag: &str) -> Option<&Texts> {
        self.texts.get(tag).or_else(|| self.texts.get(Lang::Vi.key()))
    }

    /// The questions that are asked, in order: all but the pseudo-question.
    pub fn asked(&self) -> impl Iterator<Item = &Question> {
        self.questions.iter().filter(|question| question.role != Role::Complete)
    }

    /// Whether an answer to this version is taken at an instant (UTC).
    pub fn takes_answers_at(&self, now: NaiveDateTime) -> bool {
        match self.status {
            Status::Draft => false,
            Status::Published => true,
            Status::Retired => {
                let retired = self.steps.retired.as_ref();
                retired.is_some_and(|stamp| now - stamp.at <= TimeDelta::hours(GRACE_HOURS))
            }
        }
    }

    /// The question of a key.
    pub fn question(&self, key: &str) -> Option<&Question> {
        self.asked().find(|question| question.key == key)
    }

    /// The overall question.
    pub fn headline(&self) -> Option<&Question> {
        self.questions.iter().find(|question| question.role == Role::Headline)
    }

    /// The questions asked at a stage, in order.
    ///
    /// A question about the result is asked where a result is handed out, and where the
    /// questionnaire knows no stages.
    pub fn asked_at(&self, stage: Option<Stage>) -> impl Iterator<Item = &Question> {
        self.asked()
            .filter(move |question| !question.result_only || stage.is_none_or(|stage| stage == Stage::Result))
    }
}
