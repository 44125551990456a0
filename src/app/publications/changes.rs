//! What has changed in the answers between two states of the figures of a period.

use std::collections::BTreeMap;

use crate::domain::dataset::{Cut, Dataset, Row};
use crate::domain::questionnaire::Kind;
use crate::domain::tally::Levels;

/// Cuts by which changes are listed.
const LISTED: [Cut; 5] = [Cut::Total, Cut::Month, Cut::Channel, Cut::Field, Cut::Unit];

/// A row whose answers differ.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// Kind.
    pub kind: Kind,
    /// Cut.
    pub by: Cut,
    /// Key of the row.
    pub key: Vec<String>,
    /// n before.
    pub before: u64,
    /// n now.
    pub now: u64,
}

/// Rows whose answers differ between two complete datasets of a period.
pub fn changes(before: &Dataset, now: &Dataset) -> Vec<Change> {
    let mut found = Vec::new();
    for kind in Kind::ALL {
        for by in LISTED {
            let [old, new] = [before, now].map(|dataset| levels(dataset.rows(kind, by)));
            let mut keys: Vec<&Vec<String>> = new.keys().chain(old.keys()).copied().collect();
            keys.sort();
            keys.dedup();
            for key in keys {
                let [old, new] = [&old, &new].map(|rows| rows.get(key).copied().unwrap_or_default());
                if old != new {
                    let (before, now) = (old.valid(), new.valid());
                    found.push(Change { kind, by, key: key.clone(), before, now });
                }
            }
        }
    }
    found
}

fn levels(rows: &[Row]) -> BTreeMap<&Vec<String>, Levels> {
    rows.iter().map(|row| (&row.key, row.levels.unwrap_or_default())).collect()
}

/// How many answers two rows of the same key differ by.
pub fn changed(old: Option<&Row>, new: Option<&Row>) -> u64 {
    let [old, new] = [old, new].map(|row| row.and_then(|row| row.levels).unwrap_or_default());
    moved(&old, &new)
}

/// How many answers were added, taken away or given another level.
pub fn moved(old: &Levels, new: &Levels) -> u64 {
    let pairs = || old.descending().into_iter().zip(new.descending());
    let added: u64 = pairs().map(|(old, new)| new.saturating_sub(old)).sum();
    let removed: u64 = pairs().map(|(old, new)| old.saturating_sub(new)).sum();
    added.max(removed)
}
