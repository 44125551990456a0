//! Hiding what keeps several sums together from giving away a small group, and showing again what does not.

use std::collections::BTreeSet;

use super::Shield;
use crate::domain::suppress::attack::Attack;
use crate::domain::suppress::bounds::Bounds;
use crate::domain::suppress::grid::{Place, Veil};
use crate::domain::suppress::is_hidden;
use crate::domain::suppress::system::Row;

/// Rounds after which one cell more is hidden at once for each group that still follows.
const PATIENCE: usize = 6;

/// Cells over so many times the floor are dear enough to be looked at twice.
const DEAR: u64 = 10;

/// Most cells that are looked at twice, the dearest first.
const RECONSIDERED: usize = 64;

impl Shield<'_> {
    /// Hides cells so that the small groups which follow from several sums together do so no longer; once
    /// nothing more can be hidden, gives the groups that still follow.
    pub(super) fn bar(&mut self) -> Option<Vec<Vec<Place>>> {
        let unknown = (0..self.grid.cells.len()).map(|cell| !self.is_shown(cell) && self.n(cell) > 0);
        let unknown: Vec<bool> = unknown.collect();
        let attack = Attack::on(self.grid, &unknown, self.floor);
        let mut laid_open = self.bar_groups(&attack, &attack.groups)?;
        laid_open.extend(self.bar_groups(&attack, &attack.larger_groups())?);
        // Showing what follows anyway tells nobody more.
        let hidden = |cell: &usize| self.veils.get(*cell) == Some(&Veil::Secondary);
        self.idle = (0..self.veils.len()).filter(|cell| hidden(cell) && attack.gives_away(*cell)).collect();
        Some(laid_open)
    }

    fn bar_groups(&mut self, attack: &Attack<'_>, groups: &BTreeSet<Row>) -> Option<Vec<Vec<Place>>> {
        let mut laid_open = Vec::new();
        let mut acted = false;
        for group in groups {
            let Some(bars) = attack.bars(group) else { continue };
            if bars.iter().any(|cell| !self.is_shown(*cell)) {
                continue;
            }
            let mut priced: Vec<(i128, usize)> =
                bars.into_iter().filter_map(|cell| Some((self.price(cell, None)?, cell))).collect();
            if priced.is_empty() {
                laid_open.push(group.iter().map(|(cell, _)| Place(*cell)).collect());
            }
            priced.sort_unstable();
            // What withstands many rounds takes several cells at once to bar.
            for (_, cell) in priced.into_iter().take(1 + self.rounds / PATIENCE) {
                self.hide(cell, Veil::Secondary);
                acted = true;
            }
        }
        self.rounds += 1;
        (!acted).then_some(laid_open)
    }

    /// Shows again what was hidden for others' sake, turned out not to be needed, and is dear: whoever hides
    /// several cells at once hides some too many.
    pub(super) fn relent(&mut self) {
        let secondary = |cell: &usize| self.veils.get(*cell) == Some(&Veil::Secondary);
        let mut dear: Vec<usize> = (0..self.veils.len())
            .filter(secondary)
            .filter(|cell| self.n(*cell) >= DEAR * self.floor && !self.idle.contains(cell))
            .collect();
        dear.sort_by_key(|cell| (std::cmp::Reverse(self.own_cost(*cell)), *cell));
        for cell in dear.into_iter().take(RECONSIDERED) {
            self.set(cell, Veil::Shown);
            if !self.is_safe() {
                self.set(cell, Veil::Secondary);
            }
        }
    }

    fn set(&mut self, cell: usize, veil: Veil) {
        if let Some(own) = self.veils.get_mut(cell) {
            *own = veil;
        }
    }

    /// Whether nothing small follows from what is shown now.
    fn is_safe(&self) -> bool {
        let unknown = (0..self.grid.cells.len()).map(|cell| !self.is_shown(cell) && self.n(cell) > 0);
        let unknown: Vec<bool> = unknown.collect();
        let attack = Attack::on(self.grid, &unknown, self.floor);
        let follows = |groups: &BTreeSet<Row>| groups.iter().any(|group| attack.bars(group).is_some());
        if follows(&attack.groups) || follows(&attack.larger_groups()) {
            return false;
        }
        let bounds = Bounds::of(self.grid, &self.veils);
        let small = |cell: &usize| !self.is_shown(*cell) && is_hidden(self.n(*cell), self.floor);
        !(0..self.grid.cells.len()).filter(small).any(|cell| bounds.pin(cell))
    }

    /// Hides cells so that no small one can have but one size; once nothing more can be hidden, gives those
    /// that still cannot.
    pub(super) fn unpin(&mut self) -> Option<Vec<Vec<Place>>> {
        let bounds = Bounds::of(self.grid, &self.veils);
        let mut pinned = Vec::new();
        let mut acted = false;
        for cell in 0..self.grid.cells.len() {
            if self.is_shown(cell) || !is_hidden(self.n(cell), self.floor) || !bounds.pin(cell) {
                continue;
            }
            let relations = self.relations_of(cell).iter();
            let spare = relations.flat_map(|relation| self.spare.get(*relation)).flatten().copied();
            let spare = spare.filter(|cell| self.is_shown(*cell));
            let priced = spare.filter_map(|cell| Some((self.price(cell, None)?, cell)));
            if let Some((_, cell)) = priced.min() {
                self.hide(cell, Veil::Secondary);
                acted = true;
            } else {
                pinned.push(vec![Place(cell)]);
            }
        }
        (!acted).then_some(pinned)
    }
}
