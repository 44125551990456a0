//! An index beside others: its own a year before, the province's, and those of like units.

use super::catalogue::Snapshot;
use super::scores::{self, Cell, Dimension, Figures, Query, Row};
use crate::db::conn::Conn;
use crate::domain::ids::UnitId;
use crate::domain::index::{Order, Share};
use crate::domain::person::Actor;
use crate::domain::target::ENOUGH;
use crate::domain::unit::UnitLevel;
use crate::error::Result;

/// What an index is compared with.
#[derive(Debug, Clone, PartialEq)]
pub struct Comparison {
    /// The same a year before; none where it is hidden.
    pub last_year: Option<Figures>,
    /// The whole province, where the index is of a part of it.
    pub province: Option<Figures>,
    /// Units of the same level, where the index is of one unit.
    pub like: Option<Like>,
}

/// A unit among those of its level.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Like {
    /// The level.
    pub level: UnitLevel,
    /// All units of the level together, the own one included.
    pub figures: Figures,
    /// Other units of the level with enough answers to be judged.
    pub judged: usize,
    /// Those whose index is surely higher: the intervals do not overlap.
    pub above: usize,
    /// Those whose index is surely lower.
    pub below: usize,
}

/// Compares the total of a query. What is read beyond the actor's scope leaves as sums over a level
/// or the province alone, never as the figures of another unit.
///
/// # Errors
/// Those of the database.
pub fn find(
    conn: &mut Conn,
    snapshot: &Snapshot,
    actor: &Actor,
    query: &Query,
    own: Option<Share>,
) -> Result<Comparison> {
    let query = Query { by: Vec::new(), ..query.clone() }.brief();
    let last_year = Query { period: query.period.year_before(), ..query.clone() };
    let last_year = scores::run(conn, snapshot, actor, &last_year)?.total.figures;
    let unit = query.unit.or_else(|| actor.scope());
    let everyone = Query { unit: None, of_deciding: false, ..query.clone() };
    let Some(unit) = unit else {
        return Ok(Comparison { last_year, province: None, like: None });
    };
    let units = scores::run(conn, snapshot, &Actor::Operator, &everyone.by(&[Dimension::Unit]))?;
    Ok(Comparison {
        last_year,
        province: units.total.figures,
        like: like(snapshot, unit, &units.rows, own, &query),
    })
}

fn like(snapshot: &Snapshot, unit: UnitId, rows: &[Row], own: Option<Share>, query: &Query) -> Option<Like> {
    let day = query.period.to();
    let level_of = |unit| snapshot.units.nearest(unit, day).map(|version| version.level);
    let level = level_of(unit)?;
    let others: Vec<(UnitId, Figures)> = rows
        .iter()
        .filter_map(|row| match row.cells.first() {
            Some(Cell::Unit(other)) if level_of(*other) == Some(level) => Some((*other, row.figures?)),
            _ => None,
        })
        .collect();
    let levels = others.iter().map(|(_, figures)| figures.levels).sum();
    let judged: Vec<Share> = others
        .iter()
        .filter(|(other, figures)| *other != unit && figures.f1.n >= ENOUGH)
        .map(|(_, figures)| figures.f1)
        .collect();
    let count = |order| own.map_or(0, |own| judged.iter().filter(|other| other.order(own) == order).count());
    Some(Like {
        level,
        figures: Figures { levels, f1: Share::satisfied(&levels), ..Figures::default() },
        judged: judged.len(),
        above: count(Order::Above),
        below: count(Order::Below),
    })
}
