//! Every published figure counted again from the table of single answers, with nothing of the service's own
//! arithmetic.

use std::collections::{BTreeMap, BTreeSet};

use hailong::domain::dataset::{Cut, Dataset, Row};
use hailong::domain::questionnaire::Kind;
use hailong::domain::target::Verdict;

use crate::figures::simulate;
use crate::support::program::hailong;
use crate::support::publishing::{Published, publish};
use crate::support::table::{self, Row as Answer, is_flagged};
use crate::support::{App, on_both};

/// Periods that are published, the last one with the one before it in its trend.
const PERIODS: [&str; 2] = ["2026-Q2", "2026-Q3"];
const Z: f64 = 1.959964;

fn answers(app: &App, period: &str, kind: Kind) -> Vec<Answer> {
    let told = hailong(app, &["answers", "--period", period, "--kind", kind.key(), "--format", "csv"]);
    assert!(told.status.success(), "{}", String::from_utf8_lossy(&told.stderr));
    table::rows(&told.stdout).1
}

/// The key of an answer under a cut, in codes.
fn key(answer: &Answer, by: Cut) -> Vec<&str> {
    let columns: &[&str] = match by {
        Cut::Field => &["field_code"],
        Cut::Unit => &["unit_now_code"],
        Cut::UnitThen => &["unit_code"],
        Cut::Deciding => &["deciding_now_code"],
        Cut::UnitField => &["unit_now_code", "field_code"],
        Cut::Procedure => &["procedure_code"],
        Cut::Stage => &["stage_code"],
        Cut::Channel => &["channel_code"],
        Cut::Month => return vec![&answer["date"][..7]],
        _ => &[],
    };
    columns.iter().map(|column| answer[*column].as_str()).collect()
}

/// The key of a row in the same codes.
fn codes(dataset: &Dataset, by: Cut, row: &Row) -> Vec<String> {
    let unit = |id: &String| dataset.units.iter().find(|unit| unit.id == *id).map(|unit| unit.code.clone());
    let procedure =
        |id: &String| dataset.procedures.iter().find(|one| one.id == *id).map(|one| one.code.clone());
    let code = |(place, part): (usize, &String)| match (by, place) {
        (Cut::Unit | Cut::UnitThen | Cut::Deciding | Cut::UnitField, 0) => unit(part).unwrap(),
        (Cut::Procedure, _) if !part.is_empty() => procedure(part).unwrap(),
        _ => part.clone(),
    };
    row.key.iter().enumerate().map(code).collect()
}

/// Hundredths of a percent, from whole numbers.
fn share(k: u64, n: u64) -> Option<i64> {
    (n > 0).then(|| i64::try_from((20_000 * k + n) / (2 * n)).unwrap())
}

fn wilson(k: u64, n: u64) -> Option<(i64, i64)> {
    let (low, high) = ends(k, n)?;
    Some((low.round() as i64, high.round() as i64))
}

/// The ends of the interval in hundredths of a percent, not rounded.
fn ends(k: u64, n: u64) -> Option<(f64, f64)> {
    if n == 0 {
        return None;
    }
    let (p, n) = (k as f64 / n as f64, n as f64);
    let middle = p + Z * Z / (2.0 * n);
    let reach = Z * (p * (1.0 - p) / n + (Z / (2.0 * n)).powi(2)).sqrt();
    let end = |value: f64| (10_000.0 * value / (1.0 + Z * Z / n)).clamp(0.0, 10_000.0);
    Some((end(middle - reach), end(middle + reach)))
}

/// What the method says of k of n against a target.
fn verdict(k: u64, n: u64, target: u64) -> Verdict {
    let Some((low, high)) = ends(k, n).filter(|_| n >= 30) else { return Verdict::TooFew };
    match 10_000 * k >= target * n {
        true if low >= target as f64 => Verdict::MetSurely,
        true => Verdict::MetUnsurely,
        false if high < target as f64 => Verdict::MissedSurely,
        false => Verdict::MissedUnsurely,
    }
}

