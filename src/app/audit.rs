//! Reading the audit: search, export, and the proof that nobody changed it.

mod names;
mod words;

pub use names::{Names, People};
pub use words::{action, details};

use super::exports::{Sheet, Value};
use crate::db;
use crate::db::audit::{Entry, Search};
use crate::db::conn::Conn;
use crate::domain::person::{Actor, Permission};
use crate::error::{Error, Result};
use crate::locale::Message;

/// Most rows of one export; a workbook holds little more than a million.
pub const EXPORTED: u64 = 200_000;

/// What a walk along the chain found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Chain {
    /// Rows that were followed.
    pub rows: u64,
    /// The hash of the last row that was followed; written down elsewhere, it also proves that no row
    /// was cut off at the end.
    pub last: String,
    /// Number of the first row that does not fit, if any.
    pub broken_at: Option<i64>,
}

/// Follows the chain from the first row on.
///
/// # Errors
/// Those of the database.
pub fn verify(conn: &mut Conn) -> Result<Chain> {
    let mut chain = Chain::default();
    let mut is_chained = false;
    db::audit::walk(conn, |entry| {
        let hash = entry.record.hash(&chain.last);
        is_chained |= entry.hash.is_some();
        let fits = match (&entry.previous, &entry.hash) {
            // Rows from before the chain are covered by the first row that has a hash.
            (None, None) => !is_chained,
            (Some(previous), Some(stored)) => *previous == chain.last && *stored == hash,
            _ => false,
        };
        if fits {
            chain.rows += 1;
            chain.last = hash;
        } else {
            chain.broken_at = Some(entry.id);
        }
        fits
    })?;
    Ok(chain)
}

/// A page of the rows that are looked for, and how many there are in all; `place` gives
/// from that number how many rows to skip and how many to show.
///
/// # Errors
/// Not found for whoever may not read the audit; those of the database.
pub fn page(
    conn: &mut Conn,
    actor: &Actor,
    search: &Search,
    place: impl FnOnce(u64) -> (i64, i64),
) -> Result<(Vec<Entry>, u64)> {
    actor.require(Permission::ReadAudit)?;
    let count = db::audit::count(conn, search)?;
    let (skipped, most) = place(count);
    Ok((list(conn, actor, search, skipped, most)?, count))
}

/// Every row that is looked for as a sheet.
///
/// # Errors
/// Not found for whoever may not read the audit; invalid for more than [`EXPORTED`] rows; those of the
/// database.
pub fn export(conn: &mut Conn, actor: &Actor, names: &Names<'_>, search: &Search) -> Result<Sheet> {
    actor.require(Permission::ReadAudit)?;
    let lang = names.lang;
    let count = db::audit::count(conn, search)?;
    if count > EXPORTED {
        let message = Message::new("audit.too-many").with_count("most", EXPORTED).with_count("found", count);
        return Err(Error::invalid("from", message));
    }
    let rows = list(conn, actor, search, 0, i64::try_from(EXPORTED).unwrap_or(i64::MAX))?;
    let columns = ["number", "at", "actor", "person", "action", "what", "subject", "name", "details", "hash"]
        .map(|key| (key.to_owned(), lang.text(&format!("audit.column-{key}"))));
    Ok(Sheet { columns: columns.into(), rows: rows.into_iter().map(|entry| values(entry, names)).collect() })
}

/// Some rows as somebody may read them. A due date that follows from the day of a comment tells it; rows keep such
/// days from the time before they were left out, and nobody can change a row.
fn list(conn: &mut Conn, actor: &Actor, search: &Search, skipped: i64, most: i64) -> Result<Vec<Entry>> {
    let mut rows = db::audit::list(conn, search, skipped, most)?;
    if !actor.may(Permission::SeeSmallGroups) {
        for row in rows.iter_mut().filter(|row| row.record.action.starts_with("comment.")) {
            row.record.details.as_object_mut().map(|details| details.remove("due"));
        }
    }
    Ok(rows)
}

fn values(entry: Entry, names: &Names<'_>) -> Vec<Value> {
    let (person, name) = (names.who(&entry), names.of(&entry));
    let told = details(names, &entry);
    let Entry { id, record, hash, .. } = entry;
    vec![
        Value::Count(u64::try_from(id).unwrap_or_default()),
        Value::Text(record.at.format("%Y-%m-%dT%H:%M:%SZ").to_string()),
        Value::Text(record.actor),
        Value::Text(person),
        Value::Text(action(names.lang, &record.action)),
        Value::Text(record.action),
        Value::Text(record.subject),
        name.map_or(Value::Empty, Value::Text),
        Value::Text(told),
        hash.map_or(Value::Empty, Value::Text),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{comment, publication};
    use crate::locale::Lang;

    #[test]
    fn every_step_has_words_and_an_unknown_action_shows_itself() {
        let comments = comment::Step::ALL.map(|step| format!("comment.{}", step.key()));
        let publications = publication::Step::ALL.map(|step| format!("publication.{}", step.key()));
        for lang in Lang::ALL {
            for told in comments.iter().chain(&publications) {
                let words = action(lang, told);
                assert!(words.contains(' ') && !words.contains('.'), "{words}");
            }
            assert_eq!(action(lang, "garden.weed"), "garden.weed");
        }
    }
}
