//! The data dictionary: every column of the table and every member of the canonical file, with meaning, form,
//! unit and allowed values.

use serde_json::{Value as Json, json};

use super::table::IMPORTED;
use crate::app::exports::{Sheet, Value};
use crate::domain::dataset::{Cut, FORMAT, Mark};
use crate::domain::questionnaire::Kind;
use crate::domain::target::Verdict;
use crate::domain::unit::UnitLevel;
use crate::locale::Lang;

/// Name and version of the form of the dictionary.
pub const SCHEMA: &str = "hailong-dictionary/1";

/// Where something is found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// A column of the table (CSV).
    Column,
    /// A member of the canonical file (JSON), its path with dots.
    Member,
}

impl Place {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Column, Self::Member];

    /// The word in files.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Column => "column",
            Self::Member => "member",
        }
    }

    const fn lines(self) -> &'static [Line] {
        match self {
            Self::Column => COLUMNS,
            Self::Member => MEMBERS,
        }
    }
}

/// Name, form, unit, and the key of the sentence on what it means; a form that ends on `?` may be empty.
type Line = (&'static str, &'static str, &'static str, &'static str);

const COLUMNS: &[Line] = &[
    ("period", "text", "", "period"),
    ("from", "date", "", "from"),
    ("to", "date", "", "to"),
    ("number", "integer", "", "number"),
    ("version", "integer", "", "version"),
    ("kind", "text", "", "row-kind"),
    ("cut", "text", "", "cut"),
    ("key", "text?", "", "key"),
    ("code", "text?", "", "code"),
    ("name", "text", "", "name"),
    ("name_en", "text", "", "name-en"),
    ("marks", "text?", "", "marks"),
    ("hidden", "boolean", "", "hidden"),
    ("target", "decimal?", "percent", "target"),
    ("settled", "integer?", "dossiers", "settled"),
    ("n", "integer?", "answers", "n"),
    ("k", "integer?", "answers", "k"),
    ("n5", "integer?", "answers", "n5"),
    ("n4", "integer?", "answers", "n4"),
    ("n3", "integer?", "answers", "n3"),
    ("n2", "integer?", "answers", "n2"),
    ("n1", "integer?", "answers", "n1"),
    ("na", "integer?", "answers", "na"),
    ("index", "decimal?", "percent", "index"),
    ("low", "decimal?", "percent", "low"),
    ("high", "decimal?", "percent", "high"),
    ("verdict", "text?", "", "verdict"),
    ("f2_k", "integer?", "answers", "f2-k"),
    ("f2_n", "integer?", "answers", "f2-n"),
    ("f2", "decimal?", "percent", "f2"),
    ("f3_k", "integer?", "answers", "f3-k"),
    ("f3_n", "integer?", "answers", "f3-n"),
    ("f3", "decimal?", "percent", "f3"),
    ("f4", "decimal?", "score", "f4"),
    ("f4_of_5", "decimal?", "percent", "f4-of-5"),
    ("f4_of_span", "decimal?", "percent", "f4-of-span"),
    ("f5", "decimal?", "percent", "f5"),
    ("f5_low", "decimal?", "percent", "f5-low"),
    ("f5_high", "decimal?", "percent", "f5-high"),
    ("f5_coverage", "decimal?", "percent", "f5-coverage"),
    ("f5_effective_n", "decimal?", "answers", "f5-effective"),
    ("f5_capped", "boolean?", "", "f5-capped"),
    ("unflagged_k", "integer?", "answers", "unflagged-k"),
    ("unflagged_n", "integer?", "answers", "unflagged-n"),
    ("unflagged_index", "decimal?", "percent", "unflagged-index"),
    ("source", "text?", "", "source"),
    ("method", "text?", "", "method-of-row"),
    ("simulated", "boolean", "", "simulated"),
    ("published_at", "instant", "", "published-at"),
    ("corrects", "text?", "", "corrects"),
];

