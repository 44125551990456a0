//! What is written so far: elements of the section at hand, sections that are done, pictures, and the numbers
//! that tables and pictures bear.

use super::word::{Picture, Style, Table, paragraph};
use super::words::VI;
use crate::app::publications::Names;
use crate::domain::dataset::Dataset;

/// A letter being written.
pub struct Writer<'a> {
    /// Its figures.
    pub dataset: &'a Dataset,
    /// What they are called.
    pub names: Names<'a>,
    section: String,
    sections: Vec<String>,
    pictures: Vec<Picture>,
    tables: usize,
}

impl<'a> Writer<'a> {
    /// An empty letter.
    pub fn new(dataset: &'a Dataset) -> Self {
        Self {
            dataset,
            names: Names::of(dataset, VI),
            section: String::new(),
            sections: Vec::new(),
            pictures: Vec::new(),
            tables: 0,
        }
    }

    /// A paragraph.
    pub fn say(&mut self, style: Style, text: &str) {
        self.section.push_str(&paragraph(style, text, ""));
    }

    /// A paragraph whose text is that of a key.
    pub fn text(&mut self, style: Style, key: &str) {
        self.say(style, &VI.text(key));
    }

    /// An element as it is.
    pub fn element(&mut self, xml: &str) {
        self.section.push_str(xml);
    }

    /// A table under its number and title, with notes below.
    pub fn table(&mut self, title: &str, table: &Table, notes: &[String]) {
        self.tables += 1;
        let number = self.tables.to_string();
        let caption = VI.with("letter.table", &[("number", &number), ("title", title)]);
        self.say(Style::Caption, &caption);
        self.section.push_str(&table.xml());
        if notes.is_empty() {
            self.say(Style::Gap, "");
        }
        for note in notes {
            self.say(Style::Note, note);
        }
    }

    /// A picture over its number and title.
    pub fn picture(&mut self, title: &str, picture: Picture) {
        let number = self.pictures.len() + 1;
        self.section.push_str(&picture.xml(number));
        self.pictures.push(picture);
        let legend = VI.with("letter.figure", &[("number", &number.to_string()), ("title", title)]);
        self.say(Style::Legend, &legend);
    }

    /// Ends a section: the next one begins on a new page.
    pub fn end_section(&mut self) {
        self.sections.push(std::mem::take(&mut self.section));
    }

    /// The sections and the pictures.
    pub fn done(mut self) -> (Vec<String>, Vec<Picture>) {
        if !self.section.is_empty() {
            self.end_section();
        }
        (self.sections, self.pictures)
    }
}
