use diesel::RunQueryDsl;
use hailong::app::questionnaires;
use hailong::app::scores::{Compared, Dimension, Query};
use hailong::app::{check, exports};
use hailong::db::responses;
use hailong::domain::link::Stage;
use hailong::domain::period::{Period, Span};
use hailong::domain::person::{Actor, Role};
use hailong::domain::questionnaire::{Kind, Questionnaire, Status};
use hailong::locale::Lang;
use scraper::{Html, Selector};
use serde_json::json;

use crate::support::questionnaires::draft_asking;
use crate::support::staff::Browser;
use crate::support::{App, Reply, id, on_both, today};

const LIST: &str = "/console/catalogue/questionnaires";

fn versions(app: &App) -> Vec<Questionnaire> {
    let all = app.database().read(|conn| questionnaires::list(conn, &Actor::Operator)).unwrap();
    all.into_iter().filter(|one| one.kind == Kind::Tthc).collect()
}

/// Makes a draft through the console and gives its address.
fn draft(browser: &mut Browser<'_>) -> String {
    let reply = browser.send(LIST, LIST, &[("kind", "tthc")]);
    assert_eq!(reply.status, 303);
    reply.location
}

/// Publishes a version in which the overall question asks otherwise.
fn publish_reworded(app: &App) {
    app.database()
        .write(|conn| {
            let id = draft_asking(conn, "overall", "Hỏi cách khác?")?;
            let without_staff = |draft: &mut Questionnaire| draft.take_out("staff");
            questionnaires::edit(conn, &Actor::Operator, id, &json!({}), without_staff)?;
            questionnaires::publish(conn, &Actor::Operator, id, true)
        })
        .unwrap();
}

fn has(reply: &Reply, selector: &str) -> bool {
    let page = Html::parse_document(&reply.body);
    page.select(&Selector::parse(selector).unwrap()).next().is_some()
}

