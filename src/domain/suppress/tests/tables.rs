//! The kinds of tables a publication is made of, as cells and sums.

use std::collections::BTreeSet;

use super::{Grid, Place, Standing, is_hidden};
use crate::domain::period::Period;

/// A table by one property.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cut {
    /// All of it.
    pub total: Place,
    /// The parts, in the order given.
    pub parts: Vec<Place>,
}

/// A table by two properties, with the sums on both margins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cross {
    /// All of it.
    pub total: Place,
    /// The sum of each row.
    pub rows: Vec<Place>,
    /// The sum of each column.
    pub columns: Vec<Place>,
    /// The cells, row by row.
    pub cells: Vec<Vec<Place>>,
}

/// A cell without its flagged answers, and these.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Flagged {
    /// The answers without a flag, to be shown.
    pub without: Place,
    /// The flagged answers, which are not shown by themselves.
    pub flagged: Place,
}

impl Grid {
    /// A table by one property: the parts and their total, all to be shown.
    ///
    /// Answers that state no part must be given as a part too.
    pub fn cut(&mut self, parts: &[u64]) -> Cut {
        let parts: Vec<Place> = parts.iter().map(|n| self.cell(*n, Standing::Open)).collect();
        Cut { total: self.total(&parts), parts }
    }

    /// Divides a cell further, as a field into its procedures; the parts are to be shown.
    ///
    /// Answers that belong to none of the parts become one that is not shown.
    pub fn divide(&mut self, whole: Place, parts: &[u64]) -> Vec<Place> {
        let places: Vec<Place> = parts.iter().map(|n| self.cell(*n, Standing::Open)).collect();
        let stated = parts.iter().fold(0, |sum: u64, n| sum.saturating_add(*n));
        let rest = self.cell(self.n(whole).saturating_sub(stated), Standing::Unpublished);
        let all: Vec<Place> = places.iter().copied().chain([rest]).collect();
        self.sum(whole, &all);
        places
    }

    /// A table by two properties with both margins and the total, all to be shown. A row that is shorter
    /// than others is empty at its end.
    pub fn cross(&mut self, counts: &[Vec<u64>]) -> Cross {
        let width = counts.iter().map(Vec::len).max().unwrap_or(0);
        let cells: Vec<Vec<Place>> = (counts.iter())
            .map(|row| {
                let padded = row.iter().copied().chain(std::iter::repeat(0)).take(width);
                padded.map(|n| self.cell(n, Standing::Open)).collect()
            })
            .collect();
        let rows: Vec<Place> = cells.iter().map(|row| self.total(row)).collect();
        let columns: Vec<Place> = (0..width)
            .map(|column| {
                let parts: Vec<Place> = cells.iter().filter_map(|row| row.get(column)).copied().collect();
                self.total(&parts)
            })
            .collect();
        let total = self.total(&rows);
        self.sum(total, &columns);
        Cross { total, rows, columns, cells }
    }

    /// The same table once more without flagged answers, to be shown beside the one with them: of each
    /// figure the flagged answers follow by subtraction and must not be too few.
    pub fn without_flagged(&mut self, all: &Cross, counts: &[Vec<u64>]) -> Cross {
        let without = self.cross(counts);
        let mut flagged = |all: &[Place], without: &[Place]| -> Vec<Place> {
            all.iter().zip(without).map(|(all, without)| self.remainder(*all, *without)).collect()
        };
        let cells: Vec<Vec<Place>> =
            all.cells.iter().zip(&without.cells).map(|(all, without)| flagged(all, without)).collect();
        let rows = flagged(&all.rows, &without.rows);
        let columns = flagged(&all.columns, &without.columns);
        let total = flagged(&[all.total], &[without.total]);
        // These sums follow from the two tables; only as sums of the grid do their remainders have to be
        // large enough.
        for (sum, parts) in rows.iter().zip(&cells) {
            self.sum(*sum, parts);
        }
        for (column, sum) in columns.iter().enumerate() {
            let parts: Vec<Place> = cells.iter().filter_map(|row| row.get(column)).copied().collect();
            self.sum(*sum, &parts);
        }
        for total in total {
            self.sum(total, &rows);
            self.sum(total, &columns);
        }
        without
    }

    /// A cell once more without its flagged answers, to be shown beside the one with them.
    pub fn unflagged(&mut self, all: Place, without: u64) -> Flagged {
        let without = self.cell(without, Standing::Open);
        Flagged { without, flagged: self.remainder(all, without) }
    }

    /// The same figure over several periods, whether they follow, hold or overlap each other. `answers`
    /// says how many answers lie in a period for which none is published.
    ///
    /// What lies between the first and last days of all these periods becomes cells that are not shown.
    /// So do groups of them below `floor` that lie together or are left over of a period without another.
    ///
    /// Gives the spans in their order. A table has them for its total as well as for its parts, and the
    /// caller adds these sums: they hold, though nobody sees them.
    pub fn periods(
        &mut self,
        published: &[(Period, Place)],
        floor: u64,
        answers: impl Fn(Period) -> u64,
    ) -> Vec<(Period, Place)> {
        let pieces: Vec<(Period, Place)> =
            (Period::pieces(&published.iter().map(|(period, _)| *period).collect::<Vec<_>>()).into_iter())
                .map(|piece| {
                    let known =
                        published.iter().find(|(period, _)| *period == piece).map(|(_, place)| *place);
                    (piece, known.unwrap_or_else(|| self.cell(answers(piece), Standing::Unpublished)))
                })
                .collect();
        let within = |outer: Period| -> BTreeSet<Place> {
            pieces.iter().filter(|(piece, _)| outer.holds(*piece)).map(|(_, place)| *place).collect()
        };
        let mut groups = BTreeSet::new();
        for (number, (first, _)) in pieces.iter().enumerate() {
            for (last, _) in pieces.iter().skip(number + 1) {
                groups.extend(Period::between(first.from(), last.to()).map(within));
            }
        }
        for (outer, place) in published {
            let parts = within(*outer);
            if !parts.contains(place) {
                self.sum(*place, &Vec::from_iter(parts.iter().copied()));
            }
            let inner = published.iter().filter(|(inner, _)| inner != outer && outer.holds(*inner));
            groups.extend(inner.map(|(inner, _)| parts.difference(&within(*inner)).copied().collect()));
        }
        for group in groups.into_iter().filter(|group| group.len() > 1) {
            let group = Vec::from_iter(group);
            let n = group.iter().fold(0, |sum: u64, place| sum.saturating_add(self.n(*place)));
            if is_hidden(n, floor) {
                let whole = self.cell(n, Standing::Unpublished);
                self.sum(whole, &group);
            }
        }
        pieces
    }

    fn total(&mut self, parts: &[Place]) -> Place {
        let n = parts.iter().fold(0, |sum: u64, part| sum.saturating_add(self.n(*part)));
        let total = self.cell(n, Standing::Open);
        self.sum(total, parts);
        total
    }

    fn remainder(&mut self, all: Place, part: Place) -> Place {
        let rest = self.cell(self.n(all).saturating_sub(self.n(part)), Standing::Unpublished);
        self.sum(all, &[part, rest]);
        rest
    }
}

impl Cross {
    /// All cells, then the sums of rows and columns, then the total.
    pub fn places(&self) -> impl Iterator<Item = Place> + '_ {
        let margins = self.rows.iter().chain(&self.columns).chain([&self.total]);
        self.cells.iter().flatten().chain(margins).copied()
    }
}
