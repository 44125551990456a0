//! How the letter writes numbers and periods, and what it calls the rows of a dataset.

use chrono::Datelike;

use crate::app::publications::Names;
use crate::domain::dataset::{Cut, Dataset, Hundredths, Row};
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
    VI.part(count, whole)
}

/// The ends of an interval: `90,78–91,32`.
pub fn range(low: Hundredths, high: Hundredths) -> String {
    format!("{}–{}", decimal(low), decimal(high))
}

/// The name of a period under a point of a chart.
pub fn short_period(key: &str) -> String {
    let Ok(period) = Period::parse(key) else {
        return key.to_owned();
    };
    let year = period.from().format("%y").to_string();
    match period.span() {
        Some(Span::Month) => period.from().format("%m/%y").to_string(),
        Some(Span::Quarter) => format!("{}/{year}", VI.quarter(period)),
        Some(Span::Half) => {
            let key = if period.from().month0() == 0 { "letter.trend.half-1" } else { "letter.trend.half-2" };
            VI.with(key, &[("year", &year)])
        }
        Some(Span::Year) | None => period.from().format("%Y").to_string(),
    }
}

/// What a target is about, in few words.
pub fn scope(names: &Names, key: &str) -> String {
    let Some(target) = names.target(key) else {
        return names.target_name(key);
    };
    match (target.kind, target.fields.as_deref()) {
        (Some(kind), None) => names.kind(kind),
        (Some(_), Some([field])) => names.field_name(field),
        (Some(_), Some(fields)) => {
            let fields: Vec<String> = fields.iter().map(|field| names.field_name(field)).collect();
            VI.with("letter.pooled", &[("fields", &fields.join(", "))])
        }
        (None, _) => names.target_name(key),
    }
}

/// What a row is about.
pub fn subject(names: &Names, kind: Kind, by: Cut, row: &Row) -> String {
    let [first, second] = [0, 1].map(|place| row.key.get(place).map_or("", String::as_str));
    match by {
        Cut::Total => names.kind(kind),
        Cut::Target => scope(names, first),
        Cut::UnitField => format!("{} – {}", names.unit_name(first), names.field_name(second)),
        Cut::Procedure => names.procedure(first).map_or_else(
            || VI.text("letter.procedure-not-stated"),
            |procedure| format!("{} ({})", procedure.name, procedure.code),
        ),
        Cut::Flag => names.word("letter.flag", first),
        Cut::Trend => names.period(first),
        _ => names.row(kind, by, &row.key),
    }
}

/// The words of the levels of a kind, from 5 down to 1.
pub fn level_words(dataset: &Dataset, kind: Kind) -> [String; 5] {
    let last = dataset.questionnaires.iter().rfind(|one| one.kind == kind);
    last.map_or_else(
        || ["5", "4", "3", "2", "1"].map(|level| VI.text(&format!("letter.level.n{level}"))),
        |one| one.levels.clone(),
    )
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
