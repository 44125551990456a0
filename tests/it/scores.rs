//! Figures: from answers to every form in which they leave the service.

use std::collections::BTreeMap;
use std::io::Cursor;

use calamine::{Data, Reader};
use diesel::RunQueryDsl;
use hailong::app::check;
use hailong::app::scores::{self, Cell, Dimension, Flagged, Query, Table};
use hailong::domain::flags::{Flag, Flags};
use hailong::domain::index::Share;
use hailong::domain::link::{Channel, Stage};
use hailong::domain::person::{Actor, Role};
use hailong::domain::tally::Levels;
use hailong::domain::target::Verdict;
use hailong::domain::unit::UnitView;

use crate::support::answers::{Answers, LAND, QUARTER, query, run, run_as, share, store, unit, viewer};
use crate::support::program::hailong;
use crate::support::table;
use crate::support::{App, on_both};

fn fields(app: &App, keys: &[&str]) -> Option<Vec<hailong::domain::ids::FieldId>> {
    Some(keys.iter().map(|key| app.snapshot().field_by_key(key).unwrap().id).collect())
}

fn export(app: &App, by: &str, format: &str) -> Vec<u8> {
    let mut arguments = vec!["scores", "--period", QUARTER, "--format", format];
    if !by.is_empty() {
        arguments.extend(["--by", by]);
    }
    let output = hailong(app, &arguments);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    output.stdout
}

on_both! {
    fn the_worked_example_of_the_method_gives_its_three_figures(app) {
        let intake = Answers { stage: Stage::Intake, levels: [0, 0, 0, 0, 9], ..LAND };
        store(app, &[LAND, intake.clone(), Answers { stage: Stage::Supplement, ..intake }]);
        let table = run(app, &query(QUARTER));
        assert_eq!(share(&table.total), Some((90, 100)), "intake and supplement are no part of the headline");
        let row = table::rows(&export(app, "", "csv")).1.remove(0);
        assert_eq!((&*row["index"], &*row["f4_of_5"], &*row["f4_of_span"], &*row["f4"]), ("90.00", "85.20", "81.50", "4.26"));
        assert_eq!((&*row["n5"], &*row["n1"], &*row["satisfied"]), ("40", "1", "90"));
        assert_eq!((&*row["low"], &*row["high"]), ("82.56", "94.48"));

        let stages = run(app, &query(QUARTER).by(&[Dimension::Stage]));
        let of = |stage| stages.rows.iter().find(|row| row.cells == [Cell::Stage(Some(stage))]).unwrap();
        assert_eq!((share(of(Stage::Intake)), of(Stage::Intake).verdict), (Some((0, 9)), None));
        assert_eq!(share(of(Stage::Result)), Some((90, 100)));
        assert_eq!(share(&stages.total), share(&table.total), "the total of a table by stage is the headline");
    }
}

on_both! {
    fn each_field_is_judged_against_its_own_target(app) {
        let of = |field, levels| Answers { field, levels, ..LAND };
        store(app, &[
            of("dat-dai", [170, 0, 30, 0, 0]),
            of("xay-dung", [90, 0, 10, 0, 0]),
            of("dau-tu", [29, 0, 0, 0, 0]),
            of("ho-tich", [170, 0, 30, 0, 0]),
        ]);
        let judged = |table: &Table| {
            (share(&table.total), table.total.threshold.map(|one| one.percent()), table.total.verdict)
        };
        let only = |keys: &[&str]| judged(&run(app, &Query { fields: fields(app, keys), ..query(QUARTER) }));
        assert_eq!(only(&["dat-dai"]), (Some((170, 200)), Some(85.0), Some(Verdict::MetUnsurely)));
        assert_eq!(only(&["ho-tich"]), (Some((170, 200)), Some(90.0), Some(Verdict::MissedSurely)));
        assert_eq!(only(&["dau-tu"]), (Some((29, 29)), Some(85.0), Some(Verdict::TooFew)));
        assert_eq!(only(&["dau-tu", "dat-dai", "xay-dung"]), (Some((289, 329)), Some(85.0), Some(Verdict::MetUnsurely)));
        assert_eq!(judged(&run(app, &query(QUARTER))), (Some((459, 529)), Some(90.0), Some(Verdict::MissedSurely)));
        let procedure = app.snapshot().procedures_of(fields(app, &["xay-dung"]).unwrap()[0], "2026-08-03".parse().unwrap()).next().unwrap().procedure;
        let of_procedure = run(app, &Query { procedure: Some(procedure), ..query(QUARTER) }.by(&[Dimension::Field]));
        assert_eq!(of_procedure.total.threshold.map(|one| one.percent()), Some(85.0), "that of its field");
        let table = run(app, &query(QUARTER).by(&[Dimension::Field]));
        let targets: Vec<f64> = table.rows.iter().map(|row| row.threshold.unwrap().percent()).collect();
        assert_eq!(targets, [85.0, 85.0, 85.0, 90.0]);
    }
}