const MEMBERS: &[Line] = &[
    ("format", "text", "", "format"),
    ("issue", "object?", "", "issue"),
    ("issue.number", "integer", "", "number"),
    ("issue.at", "instant", "", "published-at"),
    ("issue.previous", "text?", "", "previous"),
    ("issue.corrects", "text?", "", "corrects"),
    ("issue.complete", "text", "", "complete"),
    ("issue.late", "integer?", "answers", "late"),
    ("seal", "text?", "", "seal"),
    ("period", "object", "", "days"),
    ("period.key", "text", "", "period"),
    ("period.from", "date", "", "from"),
    ("period.to", "date", "", "to"),
    ("version", "integer", "", "version"),
    ("simulated", "boolean", "", "simulated"),
    ("frozen_at", "instant", "", "frozen-at"),
    ("floor", "integer", "answers", "floor"),
    ("method", "object", "", "method"),
    ("method.id", "text", "", "method-id"),
    ("method.version", "integer", "", "method-version"),
    ("method.z", "text", "", "method-z"),
    ("method.enough", "integer", "answers", "method-enough"),
    ("surveys", "list", "", "surveys"),
    ("surveys.kind", "text", "", "kind"),
    ("surveys.breaks", "list", "", "breaks"),
    ("surveys.tables", "list", "", "tables"),
    ("surveys.tables.by", "text", "", "cut"),
    ("surveys.tables.rows", "list", "", "rows"),
    ("surveys.tables.rows.key", "list", "", "key"),
    ("surveys.tables.rows.marks", "list", "", "marks"),
    ("surveys.tables.rows.target", "integer?", "hundredths", "target"),
    ("surveys.tables.rows.settled", "integer?", "dossiers", "settled"),
    ("surveys.tables.rows.levels", "object?", "", "levels"),
    ("surveys.tables.rows.levels.n5", "integer", "answers", "n5"),
    ("surveys.tables.rows.levels.n4", "integer", "answers", "n4"),
    ("surveys.tables.rows.levels.n3", "integer", "answers", "n3"),
    ("surveys.tables.rows.levels.n2", "integer", "answers", "n2"),
    ("surveys.tables.rows.levels.n1", "integer", "answers", "n1"),
    ("surveys.tables.rows.levels.na", "integer", "answers", "na"),
    ("surveys.tables.rows.figures", "object?", "", "figures"),
    ("surveys.tables.rows.figures.index", "integer?", "hundredths", "index"),
    ("surveys.tables.rows.figures.low", "integer?", "hundredths", "low"),
    ("surveys.tables.rows.figures.high", "integer?", "hundredths", "high"),
    ("surveys.tables.rows.figures.verdict", "text?", "", "verdict"),
    ("surveys.tables.rows.figures.f2", "object?", "", "f2"),
    ("surveys.tables.rows.figures.f2.k", "integer", "answers", "f2-k"),
    ("surveys.tables.rows.figures.f2.n", "integer", "answers", "f2-n"),
    ("surveys.tables.rows.figures.f2.index", "integer?", "hundredths", "f2"),
    ("surveys.tables.rows.figures.f3", "object?", "", "f3"),
    ("surveys.tables.rows.figures.f3.k", "integer", "answers", "f3-k"),
    ("surveys.tables.rows.figures.f3.n", "integer", "answers", "f3-n"),
    ("surveys.tables.rows.figures.f3.index", "integer?", "hundredths", "f3"),
    ("surveys.tables.rows.figures.f4", "integer?", "hundredths-score", "f4"),
    ("surveys.tables.rows.figures.f4_of_5", "integer?", "hundredths", "f4-of-5"),
    ("surveys.tables.rows.figures.f4_of_span", "integer?", "hundredths", "f4-of-span"),
    ("surveys.tables.rows.figures.f5", "object?", "", "f5"),
    ("surveys.tables.rows.figures.f5.index", "integer", "hundredths", "f5"),
    ("surveys.tables.rows.figures.f5.low", "integer", "hundredths", "f5-low"),
    ("surveys.tables.rows.figures.f5.high", "integer", "hundredths", "f5-high"),
    ("surveys.tables.rows.figures.f5.coverage", "integer", "hundredths", "f5-coverage"),
    ("surveys.tables.rows.figures.f5.effective", "integer", "hundredths-answers", "f5-effective"),
    ("surveys.tables.rows.figures.f5.capped", "boolean", "", "f5-capped"),
    ("surveys.tables.rows.unflagged", "object?", "", "unflagged"),
    ("surveys.tables.rows.unflagged.k", "integer", "answers", "unflagged-k"),
    ("surveys.tables.rows.unflagged.n", "integer", "answers", "unflagged-n"),
    ("surveys.tables.rows.unflagged.index", "integer?", "hundredths", "unflagged-index"),
    ("imported", "list", "", "imported"),
    ("imported.target", "text", "", "target-key"),
    ("imported.index", "integer?", "hundredths", "imported-index"),
    ("imported.respondents", "integer?", "respondents", "respondents"),
    ("imported.source", "text?", "", "source"),
    ("targets", "list", "", "targets"),
    ("targets.key", "text", "", "target-key"),
    ("targets.name", "text", "", "name"),
    ("targets.name_en", "text", "", "name-en"),
    ("targets.kind", "text?", "", "target-kind"),
    ("targets.fields", "list?", "", "target-fields"),
    ("targets.threshold", "integer", "hundredths", "target"),
    ("targets.legal_basis", "text", "", "legal-basis"),
    ("targets.valid_from", "date", "", "valid-from"),
    ("targets.valid_to", "date?", "", "valid-to"),
    ("questionnaires", "list", "", "questionnaires"),
    ("questionnaires.kind", "text", "", "kind"),
    ("questionnaires.version", "integer", "", "questionnaire-version"),
    ("questionnaires.levels", "list", "", "level-words"),
    ("questionnaires.questions", "list", "", "questions"),
    ("questionnaires.questions.key", "text", "", "question-key"),
    ("questionnaires.questions.headline", "boolean", "", "headline"),
    ("questionnaires.questions.ask", "text", "", "ask"),
    ("questionnaires.questions.label", "text", "", "label"),
    ("questionnaires.questions.label_en", "text", "", "label-en"),
    ("units", "list", "", "units"),
    ("units.id", "text", "", "id"),
    ("units.code", "text", "", "unit-code"),
    ("units.name", "text", "", "name"),
    ("units.level", "text", "", "level"),
    ("units.valid_from", "date", "", "valid-from"),
    ("units.valid_to", "date?", "", "valid-to"),
    ("units.holds", "list", "", "holds"),
    ("counters", "list", "", "counters"),
    ("counters.id", "text", "", "id"),
    ("counters.unit", "text", "", "counter-unit"),
    ("counters.name", "text", "", "name"),
    ("fields", "list", "", "fields"),
    ("fields.key", "text", "", "field-key"),
    ("fields.name", "text", "", "name"),
    ("fields.name_en", "text", "", "name-en"),
    ("procedures", "list", "", "procedures"),
    ("procedures.id", "text", "", "id"),
    ("procedures.code", "text", "", "procedure-code"),
    ("procedures.name", "text", "", "name"),
    ("procedures.field", "text", "", "field-key"),
];

