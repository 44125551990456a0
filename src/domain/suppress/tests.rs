use std::time::{Duration, Instant};

use proptest::prelude::*;
use proptest::test_runner::TestCaseError;

use super::grid::Veil;
use super::*;
use crate::domain::period::Period;
use attacker::{Attacker, pinned};

mod attacker;
mod tables;

fn veils(protected: &Protected, places: &[Place]) -> String {
    let sign = |place: &Place| match protected.veil(*place) {
        Veil::Shown => '.',
        Veil::Primary => '1',
        Veil::Secondary => '2',
        Veil::Unpublished => 'u',
    };
    places.iter().map(sign).collect()
}

fn period(text: &str) -> Period {
    Period::parse(text).unwrap()
}

#[test]
fn a_small_cell_hides_the_next_smallest_and_not_the_total() {
    let mut grid = Grid::new();
    let cut = grid.cut(&[40, 3, 0, 20]);
    let protected = grid.protect(SHOWN_TO_PUBLIC);
    assert_eq!(veils(&protected, &cut.parts), ".1.2");
    assert!(!protected.is_hidden(cut.total) && protected.laid_open().is_empty());
}

#[test]
fn two_small_cells_with_a_small_sum_hide_a_third_and_with_a_large_one_do_not() {
    let mut grid = Grid::new();
    let (small, large) = (grid.cut(&[1, 2, 30]), grid.cut(&[4, 7, 30]));
    let protected = grid.protect(SHOWN_TO_PUBLIC);
    assert_eq!(veils(&protected, &small.parts), "112");
    assert_eq!(veils(&protected, &large.parts), "11.");
}

#[test]
fn a_small_total_is_hidden_with_its_parts_and_leaves_nothing_to_subtract() {
    let mut grid = Grid::new();
    let table = grid.cross(&[vec![1, 2], vec![30, 40], vec![50, 60]]);
    let protected = grid.protect(SHOWN_TO_PUBLIC);
    assert_eq!(veils(&protected, &table.rows), "12.");
    assert_eq!(veils(&protected, &table.cells[0]), "11");
    assert!(protected.laid_open().is_empty() && !protected.is_hidden(table.total));
}

#[test]
fn ten_cells_of_one_answer_each_are_not_betrayed_by_their_sum_of_ten() {
    let mut grid = Grid::new();
    let cut = grid.cut(&[&[1; 10][..], &[25]].concat());
    assert!(grid.protect(SHOWN_TO_PUBLIC).is_hidden(cut.parts[10]));
}

#[test]
fn in_a_table_a_small_cell_hides_the_cheapest_rectangle() {
    let mut grid = Grid::new();
    let table = grid.cross(&[vec![3, 20, 90], vec![15, 25, 90], vec![80, 90, 90]]);
    let protected = grid.protect(SHOWN_TO_PUBLIC);
    let rows: Vec<String> = table.cells.iter().map(|row| veils(&protected, row)).collect();
    assert_eq!(rows, ["12.", "22.", "..."]);
    assert_eq!(veils(&protected, &table.rows) + &veils(&protected, &table.columns), "......");
}

#[test]
fn a_quarter_with_few_answers_hides_another_of_the_year() {
    let mut grid = Grid::new();
    let year = grid.cut(&[40, 3, 20, 30]);
    let months = grid.divide(year.parts[1], &[1, 2, 0]);
    let protected = grid.protect(SHOWN_TO_PUBLIC);
    assert_eq!(veils(&protected, &year.parts), ".12.");
    assert_eq!(veils(&protected, &months), "11.");
    assert!(!protected.is_hidden(year.total));
}

#[test]
fn three_flagged_answers_hide_the_figure_without_them() {
    let mut grid = Grid::new();
    let (few, many) = (grid.cell(50, Standing::Open), grid.cell(50, Standing::Open));
    let (few, many) = (grid.unflagged(few, 47), grid.unflagged(many, 30));
    let protected = grid.protect(SHOWN_TO_PUBLIC);
    assert_eq!(veils(&protected, &[few.without, few.flagged, many.without, many.flagged]), "2u.u");
}

#[test]
fn overlapping_periods_may_differ_by_many_answers_only() {
    let published = |first: u64, both: u64, last: u64| {
        let mut grid = Grid::new();
        let long = grid.cell(first + both + last, Standing::Known);
        let short = grid.cell(both, Standing::Open);
        let places = [(period("2026-01-01..2026-03-31"), long), (period("2026-01-10..2026-03-20"), short)];
        let answers = |piece: Period| if piece == period("2026-01-01..2026-01-09") { first } else { last };
        assert_eq!(grid.periods(&places, SHOWN_TO_PUBLIC, answers).len(), 3);
        grid.protect(SHOWN_TO_PUBLIC).is_hidden(short)
    };
    assert!(published(2, 40, 3), "five people answered outside of the shorter period");
    assert!(!published(2, 40, 8), "ten did, and nobody can tell the two days before from those after");
}

