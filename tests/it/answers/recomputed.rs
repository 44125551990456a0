//! Every figure of the scores computed again from the exported single answers, in another way than the service's.

use std::collections::{BTreeMap, BTreeSet};

use hailong::domain::flags::{Flag, Flags};
use hailong::domain::person::Role;
use hailong::domain::unit::Present;
use serde_json::Value;

use super::{answers, objects};
use crate::figures;
use crate::support::answers::{Answers, LAND, store};
use crate::support::staff::Browser;
use crate::support::table::{Row, is_flagged, plain};
use crate::support::{App, on_both, today};

/// Code and name of a row under a cut, and whether its unit was split.
fn place(row: &Row, by: &str, view: &str, period: &str) -> (String, String, bool) {
    // Of a quarter that is wider than the period asked for, the row is that part which was asked for.
    let is_month = period.split_once('-').is_some_and(|(_, part)| part.parse::<u32>().is_ok());
    let (code, name) = match (by, view) {
        ("unit" | "deciding", "now") => {
            (row[&format!("{by}_now_code")].clone(), row[&format!("{by}_now")].clone())
        }
        ("unit" | "deciding", _) => (row[&format!("{by}_code")].clone(), row[by].clone()),
        ("month", _) => (row["date"][..7].to_owned(), String::new()),
        ("quarter", _) if is_month => (period.to_owned(), String::new()),
        ("quarter", _) => {
            let month: u32 = row["date"][5..7].parse().unwrap();
            (format!("{}-Q{}", &row["date"][..4], month.div_ceil(3)), String::new())
        }
        _ => (row[&format!("{by}_code")].clone(), String::new()),
    };
    let is_split = view == "now" && row.get(&format!("{by}_split")).is_some_and(|split| split == "true");
    (code, name, is_split)
}

/// Answers at levels 1 to 5 and "not applicable" at place 0.
fn count<'a>(rows: &[&'a Row], questions: impl Fn(&'a str) -> bool) -> [u64; 6] {
    let mut counts = [0; 6];
    for (key, score) in rows.iter().flat_map(|row| row.iter()) {
        if key.strip_prefix("score_").is_some_and(&questions) && !score.is_empty() {
            counts[score.parse().unwrap_or(0)] += 1;
        }
    }
    counts
}

fn percent(satisfied: u64, n: u64) -> Option<f64> {
    (n > 0).then(|| 100.0 * satisfied as f64 / n as f64)
}

/// Everything that a row of scores says of some answers to one question.
fn figures(
    rows: &[&Row],
    question: &str,
    counts_flagged: bool,
    has_elements: bool,
) -> Vec<(&'static str, Option<f64>)> {
    let unflagged: Vec<&Row> = rows.iter().copied().filter(|row| !is_flagged(row)).collect();
    let n_of = |levels: [u64; 6]| levels[1..].iter().sum::<u64>();
    let asked = |rows: &[&Row]| count(rows, |key| key == question);
    let (all, clean) = (asked(rows), asked(&unflagged));
    let counted = if counts_flagged { rows } else { &unflagged };
    let levels = asked(counted);
    let (n, satisfied) = (n_of(levels), levels[4] + levels[5]);
    let elements = count(counted, |key| key != "overall");
    let given = counted.iter().map(|row| count(&[row], |_| true)).filter(|levels| n_of(*levels) > 0);
    let given: Vec<bool> = given.map(|levels| levels[1] + levels[2] + levels[3] == 0).collect();
    let complete = given.iter().filter(|is_complete| **is_complete).count() as u64;
    let mean =
        (n > 0).then(|| (1..=5).map(|level| level as f64 * levels[level] as f64).sum::<f64>() / n as f64);
    // The ends of the Wilson interval are the roots of (p − x)² = z²·x·(1 − x)/n.
    let ends = (n > 0).then(|| {
        let (z2, count, p) = (1.959_964_f64.powi(2), n as f64, satisfied as f64 / n as f64);
        let (a, b, c) = (1.0 + z2 / count, -2.0 * p - z2 / count, p * p);
        let root = (b * b - 4.0 * a * c).max(0.0).sqrt();
        (100.0 * (-b - root) / (2.0 * a), 100.0 * (-b + root) / (2.0 * a))
    });
    let whole = |number: u64| Some(number as f64);
    vec![
        ("n", whole(n)),
        ("satisfied", whole(satisfied)),
        ("n5", whole(levels[5])),
        ("n4", whole(levels[4])),
        ("n3", whole(levels[3])),
        ("n2", whole(levels[2])),
        ("n1", whole(levels[1])),
        ("na", whole(levels[0])),
        ("index", percent(satisfied, n)),
        ("low", ends.map(|(low, _)| low)),
        ("high", ends.map(|(_, high)| high)),
        ("f2", percent(elements[4] + elements[5], n_of(elements)).filter(|_| has_elements)),
        ("f3", percent(complete, given.len() as u64).filter(|_| has_elements)),
        ("f4", mean),
        ("f4_of_5", mean.map(|mean| 20.0 * mean)),
        ("f4_of_span", mean.map(|mean| 25.0 * (mean - 1.0))),
        ("n_with_flagged", whole(n_of(all))),
        ("index_with_flagged", percent(all[4] + all[5], n_of(all))),
        ("n_without_flagged", whole(n_of(clean))),
        ("index_without_flagged", percent(clean[4] + clean[5], n_of(clean))),
    ]
}

