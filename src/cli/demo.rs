//! `hailong demo` and `hailong simulate`: a year that never was, to look at.

use std::io::{IsTerminal, Write};
use std::time::Instant;

use chrono::{NaiveDate, Utc};

use super::{Failure, Outcome, serve};
use crate::app::catalogue::{Catalogue, Snapshot};
use crate::app::first_start;
use crate::app::simulate::{self, Plan, Progress, Summary};
use crate::config::{Config, DatabaseArgs};
use crate::db::conn::{Database, Location};
use crate::domain::day::Local;
use crate::domain::period::{Period, Span};
use crate::error::{Error, Result};
use crate::locale::Lang;

/// What to simulate.
#[derive(Debug, Clone, clap::Args)]
pub struct SimulationArgs {
    /// Seed: the same one gives the same year
    #[arg(long, default_value_t = simulate::SEED, value_name = "NUMBER")]
    pub seed: u64,
    /// Last day of the simulated year [default: today]
    #[arg(long, value_name = "YYYY-MM-DD")]
    pub until: Option<NaiveDate>,
    /// Answers, roughly
    #[arg(long, default_value_t = simulate::ANSWERS, value_name = "COUNT")]
    pub answers: u64,
}

/// Quarters that a demo publishes, as far as they are over.
const QUARTERS: usize = 5;

/// Where a demo keeps its data unless it is told otherwise.
const DATABASE: &str = "sqlite://data/demo.db";

/// Serves a simulated year
#[derive(Debug, clap::Args)]
pub struct Demo {
    #[command(flatten)]
    config: Config,
    #[command(flatten)]
    simulation: SimulationArgs,
}

impl Demo {
    /// Makes and fills the demo's own database on the first start, then serves it.
    pub fn run(self, args: &DatabaseArgs) -> Outcome {
        let location = args.location_or(DATABASE).map_err(Failure::Usage)?;
        let database = open(location)?;
        let prepared = first_start::prepare(&database)?;
        let snapshot = Catalogue::load(&database)?.snapshot();
        if !snapshot.simulated {
            // A database that people use already must never turn into a demo.
            if prepared.password.is_none() {
                return Err(Failure::Usage(
                    "expected an empty database or one of a demo, found one in use".to_owned(),
                ));
            }
            fill(&database, &snapshot, &self.simulation)?;
            publish(&database)?;
        }
        serve::serve(database, self.config, &prepared)
    }
}

fn open(location: Location) -> std::result::Result<Database, Failure> {
    Database::open(location, true).map_err(Failure::Failed)
}

/// Publishes the quarters of the simulated year that are over, so that the public pages have something to show.
fn publish(database: &Database) -> Outcome {
    let snapshot = Catalogue::load(database)?.snapshot();
    let today = Local::at(Utc::now()).day;
    let quarters = Period::around(today, Span::Quarter).trail(Span::Quarter, QUARTERS);
    for period in quarters.into_iter().filter(|period| period.to() < today) {
        match simulate::publish(database, &snapshot, period) {
            Ok(()) => say(&Lang::Vi.with("demo.published", &[("period", &Lang::Vi.period(period))]), false),
            // The year began within a quarter, or brought it too few answers.
            Err(Error::Invalid(_) | Error::Conflict(_)) => {}
            Err(other) => return Err(other.into()),
        }
    }
    Ok(())
}

/// `hailong simulate`: fills a database without answers.
pub fn simulate(database: &Database, args: &SimulationArgs) -> Outcome {
    first_start::prepare(database)?;
    fill(database, &Catalogue::load(database)?.snapshot(), args)?;
    Ok(())
}

/// Fills a database without answers and tells on a terminal how far it is.
///
/// # Errors
/// Conflict when there are answers already; those of the database.
pub fn fill(database: &Database, snapshot: &Snapshot, args: &SimulationArgs) -> Result<Summary> {
    let start = Instant::now();
    let end = args.until.unwrap_or_else(|| Local::at(Utc::now()).day);
    let plan = Plan::new(snapshot, args.seed, end, args.answers)?;
    let is_terminal = std::io::stderr().is_terminal();
    let summary = simulate::fill(database, &plan, &mut |progress| {
        if is_terminal {
            say(&line(progress), matches!(progress, Progress::Unit { .. }));
        }
    })?;
    let count = |number: usize| Lang::Vi.count(u64::try_from(number).unwrap_or(u64::MAX));
    let seconds = start.elapsed().as_secs().to_string();
    let places = [
        ("responses", &*count(summary.responses)),
        ("comments", &*count(summary.comments)),
        ("seconds", &*seconds),
    ];
    say(&Lang::Vi.with("demo.done", &places), false);
    Ok(summary)
}

fn line(progress: Progress) -> String {
    match progress {
        Progress::Network { counters, links } => Lang::Vi
            .with("demo.network", &[("counters", &counters.to_string()), ("links", &links.to_string())]),
        Progress::Unit { done, of, responses } => Lang::Vi.with(
            "demo.progress",
            &[
                ("units", &done.to_string()),
                ("of", &of.to_string()),
                ("responses", &Lang::Vi.count(u64::try_from(responses).unwrap_or(u64::MAX))),
            ],
        ),
    }
}

/// Writes a line, or writes over it with the next one.
pub(super) fn say(text: &str, again: bool) {
    let mut stderr = std::io::stderr();
    let clear = if stderr.is_terminal() { "\x1b[K" } else { "" };
    let end = if again { "\r" } else { "\n" };
    // A closed terminal is no reason to stop the work.
    drop(write!(stderr, "{text}{clear}{end}"));
}
