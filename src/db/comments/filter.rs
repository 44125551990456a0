//! Which comments a list asks for.

use chrono::NaiveDate;

use crate::db::sums::list;
use crate::domain::comment::State;
use crate::domain::fold::words;
use crate::domain::ids::{CounterId, FieldId, PersonId, ProcedureId, QuestionnaireId, UnitId};
use crate::domain::link::{Channel, Stage};
use crate::domain::period::Period;
use crate::domain::tally::day_number;

/// The phrases of a search: folded words of letters and digits alone, with a blank between them.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Phrases(Vec<String>);

impl Phrases {
    /// Folds a search and splits it: a comma or semicolon parts phrases, unless it stands within a number.
    pub fn of(search: &str) -> Self {
        let mut parts = vec![String::new()];
        let letters: Vec<char> = search.chars().collect();
        for (place, letter) in letters.iter().enumerate() {
            let is_digit = |place: Option<usize>| {
                place.and_then(|place| letters.get(place)).is_some_and(char::is_ascii_digit)
            };
            let is_within = is_digit(place.checked_sub(1)) && is_digit(Some(place + 1));
            if matches!(letter, ',' | ';') && !is_within {
                parts.push(String::new());
            } else if let Some(part) = parts.last_mut() {
                part.push(*letter);
            }
        }
        Self(parts.iter().map(|part| words(part)).filter(|phrase| !phrase.is_empty()).collect())
    }
}

/// What a list is sorted by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Order {
    /// Day of the answer.
    #[default]
    Received,
    /// Due date.
    Due,
    /// Level.
    Level,
    /// State.
    State,
}

/// Which comments are listed.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Units at whose counters they were written; none means everywhere.
    pub served: Option<Vec<UnitId>>,
    /// Days.
    pub period: Option<Period>,
    /// Field.
    pub field: Option<FieldId>,
    /// Procedure.
    pub procedure: Option<ProcedureId>,
    /// Counter.
    pub counter: Option<CounterId>,
    /// Stages; none means all.
    pub stages: Option<Vec<Stage>>,
    /// Channel.
    pub channel: Option<Channel>,
    /// Versions of the questionnaire; none means all.
    pub questionnaires: Option<Vec<QuestionnaireId>>,
    /// States; an empty list means every one.
    pub states: Vec<State>,
    /// Only levels 1 and 2.
    pub low: bool,
    /// Only those still open whose due date lies before this day.
    pub overdue_on: Option<NaiveDate>,
    /// Only those that this person is to handle; the inner one is none for those that nobody is.
    pub assignee: Option<Option<PersonId>>,
    /// Phrases that all stand in the text.
    pub phrases: Phrases,
}

impl Filter {
    /// The conditions, put together from names of columns, whole numbers, dates and words of letters
    /// and digits alone.
    pub(super) fn conditions(&self) -> String {
        let mut parts = vec!["1 = 1".to_owned()];
        parts.extend(self.served.as_ref().map(|units| one_of("c.served_unit_id", units)));
        parts.extend(self.questionnaires.as_ref().map(|versions| one_of("c.questionnaire_id", versions)));
        if let Some(period) = self.period {
            let (from, to) = (day_number(period.from()), day_number(period.to()));
            parts.push(format!("c.day BETWEEN {from} AND {to}"));
        }
        parts.extend(self.field.map(|field| format!("c.field_id = {field}")));
        parts.extend(self.procedure.map(|procedure| format!("c.procedure_id = {procedure}")));
        parts.extend(self.counter.map(|counter| format!("c.counter_id = {counter}")));
        let numbers = |stages: &Vec<Stage>| stages.iter().map(|stage| stage.number()).collect::<Vec<_>>();
        parts.extend(self.stages.as_ref().map(|stages| one_of("c.stage", &numbers(stages))));
        parts.extend(self.channel.map(|channel| format!("c.channel = {}", channel.number())));
        if !self.states.is_empty() {
            parts.push(in_states(self.states.iter()));
        }
        if self.low {
            parts.push("c.level IN (1, 2)".to_owned());
        }
        if let Some(today) = self.overdue_on {
            let open = in_states(State::ALL.iter().filter(|state| state.is_open()));
            parts.push(format!("{open} AND c.due_on < '{today}'"));
        }
        parts.extend(self.assignee.map(|assignee| match assignee {
            Some(person) => format!("c.assignee_id = {person}"),
            None => "c.assignee_id IS NULL".to_owned(),
        }));
        parts.extend(self.phrases.0.iter().map(|phrase| format!("c.folded LIKE '% {phrase}%'")));
        parts.join(" AND ")
    }
}

fn in_states<'a>(states: impl Iterator<Item = &'a State>) -> String {
    one_of("c.state", &states.map(|state| state.number()).collect::<Vec<_>>())
}

/// An empty list would be no SQL; zero is no id and no state.
pub(super) fn one_of(column: &str, values: &[impl ToString]) -> String {
    let values = list(std::iter::once("0".to_owned()).chain(values.iter().map(ToString::to_string)));
    format!("{column} IN ({values})")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commas_part_phrases_and_other_signs_words() {
        let phrases = |search: &str| Phrases::of(search).0;
        assert_eq!(phrases(" “Hồ sơ”, chậm "), ["ho so", "cham"]);
        assert_eq!(phrases("nộp 1,500.000; đất"), ["nop 1 500 000", "dat"]);
        assert!(phrases("', %_;").is_empty());
    }
}
