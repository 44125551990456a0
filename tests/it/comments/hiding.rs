//! What a list gives away: no more than its rows show, whatever it is asked.

use std::collections::BTreeSet;

use chrono::Days;
use hailong::domain::answer::{Comment, Response};
use hailong::domain::ids::{FieldId, ProcedureId};
use hailong::domain::link::{Link, Stage};
use hailong::domain::person::Role;
use scraper::{Html, Selector};

use super::{OTHER, OWN, link, listed, response, store, texts, unit};
use crate::support::staff::Browser;
use crate::support::{App, draft, on_both, today};

/// Answers that differ in nothing but their ids; the first one has a comment.
struct Group<'a> {
    link: &'a Link,
    day: &'a str,
    field: FieldId,
    procedure: Option<ProcedureId>,
    level: u8,
    answers: usize,
    body: &'a str,
}

/// Stores them and gives the address of the comment's page.
fn write(app: &App, group: &Group<'_>) -> String {
    let one = || Response {
        field: Some(group.field),
        procedure: group.procedure,
        ..response(app, group.link, group.day.parse().unwrap(), group.level)
    };
    let id = uuid::Uuid::new_v4();
    let mut responses: Vec<Response> = (0..group.answers).map(|_| one()).collect();
    responses[0].comment = Some(Comment { id, body: group.body.to_owned() });
    store(app, &responses);
    format!("/console/comments/{id}")
}

fn set<'a>(texts: impl IntoIterator<Item = &'a str>) -> BTreeSet<String> {
    texts.into_iter().map(str::to_owned).collect()
}

fn found(browser: &Browser<'_>, query: &str) -> BTreeSet<String> {
    listed(browser, query).into_iter().collect()
}

/// The address of the first link on a page that a selector finds.
fn address(browser: &Browser<'_>, page: &str, selector: &str) -> String {
    let body = browser.get(page).body;
    let links = Html::parse_document(&body);
    let found = links.select(&Selector::parse(selector).unwrap()).next();
    found.and_then(|link| link.attr("href").map(str::to_owned)).expect(&body)
}

/// A third quarter of one commune, and the pages of its comments by their texts.
struct Quarter {
    counters: [String; 2],
    procedures: [String; 2],
    field: FieldId,
    page: Box<dyn Fn(&str) -> String>,
}

impl Quarter {
    /// July has five answers on one procedure at one counter. Of August and September none has five at
    /// counter 2, and both together six; August at counter 1 has five on two others. Another field has
    /// four in all.
    fn store(app: &App) -> Self {
        let (one, two) = (link(app, OWN, "Quầy 1"), link(app, OWN, "Quầy 2"));
        let snapshot = app.snapshot();
        let field = snapshot.field_by_key("dat-dai").unwrap().id;
        let other = snapshot.field_by_key("ho-tich").unwrap().id;
        let all: Vec<ProcedureId> =
            snapshot.procedures_of(field, today()).map(|version| version.procedure).take(3).collect();
        let group = |link, day, procedure, answers, body| {
            let group = Group { link, day, field, procedure: Some(procedure), level: 1, answers, body };
            (body.to_owned(), write(app, &group))
        };
        let mut pages = vec![
            group(&one, "2026-07-06", all[0], 5, "bảy"),
            group(&two, "2026-08-03", all[0], 3, "tám"),
            group(&two, "2026-09-07", all[0], 3, "chín"),
            group(&one, "2026-08-04", all[1], 3, "thủ tục một"),
            group(&one, "2026-08-05", all[2], 2, "thủ tục hai"),
        ];
        let rare = Group {
            link: &one,
            day: "2026-08-06",
            field: other,
            procedure: None,
            level: 1,
            answers: 4,
            body: "hộ tịch",
        };
        pages.push(("hộ tịch".to_owned(), write(app, &rare)));
        Self {
            counters: [one.counter.to_string(), two.counter.to_string()],
            procedures: [all[0].to_string(), all[1].to_string()],
            field,
            page: Box::new(move |body| pages.iter().find(|(of, _)| of == body).unwrap().1.clone()),
        }
    }

    /// Addresses that ask for everything in every way.
    fn queries(&self) -> Vec<String> {
        let periods = [
            "",
            "2026-07",
            "2026-08",
            "2026-09",
            "2026-Q3",
            "2026",
            "2026-08-01..2026-09-30",
            "2026-08-01..2026-08-20",
        ];
        let counters = ["", &self.counters[0], &self.counters[1]];
        let procedures = ["", &self.procedures[0], &self.procedures[1]];
        let field = format!("&field={}", self.field);
        let ways = ["", &field, "&overdue=1&sort=due", "&sort=received&dir=asc", "&low=1&sort=level"];
        let mut queries = Vec::new();
        for (at, period) in periods.iter().enumerate() {
            for counter in counters {
                for procedure in procedures {
                    // Each way with each period, but not with each of everything.
                    let way = ways[(at + counter.len() + queries.len()) % ways.len()];
                    queries.push(format!("?period={period}&counter={counter}&procedure={procedure}{way}"));
                }
            }
        }
        queries
    }
}

