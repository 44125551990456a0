//! Who asks: every handler of the console takes an [`Actor`], so none can forget to ask for one.

use std::collections::HashMap;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use actix_web::cookie::{Cookie, SameSite};
use actix_web::dev::Payload;
use actix_web::error::InternalError;
use actix_web::http::header::{self, HeaderMap};
use actix_web::{FromRequest, HttpRequest, web};

use super::csrf::Csrf;
use super::respond::{Fault, see_other};
use super::state::State;
use crate::app::reach;
use crate::app::sign_in;
use crate::app::submissions::Submission;
use crate::app::token::Token;
use crate::domain::{device, person};
use crate::error::{Error, Result};
use crate::locale::Lang;

/// Names and values, as a form or an address says them.
pub type Words = HashMap<String, String>;

/// Name of the session cookie.
pub const COOKIE: &str = "hailong";

/// Where a person with a one-time password is led.
pub const PASSWORD_PATH: &str = "/console/password";

/// Where a person who must have sign-in codes sets them up.
pub const TOTP_PATH: &str = "/console/account/totp";

/// Where a person who has them enters one.
pub const CODE_PATH: &str = "/console/sign-in/code";

/// A signed-in person with the session.
#[derive(Clone)]
pub struct Actor {
    /// The person.
    pub person: person::Actor,
    /// Whether the password must be changed before anything else.
    pub must_change_password: bool,
    /// Whether sign-in codes must be set up before anything else.
    pub must_set_up_codes: bool,
    /// Proof expected from forms.
    pub csrf: Csrf,
    /// The session.
    pub token: Token,
    /// Alerts within the person's reach.
    pub alerts: usize,
    /// Whether what is answered can be asked for again: a page shown to a form cannot, and what was typed, or
    /// is told only once, would be gone.
    pub asks_again: bool,
}

impl Actor {
    /// The language of the person.
    pub const fn lang(&self) -> Lang {
        self.person.language()
    }

    /// The full name of the person.
    pub fn name(&self) -> &str {
        match &self.person {
            person::Actor::Person { name, .. } => name,
            person::Actor::Operator | person::Actor::Key { .. } => "",
        }
    }

    /// Accepts a form of this session.
    ///
    /// # Errors
    /// Forbidden.
    pub fn check(&self, headers: &HeaderMap, sent: &str) -> Result<()> {
        self.csrf.check(headers, sent)
    }

    /// What was typed in a form of this session.
    ///
    /// # Errors
    /// Forbidden for a form of another page.
    pub fn accept(&self, request: &HttpRequest, form: web::Form<Words>) -> Result<Words> {
        self.check(request.headers(), form.get("csrf").map_or("", String::as_str))?;
        Ok(form.into_inner())
    }
}

/// The form that a request sends, as it is told from others.
pub fn submission(request: &HttpRequest, form: &Words) -> Submission {
    let fields = form.iter().map(|(name, value)| (name.as_str(), value.as_str()));
    Submission::of(request.path(), fields)
}

impl FromRequest for Actor {
    type Error = actix_web::Error;
    type Future = Pin<Box<dyn Future<Output = std::result::Result<Self, Self::Error>>>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = request.clone();
        Box::pin(async move {
            let path = request.path();
            match find(&request).await.map_err(Fault::from)? {
                Found::Nobody => Err(lead_to(&sign_in_address(&request))),
                Found::AwaitsCode => Err(lead_to(CODE_PATH)),
                Found::Actor(actor) if actor.must_change_password && !is_open_to(PASSWORD_PATH, path) => {
                    Err(lead_to(PASSWORD_PATH))
                }
                Found::Actor(actor) if actor.must_set_up_codes && !is_open_to(TOTP_PATH, path) => {
                    Err(lead_to(TOTP_PATH))
                }
                Found::Actor(actor) => Ok(*actor),
            }
        })
    }
}

/// Whoever must first do one thing may also sign out, read the other language, and change the password.
fn is_open_to(first: &str, path: &str) -> bool {
    [first, PASSWORD_PATH, "/console/sign-out", "/console/language"].contains(&path)
}

enum Found {
    Nobody,
    AwaitsCode,
    Actor(Box<Actor>),
}

