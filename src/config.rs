//! Every setting once: flag, environment variable, default and help in one place.

use std::fs;
use std::io::Write;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use crate::db::conn::Location;

/// Where the database is; every command needs it.
#[derive(Debug, Clone, clap::Args)]
pub struct DatabaseArgs {
    /// Database: sqlite://PATH or postgres://USER:PASSWORD@HOST/NAME [default: sqlite://data/hailong.db]
    #[arg(long, env = "HAILONG_DATABASE_URL", global = true, hide_env_values = true, value_name = "URL")]
    pub database_url: Option<String>,
}

impl DatabaseArgs {
    /// The place that the URL names.
    ///
    /// # Errors
    /// A sentence that says what was expected and what was found.
    pub fn location(&self) -> Result<Location, String> {
        self.location_or("sqlite://data/hailong.db")
    }

    /// The place that the URL names, or another default.
    ///
    /// # Errors
    /// A sentence that says what was expected and what was found.
    pub fn location_or(&self, default: &str) -> Result<Location, String> {
        Location::parse(self.database_url.as_deref().unwrap_or(default))
    }
}

/// Settings of the running service.
#[derive(Debug, Clone, clap::Args)]
pub struct Config {
    /// Address on which it listens
    #[arg(long, env = "HAILONG_BIND", default_value = "127.0.0.1:8080", value_name = "HOST:PORT")]
    pub bind: SocketAddr,
    /// Address under which citizens reach it; printed in QR codes [default: http://BIND]
    #[arg(long, env = "HAILONG_PUBLIC_URL", value_name = "URL", value_parser = public_url)]
    pub public_url: Option<String>,
    /// File of the installation's key; made on first start, readable by its owner alone
    #[arg(long, env = "HAILONG_SECRET_FILE", default_value = "data/secret", value_name = "FILE")]
    pub secret_file: PathBuf,
    /// Address of the reverse proxy whose X-Forwarded-For is believed
    #[arg(long, env = "HAILONG_TRUSTED_PROXY", value_name = "IP")]
    pub trusted_proxy: Option<std::net::IpAddr>,
    /// Whether administrators and Sở Nội vụ must sign in with a code besides the password [default: true
    /// where the public address is https]
    #[arg(long, env = "HAILONG_REQUIRE_TOTP", value_name = "true|false", num_args = 0..=1,
          default_missing_value = "true")]
    pub require_totp: Option<bool>,
    /// Responses that may wait for the disk before citizens are asked to come back
    #[arg(long, env = "HAILONG_QUEUE", default_value_t = crate::app::intake::CAPACITY, value_name = "COUNT")]
    pub queue: usize,
}

impl Config {
    /// The public address without a slash at its end.
    pub fn public_url(&self) -> String {
        self.public_url.clone().unwrap_or_else(|| format!("http://{}", self.bind))
    }

    /// Whether some roles must sign in with a code besides the password.
    pub fn requires_totp(&self) -> bool {
        self.require_totp.unwrap_or_else(|| self.is_https())
    }

    /// Whether citizens and staff come over HTTPS, so that cookies must not travel without it.
    pub fn is_https(&self) -> bool {
        self.public_url().starts_with("https://")
    }
}

fn public_url(text: &str) -> Result<String, String> {
    let trimmed = text.trim_end_matches('/');
    let host = trimmed.strip_prefix("https://").or_else(|| trimmed.strip_prefix("http://"));
    match host {
        Some(host) if !host.is_empty() && !host.contains(['?', '#', ' ']) => Ok(trimmed.to_owned()),
        _ => Err(format!("expected an address such as https://hailong.lamdong.gov.vn, found \"{text}\"")),
    }
}

/// The key of an installation, from which keys for single purposes are derived.
#[derive(Clone)]
pub struct Secret([u8; 32]);

impl Secret {
    /// Reads the key, or makes one with mode 0600.
    ///
    /// # Errors
    /// A sentence with the file and what stands in the way.
    pub fn load_or_create(path: &Path) -> Result<Self, String> {
        let failed = |error: std::io::Error| format!("the secret file {}: {error}", path.display());
        match fs::read(path) {
            Ok(bytes) => <[u8; 32]>::try_from(bytes).map(Self).map_err(|bytes| {
                format!("the secret file {}: expected 32 bytes, found {}", path.display(), bytes.len())
            }),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                create(path).map_err(failed)?;
                Self::load_or_create(path)
            }
            Err(error) => Err(failed(error)),
        }
    }

    /// A key for one purpose; keys for different purposes tell nothing of each other.
    pub fn derive(&self, purpose: &str) -> [u8; 32] {
        Sha256::new().chain_update(self.0).chain_update(purpose).finalize().into()
    }
}

/// Makes the file whole or not at all; of two that make it at once the first one wins.
fn create(path: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::OpenOptionsExt;
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        fs::create_dir_all(folder)?;
    }
    let key: [u8; 32] = rand::random();
    let draft = path.with_extension(format!("{}.new", std::process::id()));
    let mut file = fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&draft)?;
    file.write_all(&key)?;
    file.sync_all()?;
    let linked = fs::hard_link(&draft, path);
    fs::remove_file(&draft)?;
    match linked {
        Err(error) if error.kind() != std::io::ErrorKind::AlreadyExists => Err(error),
        _ => Ok(()),
    }
}
