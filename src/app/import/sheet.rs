//! A file as lines of named cells, whatever it came as: CSV with comma or semicolon, or XLSX.

use std::collections::HashMap;
use std::io::Cursor;

use calamine::{Data, Reader, Xlsx};
use chrono::{Days, NaiveDate};

use super::{Faults, Kind};
use crate::error::{Error, Result};
use crate::locale::Message;

/// The first bytes of each XLSX file, which is a ZIP archive.
const ARCHIVE: &[u8] = b"PK\x03\x04";

/// One line of a file.
#[derive(Debug)]
pub(super) struct Line {
    /// Number in the file; the header is 1.
    pub number: u64,
    cells: HashMap<String, String>,
}

impl Line {
    /// The text of a column, empty where there is none.
    pub(super) fn cell(&self, column: &str) -> &str {
        self.cells.get(column).map_or("", String::as_str)
    }

    /// The text of a column that must have one.
    pub(super) fn text(&self, column: &str, faults: &mut Faults) -> Option<&str> {
        let text = self.cell(column);
        if text.is_empty() {
            faults.add(self, column, Message::new("import.empty-cell"));
            return None;
        }
        Some(text)
    }
}

/// The lines of a file below its header.
#[derive(Debug)]
pub(super) struct Sheet {
    /// Lines in order.
    pub lines: Vec<Line>,
}

impl Sheet {
    /// Reads a file of a kind with columns that may be there besides those that must.
    pub(super) fn of(file: &[u8], kind: Kind, optional: &[&str], faults: &mut Faults) -> Result<Self> {
        let rows = if file.starts_with(ARCHIVE) { from_xlsx(file, faults)? } else { from_csv(file)? };
        let mut rows = rows.into_iter().filter(|(_, cells)| cells.iter().any(|cell| !cell.is_empty()));
        let Some((_, header)) = rows.next() else {
            return Err(Error::invalid("file", Message::new("import.empty-file")));
        };
        check_header(&header, kind.required(), optional)?;
        let lines: Vec<Line> = rows
            .map(|(number, cells)| Line { number, cells: header.iter().cloned().zip(cells).collect() })
            .collect();
        if lines.is_empty() {
            return Err(Error::invalid("file", Message::new("import.empty-file")));
        }
        if lines.len() > kind.most_lines() {
            let message = Message::new("import.too-long").with_count("most", kind.most_lines());
            return Err(Error::invalid("file", message.with_count("found", lines.len())));
        }
        Ok(Self { lines })
    }
}

/// A column that is missing or unknown would make a fault of each line: the header is told first.
fn check_header(header: &[String], required: &[&str], optional: &[&str]) -> Result<()> {
    let known: Vec<&str> = required.iter().chain(optional).copied().collect();
    let expected = known.join(", ");
    let mut faults = Faults::default();
    for column in required.iter().filter(|column| !header.iter().any(|name| name == *column)) {
        let message = Message::new("import.missing-column").with("found", header.join(", "));
        faults.at(1, column, message);
    }
    for (place, name) in header.iter().enumerate() {
        let twice = header.iter().take(place).any(|earlier| earlier == name);
        if twice || !known.contains(&name.as_str()) {
            let message =
                Message::new("import.unknown-column").with("expected", &expected).with("found", name);
            faults.at(1, name, message);
        }
    }
    faults.none()
}

type Rows = Vec<(u64, Vec<String>)>;

fn from_csv(file: &[u8]) -> Result<Rows> {
    let text = std::str::from_utf8(file).map_err(|error| {
        let before = file.iter().take(error.valid_up_to());
        let line = before.filter(|byte| **byte == b'\n').count() + 1;
        Error::invalid("file", Message::new("import.not-utf8").with("line", line))
    })?;
    if let Some(place) = text.find('\0') {
        let line = text.bytes().take(place).filter(|byte| *byte == b'\n').count() + 1;
        return Err(Error::invalid("file", Message::new("import.zero-byte").with("line", line)));
    }
    let text = text.trim_start_matches('\u{feff}');
    let first = text.lines().next().unwrap_or_default();
    let delimiter = if first.matches(';').count() > first.matches(',').count() { b';' } else { b',' };
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(delimiter)
        .has_headers(false)
        .flexible(true)
        .from_reader(text.as_bytes());
    let mut rows = Rows::new();
    for record in reader.records() {
        let record = record.map_err(Error::internal)?;
        let number = record.position().map_or(0, csv::Position::line);
        rows.push((number, record.iter().map(|cell| cell.trim().to_owned()).collect()));
    }
    // A row wider or narrower than the header is most often a comma without quotes.
    let width = rows.first().map_or(0, |(_, header)| header.len());
    let mut faults = Faults::default();
    for (number, cells) in rows.iter().filter(|(_, cells)| cells.len() != width) {
        let message = Message::new("import.width").with("expected", width).with("found", cells.len());
        faults.at(*number, "file", message);
    }
    faults.none()?;
    Ok(rows)
}

fn from_xlsx(file: &[u8], faults: &mut Faults) -> Result<Rows> {
    let broken = |_| Error::invalid("file", Message::new("import.not-xlsx"));
    let mut book: Xlsx<_> = Xlsx::new(Cursor::new(file)).map_err(broken)?;
    let range = match book.worksheet_range_at(0) {
        Some(range) => range.map_err(broken)?,
        None => return Err(Error::invalid("file", Message::new("import.empty-file"))),
    };
    let first = u64::from(range.start().map_or(0, |(row, _)| row)) + 1;
    let mut header: Vec<String> = Vec::new();
    let mut rows = Rows::new();
    for (cells, number) in range.rows().zip(first..) {
        let texts: Vec<String> = cells.iter().map(text).collect();
        if header.is_empty() {
            header.clone_from(&texts);
        }
        for (cell, column) in cells.iter().zip(&header) {
            // A code such as 1.116360 that the sheet took for a number has lost its last zero.
            if let Data::Float(number_found) = cell
                && ["code", "procedure_code"].contains(&column.as_str())
                && number_found.fract() != 0.0
            {
                faults.at(number, column, Message::new("import.number-code").with("found", number_found));
            }
        }
        rows.push((number, texts));
    }
    Ok(rows)
}

fn text(cell: &Data) -> String {
    match cell {
        Data::Empty => String::new(),
        Data::DateTime(moment) => {
            serial_date(moment.as_f64()).map_or_else(String::new, |day| day.to_string())
        }
        Data::DateTimeIso(text) => text.split('T').next().unwrap_or_default().to_owned(),
        other => other.to_string().trim().to_owned(),
    }
}

/// Sheets count days from 30/12/1899.
fn serial_date(serial: f64) -> Option<NaiveDate> {
    let days: u64 = format!("{:.0}", serial.floor()).parse().ok()?;
    NaiveDate::from_ymd_opt(1899, 12, 30)?.checked_add_days(Days::new(days))
}
