//! Units as they are written: by the first load and by imports.

use chrono::NaiveDate;
use diesel::prelude::*;

use super::conn::{Conn, on_each};
use super::schema::{
    api_keys, counters, dossiers, links, people, unit_fields, unit_successions, unit_versions, units,
};
use super::violation::translate;
use crate::domain::ids::{FieldId, UnitId};
use crate::domain::unit::{Extent, Succession, UnitLevel, UnitVersion};
use crate::error::{Error, Result};
use crate::locale::Message;

/// Whether there is any unit.
///
/// # Errors
/// Those of the database.
pub fn exists(conn: &mut Conn) -> Result<bool> {
    let first = units::table.select(units::id).first::<i64>(conn).optional();
    first.map(|id| id.is_some()).map_err(translate)
}

/// Makes a unit that has no version yet: a body, or else a part of the territory.
///
/// # Errors
/// Those of the database.
pub fn insert(conn: &mut Conn, level: UnitLevel) -> Result<UnitId> {
    let kind = if level == UnitLevel::Body { "body" } else { "territory" };
    let id = on_each!(conn => diesel::insert_into(units::table)
        .values(units::kind.eq(kind))
        .returning(units::id)
        .get_result::<i64>(conn));
    id.map(UnitId::from).map_err(translate)
}

/// Adds a version to a unit.
///
/// # Errors
/// Conflict when the code or the unit already has a version from that day.
pub fn insert_version(conn: &mut Conn, version: &UnitVersion) -> Result<()> {
    diesel::insert_into(unit_versions::table)
        .values((
            unit_versions::unit_id.eq(version.unit.raw()),
            unit_versions::code.eq(version.code.as_str()),
            unit_versions::name.eq(version.name.as_str()),
            unit_versions::level.eq(version.level.key()),
            unit_versions::parent_id.eq(version.parent.map(UnitId::raw)),
            unit_versions::valid_from.eq(version.valid_from),
            unit_versions::valid_to.eq(version.valid_to),
        ))
        .execute(conn)
        .map(drop)
        .map_err(translate)
}

/// Corrects the version of a unit that begins on the same day.
///
/// # Errors
/// Those of the database.
pub fn update_version(conn: &mut Conn, version: &UnitVersion) -> Result<()> {
    let same =
        unit_versions::unit_id.eq(version.unit.raw()).and(unit_versions::valid_from.eq(version.valid_from));
    diesel::update(unit_versions::table.filter(same))
        .set((
            unit_versions::name.eq(version.name.as_str()),
            unit_versions::level.eq(version.level.key()),
            unit_versions::parent_id.eq(version.parent.map(UnitId::raw)),
            unit_versions::valid_to.eq(version.valid_to),
        ))
        .execute(conn)
        .map(drop)
        .map_err(translate)
}

/// Ends the last version of a unit that has no end yet.
///
/// # Errors
/// Conflict when it has one; those of the database.
pub fn end(conn: &mut Conn, last: &UnitVersion, day: NaiveDate) -> Result<()> {
    let open = unit_versions::unit_id
        .eq(last.unit.raw())
        .and(unit_versions::valid_from.eq(last.valid_from))
        .and(unit_versions::valid_to.is_null());
    let ended = diesel::update(unit_versions::table.filter(open)).set(unit_versions::valid_to.eq(day));
    match ended.execute(conn).map_err(translate)? {
        0 => Err(Error::Conflict(Message::new("catalogue.fault.ended-meanwhile").with("unit", &last.name))),
        _ => Ok(()),
    }
}

/// Says which unit took an old one over.
///
/// # Errors
/// Conflict when that was said before.
pub fn insert_succession(conn: &mut Conn, succession: &Succession) -> Result<()> {
    let extent = match succession.extent {
        Extent::Whole => "whole",
        Extent::Part => "part",
    };
    diesel::insert_into(unit_successions::table)
        .values((
            unit_successions::old_unit_id.eq(succession.old.raw()),
            unit_successions::new_unit_id.eq(succession.new.raw()),
            unit_successions::extent.eq(extent),
            unit_successions::since.eq(succession.since),
        ))
        .execute(conn)
        .map(drop)
        .map_err(translate)
}

/// Takes back which unit takes an old one over.
///
/// # Errors
/// Those of the database.
pub fn delete_succession(conn: &mut Conn, succession: &Succession) -> Result<()> {
    let same = unit_successions::old_unit_id
        .eq(succession.old.raw())
        .and(unit_successions::new_unit_id.eq(succession.new.raw()));
    diesel::delete(unit_successions::table.filter(same)).execute(conn).map(drop).map_err(translate)
}

/// Takes a version away that nothing rests on.
///
/// # Errors
/// Those of the database.
pub fn delete_version(conn: &mut Conn, version: &UnitVersion) -> Result<()> {
    let same =
        unit_versions::unit_id.eq(version.unit.raw()).and(unit_versions::valid_from.eq(version.valid_from));
    diesel::delete(unit_versions::table.filter(same)).execute(conn).map(drop).map_err(translate)
}

/// Whether a counter, a link, a person, a key, another unit or a count of dossiers belongs to a unit.
///
/// # Errors
/// Those of the database.
pub fn is_bound(conn: &mut Conn, unit: UnitId) -> Result<bool> {
    let id = unit.raw();
    let found = [
        counters::table.filter(counters::unit_id.eq(id)).count().get_result::<i64>(conn),
        links::table.filter(links::deciding_unit_id.eq(id)).count().get_result(conn),
        people::table.filter(people::unit_id.eq(id)).count().get_result(conn),
        api_keys::table.filter(api_keys::unit_id.eq(id)).count().get_result(conn),
        unit_versions::table.filter(unit_versions::parent_id.eq(id)).count().get_result(conn),
        dossiers::table.filter(dossiers::unit_id.eq(id)).count().get_result(conn),
        unit_successions::table
            .filter(unit_successions::old_unit_id.eq(id).or(unit_successions::new_unit_id.eq(id)))
            .count()
            .get_result(conn),
    ];
    let counts = found.into_iter().collect::<QueryResult<Vec<i64>>>().map_err(translate)?;
    Ok(counts.into_iter().any(|count| count > 0))
}

/// Takes a unit away that was only planned, with its versions.
///
/// # Errors
/// Those of the database, which keeps a unit that something belongs to.
pub fn delete(conn: &mut Conn, unit: UnitId) -> Result<()> {
    diesel::delete(unit_versions::table.filter(unit_versions::unit_id.eq(unit.raw())))
        .execute(conn)
        .map_err(translate)?;
    diesel::delete(units::table.find(unit.raw())).execute(conn).map(drop).map_err(translate)
}

/// Says that a body handles a field.
///
/// # Errors
/// Conflict when that was said before.
pub fn insert_field(conn: &mut Conn, unit: UnitId, field: FieldId) -> Result<()> {
    diesel::insert_into(unit_fields::table)
        .values((unit_fields::unit_id.eq(unit.raw()), unit_fields::field_id.eq(field.raw())))
        .execute(conn)
        .map(drop)
        .map_err(translate)
}
