use std::time::Instant;

use proptest::prelude::*;

use super::*;
use attacker::Attacker;

mod attacker;

/// A table like the real one: many small communes, few large fields.
fn skewed(rows: u64, columns: u64, seed: u64) -> Vec<Vec<u64>> {
    let mut word = prime::scattered(seed);
    (0..rows)
        .map(|row| {
            (0..columns)
                .map(|column| {
                    let size = 900 / ((row % 30 + 1) * (column + 1) * (column + 1));
                    word.next().unwrap() % (size + 3)
                })
                .collect()
        })
        .collect()
}

#[test]
fn time() {
    let mut grid = Grid::new();
    let counts = skewed(150, 13, 7);
    let table = grid.cross(&counts);
    let without: Vec<Vec<u64>> = counts.iter().map(|row| row.iter().map(|n| n - n / 20).collect()).collect();
    grid.without_flagged(&table, &without);
    for (row, counts) in table.cells.iter().zip(&counts) {
        for (cell, n) in row.iter().zip(counts).take(3) {
            grid.divide(*cell, &[n / 2, n / 3, n / 8]);
        }
    }
    println!("{} cells, {} sums", grid.len(), grid.relations.len());
    for floor in [5, 10] {
        let start = Instant::now();
        let protected = grid.protect(floor);
        println!("{floor}: {:?}", start.elapsed());
        for veil in [Veil::Shown, Veil::Primary, Veil::Secondary, Veil::Unpublished] {
            let places: Vec<_> = table.places().filter(|place| protected.veil(*place) == veil).collect();
            println!("{veil:?} {} cells {} answers", places.len(), places.iter().map(|p| grid.n(*p)).sum::<u64>());
        }
        println!("laid open {}", protected.laid_open().len());
    }
}

#[test]
fn simple() {
    let mut grid = Grid::new();
    let cut = grid.cut(&[3, 20, 30]);
    let p = grid.protect(10);
    let veils: Vec<_> = cut.parts.iter().map(|c| p.veil(*c)).collect();
    assert_eq!(veils, [Veil::Primary, Veil::Secondary, Veil::Shown]);
    assert_eq!(p.veil(cut.total), Veil::Shown);
    let _ = Attacker::default();
}
