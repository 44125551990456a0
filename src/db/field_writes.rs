//! Fields as they are written: by the first load and by the console.

use diesel::prelude::*;

use super::conn::{Conn, on_each};
use super::schema::fields;
use super::violation::translate;
use crate::domain::closure::Closure;
use crate::domain::ids::FieldId;
use crate::error::Result;

/// Adds a field at a place in the official order.
///
/// # Errors
/// Conflict when there is a field of that key.
pub fn insert(conn: &mut Conn, key: &str, (name, name_en): (&str, &str), position: i32) -> Result<FieldId> {
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

/// Gives a field other names.
///
/// # Errors
/// Those of the database.
pub fn update(conn: &mut Conn, id: FieldId, (name, name_en): (&str, &str)) -> Result<()> {
    diesel::update(fields::table.find(id.raw()))
        .set((fields::name.eq(name), fields::name_en.eq(name_en)))
        .execute(conn)
        .map(drop)
        .map_err(translate)
}

/// Says when a field is closed.
///
/// # Errors
/// Those of the database.
pub fn save_closure(conn: &mut Conn, id: FieldId, closure: Closure) -> Result<()> {
    diesel::update(fields::table.find(id.raw()))
        .set((fields::closed_from.eq(closure.from), fields::reopened_from.eq(closure.until)))
        .execute(conn)
        .map(drop)
        .map_err(translate)
}

/// Puts all fields into an order.
///
/// # Errors
/// Those of the database.
pub fn arrange(conn: &mut Conn, order: &[FieldId]) -> Result<()> {
    for (id, position) in order.iter().zip(1i32..) {
        diesel::update(fields::table.find(id.raw()))
            .set(fields::position.eq(position))
            .execute(conn)
            .map_err(translate)?;
    }
    Ok(())
}
