//! Working through comments: pages, filters, places, notes, and two people at the same comment.

use hailong::app::comments::{self, Assignee, Origins, Query};
use hailong::db;
use hailong::db::comments::{Change, Handling};
use hailong::domain::answer::{Comment, Response};
use hailong::domain::comment::State;
use hailong::domain::person::Role;
use hailong::locale::Lang;
use scraper::{Html, Selector};

use super::{OTHER, OWN, comment, link, listed, response, state_on, store, texts, unit};
use crate::support::staff::Browser;
use crate::support::{on_both, today};

/// The values of an attribute of what a selector finds.
fn attributes(page: &str, selector: &str, name: &str) -> Vec<String> {
    let found = Html::parse_document(page);
    let selector = Selector::parse(selector).unwrap();
    found.select(&selector).filter_map(|one| one.attr(name).map(str::to_owned)).collect()
}

on_both! {
    fn what_staff_write_is_masked_like_comments(app) {
        let link = link(app, OWN, "Quầy 1");
        let page = comment(app, &link, 1, "Chờ lâu");
        let mut handler = app.browser("xuly", Role::CommentHandler, Some(unit(app, OWN)));
        let viewer = app.browser("xem", Role::UnitViewer, Some(unit(app, OWN)));
        let auditor = app.browser("kiemtra", Role::Auditor, None);
        assert_eq!(handler.send(&page, &format!("{page}/acknowledgement"), &[]).status, 303);
        let note = [("note-text", "đã gọi 0912/345/678, CCCD 068 099 001 234")];
        assert_eq!(handler.send(&page, &format!("{page}/note"), &note).status, 303);
        let answer = [("answer-text", "đã gửi le.van@gmail.com")];
        assert_eq!(handler.send(&page, &format!("{page}/answer"), &answer).status, 303);
        for browser in [&handler, &viewer, &auditor] {
            let said = texts(&browser.get(&page).body, ".events .said");
            assert_eq!(said, ["đã gọi [số điện thoại], CCCD [số giấy tờ]", "đã gửi [thư điện tử]"]);
        }
    }
}

on_both! {
    fn a_number_is_neither_shown_nor_found_however_it_was_written(app) {
        let link = link(app, OWN, "Quầy 1");
        for number in ["0912/345/678", "0 9 1 2 3 4 5 6 7 8", "０９１２３４５６７８", "0912\n345\n678", "09\u{ad}12\u{200b}345678"] {
            comment(app, &link, 2, &format!("Gọi {number} nhé"));
        }
        let viewer = app.browser("xem", Role::UnitViewer, Some(unit(app, OWN)));
        let all = listed(&viewer, "");
        assert_eq!(all.len(), 5);
        assert!(all.iter().all(|text| text == "Gọi [số điện thoại] nhé"), "{all:?}");
        for search in ["0912", "345", "678", "0", "9", "%EF%BC%90%EF%BC%99%EF%BC%91%EF%BC%92"] {
            assert!(listed(&viewer, &format!("?q={search}")).is_empty(), "{search}");
        }
        assert_eq!(listed(&viewer, "?q=goi+nhe").len(), 0, "they do not stand together");
        assert_eq!(listed(&viewer, "?q=goi,+nhe").len(), 5);
    }
}

on_both! {
    fn a_page_beyond_the_end_is_the_last_one(app) {
        let link = link(app, OWN, "Quầy 1");
        let one = |nth: u128| {
            let id = uuid::Uuid::from_u128(uuid::Uuid::new_v4().as_u128() / 1000 * 1000 + nth);
            Response { comment: Some(Comment { id, body: format!("lần {nth}") }), ..response(app, &link, today(), 3) }
        };
        store(app, &(0..53).map(one).collect::<Vec<_>>());
        let method = app.browser("snv", Role::Method, None);
        let viewer = app.browser("xem", Role::UnitViewer, Some(unit(app, OWN)));
        for browser in [&method, &viewer] {
            let page = browser.get("/console/comments?page=99").body;
            assert_eq!(texts(&page, ".remark-text").len(), 3);
            assert_eq!(texts(&page, ".pages span"), ["51–53 / 53"]);
            assert_eq!(attributes(&page, ".pages a", "href"), ["/console/comments"]);
            assert!(listed(browser, "?page=99").iter().all(|text| listed(browser, "?page=2").contains(text)));
        }
    }
}

