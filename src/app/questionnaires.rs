//! Questionnaires: drafts are made, changed and thrown away; versions are published and retired.

use serde_json::{Value, json};

use crate::db;
use crate::db::conn::Conn;
use crate::db::questionnaire_writes as writes;
use crate::domain::day::Local;
use crate::domain::ids::QuestionnaireId;
use crate::domain::person::{Actor, Permission};
use crate::domain::questionnaire::{Kind, Questionnaire, Status};
use crate::error::{Error, FieldError, Result};
use crate::locale::Message;

/// Every version, drafts too, by kind and from the newest to the oldest.
///
/// # Errors
/// Not found for whoever may not; those of the database.
pub fn list(conn: &mut Conn, actor: &Actor) -> Result<Vec<Questionnaire>> {
    actor.require(Permission::ManageCatalogue)?;
    db::questionnaires::all(conn)
}

/// One version.
///
/// # Errors
/// Not found, also for whoever may not; those of the database.
pub fn find(conn: &mut Conn, actor: &Actor, id: QuestionnaireId) -> Result<Questionnaire> {
    actor.require(Permission::ManageCatalogue)?;
    db::questionnaires::find(conn, id)?.ok_or_else(not_found)
}

/// Makes a draft with the questions and texts of the published version.
///
/// # Errors
/// Not found for whoever may not; conflict where the kind has a draft or nothing is published; those of
/// the database.
pub fn draft(conn: &mut Conn, actor: &Actor, kind: Kind) -> Result<QuestionnaireId> {
    actor.require(Permission::ManageCatalogue)?;
    let versions = db::questionnaires::all(conn)?;
    let of_kind = |status| versions.iter().find(|one| one.kind == kind && one.status == status);
    if of_kind(Status::Draft).is_some() {
        return Err(Error::Conflict(Message::new("questionnaires.fault.draft-exists")));
    }
    let published = of_kind(Status::Published)
        .ok_or_else(|| Error::Conflict(Message::new("questionnaires.fault.none-published")))?;
    let draft = published.successor(writes::last_version(conn, kind)? + 1);
    let id = writes::insert(conn, &draft, actor.audit_name())?;
    record(conn, actor, "questionnaire.create", &draft, &json!({ "from": published.version }))?;
    Ok(id)
}

/// Changes a draft; `what` is written into the audit.
///
/// # Errors
/// Not found, also for whoever may not; conflict for a version that is no draft; those of `change` and of
/// the database.
pub fn edit(
    conn: &mut Conn,
    actor: &Actor,
    id: QuestionnaireId,
    what: &Value,
    change: impl FnOnce(&mut Questionnaire) -> Result<()>,
) -> Result<()> {
    let mut draft = held(conn, actor, id)?;
    let before = draft.clone();
    change(&mut draft)?;
    if draft == before {
        return Ok(());
    }
    writes::replace(conn, &draft)?;
    record(conn, actor, "questionnaire.edit", &draft, what)
}

/// Throws a draft away.
///
/// # Errors
/// Not found, also for whoever may not; conflict for a version that is no draft; those of the database.
pub fn delete(conn: &mut Conn, actor: &Actor, id: QuestionnaireId) -> Result<()> {
    let draft = held(conn, actor, id)?;
    writes::delete(conn, id)?;
    record(conn, actor, "questionnaire.delete", &draft, &json!({}))
}

/// Publishes a draft: from now on it is asked, and the version before it is retired.
///
/// # Errors
/// Not found, also for whoever may not; conflict for a version that is no draft; invalid with all that
/// stands in the way, and for a language that is offered now and would no longer be unless `drops` says
/// that it is meant; those of the database.
pub fn publish(conn: &mut Conn, actor: &Actor, id: QuestionnaireId, drops: bool) -> Result<()> {
    publish_seen(conn, actor, id, drops, "")
}

/// Publishes a draft if it is still what somebody saw of it; [`Questionnaire::seen`] says what that is.
///
/// # Errors
/// Those of [`publish`]; invalid where somebody changed the draft since.
pub fn publish_seen(
    conn: &mut Conn,
    actor: &Actor,
    id: QuestionnaireId,
    drops: bool,
    seen: &str,
) -> Result<()> {
    let draft = held(conn, actor, id)?;
    draft.check_seen(seen)?;
    let mut obstacles = draft.obstacles();
    let versions = db::questionnaires::all(conn)?;
    let before = versions.iter().find(|one| one.kind == draft.kind && one.status == Status::Published);
    let lost = before.map(|before| lost_names(before, &draft)).unwrap_or_default();
    if obstacles.is_empty() && !drops && !lost.is_empty() {
        let message = Message::new("questionnaires.fault.drops").with("found", lost.join(", "));
        obstacles.push(FieldError::new("drops", message));
    }
    if !obstacles.is_empty() {
        return Err(Error::Invalid(obstacles));
    }
    if let Some(version) = writes::retire(conn, draft.kind, actor.audit_name())? {
        let retired = Questionnaire { version, ..draft.clone() };
        record(conn, actor, "questionnaire.retire", &retired, &json!({ "successor": draft.version }))?;
    }
    writes::publish(conn, id, actor.audit_name())?;
    record(
        conn,
        actor,
        "questionnaire.publish",
        &draft,
        &json!({ "languages": draft.offered(), "lost": lost }),
    )?;
    db::revision::bump(conn)
}

/// What the languages that a draft would take from citizens call themselves.
fn lost_names(before: &Questionnaire, draft: &Questionnaire) -> Vec<String> {
    let name = |tag| before.texts.get(tag).map(|texts| texts.own_name(tag)).unwrap_or_default();
    draft.lost_from(before).into_iter().map(|lost| name(lost.tag)).collect()
}

/// A draft that nobody else changes until the transaction ends.
fn held(conn: &mut Conn, actor: &Actor, id: QuestionnaireId) -> Result<Questionnaire> {
    actor.require(Permission::ManageCatalogue)?;
    let is_draft = writes::hold(conn, id)?;
    let found = db::questionnaires::find(conn, id)?.ok_or_else(not_found)?;
    if is_draft {
        return Ok(found);
    }
    let message = match found.steps.published {
        Some(step) => Message::new("questionnaires.fault.published")
            .with("by", step.by)
            .with_day("day", Local::at(step.at.and_utc()).day),
        None => Message::new("questionnaires.fault.no-draft"),
    };
    Err(Error::Conflict(message))
}

fn record(
    conn: &mut Conn,
    actor: &Actor,
    action: &str,
    questionnaire: &Questionnaire,
    details: &Value,
) -> Result<()> {
    db::audit::insert(conn, actor, action, &subject(questionnaire), details)
}

/// How the audit names a version.
pub fn subject(questionnaire: &Questionnaire) -> String {
    format!("questionnaire:{}-{}", questionnaire.kind.key(), questionnaire.version)
}

fn not_found() -> Error {
    Error::NotFound(Message::new("error.page-not-found"))
}
