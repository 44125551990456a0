//! What no handler should ever see: zero bytes, other than UTF-8, endless addresses, broken forms, slow senders.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use hailong::domain::link::Stage;
use hailong::domain::person::Role;

use crate::support::staff::Browser;
use crate::support::{App, Reply, id, on_both, read};

/// A page in the language of the reader, with a way back.
fn is_page(reply: &Reply, lang: &str) -> bool {
    reply.body.contains(&format!("<html lang=\"{lang}\"")) && reply.body.contains("<main")
}

fn wrong(found: &mut Vec<String>, what: &str, reply: &Reply, status: u16, lang: &str) {
    if reply.status != status || !is_page(reply, lang) {
        let start: String = reply.body.chars().take(120).collect();
        found.push(format!("{what}: {} instead of {status}: {start}", reply.status));
    }
}

/// Addresses of every part of the service whose words reach the database or a page.
const SEARCHED: &[&str] = &[
    "/console?period=",
    "/console/breakdown?by=",
    "/console/comments?q=",
    "/console/comments.csv?unit=",
    "/console/links?q=",
    "/console/audit?actor=",
    "/console/audit.csv?subject=",
    "/console/people?q=",
    "/console/jobs?sort=",
    "/console/entry/batches?q=",
    "/console/dossiers?month=",
    "/console/catalogue/targets/",
    "/console/comments/",
    "/console/invitation/",
    "/open/units?q=",
    "/open/units/",
    "/open/verify?hash=",
    "/s/",
    "/q/",
    "/",
];

on_both! {
    fn an_address_that_is_no_text_is_told_so_on_a_page(app) {
        let (staff, stranger) = (app.browser("goc", Role::Administrator, None), Browser::new(app));
        let mut found = Vec::new();
        for start in SEARCHED {
            for garbled in ["%00", "a%00b", "%ff", "%C6"] {
                let path = format!("{start}{garbled}");
                wrong(&mut found, &path, &staff.get(&path), 400, "vi");
                wrong(&mut found, &path, &stranger.get(&path), 400, "vi");
            }
        }
        let long = format!("/console/comments?q={}", "a".repeat(9_000));
        wrong(&mut found, "a long address", &staff.get(&long), 414, "vi");
        let english = app.get_with("/console/sign-in?next=%00", &[("Accept-Language", "en")]);
        wrong(&mut found, "in English", &english, 400, "en");
        let link = app.link("dat-dai", Stage::Result);
        let twice = format!("/q/{}.png?size=100&size=200", link.code);
        wrong(&mut found, &twice, &stranger.get(&twice), 400, "vi");
        for path in ["/console/links/abc", "/console/comments/7", "/console/people/9999999999999999999999", "/console/jobs/x"] {
            wrong(&mut found, path, &staff.get(path), 404, "vi");
        }
        for path in [
            "/console/comments?page=99999999999999999999", "/console/audit?page=-1", "/console/links?page=100000&page=2",
            "/console?unknown=1&period=2026&period=2025", "/console/audit?from=-262143-01-01&to=262142-12-31", "/open/units?page=x",
        ] {
            let status = staff.get(path).status;
            if ![200, 404, 422].contains(&status) {
                found.push(format!("{path}: {status}"));
            }
        }
        let key = format!("Bearer {}", app.key(None));
        for path in ["/api/v1/scores?unit=%00", "/api/v1/%ff", "/api/v1/indexes?period=2026&x=%C6"] {
            let reply = app.get_with(path, &[("Authorization", &key)]);
            let kind = reply.headers["content-type"].to_str().unwrap().to_owned();
            if (reply.status, kind.as_str()) != (400, "application/problem+json") {
                found.push(format!("{path}: {} {kind}", reply.status));
            }
        }
        assert!(found.is_empty(), "{} wrong:\n{}", found.len(), found.join("\n"));
    }
}

on_both! {
    fn a_table_cut_too_often_is_refused_with_what_was_expected(app) {
        let staff = app.browser("goc", Role::Administrator, None);
        for format in ["csv", "json"] {
            let table = |by: &str| staff.get(&format!("/console/scores.{format}?period=2026&by={by}"));
            let often = table("unit,field,procedure,stage,counter");
            assert!(often.status == 422 && often.body.contains("nhiều nhất 4"), "{}: {}", often.status, often.body);
            let twice = table("unit,field,unit");
            assert!(twice.status == 422 && twice.body.contains("“unit”"), "{}: {}", twice.status, twice.body);
            assert_eq!(table("unit,field,procedure,stage").status, 200, "{format}");
        }
    }
}

