//! Small charts as SVG without inline style: bullet, stacked bar and trend, each with its text.

use askama::Template;

use crate::app::scores::Figures;
use crate::domain::index::Share;
use crate::domain::number::real;
use crate::domain::period::Period;
use crate::domain::suppress;
use crate::domain::tally::Levels;
use crate::domain::target::{ENOUGH, Threshold, Verdict};
use crate::locale::Lang;

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
}

const BULLET_WIDTH: f64 = 320.0;

impl Bullet {
    /// The chart of a share; none without answers.
    pub fn of(lang: Lang, share: Share, threshold: Threshold, verdict: Verdict) -> Option<Self> {
        let (percent, interval) = (share.percent()?, share.interval()?);
        let target = threshold.percent();
        let lowest = percent.min(interval.low).min(target);
        let from = if lowest >= 50.0 { 50.0 } else { 0.0 };
        let x = |value: f64| format!("{:.1}", (value - from) / (100.0 - from) * BULLET_WIDTH);
        let word = lang.decimal(target, if target.fract() == 0.0 { 0 } else { 2 });
        let label = lang.with(
            "console.chart.bullet",
            &[
                ("index", &lang.percent(Some(percent))),
                ("low", &lang.decimal(interval.low, 1)),
                ("high", &lang.decimal(interval.high, 1)),
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
            target_word: lang.with("console.chart.target", &[("target", &word)]),
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
    last: bool,
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

/// Why a quarter has no point: nothing, too little, or hidden.
fn gap(lang: Lang, quarter: &Quarter) -> Option<String> {
    let reason = |key: &str| {
        let n = quarter.figures.map_or(0, |figures| figures.f1.n);
        let period = lang.period(quarter.period);
        let least = suppress::SHOWN_TO_UNITS.to_string();
        lang.with(key, &[("period", &period), ("n", &lang.count(n)), ("least", &least)])
    };
    match quarter.figures {
        None => Some(reason("console.chart.gap-hidden")),
        Some(figures) if figures.f1.n == 0 => Some(reason("console.chart.gap-none")),
        Some(figures) if figures.f1.n < ENOUGH => Some(reason("console.chart.gap-few")),
        Some(_) => None,
    }
}

impl Trend {
    /// The chart of some quarters, oldest first.
    pub fn of(lang: Lang, name: &str, quarters: &[Quarter], threshold: Threshold) -> Self {
        let percent = |quarter: &Quarter| quarter.figures.and_then(|figures| figures.f1.percent());
        let shown = |quarter: &&Quarter| gap(lang, quarter).is_none();
        let target = threshold.percent();
        let values = quarters.iter().filter(shown).filter_map(percent).chain([target]);
        let (low, high) =
            values.fold((target, target), |(low, high), value| (low.min(value), high.max(value)));
        let (low, high) = ((low - 2.0).max(0.0), (high + 2.0).min(100.0));
        let y = |value: f64| TREND_TOP + (high - value) / (high - low).max(1.0) * TREND_HEIGHT;
        let word = lang.decimal(target, if target.fract() == 0.0 { 0 } else { 2 });

        let (mut lines, mut points, mut ticks, mut gaps) =
            (vec![String::new()], Vec::new(), Vec::new(), Vec::new());
        let mut said = Vec::new();
        let last = quarters.iter().rfind(shown).map(|quarter| quarter.period);
        for (quarter, place) in quarters.iter().zip(0_u32..) {
            let x = TREND_LEFT + f64::from(place) * TREND_STEP;
            let reason = gap(lang, quarter);
            ticks.push(Tick {
                x: format!("{x:.0}"),
                word: short(quarter.period, place),
                gap: reason.is_some(),
            });
            match (reason, percent(quarter)) {
                (None, Some(value)) => {
                    let (x, y) = (format!("{x:.0}"), format!("{:.1}", y(value)));
                    if let Some(line) = lines.last_mut() {
                        line.push_str(&format!("{}{x} {y}", if line.is_empty() { "M" } else { "L" }));
                    }
                    said.push(format!("{}: {}", lang.period(quarter.period), lang.percent(Some(value))));
                    let last = last == Some(quarter.period);
                    points.push(Point { x, y, word: lang.decimal(value, 1), last });
                }
                (reason, _) => {
                    said.extend(reason.clone());
                    gaps.extend(reason);
                    lines.push(String::new());
                }
            }
        }
        let places = [("name", name), ("target", &word), ("values", &said.join("; "))];
        let target_y = y(target);
        Self {
            label: lang.with("console.chart.trend", &places),
            target_y: format!("{target_y:.1}"),
            target_label_y: format!("{:.1}", if target_y > 30.0 { target_y + 12.0 } else { target_y - 4.0 }),
            target_word: lang.with("console.chart.target", &[("target", &word)]),
            lines: lines.into_iter().filter(|line| line.contains('L')).collect(),
            points,
            ticks,
            gaps,
        }
    }
}

/// `III`, with the year at the first quarter and the first of a year: `I/26`.
fn short(period: Period, place: u32) -> String {
    let text = period.to_string();
    let (year, quarter) = text.split_once("-Q").unwrap_or((text.as_str(), ""));
    let roman = match quarter {
        "1" => "I",
        "2" => "II",
        "3" => "III",
        "4" => "IV",
        _ => return text,
    };
    match (place, quarter) {
        (0, _) | (_, "1") => format!("{roman}/{}", year.get(2..).unwrap_or(year)),
        _ => roman.to_owned(),
    }
}
