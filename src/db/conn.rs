//! One connection type over both databases, and the pools that hand it out.

#![expect(missing_docs, reason = "the derive of MultiConnection documents nothing it makes")]

use std::sync::{Arc, LazyLock};
use std::time::{Duration, Instant};

use diesel::connection::SimpleConnection;
use diesel::r2d2::{ManageConnection, Pool, PooledConnection, R2D2Connection};
use diesel::{Connection as _, ConnectionError, PgConnection, RunQueryDsl, SqliteConnection};
use scheduled_thread_pool::ScheduledThreadPool;

/// A connection to either database.
#[derive(diesel::MultiConnection)]
pub enum Conn {
    /// PostgreSQL.
    Postgres(PgConnection),
    /// SQLite.
    Sqlite(SqliteConnection),
}

/// Compiles one expression for each backend, for what the enum itself cannot do
/// (`on_conflict`, batch inserts, `returning`).
macro_rules! on_each {
    ($conn:ident => $expression:expr) => {
        match $conn {
            $crate::db::conn::Conn::Postgres($conn) => $expression,
            $crate::db::conn::Conn::Sqlite($conn) => $expression,
        }
    };
}
pub(crate) use on_each;

/// Where the database is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Location {
    /// `postgres://…`
    Postgres(String),
    /// `sqlite://PATH`
    Sqlite(String),
}

impl Location {
    /// Reads a database URL.
    ///
    /// # Errors
    /// A sentence that says what was expected and what was found, without the password.
    pub fn parse(url: &str) -> Result<Self, String> {
        if url.starts_with("postgres://") || url.starts_with("postgresql://") {
            return Ok(Self::Postgres(url.to_owned()));
        }
        match url.strip_prefix("sqlite://") {
            Some(path) if !path.is_empty() => Ok(Self::Sqlite(path.to_owned())),
            _ => {
                let scheme = url.split("://").next().unwrap_or_default();
                Err(format!(
                    "expected a database URL postgres://… or sqlite://PATH, found scheme \"{scheme}\""
                ))
            }
        }
    }
}

/// Opens connections for a pool.
#[derive(Debug, Clone)]
pub struct Manager {
    location: Location,
}

impl Manager {
    /// A manager for one database.
    pub const fn new(location: Location) -> Self {
        Self { location }
    }
}

impl ManageConnection for Manager {
    type Connection = Conn;
    type Error = diesel::r2d2::Error;

    fn connect(&self) -> Result<Conn, Self::Error> {
        let opened = match &self.location {
            Location::Postgres(url) => open_postgres(url).map(Conn::Postgres),
            Location::Sqlite(path) => open_sqlite(path).map(Conn::Sqlite),
        };
        opened.map_err(diesel::r2d2::Error::ConnectionError)
    }

    fn is_valid(&self, conn: &mut Conn) -> Result<(), Self::Error> {
        match conn {
            Conn::Postgres(conn) => conn.ping(),
            Conn::Sqlite(conn) => conn.ping(),
        }
        .map_err(diesel::r2d2::Error::QueryError)
    }

    fn has_broken(&self, conn: &mut Conn) -> bool {
        let broken = match conn {
            Conn::Postgres(conn) => conn.is_broken(),
            Conn::Sqlite(conn) => conn.is_broken(),
        };
        std::thread::panicking() || broken
    }
}

fn open_postgres(url: &str) -> Result<PgConnection, ConnectionError> {
    let mut conn = PgConnection::establish(url)?;
    // Workers take longer to start than the sums of a page, of which a page asks several at once, take to
    // read; the planner counts 1,000 for what costs as much as 20,000.
    let outcome = conn.batch_execute("SET parallel_setup_cost = 20000");
    outcome.map_err(ConnectionError::CouldntSetupConfiguration)?;
    Ok(conn)
}

fn open_sqlite(path: &str) -> Result<SqliteConnection, ConnectionError> {
    let mut conn = SqliteConnection::establish(path)?;
    for pragma in [
        "PRAGMA busy_timeout = 10000",
        "PRAGMA journal_mode = WAL",
        "PRAGMA synchronous = FULL",
        "PRAGMA foreign_keys = ON",
        "PRAGMA cache_size = -8000",
    ] {
        set_up(&mut conn, pragma).map_err(ConnectionError::CouldntSetupConfiguration)?;
    }
    Ok(conn)
}

