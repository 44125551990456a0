//! The table of single answers: what is in it, who gets it, how it breaks, and that every figure follows
//! from it.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{Read, Write};
use std::net::TcpStream;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use hailong::app::simulate::{self, Plan};
use hailong::db;
use hailong::domain::flags::{Flag, Flags};
use hailong::domain::link::Stage;
use hailong::domain::period::Period;
use hailong::domain::person::Role;
use hailong::domain::unit::Present;
use serde_json::Value;
use uuid::Uuid;

use crate::figures;
use crate::support::answers::{Answers, LAND, store};
use crate::support::staff::Browser;
use crate::support::{App, Backend, Store, draft, id, on_both, today};

type Row = BTreeMap<String, String>;

/// The keys of a CSV in their order, and its rows.
fn rows(bytes: &[u8]) -> (Vec<String>, Vec<Row>) {
    let mut reader = csv::Reader::from_reader(bytes.strip_prefix("\u{feff}".as_bytes()).expect("the mark"));
    let keys = reader.headers().unwrap().iter().map(str::to_owned).collect();
    (keys, reader.deserialize().map(|row| row.unwrap()).collect())
}

fn answers(browser: &Browser<'_>, query: &str) -> Vec<Row> {
    rows(&browser.bytes(&format!("/console/answers.csv?{query}")).1).1
}

fn objects(bytes: &[u8]) -> Vec<BTreeMap<String, Value>> {
    serde_json::from_slice(bytes).unwrap()
}

