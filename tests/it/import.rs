//! The first load of the catalogue, and imports into it.

mod files;
mod previews;

use std::collections::HashSet;

use chrono::NaiveDate;
use diesel::connection::SimpleConnection;
use diesel::{Connection, PgConnection};
use hailong::app::catalogue::{Catalogue, Snapshot};
use hailong::app::import::{Changes, Kind, Read};
use hailong::app::progress::Progress;
use hailong::app::seed;
use hailong::db::conn::{Database, Location};
use hailong::db::{audit, migrate};
use hailong::domain::person::Actor;
use hailong::domain::questionnaire::{self, Role};
use hailong::domain::unit::{Present, UnitLevel, UnitVersion, Units};
use hailong::error::{Error, Result};
use hailong::locale::Lang;

struct Store {
    database: Database,
    _folder: tempfile::TempDir,
}

impl Store {
    /// A database of its own with the catalogue in it.
    fn seeded() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let location = match std::env::var("HAILONG_TEST_POSTGRES_URL") {
            Ok(server) => Location::Postgres(own_database(&server)),
            Err(_) => Location::Sqlite(folder.path().join("test.db").display().to_string()),
        };
        let database = Database::open(location, true).unwrap();
        migrate::run(&database).unwrap();
        assert!(database.write(seed::run).unwrap());
        Self { database, _folder: folder }
    }

    fn snapshot(&self) -> std::sync::Arc<Snapshot> {
        Catalogue::load(&self.database).unwrap().snapshot()
    }

    fn import(&self, kind: Kind, file: impl AsRef<[u8]>) -> Result<Changes> {
        let (snapshot, progress) = (self.snapshot(), Progress::default());
        let read = Read::of(&snapshot, &Actor::Operator, kind, file.as_ref(), &progress)?;
        self.database.write(|conn| read.write(conn, &snapshot, &Actor::Operator, &progress))
    }

    fn faults(&self, kind: Kind, file: impl AsRef<[u8]>) -> Vec<String> {
        let before = self.snapshot().revision;
        let Err(error @ Error::Invalid(_)) = self.import(kind, file) else { panic!("expected faults") };
        assert_eq!(self.snapshot().revision, before);
        error.text(Lang::En).lines().map(str::to_owned).collect()
    }
}

fn own_database(server: &str) -> String {
    let name = format!("import_{}", uuid::Uuid::new_v4().simple());
    let mut admin = PgConnection::establish(server).unwrap();
    admin.batch_execute(&format!("CREATE DATABASE {name}")).unwrap();
    let (base, query) = server.split_once('?').map_or((server, None), |(base, query)| (base, Some(query)));
    let (root, _) = base.rsplit_once('/').unwrap();
    query.map_or(format!("{root}/{name}"), |query| format!("{root}/{name}?{query}"))
}

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

/// Territory that hung below the province on a day, the province included.
fn territory(units: &Units, on: NaiveDate) -> usize {
    let root = |unit: &UnitVersion| {
        let parents = std::iter::successors(Some(unit.unit), |unit| units.on(*unit, on)?.parent);
        parents.last().and_then(|unit| units.on(unit, on)).is_some_and(|unit| unit.code == "68")
    };
    units
        .all_on(on)
        .filter(|version| version.level != UnitLevel::Body)
        .filter(|version| root(version))
        .count()
}

const fn changes(added: usize, changed: usize, unchanged: usize) -> Changes {
    Changes { added, changed, unchanged }
}

#[test]
fn the_first_load_holds_the_units_of_each_time() {
    let store = Store::seeded();
    let units = &store.snapshot().units;

    assert_eq!(territory(units, day("2021-09-08")), 155);
    assert_eq!(territory(units, day("2025-07-01")), 125);
    let all = |on: &str| units.all_on(day(on)).filter(|one| one.level != UnitLevel::Body).count();
    assert_eq!(all("2025-06-30"), 360);
    assert_eq!(all("2026-11-23"), 125);
    assert_eq!(units.all_on(day("2026-11-23")).filter(|one| one.level == UnitLevel::Body).count(), 15);
}

#[test]
fn a_second_load_changes_nothing() {
    let store = Store::seeded();
    let revision = store.snapshot().revision;

    assert!(!store.database.write(seed::run).unwrap());

    assert_eq!(store.snapshot().revision, revision);
}

