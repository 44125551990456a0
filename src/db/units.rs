//! Units, their versions and successions.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use diesel::{ExpressionMethods, QueryDsl, Queryable, RunQueryDsl, Selectable, SelectableHelper};

use super::conn::Conn;
use super::schema::{unit_fields, unit_successions, unit_versions};
use super::violation::translate;
use crate::domain::ids::{FieldId, UnitId};
use crate::domain::unit::{Extent, Succession, UnitLevel, UnitVersion, Units};
use crate::error::{Error, Result};

#[derive(Queryable, Selectable)]
#[diesel(table_name = unit_versions)]
struct VersionRow {
    unit_id: i64,
    code: String,
    name: String,
    level: String,
    parent_id: Option<i64>,
    valid_from: NaiveDate,
    valid_to: Option<NaiveDate>,
}

impl TryFrom<VersionRow> for UnitVersion {
    type Error = Error;

    fn try_from(row: VersionRow) -> Result<Self> {
        let level = UnitLevel::from_key(&row.level)
            .ok_or_else(|| Error::internal(format!("a unit of the unknown level {}", row.level)))?;
        Ok(Self {
            unit: row.unit_id.into(),
            code: row.code,
            name: row.name,
            level,
            parent: row.parent_id.map(UnitId::from),
            valid_from: row.valid_from,
            valid_to: row.valid_to,
        })
    }
}

/// All units of all times.
///
/// # Errors
/// Those of the database.
pub fn load(conn: &mut Conn) -> Result<Units> {
    let versions = unit_versions::table
        .select(VersionRow::as_select())
        .load(conn)
        .map_err(translate)?
        .into_iter()
        .map(UnitVersion::try_from)
        .collect::<Result<Vec<_>>>()?;
    let successions = unit_successions::table
        .select((
            unit_successions::old_unit_id,
            unit_successions::new_unit_id,
            unit_successions::extent,
            unit_successions::since,
        ))
        .load::<(i64, i64, String, NaiveDate)>(conn)
        .map_err(translate)?
        .into_iter()
        .map(|(old, new, extent, since)| Succession {
            old: old.into(),
            new: new.into(),
            extent: if extent == "whole" { Extent::Whole } else { Extent::Part },
            since,
        })
        .collect();
    Ok(Units::new(versions, successions))
}

/// The bodies that handle each field.
///
/// # Errors
/// Those of the database.
pub fn bodies_by_field(conn: &mut Conn) -> Result<BTreeMap<FieldId, Vec<UnitId>>> {
    let rows = unit_fields::table
        .select((unit_fields::field_id, unit_fields::unit_id))
        .order(unit_fields::unit_id.asc())
        .load::<(i64, i64)>(conn)
        .map_err(translate)?;
    let mut bodies: BTreeMap<FieldId, Vec<UnitId>> = BTreeMap::new();
    for (field, unit) in rows {
        bodies.entry(field.into()).or_default().push(unit.into());
    }
    Ok(bodies)
}
