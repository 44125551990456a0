//! `hailong demo` and `hailong simulate`: a year that never was, to look at.

use std::io::{IsTerminal, Write};
use std::time::Instant;

use chrono::{NaiveDate, Utc};

use crate::app::catalogue::Snapshot;
use crate::app::simulate::{self, Plan, Progress, Summary};
use crate::db::conn::Database;
use crate::domain::day::Local;
use crate::error::Result;
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
        Progress::Network { counters, links } => Lang::Vi.with(
            "demo.network",
            &[("counters", &counters.to_string()), ("links", &links.to_string())],
        ),
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
fn say(text: &str, again: bool) {
    let end = if again { "\r" } else { "\n" };
    // A closed terminal is no reason to stop the work.
    drop(write!(std::io::stderr(), "{text}\x1b[K{end}"));
}
