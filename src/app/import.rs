//! Imports of lists that offices keep as CSV or XLSX: all or nothing, every fault reported at once.

pub mod answers;
mod archive;
pub mod columns;
mod csv;
mod dates;
mod decode;
pub mod dossiers;
mod figures;
pub mod preview;
mod procedures;
mod report;
mod rows;
mod sheet;
mod units;
mod xlsx;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::catalogue::Snapshot;
use super::links;
use super::progress::Progress;
use crate::db;
use crate::db::bulk::Settled;
use crate::db::conn::Conn;
use crate::domain::hex::hex;
use crate::domain::job::Step;
use crate::domain::person::{Actor, Permission};
use crate::error::{Error, FieldError, Result};
use crate::locale::Message;
use columns::Columns;
pub use figures::hundredths;
pub use report::{Difference, Done, Hanging, Report, shown};
use sheet::{Line, Sheet};

/// Most lines of a file: about as many are written in a second, and no citizen's answer waits much longer.
pub const MOST_LINES: usize = 20_000;

/// Most lines of a file of units or procedures, each of which is written by two statements of its own.
const MOST_VERSIONS: usize = 10_000;

/// What a file holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Versions of units.
    Units,
    /// Versions of procedures.
    Procedures,
    /// Figures that other ministries' methods give.
    Figures,
    /// Answers on paper and from interviews.
    Answers,
    /// Dossiers settled.
    Dossiers,
}

impl Kind {
    /// What belongs to the catalogue.
    pub const CATALOGUE: [Self; 3] = [Self::Units, Self::Procedures, Self::Figures];

    /// What is entered besides answers from phones.
    pub const ENTRY: [Self; 2] = [Self::Answers, Self::Dossiers];

    /// The word used on the command line and in the audit.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Units => "units",
            Self::Procedures => "procedures",
            Self::Figures => "figures",
            Self::Answers => "answers",
            Self::Dossiers => "dossiers",
        }
    }

    /// The kind of that word.
    pub fn from_key(key: &str) -> Option<Self> {
        Self::CATALOGUE.into_iter().chain(Self::ENTRY).find(|kind| kind.key() == key)
    }

    /// What whoever imports it must be allowed to do.
    pub const fn permission(self) -> Permission {
        match self {
            Self::Units | Self::Procedures | Self::Figures => Permission::ManageCatalogue,
            Self::Answers | Self::Dossiers => Permission::EnterAnswers,
        }
    }

    /// Most lines of a file.
    pub const fn most_lines(self) -> usize {
        match self {
            Self::Units | Self::Procedures => MOST_VERSIONS,
            Self::Figures | Self::Answers | Self::Dossiers => MOST_LINES,
        }
    }

    /// Columns that must be there.
    pub const fn required(self) -> &'static [&'static str] {
        match self {
            Self::Units => &["code", "name", "level", "parent_code", "valid_from"],
            Self::Procedures => &["code", "name", "field", "valid_from"],
            Self::Figures => &["target_key", "period", "percent", "source"],
            Self::Answers => &answers::REQUIRED,
            Self::Dossiers => &dossiers::REQUIRED,
        }
    }

    /// Columns that may be there; those of answers may have one for each question besides.
    pub const fn optional(self) -> &'static [&'static str] {
        match self {
            Self::Units => &["valid_to"],
            Self::Procedures => &["valid_to", "confirmed"],
            Self::Figures => &["respondents"],
            Self::Answers => &answers::OPTIONAL,
            Self::Dossiers => &[],
        }
    }
}

/// What an import changed, in rows of the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
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
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
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

/// A file that was read; what needs no database is checked.
#[derive(Debug)]
pub struct Read {
    kind: Kind,
    contents: Contents,
}

#[derive(Debug)]
enum Contents {
    /// Lines of the catalogue, with what is wrong in them so far.
    List(Sheet, Faults),
    Answers(answers::Sheets),
    Dossiers(Vec<Settled>),
}

impl Read {
    /// Reads a file without touching the database, so that the transaction of the import is short.
    ///
    /// # Errors
    /// Not found for whoever may not; invalid with every fault, each with its line and column.
    pub fn of(
        snapshot: &Snapshot,
        actor: &Actor,
        kind: Kind,
        file: &[u8],
        progress: &Progress,
    ) -> Result<Self> {
        actor.require(kind.permission())?;
        let mut faults = Faults::default();
        let contents = match kind {
            Kind::Units | Kind::Procedures | Kind::Figures => {
                let columns = Columns::of(kind, Vec::new());
                let sheet = Sheet::of(file, columns, kind.most_lines(), &mut faults)?;
                Contents::List(sheet, faults)
            }
            Kind::Answers => Contents::Answers(answers::read(snapshot, actor, file, progress)?),
            Kind::Dossiers => Contents::Dossiers(dossiers::read(snapshot, actor, file, progress)?),
        };
        Ok(Self { kind, contents })
    }