#[test]
fn a_correction_of_few_answers_is_not_shown_even_where_the_number_stays() {
    let mut grid = Grid::new();
    let new: Vec<Place> = [50, 50, 50].map(|n| grid.cell(n, Standing::Open)).into();
    for (new, (old, changed)) in new.iter().zip([(47, 3), (50, 2), (50, 0)]) {
        let old = grid.cell(old, Standing::Known);
        grid.correction(*new, old, changed);
    }
    assert_eq!(veils(&grid.protect(SHOWN_TO_PUBLIC), &new), "22.");
}

#[test]
fn what_follows_from_known_cells_alone_is_reported() {
    let mut grid = Grid::new();
    let (total, part) = (grid.cell(33, Standing::Known), grid.cell(30, Standing::Known));
    let small = grid.cell(3, Standing::Open);
    grid.sum(total, &[part, small]);
    let protected = grid.protect(SHOWN_TO_PUBLIC);
    assert_eq!(protected.laid_open(), [vec![small]]);
    assert!(protected.is_hidden(small) && !protected.laid_open().is_empty());
}

#[test]
fn a_table_of_small_cells_hides_them_all_and_an_empty_grid_nothing() {
    let mut grid = Grid::new();
    let table = grid.cross(&[vec![1, 2, 3], vec![4, 5, 6], vec![7, 8, 9]]);
    let protected = grid.protect(SHOWN_TO_PUBLIC);
    assert!(table.cells.iter().flatten().all(|cell| protected.veil(*cell) == Veil::Primary));
    assert!(!protected.is_hidden(table.total) && protected.laid_open().is_empty());
    assert!(Grid::new().protect(SHOWN_TO_PUBLIC).laid_open().is_empty());
}

fn counts(rows: usize, columns: usize) -> impl Strategy<Value = Vec<Vec<u64>>> {
    let n = prop_oneof![3 => 0u64..6, 2 => 0u64..14, 2 => 10u64..60];
    prop::collection::vec(prop::collection::vec(n, columns), rows)
}

fn each(counts: &[Vec<u64>], change: impl Fn(u64) -> u64) -> Vec<Vec<u64>> {
    counts.iter().map(|row| row.iter().map(|n| change(*n)).collect()).collect()
}

/// Two tables cell by cell with a third of both together.
fn halves(first: &[Vec<u64>], second: &[Vec<u64>]) -> Grid {
    let mut grid = Grid::new();
    let sums = |(one, other): (&Vec<u64>, &Vec<u64>)| one.iter().zip(other).map(|(a, b)| a + b).collect();
    let both: Vec<Vec<u64>> = first.iter().zip(second).map(sums).collect();
    let tables = [first, second, &both].map(|counts| Vec::from_iter(grid.cross(counts).places()));
    for ((first, second), both) in tables[0].iter().zip(&tables[1]).zip(&tables[2]) {
        grid.sum(*both, &[*first, *second]);
    }
    grid
}

/// A published table and its correction, in which the answers of `added` came late.
fn corrected(old: &[Vec<u64>], added: &[Vec<u64>]) -> Grid {
    let mut before = Grid::new();
    let table = before.cross(old);
    let shown = before.protect(SHOWN_TO_PUBLIC);
    for place in table.places() {
        let standing = if shown.is_hidden(place) { Standing::Unpublished } else { Standing::Known };
        before.cells[place.0].standing = standing;
    }
    let sums = |(one, other): (&Vec<u64>, &Vec<u64>)| one.iter().zip(other).map(|(a, b)| a + b).collect();
    let counts: Vec<Vec<u64>> = old.iter().zip(added).map(sums).collect();
    let new = before.cross(&counts);
    for (new, old) in new.places().zip(table.places()) {
        before.correction(new, old, before.n(new) - before.n(old));
    }
    before
}

/// Quarters of a unit in some fields with the first half-year and the first five months.
fn overlapping(quarters: &[Vec<u64>]) -> Grid {
    let mut grid = Grid::new();
    let spans = ["2026-01-01..2026-03-31", "2026-04-01..2026-05-31", "2026-06-01..2026-06-30"].map(period);
    let whole = [period("2026-Q1"), period("2026-H1"), period("2026-01-01..2026-05-31")];
    let answers = |column: &[u64], wanted: Period| -> u64 {
        let within = |span: &Period| wanted.from() <= span.from() && span.to() <= wanted.to();
        spans.iter().zip(column).filter(|(span, _)| within(span)).map(|(_, n)| *n).sum()
    };
    let total: Vec<u64> = (0..3).map(|span| quarters.iter().map(|field| field[span]).sum()).collect();
    let mut figures = Vec::new();
    for column in quarters.iter().chain([&total]) {
        let places = whole.map(|whole| (whole, grid.cell(answers(column, whole), Standing::Open)));
        let pieces = grid.periods(&places, SHOWN_TO_PUBLIC, |piece| answers(column, piece));
        figures.push((places, pieces));
    }
    let (sum, parts) = figures.split_last().unwrap();
    for number in 0..3 {
        grid.sum(sum.0[number].1, &Vec::from_iter(parts.iter().map(|part| part.0[number].1)));
        grid.sum(sum.1[number].1, &Vec::from_iter(parts.iter().map(|part| part.1[number].1)));
    }
    grid
}

