//! What citizens write is masked, found, handled within one's reach, and raises alerts.

mod alerts;
mod days;
mod hiding;
mod work;

use std::io::Cursor;

use calamine::{Data, Reader, Xlsx};
use chrono::{Days, NaiveDate};
use diesel::RunQueryDsl;
use hailong::app::{first_start, intake};
use hailong::db;
use hailong::domain::answer::{Comment, OVERALL, Response, Score, Scores};
use hailong::domain::day::HalfDay;
use hailong::domain::flags::Flags;
use hailong::domain::ids::UnitId;
use hailong::domain::level::Level;
use hailong::domain::link::{Channel, Link, Stage};
use hailong::domain::person::Role;
use hailong::domain::questionnaire::Kind;
use hailong::locale::Lang;
use hailong::web::actor::encode;
use scraper::{Html, Selector};
use uuid::Uuid;

use crate::support::staff::Browser;
use crate::support::{App, draft, on_both, today};

const OWN: &str = "24781";
const OTHER: &str = "22972";

fn unit(app: &App, code: &str) -> UnitId {
    app.snapshot().units.by_code(code, today()).unwrap().unit
}

fn link(app: &App, code: &str, counter: &str) -> Link {
    app.link_of(&draft(&app.snapshot(), code, counter, "dat-dai", Stage::Result))
}

fn response(app: &App, link: &Link, day: NaiveDate, level: u8) -> Response {
    let snapshot = app.snapshot();
    let served = snapshot.counters[&link.counter].unit;
    Response {
        id: Uuid::new_v4(),
        served,
        deciding: served,
        counter: link.counter,
        link: link.id,
        questionnaire: snapshot.published(Kind::Tthc).unwrap().id,
        field: link.field,
        procedure: link.procedure,
        stage: link.stage,
        channel: Channel::Qr,
        respondent: None,
        language: Lang::Vi.into(),
        day,
        half: HalfDay::Morning,
        scores: Scores::from([(OVERALL.to_owned(), Score::Level(Level::try_from(level).unwrap()))]),
        comment: None,
        flags: Flags::NONE,
    }
}

fn store(app: &App, responses: &[Response]) {
    let questionnaires = app.snapshot().questionnaires.clone();
    app.database().write(|conn| intake::store(conn, responses, &questionnaires)).unwrap();
}

/// Answers today with a comment and gives the address of its page.
fn comment(app: &App, link: &Link, level: u8, body: &str) -> String {
    let id = Uuid::new_v4();
    let comment = Some(Comment { id, body: body.to_owned() });
    store(app, &[Response { comment, ..response(app, link, today(), level) }]);
    format!("/console/comments/{id}")
}

fn texts(page: &str, selector: &str) -> Vec<String> {
    let page = Html::parse_document(page);
    let selector = Selector::parse(selector).unwrap();
    page.select(&selector).map(|element| element.text().collect::<String>().trim().to_owned()).collect()
}

fn state_on(page: &str) -> String {
    texts(page, ".head .stage").concat()
}

fn listed(browser: &Browser<'_>, query: &str) -> Vec<String> {
    texts(&browser.get(&format!("/console/comments{query}")).body, ".remark-text")
}

