//! Targets of the plan and the verdict against them.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::ids::FieldId;
use super::index::Share;
use super::number::real;
use super::questionnaire::Kind;
use super::unit::is_valid_on;
use crate::locale::Lang;

/// Fewest answers for a verdict.
pub const ENOUGH: u64 = 30;

/// A threshold in hundredths of a percent, 0 to 10000.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(transparent)]
pub struct Threshold(u16);

impl Threshold {
    /// The threshold of so many hundredths of a percent, where that is at most 100%.
    pub fn of_hundredths(hundredths: i32) -> Option<Self> {
        u16::try_from(hundredths).ok().filter(|value| *value <= 10_000).map(Self)
    }

    /// In hundredths of a percent.
    pub fn hundredths(self) -> i32 {
        i32::from(self.0)
    }

    /// In percent.
    pub fn percent(self) -> f64 {
        f64::from(self.0) / 100.0
    }
}

/// What is judged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Scope {
    /// A figure that this service measures, over all fields or some.
    Measured {
        /// Questionnaire kind.
        kind: Kind,
        /// Fields pooled; none means all.
        fields: Option<Vec<FieldId>>,
    },
    /// A figure that another ministry's method gives; it is imported, never computed.
    Imported,
}

impl Scope {
    /// Whether both judge the same index; of imported figures each target has its own.
    pub fn is_same(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Measured { kind, fields }, Self::Measured { kind: other, fields: others }) => {
                let set = |ids: &Option<Vec<FieldId>>| {
                    ids.as_ref().map(|ids| ids.iter().copied().collect::<BTreeSet<FieldId>>())
                };
                kind == other && set(fields) == set(others)
            }
            (Self::Imported, _) | (_, Self::Imported) => false,
        }
    }
}

/// A target of a plan, in force for some time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// Key, such as `tthc-dat-dai`.
    pub key: String,
    /// Vietnamese name.
    pub name: String,
    /// English name.
    pub name_en: String,
    /// What is judged.
    pub scope: Scope,
    /// At least this much.
    pub threshold: Threshold,
    /// Where it is laid down.
    pub legal_basis: String,
    /// First day.
    pub valid_from: NaiveDate,
    /// Day on which it no longer holds.
    pub valid_to: Option<NaiveDate>,
}

impl Target {
    /// Whether the target is in force on a day.
    pub fn is_valid_on(&self, day: NaiveDate) -> bool {
        is_valid_on(self.valid_from, self.valid_to, day)
    }

    /// The name in a language.
    pub fn name_in(&self, lang: Lang) -> &str {
        match lang {
            Lang::Vi => &self.name,
            Lang::En => &self.name_en,
        }
    }
}

/// The verdict on an index against a target, with its certainty.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// Chưa đủ dữ liệu: too few answers to judge.
    TooFew,
    /// Không đạt, chắc chắn: U < T.
    MissedSurely,
    /// Chưa đạt, chưa chắc chắn: p̂ < T ≤ U.
    MissedUnsurely,
    /// Đạt, chưa chắc chắn: p̂ ≥ T > L.
    MetUnsurely,
    /// Đạt, chắc chắn: L ≥ T.
    MetSurely,
}

impl Verdict {
    /// Every verdict, from the worst known one up.
    pub const ALL: [Self; 5] =
        [Self::TooFew, Self::MissedSurely, Self::MissedUnsurely, Self::MetUnsurely, Self::MetSurely];

    /// Judges a share on whole numbers, unrounded: met when 10000·k ≥ T·n with T in hundredths of a
    /// percent; sure when the 95% Wilson interval lies on one side of the target.
    pub fn judge(share: Share, threshold: Threshold) -> Self {
        let Some(interval) = share.interval().filter(|_| share.n >= ENOUGH) else {
            return Self::TooFew;
        };
        let met = u128::from(share.k) * 10_000 >= u128::from(threshold.0) * u128::from(share.n);
        match met {
            true if interval.low >= threshold.percent() => Self::MetSurely,
            true => Self::MetUnsurely,
            false if interval.high < threshold.percent() => Self::MissedSurely,
            false => Self::MissedUnsurely,
        }
    }

