//! Numbers in digits: which of them speak of a person, and which are money, dates, years and counts.

use std::ops::Range;

use super::Kind;
use super::run::{Group, amount, counts_up, date, date_or_time, has_one_joint, is_date, is_year, runs};
use crate::domain::fold::fold;

/// Most groups that one number has.
const MOST_GROUPS: usize = 20;

/// Digits from which on groups of any kind are taken for somebody's number, where nothing tells what else they are.
const MANY: usize = 9;

/// Digits beside dates, times and amounts that are too few for a part of somebody's number.
const FEW: usize = 5;

/// What some groups of a run are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Meaning {
    /// Somebody's.
    Personal(Kind),
    /// A date, a time, a year or an amount, if what is around it is none of somebody's number either.
    Likely,
    /// Not told by themselves.
    Open,
}

/// Some groups at the beginning of what is left of a run.
struct Window<'a> {
    digits: String,
    groups: &'a [Group<'a>],
    plus: bool,
    /// What the words before it say that it is.
    said: Option<Kind>,
    /// Whether the word after it is one of money.
    is_money: bool,
}

/// Where numbers stand that speak of a person.
pub fn all(text: &str) -> Vec<(Range<usize>, Kind)> {
    let mut found = Vec::new();
    for run in runs(text) {
        let (mut rest, mut open) = (run.as_slice(), 0..0);
        let mut meanings = Vec::new();
        while let Some(first) = rest.first() {
            let (count, meaning) = meaning(text, rest);
            if let Meaning::Personal(kind) = meaning {
                let end = rest.get(count - 1).map_or(first.end(), Group::end);
                found.push((around(text, first.start..end), kind));
            }
            meanings.extend(std::iter::repeat_n(meaning, count));
            rest = rest.get(count..).unwrap_or_default();
        }
        for (place, meaning) in meanings.iter().enumerate() {
            open.end = place;
            if matches!(meaning, Meaning::Personal(_)) {
                found.extend(stretch(text, &run, &meanings, open));
                open = place + 1..place + 1;
            }
        }
        found.extend(stretch(text, &run, &meanings, open.start..run.len()));
    }
    found
}

