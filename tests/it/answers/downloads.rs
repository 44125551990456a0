//! Downloads that are slow, break off or go elsewhere: none is taken for a whole one, and none stands in the way.

use std::collections::BTreeSet;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use hailong::app::simulate::{self, Plan};
use hailong::domain::person::Role;

use crate::figures;
use crate::support::staff::Browser;
use crate::support::table::rows;
use crate::support::{App, Backend, Store, on_both, today};

fn program(store: &Store, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_hailong"));
    command.args(["--database-url", &store.url, "answers"]).args(arguments);
    command
}

on_both! {
    fn the_command_writes_the_same_file_and_never_leaves_half_of_one(app) {
        figures::simulate(app);
        let browser = app.browser("an", Role::Method, None);
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("answers.json");
        std::fs::write(&file, "what was there").unwrap();
        let run = |arguments: &[&str]| program(&app.store, arguments).output().unwrap();
        let to_file = ["--period", "2026-Q3", "--format", "json", "-o", file.to_str().unwrap()];

        let wrong = run(&[&to_file[..], &["--unit", "no such"]].concat());
        assert_eq!((wrong.status.code(), &*std::fs::read(&file).unwrap()), (Some(2), &b"what was there"[..]));
        let done = run(&to_file);
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
        assert_eq!(String::from_utf8_lossy(&done.stderr), "", "no counter where there is no terminal");
        assert_eq!(std::fs::read(&file).unwrap(), browser.bytes("/console/answers.json?period=2026-Q3").1);
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1, "nothing lies beside it");
        let narrowed = run(&["--period", "2026-Q3", "--field", "dat-dai,thue", "--unit", "24781"]);
        let fields: BTreeSet<String> = rows(&narrowed.stdout).1.into_iter().map(|row| row["field_code"].clone()).collect();
        assert!(!fields.is_empty() && fields.iter().all(|field| ["dat-dai", "thue"].contains(&field.as_str())), "{fields:?}");
        let full = run(&["--period", "2026", "-o", "/dev/full"]);
        assert_eq!(full.status.code(), Some(1));
        assert!(String::from_utf8_lossy(&full.stderr).contains("/dev/full"));

        let mut reader = program(&app.store, &["--period", "2026"])
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut first = [0; 100];
        reader.stdout.take().unwrap().read_exact(&mut first).unwrap();
        assert!(reader.wait().unwrap().success(), "whoever closes the pipe has read enough");
    }
}

/// Fills a database with more than sockets take.
fn fill_much(app: &App) {
    let snapshot = app.snapshot();
    let plan = Plan::new(&snapshot, 2260, today(), 60_000).unwrap();
    simulate::fill(&app.database(), &plan, &mut |_| ()).unwrap();
    let link = app.snapshot().links.values().next().unwrap().code.clone();
    app.wait_for(&format!("/s/{link}"), 200);
}

fn whole_year() -> String {
    format!(
        "/console/answers.json?period={}-01-01..{}",
        today().format("%Y").to_string().parse::<i32>().unwrap() - 1,
        today()
    )
}

/// A download of which the beginning alone is read.
fn begin(browser: &Browser<'_>) -> TcpStream {
    let host = browser.app.url.strip_prefix("http://").unwrap();
    let mut stream = TcpStream::connect(host).unwrap();
    let request =
        format!("GET {} HTTP/1.1\r\nHost: {host}\r\nCookie: {}\r\n\r\n", whole_year(), browser.cookie);
    stream.write_all(request.as_bytes()).unwrap();
    let mut status = [0; 12];
    stream.read_exact(&mut status).unwrap();
    assert_eq!(&status, b"HTTP/1.1 200");
    stream
}

#[test]
fn two_downloads_run_at_a_time_and_one_that_nobody_reads_gives_its_place_back() {
    let app = App::start(Backend::Sqlite);
    fill_much(&app);
    let browser = app.browser("an", Role::Method, None);
    let slow = [begin(&browser), begin(&browser)];

    let third = browser.get(&whole_year());
    assert_eq!((third.status, third.headers["retry-after"].to_str().unwrap()), (503, "30"));
    for _ in 0..20 {
        assert_eq!(browser.get("/console?period=2026").status, 200, "slow readers are in nobody's way");
    }
    drop(slow);
    let start = Instant::now();
    while browser.get("/console/answers.csv?period=2031").status != 200 {
        assert!(start.elapsed() < Duration::from_secs(20), "the places never came back");
        std::thread::sleep(Duration::from_millis(50));
    }
}

#[test]
fn a_download_that_breaks_off_is_not_taken_for_a_whole_one() {
    let app = App::start(Backend::Postgres);
    fill_much(&app);
    let browser = app.browser("an", Role::Method, None);
    let mut download = begin(&browser);
    let mut rest = vec![0; 200_000];
    download.read_exact(&mut rest).unwrap();
    app.store.take_away();

    download.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
    // Whether the connection ends or is reset is up to the system.
    drop(download.read_to_end(&mut rest));

    assert!(!rest.ends_with(b"0\r\n\r\n"), "the last chunk would say that the file is whole");
    app.store.give_back();
}
