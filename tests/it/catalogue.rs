//! The catalogue kept in the console: units, counters, procedures, targets and previewed imports.

use hailong::domain::day;
use hailong::domain::ids::UnitId;
use hailong::domain::link::Stage;
use hailong::domain::person::Role;

use crate::support::staff::Browser;
use crate::support::{App, draft, id, on_both, today};

const UNITS: &str = "/console/catalogue/units";

fn unit(app: &App, code: &str) -> UnitId {
    app.snapshot().units.by_code(code, today()).unwrap().unit
}

/// Answers counted for each unit, by name, as the console exports them.
fn answers(browser: &Browser<'_>, view: &str) -> Vec<(String, String)> {
    let csv =
        browser.get(&format!("/console/scores.csv?by=unit&view={view}&period={}", today().format("%Y"))).body;
    let mut rows = csv.trim_start_matches('\u{feff}').lines().map(|line| line.split(',').collect::<Vec<_>>());
    let heads = rows.next().unwrap();
    let at = |names: &[&str]| {
        heads.iter().position(|head| names.contains(head)).unwrap_or_else(|| panic!("{heads:?}"))
    };
    let (name, n) = (at(&["unit", "Đơn vị tiếp nhận"]), at(&["n", "Số phiếu"]));
    rows.map(|row| (row[name].to_owned(), row[n].to_owned())).collect()
}

fn has(rows: &[(String, String)], name: &str, n: &str) -> bool {
    rows.iter().any(|row| row.0 == name && row.1 == n)
}

on_both! {
    fn merged_units_count_for_the_heir_now_and_for_themselves_then(app) {
        let (first, second) = (unit(app, "24781"), unit(app, "24787"));
        let links = ["24781", "24787"].map(|code| {
            app.link_of(&draft(&app.snapshot(), code, "Quầy thử", "dat-dai", Stage::Result))
        });
        for link in &links {
            assert_eq!(app.answer(link, &id(), "5").status, 303);
        }
        let names = [first, second].map(|unit| app.snapshot().units.on(unit, today()).unwrap().name.clone());
        let mut browser = app.browser("an", Role::Method, None);
        let page = format!("{UNITS}/{first}/merge");
        let day = today().to_string();
        let alone = browser.send(&page, &page, &[("from", &day), ("code", "24781"), ("name", "Phường Một")]);
        assert_eq!(alone.status, 422);
        assert!(alone.body.contains("value=\"Phường Một\""), "what was typed is kept");
        let other = second.to_string();
        let form = [("from", day.as_str()), ("units", &other), ("code", "24781"), ("name", "Phường Một")];
        let merged = browser.send_and_confirm(&page, &page, &form);
        assert_eq!(merged.status, 303, "{}", merged.body);

        let citizen = app.get(&format!("/s/{}", links[1].code));
        assert!(citizen.status == 200 && citizen.body.contains("Phường Một"), "the code on the wall goes on");
        assert_eq!(app.answer(&links[1], &id(), "4").status, 303);
        let now = answers(&browser, "now");
        assert!(has(&now, "Phường Một", "3"), "{now:?}");
        let then = answers(&browser, "then");
        for name in &names {
            assert!(has(&then, name, "1"), "{then:?}");
        }
        assert!(has(&then, "Phường Một", "1"), "{then:?}");
        let heir = browser.get(&merged.location).body;
        assert!(names.iter().all(|name| heir.contains(name.as_str())) && heir.contains("toàn bộ"));
        assert!(browser.get(&format!("{UNITS}/{second}")).body.contains("Phường Một"));
        assert_eq!(browser.send(&page, &page, &form).status, 422, "it ended");
    }
}

