//! Every list of the console: sorted by each of its columns, paged, and as a file of exactly what it shows.

use std::cmp::Ordering;
use std::io::Cursor;

use calamine::{Data, Reader};
use chrono::NaiveDate;
use hailong::app::simulate::{self, Plan};
use hailong::domain::link::Stage;
use hailong::domain::person::Role;
use hailong::locale::compare_names;
use scraper::{ElementRef, Html, Selector};

use crate::support::publishing::{close, publish};
use crate::support::staff::{Browser, PASSWORD};
use crate::support::{App, draft, on_both, today};

/// The lists: page, id where the page has several, and whether the test fills it.
const LISTS: [(&str, &str, bool); 16] = [
    ("/console/links?q=xuan+huong", "", true),
    ("/console/people", "", true),
    ("/console/account", "", true),
    ("/console/api-keys", "", true),
    ("/console/entry/batches", "", true),
    ("/console/dossiers", "", true),
    ("/console/alerts", "missed", false),
    ("/console/alerts", "silent", false),
    ("/console/publications", "", true),
    ("/console/jobs", "", true),
    ("/console/catalogue/units", "", true),
    ("/console/catalogue/procedures", "", true),
    ("/console/catalogue/targets", "targets", true),
    ("/console/catalogue/targets", "figures", true),
    ("/console/catalogue/questionnaires", "tthc", true),
    ("/console/catalogue/questionnaires", "agency-service", true),
];

/// A list as pages show it, from the first to the last.
#[derive(Debug, PartialEq)]
struct Shown {
    heads: Vec<Head>,
    rows: Vec<Vec<String>>,
}

#[derive(Debug, PartialEq)]
struct Head {
    word: String,
    address: Option<String>,
    sorted: Option<String>,
}

fn selector(text: &str) -> Selector {
    Selector::parse(text).unwrap()
}

fn text(element: ElementRef<'_>) -> String {
    element.text().collect::<String>().split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The part of a page that is one list.
fn part(id: &str) -> Selector {
    selector(&if id.is_empty() { "main".to_owned() } else { format!("section#{id}") })
}

fn shown(browser: &Browser<'_>, address: &str, id: &str) -> Shown {
    let (mut next, mut all) = (Some(address.to_owned()), Shown { heads: Vec::new(), rows: Vec::new() });
    let mut pages = 0;
    while let Some(address) = next.take() {
        let page = Html::parse_document(&browser.get(&address).body);
        let part = page.select(&part(id)).next().unwrap_or_else(|| panic!("no list {id} on {address}"));
        let head = |head: ElementRef<'_>| Head {
            word: text(head).trim_end_matches([' ', '↑', '↓']).to_owned(),
            address: head.select(&selector("a")).next().map(|link| link.attr("href").unwrap().to_owned()),
            sorted: head.attr("aria-sort").map(str::to_owned),
        };
        if pages == 0 {
            all.heads = part.select(&selector("thead th")).map(head).collect();
        }
        let before = all.rows.len();
        for row in part.select(&selector("tbody tr")) {
            all.rows.push(row.select(&selector("th, td")).map(text).collect());
        }
        assert!(all.rows.len() - before <= 50, "{address} shows more than a page");
        next = part.select(&selector("a[rel=next]")).next().map(|link| link.attr("href").unwrap().to_owned());
        pages += 1;
        assert!(pages < 60, "{address} goes on for ever");
    }
    all
}

/// The rows of a file under the words of their columns.
fn workbook(bytes: Vec<u8>) -> (Vec<String>, Vec<Vec<Data>>) {
    let mut book = calamine::Xlsx::new(Cursor::new(bytes)).unwrap();
    let range = book.worksheet_range_at(0).unwrap().unwrap();
    let heads = range.rows().next().unwrap().iter().map(ToString::to_string).collect();
    (heads, range.rows().skip(1).map(<[Data]>::to_vec).collect())
}

/// The number at the beginning of a cell as the Vietnamese page writes it.
fn number(cell: &str) -> Option<f64> {
    let digits = cell.trim_start_matches("≥ ").split([' ', '%']).next()?;
    digits.replace('.', "").replace(',', ".").parse().ok()
}

