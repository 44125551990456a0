//! Charts: indexes against their targets, levels, and the trend. Every mark has its figure beside it.

use super::canvas::{Anchor, BLACK, Canvas, GREY, Ink, Pen, WHITE};
use super::word::Picture;
use crate::domain::dataset::Hundredths;
use crate::error::Result;

/// Width of every chart in millimetres: that of the text.
const WIDTH: u16 = 165;
const SIZE: f32 = 10.0;
const THIN: Pen = Pen { width: 0.2, ink: GREY, dashed: false };
const INTERVAL: Pen = Pen { width: 0.5, ink: BLACK, dashed: false };
const TARGET: Pen = Pen { width: 0.45, ink: [150, 20, 20], dashed: false };
const GOAL: Pen = Pen { dashed: true, ..TARGET };

/// Colours of the levels from 5 down to 1, told apart without red and green, and in grey by their order.
const LEVELS: [(Ink, Ink); 5] = [
    ([0, 90, 96], WHITE),
    ([105, 176, 172], BLACK),
    ([214, 214, 214], BLACK),
    ([240, 160, 105], BLACK),
    ([160, 50, 15], WHITE),
];

/// An index with its interval, in hundredths of a percent.
#[derive(Debug, Clone)]
pub struct Point {
    /// Name.
    pub name: String,
    /// Index, L and U.
    pub index: (Hundredths, Hundredths, Hundredths),
    /// Target.
    pub target: Option<i32>,
    /// Whether the verdict is sure.
    pub sure: bool,
    /// Index and n, in words.
    pub label: String,
}

/// Words of a chart of indexes.
pub struct Words {
    /// Of the dot.
    pub index: String,
    /// Of the line through it.
    pub interval: String,
    /// Of the mark of the target.
    pub target: String,
}

/// The axis of percentages, from the ten below the lowest of some values up to 100.
struct Axis {
    low: f32,
    from: f32,
    length: f32,
}

impl Axis {
    fn over(values: impl Iterator<Item = Hundredths>, from: f32, length: f32) -> Self {
        let lowest = values.min().unwrap_or(0).clamp(0, 9_000);
        Self { low: percent(lowest / 1_000 * 1_000), from, length }
    }

    fn at(&self, value: Hundredths) -> f32 {
        self.of(percent(value))
    }

    fn of(&self, percent: f32) -> f32 {
        self.from + self.length * (percent - self.low) / (100.0 - self.low)
    }

    /// Round values, no more than six.
    fn ticks(&self) -> impl Iterator<Item = f32> {
        let (low, step) = (self.low, if self.low < 50.0 { 20.0 } else { 10.0 });
        std::iter::successors(Some(100.0), move |tick| Some(tick - step)).take_while(move |tick| *tick >= low)
    }
}

fn percent(hundredths: Hundredths) -> f32 {
    u16::try_from(hundredths.clamp(0, 10_000)).map_or(0.0, f32::from) / 100.0
}

fn rows(count: usize) -> u16 {
    u16::try_from(count).unwrap_or(u16::MAX).min(60)
}

/// One row a point: a dot on its interval, and a mark at its target.
///
/// # Errors
/// Internal, when it cannot be drawn.
pub fn against_targets(points: &[Point], words: &Words, alternative: String) -> Result<Picture> {
    let (row, top) = (6.0, 9.0);
    let mut canvas = Canvas::new(WIDTH, 16 + 6 * rows(points.len()))?;
    let lowest = points.iter().flat_map(|point| [Some(point.index.1), point.target.map(Hundredths::from)]);
    let axis = Axis::over(lowest.flatten(), 58.0, 70.0);
    let bottom = top + row * f32::from(rows(points.len()));
    for tick in axis.ticks() {
        canvas.line((axis.of(tick), top), (axis.of(tick), bottom), THIN);
        canvas.text((axis.of(tick), bottom + 4.5), SIZE, Anchor::Middle, &format!("{tick}%"), BLACK);
    }
    key(&mut canvas, words, &axis);
    let mut y = top + row / 2.0;
    for point in points {
        let (index, low, high) = point.index;
        let name = canvas.fitted(&point.name, SIZE, 55.0);
        canvas.text((56.0, y + 1.2), SIZE, Anchor::End, &name, BLACK);
        if let Some(target) = point.target {
            let x = axis.at(target.into());
            canvas.line((x, y - 2.3), (x, y + 2.3), TARGET);
        }
        canvas.line((axis.at(low), y), (axis.at(high), y), INTERVAL);
        canvas.dot((axis.at(index), y), 1.2, !point.sure);
        canvas.text((130.5, y + 1.2), SIZE, Anchor::Start, &point.label, BLACK);
        y += row;
    }
    canvas.picture(alternative)
}

fn key(canvas: &mut Canvas, words: &Words, axis: &Axis) {
    let (y, mut x) = (4.5, axis.from);
    canvas.line((x, y - 1.2), (x + 6.0, y - 1.2), INTERVAL);
    canvas.dot((x + 3.0, y - 1.2), 1.2, false);
    x += 7.5;
    let text = format!("{} {}", words.index, words.interval);
    canvas.text((x, y), SIZE, Anchor::Start, &text, BLACK);
    x += canvas.width(&text, SIZE) + 5.0;
    canvas.line((x, y - 3.2), (x, y + 0.8), TARGET);
    canvas.text((x + 1.5, y), SIZE, Anchor::Start, &words.target, BLACK);
}

