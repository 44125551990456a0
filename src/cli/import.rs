//! `hailong import`

use std::path::{Path, PathBuf};

use super::{Failure, Outcome};
use crate::app::import::{self, Kind};
use crate::db::conn::Database;
use crate::domain::person::Actor;
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
}

impl ImportCommand {
    /// Runs the command.
    pub fn run(&self, database: &Database) -> Outcome {
        let (kind, file) = match self {
            Self::Units { file } => (Kind::Units, file),
            Self::Procedures { file } => (Kind::Procedures, file),
            Self::Figures { file } => (Kind::Figures, file),
        };
        let bytes = read(file)?;
        let changes = database.write(|conn| import::run(conn, &Actor::Operator, kind, &bytes))?;
        let places = [
            ("added", &*changes.added.to_string()),
            ("changed", &changes.changed.to_string()),
            ("unchanged", &changes.unchanged.to_string()),
        ];
        println!("{}", Lang::En.with("import.done", &places));
        Ok(())
    }
}

fn read(file: &Path) -> Result<Vec<u8>, Failure> {
    std::fs::read(file).map_err(|cause| {
        let places = [("file", &*file.display().to_string()), ("cause", &cause.to_string())];
        Failure::Failed(Lang::En.with("import.cannot-read", &places))
    })
}
