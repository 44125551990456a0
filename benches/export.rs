//! How long the table of single answers takes and how much memory, from the command line and over HTTP,
//! beside the bare write of the same bytes; and the workbook and the report of a quarter. Run it with `make bench`; HAILONG_TEST_EXPORTED says how many
//! answers, of which about 92% belong to the kind that is exported.

#[path = "http/database.rs"]
mod database;
#[path = "console/demo.rs"]
mod demo;

use std::error::Error;
use std::fs::{self, File};
use std::io::{Read, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use demo::{Browser, Demo};

type Result<T> = std::result::Result<T, Box<dyn Error>>;

/// The program, built by cargo in the profile of the benchmark.
const PROGRAM: &str = env!("CARGO_BIN_EXE_hailong");

/// All simulated days.
const PERIOD: &str = "2025-01-01..2026-12-31";

/// The quarter of a report.
const QUARTER: &str = "2026-Q3";

/// A period without answers: what a process takes before there is anything to export.
const NO_ANSWERS: &str = "2001";

fn main() -> Result<()> {
    let answers = std::env::var("HAILONG_TEST_EXPORTED").unwrap_or_else(|_| "1090000".to_owned());
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

fn measure(label: &str, count: &str, database: &str, folder: &Path) -> Result<()> {
    let demo = Demo::start(count, database, folder)?;
    let browser = Browser::sign_in(&demo)?;
    let file = folder.join("answers");
    let answers = |period, format| ["answers", "--period", period, "--format", format, "-o"];
    let (_, rest) = command(database, &answers(NO_ANSWERS, "csv"), &file)?;
    println!("\nExport of single answers, {label}");
    println!("{:>9} {:>9} {:>9} {:>14} {:>12}", "seconds", "MB", "MB/s", "of bare write", "MB above rest");
    for format in ["csv", "json"] {
        let (seconds, peak) = command(database, &answers(PERIOD, format), &file)?;
        let bytes = fs::metadata(&file)?.len();
        let bare = bare_write(&file, &folder.join("copy"))?;
        row(&format!("hailong answers --format {format}"), seconds, bytes, bare, peak - rest);
        if format == "csv" {
            println!("{:>9} answers in the file", lines(&file)? - 1);
        }
        let address = format!("/console/answers.{format}?period={PERIOD}");
        for encoding in ["identity", "gzip"] {
            let (seconds, received, above) = download(&demo, &browser, &address, encoding)?;
            row(&format!("GET /console/answers.{format}, {encoding}"), seconds, received, bare, above);
            if encoding == "identity" && received != bytes {
                return Err(format!("expected {bytes} bytes, received {received}").into());
            }
        }
    }
    for form in ["xlsx", "docx"] {
        let file = folder.join(format!("report.{form}"));
        let arguments = ["report", "--period", QUARTER, "--live", "--complete", "-o"];
        let (seconds, peak) = command(database, &arguments, &file)?;
        let bare = bare_write(&file, &folder.join("copy"))?;
        row(&format!("hailong report, {form}"), seconds, fs::metadata(&file)?.len(), bare, peak - rest);
    }
    Ok(())
}

fn row(what: &str, seconds: f64, bytes: u64, bare: f64, above: f64) {
    let megabytes = Duration::from_micros(bytes).as_secs_f64();
    println!(
        "{seconds:>9.2} {megabytes:>9.1} {:>9.1} {:>13.1}x {above:>12.1}  {what}",
        megabytes / seconds,
        seconds / bare
    );
}

/// Runs a command that writes a file: its seconds, and the most memory that it had in MB.
fn command(database: &str, arguments: &[&str], file: &Path) -> Result<(f64, f64)> {
    let start = Instant::now();
    let mut child = Command::new(PROGRAM)
        .args(["--database-url", database])
        .args(arguments)
        .arg(file)
        .stdin(Stdio::null())
        .spawn()?;
    let mut peak = 0.0_f64;
    loop {
        // A process that has ended has no memory left to read.
        peak = peak.max(memory(child.id(), "VmHWM:").unwrap_or_default());
        match child.try_wait()? {
            Some(status) if status.success() => return Ok((start.elapsed().as_secs_f64(), peak)),
            Some(status) => return Err(format!("hailong {arguments:?}: {status}").into()),
            None => std::thread::sleep(Duration::from_millis(2)),
        }
    }
}

/// Downloads as a browser does: seconds, bytes of the file, and the memory in MB that the service took above
/// what it had before.
fn download(demo: &Demo, browser: &Browser, address: &str, encoding: &str) -> Result<(f64, u64, f64)> {
    let process = demo.child.id();
    // Forgets the peak so far.
    fs::write(format!("/proc/{process}/clear_refs"), "5")?;
    let rest = memory(process, "VmRSS:")?;
    let start = Instant::now();
    let mut reader = browser.open(address, encoding)?.into_reader();
    let (mut buffer, mut received) = (vec![0; 64 * 1024], 0);
    loop {
        let count = reader.read(&mut buffer)?;
        if count == 0 {
            break;
        }
        received += u64::try_from(count)?;
    }
    Ok((start.elapsed().as_secs_f64(), received, memory(process, "VmHWM:")? - rest))
}

/// Seconds to write the bytes of a file anew and have them on disk.
fn bare_write(file: &Path, copy: &Path) -> Result<f64> {
    let bytes = fs::read(file)?;
    let start = Instant::now();
    let mut output = File::create(copy)?;
    output.write_all(&bytes)?;
    output.sync_all()?;
    let seconds = start.elapsed().as_secs_f64();
    fs::remove_file(copy)?;
    Ok(seconds)
}

fn lines(file: &Path) -> Result<usize> {
    Ok(fs::read(file)?.iter().filter(|byte| **byte == b'\n').count())
}

/// A line of the status of a process, in MB.
fn memory(process: u32, name: &str) -> Result<f64> {
    let status = fs::read_to_string(format!("/proc/{process}/status"))?;
    let line = status.lines().find_map(|line| line.strip_prefix(name)).ok_or("no such line in the status")?;
    let kilobytes: f64 = line.trim().trim_end_matches("kB").trim().parse()?;
    Ok(kilobytes / 1024.0)
}
