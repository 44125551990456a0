//! Questionnaires and their questions.

use chrono::NaiveDateTime;
use diesel::{
    ExpressionMethods, OptionalExtension, QueryDsl, Queryable, RunQueryDsl, Selectable, SelectableHelper,
};

use super::conn::Conn;
use super::schema::{questionnaires, questions};
use super::types::StoredDocument;
use super::violation::translate;
use crate::domain::ids::QuestionnaireId;
use crate::domain::questionnaire::{Kind, Question, Questionnaire, Role, Stamp, Status, Steps};
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

#[derive(Queryable, Selectable)]
#[diesel(table_name = questionnaires)]
struct HeadRow {
    id: i64,
    kind: String,
    version: i32,
    status: String,
    texts: StoredDocument,
    created_at: Option<NaiveDateTime>,
    created_by: Option<String>,
    published_at: Option<NaiveDateTime>,
    published_by: Option<String>,
    retired_at: Option<NaiveDateTime>,
    retired_by: Option<String>,
}

/// Published and retired questionnaires with their questions in order.
///
/// # Errors
/// Those of the database; internal for a kind or role that this version does not know.
pub fn load(conn: &mut Conn) -> Result<Vec<Questionnaire>> {
    let heads = questionnaires::table
        .select(HeadRow::as_select())
        .filter(questionnaires::status.ne(Status::Draft.key()))
        .load(conn)
        .map_err(translate)?;
    with_questions(conn, heads)
}

/// Every version, drafts too, by kind and from the newest to the oldest.
///
/// # Errors
/// Those of [`load`].
pub fn all(conn: &mut Conn) -> Result<Vec<Questionnaire>> {
    let heads = questionnaires::table
        .select(HeadRow::as_select())
        .order((questionnaires::kind.asc(), questionnaires::version.desc()))
        .load(conn)
        .map_err(translate)?;
    with_questions(conn, heads)
}

/// One version, if there is one of that id.
///
/// # Errors
/// Those of [`load`].
pub fn find(conn: &mut Conn, id: QuestionnaireId) -> Result<Option<Questionnaire>> {
    let head = questionnaires::table
        .find(id.raw())
        .select(HeadRow::as_select())
        .first(conn)
        .optional()
        .map_err(translate)?;
    Ok(with_questions(conn, head.into_iter().collect())?.pop())
}

fn with_questions(conn: &mut Conn, heads: Vec<HeadRow>) -> Result<Vec<Questionnaire>> {
    let rows = questions::table
        .select(QuestionRow::as_select())
        .filter(questions::questionnaire_id.eq_any(heads.iter().map(|head| head.id).collect::<Vec<_>>()))
        .order((questions::questionnaire_id.asc(), questions::position.asc()))
        .load(conn)
        .map_err(translate)?;
    heads
        .into_iter()
        .map(|head| {
            let own = rows.iter().filter(|row| row.questionnaire_id == head.id);
            Ok(Questionnaire {
                id: head.id.into(),
                kind: Kind::from_key(&head.kind).ok_or_else(|| unknown("kind", &head.kind))?,
                version: head.version,
                status: Status::from_key(&head.status).ok_or_else(|| unknown("status", &head.status))?,
                steps: Steps {
                    created: stamp(head.created_at, head.created_by),
                    published: stamp(head.published_at, head.published_by),
                    retired: stamp(head.retired_at, head.retired_by),
                },
                texts: head.texts.read()?,
                questions: own.map(question).collect::<Result<_>>()?,
            })
        })
        .collect()
}

fn stamp(at: Option<NaiveDateTime>, by: Option<String>) -> Option<Stamp> {
    at.zip(by).map(|(at, by)| Stamp { at, by })
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
