//! Sessions one by one, and what a page that answers a form offers.

use hailong::db;
use hailong::domain::link::Stage;
use hailong::domain::person::Role;
use scraper::{Html, Selector};

use crate::entry::{attribute, open};
use crate::people::address;
use crate::support::staff::{Browser, PASSWORD};
use crate::support::{App, on_both};

on_both! {
    fn one_session_is_ended_and_the_others_go_on(app) {
        let mut here = app.browser("an", Role::Administrator, None);
        let [mut phone, mut library] = [(); 2].map(|()| Browser::new(app));
        for browser in [&mut phone, &mut library] {
            assert_eq!(browser.sign_in("an", PASSWORD).status, 303);
        }
        let ending = |page: &str| hrefs(page, "tbody form", "action");
        let offered = ending(&here.get("/console/account").body);
        assert_eq!(offered.len(), 2, "one's own session is ended by signing out");
        let file = here.get("/console/account.csv").body;
        assert_eq!((file.lines().count(), file.matches("phiên này").count()), (4, 1), "{file}");
        // Of which of the two sessions the first line speaks, only the result tells.
        assert_eq!(here.send("/console/account", &offered[0], &[]).status, 303);
        let left = [here.get("/console").status, phone.get("/console").status, library.get("/console").status];
        assert_eq!((left[0], left.iter().filter(|status| **status == 200).count()), (200, 2), "{left:?}");
        assert_eq!(ending(&here.get("/console/account").body), offered[1..]);
        // What has ended stays so, and is not written down again.
        assert_eq!(here.send("/console/account", &offered[0], &[]).status, 303);

        let own = address(app, "an");
        let mut chief = app.browser("goc", Role::Administrator, None);
        let page = chief.get(&own).body;
        let offered = ending(&page);
        assert_eq!(offered.len(), 2, "{page}");
        let file = chief.get(&format!("{own}.csv")).body;
        assert_eq!(file.lines().count(), 3, "{file}");
        for action in &offered {
            assert!(action.starts_with(&own), "{action}");
            assert_eq!(chief.send(&own, action, &[]).status, 303);
        }
        assert_eq!((here.get("/console").status, chief.get("/console").status), (303, 200));
        let foreign = format!("/console/account/sessions/{}/ending", offered[0].split('/').nth(5).unwrap());
        assert_eq!(chief.send("/console/account", &foreign, &[]).status, 303);
        let rows = app.database().read(|conn| db::audit::by_subject(conn, "person:an")).unwrap();
        assert_eq!(rows.iter().filter(|row| row.record.action == "person.session-end").count(), 3);
    }
}

/// What the elements of a page have in an attribute.
fn hrefs(page: &str, selector: &str, attribute: &str) -> Vec<String> {
    let (page, selector) = (Html::parse_document(page), Selector::parse(selector).unwrap());
    let found = page.select(&selector);
    found.map(|element| element.attr(attribute).unwrap().to_owned()).collect()
}

on_both! {
    fn the_language_is_not_switched_where_that_would_lose_what_was_typed(app) {
        let mut admin = app.browser("an", Role::Administrator, None);
        let switch = |page: &str| hrefs(page, "form[action='/console/language']", "action").len();
        assert_eq!(switch(&admin.get("/console/people/new").body), 1);
        let wrong = admin.send("/console/people/new", "/console/people", &[("login", "?"), ("name", "Trần Bình")]);
        assert!(wrong.status == 422 && wrong.body.contains("value=\"Trần Bình\""), "{}", wrong.body);
        assert_eq!(switch(&wrong.body), 0);
        assert!(wrong.body.contains("Đổi ngôn ngữ ở trang sau"), "it says so");
        let refused = admin.send("/console/account", "/console/people/99999/lock", &[]);
        assert_eq!((refused.status, switch(&refused.body)), (404, 0));
        let filters = admin.get("/console/audit?from=2026-11-02&to=2026-11-01");
        assert_eq!((filters.status, switch(&filters.body)), (422, 1), "filters are in the address and stay");
        let next = hrefs(&filters.body, "form[action='/console/language'] input[name=next]", "value");
        assert_eq!(next, ["/console/audit?from=2026-11-02&to=2026-11-01"]);
    }
}

on_both! {
    fn what_was_typed_when_the_session_had_ended_is_sent_after_signing_in(app) {
        let link = app.link("dat-dai", Stage::Result);
        let mut browser = app.browser("nhap", Role::Method, None);
        let batch = open(&mut browser, &link, "1").location;
        let csrf = browser.proof(&batch);
        browser.send("/console/account", "/console/account/sign-out", &[]);
        let typed = [("csrf", &*csrf), ("sheet", "1"), ("answers", "555550"), ("comment", "Đất & nhà: 5 + 5")];

        let asked = browser.post(&format!("{batch}/sheets"), &typed);

        assert_eq!(asked.status, 200, "{}", asked.location);
        assert!(asked.body.contains("Nội dung vừa nhập vẫn được giữ"), "{}", asked.body);
        let hidden = |page: &str, name: &str| attribute(page, &format!("input[name={name}]"), "value").unwrap();
        let (to, kept) = (hidden(&asked.body, "to"), hidden(&asked.body, "typed"));
        assert_eq!(to, format!("{batch}/sheets"));
        let wrong = [("login", "nhap"), ("password", "1"), ("to", &*to), ("typed", &*kept)];
        let wrong = browser.post("/console/sign-in", &wrong);
        assert_eq!((wrong.status, hidden(&wrong.body, "typed")), (422, kept.clone()));
        let right = [("login", "nhap"), ("password", PASSWORD), ("to", &*to), ("typed", &*kept)];
        let resumed = browser.post("/console/sign-in", &right);
        assert_eq!(hidden(&resumed.body, "comment"), "Đất & nhà: 5 + 5", "{}", resumed.body);
        let again = ["csrf", "sheet", "answers", "comment"].map(|name| (name, hidden(&resumed.body, name)));
        let again = again.each_ref().map(|(name, value)| (*name, &**value));

        let stored = browser.post(&to, &again);

        assert_eq!((stored.status, stored.location), (303, format!("{batch}?sheet=1")));
        let page = browser.get(&batch).body;
        assert!(page.contains("1 / 1"), "{page}");

        let mut nobody = Browser::new(app);
        assert_eq!(nobody.post(&to, &[("csrf", "1")]).location, "/console/sign-in", "nothing was typed");
        assert_eq!(nobody.post("/console/password", &[("new", "1")]).location, "/console/sign-in");
    }
}

on_both! {
    fn sessions_are_told_apart_by_their_devices(app) {
        let browser = app.browser("an", Role::Administrator, None);
        let agent = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1 Version/18.0 Safari/604.1";
        let sign_in = App::agent().post(format!("{}/console/sign-in", app.url)).header("User-Agent", agent);
        assert_eq!(sign_in.send_form([("login", "an"), ("password", PASSWORD)]).unwrap().status(), 303);

        let page = browser.get("/console/account").body;

        assert!(page.contains("Safari, iPhone"), "{page}");
        assert!(browser.get("/console/account.csv").body.contains("Safari, iPhone"));
    }
}
