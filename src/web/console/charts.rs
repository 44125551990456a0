//! Small charts as SVG without inline style: bullet, stacked bar and trend, each with its text.

use askama::Template;
use chrono::Datelike;

use crate::app::scores::Figures;
use crate::domain::index::Share;
use crate::domain::number::real;
use crate::domain::period::Period;
use crate::domain::tally::Levels;
use crate::domain::target::{ENOUGH, Threshold, Verdict};
use crate::locale::Lang;
use crate::web::line_chart::{Lines, Scale, short};

/// A verdict in words, with its shape and the class of its colour.
pub struct Mark {
    /// Class.
    pub class: &'static str,
    /// Shape.
    pub shape: &'static str,
    /// Word.
    pub word: String,
}

impl Mark {
    /// The mark of a verdict.
    pub fn of(lang: Lang, verdict: Verdict) -> Self {
        Self {
            class: verdict.key(),
            shape: verdict.shape(),
            word: lang.text(&format!("console.verdict.{}", verdict.key())),
        }
    }
}

/// An index against its target on a line from 50 to 100 percent, or from 0 where it is lower.
#[derive(Template)]
#[template(path = "components/bullet.html", config = "frontend/askama.toml")]
pub struct Bullet {
    label: String,
    class: &'static str,
    from: String,
    value: String,
    low: String,
    high: String,
    target: String,
    target_word: String,
    anchor: &'static str,
    is_row: bool,
}

const BULLET_WIDTH: f64 = 320.0;

impl Bullet {
    /// The percentage from which the line must begin to hold a share and its target.
    pub fn begin(share: Share, threshold: Threshold) -> f64 {
        let lowest = share.interval().map_or(100.0, |interval| interval.low).min(threshold.percent());
        if lowest >= 50.0 { 50.0 } else { 0.0 }
    }

    /// The chart of a share; none without answers.
    pub fn of(lang: Lang, share: Share, threshold: Threshold, verdict: Verdict) -> Option<Self> {
        Self::from(lang, share, threshold, verdict, Self::begin(share, threshold))
    }

    /// The chart without words, for a row of a table in which all lines begin at the same percentage.
    pub fn row(lang: Lang, share: Share, threshold: Threshold, verdict: Verdict, from: f64) -> Option<Self> {
        let chart = Self::from(lang, share, threshold, verdict, from)?;
        Some(Self { is_row: true, ..chart })
    }

    fn from(lang: Lang, share: Share, threshold: Threshold, verdict: Verdict, from: f64) -> Option<Self> {
        let (percent, interval) = (share.percent()?, share.interval()?);
        let target = threshold.percent();
        let x = |value: f64| format!("{:.1}", (value - from) / (100.0 - from) * BULLET_WIDTH);
        let word = percent_word(lang, threshold);
        let label = lang.with(
            "console.chart.bullet",
            &[
                ("index", &lang.percent(Some(percent))),
                ("low", &lang.hundredths(interval.low)),
                ("high", &lang.hundredths(interval.high)),
                ("target", &word),
            ],
        );
        Some(Self {
            label,
            class: verdict.key(),
            from: lang.decimal(from, 0),
            value: x(percent),
            low: x(interval.low),
            high: x(interval.high),
            target: x(target),
            // Near the right end the word would run into that of the end.
            anchor: if (target - from) / (100.0 - from) > 0.7 { "end" } else { "middle" },
            target_word: target_word(lang, threshold),
            is_row: false,
        })
    }
}

/// One part of a stacked bar.
pub struct Part {
    level: u8,
    x: String,
    width: String,
    count: String,
    name: String,
}

/// The five levels as one bar, from "very satisfied" on, the counts written below.
#[derive(Template)]
#[template(path = "components/levels.html", config = "frontend/askama.toml")]
pub struct LevelsBar {
    label: String,
    parts: Vec<Part>,
}

