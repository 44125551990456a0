//! Units from a file: new ones, new versions of those in force, and corrections.

use super::report::{self, Facts};
use super::rows::{Rows, Telling};
use super::sheet::{Line, Sheet};
use super::{Faults, Report, dates};
use crate::app::progress::Progress;
use crate::app::versions::Versions;
use crate::db;
use crate::db::conn::Conn;
use crate::domain::ids::UnitId;
use crate::domain::unit::{UnitLevel, UnitVersion};
use crate::domain::versions::Days;
use crate::error::Result;
use crate::locale::Message;

struct Row<'a> {
    line: &'a Line,
    code: &'a str,
    name: &'a str,
    level: UnitLevel,
    days: Days,
}

/// Writes the rows, older ones and higher levels first, so that a file may stand in any order.
pub(super) fn run(
    conn: &mut Conn,
    sheet: &Sheet,
    faults: &mut Faults,
    progress: &Progress,
) -> Result<Report> {
    let mut rows: Vec<Row<'_>> = sheet.lines.iter().filter_map(|line| read(line, faults)).collect();
    rows.sort_by_key(|row| (row.days.from, row.level));
    let telling = Telling { subject: "unit", facts: &facts };
    let mut written = Rows::new(db::units::load(conn)?.versions().cloned().collect(), telling);
    let mut report = Report::default();
    for row in &rows {
        progress.advance(1)?;
        if !written.is_first(row.line, row.code, row.days, faults) {
            continue;
        }
        let Some(parent) = parent(row, &written.known, faults) else {
            continue;
        };
        let version = UnitVersion {
            unit: UnitId::from(0),
            code: row.code.to_owned(),
            name: row.name.to_owned(),
            level: row.level,
            parent,
            valid_from: row.days.from,
            valid_to: row.days.to,
        };
        written.save(conn, row.line, version, faults, &mut report)?;
    }
    Ok(report)
}

/// What stands in the columns of a version; the unit above it is called by the code that it bears at last.
fn facts(version: &UnitVersion, known: &Versions<UnitVersion>) -> Facts {
    let parent = version.parent.and_then(|parent| known.last(parent)).map(|parent| parent.code.clone());
    vec![
        ("code", version.code.clone()),
        ("name", version.name.clone()),
        ("level", version.level.key().to_owned()),
        ("parent_code", parent.unwrap_or_default()),
        ("valid_from", report::day(Some(version.valid_from))),
        ("valid_to", report::day(version.valid_to)),
    ]
}

fn read<'a>(line: &'a Line, faults: &mut Faults) -> Option<Row<'a>> {
    let code = line.text("code", faults);
    let name = line.text("name", faults);
    let level = level(line, faults);
    let days = dates::read(line, faults);
    Some(Row { line, code: code?, name: name?, level: level?, days: days? })
}

fn level(line: &Line, faults: &mut Faults) -> Option<UnitLevel> {
    let word = line.text("level", faults)?;
    let level = UnitLevel::from_key(word);
    if level.is_none() {
        let message =
            Message::new("import.one-of").with("expected", "tinh, huyen, xa, so").with("found", word);
        faults.add(line, "level", message);
    }
    level
}

/// The parent in force on the first day of the row, of a higher level so that no circle can arise.
fn parent(row: &Row<'_>, known: &Versions<UnitVersion>, faults: &mut Faults) -> Option<Option<UnitId>> {
    let code = row.line.cell("parent_code");
    if code.is_empty() && row.level == UnitLevel::Province {
        return Some(None);
    }
    let code = row.line.text("parent_code", faults)?;
    let parent =
        known.of_code(code).find(|version| version.is_valid_on(row.days.from) && version.level < row.level);
    if parent.is_none() {
        let message = Message::new("import.no-parent").with("day", row.days.from).with("found", code);
        faults.add(row.line, "parent_code", message);
    }
    parent.map(|version| Some(version.unit))
}
