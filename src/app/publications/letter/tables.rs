//! Tables of figures: n, the five levels, the index with its interval, the target and the verdict.

use std::collections::BTreeSet;

use super::word::{Cell, Table};
use super::words::{HIDDEN, NONE, VI, decimal, goal, part, subject};
use crate::app::publications::Names;
use crate::domain::dataset::{Cut, Dataset, Mark, Row};
use crate::domain::questionnaire::Kind;

/// Width of the text in tenths of a millimetre.
pub const TEXT: u32 = 1_650;
const NUMBER: u32 = 80;
const N: u32 = 135;
const LEVEL: u32 = 127;
const INDEX: u32 = 238;
const TARGET: u32 = 110;
const VERDICT: u32 = 245;
/// Letters of a name that needs more room.
const LONG: usize = 40;

/// A row under its name.
pub type Named<'a> = (String, &'a Row);

/// The rows of a cut that a condition holds for, under their names.
pub fn named<'a>(
    dataset: &'a Dataset,
    names: &Names<'a>,
    kind: Kind,
    by: Cut,
    wanted: impl Fn(&Row) -> bool,
) -> Vec<Named<'a>> {
    let rows = dataset.rows(kind, by).iter().filter(|row| wanted(row));
    rows.map(|row| (subject(names, kind, by, row), row)).collect()
}

/// A table of rows, and the notes that it needs. `number` says whether rows are counted.
pub fn levels(
    dataset: &Dataset,
    head: &str,
    words: &[String; 5],
    rows: &[Named],
    number: bool,
) -> (Table, Vec<String>) {
    let targets: BTreeSet<i32> = rows.iter().filter_map(|(_, row)| row.target).collect();
    let differ = targets.len() > 1;
    let is_long = rows.iter().any(|(name, _)| name.chars().count() > LONG);
    let shape = Shape {
        number,
        target: differ && !is_long,
        verdict: !targets.is_empty(),
        against: differ && is_long,
    };
    let marks = marks(rows);
    let mut notes = Vec::new();
    if let (Some(target), false) = (targets.first(), differ) {
        notes.push(VI.with("letter.note.target", &[("target", &goal(*target))]));
    }
    notes.extend(mark_notes(&marks));
    if rows.iter().any(|(_, row)| row.levels.is_none()) {
        notes.push(hidden_note(dataset));
    }
    let table = Table {
        columns: shape.columns(head, words),
        rows: (1..).zip(rows).map(|(place, row)| shape.row(place, row, &marks)).collect(),
    };
    (table, notes)
}

/// Why figures are not shown.
pub fn hidden_note(dataset: &Dataset) -> String {
    VI.with("letter.note.hidden", &[("floor", &VI.count(dataset.floor))])
}

/// The marks of rows, in the order of their signs.
pub fn marks(rows: &[Named]) -> BTreeSet<Mark> {
    rows.iter().flat_map(|(_, row)| row.marks.iter().copied()).collect()
}

/// What the signs mean.
pub fn mark_notes(marks: &BTreeSet<Mark>) -> Vec<String> {
    let text = |mark: &Mark| match mark {
        Mark::Split => "letter.mark.split",
        Mark::Ended => "letter.mark.ended",
        Mark::Changed => "letter.mark.changed",
        Mark::Retargeted => "letter.mark.retargeted",
        Mark::Method => "letter.mark.method",
    };
    (1..).zip(marks).map(|(sign, mark): (usize, _)| format!("({sign}) {}", VI.text(text(mark)))).collect()
}

/// The signs of a row: `(1)(3)`.
pub fn signs(row: &Row, marks: &BTreeSet<Mark>) -> String {
    let found = (1..).zip(marks).filter(|(_, mark)| row.marks.contains(mark));
    found.map(|(sign, _): (usize, _)| format!("({sign})")).collect()
}

/// n of a row.
pub fn answers(row: &Row) -> String {
    row.n().map_or_else(|| HIDDEN.to_owned(), |n| VI.count(n))
}

/// The index of a row over its interval.
pub fn index(row: &Row) -> Vec<String> {
    let Some(figures) = row.figures else {
        return vec![HIDDEN.to_owned()];
    };
    let (Some(index), Some(low), Some(high)) = (figures.index, figures.low, figures.high) else {
        return vec![NONE.to_owned()];
    };
    vec![decimal(index), format!("[{}; {}]", decimal(low), decimal(high))]
}

/// The verdict on a row, one line for what and one for how certain.
pub fn verdict(row: &Row) -> Vec<String> {
    let Some(figures) = row.figures else {
        return vec![HIDDEN.to_owned()];
    };
    figures.verdict.map_or_else(
        || vec![NONE.to_owned()],
        |verdict| {
            let word = VI.text(&format!("verdict.{}", verdict.key()));
            match word.split_once(", ") {
                Some((what, certainty)) => vec![format!("{what},"), certainty.to_owned()],
                None => vec![word],
            }
        },
    )
}

/// The target of a row.
pub fn target(row: &Row) -> String {
    row.target.map_or_else(|| NONE.to_owned(), goal)
}

struct Shape {
    number: bool,
    target: bool,
    verdict: bool,
    /// Whether the target stands under the verdict, where names need the room of its column.
    against: bool,
}

impl Shape {
    fn columns(&self, head: &str, words: &[String; 5]) -> Vec<(u32, String)> {
        let mut right = vec![(N, VI.text("letter.column.n"))];
        right.extend(words.iter().map(|word| (LEVEL, word.clone())));
        right.push((INDEX, VI.text("letter.column.index")));
        right.extend(self.target.then(|| (TARGET, VI.text("letter.column.target"))));
        right.extend(self.verdict.then(|| (VERDICT, VI.text("letter.column.verdict"))));
        let mut columns = Vec::new();
        columns.extend(self.number.then(|| (NUMBER, VI.text("letter.column.number"))));
        let taken: u32 = columns.iter().chain(&right).map(|(width, _)| width).sum();
        columns.push((TEXT - taken, head.to_owned()));
        columns.extend(right);
        columns
    }

    fn row(&self, place: usize, (name, row): &Named, marks: &BTreeSet<Mark>) -> Vec<Cell> {
        let mut cells = Vec::new();
        cells.extend(self.number.then(|| Cell::centred(vec![place.to_string()])));
        cells.push(Cell::words(name).raised(signs(row, marks)));
        cells.push(Cell::numbers(vec![answers(row)]));
        let shares = row.levels.map(|levels| levels.descending().map(|count| (count, levels.valid())));
        for place in 0..5 {
            let share = shares.as_ref().and_then(|shares| shares.get(place));
            cells.push(Cell::numbers(share.map_or_else(
                || vec![HIDDEN.to_owned()],
                |(count, n)| vec![VI.count(*count), part(*count, *n)],
            )));
        }
        cells.push(Cell::numbers(index(row)));
        cells.extend(self.target.then(|| Cell::centred(vec![target(row)])));
        if self.verdict {
            let mut lines = verdict(row);
            let against = row.target.filter(|_| self.against).map(goal);
            lines.extend(against.map(|target| VI.with("letter.column.against", &[("target", &target)])));
            cells.push(Cell::centred(lines));
        }
        cells
    }
}

/// A table whose first column takes what the others leave.
pub fn plain(head: &str, others: &[(u32, &str)], rows: Vec<Vec<Cell>>) -> Table {
    let taken: u32 = others.iter().map(|(width, _)| width).sum();
    let mut columns = vec![(TEXT - taken, head.to_owned())];
    columns.extend(others.iter().map(|(width, key)| (*width, VI.text(key))));
    Table { columns, rows }
}
