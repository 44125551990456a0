//! CSV and JSON, written row by row into a buffer that is taken away piece by piece.

use std::fmt::Write;

use chrono::NaiveDate;

use crate::app::exports::harmless;
use crate::domain::answer::Score;
use crate::error::{Error, Result};

/// Rows that are worth handing on.
const PIECE: usize = 1_000;

/// Room for the rows of a piece.
const CAPACITY: usize = 512 * 1024;

/// The byte-order mark, by which spreadsheets know UTF-8.
const MARK: &str = "\u{feff}";

/// The form of the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// UTF-8 with a byte-order mark, quoted where needed, texts made harmless for spreadsheets.
    Csv,
    /// One array of objects, one object a line.
    Json,
}

impl Form {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Csv, Self::Json];

    /// The word in addresses and on the command line, which is the extension of the file too.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Json => "json",
        }
    }

    /// The form of that word.
    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|form| form.key() == key)
    }
}

/// The value of a column in a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cell<'a> {
    /// A text of the catalogue.
    Text(&'a str),
    /// A word of the program.
    Word(&'static str),
    /// A whole number.
    Number(i64),
    /// A number that names something and is no quantity: a text.
    Code(i64),
    /// A date.
    Day(NaiveDate),
    /// Yes or no.
    Is(bool),
    /// What a question was answered.
    Score(Score),
    /// Nothing to say.
    Empty,
}

/// Writes rows and gives away what it has written.
pub struct Writer {
    output: Output,
    /// Rows that were not given away yet.
    rows: usize,
    /// For numbers and dates, so that not each of them is a string of its own.
    scratch: String,
}

enum Output {
    Csv(Box<csv::Writer<Vec<u8>>>),
    Json {
        buffer: Vec<u8>,
        /// What stands before each value: the key as JSON and what parts it from the value before.
        keys: Vec<String>,
        /// What stands before the next row.
        before: &'static [u8],
    },
}

impl Writer {
    /// A file that begins with the keys of its columns, where its form says them once.
    ///
    /// # Errors
    /// Internal, when the keys cannot be written.
    pub fn new(form: Form, columns: &[String]) -> Result<Self> {
        let output = match form {
            Form::Csv => {
                let mut writer = csv::Writer::from_writer(MARK.as_bytes().to_vec());
                writer.write_record(columns).map_err(Error::internal)?;
                Output::Csv(Box::new(writer))
            }
            Form::Json => {
                let key = |(place, key): (usize, &String)| {
                    let before = if place == 0 { "{" } else { "," };
                    serde_json::to_string(key).map(|key| format!("{before}{key}:"))
                };
                let keys = columns.iter().enumerate().map(key).collect::<std::result::Result<_, _>>();
                Output::Json { buffer: Vec::new(), keys: keys.map_err(Error::internal)?, before: b"[\n" }
            }
        };
        Ok(Self { output, rows: 0, scratch: String::new() })
    }

    /// Adds a row of as many cells as there are columns.
    ///
    /// # Errors
    /// Internal, for a row of another length.
    pub fn row(&mut self, cells: &[Cell<'_>]) -> Result<()> {
        self.rows += 1;
        match &mut self.output {
            Output::Csv(writer) => csv_row(writer, cells, &mut self.scratch).map_err(Error::internal),
            Output::Json { buffer, keys, before } => {
                buffer.extend_from_slice(before);
                *before = b",\n";
                json_row(buffer, keys, cells).map_err(Error::internal)
            }
        }
    }

    /// Whether there is enough to hand on.
    pub const fn is_filled(&self) -> bool {
        self.rows >= PIECE
    }

    /// What was written since the last time.
    ///
    /// # Errors
    /// Internal, when the writer fails.
    pub fn take(&mut self) -> Result<Vec<u8>> {
        self.rows = 0;
        match &mut self.output {
            Output::Csv(writer) => {
                let next = csv::Writer::from_writer(Vec::with_capacity(CAPACITY));
                std::mem::replace(&mut **writer, next).into_inner().map_err(Error::internal)
            }
            Output::Json { buffer, .. } => Ok(std::mem::replace(buffer, Vec::with_capacity(CAPACITY))),
        }
    }

    /// The end of the file.
    ///
    /// # Errors
    /// Internal, when the writer fails.
    pub fn finish(mut self) -> Result<Vec<u8>> {
        if let Output::Json { buffer, before, .. } = &mut self.output {
            let is_empty = before.starts_with(b"[");
            buffer.extend_from_slice(if is_empty { b"[]\n" } else { b"\n]\n" });
        }
        self.take()
    }
}

fn csv_row(
    writer: &mut csv::Writer<Vec<u8>>,
    cells: &[Cell<'_>],
    scratch: &mut String,
) -> std::result::Result<(), Box<dyn std::error::Error>> {
    for cell in cells {
        scratch.clear();
        match *cell {
            Cell::Text(text) => {
                writer.write_field(harmless(text).as_bytes())?;
                continue;
            }
            Cell::Word(word) => scratch.push_str(word),
            Cell::Number(number) | Cell::Code(number) => write!(scratch, "{number}")?,
            Cell::Day(day) => write!(scratch, "{day}")?,
            Cell::Is(is) => scratch.push_str(if is { "true" } else { "false" }),
            Cell::Score(score) => scratch.push_str(score.form_value()),
            Cell::Empty => {}
        }
        writer.write_field(&*scratch)?;
    }
    writer.write_record(None::<&[u8]>)?;
    Ok(())
}

fn json_row(buffer: &mut Vec<u8>, keys: &[String], cells: &[Cell<'_>]) -> std::io::Result<()> {
    use std::io::Write;
    for (key, cell) in keys.iter().zip(cells) {
        buffer.extend_from_slice(key.as_bytes());
        match *cell {
            Cell::Text(text) => serde_json::to_writer(&mut *buffer, text)?,
            Cell::Word(word) => write!(buffer, "\"{word}\"")?,
            Cell::Number(number) => write!(buffer, "{number}")?,
            Cell::Code(number) => write!(buffer, "\"{number}\"")?,
            Cell::Day(day) => write!(buffer, "\"{day}\"")?,
            Cell::Is(is) => write!(buffer, "{is}")?,
            Cell::Score(score @ Score::Level(_)) => buffer.extend_from_slice(score.form_value().as_bytes()),
            Cell::Score(Score::NotApplicable) => buffer.extend_from_slice(b"\"na\""),
            Cell::Empty => buffer.extend_from_slice(b"null"),
        }
    }
    buffer.push(b'}');
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::level::Level;

    const ROW: [Cell<'static>; 4] = [
        Cell::Text("=1+\"a\"\n, b"),
        Cell::Number(-3),
        Cell::Score(Score::Level(Level::VerySatisfied)),
        Cell::Empty,
    ];

    fn written(form: Form, rows: usize) -> String {
        let columns = ["name", "number", "score", "none"].map(str::to_owned);
        let mut writer = Writer::new(form, &columns).unwrap();
        let mut bytes = Vec::new();
        for _ in 0..rows {
            writer.row(&ROW).unwrap();
            bytes.extend(writer.take().unwrap());
        }
        bytes.extend(writer.finish().unwrap());
        String::from_utf8(bytes).unwrap()
    }

    #[test]
    fn a_csv_of_pieces_begins_with_its_mark_and_keys_once_and_runs_no_formula() {
        let row = "\"'=1+\"\"a\"\"\n, b\",-3,5,\n";
        assert_eq!(written(Form::Csv, 2), format!("\u{feff}name,number,score,none\n{row}{row}"));
        assert_eq!(written(Form::Csv, 0), "\u{feff}name,number,score,none\n");
    }

    #[test]
    fn a_json_of_pieces_is_one_array_with_an_object_a_line() {
        let text = written(Form::Json, 2);
        assert_eq!(text.lines().count(), 4);
        let rows: Vec<serde_json::Value> = serde_json::from_str(&text).unwrap();
        let row = serde_json::json!({ "name": "=1+\"a\"\n, b", "number": -3, "score": 5, "none": null });
        assert_eq!(rows, [row.clone(), row]);
        assert_eq!(written(Form::Json, 0), "[]\n");
    }
}
