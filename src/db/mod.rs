//! Storage: the only module that names diesel. One file a family of tables.

pub mod audit;
pub mod bulk;
pub mod comments;
pub mod conn;
pub mod links;
pub mod migrate;
pub mod people;
pub mod procedure_writes;
pub mod procedures;
pub mod questionnaire_writes;
pub mod questionnaires;
pub mod responses;
pub mod revision;
pub mod rhythms;
pub mod rollups;
pub(crate) mod schema;
pub mod sums;
pub mod tallies;
pub mod target_writes;
pub mod targets;
pub mod types;
pub mod unit_writes;
pub mod units;
pub mod violation;
