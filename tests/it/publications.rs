//! Closing, approving, publishing and correcting the figures of a period.

use std::collections::{BTreeMap, BTreeSet};

use diesel::RunQueryDsl;
use hailong::app::ending::End;
use hailong::app::publications::{self, Proof};
use hailong::app::targets::TargetDraft;
use hailong::app::units::{Heir, UnitDraft};
use hailong::app::{questionnaires, targets, units};
use hailong::db;
use hailong::db::publications::Frozen;
use hailong::domain::dataset::{Cut, Dataset, Mark};
use hailong::domain::flags::{Flag, Flags};
use hailong::domain::hex::hex;
use hailong::domain::link::Channel;
use hailong::domain::person::{Actor, Role};
use hailong::domain::publication::Step;
use hailong::domain::questionnaire::Kind;
use hailong::domain::target::Threshold;
use hailong::error::Error;
use hailong::locale::Lang;
use sha2::{Digest, Sha256};

use crate::support::answers::{Answers, LAND, QUARTER, store, unit};
use crate::support::program::hailong;
use crate::support::publishing::{approve, close, official, period, publish, published, step};
use crate::support::{on_both, today};

fn refused<T: std::fmt::Debug>(outcome: hailong::error::Result<T>) -> String {
    match outcome {
        Err(error @ (Error::Conflict(_) | Error::Invalid(_) | Error::NotFound(_))) => error.text(Lang::Vi),
        other => panic!("expected a refusal, found {other:?}"),
    }
}

fn n(dataset: &Dataset, by: Cut, key: &[&str]) -> Option<u64> {
    dataset.row(Kind::Tthc, by, key).unwrap_or_else(|| panic!("{by:?} {key:?}")).n()
}

on_both! {
    fn two_people_take_a_period_from_draft_to_the_chain_in_the_console(app) {
        store(app, &[LAND]);
        let mut lan = app.browser("lan", Role::Method, None);
        let mut minh = app.browser("minh", Role::Administrator, None);
        let list = "/console/publications";
        assert!(lan.get(list).body.contains("Chưa chốt số liệu kỳ nào"));
        let wrong = lan.send(list, list, &[("period", "quý ba")]);
        assert!(wrong.status == 422 && wrong.body.contains("quý ba") && wrong.body.contains("value=\"quý ba\""));
        let one = lan.send(list, list, &[("period", QUARTER)]);
        assert_eq!(one.status, 303, "{}", one.body);
        let page = one.location;
        let twice = minh.send(list, list, &[("period", QUARTER)]);
        assert!(twice.status == 409 && twice.body.contains("đang có một bản chưa công bố"), "{}", twice.body);

        let deed = |browser: &mut crate::support::staff::Browser<'_>, step: &str, remark: &str| {
            browser.send(&page, &format!("{page}/{step}"), &[("remark", remark)])
        };
        assert_eq!(deed(&mut lan, "publication", "").status, 409, "nothing is published unapproved");
        assert_eq!(deed(&mut lan, "submission", "Kính trình").status, 303);
        let own = deed(&mut lan, "approval", "");
        assert!(own.status == 409 && own.body.contains("Người duyệt phải khác người trình"), "{}", own.body);
        let silent = deed(&mut minh, "return", "  ");
        assert!(silent.status == 422 && silent.body.contains("Hãy ghi lý do"));
        assert_eq!(deed(&mut minh, "return", "Thiếu hồ sơ tháng 9").status, 303);
        assert_eq!(deed(&mut lan, "freeze", "").status, 303);
        assert_eq!(deed(&mut lan, "submission", "").status, 303);
        assert_eq!(deed(&mut minh, "approval", "").status, 303);
        assert_eq!(deed(&mut lan, "publication", "Công bố trên cổng").status, 303);
        assert_eq!(deed(&mut lan, "return", "muộn").status, 409);

        let shown = minh.get(&page).body;
        for part in ["Cán bộ lan", "Cán bộ minh", "Thiếu hồ sơ tháng 9", "Đã công bố", "90,00%", "Công bố trên cổng"] {
            assert!(shown.contains(part), "{part} in {shown}");
        }
        let (_, file) = lan.bytes(&format!("{page}/public.json"));
        let hash = hex(&Sha256::digest(&file));
        assert!(shown.contains(&hash));
        let (_, complete) = lan.bytes(&format!("{page}/complete.json"));
        let sealed = Dataset::read(&file).unwrap().issue.unwrap().complete;
        assert_eq!(hex(&Sha256::digest(&complete)), sealed, "the complete figures are those that were sealed");
        let found = app.database().read(|conn| publications::prove(conn, hash.as_bytes())).unwrap();
        assert!(matches!(found, Proof::Genuine { corrected_by: None, .. }), "{found:?}");
        let audit = minh.get("/console/audit.csv").body;
        for action in ["freeze", "submission", "return", "approval", "publication"] {
            assert!(audit.contains(&format!("publication.{action}")), "{action}");
        }
        let auditor = app.browser("hoa", Role::Auditor, None);
        assert_eq!(auditor.get(&page).status, 200);
        assert_eq!(auditor.get(&format!("{page}/complete.json")).status, 404);
    }
}

