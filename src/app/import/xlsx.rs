//! The first sheet of an XLSX file, cell by cell: what the file claims to hold costs nothing.

use std::io::Cursor;

use calamine::{Data, DataRef, Reader, Xlsx};

use super::archive::{self, broken};
use super::sheet::{Reading, Row};
use crate::error::{Error, Result};
use crate::locale::Message;

/// Columns of which the cells are looked at.
const MOST_COLUMNS: u32 = 200;

/// The first bytes of each XLSX file, which is a ZIP archive.
pub(super) const ARCHIVE: &[u8] = b"PK\x03\x04";

/// Reads the rows of the first sheet.
pub(super) fn read(file: &[u8], reading: &mut Reading) -> Result<()> {
    archive::check(file)?;
    let mut book: Xlsx<_> = Xlsx::new(Cursor::new(file)).map_err(|_| broken())?;
    let Some(name) = book.sheet_names().into_iter().next() else {
        return Ok(());
    };
    let mut cells = book.worksheet_cells_reader(&name).map_err(|_| broken())?;
    let shares: Vec<bool> = cells
        .styles()
        .iter()
        .map(|style| style.number_format.as_ref().is_some_and(|format| format.format_code.contains('%')))
        .collect();
    let mut row = Row::default();
    while let Some((cell, style)) = cells.next_cell_with_style_id().map_err(|_| broken())? {
        let (number, column) = cell.get_position();
        let (text, fraction) = said(cell.get_value(), shares.get(style).copied().unwrap_or_default());
        if text.is_empty() {
            continue;
        }
        if column >= MOST_COLUMNS {
            let message = Message::new("import.wide").with_count("most", MOST_COLUMNS);
            return Err(Error::invalid(
                "file",
                message.with_count("found", column + 1).with("line", number + 1),
            ));
        }
        let number = u64::from(number) + 1;
        if number < row.number {
            return Err(broken());
        }
        if number > row.number {
            reading.row(std::mem::replace(&mut row, Row { number, ..Row::default() }))?;
        }
        row.set(usize::try_from(column).unwrap_or_default(), text, fraction);
    }
    reading.row(row)
}

/// The text of a cell, and the number in it where it has a fraction.
fn said(cell: &DataRef<'_>, is_share: bool) -> (String, Option<f64>) {
    match cell {
        DataRef::Empty => (String::new(), None),
        DataRef::DateTime(moment) => {
            let (year, month, day, ..) = moment.to_ymd_hms_milli();
            (format!("{year:04}-{month:02}-{day:02}"), None)
        }
        DataRef::DateTimeIso(text) => (text.split('T').next().unwrap_or_default().to_owned(), None),
        // A cell that shows 92,7% holds 0.927.
        DataRef::Float(number) if is_share => {
            let percent = format!("{:.6}", number * 100.0);
            (format!("{}%", percent.trim_end_matches('0').trim_end_matches('.')), None)
        }
        DataRef::Float(number) => {
            (Data::Float(*number).to_string(), Some(*number).filter(|number| number.fract() != 0.0))
        }
        DataRef::SharedString(text) => ((*text).to_owned(), None),
        other => (Data::from(other.clone()).to_string(), None),
    }
}
