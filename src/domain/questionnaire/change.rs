//! What differs between two versions, and whether figures of both belong into one series.

use std::collections::BTreeSet;

use chrono::NaiveDate;

use super::tag::Tag;
use super::{Kind, Question, QuestionText, Questionnaire, Status, Texts};
use crate::domain::day::Local;
use crate::domain::level::Level;

/// What happened to a question.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Mark {
    /// It is new.
    Added,
    /// It is gone.
    Removed,
    /// It stands elsewhere among the others.
    Moved,
    /// Its words changed in some language.
    Reworded,
    /// What it is for, or when and how it is asked, changed.
    Ruled,
}

impl Mark {
    /// The word under which its name is found.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Added => "added",
            Self::Removed => "removed",
            Self::Moved => "moved",
            Self::Reworded => "reworded",
            Self::Ruled => "ruled",
        }
    }
}

/// A text that differs, side by side.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wording {
    /// Language.
    pub tag: Tag,
    /// Which text: `name`, `title`, `opening`, `level-5` to `level-1`, `page`, `ask` or
    /// `label`.
    pub part: String,
    /// Before; empty where there was none.
    pub before: String,
    /// After; empty where there is none.
    pub after: String,
}

/// A question in both versions, or in one of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line<'a> {
    /// Before.
    pub before: Option<&'a Question>,
    /// After.
    pub after: Option<&'a Question>,
    /// What happened; nothing where it stayed as it was.
    pub marks: Vec<Mark>,
    /// Words that differ.
    pub words: Vec<Wording>,
}

/// All that differs between two versions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference<'a> {
    /// Heading, privacy line and words of the levels.
    pub words: Vec<Wording>,
    /// Questions in the order after, then those that are gone.
    pub lines: Vec<Line<'a>>,
}

/// Compares two versions.
pub fn between<'a>(before: &'a Questionnaire, after: &'a Questionnaire) -> Difference<'a> {
    let stayed = unmoved(before, after);
    let mut lines: Vec<Line<'a>> = after
        .asked()
        .map(|question| {
            let old = before.question(&question.key);
            line(old, Some(question), stayed.contains(question.key.as_str()))
        })
        .collect();
    let gone = before.asked().filter(|question| after.question(&question.key).is_none());
    lines.extend(gone.map(|question| line(Some(question), None, true)));
    Difference { words: heading(before, after), lines }
}

/// Whether figures of two versions may stand in one series without a mark: the overall question and
/// the words of the levels are the same in every language that both have.
pub fn comparable(one: &Questionnaire, other: &Questionnaire) -> bool {
    let key = |of: &'_ Questionnaire| of.headline().map(|question| question.key.clone());
    match (key(one), key(other)) {
        (Some(first), Some(second)) => first == second && comparable_in(one, other, &first),
        _ => false,
    }
}

/// Whether the answers of two versions to the question of a key may stand in one series: its words and those
/// of the levels are the same in every language that both have. Where one does not ask it, nothing is mixed.
pub fn comparable_in(one: &Questionnaire, other: &Questionnaire, key: &str) -> bool {
    let same_words = |tag: &Tag| {
        let words = |of: &Questionnaire| of.texts.get(tag).map(|texts| texts.words(tag.as_str()));
        words(one) == words(other)
    };
    let same_ask = |tag: &Tag| {
        let ask = |of: &Question| of.texts.get(tag).map(|text| text.ask.trim().to_owned());
        one.question(key).zip(other.question(key)).is_none_or(|(first, second)| ask(first) == ask(second))
    };
    let mut shared = one.texts.keys().filter(|tag| other.texts.contains_key(*tag));
    one.kind == other.kind && shared.all(|tag| same_words(tag) && same_ask(tag))
}

/// The days (in Vietnam) on which a version was published that is not comparable with the one before; with
/// a key, in the question of that key.
pub fn breaks(versions: &[Questionnaire], kind: Kind, key: Option<&str>) -> Vec<NaiveDate> {
    let mut own: Vec<_> =
        versions.iter().filter(|one| one.kind == kind && one.status != Status::Draft).collect();
    own.sort_by_key(|one| one.version);
    let same = |before: &Questionnaire, after: &Questionnaire| {
        key.map_or_else(|| comparable(before, after), |key| comparable_in(before, after, key))
    };
    let pairs = own.iter().zip(own.iter().skip(1)).filter(|(before, after)| !same(before, after));
    pairs
        .filter_map(|(_, after)| after.steps.published.as_ref())
        .map(|stamp| Local::at(stamp.at.and_utc()).day)
        .collect()
}

