//! An answer: what a citizen sent, and what of it is kept.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::day::HalfDay;
use super::flags::Flags;
use super::ids::{CounterId, FieldId, LinkId, ProcedureId, QuestionnaireId, UnitId};
use super::level::Level;
use super::link::{Channel, Respondent, Stage};
use super::questionnaire::tag::Tag;

/// The answer to one question: a level, or "not applicable". Stored as 5 to 1, or 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "u8", try_from = "u8")]
pub enum Score {
    /// One of the five levels.
    Level(Level),
    /// Not applicable.
    NotApplicable,
}

impl Score {
    /// Reads the value of a form field: `1` to `5`, or `na`.
    pub fn from_form(text: &str) -> Option<Self> {
        match text {
            "na" => Some(Self::NotApplicable),
            "0" => None,
            digit => digit.parse::<u8>().ok().and_then(|number| Self::try_from(number).ok()),
        }
    }

    /// The value of the form field.
    pub fn form_value(self) -> &'static str {
        match self {
            Self::Level(Level::VerySatisfied) => "5",
            Self::Level(Level::Satisfied) => "4",
            Self::Level(Level::Neutral) => "3",
            Self::Level(Level::Dissatisfied) => "2",
            Self::Level(Level::VeryDissatisfied) => "1",
            Self::NotApplicable => "na",
        }
    }
}

impl From<Score> for u8 {
    fn from(score: Score) -> Self {
        match score {
            Score::Level(level) => level.into(),
            Score::NotApplicable => 0,
        }
    }
}

impl TryFrom<u8> for Score {
    type Error = String;

    fn try_from(number: u8) -> Result<Self, String> {
        if number == 0 { Ok(Self::NotApplicable) } else { Level::try_from(number).map(Self::Level) }
    }
}

/// Scores by question key.
pub type Scores = BTreeMap<String, Score>;

/// Key of the overall question in every questionnaire.
pub const OVERALL: &str = "overall";

/// Longest comment, in characters.
pub const COMMENT_LENGTH: usize = 1200;

/// A comment with an id of its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Comment {
    /// Random id.
    pub id: Uuid,
    /// Text, 1 to [`COMMENT_LENGTH`] characters.
    pub body: String,
}

/// One stored response. It identifies no one: no address, device, precise time or dossier.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Response {
    /// Random id (v4), made by the page; a repeat of it is the same response.
    pub id: Uuid,
    /// Unit at whose counter the citizen was served.
    pub served: UnitId,
    /// Unit that decides the dossier.
    pub deciding: UnitId,
    /// Counter.
    pub counter: CounterId,
    /// Link.
    pub link: LinkId,
    /// Questionnaire version that was answered.
    pub questionnaire: QuestionnaireId,
    /// Field, for a questionnaire that has fields.
    pub field: Option<FieldId>,
    /// Procedure, where it is known.
    pub procedure: Option<ProcedureId>,
    /// Stage, for a questionnaire that has stages.
    pub stage: Option<Stage>,
    /// How it came in.
    pub channel: Channel,
    /// As whom the citizen answered, if said.
    pub respondent: Option<Respondent>,
    /// Language of the page.
    pub language: Tag,
    /// Day of the answer in Vietnam.
    pub day: NaiveDate,
    /// Half of that day.
    pub half: HalfDay,
    /// Scores.
    pub scores: Scores,
    /// Comment, if any.
    pub comment: Option<Comment>,
    /// Flags.
    pub flags: Flags,
}

/// What became of an accepted response.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// It is on disk and counted.
    Stored,
    /// The same id was stored before, with the same answers.
    Repeated,
    /// The same id was stored before with other answers: the first ones stand.
    FirstStands,
}

impl Response {
    /// The level given to the overall question, if one was.
    pub fn level(&self) -> Option<Level> {
        match self.scores.get(OVERALL)? {
            Score::Level(level) => Some(*level),
            Score::NotApplicable => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_value_is_a_digit_from_one_to_five_or_na() {
        for value in ["1", "2", "3", "4", "5", "na"] {
            assert_eq!(Score::from_form(value).unwrap().form_value(), value);
        }
        for value in ["", "0", "6", "-1", "05x", "NA", "năm"] {
            assert_eq!(Score::from_form(value), None, "{value}");
        }
    }

    #[test]
    fn scores_are_stored_as_one_small_document() {
        let scores = Scores::from([
            ("feedback".to_owned(), Score::NotApplicable),
            ("overall".to_owned(), Score::Level(Level::VerySatisfied)),
        ]);
        let stored = serde_json::to_string(&scores).unwrap();
        assert_eq!(stored, r#"{"feedback":0,"overall":5}"#);
        assert_eq!(serde_json::from_str::<Scores>(&stored).unwrap(), scores);
    }
}
