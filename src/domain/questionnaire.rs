//! Questionnaires: versioned, and immutable once published.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::ids::{QuestionId, QuestionnaireId};
use super::link::Stage;
use crate::locale::Lang;

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

/// Texts of a question in one language.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
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
    pub texts: BTreeMap<Lang, QuestionText>,
}

impl Question {
    /// The texts in a language, or in Vietnamese where that one is missing.
    pub fn text(&self, lang: Lang) -> Option<&QuestionText> {
        self.texts.get(&lang).or_else(|| self.texts.get(&Lang::Vi))
    }
}

/// Texts of a questionnaire in one language.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Texts {
    /// Heading.
    pub title: String,
    /// The privacy line above the first question.
    pub opening: String,
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
    /// Whether new answers are asked with it.
    pub published: bool,
    /// Texts by language.
    pub texts: BTreeMap<Lang, Texts>,
    /// Questions in order, the pseudo-question last.
    pub questions: Vec<Question>,
}

impl Questionnaire {
    /// The texts in a language, or in Vietnamese where that one is missing.
    pub fn text(&self, lang: Lang) -> Option<&Texts> {
        self.texts.get(&lang).or_else(|| self.texts.get(&Lang::Vi))
    }

    /// The questions asked at a stage, in order.
    ///
    /// A question about the result is asked where a result is handed out, and where the
    /// questionnaire knows no stages.
    pub fn asked_at(&self, stage: Option<Stage>) -> impl Iterator<Item = &Question> {
        self.questions.iter().filter(move |question| {
            let fits = !question.result_only || stage.is_none_or(|stage| stage == Stage::Result);
            question.role != Role::Complete && fits
        })
    }
}