/// Compares a shown row with the answers that it counts; the number of figures compared.
fn compare(row: &Row, own: &[&Answer], question: &str, what: &str) -> usize {
    let Some(levels) = row.levels else { return 0 };
    let column = format!("score_{question}");
    let of = |level: &str| own.iter().filter(|answer| answer[&column] == level).count() as u64;
    let counted = ["5", "4", "3", "2", "1"].map(of);
    assert_eq!(levels.descending(), counted, "levels of {what}");
    assert_eq!(levels.na, of("na"), "not applicable of {what}");
    let (k, n) = (counted[0] + counted[1], counted.iter().sum());
    let figures = row.figures.unwrap();
    assert_eq!(figures.index, share(k, n), "index of {what}");
    assert_eq!(figures.low.zip(figures.high), wilson(k, n), "interval of {what}");
    let sum = 5 * counted[0] + 4 * counted[1] + 3 * counted[2] + 2 * counted[3] + counted[4];
    let mean = (n > 0).then(|| (100.0 * sum as f64 / n as f64).round() as i64);
    assert_eq!(figures.f4, mean, "mean of {what}");
    let judged = row.target.map(|target| verdict(k, n, u64::try_from(target).unwrap()));
    assert_eq!(figures.verdict, judged, "verdict of {what}");
    if let Some(unflagged) = row.unflagged {
        let bare: Vec<_> = own.iter().filter(|answer| !is_flagged(answer)).collect();
        let valid =
            bare.iter().filter(|answer| ["5", "4", "3", "2", "1"].contains(&answer[&column].as_str()));
        let satisfied = bare.iter().filter(|answer| ["5", "4"].contains(&answer[&column].as_str()));
        let (k, n) = (satisfied.count() as u64, valid.count() as u64);
        assert_eq!(
            (unflagged.share.k, unflagged.share.n, unflagged.index),
            (k, n, share(k, n)),
            "unflagged of {what}"
        );
    }
    if let (Some(f2), Some(f3)) = (figures.f2, figures.f3) {
        let scores = |answer: &&Answer| -> Vec<(String, String)> {
            let given = answer.iter().filter(|(column, value)| {
                column.starts_with("score_") && !value.is_empty() && *value != "na"
            });
            given.map(|(column, value)| (column.clone(), value.clone())).collect()
        };
        let elements: Vec<String> = own
            .iter()
            .flat_map(scores)
            .filter(|(column, _)| column != "score_overall")
            .map(|(_, value)| value)
            .collect();
        let top = elements.iter().filter(|value| ["5", "4"].contains(&value.as_str())).count() as u64;
        assert_eq!((f2.share.k, f2.share.n), (top, elements.len() as u64), "F2 of {what}");
        let complete = own.iter().map(scores).filter(|given| !given.is_empty());
        let (mut k, mut n) = (0, 0);
        for given in complete {
            n += 1;
            k += u64::from(given.iter().all(|(_, value)| ["5", "4"].contains(&value.as_str())));
        }
        assert_eq!((f3.share.k, f3.share.n), (k, n), "F3 of {what}");
    }
    1
}

/// The answers of the stages that the headline counts.
fn headline(kind: Kind, all: &[Answer]) -> Vec<&Answer> {
    let counts = |answer: &&Answer| {
        kind == Kind::AgencyService || ["result", "refusal"].contains(&answer["stage_code"].as_str())
    };
    all.iter().filter(counts).collect()
}

/// Those of some answers that a target is about.
fn of_target<'a>(dataset: &Dataset, key: &str, answers: &[&'a Answer]) -> Vec<&'a Answer> {
    let target = dataset.targets.iter().find(|target| target.key == key).unwrap();
    let fits = |answer: &&&Answer| {
        target.fields.as_ref().is_none_or(|fields| fields.contains(&answer["field_code"]))
    };
    answers.iter().filter(fits).copied().collect()
}

