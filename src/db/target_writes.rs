//! Targets, and the figures that other methods give, as they are written.

use chrono::NaiveDate;
use diesel::prelude::*;

use super::conn::Conn;
use super::schema::{imported_figures, targets};
use super::targets::ImportedFigure;
use super::violation::translate;
use crate::error::Result;

/// A target as a row of the table holds it.
#[derive(Debug)]
pub struct NewTarget<'a> {
    /// Key.
    pub key: &'a str,
    /// Vietnamese name.
    pub name: &'a str,
    /// English name.
    pub name_en: &'a str,
    /// Questionnaire kind, or what another method measures.
    pub kind: &'a str,
    /// Keys of fields with `|` between them, or `*`.
    pub fields: &'a str,
    /// Hundredths of a percent.
    pub threshold: i32,
    /// `measured` or `imported`.
    pub source: &'a str,
    /// Where it is laid down.
    pub legal_basis: &'a str,
    /// Place in the official order.
    pub position: i32,
    /// First day.
    pub valid_from: NaiveDate,
    /// Day on which it no longer holds.
    pub valid_to: Option<NaiveDate>,
}

/// Adds a target.
///
/// # Errors
/// Conflict when the key already has a target from that day.
pub fn insert(conn: &mut Conn, target: &NewTarget<'_>) -> Result<()> {
    diesel::insert_into(targets::table)
        .values((
            targets::key.eq(target.key),
            targets::name.eq(target.name),
            targets::name_en.eq(target.name_en),
            targets::kind.eq(target.kind),
            targets::fields.eq(target.fields),
            targets::threshold.eq(target.threshold),
            targets::source.eq(target.source),
            targets::legal_basis.eq(target.legal_basis),
            targets::position.eq(target.position),
            targets::valid_from.eq(target.valid_from),
            targets::valid_to.eq(target.valid_to),
        ))
        .execute(conn)
        .map(drop)
        .map_err(translate)
}

/// What a successor says anew; the rest it takes over.
#[derive(Debug)]
pub struct Successor<'a> {
    /// Vietnamese name.
    pub name: &'a str,
    /// English name.
    pub name_en: &'a str,
    /// Hundredths of a percent.
    pub threshold: i32,
    /// Where it is laid down.
    pub legal_basis: &'a str,
    /// First day.
    pub from: NaiveDate,
}

/// Ends the row of a target that begins on a day.
///
/// # Errors
/// Those of the database.
pub fn end(conn: &mut Conn, key: &str, begins: NaiveDate, end: NaiveDate) -> Result<()> {
    diesel::update(targets::table.filter(targets::key.eq(key).and(targets::valid_from.eq(begins))))
        .set(targets::valid_to.eq(end))
        .execute(conn)
        .map(drop)
        .map_err(translate)
}

/// Lets the row of a target that begins on a day go on until another, or without an end.
///
/// # Errors
/// Those of the database.
pub fn restore(conn: &mut Conn, key: &str, begins: NaiveDate, end: Option<NaiveDate>) -> Result<()> {
    diesel::update(targets::table.filter(targets::key.eq(key).and(targets::valid_from.eq(begins))))
        .set(targets::valid_to.eq(end))
        .execute(conn)
        .map(drop)
        .map_err(translate)
}

/// Takes the row of a target away that begins on a day.
///
/// # Errors
/// Those of the database.
pub fn delete(conn: &mut Conn, key: &str, begins: NaiveDate) -> Result<()> {
    diesel::delete(targets::table.filter(targets::key.eq(key).and(targets::valid_from.eq(begins))))
        .execute(conn)
        .map(drop)
        .map_err(translate)
}

/// Lets a row follow the one that begins on a day.
///
/// # Errors
/// Not found without such a row; conflict when the key already has a target from that day.
pub fn follow(conn: &mut Conn, key: &str, begins: NaiveDate, next: &Successor<'_>) -> Result<()> {
    let (kind, fields, source, position) = targets::table
        .filter(targets::key.eq(key).and(targets::valid_from.eq(begins)))
        .select((targets::kind, targets::fields, targets::source, targets::position))
        .first::<(String, String, String, i32)>(conn)
        .map_err(translate)?;
    let row = NewTarget {
        key,
        name: next.name,
        name_en: next.name_en,
        kind: &kind,
        fields: &fields,
        threshold: next.threshold,
        source: &source,
        legal_basis: next.legal_basis,
        position,
        valid_from: next.from,
        valid_to: None,
    };
    insert(conn, &row)
}

/// Keys of the targets whose figures are imported.
///
/// # Errors
/// Those of the database.
pub fn imported_keys(conn: &mut Conn) -> Result<Vec<String>> {
    let keys = targets::table
        .filter(targets::source.eq("imported"))
        .order((targets::position, targets::key))
        .select(targets::key);
    let mut keys: Vec<String> = keys.load(conn).map_err(translate)?;
    // A successor bears the key of the one before.
    keys.dedup();
    Ok(keys)
}

/// Adds a figure.
///
/// # Errors
/// Conflict when there is one for that target and period.
pub fn insert_figure(conn: &mut Conn, figure: &ImportedFigure) -> Result<()> {
    diesel::insert_into(imported_figures::table)
        .values((
            imported_figures::target_key.eq(figure.target.as_str()),
            imported_figures::period_from.eq(figure.period.from()),
            imported_figures::period_to.eq(figure.period.to()),
            imported_figures::index_value.eq(figure.hundredths),
            imported_figures::respondents.eq(figure.respondents),
            imported_figures::source.eq(figure.source.as_str()),
        ))
        .execute(conn)
        .map(drop)
        .map_err(translate)
}

/// Corrects a figure.
///
/// # Errors
/// Those of the database.
pub fn update_figure(conn: &mut Conn, figure: &ImportedFigure) -> Result<()> {
    let same = imported_figures::target_key
        .eq(figure.target.as_str())
        .and(imported_figures::period_from.eq(figure.period.from()))
        .and(imported_figures::period_to.eq(figure.period.to()));
    diesel::update(imported_figures::table.filter(same))
        .set((
            imported_figures::index_value.eq(figure.hundredths),
            imported_figures::respondents.eq(figure.respondents),
            imported_figures::source.eq(figure.source.as_str()),
        ))
        .execute(conn)
        .map(drop)
        .map_err(translate)
}