on_both! {
    fn two_comments_that_show_alike_are_alike_under_every_filter_and_order(app) {
        let quarter = Quarter::store(app);
        let viewer = app.browser("xem", Role::UnitViewer, Some(unit(app, OWN)));
        let auditor = app.browser("kiemtra", Role::Auditor, None);
        let twins = [("tám", "chín"), ("thủ tục một", "thủ tục hai")];
        let mut orders: Vec<BTreeSet<bool>> = vec![BTreeSet::new(); twins.len()];
        let mut seen = 0;
        for query in quarter.queries() {
            let rows = listed(&viewer, &query);
            for (at, (one, other)) in twins.iter().enumerate() {
                let place = |text: &str| rows.iter().position(|row| row == text);
                assert_eq!(place(one).is_some(), place(other).is_some(), "{query}: {rows:?}");
                orders[at].extend(place(one).zip(place(other)).map(|(one, other)| one < other));
                seen += usize::from(place(one).is_some());
            }
            let sheet = viewer.get(&format!("/console/comments.csv{query}")).body;
            assert!(rows.iter().all(|row| sheet.contains(row)), "{query}");
            assert_eq!(sheet.lines().count(), rows.len() + 1, "{query}: {sheet}");
            assert_eq!(listed(&auditor, &query), rows, "{query}");
        }
        assert!(seen > 10, "{seen} is next to nothing");
        assert!(orders.iter().all(|order| order.len() == 1), "their order tells them apart");

        let [first, second] = &quarter.counters;
        let [one, two] = &quarter.procedures;
        let all = set(["bảy", "tám", "chín", "thủ tục một", "thủ tục hai"]);
        assert_eq!(found(&viewer, "?period=2026-Q3"), all);
        assert_eq!(found(&viewer, "?period=2026-08"), set(["thủ tục một", "thủ tục hai"]));
        assert_eq!(found(&viewer, &format!("?procedure={one}&period=2026-Q3")), set(["bảy", "tám", "chín"]));
        assert_eq!(found(&viewer, &format!("?counter={second}")), set(["tám", "chín"]));
        assert_eq!(found(&viewer, &format!("?counter={first}&procedure={two}")), set([]));
        for sorted in ["", "?dir=asc", "?sort=due&dir=asc", "?sort=due&dir=desc"] {
            assert_eq!(listed(&viewer, sorted).last().unwrap(), "hộ tịch", "{sorted}: what is hidden comes last");
        }
        let method = app.browser("snv", Role::Method, None);
        assert_eq!(listed(&method, &format!("?period=2026-08&counter={second}")), ["tám"]);
    }
}

on_both! {
    fn a_page_shows_of_its_comment_what_lists_choose_it_by(app) {
        let quarter = Quarter::store(app);
        let viewer = app.browser("xem", Role::UnitViewer, Some(unit(app, OWN)));
        let handler = app.browser("xuly", Role::CommentHandler, Some(unit(app, OWN)));
        let facts = |browser: &Browser<'_>, body: &str| {
            texts(&browser.get(&(quarter.page)(body)).body, ".case dl dd").join("|")
        };
        let eight = facts(&viewer, "tám");
        assert!(eight.contains("quý III/2026") && eight.contains("Quầy 2") && !eight.contains("08/2026"), "{eight}");
        assert_eq!(eight, facts(&viewer, "chín"));
        let first = facts(&viewer, "thủ tục một");
        assert!(first.contains("tháng 08/2026") && first.contains("Quầy 1") && first.contains('…'), "{first}");
        assert!(!facts(&viewer, "hộ tịch").contains("2026"));
        // A due date tells the day, and is for those alone who must keep it.
        assert!(facts(&handler, "thủ tục một").contains("11/08/2026"));
        for body in ["tám", "chín", "hộ tịch"] {
            assert!(!handler.get(&(quarter.page)(body)).body.contains("/08/2026"), "{body}");
        }
    }
}

