//! Procedures from a file: new ones, new versions of those in force, and corrections.

use std::collections::HashSet;

use super::dates::{self, Days, Place};
use super::sheet::{Line, Sheet};
use super::{Change, Changes, Faults};
use crate::db;
use crate::db::conn::Conn;
use crate::domain::ids::FieldId;
use crate::domain::procedure::{Field, ProcedureVersion};
use crate::error::Result;
use crate::locale::Message;

struct Row<'a> {
    line: &'a Line,
    code: &'a str,
    name: &'a str,
    field: FieldId,
    confirmed: bool,
    days: Days,
}

/// Writes the rows, older ones first, so that a file may stand in any order.
pub(super) fn run(conn: &mut Conn, sheet: &Sheet, faults: &mut Faults) -> Result<Changes> {
    let fields = db::procedures::fields(conn)?;
    let mut rows: Vec<Row<'_>> = sheet.lines.iter().filter_map(|line| read(line, &fields, faults)).collect();
    rows.sort_by_key(|row| row.days.from);
    let mut known = db::procedures::versions(conn)?;
    let mut seen = HashSet::new();
    let mut changes = Changes::default();
    for row in &rows {
        if !seen.insert((row.code, row.days.from)) {
            faults.add(row.line, "code", Message::new("import.twice").with("found", row.code));
            continue;
        }
        if let Some(change) = save(conn, row, &mut known, faults)? {
            changes.count(change);
        }
    }
    Ok(changes)
}

fn read<'a>(line: &'a Line, fields: &[Field], faults: &mut Faults) -> Option<Row<'a>> {
    let code = line.text("code", faults);
    let name = line.text("name", faults);
    let field = field(line, fields, faults);
    let confirmed = confirmed(line, faults);
    let days = dates::read(line, faults);
    Some(Row { line, code: code?, name: name?, field: field?, confirmed: confirmed?, days: days? })
}

fn field(line: &Line, fields: &[Field], faults: &mut Faults) -> Option<FieldId> {
    let word = line.text("field", faults)?;
    let field = fields.iter().find(|field| field.key == word);
    if field.is_none() {
        let keys: Vec<&str> = fields.iter().map(|field| field.key.as_str()).collect();
        let message = Message::new("import.one-of").with("expected", keys.join(", ")).with("found", word);
        faults.add(line, "field", message);
    }
    field.map(|field| field.id)
}

/// A code that nobody said was checked is unconfirmed.
fn confirmed(line: &Line, faults: &mut Faults) -> Option<bool> {
    match line.cell("confirmed") {
        "yes" => Some(true),
        "no" | "" => Some(false),
        other => {
            let message = Message::new("import.one-of").with("expected", "yes, no").with("found", other);
            faults.add(line, "confirmed", message);
            None
        }
    }
}

fn save(
    conn: &mut Conn,
    row: &Row<'_>,
    known: &mut Vec<ProcedureVersion>,
    faults: &mut Faults,
) -> Result<Option<Change>> {
    let held: Vec<ProcedureVersion> =
        known.iter().filter(|version| version.code == row.code).cloned().collect();
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
    let procedure = match &old {
        Some(old) => old.procedure,
        None => db::procedure_writes::insert(conn)?,
    };
    let mut version = ProcedureVersion {
        procedure,
        code: row.code.to_owned(),
        name: row.name.to_owned(),
        field: row.field,
        confirmed: row.confirmed,
        valid_from: row.days.from,
        valid_to: row.days.to,
    };
    if let Some(mut old) = old {
        if matches!(place, Place::Same(_)) {
            version.valid_to = version.valid_to.or(old.valid_to);
            if old == version {
                return Ok(Some(Change::Unchanged));
            }
            db::procedure_writes::update_version(conn, &version)?;
            replace(known, &version);
            return Ok(Some(Change::Changed));
        }
        old.valid_to = Some(row.days.from);
        db::procedure_writes::update_version(conn, &old)?;
        replace(known, &old);
    }
    db::procedure_writes::insert_version(conn, &version)?;
    known.push(version);
    Ok(Some(Change::Added))
}

fn replace(known: &mut [ProcedureVersion], version: &ProcedureVersion) {
    let same = |one: &&mut ProcedureVersion| {
        one.procedure == version.procedure && one.valid_from == version.valid_from
    };
    if let Some(slot) = known.iter_mut().find(same) {
        slot.clone_from(version);
    }
}
