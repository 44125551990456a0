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

/// The digits of a whole number, which may be grouped in threes by points, commas or blanks, as spreadsheets
/// and people write it: `1.234` is 1234, and `1.23` is no whole number.
pub fn ungrouped(text: &str) -> Option<String> {
    let is_number = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    let Some(sign) = text.chars().find(|sign| !sign.is_ascii_digit()) else {
        return is_number(text).then(|| text.to_owned());
    };
    let mut groups = text.split(sign);
    let first =
        groups.next().filter(|group| is_number(group) && group.len() <= 3 && !group.starts_with('0'))?;
    let is_grouped = groups.all(|group| is_number(group) && group.len() == 3);
    (".,".contains(sign) || sign.is_whitespace()).then_some(())?;
    is_grouped.then(|| first.to_owned() + &text.get(first.len()..).unwrap_or_default().replace(sign, ""))
}

#[cfg(test)]
mod tests {
    use super::ungrouped;

    #[test]
    fn digits_may_be_grouped_in_threes() {
        for text in ["1234567", "1.234.567", "1,234,567", "1 234 567"] {
            assert_eq!(ungrouped(text).as_deref(), Some("1234567"), "{text}");
        }
        for text in ["", "1.23", "1.234,567", "1.2345", "-1", ".123", "0.123", "1234.567", "1/234"] {
            assert_eq!(ungrouped(text), None, "{text}");
        }
    }
}
