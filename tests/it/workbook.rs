//! The workbook of a period, recalculated by LibreOffice: every cell must come out as the service wrote it.

use std::io::Cursor;
use std::path::Path;
use std::process::Command;

use calamine::{Data, DataType, Range, Reader, Xlsx};
use hailong::app::publications::{self, workbook};
use hailong::domain::dataset::{Cut, Dataset, Issue, Row};
use hailong::domain::flags::{Flag, Flags};
use hailong::domain::link::{Channel, Stage};
use hailong::domain::period::Period;
use hailong::domain::questionnaire::Kind;
use hailong::locale::Lang;

use crate::support::answers::{Answers, LAND, QUARTER, settle, store};
use crate::support::{App, Backend};

/// Rows of titles above the figures.
const TOP: u32 = 4;

type Book = Xlsx<Cursor<Vec<u8>>>;

fn gather(app: &App) -> Dataset {
    let (snapshot, period) = (app.snapshot(), Period::parse(QUARTER).unwrap());
    publications::live(&app.database(), &snapshot, period, 1).unwrap()
}

/// Two units, three fields, months, channels, stages and flags; met, missed and too few; a weight far too big.
fn answer(app: &App) {
    let kiosk = Flags::NONE.with(Flag::Assisted);
    store(
        app,
        &[
            LAND,
            Answers { unit: "22972", levels: [30, 40, 20, 7, 3], ..LAND },
            Answers { unit: "22972", field: "ho-tich", day: "2026-07-06", levels: [60, 35, 1, 0, 0], ..LAND },
            Answers { field: "xay-dung", day: "2026-09-07", levels: [20, 17, 5, 0, 1], ..LAND },
            Answers { field: "dau-tu", levels: [1, 0, 0, 0, 0], ..LAND },
            Answers { field: "xay-dung", day: "2026-04-07", levels: [50, 30, 5, 0, 1], ..LAND },
            Answers { channel: Channel::Kiosk, flags: kiosk, levels: [25, 3, 0, 0, 0], ..LAND },
            Answers { stage: Stage::Intake, levels: [4, 4, 4, 4, 4], ..LAND },
        ],
    );
    settle(app, "24781", "dat-dai", 202_608, 400);
    settle(app, "22972", "dat-dai", 202_608, 800);
    settle(app, "22972", "ho-tich", 202_607, 900);
    settle(app, "24781", "xay-dung", 202_609, 100);
    settle(app, "24781", "dau-tu", 202_609, 5_000);
    settle(app, "22972", "xay-dung", 202_609, 70);
}

fn rows(dataset: &mut Dataset) -> impl Iterator<Item = &mut Row> {
    dataset.surveys.iter_mut().flat_map(|survey| &mut survey.tables).flat_map(|table| &mut table.rows)
}

fn published(dataset: &Dataset) -> Dataset {
    let mut dataset = dataset.clone();
    dataset.floor = 10;
    rows(&mut dataset).filter(|row| row.n().is_some_and(|n| n < 10)).for_each(Row::hide);
    let hash = "0f".repeat(32);
    dataset.issue = Some(Issue {
        number: 2,
        at: dataset.frozen_at,
        previous: Some(hash.clone()),
        corrects: None,
        complete: hash,
        late: Some(12),
    });
    dataset
}

/// The same with names that a spreadsheet could take for something else.
fn nasty(dataset: &Dataset) -> Dataset {
    let mut dataset = dataset.clone();
    let names = [
        "=1+1",
        "+cmd|' /C calc'!A0",
        "-2+3",
        "@SUM(1)",
        "a \"b\"\r\n<c> & 'd'",
        "\u{1}x\u{b}_x0041_\u{ffff}",
        "",
    ];
    let names = || names.into_iter().cycle().map(str::to_owned);
    dataset.units.iter_mut().zip(names()).for_each(|(one, name)| one.name = name);
    dataset.fields.iter_mut().zip(names()).for_each(|(one, name)| one.name = name);
    dataset.counters.iter_mut().zip(names()).for_each(|(one, name)| one.name = name);
    dataset.targets.iter_mut().zip(names()).for_each(|(one, name)| one.name = name);
    dataset
}

