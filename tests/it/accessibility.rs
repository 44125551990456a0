//! Every page in both themes under axe-core, which `make test` fetches for this test alone.

use hailong::app::simulate::{self, Plan};
use hailong::domain::link::Stage;
use hailong::domain::person::Role;

use crate::support::browser::Chromium;
use crate::support::{App, Backend};

/// Pages of the console.
const CONSOLE: [&str; 30] = [
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
    crate::open::publish(&app, "2026-Q2");
    crate::open::publish(&app, "2026-Q3");
    let staff = app.browser("an", Role::Administrator, None);
    let survey = format!("/s/{}", link.code);
    let thanks = format!("{survey}/thanks");
    let open = [["/console/sign-in", "/s/0000000", &survey, &thanks].as_slice(), &OPEN].concat();
    let browser = Chromium::open();
    let mut wrong = Vec::new();
    for scheme in ["light", "dark"] {
        browser.prefer(scheme);
        for page in open.iter().chain(&CONSOLE) {
            if CONSOLE.contains(page) {
                browser.carry(&app.url, &staff.cookie);
            }
            browser.go(&format!("{}{page}", app.url));
            wrong.extend(faults(&browser, &axe).into_iter().map(|fault| format!("{scheme} {page}: {fault}")));
        }
    }
    assert!(wrong.is_empty(), "{} faults:\n{}", wrong.len(), wrong.join("\n"));
}
