//! Sparse systems of sums, solved modulo a prime.

use std::collections::{BTreeMap, BTreeSet};

use super::prime::{PRIME, add, inverse, negative, product, scattered};

/// The entries of an equation other than zero, by column.
pub type Row = Vec<(usize, u64)>;

/// An equation that was used to get rid of a column.
#[derive(Debug)]
struct Step {
    column: usize,
    row: Row,
    inverse: u64,
    /// Which of the given equations it is, less the multiples of earlier steps.
    origin: usize,
    less: Vec<(usize, u64)>,
}

/// A system in echelon form.
///
/// Columns are removed in the order of how many equations hold them, and each by the shortest of these
/// (after Markowitz): tables, trees and chains of periods then fill up very little.
#[derive(Debug, Default)]
pub struct System {
    steps: Vec<Step>,
    step_of: BTreeMap<usize, usize>,
    columns: usize,
}

impl System {
    /// Solves equations over `columns` unknowns.
    ///
    /// Columns in `last` are removed only when no others are left, so that the equations that end up
    /// there are all those that hold between them alone. Each equation met on the way is given to `met`.
    pub fn solve(rows: Vec<Row>, columns: usize, last: &[bool], met: &mut impl FnMut(&Row)) -> Self {
        let mut elimination = Elimination::start(rows, columns, last);
        while let Some((_, _, column)) = elimination.queue.pop_first() {
            elimination.remove(column, met);
        }
        let steps = elimination.steps;
        let step_of = steps.iter().enumerate().map(|(number, step)| (step.column, number)).collect();
        Self { steps, step_of, columns }
    }

    /// One solution of the equations with nothing on their right side, drawn evenly from all of them.
    ///
    /// A column that is zero in it is zero in all of them, but for a chance of one in 2⁶¹; one that is zero
    /// in all of them is zero in it for certain.
    pub fn solution(&self, seed: u64) -> Vec<u64> {
        let mut values: Vec<u64> = scattered(seed).take(self.columns).collect();
        for step in self.steps.iter().rev() {
            let rest = step.row.iter().filter(|(column, _)| *column != step.column).fold(0, |sum, entry| {
                add(sum, product(entry.1, values.get(entry.0).copied().unwrap_or_default()))
            });
            if let Some(value) = values.get_mut(step.column) {
                *value = product(negative(rest), step.inverse);
            }
        }
        values
    }

    /// Which multiples of the given equations add up to this one; none if it does not follow.
    pub fn proof(&self, row: &Row) -> Option<BTreeMap<usize, u64>> {
        // A column without a step is free; its part may still cancel out, so it is looked at last.
        let number = |column: &usize| self.step_of.get(column).copied().unwrap_or(usize::MAX);
        let mut rest: BTreeMap<_, _> =
            row.iter().map(|(column, entry)| ((number(column), *column), *entry)).collect();
        let mut uses = BTreeMap::new();
        while let Some(((used, _), value)) = rest.pop_first() {
            let step = self.steps.get(used)?;
            let multiple = product(value, step.inverse);
            uses.insert(used, multiple);
            for (column, entry) in step.row.iter().filter(|(column, _)| *column != step.column) {
                let change = product(negative(multiple), *entry);
                let key = (number(column), *column);
                let sum = add(rest.remove(&key).unwrap_or_default(), change);
                if sum != 0 {
                    rest.insert(key, sum);
                }
            }
        }
        Some(self.origins(uses))
    }

    fn origins(&self, mut uses: BTreeMap<usize, u64>) -> BTreeMap<usize, u64> {
        let mut origins = BTreeMap::new();
        while let Some((number, multiple)) = uses.pop_last() {
            let Some(step) = self.steps.get(number) else { continue };
            origins.insert(step.origin, multiple);
            for (earlier, less) in &step.less {
                let sum = uses.entry(*earlier).or_default();
                *sum = add(*sum, product(negative(multiple), *less));
            }
        }
        origins.retain(|_, multiple| *multiple != 0);
        origins
    }

    /// The columns in `last` of which something follows that involves no others.
    pub fn tied(&self, last: &[bool]) -> BTreeSet<usize> {
        let steps = self.steps.iter().filter(|step| last.get(step.column).copied().unwrap_or_default());
        steps.flat_map(|step| step.row.iter().map(|(column, _)| *column)).collect()
    }

    /// Gives `met` the equations between the columns in `last` alone, each reduced by all others. Those
    /// that grow past `longest` entries are passed over.
    pub fn reduced(&self, last: &[bool], longest: usize, met: &mut impl FnMut(&Row)) {
        let mut done: BTreeMap<usize, Row> = BTreeMap::new();
        for step in self.steps.iter().rev() {
            if !last.get(step.column).copied().unwrap_or_default() {
                break;
            }
            let mut row = step.row.clone();
            let pivots: Vec<_> =
                row.iter().copied().filter(|(column, _)| done.contains_key(column)).collect();
            for (column, entry) in pivots {
                if let (Some(other), true) = (done.get(&column), row.len() <= longest) {
                    row = combined(&row, other, negative(entry)).0;
                }
            }
            if row.len() > longest {
                continue;
            }
            met(&row);
            let row = row.into_iter().map(|(column, entry)| (column, product(entry, step.inverse)));
            done.insert(step.column, row.collect());
        }
    }
}

