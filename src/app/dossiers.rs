//! Dossiers settled by unit, field and month: typed by staff, or imported.

use std::collections::{BTreeMap, BTreeSet};

use chrono::Utc;
use serde_json::json;

use super::batches::reach;
use super::catalogue::Snapshot;
use super::import::Changes;
use super::scores::{self, Cell, Dimension, Query, Row};
use crate::db;
use crate::db::bulk::Settled;
use crate::db::conn::Conn;
use crate::domain::day::Local;
use crate::domain::ids::{FieldId, UnitId};
use crate::domain::period::{Period, Span};
use crate::domain::person::Actor;
use crate::domain::procedure::Field;
use crate::domain::questionnaire::Kind;
use crate::domain::tally::day_number;
use crate::domain::unit::{UnitVersion, UnitView};
use crate::error::{Error, FieldError, Result};
use crate::locale::Message;

/// Units and fields with the answers that an actor sees of a month.
pub type Answered = BTreeMap<(UnitId, FieldId), u64>;

/// Most dossiers of a unit in a field in a month.
pub const MOST: i64 = 1_000_000;

/// The month that a text such as `2026-09` names, if it has begun.
pub fn month(text: &str) -> Option<Period> {
    let period = Period::parse(text).ok().filter(|period| period.span() == Some(Span::Month))?;
    (period.from() <= Local::at(Utc::now()).day).then_some(period)
}

/// The number of a month under which dossiers are kept.
pub fn month_number(month: Period) -> i32 {
    day_number(month.from()) / 100
}

/// The month of a number under which dossiers are kept.
pub fn month_of(number: i32) -> Option<Period> {
    month(&format!("{}-{:02}", number / 100, number % 100))
}

/// The answers that count in a month, of one unit or of all, cut as it is asked.
///
/// # Errors
/// Those of [`scores::run`].
pub fn answers(
    conn: &mut Conn,
    snapshot: &Snapshot,
    actor: &Actor,
    (unit, month): (Option<UnitId>, Period),
    by: &[Dimension],
) -> Result<Vec<Row>> {
    let query = Query { unit, view: UnitView::Then, ..Query::of(Kind::Tthc, month).by(by).brief() };
    Ok(scores::run(conn, snapshot, actor, &query)?.rows)
}

/// The answers that count in a month by unit and field; those that the actor may not see are left out.
///
/// # Errors
/// Those of [`answers`].
pub fn answered(
    conn: &mut Conn,
    snapshot: &Snapshot,
    actor: &Actor,
    of: (Option<UnitId>, Period),
) -> Result<Answered> {
    let rows = answers(conn, snapshot, actor, of, &[Dimension::Unit, Dimension::Field])?;
    let seen = rows.iter().filter_map(|row| match (row.cells.as_slice(), row.figures) {
        ([Cell::Unit(unit), Cell::Field(Some(field))], Some(figures)) => {
            Some(((*unit, *field), figures.f1.n))
        }
        _ => None,
    });
    Ok(seen.collect())
}

/// Whether more citizens answered than dossiers were settled, as far as both are known: a slip somewhere.
pub fn is_exceeded(answers: Option<u64>, settled: Option<u64>) -> bool {
    answers.zip(settled).is_some_and(|(answers, settled)| answers > settled)
}

/// A count that was typed: a whole number from 0 to [`MOST`].
pub fn count(text: &str) -> Option<i64> {
    let is_whole = text.len() <= 7 && text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|count| is_whole && *count <= MOST)
}

/// The dossiers of a unit in a month, by field.
///
/// # Errors
/// Not found for a unit out of reach; those of the database.
pub fn find(
    conn: &mut Conn,
    snapshot: &Snapshot,
    actor: &Actor,
    unit: UnitId,
    month: Period,
) -> Result<BTreeMap<FieldId, i64>> {
    in_force(snapshot, actor, unit, month)?;
    db::dossiers::of_unit(conn, unit, month_number(month))
}

