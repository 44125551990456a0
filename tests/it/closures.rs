//! Fields and counters that are closed and opened again: what citizens and staff then find.

use hailong::domain::link::{Link, Stage};
use hailong::domain::person::Role;

use crate::support::staff::Browser;
use crate::support::table;
use crate::support::{App, draft, id, on_both, today};

const FIELDS: &str = "/console/catalogue/fields";

/// A link whose citizens choose the field themselves.
fn open_link(app: &App) -> Link {
    let mut draft = draft(&app.snapshot(), "24781", "Quầy chung", "dat-dai", Stage::Result);
    (draft.field, draft.procedure) = (None, None);
    app.link_of(&draft)
}

fn all_keys(browser: &Browser<'_>, address: &str) -> Vec<String> {
    let (_, rows) = table::rows(&browser.bytes(address).1);
    rows.into_iter().map(|mut row| row.remove("key").unwrap()).collect()
}

on_both! {
    fn a_field_is_added_at_its_place_renamed_and_moved(app) {
        let mut browser = app.browser("an", Role::Method, None);
        let (page, csv) = (format!("{FIELDS}/new"), format!("{FIELDS}.csv"));
        let before = all_keys(&browser, &csv);
        let form = |key, name| [("key", key), ("name", name), ("name_en", "Waste & water"), ("place", "1")];
        let wrong = browser.send(&page, FIELDS, &form("Tài nguyên nước", "Tài nguyên nước"));
        assert_eq!(wrong.status, 422);
        assert!(wrong.body.contains("value=\"Tài nguyên nước\""), "what was typed is kept");
        let known = app.snapshot().fields[0].clone();
        assert_eq!(browser.send(&page, FIELDS, &form(&known.key, "Tài nguyên nước")).status, 422, "a key is unique");
        assert_eq!(browser.send(&page, FIELDS, &form("tai-nguyen-nuoc", &known.name)).status, 422, "so is a name");
        assert_eq!(browser.send(&page, FIELDS, &form("tai-nguyen-nuoc", "Tài nguyên nước")).status, 303);
        let keys = all_keys(&browser, &csv);
        assert_eq!((keys.len(), keys[0].as_str(), keys[1].as_str()), (before.len() + 1, &*before[0], "tai-nguyen-nuoc"));

        let link = open_link(app);
        let offered = app.get(&format!("/s/{}", link.code)).body;
        assert!(offered.contains("Tài nguyên nước"), "citizens may choose it");
        assert!(app.get(&format!("/s/{}?lang=en", link.code)).body.contains("Waste &#38; water"));
        let made = app.snapshot().field_by_key("tai-nguyen-nuoc").unwrap().id;
        let page = format!("{FIELDS}/{made}");
        let last = before.len().to_string();
        let renamed = [("name", "Tài nguyên nước mới"), ("name_en", "Water resources"), ("place", &*last)];
        assert_eq!(browser.send(&page, &page, &renamed).status, 303);
        assert_eq!(all_keys(&browser, &csv).last().map(String::as_str), Some("tai-nguyen-nuoc"));
        assert!(app.get(&format!("/s/{}", link.code)).body.contains("Tài nguyên nước mới"));
        let auditor = app.browser("ha", Role::Auditor, None);
        let told = auditor.get(&format!("/console/audit.csv?subject=field:{made}")).body;
        assert!(told.contains("Waste & water") && told.contains("Water resources"), "{told}");
    }
}

