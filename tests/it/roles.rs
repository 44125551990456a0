//! Every route of the console with every role: whoever may not see a thing is told that there is none.

use std::path::Path;

use diesel::RunQueryDsl;
use diesel::sql_types::BigInt;
use hailong::domain::link::{Link, Stage};
use hailong::domain::person::{Permission, Role};
use scraper::{Html, Selector};

use crate::support::answers::{LAND, QUARTER, store};
use crate::support::publishing::close;
use crate::support::staff::Browser;
use crate::support::{App, draft, id, on_both, today};

/// Who gets an answer from a route.
#[derive(Clone, Copy)]
enum Need {
    /// Every signed-in person.
    Nothing,
    /// Whoever may do something.
    May(Permission),
    /// Whoever sees the whole province: the address names a thing of another unit.
    Province,
    /// Whoever sees the whole province and may do something.
    ProvinceAnd(Permission),
    /// Whoever started it, and nobody else.
    Owner,
}

impl Need {
    fn is_met(self, role: Role) -> bool {
        match self {
            Self::Nothing => true,
            Self::May(permission) => role.may(permission),
            Self::Province => role.sees_province(),
            Self::ProvinceAnd(permission) => role.sees_province() && role.may(permission),
            Self::Owner => false,
        }
    }
}

use Need::{May, Nothing, Owner, Province, ProvinceAnd};
use Permission::{
    EnterAnswers, HandleComments, ManageCatalogue, ManageLinks, ManagePeople, Publish, ReadAudit,
    ReadPublications, SeeSmallGroups, UnmaskComments,
};

/// Addresses that are read. In braces stands a thing of another unit.
const PAGES: &[(&str, Need)] = &[
    ("/console", Nothing),
    ("/console?unit={unit}", Province),
    ("/console/breakdown", Nothing),
    ("/console/breakdown?unit={unit}", Province),
    ("/console/breakdown?counter={counter}", Province),
    ("/console/map", Nothing),
    ("/console/map?unit={unit}", Province),
    ("/console/priorities", Nothing),
    ("/console/priorities?unit={unit}", Province),
    ("/console/priorities.csv", Nothing),
    ("/console/priorities.csv?unit={unit}", Province),
    ("/console/alerts", Nothing),
    ("/console/alerts.csv", Nothing),
    ("/console/scores.csv", Nothing),
    ("/console/scores.csv?unit={unit}", Province),
    ("/console/answers.csv", May(SeeSmallGroups)),
    ("/console/answers.csv?unit={unit}", May(SeeSmallGroups)),
    ("/console/comments", Nothing),
    ("/console/comments?unit={unit}", Province),
    ("/console/comments?counter={counter}", Province),
    ("/console/comments.csv", Nothing),
    ("/console/comments.csv?unit={unit}", Province),
    ("/console/comments/{comment}", Province),
    ("/console/links", Nothing),
    ("/console/links.csv", Nothing),
    ("/console/links/new", May(ManageLinks)),
    ("/console/links/bulk", May(ManageLinks)),
    ("/console/links/sheet", Nothing),
    ("/console/links/{link}", Province),
    ("/console/links/{link}/sheet", Province),
    ("/console/entry", May(EnterAnswers)),
    ("/console/entry/batches", May(EnterAnswers)),
    ("/console/entry/batches.csv", May(EnterAnswers)),
    ("/console/entry/batches/new", May(EnterAnswers)),
    ("/console/entry/batches/{batch}", ProvinceAnd(EnterAnswers)),
    ("/console/entry/batches/{batch}/sheets/1", ProvinceAnd(EnterAnswers)),
    ("/console/entry/import/answers", May(EnterAnswers)),
    ("/console/entry/import/answers/template.csv", May(EnterAnswers)),
    ("/console/dossiers", May(EnterAnswers)),
    ("/console/dossiers.csv", May(EnterAnswers)),
    ("/console/dossiers/{unit}/2026-09", ProvinceAnd(EnterAnswers)),
    ("/console/catalogue", May(ManageCatalogue)),
    ("/console/catalogue/units", May(ManageCatalogue)),
    ("/console/catalogue/units.csv", May(ManageCatalogue)),
    ("/console/catalogue/units/new", May(ManageCatalogue)),
    ("/console/catalogue/units/{unit}", May(ManageCatalogue)),
    ("/console/catalogue/units/{unit}/merge", May(ManageCatalogue)),
    ("/console/catalogue/counters/new?unit={unit}", May(ManageCatalogue)),
    ("/console/catalogue/counters/{counter}", May(ManageCatalogue)),
    ("/console/catalogue/fields", May(ManageCatalogue)),
    ("/console/catalogue/fields.csv", May(ManageCatalogue)),
    ("/console/catalogue/fields/new", May(ManageCatalogue)),
    ("/console/catalogue/fields/1", May(ManageCatalogue)),
    ("/console/catalogue/procedures", May(ManageCatalogue)),
    ("/console/catalogue/procedures.csv", May(ManageCatalogue)),
    ("/console/catalogue/procedures/new", May(ManageCatalogue)),
    ("/console/catalogue/procedures/1", May(ManageCatalogue)),
    ("/console/catalogue/procedures/1/close", May(ManageCatalogue)),
    ("/console/catalogue/targets", May(ManageCatalogue)),
    ("/console/catalogue/targets.csv", May(ManageCatalogue)),
    ("/console/catalogue/targets/new", May(ManageCatalogue)),
    ("/console/catalogue/targets/{target}", May(ManageCatalogue)),
    ("/console/catalogue/figures/new", May(ManageCatalogue)),
    ("/console/catalogue/import", May(ManageCatalogue)),
    ("/console/catalogue/import/template/units.csv", May(ManageCatalogue)),
    ("/console/catalogue/questionnaires", May(ManageCatalogue)),
    ("/console/catalogue/questionnaires.csv", May(ManageCatalogue)),
    ("/console/catalogue/questionnaires/{draft}", May(ManageCatalogue)),
    ("/console/catalogue/questionnaires/{draft}/changes", May(ManageCatalogue)),
    ("/console/catalogue/questionnaires/{draft}/preview", May(ManageCatalogue)),
    ("/console/catalogue/questionnaires/{draft}/preview/page", May(ManageCatalogue)),
    ("/console/catalogue/questionnaires/{draft}/questions/new", May(ManageCatalogue)),
    ("/console/catalogue/questionnaires/{draft}/questions/staff", May(ManageCatalogue)),
    ("/console/catalogue/questionnaires/{draft}/languages/en", May(ManageCatalogue)),
    ("/console/publications", May(ReadPublications)),
    ("/console/publications.csv", May(ReadPublications)),
    ("/console/publications/{publication}", May(ReadPublications)),
    ("/console/publications/{publication}/public.json", May(ReadPublications)),
    ("/console/publications/{publication}/complete.json", May(SeeSmallGroups)),
    ("/console/people", May(ManagePeople)),
    ("/console/people.csv", May(ManagePeople)),
    ("/console/people/new", May(ManagePeople)),
    ("/console/people/1", May(ManagePeople)),
    ("/console/people/1.csv", May(ManagePeople)),
    ("/console/api-keys", May(ManagePeople)),
    ("/console/api-keys.csv", May(ManagePeople)),
    ("/console/audit", May(ReadAudit)),
    ("/console/audit.csv", May(ReadAudit)),
    ("/console/jobs", Nothing),
    ("/console/jobs.csv", Nothing),
    ("/console/jobs/{job}", Owner),
    ("/console/jobs/{job}/file", Owner),
    ("/console/jobs/{job}/faults.csv", Owner),
    ("/console/account", Nothing),
    ("/console/account.csv", Nothing),
    ("/console/map?counter={counter}", Province),
    ("/console/account/totp", Nothing),
    ("/console/password", Nothing),
];

