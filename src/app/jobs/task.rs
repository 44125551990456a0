//! What a job does, what it has at hand for it, and what comes of it.

use std::io::{Read, Write};
use std::sync::Arc;

use chrono::{NaiveDateTime, Utc};
use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::app::catalogue::Snapshot;
use crate::app::import::{self, Changes};
use crate::app::progress::Progress;
use crate::app::submissions::Submission;
use crate::db::conn::{Conn, Database};
use crate::error::{Error, Result};

/// What a job does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Finds what a file would do.
    Preview(import::Kind),
    /// Imports a file.
    Import(import::Kind),
    /// Makes links in bulk.
    Links,
    /// Draws the codes of many links for printing.
    Sheet,
}

impl Kind {
    /// The word under which it is stored and named.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Preview(import::Kind::Units) => "preview-units",
            Self::Preview(import::Kind::Procedures) => "preview-procedures",
            Self::Preview(import::Kind::Figures) => "preview-figures",
            Self::Preview(import::Kind::Answers) => "preview-answers",
            Self::Preview(import::Kind::Dossiers) => "preview-dossiers",
            Self::Import(kind) => kind.key(),
            Self::Links => "links",
            Self::Sheet => "sheet",
        }
    }

    /// The kind of that word.
    pub fn from_key(key: &str) -> Option<Self> {
        match key {
            "links" => Some(Self::Links),
            "sheet" => Some(Self::Sheet),
            other => match other.strip_prefix("preview-") {
                Some(seen) => import::Kind::from_key(seen).map(Self::Preview),
                None => import::Kind::from_key(other).map(Self::Import),
            },
        }
    }
}

/// What a job did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Report {
    /// Rows of a file would be applied.
    Preview(Changes),
    /// Rows of a file were applied.
    Import(Changes),
    /// So many links were made.
    Links(usize),
    /// So many codes were drawn.
    Sheet(usize),
}

/// A file that a job made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct File {
    /// Name.
    pub name: String,
    /// Contents under gzip: drawn codes shrink to a tenth.
    pub packed: Vec<u8>,
}

impl File {
    /// Packs contents.
    ///
    /// # Errors
    /// Internal, when the contents cannot be packed.
    pub fn pack(name: String, content: &[u8]) -> Result<Self> {
        let mut packer = GzEncoder::new(Vec::new(), Compression::fast());
        let packed = packer.write_all(content).and_then(|()| packer.finish()).map_err(Error::internal)?;
        Ok(Self { name, packed })
    }

    /// The contents, for a browser that does not unpack.
    ///
    /// # Errors
    /// Internal, when what was stored is not what was packed.
    pub fn unpack(&self) -> Result<Vec<u8>> {
        let mut content = Vec::new();
        GzDecoder::new(self.packed.as_slice()).read_to_end(&mut content).map_err(Error::internal)?;
        Ok(content)
    }
}

/// What a job did and made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// What it did.
    pub report: Report,
    /// What it made.
    pub file: Option<File>,
}

/// What a job has at hand.
pub struct Context<'a> {
    /// The job.
    pub job: Uuid,
    /// Pools.
    pub database: &'a Database,
    /// The catalogue as it is when the job begins.
    pub snapshot: Arc<Snapshot>,
    /// Where it says how far it is.
    pub progress: &'a Progress,
}

/// All that a job changes, in the transaction of the connection.
pub type Effect = Box<dyn FnOnce(&mut Conn, &Progress) -> Result<Outcome> + Send>;

/// Gets ready without changing anything.
pub type Work = Box<dyn FnOnce(&Context<'_>) -> Result<Effect> + Send>;

/// A job to be started.
pub struct Task {
    /// What it does.
    pub kind: Kind,
    /// What it is about: while one job of a person about it is open, no second one is started.
    pub subject: String,
    /// What was asked for about it since then (UTC), and did not fail, is this job too, asked for twice.
    pub since: NaiveDateTime,
    /// The form that asked for it: sent again, it leads to the job that it started.
    pub sent: Option<Submission>,
    /// A file that is kept for as long as it waits to be applied, stored with the job and not before it is
    /// accepted: that of a preview, whose subject is the hash of the file.
    pub upload: Option<Vec<u8>>,
    /// The work.
    pub work: Work,
}

impl Task {
    /// A task that is asked for now.
    pub fn new(kind: Kind, subject: String, work: Work) -> Self {
        Self { kind, subject, since: Utc::now().naive_utc(), sent: None, upload: None, work }
    }

    /// The task as a form asked for it.
    #[must_use]
    pub fn sent_by(self, form: Submission) -> Self {
        Self { sent: Some(form), ..self }
    }
}
