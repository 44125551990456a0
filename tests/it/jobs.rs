//! Long work outside of requests: its progress, its end, and what others notice of it.

mod cancelled;

use std::collections::BTreeSet;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use diesel::connection::SimpleConnection;
use hailong::db::audit;
use hailong::db::conn::Database;
use hailong::domain::link::Stage;
use hailong::domain::person::Role;

use crate::integrity::{recount, stored};
use crate::support::program::Program;
use crate::support::staff::Browser;
use crate::support::{App, id, on_both, today};

const ANSWERS: &str = "/console/entry/import/answers";

/// A file of so many answers at one counter, some with a comment.
fn file(lines: usize) -> String {
    let mut file = "unit_code,counter,day,field,stage,overall,staff,comment\n".to_owned();
    for line in 0..lines {
        let (level, day) = (line % 5 + 1, today() - chrono::Days::new(u64::try_from(line % 60).unwrap()));
        let comment = if line % 20 == 0 { format!("Ý kiến {line}") } else { String::new() };
        file += &format!("24781,Quầy thử,{day},dat-dai,result,{level},5,{comment}\n");
    }
    file
}

/// Runs statements of a test, which differ between the two databases.
fn execute(database: &Database, sqlite: &str, postgres: &str) {
    let statements = if database.is_sqlite() { sqlite } else { postgres };
    let done = database.with_migration_connection(|conn| {
        conn.batch_execute(statements).unwrap();
        Ok(())
    });
    done.unwrap();
}

/// Rows of the audit about imports of answers.
fn imports(database: &Database) -> u64 {
    let search = audit::Search { action: Some("import.answers".to_owned()), ..audit::Search::default() };
    database.read(|conn| audit::count(conn, &search)).unwrap()
}

on_both! {
    fn citizens_answer_while_a_long_import_runs(app) {
        let link = app.link("dat-dai", Stage::Result);
        let mut browser = app.browser("nhap", Role::Method, None);
        let preview = browser.preview(ANSWERS, &[], &file(20_000));
        let (is_over, waits) = (AtomicBool::new(false), Mutex::new(Vec::new()));

        let page = std::thread::scope(|scope| {
            scope.spawn(|| {
                while !is_over.load(Ordering::Relaxed) {
                    let start = Instant::now();
                    assert_eq!(app.answer(&link, &id(), "5").status, 303);
                    waits.lock().unwrap().push(start.elapsed());
                }
            });
            let page = browser.carry_out(&preview);
            is_over.store(true, Ordering::Relaxed);
            page
        });

        assert!(page.contains("thêm 20.000, sửa 0"), "{page}");
        let waits = waits.into_inner().unwrap();
        let longest = waits.iter().max().unwrap();
        println!("{} answers, longest {longest:?}", waits.len());
        assert!(waits.len() > 10 && *longest < Duration::from_secs(5), "{} answers, {longest:?}", waits.len());
        let found = recount(&app.database());
        assert_eq!((found.responses, found.differences), (20_000 + waits.len() as u64, Vec::new()));
        assert_eq!(imports(&app.database()), 1);
        let list = browser.get("/console/jobs").body;
        assert!(list.contains("Nhập phiếu từ tệp") && list.contains("✓ Đã xong"));
        let refused = browser.upload(ANSWERS, &[], &file(20_001));
        assert!(refused.status == 422 && refused.body.contains("20.001"), "{}", refused.body);
    }
}

on_both! {
    fn a_form_that_is_sent_several_times_at_once_starts_one_job(app) {
        app.link("dat-dai", Stage::Result);
        let browser = app.browser("nhap", Role::Method, None);
        for round in 1..=5 {
            let preview = browser.preview(ANSWERS, &[], &file(round));
            let send = || Browser { cookie: browser.cookie.clone(), ..Browser::new(app) }.confirm(&preview);
            let jobs: BTreeSet<String> = std::thread::scope(|scope| {
                let clicks = [(); 6].map(|()| scope.spawn(send));
                clicks.into_iter().map(|click| click.join().unwrap().location).collect()
            });
            assert_eq!(jobs.len(), 1, "{jobs:?}");
            let page = browser.ended(jobs.first().unwrap());
            assert!(page.contains("✓ Đã xong"), "{page}");
            assert_eq!(imports(&app.database()), round as u64);
        }
    }
}

