//! The parts of a DOCX file around its text: styles, the number of the page, pictures, and what names them all.

use std::io::{Cursor, Write as _};

use chrono::{DateTime, SecondsFormat, Utc};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use super::word::{PICTURES, Picture, escape, twips};
use crate::error::{Error, Result};

const STYLES: &str = include_str!("styles.xml");
const SETTINGS: &str = include_str!("settings.xml");
const XML: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n";
const OFFICE: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
const PACKAGE: &str = "http://schemas.openxmlformats.org/package/2006";
const WORD: &str = "xmlns:w=\"http://schemas.openxmlformats.org/wordprocessingml/2006/main\"";
const TYPES: &str = "application/vnd.openxmlformats-officedocument.wordprocessingml";

/// What is written into a file.
pub struct Package<'a> {
    /// Title, for the properties of the file.
    pub title: &'a str,
    /// Author.
    pub author: &'a str,
    /// Instant for the properties of the file, so that it does not depend on when it is written.
    pub at: DateTime<Utc>,
    /// What stands at the foot of each page; nothing where it is empty.
    pub foot: &'a str,
    /// Sections in order, each the elements of its body; pages are numbered anew in each.
    pub sections: &'a [String],
    /// Pictures in the order of their numbers.
    pub pictures: &'a [Picture],
}

impl Package<'_> {
    /// The bytes of the file; the same for the same contents.
    ///
    /// # Errors
    /// Internal, when the archive cannot be written.
    pub fn bytes(&self) -> Result<Vec<u8>> {
        let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
        let options = SimpleFileOptions::default()
            .compression_method(CompressionMethod::Deflated)
            .last_modified_time(zip::DateTime::default());
        let mut write = |name: &str, bytes: &[u8]| -> Result<()> {
            archive.start_file(name, options).map_err(Error::internal)?;
            archive.write_all(bytes).map_err(Error::internal)
        };
        for (name, text) in self.texts() {
            write(name, text.as_bytes())?;
        }
        for (number, picture) in (1..).zip(self.pictures) {
            write(&format!("word/media/picture{number}.png"), &picture.png)?;
        }
        Ok(archive.finish().map_err(Error::internal)?.into_inner())
    }

    fn texts(&self) -> [(&'static str, String); 11] {
        [
            ("[Content_Types].xml", content_types()),
            ("_rels/.rels", package_relations()),
            ("docProps/core.xml", self.properties()),
            ("word/document.xml", self.document()),
            ("word/_rels/document.xml.rels", self.relations()),
            ("word/styles.xml", STYLES.to_owned()),
            ("word/settings.xml", SETTINGS.to_owned()),
            ("word/header1.xml", part("hdr", "<w:p><w:pPr><w:pStyle w:val=\"Header\"/></w:pPr></w:p>")),
            ("word/header2.xml", part("hdr", &page_number())),
            ("word/footer1.xml", part("ftr", &self.footer())),
            ("word/fontTable.xml", format!("{XML}<w:fonts {WORD}>{FONT}</w:fonts>")),
        ]
    }

    fn footer(&self) -> String {
        let text = escape(self.foot);
        format!(
            "<w:p><w:pPr><w:pStyle w:val=\"Footer\"/></w:pPr><w:r><w:t xml:space=\"preserve\">{text}</w:t></w:r></w:p>"
        )
    }

    fn document(&self) -> String {
        let mut body = String::new();
        for (number, section) in self.sections.iter().enumerate() {
            body.push_str(section);
            let properties = section_properties();
            if number + 1 == self.sections.len() {
                body.push_str(&properties);
            } else {
                body.push_str("<w:p><w:pPr><w:pStyle w:val=\"Gap\"/>");
                body.push_str(&properties);
                body.push_str("</w:pPr></w:p>");
            }
        }
        format!(
            "{XML}<w:document {WORD} xmlns:r=\"{OFFICE}\" \
             xmlns:wp=\"http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing\" \
             xmlns:a=\"http://schemas.openxmlformats.org/drawingml/2006/main\" xmlns:pic=\"{PICTURES}\">\
             <w:body>{body}</w:body></w:document>"
        )
    }

    fn relations(&self) -> String {
        let parts = [
            ("styles", "styles", "styles.xml"),
            ("settings", "settings", "settings.xml"),
            ("fonts", "fontTable", "fontTable.xml"),
            ("first", "header", "header1.xml"),
            ("number", "header", "header2.xml"),
            ("foot", "footer", "footer1.xml"),
        ];
        let mut rows: String = parts.iter().map(|(id, kind, target)| relation(id, kind, target)).collect();
        for (number, _) in (1..).zip(self.pictures) {
            let target = format!("media/picture{number}.png");
            rows.push_str(&relation(&format!("picture{number}"), "image", &target));
        }
        format!("{XML}<Relationships xmlns=\"{PACKAGE}/relationships\">{rows}</Relationships>")
    }

    fn properties(&self) -> String {
        let at = self.at.to_rfc3339_opts(SecondsFormat::Secs, true);
        let (title, author) = (escape(self.title), escape(self.author));
        format!(
            "{XML}<cp:coreProperties xmlns:cp=\"{PACKAGE}/metadata/core-properties\" \
             xmlns:dc=\"http://purl.org/dc/elements/1.1/\" xmlns:dcterms=\"http://purl.org/dc/terms/\" \
             xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\">\
             <dc:title>{title}</dc:title><dc:creator>{author}</dc:creator><dc:language>vi-VN</dc:language>\
             <dcterms:created xsi:type=\"dcterms:W3CDTF\">{at}</dcterms:created>\
             <dcterms:modified xsi:type=\"dcterms:W3CDTF\">{at}</dcterms:modified></cp:coreProperties>"
        )
    }
}

