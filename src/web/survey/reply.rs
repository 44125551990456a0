//! Answers to the browser: pages with their headers, and the page for a code that leads nowhere.

use actix_web::http::StatusCode;
use actix_web::http::header::{
    ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_SECURITY_POLICY, CONTENT_TYPE, LOCATION,
    REFERRER_POLICY, VARY,
};
use actix_web::{HttpRequest, HttpResponse, HttpResponseBuilder};
use askama::Template;
use uuid::Uuid;

use super::splice::Page;
use super::style::POLICY;
use super::view::{Other, Shell, kept};
use super::visit::{Dead, Query, address};
use super::words::Words;
use crate::app::catalogue::Snapshot;
use crate::error::{Error, Result};
use crate::locale::Lang;

/// A page that nobody keeps.
///
/// # Errors
/// Internal when the template fails.
pub fn page(status: StatusCode, template: &impl Template) -> Result<HttpResponse> {
    let html = template.render().map_err(Error::internal)?;
    Ok(head(status, "no-store").body(html))
}

/// A cached page with a fresh id.
///
/// The browser may keep a form for its back button: sent again from there it carries the same id
/// and is the same response. A tablet keeps nothing.
pub fn spliced(request: &HttpRequest, page: &Page, kiosk: bool) -> HttpResponse {
    let mut reply = head(StatusCode::OK, if kiosk { "no-store" } else { "private, no-cache" });
    reply.insert_header((VARY, "Accept-Encoding"));
    let id = Uuid::new_v4();
    if takes_gzip(request) {
        reply.insert_header((CONTENT_ENCODING, "gzip")).body(page.gzip(id))
    } else {
        reply.body(page.plain(id))
    }
}

/// A redirect after an accepted form.
pub fn see_other(address: &str) -> HttpResponse {
    HttpResponse::SeeOther()
        .insert_header((LOCATION, address))
        .insert_header((CACHE_CONTROL, "no-store"))
        .finish()
}

fn head(status: StatusCode, cache: &'static str) -> HttpResponseBuilder {
    let mut reply = HttpResponse::build(status);
    reply
        .insert_header((CONTENT_TYPE, "text/html; charset=utf-8"))
        .insert_header((CACHE_CONTROL, cache))
        .insert_header((CONTENT_SECURITY_POLICY, POLICY.as_str()))
        .insert_header((REFERRER_POLICY, "same-origin"));
    reply
}

fn takes_gzip(request: &HttpRequest) -> bool {
    let named = |text: &str| {
        text.split(',').any(|one| {
            let mut parts = one.split(';').map(str::trim);
            parts.next() == Some("gzip") && parts.all(|part| part.trim_end_matches(['0', '.']) != "q=")
        })
    };
    request.headers().get(ACCEPT_ENCODING).and_then(|value| value.to_str().ok()).is_some_and(named)
}

/// A page that says what happened and what to do.
#[derive(Template)]
#[template(path = "survey/notice.html", config = "frontend/askama.toml")]
pub struct Notice {
    /// Frame.
    pub shell: Shell,
    /// What happened.
    pub title: String,
    /// What to do.
    pub advice: String,
    /// The code as it was typed, to compare.
    pub typed: Option<String>,
    /// A link that helps: address and words.
    pub onward: Option<(String, String)>,
}

/// The page for a code that leads nowhere: 404, or 410 where it once led somewhere.
///
/// # Errors
/// Internal when the template fails.
pub fn dead(snapshot: &Snapshot, typed: &str, dead: &Dead, query: &Query) -> Result<HttpResponse> {
    let lang = query.lang();
    let (status, name) = match dead {
        Dead::Mistyped => (StatusCode::NOT_FOUND, "mistyped"),
        Dead::Unknown => (StatusCode::NOT_FOUND, "unknown"),
        Dead::NotYet(_) => (StatusCode::NOT_FOUND, "not-yet"),
        Dead::Ended(_) => (StatusCode::GONE, "ended"),
    };
    let onward = match dead {
        Dead::Ended(Some(code)) => Some((address(code, "", &kept(query)), lang.text("survey.dead-onward"))),
        _ => None,
    };
    let day = if let Dead::NotYet(day) = dead { lang.date(*day) } else { String::new() };
    let tag = lang.other().key().to_owned();
    let other = Other { address: format!("?lang={tag}"), tag, name: lang.text("survey.other-language") };
    let notice = Notice {
        shell: Shell::new(snapshot, Words::plain(lang), query, vec![other]),
        title: lang.text(&format!("survey.dead-{name}")),
        advice: lang.with(&format!("survey.dead-{name}-advice"), &[("day", &day)]),
        typed: Some(shown(typed, lang)).filter(|_| matches!(dead, Dead::Mistyped | Dead::Unknown)),
        onward,
    };
    page(status, &notice)
}

/// At most the length of a code and a little more, so that a long address does not break the page.
fn shown(typed: &str, lang: Lang) -> String {
    let short: String = typed.chars().filter(|character| !character.is_control()).take(12).collect();
    lang.with("survey.dead-typed", &[("code", &short)])
}
