//! Where figures lead: filters go along, every figure leads to its answers, and the map follows its filters.

use std::collections::BTreeMap;

use hailong::domain::flags::{Flag, Flags};
use hailong::domain::ids::UnitId;
use hailong::domain::link::Channel;
use hailong::domain::person::{Permission, Role};
use scraper::{ElementRef, Html};

use crate::figures::{Dice, LAST_DAY, Shown, answers_of, filters, rows, select, simulate, text};
use crate::support::answers::{Answers, LAND, store};
use crate::support::on_both;
use crate::support::table::{self, Row, json_rows};

/// The addresses of the files that a page offers, by their formats.
fn files(page: &Html) -> BTreeMap<String, String> {
    let link = select("a[download]");
    let links = page.select(&link);
    let format = |address: &str| address.split(['.', '?']).nth(1).unwrap().to_owned();
    links
        .map(|link| link.attr("href").unwrap())
        .map(|address| (format(address), address.to_owned()))
        .collect()
}

/// The index of each unit or other part at each element, as the heat map shows it, in its order.
fn heat(page: &Html) -> Vec<(String, BTreeMap<String, String>)> {
    let heads: Vec<String> = page.select(&select(".heat thead th")).map(text).collect();
    let heads: Vec<&str> = heads.iter().map(|head| head.trim_end_matches([' ', '↑', '↓'])).collect();
    let cells = |row: ElementRef<'_>| {
        let cell = select("td");
        let cells = row.select(&cell).map(|cell| text(cell).replace(',', "."));
        heads.iter().skip(1).map(|head| (*head).to_owned()).zip(cells).collect()
    };
    let row = select(".heat tbody tr");
    let rows = page.select(&row);
    rows.map(|row| (text(row.select(&select("th")).next().unwrap()), cells(row))).collect()
}

/// The same out of the rows of a file, where an index that is not there stands as a dash.
fn heat_of(rows: &[Row]) -> Vec<(String, BTreeMap<String, String>)> {
    let mut found: Vec<(String, BTreeMap<String, String>)> = Vec::new();
    for row in rows.iter().filter(|row| row["element_code"] != "*") {
        let part =
            ["unit", "field", "procedure", "counter"].into_iter().find_map(|cut| row.get(cut)).unwrap();
        let part = part.split_whitespace().collect::<Vec<_>>().join(" ");
        if found.last().is_none_or(|(last, _)| *last != part) {
            found.push((part, BTreeMap::new()));
        }
        let index =
            row["index"].parse::<f64>().map_or_else(|_| "–".to_owned(), |index| format!("{index:.2}"));
        found.last_mut().unwrap().1.insert(row["element"].clone(), index);
    }
    found
}

on_both! {
    fn map_and_priorities_show_what_their_files_hold_under_the_same_filters(app) {
        simulate(app);
        let browser = app.browser("an", Role::Method, None);
        let snapshot = app.snapshot();
        let units: Vec<String> = snapshot.units.all_on(LAST_DAY.parse().unwrap()).map(|unit| unit.unit.to_string()).collect();
        let fields: Vec<String> = snapshot.fields.iter().map(|field| field.id.to_string()).collect();
        let (mut dice, mut cells, mut entries) = (Dice(11), 0, 0);
        for _ in 0..12 {
            let query = filters(&mut dice, &units, &fields);
            let parts = dice.one_of(&["unit-field", "procedure", "counter"]);
            let page = Html::parse_document(&browser.get(&format!("/console/map?{query}")).body);
            let shown = heat(&page);
            if !shown.is_empty() {
                let files = files(&page);
                let (_, csv) = table::rows(&browser.bytes(&files["csv"]).1);
                let json = json_rows(&browser.bytes(&files["json"]).1);
                for rows in [csv, json] {
                    let mut filed = heat_of(&rows);
                    // An element that nobody of a part answered stands on the page as a dash.
                    for ((_, filed), (_, shown)) in filed.iter_mut().zip(&shown) {
                        shown.keys().for_each(|element| { filed.entry(element.clone()).or_insert("–".to_owned()); });
                    }
                    assert_eq!(filed, shown, "{query}");
                }
                cells += shown.len();
            }
            let page = Html::parse_document(&browser.get(&format!("/console/priorities?parts={parts}&{query}")).body);
            let gains: Vec<String> = page
                .select(&select(".priorities .gain"))
                .map(|gain| text(gain).split(' ').next().unwrap().trim_start_matches('+').replace(',', "."))
                .collect();
            if let Some(csv) = files(&page).get("csv") {
                let (_, rows) = table::rows(&browser.bytes(csv).1);
                let filed: Vec<&str> = rows.iter().map(|row| row["gain"].as_str()).take(gains.len()).collect();
                assert_eq!(filed, gains, "{query}");
                entries += gains.len();
            }
        }
        assert!(cells > 40 && entries > 20, "{cells} and {entries} are too few to say anything");
    }
}

