//! Dossiers settled by unit, field and month: typed by staff, or imported.

use std::collections::BTreeMap;

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
use crate::domain::unit::UnitView;
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
    match snapshot.units.on(unit, month.to()).or_else(|| snapshot.units.on(unit, month.from())) {
        Some(_) => Ok(()),
        None => Err(Error::NotFound(Message::new("error.unit-not-found"))),
    }
}

/// Writes the dossiers of a unit in a month as they were typed; an empty field is not known.
///
/// # Errors
/// Not found for a unit out of reach; invalid with every fault, under `field-` and the field's key; those of
/// the database.
pub fn save(
    conn: &mut Conn,
    snapshot: &Snapshot,
    actor: &Actor,
    (unit, month): (UnitId, Period),
    typed: &BTreeMap<FieldId, String>,
) -> Result<Changes> {
    let held = find(conn, snapshot, actor, unit, month)?;
    let (mut faults, mut steps) = (Vec::new(), Vec::new());
    for field in fields(snapshot, month, &held) {
        let text = typed.get(&field.id).map_or("", |text| text.trim());
        match (text.is_empty(), count(text)) {
            (true, _) => steps.push((field, None)),
            (false, Some(count)) => steps.push((field, Some(count))),
            (false, None) => {
                let message = Message::new("entry.dossiers.no-count").with("found", text);
                faults.push(FieldError::new(format!("field-{}", field.key), message));
            }
        }
    }
    if !faults.is_empty() {
        return Err(Error::Invalid(faults));
    }
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
}
