//! Units from a file: new ones, new versions of those in force, and corrections.

use std::collections::HashSet;

use super::dates::{self, Days, Place};
use super::sheet::{Line, Sheet};
use super::{Change, Changes, Faults};
use crate::db;
use crate::db::conn::Conn;
use crate::domain::ids::UnitId;
use crate::domain::unit::{UnitLevel, UnitVersion};
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
pub(super) fn run(conn: &mut Conn, sheet: &Sheet, faults: &mut Faults) -> Result<Changes> {
    let mut rows: Vec<Row<'_>> = sheet.lines.iter().filter_map(|line| read(line, faults)).collect();
    rows.sort_by_key(|row| (row.days.from, row.level));
    let mut known: Vec<UnitVersion> = db::units::load(conn)?.versions().cloned().collect();
    let mut seen = HashSet::new();
    let mut changes = Changes::default();
    for row in &rows {
        if !seen.insert((row.code, row.days.from)) {
            faults.add(row.line, "code", Message::new("import.twice").with("found", row.code));
            continue;
        }
        let Some(parent) = parent(row, &known, faults) else {
            continue;
        };
        if let Some(change) = save(conn, row, parent, &mut known, faults)? {
            changes.count(change);
        }
    }
    Ok(changes)
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
fn parent(row: &Row<'_>, known: &[UnitVersion], faults: &mut Faults) -> Option<Option<UnitId>> {
    let code = row.line.cell("parent_code");
    if code.is_empty() && row.level == UnitLevel::Province {
        return Some(None);
    }
    let code = row.line.text("parent_code", faults)?;
    let parent = known.iter().find(|version| {
        version.code == code && version.is_valid_on(row.days.from) && version.level < row.level
    });
    if parent.is_none() {
        let message = Message::new("import.no-parent").with("day", row.days.from).with("found", code);
        faults.add(row.line, "parent_code", message);
    }
    parent.map(|version| Some(version.unit))
}

fn save(
    conn: &mut Conn,
    row: &Row<'_>,
    parent: Option<UnitId>,
    known: &mut Vec<UnitVersion>,
    faults: &mut Faults,
) -> Result<Option<Change>> {
    let held: Vec<UnitVersion> = known.iter().filter(|version| version.code == row.code).cloned().collect();
    let days: Vec<Days> = held.iter().map(|one| Days { from: one.valid_from, to: one.valid_to }).collect();
    let place = match dates::place(&days, row.days) {
        Ok(place) => place,
        Err(with) => {
            dates::overlap(row.line, with, faults);
            return Ok(None);
        }
    };
    let old = match place {
        Place::Same(index) | Place::After(index) => held.get(index).cloned(),
        Place::New => None,
    };
    let unit = match &old {
        Some(old) => old.unit,
        None => db::unit_writes::insert(conn, row.level)?,
    };
    let mut version = UnitVersion {
        unit,
        code: row.code.to_owned(),
        name: row.name.to_owned(),
        level: row.level,
        parent,
        valid_from: row.days.from,
        valid_to: row.days.to,
    };
    let Some(mut old) = old else {
        return add(conn, version, known).map(Some);
    };
    if matches!(place, Place::Same(_)) {
        version.valid_to = version.valid_to.or(old.valid_to);
        return correct(conn, &old, version, known).map(Some);
    }
    if let Some(later) = known.iter().find(|one| one.unit == unit && one.valid_from >= row.days.from) {
        dates::overlap(row.line, later.valid_from, faults);
        return Ok(None);
    }
    old.valid_to = Some(row.days.from);
    replace(known, &old);
    db::unit_writes::update_version(conn, &old)?;
    add(conn, version, known).map(Some)
}

fn add(conn: &mut Conn, version: UnitVersion, known: &mut Vec<UnitVersion>) -> Result<Change> {
    db::unit_writes::insert_version(conn, &version)?;
    known.push(version);
    Ok(Change::Added)
}

fn correct(
    conn: &mut Conn,
    old: &UnitVersion,
    version: UnitVersion,
    known: &mut [UnitVersion],
) -> Result<Change> {
    if *old == version {
        return Ok(Change::Unchanged);
    }
    db::unit_writes::update_version(conn, &version)?;
    replace(known, &version);
    Ok(Change::Changed)
}

fn replace(known: &mut [UnitVersion], version: &UnitVersion) {
    let same = |one: &&mut UnitVersion| one.unit == version.unit && one.valid_from == version.valid_from;
    if let Some(slot) = known.iter_mut().find(same) {
        slot.clone_from(version);
    }
}