fn line<'a>(before: Option<&'a Question>, after: Option<&'a Question>, stayed: bool) -> Line<'a> {
    let words = question_words(before, after);
    let marks = match (before, after) {
        (Some(old), Some(new)) => {
            let rules = |of: &Question| (of.role, of.required, of.result_only, of.allows_na);
            let found = [
                (!stayed, Mark::Moved),
                (!words.is_empty(), Mark::Reworded),
                (rules(old) != rules(new), Mark::Ruled),
            ];
            found.into_iter().filter(|(is, _)| *is).map(|(_, mark)| mark).collect()
        }
        (None, _) => vec![Mark::Added],
        (_, None) => vec![Mark::Removed],
    };
    Line { before, after, marks, words }
}

/// The longest run of common questions whose order is the same in both; all others moved.
fn unmoved<'a>(before: &'a Questionnaire, after: &'a Questionnaire) -> BTreeSet<&'a str> {
    let place = |key: &str| before.asked().position(|question| question.key == key);
    let common: Vec<(&str, usize)> =
        after.asked().filter_map(|question| Some((question.key.as_str(), place(&question.key)?))).collect();
    let mut runs: Vec<Vec<(&str, usize)>> = Vec::new();
    for &(key, at) in &common {
        let fitting = runs.iter().filter(|run| run.last().is_some_and(|(_, last)| *last < at));
        // Of runs equally long the first one is kept.
        let longest = fitting.rev().max_by_key(|run| run.len()).cloned().unwrap_or_default();
        runs.push([longest, vec![(key, at)]].concat());
    }
    let longest = runs.into_iter().rev().max_by_key(Vec::len).unwrap_or_default();
    longest.into_iter().map(|(key, _)| key).collect()
}

fn tags<'a>(found: impl Iterator<Item = &'a Tag>) -> Vec<&'a Tag> {
    let mut tags: Vec<&Tag> = found.collect::<BTreeSet<_>>().into_iter().collect();
    tags.sort_by_key(|tag| tag.place());
    tags
}

fn wording(tag: &Tag, part: impl Into<String>, before: &str, after: &str) -> Option<Wording> {
    let (before, after) = (before.trim().to_owned(), after.trim().to_owned());
    (before != after).then(|| Wording { tag: tag.clone(), part: part.into(), before, after })
}

fn heading(before: &Questionnaire, after: &Questionnaire) -> Vec<Wording> {
    let mut words = Vec::new();
    for tag in tags(before.texts.keys().chain(after.texts.keys())) {
        let (old, new) = (before.texts_or_empty(tag), after.texts_or_empty(tag));
        words.extend(wording(tag, "name", &old.name, &new.name));
        words.extend(wording(tag, "title", &old.title, &new.title));
        words.extend(wording(tag, "opening", &old.opening, &new.opening));
        for ((level, old), new) in Level::DESCENDING.into_iter().zip(&old.levels).zip(&new.levels) {
            words.extend(wording(tag, format!("level-{}", u8::from(level)), old, new));
        }
        for key in super::words::keys() {
            let word = |of: &Texts| of.page.get(key).cloned().unwrap_or_default();
            words.extend(wording(tag, "page", &word(&old), &word(&new)));
        }
    }
    words
}

fn question_words(before: Option<&Question>, after: Option<&Question>) -> Vec<Wording> {
    let texts = |of: Option<&Question>, tag: &Tag| -> QuestionText {
        of.and_then(|question| question.texts.get(tag)).cloned().unwrap_or_default()
    };
    let mut words = Vec::new();
    let of_either = before.into_iter().chain(after);
    for tag in tags(of_either.flat_map(|question| question.texts.keys())) {
        let (old, new) = (texts(before, tag), texts(after, tag));
        words.extend(wording(tag, "ask", &old.ask, &new.ask));
        words.extend(wording(tag, "label", &old.label, &new.label));
    }
    words
}

#[cfg(test)]
mod tests {
    use super::super::edit::tests::version;
    use super::super::{Stamp, Steps};
    use super::*;

