//! Numbers of passports: a letter and seven digits or a few more.

use std::ops::Range;

use super::Kind;
use super::digits::said_before;

/// Where they stand.
pub fn all(text: &str) -> impl Iterator<Item = Range<usize>> {
    let mut before = ' ';
    let starts = text.char_indices().filter_map(move |(place, letter)| {
        let is_start = letter.is_ascii_alphabetic() && !before.is_alphanumeric();
        before = letter;
        is_start.then_some(place)
    });
    starts.filter_map(|start| {
        let rest = text.get(start..)?;
        let is_said = || said_before(text, start) == Some(Kind::Document);
        let length = length(rest).or_else(|| loose_length(rest).filter(|_| is_said()))?;
        Some(start..start + length)
    })
}

/// The length of a capital letter with its digits; a round number would rather be a price.
fn length(text: &str) -> Option<usize> {
    let digits = text.strip_prefix(|letter: char| letter.is_ascii_uppercase())?;
    let count = leading(digits);
    let is_round = digits.get(..count)?.ends_with("0000");
    ((7..=9).contains(&count) && !is_round && is_end(digits, count)).then_some(1 + count)
}

/// The length of one or two letters with six to nine digits, in groups too: where words say what it is.
fn loose_length(text: &str) -> Option<usize> {
    let letters = text.len() - text.trim_start_matches(|letter: char| letter.is_ascii_alphabetic()).len();
    let mut end = letters;
    let mut count = 0;
    loop {
        let rest = text.get(end..)?;
        let joint = usize::from(rest.starts_with([' ', '.', '-']));
        let digits = leading(rest.get(joint..)?);
        if digits == 0 {
            break;
        }
        end += joint + digits;
        count += digits;
    }
    ((1..=2).contains(&letters) && (6..=9).contains(&count) && is_end(text, end)).then_some(end)
}

fn leading(text: &str) -> usize {
    text.bytes().take_while(u8::is_ascii_digit).count()
}

fn is_end(text: &str, place: usize) -> bool {
    text.get(place..).is_some_and(|rest| !rest.starts_with(char::is_alphanumeric))
}
