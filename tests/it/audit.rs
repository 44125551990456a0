//! The audit: written in one chain, read by few, changed by nobody.

use std::process::Command;
use std::time::{Duration, Instant};

use diesel::RunQueryDsl;
use hailong::app::audit::{self, Chain};
use hailong::db;
use hailong::db::audit::Search;
use hailong::db::conn::{Conn, Database};
use hailong::db::migrate;
use hailong::domain::link::Stage;
use hailong::domain::person::{Actor, Role};
use scraper::{Html, Selector};
use serde_json::json;

use crate::support::{App, Backend, Store, id, on_both};

fn write(database: &Database, action: &str, subject: &str) {
    let details = json!({ "z": 1, "a": [true, null], "tên": "Xã Đạ K'Nàng" });
    database.write(|conn| db::audit::insert(conn, &Actor::Operator, action, subject, &details)).unwrap();
}

fn verify(database: &Database) -> Chain {
    database.read(audit::verify).unwrap()
}

fn run(database: &Database, statement: &str) -> Result<usize, hailong::error::Error> {
    database.write(|conn| diesel::sql_query(statement).execute(conn).map_err(db::violation::translate))
}

/// What somebody does who may do anything in the database.
fn behind_the_triggers(app: &App, statement: &str) {
    let database = app.database();
    let drop = if database.is_sqlite() {
        vec!["DROP TRIGGER audit_is_never_changed", "DROP TRIGGER audit_is_never_deleted"]
    } else {
        vec!["DROP TRIGGER audit_is_never_changed ON audit"]
    };
    for statement in drop.into_iter().chain([statement]) {
        run(&database, statement).unwrap();
    }
}

fn last_row(database: &Database) -> i64 {
    database.read(|conn| db::audit::list(conn, &Search::default(), 0, 1)).unwrap()[0].id
}

on_both! {
    fn the_database_refuses_to_change_or_delete_a_row(app) {
        let database = app.database();
        write(&database, "link.create", "link:1");
        let before = verify(&database);
        assert!(before.broken_at.is_none() && before.rows > 0);
        for statement in ["UPDATE audit SET actor = 'x'", "DELETE FROM audit"] {
            assert!(run(&database, statement).is_err(), "{statement}");
        }
        assert_eq!(verify(&database), before);
    }
}

on_both! {
    fn the_check_names_the_first_row_that_was_changed_behind_the_triggers(app) {
        let database = app.database();
        for number in 0..5 {
            write(&database, "link.create", &format!("link:{number}"));
        }
        let row = last_row(&database) - 2;
        let check = || Command::new(env!("CARGO_BIN_EXE_hailong"))
            .args(["check", "--database-url", &app.store.url]).output().unwrap();
        let output = check();
        assert!(output.status.success());
        assert!(String::from_utf8(output.stdout).unwrap().contains(&verify(&database).last));

        behind_the_triggers(app, &format!("UPDATE audit SET actor = 'lan' WHERE id = {row}"));
        assert_eq!(verify(&database).broken_at, Some(row));
        let output = check();
        assert_eq!(output.status.code(), Some(1));
        assert!(String::from_utf8(output.stderr).unwrap().contains(&format!("row {row} on")));

        run(&database, &format!("DELETE FROM audit WHERE id = {row}")).unwrap();
        assert_eq!(verify(&database).broken_at, Some(row + 1), "a gap shows at the row after it");
    }
}

on_both! {
    fn many_writers_at_once_never_fork_the_chain(app) {
        let before = verify(&app.database()).rows;
        std::thread::scope(|scope| {
            for writer in 0..4 {
                scope.spawn(move || {
                    let database = app.database();
                    for number in 0..25 {
                        write(&database, "link.create", &format!("link:{writer}{number}"));
                    }
                });
            }
        });
        let chain = verify(&app.database());
        assert_eq!((chain.broken_at, chain.rows), (None, before + 100));
    }
}

