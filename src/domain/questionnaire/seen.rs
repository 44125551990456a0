//! What a form about a draft showed when it was opened, so that of two who change the same the later one is told.

use std::collections::BTreeMap;
use std::fmt::Debug;

use sha2::{Digest, Sha256};

use super::tag::Tag;
use super::{Question, QuestionText, Questionnaire, Texts};
use crate::domain::hex::hex;
use crate::domain::level::Level;
use crate::error::{Error, FieldError, Result};
use crate::locale::Message;

/// The field of a fault about a part that somebody else changed.
pub const FIELD: &str = "seen";

fn digest(part: &impl Debug) -> String {
    hex(&Sha256::digest(format!("{part:?}")))
}

impl Question {
    /// What a form that changes the question has seen of it.
    pub fn seen(&self) -> String {
        let rules = (self.role, self.required, self.result_only, self.allows_na);
        digest(&(&self.key, rules, &self.texts))
    }

    /// What is otherwise in a question that was typed in the place of this one, each at its field.
    fn differences(&self, typed: &Self) -> Vec<FieldError> {
        let mut faults = Vec::new();
        faults.extend(now("key".to_owned(), &self.key, &typed.key));
        for (tag, typed) in &typed.texts {
            let own = self.texts.get(tag).cloned().unwrap_or_default();
            faults.extend(now(format!("ask-{tag}"), &own.ask, &typed.ask));
            faults.extend(now(format!("label-{tag}"), &own.label, &typed.label));
        }
        faults
    }
}

impl Questionnaire {
    /// What a form that publishes the draft has seen of it.
    pub fn seen(&self) -> String {
        let questions: Vec<String> = self.questions.iter().map(Question::seen).collect();
        digest(&(&self.texts, questions))
    }

    /// What a form that changes the texts of a language has seen of them.
    pub fn texts_seen(&self, tag: &Tag) -> String {
        let asks: Vec<_> = self.questions.iter().map(|one| (&one.key, one.texts.get(tag))).collect();
        digest(&(self.texts.get(tag), asks))
    }

    /// Puts a question in the place of the one with the key `old`, if that one is still as the form saw it.
    ///
    /// # Errors
    /// Those of [`Questionnaire::put`]; invalid, with what is otherwise now, where somebody else changed it.
    pub fn put_seen(&mut self, old: &str, question: Question, seen: &str) -> Result<()> {
        match self.question(old) {
            Some(own) if is_other(seen, &own.seen()) => Err(changed(own.differences(&question))),
            _ => self.put(Some(old), question),
        }
    }

    /// Puts all texts of a language, if they are still as the form saw them.
    ///
    /// # Errors
    /// Those of [`Questionnaire::put_texts`]; invalid, with what is otherwise now, where somebody else changed
    /// some.
    pub fn put_texts_seen(
        &mut self,
        tag: &Tag,
        texts: Texts,
        asks: BTreeMap<String, QuestionText>,
        seen: &str,
    ) -> Result<()> {
        if !is_other(seen, &self.texts_seen(tag)) {
            return self.put_texts(tag, texts, asks);
        }
        let own = self.texts_or_empty(tag);
        let mut faults = Vec::new();
        for (field, own, typed) in [
            ("name", &own.name, &texts.name),
            ("title", &own.title, &texts.title),
            ("opening", &own.opening, &texts.opening),
        ] {
            faults.extend(now(field.to_owned(), own, typed));
        }
        let levels = Level::DESCENDING.into_iter().zip(own.levels.iter().zip(&texts.levels));
        faults.extend(
            levels.filter_map(|(level, (own, typed))| now(format!("level-{}", u8::from(level)), own, typed)),
        );
        for (key, typed) in &asks {
            let own = self.question(key).and_then(|one| one.texts.get(tag)).cloned().unwrap_or_default();
            faults.extend(now(format!("ask-{key}"), &own.ask, &typed.ask));
            faults.extend(now(format!("label-{key}"), &own.label, &typed.label));
        }
        for (key, typed) in &texts.page {
            let own = own.page.get(key).map_or("", String::as_str);
            faults.extend(now(format!("page-{key}"), own, typed));
        }
        Err(changed(faults))
    }

    /// Whether the draft is still as the form saw it.
    ///
    /// # Errors
    /// Invalid where somebody changed it.
    pub fn check_seen(&self, seen: &str) -> Result<()> {
        if !is_other(seen, &self.seen()) {
            return Ok(());
        }
        Err(Error::invalid("publication", Message::new("questionnaires.fault.draft-changed")))
    }
}

/// Whether a form saw something else; one that says nothing was shown nothing.
fn is_other(seen: &str, now: &str) -> bool {
    !seen.is_empty() && seen != now
}

fn changed(mut differences: Vec<FieldError>) -> Error {
    differences.insert(0, FieldError::new(FIELD, Message::new("questionnaires.fault.changed")));
    Error::Invalid(differences)
}

/// What stands in a field now, where it is not what was typed.
fn now(field: String, now: &str, typed: &str) -> Option<FieldError> {
    let message = || match now {
        "" => Message::new("questionnaires.fault.now-empty"),
        now => Message::new("questionnaires.fault.now").with("now", now),
    };
    (now != typed).then(|| FieldError::new(field, message()))
}

#[cfg(test)]
mod tests {
    use super::super::edit::tests::{question, version};
    use super::super::{Role, Texts};
    use super::*;

    #[test]
    fn a_part_that_changed_since_it_was_seen_is_not_overwritten() {
        let mut draft = version(1, &["overall", "staff"]).successor(2);
        let tag = Tag::parse("vi").unwrap();
        let (question_seen, texts_seen) = (draft.question("staff").unwrap().seen(), draft.texts_seen(&tag));
        let mut other = question("staff", Role::Element);
        other.texts.get_mut("vi").unwrap().ask = "Khác".into();
        draft.put_seen("staff", other.clone(), &question_seen).unwrap();

        let refused = draft.put_seen("staff", question("staff", Role::Element), &question_seen).unwrap_err();

        let Error::Invalid(faults) = refused else { panic!("it was another error") };
        let fields: Vec<&str> = faults.iter().map(|fault| fault.field.as_str()).collect();
        assert_eq!(fields, [FIELD, "ask-vi"]);
        assert!(draft.put_texts_seen(&tag, Texts::default(), BTreeMap::new(), &texts_seen).is_err());
        let now = draft.question("staff").unwrap().seen();
        draft.put_seen("staff", other, &now).unwrap();
        assert!(draft.check_seen("").is_ok() && draft.check_seen(&draft.seen()).is_ok());
        assert!(draft.check_seen(&texts_seen).is_err());
    }
}
