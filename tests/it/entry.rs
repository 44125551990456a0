//! Staff enter answers on paper and dossiers settled.

use std::process::Command;

use chrono::NaiveDate;
use hailong::app::{check, questionnaires};
use hailong::db::conn::Conn;
use hailong::db::{audit, responses};
use hailong::domain::answer::Response;
use hailong::domain::flags::Flag;
use hailong::domain::ids::UnitId;
use hailong::domain::link::{Channel, Link, Stage};
use hailong::domain::person::{Actor, Role};
use hailong::domain::questionnaire::Kind;
use scraper::{Html, Selector};
use serde_json::json;

use crate::support::answers::{Answers, LAND, store};
use crate::support::program::hailong;
use crate::support::staff::Browser;
use crate::support::{App, Reply, id, on_both, today};

pub fn unit(app: &App, code: &str) -> UnitId {
    app.snapshot().units.by_code(code, today()).unwrap().unit
}

pub fn select(page: &str, selector: &str) -> Vec<String> {
    let page = Html::parse_document(page);
    let selector = Selector::parse(selector).unwrap();
    let found = page.select(&selector).map(|one| {
        let text = one.text().collect::<Vec<_>>().join(" ");
        text.split_whitespace().collect::<Vec<_>>().join(" ")
    });
    found.collect()
}

pub fn attribute(page: &str, selector: &str, name: &str) -> Option<String> {
    let page = Html::parse_document(page);
    let found = page.select(&Selector::parse(selector).unwrap()).next();
    found.and_then(|one| one.value().attr(name)).map(str::to_owned)
}

pub fn value(page: &str, selector: &str) -> Option<String> {
    attribute(page, selector, "value")
}

pub fn answers_of(app: &App, unit: UnitId) -> Vec<Response> {
    app.database().read(|conn| responses::by_unit(conn, unit)).unwrap()
}

pub fn assert_recount_is_equal(app: &App) {
    let snapshot = app.snapshot();
    let found = app.database().read(|conn| check::run(conn, &snapshot)).unwrap();
    assert!(found.responses > 0 && found.differences.is_empty() && found.cuts.is_empty(), "{found:?}");
}

/// Opens a batch of so many sheets of today about what a link is about.
pub fn open(browser: &mut Browser<'_>, link: &Link, announced: &str) -> Reply {
    open_on(browser, link, today(), announced)
}

pub fn open_on(browser: &mut Browser<'_>, link: &Link, day: NaiveDate, announced: &str) -> Reply {
    let [counter, field] = [link.counter.to_string(), link.field.unwrap().to_string()];
    let (procedure, day) = (link.procedure.unwrap().to_string(), day.to_string());
    let form = [
        ("counter", &*counter),
        ("channel", "paper"),
        ("kind", "tthc"),
        ("field", &*field),
        ("procedure", &*procedure),
        ("stage", "result"),
        ("day", &*day),
        ("announced", announced),
    ];
    browser.send("/console/entry/batches/new", "/console/entry/batches", &form)
}

/// Publishes a version that asks nothing about the staff.
fn publish_without_staff(app: &App) {
    let publish = |conn: &mut Conn| {
        let id = questionnaires::draft(conn, &Actor::Operator, Kind::Tthc)?;
        questionnaires::edit(conn, &Actor::Operator, id, &json!({}), |draft| draft.take_out("staff"))?;
        questionnaires::publish(conn, &Actor::Operator, id, true)
    };
    app.database().write(publish).unwrap();
}

pub fn key(browser: &mut Browser<'_>, batch: &str, sheet: &str, answers: &str) -> Reply {
    let form = [("sheet", sheet), ("answers", answers), ("comment", "")];
    browser.send(batch, &format!("{batch}/sheets"), &form)
}

