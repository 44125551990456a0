//! Languages, translated texts, and numbers and dates as each language writes them.

use std::cmp::Ordering;
use std::collections::HashMap;
use std::rc::Rc;
use std::sync::LazyLock;

use chrono::{Datelike, NaiveDate};
use icu_collator::options::{CollatorOptions, Strength};
use icu_collator::preferences::CollationNumericOrdering;
use icu_collator::{Collator, CollatorBorrowed, CollatorPreferences};
use icu_locale_core::locale;
use serde::{Deserialize, Serialize};

use crate::domain::number::{in_hundredths, nearest, real};
use crate::domain::period::{Period, Span};

/// A language of the product.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Lang {
    /// Vietnamese, the first language.
    #[default]
    Vi,
    /// English.
    En,
}

impl Lang {
    /// Both languages.
    pub const ALL: [Self; 2] = [Self::Vi, Self::En];

    /// The two letters used in pages, addresses and storage.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Vi => "vi",
            Self::En => "en",
        }
    }

    /// The language of those letters.
    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|lang| lang.key() == key)
    }

    /// The other language, offered at the top of each page.
    pub const fn other(self) -> Self {
        match self {
            Self::Vi => Self::En,
            Self::En => Self::Vi,
        }
    }

    /// The text of a key in this language. A key without a text shows itself; a test finds those.
    pub fn text(self, key: &str) -> String {
        crate::_rust_i18n_translate(self.key(), key).into_owned()
    }

    /// The text of a key with its `%{name}` places filled.
    pub fn with(self, key: &str, places: &[(&str, &str)]) -> String {
        let mut text = self.text(key);
        for (name, value) in places {
            text = text.replace(&format!("%{{{name}}}"), value);
        }
        text
    }

    /// A whole number with the thousands sign: `18.204` or `18,204`.
    pub fn count(self, number: u64) -> String {
        let digits = number.to_string();
        let sign = match self {
            Self::Vi => '.',
            Self::En => ',',
        };
        let mut text = String::with_capacity(digits.len() + digits.len() / 3);
        for (place, digit) in digits.chars().enumerate() {
            if place > 0 && (digits.len() - place).is_multiple_of(3) {
                text.push(sign);
            }
            text.push(digit);
        }
        text
    }

    /// A number with so many decimals: `92,7` or `92.7`; a true minus sign before a negative one.
    pub fn decimal(self, number: f64, decimals: usize) -> String {
        let text = format!("{:.decimals$}", number.abs());
        let text = match self {
            Self::Vi => text.replace('.', ","),
            Self::En => text,
        };
        let is_zero = !text.bytes().any(|byte| (b'1'..=b'9').contains(&byte));
        if number < 0.0 && !is_zero { format!("−{text}") } else { text }
    }

    /// A percentage, or points of it, with the two decimals that all files have, halves away from zero:
    /// with fewer, an index of 89.96% would read as a target of 90 that it misses.
    pub fn hundredths(self, percent: f64) -> String {
        self.decimal(in_hundredths(nearest(percent * 100.0)), 2)
    }

    /// An index with two decimals and its sign, or a dash where there is none.
    pub fn percent(self, percent: Option<f64>) -> String {
        percent.map_or_else(|| "–".to_owned(), |value| format!("{}%", self.hundredths(value)))
    }

    /// A part of a whole that is not judged, in percent with one decimal; a dash over nothing.
    pub fn part(self, part: u64, whole: u64) -> String {
        let share = (whole > 0).then(|| 100.0 * real(part) / real(whole));
        share.map_or_else(|| "–".to_owned(), |share| format!("{}%", self.decimal(share, 1)))
    }

    /// A difference in points with its sign, or a dash where there is none.
    pub fn points(self, points: Option<f64>) -> String {
        points.map_or_else(
            || "–".to_owned(),
            |value| {
                let text = self.hundredths(value);
                if nearest(value * 100.0) > 0 { format!("+{text}") } else { text }
            },
        )
    }

    /// A date as dd/mm/yyyy.
    pub fn date(self, date: NaiveDate) -> String {
        date.format("%d/%m/%Y").to_string()
    }

    /// The name of a period: "quý III/2026", "Q3 2026".
    pub fn period(self, period: Period) -> String {
        let from = period.from();
        let year = from.year().to_string();
        match period.span() {
            Some(Span::Year) => self.with("period.year", &[("year", &year)]),
            Some(Span::Half) => {
                let half = if from.month() == 1 { "period.half-1" } else { "period.half-2" };
                self.with(half, &[("year", &year)])
            }
            Some(Span::Quarter) => {
                let key = format!("period.quarter-{}", from.month0() / 3 + 1);
                self.with(&key, &[("year", &year)])
            }
            Some(Span::Month) => {
                let month = from.format("%m").to_string();
                self.with("period.month", &[("month", &month), ("year", &year)])
            }
            None => {
                let (from, to) = (self.date(from), self.date(period.to()));
                self.with("period.days", &[("from", &from), ("to", &to)])
            }
        }
    }

    /// The number of the quarter in which a period starts: `III`, `Q3`.
    pub fn quarter(self, period: Period) -> &'static str {
        match (period.from().month0() / 3, self) {
            (0, Self::Vi) => "I",
            (1, Self::Vi) => "II",
            (2, Self::Vi) => "III",
            (_, Self::Vi) => "IV",
            (0, Self::En) => "Q1",
            (1, Self::En) => "Q2",
            (2, Self::En) => "Q3",
            (_, Self::En) => "Q4",
        }
    }
}

