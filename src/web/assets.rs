//! Styles, scripts and icons, carried inside the program.

use std::borrow::Cow;
use std::sync::LazyLock;

use actix_web::http::header::{CACHE_CONTROL, CONTENT_TYPE, ETAG};
use actix_web::{HttpResponse, web};
use rust_embed::RustEmbed;
use sha2::{Digest, Sha256};

use super::respond::Fault;
use crate::error::Error;
use crate::locale::Message;

#[derive(RustEmbed)]
#[folder = "frontend/assets"]
struct Assets;

/// The style sheet of the console, which is joined from a file a component and the tokens.
const CONSOLE: &str = "css/console.css";

/// Its layers, each a folder: what stands in a later one wins, whatever the selectors. Within a layer the files
/// stand in the order of their names.
const LAYERS: [&str; 4] = ["base", "parts", "pages", "paper"];

/// It and its digest.
static JOINED: LazyLock<(String, String)> = LazyLock::new(|| {
    let sheet = |layer: &str, path: &str| format!("@layer {layer} {{\n{}}}\n", text(path));
    let mut joined = format!("@layer tokens, {};\n", LAYERS.join(", "));
    joined += &sheet("tokens", "css/tokens.css");
    for layer in LAYERS {
        let folder = format!("css/console/{layer}/");
        let mut paths: Vec<_> = Assets::iter().filter(|path| path.starts_with(&folder)).collect();
        paths.sort();
        joined.extend(paths.iter().map(|path| sheet(layer, path)));
    }
    let digest = digest(&Sha256::digest(joined.as_bytes()));
    (joined, digest)
});

/// What an address of an asset gives, and the digest of it.
fn find(path: &str) -> Option<(Cow<'static, [u8]>, String)> {
    if path == CONSOLE {
        let (joined, digest) = &*JOINED;
        return Some((joined.as_bytes().into(), digest.clone()));
    }
    Assets::get(path).map(|file| (file.data, digest(&file.metadata.sha256_hash())))
}

fn digest(hash: &[u8]) -> String {
    hash.iter().take(6).map(|byte| format!("{byte:02x}")).collect()
}

/// The address of an asset; it changes with the contents, so that it may be kept for ever.
pub fn url(path: &str) -> String {
    let version = find(path).map(|(_, digest)| digest).unwrap_or_default();
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
    let (data, digest) = find(&path).ok_or_else(|| Error::NotFound(Message::new("error.page-not-found")))?;
    let kind = match path.rsplit('.').next() {
        Some("css") => "text/css; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("svg") => "image/svg+xml",
        _ => "application/octet-stream",
    };
    Ok(HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, kind))
        .insert_header((ETAG, format!("\"{digest}\"")))
        .insert_header((CACHE_CONTROL, "public, max-age=31536000, immutable"))
        .body(data))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_style_sheet_of_the_console_is_in_one_of_the_layers() {
        let sheets: Vec<_> = Assets::iter().filter(|path| path.starts_with("css/console/")).collect();
        assert!(sheets.len() > 10, "{sheets:?}");
        assert_eq!(JOINED.0.matches("\n@layer ").count(), sheets.len() + 1, "and the tokens");
        for path in sheets {
            assert!(JOINED.0.contains(&text(&path)), "{path}");
        }
    }
}
