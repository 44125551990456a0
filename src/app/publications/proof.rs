//! Proving that a file is what was published, and that the chain of publications is unbroken.

use sha2::{Digest, Sha256};

use crate::db::conn::Conn;
use crate::db::publications as stored;
use crate::domain::dataset::Dataset;
use crate::domain::hex::hex;
use crate::domain::publication::{Issued, Publication};
use crate::error::{Error, Result};

/// What a file turns out to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Proof {
    /// The file of a publication, byte for byte.
    Genuine {
        /// Which.
        publication: Publication,
        /// The newer version of the same period, where there is one.
        corrected_by: Option<Publication>,
    },
    /// It says that it is a publication, but was changed.
    Altered {
        /// SHA-256 of the file.
        sha256: String,
        /// The publication whose number it bears.
        publication: Publication,
    },
    /// No publication has this hash.
    Unknown {
        /// SHA-256 of the file.
        sha256: String,
    },
}

/// Compares a file, or a hash of 64 hexadecimal digits alone, with what was published.
///
/// # Errors
/// Those of the database.
pub fn prove(conn: &mut Conn, bytes: &[u8]) -> Result<Proof> {
    let published: Vec<Publication> =
        stored::list(conn)?.into_iter().filter(|one| one.issued.is_some()).collect();
    let sha256 = given_hash(bytes).unwrap_or_else(|| hex(&Sha256::digest(bytes)));
    let of = |wanted: &dyn Fn(&Issued) -> bool| {
        published.iter().find(|one| one.issued.as_ref().is_some_and(wanted)).cloned()
    };
    if let Some(publication) = of(&|issued| issued.sha256 == sha256) {
        let newer = published
            .iter()
            .filter(|one| one.period == publication.period && one.version > publication.version);
        let corrected_by = newer.max_by_key(|one| one.version).cloned();
        return Ok(Proof::Genuine { publication, corrected_by });
    }
    let number = Dataset::read(bytes).ok().and_then(|dataset| dataset.issue).map(|issue| issue.number);
    Ok(match number.and_then(|number| of(&|issued| issued.number == number)) {
        Some(publication) => Proof::Altered { sha256, publication },
        None => Proof::Unknown { sha256 },
    })
}

/// The hash itself, where somebody gave it in place of the file.
fn given_hash(bytes: &[u8]) -> Option<String> {
    let text = std::str::from_utf8(bytes).ok()?.trim().to_ascii_lowercase();
    (text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit())).then_some(text)
}

/// What following the chain has found.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Chain {
    /// Publications followed.
    pub length: usize,
    /// Number of the first publication that does not follow from the one before, or is not what it was.
    pub broken_at: Option<i64>,
}

/// Follows the chain of publications: files, their hashes, and the complete figures behind them.
///
/// # Errors
/// Those of the database.
pub fn chain(conn: &mut Conn) -> Result<Chain> {
    let mut published: Vec<(Issued, Publication)> =
        stored::list(conn)?.into_iter().filter_map(|one| Some((one.issued.clone()?, one))).collect();
    published.sort_by_key(|(issued, _)| issued.number);
    let mut found = Chain { length: published.len(), broken_at: None };
    let mut previous = None;
    for ((issued, publication), number) in published.iter().zip(1i64..) {
        let file = stored::file(conn, issued.number)?.unwrap_or_default();
        let complete = hex(&Sha256::digest(stored::complete(conn, publication.id)?));
        let issue = Dataset::read(&file).ok().and_then(|dataset| dataset.issue);
        let follows = issue.is_some_and(|issue| {
            issue.number == number && issue.previous == previous && issue.complete == complete
        });
        if !follows || issued.number != number || hex(&Sha256::digest(&file)) != issued.sha256 {
            found.broken_at = Some(issued.number);
            return Ok(found);
        }
        previous = Some(issued.sha256.clone());
    }
    Ok(found)
}

/// The file of a publication by number.
///
/// # Errors
/// Not found; those of the database.
pub fn file(conn: &mut Conn, number: i64) -> Result<Vec<u8>> {
    let missing = || Error::NotFound(crate::locale::Message::new("error.page-not-found"));
    stored::file(conn, number)?.ok_or_else(missing)
}
