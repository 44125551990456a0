//! The table of single answers: what is in it, who gets it, and how filters narrow it.

mod dictionary;
mod downloads;
mod recomputed;

use std::collections::BTreeMap;

use hailong::db;
use hailong::domain::link::Stage;
use hailong::domain::period::Period;
use hailong::domain::person::Role;
use serde_json::Value;
use uuid::Uuid;

use crate::figures;
use crate::support::answers::{Answers, LAND, store};
use crate::support::staff::Browser;
use crate::support::table::{Row, is_flagged, rows};
use crate::support::{draft, id, on_both, today};

fn answers(browser: &Browser<'_>, query: &str) -> Vec<Row> {
    rows(&browser.bytes(&format!("/console/answers.csv?{query}")).1).1
}

fn objects(bytes: &[u8]) -> Vec<BTreeMap<String, Value>> {
    serde_json::from_slice(bytes).unwrap()
}

on_both! {
    fn a_page_after_a_page_gives_every_answer_of_the_period_once(app) {
        let days = ["2026-08-03", "2026-08-31", "2026-09-01"];
        store(app, &days.map(|day| Answers { day, levels: [5, 4, 3, 2, 1], ..LAND }));
        let unit = app.snapshot().units.by_code(LAND.unit, today()).unwrap().unit;
        let august = Period::parse("2026-08").unwrap();
        app.database().read(|conn| {
            let mut expected: Vec<Uuid> = db::responses::by_unit(conn, unit)?
                .into_iter()
                .filter(|response| august.contains(response.day))
                .map(|response| response.id)
                .collect();
            expected.sort();
            assert_eq!(expected.len(), 30);
            let (mut found, mut from) = (Vec::new(), Uuid::nil());
            loop {
                let page = db::responses::page(conn, unit, august, from, 7)?;
                found.extend(page.iter().map(|response| response.id));
                let Some(last) = page.last() else { break };
                from = Uuid::from_u128(last.id.as_u128() + 1);
            }
            assert_eq!(found, expected);
            Ok(())
        }).unwrap();
    }
}

on_both! {
    fn a_name_that_a_spreadsheet_would_run_is_harmless_and_no_comment_leaves(app) {
        let name = "=HYPERLINK(\"http://a.vn\";\"Quầy\")\nhai, ba";
        let link = app.link_of(&draft(&app.snapshot(), "24781", name, "dat-dai", Stage::Result));
        let sent = id();
        let answer = [("id", &*sent), ("overall", "2"), ("feedback", "na"), ("access", ""), ("comment", "Chờ quá lâu")];
        assert_eq!(app.post(&format!("/s/{}", link.code), &answer).status, 303);
        let browser = app.browser("an", Role::Method, None);
        let query = format!("period={}", today().format("%Y-%m"));

        let (_, bytes) = browser.bytes(&format!("/console/answers.csv?{query}"));
        let (_, all) = rows(&bytes);
        let raw = objects(&browser.bytes(&format!("/console/answers.json?{query}")).1);

        assert_eq!(all.len(), 1);
        let row = &all[0];
        assert_eq!(row["counter"], format!("'{name}"));
        assert_eq!(raw[0]["counter"], name, "JSON runs nothing");
        let scores = ["overall", "access", "feedback", "result"].map(|key| row[&format!("score_{key}")].as_str());
        assert_eq!(scores, ["2", "", "na", ""]);
        assert_eq!((raw[0]["score_overall"].as_u64(), &raw[0]["score_access"]), (Some(2), &Value::Null));
        assert_eq!(row["has_comment"], "true");
        let whole = String::from_utf8(bytes).unwrap();
        for secret in ["Chờ quá lâu", &sent, link.code.as_str()] {
            assert!(!whole.contains(secret), "{secret}");
        }
    }
}

on_both! {
    fn filters_narrow_the_table_and_each_download_is_audited(app) {
        figures::simulate(app);
        let browser = app.browser("an", Role::Method, None);
        let snapshot = app.snapshot();
        let (field, unit) = (snapshot.field_by_key("dat-dai").unwrap().id, snapshot.units.by_code("24781", today()).unwrap());
        let all = answers(&browser, "period=2026-Q3");
        let of = |keep: &dyn Fn(&Row) -> bool| all.iter().filter(|row| keep(row)).cloned().collect::<Vec<_>>();
        let mut downloads = 1;
        let mut same = |filter: String, keep: &dyn Fn(&Row) -> bool| {
            let found = answers(&browser, &format!("period=2026-Q3&{filter}"));
            assert!(!found.is_empty() && found.len() < all.len(), "{filter}: {} of {}", found.len(), all.len());
            assert_eq!(found, of(keep), "{filter}");
            downloads += 1;
        };
        same(format!("field={field}"), &|row| row["field_code"] == "dat-dai");
        same(format!("unit={}", unit.unit), &|row| row["unit_now_code"] == "24781");
        same(format!("unit={}&side=deciding", unit.unit), &|row| row["deciding_now_code"] == "24781");
        same("stage=intake".to_owned(), &|row| row["stage_code"] == "intake");
        same("channel=paper".to_owned(), &|row| row["channel_code"] == "paper");
        same("flagged=excluded".to_owned(), &|row| !is_flagged(row));
        assert_eq!(browser.get("/console/answers.csv?period=2026-Q5").status, 422);
        assert_eq!(browser.get("/console/answers.xlsx?period=2026-Q3").status, 404);
        assert_eq!(answers(&browser, "period=2031").len(), 0, "a period without answers has its header alone");

        let (_, audit) = browser.bytes("/console/audit.csv?action=answers.export");
        let audited = rows(&audit).1.into_iter().filter(|row| row["what"] == "answers.export").collect::<Vec<_>>();
        assert_eq!(audited.len(), downloads + 1);
        assert!(audited.iter().all(|row| row["actor"] == "an"), "{audited:?}");
        assert!(audited.iter().any(|row| row["subject"] == "answers 2026-Q3" && row["details"].contains("Tiếp nhận")));

        let page = browser.get("/console/breakdown?period=2026-Q3&by=field&stage=intake").body;
        assert!(page.contains("/console/answers.csv?period=2026-Q3&amp;stage=intake") || page.contains("/console/answers.csv?period=2026-Q3&#38;stage=intake"));
        let viewer = app.browser("xem", Role::UnitViewer, Some(unit.unit));
        assert!(!viewer.get("/console/breakdown?period=2026-Q3&by=field").body.contains("/console/answers"));
    }
}