/// Addresses that change something.
const DEEDS: &[(&str, Need)] = &[
    ("/console/comments/{comment}/acknowledgement", ProvinceAnd(HandleComments)),
    ("/console/comments/{comment}/unmasking", ProvinceAnd(UnmaskComments)),
    ("/console/links", May(ManageLinks)),
    ("/console/links/bulk", May(ManageLinks)),
    ("/console/links/{link}/revocation", May(ManageLinks)),
    ("/console/links/{link}/replacement", May(ManageLinks)),
    ("/console/entry/batches", May(EnterAnswers)),
    ("/console/entry/batches/{batch}/sheets", ProvinceAnd(EnterAnswers)),
    ("/console/entry/batches/{batch}/sheets/1", ProvinceAnd(EnterAnswers)),
    ("/console/entry/batches/{batch}/sheets/1/striking", ProvinceAnd(EnterAnswers)),
    ("/console/entry/batches/{batch}/checks", ProvinceAnd(EnterAnswers)),
    ("/console/entry/batches/{batch}/closure", ProvinceAnd(EnterAnswers)),
    ("/console/entry/import/answers/application", May(EnterAnswers)),
    ("/console/dossiers/{unit}/2026-09", ProvinceAnd(EnterAnswers)),
    ("/console/catalogue/units", May(ManageCatalogue)),
    ("/console/catalogue/units/{unit}/merge", May(ManageCatalogue)),
    ("/console/catalogue/counters", May(ManageCatalogue)),
    ("/console/catalogue/counters/{counter}", May(ManageCatalogue)),
    ("/console/catalogue/fields", May(ManageCatalogue)),
    ("/console/catalogue/fields/1", May(ManageCatalogue)),
    ("/console/catalogue/procedures", May(ManageCatalogue)),
    ("/console/catalogue/procedures/1/close", May(ManageCatalogue)),
    ("/console/catalogue/targets", May(ManageCatalogue)),
    ("/console/catalogue/targets/{target}", May(ManageCatalogue)),
    ("/console/catalogue/figures", May(ManageCatalogue)),
    ("/console/catalogue/import/application", May(ManageCatalogue)),
    ("/console/catalogue/questionnaires", May(ManageCatalogue)),
    ("/console/catalogue/questionnaires/{draft}/publication", May(ManageCatalogue)),
    ("/console/catalogue/questionnaires/{draft}/deletion", May(ManageCatalogue)),
    ("/console/catalogue/questionnaires/{draft}/questions", May(ManageCatalogue)),
    ("/console/catalogue/questionnaires/{draft}/questions/staff", May(ManageCatalogue)),
    ("/console/catalogue/questionnaires/{draft}/questions/staff/place", May(ManageCatalogue)),
    ("/console/catalogue/questionnaires/{draft}/questions/staff/deletion", May(ManageCatalogue)),
    ("/console/catalogue/questionnaires/{draft}/languages", May(ManageCatalogue)),
    ("/console/catalogue/questionnaires/{draft}/languages/en", May(ManageCatalogue)),
    ("/console/catalogue/questionnaires/{draft}/languages/en/deletion", May(ManageCatalogue)),
    ("/console/publications", May(Publish)),
    ("/console/publications/{publication}/submission", May(Publish)),
    ("/console/jobs/{job}/cancellation", May(ManagePeople)),
    ("/console/jobs/{job}/preview", Owner),
    ("/console/people", May(ManagePeople)),
    ("/console/people/1", May(ManagePeople)),
    ("/console/people/1/lock", May(ManagePeople)),
    ("/console/people/1/unlock", May(ManagePeople)),
    ("/console/people/1/reset", May(ManagePeople)),
    ("/console/people/1/sign-out", May(ManagePeople)),
    ("/console/people/1/totp-reset", May(ManagePeople)),
    ("/console/people/1/sessions/x/ending", May(ManagePeople)),
    ("/console/api-keys", May(ManagePeople)),
    ("/console/api-keys/1/revocation", May(ManagePeople)),
];

