//! Every page in both themes on a narrow phone, with the longest names: under axe-core, which `make test`
//! fetches for this test alone, without a sideways scroll, and with a text for each key.

use diesel::RunQueryDsl;
use hailong::app::people;
use hailong::app::simulate::{self, Plan};
use hailong::app::token::Token;
use hailong::db;
use hailong::db::jobs::New;
use hailong::domain::job::{Stand, State, Step};
use hailong::domain::link::{Link, Stage};
use hailong::domain::person::{Actor, Role};

use crate::roles;
use crate::support::browser::Chromium;
use crate::support::publishing::publish;
use crate::support::staff::Browser;
use crate::support::{App, Backend};

/// Pages of the console.
const CONSOLE: [&str; 56] = [
    "/console?period=2026-Q3",
    "/console/alerts",
    "/console/breakdown?period=2026-Q3",
    "/console/breakdown?period=2026&by=element",
    "/console/breakdown?period=2026&by=procedure&flagged=only&field=none",
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
    "/console/entry/import/dossiers",
    "/console/dossiers",
    "/console/dossiers/1/2026-09",
    "/console/catalogue",
    "/console/catalogue/units",
    "/console/catalogue/units/1",
    "/console/catalogue/units/1/merge",
    "/console/catalogue/counters/1",
    "/console/catalogue/fields",
    "/console/catalogue/fields/1",
    "/console/catalogue/procedures",
    "/console/catalogue/procedures/new",
    "/console/catalogue/targets",
    "/console/catalogue/targets/tthc",
    "/console/catalogue/targets/new",
    "/console/catalogue/figures/new",
    "/console/catalogue/import",
    "/console/catalogue/questionnaires",
    "/console/links/1",
    "/console/people",
    "/console/people/new",
    "/console/people/1",
    "/console/api-keys",
    "/console/audit",
    "/console/audit?from=2026-11-02&to=2026-11-01",
    "/console/publications",
    "/console/jobs",
    "/console/account",
    "/console/account/totp",
    "/console/password",
    "/console/links?q=khong-co",
    "/console/comments?q=khongco&period=2026",
    "/console/catalogue/procedures?q=khongco",
    "/console/catalogue/units/new",
    "/console/catalogue/units/2/withdrawal",
    "/console/catalogue/counters/new?unit=2",
    "/console/catalogue/fields/new",
    "/console/catalogue/procedures/1",
    "/console/catalogue/procedures/1/close",
    "/console/links/sheet?format=stickers",
    "/console/entry/batches?q=khongco",
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

/// What is wrong on the page that is open, a line for each rule and place: what axe-core finds, targets
/// smaller than 24 pixels with it, then a page wider than the phone, and keys that have no text.
fn faults(browser: &Chromium, axe: &str) -> Vec<String> {
    browser.evaluate(axe);
    let found = browser.evaluate(
        "axe.run(document, { resultTypes: ['violations'], rules: { 'target-size': { enabled: true } } })
            .then(found => found.violations.flatMap(rule => rule.nodes.map(node =>
                `${rule.id}: ${node.target.join(' ')}: ${node.failureSummary}`)))
            .then(found => [...found, ...(document.body.innerText.match(/\\b(vi|en)(\\.[a-z0-9-]+){2,}/g) ?? [])])",
    );
    let (window, drawn) = browser.widths();
    let wide = (drawn > window).then(|| format!("{drawn} wide on {window}"));
    found.as_array().unwrap().iter().map(|fault| fault.as_str().unwrap().to_owned()).chain(wide).collect()
}

/// Pages about a unit, a counter, a procedure and a person with names as long as names can be.
fn longest(staff: &mut Browser<'_>) -> Vec<String> {
    let name = "Đăng ký biến động đối với trường hợp thay đổi quyền sử dụng đất theo thỏa thuận; ".repeat(4);
    let unit =
        "Trung tâm Phục vụ hành chính công liên xã Đưng K’Nớ - Đạ Tông - Đạ Long - Đạ M’Rông, tỉnh Lâm Đồng";
    let procedure =
        [("from", "2026-01-01"), ("code", "1.012793"), ("name", &name[..name.floor_char_boundary(350)])];
    let procedure = [procedure.as_slice(), &[("field", "1"), ("confirmed", "1")]].concat();
    let list = "/console/catalogue/procedures";
    let procedure = staff.send(&format!("{list}/new"), list, &procedure).location;
    let list = "/console/catalogue/units";
    let made = [("code", "99991"), ("name", unit), ("level", "xa"), ("parent", "1"), ("from", "2026-01-01")];
    let unit = staff.send(&format!("{list}/new"), list, &made).location;
    let id = |address: &str| address.rsplit('/').next().unwrap().to_owned();
    let link = [
        ("unit", &*id(&unit)),
        ("counter", "Quầy tiếp nhận và trả kết quả số 12, đất đai, môi trường"),
        ("opens", "07:30"),
        ("closes", "17:00"),
        ("kind", "tthc"),
        ("field", "1"),
        ("procedure", &id(&procedure)),
        ("stage", "result"),
        ("valid_from", "2026-01-01"),
    ];
    let link = staff.send("/console/links/new", "/console/links", &link).location;
    let person = [
        ("login", "nguyen.thi.anh.hong.phuong.thao.huyen.tran"),
        ("name", "Công Tằng Tôn Nữ Nguyễn Thị Ánh Hồng Phương Thảo"),
        ("role", "data-entry"),
        ("unit", &id(&unit)),
        ("language", "vi"),
    ];
    assert_eq!(staff.send("/console/people/new", "/console/people", &person).status, 200);
    let pages = [
        format!("{unit}/merge"),
        format!("{unit}/split"),
        format!("{procedure}/close"),
        format!("{link}/sheet"),
        format!("/console/breakdown?unit={}", id(&unit)),
    ];
    [unit, procedure, link].into_iter().chain(pages).collect()
}

/// Forms that are refused, and one that shows what would follow: a page, what is typed in its main form, and what
/// is then shown.
const SENT: [(&str, &str, &str); 8] = [
    ("/console/links/new", "form.counter.value = ''; form.closes.value = '07:00'", ".faults"),
    ("/console/links/bulk", "", ".faults"),
    ("/console/links/bulk", "form.every.checked = true", "form.actions"),
    ("/console/catalogue/units/new", "", ".faults"),
    ("/console/catalogue/units/2/merge", "form.code.value = '99100'", ".faults"),
    ("/console/dossiers/1/2026-09", "form['field-dat-dai'].value = '1.200'", ".faults"),
    ("/console/people/new", "", ".faults"),
    ("/console/entry/batches/new", "", ".faults"),
];

/// What a page asks for that a stranger is shown: an invitation.
fn invitation(app: &App) -> String {
    let draft = people::Draft {
        login: "moi".to_owned(),
        name: "Người mới".to_owned(),
        role: Role::Auditor,
        unit: None,
        language: hailong::locale::Lang::Vi,
    };
    let (snapshot, token) = (app.snapshot(), Token::random());
    let invite =
        app.database().write(|conn| people::invite(conn, &snapshot, &Actor::Operator, &draft, &token));
    invite.unwrap();
    format!("/console/invitation/{}", token.to_text())
}

/// The page of the first comment that is listed.
fn comment(staff: &Browser<'_>) -> String {
    let list = staff.get("/console/comments?period=2026").body;
    let page = list.split("href=\"").find(|part| {
        part.strip_prefix("/console/comments/")
            .is_some_and(|rest| rest.starts_with(|first: char| first.is_ascii_digit()))
    });
    page.unwrap().split(['"', '?']).next().unwrap().to_owned()
}

/// The pages of a draft, of which each has a form of its own or a table.
fn of_draft(draft: &str) -> [String; 6] {
    ["", "/changes", "/preview", "/questions/new", "/questions/staff", "/languages/en"]
        .map(|part| format!("{draft}{part}"))
}

/// Pages of the console that nobody here opens, as the walk of all roles names them; files are no pages.
fn forgotten(opened: &[&str]) -> Vec<&'static str> {
    let is_file = |pattern: &str| {
        let path = pattern.split('?').next().unwrap();
        path.ends_with("/file") || [".csv", ".json", ".xlsx"].iter().any(|end| path.ends_with(end))
    };
    let pages = roles::PAGES.iter().map(|(pattern, _)| *pattern).filter(|pattern| !is_file(pattern));
    let is_opened = |pattern: &str| {
        let path = pattern.split('?').next().unwrap();
        opened.iter().any(|page| roles::is_of(path, page))
    };
    pages.filter(|pattern| !is_opened(pattern)).collect()
}

