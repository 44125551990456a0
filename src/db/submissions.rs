//! Forms that made something, and where each led, so that one that is sent twice makes one thing.

use chrono::{NaiveDateTime, TimeDelta, Utc};
use diesel::prelude::*;

use super::conn::{Conn, on_each};
use super::schema::submissions;
use super::violation::translate;
use crate::error::Result;

/// How long a form is remembered: nobody goes back to a page of the day before and sends it again unawares.
const REMEMBERED: TimeDelta = TimeDelta::days(1);

fn oldest() -> NaiveDateTime {
    Utc::now().naive_utc() - REMEMBERED
}

/// Notes that a form is being carried out, and forgets old ones; says whether it is the first time. A second
/// request waits here until the transaction of the first one has ended.
///
/// # Errors
/// Those of the database.
pub fn insert_if_missing(conn: &mut Conn, id: &str, person: &str) -> Result<bool> {
    let row = (
        submissions::id.eq(id),
        submissions::person.eq(person),
        submissions::sent_at.eq(Utc::now().naive_utc()),
        submissions::place.eq(""),
    );
    let added = on_each!(conn => diesel::insert_into(submissions::table)
        .values(row)
        .on_conflict(submissions::id)
        .do_nothing()
        .execute(conn))
    .map_err(translate)?;
    if added > 0 {
        let old = submissions::table.filter(submissions::sent_at.lt(oldest()));
        diesel::delete(old).execute(conn).map_err(translate)?;
    }
    Ok(added > 0)
}

/// Notes where a form led.
///
/// # Errors
/// Those of the database.
pub fn save_place(conn: &mut Conn, id: &str, place: &str) -> Result<()> {
    diesel::update(submissions::table.find(id))
        .set(submissions::place.eq(place))
        .execute(conn)
        .map(drop)
        .map_err(translate)
}

/// Where a form of a person led, if it was carried out.
///
/// # Errors
/// Those of the database.
pub fn place(conn: &mut Conn, id: &str, person: &str) -> Result<Option<String>> {
    submissions::table
        .find(id)
        .filter(submissions::person.eq(person))
        .select(submissions::place)
        .first(conn)
        .optional()
        .map_err(translate)
}
