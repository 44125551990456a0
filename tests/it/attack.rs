//! Everything published over a simulated year, in the hands of someone who wants to know what small groups
//! said: all sums that anybody can think of, solved by a way of its own.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use hailong::app::simulate::{self, Plan};
use hailong::domain::dataset::{Cut, Dataset, Row};
use hailong::domain::questionnaire::Kind;

use crate::support::publishing::{Published, publish};
use crate::support::{App, Backend};

const PRIME: u128 = (1 << 61) - 1;

/// Which publication, which layer of answers, and which row.
type Name = (usize, &'static str, String);

/// Unknown counts by name, and what is known to hold between them: coefficients that add up to a known number,
/// which does not matter here.
#[derive(Default)]
struct Knowledge {
    columns: HashMap<Name, usize>,
    truth: Vec<u64>,
    equations: Vec<BTreeMap<usize, u128>>,
}

impl Knowledge {
    fn unknown(&mut self, name: Name, truth: u64) -> usize {
        let next = self.columns.len();
        let column = *self.columns.entry(name).or_insert(next);
        if column == next {
            self.truth.push(truth);
        }
        column
    }

    /// Adds that a total is the sum of parts; what is shown or empty is known and falls out.
    fn sum(&mut self, total: &Count, parts: &[Count]) {
        let mut equation = BTreeMap::new();
        for (count, factor) in parts.iter().map(|part| (part, 1)).chain([(total, PRIME - 1)]) {
            if let Some(name) = &count.name
                && count.truth > 0
            {
                let column = self.unknown(name.clone(), count.truth);
                let entry = equation.entry(column).or_insert(0);
                *entry = (*entry + factor) % PRIME;
            }
        }
        equation.retain(|_, factor| *factor != 0);
        if !equation.is_empty() {
            self.equations.push(equation);
        }
    }
}

/// A count: its name where it is not shown.
#[derive(Clone)]
struct Count {
    name: Option<Name>,
    truth: u64,
}

fn power(mut base: u128, mut exponent: u128) -> u128 {
    let mut result = 1;
    while exponent > 0 {
        if exponent & 1 == 1 {
            result = result * base % PRIME;
        }
        base = base * base % PRIME;
        exponent >>= 1;
    }
    result
}

/// Rows in the order in which they were found, none holding the pivot of an earlier one.
struct Solved {
    rows: Vec<BTreeMap<usize, u128>>,
    pivots: BTreeMap<usize, usize>,
}

impl Solved {
    fn of(mut equations: Vec<BTreeMap<usize, u128>>) -> Self {
        equations.sort_by_key(BTreeMap::len);
        let mut uses: HashMap<usize, usize> = HashMap::new();
        for column in equations.iter().flat_map(BTreeMap::keys) {
            *uses.entry(*column).or_default() += 1;
        }
        let mut solved = Self { rows: Vec::new(), pivots: BTreeMap::new() };
        for equation in equations {
            let rest = solved.reduced(equation);
            let Some(pivot) = rest.keys().copied().min_by_key(|column| (uses[column], *column)) else {
                continue;
            };
            let inverse = power(rest[&pivot], PRIME - 2);
            let row = rest.into_iter().map(|(column, factor)| (column, factor * inverse % PRIME)).collect();
            solved.pivots.insert(pivot, solved.rows.len());
            solved.rows.push(row);
        }
        solved
    }

    fn reduced(&self, mut row: BTreeMap<usize, u128>) -> BTreeMap<usize, u128> {
        let mut due: BTreeSet<(usize, usize)> =
            row.keys().filter_map(|column| Some((*self.pivots.get(column)?, *column))).collect();
        while let Some((number, pivot)) = due.pop_first() {
            let Some(factor) = row.get(&pivot).copied() else { continue };
            for (column, own) in &self.rows[number] {
                let entry = row.entry(*column).or_insert(0);
                *entry = (*entry + (PRIME - factor) * own) % PRIME;
                if *entry == 0 {
                    row.remove(column);
                } else if let Some(order) = self.pivots.get(column).filter(|order| **order > number) {
                    due.insert((*order, *column));
                }
            }
        }
        row
    }

    /// Whether a sum of unknown counts follows.
    fn tells(&self, columns: &[usize]) -> bool {
        self.reduced(columns.iter().map(|column| (*column, 1)).collect()).is_empty()
    }
}

/// One publication as the attacker reads it, and the truth to know what was hidden.
struct Reader<'a> {
    number: usize,
    kind: Kind,
    shown: &'a Dataset,
    complete: &'a Dataset,
}