/// Has LibreOffice open files, calculate every formula anew, and write them again.
fn recalculate(folder: &Path, names: &[&str]) {
    let profile = folder.join("profile");
    std::fs::create_dir_all(profile.join("user")).unwrap();
    let always = concat!(
        r#"<?xml version="1.0" encoding="UTF-8"?><oor:items xmlns:oor="http://openoffice.org/2001/registry">"#,
        r#"<item oor:path="/org.openoffice.Office.Calc/Formula/Load"><prop oor:name="OOXMLRecalcMode" "#,
        r#"oor:op="fuse"><value>0</value></prop></item></oor:items>"#
    );
    std::fs::write(profile.join("user/registrymodifications.xcu"), always).unwrap();
    let status = Command::new(std::env::var("HAILONG_TEST_SOFFICE").unwrap_or_else(|_| "soffice".to_owned()))
        .arg(format!("-env:UserInstallation=file://{}", profile.display()))
        .args(["--headless", "--convert-to", "xlsx", "--outdir", "again"])
        .args(names)
        .current_dir(folder)
        .output()
        .expect("soffice; `make test` installs it");
    assert!(status.status.success(), "{}", String::from_utf8_lossy(&status.stderr));
}

fn open(path: &Path) -> Book {
    Xlsx::new(Cursor::new(std::fs::read(path).unwrap())).unwrap()
}

fn is_alike(one: &Data, other: &Data) -> bool {
    let is_empty =
        |data: &Data| matches!(data, Data::Empty) || data.as_string().is_some_and(|text| text.is_empty());
    match (one, other) {
        (Data::Error(_), _) | (_, Data::Error(_)) => false,
        (Data::String(one), Data::String(other)) => one == other,
        _ if is_empty(one) && is_empty(other) => true,
        // F5 and what follows from it are written as the service rounds them.
        (Data::Float(one), Data::Float(other)) if *one > 1.0 => (one - other).abs() < 0.005_001,
        (Data::Float(one), Data::Float(other)) => (one - other).abs() < 0.000_050_01,
        _ => false,
    }
}

/// Every cell after LibreOffice as it was before, each formula still one; how many formulas there were.
fn compare(before: &mut Book, after: &mut Book) -> usize {
    assert_eq!(before.sheet_names(), after.sheet_names());
    let mut count = 0;
    for name in before.sheet_names() {
        let (one, other) = (before.worksheet_range(&name).unwrap(), after.worksheet_range(&name).unwrap());
        for (row, column, cell) in
            one.used_cells().map(|(row, column, cell)| (row as u32, column as u32, cell))
        {
            let found = other.get_value((row, column)).unwrap_or(&Data::Empty);
            assert!(
                is_alike(cell, found),
                "{name}, row {}, column {column}: {cell:?} became {found:?}",
                row + 1
            );
        }
        let (one, other) =
            (before.worksheet_formula(&name).unwrap(), after.worksheet_formula(&name).unwrap());
        let start = one.start().unwrap_or_default();
        for (row, column, formula) in one.used_cells() {
            let at = (start.0 + row as u32, start.1 + column as u32);
            let kept = other.get_value(at).is_some_and(|formula| !formula.is_empty());
            assert!(formula.is_empty() || kept, "{name} {at:?}: {formula} became a value");
            count += usize::from(!formula.is_empty());
        }
    }
    count
}

struct Sheet(Range<Data>);

impl Sheet {
    fn of(book: &mut Book, name: &str) -> Self {
        Self(book.worksheet_range(name).unwrap())
    }

    fn at(&self, row: u32, title: &str) -> Data {
        let titles = (0u32..).take_while(|column| self.0.get_value((TOP - 1, *column)).is_some());
        let mut places = titles
            .filter(|column| self.0.get_value((TOP - 1, *column)) == Some(&Data::String(title.to_owned())));
        let column = places.next().unwrap_or_else(|| panic!("no column “{title}”"));
        self.0.get_value((TOP + row, column)).cloned().unwrap_or_default()
    }

    fn has(&self, row: u32, title: &str, hundredths: Option<i64>, unit: f64) {
        match (self.at(row, title), hundredths) {
            (Data::Float(found), Some(expected)) => {
                let off = (found * unit - expected as f64).abs();
                assert!(off <= 0.500_001, "row {row}, {title}: {found}, but the service says {expected}");
            }
            (Data::Empty, None) => {}
            (Data::String(text), None) if text.is_empty() => {}
            (found, expected) => panic!("row {row}, {title}: {found:?}, but the service says {expected:?}"),
        }
    }
}

