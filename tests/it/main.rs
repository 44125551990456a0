//! The product through its real server, on SQLite and on PostgreSQL.

mod console;
mod integrity;
mod pages;
mod qr;
mod scores;
mod standing;
mod support;
mod survey;
