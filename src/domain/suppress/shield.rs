//! Choice of the cells to hide.
//!
//! First every sum by itself is given enough hidden cells, which settles nearly all; then whatever still
//! follows from several sums together is barred, cell by cell, until nothing small follows.

mod price;
mod withstand;

use std::collections::BTreeSet;

use super::grid::{Grid, Place, Protected, Standing, Veil};
use super::is_hidden;
use price::costs;

/// What a sum leaves over when the shown cells are taken out: hidden cells and the people in them.
#[derive(Debug, Clone, Copy, Default)]
struct Side {
    cells: usize,
    people: u64,
}

/// The parts and the total of a sum.
#[derive(Debug, Clone, Copy, Default)]
struct Rest {
    parts: Side,
    total: Side,
    /// Cells that are not shown but follow, until another cell of the sum is hidden.
    settled: usize,
}

struct Shield<'a> {
    grid: &'a Grid,
    floor: u64,
    relations_of: Vec<Vec<usize>>,
    /// What hiding a cell costs by itself.
    cost: Vec<i128>,
    /// The cells of each relation that may be hidden, the cheapest last; hidden ones drop off that end.
    spare: Vec<Vec<usize>>,
    rests: Vec<Rest>,
    veils: Vec<Veil>,
    /// Cells that follow although they are not shown, and so hide nothing.
    settled: Vec<bool>,
    /// Times that groups were barred.
    rounds: usize,
    /// Cells hidden for others' sake that follow anyway, as of the last attack.
    idle: Vec<usize>,
    /// The sums that may give away something.
    due: BTreeSet<usize>,
}

impl Grid {
    /// Decides which cells to hide so that no one learns about a group of fewer than `floor` people.
    ///
    /// Hidden are all open cells with 0 < n < `floor`, and what must be hidden besides, few and small
    /// cells rather than many and large ones, totals last. Then none of these follows from all the sums
    /// over shown, known and empty cells together:
    /// - a cell with 0 < n < `floor`;
    /// - the sum of two such cells, while it is itself below `floor`;
    /// - the sum of more such cells, while it is below `floor` and is what is left over of a sum of the
    ///   grid or of a row of the reduced system of all sums; sums of three and four such cells also where
    ///   they are not, as far as they are looked for (all of them in tables of a few hundred small cells);
    /// - the size of such a cell from knowing besides that no hidden cell is empty and no count below
    ///   zero, as far as that shows sum by sum.
    ///
    /// What can be had nevertheless, because it follows from cells that can no longer be hidden, is listed
    /// in [`Protected::laid_open`]. The same grid always gives the same result.
    pub fn protect(&self, floor: u64) -> Protected {
        let mut shield = Shield::new(self, floor);
        let laid_open = loop {
            shield.fill_sums();
            let Some(mut laid_open) = shield.bar() else { continue };
            if let Some(pinned) = shield.unpin() {
                laid_open.extend(pinned);
                laid_open.sort();
                laid_open.dedup();
                break laid_open;
            }
        };
        if laid_open.is_empty() {
            shield.relent();
        }
        for cell in std::mem::take(&mut shield.idle) {
            if let Some(veil) = shield.veils.get_mut(cell) {
                *veil = Veil::Shown;
            }
        }
        Protected { veils: shield.veils, laid_open }
    }
}

impl<'a> Shield<'a> {
    fn new(grid: &'a Grid, floor: u64) -> Self {
        let mut relations_of = vec![Vec::new(); grid.cells.len()];
        for (number, relation) in grid.relations.iter().enumerate() {
            for (cell, _) in relation {
                if let Some(relations) = relations_of.get_mut(*cell) {
                    relations.push(number);
                }
            }
        }
        let cost = costs(grid, floor);
        let spare = grid.relations.iter().map(|relation| {
            let open = relation.iter().map(|(cell, _)| *cell).filter(|cell| {
                grid.cells
                    .get(*cell)
                    .is_some_and(|cell| cell.standing == Standing::Open && cell.n >= floor.max(1))
            });
            let mut open: Vec<usize> = open.collect();
            open.sort_by_key(|cell| std::cmp::Reverse((cost.get(*cell).copied(), *cell)));
            open
        });
        let mut shield = Self {
            grid,
            floor,
            relations_of,
            spare: spare.collect(),
            cost,
            rests: vec![Rest::default(); grid.relations.len()],
            veils: vec![Veil::Shown; grid.cells.len()],
            settled: vec![false; grid.cells.len()],
            rounds: 0,
            idle: Vec::new(),
            due: BTreeSet::new(),
        };
        for (number, cell) in grid.cells.iter().enumerate() {
            match cell.standing {
                Standing::Open if is_hidden(cell.n, floor) => shield.hide(number, Veil::Primary),
                Standing::Unpublished | Standing::Change => shield.hide(number, Veil::Unpublished),
                Standing::Open | Standing::Known => {}
            }
        }
        shield
    }