impl Reader<'_> {
    fn count(&self, by: Cut, row: &Row) -> Count {
        let name = format!("{} {}", by.key(), row.key.join("/"));
        let seen = self.shown.rows(self.kind, by).iter().find(|other| other.key == row.key);
        let is_shown = seen.is_some_and(|row| row.levels.is_some());
        Count { name: (!is_shown).then_some((self.number, "all", name)), truth: row.n().unwrap_or_default() }
    }

    fn all(&self, by: Cut) -> Vec<Count> {
        self.complete.rows(self.kind, by).iter().map(|row| self.count(by, row)).collect()
    }

    fn some(&self, by: Cut, fits: impl Fn(&[String]) -> bool) -> Vec<Count> {
        let rows = self.complete.rows(self.kind, by).iter().filter(|row| fits(&row.key));
        rows.map(|row| self.count(by, row)).collect()
    }

    fn one(&self, by: Cut, key: &[&str]) -> Option<Count> {
        self.complete.row(self.kind, by, key).map(|row| self.count(by, row))
    }

    fn learn(&self, knowledge: &mut Knowledge) {
        let Some(total) = self.one(Cut::Total, &[]) else { return };
        for by in [Cut::Field, Cut::Unit, Cut::Deciding, Cut::Channel, Cut::Month, Cut::Procedure] {
            let parts = self.all(by);
            if !parts.is_empty() {
                knowledge.sum(&total, &parts);
            }
        }
        let headline = self.some(Cut::Stage, |key| key == ["result"] || key == ["refusal"]);
        if !headline.is_empty() {
            knowledge.sum(&total, &headline);
        }
        for (margin, place) in [(Cut::Unit, 0), (Cut::Field, 1)] {
            for row in self.complete.rows(self.kind, margin) {
                let parts = self.some(Cut::UnitField, |key| key[place] == row.key[0]);
                if !parts.is_empty() {
                    knowledge.sum(&self.count(margin, row), &parts);
                }
            }
        }
        for target in &self.complete.targets {
            let (Some(fields), Some(pooled)) = (&target.fields, self.one(Cut::Target, &[&target.key])) else {
                continue;
            };
            let parts = self.some(Cut::Field, |key| fields.contains(&key[0]));
            knowledge.sum(&pooled, &parts);
        }
        for field in &self.complete.fields {
            let Some(whole) = self.one(Cut::Field, &[&field.key]) else { continue };
            let own: Vec<&str> = self
                .complete
                .procedures
                .iter()
                .filter(|one| one.field == field.key)
                .map(|one| one.id.as_str())
                .collect();
            let mut parts = self.some(Cut::Procedure, |key| own.contains(&key[0].as_str()));
            let rest = whole.truth - parts.iter().map(|part| part.truth).sum::<u64>();
            parts.push(Count { name: Some((self.number, "unstated", field.key.clone())), truth: rest });
            knowledge.sum(&whole, &parts);
        }
        self.learn_flagged(knowledge);
    }

    /// With and without flags: the flagged answers follow by subtraction.
    fn learn_flagged(&self, knowledge: &mut Knowledge) {
        for by in Cut::ALL {
            for row in self.shown.rows(self.kind, by) {
                let key: Vec<&str> = row.key.iter().map(String::as_str).collect();
                let Some(truth) = self.complete.row(self.kind, by, &key) else { continue };
                let (Some(n), Some(bare)) = (truth.n(), truth.unflagged) else { continue };
                let name = format!("{} {}", by.key(), row.key.join("/"));
                let without = row.unflagged.is_none().then(|| (self.number, "unflagged", name.clone()));
                let parts = [
                    Count { name: without, truth: bare.share.n },
                    Count { name: Some((self.number, "flagged", name)), truth: n - bare.share.n },
                ];
                knowledge.sum(&self.count(by, truth), &parts);
            }
        }
    }
}

