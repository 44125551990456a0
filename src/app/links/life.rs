//! How long a link can live: no longer than its counter, its units, its field and its procedure.

use chrono::{NaiveDate, Utc};

use super::LinkDraft;
use crate::db;
use crate::db::conn::Conn;
use crate::domain::closure::Closure;
use crate::domain::day::{self, Local};
use crate::domain::ids::{CounterId, ProcedureId, UnitId};
use crate::domain::link::{Counter, Link};
use crate::domain::procedure::{Field, ProcedureVersion};
use crate::domain::unit::Units;
use crate::error::{Error, FieldError, Result};
use crate::locale::Message;

/// What links hang on.
pub(super) struct Ground {
    pub(super) units: Units,
    pub(super) counters: Vec<Counter>,
    pub(super) fields: Vec<Field>,
    pub(super) procedures: Vec<ProcedureVersion>,
}

/// Something that ends, and the first day on which it is no more.
type End = (&'static str, NaiveDate);

impl Ground {
    /// As the database has it within the transaction.
    pub(super) fn load(conn: &mut Conn) -> Result<Self> {
        Ok(Self {
            units: db::units::load(conn)?,
            counters: db::links::counters(conn)?,
            fields: db::procedures::fields(conn)?,
            procedures: db::procedures::versions(conn)?,
        })
    }

    pub(super) fn counter(&self, id: CounterId) -> Option<&Counter> {
        self.counters.iter().find(|counter| counter.id == id)
    }

    /// The counter of a unit that bears a name.
    pub(super) fn named(&self, unit: UnitId, name: &str) -> Option<&Counter> {
        self.counters.iter().find(|one| one.unit == unit && one.name == name)
    }

    /// What ends first of all that a link hangs on, if anything does after the first day of the link.
    pub(super) fn end(&self, link: &Link, unit: UnitId, counter: Option<&Counter>) -> Option<End> {
        let from = link.valid_from;
        let field = link.field.and_then(|id| self.fields.iter().find(|field| field.id == id));
        let ends = [
            ("counter", counter.and_then(|counter| closing(counter.closure, from))),
            ("unit", unit_end(&self.units, unit, from)),
            ("deciding", link.deciding.and_then(|unit| unit_end(&self.units, unit, from))),
            ("field", field.and_then(|field| closing(field.closure, from))),
            ("procedure", link.procedure.and_then(|id| procedure_end(&self.procedures, id, from))),
        ];
        let ends = ends.into_iter().filter_map(|(what, end)| Some((what, end?)));
        ends.min_by_key(|(_, end)| *end)
    }

    /// The day from which a counter is no more that is open on another day, if it ends at all.
    ///
    /// # Errors
    /// Conflict for a counter that is not open.
    pub(super) fn end_of_open(&self, id: CounterId, from: NaiveDate) -> Result<Option<NaiveDate>> {
        let counter = self.counter(id).filter(|counter| is_open(&self.units, counter, from));
        let closed = || Error::Conflict(Message::new("jobs.counter-closed"));
        counter.map(|counter| counter_end(&self.units, counter, from)).ok_or_else(closed)
    }

    /// What a draft says of days on which something that it hangs on is no more.
    pub(super) fn fault(&self, draft: &LinkDraft, link: &Link) -> Option<FieldError> {
        let (what, end) =
            self.end(link, draft.counter.unit, self.named(draft.counter.unit, draft.counter.name.trim()))?;
        let today = Local::at(Utc::now()).day;
        let (field, found) = if end <= today {
            ("valid_from", draft.valid_from)
        } else {
            ("valid_until", draft.valid_until.filter(|until| *until >= end)?)
        };
        let message = Message::new(outlived(what)).with_day("end", end).with_day("found", found);
        Some(FieldError::new(field, message.with_day("last", day::previous(end))))
    }
}

/// The sentence about a link that would outlive something.
fn outlived(what: &str) -> &'static str {
    match what {
        "counter" => "error.outlives-counter",
        "unit" => "error.outlives-unit",
        "deciding" => "error.outlives-deciding",
        "field" => "error.outlives-field",
        _ => "error.outlives-procedure",
    }
}

/// Whether a counter can be asked about on a day, and still today: it is open and so is its unit.
pub(super) fn is_open(units: &Units, counter: &Counter, day: NaiveDate) -> bool {
    let is_there = units.on(units.present(counter.unit, day).unit(), day).is_some();
    let today = Local::at(Utc::now()).day;
    let goes_on = || counter_end(units, counter, day).is_none_or(|end| end > today);
    is_there && !counter.is_closed_on(day) && goes_on()
}

fn counter_end(units: &Units, counter: &Counter, from: NaiveDate) -> Option<NaiveDate> {
    [closing(counter.closure, from), unit_end(units, counter.unit, from)].into_iter().flatten().min()
}

/// The day after another on which something closes.
fn closing(closure: Closure, after: NaiveDate) -> Option<NaiveDate> {
    closure.from.filter(|from| *from > after)
}

/// The day after another from which nobody stands for a unit.
fn unit_end(units: &Units, unit: UnitId, after: NaiveDate) -> Option<NaiveDate> {
    let heirs = units.heirs(unit);
    let ends = heirs.iter().flat_map(|heir| units.versions_of(*heir)).filter_map(|version| version.valid_to);
    let is_end = |day: &NaiveDate| *day > after && units.on(units.present(unit, *day).unit(), *day).is_none();
    ends.filter(is_end).min()
}

/// The day after another from which a procedure is no more.
fn procedure_end(versions: &[ProcedureVersion], id: ProcedureId, after: NaiveDate) -> Option<NaiveDate> {
    let own = || versions.iter().filter(|version| version.procedure == id);
    let is_end = |day: &NaiveDate| *day > after && !own().any(|version| version.is_valid_on(*day));
    own().filter_map(|version| version.valid_to).filter(is_end).min()
}

/// Ends every link that would outlive what it hangs on, as a file of units or procedures may have ended that.
///
/// # Errors
/// Those of the database.
pub(in crate::app) fn end_outliving(conn: &mut Conn) -> Result<()> {
    let ground = Ground::load(conn)?;
    for link in db::links::list(conn)?.into_iter().filter(|link| !link.revoked) {
        let Some(counter) = ground.counter(link.counter) else {
            continue;
        };
        let end = ground.end(&link, counter.unit, Some(counter));
        if let Some((_, end)) = end.filter(|(_, end)| link.valid_to.is_none_or(|to| to > *end)) {
            db::links::end(conn, &[link.id], end).map(drop)?;
        }
    }
    Ok(())
}
