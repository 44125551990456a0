//! Storage: the only module that names diesel.

pub mod bulk;
pub mod conn;
pub mod migrate;
pub mod schema;
pub mod types;
pub mod violation;
