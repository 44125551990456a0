//! Dossiers settled from a file: one line for each unit, field and month.

use std::collections::hash_map::Entry;
use std::collections::{HashMap, HashSet};

use serde::{Deserialize, Serialize};

use super::answers::field;
use super::columns::Columns;
use super::sheet::{Line, Sheet};
use super::{Change, Changes, Faults, dates};
use crate::app::batches;
use crate::app::catalogue::Snapshot;
use crate::app::dossiers::{self, MOST};
use crate::app::progress::Progress;
use crate::db;
use crate::db::bulk::Settled;
use crate::db::conn::Conn;
use crate::domain::ids::{FieldId, UnitId};
use crate::domain::job::Step;
use crate::domain::number;
use crate::domain::period::Period;
use crate::domain::person::{Actor, Permission};
use crate::error::Result;
use crate::locale::Message;

/// Columns that must be there; there are no others.
pub const REQUIRED: [&str; 4] = ["unit_code", "field", "month", "settled"];

/// A line and what it would change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Planned {
    /// What the file says.
    pub settled: Settled,
    /// What is there now.
    pub before: Option<i64>,
}

impl Planned {
    /// Whether the line changes anything.
    pub fn is_new(&self) -> bool {
        self.before != Some(self.settled.count)
    }
}

/// A line held against the answers of its month, as a preview shows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Weighed {
    /// The line and what it would change.
    pub planned: Planned,
    /// Answers of the unit in the field and month; none where they may not be seen.
    pub answers: Option<u64>,
}

impl Weighed {
    /// Whether there are more answers than the line says dossiers.
    pub fn is_exceeded(&self) -> bool {
        dossiers::is_exceeded(self.answers, u64::try_from(self.planned.settled.count).ok())
    }
}

/// Holds lines against the answers of their months; those with more answers than dossiers come first.
///
/// # Errors
/// Those of the database.
pub fn weigh(
    conn: &mut Conn,
    snapshot: &Snapshot,
    actor: &Actor,
    planned: Vec<Planned>,
) -> Result<Vec<Weighed>> {
    let mut months = HashMap::new();
    let mut weighed = Vec::with_capacity(planned.len());
    for one in planned {
        let Settled { unit, field, month, .. } = one.settled;
        let answered = match months.entry(month) {
            Entry::Occupied(found) => found.into_mut(),
            Entry::Vacant(place) => place.insert(match dossiers::month_of(month) {
                Some(month) => dossiers::answered(conn, snapshot, actor, (None, month))?,
                None => dossiers::Answered::new(),
            }),
        };
        weighed.push(Weighed { planned: one, answers: answered.get(&(unit, field)).copied() });
    }
    weighed.sort_by_key(|one| !one.is_exceeded());
    Ok(weighed)
}

/// Reads a file; nothing is written.
///
/// # Errors
/// Not found for whoever may not enter dossiers; invalid with every fault, each with its line and column.
pub fn read(snapshot: &Snapshot, actor: &Actor, file: &[u8], progress: &Progress) -> Result<Vec<Settled>> {
    actor.require(Permission::EnterAnswers)?;
    let mut faults = Faults::default();
    let columns = Columns::of(super::Kind::Dossiers, Vec::new());
    let sheet = Sheet::of(file, columns, super::MOST_LINES, &mut faults)?;
    progress.begin(Step::Preparing, sheet.lines.len());
    let mut seen = HashSet::new();
    let mut settled = Vec::with_capacity(sheet.lines.len());
    for line in &sheet.lines {
        progress.advance(1)?;
        let Some(one) = of_line(snapshot, actor, line, &mut faults) else {
            continue;
        };
        if !seen.insert((one.unit, one.field, one.month)) {
            faults.add(line, "month", Message::new("import.twice").with("found", line.cell("month")));
            continue;
        }
        settled.push(one);
    }
    faults.none()?;
    Ok(settled)
}