impl LevelsBar {
    /// The bar of some counts; none without answers.
    pub fn of(lang: Lang, levels: &Levels) -> Option<Self> {
        let n = levels.valid();
        if n == 0 {
            return None;
        }
        let mut left = 0;
        let mut parts = Vec::with_capacity(5);
        for (count, level) in levels.descending().into_iter().zip([5_u8, 4, 3, 2, 1]) {
            let place = |count: u64| format!("{:.1}", 1000.0 * real(count) / real(n));
            parts.push(Part {
                level,
                x: place(left),
                width: place(count),
                count: lang.count(count),
                name: lang.text(&format!("console.level.{level}")),
            });
            left += count;
        }
        let label: Vec<String> = parts.iter().map(|part| format!("{}: {}", part.name, part.count)).collect();
        Some(Self { label: label.join(", "), parts })
    }
}

struct Point {
    x: String,
    y: String,
    word: String,
    /// Height of its number, at the last point.
    last: Option<String>,
}

struct Tick {
    x: String,
    word: String,
    gap: bool,
}

/// An index over the last quarters, the target as a line; quarters without a figure stay open and say why.
#[derive(Template)]
#[template(path = "components/trend.html", config = "frontend/askama.toml")]
pub struct Trend {
    label: String,
    target_y: String,
    target_label_y: String,
    target_word: String,
    lines: Vec<String>,
    points: Vec<Point>,
    ticks: Vec<Tick>,
    gaps: Vec<String>,
}

/// One quarter of a trend.
#[derive(Debug, Clone, Copy)]
pub struct Quarter {
    /// Days.
    pub period: Period,
    /// Figures; the outer none stands for hidden ones.
    pub figures: Option<Figures>,
}

const TREND_STEP: f64 = 40.0;
const TREND_LEFT: f64 = 20.0;
const TREND_TOP: f64 = 14.0;
const TREND_HEIGHT: f64 = 62.0;

/// Percentage points around the values of a chart.
pub const TREND_ROOM: f64 = 2.0;

/// Why a quarter has no point, as the key of its sentence: nothing, too little, or hidden.
pub const fn gap(quarter: &Quarter) -> Option<&'static str> {
    match quarter.figures {
        None => Some("console.chart.gap-hidden"),
        Some(figures) if figures.f1.n == 0 => Some("console.chart.gap-none"),
        Some(figures) if figures.f1.n < ENOUGH => Some("console.chart.gap-few"),
        Some(_) => None,
    }
}

/// One sentence for each reason why quarters have no point.
fn gaps(lang: Lang, quarters: &[Quarter]) -> Vec<String> {
    let mut reasons: Vec<&'static str> = Vec::new();
    for reason in quarters.iter().filter_map(gap) {
        if !reasons.contains(&reason) {
            reasons.push(reason);
        }
    }
    let sentence = |reason: &'static str| {
        let counts: Vec<String> = quarters
            .iter()
            .filter(|quarter| gap(quarter) == Some(reason))
            .map(|quarter| lang.count(quarter.figures.map_or(0, |figures| figures.f1.n)))
            .collect();
        let runs: Vec<String> = quarters
            .chunk_by(|one, next| gap(one) == gap(next))
            .filter(|run| run.first().and_then(gap) == Some(reason))
            .filter_map(|run| Some(span(lang, run.first()?.period, run.last()?.period)))
            .collect();
        let places = [("quarters", &*runs.join(", ")), ("n", &*counts.join("; "))];
        lang.with(reason, &places)
    };
    reasons.into_iter().map(sentence).collect()
}

/// `I/2025`, `I–IV/2025` or `IV/2025–II/2026`.
fn span(lang: Lang, first: Period, last: Period) -> String {
    let year = |period: Period| period.from().year().to_string();
    let one = |period: Period| {
        lang.with("console.chart.quarter", &[("quarter", lang.quarter(period)), ("year", &year(period))])
    };
    if first == last {
        one(first)
    } else if year(first) == year(last) {
        let (from, to) = (lang.quarter(first), lang.quarter(last));
        lang.with("console.chart.quarters", &[("first", from), ("last", to), ("year", &year(last))])
    } else {
        format!("{}–{}", one(first), one(last))
    }
}

/// "chỉ tiêu 90".
pub fn target_word(lang: Lang, threshold: Threshold) -> String {
    lang.with("console.chart.target", &[("target", &percent_word(lang, threshold))])
}

