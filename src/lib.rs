//! `hailong` measures how satisfied citizens are at the one-stop counters of a province:
//! QR codes, a survey of half a minute, and indexes that can be published.

rust_i18n::i18n!("frontend/locales", fallback = "vi");

pub mod app;
pub mod cli;
pub mod config;
pub mod db;
pub mod domain;
pub mod error;
pub mod locale;
pub mod web;
