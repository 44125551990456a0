//! Forms that were sent when the session had ended: what was typed is carried through signing in, and sent on a
//! click of whoever typed it.

use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{Payload, ServiceRequest, ServiceResponse};
use actix_web::http::{Method, StatusCode, header};
use actix_web::middleware::Next;
use actix_web::{HttpResponse, web};
use askama::Template;
use serde::Deserialize;

use super::{Shell, session};
use crate::app::sign_in::Opened;
use crate::error::Error;
use crate::locale::Lang;
use crate::web::actor::{cookie, local};
use crate::web::csrf::{Csrf, same_site};
use crate::web::error_page::wanted;
use crate::web::respond::{Fault, page};
use crate::web::state::State;

/// Largest form that is carried, in bytes; a comment of full length in an address takes half of it.
const MOST: usize = 24 * 1024;

/// Forms that are not carried: they hold passwords and codes, or mean the session itself.
const APART: [&str; 5] =
    ["/console/sign-", "/console/invitation/", "/console/password", "/console/account", "/console/language"];

/// What was typed, as the form sent it, and where it was to go; empty where nothing is carried.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
pub struct Kept {
    /// Path.
    pub to: String,
    /// Names and values.
    pub typed: String,
}

impl Kept {
    /// A form without its proof, if anything was typed in it.
    fn of(path: &str, body: &[u8]) -> Option<Self> {
        let sent = std::str::from_utf8(body).ok()?;
        let parts = sent.split('&').filter(|part| !part.starts_with("csrf="));
        let kept = Self { to: path.to_owned(), typed: parts.collect::<Vec<_>>().join("&") };
        kept.pairs().iter().any(|(_, value)| !value.is_empty()).then_some(kept)
    }

    /// Whether nothing is carried.
    pub const fn is_empty(&self) -> bool {
        self.to.is_empty()
    }

    fn pairs(&self) -> Vec<(String, String)> {
        web::Query::<Vec<(String, String)>>::from_query(&self.typed)
            .map_or_else(|_| Vec::new(), web::Query::into_inner)
    }
}

/// Keeps what was typed in a form that would otherwise end at the sign-in page.
///
/// # Errors
/// Those of the service that it surrounds.
pub async fn keep(
    mut request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, actix_web::Error> {
    if !may_be_kept(&request) {
        return Ok(next.call(request).await?.map_into_boxed_body());
    }
    let body = request.extract::<web::Bytes>().await?;
    request.set_payload(Payload::from(body.clone()));
    let response = next.call(request).await?.map_into_boxed_body();
    let is_lapsed = response.status() == StatusCode::SEE_OTHER
        && response.headers().get(header::LOCATION).is_some_and(|to| to.as_bytes() == b"/console/sign-in");
    let Some(kept) = Kept::of(response.request().path(), &body).filter(|_| is_lapsed) else {
        return Ok(response);
    };
    let (request, response) = response.into_parts();
    let Some(state) = request.app_data::<web::Data<State>>() else {
        return Ok(ServiceResponse::new(request, response));
    };
    let asked = session::lapsed(state, wanted(&request), kept)?;
    Ok(ServiceResponse::new(request, asked))
}

/// Whether a request is a form of a page of ours that may be carried.
fn may_be_kept(request: &ServiceRequest) -> bool {
    let header = |name| request.headers().get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let length: Option<usize> = header(header::CONTENT_LENGTH).parse().ok();
    request.method() == Method::POST
        && request.path().starts_with("/console/")
        && !APART.iter().any(|start| request.path().starts_with(start))
        && header(header::CONTENT_TYPE).starts_with("application/x-www-form-urlencoded")
        && length.is_some_and(|length| length <= MOST)
        && same_site(request.headers()).is_ok()
}

#[derive(Template)]
#[template(path = "console/lapsed.html", config = "frontend/askama.toml")]
struct Page {
    shell: Shell,
    csrf: String,
    to: String,
    pairs: Vec<(String, String)>,
}

/// What was typed before signing in again, with a button that sends it in the new session.
///
/// # Errors
/// Internal, when the page or its cookie cannot be written.
pub fn resume(state: &State, lang: Lang, opened: &Opened, kept: &Kept) -> Result<HttpResponse, Fault> {
    let shown = Page {
        shell: Shell::plain(lang, state.catalogue.snapshot().simulated, lang.text("console.lapsed.title")),
        csrf: Csrf::of(&state.secret, &opened.token.hash())?.masked(),
        to: local(Some(&kept.to)).to_owned(),
        pairs: kept.pairs(),
    };
    let mut reply = page(&shown)?;
    reply.add_cookie(&cookie(&opened.token, state.config.is_https())).map_err(Error::internal)?;
    Ok(reply)
}

#[cfg(test)]
mod tests {
    use super::Kept;

    #[test]
    fn the_proof_of_a_session_is_not_carried_into_another() {
        let kept =
            Kept::of("/console/x", b"csrf=12&answers=55&comment=%C4%90%E1%BA%A5t+%26+nh%C3%A0").unwrap();
        assert_eq!(kept.typed, "answers=55&comment=%C4%90%E1%BA%A5t+%26+nh%C3%A0");
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        assert_eq!(kept.pairs(), [pair("answers", "55"), pair("comment", "Đất & nhà")]);
        assert_eq!(Kept::of("/console/x", b"csrf=12&comment="), None);
    }
}
