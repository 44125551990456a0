//! Accounts: invited by link, locked at once, kept by a second factor; and the keys of other programs.

use diesel::RunQueryDsl;
use hailong::app::audit;
use hailong::app::people::{self, Change};
use hailong::app::totp::Shared;
use hailong::db;
use hailong::domain::ids::PersonId;
use hailong::domain::link::Stage;
use hailong::domain::person::{Actor, Role};
use scraper::{Html, Selector};

use crate::support::staff::{Browser, PASSWORD};
use crate::support::{App, Backend, Reply, id, on_both, read, today};

fn person(app: &App, login: &str) -> db::people::Person {
    app.database().read(|conn| db::people::by_login(conn, login)).unwrap().unwrap()
}

pub fn address(app: &App, login: &str) -> String {
    format!("/console/people/{}", person(app, login).id)
}

fn texts(page: &str, selector: &str) -> Vec<String> {
    let (page, selector) = (Html::parse_document(page), Selector::parse(selector).unwrap());
    page.select(&selector).map(|one| one.text().collect::<String>().trim().to_owned()).collect()
}

/// The path of the one-time link that a page shows.
fn link(app: &App, page: &Reply) -> String {
    let shown = texts(&page.body, "#secret").remove(0);
    shown.strip_prefix(&app.url).expect("a link of this service").to_owned()
}

fn run(app: &App, statement: &str) {
    app.database()
        .write(|conn| diesel::sql_query(statement).execute(conn).map_err(db::violation::translate))
        .unwrap();
}

const NEW: [(&str, &str); 2] = [("new", PASSWORD), ("again", PASSWORD)];

fn invitation<'a>(login: &'a str, role: &'a str, unit: &'a str) -> [(&'a str, &'a str); 4] {
    [("login", login), ("name", "Trần Thị Bình"), ("role", role), ("unit", unit)]
}

on_both! {
    fn a_room_of_invited_people_shares_an_address_and_only_unknown_links_are_slowed_down(app) {
        let mut admin = app.browser("an", Role::Administrator, None);
        let commune = app.unit("24781").to_string();
        let logins = ["hai", "ba", "tu", "nam", "sau", "bay"];
        let [last, room @ ..] = logins.map(|login| {
            let form = invitation(login, "unit-viewer", &commune);
            link(app, &admin.send("/console/people/new", "/console/people", &form))
        });
        for path in room {
            let mut person = Browser::new(app);
            assert_eq!(person.get(&path).status, 200);
            assert_eq!(person.post(&path, &[("new", "ngan"), ("again", "ngan")]).status, 422);
            assert_eq!(person.post(&path, &NEW).status, 303);
        }
        let guess = |digit: u8| Browser::new(app).get(&format!("/console/invitation/{}", stray_token(digit))).status;
        let statuses: Vec<u16> = (0..12).map(guess).collect();
        assert!(statuses.starts_with(&[404; 8]) && statuses.ends_with(&[429]), "{statuses:?}");
        assert_eq!(Browser::new(app).get(&last).status, 200, "whoever was given a link gets in");
    }
}

/// A link's token that nobody was given.
fn stray_token(digit: u8) -> String {
    hailong::domain::hex::hex(&[digit; 32])
}

