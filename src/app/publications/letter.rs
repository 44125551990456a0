//! The official report of a period as a DOCX file in the layout of Decree 30/2020/NĐ-CP, in Vietnamese. Number,
//! date and signer are left blank: the clerk fills them in and the director signs.

mod canvas;
mod charts;
mod ending;
mod head;
mod movement;
mod package;
mod results;
mod scope;
mod sentences;
mod tables;
mod word;
mod words;
mod writer;

use package::Package;
use word::Style;
use words::VI;
use writer::Writer;

use crate::domain::dataset::Dataset;
use crate::error::Result;

/// The letter about a dataset, with the SHA-256 of its canonical file where that is frozen. The same dataset
/// gives the same bytes.
///
/// # Errors
/// Internal, when a chart cannot be drawn or the archive cannot be written.
pub fn letter(dataset: &Dataset, sha256: Option<&str>) -> Result<Vec<u8>> {
    let mut writer = Writer::new(dataset);
    head::opening(&mut writer);
    scope::opening(&mut writer);
    scope::chapter(&mut writer);
    writer.text(Style::Chapter, "letter.results.title");
    results::targets(&mut writer)?;
    results::fields(&mut writer)?;
    results::elements(&mut writer);
    results::units(&mut writer);
    movement::trend(&mut writer)?;
    movement::hot_spots(&mut writer);
    ending::limits(&mut writer);
    ending::proof(&mut writer, sha256);
    head::closing(&mut writer);
    ending::annexes(&mut writer);
    let subject = head::subject(&writer);
    let (sections, pictures) = writer.done();
    let package = Package {
        title: &subject.replace('\n', " "),
        author: &VI.text("letter.head.author"),
        at: dataset.issue.as_ref().map_or(dataset.frozen_at, |issue| issue.at),
        foot: &head::stamps(dataset).join(" – "),
        sections: &sections,
        pictures: &pictures,
    };
    package.bytes()
}
