//! Every published figure counted again from the table of single answers, with nothing of the service's own
//! arithmetic.

use std::collections::BTreeMap;

use hailong::domain::dataset::{Cut, Dataset, Row};
use hailong::domain::questionnaire::Kind;

use crate::figures::simulate;
use crate::support::program::hailong;
use crate::support::publishing::{Published, publish};
use crate::support::{App, on_both};

const PERIOD: &str = "2026-Q3";
const Z: f64 = 1.959964;

type Answer = BTreeMap<String, String>;

fn answers(app: &App, kind: Kind) -> Vec<Answer> {
    let told = hailong(app, &["answers", "--period", PERIOD, "--kind", kind.key(), "--format", "csv"]);
    assert!(told.status.success(), "{}", String::from_utf8_lossy(&told.stderr));
    let mut reader = csv::Reader::from_reader(told.stdout.strip_prefix("\u{feff}".as_bytes()).unwrap());
    reader.deserialize().map(Result::unwrap).collect()
}

/// The key of an answer under a cut, in codes.
fn key(answer: &Answer, by: Cut) -> Vec<&str> {
    let columns: &[&str] = match by {
        Cut::Field => &["field_code"],
        Cut::Unit => &["unit_now_code"],
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
        (Cut::Unit | Cut::Deciding | Cut::UnitField, 0) => unit(part).unwrap(),
        (Cut::Procedure, _) if !part.is_empty() => procedure(part).unwrap(),
        _ => part.clone(),
    };
    row.key.iter().enumerate().map(code).collect()
}

fn is_flagged(answer: &Answer) -> bool {
    answer.iter().any(|(column, value)| column.starts_with("flag_") && value == "true")
}

/// Hundredths of a percent, from whole numbers.
fn share(k: u64, n: u64) -> Option<i64> {
    (n > 0).then(|| i64::try_from((20_000 * k + n) / (2 * n)).unwrap())
}

fn wilson(k: u64, n: u64) -> Option<(i64, i64)> {
    if n == 0 {
        return None;
    }
    let (p, n) = (k as f64 / n as f64, n as f64);
    let middle = p + Z * Z / (2.0 * n);
    let reach = Z * (p * (1.0 - p) / n + (Z / (2.0 * n)).powi(2)).sqrt();
    let end = |value: f64| (10_000.0 * value / (1.0 + Z * Z / n)).round() as i64;
    Some((end(middle - reach).max(0), end(middle + reach).min(10_000)))
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

fn recount(found: &Published, kind: Kind, all: &[Answer]) -> usize {
    let headline: Vec<&Answer> = all
        .iter()
        .filter(|answer| {
            kind == Kind::AgencyService || ["result", "refusal"].contains(&answer["stage_code"].as_str())
        })
        .collect();
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
                Cut::Target => {
                    let target = dataset.targets.iter().find(|target| target.key == row.key[0]).unwrap();
                    let fits = |answer: &&&Answer| {
                        target.fields.as_ref().is_none_or(|fields| fields.contains(&answer["field_code"]))
                    };
                    headline.iter().filter(fits).copied().collect()
                }
                Cut::Element => headline.clone(),
                Cut::UnitThen | Cut::Counter | Cut::Trend => continue,
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
        let found = publish(app, PERIOD);
        for (kind, least) in [(Kind::Tthc, 100), (Kind::AgencyService, 10)] {
            let all = answers(app, kind);
            let compared = recount(&found, kind, &all);
            assert!(compared > least, "{compared} rows of {} are too few", kind.key());
            if kind == Kind::Tthc {
                let total = found.shown.row(kind, Cut::Total, &[]).unwrap().figures.unwrap();
                assert_eq!(total.f5.unwrap().index, weighted(&found, &all), "F5");
            }
        }
    }
}
