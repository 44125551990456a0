//! Answers to a browser: pages, and the status and headers of errors.

use actix_web::http::StatusCode;
use actix_web::http::header::{self, ContentType};
use actix_web::{HttpResponse, ResponseError};
use askama::Template;

use crate::error::{Error, Unread};
use crate::locale::Lang;

/// An error on its way to a browser.
#[derive(Debug)]
pub struct Fault(pub Error);

impl From<Error> for Fault {
    fn from(error: Error) -> Self {
        Self(error)
    }
}

impl std::fmt::Display for Fault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

/// The status of an error.
pub const fn status(error: &Error) -> StatusCode {
    match error {
        Error::Invalid(_) => StatusCode::UNPROCESSABLE_ENTITY,
        Error::Unreadable(Unread::Garbled, _) => StatusCode::BAD_REQUEST,
        Error::Unreadable(Unread::TooSlow, _) => StatusCode::REQUEST_TIMEOUT,
        Error::Unreadable(Unread::TooLarge, _) => StatusCode::PAYLOAD_TOO_LARGE,
        Error::Unreadable(Unread::TooLongAddress, _) => StatusCode::URI_TOO_LONG,
        Error::Unreadable(Unread::WrongKind, _) => StatusCode::UNSUPPORTED_MEDIA_TYPE,
        Error::Unauthenticated => StatusCode::UNAUTHORIZED,
        Error::Forbidden => StatusCode::FORBIDDEN,
        Error::NotFound(_) => StatusCode::NOT_FOUND,
        Error::Gone(_) => StatusCode::GONE,
        Error::Conflict(_) => StatusCode::CONFLICT,
        Error::TooMany { .. } => StatusCode::TOO_MANY_REQUESTS,
        Error::Unavailable { .. } => StatusCode::SERVICE_UNAVAILABLE,
        Error::Internal(_) => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

impl ResponseError for Fault {
    fn status_code(&self) -> StatusCode {
        status(&self.0)
    }

    fn error_response(&self) -> HttpResponse {
        let status = self.status_code();
        if let Error::Internal(cause) = &self.0 {
            tracing::error!(cause, "internal error");
        }
        let mut response = HttpResponse::build(status);
        if let Error::TooMany { retry_after } | Error::Unavailable { retry_after } = self.0 {
            response.insert_header((header::RETRY_AFTER, retry_after.to_string()));
        }
        response.insert_header((header::CACHE_CONTROL, "no-store"));
        // `error_page` makes a page of it where it knows who asks.
        response.content_type(ContentType::plaintext()).body(self.0.text(Lang::Vi))
    }
}

/// A page with status 200.
///
/// # Errors
/// Internal, when the template fails.
pub fn page(template: &impl Template) -> Result<HttpResponse, Fault> {
    page_with(StatusCode::OK, template)
}

/// A page with a status of its own.
///
/// # Errors
/// Internal, when the template fails.
pub fn page_with(status: StatusCode, template: &impl Template) -> Result<HttpResponse, Fault> {
    let body = template.render().map_err(Error::internal)?;
    // What staff saw must not stay in the browser of a shared computer.
    Ok(HttpResponse::build(status)
        .content_type(ContentType::html())
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .body(body))
}

/// Sends the browser on with GET.
pub fn see_other(address: &str) -> HttpResponse {
    HttpResponse::SeeOther().insert_header((header::LOCATION, address)).finish()
}