/// The figures of recalculated rows are those of the dataset.
fn check(sheet: &Sheet, row: u32, expected: &Row) {
    let Some((levels, figures)) = expected.levels.zip(expected.figures) else {
        for title in ["F1 = k/n", "L: cận dưới 95%", "n: phiếu hợp lệ", "5 · Rất hài lòng"] {
            assert_eq!(sheet.at(row, title), Data::String("…".to_owned()), "row {row}, {title}");
        }
        return;
    };
    assert_eq!(sheet.at(row, "n: phiếu hợp lệ"), Data::Float(levels.valid() as f64));
    assert_eq!(sheet.at(row, "k: hài lòng trở lên"), Data::Float(levels.satisfied() as f64));
    sheet.has(row, "F1 = k/n", figures.index, 1e4);
    sheet.has(row, "L: cận dưới 95%", figures.low, 1e4);
    sheet.has(row, "U: cận trên 95%", figures.high, 1e4);
    sheet.has(row, "M: điểm trung bình", figures.f4, 1e2);
    sheet.has(row, "100·M/5", figures.f4_of_5, 1e4);
    sheet.has(row, "100·(M−1)/4", figures.f4_of_span, 1e4);
    if let Some(verdict) = figures.verdict {
        assert_eq!(
            sheet.at(row, "Kết luận"),
            Data::String(Lang::Vi.text(&format!("verdict.{}", verdict.key())))
        );
    }
    if let Some(unflagged) = expected.unflagged {
        sheet.has(row, "F1 không cờ", unflagged.index, 1e4);
    }
    if let Some(part) = figures.f3 {
        sheet.has(row, "F3: hài lòng toàn diện", part.index, 1e4);
    }
    if let Some(weighted) = figures.f5 {
        sheet.has(row, "F5", Some(weighted.index), 1e4);
        sheet.has(row, "F5: cận dưới", Some(weighted.low), 1e4);
        sheet.has(row, "F5: cận trên", Some(weighted.high), 1e4);
        sheet.has(row, "Hồ sơ được đại diện", Some(weighted.coverage), 1e4);
        sheet.has(row, "n hiệu dụng", Some(weighted.effective), 1e2);
        assert_eq!(sheet.at(row, "Có giới hạn trọng số") == Data::String("có".to_owned()), weighted.capped);
    }
}

fn check_all(book: &mut Book, dataset: &Dataset) {
    let tabs: [(&str, &[Cut]); 7] = [
        ("Chỉ tiêu", &[Cut::Total, Cut::Target]),
        ("Lĩnh vực", &[Cut::Field]),
        ("Đơn vị tiếp nhận", &[Cut::Unit]),
        ("Đơn vị giải quyết", &[Cut::Deciding]),
        ("Quầy", &[Cut::Counter]),
        ("Giai đoạn & kênh", &[Cut::Stage, Cut::Channel]),
        ("Cờ", &[Cut::Flag]),
    ];
    for (name, cuts) in tabs {
        let sheet = Sheet::of(book, name);
        let kinds = Kind::ALL.into_iter().flat_map(|kind| cuts.iter().map(move |by| (kind, *by)));
        for (row, expected) in (0u32..).zip(kinds.flat_map(|(kind, by)| dataset.rows(kind, by))) {
            check(&sheet, row, expected);
        }
    }
}

