//! `hailong import`

use std::path::{Path, PathBuf};

use super::{Failure, Outcome, progress, say};
use crate::app::catalogue::Catalogue;
use crate::app::import::{Kind, Read};
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
        let (kind, path) = match self {
            Self::Units { file } => (Kind::Units, file),
            Self::Procedures { file } => (Kind::Procedures, file),
            Self::Figures { file } => (Kind::Figures, file),
            Self::Answers { file } => (Kind::Answers, file),
            Self::Dossiers { file } => (Kind::Dossiers, file),
        };
        let (actor, file) = (Actor::Operator, read(path)?);
        let snapshot = Catalogue::load(database)?.snapshot();
        let changes = progress::watch(|progress| {
            let read = Read::of(&snapshot, &actor, kind, &file, progress)?;
            database.write_audited(|conn| read.write(conn, &snapshot, &actor, progress))
        })?;
        let places = [
            ("added", &*changes.added.to_string()),
            ("changed", &changes.changed.to_string()),
            ("unchanged", &changes.unchanged.to_string()),
        ];
        say!("{}", Lang::En.with("import.done", &places));
        Ok(())
    }
}

fn read(file: &Path) -> Result<Vec<u8>, Failure> {
    std::fs::read(file).map_err(|cause| {
        let places = [("file", &*file.display().to_string()), ("cause", &cause.to_string())];
        Failure::Failed(Lang::En.with("import.cannot-read", &places))
    })
}
