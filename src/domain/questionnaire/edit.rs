//! Changes to a draft.

use std::collections::BTreeMap;

use super::tag::Tag;
use super::{Question, QuestionText, Questionnaire, Role, Status, Steps, Texts};
use crate::domain::level::Level;
use crate::error::{Error, FieldError, Result};
use crate::locale::Message;

/// Most questions of a version; a survey of half a minute has far fewer.
pub const MOST_QUESTIONS: usize = 20;

/// Longest key of a question, in characters.
pub const KEY_LENGTH: usize = 32;

/// Longest texts, in characters: what still reads well on a narrow phone.
mod limit {
    pub const NAME: usize = 40;
    pub const TITLE: usize = 160;
    pub const OPENING: usize = 600;
    pub const LEVEL: usize = 40;
    pub const ASK: usize = 300;
    pub const LABEL: usize = 60;
    pub const PAGE: usize = 300;
}

/// Names under which the citizens' form sends other things.
const RESERVED: [&str; 12] = [
    "comment",
    "complete",
    "counter",
    "field",
    "id",
    "kiosk",
    "lang",
    "new",
    "procedure-code",
    "respondent",
    "send",
    "version",
];

impl Questionnaire {
    /// A draft with the same questions and texts as this version.
    pub fn successor(&self, version: i32) -> Self {
        let mut draft = Self {
            id: 0.into(),
            kind: self.kind,
            version,
            status: Status::Draft,
            steps: Steps::default(),
            texts: self.texts.clone(),
            questions: self.questions.clone(),
        };
        // What stood in the program until now stands in the draft from now on, where it can be changed.
        for (tag, texts) in &mut draft.texts {
            texts.levels = texts.words(tag.as_str());
        }
        draft
    }

    /// Puts a question in the place of the one with the key `old`, or after the last one.
    ///
    /// # Errors
    /// Not found when there is no `old`; invalid for a key that cannot be used or is taken.
    pub fn put(&mut self, old: Option<&str>, question: Question) -> Result<()> {
        let mut faults = Vec::new();
        let mut fault = |message: Message| faults.push(FieldError::new("key", message));
        if !is_key(&question.key) {
            fault(Message::new("questionnaires.fault.key").with("found", &question.key));
        } else if RESERVED.contains(&question.key.as_str()) {
            fault(Message::new("questionnaires.fault.key-reserved").with("found", &question.key));
        } else if old != Some(&question.key) && self.questions.iter().any(|one| one.key == question.key) {
            fault(Message::new("questionnaires.fault.key-taken").with("found", &question.key));
        }
        if old.is_none() && self.asked().count() >= MOST_QUESTIONS {
            fault(Message::new("questionnaires.fault.too-many").with("most", MOST_QUESTIONS));
        }
        for (tag, text) in &question.texts {
            faults.extend(too_long(format!("ask-{tag}"), &text.ask, limit::ASK));
            faults.extend(too_long(format!("label-{tag}"), &text.label, limit::LABEL));
        }
        if !faults.is_empty() {
            return Err(Error::Invalid(faults));
        }
        match old {
            Some(old) => {
                let found =
                    self.questions.iter_mut().find(|one| one.key == old && one.role != Role::Complete);
                *found.ok_or_else(not_found)? = question;
            }
            None => {
                let end = self.questions.iter().position(|one| one.role == Role::Complete);
                self.questions.insert(end.unwrap_or(self.questions.len()), question);
            }
        }
        Ok(())
    }

    /// Moves a question one place up or down; the first cannot go up, nor the last down.
    ///
    /// # Errors
    /// Not found when there is no such question.
    pub fn shift(&mut self, key: &str, up: bool) -> Result<()> {
        self.question(key).ok_or_else(not_found)?;
        let place = self.questions.iter().position(|one| one.key == key).ok_or_else(not_found)?;
        let last = self.asked().count().saturating_sub(1);
        let other = if up { place.saturating_sub(1) } else { (place + 1).min(last) };
        self.questions.swap(place, other);
        Ok(())
    }

    /// Takes a question out.
    ///
    /// # Errors
    /// Not found when there is no such question.
    pub fn take_out(&mut self, key: &str) -> Result<()> {
        self.question(key).ok_or_else(not_found)?;
        self.questions.retain(|one| one.key != key);
        Ok(())
    }