on_both! {
    fn the_heat_map_is_sorted_by_each_column_on_the_page_and_in_its_files(app) {
        simulate(app);
        let browser = app.browser("an", Role::Method, None);
        let address = |page: &Html, column: usize| {
            let head = page.select(&select(".heat thead th")).nth(column).unwrap();
            let link = head.select(&select("a")).next().unwrap().attr("href").unwrap();
            link.split('#').next().unwrap().to_owned()
        };
        let get = |address: &str| Html::parse_document(&browser.get(address).body);
        let plain = get("/console/map?period=2026&channel=qr");
        let mut orders = vec![heat(&plain)];
        for column in [0, 2, 5] {
            let mut page = get(&address(&plain, column));
            for direction in ["ascending", "descending"] {
                if !(column == 0 && direction == "ascending") {
                    let head = page.select(&select(".heat thead th")).nth(column).unwrap();
                    assert_eq!(head.attr("aria-sort"), Some(direction), "{}", text(head));
                    let element = text(head).trim_end_matches([' ', '↑', '↓']).to_owned();
                    let shown = heat(&page);
                    let numbers = shown.iter().filter_map(|(_, cells)| cells.get(&element)?.parse::<f64>().ok());
                    let numbers: Vec<f64> = numbers.collect();
                    let is_sorted = |one: &f64, other: &f64| if direction == "ascending" { one <= other } else { one >= other };
                    assert!(numbers.is_sorted_by(is_sorted), "{direction} by {element}: {numbers:?}");
                    let csv = browser.bytes(&files(&page)["csv"]).1;
                    let names = |rows: &[(String, BTreeMap<String, String>)]| rows.iter().map(|(name, _)| name.clone()).collect::<Vec<_>>();
                    assert_eq!(names(&heat_of(&table::rows(&csv).1)), names(&shown), "the file follows");
                    orders.push(shown);
                }
                if column != 0 || direction == "descending" {
                    page = get(&address(&page, column));
                }
            }
        }
        let reversed: Vec<&String> = orders[1].iter().rev().map(|(name, _)| name).collect();
        assert_eq!(reversed, orders[0].iter().map(|(name, _)| name).collect::<Vec<_>>(), "by name from the end");
        assert!(orders.iter().all(|order| order.len() == orders[0].len()) && orders[2] != orders[0]);
    }
}

/// The filters of an address, in order.
fn filters_in(address: &str) -> Vec<String> {
    let mut parts: Vec<String> =
        address.split_once('?').map_or("", |(_, query)| query).split('&').map(str::to_owned).collect();
    parts.sort();
    parts.retain(|part| !part.is_empty());
    parts
}

