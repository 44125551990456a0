//! What a citizen thinks: one mood behind all the answers, so that elements go together.

use super::dice::Dice;
use crate::domain::answer::{Score, Scores};
use crate::domain::flags::{Flag, Flags};
use crate::domain::level::Level;
use crate::domain::link::Stage;
use crate::domain::questionnaire::{Questionnaire, Role};

/// Share of satisfied citizens of a field before the unit and the year have their say.
pub fn field_share(key: &str) -> f64 {
    match key {
        "ho-tich" => 0.964,
        "cu-tru" => 0.944,
        "dat-dai" => 0.819,
        "xay-dung" => 0.859,
        "dau-tu" => 0.878,
        "kinh-doanh" => 0.94,
        "thue" => 0.915,
        "moi-truong" => 0.905,
        _ => 0.935,
    }
}

/// How far a stage moves the log-odds of being satisfied.
pub const fn stage_shift(stage: Option<Stage>) -> f64 {
    match stage {
        Some(Stage::Refusal) => -0.9,
        Some(Stage::Supplement) => -0.7,
        Some(Stage::Intake) => 0.1,
        Some(Stage::Result) | None => 0.05,
    }
}

/// A share moved by log-odds.
pub fn shifted(share: f64, shift: f64) -> f64 {
    let odds = (share / (1.0 - share)).ln() + shift;
    1.0 / (1.0 + (-odds).exp())
}

/// How an element follows the overall answer: how often it is the same, and by how much its own
/// share of satisfied citizens lies elsewhere. Staff and procedure drive the overall answer.
const fn element(key: &str) -> (f64, f64) {
    match key.as_bytes() {
        b"staff" => (0.74, 0.25),
        b"procedure" => (0.7, -0.15),
        b"result" => (0.62, -0.1),
        b"information" => (0.55, 0.0),
        b"access" => (0.4, 0.4),
        _ => (0.36, -0.3),
    }
}

/// Answers to the questions asked at a stage, given the share of the satisfied.
pub fn answer(questionnaire: &Questionnaire, stage: Option<Stage>, share: f64, dice: &mut Dice) -> Scores {
    let overall = level(share, dice);
    let mut scores = Scores::new();
    for question in questionnaire.asked_at(stage) {
        if question.role == Role::Headline {
            scores.insert(question.key.clone(), Score::Level(overall));
            continue;
        }
        if question.allows_na && dice.chance(0.58) {
            scores.insert(question.key.clone(), Score::NotApplicable);
        } else if question.required || dice.chance(0.93) {
            let (same, shift) = element(&question.key);
            let own = if dice.chance(same) { overall } else { level(shifted(share, shift), dice) };
            scores.insert(question.key.clone(), Score::Level(own));
        }
    }
    scores
}

/// The same level to every question.
pub fn straight(questionnaire: &Questionnaire, stage: Option<Stage>, level: Level) -> Scores {
    questionnaire.asked_at(stage).map(|question| (question.key.clone(), Score::Level(level))).collect()
}

fn level(share: f64, dice: &mut Dice) -> Level {
    let satisfied = dice.chance(share);
    let mark = dice.unit();
    match (satisfied, mark) {
        (true, mark) if mark < 0.46 => Level::VerySatisfied,
        (true, _) => Level::Satisfied,
        (false, mark) if mark < 0.56 => Level::Neutral,
        (false, mark) if mark < 0.86 => Level::Dissatisfied,
        (false, _) => Level::VeryDissatisfied,
    }
}

/// The overall level of a set of answers.
pub fn overall(questionnaire: &Questionnaire, scores: &Scores) -> Option<Level> {
    let headline = questionnaire.questions.iter().find(|question| question.role == Role::Headline)?;
    match scores.get(&headline.key)? {
        Score::Level(level) => Some(*level),
        Score::NotApplicable => None,
    }
}

/// The flags of a unit that fills its own forms in.
pub fn self_vote_flags(dice: &mut Dice) -> Flags {
    let mut flags = Flags::NONE.with(Flag::Burst).with(Flag::Straight);
    for (flag, probability) in [(Flag::Repeat, 0.7), (Flag::Fast, 0.6), (Flag::OffHours, 0.3)] {
        if dice.chance(probability) {
            flags = flags.with(flag);
        }
    }
    flags
}
