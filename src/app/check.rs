//! The check: tallies counted anew from the responses, and the sums of rollups from the tallies.

use std::collections::{BTreeMap, BTreeSet};

use super::catalogue::Snapshot;
use super::intake;
use crate::db;
use crate::db::conn::Conn;
use crate::domain::questionnaire;
use crate::domain::rollup::Cut;
use crate::domain::tally::{Levels, TallyKey};
use crate::error::Result;

/// A tally that does not equal the recount.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Difference {
    /// Which tally.
    pub key: TallyKey,
    /// What is stored.
    pub stored: Levels,
    /// What the responses give.
    pub counted: Levels,
}

/// What a check found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Findings {
    /// Responses that were counted.
    pub responses: u64,
    /// Tallies that were compared.
    pub tallies: u64,
    /// Tallies that differ.
    pub differences: Vec<Difference>,
    /// Rollups that were compared with the tallies.
    pub rollups: u64,
    /// Cuts whose rollups differ from the tallies, with the number of rows.
    pub cuts: Vec<(Cut, u64)>,
}

/// Recounts every unit, one at a time; to be read in one transaction that sees one moment, since answers go on
/// coming in.
///
/// # Errors
/// Those of the database; internal for a response to an unknown questionnaire.
pub fn run(conn: &mut Conn, snapshot: &Snapshot) -> Result<Findings> {
    let mut findings = Findings::default();
    let mut units: BTreeSet<_> = db::responses::served_units(conn)?.into_iter().collect();
    units.extend(db::tallies::served_units(conn)?);
    for unit in units {
        let mut counted = BTreeMap::new();
        for response in db::responses::by_unit(conn, unit)? {
            intake::count(&response, &snapshot.questionnaires, &mut counted)?;
            findings.responses += 1;
        }
        compare(&mut findings, &db::tallies::by_unit(conn, unit)?, &counted);
    }
    findings.rollups = db::rollups::count(conn)?;
    let overall = questionnaire::overall(&snapshot.questionnaires);
    for cut in Cut::ALL {
        let rows = db::rollups::differences(conn, cut, &overall)?;
        if rows > 0 {
            findings.cuts.push((cut, rows));
        }
    }
    Ok(findings)
}

fn compare(
    findings: &mut Findings,
    stored: &BTreeMap<TallyKey, Levels>,
    counted: &BTreeMap<TallyKey, Levels>,
) {
    let keys: BTreeSet<&TallyKey> = stored.keys().chain(counted.keys()).collect();
    for key in keys {
        findings.tallies += 1;
        let of = |tallies: &BTreeMap<TallyKey, Levels>| tallies.get(key).copied().unwrap_or_default();
        let (stored, counted) = (of(stored), of(counted));
        if stored != counted {
            findings.differences.push(Difference { key: *key, stored, counted });
        }
    }
}
