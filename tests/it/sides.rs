//! The two sides of a unit: what it serves at its counters, and what it decides wherever it was received.

use hailong::domain::person::Role;
use scraper::Html;

use crate::figures::{answers_of, select, text};
use crate::support::answers::{Answers, LAND, QUARTER, store};
use crate::support::on_both;
use crate::support::staff::Browser;

const OFFICE: &str = "so-nong-nghiep-moi-truong";

fn parts(browser: &Browser<'_>, address: &str, part: &str) -> Vec<String> {
    let page = Html::parse_document(&browser.get(address).body);
    page.select(&select(part)).map(text).collect()
}

on_both! {
    fn an_office_is_told_of_what_it_decides_though_communes_received_it(app) {
        store(app, &[
            Answers { unit: OFFICE, levels: [30, 10, 0, 0, 0], ..LAND },
            Answers { deciding: Some(OFFICE), levels: [20, 10, 5, 10, 15], ..LAND },
            Answers { unit: "22972", deciding: Some(OFFICE), levels: [10, 10, 0, 0, 0], ..LAND },
            Answers { unit: "22972", levels: [40, 0, 0, 0, 0], ..LAND },
            Answers { unit: "22933", levels: [20, 0, 0, 0, 0], ..LAND },
            Answers { unit: "22918", levels: [20, 0, 0, 0, 0], ..LAND },
        ]);
        let viewer = app.browser("xem", Role::UnitViewer, Some(app.unit(OFFICE)));
        let own = format!("/console?period={QUARTER}");

        let [hint] = parts(&viewer, &own, ".notice a").try_into().unwrap();
        assert!(hint.contains("75,00% hài lòng trên 120 phiếu"), "{hint}");
        let page = Html::parse_document(&viewer.get(&own).body);
        let other = page.select(&select(".notice a")).next().unwrap().attr("href").unwrap();
        assert!(other.ends_with("side=deciding"), "{other}");

        let card = &parts(&viewer, other, ".card")[0];
        assert!(card.contains("75,00%") && card.contains("120 phiếu"), "{card}");
        assert!(parts(&viewer, other, ".head")[0].contains("hồ sơ do đơn vị giải quyết"));
        let rows = parts(&viewer, other, "#units tbody tr");
        assert_eq!(rows.len(), 3, "where it was received: {rows:?}");
        assert!(parts(&viewer, other, "#units tbody th a").is_empty(), "which are units of others");
        let [_, province, _] = parts(&viewer, other, "#beside tbody tr").try_into().unwrap();
        assert!(province.contains("200"), "beside all that was decided: {province}");
        let back = &parts(&viewer, other, ".notice a")[0];
        assert!(back.contains("100,00% hài lòng trên 40 phiếu"), "{back}");
        assert_eq!(answers_of(&viewer, &format!("/console/breakdown?period={QUARTER}&side=deciding")), "120");
        let tabs = parts(&viewer, &format!("/console/breakdown?period={QUARTER}&side=deciding&unit={}", app.unit(OFFICE)), ".tabs a");
        assert!(tabs.contains(&"Đơn vị tiếp nhận".to_owned()), "{tabs:?}");
    }
}