/// What the groups are with which the rest of a run begins, and how many.
fn meaning(text: &str, rest: &[Group<'_>]) -> (usize, Meaning) {
    let said = rest.first().and_then(|first| said_before(text, first.start));
    let likely = |count| (count, Meaning::Likely);
    let year = || rest.first().filter(|first| is_year(first.digits)).map(|_| 1);
    date(rest)
        .map(likely)
        .or_else(|| classify(text, rest, said).map(|(count, kind)| (count, Meaning::Personal(kind))))
        .or_else(|| amount(rest).or_else(|| date_or_time(rest)).or_else(year).map(likely))
        .unwrap_or((1, Meaning::Open))
}

/// The number that open groups make together, if they do: nine digits and more of which nothing tells that they are
/// money, a list, or days and times.
fn stretch(
    text: &str,
    run: &[Group<'_>],
    meanings: &[Meaning],
    open: Range<usize>,
) -> Option<(Range<usize>, Kind)> {
    let (groups, meanings) = (run.get(open.clone())?, meanings.get(open)?);
    let (first, last) = (groups.first()?, groups.last()?);
    let all: usize = groups.iter().map(|group| group.digits.len()).sum();
    let open = groups.iter().zip(meanings).filter(|(_, meaning)| **meaning == Meaning::Open);
    let open: usize = open.map(|(group, _)| group.digits.len()).sum();
    // Of what begins with a nought only days and times are anything else than somebody's number.
    let is_sure = first.digits.starts_with('0') && meanings.first() == Some(&Meaning::Open);
    let is_told = || money_follows(text.get(last.end()..).unwrap_or_default()) || counts_up(groups);
    let is_number = all >= MANY && (is_sure || open > FEW && !is_told());
    let kind = said_before(text, first.start).unwrap_or(Kind::Number);
    is_number.then(|| (around(text, first.start..last.end()), kind))
}

/// A number with the plus sign before it, and the bracket that it closes.
fn around(text: &str, span: Range<usize>) -> Range<usize> {
    let closes = text.get(span.clone()).is_some_and(|number| number.contains(')'));
    let before = |start: usize, sign: char| text.get(..start).is_some_and(|before| before.ends_with(sign));
    let plus = span.start - usize::from(before(span.start, '+'));
    plus - usize::from(closes && before(plus, '('))..span.end
}

fn classify(text: &str, rest: &[Group<'_>], said: Option<Kind>) -> Option<(usize, Kind)> {
    let plus = text.get(..rest.first()?.start)?.ends_with('+');
    let windows = || {
        (1..=rest.len().min(MOST_GROUPS)).filter_map(|count| {
            let groups = rest.get(..count)?;
            let digits: String = groups.iter().map(|group| group.digits).collect();
            let is_money = money_follows(text.get(groups.last()?.end()..)?);
            Some(Window { digits, groups, plus, said, is_money })
        })
    };
    let take = |window: Window<'_>, kind| (window.groups.len(), kind);
    let phone = || windows().find(is_phone).map(|window| take(window, Kind::Phone));
    let card = || windows().find(is_citizen_card).map(|window| take(window, Kind::Document));
    let first = if said == Some(Kind::Document) { card().or_else(phone) } else { phone().or_else(card) };
    if first.is_some() {
        return first;
    }
    if amount(rest).is_some() && said.is_none() {
        return None;
    }
    // The longest one: an account in groups of four is masked whole.
    let long = windows().rfind(is_account).map(|window| take(window, said.unwrap_or(Kind::Number)));
    let old_card = || windows().find(is_old_card).map(|window| take(window, said.unwrap_or(Kind::Document)));
    long.filter(|(count, _)| *count > 1).or_else(old_card).or(long)
}

/// 0 or +84 and nine digits; a landline has ten, and so had a mobile number until 2018.
fn is_phone(window: &Window<'_>) -> bool {
    let digits = window.digits.as_str();
    let abroad = digits.strip_prefix("0084").or_else(|| digits.strip_prefix("84"));
    let national = match abroad {
        Some(rest) if window.plus || digits.len() >= 11 => rest.strip_prefix('0').unwrap_or(rest),
        _ => match digits.strip_prefix('0') {
            Some(rest) => rest,
            None if window.said == Some(Kind::Phone) => digits,
            None => return false,
        },
    };
    let fits = match national.chars().next() {
        Some('3' | '5' | '6' | '7' | '8' | '9') => national.len() == 9,
        Some('1') => national.len() == 10,
        Some('2') => (9..=10).contains(&national.len()) && digits.len() >= 11,
        _ => false,
    };
    let is_thick = || window.groups.iter().all(|group| group.digits.len() >= 2);
    let is_told = window.plus || window.said.is_some() && is_thick();
    let is_sure = window.groups.len() < 3 || is_told || has_one_joint(window.groups);
    fits && is_sure && (!window.is_money || digits.starts_with('0'))
}

/// Twelve digits of a citizen card.
fn is_citizen_card(window: &Window<'_>) -> bool {
    let is_told = window.said == Some(Kind::Document) || is_in_groups(window);
    window.digits.len() == 12 && window.digits.starts_with('0') && is_told && has_one_joint(window.groups)
}

/// Nine digits of the older identity card.
fn is_old_card(window: &Window<'_>) -> bool {
    let is_told = window.said == Some(Kind::Document) || is_in_groups(window);
    window.digits.len() == 9
        && is_told
        && has_one_joint(window.groups)
        && !is_round(window)
        && !window.is_money
}

/// Whether no group has fewer than three digits, as those of dates and counts have.
fn is_in_groups(window: &Window<'_>) -> bool {
    window.groups.iter().all(|group| group.digits.len() >= 3)
}

/// Eight digits and more at a stretch, or ten and more in groups; fewer where words say what they are.
fn is_account(window: &Window<'_>) -> bool {
    let length = window.digits.len();
    if window.is_money || is_round(window) {
        return false;
    }
    match window.groups {
        [_] if window.said == Some(Kind::Number) => length >= 6,
        [_] if window.said == Some(Kind::Document) => length >= 7 && !window.digits.ends_with("000"),
        [_] => length >= 8 && !is_plain_date(&window.digits),
        groups => {
            let years = groups.iter().all(|group| is_year(group.digits));
            length >= 10 && is_in_groups(window) && !years && has_one_joint(groups)
        }
    }
}

/// Four noughts at the end are rather money than a number that someone bears.
fn is_round(window: &Window<'_>) -> bool {
    window.said.is_none() && window.digits.ends_with("0000") && !window.digits.starts_with('0')
}

/// Eight digits that are a date without signs: 15092026 or 20260915.
fn is_plain_date(digits: &str) -> bool {
    let part = |range: Range<usize>| digits.get(range).unwrap_or_default();
    digits.len() == 8
        && (is_date(part(0..2), part(2..4), part(4..8)) || is_date(part(6..8), part(4..6), part(0..4)))
}

fn money_follows(text: &str) -> bool {
    let word: String = text.trim_start().chars().take_while(|letter| letter.is_alphabetic()).collect();
    let words = ["d", "dong", "vnd", "nghin", "ngan", "trieu", "tr", "ty", "ti", "k", "usd", "do"];
    words.contains(&fold(&word).as_str())
}

/// What the last words before a number say that it is. What a mark says is of another number.
pub fn said_before(text: &str, start: usize) -> Option<Kind> {
    let before = text.get(..start)?.rsplit(']').next()?;
    let words = before.rsplit(|letter: char| !letter.is_alphanumeric()).filter(|word| !word.is_empty());
    let mut last: Vec<String> = words.take(5).map(fold).collect();
    last.reverse();
    let last = format!(" {} ", last.join(" "));
    let says = |phrases: &[&str]| phrases.iter().any(|phrase| last.contains(&format!(" {phrase} ")));
    if says(&["dien thoai", "sdt", "dt", "lien he", "goi", "zalo", "so may", "di dong", "tel", "phone"]) {
        Some(Kind::Phone)
    } else if says(&["cccd", "cmnd", "cmt", "can cuoc", "chung minh", "dinh danh", "ho chieu", "passport"]) {
        Some(Kind::Document)
    } else if says(&["tai khoan", "stk", "so tk", "ma so thue", "mst"]) {
        Some(Kind::Number)
    } else {
        None
    }
}
