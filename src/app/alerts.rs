//! Alerts: derived from comments and tallies whenever they are asked for, never stored.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, MutexGuard, TryLockError};
use std::time::{Duration, Instant};

use arc_swap::ArcSwapOption;
use chrono::{NaiveDate, NaiveTime, Utc};

use super::catalogue::Snapshot;
use super::comments::overall_questions;
use super::reach;
use super::scores::{self, Cell, Dimension, Query};
use crate::db;
use crate::db::conn::Conn;
use crate::domain::day::Local;
use crate::domain::ids::{CounterId, UnitId};
use crate::domain::index::Share;
use crate::domain::latest::Latest;
use crate::domain::link::Counter;
use crate::domain::number::{nearest, real};
use crate::domain::period::{Period, Span};
use crate::domain::person::Actor;
use crate::domain::rhythm::Rhythm;
use crate::domain::target::{Scope, Target, Verdict};
use crate::error::Result;

/// Most comments that are counted; beyond it the number gets a plus sign.
pub const MOST: usize = 999;

/// A number of alerts as it is shown.
pub fn shown(count: usize) -> String {
    if count > MOST { format!("{MOST}+") } else { count.to_string() }
}

/// How long what is read from the tallies is good for.
const LASTING: Duration = Duration::from_secs(60);

/// An index of a unit that misses its target for sure in the current quarter.
#[derive(Debug, Clone, PartialEq)]
pub struct Missed {
    /// Unit.
    pub unit: UnitId,
    /// Whether the answers are those on what it decides, and not those given at its counters.
    pub of_deciding: bool,
    /// Target.
    pub target: Target,
    /// Satisfied answers of all.
    pub share: Share,
}

impl Missed {
    /// Satisfied answers that lack for the target, in hundredths of an answer.
    fn lacking(&self) -> i64 {
        let needed = self.target.threshold.percent() / 100.0 * real(self.share.n);
        nearest((needed - real(self.share.k)) * 100.0)
    }
}

/// A counter from which no answers come any more.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Silent {
    /// Counter.
    pub counter: CounterId,
    /// The unit that runs it today.
    pub unit: UnitId,
    /// What it used to bring.
    pub rhythm: Rhythm,
    /// When its last answer came, for those who do not see small groups.
    pub latest: Latest,
}

/// What the tallies of the whole province give cause for.
#[derive(Debug, Clone, PartialEq)]
pub struct Board {
    /// Indexes below their targets, the most lacking first.
    pub missed: Vec<Missed>,
    /// Silent counters, the busiest first.
    pub silent: Vec<Silent>,
    /// The quarter of the indexes.
    pub quarter: Period,
    /// Time of day at which it was read.
    pub at: NaiveTime,
}

impl Board {
    /// Reads the tallies.
    ///
    /// # Errors
    /// Those of the database.
    pub fn read(conn: &mut Conn, snapshot: &Snapshot) -> Result<Self> {
        let now = Local::at(Utc::now());
        let quarter = Period::around(now.day, Span::Quarter);
        Ok(Self {
            missed: missed(conn, snapshot, quarter)?,
            silent: silent(conn, snapshot, now.day)?,
            quarter,
            at: now.time,
        })
    }

    /// The part of it within an actor's reach.
    #[must_use]
    pub fn seen_by(&self, snapshot: &Snapshot, actor: &Actor) -> Self {
        let mut part = self.clone();
        if !actor.sees_province() {
            let own = actor.scope().map(|scope| snapshot.units.subtree(scope)).unwrap_or_default();
            part.missed.retain(|one| own.contains(&one.unit));
            part.silent.retain(|one| own.contains(&one.unit));
        }
        part
    }
}

/// By unit that serves, and by unit that decides where that says something else.
fn missed(conn: &mut Conn, snapshot: &Snapshot, quarter: Period) -> Result<Vec<Missed>> {
    let (mut judged, mut queries) = (Vec::new(), Vec::new());
    for target in snapshot.targets.iter().filter(|target| target.is_valid_on(quarter.to())) {
        let Scope::Measured { kind, fields } = &target.scope else {
            continue;
        };
        for side in [Dimension::Unit, Dimension::Deciding] {
            let query = Query { fields: fields.clone(), ..Query::of(*kind, quarter) };
            judged.push((target, side));
            queries.push(query.by(&[side]).brief());
        }
    }
    let tables = scores::run_all(conn, snapshot, &Actor::Operator, &queries)?;
    let mut found: Vec<Missed> = Vec::new();
    for ((target, side), table) in judged.into_iter().zip(tables) {
        let of_deciding = side == Dimension::Deciding;
        let below = table.rows.iter().filter_map(|row| {
            let (share, unit) = (row.figures?.f1, row.cells.first()?);
            let Cell::Unit(unit) = *unit else { return None };
            let is_missed = Verdict::judge(share, target.threshold) == Verdict::MissedSurely;
            is_missed.then(|| Missed { unit, of_deciding, target: target.clone(), share })
        });
        let below: Vec<Missed> = below.filter(|one| !is_told(&found, one)).collect();
        found.extend(below);
    }
    found.sort_by_key(|one| (std::cmp::Reverse(one.lacking()), one.unit, one.of_deciding));
    Ok(found)
}

