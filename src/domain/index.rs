//! The formulas of the method, computed from whole counts and never from rounded figures.

mod weighted;

use serde::{Deserialize, Serialize};

pub use weighted::{CAP, Stratum, Weighted, weighted};

use super::number::real;
use super::tally::Levels;

/// Name under which every figure says how it was computed.
pub const METHOD: &str = "F1";
/// Version of the method; it grows when a formula or the meaning of a count changes.
pub const METHOD_VERSION: u32 = 1;

/// z for a two-sided 95% interval.
pub const Z: f64 = 1.959_964;

/// A share k of n, from which an index in percent is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Share {
    /// k: answers that count.
    pub k: u64,
    /// n: answers in all.
    pub n: u64,
}

impl Share {
    /// F1 and E_k: 100·(n5 + n4)/n over the valid answers of one question.
    pub const fn satisfied(levels: &Levels) -> Self {
        Self { k: levels.satisfied(), n: levels.valid() }
    }

    /// The share in percent, 0 to 100; none without answers.
    pub fn percent(self) -> Option<f64> {
        (self.n > 0).then(|| 100.0 * real(self.k) / real(self.n))
    }

    /// The 95% Wilson score interval of the share.
    ///
    /// Centre (p̂ + z²/2n)/(1 + z²/n), half-width z·√(p̂(1−p̂)/n + z²/4n²)/(1 + z²/n)
    /// with z = 1.959964 (E. B. Wilson, 1927). None without answers.
    pub fn interval(self) -> Option<Interval> {
        if self.n == 0 {
            return None;
        }
        let (k, n) = (real(self.k), real(self.n));
        let wilson = Interval::wilson(k / n, n);
        Some(Interval {
            low: if self.k == 0 { 0.0 } else { wilson.low },
            high: if self.k == self.n { 100.0 } else { wilson.high },
        })
    }
}

/// How two indexes stand to each other when chance is taken into account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// Surely higher: the interval lies wholly above the other one.
    Above,
    /// Not to be told apart: the intervals overlap, or one has no answers.
    Alike,
    /// Surely lower.
    Below,
}

impl Share {
    /// How this share stands to another, by their 95% intervals.
    pub fn order(self, other: Self) -> Order {
        match (self.interval(), other.interval()) {
            (Some(one), Some(other)) if one.low > other.high => Order::Above,
            (Some(one), Some(other)) if one.high < other.low => Order::Below,
            _ => Order::Alike,
        }
    }
}

/// A confidence interval in percent, both ends within 0 to 100.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Interval {
    /// L, the lower end.
    pub low: f64,
    /// U, the upper end.
    pub high: f64,
}

impl Interval {
    /// The Wilson interval of a share `p` (0 to 1) over `n` answers, which need not be a whole number.
    fn wilson(p: f64, n: f64) -> Self {
        let spread = 1.0 + Z * Z / n;
        let centre = (p + Z * Z / (2.0 * n)) / spread;
        let half = Z * (p * (1.0 - p) / n + Z * Z / (4.0 * n * n)).sqrt() / spread;
        Self { low: 100.0 * (centre - half).max(0.0), high: 100.0 * (centre + half).min(1.0) }
    }
}

/// F4, the mean score of a question, in its three customary forms.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Mean {
    /// M, from 1 to 5.
    pub score: f64,
    /// 100·M/5, from 20 to 100.
    pub of_five: f64,
    /// 100·(M − 1)/4, from 0 to 100.
    pub of_span: f64,
}

/// F4 of one question; none without valid answers.
pub fn mean(levels: &Levels) -> Option<Mean> {
    let n = levels.valid();
    if n == 0 {
        return None;
    }
    let sum = 5 * levels.n5 + 4 * levels.n4 + 3 * levels.n3 + 2 * levels.n2 + levels.n1;
    Some(Mean {
        score: real(sum) / real(n),
        of_five: 100.0 * real(sum) / (5.0 * real(n)),
        of_span: 100.0 * real(sum - n) / (4.0 * real(n)),
    })
}

