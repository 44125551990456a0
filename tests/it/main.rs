//! The product through its real server, on SQLite and on PostgreSQL.

mod console;
mod import;
mod integrity;
mod qr;
mod scores;
mod standing;
mod support;
mod survey;
