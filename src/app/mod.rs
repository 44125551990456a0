//! What the product does: one function an operation, for web, command line and API alike.

pub mod catalogue;
pub mod check;
pub mod import;
pub mod intake;
pub mod links;
pub mod scores;
pub mod seed;