/// Shares of the five levels, from 5 down to 1, in hundredths of a percent.
#[derive(Debug, Clone)]
pub struct Shares {
    /// Name.
    pub name: String,
    /// Level 5 first.
    pub levels: [Hundredths; 5],
    /// The same in words.
    pub labels: [String; 5],
}

/// One bar a row, cut into its levels.
///
/// # Errors
/// Internal, when it cannot be drawn.
pub fn levels(bars: &[Shares], words: &[String; 5], alternative: String) -> Result<Picture> {
    let (row, top, from, length) = (8.0, 9.0, 58.0, 105.0);
    let mut canvas = Canvas::new(WIDTH, 11 + 8 * rows(bars.len()))?;
    let mut x = 1.0;
    for (word, (ink, _)) in words.iter().zip(LEVELS) {
        canvas.bar((x, 1.8), (3.2, 3.2), ink);
        canvas.text((x + 4.4, 4.5), SIZE, Anchor::Start, word, BLACK);
        x += canvas.width(word, SIZE) + 9.5;
    }
    let mut y = top;
    for bar in bars {
        let name = canvas.fitted(&bar.name, SIZE, 55.0);
        canvas.text((from - 2.0, y + 4.2), SIZE, Anchor::End, &name, BLACK);
        let mut left = from;
        for ((share, label), (ground, ink)) in bar.levels.iter().zip(&bar.labels).zip(LEVELS) {
            let width = length * percent(*share) / 100.0;
            canvas.bar((left, y), (width, 6.0), ground);
            if canvas.width(label, SIZE) + 1.0 < width {
                canvas.text((left + width / 2.0, y + 4.2), SIZE, Anchor::Middle, label, ink);
            }
            left += width;
        }
        y += row;
    }
    canvas.picture(alternative)
}

/// An index over several periods, the oldest first; none leaves a gap.
#[derive(Debug, Clone)]
pub struct Course {
    /// Name.
    pub name: String,
    /// Name and target in words.
    pub title: String,
    /// Target of the last period.
    pub target: Option<i32>,
    /// Index, L and U in each period.
    pub points: Vec<Option<(Hundredths, Hundredths, Hundredths)>>,
    /// Whether the questions changed between a period and the one before, so that no line joins them.
    pub broken: Vec<bool>,
    /// The last index in words.
    pub last: String,
}

/// A small chart for each course, two beside each other, all over the same axis.
///
/// # Errors
/// Internal, when it cannot be drawn.
pub fn trend(courses: &[Course], periods: &[String], alternative: String) -> Result<Picture> {
    let lines = rows(courses.len().div_ceil(2));
    let mut canvas = Canvas::new(WIDTH, 2 + 41 * lines)?;
    let values = courses.iter().flat_map(|course| {
        let lows = course.points.iter().flatten().map(|(_, low, _)| *low);
        lows.chain(course.target.map(Hundredths::from))
    });
    let values: Vec<Hundredths> = values.collect();
    let mut place = (0.0, 0.0);
    for course in courses {
        let axis = Axis::over(values.iter().copied(), place.1 + 34.0, -25.0);
        panel(&mut canvas, course, periods, place.0, &axis);
        place = if place.0 > 0.0 { (0.0, place.1 + 41.0) } else { (84.0, place.1) };
    }
    canvas.picture(alternative)
}

fn panel(canvas: &mut Canvas, course: &Course, periods: &[String], left: f32, axis: &Axis) {
    let (first, right) = (left + 10.0, left + 70.0);
    let name = canvas.fitted(&course.title, SIZE, 70.0);
    canvas.text((first, axis.of(100.0) - 4.0), SIZE, Anchor::Start, &name, BLACK);
    for tick in axis.ticks() {
        canvas.line((first, axis.of(tick)), (right, axis.of(tick)), THIN);
        canvas.text((first - 1.0, axis.of(tick) + 1.1), 8.5, Anchor::End, &format!("{tick}%"), BLACK);
    }
    if let Some(target) = course.target {
        let y = axis.at(target.into());
        canvas.line((first, y), (right, y), GOAL);
    }
    let step = (right - first) / f32::from(rows(periods.len().max(1)));
    let mut x = first + step / 2.0;
    let mut before: Option<(f32, f32)> = None;
    for ((period, point), broken) in periods.iter().zip(&course.points).zip(&course.broken) {
        canvas.text((x, axis.from + 4.0), 8.5, Anchor::Middle, period, BLACK);
        let here = point.map(|(index, low, high)| {
            canvas.line((x, axis.at(low)), (x, axis.at(high)), INTERVAL);
            (x, axis.at(index))
        });
        if let (Some(before), Some(here), false) = (before, here, broken) {
            canvas.line(before, here, Pen { width: 0.35, ..INTERVAL });
        }
        if let Some(here) = here {
            canvas.dot(here, 0.9, false);
        }
        before = here;
        x += step;
    }
    if let Some((x, y)) = before {
        let width = canvas.width(&course.last, 8.5) + 0.6;
        canvas.bar((x + 1.5, y - 1.7), (width, 3.4), WHITE);
        canvas.text((x + 1.8, y + 1.1), 8.5, Anchor::Start, &course.last, BLACK);
    }
}
