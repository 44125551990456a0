//! A sheet in millimetres on which charts are drawn, with words in a Times-like font that knows Vietnamese.

use tiny_skia::{Color, FillRule, Paint, Path, PathBuilder, Pixmap, Rect, Stroke, StrokeDash, Transform};
use ttf_parser::{Face, OutlineBuilder};

use super::word::Picture;
use crate::error::{Error, Result};

static FONT: &[u8] = include_bytes!("font/Tinos-Regular.ttf");

/// Pixels in a millimetre: 254 in an inch.
const DENSITY: u16 = 10;

/// A colour as red, green and blue.
pub type Ink = [u8; 3];

/// Black, for words.
pub const BLACK: Ink = [0, 0, 0];
/// White, for words on dark ground.
pub const WHITE: Ink = [255, 255, 255];
/// Grey, for rules.
pub const GREY: Ink = [150, 150, 150];

/// Which point of a text stands where it is put.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Anchor {
    /// Its beginning.
    Start,
    /// Its middle.
    Middle,
    /// Its end.
    End,
}

/// How a line is drawn.
#[derive(Debug, Clone, Copy)]
pub struct Pen {
    /// Millimetres.
    pub width: f32,
    /// Colour.
    pub ink: Ink,
    /// Whether it is broken.
    pub dashed: bool,
}

/// The sheet.
pub struct Canvas {
    pixmap: Pixmap,
    font: Face<'static>,
    size: (u16, u16),
}

impl Canvas {
    /// A white sheet of so many millimetres.
    ///
    /// # Errors
    /// Internal, when it has no area or the font cannot be read.
    pub fn new(width: u16, height: u16) -> Result<Self> {
        let pixels = |length: u16| u32::from(length) * u32::from(DENSITY);
        let pixmap = Pixmap::new(pixels(width), pixels(height));
        let mut pixmap = pixmap.ok_or_else(|| Error::internal("a chart without area"))?;
        pixmap.fill(Color::WHITE);
        let font = Face::parse(FONT, 0).map_err(Error::internal)?;
        Ok(Self { pixmap, font, size: (width, height) })
    }

    /// A filled rectangle; nothing where it has no area.
    pub fn bar(&mut self, (x, y): (f32, f32), (width, height): (f32, f32), ink: Ink) {
        if let Some(rect) = Rect::from_xywh(x, y, width, height) {
            self.fill(&PathBuilder::from_rect(rect), ink);
        }
    }

    /// A line.
    pub fn line(&mut self, from: (f32, f32), to: (f32, f32), pen: Pen) {
        let mut path = PathBuilder::new();
        path.move_to(from.0, from.1);
        path.line_to(to.0, to.1);
        let dash = if pen.dashed { StrokeDash::new(vec![1.2, 0.9], 0.0) } else { None };
        let stroke = Stroke { width: pen.width, dash, ..Stroke::default() };
        if let Some(path) = path.finish() {
            self.pixmap.stroke_path(&path, &paint(pen.ink), &stroke, scale(), None);
        }
    }

    /// A dot; white within where it is hollow.
    pub fn dot(&mut self, (x, y): (f32, f32), radius: f32, hollow: bool) {
        let mut circle = |radius, ink| {
            if let Some(path) = PathBuilder::from_circle(x, y, radius) {
                self.fill(&path, ink);
            }
        };
        circle(radius, BLACK);
        if hollow {
            circle(radius * 0.62, WHITE);
        }
    }

    /// A text on a base line; `size` is that of the font in points.
    pub fn text(&mut self, (x, y): (f32, f32), size: f32, anchor: Anchor, text: &str, ink: Ink) {
        let width = self.width(text, size);
        let mut left = match anchor {
            Anchor::Start => x,
            Anchor::Middle => x - width / 2.0,
            Anchor::End => x - width,
        };
        let unit = self.unit(size);
        for letter in text.chars() {
            let mut outline = Outline { path: PathBuilder::new(), left, base: y, unit };
            let glyph = self.font.glyph_index(letter).unwrap_or_default();
            if self.font.outline_glyph(glyph, &mut outline).is_some()
                && let Some(path) = outline.path.finish()
            {
                self.fill(&path, ink);
            }
            left += self.advance(letter) * unit;
        }
    }

    /// The width of a text in millimetres.
    pub fn width(&self, text: &str, size: f32) -> f32 {
        text.chars().map(|letter| self.advance(letter)).sum::<f32>() * self.unit(size)
    }

    /// A text cut so that it is no wider than so many millimetres.
    pub fn fitted(&self, text: &str, size: f32, width: f32) -> String {
        if self.width(text, size) <= width {
            return text.to_owned();
        }
        let ends = text.char_indices().rev().map(|(end, _)| text.get(..end).unwrap_or_default());
        let mut cuts = ends.map(|start| format!("{}…", start.trim_end()));
        cuts.find(|cut| self.width(cut, size) <= width).unwrap_or_else(|| "…".to_owned())
    }

