//! Procedures as they are written: by the first load, by imports and by the console.

use diesel::prelude::*;

use super::conn::{Conn, on_each};
use super::schema::{batches, links, procedure_versions, procedures};
use super::violation::translate;
use crate::domain::ids::ProcedureId;
use crate::domain::procedure::ProcedureVersion;
use crate::error::Result;

/// Makes a procedure that has no version yet.
///
/// # Errors
/// Those of the database.
pub fn insert(conn: &mut Conn) -> Result<ProcedureId> {
    let id = on_each!(conn => diesel::insert_into(procedures::table)
        .default_values()
        .returning(procedures::id)
        .get_result::<i64>(conn));
    id.map(ProcedureId::from).map_err(translate)
}

/// Adds a version to a procedure.
///
/// # Errors
/// Conflict when the code or the procedure already has a version from that day.
pub fn insert_version(conn: &mut Conn, version: &ProcedureVersion) -> Result<()> {
    diesel::insert_into(procedure_versions::table)
        .values((
            procedure_versions::procedure_id.eq(version.procedure.raw()),
            procedure_versions::code.eq(version.code.as_str()),
            procedure_versions::name.eq(version.name.as_str()),
            procedure_versions::field_id.eq(version.field.raw()),
            procedure_versions::confirmed.eq(i16::from(version.confirmed)),
            procedure_versions::valid_from.eq(version.valid_from),
            procedure_versions::valid_to.eq(version.valid_to),
        ))
        .execute(conn)
        .map(drop)
        .map_err(translate)
}

/// Corrects the version of a procedure that begins on the same day.
///
/// # Errors
/// Those of the database.
pub fn update_version(conn: &mut Conn, version: &ProcedureVersion) -> Result<()> {
    let same = procedure_versions::procedure_id
        .eq(version.procedure.raw())
        .and(procedure_versions::valid_from.eq(version.valid_from));
    diesel::update(procedure_versions::table.filter(same))
        .set((
            procedure_versions::name.eq(version.name.as_str()),
            procedure_versions::field_id.eq(version.field.raw()),
            procedure_versions::confirmed.eq(i16::from(version.confirmed)),
            procedure_versions::valid_to.eq(version.valid_to),
        ))
        .execute(conn)
        .map(drop)
        .map_err(translate)
}

/// Takes a version away that nothing rests on.
///
/// # Errors
/// Those of the database.
pub fn delete_version(conn: &mut Conn, version: &ProcedureVersion) -> Result<()> {
    let same = procedure_versions::procedure_id
        .eq(version.procedure.raw())
        .and(procedure_versions::valid_from.eq(version.valid_from));
    diesel::delete(procedure_versions::table.filter(same)).execute(conn).map(drop).map_err(translate)
}

/// Whether a link or a batch is about a procedure.
///
/// # Errors
/// Those of the database.
pub fn is_bound(conn: &mut Conn, id: ProcedureId) -> Result<bool> {
    let found = [
        links::table.filter(links::procedure_id.eq(id.raw())).count().get_result::<i64>(conn),
        batches::table.filter(batches::procedure_id.eq(id.raw())).count().get_result(conn),
    ];
    let counts = found.into_iter().collect::<QueryResult<Vec<i64>>>().map_err(translate)?;
    Ok(counts.into_iter().any(|count| count > 0))
}

/// Takes a procedure away that was only planned, with its versions.
///
/// # Errors
/// Those of the database, which keeps a procedure that something is about.
pub fn delete(conn: &mut Conn, id: ProcedureId) -> Result<()> {
    diesel::delete(procedure_versions::table.filter(procedure_versions::procedure_id.eq(id.raw())))
        .execute(conn)
        .map_err(translate)?;
    diesel::delete(procedures::table.find(id.raw())).execute(conn).map(drop).map_err(translate)
}