fn is_equal(screen: &str, file: &Data) -> bool {
    match file {
        Data::Float(value) => number(screen).is_some_and(|number| (number - value).abs() < 0.051),
        Data::Empty => matches!(screen, "" | "–"),
        Data::String(text) => text == screen,
        _ => false,
    }
}

/// How two cells of a column stand to each other; what is not known comes last.
fn order(one: &str, other: &str) -> Ordering {
    let day = |cell: &str| match cell {
        "không thời hạn" => Some(NaiveDate::MAX),
        _ => NaiveDate::parse_from_str(cell.trim_start_matches("Từ ").get(..10)?, "%d/%m/%Y").ok(),
    };
    match (day(one).zip(day(other)), number(one).zip(number(other))) {
        (Some((one, other)), _) => one.cmp(&other),
        (_, Some((one, other))) => one.total_cmp(&other),
        _ => compare_names(one, other),
    }
}

/// Columns that follow another order than that of their words: given names, and times after a name.
const OTHERWISE: [&str; 6] = ["Họ và tên", "Mở bởi", "Kỳ", "Dùng gần nhất", "Phiên bản", "Thời gian chạy"];

fn assert_sorted(list: &Shown, column: usize, falling: bool, address: &str) {
    let is_known = |cell: &&str| !matches!(*cell, "" | "–");
    let cells: Vec<&str> = list.rows.iter().map(|row| row[column].as_str()).collect();
    let known: Vec<&str> = cells.iter().copied().take_while(is_known).collect();
    assert!(!cells.iter().skip(known.len()).any(is_known), "{address}: the unknown comes last: {cells:?}");
    for pair in known.windows(2) {
        let order = if falling { order(pair[1], pair[0]) } else { order(pair[0], pair[1]) };
        assert!(order != Ordering::Greater, "{address}: {pair:?}");
    }
}

fn file_of(browser: &Browser<'_>, page: &str, id: &str, format: &str) -> Option<(String, Vec<u8>)> {
    let page = Html::parse_document(&browser.get(page).body);
    let part = page.select(&part(id)).next()?;
    let link = part.select(&selector(".files a")).find(|link| text(*link) == format)?;
    let address = link.attr("href").unwrap();
    let (_, bytes) = browser.bytes(address);
    Some((address.to_owned(), bytes))
}

fn fill(app: &App, admin: &mut Browser<'_>) {
    let snapshot = app.snapshot();
    let plan = Plan::new(&snapshot, 2260, today(), 3_000).unwrap();
    simulate::fill(&app.database(), &plan, &mut |_| ()).unwrap();
    publish(app, "2026-Q1");
    close(app, "2026-Q2").unwrap();
    for _ in 0..2 {
        assert_eq!(Browser::new(app).sign_in("an", PASSWORD).status, 303);
    }
    let link = app.link("dat-dai", Stage::Result);
    let own = snapshot.units.by_code("24781", today()).unwrap().unit;
    for number in 0..55 {
        app.person(&format!("can-bo-{number:02}"), Role::UnitViewer, Some(own));
    }
    let day = (today() + chrono::Days::new(30)).to_string();
    for name in ["Trang báo cáo", "Cổng dịch vụ công", "Đài truyền hình"] {
        let form = [("name", name), ("reads", "scores"), ("unit", ""), ("last_day", &*day)];
        assert_eq!(admin.send("/console/api-keys", "/console/api-keys", &form).status, 200, "{name}");
    }
    for (target, period, percent, count) in [
        ("y-te", "2023-H1", "91,25", "12000"),
        ("giao-duc", "2023-Q2", "88", ""),
        ("y-te", "2022", "79,5", "900"),
    ] {
        let form = [
            ("target", target),
            ("period", period),
            ("percent", percent),
            ("respondents", count),
            ("source", "Bộ"),
        ];
        let (new, path) = ("/console/catalogue/figures/new", "/console/catalogue/figures");
        assert_eq!(admin.send(new, path, &form).status, 303, "{target} {period}");
    }
    for format in ["stickers", "stand"] {
        let sheet = admin.send("/console/account", "/console/links/sheet", &[("format", format)]);
        admin.ended(&sheet.location);
    }
    let [counter, field] = [link.counter.to_string(), link.field.unwrap().to_string()];
    for (day, channel, announced) in [("2026-09-30", "paper", "12"), ("2026-10-05", "interview", "3")] {
        let form = [
            ("counter", &*counter),
            ("channel", channel),
            ("kind", "tthc"),
            ("field", &*field),
            ("stage", "result"),
            ("day", day),
            ("announced", announced),
        ];
        let opened = admin.send("/console/entry/batches/new", "/console/entry/batches", &form);
        assert_eq!(opened.status, 303, "{}", opened.body);
    }
}

