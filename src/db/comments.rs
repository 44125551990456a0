//! Comments: written with their answers, listed by page, and handled step by step.

mod filter;
mod keys;
mod steps;

use std::collections::HashMap;

use chrono::NaiveDate;
use diesel::{ExpressionMethods, Insertable, OptionalExtension, QueryDsl, QueryableByName, RunQueryDsl};
use uuid::Uuid;

use super::conn::Conn;
use super::schema::comments;
use super::types::{Document, Id, StoredDocument, StoredId};
use super::violation::translate;
use crate::domain::answer::{Response, Scores};
use crate::domain::comment::{self, State};
use crate::domain::fold::words;
use crate::domain::ids::{CounterId, FieldId, PersonId, ProcedureId, QuestionnaireId, UnitId};
use crate::domain::level::Level;
use crate::domain::link::{Channel, Stage};
use crate::domain::mask;
use crate::domain::tally::{day_date, day_number};
use crate::error::{Error, Result};

use filter::one_of;
pub use filter::{Filter, Order, Phrases};
pub use keys::{Key, by_ids, keys};
pub use steps::{
    Change, Event, EventRow, Handler, Handling, count_changes, events, insert_event, people, update,
};

/// One row of `comments` as the intake writes it.
#[derive(Insertable)]
#[diesel(table_name = comments, treat_none_as_default_value = false)]
pub struct CommentRow {
    served_unit_id: i64,
    id: StoredId,
    body: String,
    folded: Option<String>,
    day: i32,
    level: i16,
    scores: StoredDocument,
    questionnaire_id: i64,
    counter_id: i64,
    field_id: i64,
    procedure_id: i64,
    stage: i16,
    channel: i16,
    state: i16,
    assignee_id: Option<i64>,
    due_on: NaiveDate,
}

impl CommentRow {
    /// The row of a response's comment, if it has one.
    ///
    /// # Errors
    /// Internal, for scores that JSON cannot hold.
    pub fn of(response: &Response) -> Option<Result<Self>> {
        let comment = response.comment.as_ref()?;
        Some(StoredDocument::of(&response.scores).map(|scores| Self {
            served_unit_id: response.served.raw(),
            id: StoredId(comment.id),
            body: comment.body.clone(),
            folded: Some(searchable(&comment.body)),
            day: day_number(response.day),
            level: response.level().map_or(0, |level| u8::from(level).into()),
            scores,
            questionnaire_id: response.questionnaire.raw(),
            counter_id: response.counter.raw(),
            field_id: response.field.map_or(0, FieldId::raw),
            procedure_id: response.procedure.map_or(0, ProcedureId::raw),
            stage: response.stage.map_or(0, Stage::number),
            channel: response.channel.number(),
            state: State::New.number(),
            assignee_id: None,
            due_on: comment::due(response.day),
        }))
    }

    /// The row of a response's comment that has a state already, or else is new.
    pub fn in_state(response: &Response, states: &HashMap<Uuid, State>) -> Option<Result<Self>> {
        let state = response.comment.as_ref().and_then(|comment| states.get(&comment.id));
        let row = Self::of(response)?;
        Some(row.map(|row| Self { state: state.map_or(row.state, |state| state.number()), ..row }))
    }
}

/// What a search looks in: folded words, each behind a blank, so that a phrase is found from the beginning of a
/// word on. What is masked is not there, so that nobody can ask whether a number is in it; a stroke stands in its
/// place, since words around it do not stand together.
fn searchable(body: &str) -> String {
    let parts: Vec<String> = mask::parts(body).into_iter().map(words).collect();
    format!(" {}", parts.join(" | "))
}

/// Rows that are folded in one go.
const FOLDED_AT_ONCE: i64 = 500;

