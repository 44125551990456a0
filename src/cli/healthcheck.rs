//! `hailong healthcheck`, for containers without other tools.

use std::io::{Read, Write};
use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpStream};
use std::time::Duration;

use super::{Failure, Outcome};

/// Asks the running service whether it is ready
#[derive(Debug, clap::Args)]
pub struct Healthcheck {
    /// Address on which the service listens
    #[arg(long, env = "HAILONG_BIND", default_value = "127.0.0.1:8080", value_name = "HOST:PORT")]
    bind: SocketAddr,
}

impl Healthcheck {
    /// Succeeds when the service answers that it is ready.
    pub fn run(&self) -> Outcome {
        let mut address = self.bind;
        if address.ip().is_unspecified() {
            address.set_ip(IpAddr::V4(Ipv4Addr::LOCALHOST));
        }
        let answer = ask(address)
            .map_err(|error| Failure::Failed(format!("the service at {address} does not answer: {error}")))?;
        let status = answer.lines().next().unwrap_or_default();
        if status.split(' ').nth(1) == Some("200") {
            return Ok(());
        }
        Err(Failure::Failed(format!("expected the service at {address} to be ready, found \"{status}\"")))
    }
}

fn ask(address: SocketAddr) -> std::io::Result<String> {
    let wait = Duration::from_secs(3);
    let mut stream = TcpStream::connect_timeout(&address, wait)?;
    stream.set_read_timeout(Some(wait))?;
    stream.write_all(b"GET /readyz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    Ok(answer)
}
