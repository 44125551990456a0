//! New versions of a questionnaire.

use hailong::app::questionnaires;
use hailong::db::conn::Conn;
use hailong::domain::ids::QuestionnaireId;
use hailong::domain::person::Actor;
use hailong::domain::questionnaire::Kind;
use hailong::error::Result;
use serde_json::json;

/// A draft in which the question of a key asks in other words.
pub fn draft_asking(conn: &mut Conn, key: &str, ask: &str) -> Result<QuestionnaireId> {
    let id = questionnaires::draft(conn, &Actor::Operator, Kind::Tthc)?;
    questionnaires::edit(conn, &Actor::Operator, id, &json!({}), |draft| {
        let question = draft.questions.iter_mut().find(|question| question.key == key).unwrap();
        question.texts.get_mut("vi").unwrap().ask = ask.into();
        Ok(())
    })?;
    Ok(id)
}
