//! Staff sign in, look and make links.

use hailong::domain::link::Stage;
use hailong::domain::person::Role;
use scraper::{Html, Selector};

use crate::support::staff::{Browser, PASSWORD};
use crate::support::{App, Backend, Reply, id, on_both, read, today};

fn count(page: &str, selector: &str) -> usize {
    Html::parse_document(page).select(&Selector::parse(selector).unwrap()).count()
}

fn link_form<'a>(unit: &'a str, day: &'a str) -> Vec<(&'a str, &'a str)> {
    vec![
        ("unit", unit),
        ("counter", "Quầy số 1"),
        ("opens", "07:30"),
        ("closes", "17:00"),
        ("kind", "tthc"),
        ("stage", "result"),
        ("valid_from", day),
    ]
}

/// The code that the page of a link shows.
fn code_on(page: &str) -> String {
    let (_, rest) = page.split_once("/q/").expect("a picture of the code");
    rest.split('.').next().unwrap().to_owned()
}

on_both! {
    fn nobody_gets_in_without_a_session(app) {
        for path in ["/console", "/console/links", "/console/links/new", "/console/links/sheet", "/console/password"] {
            let reply = app.get(path);
            assert_eq!(reply.status, 303, "{path}");
            assert!(reply.location.starts_with("/console/sign-in"), "{path}: {}", reply.location);
        }
        for path in ["/console/scores.csv", "/console/scores.json", "/console/scores.xlsx"] {
            assert_eq!(app.get(path).status, 303, "{path}");
        }
        let invented = Browser { cookie: format!("hailong={}", "0".repeat(64)), ..Browser::new(app) };
        assert_eq!(invented.get("/console").status, 303);
    }
}

on_both! {
    fn a_one_time_password_opens_the_change_of_password_alone(app) {
        let password = app.person("an", Role::Method, None);
        let mut browser = Browser::new(app);
        let reply = browser.sign_in(" AN ", &password);
        assert_eq!((reply.status, reply.location.as_str()), (303, "/console"));
        let cookie = reply.headers.get("set-cookie").unwrap().to_str().unwrap();
        for part in ["HttpOnly", "SameSite=Lax", "Path=/console"] {
            assert!(cookie.contains(part), "{cookie}");
        }
        for path in ["/console", "/console/links", "/console/scores.csv"] {
            let reply = browser.get(path);
            assert_eq!((reply.status, reply.location.as_str()), (303, "/console/password"), "{path}");
        }

        let change = |browser: &mut Browser<'_>, current: &str, new: &str, again: &str| {
            let form = [("current", current), ("new", new), ("again", again)];
            browser.send("/console/password", "/console/password", &form).status
        };
        assert_eq!(change(&mut browser, &password, "ngan", "ngan"), 422);
        assert_eq!(change(&mut browser, &password, PASSWORD, "mot-cau-khac-han"), 422);
        assert_eq!(change(&mut browser, "sai", PASSWORD, PASSWORD), 422);
        assert_eq!(change(&mut browser, &password, &password, &password), 422);
        let before = browser.cookie.clone();
        assert_eq!(change(&mut browser, &password, PASSWORD, PASSWORD), 303);

        assert_ne!(browser.cookie, before);
        assert_eq!(browser.get("/console").status, 200);
        assert_eq!(Browser { cookie: before, ..Browser::new(app) }.get("/console").status, 303);
        assert_eq!(Browser::new(app).sign_in("an", &password).status, 422);
        assert_eq!(Browser::new(app).sign_in("an", PASSWORD).status, 303);
    }
}

on_both! {
    fn a_wrong_password_and_an_unknown_login_look_the_same(app) {
        app.person("an", Role::Method, None);
        let wrong = Browser::new(app).sign_in("an", "sai");
        let unknown = Browser::new(app).sign_in("binh", "sai");
        assert_eq!((wrong.status, unknown.status), (422, 422));
        assert_eq!(wrong.body.replace("\"an\"", "\"binh\""), unknown.body);
        assert!(wrong.headers.get("set-cookie").is_none());
    }
}

fn guessing_is_slowed_down_by_address(backend: Backend) {
    let app = App::start_with(backend, &["--trusted-proxy", "127.0.0.1"]);
    let password = app.person("an", Role::Method, None);
    let mut stranger = Browser { from: "203.0.113.9", ..Browser::new(&app) };
    let mut statuses = Vec::new();
    for _ in 0..10 {
        statuses.push(stranger.sign_in("an", "sai").status);
    }
    assert_eq!(statuses, [vec![422; 8], vec![429; 2]].concat());
    let refused = stranger.sign_in("an", &password);
    let wait = refused.headers.get("retry-after").unwrap().to_str().unwrap();
    assert!(refused.status == 429 && wait.parse::<u64>().unwrap() > 0);

    let mut office = Browser { from: "198.51.100.7", ..Browser::new(&app) };
    assert_eq!(office.sign_in("an", &password).status, 303);
    // What the client itself writes in front of the proxy's address is not believed.
    let mut liar = Browser { from: "198.51.100.8, 203.0.113.9", ..Browser::new(&app) };
    assert_eq!(liar.sign_in("an", &password).status, 429);
}

