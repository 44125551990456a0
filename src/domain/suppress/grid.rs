//! Cells, the sums that hold between them, and what protecting them came to.

use std::collections::BTreeMap;

/// A cell of a [`Grid`]; means nothing in another grid.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place(pub(super) usize);

/// Whether a cell may be seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Standing {
    /// To be shown, unless it has to be hidden.
    Open,
    /// Shown in an earlier publication: it can no longer be hidden, and everybody knows it.
    Known,
    /// Never shown itself, but must not follow either: a cell that was hidden in an earlier publication,
    /// the days between two overlapping periods.
    Unpublished,
    /// What was changed between two publications: never shown, and may be less than nothing. Its `n` is
    /// the number of answers that were added, taken away or given another level.
    Change,
}

/// What becomes of a cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Veil {
    /// It is shown, or was.
    Shown,
    /// It is not shown because too few people answered.
    Primary,
    /// It is not shown because a small cell would follow from it.
    Secondary,
    /// It never was to be shown.
    Unpublished,
}

/// A cell: how many people answered, and whether it may be seen.
#[derive(Debug, Clone, Copy)]
pub(super) struct Cell {
    pub n: u64,
    pub standing: Standing,
}

/// A sum as an equation: the coefficients of parts (above zero) and total (below) add up to nothing.
pub(super) type Relation = Vec<(usize, i64)>;

/// Cells and the sums that hold between them.
///
/// A sum has to hold for each count by itself (the number of answers, and each level), so that whatever
/// follows for one follows for all of them: the structure alone decides.
#[derive(Debug, Clone, Default)]
pub struct Grid {
    pub(super) cells: Vec<Cell>,
    pub(super) relations: Vec<Relation>,
}

impl Grid {
    /// A grid without cells.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a cell over `n` answers. A cell over none is taken to be known to everybody.
    pub fn cell(&mut self, n: u64, standing: Standing) -> Place {
        self.cells.push(Cell { n, standing });
        Place(self.cells.len() - 1)
    }

    /// Adds the fact that `total` is the sum of `parts`.
    pub fn sum(&mut self, total: Place, parts: &[Place]) {
        let mut entries = BTreeMap::from([(total.0, -1)]);
        for part in parts {
            *entries.entry(part.0).or_insert(0) += 1;
        }
        self.relations.push(entries.into_iter().filter(|(_, factor)| *factor != 0).collect());
    }

    /// A cell of a new version of a publication beside that of the old one: `changed` answers were added,
    /// taken away or given another level.
    pub fn correction(&mut self, new: Place, old: Place, changed: u64) {
        let change = self.cell(changed, Standing::Change);
        self.sum(new, &[old, change]);
    }

    /// How many answers a cell counts.
    pub fn n(&self, place: Place) -> u64 {
        self.cells.get(place.0).map_or(0, |cell| cell.n)
    }
}

/// Which cells of a grid are hidden.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Protected {
    pub(super) veils: Vec<Veil>,
    pub(super) laid_open: Vec<Vec<Place>>,
}

impl Protected {
    /// What becomes of a cell.
    pub(super) fn veil(&self, place: Place) -> Veil {
        self.veils.get(place.0).copied().unwrap_or(Veil::Unpublished)
    }

    /// Whether a cell is not shown, for whatever reason.
    pub fn is_hidden(&self, place: Place) -> bool {
        self.veil(place) != Veil::Shown
    }

    /// The small groups that follow nevertheless, because what was published before gives them away: each
    /// is a cell, or cells whose sum follows. Empty when the publication is safe.
    ///
    /// A sum that was published before cannot be taken back, so the caller either shows fewer cells that
    /// hang together with these or does not publish.
    pub fn laid_open(&self) -> &[Vec<Place>] {
        &self.laid_open
    }
}
