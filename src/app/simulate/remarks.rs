//! What citizens write: sentences by mood and matter, carried as a data file.

use super::dice::Dice;
use crate::domain::answer::Comment;
use crate::domain::level::Level;

/// One remark a line: sign of the mood, matter, sentence; `{n}` stands for a small number.
const SENTENCES: &str = include_str!("comments.vi");

/// Remarks by mood.
#[derive(Debug, Clone)]
pub struct Remarks {
    glad: Vec<&'static str>,
    neutral: Vec<&'static str>,
    cross: Vec<&'static str>,
}

impl Remarks {
    /// Reads the data file.
    pub fn load() -> Self {
        let with = |sign: &str| {
            let lines = SENTENCES.lines().filter_map(|line| line.split_once('|'));
            let fitting = lines.filter(|(mood, _)| *mood == sign);
            fitting.filter_map(|(_, rest)| rest.split_once('|')).map(|(_, sentence)| sentence).collect()
        };
        Self { glad: with("+"), neutral: with("="), cross: with("-") }
    }

    /// How many there are.
    pub const fn count(&self) -> usize {
        self.glad.len() + self.neutral.len() + self.cross.len()
    }

    /// A comment, more often from those who are not satisfied.
    pub fn comment(&self, level: Level, dice: &mut Dice) -> Option<Comment> {
        let (probability, sentences) = match level {
            Level::VerySatisfied => (0.03, &self.glad),
            Level::Satisfied => (0.05, if dice.chance(0.5) { &self.neutral } else { &self.glad }),
            Level::Neutral => (0.28, if dice.chance(0.5) { &self.neutral } else { &self.cross }),
            Level::Dissatisfied => (0.48, &self.cross),
            Level::VeryDissatisfied => (0.62, &self.cross),
        };
        if !dice.chance(probability) {
            return None;
        }
        let sentence = dice.pick(sentences)?;
        let number = 2 + dice.below(8);
        Some(Comment { id: dice.uuid(), body: sentence.replace("{n}", &number.to_string()) })
    }
}
