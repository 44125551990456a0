//! `hailong check`

use super::{Failure, Outcome};
use crate::app::catalogue::Catalogue;
use crate::app::check;
use crate::db::conn::Database;

/// Most differences that are printed.
const SHOWN: usize = 20;

/// Recounts the tallies and says equal, or where not.
pub fn run(database: &Database) -> Outcome {
    let catalogue = Catalogue::load(database)?;
    let findings = database.read(|conn| check::run(conn, &catalogue.snapshot()))?;
    println!(
        "{} responses recounted, {} tallies and {} monthly sums compared",
        findings.responses, findings.tallies, findings.rollups
    );
    if findings.differences.is_empty() && findings.cuts.is_empty() {
        println!("equal");
        return Ok(());
    }
    for difference in findings.differences.iter().take(SHOWN) {
        println!("{:?}: stored {:?}, counted {:?}", difference.key, difference.stored, difference.counted);
    }
    for (cut, rows) in &findings.cuts {
        println!("{cut:?}: {rows} monthly sums do not equal the tallies");
    }
    Err(Failure::Failed(format!(
        "expected the tallies to equal the responses and the monthly sums the tallies, \
         found {} tallies and {} cuts that differ",
        findings.differences.len(),
        findings.cuts.len()
    )))
}
