//! What stands beside an index from beyond the own unit: sums over many, and nothing that speaks of few.

use hailong::domain::flags::{Flag, Flags};
use hailong::domain::person::Role;
use scraper::{Html, Selector};

use crate::support::answers::{Answers, LAND, store};
use crate::support::on_both;
use crate::support::staff::Browser;

const OWN: &str = "24781";
const PROVINCE: &str = "68";
const OTHERS: [&str; 3] = ["22972", "22933", "22918"];

/// n of the province and of all units of the level, as the overview shows them for a day.
fn beside(browser: &Browser<'_>, day: &str, more: &str) -> [String; 2] {
    let reply = browser.get(&format!("/console?period=2026-08-{day}..2026-08-{day}{more}"));
    let page = Html::parse_document(&reply.body);
    let numbers = Selector::parse("#beside tbody tr td:nth-of-type(1)").unwrap();
    let found: Vec<String> = page.select(&numbers).map(|cell| cell.text().collect()).collect();
    let [_, province, like] = found.try_into().unwrap_or_else(|found| panic!("{found:?}"));
    [province, like]
}

on_both! {
    fn units_together_are_shown_to_one_of_them_where_they_are_many_people_and_many_units(app) {
        let on = |day, unit, n| Answers { unit, day, levels: [n, 0, 0, 0, 0], ..LAND };
        let few = Answers { flags: Flags::NONE.with(Flag::Assisted), ..on("2026-08-07", OTHERS[0], 2) };
        store(app, &[on("2026-08-04", OTHERS[0], 3), on("2026-08-05", OWN, 10), on("2026-08-05", OTHERS[0], 40), few]);
        for day in ["2026-08-06", "2026-08-07"] {
            store(app, &[on(day, OWN, 10)]);
            store(app, &OTHERS.map(|unit| on(day, unit, 20)));
        }
        // Two people at a counter of the province itself: whoever takes the communes from the province has them.
        let province = Answers { unit: PROVINCE, day: "2026-08-08", levels: [2, 0, 0, 0, 0], ..LAND };
        store(app, &[on("2026-08-08", OWN, 10), province]);
        store(app, &OTHERS.map(|unit| on("2026-08-08", unit, 20)));
        let unit = app.unit(OWN);
        let viewer = app.browser("xem", Role::UnitViewer, Some(unit));
        let hidden = ["…", "…"];
        assert_eq!(beside(&viewer, "04", ""), hidden, "three people of another unit");
        assert_eq!(beside(&viewer, "05", ""), hidden, "less the own answers these are those of one unit");
        assert_eq!(beside(&viewer, "06", ""), ["70", "70"], "of three others each keeps its own to itself");
        assert_eq!(beside(&viewer, "07", ""), ["72", "72"]);
        assert_eq!(beside(&viewer, "07", "&flagged=excluded"), hidden, "two people bear a flag");

        assert_eq!(beside(&viewer, "08", ""), ["72", "…"]);

        let narrowed = format!("&unit={unit}");
        let auditor = app.browser("hoa", Role::Auditor, None);
        assert_eq!(beside(&auditor, "04", &narrowed), hidden, "nor does an auditor see small groups");
        assert_eq!(beside(&auditor, "05", &narrowed), ["50", "50"], "but each unit");
        let method = app.browser("lan", Role::Method, None);
        assert_eq!(beside(&method, "04", &narrowed), ["3", "3"]);
        assert_eq!(beside(&method, "07", &format!("{narrowed}&flagged=excluded")), ["70", "70"]);
    }
}