    /// Whether the target is met, surely or not.
    pub const fn is_met(self) -> bool {
        matches!(self, Self::MetSurely | Self::MetUnsurely)
    }

    /// The word used in exports, styles and locale keys.
    pub const fn key(self) -> &'static str {
        match self {
            Self::TooFew => "too-few",
            Self::MissedSurely => "missed-surely",
            Self::MissedUnsurely => "missed-unsurely",
            Self::MetUnsurely => "met-unsurely",
            Self::MetSurely => "met-surely",
        }
    }

    /// The shape shown beside the word.
    pub const fn shape(self) -> &'static str {
        match self {
            Self::TooFew => "○",
            Self::MissedSurely => "▼",
            Self::MissedUnsurely => "▽",
            Self::MetUnsurely => "△",
            Self::MetSurely => "▲",
        }
    }
}

/// Satisfied answers that a share lacks for its target: p·n − k, zero at or above it.
pub fn shortfall(share: Share, threshold: Threshold) -> f64 {
    let (wanted, found) = (u64::from(threshold.0) * share.n, 10_000 * share.k);
    real(wanted.saturating_sub(found)) / 10_000.0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judge(k: u64, n: u64, hundredths: i32) -> Verdict {
        Verdict::judge(Share { k, n }, Threshold::of_hundredths(hundredths).unwrap())
    }

    #[test]
    fn a_scope_is_the_same_whatever_the_order_of_its_fields() {
        let of = |kind, fields: Option<[i64; 2]>| Scope::Measured {
            kind,
            fields: fields.map(|ids| ids.map(FieldId::from).into()),
        };
        assert!(of(Kind::Tthc, Some([1, 2])).is_same(&of(Kind::Tthc, Some([2, 1]))));
        assert!(!of(Kind::Tthc, Some([1, 2])).is_same(&of(Kind::Tthc, Some([1, 3]))));
        assert!(!of(Kind::Tthc, None).is_same(&of(Kind::Tthc, Some([1, 2]))));
        assert!(!of(Kind::Tthc, None).is_same(&of(Kind::AgencyService, None)));
        assert!(!Scope::Imported.is_same(&Scope::Imported));
    }

    #[test]
    fn a_shortfall_is_counted_in_answers() {
        let of = |k, n| shortfall(Share { k, n }, Threshold::of_hundredths(9_000).unwrap());
        assert!((of(80, 100) - 10.0).abs() < 1e-12 && (of(89, 99) - 0.1).abs() < 1e-12);
        assert!(of(90, 100).abs() < 1e-12 && of(0, 0).abs() < 1e-12 && of(100, 100).abs() < 1e-12);
    }

    #[test]
    fn fewer_than_thirty_answers_give_no_verdict() {
        assert_eq!(judge(29, 29, 8_500), Verdict::TooFew);
        assert_eq!(judge(30, 30, 8_500), Verdict::MetSurely);
        assert_eq!(judge(0, 0, 8_500), Verdict::TooFew);
    }

    #[test]
    fn the_five_rows_of_the_table_are_told_apart() {
        assert_eq!(judge(919, 1000, 9_000), Verdict::MetSurely);
        assert_eq!(judge(90, 100, 9_000), Verdict::MetUnsurely);
        assert_eq!(judge(45, 51, 9_000), Verdict::MissedUnsurely);
        assert_eq!(judge(170, 200, 9_000), Verdict::MissedSurely);
        assert_eq!(judge(170, 200, 8_500), Verdict::MetUnsurely);
    }

    #[test]
    fn a_share_that_would_round_up_to_the_target_is_not_met() {
        assert!(!judge(89_999, 100_000, 9_000).is_met());
        assert!(judge(90_000, 100_000, 9_000).is_met());
        assert!(judge(8_755, 10_000, 8_755).is_met());
        assert!(!judge(8_754, 10_000, 8_755).is_met());
    }
}
