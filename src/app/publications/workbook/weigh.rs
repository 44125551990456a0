//! F5 as formulas over the sheet of units and fields, which holds every stratum with its dossiers and answers.
//!
//! Each stratum has its weight N/n and, for the median, the answers of no greater weight in each scope that it
//! belongs to; a row sums the strata of its scope, each weight capped at five times that median.

use std::collections::BTreeMap;

use super::column::Column;
use super::figures::{Place, fraction, quoted, wilson};
use super::grid::{Line, Tab, Weighing, is_summed};
use super::page::{Content, Outcome};
use crate::domain::dataset::{Cut, Dataset, Weighted};
use crate::domain::index::CAP;
use crate::domain::number::real;
use crate::domain::questionnaire::Kind;

/// A unit's work in one field.
struct Stratum<'a> {
    unit: &'a str,
    field: &'a str,
    /// N/n, 0 where either is missing.
    weight: f64,
    k: f64,
    n: f64,
}

/// Which strata a figure takes.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Scope<'a> {
    All,
    Unit(&'a str),
    Fields(Vec<&'a str>),
}

impl Scope<'_> {
    fn holds(&self, stratum: &Stratum) -> bool {
        match self {
            Self::All => true,
            Self::Unit(unit) => stratum.unit == *unit,
            Self::Fields(fields) => fields.contains(&stratum.field),
        }
    }
}

/// What the strata of a scope add up to.
#[derive(Default)]
struct Sums {
    median: f64,
    satisfied: f64,
    valid: f64,
    squares: f64,
}

/// The strata of a dataset.
pub struct Strata<'a> {
    is_live: bool,
    strata: Vec<Stratum<'a>>,
    pools: Vec<Vec<&'a str>>,
    /// Answers of a scope by rising weight, each with all answers up to its weight.
    running: BTreeMap<Scope<'a>, Vec<(f64, f64)>>,
}

impl<'a> Strata<'a> {
    /// The strata of a dataset, where none of them is hidden.
    pub fn of(dataset: &'a Dataset) -> Self {
        let rows = dataset.rows(Kind::Tthc, Cut::UnitField);
        let is_live = dataset.floor == 0 && !rows.is_empty() && rows.iter().all(|row| row.levels.is_some());
        let strata = rows.iter().filter_map(|row| {
            let mut key = row.key.iter().map(String::as_str);
            let (unit, field) = (key.next()?, key.next()?);
            let (share, settled) = (row.share()?, row.settled.unwrap_or_default());
            let has_weight = settled > 0 && share.n > 0;
            let weight = if has_weight { real(settled) / real(share.n) } else { 0.0 };
            Some(Stratum { unit, field, weight, k: real(share.k), n: real(share.n) })
        });
        let mut pools: Vec<Vec<&str>> = Vec::new();
        for fields in dataset.targets.iter().filter_map(|target| target.fields.as_ref()) {
            let fields: Vec<&str> = fields.iter().map(String::as_str).collect();
            if fields.len() > 1 && !pools.contains(&fields) {
                pools.push(fields);
            }
        }
        let mut found = Self { is_live, strata: strata.collect(), pools, running: BTreeMap::new() };
        found.run();
        found
    }

    fn run(&mut self) {
        let units = self.strata.iter().map(|stratum| Scope::Unit(stratum.unit));
        let fields = self.strata.iter().map(|stratum| Scope::Fields(vec![stratum.field]));
        let pools = self.pools.iter().map(|pool| Scope::Fields(pool.clone()));
        let mut scopes: Vec<Scope<'a>> = units.chain(fields).chain(pools).chain([Scope::All]).collect();
        scopes.sort();
        scopes.dedup();
        for scope in scopes {
            let inside = self.strata.iter().filter(|one| one.weight > 0.0 && scope.holds(one));
            let mut weights: Vec<(f64, f64)> = inside.map(|one| (one.weight, one.n)).collect();
            weights.sort_by(|(one, _), (other, _)| one.total_cmp(other));
            let mut sum = 0.0;
            for (_, n) in &mut weights {
                sum += *n;
                *n = sum;
            }
            self.running.insert(scope, weights);
        }
    }

    /// What the workbook is to hold.
    pub fn weighing(&self) -> Weighing {
        Weighing { is_live: self.is_live, pools: self.pools.len() }
    }

    /// Names of the fields of a pool.
    pub fn pool(&self, number: usize) -> &[&'a str] {
        self.pools.get(number).map_or(&[], Vec::as_slice)
    }