on_both! {
    fn every_list_is_sorted_paged_and_exported_as_it_is_shown(app) {
        let mut admin = app.browser("an", Role::Administrator, None);
        fill(app, &mut admin);
        // Administrators see the whole province but key in no answers.
        let keeper = app.browser("noi-vu", Role::Method, None);
        for (page, id, is_filled) in LISTS {
            let browser = if admin.get(page).status == 200 { &admin } else { &keeper };
            let plain = shown(browser, page, id);
            if plain.rows.is_empty() && !is_filled {
                continue;
            }
            assert!(!plain.rows.is_empty() && !plain.heads.is_empty(), "{page} {id} is empty");
            for (column, head) in plain.heads.iter().enumerate() {
                let Some(address) = &head.address else { continue };
                for direction in ["ascending", "descending"] {
                    let falling = direction == "descending";
                    let turned = shown(browser, address, id);
                    let own = if turned.heads[column].sorted.as_deref() == Some(direction) {
                        address.clone()
                    } else {
                        turned.heads[column].address.clone().unwrap()
                    };
                    let sorted = shown(browser, &own, id);
                    let marks: Vec<_> = sorted.heads.iter().filter_map(|head| head.sorted.as_deref()).collect();
                    assert_eq!(marks, [direction], "{own}");
                    assert_eq!(sorted.rows.len(), plain.rows.len(), "{own} loses rows");
                    if !OTHERWISE.contains(&head.word.as_str()) {
                        assert_sorted(&sorted, column, falling, &own);
                    }
                    if falling {
                        assert_files_are_equal(browser, &own, id, &sorted);
                    }
                }
            }
        }
    }
}

fn assert_files_are_equal(browser: &Browser<'_>, address: &str, id: &str, list: &Shown) {
    let (file, bytes) = file_of(browser, address, id, "XLSX").unwrap_or_else(|| panic!("{address}: no file"));
    let (words, rows) = workbook(bytes);
    assert_eq!(rows.len(), list.rows.len(), "{file}");
    for (column, head) in list.heads.iter().enumerate().filter(|(_, head)| head.address.is_some()) {
        let place = words.iter().position(|word| *word == head.word);
        let place = place.unwrap_or_else(|| panic!("{file} lacks {}: {words:?}", head.word));
        for (shown, filed) in list.rows.iter().zip(&rows) {
            assert!(is_equal(&shown[column], &filed[place]), "{file} {}: {shown:?} {filed:?}", head.word);
        }
    }
    let (_, csv) = file_of(browser, address, id, "CSV").unwrap();
    let mut csv = csv::Reader::from_reader(csv.strip_prefix("\u{feff}".as_bytes()).unwrap());
    let csv: Vec<csv::StringRecord> = csv.records().map(Result::unwrap).collect();
    assert_eq!(csv.len(), rows.len(), "{file}");
    for (line, row) in csv.iter().zip(&rows) {
        for (text, cell) in line.iter().zip(row) {
            let is_same = match cell {
                Data::Float(value) => text.parse::<f64>().is_ok_and(|number| (number - value).abs() < 0.001),
                Data::String(cell) => cell == text.trim_start_matches('\''),
                Data::Empty => text.is_empty(),
                _ => false,
            };
            assert!(is_same, "{file}: {text} {cell:?}");
        }
    }
}

