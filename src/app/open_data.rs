//! What everyone may read: publications as they were issued, read once and kept in memory, since they never
//! change.

pub mod catalog;
pub mod dictionary;
mod download;
mod editions;
pub mod indexes;
mod table;

use std::sync::{Arc, Mutex, OnceLock, PoisonError};

pub use download::Download;
pub use editions::{Edition, Editions};
pub use table::{COLUMNS, sheet};

use super::publications::{self, Form};
use crate::db::conn::{Conn, Database};
use crate::domain::dataset::Dataset;
use crate::domain::period::Period;
use crate::error::{Error, Result};
use crate::locale::{Lang, Message};

/// Periods in a trend, the newest among them.
pub const TREND: usize = 8;

/// Files kept in memory; what was read least recently leaves first.
const KEPT: usize = 24;

/// A published file with what is read out of it.
pub struct File {
    /// Which publication.
    pub edition: Edition,
    /// Its figures.
    pub dataset: Dataset,
    /// The canonical file, byte for byte.
    pub json: Download,
    csv: OnceLock<Download>,
    xlsx: OnceLock<Download>,
    docx: OnceLock<Download>,
}

impl File {
    /// The file in one of its forms, made once. A workbook and a report take their time.
    ///
    /// # Errors
    /// Internal, when the writer fails.
    pub fn download(&self, form: Form) -> Result<&Download> {
        let made = match form {
            Form::Json => return Ok(&self.json),
            Form::Csv => &self.csv,
            Form::Xlsx => &self.xlsx,
            Form::Docx => &self.docx,
        };
        if let Some(made) = made.get() {
            return Ok(made);
        }
        let bytes = publications::written(&self.dataset, Some(&self.edition.sha256), form, Lang::Vi)?;
        Ok(made.get_or_init(|| Download::new(bytes)))
    }
}

/// A file with the periods before it, oldest first; those that were never published have none.
pub struct Reading {
    /// Everything that was published.
    pub editions: Editions,
    /// The file.
    pub file: Arc<File>,
    /// Up to [`TREND`] periods of the same length, the file's own the last.
    pub trail: Vec<(Period, Option<Arc<File>>)>,
}

/// The files that were read last.
#[derive(Default)]
pub struct Shelf(Mutex<Vec<Arc<File>>>);

impl Shelf {
    /// Everything that was published.
    ///
    /// # Errors
    /// Those of the database.
    pub fn editions(&self, database: &Database) -> Result<Editions> {
        database.read(Editions::read)
    }

    /// The newest publication with those before it; none when nothing was published yet.
    ///
    /// # Errors
    /// Those of the database.
    pub fn newest(&self, database: &Database) -> Result<Option<Reading>> {
        database.read(|conn| {
            let editions = Editions::read(conn)?;
            match editions.newest().cloned() {
                Some(edition) => self.reading(conn, editions, &edition).map(Some),
                None => Ok(None),
            }
        })
    }

    /// The publication of a number.
    ///
    /// # Errors
    /// Not found; those of the database.
    pub fn numbered(&self, database: &Database, number: i64) -> Result<Arc<File>> {
        database.read(|conn| {
            let editions = Editions::read(conn)?;
            let edition = editions.numbered(number).ok_or_else(missing)?;
            self.file(conn, edition)
        })
    }

    /// The newest publication of a period.
    ///
    /// # Errors
    /// Not found, where the period is not published; those of the database.
    pub fn of(&self, database: &Database, period: Period) -> Result<Arc<File>> {
        database.read(|conn| {
            let editions = Editions::read(conn)?;
            let unpublished =
                || Error::NotFound(Message::new("open.fault.not-published").with("period", period));
            let edition = editions.of(period).ok_or_else(unpublished)?;
            self.file(conn, edition)
        })
    }

    /// Everything that was published, each file in its newest version.
    ///
    /// # Errors
    /// Those of the database.
    pub fn all(&self, database: &Database) -> Result<(Editions, Vec<Arc<File>>)> {
        database.read(|conn| {
            let editions = Editions::read(conn)?;
            let files = editions.current().map(|edition| self.file(conn, edition)).collect::<Result<_>>()?;
            Ok((editions, files))
        })
    }

    fn reading(&self, conn: &mut Conn, editions: Editions, edition: &Edition) -> Result<Reading> {
        let file = self.file(conn, edition)?;
        let mut trail = Vec::new();
        for (period, edition) in editions.trail(edition, TREND) {
            trail.push((period, edition.map(|edition| self.file(conn, edition)).transpose()?));
        }
        Ok(Reading { editions, file, trail })
    }

    fn file(&self, conn: &mut Conn, edition: &Edition) -> Result<Arc<File>> {
        if let Some(known) = self.known(edition) {
            return Ok(known);
        }
        let bytes = publications::file(conn, edition.number)?;
        let file = Arc::new(File {
            edition: edition.clone(),
            dataset: Dataset::read(&bytes).map_err(Error::internal)?,
            json: Download::new(bytes),
            csv: OnceLock::new(),
            xlsx: OnceLock::new(),
            docx: OnceLock::new(),
        });
        let mut files = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        files.retain(|one| one.edition.number != edition.number);
        if files.len() >= KEPT {
            files.remove(0);
        }
        files.push(Arc::clone(&file));
        Ok(file)
    }

    /// The file, if it is here and nothing has changed about it, such as that it was corrected since.
    fn known(&self, edition: &Edition) -> Option<Arc<File>> {
        let mut files = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let place = files.iter().position(|one| one.edition == *edition)?;
        let file = files.remove(place);
        files.push(Arc::clone(&file));
        Some(file)
    }
}

fn missing() -> Error {
    Error::NotFound(Message::new("error.page-not-found"))
}