on_both! {
    fn that_a_comment_is_late_tells_no_day(app) {
        let place = link(app, OTHER, "Quầy 1");
        let field = app.snapshot().field_by_key("dat-dai").unwrap().id;
        let days = [today() - Days::new(20), today()].map(|day| day.to_string());
        for (day, body) in days.iter().zip(["cũ", "mới"]) {
            write(app, &Group { link: &place, day, field, procedure: None, level: 1, answers: 2, body });
        }
        let viewer = app.browser("xem", Role::UnitViewer, Some(unit(app, OTHER)));
        let handler = app.browser("xuly", Role::CommentHandler, Some(unit(app, OTHER)));
        let method = app.browser("snv", Role::Method, None);
        assert_eq!(listed(&method, "?overdue=1"), ["cũ"]);
        for browser in [&viewer, &handler] {
            assert!(listed(browser, "?overdue=1").is_empty());
            assert!(!browser.get("/console/comments").body.contains("class=\"late\""));
            let order = |query| listed(browser, query);
            assert_eq!(order("?sort=due&dir=asc"), order("?sort=due&dir=desc"));
            assert_eq!(order("?sort=received&dir=asc"), order("?sort=received&dir=desc"));
        }
    }
}

on_both! {
    fn figures_lead_to_the_comments_behind_them_and_to_no_others(app) {
        let (good, bad) = (link(app, OWN, "Quầy 1"), link(app, OWN, "Quầy 2"));
        let field = app.snapshot().field_by_key("dat-dai").unwrap().id;
        for (link, level, body) in [(&good, 5, "ở quầy một"), (&bad, 1, "ở quầy hai")] {
            write(app, &Group { link, day: "2026-08-03", field, procedure: None, level, answers: 40, body });
        }
        let early = app.link_of(&draft(&app.snapshot(), OWN, "Quầy 2", "dat-dai", Stage::Intake));
        write(app, &Group { link: &early, day: "2026-08-03", field, procedure: None, level: 1, answers: 40, body: "lúc nộp" });
        let viewer = app.browser("xem", Role::UnitViewer, Some(unit(app, OWN)));
        let method = app.browser("snv", Role::Method, None);
        for browser in [&viewer, &method] {
            let behind = address(browser, "/console/priorities?parts=counter&period=2026-Q3", ".priorities .why a[href^='/console/comments']");
            let page = browser.get(&behind).body;
            assert_eq!(texts(&page, ".remark-text"), ["ở quầy hai"], "{behind}");
            let chips = texts(&page, ".chips li").concat();
            assert!(chips.contains("Quầy 2") && chips.contains("Trả kết quả, từ chối"), "{behind}: {chips}");
            assert!(page.contains("<option value=\"headline\" selected>"), "what figures count is a choice of the form");
            for (narrowed, expected) in [
                ("stage=result&channel=qr", &["ở quầy hai"][..]),
                ("stage=intake", &["lúc nộp"]),
                ("", &["ở quầy hai"]),
                ("channel=paper", &[]),
                ("kind=agency-service", &[]),
            ] {
                let breakdown = format!("/console/breakdown?period=2026-Q3&counter={}&{narrowed}", bad.counter);
                let behind = address(browser, &breakdown, ".exports a[href^='/console/comments']");
                assert_eq!(texts(&browser.get(&behind).body, ".remark-text"), expected, "{behind}");
            }
        }
        let unit = unit(app, OWN);
        let breakdown = format!("/console/breakdown?period=2026-Q3&unit={unit}&side=deciding&flagged=excluded");
        let behind = address(&method, &breakdown, ".exports a[href^='/console/comments']");
        let page = method.get(&behind);
        assert_eq!((page.status, texts(&page.body, "form + .chips + .note, form + .note, .note + .note").len() >= 2), (200, true));
        assert!(page.body.contains("không theo cơ quan giải quyết") && page.body.contains("ý kiến của mọi phiếu"));
    }
}

on_both! {
    fn a_filter_that_cannot_be_read_is_told_and_the_form_kept(app) {
        let browser = app.browser("snv", Role::Method, None);
        for (query, told) in [
            ("period=2026-Q9", "“2026-Q9”"),
            ("counter=ba", "“ba”"),
            ("stage=3", "“3”"),
            ("counters=3", "“counters”"),
        ] {
            let page = browser.get(&format!("/console/comments?q=cham&state=new&{query}"));
            assert_eq!(page.status, 422, "{query}");
            let faults = texts(&page.body, ".faults li");
            assert!(faults.len() == 1 && faults[0].contains(told), "{query}: {faults:?}");
            assert!(page.body.contains("value=\"cham\"") && page.body.contains("value=\"new\" selected"), "{query}");
            assert_eq!(browser.get(&format!("/console/comments.csv?{query}")).status, 422, "{query}");
        }
        let page = browser.get("/console/comments?period=2026-Q9").body;
        assert_eq!(texts(&page, "#period-fault").len(), 1);
        assert!(page.contains("value=\"2026-Q9\"") && page.contains("aria-invalid=\"true\""));
    }
}