    /// Answers in a scope of no greater weight than this; none of a stratum without a weight.
    fn up_to(&self, scope: &Scope<'a>, weight: f64) -> f64 {
        let running = self.running.get(scope).map_or(&[][..], Vec::as_slice);
        let place = running.partition_point(|(one, _)| *one <= weight);
        let found = place.checked_sub(1).and_then(|place| running.get(place));
        found.map_or(0.0, |(_, n)| *n)
    }

    fn sums(&self, scope: &Scope<'a>) -> Sums {
        let running = self.running.get(scope).map_or(&[][..], Vec::as_slice);
        let all = running.last().map_or(0.0, |(_, n)| *n);
        let median = running.iter().find(|(_, n)| 2.0 * n >= all).map_or(0.0, |(weight, _)| *weight);
        let mut sums = Sums { median, ..Sums::default() };
        for stratum in self.strata.iter().filter(|one| one.weight > 0.0 && scope.holds(one)) {
            let weight = stratum.weight.min(CAP * median);
            sums.satisfied += weight * stratum.k;
            sums.valid += weight * stratum.n;
            sums.squares += weight * weight * stratum.n;
        }
        sums
    }

    fn scope(&self, dataset: &'a Dataset, line: &Line<'a>) -> Scope<'a> {
        let key = line.row.key.first().map_or("", String::as_str);
        match line.by {
            Cut::Unit => Scope::Unit(key),
            Cut::Field => Scope::Fields(vec![key]),
            Cut::Target => {
                let mut targets = dataset.targets.iter().filter(|target| target.key == key);
                let fields = targets.next_back().and_then(|target| target.fields.as_ref());
                fields.map_or(Scope::All, |fields| Scope::Fields(fields.iter().map(String::as_str).collect()))
            }
            _ => Scope::All,
        }
    }
}

