//! Databases of tests: copies of one that was filled once.

use std::path::PathBuf;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

use diesel::{Connection, PgConnection, RunQueryDsl};
use hailong::app::first_start;
use hailong::db::conn::{Database, Location};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Backend {
    Sqlite,
    Postgres,
}

/// A database that is dropped with the test.
pub struct Store {
    pub url: String,
    pub folder: tempfile::TempDir,
    name: Option<String>,
}

static NUMBER: AtomicU32 = AtomicU32::new(0);

impl Store {
    /// A database with the real catalogue.
    pub fn create(backend: Backend) -> Self {
        match backend {
            Backend::Sqlite => {
                let store = Self::empty(backend);
                std::fs::copy(sqlite_template(), store.url.strip_prefix("sqlite://").unwrap()).unwrap();
                store
            }
            Backend::Postgres => Self::in_postgres(Some(postgres_template())),
        }
    }

    /// A database without a table.
    pub fn empty(backend: Backend) -> Self {
        match backend {
            Backend::Sqlite => {
                let folder = tempfile::tempdir().unwrap();
                let url = format!("sqlite://{}", folder.path().join("test.db").display());
                Self { url, folder, name: None }
            }
            Backend::Postgres => Self::in_postgres(None),
        }
    }

    fn in_postgres(template: Option<&str>) -> Self {
        let name = new_name();
        let copied = template.map(|template| format!(" TEMPLATE {template}")).unwrap_or_default();
        administer(&format!("CREATE DATABASE {name}{copied}"));
        Self { url: url_of(&name), folder: tempfile::tempdir().unwrap(), name: Some(name) }
    }

    pub fn open(&self) -> Database {
        Database::open(Location::parse(&self.url).unwrap(), true).unwrap()
    }

    /// Takes a database in PostgreSQL away: every connection ends and none is let in.
    pub fn take_away(&self) {
        let name = self.name.as_deref().expect("SQLite is a part of the service");
        administer(&format!("ALTER DATABASE {name} ALLOW_CONNECTIONS false"));
        administer(&format!(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'"
        ));
    }

    /// Lets connections in again.
    pub fn give_back(&self) {
        administer(&format!("ALTER DATABASE {} ALLOW_CONNECTIONS true", self.name.as_deref().unwrap()));
    }
}

impl Drop for Store {
    fn drop(&mut self) {
        if let Some(name) = &self.name {
            administer(&format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)"));
        }
    }
}

fn new_name() -> String {
    format!("it_{}_{}", std::process::id(), NUMBER.fetch_add(1, Ordering::Relaxed))
}

fn cluster() -> String {
    std::env::var("HAILONG_TEST_POSTGRES_URL")
        .expect("HAILONG_TEST_POSTGRES_URL names the cluster of the tests; `make test` starts one")
}

fn url_of(name: &str) -> String {
    let cluster = cluster();
    let (server, _) = cluster.rsplit_once('/').unwrap();
    format!("{server}/{name}")
}

fn administer(statement: &str) {
    // Copies of one template must not be made at the same moment.
    static ONE_AT_A_TIME: std::sync::Mutex<()> = std::sync::Mutex::new(());
    let _turn = ONE_AT_A_TIME.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    let mut conn = PgConnection::establish(&cluster()).unwrap();
    diesel::sql_query(statement).execute(&mut conn).unwrap();
}

fn sqlite_template() -> PathBuf {
    static TEMPLATE: OnceLock<(tempfile::TempDir, PathBuf)> = OnceLock::new();
    let (_, path) = TEMPLATE.get_or_init(|| {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("template.db");
        let url = format!("sqlite://{}", path.display());
        let database = Database::open(Location::parse(&url).unwrap(), true).unwrap();
        first_start::prepare(&database).unwrap();
        (folder, path)
    });
    path.clone()
}

fn postgres_template() -> &'static str {
    static TEMPLATE: OnceLock<String> = OnceLock::new();
    TEMPLATE.get_or_init(|| {
        let name = new_name();
        administer(&format!("CREATE DATABASE {name}"));
        let database = Database::open(Location::parse(&url_of(&name)).unwrap(), true).unwrap();
        first_start::prepare(&database).unwrap();
        name
    })
}