on_both! {
    fn personal_data_are_masked_on_every_page_and_in_every_export(app) {
        let link = link(app, OWN, "Quầy 1");
        let body = "Gọi 0912.345.678 hay nam@gmail.com, xe 49A-123.45; nộp 1.500.000 đồng";
        let masked = "Gọi [số điện thoại] hay [thư điện tử], xe [biển số xe]; nộp 1.500.000 đồng";
        let page = comment(app, &link, 1, body);
        let viewer = app.browser("xem", Role::UnitViewer, Some(unit(app, OWN)));
        let handler = app.browser("xuly", Role::CommentHandler, Some(unit(app, OWN)));
        let mut method = app.browser("snv", Role::Method, None);

        for browser in [&viewer, &handler, &method] {
            for path in ["/console/comments", "/console/alerts", "/console/comments.csv", "/console/comments.json", &page] {
                let reply = browser.get(path);
                assert_eq!(reply.status, 200, "{path}");
                assert!(reply.body.contains(masked), "{path}: {}", reply.body);
                assert!(!reply.body.contains("345.678") && !reply.body.contains("gmail"), "{path}");
            }
            let (_, bytes) = browser.bytes("/console/comments.xlsx");
            let mut book: Xlsx<_> = Xlsx::new(Cursor::new(bytes)).unwrap();
            let sheet = book.worksheet_range_at(0).unwrap().unwrap();
            assert!(sheet.cells().any(|(_, _, cell)| *cell == Data::String(masked.to_owned())));
            assert!(listed(browser, "?q=345.678").is_empty(), "a search must not tell what is masked");
            assert!(listed(browser, "?q=so+dien+thoai").is_empty(), "nobody wrote these words");
            assert_eq!(listed(browser, "?q=goi").len(), 1);
        }

        let mut administrator = app.browser("qt", Role::Administrator, None);
        assert!(!administrator.get(&page).body.contains("unmasking"), "to set up is not to moderate");
        assert_eq!(administrator.send(&page, &format!("{page}/unmasking"), &[]).status, 404);
        let mut handler = handler;
        assert!(!handler.get(&page).body.contains("unmasking"));
        assert_eq!(handler.send(&page, &format!("{page}/unmasking"), &[]).status, 404);
        let shown = method.send(&page, &format!("{page}/unmasking"), &[]);
        assert!(shown.status == 200 && shown.body.contains(body));
        assert!(!method.get(&page).body.contains("345.678"), "shown once");
        let subject = page.replace("/console/comments/", "comment:");
        let audit = app.database().read(|conn| db::audit::by_subject(conn, &subject)).unwrap();
        let looks: Vec<_> = audit.iter().map(|entry| (entry.record.actor.as_str(), entry.record.action.as_str())).collect();
        assert_eq!(looks, [("snv", "comment.unmasking")]);
    }
}

on_both! {
    fn a_search_finds_phrases_from_the_beginning_of_a_word_without_regard_to_marks_case_and_signs(app) {
        let link = link(app, OWN, "Quầy 1");
        comment(app, &link, 3, "Hồ sơ đất chậm 100%");
        comment(app, &link, 5, "Cảm ơn cán bộ");
        let browser = app.browser("snv", Role::Method, None);
        for search in ["ho so", "HỒ SƠ", "sơ đấ", "so-dat'", "“hồ sơ”", "chậm, hồ sơ", "cham;ho", "100%"] {
            assert_eq!(listed(&browser, &format!("?q={}", encode(search))), ["Hồ sơ đất chậm 100%"], "{search}");
        }
        for search in ["ho_so_x", "so ho", "h so", "o so", "ất", "hồ sơ, cảm ơn"] {
            assert!(listed(&browser, &format!("?q={}", encode(search))).is_empty(), "{search}");
        }
        assert_eq!(listed(&browser, "?q=%27").len(), 2, "nothing to look for");
        assert_eq!(listed(&browser, "?low=1").len() + listed(&browser, "?overdue=1").len(), 0);
        assert_eq!(listed(&browser, "?sort=level&dir=desc")[0], "Cảm ơn cán bộ");
        assert_eq!(browser.get("/console/comments?period=x").status, 422);

        let statement = |text: &'static str| {
            app.database().write(|conn| Ok(diesel::sql_query(text).execute(conn).unwrap())).unwrap()
        };
        // As they were folded when words were looked for anywhere in a text.
        statement("UPDATE comments SET folded = 'ho so dat cham 100%' WHERE level = 3");
        assert!(listed(&browser, "?q=ho+so").is_empty());
        assert_eq!(statement(include_str!("../../migrations/sqlite/2026-11-24-000310_search_by_words/up.sql")), 2);
        first_start::prepare(&app.database()).unwrap();
        assert_eq!(listed(&browser, "?q=ho+so"), ["Hồ sơ đất chậm 100%"]);

        let long = browser.get(&format!("/console/comments?q={}", "ho".repeat(500)));
        assert_eq!(long.status, 422);
        assert!(texts(&long.body, "#q-fault").concat().contains("1.000"), "{}", long.body);
        assert_eq!(browser.get(&format!("/console/comments.csv?q={}", "h".repeat(121))).status, 422);
    }
}

