//! Dossiers settled by a unit, as they are typed and imported.

use std::collections::BTreeMap;

use diesel::{ExpressionMethods, QueryDsl, RunQueryDsl};

use super::bulk::Settled;
use super::conn::{Conn, on_each};
use super::schema::dossiers;
use super::violation::translate;
use crate::domain::ids::{FieldId, UnitId};
use crate::error::Result;

/// The dossiers of a unit in a month, by field.
///
/// # Errors
/// Those of the database.
pub fn of_unit(conn: &mut Conn, unit: UnitId, month: i32) -> Result<BTreeMap<FieldId, i64>> {
    let rows = dossiers::table
        .filter(dossiers::unit_id.eq(unit.raw()))
        .filter(dossiers::month.eq(month))
        .select((dossiers::field_id, dossiers::settled))
        .load::<(i64, i64)>(conn)
        .map_err(translate)?;
    Ok(rows.into_iter().map(|(field, count)| (field.into(), count)).collect())
}

/// Writes a count, over the one that may be there.
///
/// # Errors
/// Those of the database.
pub fn save(conn: &mut Conn, settled: &Settled) -> Result<()> {
    let row = (
        dossiers::unit_id.eq(settled.unit.raw()),
        dossiers::field_id.eq(settled.field.raw()),
        dossiers::month.eq(settled.month),
        dossiers::settled.eq(settled.count),
    );
    on_each!(conn => diesel::insert_into(dossiers::table)
        .values(row)
        .on_conflict((dossiers::unit_id, dossiers::field_id, dossiers::month))
        .do_update()
        .set(dossiers::settled.eq(settled.count))
        .execute(conn))
    .map(drop)
    .map_err(translate)
}

/// Takes a count back: the dossiers are not known.
///
/// # Errors
/// Those of the database.
pub fn delete(conn: &mut Conn, unit: UnitId, field: FieldId, month: i32) -> Result<()> {
    diesel::delete(dossiers::table.find((unit.raw(), field.raw(), month)))
        .execute(conn)
        .map(drop)
        .map_err(translate)
}
