//! A CSV file as rows, whatever separates its cells and ends its lines.

use super::decode::decode;
use super::sheet::{Reading, Row};
use crate::error::{Error, Result};
use crate::locale::Message;

/// What spreadsheets put between cells; the one that is most often in the header is that of the file.
const DELIMITERS: [u8; 3] = [b',', b';', b'\t'];

/// Reads the rows of a file.
pub(super) fn read(file: &[u8], reading: &mut Reading) -> Result<()> {
    let text = decode(file)?;
    let text = text.as_str();
    let first = text.split(['\r', '\n']).find(|line| !line.trim().is_empty()).unwrap_or_default();
    // The line by which some programs tell the delimiter.
    let told = first.strip_prefix("sep=").map(str::as_bytes);
    let delimiter = match told {
        Some([delimiter]) => *delimiter,
        _ => most_frequent(first),
    };
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(delimiter)
        .has_headers(false)
        .flexible(true)
        .from_reader(text.as_bytes());
    let (mut lines, mut width, mut is_told) = (Lines::of(text), None, told.is_some());
    for record in reader.records() {
        let record = record.map_err(Error::internal)?;
        let start = record.position().map_or(0, csv::Position::byte);
        let number = lines.at(usize::try_from(start).unwrap_or(usize::MAX));
        if std::mem::take(&mut is_told) {
            continue;
        }
        let row = Row::of(number, record.iter().map(str::to_owned).collect());
        if row.is_empty() {
            continue;
        }
        let expected = *width.get_or_insert(row.cells.len());
        if row.cells.len() != expected {
            // A row wider or narrower than the header is most often a comma without quotes.
            let message = Message::new("import.width").with("expected", expected);
            reading.misshapen(number, message.with("found", row.cells.len()));
            continue;
        }
        reading.row(row)?;
    }
    Ok(())
}

fn most_frequent(line: &str) -> u8 {
    let count = |delimiter: u8| line.bytes().filter(|byte| *byte == delimiter).count();
    DELIMITERS.into_iter().rev().max_by_key(|delimiter| count(*delimiter)).unwrap_or(b',')
}

/// Numbers of lines, counted once from the top: a line ends with CR, LF or both.
struct Lines<'a> {
    rest: std::iter::Peekable<std::iter::Enumerate<std::str::Bytes<'a>>>,
    number: u64,
}

impl<'a> Lines<'a> {
    fn of(text: &'a str) -> Self {
        Self { rest: text.bytes().enumerate().peekable(), number: 1 }
    }

    /// The line of the first cell of a record; lines that are empty lie before it.
    fn at(&mut self, start: usize) -> u64 {
        while let Some((place, byte)) =
            self.rest.next_if(|(place, byte)| *place < start || *byte == b'\r' || *byte == b'\n')
        {
            let is_half = byte == b'\r' && self.rest.peek() == Some(&(place + 1, b'\n'));
            self.number += u64::from((byte == b'\r' || byte == b'\n') && !is_half);
        }
        self.number
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_counted_as_an_editor_counts_them() {
        let text = "a\r\n\r\nb\rc\n\"d\ne\"\nf";
        let mut lines = Lines::of(text);
        let starts = ["a", "b", "c", "\"d", "f"].map(|word| text.find(word).unwrap());
        assert_eq!(starts.map(|start| lines.at(start)), [1, 3, 4, 5, 7]);
    }

    #[test]
    fn the_header_tells_the_delimiter() {
        assert_eq!(most_frequent("a,b,c;d"), b',');
        assert_eq!(most_frequent("a;b"), b';');
        assert_eq!(most_frequent("a\tb"), b'\t');
        assert_eq!(most_frequent("a"), b',');
    }
}
