//! Exports: one sheet of values, written as text table, CSV, XLSX or JSON with equal figures.

use std::borrow::Cow;

use comfy_table::{CellAlignment, ContentArrangement, presets::UTF8_HORIZONTAL_ONLY};
use rust_xlsxwriter::{Format, FormatAlign, Workbook, XlsxError};
use serde_json::{Map, json};

use super::catalogue::Snapshot;
use super::scores::{self, Cell, Compared, Dimension, Figures, Query, Row, Table, name};
use crate::domain::index::{METHOD, METHOD_VERSION};
use crate::domain::number::{in_hundredths, nearest, real};
use crate::error::{Error, Result};
use crate::locale::Lang;

/// A value of a cell. Real numbers are whole hundredths, so that every form prints the same digits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// A text.
    Text(String),
    /// A whole number.
    Count(u64),
    /// A number with two decimals, in hundredths.
    Hundredths(i64),
    /// Nothing to say.
    Empty,
    /// Over too few people to be shown.
    Hidden,
}

impl Value {
    fn text(text: impl Into<String>) -> Self {
        Self::Text(text.into())
    }

    fn hundredths(value: Option<f64>) -> Self {
        value.map_or(Self::Empty, |value| Self::Hundredths(nearest(value * 100.0)))
    }

    fn plain(&self) -> String {
        match self {
            Self::Text(text) => text.clone(),
            Self::Count(count) => count.to_string(),
            Self::Hundredths(value) => decimal(*value),
            Self::Empty => String::new(),
            Self::Hidden => "…".to_owned(),
        }
    }
}

fn decimal(hundredths: i64) -> String {
    let sign = if hundredths < 0 { "-" } else { "" };
    let size = hundredths.unsigned_abs();
    format!("{sign}{}.{:02}", size / 100, size % 100)
}

/// Columns with their stable keys and titles, and rows of values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sheet {
    /// Stable key and title of each column.
    pub columns: Vec<(String, String)>,
    /// Rows; the last is the total.
    pub rows: Vec<Vec<Value>>,
}

/// The columns after the cuts, in order.
pub const FIGURES: [&str; 35] = [
    "n",
    "satisfied",
    "n5",
    "n4",
    "n3",
    "n2",
    "n1",
    "na",
    "index",
    "low",
    "high",
    "target",
    "verdict",
    "index_before",
    "difference",
    "difference_sure",
    "f2",
    "f3",
    "f4",
    "f4_of_5",
    "f4_of_span",
    "f5",
    "f5_coverage",
    "f5_effective_n",
    "f5_capped",
    "n_without_flagged",
    "index_without_flagged",
    "n_with_flagged",
    "index_with_flagged",
    "settled",
    "goal",
    "split",
    "questionnaire_changed",
    "view",
    "method",
];

/// Lays a table of scores out as a sheet, beside the period before.
pub fn sheet(compared: &Compared, snapshot: &Snapshot, lang: Lang) -> Sheet {
    let table = &compared.table;
    let query = &table.query;
    let title = |key: &str| lang.text(&format!("column.{key}"));
    let mut columns = vec![("kind".to_owned(), title("kind")), ("period".to_owned(), title("period"))];
    for dimension in &query.by {
        let name = lang.text(&format!("dimension.{}", dimension.key()));
        columns.push((format!("{}_code", dimension.key()), format!("{name} ({})", title("code"))));
        columns.push((dimension.key().to_owned(), name));
    }
    columns.extend(FIGURES.iter().map(|key| ((*key).to_owned(), title(key))));
    let rows = table.rows.iter().chain([&table.total]).map(|row| {
        let mut values = vec![Value::text(query.kind.key()), Value::text(query.period.to_string())];
        cut_values(&mut values, row, table, snapshot, lang);
        figure_values(&mut values, row, compared, &changed(row, table, snapshot), lang);
        values
    });
    Sheet { columns, rows: rows.collect() }
}

fn cut_values(values: &mut Vec<Value>, row: &Row, table: &Table, snapshot: &Snapshot, lang: Lang) {
    for (place, dimension) in table.query.by.iter().enumerate() {
        match row.cells.get(place) {
            Some(cell) => {
                values.push(Value::Text(code(*cell, snapshot, table)));
                values.push(Value::Text(name(*cell, snapshot, table.day, lang)));
            }
            // Only the total has no cells.
            None => values.extend([Value::text("*"), Value::Text(total(*dimension, &table.query, lang))]),
        }
    }
}

/// What the total of a table by a dimension is called: that of elements is about the overall question, and that
/// of stages leaves out those that the headline does not count.
pub fn total(by: Dimension, query: &Query, lang: Lang) -> String {
    let is_narrower = query.kind.has_fields() && query.stages.is_none();
    lang.text(match by {
        Dimension::Element => "column.total-headline",
        Dimension::Stage if is_narrower => "column.total-stages",
        _ => "column.total",
    })
}

