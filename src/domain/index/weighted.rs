//! F5: the index weighted by dossiers, so that a unit counts as much as it settles and not as much as it asks.

use serde::{Deserialize, Serialize};

use super::{Interval, Share};
use crate::domain::number::real;

/// No answer weighs more than this many times the median weight.
pub const CAP: f64 = 5.0;

/// A unit's work in one field: what the answers stand for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Stratum {
    /// N_h: dossiers settled.
    pub settled: u64,
    /// k_h of n_h answers.
    pub share: Share,
}

impl Stratum {
    /// w = N_h/n_h, what one answer stands for; none where either is missing.
    fn weight(&self) -> Option<f64> {
        (self.settled > 0 && self.share.n > 0).then(|| real(self.settled) / real(self.share.n))
    }
}

/// F5 with what it rests on.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Weighted {
    /// The index in percent.
    pub percent: f64,
    /// The 95% Wilson interval with the effective n in place of n.
    pub interval: Interval,
    /// Share of the dossiers settled whose stratum has an answer, in percent.
    pub coverage: f64,
    /// Effective n of the weighted answers (L. Kish, 1965): (Σw)²/Σw².
    pub effective: f64,
    /// Whether a weight was cut to [`CAP`] times the median.
    pub capped: bool,
}

/// F5: Σ w_h·k_h / Σ w_h·n_h over strata with answers and dossiers, w_h = N_h/n_h, so Σ N_h·p̂_h / Σ N_h
/// unless a weight is capped at [`CAP`] times the median weight of an answer.
///
/// None where no stratum has both.
pub fn weighted(strata: &[Stratum]) -> Option<Weighted> {
    let mut known: Vec<(f64, Share)> =
        strata.iter().filter_map(|stratum| Some((stratum.weight()?, stratum.share))).collect();
    known.sort_by(|(one, _), (other, _)| one.total_cmp(other));
    let most = CAP * median(&known)?;
    let (mut satisfied, mut sum, mut squares) = (0.0, 0.0, 0.0);
    for (weight, share) in &known {
        let weight = weight.min(most);
        satisfied += weight * real(share.k);
        sum += weight * real(share.n);
        squares += weight * weight * real(share.n);
    }
    let covered = strata.iter().filter(|stratum| stratum.weight().is_some());
    let covered: u64 = covered.map(|stratum| stratum.settled).sum();
    let settled: u64 = strata.iter().map(|stratum| stratum.settled).sum();
    let effective = sum * sum / squares;
    Some(Weighted {
        percent: 100.0 * satisfied / sum,
        interval: Interval::wilson((satisfied / sum).min(1.0), effective),
        coverage: 100.0 * real(covered) / real(settled),
        effective,
        capped: known.last().is_some_and(|(weight, _)| *weight > most),
    })
}

/// The median weight of an answer: the smallest that at least half of the answers do not exceed.
fn median(sorted: &[(f64, Share)]) -> Option<f64> {
    let all: u64 = sorted.iter().map(|(_, share)| share.n).sum();
    let mut seen = 0;
    sorted.iter().find_map(|(weight, share)| {
        seen += share.n;
        (2 * seen >= all).then_some(*weight)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stratum(settled: u64, k: u64, n: u64) -> Stratum {
        Stratum { settled, share: Share { k, n } }
    }

    fn close(one: f64, other: f64) -> bool {
        (one - other).abs() < 1e-9
    }

    #[test]
    fn a_unit_counts_as_much_as_it_settles() {
        // 90% of 100 dossiers and 60% of 300: (90 + 180) / 400, whoever asked more.
        let weighted = weighted(&[stratum(100, 90, 100), stratum(300, 60, 100)]).unwrap();
        assert!(close(weighted.percent, 67.5) && close(weighted.coverage, 100.0) && !weighted.capped);
        // Weights 1 and 3, 100 times each: (400)² / (100 + 900).
        assert!(close(weighted.effective, 160.0));
    }

    #[test]
    fn equal_weights_give_the_plain_index_and_its_interval() {
        let (weighted, plain) =
            (weighted(&[stratum(500, 45, 50), stratum(500, 45, 50)]).unwrap(), Share { k: 90, n: 100 });
        assert!(close(weighted.percent, 90.0) && close(weighted.effective, 100.0));
        let interval = plain.interval().unwrap();
        assert!(close(weighted.interval.low, interval.low) && close(weighted.interval.high, interval.high));
    }

    #[test]
    fn dossiers_without_answers_lower_the_coverage_alone() {
        let weighted = weighted(&[stratum(300, 8, 10), stratum(100, 0, 0), stratum(0, 1, 7)]).unwrap();
        assert!(close(weighted.percent, 80.0) && close(weighted.coverage, 75.0));
        assert!(close(weighted.effective, 10.0));
    }

    #[test]
    fn a_weight_far_above_the_median_is_capped() {
        // Median weight 1, so the single answer of 100 dossiers weighs 5.
        let weighted = weighted(&[stratum(99, 99, 99), stratum(100, 0, 1)]).unwrap();
        assert!(weighted.capped && close(weighted.percent, 100.0 * 99.0 / 104.0));
        assert!(close(weighted.effective, 104.0 * 104.0 / 124.0));
    }

    #[test]
    fn nothing_known_gives_no_figure() {
        assert_eq!(weighted(&[]), None);
        assert_eq!(weighted(&[stratum(10, 0, 0), stratum(0, 3, 4)]), None);
    }
}
