//! Plans of which no day has come yet: withdrawn, as if they had never been made.

use hailong::db;
use hailong::domain::link::{Link, Stage};
use hailong::domain::person::Role;

use crate::entry::select;
use crate::support::staff::Browser;
use crate::support::{App, on_both, today};

const CATALOGUE: &str = "/console/catalogue";

fn in_days(days: u64) -> chrono::NaiveDate {
    today() + chrono::Days::new(days)
}

/// A thing, the form that ends it, what is typed, and how the audit names the thing.
type Ending<'a> = (String, String, &'a [(&'a str, &'a str)], &'a str);

/// What the catalogue says of a link.
fn link(app: &App, link: &Link) -> Link {
    app.snapshot().link(link.id).unwrap().clone()
}

/// Withdraws a plan and gives the page on which one lands.
fn withdraw(browser: &mut Browser<'_>, thing: &str) -> String {
    let page = format!("{CATALOGUE}/{thing}/withdrawal");
    let shown = browser.get(&page);
    assert!(shown.status == 200 && shown.body.contains("Dự kiến"), "{page}: {}", shown.body);
    let done = browser.confirm(&shown.body);
    assert_eq!(done.status, 303, "{page}: {}", done.body);
    let again = browser.send("/console/account", &page, &[]).status;
    assert!(again == 409 || again == 404, "{page}: what is withdrawn is planned no more: {again}");
    done.location
}

/// The last thing that the audit says of a subject.
fn last_deed(app: &App, subject: &str) -> String {
    let log = app.database().read(|conn| db::audit::by_subject(conn, subject)).unwrap();
    log.last().unwrap().record.action.clone()
}

on_both! {
    fn a_closing_that_is_still_to_come_is_withdrawn_with_all_that_ended_along(app) {
        let mut lasting = crate::support::draft(&app.snapshot(), "24781", "Quầy thử", "dat-dai", Stage::Result);
        let first = app.link_of(&lasting);
        lasting.valid_until = Some(in_days(40));
        let limited = app.link_of(&lasting);
        (lasting.valid_from, lasting.valid_until) = (in_days(20), None);
        let later = app.database().write(|conn| hailong::app::links::create(conn, &hailong::domain::person::Actor::Operator, &lasting)).unwrap();
        let mut browser = app.browser("an", Role::Method, None);
        let (day, unit) = (in_days(10).to_string(), app.unit("24781"));
        let (procedure, field) = (first.procedure.unwrap(), app.snapshot().field(first.field.unwrap()).unwrap().clone());
        let counter_form = [("counter", "Quầy thử"), ("opens", "07:30"), ("closes", "17:00"), ("closed_from", &*day)];
        let field_form = [("name", &*field.name), ("name_en", &*field.name_en), ("place", "0"), ("closed_from", &*day)];
        let endings: [Ending<'_>; 4] = [
            (format!("counters/{}", first.counter), String::new(), &counter_form, "counter"),
            (format!("units/{unit}"), "/close".into(), &[("from", &day)], "unit"),
            (format!("procedures/{procedure}"), "/close".into(), &[("from", &day)], "procedure"),
            (format!("fields/{}", field.id), String::new(), &field_form, "field"),
        ];
        let before = [&first, &limited, &later].map(|one| link(app, one));
        for (thing, doing, form, subject) in endings {
            let page = format!("{CATALOGUE}/{thing}{doing}");
            assert_eq!(browser.send(&page, &page, form).status, 303, "{page}");
            let [cut, shorter, gone] = [&first, &limited, &later].map(|one| link(app, one));
            assert_eq!((cut.valid_to, shorter.valid_to, gone.revoked), (Some(in_days(10)), Some(in_days(10)), true), "{thing}");

            withdraw(&mut browser, &thing);

            assert_eq!([&first, &limited, &later].map(|one| link(app, one)), before, "{thing}");
            let id = thing.rsplit('/').next().unwrap();
            assert_eq!(last_deed(app, &format!("{subject}:{id}")), format!("{subject}.withdraw"));
        }
        let snapshot = app.snapshot();
        assert!(snapshot.counters[&first.counter].closure.from.is_none());
        assert!(snapshot.units.on(unit, in_days(30)).is_some());
    }
}