#[test]
fn every_formula_recalculates_to_the_figure_of_the_service() {
    let app = App::start(Backend::Sqlite);
    let empty = gather(&app);
    answer(&app);
    let full = gather(&app);
    let verdicts = full.rows(Kind::Tthc, Cut::UnitField).iter().filter_map(|row| row.figures?.verdict);
    assert!(
        verdicts.collect::<std::collections::BTreeSet<_>>().len() >= 4,
        "too few kinds of verdicts to test"
    );
    let weighted = full.row(Kind::Tthc, Cut::Total, &[]).unwrap().figures.unwrap().f5.unwrap();
    assert!(weighted.capped && weighted.coverage < 10_000, "{weighted:?}");
    let hidden = published(&full);
    assert!(hidden.rows(Kind::Tthc, Cut::Field).iter().any(|row| row.levels.is_none()));

    let folder = tempfile::tempdir().unwrap();
    let cases = [
        ("full.xlsx", &full, Lang::Vi),
        ("hidden.xlsx", &hidden, Lang::Vi),
        ("empty.xlsx", &empty, Lang::Vi),
        ("nasty.xlsx", &nasty(&full), Lang::Vi),
        ("english.xlsx", &full, Lang::En),
    ];
    for (name, dataset, lang) in cases {
        let bytes = workbook(dataset, lang).unwrap();
        assert!(bytes == workbook(dataset, lang).unwrap(), "{name}: the same figures give other bytes");
        std::fs::write(folder.path().join(name), bytes).unwrap();
    }
    // A formula with a false result beside it, to see that LibreOffice does calculate.
    let mut probe = rust_xlsxwriter::Workbook::new();
    let formula = rust_xlsxwriter::Formula::new("1+1").set_result("99");
    probe.add_worksheet().write_formula(0, 0, formula).unwrap();
    probe.save(folder.path().join("probe.xlsx")).unwrap();
    let mut names = cases.map(|(name, ..)| name).to_vec();
    names.push("probe.xlsx");
    recalculate(folder.path(), &names);

    let again = |name: &str| open(&folder.path().join("again").join(name));
    let probe = again("probe.xlsx").worksheet_range_at(0).unwrap().unwrap();
    assert_eq!(probe.get_value((0, 0)), Some(&Data::Float(2.0)), "LibreOffice kept what was written");
    let counts = cases.map(|(name, ..)| compare(&mut open(&folder.path().join(name)), &mut again(name)));
    let [full_count, hidden_count, empty_count, ..] = counts;
    assert!(full_count > 1_000 && hidden_count > 500 && empty_count > 100, "{counts:?}");
    check_all(&mut again("full.xlsx"), &full);
    check_all(&mut again("hidden.xlsx"), &hidden);
    check_all(&mut again("empty.xlsx"), &empty);
}

#[test]
fn a_name_stays_a_text_and_a_hidden_group_leaves_no_count() {
    let app = App::start(Backend::Sqlite);
    answer(&app);
    let (full, units) = (gather(&app), nasty(&gather(&app)).units);
    let mut book = Xlsx::new(Cursor::new(workbook(&nasty(&full), Lang::Vi).unwrap())).unwrap();
    let sheet = Sheet::of(&mut book, "Đơn vị tiếp nhận");
    let formulas = book.worksheet_formula("Đơn vị tiếp nhận").unwrap();
    for (row, expected) in (0u32..).zip(full.rows(Kind::Tthc, Cut::Unit)) {
        let name = &units.iter().find(|unit| Some(&unit.id) == expected.key.first()).unwrap().name;
        let kept: String = name
            .replace("\r\n", "\n")
            .chars()
            .filter(|one| !matches!(one, '\u{1}' | '\u{b}' | '\u{ffff}'))
            .collect();
        assert_eq!(sheet.at(row, "Tên").as_string().unwrap_or_default(), kept);
    }
    let names = formulas.used_cells().filter(|(.., formula)| formula.contains("cmd") || *formula == "1+1");
    assert_eq!(names.count(), 0, "a name became a formula");

    let hidden = published(&full);
    let mut book = Xlsx::new(Cursor::new(workbook(&hidden, Lang::Vi).unwrap())).unwrap();
    let sheet = Sheet::of(&mut book, "Lĩnh vực");
    let places = (0u32..).zip(hidden.rows(Kind::Tthc, Cut::Field)).filter(|(_, row)| row.levels.is_none());
    for (row, _) in places {
        for title in
            ["4 · Hài lòng", "Không áp dụng", "Kết luận", "100·M/5", "F1 không cờ", "Tỷ lệ trả lời", "F5"]
        {
            assert_eq!(sheet.at(row, title), Data::String("…".to_owned()), "{title}");
        }
        assert_eq!(sheet.at(row, "Hồ sơ đã giải quyết"), Data::Float(5_000.0));
    }
    let remark = sheet.0.get_value((1, 0)).unwrap().to_string();
    assert!(remark.contains("dưới 10 phiếu") && remark.contains("số liệu đầy đủ"), "{remark}");
}
