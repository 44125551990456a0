//! Dossiers settled: what sample goals and response rates are taken of.

use std::collections::BTreeMap;

use chrono::{NaiveDate, Utc};

use super::{Cell, Dimension, Query};
use crate::app::catalogue::Snapshot;
use crate::db::conn::Conn;
use crate::db::targets;
use crate::domain::day::Local;
use crate::domain::period::{Period, Span};
use crate::domain::tally::{day_date, day_number};
use crate::domain::unit::UnitView;
use crate::error::Result;

/// Dossiers settled, by the cells of a row.
pub struct Settled(BTreeMap<Vec<Cell>, u64>);

impl Settled {
    /// The dossiers of a row.
    pub fn of(&self, cells: &[Cell]) -> u64 {
        self.0.get(cells).copied().unwrap_or_default()
    }

    /// The dossiers of all rows.
    pub fn total(&self) -> u64 {
        self.0.values().sum()
    }

    /// The dossiers of a query, known by unit, field and month only; none for any other cut, where
    /// there is no sample goal either.
    ///
    /// # Errors
    /// Those of the database.
    pub fn find(conn: &mut Conn, snapshot: &Snapshot, query: &Query) -> Result<Option<Self>> {
        if !is_known(query) {
            return Ok(None);
        }
        let month = |date: NaiveDate| day_number(date) / 100;
        let (from, to) = (month(query.period.from()), month(query.period.to()));
        let today = Local::at(Utc::now()).day;
        let units = query.unit.map(|unit| snapshot.units.subtree(unit));
        let mut rows: BTreeMap<Vec<Cell>, u64> = BTreeMap::new();
        for (unit, field, number, count) in targets::settled(conn, from, to)? {
            let in_scope = units.as_ref().is_none_or(|units| units.contains(&unit));
            let in_fields = query.fields.as_ref().is_none_or(|fields| fields.contains(&field));
            let Some(first) = day_date(number * 100 + 1).filter(|_| in_scope && in_fields) else {
                continue;
            };
            let cells = query.by.iter().filter_map(|dimension| match dimension {
                Dimension::Unit if query.view == UnitView::Now => {
                    Some(Cell::Unit(snapshot.units.present(unit, today).unit()))
                }
                Dimension::Unit => Some(Cell::Unit(unit)),
                Dimension::Field => Some(Cell::Field(Some(field))),
                Dimension::Month => Some(Cell::Period(Period::around(first, Span::Month))),
                Dimension::Quarter => Some(Cell::Period(Period::around(first, Span::Quarter))),
                _ => None,
            });
            *rows.entry(cells.collect()).or_default() += count;
        }
        Ok((!rows.is_empty()).then_some(Self(rows)))
    }
}

fn is_known(query: &Query) -> bool {
    let known = [Dimension::Unit, Dimension::Field, Dimension::Month, Dimension::Quarter];
    let narrowed = query.procedure.is_some()
        || query.counter.is_some()
        || query.channel.is_some()
        || query.stages.is_some()
        || query.of_deciding;
    !query.brief
        && !narrowed
        && query.kind.has_fields()
        && query.period.is_whole_months()
        && query.by.iter().all(|dimension| known.contains(dimension))
}