#[test]
fn guessing_is_slowed_down_by_address_on_sqlite() {
    guessing_is_slowed_down_by_address(Backend::Sqlite);
}

#[test]
fn guessing_is_slowed_down_by_address_on_postgres() {
    guessing_is_slowed_down_by_address(Backend::Postgres);
}

on_both! {
    fn a_form_without_its_proof_changes_nothing(app) {
        let mut browser = app.browser("an", Role::Method, None);
        let other = app.browser("binh", Role::Method, None);
        let (commune, day) = (app.unit("24781").to_string(), today().to_string());
        let form = link_form(&commune, &day);
        let link = app.link("dat-dai", Stage::Result);
        let address = format!("/console/links/{}", link.id);
        let foreign = other.proof("/console/links/new");
        let links = app.snapshot().links.len();

        for proof in ["", "00", &foreign] {
            let mut form = form.clone();
            form.push(("csrf", proof));
            assert_eq!(browser.post("/console/links", &form).status, 403);
            for path in ["/revocation", "/replacement"] {
                assert_eq!(browser.post(&format!("{address}{path}"), &[("csrf", proof)]).status, 403);
            }
            let change = [("current", PASSWORD), ("new", "mot-cau-khac-han"), ("again", "mot-cau-khac-han"), ("csrf", proof)];
            assert_eq!(browser.post("/console/password", &change).status, 403);
            assert_eq!(browser.post("/console/sign-out", &[("csrf", proof)]).status, 403);
            assert_eq!(browser.post("/console/language", &[("csrf", proof), ("lang", "en")]).status, 403);
        }
        assert_eq!(browser.post("/console/links", &form).status, 403);

        assert_eq!(app.snapshot().links.len(), links);
        assert_eq!(app.get(&format!("/s/{}", link.code)).status, 200);
        assert!(browser.get("/console").body.contains("lang=\"vi\""));
        assert_eq!(Browser::new(app).sign_in("an", PASSWORD).status, 303);
    }
}

on_both! {
    fn a_form_sent_by_another_site_is_refused(app) {
        let browser = app.browser("an", Role::Method, None);
        let proof = browser.proof("/console/links/new");
        let request = App::agent().post(format!("{}/console/sign-out", app.url)).header("Cookie", &browser.cookie);
        let reply = request.header("Sec-Fetch-Site", "cross-site").send_form([("csrf", proof.as_str())]).unwrap();
        assert_eq!(reply.status().as_u16(), 403);
        assert_eq!(browser.get("/console").status, 200);
    }
}

on_both! {
    fn a_unit_viewer_sees_the_own_subtree_alone_and_changes_nothing(app) {
        let own = app.link("dat-dai", Stage::Result);
        let elsewhere = app.unit("22972");
        let mut method = app.browser("an", Role::Method, None);
        let (other, day) = (elsewhere.to_string(), today().to_string());
        let made = method.send("/console/links/new", "/console/links", &link_form(&other, &day));
        assert_eq!(made.status, 303, "{}", made.body);
        let foreign = code_on(&method.get(&made.location).body);

        let mut viewer = app.browser("xem", Role::UnitViewer, Some(app.unit("24781")));
        let list = viewer.get("/console/links").body;
        assert!(list.contains(own.code.as_str()) && !list.contains(&foreign));
        let searched = viewer.get(&format!("/console/links?q={foreign}&unit={other}")).body;
        assert!(!searched.contains(&made.location));
        let mine = format!("/console/links/{}", own.id);
        assert_eq!(viewer.get(&mine).status, 200);
        assert_eq!(viewer.get(&format!("{mine}/sheet")).status, 200);
        assert_eq!(viewer.get(&made.location).status, 404);
        assert_eq!(viewer.get(&format!("{}/sheet", made.location)).status, 404);
        assert_eq!(viewer.get(&format!("/console?unit={other}")).status, 404);
        assert_eq!(viewer.get(&format!("/console/scores.json?unit={other}")).status, 404);
        assert_eq!(viewer.get("/console").status, 200);
        assert_eq!(viewer.get("/console/links/new").status, 404);
        let sheets = viewer.get("/console/links/sheet").body;
        assert!(sheets.contains(own.code.as_str()) && !sheets.contains(&foreign));

        let own_unit = app.unit("24781").to_string();
        let links = app.snapshot().links.len();
        assert_eq!(viewer.send("/console", "/console/links", &link_form(&own_unit, &day)).status, 404);
        for path in [&mine, &made.location] {
            for end in ["revocation", "replacement"] {
                assert_eq!(viewer.send("/console", &format!("{path}/{end}"), &[]).status, 404, "{path}/{end}");
            }
        }
        assert_eq!(app.snapshot().links.len(), links);
        assert_eq!(app.get(&format!("/s/{foreign}")).status, 200);
    }
}

