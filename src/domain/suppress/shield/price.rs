//! What hiding a cell costs: answers, most of all those of totals.

use super::Shield;
use crate::domain::suppress::Grid;

/// What hiding each cell costs by itself.
pub(super) fn costs(grid: &Grid, floor: u64) -> Vec<i128> {
    // A total over many cells is worth more than its answers: four times as much with each step up.
    (grid.cells.iter().zip(heights(grid)))
        .map(|(cell, height)| (i128::from(cell.n) + i128::from(floor)) << (2 * height))
        .collect()
}

/// How many sums deep the cells lie under each, up to a limit that keeps senseless loops finite.
fn heights(grid: &Grid) -> Vec<u32> {
    const HIGHEST: u32 = 12;
    let mut heights = vec![0; grid.cells.len()];
    for _ in 0..HIGHEST {
        let mut grown = false;
        for relation in &grid.relations {
            let parts = relation.iter().filter(|(_, factor)| *factor > 0);
            let below = parts.filter_map(|(cell, _)| heights.get(*cell)).max().copied().unwrap_or(0);
            let total = relation.iter().find(|(_, factor)| *factor < 0);
            if let Some(height) = total.and_then(|(cell, _)| heights.get_mut(*cell))
                && *height <= below
            {
                *height = below + 1;
                grown = true;
            }
        }
        if !grown {
            break;
        }
    }
    heights
}

impl Shield<'_> {
    /// The cell of a sum that costs least to hide; none if none can be.
    pub(super) fn cheapest(&self, relation: usize) -> Option<usize> {
        let spare = self.spare.get(relation)?.iter().rev().copied().filter(|cell| self.is_shown(*cell));
        let priced = spare.filter_map(|cell| Some((self.price(cell, Some(relation))?, cell)));
        priced.min().map(|(_, cell)| cell)
    }

    /// What hiding a cell costs together with what must then be hidden in its other sums, less what these
    /// would have cost anyway; none if it would follow from known cells.
    pub(super) fn price(&self, cell: usize, within: Option<usize>) -> Option<i128> {
        let mut price = self.own_cost(cell);
        for relation in self.relations_of(cell).iter().filter(|relation| Some(**relation) != within) {
            let rest = self.rests.get(*relation).copied().unwrap_or_default();
            let spare = self.spare.get(*relation).into_iter().flatten().rev();
            let other = spare.copied().find(|other| *other != cell && self.is_shown(*other));
            let other = other.map(|other| self.own_cost(other));
            if rest.parts.cells + rest.total.cells == 0 {
                price += if rest.settled > 0 { 0 } else { other? };
            } else if self.is_thin(*relation) {
                price -= other.unwrap_or_else(|| self.own_cost(cell));
            }
        }
        Some(price)
    }

    pub(super) fn own_cost(&self, cell: usize) -> i128 {
        self.cost.get(cell).copied().unwrap_or_default()
    }
}
