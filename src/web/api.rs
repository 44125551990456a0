//! The programming interface: figures for other programs, by key; errors as RFC 9457 tells them, in the language
//! that the address says or else the header Accept-Language, and Vietnamese where neither does.

use std::collections::HashMap;

use actix_web::http::StatusCode;
use actix_web::http::header::{
    self, ETag, EntityTag, Header, HeaderMap, HeaderValue, IfNoneMatch, WWW_AUTHENTICATE,
};
use actix_web::{HttpRequest, HttpResponse, HttpResponseBuilder, ResponseError, web};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::console::exports;
use super::error_page::wanted;
use super::parameters;
use super::respond::status;
use super::state::State;
use crate::app::open_data::indexes;
use crate::app::reach;
use crate::app::{api_keys, exports as sheets};
use crate::domain::api_key::Reading;
use crate::domain::hex::hex;
use crate::domain::period::Period;
use crate::domain::person::Actor;
use crate::error::Error;
use crate::locale::{Lang, Message};

/// An error on its way to a program.
#[derive(Debug)]
pub struct Problem {
    error: Error,
    lang: Lang,
}

impl std::fmt::Display for Problem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.error.fmt(f)
    }
}

impl ResponseError for Problem {
    fn status_code(&self) -> StatusCode {
        status(&self.error)
    }

    fn error_response(&self) -> HttpResponse {
        let status = self.status_code();
        if let Error::Internal(cause) = &self.error {
            tracing::error!(cause, "internal error");
        }
        let mut told = problem(status, self.lang, title(&self.error), &self.detail());
        if let (Error::Invalid(faults), Some(members)) = (&self.error, told.as_object_mut()) {
            let errors = faults
                .iter()
                .map(|fault| json!({ "parameter": fault.field, "detail": fault.message.text(self.lang) }));
            members.insert("errors".to_owned(), errors.collect());
        }
        let mut response = refusal(status, self.lang);
        match self.error {
            Error::TooMany { retry_after } | Error::Unavailable { retry_after } => {
                response.insert_header((header::RETRY_AFTER, retry_after.to_string()));
            }
            Error::Unauthenticated => {
                response.insert_header((WWW_AUTHENTICATE, "Bearer realm=\"hailong\""));
            }
            _ => {}
        }
        response.body(told.to_string())
    }
}

/// The word of a title.
const fn title(error: &Error) -> &'static str {
    match error {
        Error::Invalid(_) => "problem.invalid",
        Error::Unreadable(..) => "problem.unreadable",
        Error::Unauthenticated => "problem.unauthenticated",
        Error::Forbidden => "problem.forbidden",
        Error::NotFound(_) => "problem.not-found",
        Error::Gone(_) => "problem.gone",
        Error::Conflict(_) => "problem.conflict",
        Error::TooMany { .. } => "problem.too-many",
        Error::Unavailable { .. } => "problem.unavailable",
        Error::Internal(_) => "problem.internal",
    }
}

/// The members that every problem has.
fn problem(status: StatusCode, lang: Lang, title: &str, detail: &str) -> Value {
    json!({ "type": "about:blank", "title": lang.text(title), "status": status.as_u16(), "detail": detail })
}

/// The head of an answer that tells a problem.
fn refusal(status: StatusCode, lang: Lang) -> HttpResponseBuilder {
    let mut response = HttpResponse::build(status);
    response
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .insert_header((header::CONTENT_LANGUAGE, lang.key()))
        .insert_header((header::VARY, "Accept-Language"))
        .content_type("application/problem+json");
    response
}

impl Problem {
    fn detail(&self) -> String {
        match self.error {
            Error::Unauthenticated => self.lang.text("people.key-needed"),
            Error::Forbidden => self.lang.text("people.key-forbidden"),
            _ => self.error.text(self.lang),
        }
    }
}

type Reply = Result<HttpResponse, Problem>;

/// The key of an `Authorization: Bearer` header.
fn bearer(headers: &HeaderMap) -> Option<String> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, key) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| key.trim().to_owned())
}

/// Whose key a request brings.
async fn asker(state: &State, request: &HttpRequest) -> Result<Actor, Error> {
    let key = bearer(request.headers()).ok_or(Error::Unauthenticated)?;
    let actor = state.block(move |db| api_keys::actor(db, &key, Reading::Scores)).await?;
    Ok(reach::as_of_today(&state.catalogue.snapshot(), actor))
}

