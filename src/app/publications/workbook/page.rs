//! One sheet as it is written: what cells hold and how they look.

use std::collections::HashMap;

use rust_xlsxwriter::{Format, FormatAlign, FormatBorder, Formula, Worksheet, XlsxError};

use super::{RED, TEAL};
use crate::domain::number::real;
use crate::locale::Lang;

/// What a formula gives, kept beside it for programs that do not calculate.
#[derive(Debug, Clone, PartialEq)]
pub enum Outcome {
    /// An empty text.
    Empty,
    /// A number.
    Number(f64),
    /// A text.
    Text(String),
}

impl From<Option<f64>> for Outcome {
    fn from(number: Option<f64>) -> Self {
        number.map_or(Self::Empty, Self::Number)
    }
}

impl From<f64> for Outcome {
    fn from(number: f64) -> Self {
        Self::Number(number)
    }
}

/// What a cell holds.
#[derive(Debug, Clone, PartialEq)]
pub enum Content {
    /// Nothing.
    Blank,
    /// Over too few people to be shown.
    Hidden,
    /// A text, never read as a formula.
    Text(String),
    /// A number.
    Number(f64),
    /// A formula with what it gives.
    Formula(String, Outcome),
    /// A formula over ranges as if they were numbers, with what it gives.
    Array(String, Outcome),
}

impl Content {
    /// A formula.
    pub fn formula(text: String, outcome: impl Into<Outcome>) -> Self {
        Self::Formula(text, outcome.into())
    }
}

/// How a cell looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Look {
    /// Title of a sheet.
    Title,
    /// A remark below a title.
    Note,
    /// What nobody may overlook.
    Alarm,
    /// Title of a part of a sheet.
    Section,
    /// Title over several columns.
    Band,
    /// The rest of a title over several columns.
    BandRest,
    /// Title of a column.
    Head,
    /// Words, wrapped.
    Text,
    /// A code, not wrapped.
    Code,
    /// What a value is called.
    Label,
    /// A verdict.
    Verdict,
    /// A whole number.
    Count,
    /// A share.
    Percent,
    /// A difference of shares, with its sign.
    Points,
    /// A number with two decimals.
    Real,
    /// A number with as many decimals as it has.
    Exact,
}

const LOOKS: [Look; 16] = [
    Look::Title,
    Look::Note,
    Look::Alarm,
    Look::Section,
    Look::Band,
    Look::BandRest,
    Look::Head,
    Look::Text,
    Look::Code,
    Look::Label,
    Look::Verdict,
    Look::Count,
    Look::Percent,
    Look::Points,
    Look::Real,
    Look::Exact,
];

const PALE: u32 = 0xE6_F1_F0;
const RULE: u32 = 0xD5_D2_CB;
const GREY: u32 = 0x5E_5A_52;

/// The formats of a workbook.
pub struct Looks {
    formats: HashMap<Look, Format>,
    plain: Format,
}

impl Looks {
    /// The formats of a language.
    ///
    /// Shares are kept as fractions and shown with two decimals, so that 89.96% never reads as 90% beside
    /// "not met". A Vietnamese workbook names its locale in each number format: LibreOffice then writes 90,00%
    /// on any machine, and Excel, which goes by the machine, is not disturbed.
    pub fn new(lang: Lang) -> Self {
        let formats = LOOKS.into_iter().map(|look| (look, format(look, lang)));
        Self { formats: formats.collect(), plain: plain() }
    }

    /// The format of a look.
    pub fn of(&self, look: Look) -> &Format {
        self.formats.get(&look).unwrap_or(&self.plain)
    }
}

/// A number format that names the locale of a Vietnamese workbook.
pub fn pattern(pattern: &str, lang: Lang) -> String {
    match lang {
        Lang::Vi => pattern.split(';').map(|part| format!("[$-42A]{part}")).collect::<Vec<_>>().join(";"),
        Lang::En => pattern.to_owned(),
    }
}

/// Arial, since each office suite has it or a font of just its widths, and all Vietnamese letters.
pub fn plain() -> Format {
    Format::new().set_font_name("Arial").set_font_size(10)
}