on_both! {
    fn answers_of_a_merged_unit_count_for_it_then_and_for_its_successor_now(app) {
        let old = |unit| Answers { unit, day: "2025-06-10", levels: [6, 0, 0, 0, 0], ..LAND };
        store(app, &[old("22915"), old("22978")]);
        let (mui_ne, now) = (unit(app, "22915", "2025-06-10"), unit(app, "22918", "2026-01-01"));
        let phong_phu = unit(app, "22978", "2025-06-10");
        let by_unit = |view| {
            let table = run(app, &Query { view, ..query("2025-06").by(&[Dimension::Unit]) });
            table.rows.iter().map(|row| (row.cells[0], row.split)).collect::<std::collections::BTreeSet<_>>()
        };
        assert_eq!(by_unit(UnitView::Then), [(Cell::Unit(mui_ne), false), (Cell::Unit(phong_phu), false)].into());
        assert_eq!(by_unit(UnitView::Now), [(Cell::Unit(now), false), (Cell::Unit(phong_phu), true)].into());
        let seen = run_as(app, &viewer(now), &query("2025-06"));
        assert_eq!(share(&seen.total), Some((6, 6)), "the successor sees what it took over");
    }
}

on_both! {
    fn a_counter_keeps_the_answers_of_all_units_that_ran_it(app) {
        let old = Answers { unit: "22915", day: "2025-06-10", elements: &["staff"], levels: [6, 0, 0, 0, 1], ..LAND };
        let heir = Answers { unit: "22918", heir_of: Some(("22915", "2025-06-10")), day: "2025-08-10", ..old.clone() };
        let own = Answers { heir_of: None, levels: [0, 0, 9, 0, 0], ..heir.clone() };
        store(app, &[old, Answers { levels: [3, 0, 0, 0, 0], ..heir }, own, Answers { day: "2025-08-10", ..LAND }]);
        let (then, now) = (unit(app, "22915", "2025-06-10"), unit(app, "22918", "2025-08-10"));
        let counter = app.snapshot().counters.values().find(|counter| counter.unit == then).unwrap().id;
        for period in ["2025-Q2", "2025-Q3", "2025-06-01..2025-09-15"] {
            let all = Query { counter: Some(counter), ..query(period) };
            let expected = match period {
                "2025-Q2" => (6, 7),
                "2025-Q3" => (3, 3),
                _ => (9, 10),
            };
            for query in [all.clone(), Query { unit: Some(now), ..all.clone() }, Query { view: UnitView::Then, ..all.clone() }] {
                assert_eq!(share(&run(app, &query).total), Some(expected), "{query:?}");
                let elements = run(app, &query.clone().by(&[Dimension::Element]));
                assert_eq!(elements.rows.iter().map(share).collect::<Vec<_>>(), [Some(expected)], "{query:?}");
            }
        }
    }
}

