//! What to mend first: the parts of an index that are below their targets, the greatest gain first.

use std::collections::BTreeMap;

use hailong::domain::link::Stage;
use hailong::domain::person::Role;
use scraper::Html;

use crate::figures::{LAST_DAY, answers_of, select, simulate, text};
use crate::support::answers::{Answers, LAND, store};
use crate::support::on_both;
use crate::support::staff::Browser;
use crate::support::table::{self, Row};

/// The cuts by which a page offers to look, each with its address.
fn tabs(browser: &Browser<'_>, address: &str) -> BTreeMap<String, String> {
    let page = Html::parse_document(&browser.get(address).body);
    let tab = select(".tabs a");
    let addresses = page.select(&tab).map(|tab| tab.attr("href").unwrap());
    let parts = |address: &str| address.split(['=', '&']).nth(1).unwrap().to_owned();
    addresses.map(|address| (parts(address), address.to_owned())).collect()
}

/// Whether the row of a file names a part that is below its target.
fn is_below(row: &Row, cuts: &[&str]) -> bool {
    let is_stated = |cut: &&str| !["", "*"].contains(&&*row[&format!("{cut}_code")]);
    let number = |key: &str| row[key].parse::<f64>().ok();
    let judged = number("satisfied").zip(number("n")).zip(number("target"));
    cuts.iter().all(is_stated)
        && judged.is_some_and(|((satisfied, n), target)| 100.0 * satisfied < target * n)
}

on_both! {
    fn the_largest_gain_comes_first_and_leads_to_its_answers(app) {
        simulate(app);
        let browser = app.browser("an", Role::Method, None);
        let page = Html::parse_document(&browser.get("/console/priorities?period=2026-Q3&parts=procedure").body);
        let gains: Vec<f64> = page
            .select(&select(".priorities .gain"))
            .map(|gain| text(gain).split(' ').next().unwrap().replace(',', ".").parse().unwrap())
            .collect();
        assert!(gains.len() > 2 && gains.is_sorted_by(|one, other| one >= other), "{gains:?}");
        let first = page.select(&select(".priorities li")).next().unwrap();
        let address = first.select(&select("a")).next().unwrap().attr("href").unwrap();
        let why = text(first.select(&select(".why")).next().unwrap());
        let n = why.split_once("trên ").unwrap().1.split_once(" phiếu").unwrap().0.replace('.', "");
        assert_eq!(answers_of(&browser, address), n);
    }
}

on_both! {
    fn whatever_is_below_its_target_is_listed_under_every_cut_that_is_offered(app) {
        simulate(app);
        let browser = app.browser("an", Role::Method, None);
        let own = app.snapshot().units.by_code("24781", LAST_DAY.parse().unwrap()).unwrap().unit;
        let mut offered = Vec::new();
        for scope in ["kind=tthc".to_owned(), "kind=agency-service".to_owned(), format!("kind=tthc&unit={own}"), format!("kind=agency-service&unit={own}")] {
            let query = format!("period=2026&{scope}");
            for (parts, address) in tabs(&browser, &format!("/console/priorities?{query}")) {
                let tables: Vec<&str> = if parts == "all" { vec!["field", "procedure", "counter"] } else { vec![&*parts] };
                let (_, listed) = table::rows(&browser.bytes(&address.replacen('?', ".csv?", 1)).1);
                let mut expected = Vec::new();
                for cuts in tables {
                    let cuts: Vec<&str> = cuts.split('-').collect();
                    let (_, all) = table::rows(&browser.bytes(&format!("/console/scores.csv?by={}&{query}", cuts.join(","))).1);
                    let below = all.iter().filter(|row| is_below(row, &cuts));
                    expected.extend(below.map(|row| cuts.iter().map(|cut| row[*cut].as_str()).collect::<Vec<_>>().join(" · ")));
                }
                let mut found: Vec<String> = listed.iter().map(|row| row["part"].clone()).collect();
                found.sort();
                expected.sort();
                assert_eq!(found, expected, "{address}");
                offered.push((scope.split('&').next().unwrap().to_owned(), parts, found.len()));
            }
        }
        let listed = |kind: &str, parts: &str| offered.iter().any(|(of, by, count)| of == kind && by == parts && *count > 0);
        assert!(listed("kind=agency-service", "unit") && listed("kind=agency-service", "counter"), "{offered:?}");
        assert!(["unit-field", "field", "procedure", "counter"].iter().all(|parts| listed("kind=tthc", parts)), "{offered:?}");
    }
}

on_both! {
    fn a_field_below_its_target_is_named_where_nobody_named_a_procedure(app) {
        store(app, &[
            Answers { levels: [8, 14, 6, 2, 1], ..LAND },
            Answers { field: "ho-tich", levels: [100, 20, 1, 1, 0], ..LAND },
            Answers { field: "dau-tu", levels: [0, 0, 0, 0, 4], ..LAND },
            Answers { unit: "22972", levels: [0, 0, 0, 0, 4], ..LAND },
            Answers { unit: "22972", field: "ho-tich", levels: [60, 20, 1, 1, 0], ..LAND },
        ]);
        let unit = |code: &str| Some(app.snapshot().units.by_code(code, LAST_DAY.parse().unwrap()).unwrap().unit);
        let viewer = app.browser("xa", Role::UnitViewer, unit("24781"));
        let section = |browser: &Browser<'_>, address: &str, part: &str| {
            text(Html::parse_document(&browser.get(address).body).select(&select(part)).next().unwrap())
        };

        let overview = section(&viewer, "/console?period=2026-Q3", "#priorities");
        assert!(overview.contains("Đất đai") && overview.contains("70,97% trên 31 phiếu"), "{overview}");
        assert!(!overview.contains("Đầu tư"), "four answers are too few to be shown: {overview}");
        let tabs = tabs(&viewer, "/console/priorities?period=2026-Q3");
        assert_eq!(tabs.keys().collect::<Vec<_>>(), ["all", "counter", "field", "procedure"]);
        let all = section(&viewer, "/console/priorities?period=2026-Q3", ".priorities");
        assert!(all.contains("Lĩnh vực Đất đai"), "the menu leads to whatever can be mended: {all}");
        let none = section(&viewer, &tabs["procedure"], ".empty");
        assert!(none.contains("Không có thủ tục nào dưới chỉ tiêu"), "{none}");
        assert!(section(&viewer, &tabs["field"], ".priorities").contains("Đất đai"));

        let other = app.browser("khac", Role::UnitViewer, unit("22972"));
        let none = section(&other, "/console?period=2026-Q3", "#priorities");
        assert!(none.contains("1 nơi có quá ít phiếu nên không được xét"), "{none}");
    }
}

on_both! {
    fn where_there_is_no_target_nothing_is_said_to_meet_it(app) {
        store(app, &[Answers { stage: Stage::Intake, levels: [1, 1, 1, 10, 20], ..LAND }]);
        let browser = app.browser("an", Role::Method, None);
        let page = browser.get("/console/priorities?period=2026-Q3&stage=intake").body;
        let none = text(Html::parse_document(&page).select(&select(".empty")).next().unwrap());
        assert!(none.contains("Không có chỉ tiêu cho phạm vi này"), "{none}");
    }
}