on_both! {
    fn a_handler_takes_a_comment_from_new_to_its_answer_and_every_step_is_kept(app) {
        let link = link(app, OWN, "Quầy 1");
        let page = comment(app, &link, 2, "Chờ lâu");
        let mut handler = app.browser("xuly", Role::CommentHandler, Some(unit(app, OWN)));
        app.person("xa-khac", Role::CommentHandler, Some(unit(app, OTHER)));
        let mut admin = app.browser("qt", Role::Administrator, None);
        let commune = unit(app, OWN).to_string();
        let invited =
            [("login", "moi"), ("name", "Chưa Nhận Lời"), ("role", "comment-handler"), ("unit", &*commune)];
        assert_eq!(admin.send("/console/people/new", "/console/people", &invited).status, 200);
        let step = |browser: &mut Browser<'_>, step: &str, form: &[(&str, &str)]| {
            browser.send(&page, &format!("{page}/{step}"), form)
        };

        assert_eq!(step(&mut handler, "answer", &[("answer-text", "Đã xong")]).status, 409, "nobody noticed it");
        assert_eq!(step(&mut handler, "acknowledgement", &[]).status, 303);
        let late = step(&mut handler, "acknowledgement", &[]);
        assert_eq!(late.status, 409);
        assert!(texts(&late.body, ".faults li").concat().contains("đã thay đổi"), "the page shows how it stands");
        let open = handler.get(&page).body;
        assert_eq!(state_on(&open), "Đã tiếp nhận");
        let people = texts(&open, "#assignee option");
        assert!(people.len() == 2 && people[1].starts_with("Cán bộ xuly"), "{people:?}");
        let id = Html::parse_document(&open)
            .select(&Selector::parse("#assignee option").unwrap())
            .nth(1)
            .and_then(|option| option.value().attr("value").map(str::to_owned))
            .unwrap();
        let (past, due) = (today() - Days::new(1), today() + Days::new(3));
        let wrong = step(&mut handler, "assignment", &[("assignee", "0"), ("due", &past.to_string())]);
        assert_eq!(wrong.status, 422);
        assert_eq!(texts(&wrong.body, ".faults li").len(), 2);
        assert!(wrong.body.contains(&format!("value=\"{past}\"")), "what was typed is kept");
        assert_eq!(step(&mut handler, "assignment", &[("assignee", &id), ("due", &due.to_string())]).status, 303);

        let ready = step(&mut handler, "answer", &[("answer-text", "Chào Ông."), ("reply", "sorry")]);
        let text = texts(&ready.body, "#answer-text").concat();
        assert!(ready.status == 200 && text.starts_with("Chào Ông.\nĐơn vị xin lỗi"), "{text}");
        assert_eq!(step(&mut handler, "answer", &[("answer-text", " ")]).status, 422);
        assert_eq!(step(&mut handler, "note", &[("note-text", "hỏi anh Ba")]).status, 303);
        assert_eq!(step(&mut handler, "answer", &[("answer-text", &text)]).status, 303);
        assert_eq!(step(&mut handler, "reopening", &[]).status, 303);
        assert_eq!(step(&mut handler, "closure", &[]).status, 422, "without an answer a reason is needed");
        assert_eq!(step(&mut handler, "closure", &[("closure-text", "trùng")]).status, 303);
        assert_eq!(step(&mut handler, "dance", &[]).status, 404);

        let done = handler.get(&page).body;
        assert_eq!(state_on(&done), "Đã đóng");
        assert_eq!(texts(&done, ".events li").len(), 6);
        assert!(texts(&done, ".events .said").contains(&"hỏi anh Ba".to_owned()));
        let subject = page.replace("/console/comments/", "comment:");
        let audit = app.database().read(|conn| db::audit::by_subject(conn, &subject)).unwrap();
        let steps: Vec<_> = audit.iter().map(|entry| entry.record.action.as_str()).collect();
        assert_eq!(
            steps,
            ["comment.acknowledgement", "comment.assignment", "comment.note", "comment.answer", "comment.reopening", "comment.closure"]
        );
    }
}

on_both! {
    fn a_comment_out_of_reach_is_not_found_and_whoever_only_reads_changes_nothing(app) {
        let (own, other) = (link(app, OWN, "Quầy 1"), link(app, OTHER, "Quầy 1"));
        let (mine, foreign) = (comment(app, &own, 1, "Của xã này"), comment(app, &other, 1, "Của xã khác"));
        let mut handler = app.browser("xuly", Role::CommentHandler, Some(unit(app, OWN)));
        let mut viewer = app.browser("xem", Role::UnitViewer, Some(unit(app, OWN)));
        let mut auditor = app.browser("kiemtra", Role::Auditor, None);
        let steps = ["acknowledgement", "assignment", "answer", "closure", "reopening", "note", "unmasking"];

        for browser in [&handler, &viewer] {
            assert_eq!(listed(browser, ""), ["Của xã này"]);
            assert_eq!(browser.get(&foreign).status, 404);
            for list in ["comments", "comments.csv"] {
                let path = format!("/console/{list}?unit={}", unit(app, OTHER));
                assert_eq!(browser.get(&path).status, 404, "{path}");
            }
            for path in ["/console/comments.csv", "/console/comments.json", "/console/alerts"] {
                let body = browser.get(path).body;
                assert!(body.contains("Của xã này") && !body.contains("Của xã khác"), "{path}");
            }
        }
        assert_eq!(listed(&auditor, "").len(), 2);
        for step in steps {
            assert_eq!(handler.send("/console", &format!("{foreign}/{step}"), &[("note-text", "x")]).status, 404, "{step}");
            for browser in [&mut viewer, &mut auditor] {
                assert_eq!(browser.send("/console", &format!("{mine}/{step}"), &[("note-text", "x")]).status, 404, "{step}");
            }
        }
        assert_eq!(handler.post(&format!("{mine}/acknowledgement"), &[("csrf", "00")]).status, 403);
        assert_eq!(texts(&viewer.get(&mine).body, ".next, .unmask").len(), 0);
        for page in [&mine, &foreign] {
            assert_eq!(state_on(&auditor.get(page).body), "Mới");
        }
        for wrong in ["/console/comments/x", "/console/comments/00000000-0000-4000-8000-000000000000", "/console/comments.doc"] {
            assert_eq!(auditor.get(wrong).status, 404, "{wrong}");
        }
    }
}

