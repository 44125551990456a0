//! Sheets of open batches, before they are answers.

use diesel::{ExpressionMethods, Insertable, OptionalExtension, QueryDsl, Queryable, RunQueryDsl};

use super::conn::{Conn, on_each};
use super::schema::batch_sheets;
use super::types::StoredDocument;
use super::violation::translate;
use crate::domain::batch::KeyedSheet;
use crate::domain::ids::BatchId;
use crate::error::Result;

/// One row of `batch_sheets`.
#[derive(Insertable, Queryable)]
#[diesel(table_name = batch_sheets)]
struct SheetRow {
    batch_id: i64,
    sheet: i32,
    scores: StoredDocument,
    comment: String,
    struck: i16,
}

impl SheetRow {
    fn of(batch: BatchId, sheet: &KeyedSheet) -> Result<Self> {
        Ok(Self {
            batch_id: batch.raw(),
            sheet: sheet.number,
            scores: StoredDocument::of(&sheet.scores)?,
            comment: sheet.comment.clone(),
            struck: sheet.is_struck.into(),
        })
    }

    fn read(self) -> Result<KeyedSheet> {
        Ok(KeyedSheet {
            number: self.sheet,
            scores: self.scores.read()?,
            comment: self.comment,
            is_struck: self.struck != 0,
        })
    }
}

/// Keeps a sheet.
///
/// # Errors
/// Conflict for a number that is taken; those of the database.
pub fn insert(conn: &mut Conn, batch: BatchId, sheet: &KeyedSheet) -> Result<()> {
    let row = SheetRow::of(batch, sheet)?;
    on_each!(conn => diesel::insert_into(batch_sheets::table).values(row).execute(conn))
        .map(drop)
        .map_err(translate)
}

/// The sheet of a number, where it is kept.
///
/// # Errors
/// Those of the database; internal for scores that cannot be read.
pub fn find(conn: &mut Conn, batch: BatchId, number: i32) -> Result<Option<KeyedSheet>> {
    let row = batch_sheets::table.find((batch.raw(), number)).first::<SheetRow>(conn).optional();
    row.map_err(translate)?.map(SheetRow::read).transpose()
}

/// The sheets of a batch that are kept, by number.
///
/// # Errors
/// Those of the database; internal for scores that cannot be read.
pub fn all(conn: &mut Conn, batch: BatchId) -> Result<Vec<KeyedSheet>> {
    let rows = batch_sheets::table
        .filter(batch_sheets::batch_id.eq(batch.raw()))
        .order(batch_sheets::sheet.asc())
        .load::<SheetRow>(conn)
        .map_err(translate)?;
    rows.into_iter().map(SheetRow::read).collect()
}

/// Writes a kept sheet anew.
///
/// # Errors
/// Those of the database.
pub fn update(conn: &mut Conn, batch: BatchId, sheet: &KeyedSheet) -> Result<()> {
    diesel::update(batch_sheets::table.find((batch.raw(), sheet.number)))
        .set((
            batch_sheets::scores.eq(StoredDocument::of(&sheet.scores)?),
            batch_sheets::comment.eq(&sheet.comment),
            batch_sheets::struck.eq(i16::from(sheet.is_struck)),
        ))
        .execute(conn)
        .map(drop)
        .map_err(translate)
}

/// Forgets the sheets that became answers, and the comments on those that were struck out.
///
/// # Errors
/// Those of the database.
pub fn hand_over(conn: &mut Conn, batch: BatchId) -> Result<()> {
    let of_batch = || batch_sheets::batch_id.eq(batch.raw());
    let standing = batch_sheets::table.filter(of_batch()).filter(batch_sheets::struck.eq(0));
    diesel::delete(standing).execute(conn).map_err(translate)?;
    diesel::update(batch_sheets::table.filter(of_batch()))
        .set(batch_sheets::comment.eq(""))
        .execute(conn)
        .map(drop)
        .map_err(translate)
}