on_both! {
    fn an_invited_person_chooses_a_password_under_a_link_that_works_once(app) {
        let mut admin = app.browser("an", Role::Administrator, None);
        let commune = app.unit("24781").to_string();
        let wrong = admin.send("/console/people/new", "/console/people", &invitation("Bình", "unit-viewer", ""));
        assert_eq!(wrong.status, 422);
        assert!(wrong.body.contains("href=\"#login\"") && wrong.body.contains("href=\"#unit\""));
        assert!(wrong.body.contains("value=\"Bình\"") && wrong.body.contains("value=\"Trần Thị Bình\""));
        let made = admin.send("/console/people/new", "/console/people", &invitation("binh", "unit-viewer", &commune));
        let path = link(app, &made);
        let again = admin.send("/console/people/new", "/console/people", &invitation("binh", "unit-viewer", &commune));
        assert!(again.status == 422 && again.body.contains("href=\"#login\""));
        assert_eq!(Browser::new(app).sign_in("binh", "").status, 422);

        let mut binh = Browser::new(app);
        assert!(binh.get(&path).body.contains("Trần Thị Bình"));
        assert_eq!(binh.post(&path, &[("new", "ngan"), ("again", "ngan")]).status, 422);
        assert_eq!(binh.post(&path, &[("new", PASSWORD), ("again", "mot-cau-khac-han")]).status, 422);
        assert_eq!(binh.post(&path, &NEW).status, 303);
        assert_eq!((binh.get("/console").status, binh.get("/console/people").status), (200, 404));
        assert_eq!(Browser::new(app).get(&path).status, 404, "used");
        assert_eq!(Browser::new(app).post(&path, &NEW).status, 404, "used");

        let reset = admin.send(&address(app, "binh"), &format!("{}/reset", address(app, "binh")), &[]);
        assert_eq!(binh.get("/console").status, 303, "a reset ends the sessions");
        assert_eq!(Browser::new(app).sign_in("binh", PASSWORD).status, 422);
        run(app, "UPDATE invitations SET expires_at = '2026-01-01 00:00:00'");
        assert_eq!(Browser::new(app).get(&link(app, &reset)).status, 410);
        assert_eq!(Browser::new(app).get("/console/invitation/abc").status, 404);
    }
}

on_both! {
    fn a_lock_ends_sessions_at_once_and_everything_is_in_the_audit(app) {
        let mut admin = app.browser("an", Role::Administrator, None);
        let mut binh = app.browser("binh", Role::UnitViewer, Some(app.unit("24781")));
        let own = address(app, "binh");
        let page = admin.get(&own).body;
        assert_eq!(texts(&page, "section.part tbody tr").len(), 1, "one session");

        let change = [("name", "Trần Bình"), ("role", "auditor"), ("unit", "")];
        assert_eq!(admin.send(&own, &own, &change).status, 303);
        assert_eq!(binh.get("/console/audit").status, 200, "a new role counts at once");
        assert_eq!(admin.send(&own, &format!("{own}/lock"), &[]).status, 303);
        assert_eq!(binh.get("/console").status, 303);
        assert_eq!(binh.sign_in("binh", PASSWORD).status, 422);
        assert_eq!(admin.send("/console/account", &format!("{own}/reset"), &[]).status, 409);
        assert_eq!(admin.send(&own, &format!("{own}/unlock"), &[]).status, 303);
        assert_eq!(binh.sign_in("binh", PASSWORD).status, 303);
        assert_eq!(admin.send(&own, &format!("{own}/sign-out"), &[]).status, 303);
        assert_eq!(binh.get("/console").status, 303);

        let rows = app.database().read(|conn| db::audit::by_subject(conn, "person:binh")).unwrap();
        let by_admin: Vec<&str> =
            rows.iter().filter(|row| row.record.actor == "an").map(|row| row.record.action.as_str()).collect();
        assert_eq!(by_admin, ["person.change", "person.lock", "person.unlock", "person.sign-out"]);
        assert_eq!(app.database().read(audit::verify).unwrap().broken_at, None);
    }
}