on_both! {
    fn a_link_is_made_printed_replaced_and_revoked(app) {
        let mut browser = app.browser("an", Role::Administrator, None);
        let (commune, day) = (app.unit("24781").to_string(), today().to_string());
        let made = browser.send("/console/links/new", "/console/links", &link_form(&commune, &day));
        assert_eq!(made.status, 303, "{}", made.body);
        let page = browser.get(&made.location).body;
        let code = code_on(&page);
        assert_eq!(app.get(&format!("/s/{code}")).status, 200, "known at once");
        let sheet = browser.get(&format!("{}/sheet", made.location));
        assert_eq!(sheet.status, 200);
        assert!(sheet.body.contains(&code) && count(&sheet.body, "svg, img[src*='/q/']") > 0);

        let replaced = browser.send(&made.location, &format!("{}/replacement", made.location), &[]);
        assert_eq!(replaced.status, 303);
        assert_ne!(replaced.location, made.location);
        let successor = code_on(&browser.get(&replaced.location).body);
        assert_ne!(successor, code);
        assert_eq!((app.get(&format!("/s/{code}")).status, app.get(&format!("/s/{successor}")).status), (410, 200));
        let history = browser.get(&made.location).body;
        assert_eq!(count(&history, "section.part li"), 3, "made, printed, then replaced");
        assert_eq!(count(&history, "form[action$=revocation]"), 0);
        let again = browser.send("/console", &format!("{}/replacement", made.location), &[]);
        assert_eq!(again.status, 409);

        let revoked = browser.send(&replaced.location, &format!("{}/revocation", replaced.location), &[]);
        assert_eq!((revoked.status, &revoked.location), (303, &replaced.location));
        assert_eq!(app.get(&format!("/s/{successor}")).status, 410);
        assert_eq!(app.post(&format!("/s/{successor}"), &[("id", &id()), ("overall", "5")]).status, 410);
    }
}

on_both! {
    fn a_wrong_link_form_keeps_what_was_typed(app) {
        let mut browser = app.browser("an", Role::Administrator, None);
        let (commune, day) = (app.unit("24781").to_string(), today().to_string());
        let mut form = link_form(&commune, &day);
        form.retain(|(name, _)| *name != "stage");
        let links = app.snapshot().links.len();
        let reply = browser.send("/console/links/new", "/console/links", &form);
        assert_eq!(reply.status, 422);
        assert_eq!(count(&reply.body, "input[name=counter][value='Quầy số 1']"), 1);
        assert!(count(&reply.body, "a[href='#stage']") > 0);
        assert_eq!(count(&reply.body, "select#stage[aria-invalid=true][aria-describedby='e-stage']"), 1);
        assert_eq!(count(&reply.body, "#e-stage"), 1);
        assert_eq!(count(&reply.body, "[aria-invalid]"), 1, "the other fields are right");
        assert_eq!(app.snapshot().links.len(), links);
    }
}

on_both! {
    fn every_page_of_the_console_bears_the_headers_of_safety(app) {
        let browser = app.browser("an", Role::Administrator, None);
        let link = app.link("dat-dai", Stage::Result);
        let one = format!("/console/links/{}", link.id);
        let sheet = format!("{one}/sheet");
        for path in ["/console", "/console/links", "/console/links/new", "/console/password", "/console/sign-in", &one, &sheet, "/console/links/0"] {
            let reply = browser.get(path);
            let header = |name: &str| reply.headers.get(name).unwrap_or_else(|| panic!("{path} lacks {name}")).to_str().unwrap();
            let policy = header("content-security-policy");
            assert!(policy.contains("default-src 'none'") && policy.contains("frame-ancestors 'none'"), "{path}: {policy}");
            assert!(!policy.contains("unsafe"), "{path}: {policy}");
            assert_eq!(header("x-content-type-options"), "nosniff");
            assert_eq!(header("x-frame-options"), "DENY");
            assert_eq!(header("cross-origin-opener-policy"), "same-origin");
            assert!(header("referrer-policy").starts_with("no-referrer"));
            assert!(header("permissions-policy").contains("geolocation=()"));
            assert!(header("cache-control").contains("no-store"), "{path}");
            assert_eq!(count(&reply.body, "script:not([src]), [style], style, [onclick]"), 0, "{path}");
        }
    }
}

