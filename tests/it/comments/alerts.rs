//! Alerts: what they name, and where they lead.

use std::collections::BTreeSet;

use chrono::Days;
use hailong::app::ending::End;
use hailong::app::units::{self, Heir};
use hailong::db;
use hailong::domain::answer::Response;
use hailong::domain::person::{Actor, Role};
use hailong::domain::questionnaire::Kind;
use scraper::{Html, Selector};

use super::{OTHER, OWN, comment, link, response, store, texts, unit};
use crate::support::staff::Browser;
use crate::support::{on_both, today};

/// The rows of missed targets: role of the unit, name of the target, answers, and where the row leads.
fn missed(browser: &Browser<'_>) -> Vec<[String; 4]> {
    let page = Html::parse_document(&browser.get("/console/alerts").body);
    let select = |text: &str| Selector::parse(text).unwrap();
    let (row, cell, link) = (select("#missed tbody tr"), select("td"), select("th a"));
    let rows = page.select(&row).map(|row| {
        let cells: Vec<String> =
            row.select(&cell).map(|cell| cell.text().collect::<String>().trim().to_owned()).collect();
        let address = row.select(&link).next().and_then(|link| link.attr("href")).unwrap().to_owned();
        [cells[0].clone(), cells[1].clone(), cells[5].clone(), address]
    });
    rows.collect()
}

/// The number of answers on which the page of a breakdown rests.
fn answers_behind(browser: &Browser<'_>, address: &str) -> String {
    let page = browser.get(address);
    assert_eq!(page.status, 200, "{address}");
    let sentence = texts(&page.body, ".head p").concat();
    let after = sentence.split(" trên ").nth(1).unwrap_or_else(|| panic!("{address}: {sentence}"));
    after.split(' ').next().unwrap().to_owned()
}

on_both! {
    fn a_counter_of_a_merged_unit_is_silent_only_when_the_heir_hears_nothing_there(app) {
        let (busy, quiet) = (link(app, OWN, "Quầy đông"), link(app, OTHER, "Quầy vắng"));
        let olds = BTreeSet::from([unit(app, OWN), unit(app, OTHER)]);
        let merger = today() - Days::new(70);
        let heir = Heir { code: "99100".to_owned(), name: "Phường Mới".to_owned() };
        let heir = app
            .database()
            .write(|conn| {
                let end = End { from: merger, backdated: true };
                let heir = units::merge(conn, &Actor::Operator, &olds, &heir, end)?;
                db::revision::bump(conn).map(|()| heir)
            })
            .unwrap();
        let of_days = |link, from: u64| -> Vec<Response> {
            let answer = |ago| Response { served: heir, deciding: heir, ..response(app, link, today() - Days::new(ago), 5) };
            (from..65).map(answer).collect()
        };
        store(app, &of_days(&busy, 1));
        store(app, &of_days(&quiet, 12));
        let method = app.browser("snv", Role::Method, None);
        let alerts = method.get("/console/alerts").body;
        let silent = texts(&alerts, "#silent tbody tr");
        assert!(silent.len() == 1 && silent[0].contains("Quầy vắng"), "{silent:?}");
        assert!(silent[0].contains("Phường Mới"), "the present unit is named: {silent:?}");
        let leads = format!("/console/links?unit={heir}&#38;q=");
        assert!(alerts.contains(&leads), "{alerts}");
        let handler = app.browser("xuly", Role::CommentHandler, Some(unit(app, "99100")));
        assert_eq!(texts(&handler.get("/console/alerts").body, "#silent tbody tr").len(), 1);
    }
}