fn code(cell: Cell, snapshot: &Snapshot, table: &Table) -> String {
    let day = table.day;
    match cell {
        Cell::Unit(unit) => snapshot.units.nearest(unit, day).map(|unit| unit.code.clone()),
        Cell::Counter(counter) => Some(counter.to_string()),
        Cell::Field(field) => field.and_then(|id| snapshot.field(id)).map(|field| field.key.clone()),
        Cell::Procedure(id) => id.and_then(|id| snapshot.procedure(id, day)).map(|one| one.code.clone()),
        Cell::Stage(stage) => stage.map(|stage| stage.key().to_owned()),
        Cell::Channel(channel) => channel.map(|channel| channel.key().to_owned()),
        Cell::Element(id) => {
            snapshot.questions(table.query.kind).find(|question| question.id == id).map(|one| one.key.clone())
        }
        Cell::Period(period) => Some(period.to_string()),
    }
    .unwrap_or_default()
}

fn changed(row: &Row, table: &Table, snapshot: &Snapshot) -> Value {
    let days = scores::breaks(row, &table.query, snapshot);
    let days: Vec<String> = days.iter().map(ToString::to_string).collect();
    if days.is_empty() { Value::Empty } else { Value::Text(days.join(" ")) }
}

fn figure_values(values: &mut Vec<Value>, row: &Row, compared: &Compared, changed: &Value, lang: Lang) {
    let table = &compared.table;
    let Some(figures) = &row.figures else {
        let hidden = FIGURES.iter().map(|key| match *key {
            "target" => Value::hundredths(row.threshold.map(|threshold| threshold.percent())),
            "settled" => row.settled.map_or(Value::Empty, Value::Count),
            "goal" => row.goal().map_or(Value::Empty, Value::Count),
            "split" => yes(row.split, lang),
            "questionnaire_changed" => changed.clone(),
            "view" => Value::text(table.query.view.key()),
            "method" => Value::Text(method()),
            _ => Value::Hidden,
        });
        values.extend(hidden);
        return;
    };
    let levels = &figures.levels;
    values.extend([levels.valid(), levels.satisfied()].map(Value::Count));
    values.extend(levels.descending().map(Value::Count));
    values.push(Value::Count(levels.na));
    let interval = figures.interval();
    values.push(Value::hundredths(figures.f1.percent()));
    values.push(Value::hundredths(interval.map(|interval| interval.low)));
    values.push(Value::hundredths(interval.map(|interval| interval.high)));
    values.push(Value::hundredths(row.threshold.map(|threshold| threshold.percent())));
    values.push(
        row.verdict
            .map_or(Value::Empty, |verdict| Value::Text(lang.text(&format!("verdict.{}", verdict.key())))),
    );
    values.push(Value::hundredths(compared.before(row)));
    values.push(Value::hundredths(compared.difference(row)));
    values.push(compared.has_surely_changed(row).map_or(Value::Empty, |sure| yes_or_no(sure, lang)));
    other_formulas(values, figures, table);
    let weighted = row.weighted.as_ref();
    values.push(Value::hundredths(weighted.map(|weighted| weighted.percent)));
    values.push(Value::hundredths(weighted.map(|weighted| weighted.coverage)));
    values.push(Value::hundredths(weighted.map(|weighted| weighted.effective)));
    let capped = weighted.is_some_and(|weighted| weighted.capped);
    values.push(yes(capped, lang));
    for part in [&row.without_flagged, &row.with_flagged] {
        values.push(part.as_ref().map_or(Value::Hidden, |part| Value::Count(part.f1.n)));
        values.push(part.as_ref().map_or(Value::Hidden, |part| Value::hundredths(part.f1.percent())));
    }
    values.push(row.settled.map_or(Value::Empty, Value::Count));
    values.push(row.goal().map_or(Value::Empty, Value::Count));
    values.push(yes(row.split, lang));
    values.push(changed.clone());
    values.push(Value::text(table.query.view.key()));
    values.push(Value::Text(method()));
}

fn yes_or_no(is_so: bool, lang: Lang) -> Value {
    Value::Text(lang.text(if is_so { "column.yes" } else { "column.no" }))
}

/// "yes", or nothing.
fn yes(is_so: bool, lang: Lang) -> Value {
    if is_so { yes_or_no(true, lang) } else { Value::text("") }
}

fn other_formulas(values: &mut Vec<Value>, figures: &Figures, table: &Table) {
    let by_element = table.query.by.contains(&Dimension::Element);
    let pooled = |share: crate::domain::index::Share| {
        if by_element { Value::Empty } else { Value::hundredths(share.percent()) }
    };
    values.extend([pooled(figures.f2), pooled(figures.f3)]);
    let mean = figures.mean();
    values.push(Value::hundredths(mean.map(|mean| mean.score)));
    values.push(Value::hundredths(mean.map(|mean| mean.of_five)));
    values.push(Value::hundredths(mean.map(|mean| mean.of_span)));
}

/// Name and version of the method, as every figure carries them.
pub fn method() -> String {
    format!("{METHOD} v{METHOD_VERSION}")
}

