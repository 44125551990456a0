//! A citizen answers.

use hailong::app::check;
use hailong::app::links;
use hailong::app::scores::{self, Query};
use hailong::domain::link::Stage;
use hailong::domain::period::{Period, Span};
use hailong::domain::person::Actor;
use hailong::domain::questionnaire::Kind;
use scraper::{Html, Selector};

use crate::support::{App, id, on_both, today};

fn overall(app: &App) -> (u64, u64) {
    let query = Query::of(Kind::Tthc, Period::around(today(), Span::Month));
    let snapshot = app.snapshot();
    let table = app.database().read(|conn| scores::run(conn, &snapshot, &Actor::Operator, &query)).unwrap();
    let share = table.total.figures.unwrap().f1;
    (share.k, share.n)
}

fn select<'a>(page: &'a Html, selector: &str) -> Vec<scraper::ElementRef<'a>> {
    page.select(&Selector::parse(selector).unwrap()).collect()
}

on_both! {
    fn an_answer_is_stored_counted_and_thanked_for(app) {
        let link = app.link("dat-dai", Stage::Result);
        let path = format!("/s/{}", link.code);
        let page = Html::parse_document(&app.get(&path).body);
        let page_id = select(&page, "input[name=id]")[0].value().attr("value").unwrap();

        let form = [("id", page_id), ("overall", "5"), ("staff", "2"), ("feedback", "na"), ("comment", "Tốt, cảm ơn!")];
        let reply = app.post(&path, &form);

        assert_eq!((reply.status, reply.location.as_str()), (303, format!("{path}/thanks").as_str()));
        assert_eq!(overall(app), (1, 1));
        let thanks = app.get(&reply.location);
        assert_eq!(thanks.status, 200);
        assert!(!thanks.body.contains("Tốt, cảm ơn!"));
        let snapshot = app.snapshot();
        let findings = app.database().read(|conn| check::run(conn, &snapshot)).unwrap();
        assert_eq!((findings.responses, findings.differences.len()), (1, 0));
    }
}

on_both! {
    fn the_same_id_sent_again_counts_once_and_the_first_answer_stands(app) {
        let link = app.link("dat-dai", Stage::Result);
        let id = id();

        let first = app.answer(&link, &id, "5");
        let again = app.answer(&link, &id, "5");
        let other = app.answer(&link, &id, "1");

        assert_eq!((first.status, again.status, other.status), (303, 303, 303));
        assert_eq!(first.location, again.location);
        assert_ne!(first.location, other.location);
        assert_eq!(overall(app), (1, 1));
    }
}

on_both! {
    fn nothing_is_preselected_and_a_missing_answer_keeps_all_that_was_typed(app) {
        let link = app.link("dat-dai", Stage::Result);
        let path = format!("/s/{}", link.code);
        let fresh = Html::parse_document(&app.get(&path).body);
        assert!(select(&fresh, "input[checked]").is_empty());
        let id = id();

        let reply = app.post(&path, &[("id", &id), ("access", "4"), ("comment", "Chờ <lâu>"), ("respondent", "organization")]);

        assert_eq!(reply.status, 422);
        let page = Html::parse_document(&reply.body);
        let title: String = select(&page, "title")[0].text().collect();
        assert!(title.trim_start().starts_with("Lỗi:"), "{title}");
        assert_eq!(select(&page, "input[name=id]")[0].value().attr("value"), Some(id.as_str()));
        assert_eq!(select(&page, "input[name=access][value='4'][checked]").len(), 1);
        assert_eq!(select(&page, "input[name=respondent][value=organization][checked]").len(), 1);
        assert_eq!(select(&page, "textarea")[0].text().collect::<String>().trim(), "Chờ <lâu>");
        let target = select(&page, "a[href^='#']")
            .iter()
            .find_map(|link| link.value().attr("href").map(|href| href.trim_start_matches('#').to_owned()))
            .unwrap();
        assert_eq!(select(&page, &format!("input[id='{target}'][name=overall]")).len(), 1);
        assert_eq!(overall(app), (0, 0));
    }
}

on_both! {
    fn the_question_about_the_result_is_asked_at_its_stage_alone(app) {
        let intake = app.link("dat-dai", Stage::Intake);
        let result = app.link("dat-dai", Stage::Result);
        let asks = |code: &str| {
            let page = Html::parse_document(&app.get(&format!("/s/{code}")).body);
            !select(&page, "input[name=result]").is_empty()
        };
        assert!(!asks(intake.code.as_str()));
        assert!(asks(result.code.as_str()));

        app.answer(&intake, &id(), "1");
        assert_eq!(overall(app), (0, 0), "intake is no part of the headline");
    }
}

on_both! {
    fn a_dead_code_says_what_to_do(app) {
        let link = app.link("dat-dai", Stage::Result);
        let code = link.code.as_str();
        let last = if code.ends_with('A') { 'B' } else { 'A' };
        let mistyped = format!("/s/{}{last}", &code[..5]);
        assert_eq!(app.get(&mistyped).status, 404);
        assert_eq!(app.get(&format!("/s/{}", code.to_lowercase())).status, 200);

        let snapshot = app.snapshot();
        app.database().write(|conn| links::revoke(conn, &snapshot, &Actor::Operator, link.id)).unwrap();
        app.wait_for(&format!("/s/{code}"), 410);

        assert_eq!(app.answer(&link, &id(), "5").status, 410);
        assert_eq!(overall(app), (0, 0));
    }
}

on_both! {
    fn a_page_weighs_at_most_fourteen_kilobytes_and_needs_neither_script_nor_cookie(app) {
        let link = app.link("dat-dai", Stage::Result);
        let url = format!("{}/s/{}", app.url, link.code);
        let mut reply = ureq::get(&url).header("Accept-Encoding", "gzip").call().unwrap();
        assert_eq!(reply.headers().get("set-cookie"), None);
        let bytes = reply.body_mut().with_config().read_to_vec().unwrap();
        assert!(bytes.len() <= 14 * 1024, "{} bytes", bytes.len());
        assert!(!app.get(&format!("/s/{}", link.code)).body.contains("<script"));
    }
}

on_both! {
    fn a_kiosk_answer_bears_the_flag_assisted_and_the_index_is_given_without_it(app) {
        let link = app.link("dat-dai", Stage::Result);
        app.post(&format!("/s/{}?kiosk=1", link.code), &[("id", &id()), ("overall", "1")]);
        app.answer(&link, &id(), "5");
        let snapshot = app.snapshot();
        let query = Query::of(Kind::Tthc, Period::around(today(), Span::Month));
        let table = app.database().read(|conn| scores::run(conn, &snapshot, &Actor::Operator, &query)).unwrap();
        let shares = |figures: Option<scores::Figures>| figures.map(|figures| (figures.f1.k, figures.f1.n));
        assert_eq!(shares(table.total.with_flagged), Some((1, 2)));
        assert_eq!(shares(table.total.without_flagged), Some((1, 1)));
    }
}