on_both! {
    fn a_split_unit_keeps_its_answers_and_its_codes_end(app) {
        let old = unit(app, "24781");
        let link = app.link("dat-dai", Stage::Result);
        assert_eq!(app.answer(&link, &id(), "5").status, 303);
        let name = app.snapshot().units.on(old, today()).unwrap().name.clone();
        let mut browser = app.browser("an", Role::Method, None);
        let page = format!("{UNITS}/{old}/split");
        let day = today().to_string();
        let form = [
            ("from", day.as_str()),
            ("code_1", "24781"), ("name_1", "Phường Đông"),
            ("code_2", "24787"), ("name_2", "Phường Tây"),
        ];
        let taken = browser.send(&page, &page, &form);
        assert_eq!(taken.status, 422);
        assert!(taken.body.contains("24787") && taken.body.contains("Phường Đông"));
        assert_eq!(app.get(&format!("/s/{}", link.code)).status, 200, "a fault changes nothing");
        let mut form = form.to_vec();
        form[3] = ("code_2", "99001");
        assert_eq!(browser.send_and_confirm(&page, &page, &form).status, 303);

        assert_eq!(app.get(&format!("/s/{}", link.code)).status, 410);
        for view in ["now", "then"] {
            let rows = answers(&browser, view);
            assert!(has(&rows, &name, "1"), "{view}: {rows:?}");
        }
        let list = browser.get(&format!("{UNITS}?q=phuong+dong")).body;
        assert!(list.contains("Phường Đông"));
        let before = day::previous(today());
        let list = browser.get(&format!("{UNITS}?q=24781&day={before}")).body;
        assert!(list.contains(&name) && !list.contains("Phường Đông"));
    }
}

on_both! {
    fn a_renamed_unit_reaches_citizens_and_a_closed_counter_takes_no_link(app) {
        let beside = app.beside();
        let commune = unit(app, "24781");
        let link = app.link("dat-dai", Stage::Result);
        let mut browser = app.browser("an", Role::Administrator, None);
        let last = app.snapshot().units.on(commune, today()).unwrap().clone();
        let page = format!("{UNITS}/{commune}/change");
        let (day, parent) = (today().to_string(), last.parent.unwrap().to_string());
        let form = |from, name| [("from", from), ("code", "24781"), ("name", name), ("parent", parent.as_str())];
        let early = browser.send(&page, &page, &form("2025-07-01", "Phường Mới"));
        assert_eq!(early.status, 422);
        assert!(early.body.contains("01/07/2025"), "the message names the last version");
        assert_eq!(browser.send(&page, &page, &form(&day, &last.name)).status, 422, "nothing differs");
        assert_eq!(browser.send(&page, &page, &form(&day, "Phường Mới")).status, 303);
        assert!(app.get(&format!("/s/{}", link.code)).body.contains("Phường Mới"));
        let start = std::time::Instant::now();
        while !beside.get(&format!("/s/{}", link.code)).body.contains("Phường Mới") {
            assert!(start.elapsed().as_secs() < 10, "another instance never followed");
            std::thread::sleep(std::time::Duration::from_millis(50));
        }

        let counter = format!("/console/catalogue/counters/{}", link.counter);
        let wrong = [("counter", "Quầy thử"), ("opens", "17:00"), ("closes", "07:30")];
        assert_eq!(browser.send(&counter, &counter, &wrong).status, 422);
        let closing = [("counter", "Quầy A"), ("opens", "07:30"), ("closes", "17:00"), ("closed_from", &day)];
        assert_eq!(browser.send(&counter, &counter, &closing).status, 303);
        assert_eq!(app.get(&format!("/s/{}", link.code)).status, 410);
        let (unit, day) = (commune.to_string(), today().to_string());
        let new = [
            ("unit", unit.as_str()), ("counter", "Quầy A"), ("opens", "07:30"), ("closes", "17:00"),
            ("kind", "tthc"), ("stage", "result"), ("valid_from", &day),
        ];
        let refused = browser.send("/console/links/new", "/console/links", &new);
        assert_eq!(refused.status, 422);
        assert!(refused.body.contains("quầy này đã đóng"));
    }
}

