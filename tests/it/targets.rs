//! Targets that Sở Nội vụ adds: what they judge, from when to when, and which are refused.

use hailong::db;
use hailong::domain::person::Role;
use scraper::{Html, Selector};

use crate::support::answers::{Answers, LAND, QUARTER, store};
use crate::support::{on_both, today};

const NEW: &str = "/console/catalogue/targets/new";
const PATH: &str = "/console/catalogue/targets";

/// The text of what a selector finds, with single spaces.
fn text(page: &str, selector: &str) -> String {
    let (page, selector) = (Html::parse_document(page), Selector::parse(selector).unwrap());
    let found: String = page.select(&selector).flat_map(|one| one.text()).collect();
    found.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A form for a target over one field, with what differs from case to case.
fn form<'a>(field: &'a str, key: &'a str, other: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let mut form = vec![
        ("scope", "tthc"),
        ("key", key),
        ("from", "2026-07-01"),
        ("until", "2026-12-31"),
        ("name", "Hài lòng về hộ tịch"),
        ("name_en", "Civil status"),
        ("threshold", "85,5"),
        ("legal_basis", "Kế hoạch 77/KH-UBND, mục 2"),
        ("backdated", "1"),
    ];
    form.extend(Some(("fields", field)).filter(|(_, id)| !id.is_empty()));
    form.retain(|(name, _)| !other.iter().any(|(new, _)| new == name));
    form.extend_from_slice(other);
    form
}

on_both! {
    fn a_new_target_judges_its_index_from_its_first_day(app) {
        store(app, &[LAND, Answers { field: "ho-tich", ..LAND }]);
        let field = app.snapshot().field_by_key("ho-tich").unwrap().id.to_string();
        let mut browser = app.browser("an", Role::Method, None);
        let page = format!("/console?period={QUARTER}");
        assert!(!browser.get(&page).body.contains("Hài lòng về hộ tịch"));

        let refused = browser.send(NEW, PATH, &form(&field, "tthc-ho-tich", &[("backdated", "")]));
        assert_eq!(refused.status, 422);
        assert!(text(&refused.body, "#e-backdated").contains("01/07/2026"), "past verdicts change only when that is meant");
        let kept = format!("input[name=fields][value='{field}'][checked]");
        assert!(Html::parse_document(&refused.body).select(&Selector::parse(&kept).unwrap()).next().is_some());
        let done = browser.send(NEW, PATH, &form(&field, "tthc-ho-tich", &[]));
        assert_eq!(done.status, 303, "{}", done.body);

        let target = app.snapshot().targets.iter().find(|target| target.key == "tthc-ho-tich").unwrap().clone();
        assert_eq!((target.threshold.hundredths(), target.valid_to), (8550, "2027-01-01".parse().ok()));
        let overview = text(&browser.get(&page).body, "main");
        assert!(overview.contains("Hài lòng về hộ tịch") && overview.contains("85,5"), "{overview}");
        let row = text(&browser.get(&format!("{PATH}?q=tthc-ho-tich")).body, "#targets tbody, tbody");
        assert!(row.contains("≥ 85,50%") && row.contains("Hộ tịch") && row.contains("31/12/2026"), "{row}");
        let csv = browser.get(&format!("/console/scores.csv?period={QUARTER}&by=field")).body;
        let line = csv.lines().find(|line| line.contains("Hộ tịch")).unwrap();
        assert!(line.contains("85.5"), "{line}");
        let log = app.database().read(|conn| db::audit::by_subject(conn, "target:tthc-ho-tich")).unwrap();
        assert_eq!(log.len(), 1);
        assert_eq!(log[0].record.details["scope"]["fields"], "ho-tich");
    }
}

on_both! {
    fn of_two_targets_for_the_same_days_the_second_is_refused_by_the_name_of_the_first(app) {
        let id = |key: &str| app.snapshot().field_by_key(key).unwrap().id.to_string();
        let (field, land) = (id("ho-tich"), id("dat-dai"));
        let mut browser = app.browser("an", Role::Method, None);
        assert_eq!(browser.send(NEW, PATH, &form(&field, "tthc-ho-tich", &[])).status, 303);
        let (day, count) = (today().to_string(), app.snapshot().targets.len());
        let mut said = |field: &str, other: &[(&str, &str)], at: &str| {
            let refused = browser.send(NEW, PATH, &form(field, "khac", other));
            assert_eq!(refused.status, 422, "{other:?}");
            text(&refused.body, &format!("#e-{at}"))
        };
        let overlap = said(&field, &[("from", "2026-12-31"), ("until", "")], "from");
        assert!(overlap.contains("“Hài lòng về hộ tịch” (khóa tthc-ho-tich)"), "{overlap}");
        assert!(overlap.contains("từ 01/07/2026 đến hết 31/12/2026"), "{overlap}");
        let overlap = said(&land, &[("from", &day)], "from");
        assert!(overlap.contains("không thời hạn") && overlap.contains("dat-dai"), "{overlap}");
        assert!(said("", &[("from", &day)], "from").contains("(khóa tthc)"), "all fields are a scope too");
        assert!(said(&field, &[("scope", "agency-service"), ("from", "2027-01-01")], "fields").contains("không có lĩnh vực"));
        assert!(!said(&field, &[("from", "2027-01-02"), ("until", "2027-01-01")], "until").is_empty());
        assert!(said(&field, &[("from", "1500-01-01")], "from").contains("01/01/1976"));
        assert!(!said("99999", &[("from", "2027-01-01")], "fields").is_empty());
        assert!(said(&field, &[("key", "tthc-ho-tich"), ("from", "2027-01-01"), ("until", "")], "key").contains("tthc-ho-tich"));
        assert_eq!(app.snapshot().targets.len(), count, "nothing was written");

        let next = [("from", "2027-01-01"), ("until", "")];
        assert_eq!(browser.send(NEW, PATH, &form(&field, "ho-tich-2027", &next)).status, 303, "the day after is free");
        let successor = format!("{PATH}/tthc-ho-tich");
        let form: Vec<_> = form("", "", &next[..1]).into_iter().filter(|(name, _)| !["scope", "key", "until"].contains(name)).collect();
        let refused = browser.send(&successor, &successor, &form);
        assert_eq!(refused.status, 422);
        assert!(text(&refused.body, "#e-from").contains("ho-tich-2027"), "{}", text(&refused.body, "#e-from"));
    }
}
