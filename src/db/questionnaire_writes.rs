//! Questionnaires as they are written.

use chrono::Utc;
use diesel::prelude::*;

use super::conn::{Conn, on_each};
use super::schema::{questionnaires, questions};
use super::types::StoredDocument;
use super::violation::translate;
use crate::domain::ids::{QuestionId, QuestionnaireId};
use crate::domain::questionnaire::{Kind, Question, Questionnaire, Status};
use crate::error::Result;

/// Adds a draft with its questions in order; the ids, the status and the steps in it are not used.
///
/// # Errors
/// Conflict when the kind already has that version or another draft.
pub fn insert(conn: &mut Conn, draft: &Questionnaire, by: &str) -> Result<QuestionnaireId> {
    let row = (
        questionnaires::kind.eq(draft.kind.key()),
        questionnaires::version.eq(draft.version),
        questionnaires::status.eq(Status::Draft.key()),
        questionnaires::texts.eq(StoredDocument::of(&draft.texts)?),
        questionnaires::created_at.eq(Utc::now().naive_utc()),
        questionnaires::created_by.eq(by),
    );
    let id = on_each!(conn => diesel::insert_into(questionnaires::table)
        .values(row)
        .returning(questionnaires::id)
        .get_result::<i64>(conn))
    .map_err(translate)?;
    insert_questions(conn, id.into(), &draft.questions)?;
    Ok(id.into())
}

/// Holds a draft until the transaction ends, so that whoever else changes or publishes it waits, and
/// says whether there is such a draft.
///
/// # Errors
/// Those of the database.
pub fn hold(conn: &mut Conn, id: QuestionnaireId) -> Result<bool> {
    diesel::update(questionnaires::table.find(id.raw()).filter(is_draft()))
        .set(questionnaires::status.eq(Status::Draft.key()))
        .execute(conn)
        .map(|held| held > 0)
        .map_err(translate)
}

/// Writes a draft that is held anew under its id.
///
/// # Errors
/// Those of the database, which refuses to change what is no draft.
pub fn replace(conn: &mut Conn, draft: &Questionnaire) -> Result<()> {
    diesel::update(questionnaires::table.find(draft.id.raw()))
        .set(questionnaires::texts.eq(StoredDocument::of(&draft.texts)?))
        .execute(conn)
        .map_err(translate)?;
    delete_questions(conn, draft.id)?;
    insert_questions(conn, draft.id, &draft.questions)
}

/// Takes a draft that is held away with its questions.
///
/// # Errors
/// Those of the database, which refuses to take away what is no draft.
pub fn delete(conn: &mut Conn, id: QuestionnaireId) -> Result<()> {
    delete_questions(conn, id)?;
    diesel::delete(questionnaires::table.find(id.raw())).execute(conn).map(drop).map_err(translate)
}

/// Publishes a draft that is held.
///
/// # Errors
/// Conflict while another version of the kind is published.
pub fn publish(conn: &mut Conn, id: QuestionnaireId, by: &str) -> Result<()> {
    diesel::update(questionnaires::table.find(id.raw()).filter(is_draft()))
        .set((
            questionnaires::status.eq(Status::Published.key()),
            questionnaires::published_at.eq(Utc::now().naive_utc()),
            questionnaires::published_by.eq(by),
        ))
        .execute(conn)
        .map(drop)
        .map_err(translate)
}

/// Retires the published version of a kind, and gives its number if there was one.
///
/// # Errors
/// Those of the database.
pub fn retire(conn: &mut Conn, kind: Kind, by: &str) -> Result<Option<i32>> {
    let published = questionnaires::table
        .filter(questionnaires::kind.eq(kind.key()))
        .filter(questionnaires::status.eq(Status::Published.key()));
    let version =
        published.select(questionnaires::version).first::<i32>(conn).optional().map_err(translate)?;
    diesel::update(published)
        .set((
            questionnaires::status.eq(Status::Retired.key()),
            questionnaires::retired_at.eq(Utc::now().naive_utc()),
            questionnaires::retired_by.eq(by),
        ))
        .execute(conn)
        .map_err(translate)?;
    Ok(version)
}

/// The highest version of a kind so far, 0 where there is none.
///
/// # Errors
/// Those of the database.
pub fn last_version(conn: &mut Conn, kind: Kind) -> Result<i32> {
    questionnaires::table
        .filter(questionnaires::kind.eq(kind.key()))
        .select(diesel::dsl::max(questionnaires::version))
        .first::<Option<i32>>(conn)
        .map(Option::unwrap_or_default)
        .map_err(translate)
}

fn is_draft() -> diesel::dsl::Eq<questionnaires::status, &'static str> {
    questionnaires::status.eq(Status::Draft.key())
}

fn delete_questions(conn: &mut Conn, of: QuestionnaireId) -> Result<()> {
    diesel::delete(questions::table.filter(questions::questionnaire_id.eq(of.raw())))
        .execute(conn)
        .map(drop)
        .map_err(translate)
}

fn insert_questions(conn: &mut Conn, of: QuestionnaireId, list: &[Question]) -> Result<()> {
    list.iter()
        .zip(1..)
        .try_for_each(|(question, position)| insert_question(conn, of, question, position).map(drop))
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