on_both! {
    fn a_procedure_gets_a_version_and_a_target_a_successor(app) {
        let mut browser = app.browser("an", Role::Method, None);
        let snapshot = app.snapshot();
        let old = snapshot.procedures.iter().find(|one| one.is_valid_on(today())).unwrap().clone();
        let page = format!("/console/catalogue/procedures/{}/change", old.procedure);
        let (day, field) = (today().to_string(), old.field.to_string());
        let form = [("from", day.as_str()), ("code", "9.999999"), ("name", "Thủ tục đã đổi"), ("field", &field), ("confirmed", "1")];
        assert_eq!(browser.send(&page, &page, &form).status, 303);
        let snapshot = app.snapshot();
        assert_eq!(snapshot.procedure(old.procedure, today()).unwrap().name, "Thủ tục đã đổi");
        assert_eq!(snapshot.procedure(old.procedure, day::previous(today())).unwrap().name, old.name);

        let page = "/console/catalogue/targets/tthc";
        let form = |from, backdated| [
            ("from", from), ("name", "Mức độ hài lòng"), ("name_en", "Satisfaction"),
            ("threshold", "92,5"), ("legal_basis", "QĐ 1/QĐ-UBND, mục I"), ("backdated", backdated),
        ];
        let past = day::previous(today()).to_string();
        assert_eq!(browser.send(page, page, &form(&past, "")).status, 422, "the past is not changed silently");
        assert_eq!(browser.send(page, page, &form(&day, "")).status, 303);
        let snapshot = app.snapshot();
        let rows: Vec<_> = snapshot.targets.iter().filter(|target| target.key == "tthc").collect();
        assert_eq!((rows.len(), rows[0].valid_to, rows[1].threshold.hundredths()), (2, Some(today()), 9250));

        let figure = [("target", "y-te"), ("period", "2026-H1"), ("percent", "91,25"), ("source", "Bộ Y tế")];
        let (new, path) = ("/console/catalogue/figures/new", "/console/catalogue/figures");
        assert_eq!(browser.send(new, path, &figure).status, 303);
        assert_eq!(browser.send(new, path, &figure).status, 422, "it is there already");
        let mut corrected = figure.to_vec();
        corrected[2] = ("percent", "90,5");
        corrected.push(("corrects", "1"));
        assert_eq!(browser.send(new, path, &corrected).status, 303);
        assert!(browser.get("/console/catalogue/targets").body.contains("90,50%"));
    }
}

on_both! {
    fn a_file_is_previewed_and_exactly_it_is_applied(app) {
        let mut browser = app.browser("an", Role::Method, None);
        let path = "/console/catalogue/import";
        let units = [("kind", "units")];
        let file = "code,name,level,parent_code,valid_from\n99001,Xã Thử,xa,68,2026-01-01\n";
        let broken = browser.upload(path, &units, &format!("{file}99002,Xã Hai,xa,68,hôm qua\n"));
        assert_eq!(broken.status, 422);
        assert!(broken.body.contains("dòng 3") && broken.body.contains("hôm qua"), "{}", broken.body);
        let revision = app.snapshot().revision;
        let preview = browser.upload(path, &units, file);
        assert_eq!(preview.status, 200);
        assert!(preview.body.contains("Xã Thử"));
        assert_eq!(app.snapshot().revision, revision, "a preview changes nothing");
        let other = preview.body.replace("name=\"digest\" value=\"", "name=\"digest\" value=\"0");
        let refused = browser.carry_out(&other);
        assert!(refused.contains("Không có gì thay đổi") && refused.contains("xem trước lại"), "{refused}");
        assert_eq!(app.snapshot().revision, revision, "another effect than was seen");
        let applied = browser.confirm(&preview.body);
        assert!(browser.ended(&applied.location).contains("thêm 1, sửa 0"));
        assert_eq!(app.snapshot().units.by_code("99001", today()).unwrap().name, "Xã Thử");
        assert_eq!(browser.confirm(&preview.body).location, applied.location, "sent twice, it is one job");
        let unseen = preview.body.replace("name=\"hash\" value=\"", "name=\"hash\" value=\"0");
        assert_eq!(browser.confirm(&unseen).status, 409);
    }
}

