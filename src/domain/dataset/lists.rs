//! The lists that explain the keys of a dataset.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::domain::questionnaire::Kind;

/// A target of the plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TargetEntry {
    /// Key.
    pub key: String,
    /// Vietnamese name.
    pub name: String,
    /// English name.
    pub name_en: String,
    /// Kind that is judged; none for an imported figure.
    pub kind: Option<Kind>,
    /// Keys of the fields pooled; none means all.
    pub fields: Option<Vec<String>>,
    /// Hundredths of a percent.
    pub threshold: i32,
    /// Where it is laid down.
    pub legal_basis: String,
    /// First day.
    pub valid_from: NaiveDate,
    /// Day on which it no longer holds.
    pub valid_to: Option<NaiveDate>,
}

/// A questionnaire version.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct QuestionnaireEntry {
    /// Kind.
    pub kind: Kind,
    /// Version.
    pub version: i32,
    /// Words of the levels from 5 down to 1, in Vietnamese.
    pub levels: [String; 5],
    /// Questions asked, in order.
    pub questions: Vec<QuestionEntry>,
}

/// A question.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct QuestionEntry {
    /// Key.
    pub key: String,
    /// Whether F1 is computed over it; the others are elements.
    pub headline: bool,
    /// As it is asked, in Vietnamese.
    pub ask: String,
    /// What it measures, in Vietnamese.
    pub label: String,
    /// What it measures, in English.
    pub label_en: String,
}

/// A unit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UnitEntry {
    /// Stable id, as in the keys of rows.
    pub id: String,
    /// Official code.
    pub code: String,
    /// Name.
    pub name: String,
    /// `tinh`, `huyen`, `xa` or `so`.
    pub level: String,
    /// First day of this code and name.
    pub valid_from: NaiveDate,
    /// Day on which they no longer hold.
    pub valid_to: Option<NaiveDate>,
    /// Ids of the units whose answers are counted for it, itself among them.
    pub holds: Vec<String>,
}

/// A counter.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CounterEntry {
    /// Id, as in the keys of rows.
    pub id: String,
    /// Id of the unit that runs it, as units are now.
    pub unit: String,
    /// Name.
    pub name: String,
}

/// A field.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldEntry {
    /// Key.
    pub key: String,
    /// Vietnamese name.
    pub name: String,
    /// English name.
    pub name_en: String,
}

/// A procedure.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProcedureEntry {
    /// Id, as in the keys of rows.
    pub id: String,
    /// Code.
    pub code: String,
    /// Name.
    pub name: String,
    /// Key of its field.
    pub field: String,
}
