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

/// Reads a sheet such as `54535-`; spaces, commas and points between the digits are passed over.
///
/// # Errors
/// One sentence for each sign that does not fit, or one when there are too few or too many.
pub fn read(text: &str, questions: &[&Question]) -> Result<Scores, Vec<Message>> {
    let between = |sign: &char| sign.is_whitespace() || matches!(sign, ',' | '.' | ';');
    let signs: Vec<char> = text.chars().filter(|sign| !between(sign)).collect();
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
            assert_eq!(read(text, &questions).unwrap(), expected, "{text}");
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
