//! Alerts: derived from comments and tallies whenever they are asked for, never stored.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};
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
    /// Unit served.
    pub unit: UnitId,
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
    /// Its unit.
    pub unit: UnitId,
    /// What it used to bring.
    pub rhythm: Rhythm,
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

fn missed(conn: &mut Conn, snapshot: &Snapshot, quarter: Period) -> Result<Vec<Missed>> {
    let mut missed = Vec::new();
    for target in snapshot.targets.iter().filter(|target| target.is_valid_on(quarter.to())) {
        let Scope::Measured { kind, fields } = &target.scope else {
            continue;
        };
        let query = Query { fields: fields.clone(), ..Query::of(*kind, quarter) }.by(&[Dimension::Unit]);
        let table = scores::run(conn, snapshot, &Actor::Operator, &query)?;
        missed.extend(table.rows.iter().filter_map(|row| {
            let (share, unit) = (row.figures?.f1, row.cells.first()?);
            let Cell::Unit(unit) = *unit else { return None };
            (Verdict::judge(share, target.threshold) == Verdict::MissedSurely).then(|| Missed {
                unit,
                target: target.clone(),
                share,
            })
        }));
    }
    missed.sort_by_key(|one| (std::cmp::Reverse(one.lacking()), one.unit));
    Ok(missed)
}

fn silent(conn: &mut Conn, snapshot: &Snapshot, today: NaiveDate) -> Result<Vec<Silent>> {
    let Some(window) = Period::between(Rhythm::window(today), today) else {
        return Ok(Vec::new());
    };
    // A counter without an open code is silent because somebody closed it.
    let open = snapshot.links.values().filter(|link| link.is_open_on(today)).map(|link| link.counter);
    let open: BTreeSet<CounterId> = open.collect();
    let units: BTreeSet<UnitId> = snapshot.counters.values().map(|counter| counter.unit).collect();
    let units: Vec<UnitId> = units.into_iter().collect();
    let rhythms = db::rhythms::by_counter(conn, window, &units, &overall_questions(snapshot))?;
    let mut silent: Vec<Silent> = rhythms
        .into_iter()
        .filter(|(counter, rhythm)| open.contains(counter) && rhythm.is_silent_on(today))
        .filter_map(|(counter, rhythm)| {
            Some(Silent { counter, unit: snapshot.counters.get(&counter)?.unit, rhythm })
        })
        .collect();
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
        let turn = match (self.reading.try_lock(), &last) {
            (Err(_), Some(aged)) => return Ok(Arc::clone(&aged.board)),
            (turn, _) => turn,
        };
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