/// The token that a browser sends, whatever it is worth.
pub fn token_of(request: &HttpRequest) -> Option<Token> {
    request.cookie(COOKIE).and_then(|cookie| Token::parse(cookie.value()))
}

/// The device that a request comes from, in words.
pub fn device_of(request: &HttpRequest) -> String {
    let agent = request.headers().get(header::USER_AGENT).and_then(|agent| agent.to_str().ok());
    device::name(agent.unwrap_or_default())
}

/// The person whose session the request carries.
///
/// # Errors
/// Those of the database.
pub async fn signed_in(request: &HttpRequest) -> Result<Option<Actor>> {
    match find(request).await? {
        Found::Actor(actor) => Ok(Some(*actor)),
        Found::Nobody | Found::AwaitsCode => Ok(None),
    }
}

async fn find(request: &HttpRequest) -> Result<Found> {
    let Some(state) = request.app_data::<web::Data<State>>() else {
        return Err(Error::internal("the state is missing"));
    };
    let Some(token) = token_of(request) else {
        return Ok(Found::Nobody);
    };
    let csrf = Csrf::of(&state.secret, &token.hash())?;
    let looked_up = token.clone();
    let Some((session, person)) = state.block(move |db| sign_in::of_session(db, &looked_up)).await? else {
        return Ok(Found::Nobody);
    };
    if session.awaits_code {
        return Ok(Found::AwaitsCode);
    }
    let asks_again = request.method().is_safe();
    let must_set_up_codes =
        state.config.requires_totp() && person.role.needs_code() && person.totp_secret.is_none();
    let must_change_password = person.must_change_password;
    let (snapshot, watch) = (state.catalogue.snapshot(), Arc::clone(&state.alerts));
    let person = reach::as_of_today(&snapshot, person.into_actor());
    let asker = person.clone();
    let alerts = state.block(move |db| db.read(|conn| watch.count(conn, &snapshot, &asker))).await?;
    Ok(Found::Actor(Box::new(Actor {
        must_change_password,
        must_set_up_codes,
        person,
        csrf,
        token,
        alerts,
        asks_again,
    })))
}

fn sign_in_address(request: &HttpRequest) -> String {
    let wanted = match *request.method() {
        actix_web::http::Method::GET => request.uri().path_and_query().map(ToString::to_string),
        _ => None,
    };
    match wanted.filter(|wanted| wanted != "/console") {
        Some(wanted) => format!("/console/sign-in?next={}", encode(&wanted)),
        None => "/console/sign-in".to_owned(),
    }
}

fn lead_to(address: &str) -> actix_web::Error {
    InternalError::from_response("", see_other(address)).into()
}

/// A text as the value of a query.
pub fn encode(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' | b'/' => {
                encoded.push(byte.into())
            }
            _ => encoded.push_str(&format!("%{byte:02X}")),
        }
    }
    encoded
}

/// The cookie of a session.
pub fn cookie(token: &Token, is_https: bool) -> Cookie<'static> {
    Cookie::build(COOKIE, token.to_text())
        .path("/console")
        .http_only(true)
        .same_site(SameSite::Lax)
        .secure(is_https)
        .max_age(actix_web::cookie::time::Duration::hours(sign_in::SESSION_HOURS))
        .finish()
}

/// The cookie that takes a session's away.
pub fn no_cookie(is_https: bool) -> Cookie<'static> {
    let mut cookie = Cookie::build(COOKIE, "")
        .path("/console")
        .http_only(true)
        .same_site(SameSite::Lax)
        .secure(is_https)
        .finish();
    cookie.make_removal();
    cookie
}

/// A path of the console to go on with, or its first page: never another site.
pub fn local(next: Option<&str>) -> &str {
    let is_local = |path: &&str| {
        (*path == "/console" || path.starts_with("/console/") || path.starts_with("/console?"))
            && path.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\')
            && !path.contains("..")
    };
    next.filter(is_local).unwrap_or("/console")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_paths_of_the_console_are_gone_on_with() {
        assert_eq!(local(Some("/console/links?unit=3")), "/console/links?unit=3");
        for elsewhere in
            ["https://a.vn", "//a.vn", "/\\a.vn", "/consoles", "/console/\r\nX: y", "/console/../s"]
        {
            assert_eq!(local(Some(elsewhere)), "/console", "{elsewhere}");
        }
        assert_eq!(local(None), "/console");
    }
}