on_both! {
    fn the_last_administrator_stays(app) {
        // The template of the tests has an administrator of its own.
        run(app, "UPDATE people SET disabled_at = created_at");
        let mut admin = app.browser("an", Role::Administrator, None);
        let own = address(app, "an");
        for deed in ["lock", "reset"] {
            assert_eq!(admin.send(&own, &format!("{own}/{deed}"), &[]).status, 409, "{deed}");
        }
        let demoted = admin.send(&own, &own, &[("name", "An"), ("role", "auditor"), ("unit", "")]);
        assert!(demoted.status == 422 && demoted.body.contains("href=\"#role\""));
        assert_eq!(admin.get("/console/people").status, 200, "nothing changed");

        app.browser("binh", Role::Administrator, None);
        let ids: Vec<PersonId> = ["an", "binh"].map(|login| person(app, login).id).into();
        let snapshot = app.snapshot();
        let demote = |id: PersonId| {
            let change = Change { name: "An".to_owned(), role: Role::Auditor, unit: None };
            app.database().write(|conn| people::change(conn, &snapshot, &Actor::Operator, id, &change, today()))
        };
        std::thread::scope(|scope| {
            for id in &ids {
                scope.spawn(|| drop(demote(*id)));
            }
        });
        let left = ["an", "binh"].into_iter().filter(|login| person(app, login).role == Role::Administrator);
        assert_eq!(left.count(), 1, "two who demote each other at once leave one");
    }
}

on_both! {
    fn the_list_is_searched_sorted_and_exported_for_administrators_alone(app) {
        let admin = app.browser("an", Role::Administrator, None);
        for number in 0..55 {
            app.person(&format!("can-bo-{number:02}"), Role::UnitViewer, Some(app.unit("24781")));
        }
        let page = admin.get("/console/people?role=unit-viewer&sort=login&dir=desc").body;
        let names = texts(&page, "tbody th");
        assert_eq!((names.len(), names[0].as_str()), (50, "Cán bộ can-bo-54"));
        assert!(page.contains("page=2"));
        assert_eq!(texts(&admin.get("/console/people?q=CAN+BO+can-bo-07").body, "tbody th").len(), 1);
        let (_, csv) = admin.bytes("/console/people.csv?role=unit-viewer");
        assert_eq!(String::from_utf8(csv).unwrap().lines().count(), 56);
        assert!(admin.get("/console/people?q=khong-co-ai").body.contains("class=\"empty\""));

        let mut method = app.browser("noi-vu", Role::Method, None);
        let own = address(app, "an");
        for path in ["/console/people", "/console/people.csv", "/console/people/new", "/console/api-keys", &own] {
            assert_eq!(method.get(path).status, 404, "{path}");
        }
        for deed in ["", "/lock", "/unlock", "/reset", "/sign-out", "/totp-reset"] {
            assert_eq!(method.send("/console/account", &format!("{own}{deed}"), &[]).status, 404, "{deed}");
        }
        assert_eq!(admin.get("/console").status, 200);
    }
}

on_both! {
    fn whoever_fears_for_the_account_ends_all_sessions(app) {
        let mut here = app.browser("an", Role::Auditor, None);
        let mut there = Browser::new(app);
        assert_eq!(there.sign_in("an", PASSWORD).status, 303);
        assert_eq!(texts(&here.get("/console/account").body, "tbody tr").len(), 2);
        assert_eq!(here.send("/console/account", "/console/account/sign-out", &[]).status, 303);
        assert_eq!((here.get("/console").status, there.get("/console").status), (303, 303));
    }
}

/// The code of a secret, so many steps from now.
fn code(secret: &str, steps: u64) -> String {
    let bytes = totp_rs::Secret::try_from_base32(secret).unwrap();
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs();
    totp_rs::Builder::new().with_secret(bytes).build().unwrap().generate(now + 30 * steps).to_string()
}

const TOTP: &str = "/console/account/totp";
const CODE: &str = "/console/sign-in/code";

