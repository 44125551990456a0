//! What the pages share on which sheets are keyed: questions with their digits, and answers in words.

use super::Typed;
use crate::domain::answer::{Score, Scores};
use crate::domain::keyed;
use crate::domain::questionnaire::Question;
use crate::locale::Lang;

/// A question on the sheet and what may be keyed for it.
pub struct Key {
    /// Place on the sheet, from 1.
    pub place: usize,
    /// Name of the question.
    pub label: String,
    /// The question as citizens read it.
    pub ask: String,
    /// What may be keyed.
    pub allowed: String,
}

/// An answer read back in words.
pub struct Said {
    /// Name of the question.
    pub label: String,
    /// What was keyed.
    pub sign: char,
    /// What that means.
    pub word: String,
}

/// The name of a question.
pub fn label(lang: Lang, question: &Question) -> String {
    question.text(lang).map_or_else(|| question.key.clone(), |text| text.label.clone())
}

/// The questions of a sheet in the order in which they are keyed.
pub fn keys(lang: Lang, questions: &[&Question]) -> Vec<Key> {
    let one = |(place, question): (usize, &&Question)| Key {
        place,
        label: label(lang, question),
        ask: question.text(lang).map_or_else(String::new, |text| text.ask.clone()),
        allowed: keyed::allowed(question),
    };
    (1..).zip(questions).map(one).collect()
}

/// A sheet whose every answer is the highest level, as an example.
pub fn example(questions: &[&Question]) -> String {
    questions.iter().map(|_| '5').collect()
}

/// The digits that a field shows again after a fault: as they were typed, without those that it showed before.
pub fn again(typed: &Typed, answers: usize) -> String {
    let text = |name: &str| typed.get(name).map_or("", String::as_str);
    keyed::over(text("answers"), text("shown"), answers).to_owned()
}

/// What an answer means.
pub fn word(lang: Lang, score: Option<Score>) -> String {
    match keyed::sign(score) {
        keyed::BLANK => lang.text("entry.batch.blank"),
        '0' => lang.text("survey.cell-na"),
        digit => lang.text(&format!("console.level.{digit}")),
    }
}

/// The answers of a sheet in words.
pub fn said(lang: Lang, questions: &[&Question], scores: &Scores) -> Vec<Said> {
    let said = |question: &&Question| {
        let score = scores.get(&question.key).copied();
        Said { label: label(lang, question), sign: keyed::sign(score), word: word(lang, score) }
    };
    questions.iter().map(said).collect()
}
