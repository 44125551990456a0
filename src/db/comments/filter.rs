//! Which comments a list asks for.

use chrono::NaiveDate;

use crate::db::sums::list;
use crate::domain::comment::State;
use crate::domain::fold::fold;
use crate::domain::ids::{CounterId, FieldId, ProcedureId, QuestionnaireId, UnitId};
use crate::domain::link::{Channel, Stage};
use crate::domain::period::Period;
use crate::domain::tally::day_number;

/// The words of a search: folded, each of letters and digits alone.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Words(Vec<String>);

impl Words {
    /// Folds a search and splits it; signs only part words.
    pub fn of(search: &str) -> Self {
        let folded = fold(search);
        let words = folded.split(|letter: char| !letter.is_alphanumeric()).filter(|word| !word.is_empty());
        Self(words.take(12).map(str::to_owned).collect())
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
    /// Stage.
    pub stage: Option<Stage>,
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
    /// Words that all stand in the text.
    pub words: Words,
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
        parts.extend(self.stage.map(|stage| format!("c.stage = {}", stage.number())));
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
        parts.extend(self.words.0.iter().map(|word| format!("c.folded LIKE '%{word}%'")));
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