fn format(look: Look, lang: Lang) -> Format {
    let cell = || {
        let cell = plain().set_align(FormatAlign::Top);
        cell.set_border_bottom(FormatBorder::Thin).set_border_bottom_color(RULE)
    };
    let right = |digits: &str| cell().set_align(FormatAlign::Right).set_num_format(pattern(digits, lang));
    let band = || plain().set_bold().set_font_color(0xFF_FF_FF).set_background_color(TEAL);
    match look {
        Look::Title => plain().set_bold().set_font_size(15).set_font_color(TEAL),
        Look::Note => plain().set_font_color(GREY),
        Look::Alarm => plain().set_bold().set_font_color(RED),
        Look::Section => {
            let line = plain().set_bold().set_font_size(12).set_font_color(TEAL);
            line.set_border_bottom(FormatBorder::Medium).set_border_bottom_color(TEAL)
        }
        Look::Band => band().set_border_left(FormatBorder::Thin).set_border_left_color(0xFF_FF_FF),
        Look::BandRest => band(),
        Look::Head => {
            let head = plain().set_bold().set_text_wrap().set_background_color(PALE);
            head.set_align(FormatAlign::Center)
                .set_align(FormatAlign::VerticalCenter)
                .set_border(FormatBorder::Thin)
                .set_border_color(RULE)
        }
        Look::Text => cell().set_text_wrap(),
        Look::Code => cell(),
        Look::Label => cell().set_text_wrap().set_font_color(GREY),
        Look::Verdict => cell().set_bold().set_align(FormatAlign::Left).set_indent(1),
        Look::Count => right("#,##0"),
        Look::Percent => right("0.00%"),
        Look::Points => right("+0.00%;-0.00%;0.00%"),
        Look::Real => right("#,##0.00"),
        Look::Exact => right("General"),
    }
}

/// How high a row must be, in points, for texts that wrap within so many characters; a usual one is 14.
///
/// Programs differ in whether they find out for themselves.
pub fn height<'t>(texts: impl IntoIterator<Item = (&'t str, f64)>) -> f64 {
    let lines = |(text, width): (&str, f64)| {
        let of =
            |part: &str| (0.88 * real(part.chars().count().try_into().unwrap_or(u64::MAX)) / width).ceil();
        text.split('\n').map(|part| of(part).max(1.0)).sum::<f64>()
    };
    let most = texts.into_iter().map(lines).fold(1.0, f64::max);
    13.0f64.mul_add(most, 1.0).min(400.0)
}

/// A sheet being written.
pub struct Page<'w> {
    /// The sheet.
    pub sheet: &'w mut Worksheet,
    /// Its formats.
    pub looks: &'w Looks,
}

impl Page<'_> {
    /// Writes a cell.
    ///
    /// # Errors
    /// When the cell lies outside of a sheet.
    pub fn put(&mut self, row: u32, column: u16, look: Look, content: &Content) -> Result<(), XlsxError> {
        let format = self.looks.of(look);
        match content {
            Content::Blank => self.sheet.write_blank(row, column, format)?,
            Content::Hidden => self.sheet.write_string_with_format(row, column, "…", format)?,
            Content::Text(text) => {
                self.sheet.write_string_with_format(row, column, harmless(text), format)?
            }
            Content::Number(number) => self.sheet.write_number_with_format(row, column, *number, format)?,
            Content::Formula(text, outcome) => {
                self.sheet.write_formula_with_format(row, column, formula(text, outcome), format)?
            }
            Content::Array(text, outcome) => self.sheet.write_array_formula_with_format(
                row,
                column,
                row,
                column,
                formula(text, outcome),
                format,
            )?,
        };
        Ok(())
    }

    /// Writes a text.
    ///
    /// # Errors
    /// When the cell lies outside of a sheet.
    pub fn say(&mut self, row: u32, column: u16, look: Look, text: &str) -> Result<(), XlsxError> {
        self.put(row, column, look, &Content::Text(text.to_owned()))
    }
}

fn formula(text: &str, outcome: &Outcome) -> Formula {
    let formula = Formula::new(text);
    match outcome {
        Outcome::Empty => formula,
        Outcome::Number(number) => formula.set_result(number.to_string()),
        Outcome::Text(text) => formula.set_result(text),
    }
}

/// Most characters of a cell.
const LONGEST: usize = 32_000;

/// A text as a cell can hold it: without control characters, line breaks as one character.
fn harmless(text: &str) -> String {
    let unbroken = text.replace("\r\n", "\n").replace('\r', "\n");
    let allowed = |letter: &char| {
        matches!(letter, '\n' | '\t') || !(letter.is_control() || matches!(letter, '\u{fffe}' | '\u{ffff}'))
    };
    unbroken.chars().filter(allowed).take(LONGEST).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_characters_are_left_out_and_line_breaks_kept() {
        assert_eq!(harmless("=1+1\u{1}\u{b}\r\nhai\rba\u{ffff}\"<&"), "=1+1\nhai\nba\"<&");
        assert_eq!(harmless(&"á".repeat(40_000)).chars().count(), LONGEST);
    }
}