/// Compares every row but those of the trend; how many.
fn recount(found: &Published, kind: Kind, all: &[Answer]) -> usize {
    let headline = headline(kind, all);
    let dataset = &found.shown;
    let mut compared = 0;
    for by in Cut::ALL {
        for row in dataset.rows(kind, by) {
            let what = format!("{} {:?}", by.key(), row.key);
            let own: Vec<&Answer> = match by {
                Cut::Stage => all.iter().filter(|answer| answer["stage_code"] == row.key[0]).collect(),
                Cut::Flag => {
                    let flag = format!("flag_{}", row.key[0]);
                    headline.iter().copied().filter(|answer| answer[&flag] == "true").collect()
                }
                Cut::Target => of_target(dataset, &row.key[0], &headline),
                Cut::Element => headline.clone(),
                Cut::Counter => panic!("{what}: a counter is often one person, and never published"),
                Cut::Trend => continue,
                _ => {
                    let codes = codes(dataset, by, row);
                    headline.iter().copied().filter(|answer| key(answer, by) == codes).collect()
                }
            };
            let question = if by == Cut::Element { row.key[0].as_str() } else { "overall" };
            compared += compare(row, &own, question, &what);
        }
    }
    compared
}

/// Compares the rows of the trend, each with the answers of its own period; the periods of those that show a
/// figure.
fn recount_trend(found: &Published, kind: Kind, all: &BTreeMap<&str, Vec<Answer>>) -> BTreeSet<String> {
    let mut compared = BTreeSet::new();
    for row in found.shown.rows(kind, Cut::Trend) {
        let (period, target) = (row.key[0].as_str(), row.key[1].as_str());
        let own = all.get(period).unwrap_or_else(|| panic!("{period} was never published"));
        let own = of_target(&found.shown, target, &headline(kind, own));
        if compare(row, &own, "overall", &format!("trend {:?}", row.key)) > 0 {
            compared.insert(period.to_owned());
        }
    }
    compared
}

/// F5 of the province from the strata: weights N/n, none above five times the one that half of the answers do not
/// exceed.
fn weighted(found: &Published, all: &[Answer]) -> i64 {
    let mut strata: Vec<(f64, f64, f64)> = Vec::new();
    for row in found.complete.rows(Kind::Tthc, Cut::UnitField) {
        let codes = codes(&found.complete, Cut::UnitField, row);
        let own = all.iter().filter(|answer| {
            ["result", "refusal"].contains(&answer["stage_code"].as_str())
                && key(answer, Cut::UnitField) == codes
        });
        let levels: Vec<&str> = own.map(|answer| answer["score_overall"].as_str()).collect();
        let k = levels.iter().filter(|level| ["5", "4"].contains(level)).count() as f64;
        if let (Some(settled), n) = (row.settled.filter(|settled| *settled > 0), levels.len() as f64)
            && n > 0.0
        {
            strata.push((settled as f64 / n, k, n));
        }
    }
    strata.sort_by(|one, other| one.0.total_cmp(&other.0));
    let half = strata.iter().map(|(_, _, n)| n).sum::<f64>() / 2.0;
    let mut seen = 0.0;
    let median = strata.iter().find(|(_, _, n)| {
        seen += n;
        seen >= half
    });
    let most = 5.0 * median.unwrap().0;
    let sum = |of: &dyn Fn(&(f64, f64, f64)) -> f64| -> f64 {
        strata.iter().map(|stratum| stratum.0.min(most) * of(stratum)).sum()
    };
    (10_000.0 * sum(&|one| one.1) / sum(&|one| one.2)).round() as i64
}

on_both! {
    fn every_published_figure_follows_from_the_single_answers(app) {
        simulate(app);
        let published = PERIODS.map(|period| publish(app, period));
        for (kind, least) in [(Kind::Tthc, 80), (Kind::AgencyService, 10)] {
            let all: BTreeMap<&str, Vec<Answer>> =
                PERIODS.into_iter().map(|period| (period, answers(app, period, kind))).collect();
            for (found, (period, all)) in published.iter().zip(&all) {
                let compared = recount(found, kind, all);
                assert!(compared > least, "{compared} rows of {} in {period} are too few", kind.key());
                if kind == Kind::Tthc {
                    let total = found.shown.row(kind, Cut::Total, &[]).unwrap().figures.unwrap();
                    assert_eq!(total.f5.unwrap().index, weighted(found, all), "F5 in {period}");
                }
            }
            let [_, last] = &published;
            let trend = recount_trend(last, kind, &all);
            assert!(trend.iter().map(String::as_str).eq(PERIODS), "the trend of {} shows {trend:?}", kind.key());
        }
    }
}