on_both! {
    fn a_form_that_is_no_text_is_told_so_and_changes_nothing(app) {
        let mut staff = app.browser("goc", Role::Administrator, None);
        let mut found = Vec::new();
        for (page, path, name) in [
            ("/console/people/new", "/console/people", "name"),
            ("/console/api-keys", "/console/api-keys", "name"),
            ("/console/catalogue/fields/new", "/console/catalogue/fields", "name"),
            ("/console/catalogue/units/new", "/console/catalogue/units", "name"),
            ("/console/links/new", "/console/links", "counter"),
            ("/console/password", "/console/password", "new"),
        ] {
            wrong(&mut found, path, &staff.send(page, path, &[(name, "a\0b")]), 400, "vi");
            let body = format!("csrf={}&{name}=%C6", staff.proof(page));
            let request = App::agent().post(format!("{}{path}", app.url)).header("Cookie", &staff.cookie);
            let sent = request.content_type("application/x-www-form-urlencoded").send(body).unwrap();
            wrong(&mut found, path, &read(sent), 400, "vi");
        }
        let path = "/console/catalogue/import";
        for (kind, body, status) in [
            ("multipart/form-data; boundary=x", "--x\r\nContent-Disp", 400),
            ("multipart/form-data; boundary=x", "--x--\r\n", 400),
            ("multipart/form-data", "--x--\r\n", 400),
            ("text/csv", "code,name", 415),
        ] {
            let request = App::agent().post(format!("{}{path}", app.url)).header("Cookie", &staff.cookie);
            wrong(&mut found, kind, &read(request.content_type(kind).send(body).unwrap()), status, "vi");
        }
        let zero = staff.preview(path, &[("kind", "units")], "code,name\n1,a\0b\n");
        if !zero.contains("dòng 2") {
            found.push("a file with a zero byte".to_owned());
        }
        assert!(found.is_empty(), "{} wrong:\n{}", found.len(), found.join("\n"));
    }
}

on_both! {
    fn a_citizen_whose_form_has_stray_bytes_is_heard_all_the_same(app) {
        let link = app.link("dat-dai", Stage::Result);
        let reply = app.post(&format!("/s/{}", link.code), &[("id", &*id()), ("overall", "4"), ("comment", "tốt\0 lắm")]);
        assert_eq!(reply.status, 303, "{}", reply.body);
        let staff = app.browser("goc", Role::Administrator, None);
        assert!(staff.get("/console/comments").body.contains("tốt lắm"));
        let long = app.post(&format!("/s/{}", link.code), &[("comment", &*"a".repeat(70_000))]);
        assert!(long.status == 413 && is_page(&long, "vi"), "{}: {}", long.status, long.body);
        assert!(long.body.contains(&format!("/s/{}", link.code)), "a way back to the form");
    }
}

/// Sends a form byte by byte, and gives what comes back and after how long.
fn dawdle(app: &App, path: &str, kind: &str) -> (String, Duration) {
    let mut stream = TcpStream::connect(app.url.trim_start_matches("http://")).unwrap();
    let head =
        format!("POST {path} HTTP/1.1\r\nHost: a\r\nContent-Type: {kind}\r\nContent-Length: 5000\r\n\r\n");
    stream.write_all(head.as_bytes()).unwrap();
    stream.set_read_timeout(Some(Duration::from_millis(500))).unwrap();
    let (start, mut told) = (Instant::now(), Vec::new());
    while start.elapsed() < Duration::from_secs(40) && !told.starts_with(b"HTTP/1.1 408") {
        drop(stream.write_all(b"-"));
        let mut piece = [0; 4096];
        match stream.read(&mut piece) {
            Ok(0) => break,
            Ok(count) => told.extend_from_slice(&piece[..count]),
            Err(_) => {}
        }
    }
    (String::from_utf8_lossy(&told).into_owned(), start.elapsed())
}

#[test]
fn whoever_sends_a_byte_at_a_time_is_not_waited_for() {
    let app = App::start(crate::support::Backend::Sqlite);
    let form = "application/x-www-form-urlencoded";
    let tries =
        [("/console/sign-in", form), ("/s/abc", form), ("/open/verify", "multipart/form-data; boundary=-")];
    std::thread::scope(|scope| {
        let tries = tries.map(|(path, kind)| (path, scope.spawn(|| dawdle(&app, path, kind))));
        for (path, sent) in tries {
            let (told, lasted) = sent.join().unwrap();
            assert!(told.starts_with("HTTP/1.1 408"), "{path} after {lasted:?}: {told}");
            assert!(lasted < Duration::from_secs(25), "{path}: {lasted:?}");
        }
        assert_eq!(app.get("/healthz").status, 200);
    });
}
