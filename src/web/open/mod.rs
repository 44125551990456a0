//! Pages and files for everyone: no cookie, no session, no script.

mod charts;
mod data;
mod figures;
mod frame;
mod home;
mod method;
mod publications;
mod sitemap;
mod units;
mod verify;

use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderMap, HeaderValue};
use actix_web::web::{ServiceConfig, post, resource, route, scope};
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;
use sha2::{Digest, Sha256};

use crate::app::open_data::Download;
use crate::domain::hex::hex;
use crate::error::{Error, Result};
use crate::locale::Message;
use crate::web::respond::Fault;
use crate::web::routes::read;
use frame::Frame;

/// Policy of these pages, which have no script.
const POLICY: &str = "default-src 'none'; style-src 'self'; img-src 'self' data:; form-action 'self'; \
                      base-uri 'none'; frame-ancestors 'none'";

/// How long a browser or proxy may keep an answer without asking again.
const KEPT: &str = "public, max-age=300";

type Reply = std::result::Result<HttpResponse, Fault>;

/// Adds the routes.
pub fn configure(config: &mut ServiceConfig) {
    config
        .service(resource("/").route(read().to(home::show)))
        .service(resource("/robots.txt").route(read().to(sitemap::robots)))
        .service(resource("/sitemap.xml").route(read().to(sitemap::show)))
        .service(
            scope("/open")
                .service(resource("/units").route(read().to(units::list)))
                .service(resource("/units/{code}").route(read().to(units::show)))
                .service(resource("/publications").route(read().to(publications::list)))
                .service(resource("/publications/{number}").route(read().to(publications::show)))
                .service(resource("/method").route(read().to(method::show)))
                .service(
                    resource("/verify")
                        .app_data(verify::limit())
                        .route(read().to(verify::form))
                        .route(post().to(verify::prove)),
                )
                .service(resource("/data").route(read().to(data::home)))
                .service(resource("/data/").route(read().to(data::home)))
                .service(resource("/data/catalog.jsonld").route(read().to(data::catalog)))
                .service(resource("/data/dictionary.{format}").route(read().to(data::dictionary)))
                .service(resource("/data/publications/{number}.{format}").route(read().to(data::numbered)))
                .service(resource("/data/{period}.{format}").route(read().to(data::of_period)))
                .default_service(route().to(unknown)),
        );
}

/// Any other address below /open.
async fn unknown(frame: Frame) -> Reply {
    missing(&frame, "open.missing.page")
}

#[derive(Template)]
#[template(path = "open/missing.html", config = "frontend/askama.toml")]
struct Missing<'a> {
    frame: &'a Frame,
    sentence: String,
}

/// The page for what there is not.
fn missing(frame: &Frame, sentence: &str) -> Reply {
    page(frame, StatusCode::NOT_FOUND, &Missing { frame, sentence: frame.lang.text(sentence) })
}

/// The file of a publication, or none for the page that says so; other errors go on.
fn found<T>(found: Result<T>) -> Result<Option<T>> {
    match found {
        Ok(found) => Ok(Some(found)),
        Err(Error::NotFound(_)) => Ok(None),
        Err(other) => Err(other),
    }
}

/// A page that may be kept for a while, and is not sent again to whoever has it.
fn page(frame: &Frame, status: StatusCode, template: &impl Template) -> Reply {
    let body = template.render().map_err(Error::internal)?;
    // The tag is weak: on its way the page is packed, or not.
    let tag = format!("W/\"{}\"", short(&hex(&Sha256::digest(&body))));
    let fresh = status == StatusCode::OK && is_known(&frame.headers, &tag);
    let mut response = HttpResponse::build(if fresh { StatusCode::NOT_MODIFIED } else { status });
    let kept = if status == StatusCode::OK { KEPT } else { "no-store" };
    response
        .insert_header((header::CACHE_CONTROL, kept))
        .insert_header((header::CONTENT_SECURITY_POLICY, POLICY))
        .insert_header((header::CONTENT_LANGUAGE, frame.lang.key()))
        .insert_header((header::VARY, "Accept-Language"))
        .insert_header((header::ETAG, tag));
    if fresh {
        return Ok(response.finish());
    }
    Ok(response.content_type("text/html; charset=utf-8").body(body))
}

/// A file under a strong tag, packed once and for all; any other site may read it.
fn file(request: &HttpRequest, media: &str, name: &str, download: &Download) -> HttpResponse {
    let packed = download.packed().filter(|_| takes_gzip(request.headers()));
    let tag = format!("\"{}{}\"", download.sha256, if packed.is_some() { "-gzip" } else { "" });
    let fresh = is_known(request.headers(), &tag);
    let mut response = HttpResponse::build(if fresh { StatusCode::NOT_MODIFIED } else { StatusCode::OK });
    response
        .insert_header((header::CACHE_CONTROL, KEPT))
        .insert_header((header::ETAG, tag))
        .insert_header((header::VARY, "Accept-Encoding"))
        .insert_header((header::ACCESS_CONTROL_ALLOW_ORIGIN, "*"))
        .insert_header((header::ACCESS_CONTROL_EXPOSE_HEADERS, "ETag"));
    if fresh {
        return response.finish();
    }
    // Said in any case, so that nothing packs the file once more and its tag stays true.
    let coding = if packed.is_some() { "gzip" } else { "identity" };
    let kind = if name.is_empty() { "inline".to_owned() } else { format!("inline; filename=\"{name}\"") };
    response
        .insert_header((header::CONTENT_ENCODING, coding))
        .insert_header((header::CONTENT_DISPOSITION, kind))
        .content_type(media.to_owned())
        .body(packed.unwrap_or(&download.bytes).to_vec())
}

fn takes_gzip(headers: &HeaderMap) -> bool {
    let said = headers.get(header::ACCEPT_ENCODING).and_then(|value| value.to_str().ok()).unwrap_or_default();
    said.split(',').any(|coding| {
        let mut parts = coding.split(';').map(str::trim);
        parts.next() == Some("gzip") && parts.all(|part| part.replace(' ', "") != "q=0")
    })
}

/// Whether the asker has what bears a tag; strong and weak forms of a tag are the same here.
fn is_known(headers: &HeaderMap, tag: &str) -> bool {
    let bare = |tag: &str| tag.trim().trim_start_matches("W/").to_owned();
    let said = headers.get(header::IF_NONE_MATCH).map(HeaderValue::to_str);
    said.and_then(|said| said.ok())
        .is_some_and(|said| said.split(',').any(|one| one.trim() == "*" || bare(one) == bare(tag)))
}

fn short(sha256: &str) -> String {
    sha256.chars().take(20).collect()
}

/// Not found, for files.
fn no_file() -> Fault {
    Error::NotFound(Message::new("error.page-not-found")).into()
}

/// A part of an address with all but letters, digits and a few signs written as %XX.
fn escaped(part: &str) -> String {
    let escape = |byte: u8| match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' => char::from(byte).to_string(),
        other => format!("%{other:02X}"),
    };
    part.bytes().map(escape).collect()
}
