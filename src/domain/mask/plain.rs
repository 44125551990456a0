//! A text as the rules read it: other forms of digits and signs as the usual ones, and nothing that nobody sees.
//! What is found is masked in the text as it was typed.

use std::ops::Range;

/// The digits nought of other scripts; the other nine follow each.
const NOUGHTS: [char; 19] = [
    '\u{660}',
    '\u{6f0}',
    '\u{7c0}',
    '\u{966}',
    '\u{9e6}',
    '\u{a66}',
    '\u{ae6}',
    '\u{b66}',
    '\u{be6}',
    '\u{c66}',
    '\u{ce6}',
    '\u{d66}',
    '\u{e50}',
    '\u{ed0}',
    '\u{f20}',
    '\u{1040}',
    '\u{17e0}',
    '\u{2080}',
    '\u{1fbf0}',
];

/// The ones of digits in circles; the others to nine follow each.
const ONES: [char; 5] = ['\u{2460}', '\u{24f5}', '\u{2776}', '\u{2780}', '\u{278a}'];

/// A text in plain characters that knows where each stands in the text as typed.
pub struct Plain {
    text: String,
    /// Where each character begins, and what it stands for.
    places: Vec<(usize, Range<usize>)>,
}

impl Plain {
    /// Reads a text; what is dropped belongs to the character before it.
    pub fn of(typed: &str) -> Self {
        let mut plain = Self { text: String::with_capacity(typed.len()), places: Vec::new() };
        for (start, letter) in typed.char_indices() {
            let end = start + letter.len_utf8();
            if let Some(letter) = plain_letter(letter) {
                plain.places.push((plain.text.len(), start..end));
                plain.text.push(letter);
            } else if let Some((_, typed)) = plain.places.last_mut() {
                typed.end = end;
            }
        }
        plain
    }

    /// The plain text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Where a span of the plain text stands in the text as typed.
    pub fn typed(&self, span: &Range<usize>) -> Range<usize> {
        let place =
            |before: usize| self.places.get(self.places.partition_point(|(start, _)| *start < before));
        let next = self.places.partition_point(|(start, _)| *start < span.end);
        let last = next.checked_sub(1).and_then(|last| self.places.get(last));
        let start = place(span.start).map_or(0, |(_, typed)| typed.start);
        start..last.map_or(start, |(_, typed)| typed.end)
    }
}

/// What a character stands for; none for one that nobody sees, and for marks on letters and digits.
fn plain_letter(letter: char) -> Option<char> {
    let plain = match letter {
        ' '..='~' => letter,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{3164}' | '\u{feff}' | '\u{ffa0}' => {
            return None;
        }
        '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' => return None,
        '\u{2060}'..='\u{206f}' | '\u{fe00}'..='\u{fe0f}' | '\u{e0000}'..='\u{e0fff}' => return None,
        '\u{300}'..='\u{36f}' | '\u{20d0}'..='\u{20f0}' => return None,
        '\u{2800}' => ' ',
        _ if letter.is_whitespace() => ' ',
        _ if letter.is_control() => return None,
        '\u{2010}'..='\u{2015}' | '⁃' | '−' | '﹘' | '﹣' | 'ー' => '-',
        '·' | '•' | '․' | '…' | '‧' | '∙' | '⋅' | '。' | '・' | '﹒' | '｡' => '.',
        '、' | '﹐' => ',',
        '⁄' | '∕' => '/',
        '∶' | '﹕' => ':',
        '’' | '‘' | '´' => '\'',
        '﹫' => '@',
        '！'..='～' => of_its_place(letter, '！', '!'),
        _ => return Some(digit(letter).unwrap_or(letter)),
    };
    Some(plain)
}

fn of_its_place(letter: char, first: char, plain: char) -> char {
    let place = u32::from(letter) - u32::from(first);
    char::from_u32(u32::from(plain) + place).unwrap_or(letter)
}

fn digit(letter: char) -> Option<char> {
    let code = u32::from(letter);
    let after = |first: char, count: u32| code.checked_sub(first.into()).filter(|place| *place < count);
    let value = match letter {
        '²' => 2,
        '³' => 3,
        '¹' => 1,
        '⁰' | '⓪' | '⓿' => 0,
        '⁴'..='⁹' => 4 + after('⁴', 6)?,
        '\u{1d7ce}'..='\u{1d7ff}' => after('\u{1d7ce}', 50)? % 10,
        _ => {
            let nought = || NOUGHTS.iter().find_map(|first| after(*first, 10));
            let one = || ONES.iter().find_map(|first| after(*first, 9).map(|place| place + 1));
            nought().or_else(one)?
        }
    };
    char::from_digit(value, 10)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_and_signs_of_any_form_are_plain_and_what_nobody_sees_is_gone() {
        for (typed, plain) in [
            ("０９１２．３４５", "0912.345"),
            ("٠٩١ ۴۵", "091 45"),
            ("𝟎𝟗𝟏 ①⑨⓪ ²⁵", "091 190 25"),
            ("0\u{200b}9\u{ad}1\u{fe0f}\u{20e3}2", "0912"),
            ("0\u{336}9", "09"),
            ("a\u{a0}b\tc\r\nd", "a b c  d"),
            ("0912–345—678−9", "0912-345-678-9"),
            ("a.b＠gmail。com", "a.b@gmail.com"),
            ("Đất ở 125 m", "Đất ở 125 m"),
        ] {
            assert_eq!(Plain::of(typed).text(), plain);
        }
    }

    #[test]
    fn a_span_covers_what_was_dropped_within_it_and_behind_it() {
        let typed = "số 0\u{200b}9\u{fe0f}\u{20e3}, ạ";
        let plain = Plain::of(typed);
        let start = plain.text().find("09").unwrap();
        assert_eq!(&typed[plain.typed(&(start..start + 2))], "0\u{200b}9\u{fe0f}\u{20e3}");
        assert_eq!(plain.typed(&(0..plain.text().len())), 0..typed.len());
        assert_eq!(Plain::of("").typed(&(0..0)), 0..0);
    }
}