/// Runs a pragma. The change of a new file to WAL does not wait for other instances that make the same
/// change, whatever the timeout, so it is tried again for as long as the timeout would last.
fn set_up(conn: &mut SqliteConnection, pragma: &str) -> diesel::QueryResult<()> {
    let start = Instant::now();
    loop {
        match conn.batch_execute(pragma) {
            Err(_) if start.elapsed() < Duration::from_secs(10) => {
                std::thread::sleep(Duration::from_millis(20));
            }
            outcome => return outcome,
        }
    }
}

/// The pools of one database.
#[derive(Clone)]
pub struct Database {
    location: Location,
    readers: Pool<Manager>,
    writers: Pool<Manager>,
}

impl Database {
    /// Opens a database that exists; on SQLite the file is made only where `create` says so.
    ///
    /// # Errors
    /// A sentence that says what stands in the way.
    pub fn open(location: Location, create: bool) -> Result<Self, String> {
        if let Location::Sqlite(path) = &location {
            prepare_file(path, create)?;
        }
        let (readers, writers) = match location {
            Location::Postgres(_) => (8, 4),
            // SQLite has one writer at a time; a second connection would only wait.
            Location::Sqlite(_) => (4, 1),
        };
        // The writer comes first: it turns a new SQLite file to WAL while nobody reads it yet.
        let writers = pool(&location, writers)?;
        let readers = pool(&location, readers)?;
        Ok(Self { location, readers, writers })
    }

    /// Where it is.
    pub const fn location(&self) -> &Location {
        &self.location
    }

    /// Whether it is SQLite.
    pub const fn is_sqlite(&self) -> bool {
        matches!(self.location, Location::Sqlite(_))
    }

    /// Runs queries that only read.
    ///
    /// # Errors
    /// Those of `work`; unavailable when no connection can be had.
    pub fn read<T>(
        &self,
        work: impl FnOnce(&mut Conn) -> crate::error::Result<T>,
    ) -> crate::error::Result<T> {
        work(&mut *borrow(&self.readers)?)
    }

    /// Runs several queries that all see the database as it is at one moment.
    ///
    /// # Errors
    /// Those of `work`; unavailable when no connection can be had.
    pub fn read_at_once<T>(
        &self,
        work: impl FnOnce(&mut Conn) -> crate::error::Result<T>,
    ) -> crate::error::Result<T> {
        let mut conn = borrow(&self.readers)?;
        let work = |conn: &mut Conn| {
            // SQLite reads the same state throughout any transaction, PostgreSQL only when it is told.
            if matches!(conn, Conn::Postgres(_)) {
                let statement = "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY";
                diesel::sql_query(statement).execute(conn).map_err(super::violation::translate)?;
            }
            work(conn)
        };
        conn.transaction::<T, Carried, _>(|conn| work(conn).map_err(Carried)).map_err(|carried| carried.0)
    }

    /// Hands out a writing connection without a transaction: migrations bring their own.
    ///
    /// # Errors
    /// Those of `work`; unavailable when no connection can be had.
    pub fn with_migration_connection<T>(
        &self,
        work: impl FnOnce(&mut Conn) -> crate::error::Result<T>,
    ) -> crate::error::Result<T> {
        work(&mut *borrow(&self.writers)?)
    }

    /// Runs `work` in one transaction, kept only when it succeeds.
    ///
    /// # Errors
    /// Those of `work`; unavailable when no connection can be had.
    pub fn write<T>(
        &self,
        work: impl FnOnce(&mut Conn) -> crate::error::Result<T>,
    ) -> crate::error::Result<T> {
        let mut conn = borrow(&self.writers)?;
        transaction(&mut conn, work)
    }

    /// Runs `work`, which writes to the audit, in one transaction, kept only when it succeeds.
    ///
    /// The lock of the audit is taken before anything else. Whoever waits for it then holds nothing that its
    /// holder may want, so that no two of them wait for each other crosswise, whatever rows they change.
    ///
    /// # Errors
    /// Those of `work`; unavailable when no connection can be had.
    pub fn write_audited<T>(
        &self,
        work: impl FnOnce(&mut Conn) -> crate::error::Result<T>,
    ) -> crate::error::Result<T> {
        self.write(|conn| {
            super::audit::reserve(conn)?;
            work(conn)
        })
    }