impl Place<'_> {
    /// What a column of F5 holds here.
    pub fn weighted(&self, column: Column) -> Content {
        if self.grid.tab == Tab::UnitFields && self.book.strata.is_live {
            return self.stratum(column);
        }
        let row = self.line.row;
        let Some(weighted) = row.figures.and_then(|figures| figures.f5) else {
            let is_hidden = row.figures.is_none() && row.settled.is_some();
            return match column {
                Column::Id => self.id(),
                _ if is_hidden => Content::Hidden,
                _ => Content::Blank,
            };
        };
        if column == Column::Id {
            self.id()
        } else if self.book.strata.is_live && is_summed(self.grid.tab) {
            self.summed(column, &weighted)
        } else {
            self.kept(column, &weighted)
        }
    }

    fn id(&self) -> Content {
        let id = self.line.row.key.first().map_or("", String::as_str);
        id.parse::<u32>().map_or_else(|_| Content::Text(id.to_owned()), |id| Content::Number(id.into()))
    }

    /// Figures over complete data, of which the workbook holds a part only.
    fn kept(&self, column: Column, weighted: &Weighted) -> Content {
        Content::Number(match column {
            Column::Weighted => fraction(weighted.index),
            Column::WeightedLow => fraction(weighted.low),
            Column::WeightedHigh => fraction(weighted.high),
            Column::Coverage => fraction(weighted.coverage),
            Column::Effective => 100.0 * fraction(weighted.effective),
            _ => return Content::Text(self.yes(weighted.capped)),
        })
    }

    fn yes(&self, is_so: bool) -> String {
        if is_so { self.book.lang.text("column.yes") } else { String::new() }
    }

    /// The columns of a stratum.
    fn stratum(&self, column: Column) -> Content {
        let (grid, strata) = (self.grid, &self.book.strata);
        let mut key = self.line.row.key.iter().map(String::as_str);
        let (unit, field) = (key.next().unwrap_or_default(), key.next().unwrap_or_default());
        let share = self.line.row.share().unwrap_or_default();
        let settled = self.line.row.settled.filter(|settled| *settled > 0 && share.n > 0);
        let weight = settled.map_or(0.0, |settled| real(settled) / real(share.n));
        let (own, weights) = (self.cell(Column::Weight), grid.range(Column::Weight));
        let answers = format!("({weights}>0)*({weights}<={own})*{}", grid.range(Column::Valid));
        match column {
            Column::Id => self.id(),
            Column::Weight => {
                let (settled, n) = (self.cell(Column::Settled), self.cell(Column::Valid));
                Content::formula(format!("IF(AND({settled}>0,{n}>0),{settled}/{n},0)"), weight)
            }
            Column::Running(0) => {
                Content::formula(format!("SUMPRODUCT({answers})"), strata.up_to(&Scope::All, weight))
            }
            Column::Running(1) => {
                let unit = strata.up_to(&Scope::Unit(unit), weight);
                let same = format!("({}={})", grid.range(Column::Id), self.cell(Column::Id));
                Content::formula(format!("SUMPRODUCT({same}*{answers})"), unit)
            }
            Column::Running(2) => {
                let field = strata.up_to(&Scope::Fields(vec![field]), weight);
                let same = format!("({}={})", grid.range(Column::SecondCode), self.cell(Column::SecondCode));
                Content::formula(format!("SUMPRODUCT({same}*{answers})"), field)
            }
            Column::Running(number) => {
                let pool = strata.pool(usize::from(number.saturating_sub(3))).to_vec();
                if !pool.contains(&field) {
                    return Content::Blank;
                }
                let same = among(&grid.range(Column::SecondCode), &pool);
                let outcome = strata.up_to(&Scope::Fields(pool), weight);
                Content::formula(format!("SUMPRODUCT({same}*{answers})"), outcome)
            }
            _ => Content::Blank,
        }
    }

    /// F5 of a row over the strata of its scope; what it gives is what the service computed.
    fn summed(&self, column: Column, weighted: &Weighted) -> Content {
        let [k, n, squares] =
            [Column::SumSatisfied, Column::SumValid, Column::SumSquares].map(|column| self.cell(column));
        let (low, high) = wilson(&self.cell(Column::Weighted), &self.cell(Column::Effective));
        match column {
            Column::Weighted => Content::formula(format!("MIN(1,{k}/{n})"), fraction(weighted.index)),
            Column::WeightedLow => Content::formula(low, fraction(weighted.low)),
            Column::WeightedHigh => Content::formula(high, fraction(weighted.high)),
            Column::Effective => {
                Content::formula(format!("{n}^2/{squares}"), 100.0 * fraction(weighted.effective))
            }
            _ => self.sum(column, weighted),
        }
    }

    /// What is summed over the strata of a row.
    fn sum(&self, column: Column, weighted: &Weighted) -> Content {
        let (strata, book) = (&self.book.strata, self.book);
        let scope = strata.scope(book.dataset, self.line);
        let Some(source) = book.grid(Tab::UnitFields) else {
            return Content::Blank;
        };
        let far = |column| source.far_range(column);
        let (weights, valid) = (far(Column::Weight), far(Column::Valid));
        let inside = match &scope {
            Scope::All => format!("({weights}>0)"),
            Scope::Unit(_) => format!("({}={})*({weights}>0)", far(Column::Id), self.cell(Column::Id)),
            Scope::Fields(fields) => format!("{}*({weights}>0)", among(&far(Column::SecondCode), fields)),
        };
        let most = format!("f5_cap*{}", self.cell(Column::Median));
        let capped = format!("(({weights}<={most})*{weights}+({weights}>{most})*{most})");
        let sums = strata.sums(&scope);
        let product = |factors: &str, sum| Content::formula(format!("SUMPRODUCT({inside}*{factors})"), sum);
        match column {
            Column::Median => {
                let running = far(self.running(&scope));
                let is_reached = format!("(2*{running}>=SUMPRODUCT({inside}*{valid}))");
                let formula = format!("MIN(IF({inside}*{is_reached},{weights}))");
                Content::Array(formula, Outcome::Number(sums.median))
            }
            Column::SumSatisfied => product(&format!("{capped}*{}", far(Column::Satisfied)), sums.satisfied),
            Column::SumValid => product(&format!("{capped}*{valid}"), sums.valid),
            Column::SumSquares => product(&format!("{capped}^2*{valid}"), sums.squares),
            Column::Coverage => {
                let covered = format!("SUMPRODUCT({inside}*{})", far(Column::Settled));
                let formula = format!("{covered}/{}", self.cell(Column::Settled));
                Content::formula(formula, fraction(weighted.coverage))
            }
            _ => {
                let yes = quoted(&book.lang.text("column.yes"));
                let formula = format!("IF(SUMPRODUCT({inside}*({weights}>{most}))>0,{yes},\"\")");
                let word = Outcome::Text(self.yes(weighted.capped));
                Content::Formula(formula, if weighted.capped { word } else { Outcome::Empty })
            }
        }
    }

    fn running(&self, scope: &Scope) -> Column {
        match scope {
            Scope::All => Column::Running(0),
            Scope::Unit(_) => Column::Running(1),
            Scope::Fields(fields) => {
                let mut pools = (3u8..).zip(&self.book.strata.pools);
                let pool = pools.find(|(_, pool)| *pool == fields);
                pool.map_or(Column::Running(2), |(number, _)| Column::Running(number))
            }
        }
    }
}

/// Whether a cell of a range is one of these.
fn among(range: &str, keys: &[&str]) -> String {
    let same = keys.iter().map(|key| format!("({range}={})", quoted(key)));
    format!("({})", same.collect::<Vec<_>>().join("+"))
}