    /// Imports what was read in the transaction of `conn`; the same file again changes nothing.
    ///
    /// # Errors
    /// Invalid with every fault that the database shows; those of the database. The transaction must then be
    /// given up.
    pub fn write(
        &self,
        conn: &mut Conn,
        snapshot: &Snapshot,
        actor: &Actor,
        progress: &Progress,
    ) -> Result<Changes> {
        self.carry_out(conn, snapshot, actor, progress).map(|effect| effect.changes)
    }

    /// As [`Read::write`], with what became of each row.
    fn carry_out(
        &self,
        conn: &mut Conn,
        snapshot: &Snapshot,
        actor: &Actor,
        progress: &Progress,
    ) -> Result<Effect> {
        // Whoever adds to the audit at the same time is through before anything is looked at or changed.
        db::audit::reserve(conn)?;
        match &self.contents {
            Contents::List(sheet, faults) => {
                let report = report(conn, self.kind, (sheet, faults.clone()), progress)?;
                if report.changes.added + report.changes.changed > 0 {
                    if matches!(self.kind, Kind::Units | Kind::Procedures) {
                        links::end_outliving(conn)?;
                    }
                    report.note(conn, actor, self.kind)?;
                    db::revision::bump(conn)?;
                }
                Effect::of_rows(report)
            }
            Contents::Answers(sheets) => {
                answers::store(conn, snapshot, actor, sheets, progress).and_then(Effect::of_counts)
            }
            Contents::Dossiers(settled) => {
                let planned = dossiers::store(conn, actor, settled, progress)?;
                Effect::of(dossiers::changes(&planned), &planned, Vec::new())
            }
        }
    }
}

/// What a file did or would do.
struct Effect {
    changes: Changes,
    /// SHA-256 of what becomes of all rows.
    digest: String,
    /// The rows of a file of the catalogue that change something.
    rows: Vec<Done>,
}

impl Effect {
    fn of(changes: Changes, all: &impl Serialize, rows: Vec<Done>) -> Result<Self> {
        let all = serde_json::to_vec(all).map_err(Error::internal)?;
        Ok(Self { changes, digest: hex(&Sha256::digest(all)), rows })
    }

    fn of_counts(changes: Changes) -> Result<Self> {
        Self::of(changes, &changes, Vec::new())
    }

    fn of_rows(report: Report) -> Result<Self> {
        let mut rows = report.rows;
        rows.retain(|row| row.change != Change::Unchanged);
        // Something new gets its id as it is written.
        let known = |row: &Done| row.is_known.then(|| row.subject.clone());
        let all: Vec<_> =
            rows.iter().map(|row| (row.line, row.change, known(row), &row.differences)).collect();
        Self::of(report.changes, &all, Vec::new()).map(|effect| Self { rows, ..effect })
    }
}

/// Writes lines of the catalogue, and says what became of each row.
fn report(
    conn: &mut Conn,
    kind: Kind,
    (sheet, mut faults): (&Sheet, Faults),
    progress: &Progress,
) -> Result<Report> {
    progress.begin(Step::Writing, sheet.lines.len());
    let mut report = match kind {
        Kind::Procedures => procedures::run(conn, sheet, &mut faults, progress)?,
        Kind::Figures => figures::run(conn, sheet, &mut faults, progress)?,
        _ => units::run(conn, sheet, &mut faults, progress)?,
    };
    faults.none()?;
    report.rows.sort_by_key(|row| row.line);
    Ok(report)
}

/// Faults found so far, by line.
#[derive(Debug, Clone, Default)]
struct Faults(Vec<(u64, FieldError)>);

impl Faults {
    /// A fault in a column of a line, with what was expected as a sentence of its own.
    fn add(&mut self, line: &Line, column: &str, message: Message) {
        self.at(line.number, line.title(column), message);
    }

    fn at(&mut self, line: u64, column: &str, message: Message) {
        self.0.push((line, FieldError::new(column, message.with("line", line))));
    }

    const fn count(&self) -> usize {
        self.0.len()
    }

    fn extend(&mut self, others: Self) {
        self.0.extend(others.0);
    }

    fn none(mut self) -> Result<()> {
        if self.0.is_empty() {
            return Ok(());
        }
        self.0.sort_by_key(|(line, _)| *line);
        Err(Error::Invalid(self.0.into_iter().map(|(_, fault)| fault).collect()))
    }
}
