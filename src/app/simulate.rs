//! A simulated year: enough answers, good and bad, to show every page and every verdict.

pub mod answers;
pub mod calendar;
pub mod dice;
pub mod handling;
pub mod network;
pub mod opinion;
mod publishing;
pub mod remarks;

pub use publishing::publish;

use std::collections::BTreeMap;
use std::sync::mpsc::{Receiver, sync_channel};

use chrono::NaiveDate;

use self::answers::{Batch, Scene};
use self::dice::Dice;
use self::network::Site;
use super::catalogue::Snapshot;
use crate::db;
use crate::db::conn::{Conn, Database};
use crate::db::targets::ImportedFigure;
use crate::domain::link::{Counter, Link};
use crate::domain::number::{nearest, real};
use crate::domain::period::{Period, Span};
use crate::domain::questionnaire::{self, Kind};
use crate::domain::rollup::{self, RollupKey};
use crate::domain::tally::Levels;
use crate::error::{Error, Result};
use crate::locale::{Lang, Message};

/// Answers of a simulated year, unless told otherwise.
pub const ANSWERS: u64 = 212_000;

/// The seed unless told otherwise.
pub const SEED: u64 = 2260;

/// Everything that a simulated year is made of, before a single answer is drawn.
#[derive(Debug, Clone)]
pub struct Plan<'a> {
    scene: Scene<'a>,
    sites: Vec<Site>,
    seed: u64,
    count: u64,
}

/// How far the work is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Progress {
    /// Counters and links are there.
    Network {
        /// Counters.
        counters: usize,
        /// Links.
        links: usize,
    },
    /// One unit more is written.
    Unit {
        /// Units written.
        done: usize,
        /// Units in all.
        of: usize,
        /// Responses written.
        responses: usize,
    },
}

/// What was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Summary {
    /// Responses.
    pub responses: usize,
    /// Comments.
    pub comments: usize,
    /// Rows of tallies.
    pub tallies: usize,
}

impl<'a> Plan<'a> {
    /// Plans the twelve months that end with a day: about `count` answers, the same for the same seed.
    ///
    /// # Errors
    /// Conflict when no questionnaire is published.
    pub fn new(snapshot: &'a Snapshot, seed: u64, end: NaiveDate, count: u64) -> Result<Self> {
        let published = |kind| {
            let missing = || Error::Conflict(Message::new("demo.no-questionnaire"));
            snapshot.published(kind).ok_or_else(missing)
        };
        let mut dice = Dice::new(seed, 0);
        let workdays = calendar::workdays(end, &mut dice);
        let sites = network::sites(snapshot, calendar::first_day(end), end, &mut dice);
        let (tthc, agency) = (published(Kind::Tthc)?, published(Kind::AgencyService)?);
        let scene = Scene { snapshot, tthc, agency, workdays, end, remarks: remarks::Remarks::load() };
        Ok(Self { scene, sites, seed, count })
    }

    /// Counters of all units.
    pub fn counters(&self) -> Vec<Counter> {
        self.sites.iter().flat_map(|site| site.counters.iter().cloned()).collect()
    }

    /// Links of all counters.
    pub fn links(&self) -> Vec<Link> {
        self.sites.iter().flat_map(|site| site.links.iter().cloned()).collect()
    }

    /// Number of units.
    pub const fn units(&self) -> usize {
        self.sites.len()
    }

    /// The answers, a unit at a time, in the order of the units' ids.
    pub fn batches(&self) -> impl Iterator<Item = Result<Batch>> + '_ {
        let total: f64 = self.sites.iter().map(|site| site.weight).sum();
        self.sites.iter().zip(1u64..).map(move |(site, purpose)| {
            let share = real(self.count) * site.weight / total;
            // Rounded up, so that the whole is never less than what was asked for.
            let count = u64::try_from(nearest(share.ceil())).unwrap_or(0).max(8);
            self.scene.play(site, count, &mut Dice::new(self.seed, purpose))
        })
    }

    /// Figures on health and education, a quarter each, up to the last whole one.
    pub fn figures(&self) -> Vec<ImportedFigure> {
        let mut dice = Dice::new(self.seed, u64::MAX);
        let whole = Period::around(self.scene.end, Span::Quarter).previous();
        let mut figures = Vec::new();
        for (target, base) in [("y-te", 8640), ("giao-duc", 8450)] {
            for quarter in whole.trail(Span::Quarter, 4) {
                figures.push(ImportedFigure {
                    target: target.to_owned(),
                    period: quarter,
                    hundredths: base + i32::try_from(dice.below(180)).unwrap_or(0),
                    respondents: Some(1500 + i64::from(dice.below(900))),
                    source: Lang::Vi.text("demo.figure-source"),
                });
            }
        }
        figures
    }
}

/// Fills a database without answers, in one transaction, while a second thread draws ahead.
///
/// # Errors
/// Conflict when there are answers already; those of the database.
pub fn fill(database: &Database, plan: &Plan<'_>, report: &mut dyn FnMut(Progress)) -> Result<Summary> {
    std::thread::scope(|scope| {
        let (sender, batches) = sync_channel(4);
        scope.spawn(move || {
            for batch in plan.batches() {
                // The receiver is gone when writing failed; drawing more would be for nothing.
                if sender.send(batch).is_err() {
                    break;
                }
            }
        });
        database.write(|conn| write(conn, plan, batches, report))
    })
}

fn write(
    conn: &mut Conn,
    plan: &Plan<'_>,
    batches: Receiver<Result<Batch>>,
    report: &mut dyn FnMut(Progress),
) -> Result<Summary> {
    if !db::bulk::has_no_responses(conn)? {
        return Err(Error::Conflict(Message::new("demo.not-empty")));
    }
    let (counters, links) = (plan.counters(), plan.links());
    db::bulk::insert_counters(conn, &counters)?;
    db::bulk::insert_links(conn, &links)?;
    db::bulk::insert_figures(conn, &plan.figures())?;
    report(Progress::Network { counters: counters.len(), links: links.len() });
    let mut summary = Summary::default();
    // Written at the end, in the order of the key, which is many times faster than unit by unit.
    let mut rollups: BTreeMap<RollupKey, Levels> = BTreeMap::new();
    let overall = questionnaire::overall(&plan.scene.snapshot.questionnaires);
    for (batch, done) in batches.into_iter().zip(1..) {
        let batch = batch?;
        let states = batch.handled.iter().map(|one| (one.comment, one.state)).collect();
        db::bulk::insert_responses(conn, &batch.responses, &states)?;
        let events = batch.handled.iter().flat_map(|one| one.events.iter().map(|event| (one.comment, event)));
        db::bulk::insert_events(conn, events)?;
        db::bulk::insert_tallies(conn, &batch.tallies)?;
        for (key, levels) in rollup::of_tallies(&batch.tallies, &overall) {
            *rollups.entry(key).or_default() += levels;
        }
        db::bulk::insert_dossiers(conn, &batch.dossiers)?;
        summary.responses += batch.responses.len();
        summary.comments += batch.responses.iter().filter(|response| response.comment.is_some()).count();
        summary.tallies += batch.tallies.len();
        report(Progress::Unit { done, of: plan.units(), responses: summary.responses });
    }
    db::bulk::insert_rollups(conn, &rollups)?;
    db::bulk::analyze(conn)?;
    db::revision::mark_simulated(conn)?;
    db::revision::bump(conn)?;
    Ok(summary)
}

#[cfg(test)]
#[path = "simulate/tests.rs"]
mod tests;