fn rows_from_before_the_chain_are_covered_by_the_first_row_after_them(backend: Backend) {
    let store = Store::empty(backend);
    let database = store.open();
    migrate::run(&database).unwrap();
    for subject in ["link:1", "link:2"] {
        let statement = format!(
            "INSERT INTO audit (at, actor, action, subject, details) \
             VALUES ('2026-11-22 08:09:10.123456', 'an', 'link.create', '{subject}', '{{\"b\": 1, \"a\": 2}}')"
        );
        run(&database, &statement).unwrap();
    }
    write(&database, "link.revoke", "link:1");
    assert_eq!((verify(&database).broken_at, verify(&database).rows), (None, 3));

    let trigger = if database.is_sqlite() { "" } else { " ON audit" };
    run(&database, &format!("DROP TRIGGER audit_is_never_changed{trigger}")).unwrap();
    run(&database, "UPDATE audit SET subject = 'link:9' WHERE subject = 'link:2'").unwrap();
    assert_eq!(verify(&database).broken_at, Some(last_row(&database)));
}

#[test]
fn rows_from_before_the_chain_are_covered_on_sqlite() {
    rows_from_before_the_chain_are_covered_by_the_first_row_after_them(Backend::Sqlite);
}

#[test]
fn rows_from_before_the_chain_are_covered_on_postgres() {
    rows_from_before_the_chain_are_covered_by_the_first_row_after_them(Backend::Postgres);
}

fn rows(page: &str) -> usize {
    Html::parse_document(page).select(&Selector::parse("tbody tr").unwrap()).count()
}

on_both! {
    fn the_audit_is_searched_paged_and_exported_by_those_who_may_read_it(app) {
        let database = app.database();
        for number in 100..160 {
            write(&database, "link.print", &format!("link:{number}"));
        }
        let auditor = app.browser("kiem", Role::Auditor, None);
        let first = auditor.get("/console/audit?actor=operator&action=link.print");
        assert_eq!((first.status, rows(&first.body)), (200, 50));
        let second = auditor.get("/console/audit?actor=operator&action=link.print&page=2").body;
        assert_eq!(rows(&second), 10);
        assert!(second.contains("In mã QR") && second.contains("Xã Đạ K"));

        let found = "?actor=operator&subject=link:15&action=link.print";
        assert_eq!(rows(&auditor.get(&format!("/console/audit{found}")).body), 10);
        let (_, csv) = auditor.bytes(&format!("/console/audit.csv{found}"));
        assert_eq!(String::from_utf8(csv).unwrap().lines().count(), 11);
        let (kind, _) = auditor.bytes(&format!("/console/audit.xlsx{found}"));
        assert!(kind.contains("spreadsheetml"));
        assert_eq!(rows(&auditor.get("/console/audit?subject=link%251").body), 0, "a sign is no wildcard");
        assert_eq!(rows(&auditor.get("/console/audit?to=2020-01-01").body), 0);

        let oldest = auditor.get("/console/audit?action=link.print&dir=asc").body;
        let links: Vec<usize> = (100..160).filter_map(|link| oldest.find(&format!(">link:{link}<"))).collect();
        assert!(links.len() == 50 && links.is_sorted() && oldest.contains("aria-sort=\"ascending\""), "{links:?}");
        let (_, csv) = auditor.bytes("/console/audit.csv?action=link.print&dir=asc");
        assert!(String::from_utf8(csv).unwrap().lines().nth(1).unwrap().contains("link:100"), "the file too");
        let page = Html::parse_document(&auditor.get("/console/audit?action=link.print&dir=asc").body);
        let usual = page.select(&Selector::parse("nav.periods > a").unwrap()).next().unwrap();
        let quarter = auditor.get(usual.attr("href").unwrap()).body;
        assert_eq!(rows(&quarter), 50);
        assert!(quarter.contains("aria-current=\"true\"") && quarter.contains("aria-sort=\"ascending\""));

        let wrong = auditor.get("/console/audit?from=hom%20nay");
        assert!(wrong.status == 422 && wrong.body.contains("value=\"hom nay\""), "{}", wrong.body);
        let reversed = auditor.get("/console/audit?from=2026-11-02&to=2026-11-01");
        assert!(reversed.status == 422 && reversed.body.contains("#to"));
        let page = Html::parse_document(&reversed.body);
        let field = page.select(&Selector::parse("#to[aria-invalid=true]").unwrap()).next().expect("the fault at its field");
        let told = Selector::parse(&format!("#{}", field.attr("aria-describedby").unwrap())).unwrap();
        let told: String = page.select(&told).next().unwrap().text().collect();
        assert_eq!((field.attr("value"), told.as_str()), (Some("2026-11-01"), "Đến hết ngày: ngày kết thúc phải từ ngày bắt đầu trở đi"));

        let viewer = app.browser("xem", Role::CommentHandler, app.snapshot().units.by_code("24781", crate::support::today()).map(|unit| unit.unit));
        for path in ["/console/audit", "/console/audit.csv"] {
            assert_eq!(viewer.get(path).status, 404, "{path}");
        }
        assert!(!viewer.get("/console").body.contains("/console/audit"));
    }
}

