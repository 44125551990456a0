//! Procedures as Sở Nội vụ keeps them: made, changed from a day on, and closed.

use chrono::NaiveDate;
use serde_json::json;

use super::ending::{End, Part, backdated};
use super::units::{fault, none};
use super::versions::Versions;
use super::withdrawals::Along;
use crate::db;
use crate::db::conn::Conn;
use crate::domain::ids::{FieldId, ProcedureId};
use crate::domain::person::{Actor, Permission};
use crate::domain::procedure::ProcedureVersion;
use crate::error::{Error, FieldError, Result};
use crate::locale::Message;

/// A procedure, or a version of one, as it is typed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProcedureDraft {
    /// Code.
    pub code: String,
    /// Name.
    pub name: String,
    /// Field.
    pub field: FieldId,
    /// Whether the code was checked against the national list.
    pub confirmed: bool,
    /// First day.
    pub from: NaiveDate,
}

/// Makes a procedure.
///
/// # Errors
/// Not found for whoever may not; invalid with every fault; those of the database.
pub fn create(conn: &mut Conn, actor: &Actor, draft: &ProcedureDraft) -> Result<ProcedureId> {
    actor.require(Permission::ManageCatalogue)?;
    let mut versions = Versions::new(db::procedures::versions(conn)?);
    let version = version(ProcedureId::from(0), draft);
    none(faults(conn, &versions, &version)?)?;
    let made = versions.begin(conn, version)?;
    record(conn, actor, "procedure.create", &made, &json!({ "name": made.name, "code": made.code }))?;
    Ok(made.procedure)
}

/// Gives a procedure another code, name or field from a day on.
///
/// # Errors
/// Not found for whoever may not and for an unknown procedure; invalid with every fault; those of the
/// database.
pub fn change(conn: &mut Conn, actor: &Actor, id: ProcedureId, draft: &ProcedureDraft) -> Result<()> {
    actor.require(Permission::ManageCatalogue)?;
    let mut versions = Versions::new(db::procedures::versions(conn)?);
    let last = last(&versions, id)?;
    let next = ProcedureVersion { valid_to: last.valid_to, ..version(id, draft) };
    let mut faults = faults(conn, &versions, &next)?;
    faults.extend(fault("from", Versions::ending(&last, draft.from)));
    let same = ProcedureVersion { valid_from: last.valid_from, ..next.clone() };
    if same == last {
        faults.push(FieldError::new("name", Message::new("catalogue.fault.same")));
    }
    none(faults)?;
    let contents = |one: &ProcedureVersion| json!({ "code": one.code, "name": one.name, "field": one.field, "confirmed": one.confirmed });
    let details = json!({ "from": draft.from, "old": contents(&last), "new": contents(&next) });
    versions.follow(conn, &last, next)?;
    record(conn, actor, "procedure.change", &last, &details)
}

/// Closes a procedure: from that day nobody can choose it, and the links that name it end.
///
/// # Errors
/// Not found for whoever may not and for an unknown procedure; invalid with the fault, also for answers after
/// the day unless that is meant; those of the database.
pub fn close(conn: &mut Conn, actor: &Actor, id: ProcedureId, end: End) -> Result<()> {
    actor.require(Permission::ManageCatalogue)?;
    let mut versions = Versions::new(db::procedures::versions(conn)?);
    let last = last(&versions, id)?;
    none(fault("from", Versions::ending(&last, end.from)).into_iter().collect())?;
    none(backdated(conn, &Part::Procedure(id), end)?.into_iter().collect())?;
    versions.end(conn, &last, end.from)?;
    let links = db::links::list(conn)?.into_iter().filter(|link| link.procedure == Some(id));
    let links = db::links::end(conn, &links.map(|link| link.id).collect::<Vec<_>>(), end.from)?;
    let along = Along { links, ..Along::default() };
    let details = json!({ "from": end.from, "backdated": end.backdated, "along": along });
    record(conn, actor, "procedure.close", &last, &details)
}

fn last(versions: &Versions<ProcedureVersion>, id: ProcedureId) -> Result<ProcedureVersion> {
    let last = versions.last(id).cloned();
    last.ok_or_else(|| Error::NotFound(Message::new("error.page-not-found")))
}

fn faults(
    conn: &mut Conn,
    versions: &Versions<ProcedureVersion>,
    version: &ProcedureVersion,
) -> Result<Vec<FieldError>> {
    let mut faults: Vec<_> = fault("code", versions.is_free(version)).into_iter().collect();
    let day = version.valid_from;
    match db::procedures::fields(conn)?.iter().find(|field| field.id == version.field) {
        None => faults.push(FieldError::new("field", Message::new("error.field-unknown"))),
        Some(field) if field.is_closed_on(day) => {
            faults.push(FieldError::new("field", Message::new("error.field-closed").with_day("day", day)));
        }
        Some(_) => {}
    }
    Ok(faults)
}

fn version(procedure: ProcedureId, draft: &ProcedureDraft) -> ProcedureVersion {
    ProcedureVersion {
        procedure,
        code: draft.code.clone(),
        name: draft.name.clone(),
        field: draft.field,
        confirmed: draft.confirmed,
        valid_from: draft.from,
        valid_to: None,
    }
}

fn record(
    conn: &mut Conn,
    actor: &Actor,
    action: &str,
    of: &ProcedureVersion,
    details: &serde_json::Value,
) -> Result<()> {
    db::audit::insert(conn, actor, action, &format!("procedure:{}", of.procedure), details)?;
    db::revision::bump(conn)
}
