//! Errors as pages, in the language of the reader and with a way back.

use actix_multipart::MultipartError;
use actix_web::body::{BodySize, BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{AcceptLanguage, ContentType, Header, TryIntoHeaderValue};
use actix_web::http::{Method, StatusCode, header};
use actix_web::middleware::Next;
use actix_web::{HttpMessage, HttpRequest, web};
use askama::Template;

use super::actor::{Actor, signed_in};
use super::console::Shell;
use super::entrance::unreadable_upload;
use super::respond::Fault;
use super::state::State;
use crate::error::Error;
use crate::locale::Lang;

#[derive(Template)]
#[template(path = "error.html", config = "frontend/askama.toml")]
struct ErrorPage {
    shell: Shell,
    status: u16,
    lines: Vec<String>,
    back: String,
    back_word: String,
}

/// Puts a page in place of the bare text of an error.
///
/// # Errors
/// Those of the service that it surrounds.
pub async fn show(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, actix_web::Error> {
    let response = next.call(request).await?.map_into_boxed_body();
    let Some((key, told)) = told(&response) else {
        return Ok(response);
    };
    let (request, mut response) = response.into_parts();
    let [in_vietnamese, in_english] = told;
    let Some(shell) = shell(&request, key).await else {
        return Ok(ServiceResponse::new(request, response));
    };
    let lines = match shell.lang {
        Lang::Vi => in_vietnamese,
        Lang::En => in_english,
    };
    let (back, word) = way_back(&request);
    let page = ErrorPage {
        status: response.status().as_u16(),
        lines,
        back,
        back_word: shell.lang.text(word),
        shell,
    };
    if let (Ok(body), Ok(kind)) = (page.render(), ContentType::html().try_into_value()) {
        response.headers_mut().insert(header::CONTENT_TYPE, kind);
        response = response.set_body(BoxBody::new(body));
    }
    Ok(ServiceResponse::new(request, response))
}

/// What is to be told on a page: its title, and the sentences in each language.
fn told(response: &ServiceResponse<BoxBody>) -> Option<(&'static str, [Vec<String>; 2])> {
    let cause = response.response().error();
    if let Some(Fault(error)) = cause.and_then(|cause| cause.as_error::<Fault>()) {
        return Some((title(error), Lang::ALL.map(|lang| lines(error, lang))));
    }
    // The head of a form with a file is read before its own words for faults are asked.
    if let Some(cause) = cause.and_then(|cause| cause.as_error::<MultipartError>()) {
        let error = unreadable_upload(cause);
        return Some((title(&error), Lang::ALL.map(|lang| lines(&error, lang))));
    }
    // Whoever reloads what a form answered asks for an address that takes forms alone, and would see nothing.
    let is_blank = matches!(response.response().body().size(), BodySize::None | BodySize::Sized(0));
    let is_of_forms = response.status() == StatusCode::METHOD_NOT_ALLOWED && is_blank;
    let allowed = response.headers().get(header::ALLOW).and_then(|methods| methods.to_str().ok());
    let takes_pages = allowed.is_some_and(|methods| methods.split(", ").any(|method| method == "GET"));
    let key = if takes_pages { "error.takes-no-forms" } else { "error.takes-forms-alone" };
    is_of_forms.then(|| ("error.title-not-found", Lang::ALL.map(|lang| vec![lang.text(key)])))
}

const fn title(error: &Error) -> &'static str {
    match error {
        Error::NotFound(_) | Error::Gone(_) => "error.title-not-found",
        Error::Forbidden | Error::Unauthenticated => "error.title-forbidden",
        Error::TooMany { .. } | Error::Unavailable { .. } => "error.title-wait",
        Error::Invalid(_) | Error::Unreadable(..) | Error::Conflict(_) | Error::Internal(_) => "error.title",
    }
}

/// The sentences; the reader of a page knows no names of form fields.
fn lines(error: &Error, lang: Lang) -> Vec<String> {
    match error {
        Error::Invalid(faults) => faults.iter().map(|fault| fault.message.text(lang)).collect(),
        other => vec![other.text(lang)],
    }
}

/// The frame: that of the person who is signed in, or a plain one.
async fn shell(request: &HttpRequest, title: &str) -> Option<Shell> {
    let snapshot = request.app_data::<web::Data<State>>()?.catalogue.snapshot();
    // When not even the session can be looked up, the page still says what happened.
    let actor: Option<Actor> = signed_in(request).await.unwrap_or_default();
    Some(match actor {
        Some(actor) => {
            let here = request.uri().path_and_query().filter(|_| request.method() == Method::GET);
            let here = here.map_or_else(|| "/console".to_owned(), ToString::to_string);
            Shell::of(&actor, &snapshot, "", actor.lang().text(title), here)
        }
        None => {
            let lang = wanted(request);
            Shell::plain(lang, snapshot.simulated, lang.text(title))
        }
    })
}

/// What the form or the address says, or else what the browser prefers, or else Vietnamese.
pub fn wanted(request: &HttpRequest) -> Lang {
    let said = request.extensions().get::<Lang>().copied();
    said.or_else(|| asked(request)).or_else(|| preferred(request)).unwrap_or_default()
}

/// The language that an address says.
pub fn asked(request: &HttpRequest) -> Option<Lang> {
    let words = web::Query::<Vec<(String, String)>>::from_query(request.query_string()).ok()?;
    words.iter().find(|(name, _)| name == "lang").and_then(|(_, key)| Lang::from_key(key))
}

/// The first language that the browser asks for and that there is.
fn preferred(request: &HttpRequest) -> Option<Lang> {
    let languages = AcceptLanguage::parse(request).ok()?.ranked();
    let mut tags = languages.iter().filter_map(|language| language.item());
    tags.find_map(|tag| Lang::from_key(tag.primary_language()))
}

/// Citizens are led back to their survey or to the published figures, staff to the console.
fn way_back(request: &HttpRequest) -> (String, &'static str) {
    match request.path().strip_prefix("/s/").and_then(|rest| rest.split('/').next()) {
        Some(code) => (format!("/s/{code}"), "error.survey"),
        None if request.path().starts_with("/console") => ("/console".to_owned(), "error.home"),
        None => ("/".to_owned(), "open.missing.home"),
    }
}
