//! Batches of answers on paper or from interviews: keyed in, checked by a second key-in, closed.

use chrono::{NaiveDate, NaiveDateTime};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::answer::{Score, Scores};
use super::ids::{BatchId, CounterId, FieldId, LinkId, ProcedureId, QuestionnaireId, UnitId};
use super::link::{Channel, Stage};
use super::questionnaire::Question;

/// Most sheets that a batch may announce.
pub const MOST_SHEETS: i32 = 2000;

/// Longest remark, in characters.
pub const REMARK_LENGTH: usize = 500;

/// How far a batch is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum State {
    /// Sheets are keyed in.
    Open,
    /// All sheets are in; a sample is keyed in a second time.
    Checking,
    /// Nothing changes any more.
    Closed,
}

impl State {
    /// Every state, in order.
    pub const ALL: [Self; 3] = [Self::Open, Self::Checking, Self::Closed];

    /// The word under which it is stored and stands in addresses.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Checking => "checking",
            Self::Closed => "closed",
        }
    }

    /// The state of that word.
    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.key() == key)
    }
}

/// A batch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Batch {
    /// Id.
    pub id: BatchId,
    /// Unit at whose counter the citizens were served.
    pub unit: UnitId,
    /// Year of the answers.
    pub year: i32,
    /// Number within unit and year, from 1.
    pub number: i32,
    /// Paper or interview.
    pub channel: Channel,
    /// Counter.
    pub counter: CounterId,
    /// The counter's link of that kind, where it has one.
    pub link: Option<LinkId>,
    /// Questionnaire version that is on the sheets.
    pub questionnaire: QuestionnaireId,
    /// Field, for a questionnaire that has fields.
    pub field: Option<FieldId>,
    /// Procedure, where all sheets are about the same.
    pub procedure: Option<ProcedureId>,
    /// Unit that decides the dossiers.
    pub deciding: UnitId,
    /// Stage, for a questionnaire that has stages.
    pub stage: Option<Stage>,
    /// Day of the answers.
    pub day: NaiveDate,
    /// Sheets that were announced: the control total, 1 to [`MOST_SHEETS`].
    pub announced: i32,
    /// Sheets that were keyed in, those struck out too: the number of the last one.
    pub keyed: i32,
    /// Sheets among them that were struck out.
    pub struck: i32,
    /// From what the ids of its answers follow; nobody outside can guess them.
    pub seed: Uuid,
    /// How far it is.
    pub state: State,
    /// Sign-in name of who opened it.
    pub opened_by: String,
    /// When it was opened (UTC).
    pub created_at: NaiveDateTime,
    /// When it was closed (UTC).
    pub closed_at: Option<NaiveDateTime>,
    /// What was noted when its keying ended; empty for nothing.
    pub remark: String,
    /// Answers that were compared with a second key-in.
    pub compared: i32,
    /// Answers among them that differ.
    pub differing: i32,
}

impl Batch {
    /// The id of the answer on a sheet: the same sheet is always the same answer.
    ///
    /// It looks like a random one, as the ids of all answers do.
    pub fn answer_id(&self, sheet: i32) -> Uuid {
        derived_id(self.seed.as_bytes(), i64::from(sheet))
    }

    /// `12/2026`
    pub fn name(&self) -> String {
        format!("{}/{}", self.number, self.year)
    }

    /// Sheets that were keyed in and stand: what is held against the control total.
    pub const fn standing(&self) -> i32 {
        self.keyed.saturating_sub(self.struck)
    }

    /// Whether as many sheets stand as were announced.
    pub const fn is_complete(&self) -> bool {
        self.standing() == self.announced
    }
}

/// A sheet as it was keyed, kept apart from the answers until the keying of its batch ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyedSheet {
    /// Number in the batch, from 1.
    pub number: i32,
    /// What was keyed.
    pub scores: Scores,
    /// Comment as it was typed; empty for none.
    pub comment: String,
    /// Whether it was struck out and becomes no answer.
    pub is_struck: bool,
}

/// An id that follows from a secret or a content and a number in it.
pub fn derived_id(of: &[u8], number: i64) -> Uuid {
    let hash = Sha256::new().chain_update(of).chain_update(number.to_be_bytes()).finalize();
    let mut bytes = [0; 16];
    for (byte, hashed) in bytes.iter_mut().zip(hash) {
        *byte = hashed;
    }
    uuid::Builder::from_random_bytes(bytes).into_uuid()
}

/// A sheet that was drawn for the second key-in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Check {
    /// Number of the sheet, from 1.
    pub sheet: i32,
    /// What was keyed first and second, once it was.
    pub keyed: Option<(Scores, Scores)>,
}

/// Sheets to be keyed a second time: 10%, at least 3 and at most 20, never more than there are.
pub fn sample_size(sheets: usize) -> usize {
    sheets.div_ceil(10).clamp(3, 20).min(sheets)
}

/// One answer that was keyed differently the second time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Difference<'a> {
    /// Place of the question on the sheet, from 1.
    pub place: usize,
    /// Question.
    pub question: &'a Question,
    /// What was keyed first and counts.
    pub first: Option<Score>,
    /// What was keyed second.
    pub second: Option<Score>,
}

/// The answers of a sheet that were keyed differently.
pub fn differences<'a>(questions: &[&'a Question], first: &Scores, second: &Scores) -> Vec<Difference<'a>> {
    let each = (1..).zip(questions).map(|(place, question)| Difference {
        place,
        question,
        first: first.get(&question.key).copied(),
        second: second.get(&question.key).copied(),
    });
    each.filter(|one| one.first != one.second).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sample_is_a_tenth_within_its_bounds() {
        let sizes = [0, 1, 2, 3, 30, 31, 45, 200, 2000].map(sample_size);
        assert_eq!(sizes, [0, 1, 2, 3, 3, 4, 5, 20, 20]);
    }

    #[test]
    fn the_id_of_a_sheet_is_always_the_same_and_looks_random() {
        let (one, other) = (derived_id(b"seed", 1), derived_id(b"seed", 2));
        assert_eq!(one, derived_id(b"seed", 1));
        assert_ne!(one, other);
        assert_ne!(one, derived_id(b"other", 1));
        assert_eq!(one.get_version_num(), 4);
    }
}
