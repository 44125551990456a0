//! The words of the citizens' page in the language of the visit, each with the language it really is in.

use std::collections::BTreeMap;

use crate::domain::questionnaire::Questionnaire;
use crate::domain::questionnaire::tag::Tag;
use crate::locale::{Lang, Message};

/// Says within an element that its text is Vietnamese on a page that is not.
const VIETNAMESE: &str = " lang=\"vi\"";

/// A text with the attribute that its element needs.
pub struct Said {
    /// Text.
    pub text: String,
    /// The attribute `lang`, where it is not that of the page.
    pub tongue: &'static str,
}

/// The words of a page.
pub struct Words {
    tag: Tag,
    own: BTreeMap<String, String>,
}

impl Words {
    /// The words of a questionnaire's page in a language.
    pub fn of(questionnaire: &Questionnaire, tag: Tag) -> Self {
        Self { own: questionnaire.page_words(&tag), tag }
    }

    /// The program's own words.
    pub fn plain(lang: Lang) -> Self {
        Self { own: BTreeMap::new(), tag: lang.into() }
    }

    /// The language of the page.
    pub fn tag(&self) -> &str {
        self.tag.as_str()
    }

    /// The program's own language that stands in where a word is missing.
    pub fn lang(&self) -> Lang {
        self.tag.lang().unwrap_or_default()
    }

    /// The attribute of what is Vietnamese whenever the program does not speak the language of the page.
    pub fn vietnamese(&self) -> &'static str {
        if self.tag.lang().is_none() { VIETNAMESE } else { "" }
    }

    /// The text of a key of the area `survey`.
    pub fn text(&self, key: &str) -> String {
        self.own.get(key).cloned().unwrap_or_else(|| self.lang().text(&format!("survey.{key}")))
    }

    /// The attribute of the text of a key.
    pub fn tongue(&self, key: &str) -> &'static str {
        if self.own.contains_key(key) { "" } else { self.vietnamese() }
    }

    /// The text of a key with its attribute.
    pub fn say(&self, key: &str) -> Said {
        Said { text: self.text(key), tongue: self.tongue(key) }
    }

    /// A text in the language of the page, or the Vietnamese one where it is not there yet.
    pub fn either(&self, own: Option<&str>, vietnamese: Option<&str>) -> Said {
        match own.filter(|text| !text.trim().is_empty()) {
            Some(text) => Said { text: text.to_owned(), tongue: "" },
            None => {
                let tongue = if self.lang() == Lang::Vi { self.vietnamese() } else { VIETNAMESE };
                Said { text: vietnamese.unwrap_or_default().to_owned(), tongue }
            }
        }
    }

    /// A message with its attribute.
    pub fn tell(&self, message: &Message) -> Said {
        match message.key().strip_prefix("survey.").filter(|key| self.own.contains_key(*key)) {
            Some(key) => self.say(key),
            None => Said { text: message.text(self.lang()), tongue: self.vietnamese() },
        }
    }
}
