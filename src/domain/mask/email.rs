//! E-mail addresses, also with blanks around their signs or with words in the place of these.

use std::ops::Range;

/// What stands for the sign, in lower case.
const AT: [&str; 9] = ["@", "(at)", "[at]", "{at}", "<at>", "(a còng)", " at ", " a còng ", " a cong "];

/// What stands for a dot, in lower case.
const DOT: [&str; 7] = [".", "(dot)", "[dot]", "{dot}", "<dot>", " dot ", " chấm "];

/// Where addresses stand.
pub fn all(text: &str) -> Vec<Range<usize>> {
    let lower = text.to_ascii_lowercase();
    let mut found: Vec<Range<usize>> = Vec::new();
    for (at, _) in text.char_indices() {
        let done = found.last().map_or(0, |span| span.end);
        let sign = || AT.into_iter().find(|sign| lower.get(at..).is_some_and(|rest| rest.starts_with(sign)));
        if at >= done
            && let Some(span) = sign().and_then(|sign| address(text, &lower, done, at..at + sign.len()))
        {
            found.push(span);
        }
    }
    found
}

/// The address around a sign, which begins no sooner than where the one before ended.
fn address(text: &str, lower: &str, done: usize, sign: Range<usize>) -> Option<Range<usize>> {
    let is_tight = text.get(sign.clone()) == Some("@")
        && !text.get(..sign.start)?.ends_with(' ')
        && !text.get(sign.end..)?.starts_with(' ');
    let start = local(text.get(done..sign.start)?)? + done;
    let (length, dots) = domain(lower.get(sign.end..)?);
    let ending =
        lower.get(..sign.end + length)?.rsplit(|letter: char| !letter.is_ascii_alphanumeric()).next();
    let is_named = ending.is_some_and(|ending| ending.bytes().all(|letter| letter.is_ascii_alphabetic()));
    // "@gmail" without its ending is an address to everyone who reads it; with blanks it may be anything.
    let is_address = if is_tight { length >= 3 } else { dots > 0 && is_named };
    is_address.then(|| start..sign.end + length)
}

/// Where the name begins that ends a text.
fn local(before: &str) -> Option<usize> {
    let is_local = |letter: char| letter.is_alphanumeric() || "._%+-".contains(letter);
    let mut rest = before.trim_end_matches(' ');
    let mut start = None;
    loop {
        let shorter = rest.trim_end_matches(is_local);
        if shorter.len() == rest.len() || rest.trim_start_matches(['.', '-']).is_empty() {
            return start;
        }
        start = Some(shorter.len());
        // "le . van": a dot between blanks ends no sentence.
        let name = rest.get(shorter.len()..)?;
        rest = match shorter
            .strip_suffix(" . ")
            .or_else(|| shorter.strip_suffix(" ").filter(|_| name.starts_with('.')))
        {
            Some(shorter) => shorter,
            None => return start,
        };
    }
}

/// The length of the domain with which a text begins, and its dots.
fn domain(after: &str) -> (usize, usize) {
    let label = |place: usize| {
        let rest = after.get(place..).unwrap_or_default();
        let is_label = |letter: char| letter.is_ascii_alphanumeric() || letter == '-';
        let length = rest.len() - rest.trim_start_matches(is_label).len();
        // "quầy" is a word, and no domain that ends before its mark.
        let goes_on = rest.get(length..).is_some_and(|rest| rest.starts_with(char::is_alphanumeric));
        if goes_on { 0 } else { length }
    };
    let blanks = |place: usize| {
        let rest = after.get(place..).unwrap_or_default();
        rest.len() - rest.trim_start_matches(' ').len()
    };
    let mut end = blanks(0) + label(blanks(0));
    let mut dots = 0;
    if end == blanks(0) {
        return (0, 0);
    }
    while let Some((dot, is_loose)) = dot(after, end) {
        let next = dot + blanks(dot);
        // A dot and a blank after a whole domain end the sentence.
        let ends = next > dot && !is_loose && dots > 0;
        if ends || label(next) < 2 {
            break;
        }
        end = next + label(next);
        dots += 1;
    }
    (end, dots)
}

/// Where a dot ends that stands at a place or after blanks, and whether it is told by blanks or a word.
fn dot(after: &str, place: usize) -> Option<(usize, bool)> {
    let rest = after.get(place..)?;
    let blanks = rest.len() - rest.trim_start_matches(' ').len();
    let told = |from: usize| {
        let sign =
            DOT.into_iter().find(|sign| rest.get(from..).is_some_and(|rest| rest.starts_with(sign)))?;
        Some((place + from + sign.len(), sign != "." || from > 0))
    };
    told(0).or_else(|| told(blanks))
}