on_both! {
    fn a_row_tells_in_words_who_did_what_to_what_and_from_what_to_what(app) {
        let mut staff = app.browser("goc", Role::Administrator, None);
        let link = app.link("dat-dai", Stage::Result);
        let commune = app.unit("24781");
        app.person("lan", Role::UnitViewer, Some(commune));
        let lan = crate::people::address(app, "lan");
        let changed = [("name", "Nguyễn Thị Lan"), ("role", "auditor"), ("unit", "")];
        assert_eq!(staff.send(&lan, &lan, &changed).status, 303);
        let counter = format!("/console/catalogue/counters/{}", link.counter);
        let moved = [("counter", "Quầy khác"), ("opens", "07:30"), ("closes", "16:30")];
        assert_eq!(staff.send(&counter, &counter, &moved).status, 303);
        let rows = |query: &str| {
            let page = Html::parse_document(&staff.get(&format!("/console/audit?{query}")).body);
            let cells = |row: scraper::ElementRef<'_>| -> Vec<String> {
                let cells = Selector::parse("td, th").unwrap();
                row.select(&cells).map(|cell| cell.text().collect::<String>().split_whitespace().collect::<Vec<_>>().join(" ")).collect()
            };
            page.select(&Selector::parse("tbody tr").unwrap()).map(cells).collect::<Vec<_>>()
        };
        let unit = app.snapshot().units.nearest(commune, crate::support::today()).unwrap().name.clone();
        let person = rows("action=person.change");
        assert_eq!(person.len(), 1);
        let told = format!("tên: Cán bộ lan → Nguyễn Thị Lan; vai trò: Xem theo đơn vị → Kiểm tra (chỉ đọc); đơn vị: {unit} → –");
        assert_eq!(person[0][1..5], ["Cán bộ goc goc", "Sửa người dùng", "Nguyễn Thị Lan person:lan", &told]);
        let counter = rows("action=counter.change");
        assert_eq!(counter[0][4], "đóng cửa: 17:00:00 → 16:30:00; tên: Quầy thử → Quầy khác");
        for (query, action) in [
            ("subject=nguyen%20thi%20lan", "Sửa người dùng"), ("subject=quay%20khac", "Sửa quầy"),
            ("actor=can%20bo%20goc&subject=person:lan", "Sửa người dùng"), ("subject=counter:", "Sửa quầy"),
        ] {
            let found = rows(query);
            assert!(found.iter().any(|row| row[2] == action), "{query}: {found:?}");
        }
        assert!(rows("actor=khong%20ai").is_empty());
        let (_, csv) = staff.bytes("/console/audit.csv?action=person.change");
        let csv = String::from_utf8(csv).unwrap();
        assert!(["Cán bộ goc", "Nguyễn Thị Lan", &told].iter().all(|part| csv.contains(part)), "{csv}");
    }
}

#[derive(diesel::QueryableByName)]
struct Count {
    #[diesel(sql_type = diesel::sql_types::BigInt)]
    rows: i64,
}

