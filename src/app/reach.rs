//! Reach: the units of which somebody may see anything.

use std::collections::BTreeSet;

use super::catalogue::Snapshot;
use crate::domain::ids::UnitId;
use crate::domain::person::Actor;
use crate::error::{Error, Result};
use crate::locale::Message;

/// The units that an actor may see, narrowed to `asked` and what is below it; none means all.
///
/// # Errors
/// Not found for a unit out of reach, and for whoever is bound to a unit and has none.
pub fn units(snapshot: &Snapshot, actor: &Actor, asked: Option<UnitId>) -> Result<Option<BTreeSet<UnitId>>> {
    let missing = || Error::NotFound(Message::new("error.unit-not-found"));
    if actor.sees_province() {
        return Ok(asked.map(|unit| snapshot.units.subtree(unit)));
    }
    let own = snapshot.units.subtree(actor.scope().ok_or_else(missing)?);
    match asked {
        None => Ok(Some(own)),
        Some(unit) if own.contains(&unit) => Ok(Some(snapshot.units.subtree(unit))),
        Some(_) => Err(missing()),
    }
}

/// Whether an actor may see a unit.
pub fn contains(snapshot: &Snapshot, actor: &Actor, unit: UnitId) -> bool {
    actor.sees_province() || actor.scope().is_some_and(|own| snapshot.units.subtree(own).contains(&unit))
}
