//! `hailong import`

use std::path::{Path, PathBuf};

use super::{Failure, Outcome, say};
use crate::app::catalogue::Catalogue;
use crate::app::import::{self, Changes, Kind};
use crate::db::conn::Database;
use crate::domain::person::Actor;
use crate::error::Result as Done;
use crate::locale::Lang;

/// A list to be imported: CSV in UTF-8 or XLSX, its columns named in the first row
#[derive(Debug, clap::Subcommand)]
pub enum ImportCommand {
    /// Units: code, name, level, parent_code, valid_from, valid_to (may be left out)
    Units {
        /// File
        file: PathBuf,
    },
    /// Procedures: code, name, field, valid_from; valid_to, confirmed (may be left out)
    Procedures {
        /// File
        file: PathBuf,
    },
    /// Figures that other ministries measure: target_key, period, percent, source; respondents (may be left out)
    Figures {
        /// File
        file: PathBuf,
    },
    /// Answers on paper or from interviews: unit_code, counter, day, kind, channel, field, procedure_code,
    /// stage, respondent, comment, and one column for each question under its key
    Answers {
        /// File
        file: PathBuf,
    },
    /// Dossiers settled: unit_code, field, month, settled
    Dossiers {
        /// File
        file: PathBuf,
    },
}

impl ImportCommand {
    /// Runs the command.
    pub fn run(&self, database: &Database) -> Outcome {
        let (Self::Units { file }
        | Self::Procedures { file }
        | Self::Figures { file }
        | Self::Answers { file }
        | Self::Dossiers { file }) = self;
        let changes = self.write(database, &read(file)?)?;
        let places = [
            ("added", &*changes.added.to_string()),
            ("changed", &changes.changed.to_string()),
            ("unchanged", &changes.unchanged.to_string()),
        ];
        say!("{}", Lang::En.with("import.done", &places));
        Ok(())
    }

    fn write(&self, database: &Database, file: &[u8]) -> Done<Changes> {
        let actor = Actor::Operator;
        let list = |kind| database.write(|conn| import::run(conn, &actor, kind, file));
        let snapshot = || Catalogue::load(database).map(|catalogue| catalogue.snapshot());
        match self {
            Self::Units { .. } => list(Kind::Units),
            Self::Procedures { .. } => list(Kind::Procedures),
            Self::Figures { .. } => list(Kind::Figures),
            Self::Answers { .. } => {
                let snapshot = snapshot()?;
                database.write(|conn| import::answers::run(conn, &snapshot, &actor, file))
            }
            Self::Dossiers { .. } => {
                let snapshot = snapshot()?;
                database.write(|conn| import::dossiers::run(conn, &snapshot, &actor, file))
            }
        }
    }
}

fn read(file: &Path) -> Result<Vec<u8>, Failure> {
    std::fs::read(file).map_err(|cause| {
        let places = [("file", &*file.display().to_string()), ("cause", &cause.to_string())];
        Failure::Failed(Lang::En.with("import.cannot-read", &places))
    })
}
