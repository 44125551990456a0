//! HTTP: the only module that names actix and askama.

pub mod assets;
pub mod health;
pub mod respond;
pub mod routes;
pub mod server;
pub mod state;
