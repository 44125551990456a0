//! The table that stands beside a chart of months or quarters.

use super::charts::{Mark, Quarter, gap};
use super::tables::interval;
use crate::domain::period::Period;
use crate::domain::target::{Threshold, Verdict};
use crate::locale::Lang;

/// A month or quarter.
pub struct Line {
    /// Its name.
    pub name: String,
    /// The page of its figures.
    pub address: String,
    /// n.
    pub n: String,
    /// Index.
    pub index: String,
    /// Wilson interval.
    pub interval: String,
    /// Verdict, where there are answers to be seen.
    pub verdict: Option<Mark>,
    /// Why the chart has no point for it.
    pub why: String,
}

/// The lines of a chart, the newest first; each leads to what it is made of.
pub fn lines(
    lang: Lang,
    threshold: Threshold,
    parts: &[Quarter],
    address: &dyn Fn(Period) -> String,
) -> Vec<Line> {
    parts.iter().rev().map(|part| line(lang, threshold, part, address(part.period))).collect()
}

fn line(lang: Lang, threshold: Threshold, part: &Quarter, address: String) -> Line {
    let figures = part.figures.filter(|figures| figures.f1.n > 0);
    let reason = gap(part).map(|key| key.rsplit('-').next().unwrap_or_default());
    let none = || if part.figures.is_none() { "…".to_owned() } else { "–".to_owned() };
    Line {
        name: lang.period(part.period),
        address,
        n: part.figures.map_or_else(|| "…".to_owned(), |figures| lang.count(figures.f1.n)),
        index: figures.map_or_else(none, |figures| lang.percent(figures.f1.percent())),
        interval: figures.map_or_else(none, |figures| interval(lang, figures)),
        verdict: figures.map(|figures| Mark::of(lang, Verdict::judge(figures.f1, threshold))),
        why: reason.map_or_else(String::new, |reason| lang.text(&format!("console.months.why-{reason}"))),
    }
}
