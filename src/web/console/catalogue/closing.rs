//! Ends of units, counters, fields and procedures: what follows is told first, and a day behind answers has to
//! be ticked. Closing and opening again, as the forms of counters and of fields ask for it and lists tell of it.

use chrono::{NaiveDate, Utc};

use super::form::{Inputs, Reader, Typed, day};
use super::text;
use crate::app::ending::{self, Effect, End, Part};
use crate::db::tallies::Since;
use crate::domain::closure::Closure;
use crate::domain::day::Local;
use crate::error::Result;
use crate::locale::Lang;
use crate::web::actor::Actor;
use crate::web::state::State;

/// What hangs on something that ends on the day that was typed in a field, or today where that is no day.
///
/// # Errors
/// Not found for whoever does not keep the catalogue; those of the database.
pub async fn foresee(state: &State, actor: &Actor, part: Part, typed: &str) -> Result<Effect> {
    let snapshot = state.catalogue.snapshot();
    let from = day(typed).unwrap_or_else(|| Local::at(Utc::now()).day);
    state.read(actor, move |conn, person| ending::effect(conn, &snapshot, person, &part, from)).await
}

/// So many things and what becomes of them, in words.
pub fn becomes(lang: Lang, part: &str, found: usize, fate: &str) -> (String, String) {
    let count = lang.count(u64::try_from(found).unwrap_or(u64::MAX));
    let word = || text(lang, &format!("follows.{part}-{fate}"));
    let told = if found == 0 { count } else { format!("{count} · {}", word()) };
    (text(lang, &format!("follows.{part}")), told)
}

/// Tells what will follow, the answers last, and asks for a tick where the day lies behind some.
pub fn warn<'a>(
    inputs: Inputs<'a>,
    lang: Lang,
    mut facts: Vec<(String, String)>,
    answers: &Since,
) -> Inputs<'a> {
    let last = answers.last.map_or_else(|| text(lang, "follows.no-answer"), |last| lang.date(last));
    facts.push((text(lang, "follows.last-answer"), last));
    facts.push((text(lang, "follows.answers-since"), lang.count(answers.count)));
    inputs.told("follows", facts).tick("backdated").called(text(lang, "label.ends-before-answers"))
}

/// From when something ends, as the form says it in a field.
pub fn end(reader: &mut Reader<'_>, typed: &Typed, field: &str) -> Option<End> {
    let from = reader.day(field)?;
    Some(End { from, backdated: typed.get("backdated") == "1" })
}

/// What a form wants to happen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Turn {
    /// It stays as it is.
    Stay,
    /// It closes on a day.
    Close(End),
    /// It opens again on a day.
    Reopen(NaiveDate),
}

/// Asks from which day something closes and says what would follow, or when it opens again where it is closed.
pub fn ask<'a>(inputs: Inputs<'a>, lang: Lang, closure: Closure, effect: &Effect) -> Inputs<'a> {
    if closure.is_lasting() {
        return inputs.perhaps_day("reopened_from").hint("reopened-from");
    }
    let links = becomes(lang, "links", effect.links, "close");
    warn(inputs.perhaps_day("closed_from").hint("closed-from"), lang, vec![links], &effect.answers)
}

/// Reads what [`ask`] asked.
///
/// # Errors
/// Invalid for a day that cannot be read.
pub fn read(typed: &Typed) -> Result<Turn> {
    let mut reader = Reader::new(typed);
    let is_asked = |name: &str| !typed.get(name).is_empty();
    let turn = if is_asked("closed_from") {
        end(&mut reader, typed, "closed_from").map(Turn::Close)
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