    /// Adds a language without any text yet.
    ///
    /// # Errors
    /// Invalid when the draft has it.
    pub fn add_language(&mut self, tag: Tag) -> Result<()> {
        if self.texts.contains_key(&tag) {
            return Err(Error::invalid(
                "tag",
                Message::new("questionnaires.fault.tag-taken").with("found", &tag),
            ));
        }
        self.texts.insert(tag, Texts::default());
        Ok(())
    }

    /// Takes a language out with all its texts; Vietnamese and English stay.
    ///
    /// # Errors
    /// Not found when the draft does not have it; conflict for one that stays.
    pub fn drop_language(&mut self, tag: &Tag) -> Result<()> {
        if tag.lang().is_some() {
            return Err(Error::Conflict(Message::new("questionnaires.fault.tag-stays")));
        }
        self.texts.remove(tag).ok_or_else(not_found)?;
        for question in &mut self.questions {
            question.texts.remove(tag);
        }
        Ok(())
    }

    /// Puts all texts of a language: those of the version, and of each question by its key.
    ///
    /// # Errors
    /// Not found when the draft does not have the language; invalid for texts that are too long.
    pub fn put_texts(&mut self, tag: &Tag, texts: Texts, asks: BTreeMap<String, QuestionText>) -> Result<()> {
        if !self.texts.contains_key(tag) {
            return Err(not_found());
        }
        let faults: Vec<FieldError> = long_texts(&texts, &asks).collect();
        if !faults.is_empty() {
            return Err(Error::Invalid(faults));
        }
        self.show_texts(tag, texts, asks);
        Ok(())
    }

    /// Puts all texts of a language as they are, to show them again with what is wrong.
    pub fn show_texts(&mut self, tag: &Tag, texts: Texts, mut asks: BTreeMap<String, QuestionText>) {
        self.texts.insert(tag.clone(), texts);
        for question in self.questions.iter_mut().filter(|one| one.role != Role::Complete) {
            if let Some(text) = asks.remove(&question.key) {
                question.texts.insert(tag.clone(), text);
            }
        }
    }

    /// The texts with which a language page starts: English and others may have none yet.
    pub fn texts_or_empty(&self, tag: &Tag) -> Texts {
        let texts = self.texts.get(tag).cloned().unwrap_or_default();
        Texts { levels: texts.words(tag.as_str()), ..texts }
    }
}

/// Keys stand in addresses, forms and exports: small letters, digits and single hyphens.
fn is_key(key: &str) -> bool {
    let small = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    key.len() <= KEY_LENGTH
        && key.starts_with(|first: char| first.is_ascii_lowercase())
        && key.split('-').all(|part| !part.is_empty() && part.bytes().all(small))
}

fn too_long(field: impl Into<String>, text: &str, most: usize) -> Option<FieldError> {
    let found = text.chars().count();
    let message = || Message::new("questionnaires.fault.too-long").with("most", most).with("found", found);
    (found > most).then(|| FieldError::new(field, message()))
}

fn long_texts<'a>(
    texts: &'a Texts,
    asks: &'a BTreeMap<String, QuestionText>,
) -> impl Iterator<Item = FieldError> + 'a {
    let own = [
        too_long("name", &texts.name, limit::NAME),
        too_long("title", &texts.title, limit::TITLE),
        too_long("opening", &texts.opening, limit::OPENING),
    ];
    let levels = Level::DESCENDING.into_iter().zip(&texts.levels);
    let levels =
        levels.map(|(level, word)| too_long(format!("level-{}", u8::from(level)), word, limit::LEVEL));
    let asks = asks.iter().flat_map(|(key, text)| {
        [
            too_long(format!("ask-{key}"), &text.ask, limit::ASK),
            too_long(format!("label-{key}"), &text.label, limit::LABEL),
        ]
    });
    let page = texts.page.iter().map(|(key, word)| too_long(format!("page-{key}"), word, limit::PAGE));
    own.into_iter().chain(levels).chain(page).chain(asks).flatten()
}

fn not_found() -> Error {
    Error::NotFound(Message::new("error.page-not-found"))
}

