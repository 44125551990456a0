//! HTTP: the only module that names actix and askama.

pub mod actor;
pub mod api;
pub mod assets;
pub mod console;
pub mod csrf;
mod entrance;
pub mod error_page;
pub mod health;
pub mod line_chart;
pub mod open;
pub mod openapi;
mod parameters;
pub mod qr;
pub mod respond;
pub mod routes;
pub mod server;
pub mod sheet;
pub mod state;
pub mod survey;
