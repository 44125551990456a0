//! Reach: the units of which somebody may see anything.

use std::collections::BTreeSet;

use chrono::Utc;

use super::catalogue::Snapshot;
use crate::domain::day::Local;
use crate::domain::ids::{CounterId, FieldId, ProcedureId, UnitId};
use crate::domain::person::Actor;
use crate::error::{Error, Result};
use crate::locale::Message;

/// The unit that stands today for the one to which somebody was bound: after a merger the heir, from the
/// day on which it takes effect. Nobody can say which part of a split unit would be meant, so it stays.
pub fn heir(snapshot: &Snapshot, unit: UnitId) -> UnitId {
    snapshot.units.present(unit, Local::at(Utc::now()).day).unit()
}

/// An actor as bound today: see [`heir`].
pub fn as_of_today(snapshot: &Snapshot, actor: Actor) -> Actor {
    actor.bound_by(|unit| heir(snapshot, unit))
}

/// The unit to which a question of an actor is narrowed: the one asked for, or else the own one; none
/// means the province.
///
/// # Errors
/// Not found for a unit that is not there or out of reach, and for whoever is bound to a unit and has none.
pub fn unit(snapshot: &Snapshot, actor: &Actor, asked: Option<UnitId>) -> Result<Option<UnitId>> {
    let missing = || Error::NotFound(Message::new("error.unit-not-found"));
    if asked.is_some_and(|unit| snapshot.units.versions_of(unit).is_empty()) {
        return Err(missing());
    }
    if actor.sees_province() {
        return Ok(asked);
    }
    let own = actor.scope().ok_or_else(missing)?;
    match asked {
        None => Ok(Some(own)),
        Some(unit) if snapshot.units.subtree(own).contains(&unit) => Ok(Some(unit)),
        Some(_) => Err(missing()),
    }
}

/// The units that an actor may see, narrowed to `asked` and what is below it; none means all.
///
/// # Errors
/// Those of [`unit()`].
pub fn units(snapshot: &Snapshot, actor: &Actor, asked: Option<UnitId>) -> Result<Option<BTreeSet<UnitId>>> {
    Ok(unit(snapshot, actor, asked)?.map(|unit| snapshot.units.subtree(unit)))
}

/// What a question is narrowed to besides a unit.
#[derive(Debug, Clone, Copy, Default)]
pub struct Narrowed<'a> {
    /// Counter.
    pub counter: Option<CounterId>,
    /// Whether the counter may be of any unit, since what one's own unit decides is seen wherever it is received.
    pub of_any_unit: bool,
    /// Fields.
    pub fields: &'a [FieldId],
    /// Procedure.
    pub procedure: Option<ProcedureId>,
}

/// Whether a question of an actor may be narrowed so: a counter is as secret as its unit, and what is out of reach is
/// told in no other words than what is not there.
///
/// # Errors
/// Not found for what is not there or out of reach.
pub fn check(snapshot: &Snapshot, actor: &Actor, narrowed: Narrowed<'_>) -> Result<()> {
    let Narrowed { counter, of_any_unit, fields, procedure } = narrowed;
    let is_seen = |id: CounterId| {
        let counter = snapshot.counters.get(&id);
        counter.is_some_and(|counter| of_any_unit || contains(snapshot, actor, counter.unit))
    };
    let is_field = |id: &FieldId| *id == FieldId::UNSTATED || snapshot.field(*id).is_some();
    let is_procedure = |id: ProcedureId| {
        id == ProcedureId::UNSTATED || snapshot.procedures.iter().any(|version| version.procedure == id)
    };
    if counter.is_none_or(is_seen) && fields.iter().all(is_field) && procedure.is_none_or(is_procedure) {
        Ok(())
    } else {
        Err(Error::NotFound(Message::new("error.page-not-found")))
    }
}

/// Whether an actor may see a unit.
pub fn contains(snapshot: &Snapshot, actor: &Actor, unit: UnitId) -> bool {
    actor.sees_province() || actor.scope().is_some_and(|own| snapshot.units.subtree(own).contains(&unit))
}