on_both! {
    fn a_published_file_stays_byte_for_byte_whatever_changes_after_it(app) {
        store(app, &[LAND]);
        let first = publish(app, QUARTER);
        assert_eq!(first.issued.sha256, hex(&Sha256::digest(&first.file)));
        assert_eq!((n(&first.shown, Cut::Total, &[]), first.shown.issue.as_ref().unwrap().number), (Some(100), 1));

        store(app, &[Answers { levels: [0, 0, 0, 0, 50], ..LAND }]);
        let commune = unit(app, "24781", "2026-08-03");
        let version = app.snapshot().units.nearest(commune, today()).unwrap().clone();
        let renamed = UnitDraft {
            code: version.code,
            name: "=Phường \"Mới\"\nTên".replace('\n', " "),
            level: version.level,
            parent: version.parent,
            from: today(),
        };
        app.database()
            .write(|conn| {
                units::change(conn, &Actor::Operator, commune, &renamed)?;
                let draft = questionnaires::draft(conn, &Actor::Operator, Kind::Tthc)?;
                questionnaires::publish(conn, &Actor::Operator, draft, true)?;
                diesel::sql_query("ALTER TABLE responses ADD COLUMN later INTEGER").execute(conn).unwrap();
                Ok(())
            })
            .unwrap();
        assert!(hailong(app, &["migrate"]).status.success());
        let after = published(app, first.id);
        assert_eq!(after.file, first.file);
        let path = app.store.folder.path().join("q3.json");
        std::fs::write(&path, &after.file).unwrap();
        let check = |path: &std::path::Path| hailong(app, &["check", "--publication", path.to_str().unwrap()]);
        let told = check(&path);
        assert!(told.status.success(), "{}", String::from_utf8_lossy(&told.stderr));
        assert!(String::from_utf8_lossy(&told.stdout).contains("publication 1: period 2026-Q3, version 1"));
        let changed = String::from_utf8(after.file).unwrap().replacen("\"n5\":40", "\"n5\":41", 1);
        std::fs::write(&path, changed).unwrap();
        let told = check(&path);
        assert_eq!(told.status.code(), Some(1));
        assert!(String::from_utf8_lossy(&told.stderr).contains("it was changed"));

        let refused = app.database().write(|conn| {
            Ok(diesel::sql_query("UPDATE publications SET version = 7").execute(conn).is_err())
        });
        assert!(refused.unwrap(), "the database itself keeps what was published");
    }
}

on_both! {
    fn late_answers_count_in_the_next_correction_alone_and_are_listed(app) {
        store(app, &[LAND]);
        let first = publish(app, QUARTER);
        assert!(refused(close(app, QUARTER)).contains("không có gì thay đổi"));
        store(app, &[Answers { levels: [0, 0, 3, 0, 0], ..LAND }]);
        let few = close(app, QUARTER).unwrap();
        approve(app, few);
        let told = refused(step(app, "minh", few, Step::Publish, ""));
        assert!(told.contains("Chỉ có 3 phiếu thay đổi"), "{told}");
        let page = app.browser("mai", Role::Method, None).get(&format!("/console/publications/{few}")).body;
        assert!(page.contains("Chỉ có 3 phiếu thay đổi"), "the page says so before anyone tries");

        let assisted = Flags::NONE.with(Flag::Assisted);
        let paper = Answers { channel: Channel::Paper, flags: assisted, levels: [20, 0, 0, 0, 0], ..LAND };
        store(app, &[paper]);
        let page = app.browser("hai", Role::Method, None).get(&format!("/console/publications/{few}")).body;
        assert!(page.contains("Phiếu giấy") && page.contains("+20"), "what came since is listed by channel");
        step(app, "minh", few, Step::Return, "chờ thêm phiếu").unwrap();
        publications::freeze(&app.database(), &app.snapshot(), &official("lan"), few).unwrap();
        approve(app, few);
        step(app, "lan", few, Step::Publish, "").unwrap();
        let second = published(app, few);
        let issue = second.shown.issue.clone().unwrap();
        assert_eq!((second.shown.version, n(&second.shown, Cut::Total, &[])), (2, Some(123)));
        assert_eq!(issue.corrects.as_deref(), Some(first.issued.sha256.as_str()));
        assert_eq!((issue.previous.as_deref(), issue.late), (Some(first.issued.sha256.as_str()), Some(23)));
        assert_eq!(published(app, first.id).file, first.file);
        let proof = app.database().read(|conn| publications::prove(conn, &first.file)).unwrap();
        assert!(matches!(proof, Proof::Genuine { corrected_by: Some(newer), .. } if newer.version == 2));
        assert!(hailong(app, &["check"]).status.success());
    }
}

