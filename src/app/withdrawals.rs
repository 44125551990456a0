//! Plans withdrawn: a version, an end or a closure of which no day has come yet, so that nothing has answers then.
//! What ended along, counters and links, goes on as the audit says that it was.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::units::{fault, none};
use super::versions::{Versioned, Versions};
use crate::db;
use crate::db::conn::Conn;
use crate::db::links::Ended;
use crate::domain::closure::Closure;
use crate::domain::ids::{CounterId, FieldId, ProcedureId, UnitId};
use crate::domain::person::{Actor, Permission};
use crate::domain::unit::{Extent, Succession, UnitVersion, Units};
use crate::domain::versions::{Planned, planned};
use crate::error::{Error, FieldError, Result};
use crate::locale::Message;

/// What ended along with something, as the audit keeps it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Along {
    /// Counters, and how each was closed before.
    pub counters: Vec<(i64, Closure)>,
    /// Links.
    pub links: Ended,
}

impl Along {
    /// What the audit says that ended along when something ended on a day.
    fn read(conn: &mut Conn, subject: &str, actions: &[&str], day: NaiveDate) -> Result<Self> {
        let log = db::audit::by_subject(conn, subject)?;
        let is_it = |entry: &&db::audit::Entry| {
            let from = entry.record.details.get("from").and_then(Value::as_str);
            actions.contains(&entry.record.action.as_str()) && from == Some(day.to_string().as_str())
        };
        let along = log.iter().rev().find(is_it).and_then(|entry| entry.record.details.get("along"));
        along.map_or_else(|| Ok(Self::default()), |along| Self::deserialize(along).map_err(Error::internal))
    }

    fn restore(&self, conn: &mut Conn, day: NaiveDate) -> Result<()> {
        for (id, closure) in &self.counters {
            db::counter_writes::save_closure(conn, CounterId::from(*id), *closure)?;
        }
        db::links::restore(conn, &self.links, day)
    }
}

/// Withdraws what is planned for a unit; says whether the unit itself was only planned, and is there no more.
///
/// # Errors
/// Not found for whoever may not and for an unknown unit; conflict where nothing is planned or something hangs
/// on it; invalid where the code is no longer free; those of the database.
pub fn unit(conn: &mut Conn, actor: &Actor, id: UnitId, today: NaiveDate) -> Result<bool> {
    actor.require(Permission::ManageCatalogue)?;
    let units = db::units::load(conn)?;
    let mut versions = Versions::new(units.versions().cloned().collect());
    let plan = plan(&versions, id, today)?;
    match plan {
        Planned::End(day) => end_of_unit(conn, actor, (&units, &mut versions), id, day)?,
        Planned::Change(_) => {
            let (from, to) = unfollow(conn, &mut versions, id)?;
            record(
                conn,
                actor,
                "unit.withdraw",
                &format!("unit:{id}"),
                &json!({ "change": from, "until": to }),
            )?;
        }
        Planned::Beginning(from) => {
            if units.taken_over(id).next().is_some() {
                return Err(Error::Conflict(Message::new("catalogue.fault.planned-heir")));
            }
            remove_unit(conn, id)?;
            record(conn, actor, "unit.withdraw", &format!("unit:{id}"), &json!({ "beginning": from }))?;
        }
    }
    Ok(matches!(plan, Planned::Beginning(_)))
}

