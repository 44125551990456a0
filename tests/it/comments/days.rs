//! What tells the day of a single answer: the last answer of a code or counter, due dates and the audit.

use chrono::{Days, NaiveDate};
use hailong::db;
use hailong::domain::answer::Response;
use hailong::domain::link::{Link, Stage};
use hailong::domain::period::{Period, Span};
use hailong::domain::person::{Actor, Role};
use hailong::locale::Lang;
use scraper::{Html, Selector};

use super::{OWN, comment, link, response, store, texts, unit};
use crate::support::staff::Browser;
use crate::support::{App, draft, on_both, today};

/// Answers of some days over one code.
fn answers(app: &App, link: &Link, days: &[(&str, usize)]) {
    let of_day = |(day, count): &(&str, usize)| -> Vec<Response> {
        (0..*count).map(|_| response(app, link, day.parse().unwrap(), 4)).collect()
    };
    store(app, &days.iter().flat_map(of_day).collect::<Vec<_>>());
}

/// What a list of codes shows under "last answer", by code, in its order.
fn last_answers(browser: &Browser<'_>, query: &str) -> Vec<(String, String)> {
    let page = Html::parse_document(&browser.get(&format!("/console/links?{query}")).body);
    let select = |text: &str| Selector::parse(text).unwrap();
    let (row, code, last) =
        (select("table.codes tbody tr"), select("th"), select("td[data-word='Phiếu gần nhất']"));
    let cell = |row: scraper::ElementRef<'_>, cell: &Selector| {
        row.select(cell).next().unwrap().text().collect::<String>().trim().to_owned()
    };
    page.select(&row).map(|row| (cell(row, &code), cell(row, &last))).collect()
}

on_both! {
    fn the_last_answer_over_a_code_is_told_as_closely_as_five_answers_share_it(app) {
        let stages = [Stage::Refusal, Stage::Intake, Stage::Result, Stage::Supplement];
        let [rare, few, some, many] = stages.map(|stage| {
            app.link_of(&draft(&app.snapshot(), OWN, "Quầy ngày", "dat-dai", stage))
        });
        answers(app, &rare, &[("2026-08-20", 4), ("2025-12-31", 9)]);
        answers(app, &few, &[("2026-08-21", 4), ("2026-01-05", 1)]);
        answers(app, &some, &[("2026-08-22", 4), ("2026-07-01", 1)]);
        answers(app, &many, &[("2026-08-19", 1), ("2026-08-03", 4)]);
        let unused = app.link_of(&draft(&app.snapshot(), OWN, "Quầy ngày", "ho-tich", Stage::Result));
        let viewer = app.browser("xem", Role::UnitViewer, Some(unit(app, OWN)));
        let auditor = app.browser("kiemtra", Role::Auditor, None);
        let method = app.browser("snv", Role::Method, None);
        let told = |browser: &Browser<'_>, link: &Link| {
            let all = last_answers(browser, "q=quay+ngay");
            all.into_iter().find(|(code, _)| code == link.code.as_str()).unwrap().1
        };
        for browser in [&viewer, &auditor] {
            let shown = [&rare, &few, &some, &many, &unused].map(|link| told(browser, link));
            assert_eq!(shown, ["…", "năm 2026", "quý III/2026", "19/08/2026", "–"]);
            let sheet = browser.get("/console/links.csv?q=quay+ngay").body;
            assert!(!sheet.contains("20/08/2026") && !sheet.contains("21/08/2026") && !sheet.contains("22/08/2026"));
            let falling: Vec<String> =
                last_answers(browser, "q=quay+ngay&sort=answered&dir=desc").into_iter().map(|(_, last)| last).collect();
            assert_eq!(falling[..3], ["năm 2026", "quý III/2026", "19/08/2026"], "sorted by what is shown");
            let silent: Vec<String> =
                last_answers(browser, "q=quay+ngay&life=silent").into_iter().map(|(code, _)| code).collect();
            let year_is_over = today() > "2027-01-07".parse().unwrap();
            assert!(silent.contains(&some.code.to_string()) && silent.contains(&many.code.to_string()), "{silent:?}");
            assert!(!silent.contains(&rare.code.to_string()), "nothing is told of it");
            assert_eq!(silent.contains(&few.code.to_string()), year_is_over);
        }
        let shown = [&rare, &few, &some, &many, &unused].map(|link| told(&method, link));
        assert_eq!(shown, ["20/08/2026", "21/08/2026", "22/08/2026", "19/08/2026", "–"]);
        assert_eq!(last_answers(&method, "q=quay+ngay&life=silent").len(), 4);
    }
}

