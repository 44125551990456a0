//! The product through its real server, on SQLite and on PostgreSQL.

mod import;
mod integrity;
mod qr;
mod standing;
mod support;
mod survey;
