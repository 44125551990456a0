//! A file as lines of named cells, whatever it came as: CSV, or XLSX.

use std::sync::Arc;

use super::columns::{Columns, Header};
use super::{Faults, csv, decode, xlsx};
use crate::error::{Error, Result};
use crate::locale::Message;

/// One line of a file.
#[derive(Debug)]
pub(super) struct Line {
    /// Number in the file as an editor or a spreadsheet shows it.
    pub number: u64,
    header: Arc<Header>,
    cells: Vec<String>,
}

impl Line {
    /// The text of a column, empty where there is none.
    pub(super) fn cell(&self, column: &str) -> &str {
        let place = self.header.place(column);
        place.and_then(|place| self.cells.get(place)).map_or("", String::as_str)
    }

    /// A column as the file names it.
    pub(super) fn title<'a>(&'a self, column: &'a str) -> &'a str {
        self.header.title(column)
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

/// A row as a file holds it.
#[derive(Debug, Default)]
pub(super) struct Row {
    /// Number in the file.
    pub number: u64,
    /// Texts from the first column on.
    pub cells: Vec<String>,
    /// Numbers with a fraction, by the place of their cell.
    pub fractions: Vec<(usize, f64)>,
}

impl Row {
    pub(super) fn of(number: u64, cells: Vec<String>) -> Self {
        let cells = cells.iter().map(|cell| decode::cell(cell)).collect();
        Self { number, cells, fractions: Vec::new() }
    }

    /// Notes the text of a cell.
    pub(super) fn set(&mut self, place: usize, text: String, fraction: Option<f64>) {
        if self.cells.len() <= place {
            self.cells.resize(place + 1, String::new());
        }
        if let Some(cell) = self.cells.get_mut(place) {
            *cell = decode::cell(&text);
        }
        self.fractions.extend(fraction.map(|number| (place, number)));
    }

    pub(super) fn is_empty(&self) -> bool {
        self.cells.iter().all(String::is_empty)
    }
}

/// A file while it is read, row by row; no more lines are kept than a file may have.
pub(super) struct Reading {
    columns: Columns,
    most: usize,
    header: Option<Arc<Header>>,
    lines: Vec<Line>,
    /// Lines below the header, also those that are too many to be kept.
    found: usize,
    /// Rows that do not have the shape of the header, which are told before all else.
    misshapen: Faults,
    faults: Faults,
}

impl Reading {
    /// Takes in the next row; empty ones are passed over.
    pub(super) fn row(&mut self, mut row: Row) -> Result<()> {
        if row.is_empty() {
            return Ok(());
        }
        let Some(header) = self.header.clone() else {
            self.header = Some(Arc::new(self.columns.header(row.number, row.cells)?));
            return Ok(());
        };
        self.found += 1;
        if self.found > self.most {
            return Ok(());
        }
        let spare = row.cells.iter().skip(header.width()).find(|cell| !cell.is_empty());
        if let Some(cell) = spare {
            self.misshapen(row.number, Message::new("import.nameless").with("found", cell));
        }
        row.cells.truncate(header.width());
        let line = Line { number: row.number, header, cells: row.cells };
        for (place, number) in row.fractions {
            let message = match line.header.key(place) {
                // A code such as 1.116360 that the sheet took for a number has lost its last zero.
                Some("code" | "procedure_code") => Message::new("import.number-code"),
                // So has 1.234 that was meant for a thousand and more.
                Some("settled" | "respondents") => Message::new("import.fraction"),
                _ => continue,
            };
            self.faults.add(&line, line.header.key(place).unwrap_or_default(), message.with("found", number));
        }
        self.lines.push(line);
        Ok(())
    }

    /// Notes a row that has not the shape of the header.
    pub(super) fn misshapen(&mut self, number: u64, message: Message) {
        if self.misshapen.count() < self.most {
            self.misshapen.at(number, "file", message);
        }
    }
}

/// The lines of a file below its header.
#[derive(Debug)]
pub(super) struct Sheet {
    /// Lines in order.
    pub lines: Vec<Line>,
}

impl Sheet {
    /// Reads a file with these columns and at most so many lines.
    pub(super) fn of(file: &[u8], columns: Columns, most: usize, faults: &mut Faults) -> Result<Self> {
        let mut reading = Reading {
            columns,
            most,
            header: None,
            lines: Vec::new(),
            found: 0,
            misshapen: Faults::default(),
            faults: Faults::default(),
        };
        if file.starts_with(xlsx::ARCHIVE) {
            xlsx::read(file, &mut reading)?;
        } else {
            csv::read(file, &mut reading)?;
        }
        let Reading { lines, found, misshapen, faults: found_faults, .. } = reading;
        misshapen.none()?;
        if lines.is_empty() {
            return Err(Error::invalid("file", Message::new("import.empty-file")));
        }
        if found > most {
            let message = Message::new("import.too-long").with_count("most", most);
            return Err(Error::invalid("file", message.with_count("found", found)));
        }
        faults.extend(found_faults);
        Ok(Self { lines })
    }
}
