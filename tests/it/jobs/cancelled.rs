//! Jobs that are cancelled, and jobs that are not taken.

use hailong::db::{audit, uploads};
use hailong::domain::link::Stage;
use hailong::domain::person::Role;
use sha2::{Digest, Sha256};

use super::{
    ANSWERS, CATALOGUE, OF_PROCEDURES, execute, file, imports, procedures, revision, slow_down, wait_for_step,
};
use crate::integrity::stored;
use crate::support::staff::Browser;
use crate::support::{App, on_both};

/// Whether a file of procedures of a person is kept.
fn is_kept(app: &App, person: &str, file: &str) -> bool {
    let hash: String = Sha256::digest(file).iter().map(|byte| format!("{byte:02x}")).collect();
    let key = uploads::Key { person, hash: &hash, kind: "procedures" };
    app.database().read(|conn| uploads::find(conn, key)).unwrap().is_some()
}

/// Who cancelled jobs, by the audit.
fn cancelled_by(app: &App) -> Vec<String> {
    let search = audit::Search { action: Some("job.cancel".to_owned()), ..audit::Search::default() };
    let rows = app.database().read(|conn| audit::list(conn, &search, 0, 10)).unwrap();
    rows.into_iter().map(|entry| entry.record.actor).collect()
}

/// Five jobs of a person that wait in another instance.
fn fill(app: &App, person: &str) {
    let row = |number: u8, id: &str, now: &str| {
        format!(
            "INSERT INTO jobs (id, kind, person, subject, state, step, done, total, created_at, beat_at, error)
            VALUES ({id}, 'links', '{person}', '{number}', 'queued', 'preparing', 0, 0, {now}, {now}, '');"
        )
    };
    let sqlite =
        (1..=5).map(|number| row(number, &format!("x'{number:032}'"), "datetime('now', '+1 minute')"));
    let instant = "(now() AT TIME ZONE 'utc') + interval '1 minute'";
    let postgres = (1..=5).map(|number| row(number, &format!("'{number:032}'"), instant));
    execute(&app.database(), &sqlite.collect::<String>(), &postgres.collect::<String>());
}

fn cancel(browser: &mut Browser<'_>, page: &str, job: &str) -> crate::support::Reply {
    browser.send(page, &format!("{job}/cancellation"), &[])
}

on_both! {
    fn a_sixth_open_job_of_a_person_is_not_taken(app) {
        let (mut browser, other) =
            (app.browser("nhap", Role::Method, None), app.browser("khac", Role::Method, None));
        app.link("dat-dai", Stage::Result);
        fill(app, "nhap");
        let file = procedures(3);

        let refused = browser.upload(CATALOGUE, &OF_PROCEDURES, &file);

        assert_eq!(refused.status, 422, "{}", refused.body);
        assert!(refused.body.contains("đang có 5 việc chưa xong"), "{}", refused.body);
        assert!(!is_kept(app, "nhap", &file), "what is not taken is not kept");
        assert_eq!(browser.send("/console/account", "/console/links/sheet", &[]).status, 409);
        assert!(other.preview(CATALOGUE, &OF_PROCEDURES, &file).contains("Sẽ thêm 3"), "others are not kept from it");

        let job = "/console/jobs/00000000-0000-0000-0000-000000000003";
        assert_eq!(cancel(&mut browser, "/console/jobs", job).location, job);
        assert!(browser.get(job).body.contains("Ông/Bà đã hủy việc này"));
        assert!(browser.preview(CATALOGUE, &OF_PROCEDURES, &file).contains("Sẽ thêm 3"));
        assert!(is_kept(app, "nhap", &file));
    }
}

on_both! {
    fn a_preview_at_work_is_cancelled_and_changes_nothing(app) {
        let mut browser = app.browser("nhap", Role::Method, None);
        slow_down(&app.database(), "procedure_versions");
        let (before, file) = (revision(app), procedures(4_000));
        let job = browser.upload(CATALOGUE, &OF_PROCEDURES, &file).location;
        wait_for_step(&browser, &job, "Bước 2/2: chạy thử", " / 4.000");
        assert!(is_kept(app, "nhap", &file));

        assert_eq!(cancel(&mut browser, &job, &job).location, job);

        let page = browser.ended(&job);
        assert!(page.contains("✕ Đã hủy") && page.contains("Không có gì thay đổi"), "{page}");
        assert!(page.contains("<title>✕ Đã hủy · "), "the title says how it stands: {page}");
        assert!(!is_kept(app, "nhap", &file));
        assert_eq!((revision(app), cancelled_by(app)), (before, vec!["nhap".to_owned()]));
        assert!(browser.get("/console/jobs").body.contains("✕ Đã hủy"));
        execute(&app.database(), "DROP TRIGGER slow", "DROP TRIGGER slow ON procedure_versions");
        assert!(browser.preview(CATALOGUE, &OF_PROCEDURES, &procedures(7)).contains("Sẽ thêm 7"), "the next one is done");
    }
}

on_both! {
    fn administrators_cancel_the_imports_of_others_and_nobody_else_does(app) {
        app.link("dat-dai", Stage::Result);
        let mut browser = app.browser("nhap", Role::Method, None);
        let mut other = app.browser("khac", Role::Method, None);
        let mut administrator = app.browser("quan-tri", Role::Administrator, None);
        slow_down(&app.database(), "responses");
        let preview = browser.preview(ANSWERS, &[], &file(3_000));
        let job = browser.confirm(&preview).location;
        wait_for_step(&browser, &job, "Bước 2/2: ghi", " / 3.000");

        assert_eq!(cancel(&mut other, "/console/account", &job).status, 404);
        assert!(!other.get("/console/jobs").body.contains("Việc chưa xong của người khác"));
        assert_eq!(cancel(&mut administrator, "/console/jobs", &job).location, "/console/jobs");

        let page = browser.ended(&job);
        assert!(page.contains("Quản trị viên “quan-tri” đã hủy việc này"), "{page}");
        assert_eq!((stored(&app.database()).len(), imports(&app.database())), (0, 0));
        assert_eq!(cancelled_by(app), ["quan-tri"]);
        execute(&app.database(), "DROP TRIGGER slow", "DROP TRIGGER slow ON responses");
        let done = browser.carry_out(&preview);
        assert!(done.contains("thêm 3.000"), "the file was kept for another try: {done}");

        let job = browser.get("/console/jobs").body;
        let done = job.split("/console/jobs/").nth(1).and_then(|rest| rest.split('"').next()).unwrap();
        let late = cancel(&mut browser, "/console/jobs", &format!("/console/jobs/{done}"));
        assert!(browser.get(&late.location).body.contains("việc không bị hủy"), "{}", late.location);
    }
}
