//! How it is measured, and what the figures do not say.

use actix_web::http::StatusCode;
use askama::Template;

use super::figures::Mark;
use super::frame::Frame;
use super::{Reply, home, page};
use crate::domain::dataset::Method;
use crate::domain::suppress::SHOWN_TO_PUBLIC;

#[derive(Template)]
#[template(path = "open/method.html", config = "frontend/askama.toml")]
struct Page<'a> {
    frame: &'a Frame,
    method: Method,
    verdicts: Vec<Mark>,
    least: String,
}

impl Page<'_> {
    fn list(&self, key: &str) -> Vec<String> {
        self.frame.t(key).lines().map(str::to_owned).filter(|line| !line.is_empty()).collect()
    }
}

/// GET /open/method
///
/// # Errors
/// Internal, when the template fails.
pub async fn show(frame: Frame) -> Reply {
    let method = Method::current();
    let verdicts = home::verdicts(frame.lang, method.enough);
    let page_of = Page { frame: &frame, method, verdicts, least: SHOWN_TO_PUBLIC.to_string() };
    page(&frame, StatusCode::OK, &page_of)
}
