//! Every page in both themes under axe-core, which `make test` fetches for this test alone.

use diesel::RunQueryDsl;
use hailong::app::simulate::{self, Plan};
use hailong::db;
use hailong::db::jobs::New;
use hailong::domain::job::{Stand, State, Step};
use hailong::domain::link::Stage;
use hailong::domain::person::Role;

use crate::support::browser::Chromium;
use crate::support::publishing::publish;
use crate::support::{App, Backend};

/// Pages of the console.
const CONSOLE: [&str; 35] = [
    "/console?period=2026-Q3",
    "/console/alerts",
    "/console/breakdown?period=2026-Q3",
    "/console/breakdown?period=2026&by=element",
    "/console/priorities?period=2026-Q3",
    "/console/map?period=2026-Q3",
    "/console/comments",
    "/console/links",
    "/console/links/new",
    "/console/links/bulk",
    "/console/entry",
    "/console/entry/batches",
    "/console/entry/batches/new",
    "/console/entry/import/answers",
    "/console/dossiers",
    "/console/catalogue",
    "/console/catalogue/units",
    "/console/catalogue/units/1",
    "/console/catalogue/units/1/merge",
    "/console/catalogue/counters/1",
    "/console/catalogue/fields",
    "/console/catalogue/fields/1",
    "/console/catalogue/procedures",
    "/console/catalogue/targets",
    "/console/catalogue/import",
    "/console/catalogue/questionnaires",
    "/console/links/1",
    "/console/people",
    "/console/people/new",
    "/console/people/1",
    "/console/api-keys",
    "/console/audit",
    "/console/publications",
    "/console/jobs",
    "/console/account",
];

/// Pages for everyone.
const OPEN: [&str; 11] = [
    "/",
    "/?lang=en",
    "/open/units?q=bao",
    "/open/units/24781",
    "/open/units/99999",
    "/open/publications",
    "/open/publications/1?cut=unit",
    "/open/verify",
    "/open/method",
    "/open/data/",
    "/open/data/dictionary.html",
];

/// What axe-core finds wrong on the page that is open, a line for each rule and place.
fn faults(browser: &Chromium, axe: &str) -> Vec<String> {
    browser.evaluate(axe);
    let found = browser.evaluate(
        "axe.run(document, { resultTypes: ['violations'] }).then(found => found.violations.flatMap(rule =>
            rule.nodes.map(node => `${rule.id}: ${node.target.join(' ')}: ${node.failureSummary}`)))",
    );
    found.as_array().unwrap().iter().map(|fault| fault.as_str().unwrap().to_owned()).collect()
}

/// The pages of a job that is at work, until far into the future, and of one that failed.
fn jobs(app: &App) -> [String; 2] {
    let stand = Stand { step: Step::Writing, done: 3, total: 7 };
    let ids = [(); 2].map(|()| uuid::Uuid::new_v4());
    let made = app.database().write(|conn| {
        for id in ids {
            db::jobs::insert(conn, New { id, kind: "answers", person: "an", subject: "" })?;
            db::jobs::begin(conn, id)?;
            db::jobs::beat(conn, id, stand)?;
        }
        db::jobs::give_up(conn, ids[1], State::Failed, stand, "day: dòng 3: cần ngày")?;
        Ok(diesel::sql_query("UPDATE jobs SET beat_at = '2999-01-01 00:00:00'").execute(conn).unwrap())
    });
    assert_eq!(made.unwrap(), 2);
    ids.map(|id| format!("/console/jobs/{id}?still=1"))
}

#[test]
fn axe_core_finds_nothing_on_any_page_in_either_theme() {
    let file = std::env::var("HAILONG_TEST_AXE").expect("the file axe.min.js; `make test` fetches it");
    // The whole result of the file is a value that cannot be returned, hence the last expression.
    let axe = format!("{};true", std::fs::read_to_string(file).unwrap());
    let app = App::start(Backend::Sqlite);
    let snapshot = app.snapshot();
    let plan = Plan::new(&snapshot, 2260, "2026-11-20".parse().unwrap(), 3_000).unwrap();
    simulate::fill(&app.database(), &plan, &mut |_| ()).unwrap();
    let link = app.link("dat-dai", Stage::Result);
    app.wait_for(&format!("/s/{}", link.code), 200);
    publish(&app, "2026-Q2");
    let published = publish(&app, "2026-Q3");
    let mut staff = app.browser("an", Role::Administrator, None);
    let list = "/console/catalogue/questionnaires";
    let draft = staff.send(list, list, &[("kind", "tthc")]).location;
    let language = staff.send(&draft, &format!("{draft}/languages"), &[("tag", "kpm")]).location;
    let preview = format!("{draft}/preview/page?lang=kpm");
    let survey = format!("/s/{}", link.code);
    let thanks = format!("{survey}/thanks");
    let open = [["/console/sign-in", "/s/0000000", &survey, &thanks].as_slice(), &OPEN].concat();
    let publication = format!("/console/publications/{}", published.id);
    let [running, failed] = jobs(&app);
    let console: Vec<&str> =
        CONSOLE.into_iter().chain([&*running, &*failed, &*language, &*preview, &*publication]).collect();
    let browser = Chromium::open();
    let mut wrong = Vec::new();
    for scheme in ["light", "dark"] {
        browser.prefer(scheme);
        for page in open.iter().chain(&console) {
            if console.contains(page) {
                browser.carry(&app.url, &staff.cookie);
            }
            browser.go(&format!("{}{page}", app.url));
            wrong.extend(faults(&browser, &axe).into_iter().map(|fault| format!("{scheme} {page}: {fault}")));
        }
    }
    assert!(wrong.is_empty(), "{} faults:\n{}", wrong.len(), wrong.join("\n"));
}
