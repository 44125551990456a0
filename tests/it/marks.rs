//! The mark of an element whose question changed, wherever a publication is read.

use std::io::{Cursor, Read};

use calamine::{DataType, Reader, Xlsx};
use diesel::RunQueryDsl;
use hailong::db;
use hailong::domain::dataset::{Cut, Dataset, Mark};
use hailong::domain::questionnaire::Kind;
use hailong::locale::Lang;
use scraper::{Html, Selector};
use serde_json::Value;

use crate::support::answers::{Answers, LAND, QUARTER, store};
use crate::support::publishing::publish;
use crate::support::questionnaires::draft_asking;
use crate::support::{App, on_both, table};

const BEFORE: &str = "2026-Q2";

/// Publishes a version that asks in other words how staff were, as from the middle of the quarter. The service
/// publishes today and no period of today is closed, so the days are written past it.
fn reword_staff(app: &App) {
    let at = "2026-08-15 02:00:00";
    let written = app.database().write(|conn| {
        draft_asking(conn, "staff", "Công chức có lắng nghe không?")?;
        for (from, to) in [("published", "retired"), ("draft", "published")] {
            let statement = format!(
                "UPDATE questionnaires SET status = '{to}', {to}_at = '{at}', {to}_by = 'lan' \
                 WHERE kind = 'tthc' AND status = '{from}'"
            );
            assert_eq!(diesel::sql_query(statement).execute(conn).unwrap(), 1);
        }
        db::revision::bump(conn)
    });
    written.unwrap();
}

/// The elements of a publication that bear a mark, with what bears it.
fn marked(dataset: &Dataset) -> Vec<(&str, &[Mark])> {
    let rows = dataset.rows(Kind::Tthc, Cut::Element).iter().filter(|row| !row.marks.is_empty());
    rows.map(|row| (row.key[0].as_str(), row.marks.as_slice())).collect()
}

/// The texts of a word processor's file, a line for each row of a table and each paragraph.
fn lines(docx: Vec<u8>) -> Vec<String> {
    let mut package = zip::ZipArchive::new(Cursor::new(docx)).unwrap();
    let mut document = String::new();
    package.by_name("word/document.xml").unwrap().read_to_string(&mut document).unwrap();
    let ends = document.replace("</w:tr>", "\n").replace("</w:tbl>", "\n").replace("<w:tr>", "\n");
    let text = |line: &str| Html::parse_fragment(line).root_element().text().collect::<String>();
    ends.lines().map(text).collect()
}

on_both! {
    fn an_element_whose_question_changed_bears_its_mark_in_every_form_of_a_publication(app) {
        let asked = Answers { elements: &["staff", "access"], levels: [20, 10, 5, 0, 0], ..LAND };
        store(app, &[Answers { day: "2026-05-04", ..asked.clone() }]);
        let before = publish(app, BEFORE);
        reword_staff(app);
        store(app, &[asked.clone(), Answers { day: "2026-09-07", ..asked }]);
        let found = publish(app, QUARTER);

        assert_eq!(marked(&before.shown), []);
        assert_eq!(marked(&found.shown), [("staff", &[Mark::Changed][..])]);
        let staff = found.shown.row(Kind::Tthc, Cut::Element, &["staff"]).unwrap();
        assert_eq!(staff.n(), Some(70), "answers to either question count under one key");
        let survey = found.shown.surveys.iter().find(|survey| survey.kind == Kind::Tthc).unwrap();
        assert_eq!(survey.breaks, [], "the overall question did not change");
        assert!(found.shown.rows(Kind::Tthc, Cut::Trend).iter().all(|row| row.marks.is_empty()));

        let number = found.issued.number;
        let file = |form: &str| app.bytes(&format!("/open/data/publications/{number}.{form}"));
        let json: Value = serde_json::from_slice(&file("json")).unwrap();
        let tables = json["surveys"].as_array().unwrap().iter().flat_map(|survey| survey["tables"].as_array().unwrap());
        let rows = tables.filter(|table| table["by"] == "element").flat_map(|table| table["rows"].as_array().unwrap());
        let marks: Vec<_> = rows.filter(|row| row["marks"] != serde_json::json!([])).map(|row| (&row["key"][0], &row["marks"][0])).collect();
        assert_eq!(marks, [(&Value::from("staff"), &Value::from("changed"))]);

        let (_, rows) = table::rows(&file("csv"));
        let marks: Vec<_> = rows.iter().filter(|row| row["marks"].contains("changed")).map(|row| row["key"].as_str()).collect();
        assert_eq!(marks, ["staff"]);
        let name = rows.iter().find(|row| row["cut"] == "element" && row["key"] == "staff").map(|row| row["name"].clone()).unwrap();

        let mut book = Xlsx::new(Cursor::new(file("xlsx"))).unwrap();
        let sheet = book.worksheet_range("Yếu tố").unwrap();
        let said = |row: &&[calamine::Data]| row.iter().any(|cell| cell.as_string().is_some_and(|text| text.contains("đổi câu hỏi trong kỳ")));
        let marks: Vec<_> = sheet.rows().filter(said).collect();
        assert!(marks.len() == 1 && marks[0].iter().any(|cell| cell.as_string().is_some_and(|text| text == name)), "{marks:?}");

        let letter = lines(file("docx"));
        let note = Lang::Vi.text("letter.mark.changed");
        assert!(letter.iter().any(|line| line.contains(&format!("(1) {note}"))), "{letter:?}");
        let marks: Vec<_> = letter.iter().filter(|line| line.contains("(1)") && !line.contains(&note)).collect();
        assert!(!marks.is_empty() && marks.iter().all(|line| line.contains(&name)), "{marks:?}");

        for (publication, names) in [(before.issued.number, vec![]), (number, vec![name])] {
            let page = app.get(&format!("/open/publications/{publication}?kind=tthc&cut=element")).body;
            let page = Html::parse_document(&page);
            let notes = Selector::parse("section[aria-labelledby=table] tbody th").unwrap();
            let marked = page.select(&notes).map(|head| head.text().collect::<String>());
            let marked: Vec<String> = marked.filter(|head| head.contains("Bộ câu hỏi thay đổi trong kỳ")).collect();
            assert_eq!(marked.len(), names.len(), "{marked:?}");
            assert!(marked.iter().zip(names).all(|(head, name)| head.starts_with(&name)), "{marked:?}");
        }
    }
}
