//! Publications: a period is closed, its figures frozen, submitted, approved, published and corrected.

mod gather;
mod lists;

use chrono::{SubsecRound, Utc};

use super::catalogue::Snapshot;
use crate::db::conn::Database;
use crate::domain::dataset::Dataset;
use crate::domain::period::Period;
use crate::error::Result;

/// The complete figures of a period as they are at this moment.
///
/// # Errors
/// Those of the database.
pub fn live(database: &Database, snapshot: &Snapshot, period: Period, version: i32) -> Result<Dataset> {
    let now = Utc::now().trunc_subsecs(0);
    database.read_at_once(|conn| gather::gather(conn, snapshot, period, version, now))
}