/// Keys the sheets of the sample a second time, in their order.
pub fn key_sample(browser: &mut Browser<'_>, batch: &str, sheets: &[&str]) {
    for answers in sheets {
        let page = browser.get(batch).body;
        assert!(!page.contains("22222"), "what was keyed first is not shown");
        let sheet = value(&page, "input[name=sheet]").unwrap();
        let again = [("sheet", &*sheet), ("answers", answers)];
        assert_eq!(browser.send(batch, &format!("{batch}/checks"), &again).status, 303);
        assert_eq!(browser.send(batch, &format!("{batch}/checks"), &again).status, 409);
    }
}

on_both! {
    fn a_batch_is_keyed_in_checked_and_closed(app) {
        let link = app.link("dat-dai", Stage::Result);
        let commune = unit(app, "24781");
        let mut browser = app.browser("nhap", Role::DataEntry, Some(commune));
        let opened = open(&mut browser, &link, "4");
        assert_eq!(opened.status, 303, "{}", opened.body);
        let batch = opened.location;
        let page = browser.get(&batch).body;
        assert_eq!(select(&page, "h1"), [format!("Lô 1/{}", today().format("%Y"))]);
        assert_eq!(select(&page, ".signs tbody tr").len(), 6);
        assert!(value(&page, "input[name=sheet]").as_deref() == Some("1"));

        let wrong = browser.send(&batch, &format!("{batch}/sheets"), &[("sheet", "1"), ("answers", "54735-"), ("comment", "Cán bộ tận tình")]);
        assert_eq!(wrong.status, 422);
        assert_eq!(value(&wrong.body, "#answers[aria-invalid=true]").as_deref(), Some("54735-"));
        assert_eq!(value(&wrong.body, "#comment").as_deref(), Some("Cán bộ tận tình"));
        assert_eq!(select(&wrong.body, "#e-answers"), ["câu 3: cần 1–5, -, nhận “7”"]);

        let stored = browser.send(&batch, &format!("{batch}/sheets"), &[("sheet", "1"), ("answers", "5 4 - 3 5 0"), ("comment", "Cán bộ tận tình")]);
        assert_eq!(stored.status, 303, "{}", stored.body);
        let page = browser.get(&stored.location).body;
        let read = select(&page, ".read-back dd");
        assert_eq!(read, ["5 Rất hài lòng", "4 Hài lòng", "- bỏ trống", "3 Bình thường", "5 Rất hài lòng", "0 Tôi chưa có góp ý"]);
        assert_eq!(value(&page, "#answers[autofocus]").as_deref(), Some(""));
        assert_eq!(value(&page, "input[name=sheet]").as_deref(), Some("2"));

        assert_eq!(key(&mut browser, &batch, "1", "54-350").status, 303);
        let other = key(&mut browser, &batch, "1", "11111-");
        assert!(other.location.ends_with("sheet=1&first=1"), "{}", other.location);
        assert!(select(&browser.get(&other.location).body, ".read-back dd").contains(&"- bỏ trống".to_owned()));
        assert_eq!(key(&mut browser, &batch, "3", "555550").status, 422, "the second is missing");
        for (sheet, answers) in [("2", "222220"), ("3", "33333-")] {
            assert_eq!(key(&mut browser, &batch, sheet, answers).status, 303);
        }
        let closure = format!("{batch}/closure");
        let refused = browser.send(&batch, &closure, &[("remark", "")]);
        assert_eq!(refused.status, 422);
        assert_eq!(select(&refused.body, "#e-remark"), ["cần ghi chú vì đã báo 4 phiếu nhưng nhập 3"]);
        assert!(answers_of(app, commune).is_empty(), "nothing counts before the keying ends");
        assert_eq!(browser.send(&batch, &closure, &[("remark", "1 phiếu rách")]).status, 303);
        let stored = answers_of(app, commune);
        assert_eq!(stored.len(), 3);
        assert!(stored.iter().all(|one| (one.channel, one.link, one.field) == (Channel::Paper, link.id, link.field)));
        assert!(stored.iter().all(|one| one.flags.has(Flag::Assisted)));
        assert_eq!(stored.iter().filter(|one| one.comment.is_some()).count(), 1);
        assert_eq!(key(&mut browser, &batch, "4", "555550").status, 409);
        assert_eq!(browser.send(&batch, &closure, &[]).status, 409, "the sample is missing");

        key_sample(&mut browser, &batch, &["54-350", "222221", "33333-"]);
        let rows = select(&browser.get(&batch).body, "table.few tbody tr");
        assert_eq!(rows, ["2 6. Góp ý, phản ánh 0 · Tôi chưa có góp ý 1 · Rất không hài lòng"]);
        assert_eq!(browser.send(&batch, &closure, &[]).status, 303);
        assert_eq!(browser.send("/console/entry/batches/new", &closure, &[]).status, 409);
        let row = select(&browser.get("/console/entry/batches?state=closed").body, "tbody tr").join("");
        assert!(row.contains("3 4") && row.contains("5,6% (1 / 18)"), "{row}");

        assert_eq!(answers_of(app, commune).len(), 3);
        assert_recount_is_equal(app);
        let subject = batch.rsplit('/').next().map(|id| format!("batch:{id}")).unwrap();
        let log = app.database().read(|conn| audit::by_subject(conn, &subject)).unwrap();
        assert_eq!(log.len(), 9, "opened, three sheets, ended, three again, closed");
    }
}

