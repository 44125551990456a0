//! The product through its real server, on SQLite and on PostgreSQL.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::as_conversions,
    clippy::panic,
    reason = "a test that cannot go on shall fail at once"
)]

mod accessibility;
mod answers;
mod api;
mod attack;
mod audit;
mod beside;
mod bound;
mod catalogue;
mod closures;
mod comments;
mod consequences;
mod console;
mod dossiers;
mod drafts;
mod entry;
mod figures;
mod import;
mod inputs;
mod integrity;
mod jobs;
mod leads;
mod letter;
mod lists;
mod marks;
mod once;
mod open;
mod operation;
mod pages;
mod people;
mod printing;
mod priorities;
mod publications;
mod qr;
mod questionnaires;
mod recount;
mod roles;
mod scores;
mod sessions;
mod sheets;
mod sides;
mod standing;
mod support;
mod survey;
mod targets;
mod times;
mod walks;
mod weighted;
mod withdrawals;
mod workbook;