/// F2: pooled top-two share over all element questions.
pub fn pooled<'a>(elements: impl IntoIterator<Item = &'a Levels>) -> Share {
    Share::satisfied(&elements.into_iter().copied().sum())
}

/// The sample goal for `settled` dossiers: N/(1 + N·0.05²) to the nearest whole answer (Bộ Nội vụ).
///
/// Computed over whole numbers, as 400·N/(400 + N), so that nothing is lost by rounding twice.
pub fn sample_goal(settled: u64) -> u64 {
    let (n, span) = (u128::from(settled), u128::from(settled) + 400);
    u64::try_from((800 * n + span) / (2 * span)).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rounded(value: f64, digits: i32) -> f64 {
        let scale = 10f64.powi(digits);
        (value * scale).round() / scale
    }

    #[test]
    fn indexes_are_told_apart_only_where_their_intervals_are() {
        let share = |k, n| Share { k, n };
        assert_eq!(share(90, 100).order(share(70, 100)), Order::Above);
        assert_eq!(share(70, 100).order(share(90, 100)), Order::Below);
        assert_eq!(share(9, 10).order(share(7, 10)), Order::Alike);
        assert_eq!(share(0, 0).order(share(7, 10)), Order::Alike);
    }

    #[test]
    fn the_same_answers_give_three_figures_by_three_formulas() {
        let levels = Levels::of(40, 50, 7, 2, 1);
        let mean = mean(&levels).unwrap();
        assert_eq!(Share::satisfied(&levels).percent(), Some(90.0));
        assert_eq!(rounded(mean.of_five, 1), 85.2);
        assert_eq!(rounded(mean.of_span, 1), 81.5);
        assert_eq!(rounded(mean.score, 2), 4.26);
    }

    #[test]
    fn the_wilson_interval_agrees_with_the_vectors_of_the_method() {
        let vectors = [
            (10, 10, 72.25, 100.0),
            (30, 30, 88.65, 100.0),
            (35, 35, 90.11, 100.0),
            (45, 50, 78.64, 95.65),
            (90, 100, 82.56, 94.48),
            (180, 200, 85.06, 93.43),
            (450, 500, 87.06, 92.33),
            (919, 1000, 90.04, 93.44),
            (170, 200, 79.39, 89.29),
        ];
        for (k, n, low, high) in vectors {
            let interval = Share { k, n }.interval().unwrap();
            assert_eq!((rounded(interval.low, 2), rounded(interval.high, 2)), (low, high), "{k}/{n}");
        }
    }

    #[test]
    fn the_smallest_sample_that_proves_a_target_is_the_one_of_the_method() {
        for (target, smallest) in [(85.0, 22), (90.0, 35), (95.0, 73)] {
            let proves = |n: u64| Share { k: n, n }.interval().unwrap().low >= target;
            assert!(proves(smallest) && !proves(smallest - 1), "{target}%");
        }
    }

    #[test]
    fn the_sample_goal_agrees_with_the_vectors_of_the_method() {
        let vectors =
            [(100, 80), (200, 133), (500, 222), (1_000, 286), (5_000, 370), (10_000, 385), (100_000, 398)];
        for (settled, goal) in vectors {
            assert_eq!(sample_goal(settled), goal, "{settled} dossiers");
        }
        assert_eq!(sample_goal(0), 0);
        assert_eq!(sample_goal(u64::MAX), 400);
    }

    #[test]
    fn no_answers_give_no_figure() {
        assert_eq!(Share::default().percent(), None);
        assert_eq!(Share::default().interval(), None);
        assert_eq!(mean(&Levels::default()), None);
    }

    proptest::proptest! {
        #[test]
        fn an_interval_holds_its_share_and_stays_within_bounds(n in 1u64..1_000_000, part in 0.0f64..=1.0) {
            let k = u64::try_from(super::super::number::nearest(part * real(n))).unwrap().min(n);
            let share = Share { k, n };
            let (interval, percent) = (share.interval().unwrap(), share.percent().unwrap());
            proptest::prop_assert!(interval.low >= 0.0 && interval.high <= 100.0);
            proptest::prop_assert!(interval.low <= percent + 1e-9 && percent <= interval.high + 1e-9);
        }
    }
}
