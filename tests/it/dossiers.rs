//! Dossiers typed by two colleagues, and months in which there are none to type.

use hailong::domain::person::Role;

use crate::entry::{select, value};
use crate::support::{on_both, today};

on_both! {
    fn a_count_that_a_colleague_changed_is_told_and_nothing_typed_is_lost(app) {
        let commune = app.unit("24781");
        let (mut lan, mut minh) =
            (app.browser("lan", Role::DataEntry, Some(commune)), app.browser("minh", Role::DataEntry, Some(commune)));
        let page = format!("/console/dossiers/{commune}/2026-08");
        assert_eq!(lan.send(&page, &page, &[("field-dat-dai", "100"), ("field-ho-tich", "7")]).status, 303);
        // Lan's form is open; Minh saves meanwhile.
        let opened = [("was-dat-dai", "100"), ("was-ho-tich", "7"), ("was-thue", "")];
        assert_eq!(minh.send(&page, &page, &[("field-dat-dai", "120"), ("field-ho-tich", "8"), ("field-thue", "")]).status, 303);

        let typed = [("field-dat-dai", "130"), ("field-ho-tich", "7"), ("field-thue", "3")];
        let told = lan.send(&page, &page, &[&typed[..], &opened[..]].concat());

        assert_eq!(told.status, 422);
        let fault = select(&told.body, "#e-field-dat-dai").concat();
        assert!(["100", "120", "130"].iter().all(|figure| fault.contains(figure)), "{fault}");
        let shown = |body: &str, name: &str| value(body, name).unwrap_or_default();
        assert_eq!(shown(&told.body, "#field-dat-dai"), "130", "what was typed stays");
        assert_eq!(shown(&told.body, "#field-thue"), "3");
        assert_eq!(shown(&told.body, "#field-ho-tich"), "8", "what Lan did not touch is Minh's");
        assert_eq!(shown(&told.body, "input[name=was-dat-dai]"), "120");
        assert_eq!(shown(&lan.get(&page).body, "#field-dat-dai"), "120", "nothing is overwritten");

        let seen = [("was-dat-dai", "120"), ("was-ho-tich", "8"), ("was-thue", "")];
        let again = [("field-dat-dai", "130"), ("field-ho-tich", "8"), ("field-thue", "3")];
        assert_eq!(lan.send(&page, &page, &[&again[..], &seen[..]].concat()).status, 303, "now it is meant");
        let now = lan.get(&page).body;
        assert_eq!(["dat-dai", "ho-tich", "thue"].map(|key| shown(&now, &format!("#field-{key}"))), ["130", "8", "3"]);
    }
}

on_both! {
    fn a_month_without_the_unit_or_the_field_takes_no_count_and_says_why(app) {
        let (mut browser, commune) = (app.browser("an", Role::Administrator, None), app.unit("24781"));
        let page = |month: &str| format!("/console/dossiers/{commune}/{month}");
        let before = browser.get(&page("2025-06"));
        assert!(before.status == 404 && before.body.contains("chỉ hoạt động từ 01/07/2025"), "{}", before.body);
        let next = (today() + chrono::Months::new(1)).format("%Y-%m").to_string();
        let future = browser.get(&page(&next));
        assert!(future.status == 404 && future.body.contains("Cần một tháng đã bắt đầu"), "{}", future.body);
        let now = page(&today().format("%Y-%m").to_string());
        let refused = browser.send(&now, &page(&next), &[("field-dat-dai", "1")]);
        assert_eq!(refused.status, 404);

        let land = app.snapshot().field_by_key("dat-dai").unwrap().clone();
        let form = format!("/console/catalogue/fields/{}", land.id);
        let closing = [("name", &*land.name), ("name_en", &*land.name_en), ("place", "0"), ("closed_from", "2026-08-01")];
        assert_eq!(browser.send(&form, &form, &closing).status, 303);
        let late = browser.send(&page("2026-09"), &page("2026-09"), &[("field-dat-dai", "5"), ("was-dat-dai", "")]);
        assert!(late.status == 422 && late.body.contains("đã đóng từ 01/08/2026"), "{}", late.body);
        assert_eq!(select(&browser.get(&page("2026-07")).body, "#field-dat-dai").len(), 1, "July was before");
        let file = "unit_code,field,month,settled\n24781,dat-dai,2026-09,4\n";
        let refused = browser.upload("/console/entry/import/dossiers", &[], file);
        assert!(refused.status == 422 && refused.body.contains("lĩnh vực đã đóng vào 01/09/2026"), "{}", refused.body);
    }
}
