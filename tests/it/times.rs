//! Figures through time: months beside the months before them, and names while a period is not over.

use chrono::{Datelike, Days};
use hailong::domain::person::Role;
use scraper::Html;

use crate::figures::{select, text};
use crate::support::answers::{Answers, LAND, store};
use crate::support::staff::Browser;
use crate::support::table;
use crate::support::{on_both, today};

fn lines(browser: &Browser<'_>, address: &str) -> Vec<String> {
    let page = Html::parse_document(&browser.get(address).body);
    page.select(&select("#rows tbody tr")).map(text).collect()
}

on_both! {
    fn each_month_is_compared_with_the_one_before_it(app) {
        let in_month = |day, levels| Answers { day, levels, ..LAND };
        store(app, &[
            in_month("2026-06-10", [10, 0, 0, 5, 5]),
            in_month("2026-07-10", [10, 0, 0, 10, 0]),
            in_month("2026-08-10", [95, 0, 0, 5, 0]),
        ]);
        let browser = app.browser("an", Role::Method, None);
        let query = "by=month&period=2026-Q3";

        let (_, rows) = table::rows(&browser.bytes(&format!("/console/scores.csv?{query}")).1);
        let found: Vec<[&str; 4]> = rows
            .iter()
            .map(|row| ["month_code", "index_before", "difference", "difference_sure"].map(|key| row[key].as_str()))
            .collect();
        assert_eq!(found, [
            ["2026-07", "50.00", "0.00", "không"],
            ["2026-08", "50.00", "45.00", "có"],
            ["*", "50.00", "37.50", "có"],
        ]);
        let shown = lines(&browser, &format!("/console/breakdown?{query}"));
        assert!(shown[0].contains("0,00 ≈") && shown[1].contains("+45,00") && !shown[1].contains('≈'), "{shown:?}");
        let newest_first = lines(&browser, &format!("/console/breakdown?{query}&sort=name&dir=desc"));
        assert_eq!(newest_first, shown.into_iter().rev().collect::<Vec<_>>());
    }
}

on_both! {
    fn what_is_planned_for_later_changes_no_name_yet(app) {
        let day = today().to_string();
        store(app, &[Answers { day: day.leak(), ..LAND }]);
        let unit = app.unit("24781");
        let name = app.snapshot().units.on(unit, today()).unwrap().name.clone();
        let mut browser = app.browser("an", Role::Method, None);
        let page = format!("/console/catalogue/units/{unit}/change");
        let tomorrow = (today() + Days::new(1)).to_string();
        let level = app.snapshot().units.on(unit, today()).unwrap().level;
        let parent = app.unit("68").to_string();
        let form =
            [("from", &*tomorrow), ("code", "24781"), ("name", "Phường Mai Sau"), ("level", level.key()), ("parent", &parent)];
        let changed = browser.send(&page, &page, &form);
        assert_eq!(changed.status, 303, "{}", changed.body);

        let year = today().year();
        for address in [format!("/console/breakdown?by=unit&period={year}"), format!("/console?period={year}"), format!("/console/map?period={year}")] {
            let body = browser.get(&address).body;
            assert!(body.contains(&name) && !body.contains("Phường Mai Sau"), "{address}");
        }
        let (_, rows) = table::rows(&browser.bytes(&format!("/console/scores.csv?by=unit&period={year}")).1);
        assert_eq!(rows[0]["unit"], name);
    }
}
