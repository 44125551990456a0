//! What is done with a comment: its state, its history, and who handles it.

use chrono::{NaiveDate, NaiveDateTime};
use diesel::sql_types::Bool;
use diesel::{BoolExpressionMethods, ExpressionMethods, Insertable, IntoSql, QueryDsl, RunQueryDsl};
use uuid::Uuid;

use crate::db::conn::{Conn, on_each};
use crate::db::schema::{comment_events, comments, people};
use crate::db::types::StoredId;
use crate::db::violation::translate;
use crate::domain::comment::{State, Step};
use crate::domain::ids::{PersonId, UnitId};
use crate::domain::person::Role;
use crate::error::{Error, Result};

/// How the handling of a comment stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Handling {
    /// State.
    pub state: State,
    /// Who is to handle it.
    pub assignee: Option<PersonId>,
    /// Until when.
    pub due: NaiveDate,
}

/// What a step changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// The comment before.
    pub before: Handling,
    /// The comment after.
    pub after: Handling,
}

/// Takes a step; false where the comment is not any more what it was before, since somebody else took one first.
///
/// # Errors
/// Those of the database.
pub fn update(conn: &mut Conn, (served, id): (UnitId, Uuid), change: &Change) -> Result<bool> {
    let (before, after) = (change.before, change.after);
    let assignee = before.assignee.map(PersonId::raw);
    let is_nobody = assignee.is_none().into_sql::<Bool>();
    let row = comments::table
        .filter(comments::served_unit_id.eq(served.raw()))
        .filter(comments::id.eq(StoredId(id)))
        .filter(comments::state.eq(before.state.number()))
        .filter(comments::assignee_id.eq(assignee).or(comments::assignee_id.is_null().and(is_nobody)))
        .filter(comments::due_on.eq(before.due));
    let changed = diesel::update(row)
        .set((
            comments::state.eq(after.state.number()),
            comments::assignee_id.eq(after.assignee.map(PersonId::raw)),
            comments::due_on.eq(after.due),
        ))
        .execute(conn)
        .map_err(translate)?;
    Ok(changed == 1)
}

/// One step in the history of a comment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// Instant (UTC).
    pub at: NaiveDateTime,
    /// Full name of who took it.
    pub actor: String,
    /// Which.
    pub step: Step,
    /// What was written: an answer, a reason or a note.
    pub body: String,
    /// Full name of who got it, of an assignment.
    pub assignee: String,
    /// The due date set, of an assignment.
    pub due: Option<NaiveDate>,
}

/// One row of `comment_events`.
#[derive(Insertable)]
#[diesel(table_name = comment_events, treat_none_as_default_value = false)]
pub struct EventRow<'a> {
    comment_id: StoredId,
    at: NaiveDateTime,
    actor: &'a str,
    step: &'static str,
    body: &'a str,
    assignee: &'a str,
    due_on: Option<NaiveDate>,
}

impl<'a> EventRow<'a> {
    /// The row of a step.
    pub fn of(comment: Uuid, event: &'a Event) -> Self {
        Self {
            comment_id: StoredId(comment),
            at: event.at,
            actor: &event.actor,
            step: event.step.key(),
            body: &event.body,
            assignee: &event.assignee,
            due_on: event.due,
        }
    }
}

/// Writes one step into the history.
///
/// # Errors
/// Those of the database.
pub fn insert_event(conn: &mut Conn, comment: Uuid, event: &Event) -> Result<()> {
    let row = EventRow::of(comment, event);
    on_each!(conn => diesel::insert_into(comment_events::table).values(row).execute(conn))
        .map(drop)
        .map_err(translate)
}

/// The history of a comment, oldest step first.
///
/// # Errors
/// Those of the database; internal for an unknown step.
pub fn events(conn: &mut Conn, comment: Uuid) -> Result<Vec<Event>> {
    type Row = (NaiveDateTime, String, String, String, String, Option<NaiveDate>);
    let rows = comment_events::table
        .filter(comment_events::comment_id.eq(StoredId(comment)))
        .order(comment_events::id.asc())
        .select((
            comment_events::at,
            comment_events::actor,
            comment_events::step,
            comment_events::body,
            comment_events::assignee,
            comment_events::due_on,
        ))
        .load::<Row>(conn)
        .map_err(translate)?;
    rows.into_iter()
        .map(|(at, actor, step, body, assignee, due)| {
            let step = Step::from_key(&step).ok_or_else(|| Error::internal("an unknown step"))?;
            Ok(Event { at, actor, step, body, assignee, due })
        })
        .collect()
}

/// Number of the steps that changed how a comment stands: all but notes.
///
/// # Errors
/// Those of the database.
pub fn count_changes(conn: &mut Conn, comment: Uuid) -> Result<usize> {
    let changes = comment_events::table
        .filter(comment_events::comment_id.eq(StoredId(comment)))
        .filter(comment_events::step.ne(Step::Note.key()))
        .count()
        .get_result::<i64>(conn)
        .map_err(translate)?;
    Ok(usize::try_from(changes).unwrap_or_default())
}

/// Someone who may be given a comment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Handler {
    /// Id.
    pub id: PersonId,
    /// Full name.
    pub name: String,
    /// Role.
    pub role: Role,
    /// The unit to which the person is bound.
    pub unit: Option<UnitId>,
}

/// People who can sign in, by name: neither locked nor yet to choose a password.
///
/// # Errors
/// Those of the database.
pub fn people(conn: &mut Conn) -> Result<Vec<Handler>> {
    let rows = people::table
        .filter(people::disabled_at.is_null())
        .filter(people::password_hash.ne(""))
        .order((people::name.asc(), people::id.asc()))
        .select((people::id, people::name, people::role, people::unit_id))
        .load::<(i64, String, String, Option<i64>)>(conn)
        .map_err(translate)?;
    Ok(rows
        .into_iter()
        .filter_map(|(id, name, role, unit)| {
            let role = Role::from_key(&role)?;
            Some(Handler { id: id.into(), name, role, unit: unit.map(UnitId::from) })
        })
        .collect())
}
