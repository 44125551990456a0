//! First-time walks through the console in a real browser.

use hailong::app::simulate::{self, Plan};
use hailong::domain::link::Stage;
use hailong::domain::person::Role;

use crate::support::browser::Chromium;
use crate::support::{App, Backend, id, today};

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
    let mut clicks = 0;
    let mut click = |selector: &str| {
        browser.click(selector);
        clicks += 1;
    };
    click("nav a[href^='/console/priorities']");
    browser.shows(".tabs");
    click(".tabs a[href*='parts=procedure']");
    browser.shows(".priorities li.procedure");
    let worst = browser.text(".priorities li b a");
    click(".priorities li .why a[href^='/console/comments']");
    browser.shows(".chips");
    assert!(browser.text(".chips li").contains(&worst), "the comments are those on {worst}");
    click(".remark-text a");
    browser.shows(".quote");

    assert!(!browser.text(".quote").is_empty());
    assert!(clicks < 5, "{clicks} clicks");
}

/// A browser in which somebody of a commune is signed in.
fn signed_in(app: &App, login: &str, role: Role) -> Chromium {
    let unit = app.snapshot().units.by_code("24781", today()).unwrap().unit;
    let staff = app.browser(login, role, (!role.sees_province()).then_some(unit));
    let browser = Chromium::open();
    browser.carry(&app.url, &staff.cookie);
    browser
}

#[test]
fn on_a_phone_the_filters_unfold_when_asked_for_and_stay_open_where_they_say_what_nothing_else_does() {
    let app = App::start(Backend::Sqlite);
    let browser = signed_in(&app, "xem", Role::UnitViewer);
    let is_shown =
        || browser.evaluate("getComputedStyle(document.getElementById('filters')).display !== 'none'");
    for page in ["/console", "/console/breakdown", "/console/priorities", "/console/map", "/console/comments"]
    {
        let open = |query: &str| {
            browser.go(&format!("{}{page}?{query}", app.url));
            is_shown()
        };
        for query in ["flagged=only&period=2026", "period=2026-Q7"] {
            assert_eq!(open(query), true, "{page}?{query}");
        }
        assert_eq!(open("period=2026-Q3"), false, "{page}");
        browser.click(".unfold a");
        assert_eq!(is_shown(), true, "{page}");
        browser.type_into("#filters input[name=period]", "x");
        browser.click("#filters button");
        browser.shows("#filters [aria-invalid=true]");
        assert_eq!(is_shown(), true, "{page}");
    }
}

#[test]
fn a_handler_goes_from_the_alert_to_the_answer() {
    let app = App::start(Backend::Sqlite);
    let link = app.link("dat-dai", Stage::Result);
    let answer = [("id", &*id()), ("overall", "1"), ("comment", "Chờ hơn hai giờ")];
    assert_eq!(app.post(&format!("/s/{}", link.code), &answer).status, 303);
    let browser = signed_in(&app, "xuly", Role::CommentHandler);

    browser.go(&format!("{}/console", app.url));
    browser.click("nav a[href='/console/alerts']");
    browser.shows(".remark-text a");
    browser.click(".remark-text a");
    browser.shows(".quote");
    let page = browser.address();
    browser.click("#acknowledgement button.primary");
    browser.shows(".stage.acknowledged");
    if !browser.has("#answer[open]") {
        browser.click("#answer summary");
    }
    browser.type_into("#answer-text", "Xin lỗi Ông/Bà; quầy đã thêm người.");
    browser.click("#answer button.primary");
    browser.shows(".stage.answered");

    assert!(browser.text("#history").contains("quầy đã thêm người"));
    assert_eq!(browser.address().split('?').next(), page.split('?').next());
}

