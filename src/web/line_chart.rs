//! What line charts share: heights, lines that stop at gaps, and the words below them.

use chrono::Datelike;

use crate::domain::period::{Period, Span};
use crate::locale::Lang;

/// How values become heights.
pub struct Scale {
    high: f64,
    range: f64,
    top: f64,
    height: f64,
}

impl Scale {
    /// A scale between a top and so far below it that holds some percentages with some room around them.
    pub fn of(values: impl Iterator<Item = f64>, room: f64, (top, height): (f64, f64)) -> Self {
        let (low, high) =
            values.fold((100.0_f64, 0.0_f64), |(low, high), value| (low.min(value), high.max(value)));
        let (low, high) = ((low - room).max(0.0), (high + room).min(100.0));
        Self { high, range: (high - low).max(1.0), top, height }
    }

    /// The height of a value, from above.
    pub fn y(&self, value: f64) -> f64 {
        self.top + (self.high - value) / self.range * self.height
    }
}

/// Lines through points from left to right.
#[derive(Default)]
pub struct Lines(Vec<String>);

impl Lines {
    /// Goes on to a point.
    pub fn to(&mut self, x: &str, y: &str) {
        if self.0.is_empty() {
            self.0.push(String::new());
        }
        if let Some(line) = self.0.last_mut() {
            line.push_str(&format!("{}{x} {y}", if line.is_empty() { "M" } else { "L" }));
        }
    }

    /// Stops here; the next point begins another line.
    pub fn stop(&mut self) {
        self.0.push(String::new());
    }

    /// The paths of all lines; a point alone is none.
    pub fn paths(self) -> Vec<String> {
        self.0.into_iter().filter(|line| line.contains('L')).collect()
    }
}

/// `III`, with the year at the first place and at the first period of a year: `I/26`.
pub fn short(lang: Lang, period: Period, is_first: bool) -> String {
    let from = period.from();
    let year = format!("{:02}", from.year().rem_euclid(100));
    let place = match (period.span(), lang) {
        (Some(Span::Year), _) => return from.year().to_string(),
        (Some(Span::Half), Lang::Vi) => format!("6T{}", from.month0() / 6 + 1),
        (Some(Span::Half), Lang::En) => format!("H{}", from.month0() / 6 + 1),
        (Some(Span::Quarter), _) => lang.quarter(period).to_owned(),
        (Some(Span::Month) | None, _) => from.format("%m").to_string(),
    };
    if is_first || from.month() == 1 { format!("{place}/{year}") } else { place }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_stops_at_a_gap_and_a_point_alone_is_no_line() {
        let mut lines = Lines::default();
        lines.stop();
        for (x, y) in [("1", "9"), ("2", "8")] {
            lines.to(x, y);
        }
        lines.stop();
        lines.to("4", "7");
        lines.stop();
        for (x, y) in [("6", "5"), ("7", "5"), ("8", "4")] {
            lines.to(x, y);
        }
        assert_eq!(lines.paths(), ["M1 9L2 8", "M6 5L7 5L8 4"]);
    }

    #[test]
    fn every_value_lies_within_the_chart() {
        let values = [81.5, 90.0, 99.5];
        let scale = Scale::of(values.into_iter(), 2.0, (10.0, 60.0));
        assert!(values.iter().all(|value| (10.0..=70.0).contains(&scale.y(*value))));
        assert!(scale.y(81.5) > scale.y(99.5), "what is higher stands higher");
        let flat = Scale::of([100.0].into_iter(), 0.0, (10.0, 60.0));
        assert!((flat.y(100.0) - 10.0).abs() < 1e-9);
    }
}
