//! What to mend first: where an index would gain most if one part of it reached its target.

use super::catalogue::Snapshot;
use super::scores::{self, Cell, Dimension, Figures, Query, Row};
use crate::db::conn::Conn;
use crate::domain::ids::QuestionId;
use crate::domain::index::Share;
use crate::domain::number::real;
use crate::domain::person::Actor;
use crate::domain::target::{Threshold, Verdict, shortfall};
use crate::error::Result;

/// Answers that an element needs before it is named as the one that drives a shortfall.
const LEAST_FOR_DRIVER: u64 = 5;

/// One part of an index that is below its target.
#[derive(Debug, Clone, PartialEq)]
pub struct Priority {
    /// What it is: a cell for each cut.
    pub cells: Vec<Cell>,
    /// Its figures.
    pub figures: Figures,
    /// Its target.
    pub threshold: Threshold,
    /// How sure it is that the target is missed.
    pub verdict: Verdict,
    /// Answers that would have to be satisfied ones for it to reach its target.
    pub missing: f64,
    /// Points in percent by which the index over all parts would then rise.
    pub gain: f64,
    /// The element with the lowest index in it, where one has enough answers and is below the target too.
    pub driver: Option<(QuestionId, Share)>,
}

/// The parts of an index that are below their targets, and what the list leaves out.
#[derive(Debug, Clone, PartialEq)]
pub struct Ranking {
    /// The parts, the greatest gain first.
    pub parts: Vec<Priority>,
    /// Parts of which nothing is said, since too few people answered there.
    pub hidden: usize,
    /// Answers to the overall question in all parts together; 0 also where they are too few to be shown.
    pub answers: u64,
    /// Whether any of the parts has a target.
    pub has_target: bool,
}

/// Ranks the parts that are below their targets; the parts are the rows of a table for each set of cuts.
///
/// # Errors
/// Not found for a unit out of the actor's sight; those of the database.
pub fn find(
    conn: &mut Conn,
    snapshot: &Snapshot,
    actor: &Actor,
    query: &Query,
    cuts: &[&[Dimension]],
) -> Result<Ranking> {
    let queries: Vec<Query> = cuts.iter().map(|by| query.clone().by(by).brief()).collect();
    let tables = scores::run_all(conn, snapshot, actor, &queries)?;
    // Every table is about the same answers, cut otherwise.
    let totals = tables.iter().filter_map(|table| table.total.figures);
    let answers = totals.map(|figures| figures.f1.n).max().unwrap_or_default();
    let rows: Vec<&Row> = tables.iter().flat_map(|table| &table.rows).collect();
    Ok(Ranking {
        hidden: rows.iter().filter(|row| row.figures.is_none()).count(),
        has_target: rows.iter().any(|row| row.threshold.is_some()),
        parts: rank(&rows, answers),
        answers,
    })
}

/// Looks up what drives each of some priorities; asked for those alone that are shown.
///
/// # Errors
/// Those of the database.
pub fn find_drivers(
    conn: &mut Conn,
    snapshot: &Snapshot,
    actor: &Actor,
    query: &Query,
    shown: &mut [Priority],
) -> Result<()> {
    let elements = |one: &Priority| query.within(&one.cells).by(&[Dimension::Element]);
    let elements: Vec<Query> = shown.iter().map(elements).collect();
    let elements = scores::run_all(conn, snapshot, actor, &elements)?;
    for (one, elements) in shown.iter_mut().zip(elements) {
        one.driver = driver(&elements.rows, one.threshold);
    }
    Ok(())
}

/// Ranks rows by what the index over `all` answers would gain.
///
/// The gain of a row with k satisfied of n answers and the target p is (p·n − k) / `all`; rows at or
/// above their target, hidden ones and those without a target are left out, and so is what was not
/// stated: nobody can mend it.
fn rank(parts: &[&Row], all: u64) -> Vec<Priority> {
    let mut found: Vec<Priority> = parts
        .iter()
        .filter_map(|row| {
            let is_unstated = |cell: &Cell| matches!(cell, Cell::Procedure(None) | Cell::Field(None));
            let (figures, threshold) =
                row.figures.zip(row.threshold).filter(|_| !row.cells.iter().any(is_unstated))?;
            let missing = shortfall(figures.f1, threshold);
            (missing > 0.0 && all > 0).then(|| Priority {
                cells: row.cells.clone(),
                figures,
                threshold,
                verdict: Verdict::judge(figures.f1, threshold),
                missing,
                gain: 100.0 * missing / real(all),
                driver: None,
            })
        })
        .collect();
    found.sort_by(|one, other| {
        other.missing.total_cmp(&one.missing).then_with(|| one.cells.cmp(&other.cells))
    });
    found
}

/// The element with the lowest index, where it has enough answers and is below the target too.
fn driver(elements: &[Row], threshold: Threshold) -> Option<(QuestionId, Share)> {
    let shares = elements.iter().filter_map(|row| match (row.cells.first(), row.figures) {
        (Some(Cell::Element(question)), Some(figures)) => Some((*question, figures.f1)),
        _ => None,
    });
    shares.filter(|(_, share)| share.n >= LEAST_FOR_DRIVER && shortfall(*share, threshold) > 0.0).min_by(
        |(_, one), (_, other)| {
            one.percent().unwrap_or_default().total_cmp(&other.percent().unwrap_or_default())
        },
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::tally::Levels;

    fn row(cells: &[Cell], satisfied: u64, n: u64, target: Option<i32>) -> Row {
        let levels = Levels::of(0, satisfied, n - satisfied, 0, 0);
        let figures = Figures { levels, f1: Share::satisfied(&levels), ..Figures::default() };
        let threshold = target.and_then(Threshold::of_hundredths);
        Row {
            cells: cells.to_vec(),
            split: false,
            figures: Some(figures),
            with_flagged: None,
            without_flagged: None,
            threshold,
            verdict: None,
            weighted: None,
            settled: None,
        }
    }

    #[test]
    fn a_larger_part_with_a_smaller_gap_may_come_first() {
        let cell = |id: i64| Cell::Procedure(Some(id.into()));
        let parts = [
            row(&[cell(1)], 10, 20, Some(9000)),
            row(&[cell(2)], 800, 1000, Some(9000)),
            row(&[cell(3)], 95, 100, Some(9000)),
            row(&[cell(4)], 0, 50, None),
            row(&[Cell::Procedure(None)], 0, 500, Some(9000)),
        ];
        let found = rank(&parts.iter().collect::<Vec<_>>(), 1170);
        assert_eq!(found.iter().map(|one| one.cells[0]).collect::<Vec<_>>(), [cell(2), cell(1)]);
        assert!((found[0].missing - 100.0).abs() < 1e-9);
        assert!((found[0].gain - 100.0 * 100.0 / 1170.0).abs() < 1e-9);
    }

    #[test]
    fn the_lowest_element_drives_a_shortfall_if_it_is_below_the_target_itself() {
        let of = |id: i64, satisfied, n| row(&[Cell::Element(id.into())], satisfied, n, None);
        let target = Threshold::of_hundredths(9000).unwrap();
        let name = |rows: &[Row]| driver(rows, target).map(|(question, _)| question);
        assert_eq!(name(&[of(7, 70, 100), of(8, 60, 100), of(9, 0, 4)]), Some(8.into()));
        assert_eq!(name(&[of(7, 95, 100)]), None);
    }
}
