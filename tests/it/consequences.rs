//! What a form of the console says before or after something that is hard to undo, and what it refuses.

use hailong::app::questionnaires;
use hailong::db;
use hailong::domain::ids::UnitId;
use hailong::domain::link::{Link, Stage};
use hailong::domain::person::{Actor, Role};
use hailong::domain::questionnaire::Status;
use hailong::error::Error;
use scraper::{Html, Selector};

use crate::support::answers::{Answers, LAND, QUARTER, store, unit as unit_on};
use crate::support::{App, id, on_both, today};

const UNITS: &str = "/console/catalogue/units";

fn unit(app: &App, code: &str) -> UnitId {
    unit_on(app, code, &today().to_string())
}

/// The texts of what a selector finds, with single spaces.
fn texts(page: &str, selector: &str) -> Vec<String> {
    let (page, selector) = (Html::parse_document(page), Selector::parse(selector).unwrap());
    let found = page.select(&selector);
    found.map(|one| one.text().collect::<String>().split_whitespace().collect::<Vec<_>>().join(" ")).collect()
}

on_both! {
    fn a_unit_that_ends_before_its_answers_is_meant_to(app) {
        let commune = unit(app, "24781");
        store(app, &[LAND, Answers { day: "2026-07-31", levels: [7, 0, 0, 0, 0], ..LAND }]);
        let link = app.link("dat-dai", Stage::Result);
        app.browser("xem", Role::UnitViewer, Some(commune));
        let mut browser = app.browser("an", Role::Method, None);
        let page = format!("{UNITS}/{commune}/close");
        let snapshot = app.snapshot();
        let is_own = |link: &&Link| snapshot.counters[&link.counter].unit == commune;
        let links = snapshot.links.values().filter(is_own).count();
        let told = texts(&browser.get(&page).body, "#follows dd");
        assert_eq!(told[1], format!("{links} · ngừng từ ngày này, không dùng lại được"));
        assert_eq!(told[2..4], ["1 · cần chọn đơn vị mới", "03/08/2026"]);

        let form = [("from", "2026-08-01"), ("backdated", "")];
        let refused = browser.send(&page, &page, &form);
        assert_eq!(refused.status, 422);
        let said = texts(&refused.body, "#e-backdated").concat();
        assert!(said.contains("100 phiếu") && said.contains("03/08/2026"), "{said}");
        assert_eq!(texts(&refused.body, "#follows dd")[4], "100");
        assert_eq!(app.get(&format!("/s/{}", link.code)).status, 200, "nothing is changed");
        assert_eq!(browser.send(&page, &page, &[("from", "2026-08-01"), ("backdated", "1")]).status, 303);
        assert_eq!(app.get(&format!("/s/{}", link.code)).status, 410);
        let again = browser.send(&page, &page, &[("from", &today().to_string()), ("backdated", "1")]);
        assert_eq!(again.status, 422);
        assert!(again.body.contains("01/08/2026"), "the end that it has");
    }
}

/// A form that ends something, and what it says of links and answers.
struct Ending<'a> {
    page: String,
    day: (&'a str, &'a str),
    rest: Vec<(&'a str, &'a str)>,
    links: String,
    answers: &'a str,
}

