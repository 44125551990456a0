//! Questionnaires and their questions.

use diesel::{ExpressionMethods, QueryDsl, Queryable, RunQueryDsl, Selectable, SelectableHelper};

use super::conn::Conn;
use super::schema::{questionnaires, questions};
use super::types::StoredDocument;
use super::violation::translate;
use crate::domain::questionnaire::{Kind, Question, Questionnaire, Role};
use crate::error::{Error, Result};

#[derive(Queryable, Selectable)]
#[diesel(table_name = questions)]
struct QuestionRow {
    id: i64,
    questionnaire_id: i64,
    key: String,
    role: String,
    required: i16,
    result_only: i16,
    allows_na: i16,
    texts: StoredDocument,
}

/// Published and retired questionnaires with their questions in order.
///
/// # Errors
/// Those of the database; internal for a kind or role that this version does not know.
pub fn load(conn: &mut Conn) -> Result<Vec<Questionnaire>> {
    let rows = questions::table
        .select(QuestionRow::as_select())
        .order((questions::questionnaire_id.asc(), questions::position.asc()))
        .load(conn)
        .map_err(translate)?;
    let heads = questionnaires::table
        .select((
            questionnaires::id,
            questionnaires::kind,
            questionnaires::version,
            questionnaires::status,
            questionnaires::texts,
        ))
        .filter(questionnaires::status.ne("draft"))
        .load::<(i64, String, i32, String, StoredDocument)>(conn)
        .map_err(translate)?;
    heads
        .into_iter()
        .map(|(id, kind, version, status, texts)| {
            let own = rows.iter().filter(|row| row.questionnaire_id == id);
            Ok(Questionnaire {
                id: id.into(),
                kind: Kind::from_key(&kind).ok_or_else(|| unknown("kind", &kind))?,
                version,
                published: status == "published",
                texts: texts.read()?,
                questions: own.map(question).collect::<Result<_>>()?,
            })
        })
        .collect()
}

fn question(row: &QuestionRow) -> Result<Question> {
    Ok(Question {
        id: row.id.into(),
        key: row.key.clone(),
        role: Role::from_key(&row.role).ok_or_else(|| unknown("role", &row.role))?,
        required: row.required != 0,
        result_only: row.result_only != 0,
        allows_na: row.allows_na != 0,
        texts: row.texts.read()?,
    })
}

fn unknown(what: &str, found: &str) -> Error {
    Error::internal(format!("a questionnaire of the unknown {what} {found}"))
}