/// A column or member.
pub struct Entry {
    /// Where it is found.
    pub place: Place,
    /// Its name or path.
    pub name: &'static str,
    /// `text`, `integer`, `decimal`, `boolean`, `date`, `instant`, `list` or `object`.
    pub form: &'static str,
    /// Whether it may be empty or null.
    pub may_be_empty: bool,
    /// What it is counted in, as a key; empty for none.
    pub unit: &'static str,
    /// Every value that it may have; empty where they are not limited.
    pub allowed: Vec<&'static str>,
    meaning: &'static str,
}

impl Entry {
    /// What it means.
    pub fn meaning(&self, lang: Lang) -> String {
        lang.text(&format!("dictionary.meaning.{}", self.meaning))
    }

    /// What it is counted in, in words.
    pub fn unit(&self, lang: Lang) -> String {
        if self.unit.is_empty() {
            return String::new();
        }
        lang.text(&format!("dictionary.unit.{}", self.unit))
    }

    /// Its form in words.
    pub fn form(&self, lang: Lang) -> String {
        lang.text(&format!("dictionary.form.{}", self.form))
    }
}

/// Every entry of a place, in the order of the files.
pub fn entries(place: Place) -> impl Iterator<Item = Entry> {
    place.lines().iter().map(move |(name, form, unit, meaning)| Entry {
        place,
        name,
        form: form.trim_end_matches('?'),
        may_be_empty: form.ends_with('?'),
        unit,
        allowed: allowed(meaning),
        meaning,
    })
}

fn allowed(meaning: &str) -> Vec<&'static str> {
    match meaning {
        "format" => vec![FORMAT],
        "kind" | "target-kind" => Kind::ALL.map(Kind::key).to_vec(),
        "row-kind" => Kind::ALL.map(Kind::key).into_iter().chain([IMPORTED]).collect(),
        "cut" => Cut::ALL.map(Cut::key).to_vec(),
        "marks" => Mark::ALL.map(Mark::key).to_vec(),
        "verdict" => Verdict::ALL.map(Verdict::key).to_vec(),
        "level" => UnitLevel::ALL.map(UnitLevel::key).to_vec(),
        "hidden" | "simulated" | "f5-capped" | "headline" => vec!["true", "false"],
        _ => Vec::new(),
    }
}

/// The dictionary for programs.
pub fn json() -> Json {
    let list = |place: Place| -> Vec<Json> {
        let entry = |entry: Entry| {
            json!({
                "name": entry.name,
                "type": entry.form,
                "may_be_empty": entry.may_be_empty,
                "unit": if entry.unit.is_empty() { Json::Null } else { entry.unit.into() },
                "allowed": if entry.allowed.is_empty() { Json::Null } else { entry.allowed.clone().into() },
                "meaning": { "vi": entry.meaning(Lang::Vi), "en": entry.meaning(Lang::En) },
            })
        };
        entries(place).map(entry).collect()
    };
    json!({ "schema": SCHEMA, "columns": list(Place::Column), "members": list(Place::Member) })
}

