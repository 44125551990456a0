//! A demo that is measured, and a browser signed in to it.

use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use crate::Result;

/// The program, built by cargo in the profile of the benchmark.
const PROGRAM: &str = env!("CARGO_BIN_EXE_hailong");

/// Last day of the simulated year, so that every run has the same one.
const LAST_DAY: &str = "2026-11-20";

/// A password that the benchmark's own administrator chooses.
const PASSWORD: &str = "4417-9052-6638-1175";

/// A running `hailong demo`, ended with its value.
pub struct Demo {
    /// The process.
    pub child: Child,
    /// Address of the service.
    pub site: String,
    password: String,
}

impl Demo {
    /// Simulates about so many answers in an empty database and serves them.
    pub fn start(answers: &str, database: &str, folder: &Path) -> Result<Self> {
        let bind = TcpListener::bind("127.0.0.1:0")?.local_addr()?.to_string();
        let mut child = Command::new(PROGRAM)
            .args(["demo", "--bind", &bind, "--log", "warn", "--until", LAST_DAY, "--answers", answers])
            .args(["--database-url", database])
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
pub struct Browser {
    agent: ureq::Agent,
    site: String,
    cookie: String,
}

impl Browser {
    /// Signs the administrator in, who has to choose a password first.
    pub fn sign_in(demo: &Demo) -> Result<Self> {
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

    /// A page or a file for the caller to read, in an encoding that is not undone.
    pub fn open(&self, path: &str, encoding: &str) -> Result<ureq::Body> {
        let request = self.agent.get(format!("{}{path}", self.site)).header("Cookie", &self.cookie);
        let response = request.header("Accept-Encoding", encoding).call()?;
        if response.status().as_u16() == 200 {
            Ok(response.into_body())
        } else {
            Err(format!("{path}: status {}", response.status()).into())
        }
    }

    /// A page.
    pub fn get(&self, path: &str) -> Result<String> {
        Ok(self.open(path, "identity")?.read_to_string()?)
    }
}
