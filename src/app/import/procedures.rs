//! Procedures from a file: new ones, new versions of those in force, and corrections.

use super::report::{self, Facts};
use super::rows::{Rows, Telling};
use super::sheet::{Line, Sheet};
use super::{Faults, Report, dates};
use crate::app::progress::Progress;
use crate::app::versions::Versions;
use crate::db;
use crate::db::conn::Conn;
use crate::domain::ids::{FieldId, ProcedureId};
use crate::domain::procedure::{Field, ProcedureVersion};
use crate::domain::versions::Days;
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
pub(super) fn run(
    conn: &mut Conn,
    sheet: &Sheet,
    faults: &mut Faults,
    progress: &Progress,
) -> Result<Report> {
    let fields = db::procedures::fields(conn)?;
    let mut rows: Vec<Row<'_>> = sheet.lines.iter().filter_map(|line| read(line, &fields, faults)).collect();
    rows.sort_by_key(|row| row.days.from);
    let facts = |version: &ProcedureVersion, _: &Versions<ProcedureVersion>| facts(version, &fields);
    let telling = Telling { subject: "procedure", facts: &facts };
    let mut written = Rows::new(db::procedures::versions(conn)?, telling);
    let mut report = Report::default();
    for row in &rows {
        progress.advance(1)?;
        if !written.is_first(row.line, row.code, row.days, faults) {
            continue;
        }
        let version = ProcedureVersion {
            procedure: ProcedureId::from(0),
            code: row.code.to_owned(),
            name: row.name.to_owned(),
            field: row.field,
            confirmed: row.confirmed,
            valid_from: row.days.from,
            valid_to: row.days.to,
        };
        written.save(conn, row.line, version, faults, &mut report)?;
    }
    Ok(report)
}

/// What stands in the columns of a version.
fn facts(version: &ProcedureVersion, fields: &[Field]) -> Facts {
    let field = fields.iter().find(|field| field.id == version.field).map(|field| field.key.clone());
    vec![
        ("code", version.code.clone()),
        ("name", version.name.clone()),
        ("field", field.unwrap_or_default()),
        ("valid_from", report::day(Some(version.valid_from))),
        ("valid_to", report::day(version.valid_to)),
        ("confirmed", if version.confirmed { "yes" } else { "no" }.to_owned()),
    ]
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