on_both! {
    fn sheets_ask_what_was_asked_on_their_day(app) {
        let link = app.link("dat-dai", Stage::Result);
        publish_without_staff(app);
        let mut browser = app.browser("nhap", Role::DataEntry, Some(unit(app, "24781")));
        let wait = std::time::Instant::now();
        while app.get(&format!("/s/{}", link.code)).body.contains(r#"name="version" value="1""#) {
            assert!(wait.elapsed().as_secs() < 5, "the new version never came into force");
        }
        let mut signs = |day: NaiveDate| {
            let opened = open_on(&mut browser, &link, day, "4");
            assert_eq!(opened.status, 303, "{}", opened.body);
            select(&browser.get(&opened.location).body, ".signs tbody tr").len()
        };
        assert_eq!((signs(today()), signs(today().pred_opt().unwrap())), (5, 6));

        let file = |day: NaiveDate, staff: &str| {
            let head = "unit_code,counter,day,field,procedure_code,stage,overall,access,procedure,staff,result,feedback";
            let snapshot = app.snapshot();
            let procedure = &snapshot.procedure(link.procedure.unwrap(), day).unwrap().code;
            let counter = &snapshot.counters[&link.counter].name;
            format!("{head}\n24781,{counter},{day},dat-dai,{procedure},result,5,4,4,{staff},4,4\n")
        };
        let yesterday = today().pred_opt().unwrap();
        let is_taken = |text: String| {
            let path = app.store.folder.path().join("answers.csv");
            std::fs::write(&path, text).unwrap();
            hailong(app, &["import", "answers", path.to_str().unwrap()]).status.success()
        };
        assert!(!is_taken(file(today(), "4")) && is_taken(file(today(), "")) && is_taken(file(yesterday, "4")));
        assert_recount_is_equal(app);
    }
}

