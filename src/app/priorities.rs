//! What to mend first: where an index would gain most if one part of it reached its target.

use std::collections::BTreeMap;

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

/// The parts below their targets, the greatest gain first.
///
/// # Errors
/// Not found for a unit out of the actor's sight; those of the database.
pub fn find(
    conn: &mut Conn,
    snapshot: &Snapshot,
    actor: &Actor,
    query: &Query,
    by: &[Dimension],
) -> Result<Vec<Priority>> {
    let parts = scores::run(conn, snapshot, actor, &query.clone().by(by).brief())?;
    let with_element = [by, &[Dimension::Element]].concat();
    let elements = scores::run(conn, snapshot, actor, &query.clone().by(&with_element))?;
    let all = parts.total.figures.map_or(0, |figures| figures.f1.n);
    Ok(rank(&parts.rows, &elements.rows, all))
}

/// Ranks rows by what the index over `all` answers would gain.
///
/// The gain of a row with k satisfied of n answers and the target p is (p·n − k) / `all`; rows at or
/// above their target, hidden ones and those without a target are left out.
fn rank(parts: &[Row], elements: &[Row], all: u64) -> Vec<Priority> {
    let drivers = drivers(elements);
    let mut found: Vec<Priority> = parts
        .iter()
        .filter_map(|row| {
            let (figures, threshold) = row.figures.zip(row.threshold)?;
            let missing = shortfall(figures.f1, threshold);
            (missing > 0.0 && all > 0).then(|| Priority {
                cells: row.cells.clone(),
                figures,
                threshold,
                verdict: Verdict::judge(figures.f1, threshold),
                missing,
                gain: 100.0 * missing / real(all),
                driver: drivers
                    .get(row.cells.as_slice())
                    .copied()
                    .filter(|(_, share)| shortfall(*share, threshold) > 0.0),
            })
        })
        .collect();
    found.sort_by(|one, other| {
        other.missing.total_cmp(&one.missing).then_with(|| one.cells.cmp(&other.cells))
    });
    found
}

/// The element with the lowest index of each part.
fn drivers(elements: &[Row]) -> BTreeMap<&[Cell], (QuestionId, Share)> {
    let mut lowest: BTreeMap<&[Cell], (QuestionId, Share)> = BTreeMap::new();
    for row in elements {
        let (Some((Cell::Element(question), part)), Some(figures)) = (row.cells.split_last(), row.figures)
        else {
            continue;
        };
        if figures.f1.n < LEAST_FOR_DRIVER {
            continue;
        }
        let entry = lowest.entry(part).or_insert((*question, figures.f1));
        if figures.f1.percent() < entry.1.percent() {
            *entry = (*question, figures.f1);
        }
    }
    lowest
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
        ];
        let elements = [
            row(&[cell(2), Cell::Element(7.into())], 70, 100, None),
            row(&[cell(2), Cell::Element(8.into())], 60, 100, None),
            row(&[cell(2), Cell::Element(9.into())], 0, 4, None),
        ];
        let found = rank(&parts, &elements, 1170);
        assert_eq!(found.iter().map(|one| one.cells[0]).collect::<Vec<_>>(), [cell(2), cell(1)]);
        assert!((found[0].missing - 100.0).abs() < 1e-9);
        assert!((found[0].gain - 100.0 * 100.0 / 1170.0).abs() < 1e-9);
        assert_eq!(found[0].driver.unwrap().0, 8.into(), "four answers are too few to name an element");
        assert!(found[1].driver.is_none());
    }
}