const FONT: &str = "<w:font w:name=\"Times New Roman\"><w:panose1 w:val=\"02020603050405020304\"/>\
    <w:charset w:val=\"00\"/><w:family w:val=\"roman\"/><w:pitch w:val=\"variable\"/></w:font>";

fn relation(id: &str, kind: &str, target: &str) -> String {
    format!("<Relationship Id=\"{id}\" Type=\"{OFFICE}/{kind}\" Target=\"{target}\"/>")
}

fn package_relations() -> String {
    let document = relation("document", "officeDocument", "word/document.xml");
    format!(
        "{XML}<Relationships xmlns=\"{PACKAGE}/relationships\">{document}<Relationship Id=\"properties\" \
         Type=\"{PACKAGE}/relationships/metadata/core-properties\" Target=\"docProps/core.xml\"/></Relationships>"
    )
}

fn content_types() -> String {
    let parts = [
        ("document", "document.main"),
        ("styles", "styles"),
        ("settings", "settings"),
        ("fontTable", "fontTable"),
        ("header1", "header"),
        ("header2", "header"),
        ("footer1", "footer"),
    ];
    let rows: String = parts
        .iter()
        .map(|(name, kind)| {
            format!("<Override PartName=\"/word/{name}.xml\" ContentType=\"{TYPES}.{kind}+xml\"/>")
        })
        .collect();
    format!(
        "{XML}<Types xmlns=\"{PACKAGE}/content-types\"><Default Extension=\"rels\" \
         ContentType=\"application/vnd.openxmlformats-package.relationships+xml\"/>\
         <Default Extension=\"xml\" ContentType=\"application/xml\"/><Default Extension=\"png\" \
         ContentType=\"image/png\"/>{rows}<Override PartName=\"/docProps/core.xml\" \
         ContentType=\"application/vnd.openxmlformats-package.core-properties+xml\"/></Types>"
    )
}

fn part(element: &str, content: &str) -> String {
    format!("{XML}<w:{element} {WORD}>{content}</w:{element}>")
}

fn page_number() -> String {
    let field = |kind: &str| format!("<w:r><w:fldChar w:fldCharType=\"{kind}\"/></w:r>");
    format!(
        "<w:p><w:pPr><w:pStyle w:val=\"Header\"/></w:pPr>{}<w:r><w:instrText xml:space=\"preserve\"> PAGE \
         </w:instrText></w:r>{}<w:r><w:t>2</w:t></w:r>{}</w:p>",
        field("begin"),
        field("separate"),
        field("end")
    )
}

/// A4 portrait, margins of 20 mm above and below, 30 left and 15 right; no number on the first page.
fn section_properties() -> String {
    let (width, height) = (twips(2_100), twips(2_970));
    let (above, left, right, head) = (twips(200), twips(300), twips(150), twips(100));
    format!(
        "<w:sectPr><w:headerReference w:type=\"default\" r:id=\"number\"/>\
         <w:headerReference w:type=\"first\" r:id=\"first\"/><w:footerReference w:type=\"default\" r:id=\"foot\"/>\
         <w:footerReference w:type=\"first\" r:id=\"foot\"/><w:type w:val=\"nextPage\"/>\
         <w:pgSz w:w=\"{width}\" w:h=\"{height}\"/><w:pgMar w:top=\"{above}\" w:right=\"{right}\" \
         w:bottom=\"{above}\" w:left=\"{left}\" w:header=\"{head}\" w:footer=\"{head}\" w:gutter=\"0\"/>\
         <w:pgNumType w:fmt=\"decimal\" w:start=\"1\"/><w:titlePg/></w:sectPr>"
    )
}
