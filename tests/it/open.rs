//! What everyone may see: pages, open data, verification and the report feed, of figures published by two
//! people.

use std::collections::{BTreeMap, BTreeSet};

use hailong::app::publications;
use hailong::domain::dataset::{Cut, Dataset};
use hailong::domain::hex::hex;
use hailong::locale::Lang;
use scraper::{Html, Selector};
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::support::answers::{Answers, LAND, QUARTER, store, unit};
use crate::support::browser::Chromium;
use crate::support::publishing;
use crate::support::table;
use crate::support::{App, Reply, on_both, read};

/// A commune with many answers, and two with so few that they are hidden.
const LARGE: &str = "24781";
const SMALL: [&str; 2] = ["22918", "22924"];

fn answers() -> Vec<Answers> {
    let of = |unit, day, levels| Answers { unit, day, levels, ..LAND };
    vec![
        of(LARGE, "2026-05-04", [30, 40, 7, 2, 1]),
        of(LARGE, "2026-08-03", [400, 500, 70, 20, 10]),
        of("22933", "2026-08-03", [40, 20, 0, 0, 0]),
        of(SMALL[0], "2026-08-03", [3, 2, 1, 0, 0]),
        of(SMALL[1], "2026-08-03", [3, 2, 1, 1, 0]),
    ]
}

/// Publishes a period; gives its number.
fn publish(app: &App, period: &str) -> i64 {
    publishing::publish(app, period).issued.number
}

fn header<'a>(reply: &'a Reply, name: &str) -> &'a str {
    reply.headers.get(name).map_or("", |value| value.to_str().unwrap())
}

fn text(body: &str, selector: &str) -> String {
    let page = Html::parse_document(body);
    let found = page.select(&Selector::parse(selector).unwrap()).next();
    let element = found.unwrap_or_else(|| panic!("no {selector} in {body}"));
    element.text().collect::<String>().split_whitespace().collect::<Vec<_>>().join(" ")
}

fn json(bytes: &[u8]) -> Value {
    serde_json::from_slice(bytes).unwrap()
}

on_both! {
    fn before_anything_is_published_every_page_says_so(app) {
        assert!(text(&app.get("/").body, "main").contains("Chưa công bố kỳ nào"));
        assert!(text(&app.get("/?lang=en").body, "main").contains("Nothing has been published yet"));
        for page in ["/open/publications", "/open/data/", "/open/method", "/open/verify", "/sitemap.xml", "/robots.txt"] {
            assert_eq!(app.get(page).status, 200, "{page}");
        }
        for page in ["/open/units", "/open/units/24781", "/open/publications/1", "/open/data/2026-Q3.json", "/open/nothing"] {
            assert_eq!(app.get(page).status, 404, "{page}");
        }
        assert_eq!(json(&app.bytes("/open/data/catalog.jsonld"))["dcat:dataset"], serde_json::json!([]));
    }
}

on_both! {
    fn a_published_file_is_served_byte_for_byte_under_a_strong_tag(app) {
        store(app, &answers());
        let number = publish(app, QUARTER);
        let path = format!("/open/data/publications/{number}.json");
        let file = app.bytes(&path);
        assert_eq!(file, app.database().read(|conn| publications::file(conn, number)).unwrap());
        assert_eq!(file, app.bytes(&format!("/open/data/{QUARTER}.json")));
        assert!(app.bytes(&path.replace("json", "xlsx")).starts_with(b"PK"), "a workbook is a packed file");
        assert_eq!(app.get(&path.replace("json", "pdf")).status, 404);
        let sha256 = hex(&Sha256::digest(&file));
        assert!(app.get(&format!("/open/publications/{number}")).body.contains(&sha256));

        for path in [path.clone(), path.replace("json", "csv"), "/open/data/catalog.jsonld".to_owned(), "/open/data/dictionary.json".to_owned()] {
            let plain = app.get(&path);
            let tag = header(&plain, "etag").to_owned();
            assert!(tag.starts_with('"'), "{path}: {tag}");
            assert_eq!(header(&plain, "access-control-allow-origin"), "*", "{path}");
            assert!(header(&plain, "cache-control").contains("public"), "{path}");
            let again = app.get_with(&path, &[("If-None-Match", &tag)]);
            assert_eq!((again.status, again.body.len()), (304, 0), "{path}");
            assert_eq!(app.get_with(&path, &[("If-None-Match", "\"other\"")]).status, 200, "{path}");
            let packed = app.get_with(&path, &[("Accept-Encoding", "gzip")]);
            assert_eq!(header(&packed, "content-encoding"), "gzip", "{path}");
            assert_ne!(header(&packed, "etag"), tag, "{path}: other bytes, other tag");
            let head = read(App::agent().head(format!("{}{path}", app.url)).call().unwrap());
            assert_eq!((head.status, head.body.as_str(), header(&head, "etag")), (200, "", tag.as_str()), "{path}");
        }
    }
}