on_both! {
    fn small_cells_are_hidden_from_units_and_not_from_the_province(app) {
        let of = |field, good| Answers { field, levels: [good, 0, 0, 0, 0], ..LAND };
        store(app, &[of("dat-dai", 4), of("ho-tich", 5)]);
        let fields = query(QUARTER).by(&[Dimension::Field]);
        let own = viewer(unit(app, "24781", "2026-08-03"));
        let shares = |table: &Table| table.rows.iter().map(share).collect::<Vec<_>>();
        assert_eq!(shares(&run(app, &fields)), [Some((4, 4)), Some((5, 5))]);
        assert_eq!(shares(&run_as(app, &own, &fields)), [None, Some((5, 5))]);
        assert!(run_as(app, &own, &fields).rows[0].verdict.is_none());
        let elsewhere = Query { unit: Some(unit(app, "22972", "2026-08-03")), ..fields.clone() };
        let snapshot = app.snapshot();
        assert!(app.database().read(|conn| scores::run(conn, &snapshot, &own, &elsewhere)).is_err());
        assert_eq!(share(&run(app, &elsewhere).total), Some((0, 0)));
    }
}

on_both! {
    fn whoever_said_that_a_question_does_not_apply_is_not_told_apart(app) {
        let few = Answers { field: "dau-tu", levels: [1, 0, 0, 0, 0], not_applicable: &["feedback"], ..LAND };
        let many = Answers { elements: &["staff"], not_applicable: &["feedback"], ..LAND };
        store(app, &[few, many]);
        let unit = unit(app, "24781", "2026-08-03");
        let by_field = query(QUARTER).by(&[Dimension::Field, Dimension::Element]);
        let shown = |actor: &Actor| -> Vec<Option<u64>> {
            run_as(app, actor, &by_field).rows.iter().map(|row| row.figures.map(|figures| figures.levels.na)).collect()
        };
        assert_eq!(shown(&Actor::Operator), [Some(0), Some(100), Some(1)]);
        assert_eq!(shown(&viewer(unit)), [Some(0), Some(100), None]);
    }
}

on_both! {
    fn the_pooled_index_of_elements_that_few_answered_is_hidden_from_units(app) {
        let elements = Answers { field: "ho-tich", elements: &["staff", "access"], levels: [3, 0, 0, 0, 1], ..LAND };
        store(app, &[LAND, elements.clone()]);
        let all = query(QUARTER);
        let own = viewer(unit(app, "24781", "2026-08-03"));
        let pooled = |who: &Actor, query: &Query| run_as(app, who, query).total.figures.map(|figures| (figures.f2.k, figures.f2.n));
        assert_eq!(pooled(&Actor::Operator, &all), Some((6, 8)));
        assert_eq!(pooled(&own, &all), Some((0, 0)), "four people gave these eight answers");
        let more = Answers { levels: [1, 0, 0, 0, 0], elements: &["staff"], ..LAND };
        store(app, &[more]);
        assert_eq!(pooled(&own, &all), Some((7, 9)));
        let clean = Query { flagged: Flagged::Excluded, ..all.clone() };
        let flagged = Answers { flags: Flags::NONE.with(Flag::Burst), levels: [0, 0, 0, 0, 9], ..elements };
        store(app, std::slice::from_ref(&flagged));
        assert_eq!(pooled(&own, &clean), Some((7, 9)));
        // Nine bear a flag, and three of the ten in another field answered elements: the difference would tell of them.
        let other = Answers { field: "xay-dung", levels: [4, 2, 0, 0, 0], ..flagged };
        store(app, &[Answers { flags: Flags::NONE, ..other.clone() }, Answers { elements: &[], ..other.clone() }, Answers { levels: [0, 0, 0, 0, 3], ..other }]);
        let people_of = |flagged| {
            let building = Query { flagged, fields: fields(app, &["xay-dung"]), ..all.clone() };
            pooled(&own, &building)
        };
        assert_eq!(people_of(Flagged::Included), Some((12, 18)));
        for part in [Flagged::Excluded, Flagged::Only] {
            assert_eq!(people_of(part), Some((0, 0)), "{part:?}");
        }
    }
}