/// Folds comments that are not, some at a time, and says how many.
///
/// # Errors
/// Those of the database.
pub fn fold_some(conn: &mut Conn) -> Result<usize> {
    let rows = comments::table
        .filter(comments::folded.is_null())
        .select((comments::served_unit_id, comments::id, comments::body))
        .limit(FOLDED_AT_ONCE)
        .load::<(i64, StoredId, String)>(conn)
        .map_err(translate)?;
    let count = rows.len();
    for (unit, id, body) in rows {
        diesel::update(comments::table.filter(comments::served_unit_id.eq(unit)).filter(comments::id.eq(id)))
            .set(comments::folded.eq(Some(searchable(&body))))
            .execute(conn)
            .map_err(translate)?;
    }
    Ok(count)
}

/// A comment with what it is handled by.
#[derive(Debug, Clone, PartialEq)]
pub struct Comment {
    /// Unit at whose counter it was written.
    pub served: UnitId,
    /// Id.
    pub id: Uuid,
    /// Text as typed: to be masked before it is shown.
    pub body: String,
    /// Day of the answer.
    pub day: NaiveDate,
    /// Level of the overall question.
    pub level: Option<Level>,
    /// All scores of the answer.
    pub scores: Scores,
    /// Questionnaire version.
    pub questionnaire: QuestionnaireId,
    /// Counter.
    pub counter: CounterId,
    /// Field.
    pub field: Option<FieldId>,
    /// Procedure.
    pub procedure: Option<ProcedureId>,
    /// Stage.
    pub stage: Option<Stage>,
    /// How the answer came in.
    pub channel: Option<Channel>,
    /// State.
    pub state: State,
    /// Who is to handle it.
    pub assignee: Option<PersonId>,
    /// The name of who is to handle it.
    pub assignee_name: Option<String>,
    /// Until when.
    pub due: NaiveDate,
}

#[derive(QueryableByName)]
struct Stored {
    #[diesel(sql_type = diesel::sql_types::BigInt)]
    served_unit_id: i64,
    #[diesel(sql_type = Id)]
    id: StoredId,
    #[diesel(sql_type = diesel::sql_types::Text)]
    body: String,
    #[diesel(sql_type = diesel::sql_types::Integer)]
    day: i32,
    #[diesel(sql_type = diesel::sql_types::SmallInt)]
    level: i16,
    #[diesel(sql_type = Document)]
    scores: StoredDocument,
    #[diesel(sql_type = diesel::sql_types::BigInt)]
    questionnaire_id: i64,
    #[diesel(sql_type = diesel::sql_types::BigInt)]
    counter_id: i64,
    #[diesel(sql_type = diesel::sql_types::BigInt)]
    field_id: i64,
    #[diesel(sql_type = diesel::sql_types::BigInt)]
    procedure_id: i64,
    #[diesel(sql_type = diesel::sql_types::SmallInt)]
    stage: i16,
    #[diesel(sql_type = diesel::sql_types::SmallInt)]
    channel: i16,
    #[diesel(sql_type = diesel::sql_types::SmallInt)]
    state: i16,
    #[diesel(sql_type = diesel::sql_types::Nullable<diesel::sql_types::BigInt>)]
    assignee_id: Option<i64>,
    #[diesel(sql_type = diesel::sql_types::Nullable<diesel::sql_types::Text>)]
    assignee_name: Option<String>,
    #[diesel(sql_type = diesel::sql_types::Date)]
    due_on: NaiveDate,
}

impl Stored {
    fn read(self) -> Result<Comment> {
        let broken = |what: &str| Error::internal(format!("a comment of an unknown {what}"));
        Ok(Comment {
            served: self.served_unit_id.into(),
            id: self.id.0,
            body: self.body,
            day: day_date(self.day).ok_or_else(|| broken("day"))?,
            level: u8::try_from(self.level).ok().and_then(|level| Level::try_from(level).ok()),
            scores: self.scores.read()?,
            questionnaire: self.questionnaire_id.into(),
            counter: self.counter_id.into(),
            field: FieldId::stated(self.field_id),
            procedure: ProcedureId::stated(self.procedure_id),
            stage: Stage::from_number(self.stage),
            channel: Channel::from_number(self.channel),
            state: State::from_number(self.state).ok_or_else(|| broken("state"))?,
            assignee: self.assignee_id.map(PersonId::from),
            assignee_name: self.assignee_name,
            due: self.due_on,
        })
    }
}

