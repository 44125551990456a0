//! The text of a file in whatever code a spreadsheet wrote it, and the text of a cell.

use std::borrow::Cow;

use encoding_rs::{Encoding, UTF_16BE, UTF_16LE, WINDOWS_1258};
use icu_normalizer::ComposingNormalizerBorrowed;

use crate::domain::fold::fold;
use crate::error::{Error, Result};
use crate::locale::Message;

/// How files of older programs begin, and those under a password.
const COMPOUND: &[u8] = b"\xD0\xCF\x11\xE0";

/// The text of a file: UTF-8, UTF-16, or Windows-1258 where all of it reads as Vietnamese.
pub(super) fn decode(file: &[u8]) -> Result<String> {
    if file.starts_with(COMPOUND) {
        return Err(Error::invalid("file", Message::new("import.old-workbook")));
    }
    let unread = || unread(file);
    if let Some((encoding, mark)) = Encoding::for_bom(file).or_else(|| wide(file)) {
        let text = file.get(mark..).unwrap_or_default();
        let text = encoding.decode_without_bom_handling_and_without_replacement(text);
        return text.map(Cow::into_owned).ok_or_else(unread);
    }
    if let Ok(text) = std::str::from_utf8(file) {
        return if text.contains('\0') { Err(unread()) } else { Ok(text.to_owned()) };
    }
    let text = WINDOWS_1258.decode_without_bom_handling_and_without_replacement(file);
    let text = text.map(|text| composed(&text).into_owned()).filter(|text| is_vietnamese(text));
    text.ok_or_else(unread)
}

/// UTF-16 without a mark: each second byte of the header is zero.
fn wide(file: &[u8]) -> Option<(&'static Encoding, usize)> {
    match file {
        [first, 0, second, 0, ..] if *first > 0 && *second > 0 => Some((UTF_16LE, 0)),
        [0, first, 0, second, ..] if *first > 0 && *second > 0 => Some((UTF_16BE, 0)),
        _ => None,
    }
}

/// Whether all letters are those of the Vietnamese alphabet; text in TCVN3 or VNI is not.
fn is_vietnamese(text: &str) -> bool {
    let is_known = |character: char| {
        let folded = fold(character.encode_utf8(&mut [0; 4]));
        folded.chars().all(|one| one.is_ascii_alphanumeric()) && !folded.is_empty()
            || "\u{a0}–—‘’“”…•₫°×½¼¾²³«»§€".contains(character)
    };
    text.chars().all(|character| character.is_ascii() && character != '\0' || is_known(character))
}

/// Names the line where it stops being text.
fn unread(file: &[u8]) -> Error {
    let good = std::str::from_utf8(file).map_or_else(|error| error.valid_up_to(), str::len);
    let good = file.iter().take(good).position(|byte| *byte == 0).unwrap_or(good);
    let before = file.get(..good).unwrap_or_default();
    let mut line = 1;
    for (place, byte) in before.iter().enumerate() {
        let is_half = *byte == b'\r' && before.get(place + 1) == Some(&b'\n');
        line += usize::from((*byte == b'\r' || *byte == b'\n') && !is_half);
    }
    Error::invalid("file", Message::new("import.not-utf8").with("line", line))
}

/// Letters with their marks in one, as other systems search and compare them.
fn composed(text: &str) -> Cow<'_, str> {
    ComposingNormalizerBorrowed::new_nfc().normalize(text)
}

/// The text of a cell as it is meant: without blanks around it, without what only looks like a blank, and
/// without the apostrophe by which a spreadsheet was told that a number is a text.
pub(super) fn cell(text: &str) -> String {
    let plain = |character: char| match character {
        '\u{a0}' | '\u{2007}' | '\u{202f}' => Some(' '),
        '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{feff}' => None,
        other => Some(other),
    };
    let text: String = composed(text).chars().filter_map(plain).collect();
    let text = text.trim();
    let is_forced =
        |rest: &&str| rest.starts_with(|first: char| first.is_ascii_digit() || "=+-@".contains(first));
    text.strip_prefix('\'').filter(is_forced).unwrap_or(text).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_read_in_the_code_in_which_it_was_written() {
        let text = "tên;Phường Xuân Hương – Đà Lạt\n";
        let wide: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let marked = [&[0xFF, 0xFE], wide.as_slice()].concat();
        assert_eq!(decode(&marked).unwrap(), text);
        assert_eq!(decode(format!("\u{feff}{text}").as_bytes()).unwrap(), text);
        // Windows-1258 writes the tones apart.
        let old = b"t\xean;Ph\xfd\xf5\xccng Xu\xe2n H\xfd\xf5ng \x96 \xd0a\xcc La\xf2t\n";
        assert_eq!(decode(old).unwrap(), text);
    }

    #[test]
    fn text_in_a_code_that_cannot_be_told_is_refused() {
        for file in [b"a\r\nPh\xadng\n".as_slice(), b"a\r\n\xb5\n", b"a\0b\r\n\xff", b"a\r\nVi\xe4t \xf6\n"] {
            assert!(decode(file).is_err(), "{file:?}");
        }
        assert!(matches!(decode(b"\xD0\xCF\x11\xE0\xA1"), Err(Error::Invalid(_))));
    }

    #[test]
    fn a_cell_is_what_it_means() {
        assert_eq!(cell("  Đa\u{323}\u{302}t\u{a0}lớn\u{a0}"), "Đật lớn");
        assert_eq!(cell("'0123"), "0123");
        assert_eq!(cell("'=1+2"), "=1+2");
        assert_eq!(cell("'tốt'"), "'tốt'");
    }
}
