//! Imports of lists that offices keep as CSV or XLSX: all or nothing, every fault reported at once.

pub mod answers;
mod dates;
pub mod dossiers;
mod figures;
pub mod preview;
mod procedures;
mod rows;
mod sheet;
mod units;

use serde::Serialize;

use crate::db;
use crate::db::conn::Conn;
use crate::domain::person::{Actor, Permission};
use crate::error::{Error, FieldError, Result};
use crate::locale::Message;
pub use figures::hundredths;
use sheet::{Line, Sheet};

/// What a file holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Versions of units.
    Units,
    /// Versions of procedures.
    Procedures,
    /// Figures that other ministries' methods give.
    Figures,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Self; 3] = [Self::Units, Self::Procedures, Self::Figures];

    /// The word used on the command line and in the audit.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Units => "units",
            Self::Procedures => "procedures",
            Self::Figures => "figures",
        }
    }

    /// The kind of that word.
    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.key() == key)
    }

    /// Columns that must be there.
    pub const fn required(self) -> &'static [&'static str] {
        match self {
            Self::Units => &["code", "name", "level", "parent_code", "valid_from"],
            Self::Procedures => &["code", "name", "field", "valid_from"],
            Self::Figures => &["target_key", "period", "percent", "source"],
        }
    }

    /// Columns that may be there.
    pub const fn optional(self) -> &'static [&'static str] {
        match self {
            Self::Units => &["valid_to"],
            Self::Procedures => &["valid_to", "confirmed"],
            Self::Figures => &["respondents"],
        }
    }
}

/// What an import changed, in rows of the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Changes {
    /// Rows that were not there.
    pub added: usize,
    /// Rows that were there with other contents, and were corrected.
    pub changed: usize,
    /// Rows that were there like this.
    pub unchanged: usize,
}

impl Changes {
    const fn count(&mut self, change: Change) {
        match change {
            Change::Added => self.added += 1,
            Change::Changed => self.changed += 1,
            Change::Unchanged => self.unchanged += 1,
        }
    }
}

/// What became of one row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// It was not there.
    Added,
    /// It was there with other contents.
    Changed,
    /// It was there like this.
    Unchanged,
}

impl Change {
    /// The word used in locale keys and styles.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Added => "added",
            Self::Changed => "changed",
            Self::Unchanged => "unchanged",
        }
    }
}

/// One row of a file and what became of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Done {
    /// Line of the file; the header is 1.
    pub line: u64,
    /// What became of it.
    pub change: Change,
    /// Code and name.
    pub what: String,
    /// The name until then, where a version is followed or corrected.
    pub before: String,
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
    fn count(&mut self, line: &Line, change: Change, what: String, before: &str) {
        self.changes.count(change);
        self.rows.push(Done { line: line.number, change, what, before: before.to_owned() });
    }
}

/// Imports a file in the transaction of `conn`; the same file again changes nothing.
///
/// # Errors
/// Not found for whoever may not; invalid with every fault, each with its line and column; those of the
/// database. The transaction must then be given up.
pub fn run(conn: &mut Conn, actor: &Actor, kind: Kind, file: &[u8]) -> Result<Changes> {
    report(conn, actor, kind, file).map(|report| report.changes)
}

/// Imports a file as [`run`] does, and says what became of each row.
///
/// # Errors
/// Those of [`run`].
pub fn report(conn: &mut Conn, actor: &Actor, kind: Kind, file: &[u8]) -> Result<Report> {
    actor.require(Permission::ManageCatalogue)?;
    let mut faults = Faults::default();
    let sheet = Sheet::read(file, kind, &mut faults)?;
    let mut report = match kind {
        Kind::Units => units::run(conn, &sheet, &mut faults)?,
        Kind::Procedures => procedures::run(conn, &sheet, &mut faults)?,
        Kind::Figures => figures::run(conn, &sheet, &mut faults)?,
    };
    faults.none()?;
    report.rows.sort_by_key(|row| row.line);
    let changes = report.changes;
    if changes.added + changes.changed > 0 {
        let (action, subject) = (format!("import.{}", kind.key()), format!("catalogue:{}", kind.key()));
        db::audit::insert(conn, actor, &action, &subject, &changes)?;
        db::revision::bump(conn)?;
    }
    Ok(report)
}

/// Faults found so far, by line.
#[derive(Debug, Default)]
struct Faults(Vec<(u64, FieldError)>);

impl Faults {
    /// A fault in a column of a line, with what was expected as a sentence of its own.
    fn add(&mut self, line: &Line, column: &str, message: Message) {
        self.at(line.number, column, message);
    }

    fn at(&mut self, line: u64, column: &str, message: Message) {
        self.0.push((line, FieldError::new(column, message.with("line", line))));
    }

    fn none(mut self) -> Result<()> {
        if self.0.is_empty() {
            return Ok(());
        }
        self.0.sort_by_key(|(line, _)| *line);
        Err(Error::Invalid(self.0.into_iter().map(|(_, fault)| fault).collect()))
    }
}
