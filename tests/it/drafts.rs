//! Drafts of questionnaires under the hands of two: the later one is told, and nothing is overwritten unseen.

use hailong::domain::person::Role;

use crate::entry::{select, value};
use crate::support::staff::Browser;
use crate::support::{App, on_both};

const LIST: &str = "/console/catalogue/questionnaires";

/// Two editors, and the address of a draft.
fn editors(app: &App) -> (Browser<'_>, Browser<'_>, String) {
    let (mut lan, minh) = (app.browser("lan", Role::Method, None), app.browser("minh", Role::Method, None));
    let draft = lan.send(LIST, LIST, &[("kind", "tthc")]).location;
    (lan, minh, draft)
}

/// What a form hides to say what it has seen.
fn seen(browser: &Browser<'_>, page: &str) -> String {
    value(&browser.get(page).body, "main form input[name=seen]").unwrap()
}

on_both! {
    fn a_question_that_a_colleague_changed_is_not_overwritten_unseen(app) {
        let (mut lan, mut minh, draft) = editors(app);
        let page = format!("{draft}/questions/staff");
        let typed = |ask: &'static str| [("key", "staff"), ("role", "element"), ("ask-vi", ask), ("label-vi", "Thái độ")];
        let opened = seen(&lan, &page);
        assert_eq!(minh.send(&page, &page, &typed("Minh hỏi?")).status, 303);

        let told = lan.send(&page, &page, &[&typed("Lan hỏi?")[..], &[("seen", &opened)]].concat());

        assert_eq!(told.status, 422);
        assert!(select(&told.body, ".faults").concat().contains("Có người đã đổi phần này"));
        assert!(select(&told.body, "#e-ask-vi").concat().contains("Minh hỏi?"));
        assert_eq!(select(&told.body, "#ask-vi"), ["Lan hỏi?"], "what was typed is still there");
        assert_eq!(select(&lan.get(&page).body, "#ask-vi"), ["Minh hỏi?"]);
        let shown = value(&told.body, "main form input[name=seen]").unwrap();
        let meant = lan.send(&page, &page, &[&typed("Lan hỏi?")[..], &[("seen", &shown)]].concat());
        assert_eq!(meant.status, 303, "saved again, it is meant");

        let opened = seen(&lan, &page);
        assert_eq!(minh.send(&draft, &format!("{page}/deletion"), &[]).status, 303);
        let gone = lan.send(&draft, &page, &[&typed("Vẫn hỏi?")[..], &[("seen", &opened)]].concat());
        assert_eq!(gone.status, 422);
        assert!(gone.body.contains("bỏ câu hỏi “staff”") && select(&gone.body, "#ask-vi") == ["Vẫn hỏi?"]);
        assert_eq!(select(&gone.body, &format!("form[action='{draft}/questions']")).len(), 1, "it can be added again");
    }
}

on_both! {
    fn texts_of_a_language_and_a_publication_are_held_against_what_was_seen(app) {
        let (mut lan, mut minh, draft) = editors(app);
        let page = format!("{draft}/languages/en");
        let body = lan.get(&page).body;
        let fields: Vec<(String, String)> = ["title", "level-5", "level-4", "level-3", "level-2", "level-1"]
            .map(|name| (name.to_owned(), value(&body, &format!("#{name}")).unwrap()))
            .into();
        let with = |title: &str, seen: &str| -> Vec<(String, String)> {
            let mut form = fields.clone();
            form[0].1 = title.to_owned();
            form.push(("seen".to_owned(), seen.to_owned()));
            form
        };
        let send = |browser: &mut Browser<'_>, form: &[(String, String)]| {
            let form: Vec<(&str, &str)> = form.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
            browser.send(&page, &page, &form)
        };
        let (opened, draft_seen) = (seen(&lan, &page), seen(&lan, &draft));
        assert_eq!(send(&mut minh, &with("Minh's title", &opened)).status, 303);
        let told = send(&mut lan, &with("Lan's title", &opened));
        assert_eq!(told.status, 422);
        assert!(select(&told.body, "#e-title").concat().contains("Minh's title"));
        assert_eq!(value(&told.body, "#title").as_deref(), Some("Lan's title"));

        let publication = format!("{draft}/publication");
        let refused = lan.send(&draft, &publication, &[("seen", &draft_seen), ("drops", "1")]);
        assert_eq!(refused.status, 422);
        assert!(refused.body.contains("Bản đang soạn đã thay đổi sau khi trang này được mở"), "{}", refused.body);
        let opened = seen(&lan, &page);
        assert_eq!(minh.send(&draft, &publication, &[("drops", "1")]).status, 303);
        let late = lan.send(&draft, &publication, &[("seen", &draft_seen)]);
        assert!(late.status == 409 && late.body.contains("minh đã công bố phiên bản này"), "{}", late.body);
        let late = {
            let form = with("Too late", &opened);
            let mut form: Vec<(&str, &str)> = form.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
            let proof = lan.proof(LIST);
            form.push(("csrf", &proof));
            lan.post(&page, &form)
        };
        assert_eq!(late.status, 409);
        assert_eq!(value(&late.body, "#title").as_deref(), Some("Too late"), "even then what was typed is shown");
    }
}