#[cfg(test)]
pub(super) mod tests {
    use super::super::Kind;
    use super::*;
    use crate::locale::Lang;

    pub fn question(key: &str, role: Role) -> Question {
        let text = QuestionText { ask: format!("Hỏi {key}"), label: key.into() };
        Question {
            id: 1.into(),
            key: key.into(),
            role,
            required: role == Role::Headline,
            result_only: false,
            allows_na: false,
            texts: Lang::ALL.map(|lang| (lang.into(), text.clone())).into(),
        }
    }

    pub fn version(number: i32, keys: &[&str]) -> Questionnaire {
        let role = |key: &str| match key {
            "overall" => Role::Headline,
            "complete" => Role::Complete,
            _ => Role::Element,
        };
        let texts = Texts { title: "Đánh giá".into(), opening: "Kính mời".into(), ..Texts::default() };
        Questionnaire {
            id: i64::from(number).into(),
            kind: Kind::Tthc,
            version: number,
            status: Status::Published,
            steps: Steps::default(),
            texts: Lang::ALL.map(|lang| (lang.into(), texts.clone())).into(),
            questions: keys.iter().map(|key| question(key, role(key))).collect(),
        }
    }

    fn order(draft: &Questionnaire) -> Vec<&str> {
        draft.questions.iter().map(|question| question.key.as_str()).collect()
    }

    #[test]
    fn a_new_question_comes_last_but_before_the_pseudo_question() {
        let mut draft = version(1, &["overall", "staff", "complete"]).successor(2);
        assert_eq!((draft.status, draft.version), (Status::Draft, 2));
        assert_eq!(draft.texts["vi"].levels[0], "Rất hài lòng");
        draft.put(None, question("access", Role::Element)).unwrap();
        assert_eq!(order(&draft), ["overall", "staff", "access", "complete"]);
        draft.put(Some("staff"), question("people", Role::Element)).unwrap();
        assert_eq!(order(&draft), ["overall", "people", "access", "complete"]);
        draft.take_out("people").unwrap();
        assert_eq!(order(&draft), ["overall", "access", "complete"]);
        assert!(draft.take_out("complete").is_err(), "the pseudo-question belongs to the method");
    }

    #[test]
    fn questions_move_by_one_place_and_stop_at_the_ends() {
        let mut draft = version(1, &["overall", "a", "b", "complete"]);
        draft.shift("b", true).unwrap();
        assert_eq!(order(&draft), ["overall", "b", "a", "complete"]);
        draft.shift("overall", true).unwrap();
        draft.shift("a", false).unwrap();
        assert_eq!(order(&draft), ["overall", "b", "a", "complete"]);
        assert!(draft.shift("complete", true).is_err());
    }

    #[test]
    fn a_key_is_short_plain_free_and_no_name_of_the_form() {
        for key in
            ["", "Staff", "nhân-viên", "a b", "-a", "a--b", "1a", "comment", "lang", "overall", "complete"]
        {
            let mut draft = version(1, &["overall", "complete"]);
            assert!(draft.put(None, question(key, Role::Element)).is_err(), "{key}");
        }
        let mut draft = version(1, &["overall"]);
        for number in 1..MOST_QUESTIONS {
            draft.put(None, question(&format!("e{number}"), Role::Element)).unwrap();
        }
        assert!(draft.put(None, question("one-more", Role::Element)).is_err());
    }

    #[test]
    fn the_languages_of_the_program_stay_and_others_come_and_go() {
        let mut draft = version(1, &["overall"]);
        let tag = Tag::parse("kpm").unwrap();
        draft.add_language(tag.clone()).unwrap();
        assert!(draft.add_language(tag.clone()).is_err());
        let asks = BTreeMap::from([("overall".into(), QuestionText { ask: "A".into(), label: "B".into() })]);
        draft.put_texts(&tag, Texts { title: "C".into(), ..Texts::default() }, asks).unwrap();
        assert_eq!(draft.questions[0].text_in("kpm").unwrap().ask, "A");
        draft.drop_language(&tag).unwrap();
        assert_eq!(draft.questions[0].texts.len(), 2);
        assert!(draft.drop_language(&Lang::En.into()).is_err());
    }
}
