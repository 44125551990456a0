//! One run of wrk and what it says.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use crate::Result;
use crate::server::Server;

/// Seconds of each run.
const SECONDS: u64 = 4;

/// Heading of the rows.
pub const HEAD: &str = "              conns    per second        p50        p99   refused";

/// What a run came to.
#[derive(Debug, Clone)]
pub struct Load {
    /// Answers a second.
    pub rate: f64,
    /// Resident memory of the server in the middle of the run, in MB.
    pub memory: f64,
    requests: u64,
    refused: u64,
    p50: String,
    p99: String,
    errors: Option<String>,
}

impl Load {
    /// Requests that were answered with success.
    pub const fn acknowledged(&self) -> u64 {
        self.requests.saturating_sub(self.refused)
    }

    /// A line of the table.
    pub fn row(&self, who: &str, connections: u32) -> String {
        let Self { rate, p50, p99, refused, .. } = self;
        let errors = self.errors.as_deref().unwrap_or_default();
        format!("{who:>12} {connections:>6} {rate:>13.0} {p50:>10} {p99:>10} {refused:>9} {errors}")
            .trim_end()
            .to_owned()
    }
}

/// Loads an address from one thread of wrk.
pub fn run(url: &str, connections: u32, more: &[&str], watched: Option<&Server>) -> Result<Load> {
    let wrk = std::env::var("HAILONG_TEST_WRK").unwrap_or_else(|_| "wrk".into());
    let child = Command::new(wrk)
        .args(["-t1", &format!("-c{connections}"), &format!("-d{SECONDS}s"), "--latency"])
        .args(more)
        .arg(url)
        .stdout(Stdio::piped())
        .spawn()?;
    std::thread::sleep(Duration::from_secs(SECONDS / 2));
    let memory = watched.map_or(Ok(0.0), Server::memory)?;
    let output = child.wait_with_output()?;
    read(&String::from_utf8_lossy(&output.stdout), memory)
}

fn read(text: &str, memory: f64) -> Result<Load> {
    let after = |start: &str| {
        text.lines()
            .map(str::trim)
            .find_map(|line| line.strip_prefix(start))
            .map(|rest| rest.trim().to_owned())
    };
    let missing = |what: &str| format!("wrk said nothing of {what}:\n{text}");
    let requests =
        text.lines().find_map(|line| line.split_once(" requests in")).map(|(count, _)| count.trim());
    Ok(Load {
        rate: after("Requests/sec:").ok_or_else(|| missing("the rate"))?.parse()?,
        memory,
        requests: requests.ok_or_else(|| missing("requests"))?.parse()?,
        refused: after("Non-2xx or 3xx responses:").map_or(Ok(0), |count| count.parse())?,
        p50: after("50%").ok_or_else(|| missing("p50"))?,
        p99: after("99%").ok_or_else(|| missing("p99"))?,
        errors: after("Socket errors:"),
    })
}

/// A script that posts another answer with each request; its seed is new for each run.
pub fn script(folder: &Path, path: &str) -> Result<String> {
    let seed = SystemTime::now().duration_since(UNIX_EPOCH)?.as_micros() % 2_000_000_000;
    let text = format!(
        r#"math.randomseed({seed})
for _ = 1, 10 do math.random() end
local random, format = math.random, string.format
local headers = {{ ["Content-Type"] = "application/x-www-form-urlencoded" }}
local rest = "&overall=5&access=4&procedure=5&staff=4&result=5&feedback=na&respondent=citizen&lang=vi&procedure="
function request()
  local id = format("%04x%04x-%04x-4%03x-%04x-%04x%04x%04x", random(0, 65535), random(0, 65535),
    random(0, 65535), random(0, 4095), random(32768, 49151), random(0, 65535), random(0, 65535), random(0, 65535))
  return wrk.format("POST", "{path}", headers, "id=" .. id .. rest)
end
"#
    );
    let file = folder.join("submit.lua");
    std::fs::write(&file, text)?;
    Ok(file.display().to_string())
}