impl std::fmt::Display for Lang {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.key())
    }
}

/// A sentence for a user, kept as its key until the language is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    key: &'static str,
    places: Vec<(&'static str, Filled)>,
}

/// What fills a place of a sentence.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Filled {
    Text(String),
    /// A number of things, written as the language groups digits.
    Count(u64),
}

impl Message {
    /// The sentence of a key in `locales/`.
    pub const fn new(key: &'static str) -> Self {
        Self { key, places: Vec::new() }
    }

    /// Fills the place `%{name}` of the sentence.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl ToString) -> Self {
        self.places.push((name, Filled::Text(value.to_string())));
        self
    }

    /// Fills a place with a number of things.
    #[must_use]
    pub fn with_count(mut self, name: &'static str, count: impl TryInto<u64>) -> Self {
        self.places.push((name, Filled::Count(count.try_into().unwrap_or_default())));
        self
    }

    /// Fills a place with a date as both languages write it.
    #[must_use]
    pub fn with_day(self, name: &'static str, day: NaiveDate) -> Self {
        self.with(name, day.format("%d/%m/%Y"))
    }

    /// The key.
    pub const fn key(&self) -> &'static str {
        self.key
    }

    /// The sentence in a language.
    pub fn text(&self, lang: Lang) -> String {
        let written = |filled: &Filled| match filled {
            Filled::Text(text) => text.clone(),
            Filled::Count(count) => lang.count(*count),
        };
        let places: Vec<(&str, String)> =
            self.places.iter().map(|(name, filled)| (*name, written(filled))).collect();
        let places: Vec<(&str, &str)> = places.iter().map(|(name, text)| (*name, text.as_str())).collect();
        lang.with(self.key, &places)
    }
}

/// The order of names as a Vietnamese reader expects it, đ after d and tones last; by code points
/// where the collation cannot be had.
static COLLATOR: LazyLock<Option<CollatorBorrowed<'static>>> = LazyLock::new(|| {
    let mut options = CollatorOptions::default();
    options.strength = Some(Strength::Tertiary);
    let mut preferences = CollatorPreferences::from(locale!("vi"));
    preferences.numeric_ordering = Some(CollationNumericOrdering::True);
    Collator::try_new(preferences, options).ok()
});

/// Compares two names in the Vietnamese order; numbers in them by their value.
pub fn compare_names(one: &str, other: &str) -> Ordering {
    COLLATOR.as_ref().map_or_else(|| one.cmp(other), |collator| collator.compare(one, other))
}

/// Keys that stand in the order of [`compare_names`]: long lists make one for each different name
/// rather than compare the same names again and again.
#[derive(Default)]
pub struct NameKeys(HashMap<String, Rc<[u8]>>);

impl NameKeys {
    /// The key of a name.
    pub fn of(&mut self, name: &str) -> Rc<[u8]> {
        if let Some(key) = self.0.get(name) {
            return key.clone();
        }
        let mut key = Vec::new();
        match COLLATOR.as_ref() {
            Some(collator) => {
                let Ok(()) = collator.write_sort_key_to(name, &mut key);
            }
            None => key.extend(name.bytes()),
        }
        let key: Rc<[u8]> = key.into();
        self.0.insert(name.to_owned(), key.clone());
        key
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_stand_in_the_vietnamese_order() {
        let mut names = [
            "Xã Đức Trọng",
            "Xã Lương Sơn",
            "Xã Đạ Tẻh 10",
            "Xã Di Linh",
            "Xã Lạc Dương",
            "Xã Đạ Tẻh 2",
            "Xã Ea Súp",
        ];
        names.sort_by(|one, other| compare_names(one, other));
        let expected = [
            "Xã Di Linh",
            "Xã Đạ Tẻh 2",
            "Xã Đạ Tẻh 10",
            "Xã Đức Trọng",
            "Xã Ea Súp",
            "Xã Lạc Dương",
            "Xã Lương Sơn",
        ];
        assert_eq!(names, expected);
    }

    #[test]
    fn keys_stand_in_the_order_of_the_names() {
        let names =
            ["", "–", "…", "Quầy 10", "Quầy 2", "quầy 2", "Xã Đạ Tẻh", "Xã Da Teh", "Xã Di Linh", "98,5"];
        let mut keys = NameKeys::default();
        for one in names {
            for other in names {
                assert_eq!(keys.of(one).cmp(&keys.of(other)), compare_names(one, other), "{one} {other}");
            }
        }
    }

    #[test]
    fn numbers_follow_the_language() {
        assert_eq!(Lang::Vi.count(1_234_567), "1.234.567");
        assert_eq!(Lang::En.count(999), "999");
        assert_eq!(Lang::Vi.percent(Some(100.0 * 58.0 / 64.0)), "90,63%");
        assert_eq!((Lang::Vi.part(3, 1_000), Lang::En.part(0, 0)), ("0,3%".into(), "–".into()));
        assert_eq!(Lang::En.points(Some(-0.004)), "0.00");
        assert_eq!(Lang::Vi.points(Some(-1.2)), "−1,20");
        assert_eq!(Lang::Vi.points(Some(0.8)), "+0,80");
    }

    #[test]
    fn a_quarter_has_a_roman_number_in_vietnamese() {
        let period = Period::parse("2026-Q3").unwrap();
        assert_eq!(Lang::Vi.period(period), "quý III/2026");
        assert_eq!(Lang::En.period(period), "Q3 2026");
    }
}