/// The dictionary as a table.
pub fn sheet() -> Sheet {
    let keys = ["place", "name", "type", "may_be_empty", "unit", "allowed", "meaning_vi", "meaning_en"];
    let row = |entry: Entry| {
        let empty = entry.may_be_empty.to_string();
        let [vi, en] = Lang::ALL.map(|lang| entry.meaning(lang));
        let texts = [entry.place.key(), entry.name, entry.form, &empty, entry.unit, &entry.allowed.join(" ")];
        texts.into_iter().map(str::to_owned).chain([vi, en]).map(Value::Text).collect()
    };
    Sheet {
        columns: keys.iter().map(|key| ((*key).to_owned(), (*key).to_owned())).collect(),
        rows: Place::ALL.into_iter().flat_map(entries).map(row).collect(),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::app::open_data::COLUMNS as WRITTEN;
    use crate::domain::dataset::Dataset;

    /// A dataset in which nothing is missing.
    const FULL: &str = r#"{"format":"hailong-dataset/1",
        "issue":{"number":2,"at":"2026-10-20T01:02:03Z","previous":"a","corrects":"b","complete":"c","late":12},
        "seal":"d","period":{"key":"2026-Q3","from":"2026-07-01","to":"2026-09-30"},"version":2,"simulated":true,
        "frozen_at":"2026-10-20T01:02:03Z","floor":10,"method":{"id":"F1","version":1,"z":"1.96","enough":30},
        "surveys":[{"kind":"tthc","breaks":["2026-08-01"],"tables":[{"by":"total","rows":[{"key":["x"],
            "marks":["split"],"target":9000,"settled":5,"levels":{"n5":1,"n4":2,"n3":3,"n2":4,"n1":5,"na":6},
            "figures":{"index":1,"low":1,"high":1,"verdict":"too-few","f2":{"k":1,"n":2,"index":5000},
                "f3":{"k":1,"n":2,"index":5000},"f4":1,"f4_of_5":1,"f4_of_span":1,
                "f5":{"index":1,"low":1,"high":1,"coverage":1,"effective":1,"capped":true}},
            "unflagged":{"k":1,"n":2,"index":5000}}]}]}],
        "imported":[{"target":"y-te","index":1,"respondents":1,"source":"x"}],
        "targets":[{"key":"x","name":"x","name_en":"x","kind":"tthc","fields":["x"],"threshold":1,
            "legal_basis":"x","valid_from":"2026-01-01","valid_to":"2027-01-01"}],
        "questionnaires":[{"kind":"tthc","version":1,"levels":["5","4","3","2","1"],"questions":[{"key":"x",
            "headline":true,"ask":"x","label":"x","label_en":"x"}]}],
        "units":[{"id":"1","code":"x","name":"x","level":"xa","valid_from":"2026-01-01","valid_to":null,"holds":["1"]}],
        "counters":[{"id":"1","unit":"1","name":"x"}],"fields":[{"key":"x","name":"x","name_en":"x"}],
        "procedures":[{"id":"1","code":"x","name":"x","field":"x"}]}"#;

    fn paths(value: &Json, path: &str, found: &mut BTreeSet<String>) {
        match value {
            Json::Object(members) => {
                for (name, member) in members {
                    let path = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
                    found.insert(path.clone());
                    paths(member, &path, found);
                }
            }
            Json::Array(values) => values.iter().for_each(|value| paths(value, path, found)),
            _ => {}
        }
    }

    #[test]
    fn every_member_and_every_column_is_explained_and_nothing_else() {
        let dataset = Dataset::read(FULL.as_bytes()).unwrap();
        let written: Json = serde_json::from_slice(&dataset.canonical().unwrap()).unwrap();
        let mut found = BTreeSet::new();
        paths(&written, "", &mut found);
        let explained = |place| entries(place).map(|entry| entry.name.to_owned());
        assert_eq!(explained(Place::Member).collect::<BTreeSet<_>>(), found);
        assert_eq!(explained(Place::Member).count(), found.len());
        assert_eq!(explained(Place::Column).collect::<Vec<_>>(), WRITTEN);
    }

    #[test]
    fn every_entry_has_its_sentence_in_both_languages() {
        for entry in Place::ALL.into_iter().flat_map(entries) {
            for lang in Lang::ALL {
                for text in [entry.meaning(lang), entry.form(lang), entry.unit(lang)] {
                    assert!(!text.contains("dictionary."), "{}: {text}", entry.name);
                }
            }
        }
    }
}
