//! Sheets of an open batch: corrected, struck out, handed over.

use hailong::db::{audit, batch_sheets};
use hailong::domain::link::Stage;
use hailong::domain::person::Role;
use serde_json::json;

use crate::entry::{
    answers_of, assert_recount_is_equal, attribute, key, key_sample, open, open_on, select, unit, value,
};
use crate::support::answers::{LAND, QUARTER, store};
use crate::support::publishing::close;
use crate::support::staff::Browser;
use crate::support::{App, on_both, today};

/// The rows of the audit about a batch: what was done, and the details.
fn audited(app: &App, batch: &str) -> Vec<(String, serde_json::Value)> {
    let subject = format!("batch:{}", batch.rsplit('/').next().unwrap());
    let log = app.database().read(|conn| audit::by_subject(conn, &subject)).unwrap();
    log.into_iter().map(|entry| (entry.record.action, entry.record.details)).collect()
}

on_both! {
    fn a_sheet_is_corrected_and_struck_out_until_the_keying_ends(app) {
        let link = app.link("dat-dai", Stage::Result);
        let commune = unit(app, "24781");
        let mut browser = app.browser("nhap", Role::DataEntry, Some(commune));
        let batch = open(&mut browser, &link, "2").location;
        for (sheet, answers) in [("1", "545450"), ("2", "222220"), ("3", "11111-")] {
            assert_eq!(key(&mut browser, &batch, sheet, answers).status, 303);
        }
        let rows = |browser: &Browser<'_>| select(&browser.get(&batch).body, "#sheets tbody tr");
        assert_eq!(rows(&browser)[0], "3 11111- – ● Còn giá trị", "the last one stands first");
        assert_eq!(select(&browser.get(&format!("{batch}?number=2")).body, "#sheets tbody th"), ["2"]);

        let sheet = |number: u8| format!("{batch}/sheets/{number}");
        let shown = browser.get(&sheet(2)).body;
        assert_eq!(value(&shown, "#answers[autofocus]").as_deref(), Some("222220"));
        let wrong = browser.send(&sheet(2), &sheet(2), &[("answers", "22282"), ("comment", "Chờ lâu")]);
        assert_eq!(wrong.status, 422);
        assert_eq!(value(&wrong.body, "#answers[autofocus][aria-invalid=true]").as_deref(), Some("22282"));
        assert_eq!(value(&wrong.body, "#comment").as_deref(), Some("Chờ lâu"));
        assert_eq!(select(&wrong.body, ".read-back dd")[3], "2 Không hài lòng", "what is stored stays so");
        let wrong = browser.send(&sheet(2), &sheet(2), &[("answers", "333330"), ("comment", &"x".repeat(2_001))]);
        assert_eq!(wrong.status, 422);
        assert!(value(&wrong.body, "#comment[autofocus]").is_some() && value(&wrong.body, "#answers[autofocus]").is_none());
        let corrected = browser.send(&sheet(2), &sheet(2), &[("answers", "242220"), ("comment", "Chờ lâu")]);
        assert_eq!(corrected.status, 303, "{}", corrected.body);
        assert_eq!(select(&browser.get(&corrected.location).body, ".read-back dd")[1], "4 Hài lòng");
        assert!(answers_of(app, commune).is_empty());

        let strike = |browser: &mut Browser<'_>, number| browser.send(&sheet(number), &format!("{}/striking", sheet(number)), &[]).status;
        assert_eq!((strike(&mut browser, 1), strike(&mut browser, 1)), (303, 409));
        assert_eq!(browser.send(&sheet(1), &sheet(1), &[("answers", "545450"), ("comment", "")]).status, 303);
        assert_eq!(rows(&browser)[2], "1 545450 – ● Còn giá trị", "it stands again");
        assert_eq!(strike(&mut browser, 3), 303);
        assert_eq!(rows(&browser)[0], "3 11111- – ✕ Đã gạch bỏ");
        let page = browser.get(&batch).body;
        assert_eq!(value(&page, "input[name=sheet]").as_deref(), Some("4"), "its number is not given again");
        assert!(select(&page, "label[for=answers]")[0].contains("(2 / 2)"), "the control total follows");
        assert_eq!(browser.get(&sheet(4)).status, 404);

        assert_eq!(browser.send(&batch, &format!("{batch}/closure"), &[]).status, 303, "two announced, two stand");
        let mut stored: Vec<String> = answers_of(app, commune).iter().map(|one| json!(one.scores).to_string()).collect();
        stored.sort();
        assert_eq!(stored.len(), 2, "{stored:?}");
        assert!(stored[0].contains("\"access\":4,\"feedback\":0,\"overall\":2"), "as it was corrected: {stored:?}");
        let page = browser.get(&batch).body;
        assert!(page.contains("không thêm, không sửa, không gạch bỏ được nữa") && select(&page, "#sheets").is_empty());
        let facts = select(&page, "dl.part dd");
        assert_eq!(facts[..2], ["2 / 2", "3"], "the sheets that stand, and the one struck out");
        assert_eq!(facts[4], "1, 2 (0 / 2)", "what was struck out is not in the sample");
        assert_eq!(browser.get(&sheet(2)).status, 409);
        assert_eq!(browser.send(&batch, &format!("{}/striking", sheet(2)), &[]).status, 409);
        assert_eq!(browser.send(&batch, &sheet(2), &[("answers", "555550"), ("comment", "")]).status, 409);
        assert_eq!(answers_of(app, commune).len(), 2);
        assert_recount_is_equal(app);

        let log = audited(app, &batch);
        let of = |action: &str| log.iter().filter(|(done, _)| done == action).map(|(_, told)| told.clone()).collect::<Vec<_>>();
        assert_eq!(of("batch.correct"), [
            json!({ "sheet": 2, "comment": true, "restored": false, "differences": [{ "question": "access", "first": 2, "second": 4 }] }),
            json!({ "sheet": 1, "comment": false, "restored": true, "differences": [] }),
        ]);
        assert_eq!(of("batch.strike"), [json!({ "sheet": 1, "answers": "545450" }), json!({ "sheet": 3, "answers": "11111-" })]);
        assert_eq!(of("batch.end-keying")[0]["struck"], json!([3]));
        let reading = app.database().read(|conn| batch_sheets::all(conn, batch.rsplit('/').next().unwrap().parse::<i64>().unwrap().into()));
        assert_eq!(reading.unwrap().len(), 1, "no second copy of an answer stays");
    }
}