on_both! {
    fn public_pages_need_no_cookie_and_no_script_and_name_nobody(app) {
        store(app, &answers());
        let number = publish(app, QUARTER);
        let one = format!("/open/publications/{number}");
        let pages = ["/", "/open/units", "/open/units/24781", "/open/publications", &one, "/open/method", "/open/verify", "/open/data/", "/open/data/dictionary.html"];
        for page in pages {
            for lang in Lang::ALL {
                let reply = app.get(&format!("{page}?lang={lang}"));
                assert_eq!(reply.status, 200, "{page}");
                assert!(reply.headers.get("set-cookie").is_none(), "{page}");
                assert!(!header(&reply, "content-security-policy").contains("script-src"), "{page}");
                assert!(!reply.body.contains("<script") && !reply.body.contains("style="), "{page}");
                assert!(!reply.body.contains("Cán bộ"), "{page} names staff");
                assert!(!reply.body.contains(">open.") && !reply.body.contains("dictionary.meaning"), "{page} lacks a text");
                assert!(reply.body.contains(&format!("<html lang=\"{lang}\"")), "{page}");
                for tag in ["vi", "en", "x-default"] {
                    assert!(reply.body.contains(&format!("hreflang=\"{tag}\"")), "{page}");
                }
                let head = read(App::agent().head(format!("{}{page}", app.url)).call().unwrap());
                assert_eq!(head.status, 200, "{page}");
                let packed = app.get_with(page, &[("Accept-Encoding", "gzip")]);
                assert!(packed.headers.get("content-length").is_none_or(|size| size.to_str().unwrap().parse::<u64>().unwrap() < 50_000));
            }
        }
        let english = app.get_with("/", &[("Accept-Language", "en-GB,en;q=0.9")]);
        assert!(english.body.contains("<html lang=\"en\""));
        assert!(app.get_with("/?lang=vi", &[("Accept-Language", "en")]).body.contains("<html lang=\"vi\""));
        let tag = header(&english, "etag").to_owned();
        let again = App::agent().get(format!("{}/", app.url)).header("Accept-Language", "en-GB,en;q=0.9").header("If-None-Match", &tag);
        assert_eq!(again.call().unwrap().status().as_u16(), 304);
    }
}

on_both! {
    fn the_first_page_says_the_index_in_words_that_never_round_up(app) {
        store(app, &answers());
        publish(app, "2026-Q2");
        publish(app, QUARTER);
        let published = Dataset::read(&app.bytes("/open/data/2026-Q3.json")).unwrap();
        let total = published.rows(hailong::domain::questionnaire::Kind::Tthc, Cut::Target)[0].clone();
        let (share, index) = (total.share().unwrap(), total.figures.unwrap().index.unwrap());
        let page = app.get("/").body;
        assert!(text(&page, ".headline .figure").contains(&format!("{},{:02}%", index / 100, index % 100)));
        let people = share.k * 100 / share.n;
        assert!(text(&page, ".headline .sentence").contains(&format!("{people} người")), "{}", text(&page, ".headline"));
        assert!(text(&page, "section[aria-labelledby=trend] table").contains("quý II/2026"));
        assert!(page.contains("chưa có số liệu của ngành"), "health and education are missing, and it says so");
    }
}

on_both! {
    fn a_unit_whose_answers_are_hidden_has_a_page_that_says_why_and_an_unknown_one_has_none(app) {
        store(app, &answers());
        publish(app, QUARTER);
        let hidden = app.get(&format!("/open/units/{}", SMALL[0]));
        assert_eq!(hidden.status, 200);
        assert!(text(&hidden.body, ".card").contains('…') && text(&hidden.body, ".card").contains("dưới 10 phiếu"));
        let silent = app.get("/open/units/24985");
        assert!(text(&silent.body, "main").contains("Chưa có phiếu trả lời nào"), "a commune without answers has a page");
        for (lang, word) in [("vi", "Không tìm thấy"), ("en", "Not found")] {
            let unknown = app.get(&format!("/open/units/99999?lang={lang}"));
            assert_eq!((unknown.status, text(&unknown.body, "h1").as_str()), (404, word));
        }
        let found = app.get("/open/units?q=mui%20ne&level=xa");
        let rows = Html::parse_document(&found.body).select(&Selector::parse("tbody tr").unwrap()).count();
        assert_eq!(rows, 1, "the search minds no marks");
        assert!(text(&found.body, "tbody tr").contains("Mũi Né") && text(&found.body, "tbody tr").contains('…'));
        let all = app.get("/open/units").body;
        let rows = Html::parse_document(&all).select(&Selector::parse("tbody tr").unwrap()).count();
        assert!(rows >= 124, "{rows} units");
    }
}

