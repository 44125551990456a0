//! Files as spreadsheets write them, and files that were made to do harm.

use std::io::{Cursor, Read, Write};
use std::process::Command;

use hailong::app::import::Kind;
use hailong::db::conn::Location;
use zip::write::SimpleFileOptions;
use zip::{ZipArchive, ZipWriter};

use super::{Store, changes, day};

const HEADER: [&str; 5] = ["code", "name", "level", "parent_code", "valid_from"];

/// A workbook whose first sheet has a header and these rows, each in its row of the sheet from 0 on.
fn book(header: &[&str], rows: &[(u32, &[&str])]) -> Vec<u8> {
    let mut book = rust_xlsxwriter::Workbook::new();
    let sheet = book.add_worksheet();
    for (row, cells) in [(0, header)].iter().chain(rows) {
        for (column, cell) in (0..).zip(*cells) {
            sheet.write_string(*row, column, *cell).unwrap();
        }
    }
    book.save_to_buffer().unwrap()
}

/// The same archive with another part in the place of one, or besides.
fn with_part(book: &[u8], name: &str, content: &[u8]) -> Vec<u8> {
    let (mut parts, options) = (ZipArchive::new(Cursor::new(book)).unwrap(), SimpleFileOptions::default());
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    for place in 0..parts.len() {
        let mut part = parts.by_index(place).unwrap();
        let of = part.name().unwrap().into_owned();
        if of != name {
            let mut kept = Vec::new();
            part.read_to_end(&mut kept).unwrap();
            writer.start_file(of, options).unwrap();
            writer.write_all(&kept).unwrap();
        }
    }
    writer.start_file(name, options).unwrap();
    writer.write_all(content).unwrap();
    writer.finish().unwrap().into_inner()
}

const SHEET: &str = "xl/worksheets/sheet1.xml";
const TEXTS: &str = "xl/sharedStrings.xml";

/// A workbook with a cell in the last column that there can be.
fn far_column() -> Vec<u8> {
    let mut book = rust_xlsxwriter::Workbook::new();
    book.add_worksheet().write_string(0, 16_383, "x").unwrap();
    book.save_to_buffer().unwrap()
}

/// Workbooks of some kilobytes that would take gigabytes, each with what is said of it.
fn bombs() -> Vec<(&'static str, Vec<u8>, &'static str)> {
    let small = book(&HEADER, &[(1, &["99001", "Xã Thử", "xa", "68", "2025-07-01"])]);
    let blanks = [b"<worksheet><sheetData>".to_vec(), b"<row/>".repeat(20_000_000)].concat();
    let text = [b"<worksheet><sheetData><row><c t=\"str\"><v>".to_vec(), vec![b'a'; 40_000_000]].concat();
    let texts = [b"<sst>".to_vec(), b"<si/>".repeat(4_000_000), b"</sst>".to_vec()].concat();
    let styles = [b"<styleSheet><cellXfs>".to_vec(), b"<xf/>".repeat(1_000_000)].concat();
    vec![
        ("far", far_column(), "expected at most 200 columns, found a cell in column 16,384"),
        ("blanks", with_part(&small, SHEET, &blanks), "unpacks to more than the 48 MB"),
        ("text", with_part(&small, SHEET, &text), "expected an XLSX workbook"),
        ("texts", with_part(&small, TEXTS, &texts), "may hold at most 1,000,000 items"),
        (
            "claim",
            with_part(&small, TEXTS, b"<sst uniqueCount='99999999999'><si/></sst>"),
            "at most 1,000,000 items",
        ),
        ("styles", with_part(&small, "xl/styles.xml", &styles), "at most 200,000 items"),
        ("media", with_part(&small, "xl/media/a.png", &vec![0; 20_000_000]), "more than the 8 MB"),
    ]
}

#[test]
fn workbooks_that_would_fill_the_memory_are_refused() {
    let store = Store::seeded();
    for (name, file, told) in bombs() {
        assert!(file.len() < 1_000_000, "{name}: {}", file.len());
        let faults = store.faults(Kind::Units, &file);
        assert!(faults.join("\n").contains(told), "{name}: {faults:?}");
    }
}

/// The program in a shell that gives it little memory: it says what is wrong instead of breaking.
#[test]
fn workbooks_that_claim_much_take_little_memory() {
    let store = Store::seeded();
    let url = match store.database.location() {
        Location::Sqlite(path) => format!("sqlite://{path}"),
        Location::Postgres(url) => url.clone(),
    };
    let folder = tempfile::tempdir().unwrap();
    let far = book(&HEADER, &[(1_048_575, &["99001", "Xã Thử", "xa", "68", "2025-07-01"])]);
    let mut files = bombs();
    files.push(("rows", far, "1 added"));
    for (name, file, told) in files {
        std::fs::write(folder.path().join("a.xlsx"), file).unwrap();
        let program = env!("CARGO_BIN_EXE_hailong");
        let script =
            format!("ulimit -v 800000; exec {program} import units a.xlsx --database-url '{url}' 2>&1");
        let output = Command::new("sh").args(["-c", &script]).current_dir(folder.path()).output().unwrap();
        let printed = String::from_utf8_lossy(&output.stdout);
        assert!(printed.contains(told), "{name}: {printed} {}", output.status);
    }
}

