//! Closing and opening again, as the forms of counters and of fields ask for it and lists tell of it.

use chrono::NaiveDate;

use super::form::{Inputs, Reader, Typed};
use super::text;
use crate::domain::closure::Closure;
use crate::error::Result;
use crate::locale::Lang;

/// What a form wants to happen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Turn {
    /// It stays as it is.
    Stay,
    /// It closes on a day.
    Close(NaiveDate),
    /// It opens again on a day.
    Reopen(NaiveDate),
}

/// Asks from which day something closes, or opens again where it is closed.
pub fn ask<'a>(inputs: Inputs<'a>, closure: Closure) -> Inputs<'a> {
    if closure.is_lasting() {
        inputs.perhaps_day("reopened_from").hint("reopened-from")
    } else {
        inputs.perhaps_day("closed_from").hint("closed-from")
    }
}

/// Reads what [`ask`] asked.
///
/// # Errors
/// Invalid for a day that cannot be read.
pub fn read(typed: &Typed) -> Result<Turn> {
    let mut reader = Reader::new(typed);
    let is_asked = |name: &str| !typed.get(name).is_empty();
    let turn = if is_asked("closed_from") {
        reader.day("closed_from").map(Turn::Close)
    } else if is_asked("reopened_from") {
        reader.day("reopened_from").map(Turn::Reopen)
    } else {
        Some(Turn::Stay)
    };
    reader.done(turn)
}

/// Whether something is open, in words: what comes next is told, and what is over for long is not.
pub fn state(lang: Lang, closure: Closure, today: NaiveDate) -> String {
    let told =
        |key: &str, day: NaiveDate| lang.with(&format!("catalogue.{key}"), &[("day", &lang.date(day))]);
    match (closure.from, closure.until) {
        (Some(_), Some(until)) if until > today => told("closed-until", until),
        (Some(_), Some(until)) => told("reopened", until),
        (Some(from), None) => told("closed", from),
        (None, _) => text(lang, "open"),
    }
}

/// What has to be known before something that is closed is opened again; empty for what is open.
pub fn lead(lang: Lang, closure: Closure, of: &str) -> String {
    if closure.is_lasting() { text(lang, &format!("lead-{of}-closed")) } else { String::new() }
}
