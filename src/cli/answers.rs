//! `hailong answers`

use std::fs::{self, File};
use std::io::{self, ErrorKind, IsTerminal, Write};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use clap::ValueEnum;

use super::{Outcome, demo, scores};
use crate::app::answers_export::{Chunk, Export, Form};
use crate::app::catalogue::Catalogue;
use crate::app::scores::Query;
use crate::db::conn::Database;
use crate::domain::period::Period;
use crate::domain::person::Actor;
use crate::domain::questionnaire::Kind;
use crate::error::{Error, Result};
use crate::locale::Lang;

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Format {
    Csv,
    Json,
}

/// Exports the answers of a period, a row an answer
#[derive(Debug, clap::Args)]
pub struct Answers {
    /// 2026, 2026-H1, 2026-Q3, 2026-09 or 2026-09-01..2026-09-30
    #[arg(long, value_parser = scores::period)]
    period: Period,
    /// Questionnaire: tthc or agency-service
    #[arg(long, default_value = "tthc", value_parser = scores::kind)]
    kind: Kind,
    /// Only the unit of this code and what is below it
    #[arg(long, value_name = "CODE")]
    unit: Option<String>,
    /// Only these fields
    #[arg(long, value_delimiter = ',', value_name = "KEY")]
    field: Vec<String>,
    /// Form of the output
    #[arg(long, value_enum, default_value = "csv")]
    format: Format,
    /// File to write; standard output without it
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
}

impl Answers {
    /// Writes the file, or to standard output.
    pub fn run(&self, database: &Database) -> Outcome {
        let snapshot = Catalogue::load(database)?.snapshot();
        let query = Query {
            unit: scores::unit(&snapshot, self.unit.as_deref(), self.period)?,
            fields: scores::fields(&snapshot, &self.field)?,
            ..Query::of(self.kind, self.period)
        };
        let form = match self.format {
            Format::Csv => Form::Csv,
            Format::Json => Form::Json,
        };
        let export = Export::new(&snapshot, &Actor::Operator, query, form)?;
        let is_terminal = io::stderr().is_terminal();
        let written = match &self.output {
            // Rows and counter on one screen would spoil each other.
            None => copy(&export, database, io::stdout().lock(), is_terminal && !io::stdout().is_terminal()),
            Some(path) => to_file(&export, database, path, is_terminal)
                .map_err(|error| Error::internal(format!("cannot write {}: {error}", path.display()))),
        }?;
        if is_terminal {
            demo::say(&Lang::Vi.with("exports.written", &[("count", &Lang::Vi.count(written))]), false);
        }
        Ok(())
    }
}

/// Writes beside the file and gives it its name when it is whole, so that half a file never bears it.
fn to_file(export: &Export<'_>, database: &Database, path: &Path, tells: bool) -> Result<u64> {
    // A link stays a link.
    let path = path.canonicalize().unwrap_or_else(|_| path.to_owned());
    if path.exists() && !path.is_file() {
        // A pipe or a device is written to, and never replaced.
        let device = File::options().write(true).open(&path).map_err(Error::internal)?;
        return copy(export, database, device, tells);
    }
    let name = path.file_name().ok_or_else(|| Error::internal("expected the name of a file"))?;
    let beside = path.with_file_name(format!(".{}.{}", name.to_string_lossy(), std::process::id()));
    let written = File::create_new(&beside).map_err(Error::internal).and_then(|file| {
        let written = copy(export, database, &file, tells)?;
        file.sync_all().and_then(|()| fs::rename(&beside, &path)).map_err(Error::internal)?;
        Ok(written)
    });
    if written.is_err() {
        // What is left of it is of no use; the first fault is the one to tell.
        drop(fs::remove_file(&beside));
    }
    written
}

fn copy(export: &Export<'_>, database: &Database, mut output: impl Write, tells: bool) -> Result<u64> {
    let written = export.run(database, &mut |Chunk { bytes, answers }| {
        if tells {
            demo::say(&Lang::Vi.with("exports.progress", &[("count", &Lang::Vi.count(answers))]), true);
        }
        match output.write_all(&bytes) {
            // Whoever closed the pipe has read enough.
            Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(ControlFlow::Break(())),
            outcome => outcome.map(ControlFlow::Continue).map_err(Error::internal),
        }
    })?;
    match output.flush() {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => Err(Error::internal(error)),
        _ => Ok(written),
    }
}
