//! The words of the citizens' page itself, which a further language may bring along: buttons, hints,
//! notices. What is missing in it stays Vietnamese, sentence by sentence.

use std::collections::BTreeMap;

use super::tag::Tag;
use super::{Questionnaire, Texts};

/// The words by their keys in the area `survey` of the program's own texts, in the order in which a citizen
/// meets them, under what they belong to.
pub const PARTS: [(&str, &[&str]); 3] = [
    (
        "form",
        &[
            "more",
            "comment",
            "comment-hint",
            "respondent",
            "respondent-citizen",
            "respondent-organization",
            "level-na",
            "cell-na",
            "send",
            "foot",
            "stage-intake",
            "stage-supplement",
            "stage-refusal",
            "stage-result",
            "product",
        ],
    ),
    (
        "steps",
        &[
            "step",
            "field-ask",
            "field-none",
            "field-other",
            "procedure-ask",
            "procedure-skip",
            "procedure-search",
            "search",
            "procedure-none",
        ],
    ),
    (
        "notices",
        &[
            "fault.heading",
            "fault.required",
            "fault.level",
            "fault.field",
            "fault.procedure",
            "fault.version",
            "busy",
            "busy-advice",
            "busy-onward",
            "thanks",
            "thanks-note",
            "thanks-close",
            "thanks-first",
            "thanks-first-note",
            "thanks-again",
        ],
    ),
];

/// Every key.
pub fn keys() -> impl Iterator<Item = &'static str> {
    PARTS.into_iter().flat_map(|(_, keys)| keys.iter().copied())
}

/// The words that stand under a name in a form or a store; those of no key and empty ones are passed over.
pub fn read(word: impl Fn(&str) -> String) -> BTreeMap<String, String> {
    let found = keys().map(|key| (key.to_owned(), word(key)));
    found.filter(|(_, text)| !text.trim().is_empty()).collect()
}

impl Texts {
    /// How many words of the page are missing.
    pub fn missing_words(&self) -> usize {
        keys().filter(|key| !self.page.contains_key(*key)).count()
    }
}

impl Questionnaire {
    /// The words that a further language has of its own; none for the languages of the program.
    pub fn page_words(&self, tag: &Tag) -> BTreeMap<String, String> {
        let own = self.texts.get(tag).filter(|_| tag.lang().is_none());
        own.map(|texts| texts.page.clone()).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::locale::Lang;

    #[test]
    fn every_word_is_one_of_the_program_and_has_no_places_to_fill() {
        for key in keys() {
            let text = Lang::Vi.text(&format!("survey.{key}"));
            assert!(text != format!("survey.{key}") && !text.contains("%{"), "{key}: {text}");
        }
        assert_eq!(Texts::default().missing_words(), keys().count());
    }

    #[test]
    fn blank_words_count_as_missing() {
        let page = read(|key| if key == "send" { "Sơr".to_owned() } else { " ".to_owned() });
        let texts = Texts { page, ..Texts::default() };
        assert_eq!((texts.page.len(), texts.missing_words()), (1, keys().count() - 1));
    }
}
