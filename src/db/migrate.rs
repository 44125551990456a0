//! Migrations, carried inside the program.

use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};

use super::conn::{Conn, Database};
use crate::error::{Error, Result};

const POSTGRES: EmbeddedMigrations = embed_migrations!("migrations/postgres");
const SQLITE: EmbeddedMigrations = embed_migrations!("migrations/sqlite");

/// Key of the advisory lock under which one instance prepares the database while the others wait.
const LOCK: i64 = 2_260_082_021;

/// Brings the tables up to date and says how many steps it took.
///
/// # Errors
/// Internal, with the step that failed.
pub fn run(database: &Database) -> Result<usize> {
    database.with_migration_connection(|conn| match conn {
        // Begun as a writer, so that another instance looks for what is pending only afterwards.
        Conn::Sqlite(conn) => conn
            .immediate_transaction(|conn| {
                conn.run_pending_migrations(SQLITE)
                    .map(|versions| versions.len())
                    .map_err(diesel::result::Error::QueryBuilderError)
            })
            .map_err(Error::internal),
        Conn::Postgres(conn) => {
            use diesel::RunQueryDsl;
            let lock = |verb: &str| diesel::sql_query(format!("SELECT {verb}({LOCK})"));
            lock("pg_advisory_lock").execute(conn).map_err(Error::internal)?;
            let done = steps(conn.run_pending_migrations(POSTGRES));
            lock("pg_advisory_unlock").execute(conn).map_err(Error::internal)?;
            done
        }
    })
}

/// Makes other instances that start wait until the transaction of `conn` ends. SQLite's transactions
/// do so by themselves.
///
/// # Errors
/// Those of the database.
pub fn hold_others(conn: &mut Conn) -> Result<()> {
    use diesel::RunQueryDsl;
    if let Conn::Postgres(conn) = conn {
        let lock = diesel::sql_query(format!("SELECT pg_advisory_xact_lock({LOCK})"));
        lock.execute(conn).map_err(super::violation::translate)?;
    }
    Ok(())
}

/// Undoes every migration.
///
/// # Errors
/// Internal, with the step that failed.
pub fn revert_all(database: &Database) -> Result<usize> {
    database.with_migration_connection(|conn| match conn {
        Conn::Sqlite(conn) => steps(conn.revert_all_migrations(SQLITE)),
        Conn::Postgres(conn) => steps(conn.revert_all_migrations(POSTGRES)),
    })
}

fn steps<V, E: std::fmt::Display>(done: std::result::Result<Vec<V>, E>) -> Result<usize> {
    done.map(|versions| versions.len()).map_err(Error::internal)
}
