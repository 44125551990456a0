//! The short code printed under a QR picture, readable and typable by anyone.

use std::fmt;

/// Letters and digits without the look-alikes 0 O 1 I L.
const ALPHABET: [char; 31] = [
    '2', '3', '4', '5', '6', '7', '8', '9', 'A', 'B', 'C', 'D', 'E', 'F', 'G', 'H', 'J', 'K', 'M', 'N', 'P',
    'Q', 'R', 'S', 'T', 'U', 'V', 'W', 'X', 'Y', 'Z',
];

/// Number of characters, the check character included.
pub const LENGTH: usize = 6;

/// Number of codes there are: 31⁵.
pub const SPACE: u32 = 28_629_151;

/// A code of six characters, the last of which checks the others.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Code(String);

/// A text that is no code: a slip of the finger, told from a code nobody knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mistyped;

impl Code {
    /// The code number `number` of the [`SPACE`] possible ones.
    pub fn numbered(number: u32) -> Self {
        let mut rest = number % SPACE;
        let mut digits = [0u32; LENGTH - 1];
        for digit in digits.iter_mut().rev() {
            *digit = rest % 31;
            rest /= 31;
        }
        let characters = digits.iter().copied().chain([check(&digits)]);
        Self(characters.filter_map(character).collect())
    }

    /// Reads a code in upper or lower case.
    ///
    /// # Errors
    /// [`Mistyped`] when length, alphabet or check character do not fit.
    pub fn parse(text: &str) -> Result<Self, Mistyped> {
        let upper = text.trim().to_ascii_uppercase();
        let digits: Vec<u32> = upper.chars().map(value).collect::<Option<_>>().ok_or(Mistyped)?;
        match digits.split_last() {
            Some((last, head)) if digits.len() == LENGTH && check(head) == *last => Ok(Self(upper)),
            _ => Err(Mistyped),
        }
    }

    /// The characters, upper case.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Weighted sum modulo the prime 31: it catches each single wrong character and each swap of neighbours.
fn check(digits: &[u32]) -> u32 {
    digits.iter().zip(2u32..).map(|(digit, weight)| digit * weight).sum::<u32>() % 31
}

fn character(digit: u32) -> Option<char> {
    usize::try_from(digit).ok().and_then(|index| ALPHABET.get(index)).copied()
}

fn value(character: char) -> Option<u32> {
    ALPHABET.iter().zip(0u32..).find(|(known, _)| **known == character).map(|(_, index)| index)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn lower_case_is_accepted_and_look_alikes_are_not() {
        let code = Code::numbered(12_345);
        assert_eq!(Code::parse(&code.as_str().to_lowercase()), Ok(code));
        for text in ["", "ABC", "0O1IL2", "ĐÀLẠT2", "2222222"] {
            assert_eq!(Code::parse(text), Err(Mistyped), "{text}");
        }
    }

    proptest! {
        #[test]
        fn every_code_reads_back(number in 0..SPACE) {
            let code = Code::numbered(number);
            prop_assert_eq!(code.as_str().len(), LENGTH);
            prop_assert_eq!(Code::parse(code.as_str()), Ok(code));
        }

        #[test]
        fn one_wrong_character_is_always_noticed(number in 0..SPACE, place in 0..LENGTH, other in 0..31usize) {
            let code = Code::numbered(number);
            let mut characters: Vec<char> = code.as_str().chars().collect();
            prop_assume!(characters[place] != ALPHABET[other]);
            characters[place] = ALPHABET[other];
            prop_assert_eq!(Code::parse(&characters.iter().collect::<String>()), Err(Mistyped));
        }

        #[test]
        fn two_swapped_neighbours_are_always_noticed(number in 0..SPACE, place in 0..LENGTH - 2) {
            let mut characters: Vec<char> = Code::numbered(number).as_str().chars().collect();
            prop_assume!(characters[place] != characters[place + 1]);
            characters.swap(place, place + 1);
            prop_assert_eq!(Code::parse(&characters.iter().collect::<String>()), Err(Mistyped));
        }
    }
}
