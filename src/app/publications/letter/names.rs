//! What the keys of a dataset are called in the letter, and how its numbers are written.

use std::collections::BTreeMap;

use chrono::Datelike;

use crate::domain::dataset::{Cut, Dataset, Hundredths, ProcedureEntry, Row, TargetEntry, UnitEntry};
use crate::domain::number::real;
use crate::domain::period::{Period, Span};
use crate::domain::questionnaire::Kind;
use crate::locale::Lang;

/// The language of the letter.
pub const VI: Lang = Lang::Vi;

/// Shown in place of what is hidden.
pub const HIDDEN: &str = "…";

/// Shown where there is nothing to say.
pub const NONE: &str = "–";

/// A value in hundredths with both decimals: `91,05`. The frozen digits, rounded no second time.
pub fn decimal(value: Hundredths) -> String {
    let (whole, rest) = (value.unsigned_abs() / 100, value.unsigned_abs() % 100);
    let sign = if value < 0 { "−" } else { "" };
    format!("{sign}{},{rest:02}", VI.count(whole))
}

/// A percentage in hundredths: `91,05%`.
pub fn percent(value: Hundredths) -> String {
    format!("{}%", decimal(value))
}

/// A target, with decimals only where it has some: `90%`, `87,5%`.
pub fn goal(threshold: i32) -> String {
    let text = decimal(threshold.into());
    format!("{}%", text.trim_end_matches('0').trim_end_matches(','))
}

/// A part of a whole in percent with one decimal: `42,0%`; a dash over nothing.
pub fn part(count: u64, whole: u64) -> String {
    VI.percent((whole > 0).then(|| 100.0 * real(count) / real(whole)))
}

/// The ends of an interval: `90,78–91,32`.
pub fn range(low: Hundredths, high: Hundredths) -> String {
    format!("{}–{}", decimal(low), decimal(high))
}

/// The name of a period within a sentence, and of dates where it is none.
pub fn period(key: &str) -> String {
    Period::parse(key).map_or_else(|_| key.to_owned(), |period| VI.period(period))
}

/// The name of a period under a point of a chart.
pub fn short_period(key: &str) -> String {
    let Ok(period) = Period::parse(key) else {
        return key.to_owned();
    };
    let year = period.from().format("%y").to_string();
    let month = period.from().month0();
    match period.span() {
        Some(Span::Month) => period.from().format("%m/%y").to_string(),
        Some(Span::Quarter) => {
            let number = ["I", "II", "III"].get(usize::try_from(month / 3).unwrap_or(usize::MAX));
            format!("{}/{year}", number.unwrap_or(&"IV"))
        }
        Some(Span::Half) => {
            let key = if month == 0 { "letter.trend.half-1" } else { "letter.trend.half-2" };
            VI.with(key, &[("year", &year)])
        }
        Some(Span::Year) | None => period.from().format("%Y").to_string(),
    }
}

/// Names by key.
pub struct Names<'a> {
    dataset: &'a Dataset,
    units: BTreeMap<&'a str, &'a UnitEntry>,
    procedures: BTreeMap<&'a str, &'a ProcedureEntry>,
}

impl<'a> Names<'a> {
    /// Those of a dataset.
    pub fn of(dataset: &'a Dataset) -> Self {
        Self {
            units: dataset.units.iter().map(|unit| (unit.id.as_str(), unit)).collect(),
            procedures: dataset.procedures.iter().map(|one| (one.id.as_str(), one)).collect(),
            dataset,
        }
    }

    /// The unit of an id.
    pub fn unit(&self, id: &str) -> Option<&'a UnitEntry> {
        self.units.get(id).copied()
    }

    /// The target of a key that is in force on the last day.
    pub fn target(&self, key: &str) -> Option<&'a TargetEntry> {
        self.dataset.targets.iter().rfind(|target| target.key == key)
    }

    /// What a target is about, in few words.
    pub fn scope(&self, key: &str) -> String {
        let Some(target) = self.target(key) else {
            return key.to_owned();
        };
        match (target.kind, target.fields.as_deref()) {
            (Some(kind), None) => self.kind(kind),
            (Some(_), Some([field])) => self.field(field),
            (Some(_), Some(fields)) => {
                let names: Vec<String> = fields.iter().map(|field| self.field(field)).collect();
                VI.with("letter.pooled", &[("fields", &names.join(", "))])
            }
            (None, _) => target.name.clone(),
        }
    }

    /// What a kind of questionnaire measures.
    pub fn kind(&self, kind: Kind) -> String {
        VI.text(&format!("kind.{}", kind.key()))
    }

    /// The field of a key.
    pub fn field(&self, key: &str) -> String {
        let field = self.dataset.fields.iter().find(|field| field.key == key);
        field.map_or_else(|| VI.text("scores.not-stated"), |field| field.name.clone())
    }

    /// The words of the levels of a kind, from 5 down to 1.
    pub fn levels(&self, kind: Kind) -> [String; 5] {
        let last = self.dataset.questionnaires.iter().rfind(|one| one.kind == kind);
        last.map_or_else(
            || ["5", "4", "3", "2", "1"].map(|level| VI.text(&format!("letter.level.n{level}"))),
            |one| one.levels.clone(),
        )
    }

    /// What a row is about.
    pub fn row(&self, kind: Kind, by: Cut, row: &Row) -> String {
        let key = row.key.first().map_or("", String::as_str);
        let unit = |id: &str| self.unit(id).map_or_else(|| id.to_owned(), |unit| unit.name.clone());
        match by {
            Cut::Total => self.kind(kind),
            Cut::Target => self.scope(key),
            Cut::Field => self.field(key),
            Cut::Unit | Cut::UnitThen | Cut::Deciding => unit(key),
            Cut::UnitField => {
                format!("{} – {}", unit(key), self.field(row.key.get(1).map_or("", String::as_str)))
            }
            Cut::Procedure => self.procedures.get(key).map_or_else(
                || VI.text("letter.procedure-not-stated"),
                |procedure| format!("{} ({})", procedure.name, procedure.code),
            ),
            Cut::Counter => key.to_owned(),
            Cut::Element => self.element(kind, key),
            Cut::Stage => VI.text(&format!("stage.{key}")),
            Cut::Channel => VI.text(&format!("channel.{key}")),
            Cut::Flag => VI.text(&format!("letter.flag.{key}")),
            Cut::Month | Cut::Trend => period(key),
        }
    }

    fn element(&self, kind: Kind, key: &str) -> String {
        let versions = self.dataset.questionnaires.iter().rev().filter(|one| one.kind == kind);
        let found = versions.flat_map(|one| &one.questions).find(|question| question.key == key);
        found.map_or_else(|| key.to_owned(), |question| question.label.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_as_vietnamese_officials_write_them() {
        assert_eq!(
            (decimal(9_105), decimal(-93), decimal(3_997_969)),
            ("91,05".into(), "−0,93".into(), "39.979,69".into())
        );
        assert_eq!([9_000, 8_750, 8_755].map(goal), ["90%", "87,5%", "87,55%"]);
        assert_eq!((part(18_020, 42_933), part(0, 0)), ("42,0%".into(), "–".into()));
        assert_eq!(range(0, 10_000), "0,00–100,00");
    }

    #[test]
    fn a_period_is_short_under_a_chart() {
        let short = ["2026-Q3", "2026-H1", "2026", "2026-09", "2026-09-01..2026-09-15"].map(short_period);
        assert_eq!(short, ["III/26", "đầu 26", "2026", "09/26", "2026"]);
    }
}