/// Whether an index of what a unit decides is told by that of its counters: it is below the same target, and over as
/// many answers or more. A unit that decides on more than its counters receive does so for those of others.
fn is_told(found: &[Missed], one: &Missed) -> bool {
    let is_same =
        |other: &&Missed| !other.of_deciding && other.unit == one.unit && other.target.key == one.target.key;
    one.of_deciding && found.iter().find(is_same).is_some_and(|other| other.share.n >= one.share.n)
}

fn silent(conn: &mut Conn, snapshot: &Snapshot, today: NaiveDate) -> Result<Vec<Silent>> {
    let Some(window) = Period::between(Rhythm::window(today), today) else {
        return Ok(Vec::new());
    };
    // A counter without an open code is silent because somebody closed it.
    let open = snapshot.links.values().filter(|link| link.is_open_on(today)).map(|link| link.counter);
    let open: BTreeSet<CounterId> = open.collect();
    // From a merger on, a counter's answers are those of the heir of its unit.
    let heirs = |counter: &Counter| snapshot.units.heirs(counter.unit);
    let units: BTreeSet<UnitId> = snapshot.counters.values().flat_map(heirs).collect();
    let units: Vec<UnitId> = units.into_iter().collect();
    let months = db::rhythms::by_counter_and_month(conn, window, &units, &overall_questions(snapshot))?;
    let silent = |(counter, months): (CounterId, Vec<Rhythm>)| {
        let rhythm = Rhythm::of(&months).filter(|rhythm| rhythm.is_silent_on(today))?;
        let unit = snapshot.units.present(snapshot.counters.get(&counter)?.unit, today).unit();
        Some(Silent { counter, unit, rhythm, latest: Rhythm::latest(&months) })
    };
    let of_open = months.into_iter().filter(|(counter, _)| open.contains(counter));
    let mut silent: Vec<Silent> = of_open.filter_map(silent).collect();
    silent.sort_by(|one, other| {
        other.rhythm.a_week().total_cmp(&one.rhythm.a_week()).then(one.counter.cmp(&other.counter))
    });
    Ok(silent)
}

/// New comments of levels 1 and 2 within an actor's reach, counted up to one more than [`MOST`].
///
/// # Errors
/// Not found for whoever is bound to a unit and has none; those of the database.
pub fn unseen(conn: &mut Conn, snapshot: &Snapshot, actor: &Actor) -> Result<usize> {
    let served: Option<Vec<UnitId>> = reach::units(snapshot, actor, None)?.map(Vec::from_iter);
    db::comments::count_unseen(conn, served.as_deref(), MOST + 1)
}

/// The turn to read; none while somebody else has it. A reader that broke off left nothing half done.
fn turn(reading: &Mutex<()>) -> Option<MutexGuard<'_, ()>> {
    match reading.try_lock() {
        Ok(turn) => Some(turn),
        Err(TryLockError::Poisoned(turn)) => Some(turn.into_inner()),
        Err(TryLockError::WouldBlock) => None,
    }
}

struct Aged {
    board: Arc<Board>,
    since: Instant,
    revision: i64,
}

/// Keeps the board for a minute, so that a number in the navigation of each page costs next to nothing.
#[derive(Default)]
pub struct Watch {
    last: ArcSwapOption<Aged>,
    reading: Mutex<()>,
}

impl Watch {
    /// The board as it was at most a minute ago; a request that finds it being read takes the old one.
    ///
    /// # Errors
    /// Those of the database.
    pub fn board(&self, conn: &mut Conn, snapshot: &Snapshot) -> Result<Arc<Board>> {
        let last = self.last.load_full();
        let is_fresh =
            |aged: &Arc<Aged>| aged.since.elapsed() < LASTING && aged.revision == snapshot.revision;
        if let Some(aged) = last.as_ref().filter(|aged| is_fresh(aged)) {
            return Ok(Arc::clone(&aged.board));
        }
        let turn = turn(&self.reading);
        if let (None, Some(aged)) = (&turn, &last) {
            return Ok(Arc::clone(&aged.board));
        }
        let board = Arc::new(Board::read(conn, snapshot)?);
        let aged = Aged { board: Arc::clone(&board), since: Instant::now(), revision: snapshot.revision };
        self.last.store(Some(Arc::new(aged)));
        drop(turn);
        Ok(board)
    }

    /// The number of alerts within an actor's reach.
    ///
    /// # Errors
    /// Those of the database.
    pub fn count(&self, conn: &mut Conn, snapshot: &Snapshot, actor: &Actor) -> Result<usize> {
        let part = self.board(conn, snapshot)?.seen_by(snapshot, actor);
        Ok(unseen(conn, snapshot, actor)? + part.missed.len() + part.silent.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reader_that_broke_off_gives_its_turn_back() {
        let reading = Mutex::new(());
        {
            let held = turn(&reading);
            assert!(held.is_some() && turn(&reading).is_none(), "one at a time");
        }
        let break_off = || {
            let _turn = turn(&reading);
            panic!("broke off")
        };
        let broken: std::thread::Result<()> = std::thread::scope(|scope| scope.spawn(break_off).join());
        assert!(broken.is_err() && turn(&reading).is_some());
    }
}