on_both! {
    fn the_table_holds_exactly_the_figures_of_the_file(app) {
        store(app, &answers());
        publish(app, QUARTER);
        let rows = table::rows(&app.bytes("/open/data/2026-Q3.csv")).1;
        let file = json(&app.bytes("/open/data/2026-Q3.json"));
        let mut expected = BTreeMap::new();
        let number = |value: &Value| value.as_i64().map_or_else(String::new, |value| value.to_string());
        let percent = |value: &Value| {
            value.as_i64().map_or_else(String::new, |value| format!("{}.{:02}", value / 100, value % 100))
        };
        for survey in file["surveys"].as_array().unwrap() {
            for table in survey["tables"].as_array().unwrap() {
                for row in table["rows"].as_array().unwrap() {
                    let key: Vec<&str> = row["key"].as_array().unwrap().iter().map(|part| part.as_str().unwrap()).collect();
                    let word = |value: &Value| value.as_str().unwrap_or_default().to_owned();
                    let (levels, figures) = (&row["levels"], &row["figures"]);
                    let values = vec![
                        row["levels"].is_null().to_string(), number(&levels["n5"]), number(&levels["n1"]), number(&levels["na"]),
                        percent(&row["target"]), percent(&figures["index"]), percent(&figures["low"]), percent(&figures["high"]),
                        word(&figures["verdict"]), percent(&figures["f2"]["index"]), number(&figures["f3"]["k"]),
                        percent(&figures["f4"]), percent(&figures["f5"]["effective"]), number(&row["unflagged"]["n"]),
                    ];
                    expected.insert((word(&survey["kind"]), word(&table["by"]), key.join("/")), values);
                }
            }
        }
        let columns = ["hidden", "n5", "n1", "na", "target", "index", "low", "high", "verdict", "f2", "f3_k", "f4", "f5_effective_n", "unflagged_n"];
        let measured = rows.iter().filter(|row| row["kind"] != "imported");
        let found: BTreeMap<_, Vec<String>> = measured
            .map(|row| ((row["kind"].clone(), row["cut"].clone(), row["key"].clone()), columns.iter().map(|key| row[*key].clone()).collect()))
            .collect();
        assert_eq!(found, expected);
        assert_eq!(rows.iter().filter(|row| row["kind"] == "imported").count(), file["imported"].as_array().unwrap().len());
        assert!(found.values().any(|values| values[0] == "true") && found.values().any(|values| !values[5].is_empty()));
        let columns: BTreeSet<String> = rows[0].keys().cloned().collect();
        let dictionary = json(&app.bytes("/open/data/dictionary.json"));
        let explained = dictionary["columns"].as_array().unwrap().iter().map(|column| column["name"].as_str().unwrap().to_owned());
        assert_eq!(explained.collect::<BTreeSet<_>>(), columns);
        assert_eq!(table::rows(&app.bytes("/open/data/dictionary.csv")).1.len(), dictionary["columns"].as_array().unwrap().len() + dictionary["members"].as_array().unwrap().len());
    }
}

