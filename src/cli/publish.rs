//! `hailong publish`

use std::path::PathBuf;

use clap::{Args, Subcommand};
use comfy_table::presets::UTF8_HORIZONTAL_ONLY;

use super::scores::period;
use super::{Failure, Outcome, say};
use crate::app::catalogue::Catalogue;
use crate::app::publications;
use crate::db::conn::Database;
use crate::domain::ids::PublicationId;
use crate::domain::period::Period;
use crate::domain::person::Actor;
use crate::domain::publication::{Publication, Step};
use crate::error::Error;

/// Closes periods and takes their figures to publication, step by step
#[derive(Debug, Subcommand)]
pub enum PublishCommand {
    /// List every version with its state
    List,
    /// Freeze the figures of a period that is over, as a draft
    Close(Of),
    /// Freeze the figures of a draft anew
    Freeze(Of),
    /// Lay a draft before whoever approves
    Submit(WithRemark),
    /// Give figures back; a remark says why
    Return(WithRemark),
    /// Approve what somebody else has submitted
    Approve(WithRemark),
    /// Publish what was approved
    Release(WithRemark),
    /// Throw a draft away
    Discard(Of),
    /// Write the file of a publication
    File {
        /// Number in the chain
        #[arg(long)]
        number: i64,
        /// File to write
        #[arg(short, long, value_name = "FILE")]
        output: PathBuf,
    },
}

/// Which period.
#[derive(Debug, Args)]
pub struct Of {
    /// 2026, 2026-H1, 2026-Q3, 2026-09 or 2026-09-01..2026-09-30
    #[arg(long, value_parser = period)]
    period: Period,
}

/// Which period, and what is to be remembered.
#[derive(Debug, Args)]
pub struct WithRemark {
    #[command(flatten)]
    of: Of,
    /// What is kept with the step
    #[arg(long, default_value = "")]
    remark: String,
}

impl PublishCommand {
    /// Runs the command.
    pub fn run(&self, database: &Database) -> Outcome {
        match self {
            Self::List => list(database),
            Self::Close(of) => {
                let snapshot = Catalogue::load(database)?.snapshot();
                publications::close(database, &snapshot, &Actor::Operator, of.period)?;
                tell(database, of.period)
            }
            Self::Freeze(of) => {
                let (snapshot, id) = (Catalogue::load(database)?.snapshot(), open(database, of.period)?);
                publications::freeze(database, &snapshot, &Actor::Operator, id)?;
                tell(database, of.period)
            }
            Self::Submit(with) => step(database, with, Step::Submit),
            Self::Return(with) => step(database, with, Step::Return),
            Self::Approve(with) => step(database, with, Step::Approve),
            Self::Release(with) => step(database, with, Step::Publish),
            Self::Discard(of) => {
                take(database, of.period, Step::Discard, "")?;
                say!("{}: discarded", of.period);
                Ok(())
            }
            Self::File { number, output } => {
                let file = database.read(|conn| publications::file(conn, *number))?;
                std::fs::write(output, file)
                    .map_err(|error| Failure::Failed(format!("cannot write {}: {error}", output.display())))
            }
        }
    }
}

fn step(database: &Database, with: &WithRemark, step: Step) -> Outcome {
    take(database, with.of.period, step, &with.remark)?;
    tell(database, with.of.period)
}

fn take(database: &Database, period: Period, step: Step, remark: &str) -> Outcome {
    let (snapshot, id) = (Catalogue::load(database)?.snapshot(), open(database, period)?);
    let step = (step, remark);
    Ok(publications::step(database, &snapshot, &Actor::Operator, id, step)?)
}

/// The version of a period that is being prepared.
fn open(database: &Database, period: Period) -> Result<PublicationId, Failure> {
    let all = database.read(|conn| publications::list(conn, &Actor::Operator))?;
    let found = all.iter().find(|one| one.period == period && one.issued.is_none());
    found.map(|one| one.id).ok_or_else(|| {
        Failure::Usage(format!("expected a period that was closed and is not yet published, found {period}"))
    })
}

fn tell(database: &Database, period: Period) -> Outcome {
    let all = database.read(|conn| publications::list(conn, &Actor::Operator))?;
    match all.iter().find(|one| one.period == period) {
        Some(publication) => {
            say!("{}", line(publication).join(" · "));
            Ok(())
        }
        None => Err(Error::internal("the version is gone").into()),
    }
}

fn line(publication: &Publication) -> Vec<String> {
    let mut line = vec![
        publication.period.to_string(),
        format!("version {}", publication.version),
        publication.state.key().to_owned(),
        format!("frozen {}Z", publication.frozen_at.format("%Y-%m-%dT%H:%M:%S")),
    ];
    if let Some(issued) = &publication.issued {
        line.push(format!("number {}", issued.number));
        line.push(issued.sha256.clone());
    }
    line
}

fn list(database: &Database) -> Outcome {
    let all = database.read(|conn| publications::list(conn, &Actor::Operator))?;
    let mut table = comfy_table::Table::new();
    table.load_style(UTF8_HORIZONTAL_ONLY);
    for publication in &all {
        table.add_row(line(publication));
    }
    if all.is_empty() {
        say!("no period has been closed yet; `hailong publish close --period 2026-Q3` closes one");
    } else {
        say!("{table}");
    }
    Ok(())
}
