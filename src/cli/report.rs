//! `hailong report`

use std::path::PathBuf;

use super::{Failure, Outcome};
use crate::app::catalogue::Catalogue;
use crate::app::publications;
use crate::db::conn::Database;
use crate::domain::dataset::Dataset;
use crate::domain::period::Period;
use crate::locale::Lang;

/// Writes the figures of a period as a report
#[derive(Debug, clap::Args)]
pub struct Report {
    /// 2026, 2026-H1, 2026-Q3, 2026-09 or 2026-09-01..2026-09-30
    #[arg(long, value_parser = super::scores::period)]
    period: Period,
    /// File to write; its ending says in which form: json or docx
    #[arg(short, long, value_name = "FILE")]
    output: PathBuf,
    /// Language of titles and names: vi or en
    #[arg(long, default_value = "vi", value_parser = super::scores::language)]
    lang: Lang,
}

impl Report {
    /// Gathers the figures and writes the file.
    pub fn run(&self, database: &Database) -> Outcome {
        let snapshot = Catalogue::load(database)?.snapshot();
        let dataset = publications::live(database, &snapshot, self.period, 1)?;
        let bytes = self.written(&dataset)?;
        std::fs::write(&self.output, bytes)
            .map_err(|error| Failure::Failed(format!("cannot write {}: {error}", self.output.display())))
    }

    fn written(&self, dataset: &Dataset) -> Result<Vec<u8>, Failure> {
        match self.output.extension().and_then(|ending| ending.to_str()) {
            Some("json") => Ok(dataset.canonical()?),
            Some("docx") => Ok(publications::letter::letter(dataset, None)?),
            other => Err(Failure::Usage(format!(
                "expected a file that ends in .json or .docx, found {}",
                other.map_or_else(|| "no ending".to_owned(), |ending| format!(".{ending}"))
            ))),
        }
    }
}