on_both! {
    fn month_counter_and_procedure_are_shown_when_five_answers_share_them(app) {
        let link = link(app, OWN, "Quầy số chín");
        let page = comment(app, &link, 1, "Chờ lâu");
        let viewer = app.browser("xem", Role::UnitViewer, Some(unit(app, OWN)));
        let method = app.browser("snv", Role::Method, None);
        let month = today().format("%m/%Y").to_string();
        let day = today().format("%d/%m/%Y").to_string();

        let seen = viewer.get(&page).body;
        assert!(!seen.contains("Quầy số chín") && !seen.contains(&month), "four and fewer would tell of persons");
        assert!(viewer.get("/console/comments").body.contains('…'));
        assert!(listed(&viewer, &format!("?period={}", today().format("%Y-%m"))).is_empty());
        let all = method.get(&page).body;
        assert!(all.contains("Quầy số chín") && all.contains(&day));

        let others: Vec<Response> = (0..4).map(|_| response(app, &link, today(), 5)).collect();
        store(app, &others);
        let seen = viewer.get(&page).body;
        assert!(seen.contains("Quầy số chín") && seen.contains(&format!("tháng {month}")), "{seen}");
        assert!(!seen.contains(&day), "never the day");
        assert_eq!(listed(&viewer, &format!("?period={}", today().format("%Y-%m"))).len(), 1);
    }
}

on_both! {
    fn alerts_are_raised_by_complaints_missed_targets_and_silent_counters(app) {
        let (busy, quiet) = (link(app, OWN, "Quầy đông"), link(app, OTHER, "Quầy vắng"));
        let page = comment(app, &busy, 1, "Bị gây khó dễ");
        comment(app, &busy, 3, "Bình thường thôi");
        let low: Vec<Response> = (0..40).map(|_| response(app, &busy, today(), 2)).collect();
        store(app, &low);
        let past = (10..60).map(|ago| response(app, &quiet, today() - Days::new(ago), 5));
        store(app, &past.collect::<Vec<_>>());

        let mut handler = app.browser("xuly", Role::CommentHandler, Some(unit(app, OWN)));
        let alerts = handler.get("/console/alerts").body;
        assert_eq!(texts(&alerts, "#unseen .remark-text"), ["Bị gây khó dễ"]);
        let missed = texts(&alerts, "#missed tbody tr");
        assert!(!missed.is_empty() && missed.iter().all(|row| row.contains("0,00%")), "{missed:?}");
        assert!(texts(&alerts, "#silent tbody tr").is_empty(), "it is of another commune");
        let count = |page: &str| texts(page, ".bar .waiting").concat().parse::<usize>().unwrap();
        let before = count(&alerts);
        assert_eq!(before, 1 + missed.len());
        let address = Html::parse_document(&alerts)
            .select(&Selector::parse("#missed tbody a").unwrap())
            .next()
            .and_then(|link| link.value().attr("href").map(str::to_owned))
            .unwrap();
        assert_eq!(handler.get(&address).status, 200);

        assert_eq!(handler.send(&page, &format!("{page}/acknowledgement"), &[]).status, 303);
        let after = handler.get("/console/alerts").body;
        assert!(texts(&after, "#unseen .remark-text").is_empty());
        assert_eq!(count(&after), before - 1);
        let method = app.browser("snv", Role::Method, None);
        let silent = texts(&method.get("/console/alerts").body, "#silent tbody th");
        assert_eq!(silent, ["Quầy vắng"]);
    }
}