on_both! {
    fn batches_of_others_are_not_found(app) {
        let link = app.link("dat-dai", Stage::Result);
        let (own, other) = (unit(app, "24781"), unit(app, "22972"));
        let mut stranger = app.browser("xa", Role::DataEntry, Some(other));
        assert_eq!(open(&mut stranger, &link, "4").status, 404);
        let mut browser = app.browser("nhap", Role::DataEntry, Some(own));
        let batch = open(&mut browser, &link, "4").location;

        for path in [&format!("{batch}/sheets"), &format!("{batch}/checks"), &format!("{batch}/closure")] {
            let form = [("sheet", "1"), ("answers", "555550"), ("remark", "x")];
            let sent = stranger.send("/console/entry/batches/new", path, &form).status;
            assert_eq!(sent, 404, "{path}");
        }
        assert_eq!(stranger.get(&batch).status, 404);
        assert!(!stranger.get("/console/entry/batches").body.contains(&batch));
        assert!(browser.get("/console/entry/batches").body.contains(&batch));
        for role in [Role::UnitViewer, Role::CommentHandler, Role::Auditor] {
            let unit = (!role.sees_province()).then_some(own);
            let viewer = app.browser(role.key(), role, unit);
            for path in ["/console/entry", "/console/entry/batches", "/console/entry/batches/new", &batch] {
                assert_eq!(viewer.get(path).status, 404, "{path} as {}", role.key());
            }
            assert!(!viewer.get("/console").body.contains("/console/entry"));
        }
        assert!(answers_of(app, own).is_empty());
    }
}

const ANSWERS: &str = "/console/entry/import/answers";
const DOSSIERS: &str = "/console/entry/import/dossiers";

on_both! {
    fn a_file_of_answers_is_shown_first_and_stored_once(app) {
        let link = app.link("dat-dai", Stage::Result);
        let commune = unit(app, "24781");
        let mut browser = app.browser("nhap", Role::DataEntry, Some(commune));
        let day = today();
        let header = "unit_code,counter,day,channel,field,stage,overall,access,feedback,respondent,comment\n";
        let wrong = format!(
            "{header}24781,Quầy thử,{day},paper,dat-dai,result,6,3,0,,\n\
             22972,Quầy thử,{day},paper,dat-dai,result,5,,,,\n\
             24781,Quầy lạ,{day},phone,dat-dai,result,5,,,,\n\
             24781,Quầy thử,{day},paper,dat-dai,,,0,,,\n"
        );
        let refused = browser.upload(ANSWERS, &[], &wrong);
        assert_eq!(refused.status, 422);
        let faults = select(&refused.body, ".faults li");
        let starts = [
            "overall: dòng 2: cần 1–5, nhưng gặp “6”",
            "unit_code: dòng 3: ",
            "channel: dòng 4: cần một trong các giá trị: paper, interview",
            "counter: dòng 4: ",
            "stage: dòng 5: ",
        ];
        assert_eq!(faults.len(), starts.len(), "{faults:#?}");
        for (fault, start) in faults.iter().zip(starts) {
            assert!(fault.starts_with(start), "{fault}");
        }

        let file = format!(
            "{header}24781,Quầy thử,{day},paper,dat-dai,result,5,4,0,citizen,Nhanh\n\
             24781,Quầy thử,{day},paper,dat-dai,result,2,-,,,\n\
             24781,Quầy thử,{day},interview,dat-dai,result,4,4,4,organization,\n"
        );
        let preview = browser.upload(ANSWERS, &[], &file);
        assert_eq!(preview.status, 200, "{}", preview.body);
        assert_eq!(select(&preview.body, "tbody tr").len(), 2, "paper and interview");
        assert!(answers_of(app, commune).is_empty(), "a preview stores nothing");
        let stored = browser.carry_out(&preview.body);
        assert_eq!(select(&stored, "[role=status]"), ["Đã áp dụng: thêm 3, sửa 0, giữ nguyên 0 dòng."]);
        assert_eq!(browser.carry_out(&preview.body).matches("thêm 3").count(), 1, "sent twice, it is one job");
        assert!(value(&browser.upload(ANSWERS, &[], &file).body, "input[name=hash]").is_none(), "nothing is new");

        let path = app.store.folder.path().join("answers.csv");
        std::fs::write(&path, &file).unwrap();
        let twin = Command::new(env!("CARGO_BIN_EXE_hailong"))
            .args(["import", "answers", path.to_str().unwrap(), "--database-url", &app.store.url])
            .output()
            .unwrap();
        assert_eq!(String::from_utf8_lossy(&twin.stdout).trim(), "0 added, 0 changed, 3 unchanged");

        let answers = answers_of(app, commune);
        let interviews = answers.iter().filter(|one| one.channel == Channel::Interview).count();
        assert_eq!((answers.len(), interviews), (3, 1));
        assert!(answers.iter().all(|one| one.flags.has(Flag::Assisted) && one.counter == link.counter));
        assert_recount_is_equal(app);
        let viewer = app.browser("xem", Role::UnitViewer, Some(commune));
        assert_eq!(viewer.get(ANSWERS).status, 404);
    }
}

