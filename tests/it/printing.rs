//! Sheets of exactly the codes that a list shows, and of those that were made together.

use std::collections::BTreeSet;

use hailong::domain::link::{Link, Stage};
use hailong::domain::person::Role;

use crate::entry::select;
use crate::support::{App, draft, on_both, today};

const LIST: &str = "/console/links";

/// The codes that a sheet or a list shows, without the blank within.
fn codes(app: &App, page: &str) -> BTreeSet<String> {
    let links = app.snapshot();
    let is_shown = |link: &&Link| {
        let (head, tail) = link.code.as_str().split_at(3);
        page.contains(&format!("/s/{}", link.code)) || page.contains(&format!("{head} {tail}"))
    };
    links.links.values().filter(is_shown).map(|link| link.code.to_string()).collect()
}

fn own(links: &[&Link]) -> BTreeSet<String> {
    links.iter().map(|link| link.code.to_string()).collect()
}

/// Where a page leads whose words begin so.
fn leads(page: &str, word: &str) -> Option<String> {
    let page = scraper::Html::parse_document(page);
    let anchors = scraper::Selector::parse("main a").unwrap();
    let found = page.select(&anchors).find(|one| one.text().collect::<String>().starts_with(word))?;
    found.attr("href").map(str::to_owned)
}

on_both! {
    fn a_sheet_shows_exactly_the_codes_of_the_list_and_keeps_them_in_another_format(app) {
        let make = |counter: &str, stage| app.link_of(&draft(&app.snapshot(), "24781", counter, "dat-dai", stage));
        let (one, two) = (make("Quầy Sen", Stage::Result), make("Quầy Sen", Stage::Refusal));
        make("Quầy Mai", Stage::Result);
        let revoked = make("Quầy Sen", Stage::Intake);
        let mut later = draft(&app.snapshot(), "24781", "Quầy Sen", "dat-dai", Stage::Supplement);
        later.valid_from = today() + chrono::Days::new(9);
        let later = app.database().write(|conn| hailong::app::links::create(conn, &hailong::domain::person::Actor::Operator, &later)).unwrap();
        let mut browser = app.browser("an", Role::Method, None);
        let page = format!("{LIST}/{}", revoked.id);
        assert_eq!(browser.send(&page, &format!("{page}/revocation"), &[]).status, 303);

        let list = browser.get(&format!("{LIST}?q=quay+sen")).body;
        let sheet = leads(&list, "In 3 mã này").expect("the revoked one cannot be printed");
        let printed = browser.get(&sheet);

        assert_eq!(printed.status, 200, "{sheet}");
        assert_eq!(codes(app, &printed.body), own(&[&one, &two, &later]), "also the one that begins later");
        let stickers = select(&printed.body, "nav a").len();
        assert_eq!(stickers, 3);
        let page = scraper::Html::parse_document(&printed.body);
        let other = page.select(&scraper::Selector::parse("nav a:not([aria-current])").unwrap()).next().unwrap();
        let other = browser.get(&format!("{LIST}/sheet{}", other.attr("href").unwrap()));
        assert_eq!(codes(app, &other.body), own(&[&one, &two, &later]));
        assert!(leads(&browser.get(&format!("{LIST}?q=khong+co")).body, "In ").is_none());
        assert_eq!(browser.get(&format!("{LIST}/sheet?listed=1&q=khong+co")).status, 404);

        let elsewhere = app.browser("xa", Role::UnitViewer, Some(app.unit("22972")));
        assert_eq!(elsewhere.get(&sheet).status, 404, "nobody prints what the list does not show");
    }
}

on_both! {
    fn codes_that_a_job_made_are_listed_and_printed_together(app) {
        let before: Vec<Link> = app.snapshot().links.values().cloned().collect();
        let other = app.link("dat-dai", Stage::Result);
        let mut browser = app.browser("an", Role::Method, None);
        let (unit, day) = (app.unit("24781").to_string(), today().to_string());
        let form = [("units", &*unit), ("kind", "tthc"), ("stages", "refusal"), ("stages", "intake"), ("from", &*day)];
        let preview = browser.send("/console/links/bulk", "/console/links/bulk", &form).body;
        let done = browser.carry_out(&preview);
        let list = leads(&done, "Xem và in các mã vừa tạo").unwrap();

        let shown = browser.get(&list).body;

        let snapshot = app.snapshot();
        let made: Vec<&Link> = snapshot
            .links
            .values()
            .filter(|link| link.id != other.id && before.iter().all(|old| old.id != link.id))
            .collect();
        assert!(made.len() >= 2);
        assert_eq!(select(&shown, "table tbody tr").len(), made.len());
        assert!(leads(&shown, "Xem tất cả mã").is_some());
        let sheet = leads(&shown, &format!("In {} mã này", made.len())).unwrap();
        assert_eq!(codes(app, &browser.get(&sheet).body), own(&made));
        let drawn = browser.send(&list, "/console/links/sheet", &[("listed", "1"), ("job", list.rsplit('=').next().unwrap())]);
        assert!(browser.ended(&drawn.location).contains(&format!("cho {} mã QR", made.len())), "as a job too");
    }
}
