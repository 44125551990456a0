//! A sheet as it is keyed in: one digit for each question, in the order of the questionnaire.

use super::answer::{Score, Scores};
use super::questionnaire::Question;
use crate::locale::Message;

/// What is keyed for a question that was left blank on the sheet.
pub const BLANK: char = '-';

/// What may be keyed for a question, as it is told: `1–5, 0, -`.
pub fn allowed(question: &Question) -> String {
    let mut words = vec!["1–5".to_owned()];
    words.extend(question.allows_na.then(|| "0".to_owned()));
    words.extend((!question.required).then(|| BLANK.to_string()));
    words.join(", ")
}

/// Reads what was keyed for one question; the outer `None` is what that question does not allow.
pub fn score(question: &Question, sign: char) -> Option<Option<Score>> {
    match sign {
        BLANK if !question.required => Some(None),
        '0' if question.allows_na => Some(Some(Score::NotApplicable)),
        '1'..='5' => Score::from_form(sign.encode_utf8(&mut [0; 4])).map(Some),
        _ => None,
    }
}

/// The sign under which an answer is keyed, or its lack.
pub fn sign(score: Option<Score>) -> char {
    score.map_or(BLANK, |score| char::from(b'0' + u8::from(score)))
}

/// What was keyed in a field that showed something before: where a whole sheet of so many answers stands in front
/// of it or behind it, that sheet, and otherwise the text as it is.
///
/// The cursor of a field that comes back stands before its old digits, which only a script could select. Both
/// together are too long for a sheet, so that nothing is taken for a sheet which was meant otherwise.
pub fn over<'a>(text: &'a str, shown: &str, answers: usize) -> &'a str {
    let shown = shown.trim();
    if shown.is_empty() {
        return text;
    }
    let is_whole = |part: &&str| signs(part).count() == answers;
    let text = text.trim();
    let (front, behind) = (text.strip_suffix(shown), text.strip_prefix(shown));
    match (front.filter(is_whole), behind.filter(is_whole)) {
        (Some(front), Some(behind)) if front != behind => text,
        (Some(sheet), _) | (None, Some(sheet)) => sheet,
        (None, None) => text,
    }
}

/// The signs of a sheet without what may stand between them.
fn signs(text: &str) -> impl Iterator<Item = char> {
    text.chars().filter(|sign| !sign.is_whitespace() && !matches!(sign, ',' | '.' | ';'))
}

/// Reads a sheet such as `54535-`; spaces, commas and points between the digits are passed over.
///
/// # Errors
/// One sentence for each sign that does not fit, or one when there are too few or too many.
pub fn read(text: &str, questions: &[&Question]) -> Result<Scores, Vec<Message>> {
    let signs: Vec<char> = signs(text).collect();
    let mut scores = Scores::new();
    let mut faults = Vec::new();
    for (place, (question, sign)) in (1..).zip(questions.iter().zip(&signs)) {
        let place: usize = place;
        match score(question, *sign) {
            Some(given) => scores.extend(given.map(|score| (question.key.clone(), score))),
            None => faults.push(
                Message::new("entry.fault.sign")
                    .with("place", place)
                    .with("expected", allowed(question))
                    .with("found", sign),
            ),
        }
    }
    if signs.len() != questions.len() {
        let message = Message::new("entry.fault.length");
        faults.push(message.with("expected", questions.len()).with("found", signs.len()));
    }
    if faults.is_empty() { Ok(scores) } else { Err(faults) }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::domain::level::Level;
    use crate::domain::questionnaire::Role;
    use crate::locale::Lang;

    fn question(key: &str, required: bool, allows_na: bool) -> Question {
        Question {
            id: 1.into(),
            key: key.to_owned(),
            role: Role::Element,
            required,
            result_only: false,
            allows_na,
            texts: BTreeMap::new(),
        }
    }

    #[test]
    fn a_sheet_that_is_keyed_before_or_behind_old_digits_takes_their_place() {
        for (text, shown, sheet) in [
            ("545450", "", "545450"),
            ("54545054735-", "54735-", "545450"),
            ("5 4 5 4 5 0 54735-", "54735-", "5 4 5 4 5 0 "),
            ("54735-545450", "54735-", "545450"),
            ("54545", "54735-", "54545"),
            ("54735-", "54735-", "54735-"),
            ("5473554735-", "54735-", "5473554735-"),
            ("1212121", "1", "1212121"),
            ("5555555", "5", "555555"),
        ] {
            assert_eq!(over(text, shown, 6), sheet, "{text} over {shown}");
        }
    }

    #[test]
    fn digits_with_or_without_spaces_are_the_answers_in_order() {
        let questions = [
            question("overall", true, false),
            question("access", false, false),
            question("feedback", false, true),
        ];
        let questions: Vec<&Question> = questions.iter().collect();
        let expected = Scores::from([
            ("overall".to_owned(), Score::Level(Level::VerySatisfied)),
            ("feedback".to_owned(), Score::NotApplicable),
        ]);
        for text in ["5-0", " 5 - 0 ", "5,-,0"] {
            let read = read(text, &questions).unwrap();
            assert_eq!(read, expected, "{text}");
            let signs = questions.iter().map(|question| sign(read.get(&question.key).copied()));
            assert_eq!(signs.collect::<String>(), "5-0", "{text}");
        }
        let faults = |text: &str| -> Vec<String> {
            read(text, &questions).unwrap_err().iter().map(|fault| fault.text(Lang::En)).collect()
        };
        assert_eq!(
            faults("-70"),
            ["question 1: expected 1–5, found “-”", "question 2: expected 1–5, -, found “7”"]
        );
        assert_eq!(faults("50").len(), 2, "zero is no answer to the second, and the third is missing");
        assert_eq!(faults("5-01").len(), 1);
        assert_eq!(faults("").len(), 1);
    }
}
