//! What the rows of the workbook are called: code and name of each part in columns of their own.

use crate::app::publications::Names;
use crate::domain::dataset::{Cut, Row};
use crate::domain::questionnaire::Kind;

/// The code and name of a row, and of the second part of its key where it has one.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Named {
    /// Code.
    pub code: String,
    /// Name.
    pub name: String,
    /// Code of the second part.
    pub second_code: String,
    /// Name of the second part.
    pub second: String,
}

impl Named {
    /// What a row is called.
    pub fn of(names: &Names, kind: Kind, by: Cut, row: &Row) -> Self {
        let mut parts = row.key.iter().map(String::as_str);
        let first = parts.next().unwrap_or_default();
        let second = parts.next().unwrap_or_default();
        match by {
            Cut::Total => Self { name: names.lang().text("workbook.total"), ..Self::default() },
            Cut::Unit | Cut::UnitThen | Cut::Deciding => Self::unit(names, first),
            Cut::UnitField => Self {
                second_code: second.to_owned(),
                second: names.field_name(second),
                ..Self::unit(names, first)
            },
            Cut::Procedure => Self::procedure(names, first),
            Cut::Counter => names.counter(first).map_or_else(
                || Self { name: names.row(kind, by, &row.key), ..Self::default() },
                |counter| Self { second: counter.name.clone(), ..Self::unit(names, &counter.unit) },
            ),
            Cut::Month => Self { code: first.to_owned(), name: period(names, first), ..Self::default() },
            Cut::Trend => Self {
                code: first.to_owned(),
                name: period(names, first),
                second_code: second.to_owned(),
                second: short_target(names, second),
            },
            Cut::Target | Cut::Field | Cut::Element | Cut::Stage | Cut::Channel | Cut::Flag => {
                Self { code: first.to_owned(), name: names.row(kind, by, &row.key), ..Self::default() }
            }
        }
    }

    fn unit(names: &Names, id: &str) -> Self {
        let code = names.unit(id).map(|unit| unit.code.clone()).unwrap_or_default();
        Self { code, name: names.unit_name(id), ..Self::default() }
    }

    fn procedure(names: &Names, id: &str) -> Self {
        let Some(procedure) = names.procedure(id) else {
            return Self { name: names.procedure_name(id), ..Self::default() };
        };
        Self {
            code: procedure.code.clone(),
            name: procedure.name.clone(),
            second_code: procedure.field.clone(),
            second: names.field_name(&procedure.field),
        }
    }
}

/// What a target is about in few words, for a legend.
pub fn short_target(names: &Names, key: &str) -> String {
    match names.target(key).map(|target| (&target.fields, target.kind)) {
        Some((Some(fields), _)) => pool(names, fields),
        Some((None, Some(kind))) => names.word("workbook.kind", kind.key()),
        Some((None, None)) | None => names.target_name(key),
    }
}

/// The names of fields that are counted together.
pub fn pool<T: AsRef<str>>(names: &Names, fields: &[T]) -> String {
    fields.iter().map(|field| names.field_name(field.as_ref())).collect::<Vec<_>>().join(" + ")
}

/// The name of a period that begins a line.
pub fn period(names: &Names, key: &str) -> String {
    let name = names.period(key);
    let mut letters = name.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}