/// A figure of a longer period is the sum of those of the shorter ones that make it up, if all are published, and
/// a month is the same month wherever it is given.
fn learn_periods(knowledge: &mut Knowledge, readers: &[Reader<'_>]) {
    for long in readers {
        let within: Vec<&Reader<'_>> = readers
            .iter()
            .filter(|one| one.kind == long.kind && one.number != long.number)
            .filter(|one| {
                one.shown.period.from >= long.shown.period.from && one.shown.period.to <= long.shown.period.to
            })
            .collect();
        for by in [
            Cut::Total,
            Cut::Field,
            Cut::Unit,
            Cut::Deciding,
            Cut::UnitField,
            Cut::Procedure,
            Cut::Target,
            Cut::Channel,
            Cut::Stage,
            Cut::Element,
        ] {
            for row in long.complete.rows(long.kind, by) {
                let whole = long.count(by, row);
                // What lies outside the shorter periods is one more unknown for each set of them that may be taken.
                for start in 0..within.len() {
                    let mut parts: Vec<Count> = Vec::new();
                    let mut until = None;
                    for one in &within[start..] {
                        if until.is_none_or(|until| one.shown.period.from > until) {
                            let key: Vec<&str> = row.key.iter().map(String::as_str).collect();
                            parts.extend(one.one(by, &key));
                            until = Some(one.shown.period.to);
                        }
                    }
                    let seen: u64 = parts.iter().map(|part| part.truth).sum();
                    let rest = whole.truth.saturating_sub(seen);
                    let name = format!("{} {} {start}", by.key(), row.key.join("/"));
                    parts.push(Count { name: Some((long.number, "rest", name)), truth: rest });
                    knowledge.sum(&whole, &parts);
                }
            }
        }
        for row in long.complete.rows(long.kind, Cut::Month) {
            for other in readers.iter().filter(|one| one.kind == long.kind && one.number < long.number) {
                let same = other.one(Cut::Month, &[&row.key[0]]);
                let same = same.or_else(|| {
                    (other.shown.period.key == row.key[0]).then(|| other.one(Cut::Total, &[])).flatten()
                });
                if let Some(same) = same {
                    knowledge.sum(&long.count(Cut::Month, row), &[same]);
                }
            }
        }
    }
}

#[test]
fn nothing_small_follows_from_all_that_was_published() {
    let app = &App::start(Backend::Sqlite);
    let snapshot = app.snapshot();
    let plan = Plan::new(&snapshot, 2260, "2026-11-20".parse().unwrap(), 20_000).unwrap();
    simulate::fill(&app.database(), &plan, &mut |_| ()).unwrap();
    let periods = ["2026-Q1", "2026-Q2", "2026-H1", "2026-09", "2026-Q3"];
    let published: Vec<Published> = periods.into_iter().map(|period| publish(app, period)).collect();
    for kind in Kind::ALL {
        let readers: Vec<Reader<'_>> = published
            .iter()
            .enumerate()
            .map(|(number, one)| Reader { number, kind, shown: &one.shown, complete: &one.complete })
            .collect();
        let mut knowledge = Knowledge::default();
        readers.iter().for_each(|reader| reader.learn(&mut knowledge));
        learn_periods(&mut knowledge, &readers);
        let (columns, truth) = (knowledge.columns.clone(), knowledge.truth.clone());
        let leftovers: Vec<Vec<usize>> = knowledge
            .equations
            .iter()
            .map(|equation| equation.keys().copied().collect::<Vec<_>>())
            .filter(|columns| columns.iter().map(|column| truth[*column]).sum::<u64>() < 10)
            .collect();
        let solved = Solved::of(knowledge.equations);
        let small: BTreeMap<&Name, usize> = columns
            .iter()
            .filter(|(_, column)| (1..10).contains(&truth[**column]))
            .map(|(name, column)| (name, *column))
            .collect();
        assert!(small.len() > 200, "{} small groups are too few to try", small.len());
        let told: Vec<_> = small.iter().filter(|(_, column)| solved.tells(&[**column])).collect();
        assert!(told.is_empty(), "{} of {} small groups follow: {:?}", told.len(), small.len(), told.first());
        let together: Vec<_> = leftovers.iter().filter(|columns| solved.tells(columns)).collect();
        assert!(together.is_empty(), "small groups follow together: {:?}", together.first());
    }
    // The attacker is no straw man: with the small rows hidden and nothing else, there is something to find.
    let mut knowledge = Knowledge::default();
    let careless: Vec<Dataset> = published.iter().map(|one| carelessly(&one.complete)).collect();
    let readers: Vec<Reader<'_>> = published
        .iter()
        .zip(&careless)
        .enumerate()
        .map(|(number, (one, shown))| Reader { number, kind: Kind::Tthc, shown, complete: &one.complete })
        .collect();
    readers.iter().for_each(|reader| reader.learn(&mut knowledge));
    learn_periods(&mut knowledge, &readers);
    let (columns, truth) = (knowledge.columns.clone(), knowledge.truth.clone());
    let solved = Solved::of(knowledge.equations);
    let found =
        columns.values().filter(|column| (1..10).contains(&truth[**column]) && solved.tells(&[**column]));
    assert!(found.count() > 20, "first-order hiding alone must not withstand the attacker");
}

/// The small rows hidden and nothing else.
fn carelessly(complete: &Dataset) -> Dataset {
    let mut shown = complete.clone();
    for row in
        shown.surveys.iter_mut().flat_map(|survey| &mut survey.tables).flat_map(|table| &mut table.rows)
    {
        if row.n().is_some_and(|n| n < 10) {
            row.hide();
        }
    }
    shown
}
