//! Number plates: 49A-123.45, 49-B1 123.45, 49AB-123.45, 49A 1234 and their like.

use std::ops::Range;

/// Where plates stand.
pub fn all(text: &str) -> impl Iterator<Item = Range<usize>> {
    let mut before = ' ';
    let starts = text.char_indices().filter_map(move |(place, letter)| {
        let is_start = letter.is_ascii_digit() && !before.is_alphanumeric();
        before = letter;
        is_start.then_some(place)
    });
    starts.filter_map(|start| {
        let rest = text.get(start..)?;
        length(rest).map(|length| start..start + length)
    })
}

/// The length of the plate with which a text begins.
fn length(text: &str) -> Option<usize> {
    let province = text.get(..2).filter(|digits| digits.bytes().all(|byte| byte.is_ascii_digit()))?;
    if province < "11" {
        return None;
    }
    let rest = text.get(2..)?;
    let rest = rest.strip_prefix('-').unwrap_or(rest);
    let series = rest.len() - rest.trim_start_matches(is_series).len();
    let (series, rest) = rest.split_at_checked(series)?;
    if !(1..=2).contains(&series.chars().count()) {
        return None;
    }
    let one_more = rest.strip_prefix(|letter: char| letter.is_ascii_digit());
    [Some(rest), one_more].into_iter().flatten().find_map(|rest| {
        let (joint, rest) = match rest.strip_prefix(['-', ' ', '.']) {
            Some(tail) => (rest.chars().next(), tail),
            None => (None, rest),
        };
        let tail = tail(rest)?;
        let dotted = tail > 5;
        // "10h 2024" is an hour and a year, "15k 2000" a price: small letters need a sign of a plate.
        let is_plain = series.chars().all(char::is_uppercase) && series != "H";
        (dotted || is_plain || (joint == Some('-') && !series.eq_ignore_ascii_case("h")))
            .then(|| text.len() - rest.len() + tail)
    })
}

fn is_series(letter: char) -> bool {
    letter.is_ascii_alphabetic() || letter == 'Đ' || letter == 'đ'
}

/// The length of `123.45`, `123 45`, `12345` or `1234` at the beginning, with no more after it.
fn tail(text: &str) -> Option<usize> {
    let digits = |text: &str| text.bytes().take_while(u8::is_ascii_digit).count();
    let first = digits(text);
    let length = match first {
        3 => {
            let rest = text.get(3..)?.strip_prefix(['.', ' '])?;
            (digits(rest) == 2).then_some(6)?
        }
        4 | 5 => first,
        _ => return None,
    };
    let goes_on = text.get(length..)?.starts_with(char::is_alphanumeric);
    (!goes_on).then_some(length)
}
