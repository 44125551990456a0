//! The number by which every instance learns that the catalogue changed.

use diesel::{ExpressionMethods, QueryDsl, RunQueryDsl};

use super::conn::Conn;
use super::schema::catalogue_revision::dsl::{catalogue_revision, revision, simulated};
use super::violation::translate;
use crate::error::Result;

/// The revision, and whether the data are simulated.
///
/// # Errors
/// Those of the database.
pub fn current(conn: &mut Conn) -> Result<(i64, bool)> {
    let (number, flag) =
        catalogue_revision.select((revision, simulated)).first::<(i64, i16)>(conn).map_err(translate)?;
    Ok((number, flag != 0))
}

/// Says, in the transaction of the change itself, that the catalogue changed.
///
/// # Errors
/// Those of the database.
pub fn bump(conn: &mut Conn) -> Result<()> {
    diesel::update(catalogue_revision)
        .set(revision.eq(revision + 1))
        .execute(conn)
        .map(drop)
        .map_err(translate)
}

/// Marks the data as simulated for good.
///
/// # Errors
/// Those of the database.
pub fn mark_simulated(conn: &mut Conn) -> Result<()> {
    diesel::update(catalogue_revision).set(simulated.eq(1)).execute(conn).map(drop).map_err(translate)
}