fn sign_in_codes(backend: Backend) {
    let app = App::start_with(backend, &["--require-totp"]);
    let viewer = app.browser("xem", Role::UnitViewer, Some(app.unit("24781")));
    assert_eq!(viewer.get("/console").status, 200, "a viewer needs none");
    let mut admin = app.browser("an", Role::Administrator, None);
    for path in ["/console", "/console/people", "/console/account"] {
        assert_eq!(admin.get(path).location, TOTP, "{path}");
    }

    let set_up = admin.get(TOTP).body;
    assert!(set_up.contains("<svg"));
    let page = Html::parse_document(&set_up);
    let secret = page.select(&Selector::parse("input[name=secret]").unwrap()).next().unwrap();
    let secret = secret.value().attr("value").unwrap().to_owned();
    let scanned = format!("otpauth://totp/Hai-long-Lam-Dong:an?secret={secret}&issuer=Hai-long-Lam-Dong");
    assert!(set_up.contains(&hailong::web::qr::svg(&scanned).unwrap()));
    let wrong = admin.send(TOTP, TOTP, &[("secret", &secret), ("code", "000 000")]);
    assert!(wrong.status == 422 && wrong.body.contains(&secret), "the picture stays the same");
    let first = code(&secret, 0);
    let done = admin.send(TOTP, TOTP, &[("secret", &secret), ("code", &first)]);
    let recovery = texts(&done.body, "ol.ten li");
    assert_eq!(recovery.len(), 10);
    assert_eq!(admin.get("/console/people").status, 200);
    assert!(!format!("{:?}", person(&app, "an")).contains(&secret), "the secret is encrypted");

    let mut second = Browser::new(&app);
    assert_eq!(second.sign_in("an", PASSWORD).location, CODE);
    assert_eq!(second.get("/console").location, CODE, "half a sign-in opens nothing");
    assert_eq!(second.send(CODE, CODE, &[("code", &first)]).status, 422, "used when it was set up");
    let half = second.cookie.clone();
    assert_eq!(second.send(CODE, CODE, &[("code", &code(&secret, 1))]).status, 303);
    assert_eq!(second.get("/console").status, 200);
    assert_eq!(Browser { cookie: half, ..Browser::new(&app) }.get("/console").status, 303);

    let with_recovery = |code: &str| {
        let mut browser = Browser::new(&app);
        browser.sign_in("an", PASSWORD);
        browser.send(CODE, CODE, &[("code", code)]).status
    };
    assert_eq!(with_recovery(&recovery[3].to_uppercase().replace('-', " ")), 303);
    assert_eq!(with_recovery(&recovery[3]), 422, "used");

    let own = address(&app, "an");
    assert_eq!(admin.send(&own, &format!("{own}/totp-reset"), &[]).status, 303);
    assert_eq!(admin.get("/console").status, 303);
    let mut again = Browser::new(&app);
    assert_eq!(again.sign_in("an", PASSWORD).location, "/console");
    assert_eq!(again.get("/console").location, TOTP);
}

#[test]
fn sign_in_codes_on_sqlite() {
    sign_in_codes(Backend::Sqlite);
}

#[test]
fn sign_in_codes_on_postgres() {
    sign_in_codes(Backend::Postgres);
}

#[test]
fn guessing_of_codes_is_slowed_down_from_wherever_it_comes() {
    let app = App::start_with(Backend::Sqlite, &["--trusted-proxy", "127.0.0.1"]);
    let mut an = app.browser("an", Role::Auditor, None);
    let secret = Shared::random().to_text();
    let set_up = [("secret", secret.as_str()), ("code", &code(&secret, 0))];
    assert_eq!(an.send(TOTP, TOTP, &set_up).status, 200);

    let mut statuses = Vec::new();
    for from in ["203.0.113.1", "203.0.113.2", "203.0.113.3"] {
        let mut stranger = Browser { from, ..Browser::new(&app) };
        assert_eq!(stranger.sign_in("an", PASSWORD).location, CODE);
        statuses.extend((0..5).map(|_| stranger.send(CODE, CODE, &[("code", "000000")]).status));
    }
    assert_eq!(statuses.iter().filter(|status| **status == 422).count(), 9, "one of ten went to the set-up");
    assert_eq!(statuses.last(), Some(&429));
}

fn ask(app: &App, path: &str, key: &str, tag: &str) -> Reply {
    let request = App::agent().get(format!("{}{path}", app.url)).header("If-None-Match", tag);
    let request =
        if key.is_empty() { request } else { request.header("Authorization", format!("Bearer {key}")) };
    read(request.call().unwrap())
}