on_both! {
    fn the_list_is_kept_on_the_way_to_a_comment_through_its_steps_and_back(app) {
        let link = link(app, OWN, "Quầy 1");
        comment(app, &link, 1, "Chờ lâu & mệt");
        let mut handler = app.browser("xuly", Role::CommentHandler, Some(unit(app, OWN)));
        let list = "/console/comments?state=new&q=cho%20l%C3%A2u&low=1&sort=level&dir=asc";
        let shown = handler.get(list).body;
        let hidden = attributes(&shown, "#filters input[type=hidden]", "name");
        assert!(hidden.contains(&"sort".to_owned()) && hidden.contains(&"dir".to_owned()), "{hidden:?}");
        let one = attributes(&shown, ".remark-text a", "href").concat();
        let page = handler.get(&one).body;
        assert_eq!(attributes(&page, ".back a", "href"), [list]);
        let form = attributes(&page, "#acknowledgement form", "action").concat();
        let taken = handler.send(&one, &form, &[]);
        assert_eq!((taken.status, taken.location.as_str()), (303, one.as_str()));
        assert_eq!(attributes(&handler.get(&taken.location).body, ".back a", "href"), [list]);
        let plain = one.split('?').next().unwrap();
        for elsewhere in ["https://a.vn/", "//a.vn", "q%3Dcho%26x%3D1", "javascript:1"] {
            let page = handler.get(&format!("{plain}?from={elsewhere}")).body;
            assert_eq!(attributes(&page, ".back a", "href"), ["/console/comments"], "{elsewhere}");
        }
        let alert = attributes(&handler.get("/console/alerts").body, "#unseen .remark-text a", "href");
        assert!(alert.is_empty(), "it is acknowledged");
    }
}

on_both! {
    fn rows_and_files_name_counter_and_procedure_as_far_as_the_comment_shows_them(app) {
        let (shared, rare) = (link(app, OWN, "Quầy chung"), link(app, OTHER, "Quầy hiếm"));
        comment(app, &shared, 1, "Chờ lâu");
        comment(app, &rare, 1, "Khó tìm");
        store(app, &(0..4).map(|_| response(app, &shared, today(), 5)).collect::<Vec<_>>());
        let field = shared.field.unwrap();
        let snapshot = app.snapshot();
        let procedure = shared.procedure.and_then(|id| snapshot.procedure(id, today())).unwrap();
        let auditor = app.browser("kiemtra", Role::Auditor, None);
        let method = app.browser("snv", Role::Method, None);
        for (browser, sees_all) in [(&auditor, false), (&method, true)] {
            let rows = texts(&browser.get("/console/comments").body, ".remark-meta");
            let at = |name: &str| rows.iter().filter(|row| row.contains(name)).count();
            assert_eq!((at("Quầy chung"), at("Quầy hiếm")), (1, usize::from(sees_all)), "{rows:?}");
            assert_eq!(at(&procedure.name), 1 + usize::from(sees_all), "{rows:?}");
            let sheet = browser.get("/console/comments.csv").body;
            let mut lines = sheet.lines();
            let head = lines.next().unwrap();
            assert!(head.contains("counter") && head.contains("procedure"), "{head}");
            let row = lines.find(|line| line.contains("Khó tìm")).unwrap();
            assert_eq!(row.contains("Quầy hiếm"), sees_all, "{row}");
            assert_eq!(row.contains(&procedure.name), sees_all, "{row}");
        }
        let options = |query: &str| attributes(&method.get(&format!("/console/comments{query}")).body, "select[name=procedure] option", "value");
        assert!(options("").is_empty(), "first the field");
        let offered = options(&format!("?field={field}"));
        assert!(offered.contains(&procedure.procedure.to_string()) && offered.contains(&"none".to_owned()));
        let of_procedure = format!("?field={field}&procedure={}", procedure.procedure);
        assert_eq!((listed(&method, &of_procedure).len(), listed(&auditor, &of_procedure).len()), (2, 1));
    }
}

on_both! {
    fn a_handler_finds_the_own_comments_and_those_of_nobody(app) {
        let link = link(app, OWN, "Quầy 1");
        let mine = comment(app, &link, 1, "Giao cho tôi");
        comment(app, &link, 1, "Chưa giao");
        let mut handler = app.browser("xuly", Role::CommentHandler, Some(unit(app, OWN)));
        let viewer = app.browser("xem", Role::UnitViewer, Some(unit(app, OWN)));
        let method = app.browser("snv", Role::Method, None);
        let assignee = attributes(&handler.get(&mine).body, "#assignee option + option", "value").concat();
        let assignment = [("assignee", assignee.as_str())];
        assert_eq!(handler.send(&mine, &format!("{mine}/assignment"), &[assignment[0], ("due", &today().to_string())]).status, 303);
        assert_eq!(listed(&handler, "?assignee=me"), ["Giao cho tôi"]);
        for browser in [&handler, &viewer, &method] {
            assert_eq!(listed(browser, "?assignee=nobody"), ["Chưa giao"]);
        }
        assert!(listed(&viewer, "?assignee=me").is_empty() && listed(&method, "?assignee=me").is_empty());
        let offered = |browser: &Browser<'_>| attributes(&browser.get("/console/comments").body, "select[name=assignee] option", "value");
        assert_eq!(offered(&handler), ["", "me", "nobody"]);
        assert_eq!(offered(&viewer), ["", "nobody"]);
        assert_eq!(handler.get("/console/comments?assignee=7").status, 422);
        assert_eq!(attributes(&handler.get("/console/comments?assignee=me").body, "select[name=assignee] option[selected]", "value"), ["me"]);
    }
}

