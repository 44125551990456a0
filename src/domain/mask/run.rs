//! Runs of digits: groups that one sign of the usual kinds, blanks or the end of a line keep together, and what they
//! are when they speak of nobody: dates, times, years and amounts.

/// Digits that stand together.
#[derive(Debug, Clone, Copy)]
pub struct Group<'a> {
    /// Where they begin.
    pub start: usize,
    /// The digits.
    pub digits: &'a str,
    /// What stands before them within the run; empty at the first ones.
    pub joint: &'a str,
}

impl Group<'_> {
    /// Where they end.
    pub const fn end(&self) -> usize {
        self.start + self.digits.len()
    }

    /// The sign of the joint, whatever blanks and brackets are around it; a blank where there is none.
    fn sign(&self) -> Option<char> {
        let sign = self.joint.chars().find(|letter| !" ()[]".contains(*letter));
        sign.or_else(|| (!self.joint.is_empty()).then_some(' '))
    }
}

/// Groups that are kept together, run by run.
pub fn runs(text: &str) -> Vec<Vec<Group<'_>>> {
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

/// Blanks, or one sign that may be doubled; a comma and a blank part things that are listed.
fn is_joint(text: &str) -> bool {
    let signs: Vec<char> = text.chars().filter(|sign| !" ()[]".contains(*sign)).collect();
    let is_lone = |sign: char| matches!(sign, ',' | ':' | ';');
    match signs.as_slice() {
        [] => (1..=5).contains(&text.len()),
        [sign, ..] if is_lone(*sign) => text.len() == 1,
        [sign, others @ ..] => {
            text.len() <= 5 && ".-/\\|_~*+'".contains(*sign) && others.iter().all(|other| other == sign)
        }
    }
}

/// Whether the same sign stands between all groups.
pub fn has_one_joint(groups: &[Group<'_>]) -> bool {
    let mut signs = groups.iter().skip(1).map(Group::sign);
    let first = signs.next();
    signs.all(|sign| Some(sign) == first)
}

/// Whether what stands around some groups at the beginning of the rest of a run is another sign than theirs: else
/// they would be the middle of something longer.
fn is_apart(rest: &[Group<'_>], count: usize) -> bool {
    let sign = rest.get(1).and_then(Group::sign);
    let before = rest.first().and_then(Group::sign);
    let after = rest.get(count).and_then(Group::sign);
    before != sign && after != sign
}

/// The groups of an amount with thousands signs, such as 1.500.000, with which the rest of a run begins.
pub fn amount(rest: &[Group<'_>]) -> Option<usize> {
    let first = rest.first().filter(|one| one.digits.len() <= 3 && !one.digits.starts_with('0'))?;
    let sign = rest.get(1).map(|one| one.joint).filter(|joint| matches!(*joint, "." | ","))?;
    let thousands = rest.iter().skip(1).take_while(|one| one.joint == sign && one.digits.len() == 3).count();
    let is_amount = thousands > 0 && !first.digits.is_empty() && is_apart(rest, 1 + thousands);
    is_amount.then_some(1 + thousands)
}

/// The groups of a date, such as 15.9.2026 or 2026-09-15.
pub fn date(rest: &[Group<'_>]) -> Option<usize> {
    (rest.get(..3).is_some_and(is_whole_date) && is_apart(rest, 3)).then_some(3)
}

fn is_whole_date(groups: &[Group<'_>]) -> bool {
    let [one, two, three] = groups else {
        return false;
    };
    let (one, two, three) = (one.digits, two.digits, three.digits);
    has_one_joint(groups) && (is_date(one, two, three) || (one.len() == 4 && is_date(three, two, one)))
}

/// The groups of a day and month, a month and year, or a time, such as 15/9, 9/2026 and 8:30, which may as well be
/// the beginning of something else.
pub fn date_or_time(rest: &[Group<'_>]) -> Option<usize> {
    let [one, two] = rest.get(..2)? else {
        return None;
    };
    let (first, second) = (one.digits, two.digits);
    let fits = match two.sign()? {
        '/' | '.' | '-' => {
            within(second, 1, 12) && within(first, 1, 31) || within(first, 1, 12) && is_year(second)
        }
        ':' => within(first, 0, 24) && within(second, 0, 59),
        _ => false,
    };
    (fits && is_apart(rest, 2)).then_some(2)
}

/// Whether three texts are a day, a month and a year.
pub fn is_date(day: &str, month: &str, year: &str) -> bool {
    within(day, 1, 31) && within(month, 1, 12) && is_year(year)
}

fn within(text: &str, first: u8, last: u8) -> bool {
    text.len() <= 2 && text.parse::<u8>().is_ok_and(|number| (first..=last).contains(&number))
}

/// Whether a text is a year that somebody may speak of.
pub fn is_year(text: &str) -> bool {
    text.len() == 4 && text.parse::<u16>().is_ok_and(|year| (1900..=2100).contains(&year))
}

/// Whether numbers are counted up: a list of counters, and nobody's number.
pub fn counts_up(groups: &[Group<'_>]) -> bool {
    let numbers: Option<Vec<u32>> = groups.iter().map(|group| group.digits.parse().ok()).collect();
    let is_next = |pair: &[u32]| matches!(pair, [one, next] if one.checked_add(1) == Some(*next));
    numbers.is_some_and(|numbers| numbers.windows(2).all(is_next))
}