#[test]
fn data_entry_keys_sheet_after_sheet_without_the_mouse() {
    let app = App::start(Backend::Sqlite);
    let field = app.link("dat-dai", Stage::Result).field.unwrap();
    let browser = signed_in(&app, "nhap", Role::DataEntry);

    browser.go(&format!("{}/console/entry/batches/new", app.url));
    browser.click("#counter option:last-child");
    browser.click(&format!("#field option[value='{field}']"));
    browser.click("#stage option[value=result]");
    browser.type_into("#day", &today().format("%m%d%Y").to_string());
    browser.type_into("#announced", "2");
    browser.click("main form button.primary");
    browser.shows("#answers:focus");
    browser.press("54745-");
    browser.press("\u{E007}");
    browser.shows("#answers[aria-invalid=true]:focus");
    browser.press("22222-");
    browser.press("\u{E007}");
    browser.shows(".read-back");
    assert_eq!(
        browser.text(".read-back dd:nth-of-type(3)"),
        "2 Không hài lòng",
        "keyed over what was refused"
    );
    browser.go(&format!("{}/sheets/1", browser.address().split('?').next().unwrap()));
    browser.shows("#answers[value='22222-']:focus");
    browser.press("444440");
    browser.press("\u{E007}");
    browser.shows("input[name=sheet][value='2']");
    assert_eq!(browser.text(".read-back dd:nth-of-type(6)"), "0 Tôi chưa có góp ý");
    for (sheet, digits) in ["54545-", "333333"].into_iter().enumerate() {
        browser.press(digits);
        browser.press("\u{E007}");
        browser.shows(".read-back");
        browser.shows(&format!("input[name=sheet][value='{}']", sheet + 3));
        browser.shows("#answers:focus");
    }
}

#[test]
fn an_administrator_invites_and_an_auditor_finds_it_in_the_audit() {
    let app = App::start(Backend::Sqlite);
    let browser = signed_in(&app, "goc", Role::Administrator);
    browser.go(&format!("{}/console/people", app.url));
    browser.click("a[href='/console/people/new']");
    browser.shows("#login");
    browser.type_into("#login", "binh");
    browser.type_into("#name", "Trần Văn Bình");
    browser.type_into("#role", "Sở Nội vụ");
    browser.click("main form button.primary");
    browser.shows(".once");
    let invitation = browser.text(".once");
    assert!(invitation.starts_with(&app.url), "{invitation}");
    assert_eq!(app.get(invitation.strip_prefix(&app.url).unwrap()).status, 200);

    let browser = signed_in(&app, "kiemtra", Role::Auditor);
    browser.go(&format!("{}/console", app.url));
    browser.click("nav a[href='/console/audit']");
    browser.shows("input[name=subject]");
    browser.type_into("input[name=subject]", "binh");
    browser.click("main form.filters button");
    browser.shows("input[name=subject][value=binh]");
    browser.shows("tbody tr");
    assert!(browser.text("tbody").contains("Mời người dùng"));
    assert!(!browser.has("nav a[href='/console/people']"), "an auditor manages nobody");
}

#[test]
fn so_noi_vu_drafts_a_questionnaire_and_sees_it_as_on_a_phone() {
    let app = App::start(Backend::Sqlite);
    let browser = signed_in(&app, "snv", Role::Method);
    browser.go(&format!("{}/console/catalogue", app.url));
    browser.click("main a[href='/console/catalogue/questionnaires']");
    browser.shows("main form button");
    browser.click("main form button");
    browser.shows("a[href$='/preview']");
    browser.click("a[href$='/preview']");
    browser.shows(".phone iframe");
}

#[test]
fn the_form_of_a_new_code_is_filled_in_and_sent_without_the_mouse() {
    const TAB: char = '\u{e004}';
    let app = App::start(Backend::Sqlite);
    let browser = signed_in(&app, "sonoivu", Role::Method);
    browser.go(&format!("{}/console/links/new", app.url));
    let focused = || browser.evaluate("document.activeElement.id").as_str().unwrap_or_default().to_owned();
    // Past the links of the page, by the key alone: what comes first in the form is its unit.
    for _ in 0..60 {
        if focused() == "unit" {
            break;
        }
        browser.press(&TAB.to_string());
    }
    assert_eq!(focused(), "unit", "the form is reached");
    // A letter chooses the first unit of that letter; then each field follows the one before.
    browser.press("x");
    let mut order = vec![focused()];
    for typed in ["Quầy phím", "0830", "1700", "", "", "", "", ""] {
        browser.press(&TAB.to_string());
        // A time has a stop for its hours and one for its minutes, and in some languages one for the half-day.
        while order.last() == Some(&focused()) {
            browser.press(&TAB.to_string());
        }
        order.push(focused());
        if order.last().is_some_and(|field| field == "counter") {
            browser.press(typed);
        }
    }
    assert_eq!(
        order,
        ["unit", "counter", "opens", "closes", "kind", "field", "procedure", "deciding", "stage"]
    );
    for _ in 0..20 {
        if browser.evaluate("document.activeElement.matches('form.fields button')") == true {
            break;
        }
        browser.press(&TAB.to_string());
    }
    browser.press("\u{e007}");
    browser.shows(".history");
    assert!(browser.text("h1 + p").contains("Quầy phím"));
}
