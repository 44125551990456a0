//! What the product does: one function an operation, for web, command line and API alike.

pub mod answers;
pub mod catalogue;
pub mod check;
pub mod intake;
pub mod links;
pub mod scores;
