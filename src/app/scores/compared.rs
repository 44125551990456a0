//! A table beside the period before.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use super::{Cell, Dimension, Query, Row, Table, run};
use crate::app::catalogue::Snapshot;
use crate::db::conn::Conn;
use crate::domain::person::Actor;
use crate::error::Result;

/// A table, and the index of each of its rows in the period before.
#[derive(Debug, Clone, PartialEq)]
pub struct Compared {
    /// The table.
    pub table: Table,
    before: BTreeMap<Vec<Cell>, f64>,
}

impl Compared {
    /// Runs a query for its period and for the one before.
    ///
    /// # Errors
    /// Those of [`run`].
    pub fn run(conn: &mut Conn, snapshot: &Snapshot, actor: &Actor, query: &Query) -> Result<Self> {
        let table = run(conn, snapshot, actor, query)?;
        // Of the period before the index is shown, which in a table by element is that of the elements.
        let brief = !query.by.contains(&Dimension::Element);
        let earlier = Query { period: query.period.previous(), brief, ..query.clone() };
        let earlier = run(conn, snapshot, actor, &earlier)?;
        let rows = earlier.rows.iter().chain([&earlier.total]);
        let before = rows.filter_map(|row| Some((row.cells.clone(), row.percent()?))).collect();
        Ok(Self { table, before })
    }

    /// The index of a row in the period before, in percent, where it is shown.
    pub fn before(&self, row: &Row) -> Option<f64> {
        self.before.get(&row.cells).copied()
    }

    /// By how many percentage points the index of a row changed, where both are shown.
    pub fn difference(&self, row: &Row) -> Option<f64> {
        Some(row.percent()? - self.before(row)?)
    }
}

/// The days on which the questionnaire changed within the period of a row, so that its figures mix what
/// cannot be compared; of an element, on which its question did.
pub fn breaks(row: &Row, query: &Query, snapshot: &Snapshot) -> Vec<NaiveDate> {
    let period = row.cells.iter().find_map(|cell| match cell {
        Cell::Period(period) => Some(*period),
        _ => None,
    });
    let element = row.cells.iter().find_map(|cell| match cell {
        Cell::Element(question) => Some(*question),
        _ => None,
    });
    let period = period.unwrap_or(query.period);
    element
        .map_or_else(|| snapshot.breaks(query.kind, period), |question| snapshot.breaks_of(question, period))
}