on_both! {
    fn an_import_that_fails_half_way_changes_nothing_and_says_where(app) {
        app.link("dat-dai", Stage::Result);
        let mut browser = app.browser("nhap", Role::Method, None);
        execute(
            &app.database(),
            "CREATE TRIGGER full BEFORE INSERT ON comments WHEN NEW.body = 'Ý kiến 3000'
                BEGIN SELECT RAISE(ABORT, 'no room'); END",
            "CREATE FUNCTION full_up() RETURNS trigger LANGUAGE plpgsql AS
                'BEGIN IF NEW.body = ''Ý kiến 3000'' THEN RAISE ''no room''; END IF; RETURN NEW; END';
            CREATE TRIGGER full_up BEFORE INSERT ON comments FOR EACH ROW EXECUTE FUNCTION full_up()",
        );
        let preview = browser.preview(ANSWERS, &[], &file(4_000));

        let page = browser.carry_out(&preview);

        assert!(page.contains("Không có gì thay đổi."), "{page}");
        assert!(page.contains("sau 2.816 trên 4.000 dòng"), "the part in which line 3000 stands: {page}");
        assert_eq!((stored(&app.database()).len(), imports(&app.database())), (0, 0));
        execute(&app.database(), "DROP TRIGGER full", "DROP TRIGGER full_up ON comments");
        let page = browser.carry_out(&preview);
        assert!(page.contains("thêm 4.000"), "the file was kept for another try: {page}");
    }
}

on_both! {
    fn a_job_and_its_file_are_there_for_whoever_started_it_alone(app) {
        let link = app.link("dat-dai", Stage::Result);
        let unit = app.snapshot().counters[&link.counter].unit;
        let mut browser = app.browser("xa", Role::UnitViewer, Some(unit));
        let count = app.snapshot().links.len();
        let made = browser.send("/console/account", "/console/links/sheet", &[("format", "stickers")]);
        let page = browser.ended(&made.location);
        assert!(page.contains(&format!("Đã dựng tờ in cho {count} mã QR")), "{page}");
        let file = browser.get(&format!("{}/file", made.location));
        assert!(file.status == 200 && file.body.contains(&link.code.as_str()[..3]) && file.body.contains("<style>"));
        assert!(file.headers["content-disposition"].to_str().unwrap().starts_with("attachment"));

        let other = app.browser("an", Role::Administrator, None);
        for path in [made.location.clone(), format!("{}/file", made.location), "/console/jobs/7".to_owned()] {
            assert_eq!(other.get(&path).status, 404, "{path}");
        }
        assert!(!other.get("/console/jobs").body.contains(&made.location));
        execute(
            &app.database(),
            "UPDATE jobs SET finished_at = '2026-01-01 00:00:00'",
            "UPDATE jobs SET finished_at = '2026-01-01 00:00:00'",
        );
        assert_eq!(browser.get(&format!("{}/file", made.location)).status, 404, "it is kept for an hour");
        assert!(browser.get(&made.location).body.contains("chỉ được giữ một giờ"));
    }
}

/// Makes each row of a table so slow to store that there is time to do something meanwhile.
fn slow_down(database: &Database, table: &str) {
    execute(
        database,
        &format!(
            "CREATE VIEW idle AS
                WITH RECURSIVE step(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM step WHERE x < 20000)
                SELECT x FROM step;
            CREATE TRIGGER slow BEFORE INSERT ON {table} BEGIN SELECT COUNT(*) FROM idle; END"
        ),
        &format!(
            "CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS
                'BEGIN PERFORM pg_sleep(0.003); RETURN NEW; END';
            CREATE TRIGGER slow BEFORE INSERT ON {table} FOR EACH ROW EXECUTE FUNCTION slow()"
        ),
    );
}

/// Waits until a job is within a step of so many parts.
fn wait_for_step(browser: &Browser<'_>, job: &str, step: &str, parts: &str) {
    let start = Instant::now();
    loop {
        let page = browser.get(job);
        assert!(page.headers.contains_key("refresh"), "it ended too early: {}", page.body);
        let is_within = page.body.contains(parts) && !page.body.contains(&format!(">0{parts}"));
        if page.body.contains(step) && is_within {
            return;
        }
        assert!(start.elapsed() < Duration::from_secs(30), "it never came so far: {}", page.body);
        std::thread::sleep(Duration::from_millis(50));
    }
}

on_both! {
    fn a_program_killed_in_the_middle_of_an_import_leaves_nothing(app) {
        app.link("dat-dai", Stage::Result);
        let mut browser = app.browser("nhap", Role::Method, None);
        slow_down(&app.database(), "responses");
        let mut program = Program::start(&app.store);
        browser.elsewhere = program.survey.split("/s/").next().map(str::to_owned);
        let preview = browser.preview(ANSWERS, &[], &file(3_000));
        let job = browser.confirm(&preview).location;
        wait_for_step(&browser, &job, "Bước 2/2: ghi", " / 3.000");
        program.child.kill().unwrap();
        program.child.wait().unwrap();

        browser.elsewhere = None;
        assert!(browser.get(&job).headers.contains_key("refresh"), "nobody knows yet");
        let page = browser.ended(&job);
        assert!(page.contains("Bị bỏ dở") && page.contains("Không có gì thay đổi"), "{page}");
        assert_eq!((stored(&app.database()).len(), imports(&app.database())), (0, 0));
        let again = Program::start(&app.store);
        browser.elsewhere = again.survey.split("/s/").next().map(str::to_owned);
        assert!(browser.get(&job).body.contains("Bị bỏ dở"));
        assert!(browser.get("/console/jobs").body.contains("Bị bỏ dở"));
    }
}