fn assert_equal(published: &BTreeMap<String, Value>, recomputed: &[(&'static str, Option<f64>)], what: &str) {
    for (key, value) in recomputed {
        let shown = published[*key].as_f64();
        let is_equal = match (shown, value) {
            // Published figures are rounded to hundredths.
            (Some(shown), Some(value)) => (shown - value).abs() <= 0.005 + 1e-9,
            (None, None) => true,
            _ => false,
        };
        assert!(is_equal, "{key} of {what}: published {:?}, recomputed {value:?}", published[*key]);
    }
    let figure = |key: &str| published[key].as_f64();
    if let (Some(target), Some(low), Some(high)) = (figure("target"), figure("low"), figure("high")) {
        let (n, satisfied) = (figure("n").unwrap(), figure("satisfied").unwrap());
        let verdict = match (100.0 * satisfied >= target * n, n < 30.0) {
            (_, true) => "Chưa đủ dữ liệu",
            (true, _) if low >= target => "Đạt, chắc chắn",
            (true, _) => "Đạt, chưa chắc chắn",
            (false, _) if high < target => "Không đạt, chắc chắn",
            (false, _) => "Chưa đạt, chưa chắc chắn",
        };
        // Where the end of the interval meets the target the rounded figure decides nothing.
        if (low - target).abs() > 0.005 && (high - target).abs() > 0.005 {
            assert_eq!(published["verdict"], verdict, "{what}");
        }
    }
}

/// Compares one table of scores with the answers, and gives the number of its rows.
fn compare(browser: &Browser<'_>, all: &[Row], by: &str, flagged: &str, view: &str, query: &str) -> usize {
    let what = format!("by={by}&flagged={flagged}&view={view}&{query}");
    let published = objects(&browser.bytes(&format!("/console/scores.json?{what}")).1);
    let (total, parts) = published.split_last().unwrap();
    let counts_flagged = flagged == "included";
    let is_headline =
        |row: &&Row| row["stage_code"].is_empty() || ["result", "refusal"].contains(&&*row["stage_code"]);
    let headline: Vec<&Row> = all.iter().filter(is_headline).collect();
    assert_equal(
        total,
        &figures(&headline, "overall", counts_flagged, by != "element"),
        &format!("the total of {what}"),
    );

    if by == "element" {
        let asked =
            |key: &String| key.strip_prefix("score_").filter(|key| *key != "overall").map(str::to_owned);
        let is_answered = |key: &String| headline.iter().any(|row| !row[&format!("score_{key}")].is_empty());
        let keys: BTreeSet<String> = all[0].keys().filter_map(asked).filter(is_answered).collect();
        assert_eq!(
            parts.iter().map(|row| plain(&row["element_code"])).collect::<BTreeSet<_>>(),
            keys,
            "{what}"
        );
        for row in parts {
            let key = plain(&row["element_code"]);
            assert_equal(row, &figures(&headline, &key, counts_flagged, false), &format!("{key} in {what}"));
        }
        return parts.len();
    }
    let counted = if by == "stage" { all.iter().collect() } else { headline };
    let period = query.split(['=', '&']).nth(1).unwrap();
    let mut groups: BTreeMap<(String, String, bool), Vec<&Row>> = BTreeMap::new();
    for row in counted {
        groups.entry(place(row, by, view, period)).or_default().push(row);
    }
    assert_eq!(parts.len(), groups.len(), "{what}");
    for row in parts {
        let code = plain(&row[&format!("{by}_code")]);
        let name = if ["unit", "deciding"].contains(&by) { plain(&row[by]) } else { String::new() };
        let key = (code, name, row["split"] == "có");
        let group = groups.get(&key).unwrap_or_else(|| panic!("{key:?} in {what} has no answers"));
        assert_equal(row, &figures(group, "overall", counts_flagged, true), &format!("{key:?} in {what}"));
    }
    parts.len()
}

/// A simulated year, and answers of June 2025 at a unit that was merged and at one that was split since.
fn fill(app: &App) {
    figures::simulate(app);
    let (snapshot, before) = (app.snapshot(), "2025-06-10");
    let was_split = |split: bool| {
        let mut old = snapshot.units.all_on(before.parse().unwrap());
        let found = old.find(|version| match snapshot.units.present(version.unit, today()) {
            Present::Split(_) => split,
            Present::Unit(unit) => !split && unit != version.unit,
        });
        found.expect("a unit of 2021").code.clone().leak() as &str
    };
    let old = |unit, flags, levels| Answers { unit, flags, levels, day: before, ..LAND };
    store(
        app,
        &[
            old(was_split(true), Flags::NONE, [9, 8, 7, 6, 5]),
            old(was_split(false), Flags::NONE.with(Flag::Burst).with(Flag::Fast), [1, 2, 3, 4, 5]),
            old(was_split(false), Flags::NONE, [20, 20, 1, 1, 1]),
        ],
    );
}

on_both! {
    fn every_published_figure_follows_from_the_answers(app) {
        fill(app);
        let browser = app.browser("an", Role::Method, None);
        let mut compared = 0;
        for query in ["period=2025-06&kind=tthc", "period=2026-Q3&kind=tthc", "period=2026-H1&kind=agency-service"] {
            let all = answers(&browser, query);
            assert!(all.len() > 80, "{} answers in {query}", all.len());
            for by in ["field", "unit", "deciding", "procedure", "channel", "stage", "element", "counter", "month", "quarter"] {
                for flagged in ["included", "excluded"] {
                    for view in ["now", "then"] {
                        compared += compare(&browser, &all, by, flagged, view, query);
                    }
                }
            }
        }
        let june = answers(&browser, "period=2025-06");
        assert!(june.iter().any(|row| row["unit_split"] == "true" && row["unit_now"] == row["unit"]));
        assert!(june.iter().any(|row| row["unit_split"] == "false" && row["unit_now"] != row["unit"]));
        assert!(compared > 2_000, "{compared} rows are too few to say anything");
    }
}
