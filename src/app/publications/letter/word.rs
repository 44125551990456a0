//! The elements of WordprocessingML that a letter is made of. Looks are in the styles of the package, so that
//! an element says only what it is.

use std::fmt::Write as _;

/// Twips, twentieths of a point, in so many tenths of a millimetre.
pub const fn twips(tenths: u32) -> u32 {
    (tenths * 1440 + 127) / 254
}

/// English metric units in a millimetre.
const EMU: u32 = 36_000;

/// Text as it may stand in XML: in one line, without the characters that XML cannot hold.
pub fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\n' | '\r' | '\t' | '\u{2028}' | '\u{2029}' => escaped.push(' '),
            '\u{fffe}' | '\u{ffff}' => {}
            other if other.is_control() => {}
            other => escaped.push(other),
        }
    }
    escaped
}

/// A style of the package.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Style {
    /// A paragraph of the body.
    Body,
    /// `I.`
    Chapter,
    /// `1.`
    Section,
    /// `a)`
    Part,
    /// The last paragraph of the body, kept with what is signed.
    Closing,
    /// Title of a table or of an annex, above it.
    Caption,
    /// Title of a picture, below it.
    Legend,
    /// Remark under a table.
    Note,
    /// Head of a column.
    CellHead,
    /// Words in a cell.
    Cell,
    /// Words in the middle of a cell.
    CellCentre,
    /// A number in a cell.
    CellNumber,
    /// A hash, broken anywhere.
    Hash,
    /// Type of the document, and number of an annex.
    Title,
    /// Subject of the document.
    Subject,
    /// A line in the head of the first page.
    Head,
    /// The same in bold.
    HeadBold,
    /// The motto under the name of the state.
    Motto,
    /// Place and date, and other words in italics.
    HeadItalic,
    /// A frame that says what the letter is not.
    Stamp,
    /// `Nơi nhận:`
    RecipientsHead,
    /// A recipient.
    Recipient,
    /// Office of the signer.
    Signer,
    /// Room for a signature.
    SignatureRoom,
    /// Nothing, as low as can be: a table needs a paragraph after it.
    Gap,
    /// A picture.
    Picture,
}

impl Style {
    /// Its id in the package.
    pub const fn id(self) -> &'static str {
        match self {
            Self::Body => "Normal",
            Self::Chapter => "Heading1",
            Self::Section => "Heading2",
            Self::Part => "Heading3",
            Self::Closing => "Closing",
            Self::Caption => "Caption",
            Self::Legend => "Legend",
            Self::Note => "Note",
            Self::CellHead => "CellHead",
            Self::Cell => "Cell",
            Self::CellCentre => "CellCentre",
            Self::CellNumber => "CellNumber",
            Self::Hash => "Hash",
            Self::Title => "Title",
            Self::Subject => "Subject",
            Self::Head => "Head",
            Self::HeadBold => "HeadBold",
            Self::Motto => "Motto",
            Self::HeadItalic => "HeadItalic",
            Self::Stamp => "Stamp",
            Self::RecipientsHead => "RecipientsHead",
            Self::Recipient => "Recipient",
            Self::Signer => "Signer",
            Self::SignatureRoom => "SignatureRoom",
            Self::Gap => "Gap",
            Self::Picture => "Picture",
        }
    }
}

/// A paragraph with an optional raised sign after its text.
pub fn paragraph(style: Style, text: &str, raised: &str) -> String {
    let mut xml = format!("<w:p><w:pPr><w:pStyle w:val=\"{}\"/></w:pPr>", style.id());
    if !text.is_empty() {
        let _ = write!(xml, "<w:r><w:t xml:space=\"preserve\">{}</w:t></w:r>", escape(text));
    }
    if !raised.is_empty() {
        let _ = write!(
            xml,
            "<w:r><w:rPr><w:vertAlign w:val=\"superscript\"/></w:rPr><w:t>{}</w:t></w:r>",
            escape(raised)
        );
    }
    xml.push_str("</w:p>");
    xml
}

