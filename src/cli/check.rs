//! `hailong check`

use super::{Failure, Outcome, say};
use crate::app::catalogue::Catalogue;
use crate::app::{audit, check};
use crate::db::conn::{Conn, Database};

/// Most differences that are printed.
const SHOWN: usize = 20;

/// Recounts the tallies, follows the chain of the audit, and says equal, or where not.
pub fn run(database: &Database) -> Outcome {
    let catalogue = Catalogue::load(database)?;
    let snapshot = catalogue.snapshot();
    let (findings, chain) =
        database.read(|conn: &mut Conn| Ok((check::run(conn, &snapshot)?, audit::verify(conn)?)))?;
    say!(
        "{} responses recounted, {} tallies and {} monthly sums compared",
        findings.responses,
        findings.tallies,
        findings.rollups
    );
    say!("{} rows of the audit followed, the last with hash {}", chain.rows, chain.last);
    for difference in findings.differences.iter().take(SHOWN) {
        say!("{:?}: stored {:?}, counted {:?}", difference.key, difference.stored, difference.counted);
    }
    for (cut, rows) in &findings.cuts {
        say!("{cut:?}: {rows} monthly sums do not equal the tallies");
    }
    let mut faults = Vec::new();
    if !findings.differences.is_empty() || !findings.cuts.is_empty() {
        faults.push(format!(
            "expected the tallies to equal the responses and the monthly sums the tallies, \
             found {} tallies and {} cuts that differ",
            findings.differences.len(),
            findings.cuts.len()
        ));
    }
    if let Some(row) = chain.broken_at {
        faults.push(format!("expected an unbroken chain of the audit, found it broken from row {row} on"));
    }
    if faults.is_empty() {
        say!("equal");
        return Ok(());
    }
    Err(Failure::Failed(faults.join("; ")))
}
