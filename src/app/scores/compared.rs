//! A table beside the period before.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use super::{Cell, Dimension, Query, Row, Table, run_each};
use crate::app::catalogue::Snapshot;
use crate::db::conn::Conn;
use crate::domain::index::{Order, Share};
use crate::domain::person::Actor;
use crate::error::Result;

/// A table, and the index of each of its rows in the period before: of a month or quarter, in the one before that.
#[derive(Debug, Clone, PartialEq)]
pub struct Compared {
    /// The table.
    pub table: Table,
    before: BTreeMap<Vec<Cell>, Share>,
}

impl Compared {
    /// Runs a query for its period and for the one before.
    ///
    /// # Errors
    /// Those of [`run_each`].
    pub fn run(conn: &mut Conn, snapshot: &Snapshot, actor: &Actor, query: &Query) -> Result<Self> {
        // Of the period before the index is shown, which in a table by element is that of the elements.
        let brief = !query.by.contains(&Dimension::Element);
        let earlier = Query { period: query.period.previous(), brief, ..query.clone() };
        let [table, earlier] = run_each(conn, snapshot, actor, [query.clone(), earlier])?;
        let is_of_time = query.by.iter().any(|dimension| dimension.is_of_time());
        // A month of this period may be the one before another of its months.
        let own = table.rows.iter().filter(|_| is_of_time);
        let rows = earlier.rows.iter().chain([&earlier.total]).chain(own);
        let before = rows.filter_map(|row| Some((row.cells.clone(), row.figures?.f1))).collect();
        Ok(Self { table, before })
    }

    fn share_before(&self, row: &Row) -> Option<Share> {
        let earlier = |cell: &Cell| match cell {
            Cell::Period(period) => Cell::Period(period.previous()),
            other => *other,
        };
        let cells: Vec<Cell> = row.cells.iter().map(earlier).collect();
        self.before.get(&cells).copied()
    }

    /// The index of a row in the period before, in percent, where it is shown.
    pub fn before(&self, row: &Row) -> Option<f64> {
        self.share_before(row)?.percent()
    }

    /// By how many percentage points the index of a row changed, where both are shown.
    pub fn difference(&self, row: &Row) -> Option<f64> {
        Some(row.percent()? - self.before(row)?)
    }

    /// Whether the index of a row surely changed: its interval and that of the period before do not overlap.
    /// None where there is no difference.
    pub fn has_surely_changed(&self, row: &Row) -> Option<bool> {
        self.difference(row)?;
        Some(row.figures?.f1.order(self.share_before(row)?) != Order::Alike)
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
