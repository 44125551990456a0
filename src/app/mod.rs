//! What the product does: one function an operation, for web, command line and API alike.

pub mod alerts;
pub mod answers;
pub mod api_keys;
pub mod audit;
pub mod batches;
pub mod catalogue;
pub mod check;
pub mod comments;
pub mod comparison;
pub mod dossiers;
pub mod exports;
pub mod first_start;
pub mod import;
pub mod intake;
pub mod links;
pub mod passwords;
pub mod people;
pub mod priorities;
pub mod questionnaires;
pub mod reach;
pub mod scores;
pub mod seed;
pub mod sign_in;
pub mod simulate;
pub mod token;
pub mod totp;
