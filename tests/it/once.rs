//! Forms that make something, sent twice: by a double click, or again after going back.

use std::collections::BTreeSet;

use diesel::RunQueryDsl;
use hailong::domain::link::Stage;
use hailong::domain::person::Role;
use scraper::{Html, Selector};

use crate::support::answers::{LAND, QUARTER, store};
use crate::support::staff::Browser;
use crate::support::{App, Reply, on_both, today};

/// The form of a page as a browser sends it: what was typed, with what the form hides.
fn filled(browser: &Browser<'_>, page: &str, path: &str, typed: &[(&str, &str)]) -> Vec<(String, String)> {
    let shown = Html::parse_document(&browser.get(page).body);
    let hidden = Selector::parse(&format!("form[action='{path}'] input[type=hidden]")).unwrap();
    let own =
        shown.select(&hidden).map(|input| (input.attr("name").unwrap(), input.attr("value").unwrap_or("")));
    let own = own.filter(|(name, _)| typed.iter().all(|(given, _)| given != name));
    let all: Vec<(&str, &str)> = typed.iter().copied().chain(own).collect();
    let mut seen = BTreeSet::new();
    all.into_iter()
        .filter(|(name, _)| *name != "csrf" || seen.insert(*name))
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect()
}

fn post(browser: &Browser<'_>, path: &str, form: &[(String, String)]) -> Reply {
    let pairs: Vec<(&str, &str)> = form.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    Browser { cookie: browser.cookie.clone(), ..Browser::new(browser.app) }.post(path, &pairs)
}

/// Sends a form three times at once and once more later; all must lead to the same place, which is returned.
fn several_times(browser: &Browser<'_>, path: &str, form: &[(String, String)]) -> String {
    let mut places: Vec<(u16, String)> = std::thread::scope(|scope| {
        let clicks = [(); 3].map(|()| scope.spawn(|| post(browser, path, form)));
        clicks
            .into_iter()
            .map(|click| click.join().unwrap())
            .map(|reply| (reply.status, reply.location))
            .collect()
    });
    let later = post(browser, path, form);
    places.push((later.status, later.location));
    assert!(places.iter().all(|place| *place == places[0]), "{path}: {places:?}");
    assert_eq!(places[0].0, 303, "{path}");
    places[0].1.clone()
}

/// What a form makes as the audit names it, the page on which it stands, where it is sent, and what is typed.
type Filled<'a> = (&'a str, String, String, Vec<(&'a str, &'a str)>);

/// Rows of the audit that say that something was done.
fn done(app: &App, action: &str) -> u64 {
    let search = hailong::db::audit::Search { action: Some(action.to_owned()), ..Default::default() };
    app.database().read(|conn| hailong::db::audit::count(conn, &search)).unwrap()
}

on_both! {
    fn a_form_of_the_catalogue_that_is_sent_several_times_makes_one_thing(app) {
        let (browser, unit, day) = (app.browser("an", Role::Administrator, None), app.unit("24781").to_string(), today().to_string());
        let land = app.snapshot().field_by_key("dat-dai").unwrap().id.to_string();
        let (province, civil) = (app.unit("68").to_string(), app.snapshot().field_by_key("ho-tich").unwrap().id.to_string());
        let catalogue = |part: &str| format!("/console/catalogue/{part}");
        let forms: [Filled<'_>; 7] = [
            ("link.create", "/console/links/new".into(), "/console/links".into(), vec![
                ("unit", &unit), ("counter", "Quầy hai lần"), ("opens", "07:30"), ("closes", "17:00"),
                ("kind", "tthc"), ("stage", "result"), ("valid_from", &day),
            ]),
            ("counter.create", format!("{}?unit={unit}", catalogue("counters/new")), catalogue("counters"), vec![
                ("counter", "Quầy mới"), ("opens", "07:30"), ("closes", "17:00"),
            ]),
            ("unit.create", catalogue("units/new"), catalogue("units"), vec![
                ("code", "99999"), ("name", "Xã Thử"), ("level", "xa"), ("parent", &province), ("from", &day),
            ]),
            ("field.create", catalogue("fields/new"), catalogue("fields"), vec![
                ("key", "linh-vuc-thu"), ("name", "Lĩnh vực thử"), ("name_en", "Trial"), ("place", "0"),
            ]),
            ("procedure.create", catalogue("procedures/new"), catalogue("procedures"), vec![
                ("from", &day), ("code", "9.999"), ("name", "Thủ tục thử"), ("field", &land),
            ]),
            ("target.create", catalogue("targets/new"), catalogue("targets"), vec![
                ("scope", "tthc"), ("fields", &civil), ("key", "thu"), ("from", "2026-07-01"), ("until", "2026-12-31"),
                ("name", "Thử"), ("name_en", "Trial"), ("threshold", "80"), ("legal_basis", "QĐ 1"), ("backdated", "1"),
            ]),
            ("questionnaire.create", catalogue("questionnaires"), catalogue("questionnaires"), vec![("kind", "tthc")]),
        ];
        for (action, page, path, typed) in forms {
            let before = done(app, action);
            let form = filled(&browser, &page, &path, &typed);
            several_times(&browser, &path, &form);
            assert_eq!(done(app, action), before + 1, "{action}");
        }
    }
}