on_both! {
    fn a_counter_a_field_or_a_procedure_ends_before_its_answers_only_when_meant(app) {
        store(app, &[LAND]);
        let link = app.link("dat-dai", Stage::Result);
        for _ in 0..3 {
            assert_eq!(app.answer(&link, &id(), "5").status, 303);
        }
        let (procedure, field) = (link.procedure.unwrap(), link.field.unwrap());
        let land = app.snapshot().field(field).unwrap().clone();
        let counter = app.snapshot().counters[&link.counter].name.clone();
        let in_use = |named: fn(&Link, &Link) -> bool| {
            app.snapshot().links.values().filter(|one| named(one, &link)).count().to_string()
        };
        let (yesterday, day) = (today().pred_opt().unwrap().to_string(), today().format("%d/%m/%Y").to_string());
        let endings = [
            Ending {
                page: format!("/console/catalogue/procedures/{procedure}/close"),
                day: ("from", &yesterday),
                rest: vec![],
                links: in_use(|one, link| one.procedure == link.procedure),
                answers: "3",
            },
            Ending {
                page: format!("/console/catalogue/counters/{}", link.counter),
                day: ("closed_from", &yesterday),
                rest: vec![("counter", &counter), ("opens", "07:30"), ("closes", "17:00")],
                links: "0".to_owned(),
                answers: "3",
            },
            Ending {
                page: format!("/console/catalogue/fields/{field}"),
                day: ("closed_from", "2026-08-01"),
                rest: vec![("name", &land.name), ("name_en", &land.name_en), ("place", "0")],
                links: String::new(),
                answers: "103",
            },
        ];
        let mut browser = app.browser("an", Role::Method, None);
        for Ending { page, day: (name, from), rest, links, answers: count } in endings {
            let told = texts(&browser.get(&page).body, "#follows dd");
            assert!(told[0].starts_with(&links) && told[1] == day, "{page}: {told:?}");
            let form = |backdated| [&rest[..], &[(name, from), ("backdated", backdated)]].concat();
            let before = app.snapshot().revision;
            let refused = browser.send(&page, &page, &form(""));
            assert_eq!(refused.status, 422, "{page}");
            let said = texts(&refused.body, "#e-backdated").concat();
            assert!(said.contains(&format!("{count} phiếu")) && said.contains(&day), "{page}: {said}");
            assert_eq!(texts(&refused.body, "#follows dd")[2], count);
            assert_eq!(app.snapshot().revision, before, "{page}: nothing is changed");
            let done = browser.send(&page, &page, &form("1"));
            assert_eq!(done.status, 303, "{page}: {}", done.body);
            let [kind, id] = page.trim_end_matches("/close").rsplit('/').take(2).collect::<Vec<_>>()[..] else { panic!() };
            let subject = format!("{}:{kind}", id.trim_end_matches('s'));
            let log = app.database().read(|conn| db::audit::by_subject(conn, &subject)).unwrap();
            assert_eq!(log.last().unwrap().record.details["backdated"], true, "{subject}");
        }
    }
}

on_both! {
    fn a_unit_that_will_be_merged_has_its_end(app) {
        let (first, second) = (unit(app, "24781"), unit(app, "24787").to_string());
        let link = app.link("dat-dai", Stage::Result);
        let mut browser = app.browser("an", Role::Method, None);
        let merge = format!("{UNITS}/{first}/merge");
        let labels = texts(&browser.get(&merge).body, "form.fields > label");
        assert_eq!(labels[1..3], ["Mã của đơn vị tiếp nhận", "Tên của đơn vị tiếp nhận"]);
        let tomorrow = today().succ_opt().unwrap().to_string();
        let form = [("from", &*tomorrow), ("units", &second), ("code", "99100"), ("name", "Phường Mới")];
        assert_eq!(browser.send_and_confirm(&merge, &merge, &form).status, 303);
        let ended = app.snapshot().units.versions_of(first).last().unwrap().clone();
        for doing in ["close", "split", "merge"] {
            let page = format!("{UNITS}/{first}/{doing}");
            let form = [
                ("from", "2026-08-01"), ("backdated", "1"), ("units", &second), ("code", "99101"), ("name", "Phường Ba"),
                ("code_1", "99102"), ("name_1", "Phường Tư"), ("code_2", "99103"), ("name_2", "Phường Năm"),
            ];
            assert_eq!(browser.send(&page, &page, &form).status, 422, "{doing}");
        }
        assert_eq!(app.get(&format!("/s/{}", link.code)).status, 200);
        let moved = app.database().write(|conn| db::unit_writes::end(conn, &ended, "2026-08-01".parse().unwrap()));
        assert!(matches!(moved, Err(Error::Conflict(_))), "{moved:?}");
        assert_eq!(app.snapshot().units.versions_of(first).last(), Some(&ended));

        let name = ended.name;
        let third = unit(app, "22972");
        let merge = format!("{UNITS}/{third}/merge");
        let heir = [("from", today().to_string()), ("code", "22933".to_owned()), ("name", String::new())];
        let heir: Vec<(&str, &str)> = heir.iter().map(|(field, value)| (*field, value.as_str())).collect();
        app.link_of(&crate::support::draft(&app.snapshot(), "22972", "Quầy riêng", "dat-dai", Stage::Result));
        let origin = app.snapshot().units.on(third, today()).unwrap().name.clone();
        let done = browser.send_and_confirm(&merge, &merge, &heir);
        assert_eq!(done.status, 303, "{}", done.body);
        let counters = texts(&browser.get(&done.location).body, "#counters td, #counters th").join("\n");
        assert!(counters.contains(&format!("Quầy riêng ({origin})")), "{name}: {counters}");
    }
}