on_both! {
    fn what_cannot_be_closed_is_refused_with_the_reason(app) {
        let told = refused(close(app, QUARTER));
        assert!(told.contains("không có phiếu nào"), "{told}");
        let year = today().format("%Y").to_string();
        assert!(refused(close(app, &year)).contains("Chỉ chốt được kỳ đã kết thúc"));
        store(app, &[Answers { levels: [4, 3, 0, 0, 0], ..LAND }]);
        let id = close(app, QUARTER).unwrap();
        approve(app, id);
        let told = refused(step(app, "minh", id, Step::Publish, ""));
        assert!(told.contains("Không có chỉ số chung nào đủ 10 phiếu"), "{told}");
        step(app, "minh", id, Step::Return, "ít phiếu").unwrap();
        step(app, "lan", id, Step::Discard, "").unwrap();
        assert!(app.database().read(|conn| publications::list(conn, &Actor::Operator)).unwrap().is_empty());
        let viewer = crate::support::answers::viewer(unit(app, "24781", "2026-08-03"));
        let outcome = publications::close(&app.database(), &app.snapshot(), &viewer, period(QUARTER));
        assert!(matches!(outcome, Err(Error::NotFound(_))), "{outcome:?}");
    }
}

on_both! {
    fn of_two_who_publish_at_once_one_does_and_the_other_is_told(app) {
        store(app, &[LAND]);
        let id = close(app, QUARTER).unwrap();
        approve(app, id);
        let outcomes: Vec<_> = std::thread::scope(|scope| {
            let threads: Vec<_> = ["lan", "minh", "hoa"]
                .into_iter()
                .map(|login| scope.spawn(move || step(app, login, id, Step::Publish, "")))
                .collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).collect()
        });
        assert_eq!(outcomes.iter().filter(|outcome| outcome.is_ok()).count(), 1, "{outcomes:?}");
        for outcome in outcomes.into_iter().filter(Result::is_err) {
            assert!(refused(outcome).contains("vừa được người khác chuyển"));
        }
        assert_eq!(published(app, id).issued.number, 1);
        assert!(hailong(app, &["check"]).status.success());
    }
}

on_both! {
    fn units_that_ended_targets_that_changed_and_missing_figures_are_marked(app) {
        store(app, &[
            Answers { levels: [20, 0, 0, 0, 0], ..LAND },
            Answers { unit: "22972", levels: [30, 0, 0, 0, 10], ..LAND },
            Answers { unit: "22933", levels: [50, 0, 0, 0, 0], ..LAND },
        ]);
        let [heir, ended, parted] = ["24781", "22972", "22933"].map(|code| unit(app, code, "2026-08-03"));
        let on = "2026-09-01".parse().unwrap();
        let end = End { from: on, backdated: true };
        let taking_over = Heir { code: "24781".to_owned(), name: String::new() };
        app.database()
            .write(|conn| {
                units::merge(conn, &Actor::Operator, &BTreeSet::from([ended]), &taking_over, end)?;
                let half = |code: &str| Heir { code: code.to_owned(), name: format!("Xã Nửa {code}") };
                units::split(conn, &Actor::Operator, parted, &[half("99001"), half("99002")], end)?;
                db::revision::bump(conn)
            })
            .unwrap();
        let target = app.snapshot().targets.iter().find(|target| target.key == "tthc-dat-dai").unwrap().clone();
        let draft = TargetDraft {
            name: target.name,
            name_en: target.name_en,
            threshold: Threshold::of_hundredths(8_800).unwrap(),
            legal_basis: target.legal_basis,
            from: on,
            backdated: true,
        };
        app.database().write(|conn| targets::succeed(conn, &Actor::Operator, &target.key, &draft, today())).unwrap();
        let found = publish(app, QUARTER);
        let now = found.shown.row(Kind::Tthc, Cut::Unit, &[&heir.to_string()]).unwrap();
        assert_eq!(now.n(), Some(60), "the heir has the answers of the unit that it took over");
        let split = found.shown.row(Kind::Tthc, Cut::Unit, &[&parted.to_string()]).unwrap();
        assert_eq!(split.n(), Some(50), "the answers of a split unit are nobody else's");
        assert_eq!(split.marks, [Mark::Split, Mark::Ended]);
        let then = found.shown.row(Kind::Tthc, Cut::UnitThen, &[&ended.to_string()]).unwrap();
        assert_eq!((then.n(), then.marks.as_slice()), (Some(40), [Mark::Ended].as_slice()));
        let land = found.shown.row(Kind::Tthc, Cut::Target, &["tthc-dat-dai"]).unwrap();
        assert_eq!((land.target, land.marks.as_slice()), (Some(8_800), [Mark::Retargeted].as_slice()));
        let missing: BTreeMap<_, _> = found.shown.imported.iter().map(|one| (one.target.as_str(), one.index)).collect();
        assert!(missing.values().all(Option::is_none) && missing.len() == 2, "{missing:?}");
    }
}

