//! An index beside others: its own a year before, the province's, and those of like units.

use chrono::Utc;

use super::catalogue::Snapshot;
use super::scores::{self, Cell, Dimension, Figures, Flagged, Query, Row};
use crate::db::conn::Conn;
use crate::domain::day::Local;
use crate::domain::ids::UnitId;
use crate::domain::index::{Order, Share};
use crate::domain::person::{Actor, Permission};
use crate::domain::suppress::{self, SHOWN_TO_UNITS};
use crate::domain::tally::Levels;
use crate::domain::target::ENOUGH;
use crate::domain::unit::UnitLevel;
use crate::error::Result;

/// Fewest other units whose answers are shown together to somebody of one unit: of a single one the own answers
/// would leave its figures over, and of two each would learn those of the other.
const FEWEST_OTHERS: usize = 3;

/// What an index is compared with.
#[derive(Debug, Clone, PartialEq)]
pub struct Comparison {
    /// The same a year before; none where it is hidden.
    pub last_year: Option<Figures>,
    /// The whole province, where the index is of a part of it; the inner one is none where it is hidden.
    pub province: Option<Option<Figures>>,
    /// Units of the same level, where the index is of one unit.
    pub like: Option<Like>,
}

/// A unit among those of its level.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Like {
    /// The level.
    pub level: UnitLevel,
    /// All units of the level together, the own one included; none where they are hidden.
    pub figures: Option<Figures>,
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
    // What a unit decides stands beside what others decide.
    let by = if query.of_deciding { Dimension::Deciding } else { Dimension::Unit };
    let units = scores::run(conn, snapshot, &Actor::Operator, &everyone.by(&[by]))?;
    let beyond = Beyond { snapshot, actor, unit, flagged: query.flagged };
    Ok(Comparison {
        last_year,
        province: Some(beyond.together(&units.rows.iter().collect::<Vec<_>>())),
        like: like(&beyond, &units.rows, own, &query),
    })
}

/// Somebody who looks from one unit at others.
struct Beyond<'a> {
    snapshot: &'a Snapshot,
    actor: &'a Actor,
    unit: UnitId,
    /// Which answers count.
    flagged: Flagged,
}

impl Beyond<'_> {
    /// The figures of some units together, unless they would speak of few people or of few units.
    fn together(&self, rows: &[&Row]) -> Option<Figures> {
        let own = self.snapshot.units.subtree(self.unit);
        let counted: Vec<(&Row, Figures)> =
            rows.iter().filter_map(|row| Some((*row, row.figures?))).collect();
        let is_foreign =
            |row: &Row| !matches!(row.cells.first(), Some(Cell::Unit(unit)) if own.contains(unit));
        let foreign = counted.iter().filter(|(row, figures)| is_foreign(row) && figures.f1.n > 0);
        let levels: Levels = counted.iter().map(|(_, figures)| figures.levels).sum();
        let few = |n: u64| suppress::is_hidden(n, SHOWN_TO_UNITS);
        // The own answers are known, so that those of the others follow from all of them.
        let has_few_of_a_part = |rows: &mut dyn Iterator<Item = &Row>| {
            let n = |figures: Option<Figures>| figures.map_or(0, |figures| figures.f1.n);
            let (all, unflagged) = rows.fold((0, 0), |(all, unflagged), row| {
                (all + n(row.with_flagged), unflagged + n(row.without_flagged))
            });
            few(unflagged) || few(all.saturating_sub(unflagged))
        };
        let speaks_of_few_people = few(levels.valid())
            || few(foreign.clone().map(|(_, figures)| figures.f1.n).sum())
            || self.flagged != Flagged::Included
                && (has_few_of_a_part(&mut counted.iter().map(|(row, _)| *row))
                    || has_few_of_a_part(&mut foreign.clone().map(|(row, _)| *row)));
        let others = foreign.count();
        let speaks_of_few_units = (1..FEWEST_OTHERS).contains(&others) && !self.actor.sees_province();
        let is_hidden =
            speaks_of_few_units || speaks_of_few_people && !self.actor.may(Permission::SeeSmallGroups);
        (!is_hidden).then(|| Figures { levels, f1: Share::satisfied(&levels), ..Figures::default() })
    }
}

fn like(beyond: &Beyond<'_>, rows: &[Row], own: Option<Share>, query: &Query) -> Option<Like> {
    let (snapshot, unit) = (beyond.snapshot, beyond.unit);
    let day = query.period.named_on(Local::at(Utc::now()).day);
    let level_of = |unit| snapshot.units.nearest(unit, day).map(|version| version.level);
    let level = level_of(unit)?;
    let is_of_level =
        |row: &&Row| matches!(row.cells.first(), Some(Cell::Unit(one)) if level_of(*one) == Some(level));
    let (of_level, rest): (Vec<&Row>, Vec<&Row>) = rows.iter().partition(is_of_level);
    let others = of_level.iter().filter(|row| row.cells.first() != Some(&Cell::Unit(unit)));
    let judged: Vec<Share> = others
        .filter_map(|row| row.figures)
        .filter(|figures| figures.f1.n >= ENOUGH)
        .map(|figures| figures.f1)
        .collect();
    let count = |order| own.map_or(0, |own| judged.iter().filter(|other| other.order(own) == order).count());
    Some(Like {
        level,
        // The province less the level is the rest.
        figures: beyond.together(&rest).and_then(|_| beyond.together(&of_level)),
        judged: judged.len(),
        above: count(Order::Above),
        below: count(Order::Below),
    })
}
