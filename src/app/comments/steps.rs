//! Steps taken with a comment, each with its history and its row of the audit.

use chrono::{NaiveDate, Utc};
use serde::Serialize;
use uuid::Uuid;

use super::{find, handlers, today};
use crate::app::catalogue::Snapshot;
use crate::db;
use crate::db::comments::{Change, Event, Handling};
use crate::db::conn::Conn;
use crate::domain::comment::{self, State, Step, TEXT_LENGTH};
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
    /// How many steps had changed the comment as whoever takes this one saw it, where that is known.
    pub seen: Option<usize>,
}

/// What the audit says of a step.
#[derive(Serialize)]
struct Details {
    from: &'static str,
    to: &'static str,
    assignee: Option<i64>,
    /// The day that an assignment sets, unless it follows from that of the answer, which it would tell.
    #[serde(skip_serializing_if = "Option::is_none")]
    due: Option<NaiveDate>,
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
    let seen = draft.seen.filter(|_| draft.step != Step::Note);
    if let Some(seen) = seen
        && db::comments::count_changes(conn, id)? != seen
    {
        return Err(conflict());
    }
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
    let before = Handling { state: comment.state, assignee: comment.assignee, due: comment.due };
    let after = Handling {
        state: after,
        assignee: assigned.as_ref().map(|handler| handler.id).or(before.assignee),
        due: due.unwrap_or(before.due),
    };
    let change = Change { before, after };
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
    let details = Details {
        from: before.state.key(),
        to: after.state.key(),
        assignee: after.assignee.map(PersonId::raw),
        due: due.filter(|due| *due != comment::due(comment.day)),
    };
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
        let message = Message::new("comments.text-too-long")
            .with_count("most", TEXT_LENGTH)
            .with_count("found", length);
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
