//! Reports: the figures of a period in the form in which somebody takes them away.

use chrono::{SubsecRound, Utc};

use super::{file, find, frozen_figures, gather, letter, list, protected, workbook};
use crate::app::catalogue::Snapshot;
use crate::app::{exports, open_data};
use crate::db::conn::{Conn, Database};
use crate::db::publications as stored;
use crate::domain::dataset::Dataset;
use crate::domain::ids::PublicationId;
use crate::domain::period::Period;
use crate::domain::person::{Actor, Permission};
use crate::error::{Error, Result};
use crate::locale::Lang;

/// Which figures.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// Those that everyone may see.
    Public,
    /// Small groups and counters too.
    Complete,
}

impl Scope {
    /// The word in addresses and names of files.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Public => "public",
            Self::Complete => "complete",
        }
    }

    /// The scope of that word.
    pub fn from_key(key: &str) -> Option<Self> {
        [Self::Public, Self::Complete].into_iter().find(|scope| scope.key() == key)
    }
}

/// What kind of file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// The official report.
    Docx,
    /// The workbook with live formulas.
    Xlsx,
    /// One tidy table.
    Csv,
    /// The canonical file.
    Json,
}

impl Form {
    /// Every form.
    pub const ALL: [Self; 4] = [Self::Docx, Self::Xlsx, Self::Csv, Self::Json];

    /// The ending of its files.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Docx => "docx",
            Self::Xlsx => "xlsx",
            Self::Csv => "csv",
            Self::Json => "json",
        }
    }

    /// The form of that ending.
    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|form| form.key() == key)
    }

    /// The media type.
    pub const fn media(self) -> &'static str {
        match self {
            Self::Docx => "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
            Self::Xlsx => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            Self::Csv => "text/csv; charset=utf-8",
            Self::Json => "application/json",
        }
    }
}

/// Where the figures of a report come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// They were published.
    Published,
    /// They are frozen and on their way.
    Prepared,
    /// They are as they are now.
    Live,
}

impl Origin {
    /// The word on the command line.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Published => "published",
            Self::Prepared => "prepared",
            Self::Live => "live",
        }
    }
}

/// Figures to be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// The figures.
    pub dataset: Dataset,
    /// SHA-256 of the canonical file, where these figures are published.
    pub sha256: Option<String>,
    /// The canonical file, where it is kept.
    file: Option<Vec<u8>>,
}

impl Report {
    /// Writes the figures; `lang` is that of a workbook.
    ///
    /// # Errors
    /// Internal, when the writer fails.
    pub fn written(&self, form: Form, lang: Lang) -> Result<Vec<u8>> {
        match (&self.file, form) {
            (Some(file), Form::Json) => Ok(file.clone()),
            _ => written(&self.dataset, self.sha256.as_deref(), form, lang),
        }
    }
}

/// Writes figures; `sha256` is that of their canonical file where they are published, `lang` that of a workbook.
///
/// # Errors
/// Internal, when the writer fails.
pub fn written(dataset: &Dataset, sha256: Option<&str>, form: Form, lang: Lang) -> Result<Vec<u8>> {
    match form {
        Form::Docx => letter(dataset, sha256),
        Form::Xlsx => workbook(dataset, lang),
        Form::Csv => exports::csv(&open_data::sheet(dataset)),
        Form::Json => dataset.canonical(),
    }
}

/// The report of a version.
///
/// # Errors
/// Not found, also for whoever may not; those of the database.
pub fn of(
    conn: &mut Conn,
    snapshot: &Snapshot,
    actor: &Actor,
    id: PublicationId,
    scope: Scope,
) -> Result<(Report, Origin)> {
    let publication = find(conn, actor, id)?.publication;
    let published = match &publication.issued {
        Some(issued) => {
            let file = file(conn, issued.number)?;
            let dataset = Dataset::read(&file).map_err(Error::internal)?;
            Some(Report { dataset, sha256: Some(issued.sha256.clone()), file: Some(file) })
        }
        None => None,
    };
    let origin = if published.is_some() { Origin::Published } else { Origin::Prepared };
    let report = match (scope, published) {
        (Scope::Complete, published) => {
            actor.require(Permission::SeeSmallGroups)?;
            let file = stored::complete(conn, id)?;
            let complete = Dataset::read(&file).map_err(Error::internal)?;
            // The stored file knows nothing of what became of it; whoever reads the figures should.
            let issue = published.and_then(|published| published.dataset.issue);
            Report { dataset: Dataset { issue, ..complete }, sha256: None, file: Some(file) }
        }
        (Scope::Public, Some(published)) => published,
        (Scope::Public, None) => {
            let frozen = frozen_figures(conn, id)?;
            let dataset = protected(conn, snapshot, publication.period, &frozen)?.dataset;
            Report { dataset, sha256: None, file: None }
        }
    };
    Ok((report, origin))
}

/// The report of a period: of its newest version, or else of its figures as they are now.
///
/// # Errors
/// Not found, also for whoever may not; those of the database.
pub fn of_period(
    database: &Database,
    snapshot: &Snapshot,
    actor: &Actor,
    (period, live): (Period, bool),
    scope: Scope,
) -> Result<(Report, Origin)> {
    actor.require(Permission::SeeSmallGroups)?;
    database.read_at_once(|conn| {
        let versions = list(conn, actor)?.into_iter().filter(|one| one.period == period && !live);
        if let Some(newest) = versions.max_by_key(|one| one.version) {
            return of(conn, snapshot, actor, newest.id, scope);
        }
        let complete = gather::gather(conn, snapshot, period, 1, Utc::now().trunc_subsecs(0))?;
        let dataset = match scope {
            Scope::Complete => complete,
            Scope::Public => protected(conn, snapshot, period, &complete)?.dataset,
        };
        Ok((Report { dataset, sha256: None, file: None }, Origin::Live))
    })
}