on_both! {
    fn jobs_batches_and_replacements_are_made_once(app) {
        let link = app.link("dat-dai", Stage::Result);
        let (mut browser, unit, day) = (app.browser("an", Role::Administrator, None), app.unit("24781").to_string(), today().to_string());
        let (counter, field) = (link.counter.to_string(), link.field.unwrap().to_string());
        let batches = "/console/entry/batches";
        let typed = [("counter", &*counter), ("channel", "paper"), ("kind", "tthc"), ("field", &*field), ("stage", "result"), ("day", &day), ("announced", "3")];
        several_times(&browser, batches, &filled(&browser, &format!("{batches}/new"), batches, &typed));
        assert_eq!(done(app, "batch.create"), 1);

        let before = done(app, "link.create");
        let bulk = "/console/links/bulk";
        let form = [("units", &*unit), ("kind", "tthc"), ("stages", "refusal"), ("from", &*day)];
        let preview = Html::parse_document(&browser.send(bulk, bulk, &form).body);
        let inputs = Selector::parse("main form.actions input").unwrap();
        let form: Vec<(String, String)> = preview
            .select(&inputs)
            .map(|input| (input.attr("name").unwrap().to_owned(), input.attr("value").unwrap().to_owned()))
            .collect();
        let job = several_times(&browser, bulk, &form);
        assert!(browser.ended(&job).contains("✓ Đã xong"));
        assert_eq!(several_times(&browser, bulk, &form), job, "also once it is over");
        assert!(done(app, "link.create") > before);

        store(app, &[LAND]);
        let list = "/console/publications";
        several_times(&browser, list, &filled(&browser, list, list, &[("period", QUARTER)]));

        let page = format!("/console/links/{}", link.id);
        let replacement = format!("{page}/replacement");
        let made = done(app, "link.create");
        let form = filled(&browser, &page, &replacement, &[]);
        let place = several_times(&browser, &replacement, &form);
        assert_ne!(place, page);
        assert_eq!(done(app, "link.create"), made + 1);
    }
}

on_both! {
    fn what_is_handed_out_once_is_the_same_however_often_the_form_was_sent(app) {
        let browser = app.browser("an", Role::Administrator, None);
        let year = (today() + chrono::Days::new(30)).to_string();
        let secret = |reply: &Reply| {
            assert_eq!(reply.status, 200, "{}", reply.body);
            let page = Html::parse_document(&reply.body);
            page.select(&Selector::parse("#secret").unwrap()).next().unwrap().text().collect::<String>()
        };
        let forms = [
            ("key.create", "/console/api-keys", "/console/api-keys", vec![("name", "Báo cáo"), ("reads", "scores"), ("last_day", &*year)]),
            ("person.invite", "/console/people/new", "/console/people", vec![
                ("login", "moi"), ("name", "Người mới"), ("role", "auditor"), ("language", "vi"),
            ]),
        ];
        for (action, page, path, typed) in forms {
            let form = filled(&browser, page, path, &typed);
            let (one, other) = std::thread::scope(|scope| {
                let [one, other] = [(); 2].map(|()| scope.spawn(|| post(&browser, path, &form)));
                (secret(&one.join().unwrap()), secret(&other.join().unwrap()))
            });
            assert_eq!(one, other, "{action}");
            assert_eq!(done(app, action), 1);
        }
        let form = filled(&browser, "/console/api-keys", "/console/api-keys", &[("name", "Báo cáo"), ("reads", "scores"), ("last_day", &year)]);
        assert_eq!(post(&browser, "/console/api-keys", &form).status, 200);
        assert_eq!(done(app, "key.create"), 2, "another page is another form");
    }
}

on_both! {
    fn what_was_changed_after_going_back_is_another_form_and_old_ones_are_forgotten(app) {
        let (browser, unit) = (app.browser("an", Role::Method, None), app.unit("24781").to_string());
        let (page, path) = (format!("/console/catalogue/counters/new?unit={unit}"), "/console/catalogue/counters");
        let typed = [("counter", "Quầy A"), ("opens", "07:30"), ("closes", "17:00")];
        let mut form = filled(&browser, &page, path, &typed);
        assert_eq!(post(&browser, path, &form).status, 303);
        form.iter_mut().find(|(name, _)| name == "counter").unwrap().1 = "Quầy B".to_owned();
        assert_eq!(post(&browser, path, &form).status, 303);
        assert_eq!(done(app, "counter.create"), 2);
        let other = app.browser("binh", Role::Method, None);
        assert_eq!(post(&other, path, &form).status, 403, "the form of another session");
        let age = "UPDATE submissions SET sent_at = '2026-01-01 00:00:00'";
        app.database().write(|conn| Ok(diesel::sql_query(age).execute(conn).unwrap())).unwrap();
        let form = filled(&browser, &page, path, &[("counter", "Quầy C"), ("opens", "07:30"), ("closes", "17:00")]);
        assert_eq!(post(&browser, path, &form).status, 303);
        let count = diesel::dsl::sql::<diesel::sql_types::BigInt>("SELECT count(*) FROM submissions");
        let left = app.database().read(|conn| Ok(count.get_result::<i64>(conn).unwrap())).unwrap();
        assert_eq!(left, 1);
    }
}
