//! What an import into the catalogue did or would do, row by row and column by column.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::sheet::Line;
use super::{Change, Changes, Kind};
use crate::db;
use crate::db::conn::Conn;
use crate::domain::person::Actor;
use crate::error::Result;
use crate::locale::Lang;

/// What stands in the columns of a row, as the file names and writes them.
pub(super) type Facts = Vec<(&'static str, String)>;

/// A column and what becomes of it; empty where there is nothing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Difference {
    /// Column.
    pub column: String,
    /// What was there.
    pub before: String,
    /// What the file says.
    pub after: String,
}

/// What hangs on something that ends: what the form of the console tells before an end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hanging {
    /// Counters that are open.
    pub counters: usize,
    /// Codes in use.
    pub links: usize,
    /// People bound to the unit.
    pub people: usize,
    /// Answers since the day.
    pub answers: u64,
}

/// One row of a file and what became of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Done {
    /// Line of the file.
    pub line: u64,
    /// What became of it.
    pub change: Change,
    /// Code and name.
    pub what: String,
    /// What it is about, as the audit names it: `unit:12`.
    pub subject: String,
    /// Whether it follows or corrects something that was there.
    pub is_known: bool,
    /// The columns that differ from what was there.
    pub differences: Vec<Difference>,
    /// The day on which the thing now ends, where it did not end so before.
    pub ends: Option<NaiveDate>,
    /// What hangs on that end, where somebody asked.
    pub hanging: Option<Hanging>,
}

/// What became of a row, before its line is known.
pub(super) struct Outcome<'a> {
    pub change: Change,
    pub what: String,
    pub subject: String,
    /// What was there, none for something new.
    pub before: Option<&'a Facts>,
    pub after: &'a Facts,
    pub ends: Option<NaiveDate>,
}

/// What an import did, row by row in the order of the file.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Report {
    /// Numbers of rows.
    pub changes: Changes,
    /// Rows.
    pub rows: Vec<Done>,
}

impl Report {
    pub(super) fn count(&mut self, line: &Line, outcome: Outcome<'_>) {
        self.changes.count(outcome.change);
        let before = |column: &str| {
            let held = outcome.before.and_then(|facts| facts.iter().find(|(name, _)| *name == column));
            held.map_or_else(String::new, |(_, value)| value.clone())
        };
        let differences = outcome.after.iter().map(|(column, after)| Difference {
            column: (*column).to_owned(),
            before: before(column),
            after: after.clone(),
        });
        self.rows.push(Done {
            line: line.number,
            change: outcome.change,
            what: outcome.what,
            subject: outcome.subject,
            is_known: outcome.before.is_some(),
            differences: differences.filter(|one| one.before != one.after).collect(),
            ends: outcome.ends,
            hanging: None,
        });
    }

    /// Writes a row of the audit for the import, and one for each row that changed something with what was there
    /// and what is there now.
    pub(super) fn note(&self, conn: &mut Conn, actor: &Actor, kind: Kind) -> Result<()> {
        let whole = db::audit::New {
            action: format!("import.{}", kind.key()),
            subject: format!("catalogue:{}", kind.key()),
            details: json!(self.changes),
        };
        let rows = self.rows.iter().filter(|row| row.change != Change::Unchanged).map(|row| db::audit::New {
            action: row.action(kind).to_owned(),
            subject: row.subject.clone(),
            details: row.details(),
        });
        db::audit::insert_all(conn, actor, std::iter::once(whole).chain(rows))
    }
}

impl Done {
    /// What becomes of the columns, as one line.
    pub fn told(&self) -> String {
        let told =
            |one: &Difference| format!("{}: {} → {}", one.column, shown(&one.before), shown(&one.after));
        self.differences.iter().map(told).collect::<Vec<_>>().join("; ")
    }

    const fn action(&self, kind: Kind) -> &'static str {
        match (kind, self.is_known) {
            (Kind::Procedures, false) => "procedure.create",
            (Kind::Procedures, true) => "procedure.change",
            (Kind::Figures, false) => "figure.create",
            (Kind::Figures, true) => "figure.correct",
            (_, false) => "unit.create",
            (_, true) => "unit.change",
        }
    }

    fn details(&self) -> Value {
        let side = |of: fn(&Difference) -> &String| {
            let members = self.differences.iter().filter(|one| !of(one).is_empty());
            members.map(|one| (one.column.clone(), Value::from(of(one).as_str()))).collect::<Map<_, _>>()
        };
        json!({ "line": self.line, "before": side(|one| &one.before), "after": side(|one| &one.after) })
    }
}

/// What stands in a cell, a dash for nothing.
pub fn shown(text: &str) -> &str {
    if text.is_empty() { "–" } else { text }
}

/// A day in a column, empty where there is none.
pub(super) fn day(day: Option<NaiveDate>) -> String {
    day.map_or_else(String::new, |day| Lang::Vi.date(day))
}
