//! Bounds of an XLSX file, checked before anything of it is kept.
//!
//! The library that reads the cells holds the table of texts and the styles in memory and makes room for as
//! many texts as the file claims to have. A file of some kilobytes can unpack to gigabytes: so each part is
//! unpacked once into nothing, and counted.

use std::io::{Cursor, Read};

use zip::ZipArchive;

use crate::error::{Error, Result};
use crate::locale::Message;

/// How each part of a ZIP archive is announced in its list of parts.
const PART: &[u8] = b"PK\x01\x02";

/// Most parts of an archive; a workbook of a spreadsheet program has some dozens.
const MOST_PARTS: usize = 1_000;

/// Most bytes of all parts together.
const WHOLE: usize = 128 * MEGABYTE;

/// Longest stretch of a part without a tag: a cell holds 32,767 characters.
const LONGEST_TEXT: usize = MEGABYTE;

const MEGABYTE: usize = 1024 * 1024;

/// Bytes looked at again with the bytes that follow, so that no word is cut in two.
const OVERLAP: usize = 64;

/// What a part may hold.
#[derive(Debug, Clone, Copy)]
struct Bounds {
    megabytes: usize,
    /// Tags, of which each may become a thing in memory.
    tags: usize,
    /// Whether it is XML as it can be counted.
    is_xml: bool,
    /// Whether it is the part that says where the workbook is.
    is_root: bool,
}

impl Bounds {
    /// Those of the part of a name; cells are read one by one, all else is held at once.
    fn of(name: &str) -> Self {
        let name = name.to_lowercase().replace('\\', "/");
        let is_xml = name.ends_with(".xml") || name.ends_with(".rels");
        let is_root = name == "_rels/.rels";
        let (megabytes, tags) = if name.ends_with("sharedstrings.xml") {
            (24, 1_000_000)
        } else if name.starts_with("xl/worksheets/sheet") {
            (48, usize::MAX)
        } else {
            (8, 200_000)
        };
        Self { megabytes, tags, is_xml, is_root }
    }
}

/// Refuses an archive that does not keep to the bounds.
pub(super) fn check(file: &[u8]) -> Result<()> {
    let parts = file.windows(PART.len()).filter(|window| *window == PART).count();
    if parts > MOST_PARTS {
        let message = Message::new("import.xlsx-parts").with_count("most", MOST_PARTS);
        return Err(Error::invalid("file", message.with_count("found", parts)));
    }
    let mut archive = ZipArchive::new(Cursor::new(file)).map_err(|_| broken())?;
    let mut whole = 0;
    for place in 0..archive.len() {
        let mut part = archive.by_index(place).map_err(|_| broken())?;
        let name = part.name().map_err(|_| broken())?.into_owned();
        whole += measure(&mut part, &name)?;
        if whole > WHOLE {
            return Err(large(WHOLE, &name));
        }
    }
    Ok(())
}

/// Bytes of a part that keeps to its bounds.
fn measure(part: &mut impl Read, name: &str) -> Result<usize> {
    let bounds = Bounds::of(name);
    let (mut bytes, mut tags, mut stretch) = (0, 0, 0);
    let mut seen: Vec<u8> = Vec::new();
    let mut fresh = vec![0; 64 * 1024];
    loop {
        let count = part.read(&mut fresh).map_err(|_| broken())?;
        let Some(read) = fresh.get(..count).filter(|read| !read.is_empty()) else {
            return Ok(bytes);
        };
        bytes += count;
        if bytes > bounds.megabytes * MEGABYTE {
            return Err(large(bounds.megabytes * MEGABYTE, name));
        }
        for byte in read {
            stretch = if *byte == b'<' { 0 } else { stretch + 1 };
            tags += usize::from(*byte == b'<');
            // A zero byte is text of two bytes a letter, in which tags cannot be counted.
            if bounds.is_xml && (*byte == 0 || stretch > LONGEST_TEXT) {
                return Err(broken());
            }
        }
        seen.extend_from_slice(read);
        let claimed = claimed(&seen);
        if tags > bounds.tags || claimed > bounds.tags {
            let message = Message::new("import.xlsx-tags").with_count("most", bounds.tags);
            let found = tags.max(claimed);
            return Err(Error::invalid("file", message.with_count("found", found).with("part", name)));
        }
        // Where the workbook itself passed for a sheet, its bounds would be those of a sheet.
        if bounds.is_root && has(&seen, b"worksheets") {
            return Err(broken());
        }
        seen.drain(..seen.len().saturating_sub(OVERLAP));
    }
}

fn has(text: &[u8], word: &[u8]) -> bool {
    text.windows(word.len()).any(|window| window == word)
}

/// As how many texts a table says that it has.
fn claimed(text: &[u8]) -> usize {
    const CLAIM: &[u8] = b"uniqueCount";
    let claims = text.windows(CLAIM.len()).enumerate().filter(|(_, window)| *window == CLAIM);
    let count = |(place, _): (usize, &[u8])| {
        let after = text.iter().skip(place + CLAIM.len()).take(OVERLAP - 2 * CLAIM.len());
        let digits: String = after
            .skip_while(|byte| !byte.is_ascii_digit())
            .take_while(|byte| byte.is_ascii_digit())
            .map(|byte| char::from(*byte))
            .collect();
        if digits.is_empty() { 0 } else { digits.parse().unwrap_or(usize::MAX) }
    };
    claims.map(count).max().unwrap_or_default()
}

fn large(most: usize, part: &str) -> Error {
    let message = Message::new("import.xlsx-large").with_count("most", most / MEGABYTE);
    Error::invalid("file", message.with("part", part))
}

/// It is no workbook, or one that cannot be read.
pub(super) fn broken() -> Error {
    Error::invalid("file", Message::new("import.not-xlsx"))
}

#[cfg(test)]
mod tests {
    use super::claimed;

    #[test]
    fn a_table_of_texts_may_claim_any_number() {
        assert_eq!(claimed(b"<sst count=\"9\" uniqueCount=\"4\">"), 4);
        assert_eq!(claimed(b"<sst uniqueCount = '99999999999999999999999'>"), usize::MAX);
        assert_eq!(claimed(b"<sst>"), 0);
    }
}