/// GET /api/v1/scores: the same query and the same rows as /console/scores.json.
///
/// # Errors
/// Unauthenticated without a key in force; forbidden for a key that may not read scores; not found for a
/// unit out of its scope; invalid for a parameter that cannot be read; those of the database.
pub async fn scores(
    state: web::Data<State>,
    request: HttpRequest,
    words: web::Query<HashMap<String, String>>,
) -> Reply {
    let lang = wanted(&request);
    read(&state, &request, &words, lang).await.map_err(|error| Problem { error, lang })
}

async fn read(
    state: &State,
    request: &HttpRequest,
    words: &HashMap<String, String>,
    lang: Lang,
) -> Result<HttpResponse, Error> {
    let actor = asker(state, request).await?;
    parameters::check_once(request.query_string())?;
    parameters::check_scores(words)?;
    let (_, sheet) = exports::sheet(state, actor, words, lang).await?;
    let mut response = answer(request, sheets::json(&sheet)?);
    // Names and verdicts are in the language of the asker; figures of a publication bring both.
    response.headers_mut().insert(header::CONTENT_LANGUAGE, HeaderValue::from_static(lang.key()));
    response.headers_mut().append(header::VARY, HeaderValue::from_static("Accept-Language"));
    Ok(response)
}

/// GET /api/v1/indexes?period=: the published indexes of a period, of the province and of the units of the key.
///
/// # Errors
/// Unauthenticated without a key in force; forbidden for a key that may not read scores; invalid without a
/// period that can be read; not found for one that is not published; those of the database.
pub async fn indexes(
    state: web::Data<State>,
    request: HttpRequest,
    words: web::Query<HashMap<String, String>>,
) -> Reply {
    read_indexes(&state, &request, &words).await.map_err(|error| Problem { error, lang: wanted(&request) })
}

async fn read_indexes(
    state: &State,
    request: &HttpRequest,
    words: &HashMap<String, String>,
) -> Result<HttpResponse, Error> {
    let actor = asker(state, request).await?;
    parameters::check_once(request.query_string())?;
    parameters::check_indexes(words)?;
    let asked = words.get("period").map_or("", String::as_str);
    let period = Period::parse(asked).map_err(|wrong| Error::invalid("period", wrong.message()))?;
    let shelf = state.open.clone();
    let file = state.block(move |db| shelf.of(db, period)).await?;
    let found = indexes::indexes(&file, &state.catalogue.snapshot(), &actor);
    Ok(answer(request, serde_json::to_vec(&found).map_err(Error::internal)?))
}

/// An answer that is not sent again to whoever has it.
fn answer(request: &HttpRequest, body: Vec<u8>) -> HttpResponse {
    let tag = EntityTag::new_strong(hex(&Sha256::digest(&body)));
    let mut response = match IfNoneMatch::parse(request) {
        Ok(IfNoneMatch::Items(known)) if known.iter().any(|one| one.weak_eq(&tag)) => {
            HttpResponse::NotModified()
        }
        _ => HttpResponse::Ok(),
    };
    // Whoever stores an answer must ask again each time: the key may have been revoked.
    response.insert_header(ETag(tag)).insert_header((header::CACHE_CONTROL, "private, no-cache"));
    response.content_type("application/json").body(body)
}

/// An error that is found before a handler is asked.
pub fn refusal_of(request: &HttpRequest, error: Error) -> actix_web::Error {
    Problem { error, lang: wanted(request) }.into()
}

/// Any other address below /api.
///
/// # Errors
/// Not found.
pub async fn unknown(request: HttpRequest) -> Reply {
    let error = Error::NotFound(Message::new("error.page-not-found"));
    Err(Problem { error, lang: wanted(&request) })
}

/// Any other method than GET and HEAD.
pub async fn wrong_method(request: HttpRequest) -> HttpResponse {
    let (status, lang) = (StatusCode::METHOD_NOT_ALLOWED, wanted(&request));
    let told = problem(status, lang, "problem.method", &lang.text("error.wrong-method"));
    refusal(status, lang).insert_header((header::ALLOW, "GET, HEAD")).body(told.to_string())
}