/// Whether an equation fixes a plain sum: its entries are small whole numbers of one sign, once it is
/// divided by one of them.
pub fn is_one_sign(row: &Row) -> bool {
    const SMALL: u64 = 1000;
    row.iter().any(|(_, divisor)| {
        let inverse = inverse(*divisor);
        row.iter().all(|(_, entry)| product(*entry, inverse) <= SMALL)
    })
}

#[derive(Debug)]
struct Working {
    row: Row,
    less: Vec<(usize, u64)>,
}

struct Elimination<'a> {
    rows: Vec<Working>,
    holders: Vec<Vec<usize>>,
    queue: BTreeSet<(bool, usize, usize)>,
    last: &'a [bool],
    steps: Vec<Step>,
}

impl<'a> Elimination<'a> {
    fn start(rows: Vec<Row>, columns: usize, last: &'a [bool]) -> Self {
        let mut holders = vec![Vec::new(); columns];
        for (number, row) in rows.iter().enumerate() {
            for (column, _) in row {
                if let Some(holders) = holders.get_mut(*column) {
                    holders.push(number);
                }
            }
        }
        let rows = rows.into_iter().map(|row| Working { row, less: Vec::new() }).collect();
        let mut start = Self { rows, holders, queue: BTreeSet::new(), last, steps: Vec::new() };
        start.queue = (0..columns).map(|column| start.key(column)).filter(|key| key.1 > 0).collect();
        start
    }

    fn key(&self, column: usize) -> (bool, usize, usize) {
        let last = self.last.get(column).copied().unwrap_or_default();
        (last, self.holders.get(column).map_or(0, Vec::len), column)
    }

    fn remove(&mut self, column: usize, met: &mut impl FnMut(&Row)) {
        let holders = self.holders.get_mut(column).map(std::mem::take).unwrap_or_default();
        let length = |number: &usize| self.rows.get(*number).map_or(usize::MAX, |working| working.row.len());
        let Some(origin) = holders.iter().copied().min_by_key(|number| (length(number), *number)) else {
            return;
        };
        let Some(working) = self.rows.get_mut(origin) else { return };
        let row = std::mem::take(&mut working.row);
        let less = std::mem::take(&mut working.less);
        let entry = row.iter().find(|(other, _)| *other == column).map_or(1, |(_, entry)| *entry);
        let inverse = inverse(entry);
        for (other, _) in row.iter().filter(|(other, _)| *other != column) {
            self.recount(*other, |holders| holders.retain(|holder| *holder != origin));
        }
        for number in holders.into_iter().filter(|number| *number != origin) {
            self.subtract(number, &row, column, inverse);
            if let Some(working) = self.rows.get(number) {
                met(&working.row);
            }
        }
        self.steps.push(Step { column, row, inverse, origin, less });
    }

    /// Takes a multiple of `row` from an equation, so that it no longer holds `column`.
    fn subtract(&mut self, number: usize, row: &Row, column: usize, inverse: u64) {
        let step = self.steps.len();
        let Some(working) = self.rows.get_mut(number) else { return };
        let entry = working.row.iter().find(|(other, _)| *other == column).map_or(0, |(_, entry)| *entry);
        let multiple = product(entry, inverse);
        let (result, gained, lost) = combined(&working.row, row, negative(multiple));
        working.row = result;
        working.less.push((step, multiple));
        for other in gained {
            self.recount(other, |holders| holders.push(number));
        }
        for other in lost.into_iter().filter(|other| *other != column) {
            self.recount(other, |holders| holders.retain(|holder| *holder != number));
        }
    }

    fn recount(&mut self, column: usize, change: impl FnOnce(&mut Vec<usize>)) {
        self.queue.remove(&self.key(column));
        if let Some(holders) = self.holders.get_mut(column) {
            change(holders);
        }
        let key = self.key(column);
        if key.1 > 0 {
            self.queue.insert(key);
        }
    }
}

/// `row` + `multiple`·`other`, and the columns that it gained and lost by that.
fn combined(row: &Row, other: &Row, multiple: u64) -> (Row, Vec<usize>, Vec<usize>) {
    let (mut result, mut gained, mut lost) = (Row::with_capacity(row.len() + other.len()), vec![], vec![]);
    let (mut left, mut right) = (row.iter().copied().peekable(), other.iter().copied().peekable());
    loop {
        let (here, there) =
            (left.peek().map_or(usize::MAX, |e| e.0), right.peek().map_or(usize::MAX, |e| e.0));
        let (old, new) = match here.cmp(&there) {
            std::cmp::Ordering::Less => (left.next(), None),
            std::cmp::Ordering::Greater => (None, right.next()),
            std::cmp::Ordering::Equal => (left.next(), right.next()),
        };
        match (old, new) {
            (None, None) => break,
            (Some(entry), None) => result.push(entry),
            (None, Some((column, entry))) => {
                gained.push(column);
                result.push((column, product(multiple, entry)));
            }
            (Some((column, entry)), Some((_, added))) => match add(entry, product(multiple, added)) {
                0 => lost.push(column),
                sum => result.push((column, sum)),
            },
        }
    }
    debug_assert!(result.iter().all(|(_, entry)| *entry != 0 && *entry < PRIME));
    (result, gained, lost)
}
