//! Language tags of texts (BCP 47): `vi`, `kpm`, `zh-Hant`.

use std::borrow::Borrow;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::locale::Lang;

/// Longest tag, in characters.
pub const LENGTH: usize = 35;

/// A language tag in its usual case: `zh-Hant-TW`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct Tag(String);

impl Tag {
    /// Reads a tag: a language of two or three letters, then parts of two to eight letters or digits.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let mut parts = text.split('-');
        let language = parts.next().filter(|part| {
            (2..=3).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_alphabetic())
        })?;
        let mut tag = language.to_ascii_lowercase();
        for part in parts {
            let fits = (2..=8).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_alphanumeric());
            if !fits {
                return None;
            }
            tag.push('-');
            tag.push_str(&usual_case(part));
        }
        (tag.len() <= LENGTH).then_some(Self(tag))
    }

    /// The characters.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The language in which the program itself speaks, if it is one.
    pub fn lang(&self) -> Option<Lang> {
        Lang::from_key(&self.0)
    }

    /// Where it stands among others: Vietnamese, English, then the rest.
    pub fn place(&self) -> (usize, &str) {
        let place = Lang::ALL.iter().position(|lang| lang.key() == self.0);
        (place.unwrap_or(Lang::ALL.len()), &self.0)
    }
}

/// Regions are written in capitals, scripts with one, and all else small.
fn usual_case(part: &str) -> String {
    let mut part = part.to_ascii_lowercase();
    if part.bytes().all(|byte| byte.is_ascii_alphabetic()) {
        let capitals = match part.len() {
            2 => 2,
            4 => 1,
            _ => 0,
        };
        part.get_mut(..capitals).into_iter().for_each(str::make_ascii_uppercase);
    }
    part
}

impl From<Lang> for Tag {
    fn from(lang: Lang) -> Self {
        Self(lang.key().to_owned())
    }
}

impl From<Tag> for String {
    fn from(tag: Tag) -> Self {
        tag.0
    }
}

impl TryFrom<String> for Tag {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        Self::parse(&text).ok_or_else(|| format!("expected a language tag such as vi or kpm, found {text}"))
    }
}

impl Borrow<str> for Tag {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Tag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_is_brought_to_its_usual_case_and_other_texts_are_refused() {
        for (typed, tag) in
            [("vi", "vi"), (" KPM ", "kpm"), ("ZH-hant-tw", "zh-Hant-TW"), ("sr-1994", "sr-1994")]
        {
            assert_eq!(Tag::parse(typed).unwrap().as_str(), tag);
        }
        for text in ["", "v", "K'Ho", "tiếng", "zh_CN", "zh-", "-zh", "abcd", "zh/..", "zh-a", "12"] {
            assert_eq!(Tag::parse(text), None, "{text}");
        }
    }
}
