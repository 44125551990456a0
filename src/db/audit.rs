//! The audit: what staff changed, written in the transaction of the change and chained by hashes.

use chrono::{NaiveDateTime, SubsecRound, Utc};
use diesel::{
    BoolExpressionMethods, EscapeExpressionMethods, ExpressionMethods, QueryDsl, RunQueryDsl,
    TextExpressionMethods,
};
use serde::Serialize;

use super::conn::{Conn, MultiBackend, on_each};
use super::schema::audit;
use super::types::StoredDocument;
use super::violation::translate;
use crate::domain::chain::Record;
use crate::domain::person::Actor;
use crate::error::{Error, Result};

/// Key of the advisory lock under which one transaction at a time adds to the chain.
const LOCK: i64 = 2_260_082_022;

/// Rows that are read at a time where all are needed.
const BATCH: i64 = 2_000;

/// Rows in one statement.
const ROWS: usize = 1_000;

/// One row of the audit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Number; later rows have higher ones.
    pub id: i64,
    /// What is chained.
    pub record: Record,
    /// The hash of the row before, none in rows from before the chain.
    pub previous: Option<String>,
    /// The hash of this row, none in rows from before the chain.
    pub hash: Option<String>,
}

/// Which rows are looked for; what is not stated matches all.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Search {
    /// Sign-in names of which one did it.
    pub actors: Option<Vec<String>>,
    /// What was done.
    pub action: Option<String>,
    /// A part of what it was done to.
    pub subject: Option<String>,
    /// What else it may have been done to.
    pub subjects: Vec<String>,
    /// First instant (UTC).
    pub from: Option<NaiveDateTime>,
    /// The instant (UTC) before which it was done.
    pub until: Option<NaiveDateTime>,
    /// Whether the oldest come first, and not the newest.
    pub oldest_first: bool,
}

type Columns = (
    audit::id,
    audit::at,
    audit::actor,
    audit::action,
    audit::subject,
    audit::details,
    audit::previous,
    audit::hash,
);
type Stored = (i64, NaiveDateTime, String, String, String, StoredDocument, Option<String>, Option<String>);

const COLUMNS: Columns = (
    audit::id,
    audit::at,
    audit::actor,
    audit::action,
    audit::subject,
    audit::details,
    audit::previous,
    audit::hash,
);

fn read(stored: Stored) -> Result<Entry> {
    let (id, at, actor, action, subject, details, previous, hash) = stored;
    let record = Record { at, actor, action, subject, details: details.read()? };
    Ok(Entry { id, record, previous, hash })
}

/// Adds a row to the chain; until the transaction ends, others that want to add one wait.
///
/// To be called in a transaction of `Database::write_audited`, or after [`reserve`]: whoever waits for the chain
/// then holds nothing that its holder may want.
///
/// # Errors
/// Those of the database.
pub fn insert(
    conn: &mut Conn,
    actor: &Actor,
    action: &str,
    subject: &str,
    details: &impl Serialize,
) -> Result<()> {
    reserve(conn)?;
    let previous = tip(conn)?;
    let record = Record {
        at: Utc::now().naive_utc().trunc_subsecs(6),
        actor: actor.audit_name().to_owned(),
        action: action.to_owned(),
        subject: subject.to_owned(),
        details: serde_json::to_value(details).map_err(Error::internal)?,
    };
    diesel::insert_into(audit::table)
        .values((
            audit::at.eq(record.at),
            audit::actor.eq(&record.actor),
            audit::action.eq(&record.action),
            audit::subject.eq(&record.subject),
            audit::details.eq(StoredDocument::of(&record.details)?),
            audit::hash.eq(record.hash(&previous)),
            audit::previous.eq(previous),
        ))
        .execute(conn)
        .map(drop)
        .map_err(translate)
}

/// A row to be added with others.
#[derive(Debug, Clone, PartialEq)]
pub struct New {
    /// What was done.
    pub action: String,
    /// What it was done to.
    pub subject: String,
    /// What more is to be known.
    pub details: serde_json::Value,
}

#[derive(diesel::Insertable)]
#[diesel(table_name = audit, treat_none_as_default_value = false)]
struct NewRow {
    at: NaiveDateTime,
    actor: String,
    action: String,
    subject: String,
    details: StoredDocument,
    previous: String,
    hash: String,
}

/// Adds many rows to the chain in few statements, in their order; else as [`insert`].
///
/// # Errors
/// Those of the database.
pub fn insert_all(conn: &mut Conn, actor: &Actor, news: impl IntoIterator<Item = New>) -> Result<()> {
    reserve(conn)?;
    let mut previous = tip(conn)?;
    let at = Utc::now().naive_utc().trunc_subsecs(6);
    let mut rows = Vec::new();
    for New { action, subject, details } in news {
        let record = Record { at, actor: actor.audit_name().to_owned(), action, subject, details };
        let hash = record.hash(&previous);
        rows.push(NewRow {
            at,
            details: StoredDocument::of(&record.details)?,
            actor: record.actor,
            action: record.action,
            subject: record.subject,
            previous: std::mem::replace(&mut previous, hash.clone()),
            hash,
        });
    }
    for rows in rows.chunks(ROWS) {
        on_each!(conn => diesel::insert_into(audit::table).values(rows).execute(conn)).map_err(translate)?;
    }
    Ok(())
}

