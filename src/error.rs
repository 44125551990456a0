//! The one error type, in the product's own words.

use std::fmt;

use crate::locale::{Lang, Message};

/// What went wrong with one input.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldError {
    /// Name of the form field or column.
    pub field: String,
    /// What was expected and what was found.
    pub message: Message,
}

impl FieldError {
    /// A fault in one field.
    pub fn new(field: impl Into<String>, message: Message) -> Self {
        Self { field: field.into(), message }
    }
}

/// Why a request cannot be read at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unread {
    /// It is no text, or not what its kind says (400).
    Garbled,
    /// Its body came too slowly (408).
    TooSlow,
    /// Its body is too long (413).
    TooLarge,
    /// Its address is too long (414).
    TooLongAddress,
    /// It is of a kind that is not read here (415).
    WrongKind,
}

/// Why an operation did not happen.
#[derive(Debug)]
pub enum Error {
    /// The input does not fit (422).
    Invalid(Vec<FieldError>),
    /// What was sent cannot be read, so that nothing can be said about its parts.
    Unreadable(Unread, Message),
    /// Nobody is signed in (sign-in page, or 401).
    Unauthenticated,
    /// The person may not do this (403).
    Forbidden,
    /// There is no such thing, or the actor may not see it (404).
    NotFound(Message),
    /// It was there and has ended (410).
    Gone(Message),
    /// It does not fit with what is there (409).
    Conflict(Message),
    /// Too many tries; come back after so many seconds (429).
    TooMany {
        /// Seconds to wait.
        retry_after: u64,
    },
    /// Not now; come back after so many seconds (503).
    Unavailable {
        /// Seconds to wait.
        retry_after: u64,
    },
    /// A fault of ours or of the machine (500); the text is for the log alone.
    Internal(String),
}

/// The result of an operation.
pub type Result<T> = std::result::Result<T, Error>;

impl Error {
    /// One fault in one field.
    pub fn invalid(field: impl Into<String>, message: Message) -> Self {
        Self::Invalid(vec![FieldError::new(field, message)])
    }

    /// An internal fault from anything that can tell what it is.
    pub fn internal(cause: impl fmt::Display) -> Self {
        Self::Internal(cause.to_string())
    }

    /// The sentences for a user, one a line.
    pub fn text(&self, lang: Lang) -> String {
        match self {
            Self::Invalid(faults) => {
                let lines: Vec<String> = faults
                    .iter()
                    .map(|fault| format!("{}: {}", fault.field, fault.message.text(lang)))
                    .collect();
                lines.join("\n")
            }
            Self::Unauthenticated => lang.text("error.unauthenticated"),
            Self::Forbidden => lang.text("error.forbidden"),
            Self::Unreadable(_, message)
            | Self::NotFound(message)
            | Self::Gone(message)
            | Self::Conflict(message) => message.text(lang),
            Self::TooMany { retry_after } => {
                lang.with("error.too-many", &[("seconds", &retry_after.to_string())])
            }
            Self::Unavailable { retry_after } => {
                lang.with("error.unavailable", &[("seconds", &retry_after.to_string())])
            }
            Self::Internal(_) => lang.text("error.internal"),
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Internal(cause) => f.write_str(cause),
            other => f.write_str(&other.text(Lang::En)),
        }
    }
}

impl std::error::Error for Error {}
