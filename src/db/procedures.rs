//! Fields and procedures.

use chrono::NaiveDate;
use diesel::{ExpressionMethods, QueryDsl, Queryable, RunQueryDsl, Selectable, SelectableHelper};

use super::conn::Conn;
use super::schema::{fields, procedure_versions};
use super::violation::translate;
use crate::domain::closure::Closure;
use crate::domain::procedure::{Field, ProcedureVersion};
use crate::error::Result;
use crate::locale::compare_names;

#[derive(Queryable, Selectable)]
#[diesel(table_name = fields)]
struct FieldRow {
    id: i64,
    key: String,
    name: String,
    name_en: String,
    closed_from: Option<NaiveDate>,
    reopened_from: Option<NaiveDate>,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = procedure_versions)]
struct VersionRow {
    procedure_id: i64,
    code: String,
    name: String,
    field_id: i64,
    confirmed: i16,
    valid_from: NaiveDate,
    valid_to: Option<NaiveDate>,
}

/// Fields in their official order.
///
/// # Errors
/// Those of the database.
pub fn fields(conn: &mut Conn) -> Result<Vec<Field>> {
    let rows = fields::table
        .select(FieldRow::as_select())
        .order(fields::position.asc())
        .load(conn)
        .map_err(translate)?;
    Ok(rows
        .into_iter()
        .map(|row| Field {
            id: row.id.into(),
            key: row.key,
            name: row.name,
            name_en: row.name_en,
            closure: Closure { from: row.closed_from, until: row.reopened_from },
        })
        .collect())
}

/// Versions of all procedures, by name.
///
/// # Errors
/// Those of the database.
pub fn versions(conn: &mut Conn) -> Result<Vec<ProcedureVersion>> {
    let rows = procedure_versions::table.select(VersionRow::as_select()).load(conn).map_err(translate)?;
    let mut versions: Vec<ProcedureVersion> = rows
        .into_iter()
        .map(|row| ProcedureVersion {
            procedure: row.procedure_id.into(),
            code: row.code,
            name: row.name,
            field: row.field_id.into(),
            confirmed: row.confirmed != 0,
            valid_from: row.valid_from,
            valid_to: row.valid_to,
        })
        .collect();
    // Sorted here, since the two databases collate Vietnamese differently.
    versions.sort_by(|one, other| {
        compare_names(&one.name, &other.name).then(one.valid_from.cmp(&other.valid_from))
    });
    Ok(versions)
}