on_both! {
    fn nobody_overwrites_what_somebody_else_just_corrected(app) {
        let link = app.link("dat-dai", Stage::Result);
        let commune = unit(app, "24781");
        let mut browser = app.browser("nhap", Role::DataEntry, Some(commune));
        let mut other = app.browser("nhap-hai", Role::DataEntry, Some(commune));
        let batch = open(&mut browser, &link, "1").location;
        let sheet = format!("{batch}/sheets/1");
        assert_eq!(key(&mut browser, &batch, "1", "222220").status, 303);

        let seen = value(&other.get(&sheet).body, "input[name=seen]").unwrap();
        assert_eq!(browser.send(&sheet, &sheet, &[("answers", "242220"), ("comment", "")]).status, 303);
        let late = other.send(&sheet, &sheet, &[("answers", "222221"), ("comment", "Ồn"), ("seen", &seen)]);
        assert!(late.status == 422 && late.body.contains("vừa được người khác sửa"), "{}", late.body);
        assert_eq!(value(&late.body, "#answers").as_deref(), Some("222221"), "what was typed is kept");
        assert_eq!(value(&late.body, "#comment").as_deref(), Some("Ồn"));
        assert_eq!(select(&late.body, ".read-back dd")[1], "4 Hài lòng", "beside what is stored now");
        let striking = format!("{sheet}/striking");
        assert_eq!(other.send(&sheet, &striking, &[("seen", &seen)]).status, 409);

        let now = value(&late.body, "input[name=seen]").unwrap();
        let again = [("answers", "222221"), ("comment", "Ồn"), ("seen", &*now)];
        assert_eq!(other.send(&sheet, &sheet, &again).status, 303, "who has looked again can save");
        assert_eq!(select(&other.get(&sheet).body, ".read-back dd")[5], "1 Rất không hài lòng");
    }
}