/// A rule of so many tenths of a millimetre in the middle of a column: a border, as wide as its indents leave.
pub fn rule(column: u32, length: u32) -> String {
    let indent = twips(column.saturating_sub(length) / 2);
    format!(
        "<w:p><w:pPr><w:pStyle w:val=\"Rule\"/><w:pBdr><w:top w:val=\"single\" w:sz=\"6\" w:space=\"1\" \
         w:color=\"000000\"/></w:pBdr><w:ind w:left=\"{indent}\" w:right=\"{indent}\" w:firstLine=\"0\"/></w:pPr></w:p>"
    )
}

/// A cell of a table: its lines, and a raised sign after the first of them.
#[derive(Debug, Clone)]
pub struct Cell {
    style: Style,
    lines: Vec<String>,
    raised: String,
}

impl Cell {
    /// Words.
    pub fn words(text: impl Into<String>) -> Self {
        Self { style: Style::Cell, lines: vec![text.into()], raised: String::new() }
    }

    /// Words of more than one line, in the middle.
    pub fn centred(lines: Vec<String>) -> Self {
        Self { style: Style::CellCentre, lines, raised: String::new() }
    }

    /// Numbers, one a line.
    pub fn numbers(lines: Vec<String>) -> Self {
        Self { style: Style::CellNumber, lines, raised: String::new() }
    }

    /// The head of a column.
    pub fn head(text: impl Into<String>) -> Self {
        Self { style: Style::CellHead, lines: vec![text.into()], raised: String::new() }
    }

    /// The same cell with a raised sign.
    #[must_use]
    pub fn raised(self, sign: String) -> Self {
        Self { raised: sign, ..self }
    }

    fn xml(&self) -> String {
        let mut raised = self.raised.as_str();
        let paragraphs =
            self.lines.iter().map(|line| paragraph(self.style, line, std::mem::take(&mut raised)));
        paragraphs.collect()
    }
}

/// A ruled table; its head is repeated on each page, and no row is broken between pages.
#[derive(Debug, Clone)]
pub struct Table {
    /// Widths of the columns in tenths of a millimetre, with their heads.
    pub columns: Vec<(u32, String)>,
    /// Rows.
    pub rows: Vec<Vec<Cell>>,
}

impl Table {
    /// The element, and the paragraph that has to follow it.
    pub fn xml(&self) -> String {
        let heads: Vec<Cell> = self.columns.iter().map(|(_, head)| Cell::head(head)).collect();
        let mut xml = table_start("Ruled", self.columns.iter().map(|(width, _)| *width));
        xml.push_str(&self.row(&heads, "<w:cantSplit/><w:tblHeader/>"));
        for row in &self.rows {
            xml.push_str(&self.row(row, "<w:cantSplit/>"));
        }
        xml.push_str("</w:tbl>");
        xml
    }

    fn row(&self, cells: &[Cell], properties: &str) -> String {
        let mut xml = format!("<w:tr><w:trPr>{properties}</w:trPr>");
        for ((width, _), cell) in self.columns.iter().zip(cells) {
            xml.push_str(&table_cell(*width, &cell.xml()));
        }
        xml.push_str("</w:tr>");
        xml
    }
}

fn table_start(style: &str, widths: impl Iterator<Item = u32> + Clone) -> String {
    let all: u32 = widths.clone().map(twips).sum();
    let mut xml = format!(
        "<w:tbl><w:tblPr><w:tblStyle w:val=\"{style}\"/><w:tblW w:w=\"{all}\" w:type=\"dxa\"/>\
         <w:tblLayout w:type=\"fixed\"/></w:tblPr><w:tblGrid>"
    );
    for width in widths {
        let _ = write!(xml, "<w:gridCol w:w=\"{}\"/>", twips(width));
    }
    xml.push_str("</w:tblGrid>");
    xml
}

fn table_cell(width: u32, content: &str) -> String {
    format!("<w:tc><w:tcPr><w:tcW w:w=\"{}\" w:type=\"dxa\"/></w:tcPr>{content}</w:tc>", twips(width))
}