/// Withdraws the end of a unit: with a merger, that of all units which were to be merged.
fn end_of_unit(
    conn: &mut Conn,
    actor: &Actor,
    (units, versions): (&Units, &mut Versions<UnitVersion>),
    id: UnitId,
    day: NaiveDate,
) -> Result<()> {
    let own: Vec<Succession> = units.successions_of(id).filter(|step| step.since == day).copied().collect();
    let whole = own.iter().filter(|step| step.extent == Extent::Whole).map(|step| step.new);
    let merged = whole.flat_map(|heir| units.taken_over(heir)).filter(|step| step.since == day).copied();
    let steps: Vec<Succession> = merged.chain(own.iter().copied()).collect();
    let olds: BTreeSet<UnitId> = steps.iter().map(|step| step.old).chain([id]).collect();
    let heirs: BTreeSet<UnitId> = steps.iter().map(|step| step.new).collect();
    for step in &steps {
        db::unit_writes::delete_succession(conn, step)?;
    }
    let is_new = |heir: &&UnitId| {
        let only_these = units.taken_over(**heir).all(|step| olds.contains(&step.old));
        only_these && units.versions_of(**heir).first().is_some_and(|first| first.valid_from == day)
    };
    let planned: BTreeSet<UnitId> = heirs.iter().filter(is_new).copied().collect();
    for heir in &planned {
        remove_unit(conn, *heir)?;
        versions.forget(*heir);
    }
    for old in &olds {
        reopen(conn, versions, *old)?;
        let subject = format!("unit:{old}");
        Along::read(conn, &subject, &["unit.close", "unit.split"], day)?.restore(conn, day)?;
        record(
            conn,
            actor,
            "unit.withdraw",
            &subject,
            &json!({ "end": day, "units": olds, "heirs": heirs }),
        )?;
    }
    Ok(())
}

fn remove_unit(conn: &mut Conn, id: UnitId) -> Result<()> {
    if db::unit_writes::is_bound(conn, id)? {
        return Err(Error::Conflict(Message::new("catalogue.fault.planned-bound")));
    }
    db::unit_writes::delete(conn, id)
}

/// Withdraws what is planned for a procedure; says whether the procedure itself was only planned, and is there no
/// more.
///
/// # Errors
/// Those of [`unit()`].
pub fn procedure(conn: &mut Conn, actor: &Actor, id: ProcedureId, today: NaiveDate) -> Result<bool> {
    actor.require(Permission::ManageCatalogue)?;
    let mut versions = Versions::new(db::procedures::versions(conn)?);
    let (plan, subject) = (plan(&versions, id, today)?, format!("procedure:{id}"));
    let told = match plan {
        Planned::End(day) => {
            reopen(conn, &mut versions, id)?;
            Along::read(conn, &subject, &["procedure.close"], day)?.restore(conn, day)?;
            json!({ "end": day })
        }
        Planned::Change(_) => {
            let (from, to) = unfollow(conn, &mut versions, id)?;
            json!({ "change": from, "until": to })
        }
        Planned::Beginning(from) => {
            if db::procedure_writes::is_bound(conn, id)? {
                return Err(Error::Conflict(Message::new("catalogue.fault.planned-bound")));
            }
            db::procedure_writes::delete(conn, id)?;
            json!({ "beginning": from })
        }
    };
    record(conn, actor, "procedure.withdraw", &subject, &told)?;
    Ok(matches!(plan, Planned::Beginning(_)))
}

/// Withdraws the row of a target whose first day is still to come; the one before goes on.
///
/// # Errors
/// Not found for whoever may not and for an unknown target; conflict where nothing is planned; those of the
/// database.
pub fn target(conn: &mut Conn, actor: &Actor, key: &str, today: NaiveDate) -> Result<()> {
    actor.require(Permission::ManageCatalogue)?;
    let mut rows = super::targets::load(conn)?;
    rows.retain(|target| target.key == key);
    rows.sort_by_key(|target| target.valid_from);
    let last = rows.pop().ok_or_else(|| Error::NotFound(Message::new("error.page-not-found")))?;
    if last.valid_from <= today {
        return Err(nothing());
    }
    db::target_writes::delete(conn, key, last.valid_from)?;
    if let Some(before) = rows.pop().filter(|before| before.valid_to == Some(last.valid_from)) {
        db::target_writes::restore(conn, key, before.valid_from, last.valid_to)?;
    }
    let told = json!({ "beginning": last.valid_from, "threshold": last.threshold, "name": last.name, "legal_basis": last.legal_basis });
    record(conn, actor, "target.withdraw", &format!("target:{key}"), &told)
}

