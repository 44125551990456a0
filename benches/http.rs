//! What the service does over HTTP: survey pages beside nginx with the same bytes, durable
//! submissions on both databases, and the memory it takes. Run it with `make bench`.

#[path = "http/database.rs"]
mod database;
#[path = "http/load.rs"]
mod load;
#[path = "http/server.rs"]
mod server;

use std::error::Error;
use std::path::Path;
use std::time::Duration;

use server::{Nginx, Server};

type Result<T> = std::result::Result<T, Box<dyn Error>>;

/// Numbers of connections at which everything is measured.
const CONNECTIONS: [u32; 4] = [1, 8, 32, 256];

fn main() -> Result<()> {
    // Cargo passes `--bench`; there is nothing to choose.
    let folder = tempfile::tempdir()?;
    let sqlite = format!("sqlite://{}", folder.path().join("bench.db").display());
    pages(&sqlite, folder.path())?;
    submissions("SQLite", &sqlite, folder.path())?;
    match std::env::var("HAILONG_TEST_POSTGRES_URL") {
        Ok(url) => {
            let url = database::create_database(&url)?;
            submissions("PostgreSQL", &url, folder.path())
        }
        Err(_) => {
            println!("PostgreSQL: not measured, HAILONG_TEST_POSTGRES_URL is not set");
            Ok(())
        }
    }
}

/// Survey pages a second beside the same bytes as a static file of nginx.
fn pages(database: &str, folder: &Path) -> Result<()> {
    let server = Server::start(database, folder)?;
    // The sample leaves the procedure open; whoever does not know it gets the form itself.
    let page = format!("{}?procedure=", server.path);
    println!("Memory at rest: {:.1} MB", server.memory()?);
    let plain = server::fetch(&server.address, &page, "identity")?;
    let gzip = server::fetch(&server.address, &page, "gzip")?;
    println!("Survey page: {} bytes, {} bytes with gzip", plain.len(), gzip.len());
    let nginx = Nginx::start(folder, &plain, &gzip)?;
    for (label, encoding, file) in [("plain", "identity", "/page"), ("gzip", "gzip", "/page.gz")] {
        println!("\nSurvey pages, {label}\n{}", load::HEAD);
        for connections in CONNECTIONS {
            let header = format!("Accept-Encoding: {encoding}");
            let run = |url: String| load::run(&url, connections, &["-H", &header], None);
            let beside = run(format!("http://{}{file}", nginx.address))?;
            let ours = run(format!("http://{}{page}", server.address))?;
            println!("{}", beside.row("nginx", connections));
            println!("{}", ours.row("hailong", connections));
            println!("{:>12} {:>6.1} % of nginx", "", 100.0 * ours.rate / beside.rate);
        }
    }
    println!("\nMemory after pages: {:.1} MB", server.memory()?);
    Ok(())
}

/// Durable submissions a second; what was acknowledged is counted against the database.
fn submissions(label: &str, database: &str, folder: &Path) -> Result<()> {
    let server = Server::start(database, folder)?;
    let url = format!("http://{}{}", server.address, server.path);
    println!("\nSubmissions, {label}\n{}", load::HEAD);
    let (mut acknowledged, mut open, mut peak) = (0, 0, 0.0_f64);
    for connections in CONNECTIONS {
        let script = load::script(folder, &server.path)?;
        let load = load::run(&url, connections, &["-s", &script], Some(&server))?;
        println!("{}", load.row("hailong", connections));
        acknowledged += load.acknowledged();
        // A submission in flight when the clock stops may be stored without being counted.
        open += u64::from(connections);
        peak = peak.max(load.memory);
        std::thread::sleep(Duration::from_millis(500));
    }
    println!("Memory under load: {peak:.1} MB");
    drop(server);
    let (stored, report) = server::check(database)?;
    println!("Acknowledged {acknowledged}, stored {stored}; hailong check: {report}");
    if acknowledged > 0 && (acknowledged..=acknowledged + open).contains(&stored) {
        Ok(())
    } else {
        Err(format!("expected {acknowledged} to {} stored answers, found {stored}", acknowledged + open)
            .into())
    }
}
