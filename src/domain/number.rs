//! The one place where counts become real numbers.

/// A count as a real number; exact below 2⁵³, far above any number of answers.
#[expect(
    clippy::as_conversions,
    clippy::cast_precision_loss,
    reason = "the standard library has no lossy From for u64 and counts stay below 2^53"
)]
pub const fn real(count: u64) -> f64 {
    count as f64
}

/// What a number of hundredths stands for.
pub fn in_hundredths(hundredths: i64) -> f64 {
    let size = real(hundredths.unsigned_abs()) / 100.0;
    if hundredths < 0 { -size } else { size }
}

/// The nearest whole number, halves away from zero.
#[expect(
    clippy::as_conversions,
    clippy::cast_possible_truncation,
    reason = "a saturating cast is what is wanted"
)]
pub fn nearest(value: f64) -> i64 {
    value.round() as i64
}
