//! Targets of the plan, imported figures and dossiers settled.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use diesel::{
    ExpressionMethods, OptionalExtension, QueryDsl, Queryable, QueryableByName, RunQueryDsl, Selectable,
    SelectableHelper,
};

use super::conn::Conn;
use super::schema::{imported_figures, targets};
use super::sums::list;
use super::violation::translate;
use crate::domain::ids::{FieldId, UnitId};
use crate::domain::period::Period;
use crate::domain::procedure::Field;
use crate::domain::questionnaire::Kind;
use crate::domain::target::{Scope, Target, Threshold};
use crate::error::{Error, Result};

#[derive(Queryable, Selectable)]
#[diesel(table_name = targets)]
struct TargetRow {
    key: String,
    name: String,
    name_en: String,
    kind: String,
    fields: String,
    threshold: i32,
    source: String,
    legal_basis: String,
    valid_from: NaiveDate,
    valid_to: Option<NaiveDate>,
}

/// Targets of all times in their official order.
///
/// # Errors
/// Those of the database; internal for a target that names an unknown kind or field.
pub fn load(conn: &mut Conn, fields: &[Field]) -> Result<Vec<Target>> {
    let rows = targets::table
        .select(TargetRow::as_select())
        .order((targets::position.asc(), targets::valid_from.asc()))
        .load(conn)
        .map_err(translate)?;
    rows.into_iter().map(|row| target(row, fields)).collect()
}

fn target(row: TargetRow, fields: &[Field]) -> Result<Target> {
    let broken = |what: &str| Error::internal(format!("the target {} has an unknown {what}", row.key));
    let scope = if row.source == "imported" {
        Scope::Imported
    } else {
        Scope::Measured {
            kind: Kind::from_key(&row.kind).ok_or_else(|| broken("kind"))?,
            fields: field_ids(&row.fields, fields).ok_or_else(|| broken("field"))?,
        }
    };
    Ok(Target {
        threshold: Threshold::of_hundredths(row.threshold).ok_or_else(|| broken("threshold"))?,
        scope,
        key: row.key,
        name: row.name,
        name_en: row.name_en,
        legal_basis: row.legal_basis,
        valid_from: row.valid_from,
        valid_to: row.valid_to,
    })
}

/// `*` is every field; otherwise keys with bars between. The outer `None` is an unknown key.
#[expect(clippy::option_option, reason = "every field and an unknown field are different answers")]
fn field_ids(text: &str, fields: &[Field]) -> Option<Option<Vec<FieldId>>> {
    if text == "*" {
        return Some(None);
    }
    let id = |key: &str| fields.iter().find(|field| field.key == key).map(|field| field.id);
    text.split('|').map(id).collect::<Option<Vec<_>>>().map(Some)
}

/// A figure that another ministry's method gave.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImportedFigure {
    /// Key of the target that it is held against.
    pub target: String,
    /// Days that it covers.
    pub period: Period,
    /// The index in hundredths of a percent.
    pub hundredths: i32,
    /// Respondents, where the source says it.
    pub respondents: Option<i64>,
    /// Where it was read.
    pub source: String,
}

/// The imported figure of a target for exactly these days.
///
/// # Errors
/// Those of the database.
pub fn imported(conn: &mut Conn, target: &str, period: Period) -> Result<Option<ImportedFigure>> {
    let row = imported_figures::table
        .filter(imported_figures::target_key.eq(target))
        .filter(imported_figures::period_from.eq(period.from()))
        .filter(imported_figures::period_to.eq(period.to()))
        .select((imported_figures::index_value, imported_figures::respondents, imported_figures::source))
        .first::<(i32, Option<i64>, String)>(conn)
        .optional()
        .map_err(translate)?;
    Ok(row.map(|(hundredths, respondents, source)| ImportedFigure {
        target: target.to_owned(),
        period,
        hundredths,
        respondents,
        source,
    }))
}

/// Every imported figure, the newest period of each target first.
///
/// # Errors
/// Those of the database; internal for a period that ends before it begins.
pub fn figures(conn: &mut Conn) -> Result<Vec<ImportedFigure>> {
    let rows = imported_figures::table
        .order((imported_figures::target_key.asc(), imported_figures::period_from.desc()))
        .load::<(String, NaiveDate, NaiveDate, i32, Option<i64>, String)>(conn)
        .map_err(translate)?;
    let figure = |(target, from, to, hundredths, respondents, source)| {
        let period = Period::between(from, to);
        let period = period.ok_or_else(|| Error::internal("an imported figure ends before it begins"))?;
        Ok(ImportedFigure { target, period, hundredths, respondents, source })
    };
    rows.into_iter().map(figure).collect()
}

#[derive(QueryableByName)]
struct SettledRow {
    #[diesel(sql_type = diesel::sql_types::BigInt)]
    unit_id: i64,
    #[diesel(sql_type = diesel::sql_types::BigInt)]
    field_id: i64,
    #[diesel(sql_type = diesel::sql_types::Integer)]
    month: i32,
    #[diesel(sql_type = diesel::sql_types::BigInt)]
    settled: i64,
}

/// Dossiers settled from one month to another, of some units or of all: unit, field, month as yyyymm, count.
/// Unless `by_month` asks for them, months are summed and zero.
///
/// # Errors
/// Those of the database.
pub fn settled(
    conn: &mut Conn,
    [from, to]: [i32; 2],
    units: Option<&BTreeSet<UnitId>>,
    by_month: bool,
) -> Result<Vec<(UnitId, FieldId, i32, u64)>> {
    let (month, group) = if by_month { ("month", ", month") } else { ("0", "") };
    let of_units = units.map_or_else(String::new, |units| {
        format!(" AND unit_id IN ({})", list(units.iter().map(|unit| unit.raw())))
    });
    let rows: Vec<SettledRow> = diesel::sql_query(format!(
        "SELECT unit_id, field_id, CAST({month} AS INTEGER) AS month, CAST(SUM(settled) AS BIGINT) AS settled \
         FROM dossiers WHERE month BETWEEN {from} AND {to}{of_units} GROUP BY unit_id, field_id{group}"
    ))
    .load(conn)
    .map_err(translate)?;
    let count = |row: SettledRow| {
        let settled = u64::try_from(row.settled).unwrap_or_default();
        (row.unit_id.into(), row.field_id.into(), row.month, settled)
    };
    Ok(rows.into_iter().map(count).collect())
}
