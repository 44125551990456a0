//! Numbers in digits: which of them speak of a person, and which are money, dates, years and counts.

use std::ops::Range;

use super::Kind;
use crate::domain::fold::fold;

/// Digits that stand together.
#[derive(Debug, Clone, Copy)]
struct Group<'a> {
    start: usize,
    digits: &'a str,
    /// What stands before it within its run; empty at the first one.
    joint: &'a str,
}

impl Group<'_> {
    const fn end(&self) -> usize {
        self.start + self.digits.len()
    }
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
        let mut rest = run.as_slice();
        while let Some(first) = rest.first() {
            let said = said_before(text, first.start);
            let taken = if let Some(date) = date(rest) {
                date
            } else if let Some((count, kind)) = classify(text, rest, said) {
                let start = first.start - plus_before(text, first.start).unwrap_or(0);
                let end = rest.get(count - 1).map_or(first.end(), Group::end);
                found.push((start..end, kind));
                count
            } else {
                amount(rest).unwrap_or(1)
            };
            rest = rest.get(taken..).unwrap_or_default();
        }
    }
    found
}

/// Groups that a single sign of the usual kinds keeps together.
fn runs(text: &str) -> Vec<Vec<Group<'_>>> {
    let mut runs: Vec<Vec<Group<'_>>> = Vec::new();
    let mut place = 0;
    while let Some(found) = text.get(place..).and_then(|rest| rest.find(|one: char| one.is_ascii_digit())) {
        let start = place + found;
        let rest = text.get(start..).unwrap_or_default();
        let length = rest.bytes().take_while(u8::is_ascii_digit).count();
        let digits = rest.get(..length).unwrap_or_default();
        let joint = text.get(place..start).unwrap_or_default();
        match runs.last_mut() {
            Some(run) if is_joint(joint) => run.push(Group { start, digits, joint }),
            _ => runs.push(vec![Group { start, digits, joint: "" }]),
        }
        place = start + length;
    }
    runs
}

fn is_joint(text: &str) -> bool {
    let open: String = text.chars().filter(|sign| !"()".contains(*sign)).collect();
    let is_sign = |sign: char| " \u{a0}.-–,_".contains(sign);
    match open.chars().count() {
        0 => !text.is_empty(),
        1 => open.starts_with(is_sign),
        2 => open == "  ",
        3 => open == " - " || open == " – ",
        _ => false,
    }
}

/// The length of a plus sign before a number, with a bracket that may stand around.
fn plus_before(text: &str, start: usize) -> Option<usize> {
    text.get(..start)?.ends_with('+').then_some(1)
}