    /// Runs `work`, which writes to the audit, in one transaction and undoes all of it.
    ///
    /// # Errors
    /// Those of `work`; unavailable when no connection can be had.
    pub fn rehearse<T>(
        &self,
        work: impl FnOnce(&mut Conn) -> crate::error::Result<T>,
    ) -> crate::error::Result<T> {
        let mut done = None;
        let undone: crate::error::Result<()> = self.write_audited(|conn| {
            done = Some(work(conn)?);
            Err(crate::error::Error::internal("a rehearsal is undone"))
        });
        match (done, undone) {
            (Some(done), _) => Ok(done),
            (None, Err(error)) => Err(error),
            (None, Ok(())) => Err(crate::error::Error::internal("a rehearsal was kept")),
        }
    }
}

/// An error of ours that may stand for one of the database, as a transaction needs it.
struct Carried(crate::error::Error);

impl From<diesel::result::Error> for Carried {
    fn from(error: diesel::result::Error) -> Self {
        Self(super::violation::translate(error))
    }
}

fn transaction<T>(
    conn: &mut Conn,
    work: impl FnOnce(&mut Conn) -> crate::error::Result<T>,
) -> crate::error::Result<T> {
    // Taking the write lock at the start spares SQLite the read-then-write that no timeout cures.
    if matches!(conn, Conn::Sqlite(_)) {
        return immediate(conn, work);
    }
    conn.transaction::<T, Carried, _>(|conn| work(conn).map_err(Carried)).map_err(|carried| carried.0)
}

fn immediate<T>(
    conn: &mut Conn,
    work: impl FnOnce(&mut Conn) -> crate::error::Result<T>,
) -> crate::error::Result<T> {
    let execute = |conn: &mut Conn, statement: &str| {
        diesel::sql_query(statement).execute(conn).map_err(super::violation::translate)
    };
    execute(conn, "BEGIN IMMEDIATE")?;
    match work(conn) {
        Ok(value) => match execute(conn, "COMMIT") {
            Ok(_) => Ok(value),
            Err(error) => {
                execute(conn, "ROLLBACK")?;
                Err(error)
            }
        },
        Err(error) => {
            execute(conn, "ROLLBACK")?;
            Err(error)
        }
    }
}

/// The threads that open and close connections. All pools share them: a pool with threads of its own would keep
/// them for half a minute after it is dropped.
static KEEPERS: LazyLock<Arc<ScheduledThreadPool>> = LazyLock::new(|| {
    Arc::new(ScheduledThreadPool::builder().num_threads(3).thread_name_pattern("connections-{}").build())
});

fn pool(location: &Location, size: u32) -> Result<Pool<Manager>, String> {
    let manager = Manager::new(location.clone());
    // One trial connection gives the cause; the pool itself would only say that it timed out.
    manager.connect().map_err(|error| format!("the database cannot be opened: {error}"))?;
    Pool::builder()
        .max_size(size)
        .min_idle(Some(1))
        .connection_timeout(Duration::from_secs(5))
        .thread_pool(Arc::clone(&KEEPERS))
        .build(manager)
        .map_err(|error| format!("the database cannot be opened: {error}"))
}

fn borrow(pool: &Pool<Manager>) -> crate::error::Result<PooledConnection<Manager>> {
    pool.get().map_err(|error| {
        tracing::error!(%error, "no database connection");
        crate::error::Error::Unavailable { retry_after: 5 }
    })
}

fn prepare_file(path: &str, create: bool) -> Result<(), String> {
    let path = std::path::Path::new(path);
    if path.exists() {
        return Ok(());
    }
    if !create {
        return Err(format!(
            "there is no database at {}; `hailong migrate` or `hailong serve` makes one",
            path.display()
        ));
    }
    match path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        Some(folder) => std::fs::create_dir_all(folder)
            .map_err(|error| format!("the folder {} cannot be made: {error}", folder.display())),
        None => Ok(()),
    }
}
