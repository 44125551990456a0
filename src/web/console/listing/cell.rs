//! Cells of lists: what they show, what they are sorted by, and what a file holds of them.

use std::rc::Rc;

use chrono::{NaiveDate, NaiveDateTime};

use crate::app::exports::Value;
use crate::domain::latest::Latest;
use crate::locale::{Lang, NameKeys};
use crate::web::console::words;

/// What a cell is sorted by, and what a file holds of it.
#[derive(Debug, Clone, PartialEq)]
pub enum Rank {
    /// Its text, as names are sorted; a dash stands for nothing.
    Text,
    /// Another text; the file holds the one that is shown.
    Word(String),
    /// A number of things.
    Count(u64),
    /// A number with two decimals, in hundredths.
    Hundredths(i64),
    /// A day; the file holds the text.
    Day(NaiveDate),
    /// A time; the file holds the text.
    Instant(NaiveDateTime),
    /// Hidden, since too few share it.
    Hidden,
}

/// A form in a cell that does one thing to the row.
pub struct Button {
    /// Where it is sent.
    pub action: String,
    /// Word.
    pub word: String,
    /// The row, for whoever hears the word alone.
    pub about: String,
}

/// One cell of a table.
pub struct Cell {
    /// Text.
    pub text: String,
    /// Where it leads.
    pub address: Option<String>,
    /// Class of its style.
    pub class: &'static str,
    /// Class of the state that it names.
    pub state: Option<&'static str>,
    /// What it is sorted by.
    pub rank: Rank,
    /// What can be done.
    pub button: Option<Button>,
}

impl Cell {
    /// A text that leads nowhere.
    pub fn text(text: impl Into<String>) -> Self {
        Self { text: text.into(), address: None, class: "", state: None, rank: Rank::Text, button: None }
    }

    /// A text that leads on.
    pub fn link(text: impl Into<String>, address: String) -> Self {
        Self { address: Some(address), ..Self::text(text) }
    }

    /// A text that is not broken into lines.
    pub fn whole(text: impl Into<String>) -> Self {
        Self { class: "whole", ..Self::text(text) }
    }

    /// A count.
    pub fn count(lang: Lang, count: usize) -> Self {
        let count = u64::try_from(count).unwrap_or(u64::MAX);
        Self::number(lang.count(count), Rank::Count(count))
    }

    /// A number in words of the language.
    pub fn number(text: impl Into<String>, rank: Rank) -> Self {
        Self { class: "num", rank, ..Self::text(text) }
    }

    /// A day.
    pub fn day(lang: Lang, day: NaiveDate) -> Self {
        Self { rank: Rank::Day(day), ..Self::whole(lang.date(day)) }
    }

    /// A time.
    pub fn instant(lang: Lang, at: NaiveDateTime) -> Self {
        Self { rank: Rank::Instant(at), ..Self::whole(words::instant(lang, at)) }
    }

    /// When the last answer came.
    pub fn latest(lang: Lang, latest: Latest) -> Self {
        match latest {
            Latest::None => Self::text("–"),
            Latest::On(day) => Self::day(lang, day),
            Latest::Within(period) => Self::whole(lang.period(period)).ranked(Rank::Day(period.to())),
            Latest::Hidden => Self::text("…").ranked(Rank::Hidden),
        }
    }

    /// A state with the class of its colour.
    pub fn state(class: &'static str, word: impl Into<String>) -> Self {
        Self { state: Some(class), ..Self::text(word) }
    }

    /// The same, sorted by something else than its text.
    #[must_use]
    pub fn ranked(self, rank: Rank) -> Self {
        Self { rank, ..self }
    }

    fn is_empty(&self) -> bool {
        self.rank == Rank::Text && matches!(self.text.as_str(), "" | "–")
    }

    /// What it is compared by; none for what is not known.
    pub(super) fn key(&self, names: &mut NameKeys) -> Option<Key> {
        let key = match &self.rank {
            _ if self.is_empty() => return None,
            Rank::Text => Key::Name(names.of(&self.text)),
            Rank::Word(word) => Key::Name(names.of(word)),
            Rank::Count(count) => Key::Count(*count),
            Rank::Hundredths(number) => Key::Hundredths(*number),
            Rank::Day(day) => Key::Day(*day),
            Rank::Instant(at) => Key::Instant(*at),
            Rank::Hidden => return None,
        };
        Some(key)
    }

    /// What a file holds.
    pub(super) fn value(&self) -> Value {
        match self.rank {
            _ if self.is_empty() => Value::Empty,
            Rank::Count(count) => Value::Count(count),
            Rank::Hundredths(number) => Value::Hundredths(number),
            Rank::Hidden => Value::Hidden,
            _ => Value::Text(self.text.clone()),
        }
    }
}

/// What a cell is compared by.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Key {
    Name(Rc<[u8]>),
    Count(u64),
    Hundredths(i64),
    Day(NaiveDate),
    Instant(NaiveDateTime),
}