fn count(conn: &mut Conn, query: &str) -> i64 {
    diesel::sql_query(query).get_result::<Count>(conn).unwrap().rows
}

/// Backends of this database that wait for the lock of the audit.
const WAITING: &str = "SELECT COUNT(*) AS rows FROM pg_locks WHERE locktype = 'advisory' AND NOT granted \
    AND database = (SELECT oid FROM pg_database WHERE datname = current_database())";

/// Tables in which those that wait have changed anything yet.
const CHANGED: &str = "SELECT COUNT(*) AS rows FROM pg_locks waiting JOIN pg_locks held ON held.pid = waiting.pid \
    WHERE waiting.locktype = 'advisory' AND NOT waiting.granted AND held.granted AND held.mode = 'RowExclusiveLock' \
    AND waiting.database = (SELECT oid FROM pg_database WHERE datname = current_database())";

/// The page of a form, where it is sent, and what is filled in.
type Deed<'a> = (&'a str, &'a str, &'a [(&'a str, &'a str)]);

/// Whatever staff do, they wait for the audit before they touch a row: else of two of them each could hold what the
/// other one wants.
#[test]
fn whoever_waits_for_the_audit_holds_nothing_that_its_holder_may_want() {
    let app = App::start(Backend::Postgres);
    let mut staff = app.browser("goc", Role::Administrator, None);
    let link = app.link("dat-dai", Stage::Result);
    let sent = [("id", &*id()), ("overall", "1"), ("comment", "Chờ lâu")];
    assert_eq!(app.post(&format!("/s/{}", link.code), &sent).status, 303);
    let comment =
        href(&staff.get("/console/comments").body, ".remark-text a").split('?').next().unwrap().to_owned();
    let taken = format!("{comment}/acknowledgement");
    let counter = format!("/console/catalogue/counters/{}", link.counter);
    let revoked = format!("/console/links/{}", link.id);
    let end = format!("{revoked}/revocation");
    let field = format!("/console/catalogue/fields/{}", link.field.unwrap());
    let deeds: [Deed<'_>; 8] = [
        (&comment, &taken, &[]),
        (&counter, &counter, &[("counter", "Quầy khác"), ("opens", "08:00"), ("closes", "17:00")]),
        (&field, &field, &[("name", "Đất đai, nhà ở"), ("name_en", "Land and housing"), ("place", "1")]),
        ("/console/catalogue/questionnaires", "/console/catalogue/questionnaires", &[("kind", "tthc")]),
        ("/console/links/sheet", "/console/people/1/sign-out", &[]),
        ("/console/account", "/console/people/1/lock", &[]),
        (&revoked, &end, &[]),
        ("/console/account", "/console/account/sign-out", &[]),
    ];
    for (page, path, form) in deeds {
        // The form is fetched before the lock is held, and sent while it is.
        let proof = staff.proof("/console/account");
        let mut all = vec![("csrf", proof.as_str())];
        all.extend(form);
        let hidden = staff.hidden(page, path);
        all.extend(hidden.iter().map(|(name, value)| (name.as_str(), value.as_str())));
        let status = std::thread::scope(|scope| {
            let sender = scope.spawn(|| staff.post(path, &all).status);
            app.database()
                .write_audited(|conn| {
                    let start = Instant::now();
                    while count(conn, WAITING) == 0 && !sender.is_finished() {
                        assert!(start.elapsed() < Duration::from_secs(10), "{path} never came to the audit");
                        std::thread::sleep(Duration::from_millis(5));
                    }
                    assert_eq!(count(conn, CHANGED), 0, "{path} changed something before it waited");
                    Ok(())
                })
                .unwrap();
            sender.join().unwrap()
        });
        assert_eq!(status, 303, "{path}");
    }
}

fn href(page: &str, selector: &str) -> String {
    let page = Html::parse_document(page);
    let link = page.select(&Selector::parse(selector).unwrap()).next().expect(selector);
    link.attr("href").unwrap().to_owned()
}
