//! Small cells of which the sum follows although no single equation says so.
//!
//! Every cell is given its value in one random solution of the sums over nothing: a group of cells has a
//! sum that follows if and only if these values add up to zero (but for a chance of one in 2⁶¹, which
//! [`super::attack::Attack::bars`] rules out). That turns the search into one for numbers.

use std::collections::{BTreeMap, BTreeSet};

use super::grid::Relation;
use super::prime::{add, negative};
use super::system::Row;

/// Pairs that are put together to groups of three and four.
const MOST_PAIRS: usize = 50_000;

/// Small cells, by what they may vary.
#[derive(Debug, Clone, Copy)]
pub struct Ties<'a> {
    /// The random solution.
    pub slack: &'a [u64],
    /// The people in each small cell; nought for all other cells.
    pub people: &'a [u64],
    /// Groups below it are looked for.
    pub floor: u64,
}

/// Partners that are looked at for one cell or pair; further ones once these are barred.
const MOST_PARTNERS: usize = 16;

/// Two cells, what they may vary together, and the people in them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Pair {
    slack: u64,
    cells: [usize; 2],
    people: u64,
}

impl Ties<'_> {
    /// The groups of one and two of the cells in `tied`.
    pub fn singles_and_pairs(self, tied: &BTreeSet<usize>) -> Vec<Row> {
        let by_slack = self.by_slack(tied);
        let mut groups: Vec<Vec<usize>> = Vec::new();
        for cell in tied {
            match self.slack(*cell) {
                0 => groups.push(vec![*cell]),
                slack => {
                    let others = self.smallest(&by_slack, negative(slack), &[*cell]);
                    groups.extend(others.into_iter().map(|other| vec![*cell, other]));
                }
            }
        }
        groups.into_iter().map(row).collect()
    }

    /// Groups of three and four of the cells in `tied`: those that hold a pair (or two) within a sum, and
    /// all when there are few cells.
    pub fn threes_and_fours(self, tied: &BTreeSet<usize>, relations: &[Relation]) -> Vec<Row> {
        let by_slack = self.by_slack(tied);
        let pairs = self.pairs(tied, relations);
        let mut groups: Vec<Vec<usize>> = Vec::new();
        for pair in &pairs {
            let thirds = self.smallest(&by_slack, negative(pair.slack), &pair.cells);
            groups.extend(
                thirds.into_iter().map(|third| Vec::from_iter(pair.cells.into_iter().chain([third]))),
            );
            groups.extend(self.other_pairs(&pairs, *pair));
        }
        groups.into_iter().map(row).collect()
    }

    /// The cells that may vary, by how they do.
    fn by_slack(self, tied: &BTreeSet<usize>) -> BTreeMap<u64, Vec<usize>> {
        let mut by_slack: BTreeMap<u64, Vec<usize>> = BTreeMap::new();
        for cell in tied.iter().filter(|cell| self.slack(**cell) != 0) {
            by_slack.entry(self.slack(*cell)).or_default().push(*cell);
        }
        by_slack
    }

    fn slack(self, cell: usize) -> u64 {
        self.slack.get(cell).copied().unwrap_or_default()
    }

    fn n(self, cell: usize) -> u64 {
        self.people.get(cell).copied().unwrap_or_default()
    }

    /// The cells with fewest people among those of this slack that make a small group with others.
    fn smallest(self, by_slack: &BTreeMap<u64, Vec<usize>>, slack: u64, with: &[usize]) -> Vec<usize> {
        let people: u64 = with.iter().map(|cell| self.n(*cell)).sum();
        let cells = by_slack.get(&slack).into_iter().flatten().copied();
        let fitting = cells.filter(|cell| !with.contains(cell) && people + self.n(*cell) < self.floor);
        let mut fitting: Vec<usize> = fitting.collect();
        fitting.sort_by_key(|cell| (self.n(*cell), *cell));
        fitting.truncate(MOST_PARTNERS);
        fitting
    }

    fn pairs(self, tied: &BTreeSet<usize>, relations: &[Relation]) -> Vec<Pair> {
        let mut sets: Vec<Vec<usize>> = vec![tied.iter().copied().collect()];
        if tied.len().saturating_mul(tied.len()) / 2 > MOST_PAIRS {
            let within = |relation: &Relation| {
                relation.iter().map(|(cell, _)| *cell).filter(|cell| tied.contains(cell)).collect()
            };
            sets = relations.iter().map(within).collect();
            sets.sort_by_key(Vec::len);
        }
        let mut pairs = Vec::new();
        for set in sets {
            for (number, cell) in set.iter().enumerate() {
                pairs.extend(set.iter().skip(number + 1).filter_map(|other| self.pair(*cell, *other)));
            }
            if pairs.len() > MOST_PAIRS {
                break;
            }
        }
        pairs.sort_unstable();
        pairs.dedup();
        pairs
    }

    fn pair(self, one: usize, other: usize) -> Option<Pair> {
        let people = self.n(one) + self.n(other);
        let (a, b) = (self.slack(one), self.slack(other));
        let slack = add(a, b);
        // What follows already, alone or as a pair, would follow in every larger group.
        let news = a != 0 && b != 0 && slack != 0 && people < self.floor;
        news.then(|| Pair { slack, cells: [one.min(other), one.max(other)], people })
    }

    fn other_pairs(self, pairs: &[Pair], pair: Pair) -> Vec<Vec<usize>> {
        let slack = negative(pair.slack);
        let others = pairs.get(pairs.partition_point(|other| other.slack < slack)..).unwrap_or_default();
        let others = others.iter().take_while(|other| other.slack == slack);
        let fitting = others.filter(|other| {
            pair.people + other.people < self.floor
                && !other.cells.iter().any(|cell| pair.cells.contains(cell))
        });
        let groups = fitting.map(|other| pair.cells.into_iter().chain(other.cells).collect());
        groups.take(MOST_PARTNERS).collect()
    }
}

/// The plain sum of some cells.
fn row(mut cells: Vec<usize>) -> Row {
    cells.sort_unstable();
    cells.into_iter().map(|cell| (cell, 1)).collect()
}