on_both! {
    fn dossiers_are_typed_and_imported_beside_the_answers(app) {
        let link = app.link("dat-dai", Stage::Result);
        let commune = unit(app, "24781");
        for _ in 0..6 {
            assert_eq!(app.answer(&link, &id(), "5").status, 303);
        }
        let mut browser = app.browser("nhap", Role::DataEntry, Some(commune));
        let month = today().format("%Y-%m").to_string();
        let page = format!("/console/dossiers/{commune}/{month}");

        let wrong = browser.send(&page, &page, &[("field-dat-dai", "1.200"), ("field-ho-tich", "7")]);
        assert_eq!(wrong.status, 422);
        assert_eq!(select(&wrong.body, "#e-field-dat-dai").len(), 1);
        assert_eq!(value(&wrong.body, "#field-dat-dai").as_deref(), Some("1.200"));
        assert_eq!(value(&wrong.body, "#field-ho-tich").as_deref(), Some("7"));
        let saved = browser.send(&page, &page, &[("field-dat-dai", "120"), ("field-ho-tich", "7")]);
        assert_eq!(saved.status, 303, "{}", saved.body);
        let shown = browser.get(&page).body;
        assert_eq!(value(&shown, "#field-dat-dai").as_deref(), Some("120"));
        assert!(select(&shown, "tbody tr").contains(&"Đất đai 6 5,0%".to_owned()), "{:?}", select(&shown, "tbody tr"));
        assert_eq!(browser.send(&page, &page, &[("field-dat-dai", "120")]).status, 303, "an empty field is taken back");
        let list = select(&browser.get(&format!("/console/dossiers?month={month}")).body, "tbody tr");
        assert!(list.len() == 1 && list[0].ends_with("120 1 / 13 6 5,0%"), "{list:?}");

        let file = format!("unit_code;field;month;settled\n24781;dat-dai;{month};240\n24781;thue;{month};0\n");
        let preview = browser.upload(DOSSIERS, &[], &file);
        let rows = select(&preview.body, "tbody tr");
        assert!(rows.len() == 2 && rows[0].ends_with("120 240 6"), "{rows:?}");
        let stored = browser.carry_out(&preview.body);
        assert_eq!(select(&stored, "[role=status]"), ["Đã áp dụng: thêm 1, sửa 1, giữ nguyên 0 dòng."]);
        assert!(value(&browser.upload(DOSSIERS, &[], &file).body, "input[name=hash]").is_none());
        let faults = browser.upload(DOSSIERS, &[], "unit_code,field,month,settled\n22972,x,2999-01,-1\n");
        assert_eq!((faults.status, select(&faults.body, ".faults li").len()), (422, 3));
        let log = app.database().read(|conn| audit::by_subject(conn, "dossiers")).unwrap();
        assert_eq!(log.len(), 1);

        let foreign = format!("/console/dossiers/{}/{month}", unit(app, "22972"));
        assert_eq!(browser.get(&foreign).status, 404);
        assert_eq!(browser.send(&page, &foreign, &[("field-dat-dai", "1")]).status, 404);
        assert_eq!(app.browser("xem", Role::UnitViewer, Some(commune)).get(&page).status, 404);
    }
}

