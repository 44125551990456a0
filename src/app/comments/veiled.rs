//! Lists for readers outside Sở Nội vụ: chosen, sorted and counted by what each row shows and nothing else.

use std::cmp::Ordering;

use chrono::NaiveDate;
use uuid::Uuid;

use super::{Query, is_late, place, sees_due};
use crate::db;
use crate::db::comments::{Filter, Key, Order};
use crate::db::conn::Conn;
use crate::domain::origin::Origin;
use crate::domain::person::Actor;
use crate::error::Result;

use super::origins::Shown;

/// A comment as far as a list may choose and sort it.
struct Row {
    key: Key,
    origin: Origin,
    due: Option<NaiveDate>,
}

/// The ids of the comments of a list, in order.
///
/// The database narrows them by what is stored, which every comment that shows as much fits too.
///
/// # Errors
/// Those of the database.
pub(super) fn ids(
    conn: &mut Conn,
    shown: &Shown,
    actor: &Actor,
    query: &Query,
    filter: &Filter,
    today: NaiveDate,
) -> Result<Vec<Uuid>> {
    let mut rows = rows(conn, shown, actor, query, filter, today)?;
    rows.sort_by(|one, other| compare(one, other, query.order, query.descending));
    Ok(rows.into_iter().map(|row| row.key.id).collect())
}

/// Number of the comments of a list.
///
/// # Errors
/// Those of the database.
pub(super) fn count(
    conn: &mut Conn,
    shown: &Shown,
    actor: &Actor,
    query: &Query,
    filter: &Filter,
    today: NaiveDate,
) -> Result<usize> {
    Ok(rows(conn, shown, actor, query, filter, today)?.len())
}

fn rows(
    conn: &mut Conn,
    shown: &Shown,
    actor: &Actor,
    query: &Query,
    filter: &Filter,
    today: NaiveDate,
) -> Result<Vec<Row>> {
    let row = |key: Key| {
        let origin = shown.at(key.served, &place(key.day, key.field, key.counter, key.procedure));
        Row { due: sees_due(actor, origin).then_some(key.due), origin, key }
    };
    let fits = |row: &Row| {
        let (origin, key) = (row.origin, row.key);
        query.period.is_none_or(|period| origin.period.is_some_and(|own| period.holds(own)))
            && (query.counter.is_none() || origin.counter == query.counter)
            && query.procedure.is_none_or(|asked| origin.procedure.is_some_and(|shown| asked.takes(shown)))
            && (!query.overdue || is_late(key.state, key.due, row.due.is_some(), origin, today))
    };
    let keys = db::comments::keys(conn, filter)?;
    Ok(keys.into_iter().map(row).filter(fits).collect())
}

/// What is hidden comes last either way; what shows alike stands in the order of the random ids.
fn compare(one: &Row, other: &Row, order: Order, descending: bool) -> Ordering {
    let turned = |order: Ordering| if descending { order.reverse() } else { order };
    let when = |row: &Row| row.origin.period.map(|period| (period.to(), period.from()));
    let received = |descending| known_first(when(one), when(other), descending);
    let first = match order {
        Order::Received => Ordering::Equal,
        Order::Due => known_first(one.due, other.due, descending),
        Order::Level => turned(one.key.level.cmp(&other.key.level)).then_with(|| received(true)),
        Order::State => {
            turned(one.key.state.number().cmp(&other.key.state.number())).then_with(|| received(true))
        }
    };
    first.then_with(|| received(descending)).then_with(|| one.key.id.cmp(&other.key.id))
}

fn known_first<T: Ord>(one: Option<T>, other: Option<T>, descending: bool) -> Ordering {
    match (one, other) {
        (Some(one), Some(other)) if descending => other.cmp(&one),
        (Some(one), Some(other)) => one.cmp(&other),
        (Some(_), None) => Ordering::Less,
        (None, Some(_)) => Ordering::Greater,
        (None, None) => Ordering::Equal,
    }
}
