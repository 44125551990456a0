//! Fields and procedures; a procedure keeps its id while its code and name change.

use chrono::NaiveDate;

use super::closure::Closure;
use super::ids::{FieldId, ProcedureId};
use super::unit::is_valid_on;
use crate::locale::Lang;

/// A field of administrative procedures.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field {
    /// Id.
    pub id: FieldId,
    /// Word used in addresses, imports and exports.
    pub key: String,
    /// Vietnamese name.
    pub name: String,
    /// English name.
    pub name_en: String,
    /// When it is closed.
    pub closure: Closure,
}

impl Field {
    /// Whether nothing new belongs to the field on a day.
    pub fn is_closed_on(&self, day: NaiveDate) -> bool {
        self.closure.holds_on(day)
    }

    /// The name in a language.
    pub fn name_in(&self, lang: Lang) -> &str {
        match lang {
            Lang::Vi => &self.name,
            Lang::En => &self.name_en,
        }
    }
}

/// A procedure as it was from one day until another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProcedureVersion {
    /// The procedure.
    pub procedure: ProcedureId,
    /// Code of the national list; differs by province and year.
    pub code: String,
    /// Official Vietnamese name.
    pub name: String,
    /// Field.
    pub field: FieldId,
    /// Whether the code was checked against the national list.
    pub confirmed: bool,
    /// First day.
    pub valid_from: NaiveDate,
    /// Day on which it no longer holds.
    pub valid_to: Option<NaiveDate>,
}

impl ProcedureVersion {
    /// Whether the version is in force on a day.
    pub fn is_valid_on(&self, day: NaiveDate) -> bool {
        is_valid_on(self.valid_from, self.valid_to, day)
    }
}
