//! Counters as they are changed; links make them in [`super::links`].

use chrono::NaiveTime;
use diesel::prelude::*;

use super::conn::Conn;
use super::schema::counters;
use super::violation::translate;
use crate::domain::closure::Closure;
use crate::domain::ids::CounterId;
use crate::error::Result;

/// Gives a counter another name and other hours.
///
/// # Errors
/// Conflict when the unit has a counter of that name.
pub fn update(conn: &mut Conn, id: CounterId, name: &str, hours: (NaiveTime, NaiveTime)) -> Result<()> {
    diesel::update(counters::table.find(id.raw()))
        .set((counters::name.eq(name), counters::opens.eq(hours.0), counters::closes.eq(hours.1)))
        .execute(conn)
        .map(drop)
        .map_err(translate)
}

/// Says when a counter is closed.
///
/// # Errors
/// Those of the database.
pub fn save_closure(conn: &mut Conn, id: CounterId, closure: Closure) -> Result<()> {
    diesel::update(counters::table.find(id.raw()))
        .set((counters::closed_from.eq(closure.from), counters::reopened_from.eq(closure.until)))
        .execute(conn)
        .map(drop)
        .map_err(translate)
}
