//! QR pictures: printed once and scanned for years, so their geometry is kept here and tested.

use std::collections::hash_map::DefaultHasher;
use std::fmt::Write as _;
use std::hash::{Hash, Hasher};
use std::io::IsTerminal;

use actix_web::http::header::{CacheControl, CacheDirective, ETag, EntityTag, Header, IfNoneMatch};
use actix_web::{HttpRequest, HttpResponse, web};
use chrono::Utc;
use qrcode::{Color, EcLevel, QrCode};
use serde::Deserialize;

use crate::app::catalogue::Snapshot;
use crate::domain::code::Code;
use crate::domain::day::Local;
use crate::error::{Error, Result};
use crate::locale::Message;
use crate::web::respond::Fault;
use crate::web::state::State;

/// Error correction of every code: a quarter of it may be lost to dirt and scratches.
pub const LEVEL: EcLevel = EcLevel::Q;

/// Light modules around a code, as ISO/IEC 18004 asks.
pub const QUIET_ZONE: usize = 4;

/// Sides of a PNG picture that may be asked for, in pixels.
pub const PNG_SIZES: std::ops::RangeInclusive<u32> = 64..=4096;

/// Side of a PNG picture when none is asked for, in pixels.
const PNG_SIZE: u32 = 1024;

/// Seconds for which a picture may be kept; a revoked code disappears after that.
const MAX_AGE: u32 = 300;

/// What a handler gives back.
type Reply = std::result::Result<HttpResponse, Fault>;

/// The squares of a code without its quiet zone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Modules {
    width: usize,
    dark: Vec<bool>,
}

impl Modules {
    /// Squares along one side, without the quiet zone.
    pub const fn width(&self) -> usize {
        self.width
    }

    /// Squares along one side, with the quiet zone.
    pub const fn full_width(&self) -> usize {
        self.width + 2 * QUIET_ZONE
    }

    /// Whether a square is dark, counted with the quiet zone; all around it is light.
    pub fn is_dark(&self, x: usize, y: usize) -> bool {
        let inside = |place: usize| place.checked_sub(QUIET_ZONE).filter(|place| *place < self.width);
        match (inside(x), inside(y)) {
            (Some(x), Some(y)) => self.dark.get(y * self.width + x).copied().unwrap_or_default(),
            _ => false,
        }
    }

    /// The runs of dark squares of a row, as start and length.
    fn runs(&self, y: usize) -> Vec<(usize, usize)> {
        let mut runs: Vec<(usize, usize)> = Vec::new();
        for x in (0..self.full_width()).filter(|x| self.is_dark(*x, y)) {
            match runs.last_mut() {
                Some((start, length)) if *start + *length == x => *length += 1,
                _ => runs.push((x, 1)),
            }
        }
        runs
    }
}

/// The address that a code leads to; exactly as configured, since some servers tell case apart.
pub fn address(public_url: &str, code: &Code) -> String {
    format!("{public_url}/s/{code}")
}

/// The smallest code that holds a text at error correction Q.
///
/// # Errors
/// Internal, for a text that no code can hold (more than 1,663 bytes).
pub fn modules(text: &str) -> Result<Modules> {
    let code = QrCode::with_error_correction_level(text, LEVEL).map_err(Error::internal)?;
    Ok(Modules {
        width: code.width(),
        dark: code.to_colors().into_iter().map(|color| color == Color::Dark).collect(),
    })
}

/// A picture that prints sharply at any size: one path, one unit a module, as large as its frame.
///
/// # Errors
/// Those of [`modules`].
pub fn svg(text: &str) -> Result<String> {
    let modules = modules(text)?;
    let side = modules.full_width();
    let mut path = String::new();
    for y in 0..side {
        for (x, length) in modules.runs(y) {
            write!(path, "M{x} {y}h{length}v1h-{length}z").map_err(Error::internal)?;
        }
    }
    Ok(format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {side} {side}\" shape-rendering=\"crispEdges\">\
         <path fill=\"#fff\" d=\"M0 0h{side}v{side}H0z\"/><path fill=\"#000\" d=\"{path}\"/></svg>"
    ))
}

/// A square picture of exactly `size` pixels: whole pixels a module, the rest is even white margin.
///
/// # Errors
/// Invalid, when the size is out of bounds or too small for the text; those of [`modules`].
pub fn png(text: &str, size: u32) -> Result<Vec<u8>> {
    if !PNG_SIZES.contains(&size) {
        return Err(bad_size(size));
    }
    let modules = modules(text)?;
    let side = usize::try_from(size).map_err(Error::internal)?;
    let scale = side / modules.full_width();
    if scale == 0 {
        return Err(bad_size(size));
    }
    let margin = (side - scale * modules.full_width()) / 2;
    let mut rows = Vec::with_capacity(side * side.div_ceil(8));
    for y in 0..side {
        let module_y = y.checked_sub(margin).map(|y| y / scale);
        let is_dark = |x: usize| {
            let module_x = x.checked_sub(margin).map(|x| x / scale);
            module_x.zip(module_y).is_some_and(|(x, y)| modules.is_dark(x, y))
        };
        rows.extend(
            (0..side.div_ceil(8))
                .map(|byte| (0..8).fold(0u8, |bits, bit| (bits << 1) | u8::from(!is_dark(byte * 8 + bit)))),
        );
    }
    encode(size, &rows)
}