    fn n(&self, cell: usize) -> u64 {
        self.grid.n(Place(cell))
    }

    fn is_shown(&self, cell: usize) -> bool {
        self.veils.get(cell) == Some(&Veil::Shown)
    }

    fn relations_of(&self, cell: usize) -> &[usize] {
        self.relations_of.get(cell).map_or(&[], Vec::as_slice)
    }

    fn hide(&mut self, cell: usize, veil: Veil) {
        if let Some(old) = self.veils.get_mut(cell) {
            *old = veil;
        }
        if self.n(cell) == 0 {
            return;
        }
        self.count(cell, |side, _, n| {
            side.cells += 1;
            side.people += n;
        });
        let grid = self.grid;
        for number in self.relations_of.get(cell).cloned().unwrap_or_default() {
            let veils = &self.veils;
            let shown = |cell: &usize| veils.get(*cell) == Some(&Veil::Shown);
            if let Some(spare) = self.spare.get_mut(number) {
                while spare.pop_if(|cell| !shown(cell)).is_some() {}
            }
            for (other, _) in grid.relations.get(number).into_iter().flatten() {
                self.unsettle(*other);
            }
        }
    }

    fn is_settled(&self, cell: usize) -> bool {
        self.settled.get(cell).copied().unwrap_or_default()
    }

    /// Counts a cell as known, since it follows from one sum.
    fn settle(&mut self, cell: usize) {
        if let Some(settled) = self.settled.get_mut(cell) {
            *settled = true;
        }
        self.count(cell, |side, settled, n| {
            side.cells -= 1;
            side.people -= n;
            *settled += 1;
        });
    }

    /// Counts a cell as hidden again, since less is known now.
    fn unsettle(&mut self, cell: usize) {
        if !self.is_settled(cell) {
            return;
        }
        if let Some(settled) = self.settled.get_mut(cell) {
            *settled = false;
        }
        self.count(cell, |side, settled, n| {
            side.cells += 1;
            side.people += n;
            *settled -= 1;
        });
    }

    fn count(&mut self, cell: usize, change: impl Fn(&mut Side, &mut usize, u64)) {
        let n = self.n(cell);
        for number in self.relations_of.get(cell).into_iter().flatten() {
            self.due.insert(*number);
            let mut relation = self.grid.relations.get(*number).into_iter().flatten();
            let factor = relation.find(|(other, _)| *other == cell).map(|(_, factor)| *factor);
            if let (Some(rest), Some(factor)) = (self.rests.get_mut(*number), factor) {
                change(if factor < 0 { &mut rest.total } else { &mut rest.parts }, &mut rest.settled, n);
            }
        }
    }

    /// Whether a sum gives away what it leaves over: a single cell, or a group of too few people.
    fn is_thin(&self, relation: usize) -> bool {
        let rest = self.rests.get(relation).copied().unwrap_or_default();
        match (rest.parts.cells, rest.total.cells) {
            (0, 0) => false,
            (_, 0) => rest.parts.cells == 1 || rest.parts.people < self.floor,
            (0, _) => true,
            (_, _) => false,
        }
    }

    /// Hides cells until no sum by itself gives away what it leaves over.
    fn fill_sums(&mut self) {
        while let Some(relation) = self.due.pop_first() {
            if !self.is_thin(relation) {
                continue;
            }
            let single = self.single(relation).filter(|cell| !is_hidden(self.n(*cell), self.floor));
            let unpublished = single.filter(|cell| self.veils.get(*cell) == Some(&Veil::Unpublished));
            match (unpublished, self.cheapest(relation), single) {
                (Some(cell), _, _) | (None, None, Some(cell)) => self.settle(cell),
                (None, Some(cell), _) => self.hide(cell, Veil::Secondary),
                // What is small and follows from known cells alone is found by the attack.
                (None, None, None) => {}
            }
        }
    }

    /// The only cell that a sum leaves over.
    fn single(&self, relation: usize) -> Option<usize> {
        let cells = self.grid.relations.get(relation)?.iter().map(|(cell, _)| *cell);
        let mut hidden =
            cells.filter(|cell| self.n(*cell) > 0 && !self.is_shown(*cell) && !self.is_settled(*cell));
        hidden.next().filter(|_| hidden.next().is_none())
    }
}