#[test]
fn lines_are_numbered_as_the_file_shows_them() {
    let store = Store::seeded();
    let wrong = "99001,Xã Thử,thon,68,2025-07-01";
    for (file, line) in [
        (format!("{}\r\n{wrong}\r\n", HEADER.join(",")), 2),
        (format!("{}\r{wrong}\r", HEADER.join(",")), 2),
        (format!("\n\n{}\n\n \n{wrong}\n", HEADER.join(",")), 6),
        (format!("{}\r\n,,,,\r\n\r\n{wrong}", HEADER.join(",")), 4),
        (format!("{}\n\"99002\",\"Xã\nHai\",xa,68,2025-07-01\n{wrong}", HEADER.join(",")), 4),
        (format!("sep=;\r\n{}\r\n{}", HEADER.join(";"), wrong.replace(',', ";")), 3),
    ] {
        assert!(
            store.faults(Kind::Units, &file)[0].starts_with(&format!("level: line {line}: ")),
            "{file:?}"
        );
    }
    let rows: [(u32, &[&str]); 2] = [
        (4, &["99002", "Xã Hai", "xa", "68", "2025-07-01"]),
        (9, &["99001", "Xã Thử", "thon", "68", "2025-07-01"]),
    ];
    assert!(store.faults(Kind::Units, book(&HEADER, &rows))[0].starts_with("level: line 10: "));
}

#[test]
fn names_of_columns_are_known_in_both_languages_and_slips_are_told() {
    let store = Store::seeded();
    let file =
        "MÃ ĐƠN VỊ,tên  đơn vị,Level,Ma don vi cap tren,Hiệu lực từ ngày\n99001,Xã Thử,xa,68,2025-07-01\n";
    assert_eq!(store.import(Kind::Units, file).unwrap(), changes(1, 0, 0));

    let faults = store.faults(Kind::Units, "code,nam,level,parent_code,valid_from,Ghi chú\n");
    assert!(
        faults[0].starts_with("name: line 1: the column “Unit name” is missing; the file has only code, nam")
    );
    assert!(faults[1].contains("“nam” is not known; did you mean “Unit name” (name)?"), "{faults:?}");
    assert!(faults[2].contains("“Ghi chú” is not known; a file may have: code, name"), "{faults:?}");
    let faults = store.faults(Kind::Units, file.replace(",xa,", ",thon,"));
    assert!(faults[0].starts_with("Level: line 2: "), "a column is called as the file calls it: {faults:?}");
}

#[test]
fn text_and_numbers_are_read_as_spreadsheets_here_write_them() {
    let store = Store::seeded();
    let name = "Phường Xuân Hương";
    // As a Mac writes it, in UTF-16 with tabs, with blanks that only look like blanks.
    let file = "code\tname\tlevel\tparent_code\tvalid_from\n'24781\tPhươ\u{300}ng\u{a0}Xua\u{302}n Hương\u{a0}\txa\t68\t1/7/2025\n";
    let wide: Vec<u8> = [0xfeff].into_iter().chain(file.encode_utf16()).flat_map(u16::to_le_bytes).collect();
    assert_eq!(store.import(Kind::Units, wide).unwrap(), changes(0, 1, 0));
    assert_eq!(store.snapshot().units.by_code("24781", day("2026-01-01")).unwrap().name, name);

    let header = "target_key;period;percent;respondents;source\n";
    let read = |row: &str| store.import(Kind::Figures, format!("{header}{row}\n"));
    assert_eq!(read("y-te;9/2026;92,75;1.200;Bộ Y tế").unwrap(), changes(1, 0, 0));
    assert_eq!(read("y-te;2026-09;92.75 %;1200;Bộ Y tế").unwrap(), changes(0, 0, 1));
    assert!(read("y-te;2026-09;1.234;1,2;Bộ Y tế").is_err());

    let mut book = rust_xlsxwriter::Workbook::new();
    let sheet = book.add_worksheet();
    for (column, title) in (0..).zip(["target_key", "period", "percent", "respondents", "source"]) {
        sheet.write_string(0, column, title).unwrap();
    }
    let format = |code: &str| rust_xlsxwriter::Format::new().set_num_format(code);
    let month = rust_xlsxwriter::ExcelDateTime::parse_from_str("2026-09-01").unwrap();
    sheet.write_string(1, 0, "y-te").unwrap();
    sheet.write_datetime_with_format(1, 1, &month, &format("mm/yyyy")).unwrap();
    sheet.write_number_with_format(1, 2, 0.9275, &format("0.00%")).unwrap();
    sheet.write_number(1, 3, 1200).unwrap();
    sheet.write_string(1, 4, "Bộ Y tế").unwrap();
    assert_eq!(store.import(Kind::Figures, book.save_to_buffer().unwrap()).unwrap(), changes(0, 0, 1));
}