fn classify(text: &str, rest: &[Group<'_>], said: Option<Kind>) -> Option<(usize, Kind)> {
    let first = rest.first()?;
    let plus = plus_before(text, first.start).is_some();
    let windows = || {
        (1..=rest.len().min(7)).filter_map(|count| {
            let groups = rest.get(..count)?;
            let digits: String = groups.iter().map(|group| group.digits).collect();
            let is_money = money_follows(text.get(groups.last()?.end()..)?);
            (digits.len() <= 19).then_some(Window { digits, groups, plus, said, is_money })
        })
    };
    let take = |window: Window<'_>, kind| (window.groups.len(), kind);
    if let Some(window) = windows().find(is_phone) {
        return Some(take(window, Kind::Phone));
    }
    if amount(rest).is_some() && said.is_none() {
        return None;
    }
    if let Some(window) = windows().find(is_document) {
        return Some(take(window, said.unwrap_or(Kind::Document)));
    }
    // The longest one: an account in groups of four is masked whole.
    windows().rfind(is_account).map(|window| take(window, said.unwrap_or(Kind::Number)))
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
    let is_sure = window.plus || window.said.is_some() || window.groups.len() < 3;
    fits && (is_sure || has_one_joint(window.groups)) && (!window.is_money || digits.starts_with('0'))
}

/// Twelve digits of a citizen card, or nine of the older identity card.
fn is_document(window: &Window<'_>) -> bool {
    let thick = window.groups.iter().all(|group| group.digits.len() >= 3);
    let fits = match window.digits.len() {
        12 => window.digits.starts_with('0'),
        9 => !is_round(window),
        _ => false,
    };
    fits && thick && has_one_joint(window.groups) && !window.is_money
}

/// Eight digits and more at a stretch, or ten and more in groups.
fn is_account(window: &Window<'_>) -> bool {
    let length = window.digits.len();
    if window.is_money || is_round(window) {
        return false;
    }
    match window.groups {
        [_] if window.said == Some(Kind::Number) => length >= 6,
        [_] => length >= 8 && !is_plain_date(&window.digits),
        groups => {
            let thick = groups.iter().all(|group| group.digits.len() >= 3);
            let years = groups.iter().all(|group| is_year(group.digits));
            length >= 10 && thick && !years && has_one_joint(groups)
        }
    }
}

/// Four noughts at the end are rather money than a number that someone bears.
fn is_round(window: &Window<'_>) -> bool {
    window.said.is_none() && window.digits.ends_with("0000") && !window.digits.starts_with('0')
}

fn has_one_joint(groups: &[Group<'_>]) -> bool {
    let mut joints = groups.iter().skip(1).map(|group| group.joint);
    let first = joints.next();
    joints.all(|joint| Some(joint) == first)
}

/// The groups of a number with thousands signs, such as 1.500.000.
fn amount(rest: &[Group<'_>]) -> Option<usize> {
    let first = rest.first().filter(|one| one.digits.len() <= 3 && !one.digits.starts_with('0'))?;
    let sign = rest.get(1).map(|one| one.joint).filter(|joint| matches!(*joint, "." | ","))?;
    let thousands = rest.iter().skip(1).take_while(|one| one.joint == sign && one.digits.len() == 3).count();
    (thousands > 0 && !first.digits.is_empty()).then_some(1 + thousands)
}

/// The groups of a date, such as 15.9.2026 or 2026-09-15.
fn date(rest: &[Group<'_>]) -> Option<usize> {
    let [one, two, three] = rest.get(..3)? else {
        return None;
    };
    let (one, two, three) = (one.digits, two.digits, three.digits);
    let fits = has_one_joint(rest.get(..3)?) && is_date(one, two, three);
    let turned = has_one_joint(rest.get(..3)?) && one.len() == 4 && is_date(three, two, one);
    (fits || turned).then_some(3)
}

fn is_date(day: &str, month: &str, year: &str) -> bool {
    let within = |text: &str, end: u8| {
        text.len() <= 2 && text.parse::<u8>().is_ok_and(|number| (1..=end).contains(&number))
    };
    within(day, 31) && within(month, 12) && is_year(year)
}

fn is_year(text: &str) -> bool {
    text.len() == 4 && text.parse::<u16>().is_ok_and(|year| (1900..=2100).contains(&year))
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

/// What the last words before a number say that it is.
fn said_before(text: &str, start: usize) -> Option<Kind> {
    let before = fold(text.get(..start)?);
    let mut last: Vec<&str> = before
        .rsplit(|letter: char| !letter.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .take(5)
        .collect();
    last.reverse();
    let last = format!(" {} ", last.join(" "));
    let says = |phrases: &[&str]| phrases.iter().any(|phrase| last.contains(&format!(" {phrase} ")));
    if says(&["dien thoai", "sdt", "dt", "lien he", "goi", "zalo", "so may", "di dong", "tel", "phone"]) {
        Some(Kind::Phone)
    } else if says(&["cccd", "cmnd", "cmt", "can cuoc", "chung minh", "dinh danh"]) {
        Some(Kind::Document)
    } else if says(&["tai khoan", "stk", "so tk"]) {
        Some(Kind::Number)
    } else {
        None
    }
}