on_both! {
    fn filters_stay_in_the_address_while_a_list_is_turned_and_paged(app) {
        let mut admin = app.browser("an", Role::Administrator, None);
        fill(app, &mut admin);
        let page = "/console/people?role=unit-viewer&sort=login&dir=desc";
        let list = shown(&admin, page, "");
        assert_eq!(list.rows.len(), 55);
        assert!(list.rows.iter().all(|row| row[1].starts_with("can-bo-")));
        let second = Html::parse_document(&admin.get(&format!("{page}&page=2")).body);
        assert_eq!(second.select(&selector("tbody tr")).count(), 5);
        let kept: Vec<_> = second.select(&selector("form.filters input[type=hidden]")).map(|one| {
            (one.attr("name").unwrap().to_owned(), one.attr("value").unwrap().to_owned())
        }).collect();
        assert_eq!(kept, [("dir".to_owned(), "desc".to_owned()), ("sort".to_owned(), "login".to_owned())]);

        let targets = "/console/catalogue/targets?q=tthc&figures-sort=index&figures-dir=desc";
        let all = shown(&admin, "/console/catalogue/targets", "targets").rows.len();
        let found = shown(&admin, targets, "targets").rows.len();
        assert!(0 < found && found < all, "{found} of {all}");
        let nothing = admin.get("/console/catalogue/targets?q=khong-co").body;
        assert_eq!(Html::parse_document(&nothing).select(&selector("p.empty")).count(), 2);
        for wrong in ["/console/catalogue/targets.csv?list=units", "/console/people.doc"] {
            assert_eq!(admin.get(wrong).status, 404, "{wrong}");
        }
    }
}

on_both! {
    fn what_is_no_table_is_filed_and_narrowed_by_the_usual_periods_too(app) {
        let mut admin = app.browser("an", Role::Administrator, None);
        fill(app, &mut admin);
        // Of the two years that the simulated one lies in, the one with the larger part.
        let year = format!("period={}", (today() - chrono::Days::new(180)).format("%Y"));
        for page in ["/console/priorities?parts=unit-field", "/console/comments?kind=tthc&sort=due&dir=asc"] {
            let (nav, first) = (selector("nav.periods a"), Html::parse_document(&admin.get(page).body));
            let mut links = first.select(&nav).map(|one| one.attr("href").unwrap().to_owned());
            let own = links.find(|link| link.ends_with(&year) || link.contains(&format!("{year}&")));
            let (mut next, mut entries) = (own, 0);
            let of_year = next.clone().unwrap_or_else(|| panic!("{page} leads to no year"));
            while let Some(address) = next.take() {
                let page = Html::parse_document(&admin.get(&address).body);
                assert!(page.select(&selector("nav.periods a[aria-current]")).next().is_some(), "{address}");
                entries += page.select(&selector("ol.priorities > li, ol.remarks > li")).count();
                let after = page.select(&selector("a[rel=next]")).next();
                next = after.map(|link| link.attr("href").unwrap().to_owned());
            }
            let shown = Html::parse_document(&admin.get(&of_year).body);
            let file = shown.select(&selector("a[download]")).find(|link| text(*link) == "CSV").unwrap();
            let (_, csv) = admin.bytes(file.attr("href").unwrap());
            let filed = csv::Reader::from_reader(csv.strip_prefix("\u{feff}".as_bytes()).unwrap()).into_records();
            assert!(entries > 20, "{of_year} has {entries} entries");
            assert_eq!(filed.count(), entries, "{of_year}");
        }
    }
}

on_both! {
    fn units_and_counters_stand_in_the_vietnamese_order_wherever_they_are_listed(app) {
        let communes = ["Xã Di Linh", "Xã Đạ Huoai", "Xã Đức Trọng"];
        let counters = ["Quầy 2", "Quầy 10"];
        let snapshot = app.snapshot();
        for name in communes {
            let unit = snapshot.units.all_on(today()).find(|unit| unit.name == name).unwrap();
            for counter in counters.iter().rev() {
                app.link_of(&draft(&app.snapshot(), &unit.code, counter, "dat-dai", Stage::Result));
            }
        }
        let browser = app.browser("an", Role::Method, None);
        for (page, names) in [
            ("/console/catalogue/units.csv", &communes[..]),
            ("/console/links/bulk", &communes),
            ("/console/dossiers.csv?month=2026-09", &communes),
            ("/console/entry/batches/new", &communes),
            ("/console/entry/batches/new", &counters),
            ("/console/links/new", &counters),
        ] {
            let body = browser.get(page).body;
            let place = |name: &&str| body.find(*name).unwrap_or_else(|| panic!("{name} is missing: {body}"));
            let places: Vec<usize> = names.iter().map(place).collect();
            assert!(places.is_sorted(), "{page}: {places:?} of {names:?}");
        }
    }
}
