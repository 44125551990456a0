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
    println!("{} responses recounted, {} tallies compared", findings.responses, findings.tallies);
    if findings.differences.is_empty() {
        println!("equal");
        return Ok(());
    }
    for difference in findings.differences.iter().take(SHOWN) {
        println!("{:?}: stored {:?}, counted {:?}", difference.key, difference.stored, difference.counted);
    }
    Err(Failure::Failed(format!(
        "expected the tallies to equal the responses, found {} that differ",
        findings.differences.len()
    )))
}