on_both! {
    fn of_two_who_assign_the_same_comment_the_second_is_told_and_keeps_what_was_typed(app) {
        let link = link(app, OWN, "Quầy 1");
        let page = comment(app, &link, 1, "Chờ lâu");
        let mut first = app.browser("mot", Role::CommentHandler, Some(unit(app, OWN)));
        let mut second = app.browser("hai", Role::CommentHandler, Some(unit(app, OWN)));
        let people = attributes(&first.get(&page).body, "#assignee option", "value");
        let (due, later) = (today().to_string(), (today() + chrono::Days::new(3)).to_string());
        let assign = |browser: &mut Browser<'_>, seen: &str, to: &str, due: &str| {
            browser.send(&page, &format!("{page}/assignment"), &[("seen", seen), ("assignee", to), ("due", due)])
        };
        assert_eq!(assign(&mut first, "0", &people[1], &due).status, 303);
        let late = assign(&mut second, "0", &people[2], &later);
        assert_eq!(late.status, 409);
        assert!(texts(&late.body, ".faults li").concat().contains("đã thay đổi"));
        assert!(late.body.contains(&format!("value=\"{later}\"")), "what was typed is kept");
        assert_eq!(attributes(&late.body, "#assignee option[selected]", "value"), [people[2].as_str()]);
        let history = texts(&second.get(&page).body, "#history li");
        assert_eq!(history.len(), 1, "{history:?}");
        assert_eq!(assign(&mut second, "1", &people[2], &later).status, 303, "knowing of the first");

        let note = [("seen", "0"), ("note-text", "đã xem")];
        assert_eq!(first.send(&page, &format!("{page}/note"), &note).status, 303, "a note changes nothing");
        assert_eq!(second.send(&page, &format!("{page}/closure"), &[("closure-text", "trùng")]).status, 303);
        let lost = first.send(&page, &format!("{page}/answer"), &[("seen", "2"), ("answer-text", "Đã làm xong")]);
        assert_eq!(lost.status, 409);
        assert_eq!(texts(&lost.body, "#unsaved"), ["Đã làm xong"], "no form takes it any more");
        assert_eq!(state_on(&lost.body), "Đã đóng");
    }
}

on_both! {
    fn a_step_changes_a_comment_only_as_it_was_read(app) {
        let link = link(app, OWN, "Quầy 1");
        let page = comment(app, &link, 1, "Chờ lâu");
        app.person("xuly", Role::CommentHandler, Some(unit(app, OWN)));
        let id = page.rsplit('/').next().unwrap().parse().unwrap();
        let found = app.database().read(|conn| db::comments::by_id(conn, id)).unwrap().unwrap();
        let person = app.database().read(db::comments::people).unwrap().first().map(|person| person.id);
        let read = Handling { state: State::New, assignee: None, due: found.due };
        let assigned = Handling { state: State::Assigned, assignee: person, due: today() };
        let change = |before, after| {
            let change = Change { before, after };
            app.database().write(|conn| db::comments::update(conn, (found.served, id), &change)).unwrap()
        };
        assert!(change(read, assigned));
        assert!(!change(Handling { assignee: None, ..assigned }, assigned), "it is assigned");
        assert!(!change(Handling { due: found.due.succ_opt().unwrap(), ..assigned }, assigned), "until another day");
        assert!(change(assigned, read) && change(read, assigned), "what was read is what is there");
    }
}

on_both! {
    fn a_count_is_that_of_the_list(app) {
        let (one, two) = (link(app, OWN, "Quầy 1"), link(app, OWN, "Quầy 2"));
        comment(app, &one, 1, "Chờ lâu");
        comment(app, &two, 1, "Chờ nữa");
        store(app, &(0..4).map(|_| response(app, &one, today(), 5)).collect::<Vec<_>>());
        let snapshot = app.snapshot();
        let queries = [
            Query::default(),
            Query { counter: Some(one.counter), ..Query::default() },
            Query { counter: Some(two.counter), ..Query::default() },
            Query { low: true, assignee: Some(Assignee::Nobody), ..Query::default() },
            Query { assignee: Some(Assignee::Me), ..Query::default() },
        ];
        let expected = [(Role::Method, [2, 1, 1, 2, 0]), (Role::UnitViewer, [2, 1, 0, 2, 0]), (Role::Auditor, [2, 1, 0, 2, 0])];
        for (role, expected) in expected {
            let unit = (!role.sees_province()).then(|| unit(app, OWN));
            let (login, name) = (role.key().to_owned(), String::new());
            let actor = hailong::domain::person::Actor::Person { id: 99.into(), login, name, role, unit, language: Lang::Vi };
            let origins = Origins::default();
            let counts = queries.clone().map(|query| {
                app.database()
                    .read(|conn| {
                        let count = comments::count(conn, &snapshot, &actor, &origins, &query)?;
                        let list = comments::list(conn, &snapshot, &actor, &origins, &query, |total| (0, total))?;
                        assert_eq!((count, count), (list.total, list.comments.len()), "{query:?}");
                        Ok(count)
                    })
                    .unwrap()
            });
            assert_eq!(counts, expected, "{role:?}");
        }
    }
}