/// The fields that are asked for in a month: those that were open when it began, and those with a count.
pub fn fields<'a>(
    snapshot: &'a Snapshot,
    month: Period,
    held: &BTreeMap<FieldId, i64>,
) -> impl Iterator<Item = &'a Field> {
    let first = month.from();
    snapshot.fields.iter().filter(move |field| !field.is_closed_on(first) || held.contains_key(&field.id))
}

/// Lets an actor go on who may type the dossiers of a unit that was in force in the month.
fn in_force(snapshot: &Snapshot, actor: &Actor, unit: UnitId, month: Period) -> Result<()> {
    reach(snapshot, actor, unit)?;
    let versions = snapshot.units.versions_of(unit);
    let held =
        |one: &UnitVersion| one.valid_from <= month.to() && one.valid_to.is_none_or(|end| end > month.from());
    if versions.iter().any(held) {
        return Ok(());
    }
    let (Some(first), Some(last)) = (versions.first(), versions.last()) else {
        return Err(Error::NotFound(Message::new("error.unit-not-found")));
    };
    let told = |key| Message::new(key).with("unit", &last.name).with_day("from", month.from());
    Err(Error::NotFound(match last.valid_to.filter(|end| *end <= month.from()) {
        Some(end) => told("entry.dossiers.unit-ended").with_day("day", end),
        None => told("entry.dossiers.unit-not-yet").with_day("day", first.valid_from),
    }))
}

/// A count as a form sends it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Typed {
    /// What was typed; empty where the dossiers are not known.
    pub text: String,
    /// What stood there when the form was opened; none where the form did not say.
    pub was: Option<String>,
}

impl Typed {
    /// Whether the form says nothing of the field.
    fn is_absent(&self) -> bool {
        self.was.is_none() && self.text.trim().is_empty()
    }

    /// Whether somebody typed something else than what stood there.
    pub fn is_touched(&self) -> bool {
        self.was.as_deref().is_none_or(|was| was != self.text.trim())
    }

    /// The count that is to be written over the one that is held, if any.
    fn step(&self, held: Option<i64>) -> std::result::Result<Option<i64>, Message> {
        let text = self.text.trim();
        let wanted = if text.is_empty() {
            None
        } else {
            let no_count = || Message::new("entry.dossiers.no-count").with("found", text);
            Some(count(text).ok_or_else(no_count)?)
        };
        if !self.is_touched() {
            return Ok(held);
        }
        let (was, now) = (self.was.as_deref(), held.map_or_else(String::new, |held| held.to_string()));
        if was.is_none_or(|was| was == now) || wanted == held {
            return Ok(wanted);
        }
        let or_dash = |text: &str| if text.is_empty() { "–".to_owned() } else { text.to_owned() };
        let message = Message::new("entry.dossiers.changed").with("was", or_dash(was.unwrap_or_default()));
        Err(message.with("now", or_dash(&now)).with("found", or_dash(text)))
    }
}

/// Writes the dossiers of a unit in a month as they were typed; an empty field is not known. What nobody touched
/// stays as it is, whoever changed it meanwhile.
///
/// # Errors
/// Not found for a unit out of reach or not in force in the month; invalid with every fault, under `field-` and
/// the field's key, also where somebody else changed a count that was typed, and for a field that was closed;
/// those of the database.
pub fn save(
    conn: &mut Conn,
    snapshot: &Snapshot,
    actor: &Actor,
    (unit, month): (UnitId, Period),
    typed: &BTreeMap<FieldId, Typed>,
) -> Result<Changes> {
    in_force(snapshot, actor, unit, month)?;
    // Two who save the same month at once wait for each other here, before either has read.
    db::audit::reserve(conn)?;
    let held = find(conn, snapshot, actor, unit, month)?;
    let steps = steps(snapshot, month, &held, typed)?;
    write(conn, actor, (unit, month), &held, steps)
}

