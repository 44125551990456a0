//! Every route of the console with every role: whoever may not see a thing is told that there is none.

mod routes;

use std::path::Path;

use diesel::RunQueryDsl;
use diesel::sql_types::BigInt;
use hailong::domain::link::{Link, Stage};
use hailong::domain::person::Role;
use scraper::{Html, Selector};

use routes::{DEEDS, FOREIGN_FORMS, Need, OWN, UPLOADS};

use crate::support::answers::{LAND, QUARTER, store};
use crate::support::publishing::close;
use crate::support::staff::Browser;
use crate::support::{App, Reply, draft, id, on_both, today};

pub use routes::PAGES;

/// Things of a unit to which nobody here is bound.
struct Foreign {
    link: Link,
    comment: String,
    batch: String,
    draft: String,
    job: String,
    publication: String,
    unit: String,
    target: String,
    field: String,
    procedure: String,
    code: String,
}

impl Foreign {
    fn make(app: &App) -> Self {
        let link = app.link_of(&draft(&app.snapshot(), "22972", "Quầy xa", "dat-dai", Stage::Result));
        let answer = [("id", &*id()), ("overall", "1"), ("comment", "Chờ lâu")];
        assert_eq!(app.post(&format!("/s/{}", link.code), &answer).status, 303);
        let mut administrator = app.browser("goc", Role::Administrator, None);
        let comment = href(&administrator, "/console/comments", ".remark-text a");
        let made = administrator.send(
            "/console/catalogue/questionnaires",
            "/console/catalogue/questionnaires",
            &[("kind", "tthc")],
        );
        assert_eq!(made.status, 303, "{}", made.body);
        let [counter, field] = [link.counter.to_string(), link.field.unwrap().to_string()];
        let day = today().to_string();
        let batch = [
            ("counter", &*counter),
            ("channel", "paper"),
            ("kind", "tthc"),
            ("field", &*field),
            ("stage", "result"),
            ("day", &*day),
            ("announced", "3"),
        ];
        let opened = administrator.send("/console/entry/batches/new", "/console/entry/batches", &batch);
        assert_eq!(opened.status, 303, "{}", opened.body);
        let keyed = format!("{}/sheets", opened.location);
        let sheet = [("sheet", "1"), ("answers", "555550"), ("comment", "")];
        assert_eq!(administrator.send(&opened.location, &keyed, &sheet).status, 303);
        let sheet = administrator.send("/console/account", "/console/links/sheet", &[]);
        assert_eq!(administrator.get(&format!("{}/file", sheet.location)).status, 200, "{}", sheet.body);
        store(app, &[LAND]);
        let publication = close(app, QUARTER).unwrap().to_string();
        let snapshot = app.snapshot();
        Self {
            publication,
            job: last(&sheet.location),
            unit: snapshot.counters[&link.counter].unit.to_string(),
            target: snapshot.targets[0].key.clone(),
            comment: last(&comment),
            batch: last(&opened.location),
            draft: last(&made.location),
            field,
            procedure: snapshot.procedures[0].procedure.to_string(),
            code: "22972".to_owned(),
            link,
        }
    }

    fn fill(&self, pattern: &str) -> String {
        pattern
            .replace("{unit}", &self.unit)
            .replace("{counter}", &self.link.counter.to_string())
            .replace("{link}", &self.link.id.to_string())
            .replace("{comment}", &self.comment)
            .replace("{batch}", &self.batch)
            .replace("{draft}", &self.draft)
            .replace("{job}", &self.job)
            .replace("{publication}", &self.publication)
            .replace("{target}", &self.target)
            .replace("{field}", &self.field)
            .replace("{procedure}", &self.procedure)
            .replace("{person}", "1")
            .replace("{code}", &self.code)
            .replace("{today}", &today().to_string())
    }
}

/// The same address of things that there never were.
fn nowhere(pattern: &str) -> String {
    let never = id();
    let number =
        ["{unit}", "{counter}", "{link}", "{batch}", "{draft}", "{publication}", "{field}", "{procedure}"];
    let named = number
        .into_iter()
        .chain(["{person}"])
        .fold(pattern.to_owned(), |address, name| address.replace(name, "987654321"));
    let named =
        named.replace("{comment}", &never).replace("{job}", &never).replace("{today}", &today().to_string());
    named.replace("{target}", "khong-co").replace("{code}", "99999")
}

