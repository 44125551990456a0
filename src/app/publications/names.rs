//! What the keys of a dataset are called, from its own lists.

use std::collections::HashMap;

use crate::domain::dataset::{
    CounterEntry, Cut, Dataset, FieldEntry, ProcedureEntry, QuestionEntry, TargetEntry, UnitEntry,
};
use crate::domain::period::Period;
use crate::domain::questionnaire::Kind;
use crate::locale::Lang;

/// The lists of a dataset by their keys, and the names in a language.
///
/// A key that is in no list stands for itself, and an empty one for what was not stated.
#[derive(Debug)]
pub struct Names<'a> {
    lang: Lang,
    units: HashMap<&'a str, &'a UnitEntry>,
    counters: HashMap<&'a str, &'a CounterEntry>,
    fields: HashMap<&'a str, &'a FieldEntry>,
    procedures: HashMap<&'a str, &'a ProcedureEntry>,
    targets: HashMap<&'a str, &'a TargetEntry>,
    questions: HashMap<(Kind, &'a str), &'a QuestionEntry>,
}

impl<'a> Names<'a> {
    /// The names of what a dataset refers to.
    pub fn of(dataset: &'a Dataset, lang: Lang) -> Self {
        let questionnaires = dataset.questionnaires.iter();
        let questions = questionnaires.flat_map(|one| one.questions.iter().map(|asked| (one.kind, asked)));
        Self {
            lang,
            units: dataset.units.iter().map(|one| (one.id.as_str(), one)).collect(),
            counters: dataset.counters.iter().map(|one| (one.id.as_str(), one)).collect(),
            fields: dataset.fields.iter().map(|one| (one.key.as_str(), one)).collect(),
            procedures: dataset.procedures.iter().map(|one| (one.id.as_str(), one)).collect(),
            // Of several of one key the last is the one in force on the last day.
            targets: dataset.targets.iter().map(|one| (one.key.as_str(), one)).collect(),
            questions: questions.map(|(kind, one)| ((kind, one.key.as_str()), one)).collect(),
        }
    }

    /// The language of the names.
    pub const fn lang(&self) -> Lang {
        self.lang
    }

    /// The unit of an id.
    pub fn unit(&self, id: &str) -> Option<&'a UnitEntry> {
        self.units.get(id).copied()
    }

    /// The counter of an id.
    pub fn counter(&self, id: &str) -> Option<&'a CounterEntry> {
        self.counters.get(id).copied()
    }

    /// The procedure of an id.
    pub fn procedure(&self, id: &str) -> Option<&'a ProcedureEntry> {
        self.procedures.get(id).copied()
    }

    /// The target of a key that is in force on the last day.
    pub fn target(&self, key: &str) -> Option<&'a TargetEntry> {
        self.targets.get(key).copied()
    }

    /// The name of a row: its parts with a dot between.
    pub fn row(&self, kind: Kind, by: Cut, key: &[String]) -> String {
        let [first, second] = [0, 1].map(|place| key.get(place).map_or("", String::as_str));
        match by {
            Cut::Total => self.lang.text("column.total"),
            Cut::Target => self.target_name(first),
            Cut::Field => self.field_name(first),
            Cut::Unit | Cut::UnitThen | Cut::Deciding => self.unit_name(first),
            Cut::UnitField => joined(&self.unit_name(first), &self.field_name(second)),
            Cut::Procedure => self.procedure_name(first),
            Cut::Counter => self.counter(first).map_or_else(
                || self.unknown(first),
                |counter| joined(&self.unit_name(&counter.unit), &counter.name),
            ),
            Cut::Element => self.element_name(kind, first),
            Cut::Stage | Cut::Channel | Cut::Flag => self.word(by.key(), first),
            Cut::Month => self.period(first),
            Cut::Trend => joined(&self.period(first), &self.target_name(second)),
        }
    }

    /// The name of a unit.
    pub fn unit_name(&self, id: &str) -> String {
        self.unit(id).map_or_else(|| self.unknown(id), |unit| unit.name.clone())
    }

    /// The name of a field.
    pub fn field_name(&self, key: &str) -> String {
        let entry = self.fields.get(key);
        entry.map_or_else(|| self.unknown(key), |field| self.own(&field.name, &field.name_en))
    }

    /// The name of a procedure.
    pub fn procedure_name(&self, id: &str) -> String {
        self.procedure(id).map_or_else(|| self.unknown(id), |procedure| procedure.name.clone())
    }

    /// The name of a target.
    pub fn target_name(&self, key: &str) -> String {
        self.target(key).map_or_else(|| self.unknown(key), |target| self.own(&target.name, &target.name_en))
    }

    /// What a question of a kind measures.
    pub fn element_name(&self, kind: Kind, key: &str) -> String {
        let entry = self.questions.get(&(kind, key));
        entry.map_or_else(|| self.unknown(key), |asked| self.own(&asked.label, &asked.label_en))
    }

    /// What a kind of questionnaire measures.
    pub fn kind(&self, kind: Kind) -> String {
        self.word("kind", kind.key())
    }

    /// The name of a period within a sentence.
    pub fn period(&self, key: &str) -> String {
        Period::parse(key).map_or_else(|_| self.unknown(key), |period| self.lang.period(period))
    }

    /// The word for a key in a list of locale texts.
    pub fn word(&self, list: &str, key: &str) -> String {
        if key.is_empty() { self.unknown(key) } else { self.lang.text(&format!("{list}.{key}")) }
    }

    /// The name in the language, or the Vietnamese one where there is no other.
    pub fn own(&self, vietnamese: &str, english: &str) -> String {
        let own = if self.lang == Lang::En && !english.is_empty() { english } else { vietnamese };
        own.to_owned()
    }

    fn unknown(&self, key: &str) -> String {
        if key.is_empty() { self.lang.text("scores.not-stated") } else { key.to_owned() }
    }
}

fn joined(first: &str, second: &str) -> String {
    format!("{first} · {second}")
}
