//! How a row of a published dataset is told to a citizen: numbers, a plain sentence, a verdict and a bar.

use super::charts::Bar;
use crate::domain::dataset::{Dataset, Hundredths, Mark as RowMark, Row};
use crate::domain::index::Share;
use crate::domain::number::in_hundredths;
use crate::domain::target::Verdict;
use crate::locale::Lang;

/// A percentage of two decimals with its sign.
pub fn percent(lang: Lang, value: Hundredths) -> String {
    format!("{}%", lang.decimal(in_hundredths(value), 2))
}

/// A target, which is a whole number more often than not.
pub fn target(lang: Lang, value: Hundredths) -> String {
    format!("{}%", lang.decimal(in_hundredths(value), if value % 100 == 0 { 0 } else { 2 }))
}

/// A verdict in words, with its shape and the class of its colour.
pub struct Mark {
    /// Class.
    pub class: &'static str,
    /// Shape.
    pub shape: &'static str,
    /// Word.
    pub word: String,
    /// What it means, in a sentence.
    pub meaning: String,
}

impl Mark {
    /// The mark of a verdict against a target.
    pub fn of(lang: Lang, verdict: Verdict, target_word: &str, enough: u64) -> Self {
        let places = [("target", target_word), ("enough", &*enough.to_string())];
        Self {
            class: verdict.key(),
            shape: verdict.shape(),
            word: lang.text(&format!("verdict.{}", verdict.key())),
            meaning: lang.with(&format!("open.verdict.{}", verdict.key()), &places),
        }
    }
}

/// A row as a citizen reads it.
pub struct Figure {
    /// What it is about.
    pub name: String,
    /// Where more is told, if anywhere.
    pub address: Option<String>,
    /// The index, or why there is none: `…` or a dash.
    pub index: String,
    /// "Of 100 people who answered, 91 are satisfied", or why there is no figure.
    pub sentence: String,
    /// Answers.
    pub n: String,
    /// Answers with their word.
    pub answers: String,
    /// The 95% interval.
    pub interval: String,
    /// What the interval means.
    pub range: String,
    /// The target, or a dash.
    pub target: String,
    /// Verdict.
    pub verdict: Option<Mark>,
    /// The bar; none without a figure.
    pub bar: Option<Bar>,
    /// Notes on the row.
    pub notes: Vec<String>,
    /// Whether it is hidden.
    pub is_hidden: bool,
}

impl Figure {
    /// A row under a name.
    pub fn of(lang: Lang, dataset: &Dataset, row: &Row, name: String) -> Self {
        let target_word = row.target.map(|value| target(lang, value.into()));
        let dash = || "–".to_owned();
        let mut figure = Self {
            name,
            address: None,
            index: dash(),
            sentence: lang.text("open.figure.none"),
            n: lang.count(0),
            answers: answers(lang, 0),
            interval: dash(),
            range: String::new(),
            target: target_word.as_ref().map_or_else(dash, |word| format!("≥ {word}")),
            verdict: None,
            bar: None,
            notes: notes(lang, &row.marks),
            is_hidden: row.levels.is_none(),
        };
        let (Some(share), Some(figures)) = (row.share(), row.figures) else {
            let least = dataset.floor.to_string();
            figure.sentence = lang.with("open.figure.hidden", &[("least", &least)]);
            for place in [&mut figure.index, &mut figure.n, &mut figure.answers, &mut figure.interval] {
                "…".clone_into(place);
            }
            return figure;
        };
        let (Some(index), Some(low), Some(high)) = (figures.index, figures.low, figures.high) else {
            return figure;
        };
        figure.index = percent(lang, index);
        figure.n = lang.count(share.n);
        figure.answers = answers(lang, share.n);
        figure.sentence = of_hundred(lang, share);
        let [from, to] = [low, high].map(|value| lang.decimal(in_hundredths(value), 2));
        figure.interval = format!("{from}–{to}");
        figure.range = lang.with("open.figure.range", &[("low", &from), ("high", &to)]);
        let enough = dataset.method.enough;
        figure.verdict = figures
            .verdict
            .map(|verdict| Mark::of(lang, verdict, target_word.as_deref().unwrap_or_default(), enough));
        figure.bar =
            Some(Bar::of(lang, index, (low, high), row.target.map(Hundredths::from), figures.verdict));
        figure
    }

    /// The same row, leading to an address.
    #[must_use]
    pub fn leading_to(self, address: String) -> Self {
        Self { address: Some(address), ..self }
    }
}

fn answers(lang: Lang, n: u64) -> String {
    let key = if n == 1 { "open.figure.answer" } else { "open.figure.answers" };
    lang.with(key, &[("n", &lang.count(n))])
}

/// How many of a hundred are satisfied, in whole people and never more than there are: 89.97 are "more than
/// 89", so that the sentence cannot say that a target is met which is missed.
fn of_hundred(lang: Lang, share: Share) -> String {
    let (hundredfold, n) = (u128::from(share.k) * 100, u128::from(share.n.max(1)));
    let key = if hundredfold.is_multiple_of(n) { "open.figure.just" } else { "open.figure.more" };
    lang.with(key, &[("people", &(hundredfold / n).to_string())])
}

/// Why a row must be read with care.
pub fn notes(lang: Lang, marks: &[RowMark]) -> Vec<String> {
    marks.iter().map(|mark| lang.text(&format!("open.mark.{}", mark.key()))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_people_never_make_a_share_larger_than_it_is() {
        let said = |k, n| of_hundred(Lang::En, Share { k, n });
        assert!(said(8_999, 10_000).contains("more than 89 "), "{}", said(8_999, 10_000));
        assert!(said(90, 100).contains("90 ") && !said(90, 100).contains("more than"));
        assert!(said(0, 30).contains("0 ") && said(30, 30).contains("100 "));
    }
}