/// What a page says, without the frame around it.
fn said(reply: &Reply) -> String {
    let page = Html::parse_document(&reply.body);
    let text =
        page.select(&Selector::parse("main").unwrap()).flat_map(|main| main.text()).collect::<String>();
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn last(address: &str) -> String {
    let path = address.split('?').next().unwrap();
    path.rsplit('/').next().unwrap().to_owned()
}

fn href(browser: &Browser<'_>, page: &str, selector: &str) -> String {
    let page = Html::parse_document(&browser.get(page).body);
    let link = page.select(&Selector::parse(selector).unwrap()).next().expect(selector);
    link.attr("href").unwrap().to_owned()
}

#[derive(diesel::QueryableByName)]
struct Count {
    #[diesel(sql_type = BigInt)]
    rows: i64,
}

/// Rows of the audit: whatever is changed leaves one.
fn changes(app: &App) -> i64 {
    let counted = app.database().read(|conn| {
        Ok(diesel::sql_query("SELECT COUNT(*) AS rows FROM audit").get_result::<Count>(conn).unwrap())
    });
    counted.unwrap().rows
}

on_both! {
    fn every_role_gets_what_it_may_and_is_told_of_nothing_else(app) {
        let foreign = Foreign::make(app);
        let own = app.snapshot().units.by_code("24781", today()).unwrap().unit;
        let mut wrong = Vec::new();
        for role in Role::ALL {
            let unit = (!role.sees_province()).then_some(own);
            let mut browser = app.browser(role.key(), role, unit);
            for (pattern, need) in PAGES {
                let address = foreign.fill(pattern);
                let status = browser.get(&address).status;
                let expected = if need.is_met(role) { 200 } else { 404 };
                if status != expected {
                    wrong.push(format!("{} GET {address}: {status}, expected {expected}", role.key()));
                }
            }
            for (pattern, need) in PAGES.iter().filter(|(pattern, _)| pattern.contains('{')) {
                let (never, there) = (browser.get(&nowhere(pattern)), browser.get(&foreign.fill(pattern)));
                if never.status != 404 {
                    wrong.push(format!("{} GET {}: {}, expected 404", role.key(), nowhere(pattern), never.status));
                }
                if !need.is_met(role) && said(&there) != said(&never) {
                    wrong.push(format!("{} GET {pattern}: {} and {}", role.key(), said(&there), said(&never)));
                }
            }
            let before = changes(app);
            for (path, need) in UPLOADS.iter().filter(|(_, need)| !need.is_met(role)) {
                let status = browser.upload_to("/console/account", path, &[("kind", "units")], "code,name").status;
                if status != 404 {
                    wrong.push(format!("{} POST {path}: {status}, expected 404", role.key()));
                }
                assert!(matches!(need, Need::May(_)), "{path}");
            }
            for (path, fields) in FOREIGN_FORMS.iter().filter(|_| !role.sees_province()) {
                let mut sent = |fill: &dyn Fn(&str) -> String| {
                    let filled: Vec<(&str, String)> = fields.iter().map(|(name, value)| (*name, fill(value))).collect();
                    let pairs: Vec<(&str, &str)> = filled.iter().map(|(name, value)| (*name, value.as_str())).collect();
                    browser.send("/console/account", path, &pairs)
                };
                let (there, never) = (sent(&|text| foreign.fill(text)), sent(&nowhere));
                if (there.status, never.status) != (404, 404) || said(&there) != said(&never) {
                    wrong.push(format!("{} POST {path}: {} {} and {} {}", role.key(), there.status, said(&there), never.status, said(&never)));
                }
            }
            for (pattern, _) in DEEDS.iter().filter(|(_, need)| !need.is_met(role)) {
                let there = browser.send("/console/account", &foreign.fill(pattern), &[]);
                let never = browser.send("/console/account", &nowhere(pattern), &[]);
                if (there.status, never.status) != (404, 404) || said(&there) != said(&never) {
                    wrong.push(format!("{} POST {pattern}: {} {} and {} {}", role.key(), there.status, said(&there), never.status, said(&never)));
                }
            }
            assert_eq!(changes(app), before, "{} changed something", role.key());
        }
        let stranger = Browser::new(app);
        for (pattern, _) in PAGES {
            let reply = stranger.get(&foreign.fill(pattern));
            if reply.status != 303 || !reply.location.starts_with("/console/sign-in") {
                wrong.push(format!("a stranger at {pattern}: {}", reply.status));
            }
        }
        assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
    }
}

/// A route of the console as the sources name it, and whether it is read and whether it takes forms.
type Route = (String, bool, bool);

fn registered(folder: &Path, found: &mut Vec<Route>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            registered(&path, found);
            continue;
        }
        let text = std::fs::read_to_string(&path).unwrap();
        for rest in text.split("resource(").skip(1) {
            let Some((name, after)) =
                rest.trim_start().strip_prefix('"').and_then(|rest| rest.split_once('"'))
            else {
                continue;
            };
            // What follows the last one of a function is of another.
            let after = after.split(';').next().unwrap();
            let methods = (after.contains("get()") || after.contains("read()"), after.contains("post()"));
            let name = match name {
                name if name.starts_with("/console") => name.to_owned(),
                // The routes of questionnaires stand in a scope of their own.
                name if name.is_empty() || name.starts_with("/{id}") => {
                    format!("/console/catalogue/questionnaires{name}")
                }
                _ => continue,
            };
            found.push((name, methods.0, methods.1));
        }
    }
}

/// Whether an address of the tables is one of a route: a name in braces stands for one segment.
pub fn is_of(route: &str, address: &str) -> bool {
    let address = address.split('?').next().unwrap();
    let (route, address) = (route.replace(".{format}", "/{format}"), address.replace(".csv", "/csv"));
    let (route, address): (Vec<&str>, Vec<&str>) = (route.split('/').collect(), address.split('/').collect());
    route.len() == address.len()
        && route.iter().zip(&address).all(|(one, other)| one.starts_with('{') || one == other)
}

#[test]
fn no_route_of_the_console_is_forgotten() {
    let mut found = Vec::new();
    registered(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src/web"), &mut found);
    assert!(found.len() > 60, "{} routes are too few to be all", found.len());
    let of = |route: &str, walked: &[(&str, Need)]| {
        OWN.contains(&route) || walked.iter().any(|(address, _)| is_of(route, address))
    };
    let mut forgotten = Vec::new();
    for (route, is_read, takes_forms) in &found {
        assert!(*is_read || *takes_forms, "{route}: neither method was found");
        if *is_read && !of(route, PAGES) {
            forgotten.push(format!("GET {route}"));
        }
        if *takes_forms && !of(route, DEEDS) && !of(route, UPLOADS) {
            forgotten.push(format!("POST {route}"));
        }
    }
    assert!(forgotten.is_empty(), "{forgotten:?}");
}