on_both! {
    fn sign_out_ends_the_session_also_for_whoever_kept_the_cookie(app) {
        let mut browser = app.browser("an", Role::Method, None);
        let kept = browser.cookie.clone();
        let reply = browser.send("/console", "/console/sign-out", &[]);
        assert_eq!((reply.status, reply.location.as_str()), (303, "/console/sign-in"));
        assert_eq!(browser.get("/console").status, 303);
        browser.cookie = kept;
        assert_eq!(browser.get("/console").status, 303);
    }
}

on_both! {
    fn a_procedure_stands_under_its_field_and_brings_it_along(app) {
        let mut browser = app.browser("an", Role::Administrator, None);
        let form = Html::parse_document(&browser.get("/console/links/new").body);
        let options = Selector::parse("#procedure > optgroup[label='Đất đai'] > option").unwrap();
        let procedure = form.select(&options).next().unwrap().value().attr("value").unwrap().to_owned();
        let (commune, day) = (app.unit("24781").to_string(), today().to_string());
        let mut form = link_form(&commune, &day);
        form.push(("procedure", &procedure));
        let made = browser.send("/console/links/new", "/console/links", &form);
        assert_eq!(made.status, 303, "{}", made.body);
        assert!(browser.get(&made.location).body.contains("Đất đai"));
    }
}

on_both! {
    fn an_error_speaks_the_language_of_its_reader_and_leads_back(app) {
        let preferring = |languages: &str, path: &str| {
            let request = App::agent().get(format!("{}{path}", app.url));
            read(request.header("Accept-Language", languages).call().unwrap())
        };
        let speaks = |reply: &Reply, lang: &str, back: &str| {
            assert_eq!(count(&reply.body, &format!("html[lang={lang}]")), 1, "{}", reply.body);
            assert_eq!(count(&reply.body, &format!("main a[href='{back}']")), 1, "{}", reply.body);
        };
        speaks(&preferring("fr, en;q=0.8, vi;q=0.5", "/nowhere"), "en", "/");
        speaks(&preferring("vi-VN, en;q=0.8", "/nowhere"), "vi", "/");
        speaks(&preferring("fr", "/nowhere"), "vi", "/");
        speaks(&preferring("vi", "/nowhere?lang=en"), "en", "/");
        speaks(&preferring("en", "/s/ABCDEF/nowhere"), "en", "/s/ABCDEF");

        let mut viewer = app.browser("xem", Role::UnitViewer, Some(app.unit("24781")));
        assert_eq!(viewer.send("/console", "/console/language", &[("lang", "en")]).status, 303);
        let refused = viewer.get("/console/links/new");
        assert_eq!(refused.status, 404);
        speaks(&refused, "en", "/console");
        assert_eq!(count(&refused.body, "form[action='/console/sign-out']"), 1, "still signed in");

        let mut stranger = Browser::new(app);
        let guess = [("login", "xem"), ("password", "sai"), ("lang", "en")];
        let refused = (0..9).map(|_| stranger.post("/console/sign-in", &guess)).last().unwrap();
        assert_eq!(refused.status, 429);
        speaks(&refused, "en", "/console");
    }
}

on_both! {
    fn an_address_of_forms_and_a_form_that_cannot_be_read_are_told_on_a_page_with_a_way_back(app) {
        let browser = app.browser("an", Role::Method, None);
        for path in ["/console/catalogue/counters", "/console/links/1/revocation", "/console/language"] {
            let reply = browser.get(path);
            assert_eq!((reply.status, count(&reply.body, "main a[href='/console']")), (405, 1), "{path}: {}", reply.body);
            assert!(reply.body.contains("chỉ nhận biểu mẫu"), "{path}");
        }
        let send = |kind: &str, body: String| {
            let request = App::agent().post(format!("{}/console/sign-in", app.url)).header("Accept-Language", "en");
            read(request.content_type(kind).send(body).unwrap())
        };
        let form = "application/x-www-form-urlencoded";
        let long = format!("login=an&password={}", "a".repeat(70_000));
        for (kind, body, told, status) in [
            (form, long, "larger than 64 KB", 413), (form, "login=an".to_owned(), "lacks a part", 422),
            ("text/plain", "login=an".to_owned(), "cannot be read", 415), (form, "login=%00".to_owned(), "cannot be read", 400),
        ] {
            let reply = send(kind, body);
            assert_eq!(reply.status, status, "{told}");
            assert!(reply.body.contains("<html lang=\"en\"") && reply.body.contains(told), "{}", reply.body);
        }
    }
}
