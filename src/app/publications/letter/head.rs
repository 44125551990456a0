//! Head and foot of the letter as Decree 30/2020/NĐ-CP lays them out.

use super::word::{Style, columns, paragraph, rule};
use super::words::VI;
use super::writer::Writer;
use crate::domain::dataset::Dataset;

const LEFT: u32 = 670;
const RIGHT: u32 = 980;
/// Width of the name of the office, of which the rule below takes less than half.
const OFFICE_RULE: u32 = 120;
/// Width of the motto, as long as which its rule is.
const MOTTO_RULE: u32 = 620;
const SUBJECT_RULE: u32 = 500;

/// Office and number at the left, state, motto, place and date at the right, then type and subject.
pub fn opening(writer: &mut Writer) {
    let line = |style, key: &str| paragraph(style, &VI.text(key), "");
    let left = [
        line(Style::Head, "letter.head.above"),
        line(Style::HeadBold, "letter.head.office"),
        rule(LEFT, OFFICE_RULE),
        line(Style::Head, "letter.head.number"),
    ];
    let right = [
        line(Style::HeadBold, "letter.head.state"),
        line(Style::Motto, "letter.head.motto"),
        rule(RIGHT, MOTTO_RULE),
        line(Style::HeadItalic, "letter.head.place"),
    ];
    let stamps: String =
        stamps(writer.dataset).iter().map(|text| paragraph(Style::Stamp, text, "")).collect();
    let left = left.concat() + &stamps;
    writer.element(&columns((LEFT, &left), (RIGHT, &right.concat())));
    writer.text(Style::Title, "letter.head.type");
    for line in subject(writer).lines() {
        writer.say(Style::Subject, line);
    }
    writer.element(&rule(LEFT + RIGHT, SUBJECT_RULE));
}

/// The subject, each of its lines.
pub fn subject(writer: &Writer) -> String {
    VI.with("letter.head.subject", &[("period", &writer.names.period(&writer.dataset.period.key))])
}

/// What the letter is not: a draft is not signed, simulated figures are not real.
pub fn stamps(dataset: &Dataset) -> Vec<String> {
    let draft = dataset.issue.is_none().then(|| VI.text("letter.head.draft"));
    let simulated = dataset.simulated.then(|| VI.text("letter.head.simulated"));
    draft.into_iter().chain(simulated).collect()
}

/// Recipients at the left, room for the signature at the right, kept together.
pub fn closing(writer: &mut Writer) {
    let left = [
        paragraph(Style::RecipientsHead, &VI.text("letter.foot.recipients"), ""),
        VI.text("letter.foot.list").lines().map(|line| paragraph(Style::Recipient, line, "")).collect(),
    ];
    let right = [
        paragraph(Style::Signer, &VI.text("letter.foot.signer"), ""),
        paragraph(Style::SignatureRoom, "", ""),
    ];
    writer.element(&columns((850, &left.concat()), (800, &right.concat())));
}