/// Each line with what is there now.
///
/// # Errors
/// Those of the database.
pub fn plan(conn: &mut Conn, settled: &[Settled]) -> Result<Vec<Planned>> {
    let mut held = HashMap::new();
    let planned = settled.iter().map(|one| {
        let of_month = match held.entry((one.unit, one.month)) {
            Entry::Occupied(found) => found.into_mut(),
            Entry::Vacant(place) => place.insert(db::dossiers::of_unit(conn, one.unit, one.month)?),
        };
        Ok(Planned { settled: *one, before: of_month.get(&one.field).copied() })
    });
    planned.collect()
}

/// What lines would change.
pub fn changes(planned: &[Planned]) -> Changes {
    let mut changes = Changes::default();
    for one in planned {
        changes.count(match one.before {
            None => Change::Added,
            Some(_) if one.is_new() => Change::Changed,
            Some(_) => Change::Unchanged,
        });
    }
    changes
}

/// Writes the dossiers of a file in the transaction of `conn`, and gives each line with what was there; the same
/// file again changes nothing.
///
/// # Errors
/// Those of the database. The transaction must then be given up.
pub(super) fn store(
    conn: &mut Conn,
    actor: &Actor,
    settled: &[Settled],
    progress: &Progress,
) -> Result<Vec<Planned>> {
    progress.begin(Step::Writing, settled.len());
    let planned = plan(conn, settled)?;
    let changes = changes(&planned);
    if changes.added + changes.changed > 0 {
        db::audit::insert(conn, actor, "import.dossiers", "dossiers", &changes)?;
    }
    for one in &planned {
        if one.is_new() {
            db::dossiers::save(conn, &one.settled)?;
        }
        progress.advance(1)?;
    }
    Ok(planned)
}

fn of_line(snapshot: &Snapshot, actor: &Actor, line: &Line, faults: &mut Faults) -> Option<Settled> {
    let month = month(line, faults);
    let field = open_field(snapshot, line, month, faults);
    let count = count(line, faults);
    let unit = month.and_then(|month| unit(snapshot, actor, line, month, faults));
    Some(Settled { unit: unit?, field: field?, month: dossiers::month_number(month?), count: count? })
}

/// The field of a line, which must have been open when the month began.
fn open_field(
    snapshot: &Snapshot,
    line: &Line,
    month: Option<Period>,
    faults: &mut Faults,
) -> Option<FieldId> {
    let (id, first) = (field(snapshot, line, faults)?, month?.from());
    if snapshot.field(id).is_some_and(|field| field.is_closed_on(first)) {
        let message = Message::new("entry.import.field-closed").with_day("day", first);
        faults.add(line, "field", message.with("found", line.cell("field")));
        return None;
    }
    Some(id)
}

fn month(line: &Line, faults: &mut Faults) -> Option<Period> {
    let text = line.text("month", faults)?;
    let month = dossiers::month(&dates::period(text));
    if month.is_none() {
        faults.add(line, "month", Message::new("entry.import.no-month").with("found", text));
    }
    month
}

fn count(line: &Line, faults: &mut Faults) -> Option<i64> {
    let text = line.text("settled", faults)?;
    let count = number::ungrouped(text).and_then(|digits| dossiers::count(&digits));
    if count.is_none() {
        let message = Message::new("entry.import.no-count").with("most", MOST).with("found", text);
        faults.add(line, "settled", message);
    }
    count
}

/// The unit that bears the code at the end of the month, within the actor's reach.
fn unit(
    snapshot: &Snapshot,
    actor: &Actor,
    line: &Line,
    month: Period,
    faults: &mut Faults,
) -> Option<UnitId> {
    let code = line.text("unit_code", faults)?;
    let unit = snapshot.units.by_code(code, month.to());
    let unit = unit.filter(|unit| batches::reach(snapshot, actor, unit.unit).is_ok());
    if unit.is_none() {
        let message = Message::new("entry.import.no-unit").with("day", month.to()).with("found", code);
        faults.add(line, "unit_code", message);
    }
    unit.map(|unit| unit.unit)
}