on_both! {
    fn the_catalogue_leads_a_harvester_to_files_of_the_size_and_hash_that_it_says(app) {
        store(app, &answers());
        publish(app, "2026-Q2");
        publish(app, QUARTER);
        let reply = app.get("/open/data/catalog.jsonld");
        assert_eq!(header(&reply, "content-type"), "application/ld+json");
        let catalog = json(reply.body.as_bytes());
        assert_eq!(catalog["@type"], "dcat:Catalog");
        assert_eq!(catalog["@context"]["dcat"], "http://www.w3.org/ns/dcat#");
        let prefixes = catalog["@context"].as_object().unwrap();
        let datasets = catalog["dcat:dataset"].as_array().unwrap();
        assert_eq!(datasets.len(), 2);
        for dataset in datasets {
            for term in ["dct:title", "dct:description", "dct:identifier", "dct:publisher", "dct:license", "dct:issued", "dct:modified", "dct:language", "dct:accrualPeriodicity", "dcat:contactPoint", "dcat:theme"] {
                assert!(!dataset[term].is_null(), "{term}");
            }
            assert!(dataset.as_object().unwrap().keys().all(|term| term.starts_with('@') || prefixes.contains_key(term.split(':').next().unwrap())));
            assert_eq!(dataset["dct:spatial"]["skos:prefLabel"][0]["@value"], "Tỉnh Lâm Đồng");
            assert!(dataset["dct:temporal"]["dcat:startDate"].as_str().unwrap().starts_with("2026-"));
            for distribution in dataset["dcat:distribution"].as_array().unwrap() {
                let address = distribution["dcat:downloadURL"]["@id"].as_str().unwrap();
                let file = app.bytes(address.strip_prefix(&app.url).expect("an absolute address"));
                assert_eq!(distribution["dcat:byteSize"], file.len().to_string());
                assert_eq!(distribution["spdx:checksum"]["spdx:checksumValue"], hex(&Sha256::digest(&file)));
                assert!(distribution["dcat:mediaType"]["@id"].as_str().unwrap().contains("media-types"));
            }
        }
        let map = app.get("/sitemap.xml").body;
        assert!(map.contains(&format!("{}/open/units/24781?lang=en", app.url)) && map.contains("/open/publications/2"));
        assert!(app.get("/robots.txt").body.contains("Disallow: /console"));
    }
}

/// Sends the form of the page that verifies.
fn verify(app: &App, name: &str, contents: &[u8]) -> Reply {
    let head = if name == "file" { "; filename=\"x.json\"\r\nContent-Type: application/json" } else { "" };
    let mut body =
        format!("--x\r\nContent-Disposition: form-data; name=\"{name}\"{head}\r\n\r\n").into_bytes();
    body.extend_from_slice(contents);
    body.extend_from_slice(b"\r\n--x--\r\n");
    let request = App::agent().post(format!("{}/open/verify?lang=en", app.url));
    read(request.header("Content-Type", "multipart/form-data; boundary=x").send(body.as_slice()).unwrap())
}

on_both! {
    fn anyone_learns_whether_a_file_is_genuine_altered_unknown_or_corrected(app) {
        store(app, &answers());
        let number = publish(app, QUARTER);
        let file = app.bytes(&format!("/open/data/publications/{number}.json"));
        let outcome = |reply: &Reply| text(&reply.body, ".outcome h2");
        assert!(outcome(&verify(app, "file", &file)).contains("This is what was published"));
        let sha256 = hex(&Sha256::digest(&file));
        assert!(outcome(&verify(app, "hash", format!(" {} ", sha256.to_uppercase()).as_bytes())).contains("This is what was published"));
        let altered = String::from_utf8(file.clone()).unwrap().replacen("\"n5\":400", "\"n5\":401", 1);
        assert_ne!(altered.as_bytes(), file);
        assert!(outcome(&verify(app, "file", altered.as_bytes())).contains("Altered"));
        assert!(outcome(&verify(app, "file", b"{}")).contains("Not a publication"));
        assert!(outcome(&verify(app, "hash", "0".repeat(64).as_bytes())).contains("Not a publication"));

        let late = Answers { unit: LARGE, day: "2026-09-14", levels: [10, 10, 0, 0, 0], ..LAND };
        store(app, &[late]);
        let newer = publish(app, QUARTER);
        let reply = verify(app, "file", &file);
        assert!(outcome(&reply).contains("corrected since"));
        assert!(reply.body.contains(&format!("/open/publications/{newer}?lang=en")));
        assert!(text(&app.get("/open/publications").body, "li.old").contains("đã được đính chính"));
        assert!(app.get(&format!("/open/publications/{number}")).body.contains("đã được đính chính"));
        assert_eq!(app.bytes(&format!("/open/data/publications/{number}.json")), file, "the old file stays");
        assert_ne!(app.bytes("/open/data/2026-Q3.json"), file, "the address of the period leads to the newest");

        for (name, contents, status) in [("hash", b"xyz".to_vec(), 422), ("hash", Vec::new(), 422), ("file", vec![b' '; 11 * 1024 * 1024], 413)] {
            let refused = verify(app, name, &contents);
            assert_eq!(refused.status, status);
            assert!(!text(&refused.body, ".faults").is_empty());
        }
        assert!(verify(app, "hash", b"xyz").body.contains("value=\"xyz\""), "what was typed stays");
    }
}