on_both! {
    fn filters_go_along_from_one_page_of_figures_to_the_next(app) {
        simulate(app);
        let browser = app.browser("an", Role::Method, None);
        let unit = app.snapshot().units.by_code("24781", LAST_DAY.parse().unwrap()).unwrap().unit;
        let pages = ["/console", "/console/breakdown", "/console/priorities", "/console/map", "/console/comments"];
        let navigation = |address: &str| -> Vec<String> {
            let reply = browser.get(address);
            let page = Html::parse_document(&reply.body);
            page.select(&select("header nav a")).map(|link| link.attr("href").unwrap().to_owned()).collect()
        };
        let query = format!("channel=qr&flagged=excluded&period=2026-Q3&unit={unit}&view=then");
        for from in pages {
            let links = navigation(&format!("{from}?{query}"));
            for to in pages {
                let link = links.iter().find(|link| link.split('?').next() == Some(to)).unwrap();
                assert_eq!(filters_in(link).join("&"), query, "from {from} to {to}");
                assert_eq!(browser.get(link).status, 200, "{link}");
            }
            let others = links.iter().filter(|link| !pages.contains(&link.split('?').next().unwrap()));
            assert!(others.clone().count() > 3 && others.clone().all(|link| !link.contains('?')), "{links:?}");
        }
        // What a page does not know stays behind, and so does what nobody can read.
        let narrow = format!("period=2026-Q3&unit={unit}&field=1&counter=1&stage=result&sort=n&dir=desc&by=element");
        let links = navigation(&format!("/console/breakdown?{narrow}"));
        assert!(links.contains(&format!("/console?period=2026-Q3&unit={unit}")), "{links:?}");
        assert!(links.contains(&format!("/console/map?period=2026-Q3&unit={unit}&field=1&counter=1&stage=result")), "{links:?}");
        let deciding = navigation(&format!("/console/breakdown?period=2026-Q3&unit={unit}&side=deciding"));
        assert!(deciding.contains(&format!("/console?period=2026-Q3&unit={unit}&side=deciding")), "{deciding:?}");
        assert!(deciding.contains(&"/console/comments?period=2026-Q3".to_owned()), "another unit is meant there: {deciding:?}");
        let wrong = navigation("/console?period=2026-Q7&channel=tam&flagged=only");
        assert!(wrong.contains(&"/console/comments?flagged=only".to_owned()), "{wrong:?}");
        assert!(navigation("/console").iter().all(|link| !link.contains('?')), "nobody chose anything");
    }
}

on_both! {
    fn what_was_not_stated_and_what_is_flagged_leads_to_just_its_answers(app) {
        let assisted = Flags::NONE.with(Flag::Assisted);
        store(app, &[
            LAND,
            Answers { flags: assisted, channel: Channel::Kiosk, levels: [5, 2, 1, 0, 0], ..LAND },
            Answers { counter: "Quầy số 2", field: "ho-tich", flags: assisted, channel: Channel::Paper, levels: [2, 1, 0, 0, 0], ..LAND },
            Answers { counter: "Quầy số 2", field: "ho-tich", levels: [20, 9, 0, 1, 0], ..LAND },
        ]);
        let own = app.snapshot().units.by_code("24781", LAST_DAY.parse().unwrap()).unwrap().unit;
        let viewer = app.browser("xem", Role::UnitViewer, Some(own));
        let auditor = app.browser("kiem", Role::Auditor, None);
        for browser in [&viewer, &auditor] {
            let page = "/console/breakdown?period=2026-Q3&by=procedure";
            let found = rows(browser, page);
            assert_eq!(found.len(), 1);
            let address = found[0].address.as_ref().expect("what was not stated leads on");
            assert!(address.contains("procedure=none"), "{address}");
            assert_eq!(answers_of(browser, address), found[0].n);
            // And on to the counters: nothing below was stated either, but nothing is lost.
            let counters = "/console/breakdown?period=2026-Q3&by=counter&procedure=none";
            assert_eq!(rows(browser, counters).iter().map(|row| row.n.parse::<u64>().unwrap()).sum::<u64>().to_string(), found[0].n);
            assert!(browser.get(address).body.contains("Chưa nêu"), "the filter is told");

            let page = Html::parse_document(&browser.get("/console/breakdown?period=2026-Q3&by=field").body);
            let mut counts = 0;
            for row in page.select(&select("#rows tbody tr")) {
                let cell = row.select(&select("td")).last().unwrap();
                let link = cell.select(&select("a")).next();
                match text(cell).parse::<u64>() {
                    Ok(count) if count > 0 => {
                        let address = link.expect("flagged answers lead on").attr("href").unwrap();
                        assert_eq!(answers_of(browser, address), text(cell));
                        assert!(address.contains("flagged=only"), "{address}");
                        counts += count;
                    }
                    _ => assert!(link.is_none(), "nothing leads to what is hidden"),
                }
            }
            let sees_all = std::ptr::eq(browser, &auditor) && Role::Auditor.may(Permission::SeeSmallGroups);
            assert_eq!(counts, if sees_all { 11 } else { 8 }, "three are too few for whoever sees no small groups");
            let few = browser.get("/console/breakdown?period=2026-Q3&by=field&flagged=only").body;
            assert_eq!(few.contains("hidden-row"), !sees_all, "{few}");
        }
        // With all but a few answers flagged, these would tell what the few others said.
        store(app, &[Answers { unit: "22972", flags: assisted, levels: [20, 9, 1, 0, 0], ..LAND }, Answers { unit: "22972", levels: [0, 0, 1, 1, 0], ..LAND }]);
        let other = app.snapshot().units.by_code("22972", LAST_DAY.parse().unwrap()).unwrap().unit;
        let neighbour = app.browser("lang-gieng", Role::UnitViewer, Some(other));
        for flagged in ["only", "excluded"] {
            let shown = rows(&neighbour, &format!("/console/breakdown?period=2026-Q3&by=field&flagged={flagged}"));
            assert_eq!(shown[0].n, "…", "{flagged}");
        }
        let method = app.browser("an", Role::Method, None);
        let (_, answers) = table::rows(&method.bytes("/console/answers.csv?period=2026-Q3&flagged=only&procedure=none").1);
        assert_eq!(answers.len(), 8 + 3 + 30);
    }
}