fn problem(reply: &Reply) -> serde_json::Value {
    let kind = reply.headers.get("content-type").unwrap().to_str().unwrap();
    assert!(kind.starts_with("application/problem+json"), "{kind}");
    let problem: serde_json::Value = serde_json::from_str(&reply.body).unwrap();
    assert_eq!(problem["status"], reply.status);
    problem
}

on_both! {
    fn a_key_reads_what_its_scope_allows_until_it_is_revoked(app) {
        let answered = app.link("dat-dai", Stage::Result);
        for _ in 0..6 {
            app.answer(&answered, &id(), "5");
        }
        let mut admin = app.browser("an", Role::Administrator, None);
        let (commune, other, day) = (app.unit("24781").to_string(), app.unit("22972").to_string(), today().to_string());
        let keys = "/console/api-keys";
        let late = admin.send(keys, keys, &[("name", "Báo cáo"), ("unit", ""), ("reads", "scores"), ("last_day", "2020-01-01")]);
        assert!(late.status == 422 && late.body.contains("#last_day") && late.body.contains("value=\"Báo cáo\""));
        let mut make = |name: &str, unit: &str| {
            let made = admin.send(keys, keys, &[("name", name), ("unit", unit), ("reads", "scores"), ("last_day", &day)]);
            texts(&made.body, "#secret").remove(0)
        };
        let (province, bound) = (make("Báo cáo tỉnh", ""), make("Báo cáo xã", &commune));

        let path = "/api/v1/scores?by=field,unit";
        let reply = ask(app, path, &bound, "");
        let viewer = app.browser("xem", Role::UnitViewer, Some(app.unit("24781")));
        assert_eq!(reply.status, 200, "{}", reply.body);
        assert_eq!(reply.body, viewer.get("/console/scores.json?by=field,unit").body, "the same as on the page");
        assert!(reply.body.contains("\"n\": 6"));
        let tag = reply.headers.get("etag").unwrap().to_str().unwrap();
        assert_eq!(ask(app, path, &bound, tag).status, 304);
        assert_eq!(ask(app, &format!("/api/v1/scores?unit={other}"), &province, "").status, 200);
        let hidden = ask(app, &format!("/api/v1/scores?unit={other}&lang=en"), &bound, "");
        assert_eq!((hidden.status, problem(&hidden)["title"].as_str()), (404, Some("Not Found")));
        let wrong = ask(app, "/api/v1/scores?period=x", &bound, "");
        assert_eq!((wrong.status, problem(&wrong)["errors"][0]["parameter"].as_str()), (422, Some("period")));
        assert_eq!(problem(&ask(app, "/api/v1/people", &bound, ""))["status"], 404);
        for key in ["", "hailong_00", &format!("hailong_{}", "0".repeat(64))] {
            let refused = ask(app, path, key, "");
            assert!(refused.headers.contains_key("www-authenticate"));
            assert_eq!(problem(&refused)["status"], 401, "{key}");
        }
        run(app, "UPDATE api_keys SET reads = 'dossiers' WHERE unit_id IS NULL");
        assert_eq!(problem(&ask(app, path, &province, ""))["status"], 403);

        let list = admin.get(keys).body;
        assert!(list.contains("Báo cáo xã") && !list.contains(&bound));
        assert_eq!(admin.send(keys, "/console/api-keys/2/revocation", &[]).status, 303);
        assert_eq!(admin.send(keys, "/console/api-keys/2/revocation", &[]).status, 409);
        assert_eq!(ask(app, path, &bound, "").status, 401);
        run(app, "UPDATE api_keys SET reads = 'scores', valid_to = '2026-01-01'");
        assert_eq!(ask(app, path, &province, "").status, 401, "expired");
        let rows = app.database().read(|conn| db::audit::by_subject(conn, "key:2")).unwrap();
        assert_eq!(rows.iter().map(|row| row.record.action.as_str()).collect::<Vec<_>>(), ["key.create", "key.revoke"]);
        assert!(!format!("{rows:?}").contains(&bound));
    }
}
