//! Publishing a simulated quarter, by two people who never were.

use crate::app::catalogue::Snapshot;
use crate::app::publications;
use crate::db::conn::Database;
use crate::domain::period::Period;
use crate::domain::person::{Actor, Role};
use crate::domain::publication::Step;
use crate::error::Result;
use crate::locale::Lang;

/// Takes a period from its closing to everyone.
///
/// # Errors
/// Those of closing and publishing: invalid for a period without answers, conflict where nothing may be shown;
/// those of the database.
pub fn publish(database: &Database, snapshot: &Snapshot, period: Period) -> Result<()> {
    let id = publications::close(database, snapshot, &Actor::Operator, period)?;
    let head = Actor::Person {
        id: 0.into(),
        login: "demo".to_owned(),
        name: "Demo".to_owned(),
        role: Role::Method,
        unit: None,
        language: Lang::Vi,
    };
    let course = [(&Actor::Operator, Step::Submit), (&head, Step::Approve), (&head, Step::Publish)];
    for (actor, step) in course {
        publications::step(database, snapshot, actor, id, (step, ""))?;
    }
    Ok(())
}
