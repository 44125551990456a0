//! People bound to a unit that was merged or split.

use hailong::domain::link::Stage;
use hailong::domain::person::Role;

use crate::support::{draft, id, on_both, today};

const UNITS: &str = "/console/catalogue/units";

on_both! {
    fn a_handler_of_a_merged_unit_works_on_what_the_heir_gets(app) {
        let (own, other) = (app.unit("24781"), app.unit("24787"));
        let link = app.link_of(&draft(&app.snapshot(), "24787", "Quầy thử", "dat-dai", Stage::Result));
        let mut handler = app.browser("nga", Role::CommentHandler, Some(own));
        let mut viewer = app.browser("xem", Role::UnitViewer, Some(other));
        let mut administrator = app.browser("goc", Role::Administrator, None);
        let page = format!("{UNITS}/{own}/merge");
        let (day, second) = (today().to_string(), other.to_string());
        let form = [("from", &*day), ("units", &second), ("code", "99100"), ("name", "Phường Mới")];
        assert_eq!(administrator.send_and_confirm(&page, &page, &form).status, 303);
        let heir = app.unit("99100");
        let form = [("id", &*id()), ("overall", "1"), ("comment", "Thiếu chỗ ngồi")];
        assert_eq!(app.post(&format!("/s/{}", link.code), &form).status, 303);

        for browser in [&handler, &viewer] {
            assert!(browser.get("/console/comments").body.contains("Thiếu chỗ ngồi"));
            assert_eq!(browser.get(&format!("/console?unit={heir}")).status, 200);
            assert_eq!(browser.get(&format!("/console?unit={}", app.unit("22972"))).status, 404);
        }
        let list = handler.get("/console/comments").body;
        let address = list.split("href=\"").find(|part| part.starts_with("/console/comments/")).unwrap();
        let address = address.split('"').next().unwrap().to_owned();
        let taken = handler.send(&address, &format!("{address}/acknowledgement"), &[("state", "new")]);
        assert_eq!(taken.status, 303, "{}", taken.body);
        assert_eq!(viewer.send("/console/account", &format!("{address}/acknowledgement"), &[]).status, 404);
        assert!(administrator.get(&address).body.contains("(Phường Mới)"), "a comment can be given to the handler");
        let people = administrator.get("/console/people").body;
        assert!(people.contains("Phường Mới") && !people.contains("cần chọn đơn vị mới"));
    }
}

on_both! {
    fn whoever_was_bound_to_a_split_unit_keeps_it_and_is_marked(app) {
        let own = app.unit("24781");
        let link = app.link("dat-dai", Stage::Result);
        assert_eq!(app.answer(&link, &id(), "5").status, 303);
        let name = app.snapshot().units.on(own, today()).unwrap().name.clone();
        let viewer = app.browser("xem", Role::UnitViewer, Some(own));
        let mut administrator = app.browser("goc", Role::Administrator, None);
        let page = format!("{UNITS}/{own}/split");
        let day = today().to_string();
        let form = [
            ("from", &*day), ("code_1", "99101"), ("name_1", "Phường Đông"),
            ("code_2", "99102"), ("name_2", "Phường Tây"),
        ];
        assert_eq!(administrator.send_and_confirm(&page, &page, &form).status, 303);

        assert_eq!(viewer.get(&format!("/console?unit={own}")).status, 200, "earlier results are still seen");
        assert_eq!(viewer.get(&format!("/console?unit={}", app.unit("99101"))).status, 404);
        let people = administrator.get("/console/people").body;
        assert!(people.contains(&format!("{name} (đã kết thúc, cần chọn đơn vị mới)")));
        let person = people.split("href=\"").find(|part| {
            part.starts_with("/console/people/") && part.split('<').next().unwrap().ends_with(">Cán bộ xem")
        });
        let person = person.unwrap().split('"').next().unwrap().to_owned();
        let shown = administrator.get(&person).body;
        assert!(shown.contains("Hãy chọn đơn vị mới"));
        assert!(shown.contains(&format!("value=\"{own}\" selected")), "saving a name moves nobody");
        let east = app.unit("99101").to_string();
        let moved = [("name", "Cán bộ xem"), ("role", "unit-viewer"), ("unit", &*east)];
        assert_eq!(administrator.send(&person, &person, &moved).status, 303);
        assert!(!administrator.get(&person).body.contains("Hãy chọn đơn vị mới"));
        assert_eq!(viewer.get(&format!("/console?unit={east}")).status, 200);
    }
}
