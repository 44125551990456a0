//! The servers under measurement, each on a free port and ended with its value.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use crate::Result;

/// The program, built by cargo in the profile of the benchmark.
const PROGRAM: &str = env!("CARGO_BIN_EXE_hailong");

/// A running `hailong serve`.
pub struct Server {
    child: Child,
    /// Host and port.
    pub address: String,
    /// Path of the sample survey.
    pub path: String,
}

impl Server {
    /// Starts the service and waits until it has said where its sample survey is and answers.
    pub fn start(database: &str, folder: &Path) -> Result<Self> {
        let address = free_address()?;
        let mut child = Command::new(PROGRAM)
            .args(["serve", "--bind", &address, "--log", "warn", "--database-url", database])
            .arg("--secret-file")
            .arg(folder.join("secret"))
            .stdout(Stdio::piped())
            .spawn()?;
        let output = child.stdout.take().ok_or("the service has no output")?;
        let mut server = Self { child, address, path: String::new() };
        let mut lines = BufReader::new(output).lines();
        let survey = lines.by_ref().map_while(std::result::Result::ok).find(|line| line.contains("/s/"));
        let code = survey.as_deref().and_then(|line| line.split_once("/s/")).map(|(_, code)| code.trim());
        server.path = format!("/s/{}", code.ok_or("the service named no sample survey")?);
        // Nobody reads on, but a full pipe would stop the service.
        std::thread::spawn(move || lines.for_each(drop));
        wait_for(&server.address)?;
        Ok(server)
    }

    /// Resident memory in MB.
    pub fn memory(&self) -> Result<f64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id()))?;
        let line =
            status.lines().find_map(|line| line.strip_prefix("VmRSS:")).ok_or("no VmRSS in the status")?;
        let kilobytes: f64 = line.trim().trim_end_matches("kB").trim().parse()?;
        Ok(kilobytes / 1024.0)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        end(&mut self.child);
    }
}

/// nginx with two static files.
pub struct Nginx {
    child: Child,
    /// Host and port.
    pub address: String,
}

impl Nginx {
    /// Serves the same bytes from `/page` and, compressed already, from `/page.gz`.
    pub fn start(folder: &Path, plain: &[u8], gzip: &[u8]) -> Result<Self> {
        let address = free_address()?;
        let folder = folder.join("nginx");
        std::fs::create_dir_all(&folder)?;
        std::fs::write(folder.join("page"), plain)?;
        std::fs::write(folder.join("page.gz"), gzip)?;
        let at = folder.display();
        // As root the workers would be another user, who may not enter the folder.
        let user = if is_root()? { "user root;" } else { "" };
        let text = format!(
            "{user} worker_processes 2; daemon off; pid {at}/pid; error_log {at}/error.log;
events {{ worker_connections 1024; }}
http {{
  access_log off; sendfile on; tcp_nopush on; keepalive_requests 100000000; types {{ }}
  default_type 'text/html; charset=utf-8';
  client_body_temp_path {at}/body; proxy_temp_path {at}/proxy; fastcgi_temp_path {at}/fastcgi;
  uwsgi_temp_path {at}/uwsgi; scgi_temp_path {at}/scgi;
  server {{
    listen {address}; root {at};
    location = /page.gz {{ add_header Content-Encoding gzip; }}
  }}
}}
"
        );
        let file = folder.join("nginx.conf");
        std::fs::write(&file, text)?;
        let nginx = std::env::var("HAILONG_TEST_NGINX").unwrap_or_else(|_| "nginx".into());
        let child =
            Command::new(nginx).arg("-e").arg(folder.join("error.log")).arg("-c").arg(&file).spawn()?;
        let server = Self { child, address };
        wait_for(&server.address)?;
        Ok(server)
    }
}

impl Drop for Nginx {
    fn drop(&mut self) {
        end(&mut self.child);
    }
}

/// Asks a process to end, so that nginx takes its workers along, and waits for it.
fn end(child: &mut Child) {
    let asked = Command::new("kill").args(["-TERM", &child.id().to_string()]).status();
    if !asked.is_ok_and(|status| status.success()) {
        drop(child.kill());
    }
    drop(child.wait());
}

fn is_root() -> Result<bool> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let uids = status.lines().find_map(|line| line.strip_prefix("Uid:"));
    Ok(uids.is_some_and(|uids| uids.split_whitespace().nth(1) == Some("0")))
}

fn free_address() -> Result<String> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?.to_string())
}

fn wait_for(address: &str) -> Result<()> {
    for _ in 0..200 {
        if TcpStream::connect(address).is_ok() {
            return Ok(());
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    Err(format!("nothing answers at {address}").into())
}

/// The bytes of a page as they travel.
pub fn fetch(address: &str, path: &str, encoding: &str) -> Result<Vec<u8>> {
    let mut stream = TcpStream::connect(address)?;
    write!(stream, "GET {path} HTTP/1.0\r\nHost: {address}\r\nAccept-Encoding: {encoding}\r\n\r\n")?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer)?;
    let end = answer
        .windows(4)
        .position(|four| four == b"\r\n\r\n")
        .ok_or("an answer without an end of its head")?;
    let body = answer.split_off(end + 4);
    let head = String::from_utf8_lossy(&answer);
    if head.split_whitespace().nth(1) == Some("200") {
        Ok(body)
    } else {
        Err(format!("no page:\n{head}").into())
    }
}

/// Recounts with `hailong check`: the answers stored, and what it said.
pub fn check(database: &str) -> Result<(u64, String)> {
    let output =
        Command::new(PROGRAM).args(["check", "--log", "warn", "--database-url", database]).output()?;
    let text = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    if !output.status.success() {
        let errors = String::from_utf8_lossy(&output.stderr);
        return Err(format!("hailong check failed: {text} {errors}").into());
    }
    let count = text.split_whitespace().next().ok_or("hailong check said nothing")?.parse()?;
    Ok((count, text.replace('\n', ", ")))
}