on_both! {
    fn whoever_closes_a_period_is_told_of_its_sheets_that_no_figure_counts_yet(app) {
        store(app, &[LAND]);
        let link = app.link("dat-dai", Stage::Result);
        let mut browser = app.browser("an", Role::Method, None);
        let days = ["2026-06-30", "2026-07-01", "2026-09-30", "2026-10-01"];
        let batches = days.map(|day| open_on(&mut browser, &link, day.parse().unwrap(), "3").location);
        for (batch, sheet) in [(1, "1"), (1, "2"), (2, "1"), (3, "1")] {
            assert_eq!(key(&mut browser, &batches[batch], sheet, "545450").status, 303);
        }
        let sheet = format!("{}/sheets/2", batches[1]);
        assert_eq!(browser.send(&sheet, &format!("{sheet}/striking"), &[]).status, 303);

        let id = close(app, QUARTER).unwrap();
        let page = format!("/console/publications/{id}");
        let told = |browser: &Browser<'_>| select(&browser.get(&page).body, "#waiting");
        let [note] = &told(&browser)[..] else { panic!("a note is missing") };
        assert!(note.contains("còn 2 lô phiếu đang nhập, với 2 phiếu"), "{note}");
        let list = attribute(&browser.get(&page).body, "#waiting a", "href").unwrap();
        assert_eq!(select(&browser.get(&list).body, "table tbody tr").len(), 2, "{list} shows just these");
        let closed = list.replace("state=open", "state=closed");
        assert!(select(&browser.get(&closed).body, "table tbody tr").is_empty());
        let wrong = browser.get("/console/entry/batches?period=2026-Q7&state=open");
        assert!(wrong.status == 422 && wrong.body.contains("“2026-Q7”"), "{}", wrong.body);
        assert_eq!(value(&wrong.body, "#period[aria-invalid]").as_deref(), Some("2026-Q7"));
        assert!(select(&wrong.body, "table tbody tr").is_empty());
        let file = browser.get("/console/entry/batches.csv?period=2026-07&state=open").body;
        assert_eq!(file.lines().count(), 2, "{file}");
        assert_eq!(browser.get("/console/entry/batches.csv?period=2026-Q7").status, 422);
        assert!(told(&app.browser("hoa", Role::Auditor, None)).is_empty(), "who cannot key them in sees no list");

        for batch in &batches[1..3] {
            let closure = [("remark", "Không thu thêm")];
            assert_eq!(browser.send(batch, &format!("{batch}/closure"), &closure).status, 303);
        }
        assert!(told(&browser).is_empty(), "what remains lies outside the period");
    }
}

on_both! {
    fn sheets_of_a_counter_that_was_taken_over_are_checked_too(app) {
        let link = app.link("dat-dai", Stage::Result);
        let (first, second) = (unit(app, "24781"), unit(app, "24787").to_string());
        let mut browser = app.browser("an", Role::Method, None);
        let (page, day) = (format!("/console/catalogue/units/{first}/merge"), today().to_string());
        let form = [("from", day.as_str()), ("units", &second), ("code", "24781"), ("name", "Phường Một")];
        assert_eq!(browser.send_and_confirm(&page, &page, &form).status, 303);
        let heir = unit(app, "24781");
        assert_ne!(heir, first);

        let batch = open(&mut browser, &link, "1").location;
        assert_eq!(key(&mut browser, &batch, "1", "545450").status, 303);
        assert_eq!(browser.send(&batch, &format!("{batch}/closure"), &[]).status, 303);
        assert_eq!(answers_of(app, heir).len(), 1);
        key_sample(&mut browser, &batch, &["545440"]);
        assert_eq!(browser.send(&batch, &format!("{batch}/closure"), &[]).status, 303);
        let facts = select(&browser.get(&batch).body, "dl.part dd");
        assert!(facts[4].contains("(1 / 6)"), "one of six differs: {facts:?}");

        let file = format!("unit_code,counter,day,field,stage,overall\n24781,Quầy thử,{day},dat-dai,result,5\n");
        let shown = browser.preview("/console/entry/import/answers", &[], &file);
        let done = browser.carry_out(&shown);
        assert_eq!(answers_of(app, heir).len(), 2, "a file names the counter by its heir: {done}");
    }
}

on_both! {
    fn a_batch_without_a_sheet_that_stands_says_that_nothing_of_it_counts(app) {
        let link = app.link("dat-dai", Stage::Result);
        let mut browser = app.browser("an", Role::Method, None);
        let batch = open(&mut browser, &link, "1").location;
        assert_eq!(key(&mut browser, &batch, "1", "545450").status, 303);
        let sheet = format!("{batch}/sheets/1");
        assert_eq!(browser.send(&sheet, &format!("{sheet}/striking"), &[]).status, 303);
        let ending = [("remark", "Phiếu của nơi khác")];
        assert_eq!(browser.send(&batch, &format!("{batch}/closure"), &ending).status, 303);
        let ended = browser.get(&batch).body;
        assert!(ended.contains("không phiếu nào được tính vào số liệu"), "{ended}");
        for untrue in ["đã được tính", "giống nhau ở mọi câu"] {
            assert!(!ended.contains(untrue), "{untrue}: {ended}");
        }
    }
}
