//! Checking a file that somebody was sent: is it what was published?

use actix_multipart::MultipartError;
use actix_multipart::form::bytes::Bytes;
use actix_multipart::form::text::Text;
use actix_multipart::form::{MultipartForm, MultipartFormConfig};
use actix_web::error::PayloadError;
use actix_web::http::StatusCode;
use actix_web::http::header::{CACHE_CONTROL, ETAG, HeaderValue};
use actix_web::{FromRequest, HttpRequest, web};
use askama::Template;

use super::frame::Frame;
use super::{Reply, page};
use crate::app::publications::{self, Proof};
use crate::domain::day::Local;
use crate::domain::publication::Publication;
use crate::error::Unread;
use crate::web::entrance::{unreadable_form, unreadable_upload};
use crate::web::state::State;

/// Largest file that is taken in, in bytes.
const MOST: usize = 10 * 1024 * 1024;

/// What the form sends.
#[derive(MultipartForm)]
pub struct Upload {
    #[multipart(limit = "4KiB")]
    hash: Option<Text<String>>,
    file: Option<Bytes>,
}

/// How much is taken in; a longer file is refused before it is read.
pub fn limit() -> MultipartFormConfig {
    MultipartFormConfig::default().total_limit(MOST + 16 * 1024).memory_limit(MOST + 16 * 1024)
}

/// What came out.
struct Outcome {
    class: &'static str,
    shape: &'static str,
    word: String,
    sentence: String,
    sha256: String,
    /// Address and words of a publication that is spoken of.
    link: Option<(String, String)>,
    /// The same for the version that corrects it.
    newer: Option<(String, String)>,
}

#[derive(Template)]
#[template(path = "open/verify.html", config = "frontend/askama.toml")]
struct Verify<'a> {
    frame: &'a Frame,
    most: String,
    hash: String,
    fault: Option<(&'static str, String)>,
    outcome: Option<Outcome>,
}

impl<'a> Verify<'a> {
    fn of(frame: &'a Frame) -> Self {
        let most = (MOST / 1024 / 1024).to_string();
        Self { frame, most, hash: frame.asked("hash").to_owned(), fault: None, outcome: None }
    }
}

/// GET /open/verify
///
/// # Errors
/// Internal, when the template fails.
pub async fn form(frame: Frame) -> Reply {
    page(&frame, StatusCode::OK, &Verify::of(&frame))
}

/// POST /open/verify
///
/// # Errors
/// Those of the database.
pub async fn prove(
    state: web::Data<State>,
    frame: Frame,
    request: HttpRequest,
    payload: web::Payload,
) -> Reply {
    let mut answer = Verify::of(&frame);
    let refused = |answer: &mut Verify<'_>, field, status, key| {
        let places = [("most", &*answer.most)];
        answer.fault = Some((field, frame.with(&format!("verify.{key}"), &places)));
        page(&frame, status, answer)
    };
    let upload = MultipartForm::<Upload>::from_request(&request, &mut payload.into_inner()).await;
    let upload = match upload {
        Ok(upload) => upload.into_inner(),
        Err(error) => match error.as_error::<MultipartError>() {
            Some(MultipartError::Payload(PayloadError::Overflow)) => {
                return refused(&mut answer, "file", StatusCode::PAYLOAD_TOO_LARGE, "too-large");
            }
            Some(cause) => return Err(unreadable_upload(cause).into()),
            None => return Err(unreadable_form(Unread::Garbled).into()),
        },
    };
    let file = upload.file.map(|file| file.data).filter(|data| !data.is_empty());
    let hash = upload.hash.map(|hash| hash.trim().to_owned()).unwrap_or_default();
    answer.hash.clone_from(&hash);
    let given = match file {
        Some(file) => file.to_vec(),
        None if hash.is_empty() => {
            return refused(&mut answer, "file", StatusCode::UNPROCESSABLE_ENTITY, "nothing");
        }
        None if hash.len() != 64 || !hash.bytes().all(|byte| byte.is_ascii_hexdigit()) => {
            return refused(&mut answer, "hash", StatusCode::UNPROCESSABLE_ENTITY, "no-hash");
        }
        None => hash.into_bytes(),
    };
    let proof = state.block(move |database| database.read(|conn| publications::prove(conn, &given))).await?;
    answer.outcome = Some(outcome(&frame, proof));
    let mut reply = page(&frame, StatusCode::OK, &answer)?;
    // What came out belongs to the file that was sent, and to no address.
    reply.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    reply.headers_mut().remove(ETAG);
    Ok(reply)
}

fn outcome(frame: &Frame, proof: Proof) -> Outcome {
    let link = |publication: &Publication| {
        let number = publication.issued.as_ref().map_or(0, |issued| issued.number);
        let period = frame.lang.period(publication.period);
        let places = [("number", &*number.to_string()), ("period", &period)];
        (frame.link(&format!("/open/publications/{number}")), frame.with("verify.publication", &places))
    };
    let day = |publication: &Publication| {
        let at = publication.issued.as_ref().map(|issued| Local::at(issued.at.and_utc()).day);
        at.map_or_else(String::new, |day| frame.lang.date(day))
    };
    let (key, class, shape, sha256, link, newer, day) = match proof {
        Proof::Genuine { publication, corrected_by } => {
            let sha256 = publication.issued.as_ref().map(|issued| issued.sha256.clone());
            let newer = corrected_by.as_ref().map(link);
            let (key, class, shape) = match newer {
                None => ("genuine", "met-surely", "▲"),
                Some(_) => ("corrected", "met-unsurely", "△"),
            };
            let (own, day) = (link(&publication), day(&publication));
            (key, class, shape, sha256.unwrap_or_default(), Some(own), newer, day)
        }
        Proof::Altered { sha256, publication } => {
            ("altered", "missed-surely", "▼", sha256, Some(link(&publication)), None, day(&publication))
        }
        Proof::Unknown { sha256 } => ("unknown", "too-few", "○", sha256, None, None, String::new()),
    };
    Outcome {
        class,
        shape,
        word: frame.t(&format!("verify.{key}")),
        sentence: frame.with(&format!("verify.{key}-means"), &[("day", &day)]),
        sha256,
        link,
        newer,
    }
}
