//! Pages in a real browser, as an old phone and as a text terminal show them.

use std::process::Command;
use std::time::{Duration, Instant};

use hailong::app::links::LinkDraft;
use hailong::app::scores::{self, Query};
use hailong::db::responses;
use hailong::domain::link::Stage;
use hailong::domain::period::{Period, Span};
use hailong::domain::person::{Actor, Role};
use hailong::domain::questionnaire::Kind;

use crate::support::browser::Chromium;
use crate::support::{App, Backend, draft, today};

fn counted(app: &App) -> u64 {
    let snapshot = app.snapshot();
    let query = Query::of(Kind::Tthc, Period::around(today(), Span::Month));
    let table = app.database().read(|conn| scores::run(conn, &snapshot, &Actor::Operator, &query)).unwrap();
    table.total.figures.unwrap().f1.n
}

#[test]
fn a_citizen_answers_on_a_narrow_phone_and_the_back_button_counts_nothing_twice() {
    let app = App::start(Backend::Sqlite);
    let link = app.link("dat-dai", Stage::Result);
    let browser = Chromium::open();
    let address = format!("{}/s/{}", app.url, link.code);

    browser.go(&address);
    for element in ["h1", "fieldset", "textarea", "button"] {
        let (left, right) = browser.edges(element);
        assert!(left >= 0.0 && right <= 360.0, "{element} lies from {left} to {right}");
    }
    browser.click("input[name=overall][value='4']");
    browser.click("input[name=staff][value='5']");
    browser.type_into("textarea", "Cán bộ nhiệt tình");
    browser.click("form button");

    browser.arrives_at(&format!("{address}/thanks"));
    let start = Instant::now();
    while counted(&app) == 0 {
        assert!(start.elapsed() < Duration::from_secs(2), "not counted within two seconds");
    }
    browser.back();
    browser.arrives_at(&address);
    browser.click("input[name=overall][value='1']");
    browser.click("form button");
    browser.arrives_at(&format!("{address}/thanks?first=1"));
    assert_eq!(counted(&app), 1, "the back button must not count a second answer");
}

#[test]
fn a_citizen_gets_from_an_open_code_to_the_thanks_without_scripts() {
    let app = App::start(Backend::Sqlite);
    let known = draft(&app.snapshot(), "24781", "Quầy mở", "dat-dai", Stage::Result);
    let link = app.link_of(&LinkDraft { field: None, procedure: None, ..known });
    let browser = Chromium::without_scripts();
    let address = format!("{}/s/{}", app.url, link.code);
    let fits = |page: &str| {
        let (window, drawn) = browser.widths();
        assert!(window == 360.0 && drawn <= 360.0, "{page} is {drawn} wide on {window}");
    };

    browser.go(&address);
    browser.shows("a[href*='field=dat-dai']");
    fits("the choice of a field");
    browser.tap("a[href*='field=dat-dai']");
    browser.tap("input[type=search]");
    browser.enter("dang ky dat dai");
    fits("the choice of a procedure");
    browser.tap("form.search button");
    browser.shows("input[type=search][value='dang ky dat dai']");
    browser.tap(".choices a[href*='procedure=1']");
    browser.shows("fieldset");
    fits("the questionnaire");
    for answer in ["[name=overall][value='4']", "[name=staff][value='5']", "[name=respondent]"] {
        browser.tap(&format!("label:has(input{answer})"));
        browser.shows(&format!("input{answer}:checked"));
    }
    browser.tap("textarea");
    browser.enter("Cán bộ nhiệt tình");
    browser.tap("#q-send");

    browser.arrives_at(&format!("{address}/thanks"));
    browser.shows("svg.mark + h1");
    fits("the thanks");
    assert_eq!(counted(&app), 1);
    let unit = app.snapshot().units.by_code("24781", today()).unwrap().unit;
    let stored = app.database().read(|conn| responses::by_unit(conn, unit)).unwrap();
    assert!(stored[0].procedure.is_some() && stored[0].comment.is_some(), "{:?}", stored[0]);
    assert!(!browser.runs_scripts(), "scripts must have been off all the way");
}

#[test]
fn a_text_browser_shows_the_question_and_its_five_worded_levels() {
    let app = App::start(Backend::Sqlite);
    let link = app.link("dat-dai", Stage::Result);
    let output = Command::new("w3m")
        .args(["-dump", "-O", "UTF-8", &format!("{}/s/{}", app.url, link.code)])
        .output()
        .expect("w3m; `make test` installs it");
    let text = String::from_utf8(output.stdout).unwrap();
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    for words in
        ["Ông/Bà có hài lòng", "Rất hài lòng", "Bình thường", "Rất không hài lòng", "Tôi chưa có góp ý"]
    {
        assert!(text.contains(words), "{words} in {text}");
    }
}

#[test]
fn staff_sign_in_choose_a_password_and_see_the_answer_counted() {
    let app = App::start(Backend::Sqlite);
    let link = app.link("dat-dai", Stage::Result);
    app.answer(&link, &crate::support::id(), "5");
    let password = app.person("thu", Role::Method, None);
    let browser = Chromium::open();

    browser.go(&format!("{}/console", app.url));
    browser.type_into("input[name=login]", "thu");
    browser.type_into("input[name=password]", &password);
    browser.click("main form button");
    browser.arrives_at(&format!("{}/console/password", app.url));
    browser.type_into("input[name=current]", &password);
    browser.type_into("input[name=new]", crate::support::staff::PASSWORD);
    browser.type_into("input[name=again]", crate::support::staff::PASSWORD);
    browser.click("main form button");

    browser.arrives_at(&format!("{}/console", app.url));
    assert!(browser.source().contains("100,00%"), "one satisfied answer of one");
}
