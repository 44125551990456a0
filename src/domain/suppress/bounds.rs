//! What follows about sizes from knowing that no count is below zero.

use super::grid::{Cell, Grid, Relation, Standing, Veil};

/// Farther than any count, and small enough to be added up thousands of times.
const FAR: i128 = 1 << 80;

/// Times that all sums are gone through; bounds that still move then move slowly and are wide.
const ROUNDS: usize = 40;

/// Least and most that each cell can be.
#[derive(Debug)]
pub struct Bounds(Vec<(i128, i128)>);

impl Bounds {
    /// The bounds that someone finds who goes through the sums one by one, again and again, and knows
    /// that a cell which was hidden is not empty.
    pub fn of(grid: &Grid, veils: &[Veil]) -> Self {
        let mut bounds = Self(grid.cells.iter().zip(veils).map(|(cell, veil)| known(*cell, *veil)).collect());
        for _ in 0..ROUNDS {
            let mut moved = false;
            for relation in &grid.relations {
                moved |= bounds.tighten(relation);
            }
            if !moved {
                break;
            }
        }
        bounds
    }

    /// Whether a cell can have but one size.
    pub fn pin(&self, cell: usize) -> bool {
        self.0.get(cell).is_some_and(|(least, most)| least == most)
    }

    fn tighten(&mut self, relation: &Relation) -> bool {
        let (mut least, mut most) = (0, 0);
        for (cell, factor) in relation {
            let (low, high) = self.reach(*cell, *factor);
            least += low;
            most += high;
        }
        let mut moved = false;
        for (cell, factor) in relation.iter().filter(|(_, factor)| factor.abs() == 1) {
            let (low, high) = self.reach(*cell, *factor);
            // The others add up to what this one, with its sign, must take away again.
            let (below, above) =
                if *factor < 0 { (least - low, most - high) } else { (high - most, low - least) };
            let Some(bound) = self.0.get_mut(*cell) else { continue };
            let tighter = (bound.0.max(below), bound.1.min(above));
            moved |= tighter != *bound;
            *bound = tighter;
        }
        moved
    }

    /// The least and the most that a cell brings to a sum.
    fn reach(&self, cell: usize, factor: i64) -> (i128, i128) {
        let (least, most) = self.0.get(cell).copied().unwrap_or_default();
        let ends = (least * i128::from(factor), most * i128::from(factor));
        (ends.0.min(ends.1), ends.0.max(ends.1))
    }
}

fn known(cell: Cell, veil: Veil) -> (i128, i128) {
    let n = i128::from(cell.n);
    match veil {
        _ if n == 0 => (0, 0),
        Veil::Shown => (n, n),
        Veil::Unpublished if cell.standing == Standing::Change => (-FAR, FAR),
        Veil::Unpublished => (0, FAR),
        Veil::Primary | Veil::Secondary => (1, FAR),
    }
}
