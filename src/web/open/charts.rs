//! Charts as SVG without style of their own, from published hundredths: a bar against its target, and a trend.

use askama::Template;

use super::figures::{percent, target};
use crate::domain::dataset::Hundredths;
use crate::domain::number::in_hundredths;
use crate::domain::period::Period;
use crate::domain::target::Verdict;
use crate::locale::Lang;
use crate::web::line_chart::{Lines, Scale, short};

/// An index against its target on a line from 50 to 100 percent, or from 0 where something is lower.
#[derive(Template)]
#[template(path = "open/bar.html", config = "frontend/askama.toml")]
pub struct Bar {
    label: String,
    class: &'static str,
    from: String,
    value: String,
    low: String,
    high: String,
    target: Option<(String, String, &'static str)>,
}

const BAR_WIDTH: f64 = 320.0;

impl Bar {
    /// The bar of an index with its interval.
    pub fn of(
        lang: Lang,
        index: Hundredths,
        (low, high): (Hundredths, Hundredths),
        threshold: Option<Hundredths>,
        verdict: Option<Verdict>,
    ) -> Self {
        let lowest = index.min(low).min(threshold.unwrap_or(low));
        let from = if lowest >= 5_000 { 50.0 } else { 0.0 };
        let place = |value: Hundredths| (in_hundredths(value) - from) / (100.0 - from) * BAR_WIDTH;
        let x = |value: Hundredths| format!("{:.1}", place(value));
        let [low_word, high_word] = [low, high].map(|value| percent(lang, value));
        let places = [("index", &*percent(lang, index)), ("low", &low_word), ("high", &high_word)];
        let mut label = lang.with("open.chart.bar", &places);
        let line = threshold.map(|threshold| {
            let word = lang.with("open.chart.target", &[("target", &target(lang, threshold))]);
            label = format!("{label}; {word}");
            // Near the right end the word would run into that of the end.
            let anchor = if place(threshold) > 0.7 * BAR_WIDTH { "end" } else { "middle" };
            (x(threshold), word, anchor)
        });
        Self {
            label,
            class: verdict.map_or("none", Verdict::key),
            from: lang.decimal(from, 0),
            value: x(index),
            low: x(low),
            high: x(high),
            target: line,
        }
    }
}

/// A period of a trend.
#[derive(Debug, Clone)]
pub struct Point {
    /// Days.
    pub period: Period,
    /// Index, low and high; none where there is no figure.
    pub value: Option<(Hundredths, Hundredths, Hundredths)>,
    /// Whether it was measured as the newest one was, so that both may be compared.
    pub is_alike: bool,
}

struct Dot {
    x: String,
    y: String,
    low: String,
    high: String,
    word: String,
    is_alike: bool,
}

struct Tick {
    x: String,
    word: String,
    is_gap: bool,
}

/// An index over periods with its target; a period without a figure stays open.
#[derive(Template)]
#[template(path = "open/trend.html", config = "frontend/askama.toml")]
pub struct Trend {
    label: String,
    target: Option<(String, String, String)>,
    lines: Vec<String>,
    dots: Vec<Dot>,
    ticks: Vec<Tick>,
}

/// Numbers that find room beside each other; of more only the last is written.
const WORDS: usize = 6;

const LEFT: f64 = 26.0;
const RIGHT: f64 = 294.0;
const TOP: f64 = 20.0;
const HEIGHT: f64 = 92.0;

/// Percentage points around the values.
const ROOM: f64 = 1.0;

impl Trend {
    /// The chart of some periods, oldest first; none where fewer than two have a figure.
    pub fn of(lang: Lang, name: &str, points: &[Point], threshold: Option<Hundredths>) -> Option<Self> {
        let known: Vec<_> = points.iter().filter_map(|point| point.value).collect();
        if known.len() < 2 {
            return None;
        }
        let all = known.iter().flat_map(|(_, low, high)| [*low, *high]).chain(threshold);
        let scale = Scale::of(all.map(in_hundredths), ROOM, (TOP, HEIGHT));
        let y = |value: Hundredths| scale.y(in_hundredths(value));
        let step = (RIGHT - LEFT) / f64::from(u32::try_from(points.len() - 1).unwrap_or(1).max(1));
        let (mut lines, mut dots, mut ticks, mut said) =
            (Lines::default(), Vec::new(), Vec::new(), Vec::new());
        let mut alike = true;
        for (point, place) in points.iter().zip(0_u32..) {
            let x = format!("{:.1}", LEFT + step * f64::from(place));
            let word = short(lang, point.period, place == 0);
            ticks.push(Tick { x: x.clone(), word, is_gap: point.value.is_none() });
            let Some((index, low, high)) = point.value else {
                lines.stop();
                continue;
            };
            if point.is_alike != alike {
                // What was measured in another way is not joined to the rest.
                lines.stop();
                alike = point.is_alike;
            }
            let at = format!("{:.1}", y(index));
            lines.to(&x, &at);
            said.push(format!("{}: {}", lang.period(point.period), percent(lang, index)));
            let [low, high] = [low, high].map(|value| format!("{:.1}", y(value)));
            let word = lang.decimal(in_hundredths(index), 2);
            dots.push(Dot { x, y: at, low, high, word, is_alike: point.is_alike });
        }
        if let [others @ .., _] = dots.as_mut_slice()
            && others.len() >= WORDS
        {
            others.iter_mut().for_each(|dot| dot.word.clear());
        }
        let line = threshold.map(|threshold| {
            let word = lang.with("open.chart.target", &[("target", &target(lang, threshold))]);
            let at = y(threshold);
            (format!("{at:.1}"), format!("{:.1}", if at > 100.0 { at - 4.0 } else { at + 12.0 }), word)
        });
        let places = [("name", name), ("values", &*said.join("; "))];
        Some(Self {
            label: lang.with("open.chart.trend", &places),
            target: line,
            lines: lines.paths(),
            dots,
            ticks,
        })
    }
}