fn text(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// Code and name of a row under a cut, and whether its unit was split.
fn place(row: &Row, by: &str, view: &str) -> (String, String, bool) {
    let (code, name) = match (by, view) {
        ("unit" | "deciding", "now") => {
            (row[&format!("{by}_now_code")].clone(), row[&format!("{by}_now")].clone())
        }
        ("unit" | "deciding", _) => (row[&format!("{by}_code")].clone(), row[by].clone()),
        ("month", _) => (row["date"][..7].to_owned(), String::new()),
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

fn is_flagged(row: &Row) -> bool {
    row.iter().any(|(key, value)| key.starts_with("flag_") && value == "true")
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
            parts.iter().map(|row| text(&row["element_code"])).collect::<BTreeSet<_>>(),
            keys,
            "{what}"
        );
        for row in parts {
            let key = text(&row["element_code"]);
            assert_equal(row, &figures(&headline, &key, counts_flagged, false), &format!("{key} in {what}"));
        }
        return parts.len();
    }
    let counted = if by == "stage" { all.iter().collect() } else { headline };
    let mut groups: BTreeMap<(String, String, bool), Vec<&Row>> = BTreeMap::new();
    for row in counted {
        groups.entry(place(row, by, view)).or_default().push(row);
    }
    assert_eq!(parts.len(), groups.len(), "{what}");
    for row in parts {
        let code = text(&row[&format!("{by}_code")]);
        let name = if ["unit", "deciding"].contains(&by) { text(&row[by]) } else { String::new() };
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

/// A line of a table in the dictionary: column, type, and the words that it names.
struct Described {
    key: String,
    kind: String,
    words: Vec<String>,
}

fn dictionary(section: &str) -> Vec<Described> {
    let text = include_str!("../../docs/exports.md");
    let (_, rest) = text.split_once(&format!("\n## {section}\n")).unwrap();
    let lines = rest.split("\n## ").next().unwrap().lines().filter(|line| line.starts_with("| `"));
    let quoted = |text: &str| text.split('`').skip(1).step_by(2).map(str::to_owned).collect::<Vec<_>>();
    lines
        .map(|line| {
            let cells: Vec<&str> = line.trim_matches('|').split('|').map(str::trim).collect();
            Described { key: quoted(cells[0]).remove(0), kind: cells[1].to_owned(), words: quoted(cells[2]) }
        })
        .collect()
}

/// What is wrong with a value of a column, as the dictionary describes it.
fn is_described(column: &Described, value: &str) -> bool {
    let kind = column.kind.trim_end_matches(" or empty");
    if value.is_empty() {
        return kind != column.kind || kind == "score";
    }
    match kind {
        "word" => column.words.iter().any(|word| word == value),
        "number" => value == "…" || value.parse::<f64>().is_ok(),
        "date" => value.len() == 10 && value.parse::<chrono::NaiveDate>().is_ok(),
        "yes-no" => ["true", "false"].contains(&value),
        "score" => ["5", "4", "3", "2", "1", "na"].contains(&value),
        "text" => true,
        other => panic!("{}: the type {other} is not known", column.key),
    }
}

on_both! {
    fn the_tables_are_what_their_dictionary_says(app) {
        figures::simulate(app);
        let browser = app.browser("an", Role::Method, None);
        let described = dictionary("Answers");
        let (score, fixed) = described.split_last().unwrap();
        for kind in ["tthc", "agency-service"] {
            let query = format!("period=2026&kind={kind}");
            let (keys, all) = rows(&browser.bytes(&format!("/console/answers.csv?{query}")).1);
            let snapshot = app.snapshot();
            let questionnaire = snapshot.questionnaires.iter().find(|one| one.kind.key() == kind).unwrap();
            let expected = fixed.iter().map(|column| column.key.clone());
            let expected: Vec<String> = expected.chain(questionnaire.asked().map(|one| format!("score_{}", one.key))).collect();
            assert_eq!(keys, expected);
            for (key, value) in all.iter().flatten() {
                let column = fixed.iter().find(|column| column.key == *key).unwrap_or(score);
                assert!(is_described(column, value), "{key}: {value:?} is not {}", column.kind);
            }
            let same = objects(&browser.bytes(&format!("/console/answers.json?{query}")).1);
            let same: Vec<Row> =
                same.iter().map(|row| row.iter().map(|(key, value)| (key.clone(), text(value))).collect()).collect();
            assert_eq!(same, all, "JSON and CSV say the same");
        }

        let (keys, all) = rows(&browser.bytes("/console/scores.csv?period=2026&by=field,unit").1);
        let described = dictionary("Scores");
        let mut expected: Vec<&str> = described.iter().map(|column| column.key.as_str()).collect();
        expected.splice(2..4, ["field_code", "field", "unit_code", "unit"]);
        assert_eq!(keys, expected);
        for (key, value) in all.iter().flatten() {
            if let Some(column) = described.iter().find(|column| column.key == *key) {
                assert!(is_described(column, value), "{key}: {value:?} is not {}", column.kind);
            }
        }
    }
}

on_both! {
    fn a_page_after_a_page_gives_every_answer_of_the_period_once(app) {
        let days = ["2026-08-03", "2026-08-31", "2026-09-01"];
        store(app, &days.map(|day| Answers { day, levels: [5, 4, 3, 2, 1], ..LAND }));
        let unit = app.snapshot().units.by_code(LAND.unit, today()).unwrap().unit;
        let august = Period::parse("2026-08").unwrap();
        app.database().read(|conn| {
            let mut expected: Vec<Uuid> = db::responses::by_unit(conn, unit)?
                .into_iter()
                .filter(|response| august.contains(response.day))
                .map(|response| response.id)
                .collect();
            expected.sort();
            assert_eq!(expected.len(), 30);
            let (mut found, mut from) = (Vec::new(), Uuid::nil());
            loop {
                let page = db::responses::page(conn, unit, august, from, 7)?;
                found.extend(page.iter().map(|response| response.id));
                let Some(last) = page.last() else { break };
                from = Uuid::from_u128(last.id.as_u128() + 1);
            }
            assert_eq!(found, expected);
            Ok(())
        }).unwrap();
    }
}

on_both! {
    fn a_name_that_a_spreadsheet_would_run_is_harmless_and_no_comment_leaves(app) {
        let name = "=HYPERLINK(\"http://a.vn\";\"Quầy\")\nhai, ba";
        let link = app.link_of(&draft(&app.snapshot(), "24781", name, "dat-dai", Stage::Result));
        let sent = id();
        let answer = [("id", &*sent), ("overall", "2"), ("feedback", "na"), ("access", ""), ("comment", "Chờ quá lâu")];
        assert_eq!(app.post(&format!("/s/{}", link.code), &answer).status, 303);
        let browser = app.browser("an", Role::Method, None);
        let query = format!("period={}", today().format("%Y-%m"));

        let (_, bytes) = browser.bytes(&format!("/console/answers.csv?{query}"));
        let (_, all) = rows(&bytes);
        let raw = objects(&browser.bytes(&format!("/console/answers.json?{query}")).1);

        assert_eq!(all.len(), 1);
        let row = &all[0];
        assert_eq!(row["counter"], format!("'{name}"));
        assert_eq!(raw[0]["counter"], name, "JSON runs nothing");
        let scores = ["overall", "access", "feedback", "result"].map(|key| row[&format!("score_{key}")].as_str());
        assert_eq!(scores, ["2", "", "na", ""]);
        assert_eq!((raw[0]["score_overall"].as_u64(), &raw[0]["score_access"]), (Some(2), &Value::Null));
        assert_eq!(row["has_comment"], "true");
        let whole = String::from_utf8(bytes).unwrap();
        for secret in ["Chờ quá lâu", &sent, link.code.as_str()] {
            assert!(!whole.contains(secret), "{secret}");
        }
    }
}

on_both! {
    fn filters_narrow_the_table_and_each_download_is_audited(app) {
        figures::simulate(app);
        let browser = app.browser("an", Role::Method, None);
        let snapshot = app.snapshot();
        let (field, unit) = (snapshot.field_by_key("dat-dai").unwrap().id, snapshot.units.by_code("24781", today()).unwrap());
        let all = answers(&browser, "period=2026-Q3");
        let of = |keep: &dyn Fn(&Row) -> bool| all.iter().filter(|row| keep(row)).cloned().collect::<Vec<_>>();
        let mut downloads = 1;
        let mut same = |filter: String, keep: &dyn Fn(&Row) -> bool| {
            let found = answers(&browser, &format!("period=2026-Q3&{filter}"));
            assert!(!found.is_empty() && found.len() < all.len(), "{filter}: {} of {}", found.len(), all.len());
            assert_eq!(found, of(keep), "{filter}");
            downloads += 1;
        };
        same(format!("field={field}"), &|row| row["field_code"] == "dat-dai");
        same(format!("unit={}", unit.unit), &|row| row["unit_now_code"] == "24781");
        same(format!("unit={}&side=deciding", unit.unit), &|row| row["deciding_now_code"] == "24781");
        same("stage=intake".to_owned(), &|row| row["stage_code"] == "intake");
        same("channel=paper".to_owned(), &|row| row["channel_code"] == "paper");
        same("flagged=excluded".to_owned(), &|row| !is_flagged(row));
        assert_eq!(browser.get("/console/answers.csv?period=2026-Q5").status, 422);
        assert_eq!(browser.get("/console/answers.xlsx?period=2026-Q3").status, 404);
        assert_eq!(answers(&browser, "period=2031").len(), 0, "a period without answers has its header alone");

        let (_, audit) = browser.bytes("/console/audit.csv?action=answers.export");
        let audited = rows(&audit).1.into_iter().filter(|row| row["what"] == "answers.export").collect::<Vec<_>>();
        assert_eq!(audited.len(), downloads + 1);
        assert!(audited.iter().all(|row| row["actor"] == "an"), "{audited:?}");
        assert!(audited.iter().any(|row| row["subject"] == "answers 2026-Q3" && row["details"].contains("intake")));

        let page = browser.get("/console/breakdown?period=2026-Q3&by=field&stage=intake").body;
        assert!(page.contains("/console/answers.csv?period=2026-Q3&amp;stage=intake") || page.contains("/console/answers.csv?period=2026-Q3&#38;stage=intake"));
        let viewer = app.browser("xem", Role::UnitViewer, Some(unit.unit));
        assert!(!viewer.get("/console/breakdown?period=2026-Q3&by=field").body.contains("/console/answers"));
    }
}

fn program(store: &Store, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_hailong"));
    command.args(["--database-url", &store.url, "answers"]).args(arguments);
    command
}

on_both! {
    fn the_command_writes_the_same_file_and_never_leaves_half_of_one(app) {
        figures::simulate(app);
        let browser = app.browser("an", Role::Method, None);
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("answers.json");
        std::fs::write(&file, "what was there").unwrap();
        let run = |arguments: &[&str]| program(&app.store, arguments).output().unwrap();
        let to_file = ["--period", "2026-Q3", "--format", "json", "-o", file.to_str().unwrap()];

        let wrong = run(&[&to_file[..], &["--unit", "no such"]].concat());
        assert_eq!((wrong.status.code(), &*std::fs::read(&file).unwrap()), (Some(2), &b"what was there"[..]));
        let done = run(&to_file);
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
        assert_eq!(String::from_utf8_lossy(&done.stderr), "", "no counter where there is no terminal");
        assert_eq!(std::fs::read(&file).unwrap(), browser.bytes("/console/answers.json?period=2026-Q3").1);
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1, "nothing lies beside it");
        let narrowed = run(&["--period", "2026-Q3", "--field", "dat-dai,thue", "--unit", "24781"]);
        let fields: BTreeSet<String> = rows(&narrowed.stdout).1.into_iter().map(|row| row["field_code"].clone()).collect();
        assert!(!fields.is_empty() && fields.iter().all(|field| ["dat-dai", "thue"].contains(&field.as_str())), "{fields:?}");
        let full = run(&["--period", "2026", "-o", "/dev/full"]);
        assert_eq!(full.status.code(), Some(1));
        assert!(String::from_utf8_lossy(&full.stderr).contains("/dev/full"));

        let mut reader = program(&app.store, &["--period", "2026"])
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut first = [0; 100];
        reader.stdout.take().unwrap().read_exact(&mut first).unwrap();
        assert!(reader.wait().unwrap().success(), "whoever closes the pipe has read enough");
    }
}

/// Fills a database with more than sockets take.
fn fill_much(app: &App) {
    let snapshot = app.snapshot();
    let plan = Plan::new(&snapshot, 2260, today(), 60_000).unwrap();
    simulate::fill(&app.database(), &plan, &mut |_| ()).unwrap();
    let link = app.snapshot().links.values().next().unwrap().code.clone();
    app.wait_for(&format!("/s/{link}"), 200);
}

fn whole_year() -> String {
    format!(
        "/console/answers.json?period={}-01-01..{}",
        today().format("%Y").to_string().parse::<i32>().unwrap() - 1,
        today()
    )
}

/// A download of which the beginning alone is read.
fn begin(browser: &Browser<'_>) -> TcpStream {
    let host = browser.app.url.strip_prefix("http://").unwrap();
    let mut stream = TcpStream::connect(host).unwrap();
    let request =
        format!("GET {} HTTP/1.1\r\nHost: {host}\r\nCookie: {}\r\n\r\n", whole_year(), browser.cookie);
    stream.write_all(request.as_bytes()).unwrap();
    let mut status = [0; 12];
    stream.read_exact(&mut status).unwrap();
    assert_eq!(&status, b"HTTP/1.1 200");
    stream
}

#[test]
fn two_downloads_run_at_a_time_and_one_that_nobody_reads_gives_its_place_back() {
    let app = App::start(Backend::Sqlite);
    fill_much(&app);
    let browser = app.browser("an", Role::Method, None);
    let slow = [begin(&browser), begin(&browser)];

    let third = browser.get(&whole_year());
    assert_eq!((third.status, third.headers["retry-after"].to_str().unwrap()), (503, "30"));
    for _ in 0..20 {
        assert_eq!(browser.get("/console?period=2026").status, 200, "slow readers are in nobody's way");
    }
    drop(slow);
    let start = Instant::now();
    while browser.get("/console/answers.csv?period=2031").status != 200 {
        assert!(start.elapsed() < Duration::from_secs(20), "the places never came back");
        std::thread::sleep(Duration::from_millis(50));
    }
}

#[test]
fn a_download_that_breaks_off_is_not_taken_for_a_whole_one() {
    let app = App::start(Backend::Postgres);
    fill_much(&app);
    let browser = app.browser("an", Role::Method, None);
    let mut download = begin(&browser);
    let mut rest = vec![0; 200_000];
    download.read_exact(&mut rest).unwrap();
    app.store.take_away();

    download.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
    // Whether the connection ends or is reset is up to the system.
    drop(download.read_to_end(&mut rest));

    assert!(!rest.ends_with(b"0\r\n\r\n"), "the last chunk would say that the file is whole");
    app.store.give_back();
}