/// Waits until the transaction is the only one that may add to the chain.
///
/// SQLite has one writer at a time; in PostgreSQL two writers would follow the same row and fork the chain.
///
/// # Errors
/// Those of the database.
pub fn reserve(conn: &mut Conn) -> Result<()> {
    match conn {
        Conn::Sqlite(_) => Ok(()),
        Conn::Postgres(conn) => diesel::sql_query(format!("SELECT pg_advisory_xact_lock({LOCK})"))
            .execute(conn)
            .map(drop)
            .map_err(translate),
    }
}

/// The hash that the next row follows.
fn tip(conn: &mut Conn) -> Result<String> {
    let last = audit::table
        .order(audit::id.desc())
        .limit(1)
        .select(audit::hash)
        .load::<Option<String>>(conn)
        .map_err(translate)?;
    match last.into_iter().next() {
        None => Ok(String::new()),
        Some(Some(hash)) => Ok(hash),
        Some(None) => {
            let mut hash = String::new();
            walk(conn, |entry| {
                hash = entry.record.hash(&hash);
                true
            })?;
            Ok(hash)
        }
    }
}

/// Visits every row, oldest first, until the visitor has seen enough.
///
/// # Errors
/// Those of the database.
pub fn walk(conn: &mut Conn, mut visit: impl FnMut(Entry) -> bool) -> Result<()> {
    let mut after = i64::MIN;
    loop {
        let rows = audit::table
            .filter(audit::id.gt(after))
            .order(audit::id.asc())
            .limit(BATCH)
            .select(COLUMNS)
            .load::<Stored>(conn)
            .map_err(translate)?;
        if rows.is_empty() {
            return Ok(());
        }
        for row in rows {
            let entry = read(row)?;
            after = entry.id;
            if !visit(entry) {
                return Ok(());
            }
        }
    }
}

/// The rows about one subject, oldest first.
///
/// # Errors
/// Those of the database.
pub fn by_subject(conn: &mut Conn, subject: &str) -> Result<Vec<Entry>> {
    audit::table
        .filter(audit::subject.eq(subject))
        .order(audit::id.asc())
        .select(COLUMNS)
        .load::<Stored>(conn)
        .map_err(translate)?
        .into_iter()
        .map(read)
        .collect()
}

type Condition =
    Box<dyn diesel::BoxableExpression<audit::table, MultiBackend, SqlType = diesel::sql_types::Bool>>;

fn condition(search: &Search) -> Condition {
    let mut all: Condition = Box::new(audit::id.gt(i64::MIN));
    if let Some(actors) = &search.actors {
        all = Box::new(all.and(audit::actor.eq_any(actors.clone())));
    }
    if let Some(action) = &search.action {
        all = Box::new(all.and(audit::action.eq(action.clone())));
    }
    if let Some(subject) = &search.subject {
        let part = subject.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_");
        let like = audit::subject.like(format!("%{part}%")).escape('\\');
        all = if search.subjects.is_empty() {
            Box::new(all.and(like))
        } else {
            Box::new(all.and(like.or(audit::subject.eq_any(search.subjects.clone()))))
        };
    }
    if let Some(from) = search.from {
        all = Box::new(all.and(audit::at.ge(from)));
    }
    if let Some(until) = search.until {
        all = Box::new(all.and(audit::at.lt(until)));
    }
    all
}

/// The rows that are looked for, in the order that is asked for.
///
/// # Errors
/// Those of the database.
pub fn list(conn: &mut Conn, search: &Search, skipped: i64, most: i64) -> Result<Vec<Entry>> {
    let rows = audit::table.filter(condition(search)).offset(skipped).limit(most).select(COLUMNS);
    let rows = if search.oldest_first {
        rows.order(audit::id.asc()).load::<Stored>(conn)
    } else {
        rows.order(audit::id.desc()).load::<Stored>(conn)
    };
    rows.map_err(translate)?.into_iter().map(read).collect()
}

/// Number of rows that are looked for.
///
/// # Errors
/// Those of the database.
pub fn count(conn: &mut Conn, search: &Search) -> Result<u64> {
    let count: i64 = audit::table.filter(condition(search)).count().get_result(conn).map_err(translate)?;
    Ok(u64::try_from(count).unwrap_or_default())
}

/// Everything that was ever done, in the order of the words.
///
/// # Errors
/// Those of the database.
pub fn actions(conn: &mut Conn) -> Result<Vec<String>> {
    audit::table.select(audit::action).distinct().order(audit::action.asc()).load(conn).map_err(translate)
}