/// A file of so many procedures.
fn procedures(lines: usize) -> String {
    let rows = (0..lines).map(|line| format!("9.{line:06},Thủ tục thử {line},dat-dai,2026-01-01\n"));
    rows.fold("code,name,field,valid_from\n".to_owned(), |file, row| file + &row)
}

/// What an import into the catalogue would change for everyone.
fn revision(app: &App) -> i64 {
    app.snapshot().revision
}

/// Where all faults of a refused file are had.
fn faults_of(page: &str) -> String {
    let start = page.find("/console/jobs/").unwrap();
    let address = page[start..].split('"').find(|part| part.ends_with("faults.csv")).unwrap();
    address.to_owned()
}

const CATALOGUE: &str = "/console/catalogue/import";
const OF_PROCEDURES: [(&str, &str); 1] = [("kind", "procedures")];

on_both! {
    fn a_preview_can_be_left_and_found_again_while_others_preview_too(app) {
        let (mut browser, other) =
            (app.browser("nhap", Role::Method, None), app.browser("khac", Role::Method, None));
        slow_down(&app.database(), "procedure_versions");
        let before = revision(app);

        let sent = browser.upload(CATALOGUE, &OF_PROCEDURES, &procedures(1_000));

        assert_eq!(sent.status, 303, "it takes longer than a request waits: {}", sent.body);
        let page = browser.get(&sent.location);
        assert!(page.headers.contains_key("refresh") && page.body.contains("Xem trước không thay đổi gì"));
        let small = other.preview(CATALOGUE, &OF_PROCEDURES, &procedures(2));
        assert!(small.contains("Sẽ thêm 2, sửa 0"), "{small}");
        assert_eq!(other.get(&sent.location).status, 404);
        browser.ended(&sent.location);
        let list = browser.get("/console/jobs").body;
        assert!(list.contains("Xem trước tệp thủ tục") && list.contains(&sent.location), "{list}");
        let preview = browser.get(&sent.location).body;
        assert!(preview.contains("Sẽ thêm 1.000, sửa 0") && preview.contains("Thủ tục thử 499<"), "{preview}");
        assert!(!preview.contains("Thủ tục thử 500<"), "as many lines as are shown");
        assert_eq!(browser.get(&format!("{}/file", sent.location)).status, 404);
        assert_eq!(revision(app), before, "a preview changes nothing");

        execute(&app.database(), "DROP TRIGGER slow", "DROP TRIGGER slow ON procedure_versions");
        let mut faulty = procedures(3_000);
        faulty += "9.000007,Thủ tục thử 7,dat-dai,2026-01-01\n9.9,Thủ tục,dat-dia,2026-01-01\n";
        let refused = browser.preview(CATALOGUE, &OF_PROCEDURES, &faulty);
        let all = browser.get(&faults_of(&refused)).body;
        assert!(all.contains("3003,field,") && all.lines().count() == 3, "{all}");
        for told in ["dòng 3002: mỗi mục chỉ có một lần", "dòng 3003: cần một trong các giá trị", "“dat-dia”"] {
            assert!(refused.contains(told), "{told}: {refused}");
        }
        let done = browser.carry_out(&preview);
        assert!(done.contains("thêm 1.000, sửa 0"), "{done}");
        assert!(revision(app) > before);
    }
}

on_both! {
    fn a_program_killed_in_the_middle_of_a_preview_leaves_nothing(app) {
        let mut browser = app.browser("nhap", Role::Method, None);
        slow_down(&app.database(), "procedure_versions");
        let before = revision(app);
        let mut program = Program::start(&app.store);
        browser.elsewhere = program.survey.split("/s/").next().map(str::to_owned);
        let job = browser.upload(CATALOGUE, &OF_PROCEDURES, &procedures(4_000)).location;
        wait_for_step(&browser, &job, "Bước 2/2: chạy thử", " / 4.000");
        program.child.kill().unwrap();
        program.child.wait().unwrap();

        browser.elsewhere = None;
        let page = browser.ended(&job);
        assert!(page.contains("Bị bỏ dở") && page.contains("Không có gì thay đổi"), "{page}");
        assert!(page.contains(&format!("{CATALOGUE}?kind=procedures")), "where the file is chosen again");
        assert_eq!(revision(app), before);
    }
}
