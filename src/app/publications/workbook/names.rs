//! What the keys of rows are called.

use std::collections::HashMap;

use crate::domain::dataset::{
    CounterEntry, Cut, Dataset, FieldEntry, ProcedureEntry, QuestionEntry, Row, TargetEntry, UnitEntry,
};
use crate::domain::period::Period;
use crate::domain::questionnaire::Kind;
use crate::locale::Lang;

/// The code and name of a row, and of the second part of its key where it has one.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Named {
    /// Code.
    pub code: String,
    /// Name.
    pub name: String,
    /// Code of the second part.
    pub second_code: String,
    /// Name of the second part.
    pub second: String,
}

/// The lists of a dataset by their keys.
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
    /// The lists of a dataset.
    pub fn new(dataset: &'a Dataset, lang: Lang) -> Self {
        let questionnaires = dataset.questionnaires.iter();
        let questions =
            questionnaires.flat_map(|one| one.questions.iter().map(|question| (one.kind, question)));
        // Of several targets with one key the last in force gives the name.
        let mut targets: Vec<&TargetEntry> = dataset.targets.iter().collect();
        targets.sort_by_key(|target| target.valid_from);
        Self {
            lang,
            units: dataset.units.iter().map(|unit| (unit.id.as_str(), unit)).collect(),
            counters: dataset.counters.iter().map(|counter| (counter.id.as_str(), counter)).collect(),
            fields: dataset.fields.iter().map(|field| (field.key.as_str(), field)).collect(),
            procedures: dataset.procedures.iter().map(|one| (one.id.as_str(), one)).collect(),
            targets: targets.into_iter().map(|target| (target.key.as_str(), target)).collect(),
            questions: questions.map(|(kind, one)| ((kind, one.key.as_str()), one)).collect(),
        }
    }

    /// What a row is called.
    pub fn of(&self, kind: Kind, by: Cut, row: &Row) -> Named {
        let mut parts = row.key.iter().map(String::as_str);
        let first = parts.next().unwrap_or_default();
        let second = parts.next().unwrap_or_default();
        let plain = |code: &str, name: String| Named { code: code.to_owned(), name, ..Named::default() };
        match by {
            Cut::Total => plain("", self.lang.text("workbook.total")),
            Cut::Target => plain(first, self.target(first)),
            Cut::Field => plain(first, self.field(first)),
            Cut::Unit | Cut::UnitThen | Cut::Deciding => self.unit(first),
            Cut::UnitField => {
                Named { second_code: second.to_owned(), second: self.field(second), ..self.unit(first) }
            }
            Cut::Procedure => self.procedure(first),
            Cut::Counter => self.counter(first),
            Cut::Element => plain(first, self.element(kind, first)),
            Cut::Stage => plain(first, self.word("stage", first)),
            Cut::Channel => plain(first, self.word("channel", first)),
            Cut::Flag => plain(first, self.word("flag", first)),
            Cut::Month => plain(first, self.period(first)),
            Cut::Trend => {
                let target = self.short_target(second);
                Named { second_code: second.to_owned(), second: target, ..plain(first, self.period(first)) }
            }
        }
    }

    /// The name of a target.
    pub fn target(&self, key: &str) -> String {
        self.targets
            .get(key)
            .map_or_else(|| key.to_owned(), |target| self.name(&target.name, &target.name_en))
    }

    /// What a target is about in few words, for a legend.
    pub fn short_target(&self, key: &str) -> String {
        let Some(target) = self.targets.get(key) else {
            return key.to_owned();
        };
        match (&target.fields, target.kind) {
            (Some(fields), _) => fields.iter().map(|field| self.field(field)).collect::<Vec<_>>().join(" + "),
            (None, Some(kind)) => self.word("workbook.kind", kind.key()),
            (None, None) => self.target(key),
        }
    }

    /// The name of a period that begins a line.
    pub fn period(&self, key: &str) -> String {
        let name = self.plain_period(key);
        let mut letters = name.chars();
        letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
    }

    /// The name of a period within a sentence.
    pub fn plain_period(&self, key: &str) -> String {
        Period::parse(key).map_or_else(|_| key.to_owned(), |period| self.lang.period(period))
    }

    /// The name of a field.
    pub fn field(&self, key: &str) -> String {
        let entry = self.fields.get(key);
        entry.map_or_else(|| self.unknown(key), |field| self.name(&field.name, &field.name_en))
    }

    fn unit(&self, id: &str) -> Named {
        let entry = self.units.get(id);
        entry.map_or_else(
            || Named { name: self.unknown(id), ..Named::default() },
            |unit| Named { code: unit.code.clone(), name: unit.name.clone(), ..Named::default() },
        )
    }

    fn counter(&self, id: &str) -> Named {
        self.counters.get(id).map_or_else(
            || Named { name: self.unknown(id), ..Named::default() },
            |counter| Named { second: counter.name.clone(), ..self.unit(&counter.unit) },
        )
    }

    fn procedure(&self, id: &str) -> Named {
        self.procedures.get(id).map_or_else(
            || Named { name: self.unknown(id), ..Named::default() },
            |procedure| Named {
                code: procedure.code.clone(),
                name: procedure.name.clone(),
                second_code: procedure.field.clone(),
                second: self.field(&procedure.field),
            },
        )
    }

    fn element(&self, kind: Kind, key: &str) -> String {
        let entry = self.questions.get(&(kind, key));
        entry.map_or_else(|| self.unknown(key), |question| self.name(&question.label, &question.label_en))
    }

    /// The word for a key in a list of locale texts.
    pub fn word(&self, list: &str, key: &str) -> String {
        if key.is_empty() { self.unknown(key) } else { self.lang.text(&format!("{list}.{key}")) }
    }

    fn unknown(&self, key: &str) -> String {
        if key.is_empty() { self.lang.text("scores.not-stated") } else { key.to_owned() }
    }

    /// The name in the language, or the Vietnamese one where there is no other.
    pub fn name(&self, vietnamese: &str, english: &str) -> String {
        let own = if self.lang == Lang::En && !english.is_empty() { english } else { vietnamese };
        own.to_owned()
    }
}