fn wait_for_text(app: &App, path: &str, text: &str) {
    let start = std::time::Instant::now();
    while !app.get(path).body.contains(text) {
        assert!(start.elapsed().as_secs() < 2, "{path} never said {text}");
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
}

on_both! {
    fn a_draft_is_edited_previewed_and_published_and_citizens_are_asked_with_it(app) {
        let link = app.link("dat-dai", Stage::Result);
        let mut lan = app.browser("lan", Role::Method, None);
        let own = draft(&mut lan);
        assert_eq!(lan.send(&own, LIST, &[("kind", "tthc")]).status, 409, "one draft of a kind at a time");

        let bad = lan.send(&own, &format!("{own}/questions"), &[("key", "Nhân viên"), ("ask-vi", "Giữ lại")]);
        assert_eq!(bad.status, 422);
        assert!(has(&bad, "#key[aria-invalid]") && bad.body.contains("Giữ lại"));
        let online = [("key", "online"), ("role", "element"), ("ask-vi", "Nộp qua mạng"), ("label-vi", "Trực tuyến"),
            ("ask-en", "Applying online"), ("label-en", "Online")];
        assert_eq!(lan.send(&own, &format!("{own}/questions"), &online).status, 303);
        assert_eq!(lan.send(&own, &format!("{own}/questions/online/place"), &[("to", "up")]).status, 303);
        assert_eq!(lan.send(&own, &format!("{own}/questions/staff/deletion"), &[]).status, 303);
        let keys: Vec<String> = versions(app)[0].questions.iter().map(|question| question.key.clone()).collect();
        assert_eq!(keys, ["overall", "access", "procedure", "result", "online", "feedback", "complete"]);

        assert_eq!(lan.send(&own, &format!("{own}/languages"), &[("tag", "K'Ho")]).status, 422);
        let added = lan.send(&own, &format!("{own}/languages"), &[("tag", "KPM")]);
        assert_eq!(added.location, format!("{own}/languages/kpm"));

        let changes = lan.get(&format!("{own}/changes")).body;
        assert!(changes.contains("change added") && changes.contains("change removed"));
        let frame = lan.get(&format!("{own}/preview/page?lang=vi&stage=result"));
        assert!(frame.body.contains("Nộp qua mạng") && frame.body.contains("Bản xem trước"));
        assert!(has(&frame, "button#q-send[disabled]"));
        let policy = frame.headers.get("content-security-policy").unwrap().to_str().unwrap();
        assert!(policy.contains("form-action 'none'") && policy.contains("frame-ancestors 'self'"), "{policy}");
        assert!(!app.get(&format!("/s/{}", link.code)).body.contains("Nộp qua mạng"));

        assert_eq!(lan.send(&own, &format!("{own}/publication"), &[]).status, 303);
        let page = app.get(&format!("/s/{}", link.code));
        assert!(page.body.contains("Nộp qua mạng") && !page.body.contains("lang=kpm"), "kpm has no texts yet");
        let found = versions(app);
        assert_eq!(found.iter().map(|one| one.status).collect::<Vec<_>>(), [Status::Published, Status::Retired]);
        assert_eq!(found[0].steps.published.as_ref().unwrap().by, "lan");
        assert_eq!(lan.get(&format!("{own}/questions/online")).status, 404, "published versions have no form");
        assert_eq!(lan.send(LIST, &format!("{own}/questions/online/deletion"), &[]).status, 409);
        assert_eq!(lan.send(LIST, &format!("{own}/deletion"), &[]).status, 409);
    }
}

on_both! {
    fn what_stands_in_the_way_of_publishing_is_said_and_the_old_version_stays(app) {
        let mut lan = app.browser("lan", Role::Method, None);
        let own = draft(&mut lan);
        assert_eq!(lan.send(&own, &format!("{own}/questions/overall/deletion"), &[]).status, 303);
        let reply = lan.send(&own, &format!("{own}/publication"), &[]);
        assert_eq!(reply.status, 422);
        assert!(reply.body.contains("đúng một câu hỏi chung"));
        assert_eq!(versions(app)[1].status, Status::Published);
        assert_eq!(lan.send(&own, &format!("{own}/deletion"), &[]).status, 303);
        assert_eq!(versions(app).len(), 1);
    }
}

on_both! {
    fn the_database_itself_refuses_to_change_a_published_version(app) {
        let refused = [
            "UPDATE questionnaires SET texts = '{}' WHERE kind = 'tthc'",
            "UPDATE questionnaires SET status = 'draft' WHERE kind = 'tthc'",
            "UPDATE questionnaires SET status = 'retired', version = 9 WHERE kind = 'tthc'",
            "DELETE FROM questionnaires WHERE kind = 'tthc'",
            "UPDATE questions SET position = 9 WHERE key = 'staff'",
            "DELETE FROM questions WHERE key = 'staff'",
            "INSERT INTO questions (questionnaire_id, key, position, role, required, result_only, allows_na, texts) \
             SELECT id, 'more', 9, 'element', 0, 0, 0, '{}' FROM questionnaires WHERE kind = 'tthc'",
            "INSERT INTO questionnaires (kind, version, status, texts) VALUES ('tthc', 7, 'published', '{}')",
        ];
        for statement in refused {
            let run = |conn: &mut hailong::db::conn::Conn| Ok(diesel::sql_query(statement).execute(conn).is_err());
            assert!(app.database().with_migration_connection(run).unwrap(), "{statement}");
        }
        let retire = "UPDATE questionnaires SET status = 'retired' WHERE kind = 'tthc'";
        let run = |conn: &mut hailong::db::conn::Conn| Ok(diesel::sql_query(retire).execute(conn).unwrap());
        assert_eq!(app.database().with_migration_connection(run).unwrap(), 1);
    }
}

on_both! {
    fn an_answer_begun_before_a_new_version_is_stored_under_what_was_asked(app) {
        let link = app.link("dat-dai", Stage::Result);
        let path = format!("/s/{}", link.code);
        let beside = app.beside();
        assert!(app.get(&path).body.contains(r#"name="version" value="1""#));
        publish_reworded(app);
        wait_for_text(app, &path, "Hỏi cách khác?");
        wait_for_text(&beside, &path, "Hỏi cách khác?");

        assert_eq!(app.post(&path, &[("id", &id()), ("version", "1"), ("overall", "5"), ("staff", "2")]).status, 303);
        assert_eq!(beside.post(&path, &[("id", &id()), ("version", "2"), ("overall", "4"), ("staff", "2")]).status, 303);
        let [second, first] = versions(app).try_into().unwrap();
        let unit = app.snapshot().counters[&link.counter].unit;
        let stored = app.database().read(|conn| responses::by_unit(conn, unit)).unwrap();
        let under = |version: &Questionnaire| stored.iter().find(|one| one.questionnaire == version.id).unwrap();
        assert!(under(&first).scores.contains_key("staff"), "the first version asked for it");
        assert!(!under(&second).scores.contains_key("staff"), "the second one did not");
        let snapshot = app.snapshot();
        let findings = app.database().read(|conn| check::run(conn, &snapshot)).unwrap();
        assert_eq!((findings.responses, findings.differences.len()), (2, 0));

        let unknown = [("id", id()), ("version", "7".into()), ("overall", "3".into()), ("comment", "Chờ lâu".into())];
        let unknown: Vec<(&str, &str)> = unknown.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let again = app.post(&path, &unknown);
        assert_eq!(again.status, 422);
        assert!(again.body.contains("Phiếu đã được thay bằng bản mới") && again.body.contains("Chờ lâu"));
        assert!(has(&again, "input[name=overall][value='3'][checked]"));
        assert!(has(&again, "input[name=version][value='2']"));
    }
}

on_both! {
    fn a_series_across_questions_that_differ_bears_a_mark(app) {
        let lan = app.browser("lan", Role::Method, None);
        let link = app.link("dat-dai", Stage::Result);
        app.answer(&link, &id(), "5");
        let address = "/console/breakdown?by=month";
        assert!(!lan.get(address).body.contains("┆"));
        publish_reworded(app);
        wait_for_text(app, &format!("/s/{}", link.code), "Hỏi cách khác?");
        let sentence = format!("Bộ câu hỏi đổi từ ngày {}", Lang::Vi.date(today()));
        for path in ["/console", address] {
            let page = lan.get(path).body;
            assert!(page.contains(&sentence), "{path}");
        }
        let snapshot = app.snapshot();
        let query = Query::of(Kind::Tthc, Period::around(today(), Span::Year)).by(&[Dimension::Month]);
        let table = app.database().read(|conn| Compared::run(conn, &snapshot, &Actor::Operator, &query)).unwrap();
        let csv = String::from_utf8(exports::csv(&exports::sheet(&table, &snapshot, Lang::Vi)).unwrap()).unwrap();
        assert!(csv.contains("questionnaire_changed") && csv.contains(&today().to_string()));
    }
}

on_both! {
    fn an_element_whose_question_changed_bears_a_mark_of_its_own(app) {
        let link = app.link("dat-dai", Stage::Result);
        let path = format!("/s/{}", link.code);
        let answer = |version: &str| {
            let form = [("id", &*id()), ("version", version), ("overall", "5"), ("staff", "2"), ("access", "4")];
            assert_eq!(app.post(&path, &form).status, 303);
        };
        answer("1");
        let publish = |conn: &mut hailong::db::conn::Conn| {
            let id = draft_asking(conn, "staff", "Công chức có lắng nghe không?")?;
            questionnaires::publish(conn, &Actor::Operator, id, true)
        };
        app.database().write(publish).unwrap();
        wait_for_text(app, &path, "có lắng nghe");
        answer("2");
        let lan = app.browser("lan", Role::Method, None);
        let period = today().format("%Y-%m");
        let page = Html::parse_document(&lan.get(&format!("/console/breakdown?by=element&period={period}")).body);
        let names: Vec<String> = page
            .select(&Selector::parse("#rows tbody th").unwrap())
            .map(|name| name.text().collect::<String>().trim().to_owned())
            .collect();
        let marked: Vec<&String> = names.iter().filter(|name| name.contains('┆')).collect();
        assert!(names.len() > 1 && marked.len() == 1 && marked[0].contains("ông chức"), "{names:?}");
        assert!(page.root_element().text().any(|text| text.contains("đổi từ ngày")));
        let file = lan.bytes(&format!("/console/scores.csv?by=element&period={period}")).1;
        let file = String::from_utf8(file).unwrap();
        let days = file.lines().filter(|line| line.contains(&today().to_string())).collect::<Vec<_>>();
        assert!(days.len() == 1 && days[0].contains("staff"), "{file}");
    }
}

on_both! {
    fn a_complete_language_is_offered_to_citizens_and_stored_with_the_answer(app) {
        let link = app.link("dat-dai", Stage::Result);
        let path = format!("/s/{}", link.code);
        let mut lan = app.browser("lan", Role::Method, None);
        let own = draft(&mut lan);
        assert_eq!(lan.send(&own, &format!("{own}/languages"), &[("tag", "kpm")]).status, 303);
        let mut form = vec![("name".to_owned(), "K'Ho".to_owned()), ("title".into(), "Kơn".into()), ("opening".into(), "Mời".into())];
        form.extend((1..=5).map(|level| (format!("level-{level}"), format!("Mức {level} kpm"))));
        for key in ["overall", "access", "procedure", "staff", "result", "feedback"] {
            form.extend(["ask", "label"].map(|part| (format!("{part}-{key}"), format!("{part} {key} kpm"))));
        }
        let form: Vec<(&str, &str)> = form.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
        let word = "a".repeat(41);
        let too_long = [form.as_slice(), &[("level-5", word.as_str())]].concat();
        let refused = lan.send(&own, &format!("{own}/languages/kpm"), &too_long);
        assert!(refused.status == 422 && refused.body.contains("ask staff kpm") && has(&refused, "[name=level-5][aria-invalid]"));
        assert_eq!(lan.send(&own, &format!("{own}/languages/kpm"), &form).status, 303);
        assert_eq!(lan.send(&own, &format!("{own}/publication"), &[]).status, 303);

        let page = app.get(&path);
        assert!(has(&page, "a[hreflang=kpm]") && has(&page, "a[hreflang=en]"));
        let page = app.get(&format!("{path}?lang=kpm"));
        assert!(page.body.contains("ask overall kpm") && page.body.contains("Mức 5 kpm"));
        assert!(has(&page, "html[lang=kpm]") && !has(&page, "h1[lang]") && has(&page, "#q-send[lang=vi]"));
        let id = id();
        let sent = [("id", id.as_str()), ("version", "2"), ("lang", "kpm"), ("overall", "4")];
        let reply = app.post(&path, &sent);
        assert_eq!(reply.location, format!("{path}/thanks?lang=kpm"));
        let unit = app.snapshot().counters[&link.counter].unit;
        let stored = app.database().read(|conn| responses::by_unit(conn, unit)).unwrap();
        assert_eq!(stored[0].language.as_str(), "kpm");
        assert!(!app.get(&format!("{path}?lang=zh")).body.contains("lang=\"zh\""));
    }
}

on_both! {
    fn a_further_language_brings_the_words_of_the_page_as_far_as_it_has_them(app) {
        let link = app.link("dat-dai", Stage::Result);
        let path = format!("/s/{}", link.code);
        let mut lan = app.browser("lan", Role::Method, None);
        let own = draft(&mut lan);
        assert_eq!(lan.send(&own, &format!("{own}/languages"), &[("tag", "zh")]).status, 303);
        let page = format!("{own}/languages/zh");
        let mut form = vec![("name".to_owned(), "中文".to_owned()), ("title".into(), "请评价".into()), ("opening".into(), "匿名".into())];
        form.extend((1..=5).map(|level| (format!("level-{level}"), format!("等级 {level}"))));
        for key in ["overall", "access", "procedure", "staff", "result", "feedback"] {
            form.extend(["ask", "label"].map(|part| (format!("{part}-{key}"), format!("{part} {key} zh"))));
        }
        let words = [
            ("page-send", "提交 <评价>"), ("page-thanks", "谢谢您"), ("page-fault.required", "请选择总体满意度"),
            ("page-stage-result", "领取结果"), ("page-more", " "),
        ];
        form.extend(words.map(|(name, text)| (name.to_owned(), text.to_owned())));
        let form: Vec<(&str, &str)> = form.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
        let long = "长".repeat(301);
        let refused = lan.send(&page, &page, &[form.as_slice(), &[("page-foot", long.as_str())]].concat());
        assert!(refused.status == 422 && has(&refused, "[name='page-foot'][aria-invalid]"));
        assert!(refused.body.contains("谢谢您") && refused.body.contains(&long), "what was typed is kept");
        assert_eq!(lan.send(&page, &page, &form).status, 303);

        let edited = lan.get(&page);
        assert!(edited.body.contains("Gửi đánh giá") && edited.body.contains("谢谢您"), "the Vietnamese stands beside");
        assert!(edited.body.contains("Còn thiếu 35 trong 39 câu"), "{}", edited.body);
        assert!(lan.get(&own).body.contains("35 câu của trang chưa dịch"));
        assert!(lan.get(&format!("{own}/changes")).body.contains("谢谢您"));
        let seen = lan.get(&format!("{own}/preview/page?lang=zh&stage=result"));
        assert!(has(&seen, "html[lang=zh]") && seen.body.contains("提交 &#60;评价&#62;"), "{}", seen.body);
        assert!(!app.get(&format!("{path}?lang=zh")).body.contains("提交"), "a draft is not public");
        assert_eq!(lan.send(&own, &format!("{own}/publication"), &[]).status, 303);
        assert_eq!(lan.send(&own, &page, &form).status, 409, "published words stay as they are");

        let zh = app.get(&format!("{path}?lang=zh"));
        assert!(has(&zh, "html[lang=zh]") && has(&zh, "#q-send:not([lang])") && has(&zh, ".foot[lang=vi]"));
        assert!(zh.body.contains("领取结果") && has(&zh, ".where span[lang=vi]"), "names of units are Vietnamese");
        assert!(zh.body.contains("Xin cho biết thêm"), "blank is missing");
        let wrong = app.post(&path, &[("id", &*id()), ("version", "2"), ("lang", "zh")]);
        assert!(wrong.status == 422 && wrong.body.contains("请选择总体满意度"));
        assert!(has(&wrong, ".fault:not([lang])") && has(&wrong, ".summary h2[lang=vi]"));
        let sent = app.post(&path, &[("id", &*id()), ("version", "2"), ("lang", "zh"), ("overall", "5")]);
        let thanks = app.get(&sent.location);
        assert!(has(&thanks, "h1:not([lang])") && thanks.body.contains("谢谢您") && has(&thanks, "p[lang=vi]"));
        let vi = app.get(&path);
        assert!(has(&vi, "html[lang=vi]") && !vi.body.contains("提交") && !has(&vi, "#q-send[lang]"));
    }
}

on_both! {
    fn whoever_does_not_run_the_method_finds_no_questionnaires(app) {
        for (login, role) in [("audit", Role::Auditor), ("kho", Role::UnitViewer)] {
            let unit = (role == Role::UnitViewer).then(|| app.snapshot().units.by_code("24781", today()).unwrap().unit);
            let browser = app.browser(login, role, unit);
            for path in ["", "/1", "/1/preview", "/1/preview/page", "/1/changes", "/1/questions/new", "/1/languages/vi"] {
                assert_eq!(browser.get(&format!("{LIST}{path}")).status, 404, "{path} as {login}");
            }
        }
    }
}