on_both! {
    fn every_figure_leads_to_what_it_is_made_of_down_to_the_counter(app) {
        simulate(app);
        // A unit of which not everything is hidden.
        let keeper = app.browser("snv", Role::Method, None);
        let units = rows(&keeper, "/console/breakdown?period=2026&by=unit");
        let largest = units.iter().max_by_key(|row| row.n.parse::<u64>().unwrap()).unwrap();
        let own = filters_in(largest.address.as_ref().unwrap()).into_iter().find_map(|part| part.strip_prefix("unit=")?.parse::<i64>().ok());
        for (login, role, unit, least) in [
            ("an", Role::Method, None, 4),
            ("kiem", Role::Auditor, None, 1),
            ("xem", Role::UnitViewer, own.map(UnitId::from), 1),
        ] {
            let browser = app.browser(login, role, unit);
            let (mut address, mut steps) = ("/console/breakdown?period=2026&by=element".to_owned(), 0);
            // From the elements to a map of their parts, and from a part to its elements.
            while let Some(map) = rows(&browser, &address).first().and_then(|row| row.address.clone()) {
                let page = Html::parse_document(&browser.get(&map).body);
                let Some(cell) = page.select(&select(".heat td a")).next() else { break };
                let next = cell.attr("href").unwrap().to_owned();
                assert!(filters_in(&next).len() > filters_in(&address).len(), "{map} leads back to {next}");
                (address, steps) = (next, steps + 1);
            }
            assert!(steps >= least, "{login} comes to {address} and no further");
            assert!(role != Role::Method || address.contains("counter="), "{address}");
            let overview = Html::parse_document(&browser.get("/console?period=2026").body);
            let leads = |part: &str| {
                let parts: Vec<_> = overview.select(&select(part)).collect();
                let all_lead = parts.iter().all(|part| part.select(&select("a")).next().is_some());
                assert!(!parts.is_empty() && all_lead, "{login}: {part}");
            };
            for part in ["#sample dd", "#formulas tbody th", "#elements tbody th", "#fields tbody th", "#units tbody th"] {
                leads(part);
            }
        }
    }
}

on_both! {
    fn the_page_of_a_row_counts_just_what_the_row_does_under_any_filters(app) {
        simulate(app);
        let snapshot = app.snapshot();
        let day = LAST_DAY.parse().unwrap();
        let own = snapshot.units.by_code("24781", day).unwrap().unit;
        let units: Vec<String> = snapshot.units.all_on(day).map(|unit| unit.unit.to_string()).collect();
        let fields: Vec<String> = snapshot.fields.iter().map(|field| field.id.to_string()).collect();
        let method = app.browser("an", Role::Method, None);
        let viewer = app.browser("xem", Role::UnitViewer, Some(own));
        let cuts = ["unit", "deciding", "counter", "field", "procedure", "stage", "channel", "month", "quarter"];
        let (mut dice, mut followed) = (Dice(29), 0);
        for round in 0..36 {
            let (browser, units) =
                if round % 3 == 2 { (&viewer, &[own.to_string()][..]) } else { (&method, &units[..]) };
            let address = format!("/console/breakdown?by={}&{}", cuts[round % 9], filters(&mut dice, units, &fields));
            let shown = rows(browser, &address);
            let led: Vec<_> = shown.iter().filter_map(|row| Some((&row.n, row.address.as_ref()?))).collect();
            if led.is_empty() {
                continue;
            }
            for _ in 0..2 {
                let (n, page) = led[dice.below(led.len())];
                match n.as_str() {
                    "…" => assert!(browser.get(page).body.contains("không hiển thị"), "from {address} to {page}"),
                    // All answers of such a row bear a flag, and do not count here.
                    "0" => assert!(browser.get(page).body.contains("Chưa có phiếu nào"), "from {address} to {page}"),
                    _ => assert_eq!(&answers_of(browser, page), n, "from {address} to {page}"),
                }
                followed += 1;
            }
        }
        assert!(followed > 40, "{followed} are too few to say anything");
    }
}

