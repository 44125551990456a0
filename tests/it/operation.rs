//! What an operator relies on: a second start, several instances, overload, an outage.

use std::sync::mpsc;
use std::time::{Duration, Instant};

use diesel::RunQueryDsl;
use diesel::dsl::sql;
use diesel::sql_types::Bool;
use hailong::db::conn::Conn;
use hailong::domain::link::{Link, Stage};
use hailong::domain::person::Role;
use hailong::locale::Lang;
use scraper::{Html, Selector};

use crate::integrity::{recount, stored};
use crate::support::program::Program;
use crate::support::{App, Backend, Reply, Store, id, on_both, read};

fn prints_its_password_once(backend: Backend) {
    let store = Store::empty(backend);
    let first = Program::start(&store).printed();
    let password = first.lines().find_map(|line| line.split_once("one-time password, shown once:"));
    let password = password.expect("a password at the first start").1.trim();

    let second = Program::start(&store);

    // It prints before it answers.
    let (site, _) = second.survey.split_once("/s/").unwrap();
    let form = [("login", "admin"), ("password", password)];
    let reply = read(App::agent().post(format!("{site}/console/sign-in")).send_form(form).unwrap());
    assert_eq!(reply.status, 303, "the password of the first start still holds");
    let printed = second.printed();
    assert!(printed.contains("/console"), "{printed}");
    for secret in ["password", "mật khẩu", password] {
        assert!(!printed.contains(secret), "{printed}");
    }
}

#[test]
fn the_first_start_alone_prints_a_password_on_sqlite() {
    prints_its_password_once(Backend::Sqlite);
}

#[test]
fn the_first_start_alone_prints_a_password_on_postgres() {
    prints_its_password_once(Backend::Postgres);
}

fn instances_start_at_once(backend: Backend) {
    let store = Store::empty(backend);
    let folders = [(); 4].map(|()| tempfile::tempdir().unwrap());

    let programs = std::thread::scope(|scope| {
        let starts =
            folders.each_ref().map(|folder| scope.spawn(|| Program::start_in(folder.path(), &store)));
        starts.map(|start| start.join().unwrap())
    });

    let prints_a_password = |program: &&Program| program.printed().contains("one-time password");
    assert_eq!(programs.iter().filter(prints_a_password).count(), 1);
}

#[test]
fn instances_may_start_at_once_on_an_empty_sqlite() {
    instances_start_at_once(Backend::Sqlite);
}

#[test]
fn instances_may_start_at_once_on_an_empty_postgres() {
    instances_start_at_once(Backend::Postgres);
}

on_both! {
    fn a_link_revoked_through_one_instance_ends_in_another_within_a_second(app) {
        let other = app.beside();
        let link = app.link("dat-dai", Stage::Result);
        let path = format!("/s/{}", link.code);
        other.wait_for(&path, 200);
        let mut browser = app.browser("an", Role::Administrator, None);
        let page = format!("/console/links/{}", link.id);

        let revoked = browser.send(&page, &format!("{page}/revocation"), &[]);

        let start = Instant::now();
        assert_eq!(revoked.status, 303);
        other.wait_for(&path, 410);
        assert!(start.elapsed() < Duration::from_secs(1), "after {:?}", start.elapsed());
        assert_eq!(other.answer(&link, &id(), "5").status, 410);
    }
}

/// Keeps the intake from writing for as long as the transaction of `conn` lasts; on SQLite its
/// beginning does so already.
fn hold_back(conn: &mut Conn) {
    if matches!(conn, Conn::Postgres(_)) {
        diesel::sql_query("LOCK TABLE responses IN ACCESS EXCLUSIVE MODE").execute(conn).unwrap();
    }
}

fn send(app: &App, link: &Link, id: &str) -> Reply {
    app.post(&format!("/s/{}", link.code), &[("id", id), ("overall", "4"), ("comment", "Chờ hơi lâu")])
}

/// Checks the page of an answer that could not be taken: what to do, and nothing to type again.
fn asks_to_send_again(reply: &Reply, id: &str) {
    assert_eq!(reply.status, 503);
    let wait: u64 = reply.headers.get("retry-after").unwrap().to_str().unwrap().parse().unwrap();
    assert!((1..=60).contains(&wait), "{wait} s");
    let page = Html::parse_document(&reply.body);
    let select = |selector: &str| page.select(&Selector::parse(selector).unwrap()).next();
    let text = |selector: &str| select(selector).unwrap().text().collect::<String>();
    let alert = text("[role=alert]");
    for key in ["survey.busy", "survey.busy-advice"] {
        assert!(alert.contains(&Lang::Vi.text(key)), "{alert}");
    }
    assert!(select(&format!("input[name=id][value='{id}']")).is_some(), "another id would count twice");
    assert!(select("input[name=overall][value='4'][checked]").is_some());
    assert_eq!(text("textarea").trim(), "Chờ hơi lâu");
}