on_both! {
    fn a_closed_field_takes_nothing_new_and_keeps_what_it_has(app) {
        let land = app.snapshot().field_by_key("dat-dai").unwrap().clone();
        let (named, open) = (app.link("dat-dai", Stage::Result), open_link(app));
        let chosen = format!("/s/{}?field=dat-dai", open.code);
        assert_eq!(app.answer(&named, &id(), "5").status, 303);
        let answer = [("id", &*id()), ("overall", "4"), ("field", "dat-dai")];
        let mut browser = app.browser("an", Role::Administrator, None);
        let page = format!("{FIELDS}/{}", land.id);
        let day = today().to_string();
        let form = |name, day| [("name", &*land.name), ("name_en", &*land.name_en), ("place", "0"), (name, day)];
        assert_eq!(browser.send(&page, &page, &form("reopened_from", &day)).status, 422, "it is open");
        assert_eq!(browser.send(&page, &page, &form("closed_from", &day)).status, 303);

        assert_eq!(app.get(&format!("/s/{}", named.code)).status, 410, "its own codes end");
        assert!(!app.get(&format!("/s/{}", open.code)).body.contains("field=dat-dai"), "nobody is offered it");
        assert!(app.get(&chosen).body.contains("field=thue"), "nor gets there by an old address");
        let late = app.post(&format!("/s/{}", open.code), &answer);
        assert_eq!(late.status, 422);
        for form in ["/console/links/new", "/console/entry/batches/new", "/console/catalogue/procedures/new"] {
            assert!(!browser.get(form).body.contains(&format!("value=\"{}\">{}", land.id, land.name)), "{form}");
        }
        let (field, unit) = (land.id.to_string(), app.snapshot().counters[&named.counter].unit.to_string());
        let new = [
            ("unit", &*unit), ("counter", "Quầy chung"), ("opens", "07:30"), ("closes", "17:00"),
            ("kind", "tthc"), ("field", &*field), ("stage", "result"), ("valid_from", &*day),
        ];
        let refused = browser.send("/console/links/new", "/console/links", &new);
        assert!(refused.status == 422 && refused.body.contains("lĩnh vực này đã đóng"), "{}", refused.status);
        let counter = named.counter.to_string();
        let batch = [
            ("counter", &*counter), ("channel", "paper"), ("kind", "tthc"), ("field", &*field),
            ("stage", "result"), ("day", &*day), ("announced", "3"),
        ];
        let refused = browser.send("/console/entry/batches/new", "/console/entry/batches", &batch);
        assert!(refused.status == 422 && refused.body.contains("lĩnh vực này đã đóng"), "{}", refused.status);
        let figures = browser.get(&format!("/console/priorities?field={field}")).body;
        assert!(figures.contains(&format!("value=\"{field}\" selected")), "it stays a filter");
        let csv = browser.get(&format!("/console/scores.csv?by=field&period={}", today().format("%Y"))).body;
        assert!(csv.contains(&land.name), "and keeps its figures: {csv}");

        assert!(browser.get(&page).body.contains("cần tạo và in mã mới"));
        assert_eq!(browser.send(&page, &page, &form("closed_from", &day)).status, 422, "it is closed");
        assert_eq!(browser.send(&page, &page, &form("reopened_from", &day)).status, 303);
        assert_eq!(app.post(&format!("/s/{}", open.code), &answer).status, 303);
        assert_eq!(app.get(&format!("/s/{}", named.code)).status, 410, "its own codes stay ended");
    }
}

on_both! {
    fn a_counter_opens_again_and_needs_new_codes(app) {
        let link = app.link("dat-dai", Stage::Result);
        let mut browser = app.browser("an", Role::Method, None);
        let page = format!("/console/catalogue/counters/{}", link.counter);
        let unit = format!("/console/catalogue/units/{}", app.snapshot().counters[&link.counter].unit);
        let day = today().to_string();
        let form = |name, day| [("counter", "Quầy thử"), ("opens", "07:30"), ("closes", "17:00"), (name, day)];
        for (before, expected) in [("1500-01-01", "01/01/1976"), ("1990-01-01", "01/07/2025"), ("2025-07-01", "01/07/2025")] {
            let refused = browser.send(&page, &page, &form("closed_from", before));
            assert!(refused.status == 422 && refused.body.contains(expected), "{before}: {}", refused.body);
        }
        assert_eq!(browser.send(&page, &page, &form("closed_from", &day)).status, 303);
        assert!(browser.get(&page).body.contains("cần tạo và in mã mới cho quầy"));
        let early = browser.send(&page, &page, &form("reopened_from", "2026-01-01"));
        assert!(early.status == 422 && early.body.contains("2026-01-01"), "before it closed: {}", early.status);
        let tomorrow = hailong::domain::day::next(today()).to_string();
        assert_eq!(browser.send(&page, &page, &form("reopened_from", &tomorrow)).status, 303);
        assert!(browser.get(&unit).body.contains("đóng, mở lại từ"));
        let counter = |app: &App| app.snapshot().counters[&link.counter].clone();
        assert!(counter(app).is_closed_on(today()));
        assert!(!counter(app).is_closed_on(hailong::domain::day::next(today())));
        assert_eq!(browser.send(&page, &page, &form("closed_from", &tomorrow)).status, 303, "or stays closed");
        assert_eq!(browser.send(&page, &page, &form("reopened_from", &day)).status, 303);
        assert!(!counter(app).is_closed_on(today()));
        assert_eq!(app.get(&format!("/s/{}", link.code)).status, 410, "the old code stays ended");
        app.link_of(&draft(&app.snapshot(), "24781", "Quầy thử", "dat-dai", Stage::Result));
        let mut auditor = app.browser("ha", Role::Auditor, None);
        let subject = format!("counter:{}", link.counter);
        let rows = auditor.get(&format!("/console/audit?subject={subject}")).body;
        let unit = app.snapshot().units.by_code("24781", today()).unwrap().name.clone();
        assert!(rows.contains(&format!("Quầy thử · {unit}")) && rows.contains(&subject), "{rows}");
        let people = auditor.get("/console/audit?subject=person:an").body;
        assert!(people.contains("Cán bộ an") && people.contains("person:an"));
        auditor.send("/console/account", "/console/language", &[("lang", "en")]);
        assert!(auditor.get("/console/audit?subject=link:").body.contains(&format!("QR code {} · ", link.code)));
        let csv = auditor.get(&format!("/console/audit.csv?subject={subject}")).body;
        assert!(csv.contains(&format!(",{subject},")), "an export keeps the id: {csv}");
    }
}

