//! `hailong report`

use std::io::IsTerminal;
use std::path::PathBuf;

use super::{Failure, Outcome, demo};
use crate::app::catalogue::Catalogue;
use crate::app::publications::{self, Form, Scope};
use crate::db::conn::Database;
use crate::domain::period::Period;
use crate::domain::person::Actor;
use crate::locale::Lang;

/// Writes the figures of a period as a report: as published or prepared, or else as they are now
#[derive(Debug, clap::Args)]
pub struct Report {
    /// 2026, 2026-H1, 2026-Q3, 2026-09 or 2026-09-01..2026-09-30
    #[arg(long, value_parser = super::scores::period)]
    period: Period,
    /// File to write; its ending says in which form: docx, xlsx, csv or json
    #[arg(short, long, value_name = "FILE")]
    output: PathBuf,
    /// The figures of this moment, even where the period is closed
    #[arg(long)]
    live: bool,
    /// Small groups and counters too: for use within Sở Nội vụ
    #[arg(long)]
    complete: bool,
    /// Language of titles and names in a workbook: vi or en
    #[arg(long, default_value = "vi", value_parser = super::scores::language)]
    lang: Lang,
}

impl Report {
    /// Finds the figures and writes the file.
    pub fn run(&self, database: &Database) -> Outcome {
        let form = self.form()?;
        let snapshot = Catalogue::load(database)?.snapshot();
        let scope = if self.complete { Scope::Complete } else { Scope::Public };
        tell(&format!("{}: figures", self.period), true);
        let (report, origin) =
            publications::of_period(database, &snapshot, &Actor::Operator, (self.period, self.live), scope)?;
        tell(&format!("{}: {}", self.period, self.output.display()), true);
        let bytes = report.written(form, self.lang)?;
        std::fs::write(&self.output, bytes)
            .map_err(|error| Failure::Failed(format!("cannot write {}: {error}", self.output.display())))?;
        tell(&format!("{}: {} ({})", self.period, self.output.display(), origin.key()), false);
        Ok(())
    }

    fn form(&self) -> Result<Form, Failure> {
        let ending = self.output.extension().and_then(|ending| ending.to_str());
        ending.and_then(Form::from_key).ok_or_else(|| {
            let found = ending.map_or_else(|| "no ending".to_owned(), |ending| format!(".{ending}"));
            Failure::Usage(format!("expected a file that ends in .docx, .xlsx, .csv or .json, found {found}"))
        })
    }
}

/// Tells a terminal how far it is; a scheduled job wants to hear of failures alone.
fn tell(text: &str, again: bool) {
    if std::io::stderr().is_terminal() {
        demo::say(text, again);
    }
}