/// Routes that are open to every signed-in person, or before signing in; other tests walk them.
const OWN: &[&str] = &[
    "/console/sign-in",
    "/console/sign-out",
    "/console/invitation/{token}",
    "/console/language",
    "/console/account/sign-out",
    "/console/account/sessions/{session}/ending",
    "/console/account/totp/recovery",
    "/console/account/totp/removal",
    // Read with a thing in the address that an empty form has not.
    "/console/catalogue/figures/edit",
];

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
    }
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
            let before = changes(app);
            for (pattern, _) in DEEDS.iter().filter(|(_, need)| !need.is_met(role)) {
                let address = foreign.fill(pattern);
                let status = browser.send("/console/account", &address, &[]).status;
                if status != 404 {
                    wrong.push(format!("{} POST {address}: {status}, expected 404", role.key()));
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

/// The routes of the console as the sources name them.
fn routes(folder: &Path, found: &mut Vec<String>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            routes(&path, found);
            continue;
        }
        let text = std::fs::read_to_string(&path).unwrap();
        let named = text.split("resource(").skip(1).filter_map(|rest| rest.trim_start().strip_prefix('"'));
        for name in named.filter_map(|rest| rest.split('"').next()) {
            match name {
                name if name.starts_with("/console") => found.push(name.to_owned()),
                // The routes of questionnaires stand in a scope of their own.
                name if name.is_empty() || name.starts_with("/{id}") => {
                    found.push(format!("/console/catalogue/questionnaires{name}"));
                }
                _ => {}
            }
        }
    }
}

/// Whether an address of the tables is one of a route: a name in braces stands for one segment.
fn is_of(route: &str, address: &str) -> bool {
    let address = address.split('?').next().unwrap();
    let (route, address) = (route.replace(".{format}", "/{format}"), address.replace(".csv", "/csv"));
    let (route, address): (Vec<&str>, Vec<&str>) = (route.split('/').collect(), address.split('/').collect());
    route.len() == address.len()
        && route.iter().zip(&address).all(|(one, other)| one.starts_with('{') || one == other)
}

#[test]
fn no_route_of_the_console_is_forgotten() {
    let mut found = Vec::new();
    routes(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src/web"), &mut found);
    assert!(found.len() > 60, "{} routes are too few to be all", found.len());
    let is_walked = |route: &String| {
        OWN.contains(&route.as_str()) || PAGES.iter().chain(DEEDS).any(|(address, _)| is_of(route, address))
    };
    let forgotten: Vec<&String> = found.iter().filter(|route| !is_walked(route)).collect();
    assert!(forgotten.is_empty(), "{forgotten:?}");
}
