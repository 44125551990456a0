//! The exports against the dictionary that describes them.

use hailong::domain::person::Role;

use crate::figures;
use crate::support::on_both;
use crate::support::table::{json_rows, rows};

/// A line of a table in the dictionary: column, type, and the words that it names.
struct Described {
    key: String,
    kind: String,
    words: Vec<String>,
}

fn dictionary(section: &str) -> Vec<Described> {
    let text = include_str!("../../../docs/exports.md");
    let (_, rest) = text.split_once(&format!("\n## {section}\n")).unwrap();
    let lines = rest.split("\n## ").next().unwrap().lines().filter(|line| line.starts_with("| `"));
    let quoted = |text: &str| text.split('`').skip(1).step_by(2).map(str::to_owned).collect::<Vec<_>>();
    lines
        .map(|line| {
            let cells: Vec<&str> = line.trim_matches('|').split('|').map(str::trim).collect();
            Described { key: quoted(cells[0]).remove(0), kind: cells[1].to_owned(), words: quoted(cells[2]) }
        })
        .collect()
}

/// Whether a value of a column is what the dictionary says of it.
fn is_described(column: &Described, value: &str) -> bool {
    let kind = column.kind.trim_end_matches(" or empty");
    if value.is_empty() {
        return kind != column.kind || kind == "score";
    }
    match kind {
        "word" => column.words.iter().any(|word| word == value),
        "number" => value == "…" || value.parse::<f64>().is_ok(),
        "date" => value.len() == 10 && value.parse::<chrono::NaiveDate>().is_ok(),
        "yes-no" => ["true", "false"].contains(&value),
        "score" => ["5", "4", "3", "2", "1", "na"].contains(&value),
        "text" => true,
        other => panic!("{}: the type {other} is not known", column.key),
    }
}

on_both! {
    fn the_tables_are_what_their_dictionary_says(app) {
        figures::simulate(app);
        let browser = app.browser("an", Role::Method, None);
        let described = dictionary("Answers");
        let (score, fixed) = described.split_last().unwrap();
        for kind in ["tthc", "agency-service"] {
            let query = format!("period=2026&kind={kind}");
            let (keys, all) = rows(&browser.bytes(&format!("/console/answers.csv?{query}")).1);
            let snapshot = app.snapshot();
            let questionnaire = snapshot.questionnaires.iter().find(|one| one.kind.key() == kind).unwrap();
            let expected = fixed.iter().map(|column| column.key.clone());
            let expected: Vec<String> = expected.chain(questionnaire.asked().map(|one| format!("score_{}", one.key))).collect();
            assert_eq!(keys, expected);
            for (key, value) in all.iter().flatten() {
                let column = fixed.iter().find(|column| column.key == *key).unwrap_or(score);
                assert!(is_described(column, value), "{key}: {value:?} is not {}", column.kind);
            }
            let same = json_rows(&browser.bytes(&format!("/console/answers.json?{query}")).1);
            assert_eq!(same, all, "JSON and CSV say the same");
        }

        let (keys, all) = rows(&browser.bytes("/console/scores.csv?period=2026&by=field,unit").1);
        let described = dictionary("Scores");
        let mut expected: Vec<&str> = described.iter().map(|column| column.key.as_str()).collect();
        expected.splice(2..4, ["field_code", "field", "unit_code", "unit"]);
        assert_eq!(keys, expected);
        for (key, value) in all.iter().flatten() {
            if let Some(column) = described.iter().find(|column| column.key == *key) {
                assert!(is_described(column, value), "{key}: {value:?} is not {}", column.kind);
            }
        }
    }
}
