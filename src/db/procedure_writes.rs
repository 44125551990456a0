//! Procedures as they are written: by the first load, by imports and by the console.

use diesel::prelude::*;

use super::conn::{Conn, on_each};
use super::schema::{procedure_versions, procedures};
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