on_both! {
    fn what_a_few_flagged_answers_say_does_not_follow_from_the_others(app) {
        let flagged = |good| Answers { flags: Flags::NONE.with(Flag::Burst), levels: [good, 0, 0, 0, 0], ..LAND };
        let civil = |answers: Answers| Answers { field: "ho-tich", ..answers };
        store(app, &[LAND, flagged(4), civil(LAND), civil(flagged(5))]);
        let fields = query(QUARTER).by(&[Dimension::Field]);
        let without = Query { flagged: Flagged::Excluded, ..fields.clone() };
        let own = viewer(unit(app, "24781", "2026-08-03"));
        let counts = |row: &scores::Row| [row.figures, row.with_flagged, row.without_flagged].map(|one| one.map(|one| one.f1.n));
        let seen = |who, query| run_as(app, who, query).rows.iter().map(counts).collect::<Vec<_>>();
        let civil = |chosen| [Some(chosen), Some(105), Some(100)];
        assert_eq!(seen(&own, &fields), [[Some(104), Some(104), None], civil(105)]);
        assert_eq!(seen(&own, &without), [[None, Some(104), None], civil(100)]);
        assert_eq!(seen(&Actor::Operator, &without), [[Some(100), Some(104), Some(100)], civil(100)]);
    }
}

on_both! {
    fn channels_and_flags_are_told_apart(app) {
        let flagged = Answers { flags: Flags::NONE.with(Flag::Burst), levels: [20, 0, 0, 0, 0], ..LAND };
        let paper = Answers { channel: Channel::Paper, levels: [3, 0, 0, 0, 7], ..LAND };
        store(app, &[LAND, flagged, paper]);
        let row = run(app, &query(QUARTER)).total;
        let pair = |figures: Option<scores::Figures>| figures.map(|one| (one.f1.k, one.f1.n));
        assert_eq!((share(&row), pair(row.with_flagged)), (Some((113, 130)), Some((113, 130))));
        assert_eq!(pair(row.without_flagged), Some((93, 110)));
        let without = run(app, &Query { flagged: Flagged::Excluded, ..query(QUARTER) });
        assert_eq!(share(&without.total), Some((93, 110)));
        let paper = run(app, &Query { channel: Some(Channel::Paper), ..query(QUARTER) });
        assert_eq!(share(&paper.total), Some((3, 10)));
    }
}

/// Every cell of a sheet of calamine as the CSV would write it.
fn cells(bytes: Vec<u8>) -> Vec<Vec<String>> {
    let mut book = calamine::Xlsx::new(Cursor::new(bytes)).unwrap();
    let name = book.sheet_names()[0].clone();
    let range = book.worksheet_range(&name).unwrap();
    let text = |cell: &Data| match cell {
        Data::Float(number) => format!("{number:.2}"),
        other => other.to_string(),
    };
    range.rows().skip(1).map(|row| row.iter().map(text).collect()).collect()
}