/// A table for a terminal.
pub fn text(sheet: &Sheet) -> String {
    let mut table = comfy_table::Table::new();
    table.load_style(UTF8_HORIZONTAL_ONLY).set_content_arrangement(ContentArrangement::Disabled);
    table.set_header(sheet.columns.iter().map(|(_, title)| title.as_str()));
    for row in &sheet.rows {
        table.add_row(row.iter().map(|value| {
            let side =
                if matches!(value, Value::Text(_)) { CellAlignment::Left } else { CellAlignment::Right };
            comfy_table::Cell::new(value.plain()).set_alignment(side)
        }));
    }
    table.to_string()
}

/// CSV in UTF-8 with a byte-order mark, its first row the stable keys.
///
/// A text that a spreadsheet would run as a formula gets an apostrophe in front.
///
/// # Errors
/// Internal, when the writer fails.
pub fn csv(sheet: &Sheet) -> Result<Vec<u8>> {
    let mut writer = csv::Writer::from_writer("\u{feff}".as_bytes().to_vec());
    writer.write_record(sheet.columns.iter().map(|(key, _)| key)).map_err(Error::internal)?;
    for row in &sheet.rows {
        writer.write_record(row.iter().map(safe)).map_err(Error::internal)?;
    }
    writer.into_inner().map_err(Error::internal)
}

fn safe(value: &Value) -> String {
    match value {
        Value::Text(text) => harmless(text).into_owned(),
        other => other.plain(),
    }
}

/// A text as a spreadsheet may read it from a CSV: an apostrophe before what it would run as a formula.
pub fn harmless(text: &str) -> Cow<'_, str> {
    let is_formula = text.starts_with(['=', '+', '-', '@', '\t', '\r']);
    if is_formula { Cow::Owned(format!("'{text}")) } else { Cow::Borrowed(text) }
}

/// An XLSX workbook with one sheet: titles frozen and filtered, numbers as numbers.
///
/// # Errors
/// Internal, when the writer fails.
pub fn xlsx(sheet: &Sheet, title: &str) -> Result<Vec<u8>> {
    write_xlsx(sheet, title).map_err(Error::internal)
}

fn write_xlsx(sheet: &Sheet, title: &str) -> std::result::Result<Vec<u8>, XlsxError> {
    let mut workbook = Workbook::new();
    let head = Format::new().set_bold().set_text_wrap().set_align(FormatAlign::Top);
    let count = Format::new().set_num_format("#,##0");
    let two = Format::new().set_num_format("0.00");
    let page = workbook.add_worksheet().set_name(title)?;
    page.set_landscape().set_paper_size(9).set_repeat_rows(0, 0)?.set_freeze_panes(1, 0)?;
    for ((_, title), column) in sheet.columns.iter().zip(0u16..) {
        page.write_string_with_format(0, column, title, &head)?;
    }
    for (line, row) in sheet.rows.iter().zip(1u32..) {
        for (value, column) in line.iter().zip(0u16..) {
            match value {
                Value::Text(text) => page.write_string(row, column, text)?,
                Value::Count(number) => page.write_number_with_format(row, column, real(*number), &count)?,
                Value::Hundredths(number) => {
                    page.write_number_with_format(row, column, in_hundredths(*number), &two)?
                }
                Value::Empty => page,
                Value::Hidden => page.write_string(row, column, "…")?,
            };
        }
    }
    let last_row = u32::try_from(sheet.rows.len()).unwrap_or(u32::MAX);
    let last_column = u16::try_from(sheet.columns.len().saturating_sub(1)).unwrap_or(u16::MAX);
    page.autofilter(0, 0, last_row, last_column)?;
    page.autofit();
    workbook.save_to_buffer()
}

/// JSON: an array of objects by the stable keys; hidden values are the text "…", empty ones null.
///
/// # Errors
/// Internal, when the writer fails.
pub fn json(sheet: &Sheet) -> Result<Vec<u8>> {
    let rows = sheet.rows.iter().map(|row| {
        let members = sheet.columns.iter().zip(row).map(|((key, _), value)| {
            let value = match value {
                Value::Count(count) => json!(count),
                Value::Hundredths(number) => json!(in_hundredths(*number)),
                Value::Empty => serde_json::Value::Null,
                other => json!(other.plain()),
            };
            (key.clone(), value)
        });
        serde_json::Value::Object(members.collect::<Map<_, _>>())
    });
    serde_json::to_vec_pretty(&rows.collect::<Vec<_>>()).map_err(Error::internal)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_that_looks_like_a_formula_is_made_harmless_and_a_number_is_not_touched() {
        assert_eq!(safe(&Value::text("=HYPERLINK(\"x\")")), "'=HYPERLINK(\"x\")");
        assert_eq!(safe(&Value::text("@a")), "'@a");
        assert_eq!(safe(&Value::Hundredths(-150)), "-1.50");
        assert_eq!(safe(&Value::Hidden), "…");
    }

    #[test]
    fn hundredths_are_written_with_two_decimals() {
        assert_eq!(decimal(9_205), "92.05");
        assert_eq!(decimal(-7), "-0.07");
    }
}