on_both! {
    fn an_alert_about_a_silent_counter_tells_no_day_of_a_single_answer(app) {
        let quiet = link(app, OWN, "Quầy vắng");
        let month = Period::around(today() - Days::new(8), Span::Month);
        let last: NaiveDate = month.from();
        let before = (1..40).flat_map(|ago| vec![response(app, &quiet, last - Days::new(ago), 5); 2]);
        let mut responses: Vec<Response> = before.collect();
        responses.push(response(app, &quiet, last, 5));
        for response in &mut responses {
            response.id = uuid::Uuid::new_v4();
        }
        store(app, &responses);
        let row = |browser: &Browser<'_>| texts(&browser.get("/console/alerts").body, "#silent tbody tr").concat();
        let sheet = |browser: &Browser<'_>| browser.get("/console/alerts.csv?list=silent").body;
        let day = Lang::Vi.date(last);
        let viewer = app.browser("xem", Role::UnitViewer, Some(unit(app, OWN)));
        let method = app.browser("snv", Role::Method, None);
        assert!(row(&viewer).contains("Quầy vắng") && !row(&viewer).contains(&day), "{}", row(&viewer));
        assert!(sheet(&viewer).contains("Quầy vắng") && !sheet(&viewer).contains(&day));
        assert!(row(&method).contains(&day) && sheet(&method).contains(&day));
    }
}

/// The addresses under which an auditor finds what was done with a comment.
fn audited(page: &str) -> [String; 2] {
    let subject = page.replace("/console/comments/", "comment:");
    ["", ".csv"].map(|end| format!("/console/audit{end}?subject={subject}"))
}

on_both! {
    fn a_due_date_is_told_to_whoever_must_keep_it_and_neither_by_the_history_nor_by_the_audit(app) {
        let link = link(app, OWN, "Quầy 1");
        let page = comment(app, &link, 1, "Chờ lâu");
        store(app, &(0..4).map(|_| response(app, &link, today(), 5)).collect::<Vec<_>>());
        let mut handler = app.browser("xuly", Role::CommentHandler, Some(unit(app, OWN)));
        let viewer = app.browser("xem", Role::UnitViewer, Some(unit(app, OWN)));
        let auditor = app.browser("kiemtra", Role::Auditor, None);
        let method = app.browser("snv", Role::Method, None);
        let form = Html::parse_document(&handler.get(&page).body);
        let value = |selector: &str| {
            let input = form.select(&Selector::parse(selector).unwrap()).next().unwrap();
            input.attr("value").unwrap().to_owned()
        };
        let (assignee, offered): (String, NaiveDate) =
            (value("#assignee option + option"), value("input#due").parse().unwrap());
        let other = offered + Days::new(9);
        for (due, is_written) in [(offered, false), (other, true)] {
            let assignment = [("assignee", &*assignee), ("due", &due.to_string())];
            assert_eq!(handler.send(&page, &format!("{page}/assignment"), &assignment).status, 303);
            let shown = Lang::Vi.date(due);
            let history = |browser: &Browser<'_>| texts(&browser.get(&page).body, "#history").concat();
            assert!(history(&handler).contains(&shown) && history(&method).contains(&shown));
            for browser in [&viewer, &auditor] {
                assert!(history(browser).contains("hạn …"), "{}", history(browser));
                assert!(!browser.get(&page).body.contains(&shown), "five working days after the answer");
            }
            for address in audited(&page) {
                assert!(!auditor.get(&address).body.contains(&shown), "{address}");
                assert_eq!(method.get(&address).body.contains(&shown), is_written, "{address}");
            }
        }
        // A row from the time when each step kept the due date.
        let (subject, details) = (page.replace("/console/comments/", "comment:"), serde_json::json!({ "due": offered }));
        app.database()
            .write(|conn| db::audit::insert(conn, &Actor::Operator, "comment.acknowledgement", &subject, &details))
            .unwrap();
        for address in audited(&page) {
            assert!(method.get(&address).body.contains(&Lang::Vi.date(offered)));
            assert!(!auditor.get(&address).body.contains(&Lang::Vi.date(offered)), "{address}");
        }
    }
}