on_both! {
    fn every_form_and_the_console_give_the_same_figures(app) {
        store(app, &[LAND, Answers { field: "ho-tich", unit: "22972", levels: [30, 3, 2, 0, 1], ..LAND }]);
        let by = "field,unit";
        let csv_bytes = export(app, by, "csv");
        let mut reader = csv::Reader::from_reader(csv_bytes.strip_prefix("\u{feff}".as_bytes()).expect("a byte-order mark"));
        let keys: Vec<String> = reader.headers().unwrap().iter().map(str::to_owned).collect();
        let rows: Vec<Vec<String>> = reader.records().map(|row| row.unwrap().iter().map(str::to_owned).collect()).collect();
        assert_eq!(rows.len(), 3);

        let as_numbers = |rows: &[Vec<String>]| -> Vec<Vec<String>> {
            let plain = |text: &String| text.parse::<f64>().map_or_else(|_| text.clone(), |number| format!("{number:.2}"));
            rows.iter().map(|row| row.iter().map(plain).collect()).collect()
        };
        let json: Vec<serde_json::Value> = serde_json::from_slice(&export(app, by, "json")).unwrap();
        let from_json: Vec<Vec<String>> = json.iter().map(|row| keys.iter().map(|key| match &row[key] {
            serde_json::Value::Null => String::new(),
            serde_json::Value::String(text) => text.clone(),
            other => other.to_string(),
        }).collect()).collect();
        assert_eq!(as_numbers(&from_json), as_numbers(&rows));
        let book = cells(export(app, by, "xlsx"));
        assert_eq!(as_numbers(&book), as_numbers(&rows));
        let table = String::from_utf8(export(app, by, "table")).unwrap();
        for value in rows.iter().flatten() {
            assert!(table.contains(value.as_str()), "{value} is missing in\n{table}");
        }

        let browser = app.browser("an", Role::Method, None);
        let fetch = |format: &str| browser.bytes(&format!("/console/scores.{format}?period={QUARTER}")).1;
        assert_eq!(fetch("csv"), csv_bytes);
        assert_eq!(fetch("json"), export(app, by, "json"));
        assert_eq!(cells(fetch("xlsx")), book);
        assert_eq!(browser.get("/console/scores.pdf").status, 404);
        assert!(browser.get(&format!("/console?period={QUARTER}")).body.contains("90,0"));
    }
}

on_both! {
    fn a_name_that_looks_like_a_formula_is_harmless_in_a_spreadsheet(app) {
        store(app, &[Answers { counter: "=HYPERLINK(\"http://a.vn\")", ..LAND }]);
        let bytes = export(app, "counter", "csv");
        let mut reader = csv::Reader::from_reader(bytes.as_slice());
        let all: Vec<String> = reader.records().flat_map(|row| row.unwrap().iter().map(str::to_owned).collect::<Vec<_>>()).collect();
        assert!(all.iter().any(|text| text.contains("=HYPERLINK")));
        assert!(!all.iter().any(|text| text.starts_with('=')));
        let mut book = calamine::Xlsx::new(Cursor::new(export(app, "counter", "xlsx"))).unwrap();
        let name = book.sheet_names()[0].clone();
        assert!(book.worksheet_formula(&name).unwrap().is_empty());
    }
}

on_both! {
    fn the_check_finds_a_tally_that_was_tampered_with(app) {
        store(app, &[LAND]);
        let output = hailong(app, &["check"]);
        assert!(output.status.success());
        assert!(String::from_utf8(output.stdout).unwrap().contains("100 responses recounted"));

        app.database()
            .write(|conn| {
                let changed = diesel::sql_query("UPDATE tallies SET n5 = n5 + 1, n1 = n1 - 1 WHERE n4 = 50").execute(conn);
                assert_eq!(changed.unwrap(), 1);
                Ok(())
            })
            .unwrap();

        let snapshot = app.snapshot();
        let findings = app.database().read(|conn| check::run(conn, &snapshot)).unwrap();
        assert_eq!(findings.differences.len(), 1);
        let difference = findings.differences[0];
        assert_eq!((difference.stored.n5, difference.counted.n5), (41, 40));
        assert_eq!((difference.key.served, difference.key.day), (unit(app, "24781", "2026-08-03"), 20_260_803));
        let output = hailong(app, &["check"]);
        assert_eq!(output.status.code(), Some(1));
        let text = String::from_utf8(output.stdout).unwrap();
        assert!(text.contains("20260803") && text.contains("n5: 41") && text.contains("n5: 40"), "{text}");
    }
}

on_both! {
    fn a_rollup_that_was_tampered_with_is_found(app) {
        store(app, &[LAND]);
        app.database()
            .write(|conn| {
                let statement = "UPDATE rollups SET n5 = n5 - 1 WHERE cut IN (3, 8) AND question_id = 1 AND n5 = 40";
                assert_eq!(diesel::sql_query(statement).execute(conn).unwrap(), 2);
                Ok(())
            })
            .unwrap();
        let output = hailong(app, &["check"]);
        assert_eq!(output.status.code(), Some(1));
        let text = String::from_utf8(output.stdout).unwrap();
        for cut in ["\nServedField", "\nQuarterServedField"] {
            assert!(text.contains(&format!("{cut}: 2 rollups")), "one is missing and one too many: {text}");
        }
    }
}

