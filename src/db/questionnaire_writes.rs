//! Questionnaires as they are written.

use diesel::prelude::*;

use super::conn::{Conn, on_each};
use super::schema::{questionnaires, questions};
use super::types::StoredDocument;
use super::violation::translate;
use crate::domain::ids::{QuestionId, QuestionnaireId};
use crate::domain::questionnaire::{Question, Questionnaire};
use crate::error::Result;

/// Adds a version of a questionnaire with its questions in order; the ids in it are not used.
///
/// # Errors
/// Conflict when the kind already has that version.
pub fn insert(conn: &mut Conn, questionnaire: &Questionnaire) -> Result<QuestionnaireId> {
    let row = (
        questionnaires::kind.eq(questionnaire.kind.key()),
        questionnaires::version.eq(questionnaire.version),
        questionnaires::status.eq(if questionnaire.published { "published" } else { "draft" }),
        questionnaires::texts.eq(StoredDocument::of(&questionnaire.texts)?),
    );
    let id = on_each!(conn => diesel::insert_into(questionnaires::table)
        .values(row)
        .returning(questionnaires::id)
        .get_result::<i64>(conn))
    .map_err(translate)?;
    for (question, position) in questionnaire.questions.iter().zip(1..) {
        insert_question(conn, id.into(), question, position)?;
    }
    Ok(id.into())
}

fn insert_question(
    conn: &mut Conn,
    of: QuestionnaireId,
    question: &Question,
    position: i32,
) -> Result<QuestionId> {
    let row = (
        questions::questionnaire_id.eq(of.raw()),
        questions::key.eq(question.key.as_str()),
        questions::position.eq(position),
        questions::role.eq(question.role.key()),
        questions::required.eq(i16::from(question.required)),
        questions::result_only.eq(i16::from(question.result_only)),
        questions::allows_na.eq(i16::from(question.allows_na)),
        questions::texts.eq(StoredDocument::of(&question.texts)?),
    );
    let id = on_each!(conn => diesel::insert_into(questions::table)
        .values(row)
        .returning(questions::id)
        .get_result::<i64>(conn));
    id.map(QuestionId::from).map_err(translate)
}