/// A target as briefly as it can be said: `90` or `87,50`.
fn percent_word(lang: Lang, threshold: Threshold) -> String {
    let target = threshold.percent();
    lang.decimal(target, if target.fract() == 0.0 { 0 } else { 2 })
}

/// Where the number of a point stands: above it, or below where a line falls to it; beyond the target where that
/// line would cross it.
fn number_y(y: f64, target: f64, is_falling: bool) -> String {
    let place = match is_falling {
        true if (y + 4.0..y + 20.0).contains(&target) => target + 13.0,
        true => y + 16.0,
        false if (y - 18.0..y - 2.0).contains(&target) => target - 5.0,
        false => y - 7.0,
    };
    format!("{place:.1}")
}

impl Trend {
    /// The chart of some quarters, oldest first.
    pub fn of(lang: Lang, name: &str, quarters: &[Quarter], threshold: Threshold) -> Self {
        let shown = |quarter: &Quarter| {
            let share = quarter.figures.filter(|_| gap(quarter).is_none());
            share.and_then(|figures| figures.f1.percent())
        };
        let target = threshold.percent();
        let values = quarters.iter().filter_map(shown).chain([target]);
        let scale = Scale::of(values, TREND_ROOM, (TREND_TOP, TREND_HEIGHT));
        let target_y = scale.y(target);
        let word = percent_word(lang, threshold);

        let (mut lines, mut points, mut ticks) = (Lines::default(), Vec::new(), Vec::new());
        let mut said = Vec::new();
        let last = quarters.iter().rfind(|quarter| shown(quarter).is_some()).map(|quarter| quarter.period);
        let mut before = None;
        for (quarter, place) in quarters.iter().zip(0_u32..) {
            let x = format!("{:.0}", TREND_LEFT + f64::from(place) * TREND_STEP);
            let value = shown(quarter);
            let word = short(lang, quarter.period, place == 0);
            ticks.push(Tick { x: x.clone(), word, gap: value.is_none() });
            let Some(value) = value else {
                lines.stop();
                before = None;
                continue;
            };
            let is_falling = before.replace(value).is_some_and(|before| before > value);
            let y = format!("{:.1}", scale.y(value));
            lines.to(&x, &y);
            said.push(format!("{}: {}", lang.period(quarter.period), lang.percent(Some(value))));
            let last = (last == Some(quarter.period)).then(|| number_y(scale.y(value), target_y, is_falling));
            points.push(Point { x, y, word: lang.hundredths(value), last });
        }
        let gaps = gaps(lang, quarters);
        said.extend(gaps.clone());
        let places = [("name", name), ("target", &word), ("values", &said.join("; "))];
        Self {
            label: lang.with("console.chart.trend", &places),
            target_y: format!("{target_y:.1}"),
            target_label_y: format!("{:.1}", if target_y > 30.0 { target_y + 12.0 } else { target_y - 4.0 }),
            target_word: target_word(lang, threshold),
            lines: lines.paths(),
            points,
            ticks,
            gaps,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn quarter(period: &str, answers: Option<u64>) -> Quarter {
        let figures = answers.map(|n| Figures { f1: Share { k: n, n }, ..Figures::default() });
        Quarter { period: Period::parse(period).unwrap(), figures }
    }

    #[test]
    fn quarters_without_a_point_share_a_sentence_for_each_reason() {
        let quarters = [
            quarter("2024-Q4", Some(0)),
            quarter("2025-Q1", Some(0)),
            quarter("2025-Q2", Some(13)),
            quarter("2025-Q3", Some(400)),
            quarter("2025-Q4", Some(27)),
            quarter("2026-Q1", None),
            quarter("2026-Q2", Some(0)),
            quarter("2026-Q3", Some(0)),
        ];
        assert_eq!(
            gaps(Lang::Vi, &quarters),
            [
                "Quý IV/2024–I/2025, II–III/2026: chưa có phiếu",
                "Quý II/2025, IV/2025: chưa đủ phiếu để kết luận (13; 27)",
                "Quý I/2026: quá ít phiếu nên không hiển thị",
            ]
        );
        assert_eq!(gaps(Lang::En, &quarters)[0], "Q4 2024–Q1 2025, Q2–Q3 2026: no answers yet");
    }
}