on_both! {
    fn an_alert_leads_to_just_the_answers_that_are_judged(app) {
        let land = link(app, OWN, "Quầy 1");
        let snapshot = app.snapshot();
        let field = |key: &str| snapshot.field_by_key(key).map(|field| field.id);
        let of = |key: &str, level: u8, count: usize| -> Vec<Response> {
            let one = || Response { field: field(key), procedure: None, ..response(app, &land, today(), level) };
            (0..count).map(|_| one()).collect()
        };
        let service = || Response {
            questionnaire: snapshot.published(Kind::AgencyService).unwrap().id,
            field: None,
            procedure: None,
            stage: None,
            ..response(app, &land, today(), 1)
        };
        store(app, &[of("dat-dai", 1, 31), of("xay-dung", 1, 6), of("ho-tich", 4, 5)].concat());
        store(app, &(0..33).map(|_| service()).collect::<Vec<_>>());
        let viewer = app.browser("xem", Role::UnitViewer, Some(unit(app, OWN)));
        let method = app.browser("snv", Role::Method, None);
        for browser in [&viewer, &method] {
            let rows = missed(browser);
            assert_eq!(rows.len(), 4, "what a unit decides on at its own counters is told once: {rows:?}");
            for [side, target, answers, address] in &rows {
                assert_eq!(side, "Nơi tiếp nhận");
                if target.contains("gộp") {
                    assert!(answers == "37" && address.starts_with("/console?") && address.ends_with("#fields"), "{address}");
                    let overview = browser.get(address.trim_end_matches("#fields")).body;
                    assert!(texts(&overview, ".card").iter().any(|card| card.contains("37")), "its card is there");
                } else {
                    assert_eq!(answers_behind(browser, address), *answers, "{target}");
                }
            }
            let service = rows.iter().find(|[_, _, answers, _]| answers == "33").unwrap();
            assert!(service[3].contains("by=counter") && service[3].contains("kind=agency-service"), "{}", service[3]);
        }
    }
}

on_both! {
    fn a_body_learns_that_what_it_decides_on_for_other_counters_misses_its_target(app) {
        let (one, two) = (link(app, OWN, "Quầy 1"), link(app, OTHER, "Quầy 1"));
        let body = app.unit("so-tu-phap");
        let field = app.snapshot().field_by_key("ho-tich").map(|field| field.id);
        let of = |link, decides: bool, level: u8, count: usize| -> Vec<Response> {
            let answer = || {
                let at = response(app, link, today(), level);
                Response { field, procedure: None, deciding: if decides { body } else { at.served }, ..at }
            };
            (0..count).map(|_| answer()).collect()
        };
        store(app, &[of(&one, true, 1, 20), of(&two, true, 1, 20), of(&one, false, 5, 900), of(&two, false, 5, 900)].concat());
        let own = app.browser("sotp", Role::UnitViewer, Some(body));
        let method = app.browser("snv", Role::Method, None);
        for browser in [&own, &method] {
            let rows = missed(browser);
            assert_eq!(rows.len(), 1, "{rows:?}");
            let [side, _, answers, address] = &rows[0];
            assert_eq!((side.as_str(), answers.as_str()), ("Nơi giải quyết hồ sơ", "40"));
            assert!(address.contains("side=deciding"), "{address}");
            assert_eq!(answers_behind(browser, address), "40");
        }
        let commune = app.browser("xem", Role::UnitViewer, Some(unit(app, OWN)));
        assert!(missed(&commune).is_empty());
    }
}

on_both! {
    fn the_alert_about_comments_leads_to_the_list_of_the_same_ones(app) {
        let link = link(app, OWN, "Quầy 1");
        comment(app, &link, 1, "Chờ lâu");
        comment(app, &link, 4, "Cảm ơn");
        let viewer = app.browser("xem", Role::UnitViewer, Some(unit(app, OWN)));
        let page = Html::parse_document(&viewer.get("/console/alerts").body);
        let address = |selector: &str| {
            let link = page.select(&Selector::parse(selector).unwrap()).next().unwrap();
            link.attr("href").unwrap().to_owned()
        };
        let list = viewer.get(&address("#unseen .actions a")).body;
        assert_eq!(texts(&list, ".remark-text"), ["Chờ lâu"]);
        assert_eq!(texts(&list, ".exports a[download]").len(), 2);
        let one = viewer.get(&address("#unseen .remark-text a")).body;
        let back = Html::parse_document(&one);
        let back = back.select(&Selector::parse(".back a").unwrap()).next().unwrap();
        assert_eq!(back.attr("href").unwrap(), address("#unseen .actions a"));
    }
}