/// Withdraws the closing of a counter that is still to come: it stays open, and its links go on.
///
/// # Errors
/// Those of [`target`].
pub fn counter(conn: &mut Conn, actor: &Actor, id: CounterId, today: NaiveDate) -> Result<()> {
    actor.require(Permission::ManageCatalogue)?;
    let found = db::links::counters(conn)?.into_iter().find(|counter| counter.id == id);
    let day = closing(found.map(|counter| counter.closure), today)?;
    db::counter_writes::save_closure(conn, id, Closure::default())?;
    let subject = format!("counter:{id}");
    Along::read(conn, &subject, &["counter.close"], day)?.restore(conn, day)?;
    record(conn, actor, "counter.withdraw", &subject, &json!({ "end": day }))
}

/// Withdraws the closing of a field that is still to come: it stays open, and its links go on.
///
/// # Errors
/// Those of [`target`].
pub fn field(conn: &mut Conn, actor: &Actor, id: FieldId, today: NaiveDate) -> Result<()> {
    actor.require(Permission::ManageCatalogue)?;
    let found = db::procedures::fields(conn)?.into_iter().find(|field| field.id == id);
    let day = closing(found.map(|field| field.closure), today)?;
    db::field_writes::save_closure(conn, id, Closure::default())?;
    let subject = format!("field:{id}");
    Along::read(conn, &subject, &["field.close"], day)?.restore(conn, day)?;
    record(conn, actor, "field.withdraw", &subject, &json!({ "end": day }))
}

/// The day of a closure that is still to come.
fn closing(closure: Option<Closure>, today: NaiveDate) -> Result<NaiveDate> {
    let closure = closure.ok_or_else(|| Error::NotFound(Message::new("error.page-not-found")))?;
    closure.planned(today).ok_or_else(nothing)
}

fn nothing() -> Error {
    Error::Conflict(Message::new("catalogue.fault.nothing-planned"))
}

fn plan<V: Versioned>(versions: &Versions<V>, id: V::Id, today: NaiveDate) -> Result<Planned> {
    let days: Vec<_> = versions.of(id).map(Versioned::days).collect();
    if days.is_empty() {
        return Err(Error::NotFound(Message::new("error.page-not-found")));
    }
    planned(&days, today).ok_or_else(nothing)
}

/// Takes the last version away, so that the one before it goes on until the same end; gives both days.
fn unfollow<V: Versioned>(
    conn: &mut Conn,
    versions: &mut Versions<V>,
    id: V::Id,
) -> Result<(NaiveDate, Option<NaiveDate>)> {
    let last = versions.last(id).cloned().ok_or_else(nothing)?;
    last.remove(conn)?;
    versions.drop_last(id);
    let mut before = versions.last(id).cloned().ok_or_else(nothing)?;
    before.set_end(last.days().to);
    free(versions, &before)?;
    versions.correct(conn, before)?;
    Ok((last.days().from, last.days().to))
}

/// Lets the last version of a thing go on without an end.
fn reopen<V: Versioned>(conn: &mut Conn, versions: &mut Versions<V>, id: V::Id) -> Result<()> {
    let mut last = versions.last(id).cloned().ok_or_else(nothing)?;
    last.set_end(None);
    free(versions, &last)?;
    versions.correct(conn, last)
}

/// Whether nobody else was given the code meanwhile.
fn free<V: Versioned>(versions: &Versions<V>, version: &V) -> Result<()> {
    let faults: Vec<FieldError> = fault("code", versions.is_free(version)).into_iter().collect();
    none(faults)
}

fn record(conn: &mut Conn, actor: &Actor, action: &str, subject: &str, details: &Value) -> Result<()> {
    db::audit::insert(conn, actor, action, subject, details)?;
    db::revision::bump(conn)
}
