//! Someone who knows all sums and all shown cells, and reckons with exact fractions and dense rows.

use std::ops::{Mul, Sub};

use super::{Grid, Place, Protected, Standing, Veil, is_hidden};

/// A fraction in lowest terms with a denominator above zero.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Fraction(i128, i128);

impl Fraction {
    const ZERO: Self = Self(0, 1);

    fn of(above: i128, below: i128) -> Self {
        let (mut a, mut b) = (above.abs(), below.abs());
        while b > 0 {
            (a, b) = (b, a % b);
        }
        let divisor = a.max(1) * below.signum();
        Self(above / divisor, below / divisor)
    }

    fn over(self, other: Self) -> Self {
        Self::of(self.0 * other.1, self.1 * other.0)
    }
}

impl Sub for Fraction {
    type Output = Self;

    fn sub(self, other: Self) -> Self {
        Self::of(self.0 * other.1 - other.0 * self.1, self.1 * other.1)
    }
}

impl Mul for Fraction {
    type Output = Self;

    fn mul(self, other: Self) -> Self {
        Self::of(self.0 * other.0, self.1 * other.1)
    }
}

/// What the attacker knows: the cells he looks for, and how they may vary without anything shown varying.
pub struct Attacker<'a> {
    grid: &'a Grid,
    floor: u64,
    hidden: Vec<usize>,
    /// For each hidden cell its part in each independent way to vary them all.
    ways: Vec<Vec<Fraction>>,
}

impl<'a> Attacker<'a> {
    pub fn on(grid: &'a Grid, protected: &Protected, floor: u64) -> Self {
        let is_unknown = |cell: &usize| protected.is_hidden(Place(*cell)) && grid.cells[*cell].n > 0;
        let hidden: Vec<usize> = (0..grid.cells.len()).filter(is_unknown).collect();
        let rows = grid.relations.iter().map(|relation| {
            let entry =
                |cell| relation.iter().find(|(other, _)| other == cell).map_or(0, |(_, factor)| *factor);
            hidden.iter().map(|cell| Fraction(entry(cell).into(), 1)).collect()
        });
        let ways = ways(rows.collect(), hidden.len());
        Self { grid, floor, hidden, ways }
    }

    fn follows(&self, group: &[usize]) -> bool {
        let ways = self.ways.first().map_or(0, Vec::len);
        (0..ways).all(|way| {
            let varied = group.iter().fold(Fraction::ZERO, |sum, cell| sum - self.ways[*cell][way]);
            varied == Fraction::ZERO
        })
    }

    /// The smallest groups of up to `most` cells whose sum follows and is below the floor.
    pub fn groups(&self, most: usize) -> Vec<Vec<Place>> {
        let n = |cell: usize| self.grid.cells[self.hidden[cell]].n;
        let small: Vec<usize> =
            (0..self.hidden.len()).filter(|cell| is_hidden(n(*cell), self.floor)).collect();
        let mut found: Vec<Vec<usize>> = Vec::new();
        let mut reach: Vec<Vec<usize>> = vec![Vec::new()];
        for _ in 0..most {
            let mut longer = Vec::new();
            for group in &reach {
                for cell in small.iter().filter(|cell| group.last().is_none_or(|last| last < *cell)) {
                    let group: Vec<usize> = group.iter().copied().chain([*cell]).collect();
                    let has_found = found.iter().any(|found| found.iter().all(|cell| group.contains(cell)));
                    if has_found || group.iter().map(|cell| n(*cell)).sum::<u64>() >= self.floor {
                        continue;
                    }
                    if self.follows(&group) {
                        found.push(group);
                    } else {
                        longer.push(group);
                    }
                }
            }
            reach = longer;
        }
        let place = |group: Vec<usize>| group.into_iter().map(|cell| Place(self.hidden[cell])).collect();
        found.into_iter().map(place).collect()
    }
}

/// All ways in which unknowns can vary while every row stays the same, by Gauss and Jordan.
fn ways(mut rows: Vec<Vec<Fraction>>, width: usize) -> Vec<Vec<Fraction>> {
    let mut pivots = Vec::new();
    for column in 0..width {
        let done = pivots.len();
        let Some(found) = (done..rows.len()).find(|row| rows[*row][column] != Fraction::ZERO) else {
            continue;
        };
        rows.swap(done, found);
        let divisor = rows[done][column];
        let pivot: Vec<Fraction> = rows[done].iter().map(|entry| entry.over(divisor)).collect();
        rows[done].clone_from(&pivot);
        for (number, row) in rows.iter_mut().enumerate() {
            let factor = row[column];
            if number != done && factor != Fraction::ZERO {
                for (entry, pivot) in row.iter_mut().zip(&pivot) {
                    *entry = *entry - factor * *pivot;
                }
            }
        }
        pivots.push(column);
    }
    let free: Vec<usize> = (0..width).filter(|column| !pivots.contains(column)).collect();
    let way = |column: usize, free: usize| match pivots.iter().position(|pivot| *pivot == column) {
        Some(row) => Fraction::ZERO - rows[row][free],
        None => Fraction(i128::from(column == free), 1),
    };
    (0..width).map(|column| free.iter().map(|free| way(column, *free)).collect()).collect()
}

/// The small cells that are pinned to one number by knowing besides that no cell is below zero, and none
/// that was hidden is empty: bounds are tightened sum by sum until none gives way.
pub fn pinned(grid: &Grid, protected: &Protected, floor: u64) -> Vec<Place> {
    const FAR: i128 = 1 << 40;
    let mut bounds: Vec<(i128, i128)> = (0..grid.cells.len())
        .map(|cell| match (protected.veil(Place(cell)), grid.cells[cell]) {
            (_, cell) if cell.n == 0 => (0, 0),
            (Veil::Shown, cell) => (cell.n.into(), cell.n.into()),
            (_, cell) if cell.standing == Standing::Change => (-FAR, FAR),
            (Veil::Unpublished, _) => (0, FAR),
            _ => (1, FAR),
        })
        .collect();
    let mut moved = true;
    while moved {
        moved = false;
        for (relation, (cell, factor)) in
            grid.relations.iter().flat_map(|r| r.iter().map(move |entry| (r, *entry)))
        {
            let others = relation.iter().filter(|(other, _)| *other != cell);
            let (least, most) = others.fold((0, 0), |(least, most), (other, factor)| {
                let (low, high) = bounds[*other];
                let ends = (low * i128::from(*factor), high * i128::from(*factor));
                (least + ends.0.min(ends.1), most + ends.0.max(ends.1))
            });
            let (low, high) = if factor < 0 { (least, most) } else { (-most, -least) };
            let tighter = (bounds[cell].0.max(low), bounds[cell].1.min(high));
            moved |= tighter != bounds[cell];
            bounds[cell] = tighter;
        }
    }
    let pinned = |cell: &usize| {
        let place = Place(*cell);
        bounds[*cell].0 == bounds[*cell].1 && protected.is_hidden(place) && is_hidden(grid.n(place), floor)
    };
    (0..grid.cells.len()).filter(pinned).map(Place).collect()
}
