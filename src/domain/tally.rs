//! Tallies: how many answers each level got, per question and per everything that an index is cut by.

use chrono::{Datelike, NaiveDate};
use serde::{Deserialize, Serialize};

use super::answer::{Response, Score};
use super::ids::{CounterId, FieldId, ProcedureId, QuestionId, UnitId};
use super::level::Level;
use super::questionnaire::{Questionnaire, Role};

/// Counts of the five levels and of "not applicable" for one question.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Levels {
    /// Rất hài lòng.
    pub n5: u64,
    /// Hài lòng.
    pub n4: u64,
    /// Bình thường.
    pub n3: u64,
    /// Không hài lòng.
    pub n2: u64,
    /// Rất không hài lòng.
    pub n1: u64,
    /// Answers "not applicable"; reported, never part of an index.
    pub na: u64,
}

impl Levels {
    /// Counts from the top level down, as the method writes them: n5, n4, n3, n2, n1.
    pub const fn of(n5: u64, n4: u64, n3: u64, n2: u64, n1: u64) -> Self {
        Self { n5, n4, n3, n2, n1, na: 0 }
    }

    /// n: valid answers, those that name one of the five levels.
    pub const fn valid(&self) -> u64 {
        self.n5 + self.n4 + self.n3 + self.n2 + self.n1
    }

    /// k: answers "satisfied" or "very satisfied".
    pub const fn satisfied(&self) -> u64 {
        self.n5 + self.n4
    }

    /// From level 5 down to level 1.
    pub const fn descending(&self) -> [u64; 5] {
        [self.n5, self.n4, self.n3, self.n2, self.n1]
    }

    /// Counts one more answer.
    pub const fn count(&mut self, score: Score) {
        match score {
            Score::Level(Level::VerySatisfied) => self.n5 += 1,
            Score::Level(Level::Satisfied) => self.n4 += 1,
            Score::Level(Level::Neutral) => self.n3 += 1,
            Score::Level(Level::Dissatisfied) => self.n2 += 1,
            Score::Level(Level::VeryDissatisfied) => self.n1 += 1,
            Score::NotApplicable => self.na += 1,
        }
    }
}

impl std::ops::AddAssign for Levels {
    fn add_assign(&mut self, other: Self) {
        self.n5 += other.n5;
        self.n4 += other.n4;
        self.n3 += other.n3;
        self.n2 += other.n2;
        self.n1 += other.n1;
        self.na += other.na;
    }
}

impl std::iter::Sum for Levels {
    fn sum<I: Iterator<Item = Self>>(parts: I) -> Self {
        parts.fold(Self::default(), |mut all, part| {
            all += part;
            all
        })
    }
}

/// What one tally is about. The order of the members is the order of the primary key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TallyKey {
    /// Unit at whose counter the citizen answered.
    pub served: UnitId,
    /// Question, or the pseudo-question "completely satisfied".
    pub question: QuestionId,
    /// Day as the number yyyymmdd, so that `day / 100` is the month in either database.
    pub day: i32,
    /// Counter.
    pub counter: CounterId,
    /// Field, where the questionnaire has one.
    pub field: Option<FieldId>,
    /// Procedure, where it is known.
    pub procedure: Option<ProcedureId>,
    /// Unit that decides the dossier.
    pub deciding: UnitId,
    /// Stage as its stored number, zero for none.
    pub stage: i16,
    /// Channel as its stored number.
    pub channel: i16,
    /// Flags as their stored bits.
    pub flags: i16,
}

/// A date as the number yyyymmdd.
pub fn day_number(date: NaiveDate) -> i32 {
    let month_day = date.month() * 100 + date.day();
    date.year() * 10_000 + i32::try_from(month_day).unwrap_or_default()
}

/// The date of a number yyyymmdd, where it is one.
pub fn day_date(number: i32) -> Option<NaiveDate> {
    let month = u32::try_from(number / 100 % 100).ok()?;
    let day = u32::try_from(number % 100).ok()?;
    NaiveDate::from_ymd_opt(number / 10_000, month, day)
}

/// What one response adds: an entry per answered question, and one for the pseudo-question of F3,
/// level 5 when every given answer is at least "satisfied", level 1 when not.
pub fn entries<'a>(
    response: &'a Response,
    questionnaire: &'a Questionnaire,
) -> impl Iterator<Item = (TallyKey, Score)> + 'a {
    questionnaire.questions.iter().filter_map(move |question| {
        let score = match question.role {
            Role::Complete => complete(response),
            Role::Headline | Role::Element => response.scores.get(&question.key).copied(),
        }?;
        Some((key(response, question.id), score))
    })
}

fn key(response: &Response, question: QuestionId) -> TallyKey {
    TallyKey {
        served: response.served,
        question,
        day: day_number(response.day),
        counter: response.counter,
        field: response.field,
        procedure: response.procedure,
        deciding: response.deciding,
        stage: response.stage.map_or(0, |stage| stage.number()),
        channel: response.channel.number(),
        flags: response.flags.bits(),
    }
}

fn complete(response: &Response) -> Option<Score> {
    let mut given = response.scores.values().filter_map(|score| match score {
        Score::Level(level) => Some(*level),
        Score::NotApplicable => None,
    });
    let first = given.next()?;
    let all = first.is_satisfied() && given.all(Level::is_satisfied);
    Some(Score::Level(if all { Level::VerySatisfied } else { Level::VeryDissatisfied }))
}