/// A day so many days from today.
fn in_days(days: i64) -> chrono::NaiveDate {
    today() + chrono::TimeDelta::days(days)
}

/// The form of a new link at a counter.
fn new_link<'a>(unit: &'a str, counter: &'a str, from: &'a str, until: &'a str) -> Vec<(&'a str, &'a str)> {
    vec![
        ("unit", unit),
        ("counter", counter),
        ("opens", "07:30"),
        ("closes", "17:00"),
        ("kind", "tthc"),
        ("stage", "result"),
        ("valid_from", from),
        ("valid_until", until),
    ]
}

on_both! {
    fn a_new_code_lives_within_the_life_of_its_counter_and_its_unit(app) {
        let link = open_link(app);
        let unit = app.unit("24781").to_string();
        let mut browser = app.browser("an", Role::Method, None);
        let counter = format!("/console/catalogue/counters/{}", link.counter);
        let (now, closing, after) = (today().to_string(), in_days(10).to_string(), in_days(20).to_string());
        let named = |name, day| [("counter", "Quầy chung"), ("opens", "07:30"), ("closes", "17:00"), (name, day)];
        assert_eq!(browser.send(&counter, &counter, &named("closed_from", &closing)).status, 303);
        let mut make = |name: &str, from: &str, until: &str| {
            browser.send("/console/links/new", "/console/links", &new_link(&unit, name, from, until))
        };
        let end = |app: &App, reply: &crate::support::Reply| {
            let id: i64 = reply.location.rsplit('/').next().unwrap().parse().unwrap();
            app.snapshot().link(id.into()).unwrap().valid_to
        };
        assert_eq!(app.snapshot().links[&link.code].valid_to, Some(in_days(10)), "the old one ends with it");
        let made = make("Quầy chung", &now, "");
        assert_eq!((made.status, end(app, &made)), (303, Some(in_days(10))), "a new one does so too");
        let last = in_days(9).to_string();
        assert_eq!(make("Quầy chung", &now, &last).status, 303);
        let refused = make("Quầy chung", &now, &closing);
        let told = in_days(9).format("%d/%m/%Y").to_string();
        assert!(refused.status == 422 && refused.body.contains(&format!("đến hết {told}")), "{}", refused.body);
        assert_eq!(make("Quầy chung", &after, "").status, 422, "it is closed by then");

        assert_eq!(browser.send(&counter, &counter, &named("reopened_from", &after)).status, 303);
        let mut make = |from: &str| {
            browser.send("/console/links/new", "/console/links", &new_link(&unit, "Quầy chung", from, ""))
        };
        let (between, again) = (make(&now), make(&after));
        assert_eq!((between.status, end(app, &between)), (303, Some(in_days(10))), "not beyond the gap");
        assert_eq!((again.status, end(app, &again)), (303, None));

        let page = format!("/console/catalogue/units/{unit}/close");
        let ends = in_days(30).to_string();
        assert_eq!(browser.send(&page, &page, &[("from", &ends)]).status, 303);
        assert_eq!(end(app, &again), Some(in_days(30)));
        let mut make = |from: &str, until: &str| {
            browser.send("/console/links/new", "/console/links", &new_link(&unit, "Quầy khác", from, until))
        };
        let made = make(&now, "");
        assert_eq!((made.status, end(app, &made)), (303, Some(in_days(30))));
        let refused = make(&now, &ends);
        assert!(refused.status == 422 && refused.body.contains("đơn vị này ngừng từ"), "{}", refused.body);
        assert_eq!(make(&ends, "").status, 422);
    }
}