on_both! {
    fn a_figure_that_would_never_be_shown_is_refused(app) {
        let mut browser = app.browser("an", Role::Method, None);
        let (new, path) = ("/console/catalogue/targets/new", "/console/catalogue/targets");
        let day = today().to_string();
        let target = [
            ("key", "ty-le-bo"), ("from", &*day), ("name", "Tỷ lệ của Bộ"), ("name_en", "Ratio"),
            ("threshold", "80"), ("legal_basis", "QĐ 1"), ("scope", "imported"),
        ];
        assert_eq!(browser.send(new, path, &target).status, 303);
        let (new, path) = ("/console/catalogue/figures/new", "/console/catalogue/figures");
        for (target, period, said) in [("ty-le-bo", "2026-Q3", "có hiệu lực từ"), ("y-te", "2030-Q1", "01/01/2030")] {
            let form = [("target", target), ("period", period), ("percent", "91,25"), ("source", "Bộ Nội vụ")];
            let refused = browser.send(new, path, &form);
            assert_eq!(refused.status, 422, "{period}");
            let fault = texts(&refused.body, "#e-period").concat();
            assert!(fault.contains(said) && refused.body.contains("Bộ Nội vụ"), "{fault}");
            let file = format!("target_key,period,percent,source\n{target},{period},91.25,Bộ\n");
            let upload = browser.upload("/console/catalogue/import", &[("kind", "figures")], &file);
            assert!(upload.status == 422 && upload.body.contains(said), "{}", upload.body);
        }
        let shown = [("target", "y-te"), ("period", QUARTER), ("percent", "91,25"), ("source", "Bộ Y tế")];
        assert_eq!(browser.send(new, path, &shown).status, 303);
        let overview = browser.get(&format!("/console?period={QUARTER}")).body;
        assert!(texts(&overview, "#imported").concat().contains("91,25"));
        assert_eq!(texts(&overview, "#imported h2"), ["Số liệu nhập từ nguồn khác"]);
    }
}

on_both! {
    fn a_bulk_of_links_asks_for_units_by_their_own_name(app) {
        let mut browser = app.browser("an", Role::Method, None);
        let (path, day) = ("/console/links/bulk", today().to_string());
        let page = browser.get(path).body;
        assert_eq!(texts(&page, "#units > legend"), ["Đơn vị tiếp nhận"]);
        assert_eq!(texts(&page, "label[for=kind]"), ["Bộ câu hỏi"]);
        let none = browser.send(path, path, &[("kind", "tthc"), ("from", &day), ("stages", "result")]);
        assert_eq!(none.status, 422);
        assert_eq!(texts(&none.body, "#e-units"), ["cần chọn ít nhất một đơn vị, hoặc đánh dấu “Mọi đơn vị có quầy”"]);
    }
}

on_both! {
    fn a_code_begins_and_ends_within_ten_years_whichever_form_makes_it(app) {
        let mut browser = app.browser("an", Role::Method, None);
        let (commune, near) = (unit(app, "24781").to_string(), today().to_string());
        let latest = today().checked_add_months(chrono::Months::new(120)).unwrap();
        let after = latest.succ_opt().unwrap().to_string();
        let form = |from: &str, until: &str| {
            [
                ("unit", &*commune), ("counter", "Quầy xa"), ("opens", "07:30"), ("closes", "17:00"), ("kind", "tthc"),
                ("field", ""), ("stage", "result"), ("valid_from", from), ("valid_until", until),
            ]
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
        };
        let mut send = |from: &str, until: &str| {
            let form = form(from, until);
            let form: Vec<_> = form.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
            browser.send("/console/links/new", "/console/links", &form)
        };
        let said = |page: &str, field: &str| texts(page, &format!("#e-{field}")).concat();
        let ended = send(&near, &after);
        assert_eq!(ended.status, 422);
        let message = said(&ended.body, "valid_until");
        assert!(message.contains(&latest.format("%d/%m/%Y").to_string()) && message.contains("mười năm"), "{message}");
        assert!(ended.body.contains("value=\"Quầy xa\""), "what was typed is kept");
        let begun = send(&after, "");
        assert_eq!((begun.status, said(&begun.body, "valid_from")), (422, message.clone()));
        let old = send("1975-12-31", "");
        assert!(old.status == 422 && said(&old.body, "valid_from").contains("01/01/1976"), "{}", old.body);
        let gone = send("2026-08-01", &hailong::domain::day::previous(today()).to_string());
        assert!(gone.status == 422 && said(&gone.body, "valid_until").contains("đã qua"), "{}", gone.body);
        assert_eq!(send(&near, &latest.to_string()).status, 303);

        let bulk = [("every", "1"), ("kind", "tthc"), ("from", &*after), ("stages", "result")];
        let refused = browser.send("/console/links/bulk", "/console/links/bulk", &bulk);
        assert_eq!((refused.status, said(&refused.body, "from")), (422, message), "the same rule in the same words");
    }
}

