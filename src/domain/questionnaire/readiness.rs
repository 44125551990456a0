//! What a version needs before citizens may be asked with it.

use super::tag::Tag;
use super::{Question, Questionnaire, Role};
use crate::error::FieldError;
use crate::locale::{Lang, Message};

/// A language in which citizens will no longer be asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lost<'a> {
    /// The language.
    pub tag: &'a Tag,
    /// What it lacks.
    pub why: Why,
}

/// What a language lacks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Why {
    /// The version has nothing in it.
    Removed,
    /// Texts of the form itself.
    Texts,
    /// Texts of the questions with these keys.
    Questions(Vec<String>),
}

fn filled(text: &str) -> bool {
    !text.trim().is_empty()
}

impl Question {
    fn is_told_in(&self, tag: &str) -> bool {
        self.texts.get(tag).is_some_and(|text| filled(&text.ask) && filled(&text.label))
    }
}

impl Questionnaire {
    /// The languages of its texts: Vietnamese, English, then the others by their tags.
    pub fn languages(&self) -> Vec<&Tag> {
        let mut tags: Vec<&Tag> = self.texts.keys().collect();
        tags.sort_by_key(|tag| tag.place());
        tags
    }

    /// Whether every text that citizens read is there in a language.
    pub fn is_complete_in(&self, tag: &str) -> bool {
        self.texts.get(tag).is_some_and(|texts| {
            let words = texts.words(tag);
            (Lang::from_key(tag).is_some() || filled(&texts.name))
                && filled(&texts.title)
                && filled(&texts.opening)
                && words.iter().all(|word| filled(word))
                && self.asked().all(|question| question.is_told_in(tag))
        })
    }

    /// The languages in which citizens may be asked: those that are complete.
    pub fn offered(&self) -> Vec<&Tag> {
        self.languages().into_iter().filter(|tag| self.is_complete_in(tag.as_str())).collect()
    }

    /// The languages that another version offers and this one does not.
    pub fn lost_from<'a>(&self, before: &'a Self) -> Vec<Lost<'a>> {
        let lost = before.offered().into_iter().filter(|tag| !self.is_complete_in(tag.as_str()));
        lost.map(|tag| Lost { tag, why: self.why_lost(tag) }).collect()
    }

    fn why_lost(&self, tag: &Tag) -> Why {
        let untold = self.asked().filter(|question| !question.is_told_in(tag.as_str()));
        let keys: Vec<_> = untold.map(|question| question.key.clone()).collect();
        match self.texts.get(tag) {
            None => Why::Removed,
            Some(_) if keys.is_empty() => Why::Texts,
            Some(_) => Why::Questions(keys),
        }
    }

    /// What stands in the way of publishing; each names the part of the page where it is mended.
    pub fn obstacles(&self) -> Vec<FieldError> {
        let mut faults = Vec::new();
        let mut fault = |place: &str, message: Message| faults.push(FieldError::new(place, message));
        let headlines: Vec<_> = self.asked().filter(|question| question.role == Role::Headline).collect();
        match headlines.as_slice() {
            [headline] => {
                if !headline.required || headline.result_only || headline.allows_na {
                    let message = Message::new("questionnaires.fault.headline-rules");
                    fault("questions", message.with("key", &headline.key));
                }
            }
            found => {
                let message = Message::new("questionnaires.fault.headlines");
                fault("questions", message.with("found", found.len()));
            }
        }
        if !self.asked().any(|question| question.role == Role::Element) {
            fault("questions", Message::new("questionnaires.fault.no-element"));
        }
        if !self.is_complete_in(Lang::Vi.key()) {
            fault("languages", Message::new("questionnaires.fault.vietnamese"));
        }
        faults
    }
}

#[cfg(test)]
mod tests {
    use super::super::edit::tests::{question, version};
    use super::*;

    fn keys(questionnaire: &Questionnaire) -> Vec<&'static str> {
        questionnaire.obstacles().iter().map(|fault| fault.message.key()).collect()
    }

    #[test]
    fn a_version_needs_one_overall_question_that_everyone_must_answer() {
        assert_eq!(keys(&version(1, &["overall", "staff"])), [""; 0]);
        let mut two = version(1, &["overall", "staff"]);
        two.questions.push(question("other", Role::Headline));
        assert_eq!(keys(&two), ["questionnaires.fault.headlines"]);
        let mut optional = version(1, &["overall", "staff"]);
        optional.questions[0].required = false;
        assert_eq!(keys(&optional), ["questionnaires.fault.headline-rules"]);
        assert_eq!(keys(&version(1, &["overall"])), ["questionnaires.fault.no-element"]);
    }

    #[test]
    fn a_language_is_offered_when_no_text_is_missing_in_it() {
        let mut draft = version(1, &["overall", "staff"]);
        let shown =
            |draft: &Questionnaire| draft.offered().iter().map(ToString::to_string).collect::<Vec<_>>();
        assert_eq!(shown(&draft), ["vi", "en"]);

        let kpm = Tag::parse("kpm").unwrap();
        let texts = draft.texts[Lang::Vi.key()].clone();
        draft.texts.insert(kpm.clone(), texts.clone());
        for question in &mut draft.questions {
            question.texts.insert(kpm.clone(), question.texts[Lang::Vi.key()].clone());
        }
        draft.texts.get_mut("kpm").unwrap().name = "K'Ho".into();
        assert_eq!(shown(&draft), ["vi", "en"], "the program has no words of the levels in this language");
        draft.texts.get_mut("kpm").unwrap().levels = ["5", "4", "3", "2", "1"].map(str::to_owned);
        assert_eq!(shown(&draft), ["vi", "en", "kpm"]);

        let before = draft.clone();
        draft.questions[1].texts.get_mut("en").unwrap().ask = " ".into();
        assert_eq!(shown(&draft), ["vi", "kpm"]);
        draft.texts.remove("kpm");
        let lost: Vec<_> = draft.lost_from(&before).into_iter().map(|one| one.why).collect();
        assert_eq!(lost, [Why::Questions(vec!["staff".to_owned()]), Why::Removed]);
        draft.questions[1].texts.remove("vi");
        assert_eq!(keys(&draft), ["questionnaires.fault.vietnamese"]);
    }
}