on_both! {
    fn codes_in_bulk_end_with_their_counters_and_none_is_made_where_one_is_closed(app) {
        let (link, other) = (open_link(app), app.link("dat-dai", Stage::Result));
        let unit = app.unit("24781").to_string();
        let mut browser = app.browser("an", Role::Method, None);
        for (counter, name, day) in [(link.counter, "Quầy chung", in_days(10)), (other.counter, "Quầy thử", today())] {
            let page = format!("/console/catalogue/counters/{counter}");
            let form = [("counter", name), ("opens", "07:30"), ("closes", "17:00"), ("closed_from", &day.to_string())];
            assert_eq!(browser.send(&page, &page, &form).status, 303);
        }
        let now = today().to_string();
        let form = [("units", &*unit), ("kind", "tthc"), ("stages", "refusal"), ("from", &now)];
        let preview = browser.send("/console/links/bulk", "/console/links/bulk", &form).body;
        let page = browser.carry_out(&preview);
        assert!(page.contains("✓ Đã xong"), "{page}");
        let snapshot = app.snapshot();
        let made: Vec<&Link> = snapshot.links.values().filter(|one| one.stage == Some(Stage::Refusal)).collect();
        assert!(!made.is_empty());
        for one in made {
            assert_ne!(one.counter, other.counter, "a closed counter gets none");
            let end = (one.counter == link.counter).then(|| in_days(10));
            assert_eq!(one.valid_to, end);
        }
        let past = in_days(-3).to_string();
        let form = [("units", &*unit), ("kind", "tthc"), ("stages", "intake"), ("from", &past)];
        let preview = browser.send("/console/links/bulk", "/console/links/bulk", &form).body;
        browser.carry_out(&preview);
        let is_dead = |one: &&Link| one.stage == Some(Stage::Intake) && one.counter == other.counter;
        assert_eq!(app.snapshot().links.values().filter(is_dead).count(), 0, "nor from a day on which it was open");
    }
}

on_both! {
    fn codes_end_with_a_procedure_and_with_a_unit_that_a_file_ends(app) {
        let link = app.link("dat-dai", Stage::Result);
        let procedure = link.procedure.unwrap();
        let mut browser = app.browser("an", Role::Method, None);
        let page = format!("/console/catalogue/procedures/{procedure}/close");
        let day = in_days(5).to_string();
        assert_eq!(browser.send(&page, &page, &[("from", &day)]).status, 303);
        assert_eq!(app.snapshot().links[&link.code].valid_to, Some(in_days(5)));
        let late = app.link("dat-dai", Stage::Intake);
        assert_eq!(late.valid_to.filter(|_| late.procedure == Some(procedure)), late.procedure.filter(|own| *own == procedure).map(|_| in_days(5)));

        let open = open_link(app);
        let version = app.snapshot().units.by_code("24781", today()).unwrap().clone();
        let file = format!(
            "code,name,level,parent_code,valid_from,valid_to\n24781,{},xa,68,{},{}\n",
            version.name, version.valid_from, in_days(7)
        );
        let preview = browser.preview("/console/catalogue/import", &[("kind", "units")], &file);
        browser.carry_out(&preview);
        let snapshot = app.snapshot();
        let ended = snapshot.units.by_code("24781", today()).unwrap().valid_to.unwrap();
        assert!(snapshot.links[&open.code].valid_to == Some(ended), "{ended}: {:?}", snapshot.links[&open.code]);
        assert_eq!(snapshot.links[&link.code].valid_to, Some(in_days(5)), "what ended before stays");

        let counter = format!("/console/links/{}", open.id);
        app.database().write(|conn| hailong::db::links::end(conn, &[open.id], today())).unwrap();
        app.database().write(hailong::db::revision::bump).unwrap();
        app.wait_for(&format!("/s/{}", open.code), 410);
        let refused = browser.send(&counter, &format!("{counter}/replacement"), &[]);
        assert_eq!(refused.status, 409, "one that ran out is not replaced by another that nobody can answer");
    }
}
