//! Styles, scripts and icons, carried inside the program.

use actix_web::http::header::{CACHE_CONTROL, CONTENT_TYPE, ETAG};
use actix_web::{HttpResponse, web};
use rust_embed::RustEmbed;

use super::respond::Fault;
use crate::error::Error;
use crate::locale::Message;

#[derive(RustEmbed)]
#[folder = "frontend/assets"]
struct Assets;

fn digest(file: &rust_embed::EmbeddedFile) -> String {
    file.metadata.sha256_hash().iter().take(6).map(|byte| format!("{byte:02x}")).collect()
}

/// The address of an asset; it changes with the contents, so that it may be kept for ever.
pub fn url(path: &str) -> String {
    let version = Assets::get(path).as_ref().map(digest).unwrap_or_default();
    format!("/assets/{path}?v={version}")
}

/// The contents of a text asset, for a page that must stand alone.
pub fn text(path: &str) -> String {
    Assets::get(path).map(|file| String::from_utf8_lossy(&file.data).into_owned()).unwrap_or_default()
}

/// GET /assets/{path}
///
/// # Errors
/// Not found.
pub async fn show(path: web::Path<String>) -> Result<HttpResponse, Fault> {
    let file = Assets::get(&path).ok_or_else(|| Error::NotFound(Message::new("error.page-not-found")))?;
    let kind = match path.rsplit('.').next() {
        Some("css") => "text/css; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("svg") => "image/svg+xml",
        _ => "application/octet-stream",
    };
    Ok(HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, kind))
        .insert_header((ETAG, format!("\"{}\"", digest(&file))))
        .insert_header((CACHE_CONTROL, "public, max-age=31536000, immutable"))
        .body(file.data))
}