    /// The picture.
    ///
    /// # Errors
    /// Internal, when it cannot be encoded.
    pub fn picture(self, alternative: String) -> Result<Picture> {
        let rows: Vec<u8> =
            self.pixmap.data().as_chunks::<4>().0.iter().flat_map(|[r, g, b, _]| [*r, *g, *b]).collect();
        let per_metre = u32::from(DENSITY) * 1_000;
        let mut png = Vec::new();
        let mut encoder = png::Encoder::new(&mut png, self.pixmap.width(), self.pixmap.height());
        encoder.set_color(png::ColorType::Rgb);
        encoder.set_depth(png::BitDepth::Eight);
        encoder.set_pixel_dims(Some(png::PixelDimensions {
            xppu: per_metre,
            yppu: per_metre,
            unit: png::Unit::Meter,
        }));
        let mut writer = encoder.write_header().map_err(Error::internal)?;
        writer.write_image_data(&rows).map_err(Error::internal)?;
        writer.finish().map_err(Error::internal)?;
        let (width, height) = self.size;
        Ok(Picture { png, width, height, alternative })
    }

    fn fill(&mut self, path: &Path, ink: Ink) {
        self.pixmap.fill_path(path, &paint(ink), FillRule::Winding, scale(), None);
    }

    fn advance(&self, letter: char) -> f32 {
        let glyph = self.font.glyph_index(letter).unwrap_or_default();
        f32::from(self.font.glyph_hor_advance(glyph).unwrap_or_default())
    }

    /// Millimetres in a unit of the font.
    fn unit(&self, size: f32) -> f32 {
        size * 25.4 / 72.0 / f32::from(self.font.units_per_em())
    }
}

fn paint([red, green, blue]: Ink) -> Paint<'static> {
    let mut paint = Paint::default();
    paint.set_color_rgba8(red, green, blue, 255);
    paint
}

fn scale() -> Transform {
    Transform::from_scale(f32::from(DENSITY), f32::from(DENSITY))
}

/// The outline of a letter, put in its place on the sheet, where y goes down.
struct Outline {
    path: PathBuilder,
    left: f32,
    base: f32,
    unit: f32,
}

impl Outline {
    fn at(&self, x: f32, y: f32) -> (f32, f32) {
        (self.left + x * self.unit, self.base - y * self.unit)
    }
}

impl OutlineBuilder for Outline {
    fn move_to(&mut self, x: f32, y: f32) {
        let (x, y) = self.at(x, y);
        self.path.move_to(x, y);
    }

    fn line_to(&mut self, x: f32, y: f32) {
        let (x, y) = self.at(x, y);
        self.path.line_to(x, y);
    }

    fn quad_to(&mut self, x1: f32, y1: f32, x: f32, y: f32) {
        let ((x1, y1), (x, y)) = (self.at(x1, y1), self.at(x, y));
        self.path.quad_to(x1, y1, x, y);
    }

    fn curve_to(&mut self, x1: f32, y1: f32, x2: f32, y2: f32, x: f32, y: f32) {
        let ((x1, y1), (x2, y2), (x, y)) = (self.at(x1, y1), self.at(x2, y2), self.at(x, y));
        self.path.cubic_to(x1, y1, x2, y2, x, y);
    }

    fn close(&mut self) {
        self.path.close();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_font_has_every_letter_of_vietnamese() {
        let font = Face::parse(FONT, 0).unwrap();
        let letters = "aăâbcdđeêghiklmnoôơpqrstuưvxyàằầèềìòồờùừỳảẳẩẻểỉỏổởủửỷãẵẫẽễĩõỗỡũữỹáắấéếíóốớúứýạặậẹệịọộợụựỵ0123456789%,.–−…“”()[]≥=●";
        for letter in letters.chars().chain(letters.to_uppercase().chars()) {
            assert!(font.glyph_index(letter).is_some(), "{letter}");
        }
    }

    #[test]
    fn a_text_is_cut_where_it_would_be_too_wide() {
        let canvas = Canvas::new(10, 10).unwrap();
        assert_eq!(canvas.fitted("Đất đai", 10.0, 40.0), "Đất đai");
        let cut = canvas.fitted("Tài nguyên - Môi trường", 10.0, 20.0);
        assert!(cut.ends_with('…') && canvas.width(&cut, 10.0) <= 20.0, "{cut}");
        assert_eq!(canvas.fitted("Đất", 10.0, 0.1), "…");
    }

    #[test]
    fn words_blacken_the_sheet() {
        let ink = |text: &str| {
            let mut canvas = Canvas::new(20, 10).unwrap();
            canvas.text((10.0, 6.0), 10.0, Anchor::Middle, text, BLACK);
            canvas.pixmap.pixels().iter().filter(|pixel| pixel.red() < 128).count()
        };
        assert!(ink("Ệ") > ink("E") && ink("E") > 100 && ink(" ") == 0);
    }
}