    fn marks<'a>(difference: &'a Difference<'_>) -> Vec<(&'a str, &'a [Mark])> {
        let question = |line: &Line<'a>| line.after.or(line.before).unwrap();
        let changed = difference.lines.iter().filter(|line| !line.marks.is_empty());
        changed.map(|line| (question(line).key.as_str(), line.marks.as_slice())).collect()
    }

    #[test]
    fn a_copy_differs_in_nothing() {
        let first = version(1, &["overall", "staff", "result", "complete"]);
        let second = first.successor(2);
        let difference = between(&first, &second);
        assert_eq!(marks(&difference), []);
        assert_eq!(difference.words, []);
        assert!(comparable(&first, &second));
    }

    #[test]
    fn what_was_added_removed_moved_reworded_or_ruled_is_told_apart() {
        let first = version(1, &["overall", "access", "staff", "result", "feedback"]);
        let mut second = version(2, &["overall", "result", "access", "staff", "online"]);
        second.questions[3].allows_na = true;
        second.questions[2].texts.get_mut("en").unwrap().ask = "Seats".into();
        let difference = between(&first, &second);
        assert_eq!(
            marks(&difference),
            [
                ("result", &[Mark::Moved][..]),
                ("access", &[Mark::Reworded]),
                ("staff", &[Mark::Ruled]),
                ("online", &[Mark::Added]),
                ("feedback", &[Mark::Removed]),
            ]
        );
        assert_eq!(difference.lines[2].words[0].after, "Seats");
        assert!(comparable(&first, &second), "elements join by their keys");
    }

    #[test]
    fn other_words_of_the_overall_question_or_a_level_break_the_series() {
        let first = version(1, &["overall", "staff"]);
        let mut asked = first.successor(2);
        asked.questions[0].texts.get_mut("vi").unwrap().ask = "Khác".into();
        assert!(!comparable(&first, &asked));
        let mut levels = first.successor(2);
        levels.texts.get_mut("vi").unwrap().levels[2] = "Tạm được".into();
        assert!(!comparable(&first, &levels));
        assert_eq!(between(&first, &levels).words[0].part, "level-3");
        let mut more = first.successor(2);
        more.add_language(Tag::parse("kpm").unwrap()).unwrap();
        assert!(comparable(&first, &more), "a language more changes nothing for the others");
    }

    #[test]
    fn a_series_breaks_on_the_vietnamese_day_of_publishing() {
        let first = version(1, &["overall", "staff"]);
        let mut second = first.successor(2);
        second.texts.get_mut("vi").unwrap().levels[2] = "Tạm được".into();
        assert_eq!(breaks(&[first.clone(), second.clone()], Kind::Tthc, None), []);
        let stamp = Stamp { at: "2026-09-30T17:30:00".parse().unwrap(), by: "lan".into() };
        second.status = Status::Published;
        second.steps = Steps { published: Some(stamp), ..Steps::default() };
        let versions = [second, first];
        assert_eq!(breaks(&versions, Kind::Tthc, None), ["2026-10-01".parse::<NaiveDate>().unwrap()]);
        assert_eq!(breaks(&versions, Kind::AgencyService, None), []);
    }

    #[test]
    fn other_words_of_an_element_break_its_own_series_alone() {
        let mut first = version(1, &["overall", "staff", "access"]);
        let stamp = |at: &str| Stamp { at: at.parse().unwrap(), by: "lan".into() };
        first.status = Status::Retired;
        first.steps = Steps { published: Some(stamp("2026-01-05T02:00:00")), ..Steps::default() };
        let mut second = first.successor(2);
        second.questions[1].texts.get_mut("vi").unwrap().ask = "Công chức có lắng nghe không?".into();
        second.status = Status::Published;
        second.steps = Steps { published: Some(stamp("2026-09-30T02:00:00")), ..Steps::default() };
        let versions = [first, second];
        let days = |key| breaks(&versions, Kind::Tthc, key);
        assert_eq!(days(Some("staff")), ["2026-09-30".parse::<NaiveDate>().unwrap()]);
        assert_eq!(
            [days(None), days(Some("access")), days(Some("overall")), days(Some("none"))],
            [(); 4].map(|()| vec![])
        );
    }
}
