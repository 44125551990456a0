//! Masking of personal data in what citizens and staff write: telephone and document numbers, e-mail addresses,
//! number plates and runs of digits like those of bank accounts, but not money, dates, years or counts.

mod digits;
mod email;
mod passport;
mod plain;
mod plate;
mod run;

use std::ops::Range;

use plain::Plain;

/// What was masked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// A telephone number.
    Phone,
    /// The number of an identity card, citizen card or passport.
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

/// What of a text stands between personal data.
pub fn parts(text: &str) -> Vec<&str> {
    let spans = spans(text);
    let starts = std::iter::once(0).chain(spans.iter().map(|(span, _)| span.end));
    let ends = spans.iter().map(|(span, _)| span.start).chain(std::iter::once(text.len()));
    starts.zip(ends).filter_map(|(start, end)| text.get(start..end)).collect()
}

/// Where personal data stand, in order and without overlap.
pub fn spans(text: &str) -> Vec<(Range<usize>, Kind)> {
    let plain = Plain::of(text);
    let read = plain.text();
    // Plates and passports come before plain digits, whose rules would see only a part of them.
    let emails = email::all(read).into_iter().map(|span| (span, Kind::Email));
    let plates = plate::all(read).map(|span| (span, Kind::Plate));
    let passports = passport::all(read).map(|span| (span, Kind::Document));
    let mut all: Vec<_> = emails.chain(plates).chain(passports).chain(digits::all(read)).collect();
    all.sort_by_key(|(span, _)| span.start);
    let mut found: Vec<(Range<usize>, Kind)> = Vec::new();
    for (span, kind) in all {
        match found.last_mut() {
            Some((last, _)) if span.start < last.end => last.end = last.end.max(span.end),
            _ => found.push((span, kind)),
        }
    }
    found.into_iter().map(|(span, kind)| (plain.typed(&span), kind)).collect()
}

#[cfg(test)]
#[path = "mask/tests.rs"]
mod tests;
