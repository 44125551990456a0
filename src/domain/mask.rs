//! Masking of personal data in what citizens write: telephone and document numbers, e-mail addresses,
//! number plates and runs of digits like those of bank accounts, but not money, dates, years or counts.

mod digits;
mod plate;

use std::ops::Range;

/// What was masked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// A telephone number.
    Phone,
    /// The number of an identity card or citizen card.
    Document,
    /// An e-mail address.
    Email,
    /// A number plate.
    Plate,
    /// A long run of digits, such as an account, tax or dossier number.
    Number,
}

impl Kind {
    /// What stands in its place. Comments are Vietnamese, and so is the mark, whoever reads it.
    pub const fn mark(self) -> &'static str {
        match self {
            Self::Phone => "[số điện thoại]",
            Self::Document => "[số giấy tờ]",
            Self::Email => "[thư điện tử]",
            Self::Plate => "[biển số xe]",
            Self::Number => "[dãy số]",
        }
    }
}

/// The text with a visible mark in the place of each personal datum.
///
/// A second run changes nothing: marks hold no digits.
pub fn mask(text: &str) -> String {
    let mut masked = String::with_capacity(text.len());
    let mut done = 0;
    for (span, kind) in spans(text) {
        masked.push_str(text.get(done..span.start).unwrap_or_default());
        masked.push_str(kind.mark());
        done = span.end;
    }
    masked.push_str(text.get(done..).unwrap_or_default());
    masked
}

/// Where personal data stand, in order and without overlap.
pub fn spans(text: &str) -> Vec<(Range<usize>, Kind)> {
    let mut found: Vec<(Range<usize>, Kind)> = emails(text).map(|span| (span, Kind::Email)).collect();
    // Plates come before plain digits, whose rules would see only a part of them.
    let others = plate::all(text).map(|span| (span, Kind::Plate)).chain(digits::all(text));
    for (span, kind) in others {
        if found.iter().all(|(other, _)| span.end <= other.start || other.end <= span.start) {
            found.push((span, kind));
        }
    }
    found.sort_by_key(|(span, _)| span.start);
    found
}

fn emails(text: &str) -> impl Iterator<Item = Range<usize>> {
    let is_local = |letter: char| letter.is_ascii_alphanumeric() || "._%+-".contains(letter);
    let is_domain = |letter: char| letter.is_ascii_alphanumeric() || ".-".contains(letter);
    let mut done = 0;
    text.match_indices('@').filter_map(move |(at, _)| {
        let before = text.get(done..at)?;
        let local = before.len() - before.trim_end_matches(is_local).len();
        let after = text.get(at + 1..)?;
        let domain = after.len() - after.trim_start_matches(is_domain).len();
        let domain = after.get(..domain)?.trim_end_matches(['.', '-']).len();
        // "@gmail" without its ending is an address to everyone who reads it.
        let is_address = local > 0 && domain >= 3;
        is_address.then(|| {
            done = at + 1 + domain;
            at - local..done
        })
    })
}

#[cfg(test)]
#[path = "mask/tests.rs"]
mod tests;
