//! Steps taken with a comment, each with its history and its row of the audit.

use chrono::{NaiveDate, Utc};
use serde_json::json;
use uuid::Uuid;

use super::{find, handlers, today};
use crate::app::catalogue::Snapshot;
use crate::db;
use crate::db::comments::{Change, Event};
use crate::db::conn::Conn;
use crate::domain::comment::{State, Step, TEXT_LENGTH};
use crate::domain::ids::PersonId;
use crate::domain::person::{Actor, Permission};
use crate::error::{Error, FieldError, Result};
use crate::locale::Message;

/// A step as it is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draft {
    /// Which.
    pub step: Step,
    /// Answer, reason or note.
    pub text: String,
    /// To whom it is given.
    pub assignee: Option<PersonId>,
    /// Until when.
    pub due: Option<NaiveDate>,
}

/// What the audit calls a comment.
fn subject(id: Uuid) -> String {
    format!("comment:{id}")
}

/// Takes a step with a comment, with its history and audit.
///
/// # Errors
/// Not found for whoever may not, and out of reach; conflict for a step that does not fit the state;
/// invalid with every fault of the draft; those of the database.
pub fn take(conn: &mut Conn, snapshot: &Snapshot, actor: &Actor, id: Uuid, draft: &Draft) -> Result<()> {
    actor.require(Permission::HandleComments)?;
    let comment = find(conn, snapshot, actor, id)?;
    let conflict = || Error::Conflict(Message::new("comments.step-too-late"));
    let after = comment.state.after(draft.step).ok_or_else(conflict)?;
    let assigned = match draft.step {
        Step::Assign => {
            let handlers = handlers(conn, snapshot, actor, comment.served)?;
            handlers.into_iter().find(|handler| Some(handler.id) == draft.assignee)
        }
        _ => None,
    };
    let faults = faults(draft, comment.state, assigned.is_some());
    if !faults.is_empty() {
        return Err(Error::Invalid(faults));
    }
    let due = draft.due.filter(|_| draft.step == Step::Assign);
    let change = Change {
        before: comment.state,
        after,
        assignee: assigned.as_ref().map(|handler| handler.id).or(comment.assignee),
        due: due.unwrap_or(comment.due),
    };
    if !db::comments::update(conn, (comment.served, id), &change)? {
        return Err(conflict());
    }
    let event = Event {
        at: Utc::now().naive_utc(),
        actor: name(actor).to_owned(),
        step: draft.step,
        body: draft.text.trim().to_owned(),
        assignee: assigned.map(|handler| handler.name).unwrap_or_default(),
        due,
    };
    db::comments::insert_event(conn, id, &event)?;
    let details = json!({
        "from": change.before.key(),
        "to": change.after.key(),
        "assignee": change.assignee.map(PersonId::raw),
        "due": change.due,
    });
    db::audit::insert(conn, actor, &format!("comment.{}", draft.step.key()), &subject(id), &details)
}

fn name(actor: &Actor) -> &str {
    match actor {
        Actor::Person { name, .. } => name,
        Actor::Operator | Actor::Key { .. } => actor.audit_name(),
    }
}

fn faults(draft: &Draft, state: State, is_assigned: bool) -> Vec<FieldError> {
    let mut faults = Vec::new();
    let length = draft.text.trim().chars().count();
    let needs_text = match draft.step {
        Step::Answer | Step::Note => true,
        Step::Close => state.needs_reason_to_close(),
        Step::Acknowledge | Step::Assign | Step::Reopen => false,
    };
    let field = format!("{}-text", draft.step.key());
    if needs_text && length == 0 {
        faults.push(FieldError::new(&*field, Message::new("comments.text-missing")));
    }
    if length > TEXT_LENGTH {
        let message = Message::new("comments.text-too-long").with("most", TEXT_LENGTH).with("found", length);
        faults.push(FieldError::new(&*field, message));
    }
    if draft.step == Step::Assign {
        if !is_assigned {
            faults.push(FieldError::new("assignee", Message::new("comments.assignee-missing")));
        }
        if draft.due.is_none_or(|due| due < today()) {
            faults.push(FieldError::new("due", Message::new("comments.due-rule")));
        }
    }
    faults
}

/// The text of a comment as it was typed; each look is audited.
///
/// # Errors
/// Not found for whoever may not; those of the database.
pub fn unmask(conn: &mut Conn, snapshot: &Snapshot, actor: &Actor, id: Uuid) -> Result<String> {
    actor.require(Permission::UnmaskComments)?;
    let comment = find(conn, snapshot, actor, id)?;
    db::audit::insert(conn, actor, "comment.unmasking", &subject(id), &())?;
    Ok(comment.body)
}
