//! Counters as they are changed; links make them in [`super::links`].

use chrono::{NaiveDate, NaiveTime, Utc};
use diesel::prelude::*;

use super::conn::Conn;
use super::schema::{counters, links};
use super::violation::translate;
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

/// Closes a counter from a day on, unless it closes earlier anyway, and ends its links with it.
///
/// # Errors
/// Those of the database.
pub fn close(conn: &mut Conn, id: CounterId, from: NaiveDate) -> Result<()> {
    let later = counters::closed_from.is_null().or(counters::closed_from.gt(from));
    diesel::update(counters::table.filter(counters::id.eq(id.raw()).and(later)))
        .set(counters::closed_from.eq(from))
        .execute(conn)
        .map_err(translate)?;
    let open = links::counter_id.eq(id.raw()).and(links::revoked_at.is_null());
    // A link whose first day is still to come would have no day at all.
    diesel::update(links::table.filter(open.and(links::valid_from.ge(from))))
        .set(links::revoked_at.eq(Utc::now().naive_utc()))
        .execute(conn)
        .map_err(translate)?;
    let lasting = links::valid_to.is_null().or(links::valid_to.gt(from));
    diesel::update(links::table.filter(open.and(links::valid_from.lt(from)).and(lasting)))
        .set(links::valid_to.eq(from))
        .execute(conn)
        .map(drop)
        .map_err(translate)
}