on_both! {
    fn a_trend_holds_what_was_published_and_marks_what_another_method_measured(app) {
        let on = |day| Answers { day, ..LAND };
        store(app, &[on("2026-02-03"), on("2026-05-04"), LAND]);
        let old = close(app, "2026-Q1").unwrap();
        app.database()
            .write(|conn| {
                let mut complete = publications::complete(conn, &Actor::Operator, old)?;
                complete.method.version -= 1;
                let at = complete.frozen_at.naive_utc();
                let bytes = complete.canonical()?;
                let frozen = Frozen { period: period("2026-Q1"), version: 1, at, complete: &bytes };
                assert!(db::publications::freeze(conn, old, frozen)?);
                Ok(())
            })
            .unwrap();
        approve(app, old);
        step(app, "minh", old, Step::Publish, "").unwrap();
        publish(app, "2026-Q2");
        store(app, &[Answers { levels: [0, 0, 0, 0, 50], ..on("2026-05-04") }]);

        let found = publish(app, QUARTER);
        let rows = found.shown.rows(Kind::Tthc, Cut::Trend).iter().filter(|row| row.key[1] == "tthc");
        let trend: Vec<_> = rows.map(|row| (row.key[0].as_str(), row.n(), row.marks.as_slice())).collect();
        let expected: [(&str, _, &[Mark]); 3] = [
            ("2026-Q1", Some(100), &[Mark::Method]),
            ("2026-Q2", Some(100), &[]),
            (QUARTER, Some(100), &[]),
        ];
        assert_eq!(trend, expected);
    }
}

on_both! {
    fn a_scheduled_job_alone_publishes_nothing_and_writes_the_file_that_two_people_published(app) {
        store(app, &[LAND]);
        let run = |words: &str| hailong(app, &words.split(' ').collect::<Vec<_>>());
        let complaint = |words: &str| {
            let output = run(words);
            assert_eq!(output.status.code(), Some(1), "{words}");
            String::from_utf8(output.stderr).unwrap()
        };
        assert!(run("publish close --period 2026-Q3").status.success());
        assert!(run("publish submit --period 2026-Q3 --remark Kính").status.success());
        let own = complaint("publish approve --period 2026-Q3");
        assert!(own.contains(&Lang::En.text("publications.fault.own")), "{own}");
        complaint("publish release --period 2026-Q3");
        let id = app.database().read(|conn| publications::list(conn, &Actor::Operator)).unwrap()[0].id;
        step(app, "minh", id, Step::Approve, "").unwrap();
        let released = run("publish release --period 2026-Q3");
        assert!(String::from_utf8_lossy(&released.stdout).contains("number 1"), "{released:?}");
        assert!(run("publish file --number 1 -o q3.json").status.success());
        let written = std::fs::read(app.store.folder.path().join("q3.json")).unwrap();
        assert_eq!(written, published(app, id).file);
        assert!(run("check --publication q3.json").status.success());
    }
}

on_both! {
    fn what_was_done_with_a_publication_is_neither_rewritten_nor_taken_away(app) {
        store(app, &[LAND]);
        publish(app, QUARTER);
        let database = app.database();
        let refuses = |statement: &str| {
            let done = database.write(|conn| diesel::sql_query(statement).execute(conn).map_err(db::violation::translate));
            assert!(done.is_err(), "{statement}");
        };
        for table in ["publications", "publication_events"] {
            refuses(&format!("DELETE FROM {table}"));
            if !database.is_sqlite() {
                refuses(&format!("TRUNCATE {table} CASCADE"));
            }
        }
        refuses("UPDATE publication_events SET actor = 'x'");
        let draft = close(app, "2026-Q2").is_ok();
        assert!(!draft, "a quarter without answers");
        store(app, &[Answers { day: "2026-05-04", ..LAND }]);
        let draft = close(app, "2026-Q2").unwrap();
        refuses("DELETE FROM publication_events");
        step(app, "lan", draft, Step::Discard, "").unwrap();
        assert_eq!(database.read(|conn| db::publications::events(conn, draft)).unwrap(), []);
    }
}