on_both! {
    fn a_language_leaves_citizens_only_when_that_is_meant(app) {
        let link = app.link("dat-dai", Stage::Result);
        let survey = format!("/s/{}", link.code);
        let mut browser = app.browser("lan", Role::Method, None);
        let list = "/console/catalogue/questionnaires";
        let own = browser.send(list, list, &[("kind", "tthc")]).location;
        let id = own.rsplit('/').next().unwrap().parse::<i64>().unwrap();
        assert!(texts(&browser.get(&own).body, "#drops").is_empty(), "no language is lost");
        let lose = |conn: &mut _| {
            questionnaires::edit(conn, &Actor::Operator, id.into(), &serde_json::json!({}), |draft| {
                draft.questions[1].texts.remove("en");
                Ok(())
            })
        };
        app.database().write(lose).unwrap();
        let page = browser.get(&own).body;
        let told = texts(&page, "#publication li").concat();
        assert!(told.starts_with("English: chưa dịch câu hỏi"), "{told}");
        let publication = format!("{own}/publication");
        let refused = browser.send(&own, &publication, &[]);
        assert_eq!(refused.status, 422);
        assert!(texts(&refused.body, "#e-drops").concat().contains("English"));
        assert!(app.get(&survey).body.contains("English"));
        assert_eq!(browser.send(&own, &publication, &[("drops", "1")]).status, 303);
        assert!(!app.get(&survey).body.contains("English"));
        let published = app.database().read(db::questionnaires::all).unwrap();
        assert!(published.iter().any(|one| one.id == id.into() && one.status == Status::Published));
    }
}

/// What a list of priorities says where everything that it looked at meets its target.
const NONE_BELOW: &str = "nào dưới chỉ tiêu trong kỳ và phạm vi này";

on_both! {
    fn an_empty_database_claims_nothing_and_says_how_to_begin(app) {
        let browser = app.browser("an", Role::Method, None);
        let overview = browser.get("/console").body;
        assert!(!overview.contains(NONE_BELOW));
        assert!(overview.contains("href=\"/console/links/bulk\""));
        assert_eq!(texts(&overview, "#months .empty").len(), 1);
        assert!(texts(&overview, "#months figcaption").is_empty());
        let priorities = browser.get("/console/priorities").body;
        assert!(!priorities.contains(NONE_BELOW) && priorities.contains("Chưa có phiếu nào"));

        store(app, &[Answers { levels: [100, 0, 0, 0, 0], ..LAND }]);
        let priorities = browser.get(&format!("/console/priorities?period={QUARTER}")).body;
        assert!(priorities.contains(NONE_BELOW));
        assert!(!browser.get("/console").body.contains("Chưa có phiếu nào trong hệ thống"));
    }
}

on_both! {
    fn slips_of_the_keyboard_are_said(app) {
        store(app, &[LAND]);
        let commune = unit(app, "24781");
        let mut browser = app.browser("an", Role::Administrator, None);
        let page = format!("/console/dossiers/{commune}/2026-08");
        let saved = browser.send(&page, &page, &[("field-dat-dai", "10"), ("field-ho-tich", "3")]);
        assert_eq!(saved.status, 303);
        let page = browser.get(&saved.location).body;
        assert_eq!(texts(&page, "td small.fault").len(), 1);
        assert_eq!(texts(&page, "main > p.mark").len(), 1);

        let new = format!("{UNITS}/new");
        let province = app.snapshot().units.all_on(today()).find(|one| one.parent.is_none()).unwrap().unit.to_string();
        let form = [("from", "3000-01-01"), ("code", "99001"), ("name", "Xã Xa"), ("level", "xa"), ("parent", &province)];
        let refused = browser.send(&new, UNITS, &form);
        assert!(refused.status == 422 && texts(&refused.body, "#e-from").concat().contains("01/01/3000"));
        let file = "code,name,level,parent_code,valid_from\n99001,Xã Xa,xa,68,3000-01-01\n";
        let upload = browser.upload("/console/catalogue/import", &[("kind", "units")], file);
        assert!(upload.status == 422 && upload.body.contains("3000-01-01"), "{}", upload.body);

        let new = "/console/people/new";
        let commune = commune.to_string();
        let form = [("login", "goc"), ("name", "Gốc"), ("role", "administrator"), ("unit", &*commune)];
        let refused = browser.send(new, "/console/people", &form);
        assert!(refused.status == 422 && texts(&refused.body, "#e-unit").len() == 1);
    }
}