const SELECT: &str = "SELECT c.served_unit_id, c.id, c.body, c.day, c.level, c.scores, c.questionnaire_id, \
     c.counter_id, c.field_id, c.procedure_id, c.stage, c.channel, c.state, c.assignee_id, \
     p.name AS assignee_name, c.due_on FROM comments c LEFT JOIN people p ON p.id = c.assignee_id";

/// Some comments of a list, from the `skip`th on.
///
/// # Errors
/// Those of the database.
pub fn page(
    conn: &mut Conn,
    filter: &Filter,
    (order, descending): (Order, bool),
    (skip, take): (usize, usize),
) -> Result<Vec<Comment>> {
    let column = match order {
        Order::Received => "c.day",
        Order::Due => "c.due_on",
        Order::Level => "c.level",
        Order::State => "c.state",
    };
    let direction = if descending { "DESC" } else { "ASC" };
    let newest = if order == Order::Received { "" } else { ", c.day DESC" };
    let statement = format!(
        "{SELECT} WHERE {} ORDER BY {column} {direction}{newest}, c.served_unit_id {direction}, \
         c.id {direction} LIMIT {take} OFFSET {skip}",
        filter.conditions()
    );
    let rows = diesel::sql_query(statement).load::<Stored>(conn).map_err(translate)?;
    rows.into_iter().map(Stored::read).collect()
}

#[derive(QueryableByName)]
struct Counted {
    #[diesel(sql_type = diesel::sql_types::BigInt)]
    n: i64,
}

/// Number of comments of a list, counted no further than `most`.
///
/// # Errors
/// Those of the database.
pub fn count(conn: &mut Conn, filter: &Filter, most: usize) -> Result<usize> {
    let statement = format!(
        "SELECT COUNT(*) AS n FROM (SELECT 1 AS one FROM comments c WHERE {} LIMIT {most}) AS found",
        filter.conditions()
    );
    counted(conn, statement)
}

fn counted(conn: &mut Conn, statement: String) -> Result<usize> {
    let counted = diesel::sql_query(statement).get_result::<Counted>(conn).map_err(translate)?;
    Ok(usize::try_from(counted.n).unwrap_or_default())
}

/// Number of new comments of levels 1 and 2, counted no further than `most`.
///
/// # Errors
/// Those of the database.
pub fn count_unseen(conn: &mut Conn, served: Option<&[UnitId]>, most: usize) -> Result<usize> {
    // Written as the condition of the index is, which holds nothing but these comments.
    let reach =
        served.map_or_else(String::new, |served| format!(" AND {}", one_of("served_unit_id", served)));
    counted(
        conn,
        format!(
            "SELECT COUNT(*) AS n FROM (SELECT 1 AS one FROM comments \
             WHERE state = 1 AND level IN (1, 2){reach} LIMIT {most}) AS found"
        ),
    )
}

/// An id as each database reads it: it prints as hexadecimal digits and hyphens.
fn literal(conn: &Conn, id: Uuid) -> String {
    match conn {
        Conn::Postgres(_) => format!("'{id}'"),
        Conn::Sqlite(_) => format!("x'{}'", id.simple()),
    }
}

/// The comment of an id.
///
/// # Errors
/// Those of the database.
pub fn by_id(conn: &mut Conn, id: Uuid) -> Result<Option<Comment>> {
    let statement = format!("{SELECT} WHERE c.id = {}", literal(conn, id));
    let row = diesel::sql_query(statement).get_result::<Stored>(conn).optional().map_err(translate)?;
    row.map(Stored::read).transpose()
}