on_both! {
    fn more_answers_than_dossiers_are_marked_and_not_refused(app) {
        store(app, &[LAND, Answers { field: "ho-tich", levels: [4, 0, 0, 0, 0], ..LAND }]);
        let commune = unit(app, "24781");
        let mut browser = app.browser("nhap", Role::DataEntry, Some(commune));
        let page = format!("/console/dossiers/{commune}/2026-08");
        let list = |browser: &Browser<'_>| select(&browser.get("/console/dossiers?month=2026-08").body, "tbody tr")[0].clone();
        assert_eq!(browser.send(&page, &page, &[("field-dat-dai", "101"), ("field-ho-tich", "3")]).status, 303);
        assert!(!list(&browser).contains("nhiều phiếu hơn"), "as many are no slip, and four are not shown");
        assert_eq!(browser.send(&page, &page, &[("field-dat-dai", "99"), ("field-ho-tich", "300")]).status, 303);
        let row = list(&browser);
        assert!(row.ends_with("nhiều phiếu hơn hồ sơ: Đất đai"), "also where the sum is in order: {row}");
        assert_eq!(select(&browser.get("/console/dossiers?month=2026-08").body, "main > p.mark").len(), 1, "and above the list");
        let csv = browser.get("/console/dossiers.csv?month=2026-08").body;
        assert!(csv.contains("nhiều phiếu hơn hồ sơ: Đất đai"), "{csv}");

        let file = "unit_code;field;month;settled\n24781;ho-tich;2026-08;2\n24781;dat-dai;2026-08;100\n24781;ho-tich;2026-07;9\n";
        let preview = browser.upload(DOSSIERS, &[], file);
        assert!(!select(&preview.body, "caption")[0].contains("nhiều phiếu hơn"), "{:?}", select(&preview.body, "caption"));
        let file = file.replace(";100", ";98");
        let preview = browser.upload(DOSSIERS, &[], &file);
        let rows = select(&preview.body, "tbody tr");
        assert!(rows.len() == 3 && rows[0].ends_with("Đất đai 08/2026 99 98 100 nhiều phiếu hơn hồ sơ"), "it comes first: {rows:?}");
        assert!(rows[1..].iter().all(|row| !row.contains("nhiều phiếu hơn")), "{rows:?}");
        assert!(select(&preview.body, "caption")[0].contains("nhiều phiếu hơn hồ sơ"));
        let stored = browser.carry_out(&preview.body);
        assert_eq!(select(&stored, "[role=status]"), ["Đã áp dụng: thêm 1, sửa 2, giữ nguyên 0 dòng."]);
    }
}

on_both! {
    fn a_batch_is_of_a_day_on_which_its_counter_can_have_served(app) {
        let link = app.link("dat-dai", Stage::Result);
        let mut browser = app.browser("an", Role::Method, None);
        let said = |reply: Reply| {
            assert_eq!(reply.status, 422);
            select(&reply.body, "#e-day").concat()
        };
        let mut on = |day: &str| open_on(&mut browser, &link, day.parse().unwrap(), "3");
        assert!(said(on("1999-01-01")).contains("không hoạt động vào ngày 01/01/1999"));
        assert!(said(on("2025-06-30")).contains("30/06/2025"), "the day before it was founded");
        assert!(said(on("2100-01-01")).contains("không muộn hơn hôm nay"));
        assert_eq!(on("2025-07-01").status, 303);

        let counter = format!("/console/catalogue/counters/{}", link.counter);
        let closing = [("counter", "Quầy thử"), ("opens", "07:30"), ("closes", "17:00"), ("closed_from", "2026-11-02")];
        assert_eq!(browser.send(&counter, &counter, &closing).status, 303);
        let mut on = |day: &str| open_on(&mut browser, &link, day.parse().unwrap(), "3");
        assert!(said(on("2026-11-02")).contains("đóng vào ngày 02/11/2026"));
        assert_eq!(on("2026-11-01").status, 303, "sheets of its last day can still be keyed in");
    }
}
