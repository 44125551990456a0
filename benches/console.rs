//! How long pages of the console take over a simulated year on both databases, beside the check that
//! the service is alive. Run it with `make bench`; HAILONG_TEST_ANSWERS says how many answers.

#[path = "http/database.rs"]
mod database;
#[path = "console/demo.rs"]
mod demo;

use std::error::Error;
use std::path::Path;
use std::time::Instant;

use demo::{Browser, Demo};

type Result<T> = std::result::Result<T, Box<dyn Error>>;

/// Requests of each page; the first one warms up and is not counted.
const REQUESTS: usize = 21;

/// Pages of the province over a quarter, a half-year and a year, then the lists; `{unit}` is replaced
/// by a commune, and `{counter}` by one of its counters.
const PAGES: [&str; 35] = [
    "/console?period=2026-Q3",
    "/console?period=2026-H1",
    "/console?period=2026",
    "/console?period=2026-Q3&unit={unit}",
    "/console?period=2026&unit={unit}",
    "/console/breakdown?period=2026-Q3&by=unit",
    "/console/breakdown?period=2026&by=unit",
    "/console/breakdown?period=2026-Q3&by=procedure",
    "/console/breakdown?period=2026&by=month",
    "/console/breakdown?period=2026-Q3&by=counter",
    "/console/breakdown?period=2026&by=counter",
    "/console/breakdown?period=2026&by=deciding",
    "/console/breakdown?period=2026-Q3&unit={unit}&by=counter",
    "/console/breakdown?period=2026-Q3&unit={unit}&by=procedure",
    "/console/priorities?period=2026-Q3",
    "/console/priorities?period=2026",
    "/console/priorities?period=2026&parts=procedure",
    "/console/priorities?period=2026&parts=counter",
    "/console/priorities?period=2026-Q3&unit={unit}",
    "/console/breakdown?period=2026&by=element&counter={counter}",
    "/console/breakdown?period=2026&by=procedure&counter={counter}",
    "/console/map?period=2026-Q3",
    "/console/map?period=2026",
    "/console/scores.csv?period=2026-Q3&by=field,unit",
    "/console/alerts",
    "/console/comments",
    "/console/comments?period=2026-Q3",
    "/console/comments?q=cho+lau",
    "/console/links",
    "/console/links?sort=answered",
    "/console/catalogue/units",
    "/console/catalogue/procedures",
    "/console/publications",
    "/console/dossiers",
    "/console/audit",
];

/// Milliseconds of each counted request, the shortest first.
fn times(browser: &Browser, path: &str) -> Result<Vec<f64>> {
    let mut times = Vec::with_capacity(REQUESTS);
    for _ in 0..REQUESTS {
        let start = Instant::now();
        browser.get(path)?;
        times.push(start.elapsed().as_secs_f64() * 1_000.0);
    }
    times.remove(0);
    times.sort_by(f64::total_cmp);
    Ok(times)
}

fn main() -> Result<()> {
    let answers = std::env::var("HAILONG_TEST_ANSWERS").unwrap_or_else(|_| "212000".to_owned());
    let folder = tempfile::tempdir()?;
    let sqlite = format!("sqlite://{}", folder.path().join("bench.db").display());
    measure("SQLite", &answers, &sqlite, folder.path())?;
    match std::env::var("HAILONG_TEST_POSTGRES_URL") {
        Ok(url) => measure("PostgreSQL", &answers, &database::create_database(&url)?, folder.path()),
        Err(_) => {
            println!("PostgreSQL: not measured, HAILONG_TEST_POSTGRES_URL is not set");
            Ok(())
        }
    }
}

fn measure(label: &str, answers: &str, database: &str, folder: &Path) -> Result<()> {
    let start = Instant::now();
    let demo = Demo::start(answers, database, folder)?;
    println!(
        "\nAbout {answers} simulated answers on {label}, ready after {:.1} s",
        start.elapsed().as_secs_f64()
    );
    let browser = Browser::sign_in(&demo)?;
    let unit = first(&browser, "unit", "/console/breakdown?period=2026-Q3&by=unit")?;
    let counters = format!("/console/breakdown?period=2026-Q3&by=counter&unit={unit}");
    let counter = first(&browser, "counter", &counters)?;
    let middle = |times: &[f64]| times.get(times.len() / 2).copied().unwrap_or_default();
    let alive = middle(&times(&browser, "/healthz")?);
    println!("{:>10} {:>10} {:>16}  page", "median", "slowest", "times /healthz");
    for page in PAGES {
        let page = page.replace("{unit}", &unit).replace("{counter}", &counter);
        let times = times(&browser, &page)?;
        let slowest = times.last().copied().unwrap_or_default();
        println!("{:>7.1} ms {slowest:>7.1} ms {:>16.0}  {page}", middle(&times), middle(&times) / alive);
    }
    Ok(())
}

/// The id of the first unit or counter to which a page leads.
fn first(browser: &Browser, what: &str, path: &str) -> Result<String> {
    let page = browser.get(path)?;
    let id = page
        .split(&format!("{what}="))
        .skip(1)
        .filter_map(|rest| rest.split(|digit: char| !digit.is_ascii_digit()).next())
        .find(|id| !id.is_empty());
    Ok(id.ok_or(format!("no {what} on {path}"))?.to_owned())
}