#[test]
fn names_follow_the_date_and_kept_units_keep_their_id() {
    let store = Store::seeded();
    let units = &store.snapshot().units;
    let at = |code: &str, on: &str| units.by_code(code, day(on)).unwrap();

    assert_eq!(at("24781", "2021-09-08").name, "Phường 2");
    assert_eq!(at("24781", "2026-01-01").name, "Phường Xuân Hương - Đà Lạt");
    assert_ne!(at("24781", "2021-09-08").unit, at("24781", "2026-01-01").unit);
    assert_eq!(at("24985", "2021-09-08").unit, at("24985", "2026-01-01").unit);
    assert_eq!(at("25114", "2021-09-08").name, "Xã Đạ Ploa");
    assert_eq!(at("25114", "2025-01-01").name, "Xã Bà Gia");
    assert_eq!(at("25114", "2026-01-01").name, "Xã Đạ Huoai 3");
    assert_eq!(at("25114", "2021-09-08").unit, at("25114", "2026-01-01").unit);
    assert_eq!(units.by_code("24946", day("2024-12-01")), None);
}

#[test]
fn every_commune_of_the_last_day_has_a_unit_of_today_and_one_was_split() {
    let store = Store::seeded();
    let units = &store.snapshot().units;
    let (before, today) = (day("2025-06-30"), day("2026-11-23"));

    let mut split = HashSet::new();
    for commune in units.all_on(before).filter(|one| one.level == UnitLevel::Commune) {
        match units.present(commune.unit, today) {
            Present::Unit(unit) => assert!(units.on(unit, today).is_some(), "{}", commune.name),
            Present::Split(_) => drop(split.insert(commune.code.as_str())),
        }
    }
    assert_eq!(split, HashSet::from(["22978"]));
    let province = units.by_code("68", today).unwrap().unit;
    for code in ["60", "67"] {
        let old = units.by_code(code, before).unwrap().unit;
        assert_eq!(units.present(old, today), Present::Unit(province));
    }
}

#[test]
fn the_first_load_holds_questionnaires_targets_and_a_link_to_print() {
    let store = Store::seeded();
    let link = store.database.write(seed::sample).unwrap();
    let snapshot = store.snapshot();

    assert_eq!((snapshot.fields.len(), snapshot.procedures.len(), snapshot.targets.len()), (13, 10, 8));
    for kind in questionnaire::Kind::ALL {
        let questions = &snapshot.published(kind).unwrap().questions;
        assert_eq!(questions.len(), 7);
        assert_eq!(questions.last().unwrap().role, Role::Complete);
        assert!(questions.iter().all(|question| question.texts.len() == 2));
        assert!(questions.iter().all(|question| question.required == (question.key == "overall")));
        assert!(questions.iter().all(|question| question.allows_na == (question.key == "feedback")));
    }
    assert!(snapshot.links.contains_key(&link.code));
}

const UNITS: &str = "code,name,level,parent_code,valid_from,valid_to\n\
    99001,Xã Thử,xa,68,2025-07-01,\n\
    99001,Phường Thử,xa,68,01/01/2027,\n\
    99002,Xã Cũ,xa,68,2025-07-01,2026-07-01\n";

#[test]
fn units_imported_twice_change_nothing() {
    let store = Store::seeded();

    let first = store.import(Kind::Units, format!("\u{feff}{UNITS}")).unwrap();
    let revision = store.snapshot().revision;
    let second = store.import(Kind::Units, UNITS.replace(',', ";")).unwrap();

    assert_eq!((first, second), (changes(3, 0, 0), changes(0, 0, 3)));
    let snapshot = store.snapshot();
    assert_eq!(snapshot.revision, revision);
    let at = |on: &str| snapshot.units.by_code("99001", day(on)).unwrap();
    assert_eq!(at("2026-12-31").valid_to, Some(day("2027-01-01")));
    assert_eq!(at("2026-12-31").unit, at("2027-01-01").unit);
    let log = store.database.read(|conn| audit::by_subject(conn, "catalogue:units")).unwrap();
    assert_eq!(log.len(), 1);
}

#[test]
fn a_row_of_the_same_date_corrects_the_name() {
    let store = Store::seeded();
    let file = "code,name,level,parent_code,valid_from\n24781,Phường Xuân Hương,xa,68,2025-07-01\n";

    assert_eq!(store.import(Kind::Units, file).unwrap(), changes(0, 1, 0));

    assert_eq!(store.snapshot().units.by_code("24781", day("2026-01-01")).unwrap().name, "Phường Xuân Hương");
}