/// The pages of an open batch and of the sheet that was keyed for it.
fn batch(staff: &mut Browser<'_>, link: &Link) -> [String; 2] {
    let counter = link.counter.to_string();
    let form = [
        ("counter", &*counter),
        ("channel", "paper"),
        ("kind", "tthc"),
        ("field", "1"),
        ("stage", "result"),
        ("day", "2026-11-20"),
        ("announced", "2"),
    ];
    let batch = staff.send("/console/entry/batches/new", "/console/entry/batches", &form).location;
    let sheet = [("sheet", "1"), ("answers", "555550"), ("comment", "")];
    assert_eq!(staff.send(&batch, &format!("{batch}/sheets"), &sheet).status, 303);
    let sheet = format!("{batch}/sheets/1");
    [batch, sheet]
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
fn every_page_is_whole_on_a_narrow_phone_in_either_theme() {
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
    let invitation = invitation(&app);
    let open = [["/console/sign-in", "/s/0000000", &survey, &thanks, &invitation].as_slice(), &OPEN].concat();
    let publication = format!("/console/publications/{}", published.id);
    let [running, failed] = jobs(&app);
    let (longest, keyed) = (longest(&mut staff), batch(&mut staff, &link));
    let comment = comment(&staff);
    let of_draft = of_draft(&draft);
    let console =
        CONSOLE.into_iter().chain([&*running, &*failed, &*language, &*preview, &*publication, &*comment]);
    let console: Vec<&str> =
        console.chain(longest.iter().chain(&keyed).chain(&of_draft).map(String::as_str)).collect();
    assert_eq!(forgotten(&console), Vec::<&str>::new());
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
        for (page, typed, shown) in SENT {
            browser.go(&format!("{}{page}", app.url));
            browser.evaluate(&format!(
                "{{ const form = document.querySelector('main form[method=post]'); {typed}; form.noValidate = true;
                    HTMLFormElement.prototype.submit.call(form); true }}"
            ));
            browser.shows(shown);
            let found = faults(&browser, &axe).into_iter();
            wrong.extend(found.map(|fault| format!("{scheme} {page}, sent: {fault}")));
        }
    }
    assert!(wrong.is_empty(), "{} faults:\n{}", wrong.len(), wrong.join("\n"));
}
