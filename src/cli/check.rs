//! `hailong check`

use std::path::{Path, PathBuf};

use super::{Failure, Outcome, say};
use crate::app::catalogue::Catalogue;
use crate::app::publications::{self, Proof};
use crate::app::{audit, check};
use crate::db::conn::{Conn, Database};
use crate::domain::publication::Publication;

/// Most differences that are printed.
const SHOWN: usize = 20;

/// Recounts the tallies, follows the chains of the audit and the publications, or proves a published file
#[derive(Debug, clap::Args)]
pub struct Check {
    /// Only tell whether this file is a publication, byte for byte
    #[arg(long, value_name = "FILE")]
    publication: Option<PathBuf>,
}

impl Check {
    /// Runs the command.
    pub fn run(&self, database: &Database) -> Outcome {
        match &self.publication {
            Some(path) => proof(database, path),
            None => all(database),
        }
    }
}

/// Says which publication a file is; anything else fails.
fn proof(database: &Database, path: &Path) -> Outcome {
    let bytes = std::fs::read(path)
        .map_err(|error| Failure::Usage(format!("cannot read {}: {error}", path.display())))?;
    let number = |one: &Publication| one.issued.as_ref().map_or(0, |issued| issued.number);
    match database.read(|conn| publications::prove(conn, &bytes))? {
        Proof::Genuine { publication, corrected_by } => {
            say!(
                "publication {}: period {}, version {}, byte for byte",
                number(&publication),
                publication.period,
                publication.version
            );
            if let Some(newer) = corrected_by {
                say!("corrected by publication {}, version {}", number(&newer), newer.version);
            }
            Ok(())
        }
        Proof::Altered { sha256, publication } => Err(Failure::Failed(format!(
            "expected the file of publication {}, found one with hash {sha256}: it was changed",
            number(&publication)
        ))),
        Proof::Unknown { sha256 } => {
            Err(Failure::Failed(format!("expected the file of a publication, found none with hash {sha256}")))
        }
    }
}

/// Says equal, or where not.
fn all(database: &Database) -> Outcome {
    let catalogue = Catalogue::load(database)?;
    let snapshot = catalogue.snapshot();
    let (findings, chain, published) = database.read_at_once(|conn: &mut Conn| {
        Ok((check::run(conn, &snapshot)?, audit::verify(conn)?, publications::chain(conn)?))
    })?;
    say!(
        "{} responses recounted, {} tallies and {} rollups compared",
        findings.responses,
        findings.tallies,
        findings.rollups
    );
    say!("{} rows of the audit followed, the last with hash {}", chain.rows, chain.last);
    say!("{} publications followed", published.length);
    for difference in findings.differences.iter().take(SHOWN) {
        say!("{:?}: stored {:?}, counted {:?}", difference.key, difference.stored, difference.counted);
    }
    for (cut, rows) in &findings.cuts {
        say!("{cut:?}: {rows} rollups do not equal the tallies");
    }
    let mut faults = Vec::new();
    if !findings.differences.is_empty() || !findings.cuts.is_empty() {
        faults.push(format!(
            "expected the tallies to equal the responses and the rollups the tallies, \
             found {} tallies and {} cuts that differ",
            findings.differences.len(),
            findings.cuts.len()
        ));
    }
    if let Some(row) = chain.broken_at {
        faults.push(format!("expected an unbroken chain of the audit, found it broken from row {row} on"));
    }
    if let Some(number) = published.broken_at {
        faults.push(format!(
            "expected an unbroken chain of publications, found it broken at publication {number}"
        ));
    }
    if faults.is_empty() {
        say!("equal");
        return Ok(());
    }
    Err(Failure::Failed(faults.join("; ")))
}