fn withstands(grid: &Grid) -> Result<(), TestCaseError> {
    for floor in [SHOWN_TO_UNITS, SHOWN_TO_PUBLIC] {
        let protected = grid.protect(floor);
        let found = Attacker::on(grid, &protected, floor).groups(4);
        let expected = |group: &Vec<Place>| {
            protected.laid_open().iter().any(|open| open.iter().all(|p| group.contains(p)))
        };
        let unexpected: Vec<_> = found.into_iter().filter(|group| !expected(group)).collect();
        prop_assert!(unexpected.is_empty(), "floor {}: {:?}", floor, unexpected);
        let pinned = pinned(grid, &protected, floor);
        prop_assert!(
            pinned.iter().all(|cell| expected(&vec![*cell])),
            "floor {}: {:?} pinned",
            floor,
            pinned
        );
        prop_assert_eq!(grid.protect(floor), protected);
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn nothing_small_follows_from_a_table_its_parts_and_its_flags(counts in counts(5, 4)) {
        let mut grid = Grid::new();
        let table = grid.cross(&counts);
        for cell in table.cells.iter().flatten().take(5) {
            let n = grid.n(*cell);
            grid.divide(*cell, &[n / 2, n / 4]);
        }
        withstands(&grid)?;
        let mut grid = Grid::new();
        let table = grid.cross(&counts);
        grid.without_flagged(&table, &each(&counts, |n| n - n / 3));
        withstands(&grid)?;
        prop_assert!(grid.protect(SHOWN_TO_PUBLIC).laid_open().is_empty());
    }

    #[test]
    fn nothing_small_follows_from_successive_periods(first in counts(3, 3), second in counts(3, 3)) {
        withstands(&halves(&first, &second))?;
    }

    #[test]
    fn nothing_small_follows_from_overlapping_periods(counts in counts(4, 3)) {
        withstands(&overlapping(&counts))?;
    }

    #[test]
    fn nothing_small_follows_from_a_correction(old in counts(4, 3), late in counts(4, 3)) {
        withstands(&corrected(&old, &each(&late, |n| n / 8)))?;
    }
}

/// A table like the real one: many small communes, few large fields.
fn skewed(rows: u64, columns: u64) -> Vec<Vec<u64>> {
    let mut word = prime::scattered(7);
    let size = |row, column| 900 / ((row % 30 + 1) * (column + 1) * (column + 1)) + 3;
    let row = |row| (0..columns).map(|column| word.next().unwrap() % size(row, column)).collect();
    (0..rows).map(row).collect()
}

#[test]
fn little_is_hidden_for_others_sake_and_a_publication_takes_little_time() {
    let mut grid = Grid::new();
    let counts = skewed(150, 13);
    let table = grid.cross(&counts);
    let alone = grid.protect(SHOWN_TO_PUBLIC);
    let answers = |veil| -> u64 {
        let cells = table.cells.iter().flatten().filter(|cell| alone.veil(**cell) == veil);
        cells.map(|cell| grid.n(*cell)).sum()
    };
    let percent = 100 * answers(Veil::Secondary) / grid.n(table.total);
    println!(
        "of {} answers {} are in small cells and {} in cells hidden for others' sake",
        grid.n(table.total),
        answers(Veil::Primary),
        answers(Veil::Secondary)
    );
    assert!(percent <= 10, "{percent}%");
    assert!(table.columns.iter().chain([&table.total]).all(|place| !alone.is_hidden(*place)));

    let halves = halves(&counts, &skewed(150, 13));
    let start = Instant::now();
    assert!(halves.protect(SHOWN_TO_PUBLIC).laid_open().is_empty());
    println!(
        "two periods of {} cells and {} sums: {:?}",
        halves.cells.len(),
        halves.relations.len(),
        start.elapsed()
    );

    grid.without_flagged(&table, &each(&counts, |n| n - n / 20));
    for cell in table.cells.iter().flat_map(|row| row.iter().take(3)) {
        let n = grid.n(*cell);
        grid.divide(*cell, &[n / 2, n / 3, n / 8]);
    }
    for floor in [SHOWN_TO_UNITS, SHOWN_TO_PUBLIC] {
        let start = Instant::now();
        let protected = grid.protect(floor);
        println!(
            "{} cells, {} sums, floor {floor}: {:?}",
            grid.cells.len(),
            grid.relations.len(),
            start.elapsed()
        );
        assert!(protected.laid_open().is_empty());
        assert!(start.elapsed() < Duration::from_secs(20), "{:?}", start.elapsed());
    }
}