on_both! {
    fn what_one_unit_serves_of_what_another_decides_has_no_address_and_a_pooled_card_has_its_table(app) {
        simulate(app);
        let method = app.browser("an", Role::Method, None);
        let agencies = rows(&method, "/console/breakdown?by=deciding&period=2026");
        let of_unit = |row: &Shown| {
            let address = row.address.clone().unwrap();
            filters_in(&address).into_iter().find_map(|part| part.strip_prefix("unit=").map(str::to_owned)).unwrap()
        };
        let received = |agency: &String| rows(&method, &format!("/console/breakdown?by=unit&period=2026&side=deciding&unit={agency}"));
        let agency = agencies.iter().filter(|row| row.address.is_some()).map(of_unit).find(|agency| received(agency).len() > 1);
        let agency = agency.expect("a unit that decides what several serve");
        assert!(received(&agency).iter().all(|row| row.address.is_none()));
        let parts = method.get(&format!("/console/priorities?period=2026&side=deciding&unit={agency}&parts=unit-field"));
        let offered = Html::parse_document(&parts.body);
        assert!(parts.status == 200 && offered.select(&select("main a[href*='parts=']")).count() > 0);
        assert!(offered.select(&select("main a[href*='parts=unit-field']")).next().is_none(), "{}", parts.body);

        let overview = Html::parse_document(&method.get("/console?period=2026").body);
        let mut pooled = 0;
        for card in overview.select(&select(".card")) {
            let link = card.select(&select(".figure a")).next().unwrap().attr("href").unwrap();
            let n = text(card.select(&select(".note")).next().unwrap()).split(' ').next().unwrap().replace('.', "");
            if link.ends_with("#fields") {
                let page = Html::parse_document(&method.get(link.trim_end_matches("#fields")).body);
                assert!(page.select(&select("#fields tbody tr")).count() > 3, "the table of the fields is there");
                pooled += 1;
            } else {
                assert_eq!(answers_of(&method, link), n, "{link}");
            }
        }
        assert_eq!(pooled, 1, "one target is about some fields together");
    }
}

on_both! {
    fn a_tile_of_few_answers_is_hidden_and_not_empty(app) {
        let few = Answers { levels: [2, 1, 0, 0, 0], ..LAND };
        store(app, &[few.clone(), Answers { unit: "22972", levels: [9, 3, 0, 0, 0], ..few }]);
        let tiles = |browser: &crate::support::staff::Browser<'_>| {
            let page = Html::parse_document(&browser.get("/console/map?period=2026-Q3").body);
            let mut words: Vec<String> = page.select(&select(".tiles b")).map(|tile| text(tile).split_once(' ').unwrap().1.to_owned()).collect();
            words.sort();
            words.dedup();
            words
        };
        assert_eq!(tiles(&app.browser("kiem", Role::Auditor, None)), ["0 phiếu", "12 phiếu", "…"]);
        assert_eq!(tiles(&app.browser("an", Role::Method, None)), ["0 phiếu", "12 phiếu", "3 phiếu"]);
    }
}

on_both! {
    fn every_filter_that_narrows_is_named_and_can_be_taken_away_alone(app) {
        let browser = app.browser("an", Role::Method, None);
        let filters = ["kind=agency-service", "channel=paper", "flagged=only", "view=then"];
        for page in ["/console/breakdown?by=unit&", "/console/priorities?parts=counter&", "/console/map?"] {
            let address = format!("{page}period=2026-Q3&{}", filters.join("&"));
            let shown = Html::parse_document(&browser.get(&address).body);
            let chips: Vec<&str> = shown.select(&select(".chips a")).map(|chip| chip.attr("href").unwrap()).collect();
            assert_eq!(chips.len(), filters.len(), "{address}: {chips:?}");
            for without in filters {
                let rest = filters_in(&address).into_iter().filter(|part| part != without).collect::<Vec<_>>();
                assert!(chips.iter().any(|chip| filters_in(chip) == rest), "{without} of {address}: {chips:?}");
            }
        }
    }
}
