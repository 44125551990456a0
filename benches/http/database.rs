//! Databases that are measured.

use crate::Result;

/// Makes a database of its own on the server of a URL.
pub fn create_database(url: &str) -> Result<String> {
    use diesel::RunQueryDsl;
    use hailong::db::conn::{Database, Location};

    let name = format!("hailong_bench_{}", std::process::id());
    let database = Database::open(Location::parse(url)?, false)?;
    database.with_migration_connection(|conn| {
        diesel::sql_query(format!("CREATE DATABASE {name}"))
            .execute(conn)
            .map(drop)
            .map_err(hailong::error::Error::internal)
    })?;
    let (server, _) = url.rsplit_once('/').ok_or("a database URL without a name")?;
    Ok(format!("{server}/{name}"))
}