/// What becomes of each field that a form is about.
fn steps<'a>(
    snapshot: &'a Snapshot,
    month: Period,
    held: &BTreeMap<FieldId, i64>,
    typed: &BTreeMap<FieldId, Typed>,
) -> Result<Vec<(&'a Field, Option<i64>)>> {
    let (mut faults, mut steps) = (Vec::new(), Vec::new());
    let asked: BTreeSet<FieldId> = fields(snapshot, month, held).map(|field| field.id).collect();
    for field in &snapshot.fields {
        let Some(typed) = typed.get(&field.id).filter(|typed| !typed.is_absent()) else {
            continue;
        };
        let step = if asked.contains(&field.id) {
            typed.step(held.get(&field.id).copied()).map(Some)
        } else if typed.text.trim().is_empty() {
            Ok(None)
        } else {
            let message = Message::new("entry.dossiers.field-closed").with("field", &field.name);
            let closed = field.closure.from.unwrap_or(month.from());
            Err(message.with_day("day", closed).with("found", typed.text.trim()))
        };
        match step {
            Ok(step) => steps.extend(step.map(|count| (field, count))),
            Err(message) => faults.push(FieldError::new(format!("field-{}", field.key), message)),
        }
    }
    if faults.is_empty() { Ok(steps) } else { Err(Error::Invalid(faults)) }
}

fn write(
    conn: &mut Conn,
    actor: &Actor,
    (unit, month): (UnitId, Period),
    held: &BTreeMap<FieldId, i64>,
    mut steps: Vec<(&Field, Option<i64>)>,
) -> Result<Changes> {
    let (number, asked) = (month_number(month), steps.len());
    steps.retain(|(field, count)| held.get(&field.id).copied() != *count);
    let is_held = |field: &Field| held.contains_key(&field.id);
    let added = steps.iter().filter(|(field, _)| !is_held(field)).count();
    if !steps.is_empty() {
        let told = steps.iter().map(
            |(field, count)| json!({ "field": field.key, "before": held.get(&field.id), "after": count }),
        );
        let details = json!({ "changes": told.collect::<Vec<_>>() });
        db::audit::insert(conn, actor, "dossiers.save", &format!("dossiers:{unit}:{number}"), &details)?;
    }
    for (field, count) in &steps {
        match *count {
            Some(count) => {
                db::dossiers::save(conn, &Settled { unit, field: field.id, month: number, count })?;
            }
            None => db::dossiers::delete(conn, unit, field.id, number)?,
        }
    }
    let (changed, unchanged) = (steps.len() - added, asked - steps.len());
    Ok(Changes { added, changed, unchanged })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_count_is_a_whole_number_up_to_a_million() {
        assert_eq!(["0", "318", "1000000"].map(count), [Some(0), Some(318), Some(MOST)]);
        for text in ["", "-1", "1.234", "1000001", "12a", "+5", "00000001"] {
            assert_eq!(count(text), None, "{text}");
        }
    }

    #[test]
    fn a_count_is_not_written_over_one_that_somebody_changed_meanwhile() {
        let typed = |text: &str, was: &str| Typed { text: text.into(), was: Some(was.into()) };
        assert_eq!(typed("7", "").step(None), Ok(Some(7)));
        assert_eq!(typed("7", "5").step(Some(5)), Ok(Some(7)));
        assert_eq!(typed("5", "5").step(Some(6)), Ok(Some(6)), "it was not touched");
        assert_eq!(typed("6", "5").step(Some(6)), Ok(Some(6)), "both typed the same");
        assert_eq!(typed("", "5").step(Some(5)), Ok(None));
        for (text, was, held) in
            [("7", "5", Some(6)), ("", "5", Some(6)), ("7", "", Some(6)), ("7", "5", None)]
        {
            assert!(typed(text, was).step(held).is_err(), "{text} {was} {held:?}");
        }
        assert!(typed("1.200", "").step(None).is_err());
        assert_eq!(
            Typed { text: "7".into(), was: None }.step(Some(6)),
            Ok(Some(7)),
            "a form of another make"
        );
    }
}
