//! The interface for other programs: every answer is one that its description tells, and every error speaks the
//! language asked for.

use std::collections::{BTreeMap, BTreeSet};

use diesel::RunQueryDsl;
use hailong::app::open_data::indexes::SCHEMA;
use hailong::db;
use serde_json::Value;

use crate::support::answers::{Answers, LAND, QUARTER, store};
use crate::support::publishing::publish;
use crate::support::{App, Backend, Reply, on_both, read};

const DESCRIPTION: &str = "/api/v1/openapi.json";

fn description(app: &App) -> Value {
    serde_json::from_slice(&app.bytes(DESCRIPTION)).unwrap()
}

/// A part of the description, or the part that it names.
fn resolved<'a>(document: &'a Value, part: &'a Value) -> &'a Value {
    part["$ref"].as_str().map_or(part, |named| document.pointer(named.strip_prefix('#').unwrap()).unwrap())
}

/// Whether a value is of a type of JSON Schema.
fn is_of(value: &Value, kind: &str) -> bool {
    match kind {
        "null" => value.is_null(),
        "boolean" => value.is_boolean(),
        "integer" => value.is_u64() || value.is_i64(),
        "number" => value.is_number(),
        "string" => value.is_string(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        other => panic!("{other} is no type"),
    }
}

/// What of a value the description does not tell. A member that no description names is a fault too, so that
/// nothing is forgotten there.
fn faults(document: &Value, schema: &Value, value: &Value, at: &str) -> Vec<String> {
    let schema = resolved(document, schema);
    let mut found = Vec::new();
    let kinds: Vec<&str> = match &schema["type"] {
        Value::Array(kinds) => kinds.iter().map(|kind| kind.as_str().unwrap()).collect(),
        kind => kind.as_str().into_iter().collect(),
    };
    if !kinds.is_empty() && !kinds.iter().any(|kind| is_of(value, kind)) {
        found.push(format!("{at} is {value} and not {kinds:?}"));
    }
    if schema["enum"].as_array().is_some_and(|allowed| !allowed.contains(value)) {
        found.push(format!("{at} is {value} and none of {}", schema["enum"]));
    }
    if !schema["const"].is_null() && schema["const"] != *value {
        found.push(format!("{at} is {value} and not {}", schema["const"]));
    }
    if let (Some(members), Some(known)) = (value.as_object(), schema["properties"].as_object()) {
        for required in schema["required"].as_array().into_iter().flatten() {
            if !members.contains_key(required.as_str().unwrap()) {
                found.push(format!("{at} lacks {required}"));
            }
        }
        for (name, value) in members {
            match known.get(name) {
                Some(schema) => found.extend(faults(document, schema, value, &format!("{at}.{name}"))),
                None => found.push(format!("{at}.{name} is not described")),
            }
        }
    }
    if let (Some(items), Some(list)) = (schema.get("items"), value.as_array()) {
        found.extend(list.iter().flat_map(|one| faults(document, items, one, at)));
    }
    found
}

/// Holds an answer against the description.
fn described(document: &Value, path: &str, method: &str, reply: &Reply) {
    let route = path.split('?').next().unwrap();
    let told = &document["paths"][route]["get"]["responses"][reply.status.to_string()];
    assert!(!told.is_null(), "{method} {path} gives {}, which is not described", reply.status);
    let Some(content) = told["content"].as_object() else {
        assert_eq!(reply.body, "", "{path}");
        return;
    };
    let kind = reply.headers["content-type"].to_str().unwrap();
    let schema = content.get(kind).unwrap_or_else(|| panic!("{path}: {kind} is not described"));
    for header in told["headers"].as_object().into_iter().flatten().map(|(name, _)| name.as_str()) {
        assert!(reply.headers.contains_key(header), "{path} has no {header}");
    }
    let found = faults(document, &schema["schema"], &serde_json::from_str(&reply.body).unwrap(), "$");
    assert!(found.is_empty(), "{path}: {found:#?}");
    if reply.status >= 400 {
        let problem: Value = serde_json::from_str(&reply.body).unwrap();
        assert_eq!(problem["status"], reply.status, "{path}");
    }
}

/// The addresses with every parameter that the description tells, each with all that it may be.
fn every_parameter(document: &Value, route: &str, period: &str) -> Vec<String> {
    let parameters = document["paths"][route]["get"]["parameters"].as_array().unwrap();
    let values = |parameter: &Value| -> Vec<String> {
        let schema = &parameter["schema"];
        let one_of = schema["enum"].as_array().or(schema["items"]["enum"].as_array());
        let keys = one_of.or(schema["anyOf"][0]["enum"].as_array());
        match keys {
            Some(keys) => keys.iter().map(|key| key.as_str().unwrap().to_owned()).collect(),
            None if parameter["name"] == "period" => vec![period.to_owned()],
            None => vec!["1".to_owned()],
        }
    };
    let of = |parameter: &Value| {
        let name = parameter["name"].as_str().unwrap().to_owned();
        let of_period = if name == "period" { String::new() } else { format!("period={period}&") };
        values(parameter).into_iter().map(move |value| format!("{route}?{of_period}{name}={value}"))
    };
    parameters.iter().flat_map(of).collect()
}

/// A key that may read none of what is described.
fn key_to_nothing(app: &App) -> String {
    let key = app.key(None);
    let others = "UPDATE api_keys SET reads = 'dossiers' WHERE id = (SELECT max(id) FROM api_keys)";
    let database = app.database();
    database.write(|conn| diesel::sql_query(others).execute(conn).map_err(db::violation::translate)).unwrap();
    key
}

on_both! {
    fn every_answer_is_one_that_the_description_tells(app) {
        let small = Answers { unit: "22972", levels: [2, 1, 0, 0, 0], elements: &["staff"], ..LAND };
        store(app, &[Answers { elements: &["staff"], ..LAND }, small, Answers { day: "2026-05-04", ..LAND }]);
        publish(app, QUARTER);
        let document = description(app);
        let unit = app.unit("24781");
        let (province, bound) = (app.key(None), app.key(Some(unit)));
        let refused = key_to_nothing(app);

        let mut seen: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        let mut ask = |path: &str, headers: &[(&str, &str)]| {
            let reply = app.get_with(path, headers);
            described(&document, path, "GET", &reply);
            let route = path.split('?').next().unwrap().to_owned();
            seen.entry(route).or_default().insert(reply.status.to_string());
            reply
        };
        let bearer = |key: &str| format!("Bearer {key}");
        let elsewhere = app.unit("22972");
        for (route, wrong, missing, nowhere) in [
            ("/api/v1/scores", "period=2026-Q5&unit=x&side=left&lang=fr&stage=7&dir=up", format!("unit={elsewhere}"), "unit=999999999"),
            ("/api/v1/indexes", "period=2026-Q5&lang=fr", "period=2026-Q1".to_owned(), "period=2026-Q1"),
        ] {
            for path in every_parameter(&document, route, QUARTER) {
                for key in [&province, &bound] {
                    assert!([200, 404].contains(&ask(&path, &[("Authorization", &bearer(key))]).status), "{path}");
                }
            }
            let path = format!("{route}?period={QUARTER}");
            let own = bearer(&bound);
            let reply = ask(&path, &[("Authorization", &own)]);
            let tag = reply.headers["etag"].to_str().unwrap().to_owned();
            assert_eq!(ask(&path, &[("Authorization", &own), ("If-None-Match", &tag)]).status, 304);
            assert_eq!(ask(&path, &[]).status, 401);
            assert_eq!(ask(&path, &[("Authorization", &bearer(&refused))]).status, 403);
            assert_eq!(ask(&format!("{route}?{missing}"), &[("Authorization", &own)]).status, 404);
            let nowhere = format!("{route}?{nowhere}");
            assert_eq!(ask(&nowhere, &[("Authorization", &bearer(&province))]).status, 404);
            let reply = ask(&format!("{route}?{wrong}"), &[("Authorization", &own)]);
            assert_eq!(reply.status, 422);
            assert_eq!(ask(&format!("{route}?lang=%00"), &[("Authorization", &own)]).status, 400);
            let long = format!("{route}?lang={}", "v".repeat(9_000));
            assert_eq!(ask(&long, &[("Authorization", &own)]).status, 414);
            let twice = ask(&format!("{route}?period=2026-Q1&period=2026-Q2"), &[("Authorization", &own)]);
            assert!(twice.status == 422 && twice.body.contains("“period”"), "{}", twice.body);
            let head = App::agent().head(format!("{}{path}", app.url)).header("Authorization", &own);
            let head = read(head.call().unwrap());
            assert_eq!((head.status, head.body.as_str()), (200, ""), "{route} knows HEAD");
        }
        ask(DESCRIPTION, &[]);
        for route in ["/api/v1/scores", "/api/v1/indexes", DESCRIPTION] {
            let reply = app.post(route, &[]);
            assert_eq!((reply.status, reply.headers["allow"].to_str().unwrap()), (405, "GET, HEAD"), "{route}");
            described(&document, route, "POST", &reply);
            seen.get_mut(route).unwrap().insert("405".to_owned());
        }
        for (route, statuses) in seen {
            let told = document["paths"][&route]["get"]["responses"].as_object().unwrap();
            // A database that breaks or has no place left is the matter of other tests.
            let told: BTreeSet<String> = told.keys().filter(|status| !status.starts_with('5')).cloned().collect();
            assert_eq!(told, statuses, "{route}");
        }
    }
}

on_both! {
    fn each_parameter_that_cannot_be_read_is_named_with_what_was_expected(app) {
        let key = format!("Bearer {}", app.key(None));
        let words = [
            ("period", "2026-Q5"), ("by", "unit,house"), ("kind", "x"), ("unit", "24781a"), ("side", "left"), ("field", "-1"),
            ("procedure", "9999999999999999999999"), ("counter", "1.5"), ("stage", "7"), ("channel", "fax"),
            ("flagged", "yes"), ("view", "later"), ("sort", "element-x"), ("dir", "up"), ("lang", "fr"),
        ];
        for (name, value) in words {
            let reply = app.get_with(&format!("/api/v1/scores?{name}={value}"), &[("Authorization", &key)]);
            assert_eq!(reply.status, 422, "{name}: {}", reply.body);
            let problem: Value = serde_json::from_str(&reply.body).unwrap();
            assert_eq!(problem["errors"].as_array().unwrap().len(), 1, "{problem}");
            assert_eq!(problem["errors"][0]["parameter"], name);
            let found = value.split(',').next_back().unwrap();
            assert!(problem["errors"][0]["detail"].as_str().unwrap().contains(found), "{problem}");
        }
        for (wrong, said) in [("perriod=2026-Q1", "perriod"), ("period=2026-09-30..2026-09-01", "2026-09-30..2026-09-01")] {
            let reply = app.get_with(&format!("/api/v1/scores?{wrong}"), &[("Authorization", &key), ("Accept-Language", "en")]);
            assert!(reply.status == 422 && reply.body.contains(said) && !reply.body.contains("\"rows\""), "{}", reply.body);
            assert_eq!(wrong.starts_with("period"), reply.body.contains("the last day of a period"), "{}", reply.body);
        }
        let first = |query: &str| app.get_with(&format!("/api/v1/scores?period={QUARTER}{query}"), &[("Authorization", &key)]);
        store(app, &[LAND]);
        assert_eq!(first("&by=").body, first("").body, "a parameter without a value is missing");
        for narrowed in ["&flagged=only", "&field=none", "&procedure=none&by=field,element&sort=element-2&dir=desc"] {
            assert_eq!(first(narrowed).status, 200, "{narrowed}");
        }
        assert!(first("&procedure=none").body.contains("\"n\": 100"), "no procedure was stated: {}", first("&procedure=none").body);
        let document = description(app);
        let told = document["paths"]["/api/v1/scores"]["get"]["parameters"].as_array().unwrap();
        let told: BTreeSet<&str> = told.iter().map(|parameter| parameter["name"].as_str().unwrap()).collect();
        assert_eq!(told, words.map(|(name, _)| name).into());
    }
}

fn is_vietnamese(text: &str) -> bool {
    text.chars().any(|letter| letter.is_alphabetic() && !letter.is_ascii())
}

/// Every sentence of a problem.
fn sentences(reply: &Reply) -> Vec<String> {
    let problem: Value = serde_json::from_str(&reply.body).unwrap();
    let errors = problem["errors"].as_array().cloned().unwrap_or_default();
    let details = errors.iter().map(|error| &error["detail"]);
    [&problem["title"], &problem["detail"]]
        .into_iter()
        .chain(details)
        .map(|text| text.as_str().unwrap().to_owned())
        .collect()
}

on_both! {
    fn an_error_speaks_the_language_of_the_address_then_of_the_header_then_vietnamese(app) {
        let key = format!("Bearer {}", app.key(Some(app.unit("24781"))));
        let elsewhere = app.unit("22972");
        let missing = format!("/api/v1/scores?unit={elsewhere}");
        let paths = [
            ("/api/v1/scores", "", 401), (&missing, &*key, 404), ("/api/v1/scores?period=x&unit=y&kind=z", &key, 422),
            ("/api/v1/indexes?period=2020", &key, 404), ("/api/v1/indexes?period=x", &key, 422), ("/api/v2", "", 404),
        ];
        let rules = [
            ("", "", "vi"), ("", "en-GB,en;q=0.9", "en"), ("", "fr, en;q=0.4, vi;q=0.2", "en"), ("", "fr", "vi"), ("", "*", "vi"),
            ("", ";;;", "vi"), ("lang=vi", "en", "vi"), ("lang=en", "vi", "en"),
        ];
        for (path, key, status) in paths {
            for (said, header, expected) in rules {
                let sign = if path.contains('?') { '&' } else { '?' };
                let reply = app.get_with(&format!("{path}{sign}{said}"), &[("Authorization", key), ("Accept-Language", header)]);
                assert_eq!(reply.status, status, "{path}");
                let what = format!("{path} with {said:?} and {header:?}: {}", reply.body);
                assert!(sentences(&reply).iter().all(|one| is_vietnamese(one) == (expected == "vi")), "{what}");
                assert_eq!(reply.headers["content-language"], expected, "{what}");
                assert!(reply.headers["vary"].to_str().unwrap().to_lowercase().contains("accept-language"), "{what}");
            }
        }
        let posted = App::agent().post(format!("{}/api/v1/scores", app.url)).header("Accept-Language", "en").send_empty();
        assert!(sentences(&read(posted.unwrap())).iter().all(|one| !is_vietnamese(one)));
    }
}

on_both! {
    fn names_and_verdicts_of_scores_are_in_the_language_asked_for(app) {
        store(app, &[LAND]);
        let key = format!("Bearer {}", app.key(None));
        let ask = |said: &str, header: &str| {
            let path = format!("/api/v1/scores?period={QUARTER}&by=field{said}");
            app.get_with(&path, &[("Authorization", &key), ("Accept-Language", header)]).body
        };
        let (vietnamese, english) = (ask("", ""), ask("", "en"));
        assert!(vietnamese.contains("\"Đất đai\"") && vietnamese.contains("\"Đạt, chưa chắc chắn\""), "{vietnamese}");
        assert!(!english.contains("Đạt") && english.contains("\"Land\""), "{english}");
        assert_eq!((ask("&lang=vi", "en"), ask("&lang=en", "")), (vietnamese, english));
    }
}

#[test]
fn the_description_lists_every_route_and_the_schema_that_answers_name() {
    let routes = std::fs::read_to_string("src/web/routes.rs").unwrap();
    let found: BTreeSet<&str> = routes.split('"').filter(|part| part.starts_with("/api/v1/")).collect();
    let app = App::start(Backend::Sqlite);
    let document = description(&app);
    assert!(document["openapi"].as_str().unwrap().starts_with("3."));
    let listed: BTreeSet<&str> = document["paths"].as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(listed, found);
    assert_eq!(document.pointer("/components/schemas/Indexes/properties/schema/const").unwrap(), SCHEMA);
}
