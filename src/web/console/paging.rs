//! Pages of long lists.

use std::collections::HashMap;

use crate::locale::Lang;

/// Rows on a page.
pub const ROWS: usize = 50;

/// Where a page stands among the others.
pub struct Pages {
    /// The page before.
    pub before: Option<String>,
    /// The page after.
    pub after: Option<String>,
    /// Number of the first line, from 1.
    pub first: usize,
    /// `51–100 / 317`; empty where one page holds all.
    pub place: String,
}

/// The page that the address asks for, from 1.
pub fn number(asked: &HashMap<String, String>) -> usize {
    read(asked.get("page").map_or("", String::as_str))
}

/// The page that a text names, from 1; the first where it names none.
pub fn read(text: &str) -> usize {
    text.parse().unwrap_or(1).clamp(1, 100_000)
}

/// Keeps the lines of one page; a page beyond the end shows the last.
pub fn cut<T>(lines: &mut Vec<T>, number: usize, address: impl Fn(usize) -> String, lang: Lang) -> Pages {
    cut_to(ROWS, lines, number, address, lang)
}

/// The same with so many rows on a page.
pub fn cut_to<T>(
    rows: usize,
    lines: &mut Vec<T>,
    number: usize,
    address: impl Fn(usize) -> String,
    lang: Lang,
) -> Pages {
    let total = lines.len();
    let first = first_of(rows, number, total);
    lines.truncate(first + rows);
    lines.drain(..first);
    place(rows, total, number, address, lang)
}

/// Rows before a page; a page beyond the end is the last.
pub fn first(number: usize, total: usize) -> usize {
    first_of(ROWS, number, total)
}

fn first_of(rows: usize, number: usize, total: usize) -> usize {
    (number.min(total.div_ceil(rows)).max(1) - 1) * rows
}

/// Where a page stands that was cut already.
pub fn of(total: usize, number: usize, address: impl Fn(usize) -> String, lang: Lang) -> Pages {
    place(ROWS, total, number, address, lang)
}

fn place(rows: usize, total: usize, number: usize, address: impl Fn(usize) -> String, lang: Lang) -> Pages {
    let first = first_of(rows, number, total);
    let number = first / rows + 1;
    let text = |count: usize| lang.count(u64::try_from(count).unwrap_or(u64::MAX));
    Pages {
        first: first + 1,
        before: (number > 1).then(|| address(number - 1)),
        after: (first + rows < total).then(|| address(number + 1)),
        place: if total > rows {
            format!("{}–{} / {}", text(first + 1), text(total.min(first + rows)), text(total))
        } else {
            String::new()
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_hold_every_line_once() {
        let mut seen = Vec::new();
        for number in 1..=3 {
            let mut lines: Vec<u32> = (0..120).collect();
            let pages = cut(&mut lines, number, |page| page.to_string(), Lang::Vi);
            assert_eq!((pages.before.is_some(), pages.after.is_some()), (number > 1, number < 3));
            seen.extend(lines);
        }
        assert_eq!(seen, (0..120).collect::<Vec<_>>());
        let (mut lines, mut none) = (vec![1, 2], Vec::<u32>::new());
        assert_eq!(cut(&mut lines, 9, |page| page.to_string(), Lang::Vi).place, "");
        assert!(cut(&mut none, 1, |page| page.to_string(), Lang::Vi).after.is_none());
        assert_eq!(lines, [1, 2]);
    }
}