fn refuses_politely_when_full(backend: Backend) {
    let app = App::start_with(backend, &["--queue", "1"]);
    let link = app.link("dat-dai", Stage::Result);
    let ids: Vec<String> = (0..6).map(|_| id()).collect();
    let (done, replies) = mpsc::channel();

    let (refused, waited) = std::thread::scope(|scope| {
        // While one answer is being written and one waits, the other four must be refused.
        let refused = app.database().write(|conn| {
            hold_back(conn);
            for id in &ids {
                let (done, app, link) = (done.clone(), &app, &link);
                scope.spawn(move || done.send((id, send(app, link, id))).unwrap());
            }
            let next = || replies.recv_timeout(Duration::from_secs(5)).expect("a full queue must not wait");
            Ok((0..4).map(|_| next()).collect::<Vec<_>>())
        });
        drop(done);
        (refused.unwrap(), replies.iter().collect::<Vec<_>>())
    });

    for (id, reply) in refused {
        asks_to_send_again(&reply, id);
        assert_eq!(send(&app, &link, id).status, 303, "sent again");
    }
    for (id, reply) in waited {
        // Two at once may find the queue full before the writer wakes.
        assert!(reply.status == 303 || send(&app, &link, id).status == 303, "{}", reply.status);
    }
    let database = app.database();
    assert_eq!(stored(&database), ids.iter().cloned().collect());
    let findings = recount(&database);
    assert_eq!((findings.responses, findings.differences), (6, Vec::new()));
}

#[test]
fn a_full_queue_asks_to_send_again_and_loses_and_doubles_nothing_on_sqlite() {
    refuses_politely_when_full(Backend::Sqlite);
}

#[test]
fn a_full_queue_asks_to_send_again_and_loses_and_doubles_nothing_on_postgres() {
    refuses_politely_when_full(Backend::Postgres);
}

/// Sends an answer and takes the database away while it is being written.
fn interrupted(app: &App, link: &Link, id: &str) -> Reply {
    let blocked = "EXISTS (SELECT FROM pg_locks WHERE NOT granted AND relation = 'responses'::regclass)";
    std::thread::scope(|scope| {
        let mut reply = None;
        let outcome = app.database().write(|conn| {
            hold_back(conn);
            let sent = scope.spawn(|| send(app, link, id));
            let blocked = || diesel::select(sql::<Bool>(blocked)).get_result::<bool>(conn).unwrap();
            assert!(
                std::iter::repeat_with(blocked).take(10_000).any(|blocked| blocked),
                "nothing was written"
            );
            app.store.take_away();
            reply = Some(sent.join().unwrap());
            Ok(())
        });
        assert!(outcome.is_err(), "this connection ended too");
        reply.unwrap()
    })
}

#[test]
fn an_outage_of_the_database_is_survived_without_a_restart() {
    let app = App::start(Backend::Postgres);
    let link = app.link("dat-dai", Stage::Result);
    let page = format!("/s/{}", link.code);
    let browser = app.browser("an", Role::Method, None);
    let [before, during, after] = [id(), id(), id()];
    assert_eq!(send(&app, &link, &before).status, 303);

    asks_to_send_again(&interrupted(&app, &link, &during), &during);

    let start = Instant::now();
    assert_eq!((app.get(&page).status, app.get("/healthz").status), (200, 200));
    assert!(start.elapsed() < Duration::from_secs(1), "citizens' pages need no database");
    asks_to_send_again(&send(&app, &link, &during), &during);
    assert_eq!((app.get("/readyz").status, browser.get("/console").status), (503, 503));

    app.store.give_back();
    app.wait_for("/readyz", 200);
    assert_eq!((send(&app, &link, &during).status, send(&app, &link, &after).status), (303, 303));
    assert_eq!(browser.get("/console").status, 200);
    // Known only to an instance that follows the catalogue again.
    app.link("ho-tich", Stage::Result);
    let database = app.database();
    assert_eq!(stored(&database), [before, during, after].into());
    assert_eq!(recount(&database).differences, Vec::new());
}

#[test]
fn a_database_that_is_closed_leaves_no_threads() {
    let store = Store::create(Backend::Sqlite);
    let threads = || std::fs::read_dir("/proc/self/task").unwrap().count();
    let before = threads();
    for _ in 0..200 {
        drop(store.open());
    }
    // Other tests run beside this one, with some dozens of threads.
    let after = threads();
    assert!(after < before + 200, "{before} threads became {after}");
}
