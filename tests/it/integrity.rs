//! What was acknowledged is stored once and counted once.

use std::collections::HashSet;
use std::sync::Mutex;

use hailong::app::catalogue::Catalogue;
use hailong::app::check::{self, Findings};
use hailong::db::conn::Database;
use hailong::domain::link::Stage;

use crate::support::program::Program;
use crate::support::{App, Backend, Store, id, on_both};

const CLIENTS: usize = 16;

pub fn recount(database: &Database) -> Findings {
    let snapshot = Catalogue::load(database).unwrap().snapshot();
    database.read(|conn| check::run(conn, &snapshot)).unwrap()
}

/// Ids of all answers on disk.
pub fn stored(database: &Database) -> HashSet<String> {
    let ids = database.read(|conn| {
        let mut ids = Vec::new();
        for unit in hailong::db::responses::served_units(conn)? {
            ids.extend(
                hailong::db::responses::by_unit(conn, unit)?.into_iter().map(|one| one.id.to_string()),
            );
        }
        Ok(ids)
    });
    ids.unwrap().into_iter().collect()
}

/// Each client sends its share, every fourth id twice; gives the acknowledged ids.
fn submit(url: &str, answers: usize, until: impl Fn(usize) -> bool + Sync) -> HashSet<String> {
    let acknowledged = Mutex::new(HashSet::new());
    std::thread::scope(|scope| {
        for _ in 0..CLIENTS {
            scope.spawn(|| {
                let agent = App::agent();
                for number in 0..answers / CLIENTS {
                    let id = id();
                    let times = if number % 4 == 0 { 2 } else { 1 };
                    for _ in 0..times {
                        let form = [("id", id.as_str()), ("overall", "4"), ("staff", "5")];
                        let Ok(reply) = agent.post(url).send_form(form) else {
                            return;
                        };
                        if reply.status().as_u16() == 303 {
                            acknowledged.lock().unwrap().insert(id.clone());
                        }
                    }
                    if !until(acknowledged.lock().unwrap().len()) {
                        return;
                    }
                }
            });
        }
    });
    acknowledged.into_inner().unwrap()
}

on_both! {
    fn sixteen_clients_with_repeats_lose_nothing_and_count_nothing_twice(app) {
        let link = app.link("dat-dai", Stage::Result);
        let acknowledged = submit(&format!("{}/s/{}", app.url, link.code), 20_000, |_| true);

        assert_eq!(acknowledged.len(), 20_000);
        let database = app.database();
        assert_eq!(stored(&database), acknowledged);
        let findings = recount(&database);
        assert_eq!((findings.responses, findings.differences), (20_000, Vec::new()));
    }
}

fn survives_a_kill(backend: Backend) {
    let store = Store::create(backend);
    let program = Mutex::new(Program::start(&store));
    let survey = program.lock().unwrap().survey.clone();

    let acknowledged = submit(&survey, 200_000, |count| {
        if count >= 1_000 {
            program.lock().unwrap().child.kill().unwrap();
        }
        count < 1_000
    });
    program.lock().unwrap().child.wait().unwrap();

    assert!(acknowledged.len() >= 1_000);
    let database = store.open();
    let stored = stored(&database);
    assert!(acknowledged.is_subset(&stored), "an acknowledged answer was lost");
    assert_eq!(recount(&database).differences, Vec::new());
}

#[test]
fn a_kill_in_the_middle_loses_nothing_that_was_acknowledged_on_sqlite() {
    survives_a_kill(Backend::Sqlite);
}

#[test]
fn a_kill_in_the_middle_loses_nothing_that_was_acknowledged_on_postgres() {
    survives_a_kill(Backend::Postgres);
}