/// Levels of each group of the given cuts, however finer the table is cut.
fn levels_by(table: &Table, cuts: usize) -> BTreeMap<Vec<Cell>, Levels> {
    let mut sums = BTreeMap::new();
    for row in &table.rows {
        *sums.entry(row.cells[..cuts].to_vec()).or_default() += row.figures.unwrap().levels;
    }
    sums
}

/// Shares of the whole, with and without flagged answers.
fn shares(table: &Table) -> [Option<Share>; 2] {
    [table.total.with_flagged, table.total.without_flagged].map(|figures| figures.map(|figures| figures.f1))
}

on_both! {
    fn rollups_and_tallies_give_the_same_figures_under_every_cut(app) {
        let mut answers = Vec::new();
        for (place, (unit, field)) in
            [("24781", "dat-dai"), ("24781", "ho-tich"), ("22972", "dat-dai"), ("24781", "xay-dung")].into_iter().enumerate()
        {
            let flags = if place == 1 { Flags::NONE.with(Flag::Burst) } else { Flags::NONE };
            let channel = if place == 2 { Channel::Paper } else { Channel::Qr };
            for day in ["2026-07-31", "2026-08-03", "2026-09-30"] {
                let stage = if day.ends_with("31") { Stage::Intake } else { Stage::Refusal };
                let counter = if day.ends_with("30") { "Quầy số 2" } else { "Quầy số 1" };
                let levels = [place + 1, 2, 0, place, 1];
                answers.push(Answers { unit, counter, field, flags, channel, day, levels, ..LAND });
                answers.push(Answers { unit, counter, field, stage, day, levels: [3, 1, place, 0, 2], ..LAND });
            }
        }
        store(app, &answers);
        let cuts = [
            Dimension::Unit,
            Dimension::Deciding,
            Dimension::Field,
            Dimension::Procedure,
            Dimension::Stage,
            Dimension::Channel,
            Dimension::Month,
            Dimension::Quarter,
            Dimension::Counter,
        ];
        let served = unit(app, "24781", "2026-08-03");
        let counter = app.snapshot().counters.values().find(|counter| counter.name == "Quầy số 2").unwrap().id;
        let narrowed = [
            query(QUARTER),
            Query { unit: Some(served), ..query(QUARTER) },
            Query { unit: Some(served), of_deciding: true, ..query("2026-08") },
            Query { fields: fields(app, &["dat-dai", "ho-tich"]), ..query("2026-H2") },
            Query { channel: Some(Channel::Paper), flagged: Flagged::Excluded, ..query("2026") },
            Query { counter: Some(counter), ..query("2026") },
        ];
        for query in narrowed {
            for (place, first) in cuts.into_iter().enumerate() {
                for second in cuts.into_iter().skip(place) {
                    let by = if first == second { vec![first] } else { vec![first, second] };
                    // No rollup has procedures by counter, so that the finer table is read from the tallies.
                    let finer = [by.as_slice(), &[Dimension::Counter, Dimension::Procedure]].concat();
                    let asked = query.clone().by(&by);
                    let counted = run(app, &query.clone().by(&finer));
                    assert!(!counted.rows.is_empty(), "{query:?}");
                    let (rolled, brief) = (run(app, &asked), run(app, &asked.clone().brief()));
                    assert_eq!(rolled.total.figures, counted.total.figures, "{by:?} of {query:?}");
                    for table in [&rolled, &brief] {
                        assert_eq!(levels_by(table, by.len()), levels_by(&counted, by.len()), "{:?}", table.query);
                        assert_eq!(shares(table), shares(&counted), "{:?}", table.query);
                    }
                }
            }
        }
    }
}
