//! Fields and procedures as they are written: by the first load and by imports.

use diesel::prelude::*;

use super::conn::{Conn, on_each};
use super::schema::{fields, procedure_versions, procedures};
use super::violation::translate;
use crate::domain::ids::{FieldId, ProcedureId};
use crate::domain::procedure::ProcedureVersion;
use crate::error::Result;

/// Adds a field at a place in the official order.
///
/// # Errors
/// Conflict when there is a field of that key.
pub fn insert_field(
    conn: &mut Conn,
    key: &str,
    (name, name_en): (&str, &str),
    position: i32,
) -> Result<FieldId> {
    let row = (
        fields::key.eq(key),
        fields::name.eq(name),
        fields::name_en.eq(name_en),
        fields::position.eq(position),
    );
    let id = on_each!(conn => diesel::insert_into(fields::table)
        .values(row)
        .returning(fields::id)
        .get_result::<i64>(conn));
    id.map(FieldId::from).map_err(translate)
}

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
