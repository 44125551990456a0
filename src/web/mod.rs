//! HTTP: the only module that names actix and askama.

pub mod state;