fn encode(size: u32, rows: &[u8]) -> Result<Vec<u8>> {
    let mut file = Vec::new();
    let mut encoder = png::Encoder::new(&mut file, size, size);
    encoder.set_color(png::ColorType::Grayscale);
    encoder.set_depth(png::BitDepth::One);
    let mut writer = encoder.write_header().map_err(Error::internal)?;
    writer.write_image_data(rows).map_err(Error::internal)?;
    writer.finish().map_err(Error::internal)?;
    Ok(file)
}

fn bad_size(found: impl ToString) -> Error {
    let message = Message::new("print.size")
        .with("from", PNG_SIZES.start())
        .with("to", PNG_SIZES.end())
        .with("found", found);
    Error::invalid("size", message)
}

/// A code for a terminal, two modules a character, each line ended.
///
/// Colours are stated where somebody looks on, so that it also scans on a light background.
///
/// # Errors
/// Those of [`modules`].
pub fn terminal(text: &str) -> Result<String> {
    Ok(half_blocks(&modules(text)?, std::io::stdout().is_terminal()))
}

/// Light modules are the drawn ones: terminals are dark more often than not.
fn half_blocks(modules: &Modules, coloured: bool) -> String {
    let side = modules.full_width();
    let mut text = String::new();
    for y in (0..side).step_by(2) {
        let line: String = (0..side)
            .map(|x| match (modules.is_dark(x, y), y + 1 < side && !modules.is_dark(x, y + 1)) {
                (false, true) => '█',
                (false, false) => '▀',
                (true, true) => '▄',
                (true, false) => ' ',
            })
            .collect();
        let (before, after) = if coloured { ("\u{1b}[40;97m", "\u{1b}[0m") } else { ("", "") };
        text.push_str(before);
        text.push_str(&line);
        text.push_str(after);
        text.push('\n');
    }
    text
}

/// What a request for a PNG picture may say.
#[derive(Debug, Default, Deserialize)]
pub struct PngQuery {
    /// Side in pixels; kept as text so that the answer can say what was found.
    size: Option<String>,
}

impl PngQuery {
    fn pixels(&self) -> Result<u32> {
        match &self.size {
            None => Ok(PNG_SIZE),
            Some(text) => {
                let size = text.trim().parse().ok().filter(|size| PNG_SIZES.contains(size));
                size.ok_or_else(|| bad_size(text))
            }
        }
    }
}

/// GET /q/{code}.svg
///
/// # Errors
/// Not found or gone, as [`text_of`] says.
pub async fn svg_file(request: HttpRequest, state: web::Data<State>, code: web::Path<String>) -> Reply {
    let text = text_of(&state.catalogue.snapshot(), &state.config.public_url(), &code)?;
    let identity = (text.clone(), "svg");
    picture(&request, "image/svg+xml", &identity, move || svg(&text).map(String::into_bytes)).await
}

/// GET /q/{code}.png?size=
///
/// # Errors
/// Not found or gone, as [`text_of`] says; invalid for a size out of bounds.
pub async fn png_file(
    request: HttpRequest,
    state: web::Data<State>,
    code: web::Path<String>,
    query: web::Query<PngQuery>,
) -> Reply {
    let text = text_of(&state.catalogue.snapshot(), &state.config.public_url(), &code)?;
    let size = query.pixels()?;
    picture(&request, "image/png", &(text.clone(), size), move || png(&text, size)).await
}

/// The address behind the code of a request.
///
/// # Errors
/// Not found for a mistyped and for an unknown code; gone for one that was revoked or has expired.
pub fn text_of(snapshot: &Snapshot, public_url: &str, code: &str) -> Result<String> {
    let code =
        Code::parse(code).map_err(|_| Error::NotFound(Message::new("print.mistyped").with("code", code)))?;
    let unknown = || Error::NotFound(Message::new("print.unknown").with("code", &code));
    let link = snapshot.links.get(&code).ok_or_else(unknown)?;
    let today = Local::at(Utc::now()).day;
    if link.revoked || link.valid_to.is_some_and(|end| end <= today) {
        return Err(Error::Gone(Message::new("print.gone").with("code", &code)));
    }
    Ok(address(public_url, &code))
}

