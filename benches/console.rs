//! How long pages of the console take over a simulated year, beside the check that the service is
//! alive. Run it with `make bench`; HAILONG_TEST_ANSWERS says how many answers.

use std::error::Error;
use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

type Result<T> = std::result::Result<T, Box<dyn Error>>;

/// The program, built by cargo in the profile of the benchmark.
const PROGRAM: &str = env!("CARGO_BIN_EXE_hailong");

/// Last day of the simulated year, so that every run has the same one.
const LAST_DAY: &str = "2026-11-20";

/// Requests of each page; the first one warms up and is not counted.
const REQUESTS: usize = 21;

/// A password that the benchmark's own administrator chooses.
const PASSWORD: &str = "4417-9052-6638-1175";

/// Pages of the province; `{unit}` is replaced by a commune.
const PAGES: [&str; 12] = [
    "/console?period=2026-Q3",
    "/console?period=2026",
    "/console?period=2026-Q3&unit={unit}",
    "/console/breakdown?period=2026-Q3&by=unit",
    "/console/breakdown?period=2026-Q3&by=procedure",
    "/console/breakdown?period=2026&by=month",
    "/console/breakdown?period=2026-Q3&unit={unit}&by=counter",
    "/console/breakdown?period=2026-Q3&unit={unit}&by=procedure",
    "/console/priorities?period=2026-Q3",
    "/console/priorities?period=2026-Q3&unit={unit}",
    "/console/map?period=2026-Q3",
    "/console/scores.csv?period=2026-Q3&by=field,unit",
];

/// A running `hailong demo`, ended with its value.
struct Demo {
    child: Child,
    site: String,
    password: String,
}

impl Demo {
    fn start(answers: &str, folder: &std::path::Path) -> Result<Self> {
        let bind = TcpListener::bind("127.0.0.1:0")?.local_addr()?.to_string();
        let mut child = Command::new(PROGRAM)
            .args(["demo", "--bind", &bind, "--log", "warn", "--until", LAST_DAY, "--answers", answers])
            .arg("--database-url")
            .arg(format!("sqlite://{}", folder.join("bench.db").display()))
            .arg("--secret-file")
            .arg(folder.join("secret"))
            .stdout(Stdio::piped())
            .spawn()?;
        let output = child.stdout.take().ok_or("the demo has no output")?;
        let mut demo = Self { child, site: format!("http://{bind}"), password: String::new() };
        let mut lines = BufReader::new(output).lines();
        for line in lines.by_ref().map_while(std::result::Result::ok) {
            if let Some((_, password)) = line.split_once("shown once:") {
                demo.password = password.trim().to_owned();
            }
            if line.contains("/s/") {
                break;
            }
        }
        // Nobody reads on, but a full pipe would stop the service.
        std::thread::spawn(move || lines.for_each(drop));
        for _ in 0..200 {
            if ureq::get(format!("{}/readyz", demo.site)).call().is_ok() {
                return Ok(demo);
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        Err("the demo does not get ready".into())
    }
}

impl Drop for Demo {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// A signed-in browser.
struct Browser {
    agent: ureq::Agent,
    site: String,
    cookie: String,
}

impl Browser {
    fn sign_in(demo: &Demo) -> Result<Self> {
        let agent: ureq::Agent =
            ureq::Agent::config_builder().max_redirects(0).http_status_as_error(false).build().into();
        let mut browser = Self { agent, site: demo.site.clone(), cookie: String::new() };
        browser.post("/console/sign-in", &[("login", "admin"), ("password", &demo.password)])?;
        let page = browser.get("/console/password")?;
        let proof = page
            .split("name=\"csrf\" value=\"")
            .nth(1)
            .and_then(|rest| rest.split('"').next())
            .ok_or("no form to change the password")?
            .to_owned();
        let form = [("csrf", &*proof), ("current", &demo.password), ("new", PASSWORD), ("again", PASSWORD)];
        browser.post("/console/password", &form)?;
        Ok(browser)
    }

    fn post(&mut self, path: &str, form: &[(&str, &str)]) -> Result<()> {
        let request = self.agent.post(format!("{}{path}", self.site)).header("Cookie", &self.cookie);
        let response = request.send_form(form.iter().copied())?;
        if response.status().as_u16() != 303 {
            return Err(format!("{path}: status {}", response.status()).into());
        }
        if let Some(cookie) = response.headers().get("set-cookie") {
            self.cookie = cookie.to_str()?.split(';').next().unwrap_or_default().to_owned();
        }
        Ok(())
    }

    fn get(&self, path: &str) -> Result<String> {
        let request = self.agent.get(format!("{}{path}", self.site)).header("Cookie", &self.cookie);
        let mut response = request.call()?;
        if response.status().as_u16() == 200 {
            Ok(response.body_mut().read_to_string()?)
        } else {
            Err(format!("{path}: status {}", response.status()).into())
        }
    }

    /// Milliseconds of each counted request, the shortest first.
    fn times(&self, path: &str) -> Result<Vec<f64>> {
        let mut times = Vec::with_capacity(REQUESTS);
        for _ in 0..REQUESTS {
            let start = Instant::now();
            self.get(path)?;
            times.push(start.elapsed().as_secs_f64() * 1_000.0);
        }
        times.remove(0);
        times.sort_by(f64::total_cmp);
        Ok(times)
    }
}

fn main() -> Result<()> {
    let answers = std::env::var("HAILONG_TEST_ANSWERS").unwrap_or_else(|_| "212000".to_owned());
    let folder = tempfile::tempdir()?;
    let start = Instant::now();
    let demo = Demo::start(&answers, folder.path())?;
    println!(
        "About {answers} simulated answers on SQLite, ready after {:.1} s",
        start.elapsed().as_secs_f64()
    );
    let browser = Browser::sign_in(&demo)?;
    let unit = commune(&browser)?;
    let middle = |times: &[f64]| times.get(times.len() / 2).copied().unwrap_or_default();
    let alive = middle(&browser.times("/healthz")?);
    println!("{:>10} {:>10} {:>16}  page", "median", "slowest", "times /healthz");
    for page in PAGES {
        let page = page.replace("{unit}", &unit);
        let times = browser.times(&page)?;
        let slowest = times.last().copied().unwrap_or_default();
        println!("{:>7.1} ms {slowest:>7.1} ms {:>16.0}  {page}", middle(&times), middle(&times) / alive);
    }
    Ok(())
}

/// The first unit to which the table by unit leads.
fn commune(browser: &Browser) -> Result<String> {
    let page = browser.get("/console/breakdown?period=2026-Q3&by=unit")?;
    let id = page
        .split("unit=")
        .skip(1)
        .filter_map(|rest| rest.split(|digit: char| !digit.is_ascii_digit()).next())
        .find(|id| !id.is_empty());
    Ok(id.ok_or("no unit in the table")?.to_owned())
}
