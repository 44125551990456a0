//! `hailong migrate`

use super::{Failure, Outcome, say};
use crate::config::DatabaseArgs;
use crate::db::conn::Database;

/// Makes the database where there is none and brings its tables up to date.
pub fn run(args: &DatabaseArgs) -> Outcome {
    let location = args.location().map_err(Failure::Usage)?;
    let database = Database::open(location, true).map_err(Failure::Failed)?;
    let steps = crate::db::migrate::run(&database)?;
    crate::app::comments::fold_old(&database)?;
    say!("{steps} migrations were run; the tables are up to date");
    Ok(())
}
