//! Errors of the database, said once in the product's words.

use diesel::result::{DatabaseErrorKind, Error as QueryError};

use crate::error::Error;
use crate::locale::Message;

/// Turns an error of a query into one of ours.
///
/// A lost connection is "unavailable", since it heals by itself; a broken unique rule is a conflict.
pub fn translate(error: QueryError) -> Error {
    match error {
        QueryError::NotFound => Error::NotFound(Message::new("error.not-found").with("what", "…")),
        QueryError::DatabaseError(DatabaseErrorKind::UniqueViolation, _) => {
            Error::Conflict(Message::new("error.exists-already"))
        }
        QueryError::DatabaseError(DatabaseErrorKind::ClosedConnection, info) => away(info.message()),
        QueryError::DatabaseError(_, info) if is_away(info.message()) => away(info.message()),
        other => Error::internal(other),
    }
}

fn away(cause: &str) -> Error {
    tracing::error!(cause, "the database is away");
    Error::Unavailable { retry_after: 5 }
}

/// libpq reports a lost server by text alone.
fn is_away(message: &str) -> bool {
    [
        "server closed the connection",
        "terminating connection",
        "no connection to the server",
        "could not receive data",
        "could not send data",
        "the database system is",
        "database is locked",
        "disk is full",
        // Two transactions that waited for each other: one of them was given up and may try again.
        "deadlock detected",
    ]
    .iter()
    .any(|sign| message.contains(sign))
}
