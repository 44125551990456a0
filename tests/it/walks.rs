//! First-time walks through the console in a real browser.

use hailong::app::simulate::{self, Plan};
use hailong::domain::person::Role;

use crate::support::browser::Chromium;
use crate::support::{App, Backend, today};

#[test]
fn a_commune_finds_its_worst_procedure_and_a_comment_about_it_in_under_five_clicks() {
    let app = App::start(Backend::Sqlite);
    let snapshot = app.snapshot();
    let plan = Plan::new(&snapshot, 2260, today(), 150_000).unwrap();
    simulate::fill(&app.database(), &plan, &mut |_| ()).unwrap();
    let unit = snapshot.units.by_code("24781", today()).unwrap().unit;
    let viewer = app.browser("xa", Role::UnitViewer, Some(unit));
    let link = app.snapshot().links.values().next().unwrap().code.clone();
    app.wait_for(&format!("/s/{link}"), 200);
    let browser = Chromium::open();
    browser.carry(&app.url, &viewer.cookie);

    // Where one is after signing in. The quarter may have just begun: the year is one click away.
    browser.go(&format!("{}/console?period={}", app.url, today().format("%Y")));
    let worst = browser.text("#priorities li b");
    let mut clicks = 0;
    let mut click = |selector: &str| {
        browser.click(selector);
        clicks += 1;
    };
    click("#priorities li .why a");
    browser.shows(".chips");
    assert!(browser.text(".chips li").contains(&worst), "the comments are those on {worst}");
    click(".remark-text a");
    browser.shows(".quote");

    assert!(!browser.text(".quote").is_empty());
    assert!(clicks < 5, "{clicks} clicks");
}