/// A picture, or 304 when the browser has it already.
async fn picture(
    request: &HttpRequest,
    content_type: &str,
    identity: &impl Hash,
    draw: impl FnOnce() -> Result<Vec<u8>> + Send + 'static,
) -> Reply {
    let mut hasher = DefaultHasher::new();
    identity.hash(&mut hasher);
    let tag = EntityTag::new_strong(format!("{:016x}", hasher.finish()));
    let caching = CacheControl(vec![CacheDirective::Public, CacheDirective::MaxAge(MAX_AGE)]);
    let is_known = match IfNoneMatch::parse(request) {
        Ok(IfNoneMatch::Items(known)) => known.iter().any(|known| known.weak_eq(&tag)),
        _ => false,
    };
    if is_known {
        return Ok(HttpResponse::NotModified().insert_header(ETag(tag)).insert_header(caching).finish());
    }
    // A large one takes a while, in which the thread could answer others.
    let body = web::block(draw).await.map_err(Error::internal)??;
    Ok(HttpResponse::Ok()
        .content_type(content_type)
        .insert_header(ETag(tag))
        .insert_header(caching)
        .body(body))
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "https://hailong.lamdong.gov.vn/s/ABC234";

    /// Error correction and mask as the format bits beside the upper left finder pattern say.
    fn format_level(modules: &Modules) -> u32 {
        let bit = |x: usize, y: usize| u32::from(modules.is_dark(x + QUIET_ZONE, y + QUIET_ZONE));
        // The two highest of the fifteen bits lie at the left end of row 8; the mask 10 is part of the standard.
        ((bit(0, 8) << 1) | bit(1, 8)) ^ 0b10
    }

    #[test]
    fn every_code_has_level_q_in_its_format_bits() {
        for text in ["http://127.0.0.1:8080/s/ABC234", TEXT, &"x".repeat(300)] {
            assert_eq!(format_level(&modules(text).unwrap()), 0b11, "{text}");
        }
    }

    #[test]
    fn the_smallest_version_that_fits_is_taken() {
        // Version 4 holds 46 bytes at level Q, version 3 holds 32.
        assert_eq!(modules(TEXT).unwrap().width(), 33);
        assert_eq!(modules("http://127.0.0.1:8080/s/ABC234").unwrap().width(), 29);
        assert!(modules(&"x".repeat(1664)).is_err());
    }

    #[test]
    fn the_quiet_zone_is_exactly_four_modules_on_each_side() {
        let modules = modules(TEXT).unwrap();
        let side = modules.full_width();
        assert_eq!(side, modules.width() + 8);
        let dark: Vec<(usize, usize)> = (0..side)
            .flat_map(|y| (0..side).map(move |x| (x, y)))
            .filter(|(x, y)| modules.is_dark(*x, *y))
            .collect();
        assert_eq!(dark.iter().map(|(x, _)| *x).min(), Some(4));
        assert_eq!(dark.iter().map(|(x, _)| *x).max(), Some(side - 5));
        assert_eq!(dark.iter().map(|(_, y)| *y).min(), Some(4));
        assert_eq!(dark.iter().map(|(_, y)| *y).max(), Some(side - 5));
    }

    #[test]
    fn the_vector_picture_counts_in_modules_and_has_one_dark_path() {
        let svg = svg(TEXT).unwrap();
        assert!(svg.contains("viewBox=\"0 0 41 41\""), "{svg}");
        assert!(svg.contains("<path fill=\"#fff\" d=\"M0 0h41v41H0z\"/>"));
        assert!(svg.contains("d=\"M4 4h7v1h-7z"), "the first finder pattern begins at 4, 4");
        assert_eq!(svg.matches("fill=\"#000\"").count(), 1);
    }

    #[test]
    fn a_size_out_of_bounds_says_what_was_expected_and_found() {
        for size in [0, 63, 4097, u32::MAX] {
            let error = png(TEXT, size).unwrap_err().to_string();
            assert!(
                error.contains("64") && error.contains("4096") && error.contains(&size.to_string()),
                "{error}"
            );
        }
        for text in ["", "abc", "-1", "1e3", "99999999999"] {
            assert!(PngQuery { size: Some(text.into()) }.pixels().is_err(), "{text}");
        }
        assert_eq!(PngQuery::default().pixels().unwrap(), 1024);
    }

    #[test]
    fn the_terminal_picture_has_its_quiet_zone_too() {
        let text = half_blocks(&modules(TEXT).unwrap(), false);
        let lines: Vec<Vec<char>> = text.lines().map(|line| line.chars().collect()).collect();
        assert_eq!(lines.len(), 21);
        assert!(lines.iter().all(|line| line.len() == 41));
        assert!(lines[0].iter().chain(&lines[1]).all(|character| *character == '█'));
        assert!(lines.iter().take(20).all(|line| line[..4].iter().chain(&line[37..]).all(|one| *one == '█')));
        assert!(lines[20].iter().all(|character| *character == '▀'));
    }
}