/// Two columns without rules, kept on one page: widths in tenths of a millimetre, and what stands in each.
pub fn columns(left: (u32, &str), right: (u32, &str)) -> String {
    let mut xml = table_start("Plain", [left.0, right.0].into_iter());
    xml.push_str("<w:tr><w:trPr><w:cantSplit/></w:trPr>");
    xml.push_str(&table_cell(left.0, left.1));
    xml.push_str(&table_cell(right.0, right.1));
    xml.push_str("</w:tr></w:tbl>");
    xml
}

/// A picture with its alternative text.
#[derive(Debug, Clone)]
pub struct Picture {
    /// PNG file.
    pub png: Vec<u8>,
    /// Width in millimetres.
    pub width: u16,
    /// Height in millimetres.
    pub height: u16,
    /// What it shows, in words.
    pub alternative: String,
}

impl Picture {
    /// The paragraph that shows the picture of a number, from 1.
    pub fn xml(&self, number: usize) -> String {
        let (cx, cy) = (u32::from(self.width) * EMU, u32::from(self.height) * EMU);
        let described = format!("id=\"{number}\" name=\"{number}\" descr=\"{}\"", escape(&self.alternative));
        format!(
            "<w:p><w:pPr><w:pStyle w:val=\"{style}\"/></w:pPr><w:r><w:drawing>\
             <wp:inline distT=\"0\" distB=\"0\" distL=\"0\" distR=\"0\"><wp:extent cx=\"{cx}\" cy=\"{cy}\"/>\
             <wp:docPr {described}/><a:graphic><a:graphicData uri=\"{PICTURES}\"><pic:pic>\
             <pic:nvPicPr><pic:cNvPr {described}/><pic:cNvPicPr/></pic:nvPicPr>\
             <pic:blipFill><a:blip r:embed=\"picture{number}\"/><a:stretch><a:fillRect/></a:stretch></pic:blipFill>\
             <pic:spPr><a:xfrm><a:off x=\"0\" y=\"0\"/><a:ext cx=\"{cx}\" cy=\"{cy}\"/></a:xfrm>\
             <a:prstGeom prst=\"rect\"><a:avLst/></a:prstGeom></pic:spPr>\
             </pic:pic></a:graphicData></a:graphic></wp:inline></w:drawing></w:r></w:p>",
            style = Style::Picture.id(),
        )
    }
}

/// The namespace of pictures.
pub const PICTURES: &str = "http://schemas.openxmlformats.org/drawingml/2006/picture";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_loses_only_what_xml_cannot_hold() {
        assert_eq!(escape("=1+1 \"A\" <b> & 'c'"), "=1+1 &quot;A&quot; &lt;b&gt; &amp; 'c'");
        assert_eq!(escape("một\nhai\r\ta\u{0}\u{b}\u{85}ơ\u{ffff}"), "một hai  aơ");
    }

    #[test]
    fn lengths_are_those_of_word() {
        assert_eq!((twips(254), twips(300), twips(2970)), (1440, 1701, 16838));
        assert!(rule(970, 570).contains("w:left=\"1134\" w:right=\"1134\""));
    }

    #[test]
    fn a_table_repeats_its_head_and_breaks_no_row() {
        let table = Table {
            columns: vec![(1000, "Tên".to_owned()), (650, "n".to_owned())],
            rows: vec![vec![
                Cell::words("A & B").raised("1".to_owned()),
                Cell::numbers(vec!["5".into(), "6".into()]),
            ]],
        };
        let xml = table.xml();
        assert_eq!(xml.matches("<w:tblHeader/>").count(), 1);
        assert_eq!(xml.matches("<w:cantSplit/>").count(), 2);
        assert_eq!(xml.matches("superscript").count(), 1);
        assert!(xml.contains("A &amp; B") && xml.contains("<w:gridCol w:w=\"5669\"/>"));
    }
}