on_both! {
    fn a_version_and_a_target_that_are_still_to_come_are_withdrawn_and_what_was_before_goes_on(app) {
        let mut browser = app.browser("an", Role::Method, None);
        let (unit, day, before) = (app.unit("24781"), in_days(10).to_string(), app.snapshot());
        let own = before.units.versions_of(unit).last().unwrap().clone();
        let parent = own.parent.unwrap().to_string();
        let page = format!("{CATALOGUE}/units/{unit}/change");
        let form = [("from", &*day), ("code", &*own.code), ("name", "Phường Sẽ Đổi"), ("parent", &*parent)];
        assert_eq!(browser.send(&page, &page, &form).status, 303);
        let back = withdraw(&mut browser, &format!("units/{unit}"));
        assert_eq!(back, format!("{CATALOGUE}/units/{unit}"));
        assert_eq!(app.snapshot().units.versions_of(unit), before.units.versions_of(unit));

        let new = [("code", "99999"), ("name", "Xã Sẽ Có"), ("level", "xa"), ("parent", &*parent), ("from", &*day)];
        let made = browser.send(&format!("{CATALOGUE}/units/new"), &format!("{CATALOGUE}/units"), &new).location;
        let thing = made.strip_prefix(&format!("{CATALOGUE}/")).unwrap().to_owned();
        assert!(select(&browser.get(&made).body, "p.steps a").contains(&"Rút lại việc dự kiến".to_owned()));
        assert_eq!(withdraw(&mut browser, &thing), format!("{CATALOGUE}/units"));
        assert_eq!(browser.get(&made).status, 404);

        let page = format!("{CATALOGUE}/targets/tthc");
        let row = [
            ("from", &*day), ("name", "Mức độ hài lòng"), ("name_en", "Satisfaction"),
            ("threshold", "95"), ("legal_basis", "QĐ 1/QĐ-UBND, mục I"),
        ];
        assert_eq!(browser.send(&page, &page, &row).status, 303);
        assert_eq!(app.snapshot().targets.len(), before.targets.len() + 1);
        withdraw(&mut browser, "targets/tthc");
        assert_eq!(app.snapshot().targets, before.targets);
        let nothing = browser.get(&format!("{CATALOGUE}/units/{unit}/withdrawal"));
        assert!(nothing.status == 200 && nothing.body.contains("Không có việc nào dự kiến"));
        assert_eq!(browser.get(&format!("{CATALOGUE}/units/0/withdrawal")).status, 404);
    }
}

on_both! {
    fn a_merger_shows_what_follows_first_and_is_withdrawn_as_a_whole(app) {
        let link = app.link("dat-dai", Stage::Result);
        assert_eq!(app.answer(&link, &crate::support::id(), "5").status, 303);
        let (first, second) = (app.unit("24781"), app.unit("24787"));
        app.browser("xem", Role::UnitViewer, Some(first));
        app.key(Some(second));
        let mut browser = app.browser("an", Role::Method, None);
        let (page, day, other) = (format!("{CATALOGUE}/units/{first}/merge"), in_days(10).to_string(), second.to_string());
        let form = [("from", &*day), ("units", &other), ("code", "99100"), ("name", "Phường Mới")];
        let before = app.snapshot();

        let shown = browser.send(&page, &page, &form);

        assert_eq!(shown.status, 200, "{}", shown.body);
        let facts = select(&shown.body, "dl.part dd");
        assert!(facts[0].contains("24781") && facts[0].contains("24787") && facts[1] == "Phường Mới (99100)", "{facts:?}");
        assert_eq!(facts[3], "1 · quy đổi về đơn vị tiếp nhận", "{facts:?}");
        assert!(facts[6].starts_with("1 · ") && facts[7].starts_with("1 · "), "a person and a key: {facts:?}");
        assert_eq!(app.snapshot().revision, before.revision, "nothing is changed yet");
        app.key(Some(first));
        let anew = browser.confirm(&shown.body);
        assert!(anew.status == 200 && select(&anew.body, "dl.part dd")[7].starts_with("2 · "), "another effect is shown anew");
        let done = browser.confirm(&anew.body);
        assert_eq!(done.status, 303, "{}", done.body);
        let heir = done.location.rsplit('/').next().unwrap().to_owned();
        let refused = browser.send("/console/account", &format!("{CATALOGUE}/units/{heir}/withdrawal"), &[]);
        assert!(refused.status == 409 && refused.body.contains("rút lại ở đơn vị cũ"), "{}", refused.body);

        withdraw(&mut browser, &format!("units/{second}"));

        let now = app.snapshot();
        for unit in [first, second] {
            assert_eq!(now.units.versions_of(unit), before.units.versions_of(unit));
            assert_eq!(now.units.successions_of(unit).count(), 0);
        }
        assert_eq!(browser.get(&done.location).status, 404, "the heir was only planned");

        let split = format!("{CATALOGUE}/units/{first}/split");
        let parts = [("from", &*day), ("code_1", "99101"), ("name_1", "Phường Đông"), ("code_2", "99102"), ("name_2", "Phường Tây")];
        assert_eq!(browser.send_and_confirm(&split, &split, &parts).status, 303);
        assert_eq!(app.snapshot().link(link.id).unwrap().valid_to, Some(in_days(10)));
        withdraw(&mut browser, &format!("units/{first}"));
        assert_eq!(app.snapshot().link(link.id).unwrap().valid_to, None);
        assert_eq!(app.snapshot().units.versions_of(first), before.units.versions_of(first));
    }
}
