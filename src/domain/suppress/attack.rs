//! What follows about small groups from the cells that are shown.

use std::collections::{BTreeMap, BTreeSet};

use super::grid::{Grid, Relation, Standing};
use super::is_hidden;
use super::prime::{add, product, residue};
use super::system::{Row, System, is_one_sign};
use super::ties::Ties;

/// Rows longer than this are not reduced further; a group of fewer people than the floor has fewer cells.
const LONGEST: usize = 64;

/// What someone finds out who solves all sums at once for the cells that are not shown.
#[derive(Debug)]
pub struct Attack<'a> {
    grid: &'a Grid,
    unknown: &'a [bool],
    floor: u64,
    /// The people in each unknown small cell; nought for all other cells.
    people: Vec<u64>,
    system: System,
    /// Values of the unknown cells that would change no shown cell.
    slack: Vec<u64>,
    /// Small cells of which something follows that involves no others.
    tied: BTreeSet<usize>,
    /// Sums of small cells that follow and are themselves over too few people.
    pub groups: BTreeSet<Row>,
}

impl<'a> Attack<'a> {
    /// Attacks a grid of which everything is known but the cells in `unknown`.
    pub fn on(grid: &'a Grid, unknown: &'a [bool], floor: u64) -> Self {
        let people: Vec<u64> = (grid.cells.iter().zip(unknown))
            .map(|(cell, unknown)| if *unknown && is_hidden(cell.n, floor) { cell.n } else { 0 })
            .collect();
        let sensitive: Vec<bool> = people.iter().map(|n| *n > 0).collect();
        let mut groups = BTreeSet::new();
        let mut met = |row: &Row| {
            if is_small(row, &people, floor) && is_one_sign(row) {
                groups.insert(row.clone());
            }
        };
        let rows: Vec<Row> = grid.relations.iter().map(|relation| unknown_part(relation, unknown)).collect();
        rows.iter().for_each(&mut met);
        let system = System::solve(rows, grid.cells.len(), &sensitive, &mut met);
        system.reduced(&sensitive, LONGEST, &mut met);
        let slack = system.solution(1);
        let tied = system.tied(&sensitive);
        groups.extend(Ties { slack: &slack, people: &people, floor }.singles_and_pairs(&tied));
        Self { grid, unknown, floor, people, system, slack, tied, groups }
    }

    /// Groups of three and four cells, which take longer to find.
    pub fn larger_groups(&self) -> BTreeSet<Row> {
        let ties = Ties { slack: &self.slack, people: &self.people, floor: self.floor };
        ties.threes_and_fours(&self.tied, &self.grid.relations).into_iter().collect()
    }

    /// Whether a cell follows from what is shown.
    pub fn gives_away(&self, cell: usize) -> bool {
        self.slack.get(cell).is_some_and(|slack| *slack == 0)
    }

    /// The cells by hiding any of which one way of finding out about a group is barred; none if the group
    /// does not follow at all.
    pub fn bars(&self, group: &Row) -> Option<Vec<usize>> {
        let mut uses: BTreeMap<usize, u64> = BTreeMap::new();
        for (relation, multiple) in self.system.proof(group)? {
            for (cell, factor) in self.grid.relations.get(relation)? {
                let sum = uses.entry(*cell).or_default();
                *sum = add(*sum, product(multiple, residue(*factor)));
            }
        }
        let used = uses.into_iter().filter(|(_, multiple)| *multiple != 0).map(|(cell, _)| cell);
        Some(used.filter(|cell| self.may_hide(*cell)).collect())
    }

    fn may_hide(&self, cell: usize) -> bool {
        let open =
            self.grid.cells.get(cell).is_some_and(|cell| cell.standing == Standing::Open && cell.n > 0);
        open && !self.unknown.get(cell).copied().unwrap_or_default()
    }
}

fn unknown_part(relation: &Relation, unknown: &[bool]) -> Row {
    let entries = relation.iter().filter(|(cell, _)| unknown.get(*cell).copied().unwrap_or_default());
    entries.map(|(cell, factor)| (*cell, residue(*factor))).collect()
}

/// Whether an equation holds small cells alone, and over fewer people than the floor.
fn is_small(row: &Row, people: &[u64], floor: u64) -> bool {
    let mut sum = 0;
    for (cell, _) in row {
        let n = people.get(*cell).copied().unwrap_or_default();
        sum += n;
        if n == 0 || sum >= floor {
            return false;
        }
    }
    sum > 0
}