fn feed(app: &App, key: &str, query: &str) -> Reply {
    app.get_with(&format!("/api/v1/indexes{query}"), &[("Authorization", &format!("Bearer {key}"))])
}

on_both! {
    fn a_reporting_system_reads_published_indexes_with_its_key(app) {
        store(app, &answers());
        let number = publish(app, QUARTER);
        assert_eq!(app.get("/api/v1/indexes?period=2026-Q3").status, 401);
        let province = app.key(None);
        let reply = feed(app, &province, "?period=2026-Q3");
        assert_eq!(reply.status, 200, "{}", reply.body);
        let found = json(reply.body.as_bytes());
        assert_eq!(found["schema"], "hailong-indexes/1");
        assert_eq!(found["publication"]["number"], number);
        let sha256 = hex(&Sha256::digest(app.bytes("/open/data/2026-Q3.json")));
        assert_eq!(found["publication"]["sha256"], sha256);
        let large = found["units"].as_array().unwrap().iter().find(|unit| unit["key"] == LARGE).unwrap();
        assert_eq!((large["n"].as_u64(), large["k"].as_u64(), large["index"].as_f64()), (Some(1000), Some(900), Some(90.0)));
        assert_eq!(large["target"], 90.0);
        let small = found["units"].as_array().unwrap().iter().find(|unit| unit["key"] == SMALL[0]).unwrap();
        assert_eq!((&small["hidden"], &small["n"]), (&Value::Bool(true), &Value::Null));
        assert!(found["targets"].as_array().unwrap().iter().any(|target| target["key"] == "tthc-dat-dai" && target["target"] == 85.0));
        assert_eq!(found["fields"][0]["key"], "dat-dai");
        let tag = header(&reply, "etag").to_owned();
        let again = App::agent().get(format!("{}/api/v1/indexes?period=2026-Q3", app.url)).header("Authorization", format!("Bearer {province}")).header("If-None-Match", &tag);
        assert_eq!(again.call().unwrap().status().as_u16(), 304);

        let bound = app.key(Some(unit(app, LARGE, "2026-08-03")));
        let own = json(feed(app, &bound, "?period=2026-Q3").body.as_bytes());
        let keys: BTreeSet<&str> = own["units"].as_array().unwrap().iter().map(|unit| unit["key"].as_str().unwrap()).collect();
        assert_eq!(keys, BTreeSet::from([LARGE]));
        assert_eq!(own["targets"], found["targets"], "the totals of the province are for everyone");

        for (query, status) in [("?period=2026-Q1", 404), ("?period=2026-Q5", 422), ("", 422)] {
            let reply = feed(app, &province, query);
            assert_eq!((reply.status, header(&reply, "content-type")), (status, "application/problem+json"), "{query}");
        }
        assert!(feed(app, &province, "?period=2026-Q1&lang=en").body.contains("2026-Q1 is not published"));
    }
}

on_both! {
    fn open_data_that_is_not_there_is_told_in_the_language_asked_for(app) {
        for path in ["/open/data/2026-Q1.json", "/open/data/publications/9.csv", "/open/data/x.json", "/open/data/2026-Q1.pdf", "/open/data/nothing"] {
            for (said, header, expected) in [("", "", "vi"), ("", "en", "en"), ("?lang=vi", "en", "vi"), ("?lang=en", "", "en")] {
                let reply = app.get_with(&format!("{path}{said}"), &[("Accept-Language", header)]);
                assert_eq!(reply.status, 404, "{path}");
                assert!(reply.body.contains(&format!("<html lang=\"{expected}\"")), "{path} {said} {header}");
                let words = if expected == "vi" { "Không tìm thấy" } else { "Not found" };
                assert_eq!(text(&reply.body, "h1"), words, "{path} {said} {header}");
            }
        }
    }
}

#[test]
fn public_pages_fit_a_phone_of_360_pixels() {
    let app = App::start(crate::support::Backend::Sqlite);
    store(&app, &answers());
    publish(&app, "2026-Q2");
    let number = publish(&app, QUARTER);
    let browser = Chromium::open();
    let one = format!("/open/publications/{number}");
    for page in [
        "/",
        "/open/units",
        "/open/units/24781",
        "/open/publications",
        &one,
        "/open/method",
        "/open/verify",
        "/open/data/",
        "/open/data/dictionary.html",
    ] {
        browser.go(&format!("{}{page}", app.url));
        let (window, drawn) = browser.widths();
        assert!(drawn <= window, "{page} is {drawn} wide on {window}");
    }
}
