//! What every request must be before a handler sees it: an address and a form that are text without zero bytes,
//! no longer than anything that is asked here, and sent without dawdling.
//!
//! PostgreSQL takes no zero byte in a text, and what is no UTF-8 would be kept as other than what was sent.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use actix_multipart::MultipartError;
use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{Payload, ServiceRequest, ServiceResponse};
use actix_web::error::PayloadError;
use actix_web::http::{Method, header};
use actix_web::middleware::Next;
use actix_web::web::{Bytes, BytesMut};
use actix_web::{HttpMessage, HttpRequest};
use futures_core::Stream;
use tokio::time::{Instant, Sleep};

use super::api;
use super::respond::Fault;
use crate::error::{Error, Result, Unread};
use crate::locale::Message;

/// Largest form that is read, in bytes.
pub const FORM_LIMIT: usize = 64 * 1024;

/// Longest path with its query, in bytes: a search has a few hundred.
const ADDRESS_LIMIT: usize = 8 * 1024;

/// How long a body may take, however short it is.
const GRACE: Duration = Duration::from_secs(15);

/// Bytes that a longer body brings in a second at least: below, even a bad line of a commune is none any more.
const PACE: u64 = 2 * 1024;

/// Lets a request through, or answers at once what is wrong with it.
///
/// # Errors
/// Those of the service that it surrounds.
pub async fn check(
    mut request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> std::result::Result<ServiceResponse<BoxBody>, actix_web::Error> {
    if let Err(error) = admit(&mut request).await {
        let fault = refusal(request.request(), error);
        return Ok(request.error_response(fault));
    }
    Ok(next.call(request).await?.map_into_boxed_body())
}

/// An error as people or as programs are told of it, by the address that was asked.
pub fn refusal(request: &HttpRequest, error: Error) -> actix_web::Error {
    if request.path().starts_with("/api/") { api::refusal_of(request, error) } else { Fault(error).into() }
}

/// An address that cannot be read.
pub fn unreadable_address() -> Error {
    Error::Unreadable(Unread::Garbled, Message::new("error.address-unreadable"))
}

/// A body that did not come to its end.
fn broken_off(cause: &PayloadError) -> Error {
    match cause {
        PayloadError::Io(cause) if cause.kind() == io::ErrorKind::TimedOut => {
            Error::Unreadable(Unread::TooSlow, Message::new("error.too-slow"))
        }
        _ => unreadable_form(Unread::Garbled),
    }
}

/// A form with a file that cannot be read, however long it is.
pub fn unreadable_upload(cause: &MultipartError) -> Error {
    match cause {
        MultipartError::Payload(cause) => broken_off(cause),
        MultipartError::ContentTypeMissing | MultipartError::ContentTypeIncompatible => {
            unreadable_form(Unread::WrongKind)
        }
        _ => unreadable_form(Unread::Garbled),
    }
}

/// A form that is too long.
pub fn too_large() -> Error {
    let message = Message::new("error.form-too-large").with("most", FORM_LIMIT / 1024);
    Error::Unreadable(Unread::TooLarge, message)
}

/// A form that is no form.
pub fn unreadable_form(why: Unread) -> Error {
    Error::Unreadable(why, Message::new("error.form-unreadable"))
}

async fn admit(request: &mut ServiceRequest) -> Result<()> {
    let uri = request.uri();
    if uri.path_and_query().is_some_and(|asked| asked.as_str().len() > ADDRESS_LIMIT) {
        let message = Message::new("error.address-too-long").with("most", ADDRESS_LIMIT / 1024);
        return Err(Error::Unreadable(Unread::TooLongAddress, message));
    }
    if ![uri.path(), uri.query().unwrap_or_default()].iter().all(|part| is_text(part.as_bytes())) {
        return Err(unreadable_address());
    }
    if request.method() != Method::POST {
        return Ok(());
    }
    let mut payload = Paced::new(request.take_payload());
    // Files are read piece by piece where they are expected.
    if request.content_type().starts_with("multipart/") {
        request.set_payload(Payload::Stream { payload: Box::pin(payload) });
        return Ok(());
    }
    // No browser packs its forms.
    if request.headers().contains_key(header::CONTENT_ENCODING) {
        return Err(unreadable_form(Unread::WrongKind));
    }
    let body = read(&mut payload).await?;
    // The survey takes what it can of any form, and asks for the rest again.
    if !request.path().starts_with("/s/") && !is_text(&body) {
        return Err(unreadable_form(Unread::Garbled));
    }
    request.set_payload(Payload::from(body));
    Ok(())
}

async fn read(payload: &mut Paced) -> Result<Bytes> {
    let mut body = BytesMut::new();
    while let Some(piece) = std::future::poll_fn(|context| Pin::new(&mut *payload).poll_next(context)).await {
        let piece = piece.map_err(|error| broken_off(&error))?;
        if body.len() + piece.len() > FORM_LIMIT {
            return Err(too_large());
        }
        body.extend_from_slice(&piece);
    }
    Ok(body.freeze())
}

/// Whether what is written with `%` for bytes is UTF-8 without a zero byte.
fn is_text(written: &[u8]) -> bool {
    let mut bytes = Vec::with_capacity(written.len());
    let mut rest = written;
    while let Some((first, after)) = rest.split_first() {
        let escaped = match (first, after) {
            (b'%', [high, low, beyond @ ..]) => digit(*high).zip(digit(*low)).map(|pair| (pair, beyond)),
            _ => None,
        };
        let (byte, beyond) =
            escaped.map_or((*first, after), |((high, low), beyond)| (high << 4 | low, beyond));
        bytes.push(byte);
        rest = beyond;
    }
    !bytes.contains(&0) && std::str::from_utf8(&bytes).is_ok()
}

fn digit(letter: u8) -> Option<u8> {
    char::from(letter).to_digit(16).and_then(|digit| u8::try_from(digit).ok())
}

/// A body that ends with an error once it falls behind the pace.
struct Paced {
    payload: Payload,
    received: u64,
    start: Instant,
    alarm: Pin<Box<Sleep>>,
}

impl Paced {
    fn new(payload: Payload) -> Self {
        let start = Instant::now();
        Self { payload, received: 0, start, alarm: Box::pin(tokio::time::sleep_until(start + GRACE)) }
    }
}

impl Stream for Paced {
    type Item = std::result::Result<Bytes, PayloadError>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        // What has come is taken first: the clock runs against the client, not against a busy service.
        if let Poll::Ready(piece) = Pin::new(&mut self.payload).poll_next(context) {
            if let Some(Ok(piece)) = &piece {
                self.received += u64::try_from(piece.len()).unwrap_or_default();
                let end = self.start + GRACE + Duration::from_secs(self.received / PACE);
                self.alarm.as_mut().reset(end);
            }
            return Poll::Ready(piece);
        }
        ready!(self.alarm.as_mut().poll(context));
        Poll::Ready(Some(Err(PayloadError::Io(io::ErrorKind::TimedOut.into()))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_told_from_what_is_none() {
        for text in ["", "a=b&c=%C6%A1+x", "100%", "%zz", "%25%30%30", "ơ"] {
            assert!(is_text(text.as_bytes()), "{text}");
        }
        for garbled in [&b"a%00"[..], b"a\0", b"%ff", b"%C6", b"\xff"] {
            assert!(!is_text(garbled), "{garbled:?}");
        }
    }
}