#[test]
fn every_fault_is_told_with_its_line_and_column() {
    let store = Store::seeded();
    let file = "code,name,level,parent_code,valid_from,valid_to\n\
        99001,Xã A,xa,68,2025-07-01,\n\
        99002,,thon,68,2025-07-01,\n\
        99003,Xã C,xa,672,2025-07-01,\n\
        99001,Xã D,xa,68,2025-07-01,\n\
        99004,Xã E,xa,68,2025-13-01,\n\
        24781,Phường F,xa,672,2020-01-01,\n";

    let faults = store.faults(Kind::Units, file);

    let starts = [
        "name: line 3: ",
        "level: line 3: expected one of tinh, huyen, xa, so; found “thon”",
        "parent_code: line 4: ",
        "code: line 5: ",
        "valid_from: line 6: ",
        "parent_code: line 7: ",
    ];
    assert_eq!(faults.len(), starts.len(), "{faults:#?}");
    for (fault, start) in faults.iter().zip(starts) {
        assert!(fault.starts_with(start), "{fault}");
    }
    assert_eq!(store.snapshot().units.by_code("99001", day("2026-01-01")), None);
}

#[test]
fn files_that_cannot_be_read_say_why() {
    let store = Store::seeded();
    let one = |file: &[u8]| store.faults(Kind::Procedures, file).join("\n");

    assert!(one(b"").contains("empty file"));
    assert!(one(b"code,name,field,valid_from\n").contains("empty file"));
    assert!(one(b"code,name,field,valid_from\n1,\xb5\n").contains("line 2: expected text in UTF-8"));
    assert!(one(b"code,name,valid_from\n1,A,2025-01-01\n").starts_with("field: line 1"));
    assert!(
        one(b"code,name,field,valid_from,valid_too\n1,A,thue,2025-01-01,\n").starts_with("valid_too: line 1")
    );
    assert!(one(b"code,name,field,valid_from\n1,A,b,thue,2025-01-01\n").contains("expected 4 cells"));
    assert!(one(b"PK\x03\x04broken").contains("XLSX"));
}

#[test]
fn procedures_are_imported_from_a_workbook() {
    let store = Store::seeded();
    let mut book = rust_xlsxwriter::Workbook::new();
    let sheet = book.add_worksheet();
    let date = rust_xlsxwriter::Format::new().set_num_format("dd/mm/yyyy");
    for (column, name) in (0..).zip(["code", "name", "field", "valid_from", "confirmed"]) {
        sheet.write_string(0, column, name).unwrap();
    }
    for (column, cell) in [(0, "1.001193"), (1, "Đăng ký khai sinh (mới)"), (2, "ho-tich"), (4, "yes")] {
        sheet.write_string(1, column, cell).unwrap();
    }
    let first = rust_xlsxwriter::ExcelDateTime::parse_from_str("2026-01-01").unwrap();
    sheet.write_datetime_with_format(1, 3, &first, &date).unwrap();
    let file = book.save_to_buffer().unwrap();

    assert_eq!(store.import(Kind::Procedures, &file).unwrap(), changes(1, 0, 0));
    assert_eq!(store.import(Kind::Procedures, &file).unwrap(), changes(0, 0, 1));

    let snapshot = store.snapshot();
    let versions: Vec<_> = snapshot.procedures.iter().filter(|version| version.code == "1.001193").collect();
    assert_eq!(versions.len(), 2);
    assert_eq!(versions[0].procedure, versions[1].procedure);
    assert!(versions.iter().any(|version| version.valid_to == Some(day("2026-01-01"))));
}

#[test]
fn figures_of_other_methods_are_kept_beside_their_target() {
    let store = Store::seeded();
    let file = "target_key;period;percent;respondents;source\ny-te;2026-H1;92,75;1200;Bộ Y tế\n";

    assert_eq!(store.import(Kind::Figures, file).unwrap(), changes(1, 0, 0));
    assert_eq!(store.import(Kind::Figures, file).unwrap(), changes(0, 0, 1));

    let faults = store.faults(Kind::Figures, "target_key,period,percent,source\ntthc,2026-H3,101,\n");
    assert_eq!(faults.len(), 4, "{faults:#?}");
}
