//! Dossiers settled: what sample goals and response rates are taken of.

use std::collections::BTreeMap;

use chrono::{NaiveDate, Utc};

use super::{Cell, Dimension, Query};
use crate::app::catalogue::Snapshot;
use crate::db::conn::Conn;
use crate::db::targets;
use crate::domain::day::Local;
use crate::domain::ids::{FieldId, UnitId};
use crate::domain::index::{Share, Stratum};
use crate::domain::period::{Period, Span};
use crate::domain::tally::{day_date, day_number};
use crate::domain::unit::UnitView;
use crate::error::Result;

/// What F5 weighs by: the unit served and the field.
pub type Place = (UnitId, FieldId);

/// Strata of some rows.
pub type Strata = BTreeMap<Place, Stratum>;

/// Dossiers settled and the answers that stand for them, by the cells of a row.
pub struct Settled {
    rows: BTreeMap<Vec<Cell>, Strata>,
    all: Strata,
}

impl Settled {
    /// The strata of a row.
    pub fn of(&self, cells: &[Cell]) -> Strata {
        self.rows.get(cells).cloned().unwrap_or_default()
    }

    /// The strata of all rows together.
    pub const fn total(&self) -> &Strata {
        &self.all
    }

    /// Counts satisfied and valid answers for a row.
    pub fn count(&mut self, cells: Vec<Cell>, place: Place, share: Share) {
        for strata in [self.rows.entry(cells).or_default(), &mut self.all] {
            let stratum = strata.entry(place).or_default();
            stratum.share.k += share.k;
            stratum.share.n += share.n;
        }
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
        let months = [query.period.from(), query.period.to()].map(month);
        let by_month = query.by.iter().any(|dimension| dimension.is_of_time());
        let today = Local::at(Utc::now()).day;
        let units = query.unit.map(|unit| snapshot.units.subtree(unit));
        let mut found = Self { rows: BTreeMap::new(), all: Strata::new() };
        for (unit, field, number, count) in targets::settled(conn, months, units.as_ref(), by_month)? {
            let in_fields = query.fields.as_ref().is_none_or(|fields| fields.contains(&field));
            if !in_fields {
                continue;
            }
            // Months that were summed have no first day, and nothing asks for it.
            let first = day_date(number * 100 + 1);
            let unit = match query.view {
                UnitView::Now => snapshot.units.present(unit, today).unit(),
                UnitView::Then => unit,
            };
            let cells = query.by.iter().filter_map(|dimension| match dimension {
                Dimension::Unit => Some(Cell::Unit(unit)),
                Dimension::Field => Some(Cell::Field(Some(field))),
                Dimension::Month => {
                    Some(Cell::Period(query.period.part(Period::around(first?, Span::Month))))
                }
                Dimension::Quarter => {
                    Some(Cell::Period(query.period.part(Period::around(first?, Span::Quarter))))
                }
                _ => None,
            });
            for strata in [found.rows.entry(cells.collect()).or_default(), &mut found.all] {
                strata.entry((unit, field)).or_default().settled += count;
            }
        }
        Ok((!found.all.is_empty()).then_some(found))
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