on_both! {
    fn the_catalogue_is_not_found_by_those_who_do_not_keep_it(app) {
        let commune = unit(app, "24781");
        let mut viewer = app.browser("xem", Role::UnitViewer, Some(commune));
        let change = format!("{UNITS}/{commune}/change");
        for path in [
            "/console/catalogue", UNITS, "/console/catalogue/procedures", "/console/catalogue/targets",
            "/console/catalogue/import", "/console/catalogue/targets/tthc", &format!("{UNITS}/{commune}"), &change,
        ] {
            assert_eq!(viewer.get(path).status, 404, "{path}");
        }
        let (day, revision) = (today().to_string(), app.snapshot().revision);
        let form = [("from", day.as_str()), ("code", "24781"), ("name", "X"), ("parent", "1")];
        assert_eq!(viewer.send("/console", &change, &form).status, 404);
        assert_eq!(viewer.send("/console", &format!("{UNITS}/{commune}/close"), &[("from", &day)]).status, 404);
        assert_eq!(app.snapshot().revision, revision);
        assert!(!viewer.get("/console").body.contains("/console/catalogue"));
    }
}

on_both! {
    fn links_are_made_in_bulk_after_a_preview_and_silent_ones_are_found(app) {
        let answered = app.link("dat-dai", Stage::Result);
        assert_eq!(app.answer(&answered, &id(), "5").status, 303);
        let mut browser = app.browser("an", Role::Method, None);
        let (path, day, commune) = ("/console/links/bulk", today().to_string(), unit(app, "24781").to_string());
        assert_eq!(browser.send(path, path, &[("kind", "tthc"), ("from", &day), ("units", &commune)]).status, 422);
        let form = [
            ("kind", "tthc"), ("from", day.as_str()), ("units", &commune),
            ("stages", "intake"), ("stages", "result"),
        ];
        let before = app.snapshot().links.len();
        let preview = browser.send(path, path, &form);
        let counters = app.snapshot().counters.values().filter(|one| one.unit.to_string() == commune).count();
        assert_eq!(preview.status, 200);
        assert_eq!(app.snapshot().links.len(), before, "a preview makes nothing");
        let count = (counters * 2).to_string();
        assert!(preview.body.contains(&format!("Tạo {count} mã")), "{}", preview.body);
        let mut confirmed = form.to_vec();
        confirmed.push(("confirmed", &count));
        assert!(browser.carry_out(&preview.body).contains(&format!("Đã tạo {count} mã")));
        assert_eq!(app.snapshot().links.len(), before + counters * 2);
        assert_eq!(browser.send(path, path, &confirmed).status, 200, "nothing is missing any more");
        assert_eq!(app.snapshot().links.len(), before + counters * 2);

        let list = browser.get("/console/links").body;
        assert!(list.contains(&today().format("%d/%m/%Y").to_string()));
        assert!(!browser.get("/console/links?life=silent").body.contains(answered.code.as_str()));
        let sheet = format!("/console/links/{}/sheet", answered.id);
        assert_eq!((browser.get(&sheet).status, browser.get(&sheet).status), (200, 200));
        let page = browser.get(&format!("/console/links/{}", answered.id)).body;
        assert_eq!(page.matches("<li>").count(), 2, "made, and printed once");
        long_ago(app, answered.id.raw());
        assert!(browser.get("/console/links?life=silent").body.contains(answered.code.as_str()));
    }
}

/// Moves the answers of a link eight days back.
fn long_ago(app: &App, link: i64) {
    use diesel::RunQueryDsl;
    let day = today() - chrono::Days::new(8);
    let statement = format!("UPDATE responses SET answered_on = '{day}' WHERE link_id = {link}");
    app.database().write(|conn| Ok(diesel::sql_query(statement).execute(conn).unwrap())).unwrap();
}
