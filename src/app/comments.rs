//! Comments: found within one's reach, shown masked, and handled step by step.

mod origins;
mod sheet;
mod steps;
mod veiled;

pub use origins::Origins;
pub use sheet::{counter_name, procedure_name, sheet};
pub use steps::{Draft, take, unmask};

use chrono::{NaiveDate, Utc};
use uuid::Uuid;

use super::catalogue::Snapshot;
use super::reach;
use crate::db;
use crate::db::comments::{Comment, Event, Filter, Handler, Order, Phrases};
use crate::db::conn::Conn;
use crate::domain::answer::Scores;
use crate::domain::comment::{self, State, Step};
use crate::domain::day::Local;
use crate::domain::ids::{CounterId, FieldId, PersonId, ProcedureId, QuestionId, QuestionnaireId, UnitId};
use crate::domain::level::Level;
use crate::domain::link::{Channel, Stage, Stages};
use crate::domain::mask;
use crate::domain::origin::{Origin, Place};
use crate::domain::period::{Period, Span};
use crate::domain::person::{Actor, Permission};
use crate::domain::questionnaire::{Kind, Role};
use crate::error::{Error, Result};
use crate::locale::Message;

/// Most comments that a list counts, pages through or exports.
pub const MOST: usize = 10_000;

/// Who is to handle a comment, for whoever asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Assignee {
    /// Whoever asks.
    Me,
    /// Nobody.
    Nobody,
}

impl Assignee {
    /// Every one, in the order in which they are offered.
    pub const ALL: [Self; 2] = [Self::Me, Self::Nobody];

    /// The word in addresses and locale keys.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Me => "me",
            Self::Nobody => "nobody",
        }
    }
}

/// Which comments are asked for.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Query {
    /// Days; none means of all times.
    pub period: Option<Period>,
    /// Only this unit and what is below it.
    pub unit: Option<UnitId>,
    /// Only this field.
    pub field: Option<FieldId>,
    /// Only this procedure.
    pub procedure: Option<ProcedureId>,
    /// Only this counter.
    pub counter: Option<CounterId>,
    /// Only these stages.
    pub stages: Option<Stages>,
    /// Only this channel.
    pub channel: Option<Channel>,
    /// Only this kind of questionnaire.
    pub kind: Option<Kind>,
    /// Only these states; empty means all.
    pub states: Vec<State>,
    /// Only levels 1 and 2.
    pub low: bool,
    /// Only those that are late.
    pub overdue: bool,
    /// Only those with this assignee.
    pub assignee: Option<Assignee>,
    /// Phrases that stand in the text, without regard to marks and case; a comma parts them.
    pub search: String,
    /// What they are sorted by.
    pub order: Order,
    /// Whether from high to low.
    pub descending: bool,
}

/// A comment as somebody may see it.
#[derive(Debug, Clone, PartialEq)]
pub struct Seen {
    /// Id.
    pub id: Uuid,
    /// Unit at whose counter it was written.
    pub served: UnitId,
    /// Field.
    pub field: Option<FieldId>,
    /// Text with personal data masked.
    pub text: String,
    /// Whether something is masked.
    pub is_masked: bool,
    /// Level of the overall question.
    pub level: Option<Level>,
    /// All scores of the answer.
    pub scores: Scores,
    /// Questionnaire version.
    pub questionnaire: QuestionnaireId,
    /// Stage.
    pub stage: Option<Stage>,
    /// How the answer came in.
    pub channel: Option<Channel>,
    /// Day of the answer, for those who may see groups of any size.
    pub day: Option<NaiveDate>,
    /// Month, quarter or year of the answer: the shortest that enough answers share.
    pub period: Option<Period>,
    /// Counter, where enough answers share it.
    pub counter: Option<CounterId>,
    /// Procedure, where enough answers share it; the inner one is none where it was not said.
    pub procedure: Option<Option<ProcedureId>>,
    /// State.
    pub state: State,
    /// Who is to handle it.
    pub assignee: Option<PersonId>,
    /// The name of who is to handle it.
    pub assignee_name: Option<String>,
    /// Until when; it is reckoned from the day of the answer and hidden from those who only read.
    pub due: Option<NaiveDate>,
    /// Whether it is late, as far as what else is shown tells.
    pub is_overdue: bool,
}

impl Seen {
    fn of(comment: Comment, origin: Origin, actor: &Actor, today: NaiveDate) -> Self {
        let text = mask::mask(&comment.body);
        let due = sees_due(actor, origin).then_some(comment.due);
        Self {
            id: comment.id,
            served: comment.served,
            field: comment.field,
            is_masked: text != comment.body,
            text,
            level: comment.level,
            scores: comment.scores,
            questionnaire: comment.questionnaire,
            stage: comment.stage,
            channel: comment.channel,
            day: actor.may(Permission::SeeSmallGroups).then_some(comment.day),
            period: origin.period,
            counter: origin.counter,
            procedure: origin.procedure,
            state: comment.state,
            assignee: comment.assignee,
            assignee_name: comment.assignee_name,
            is_overdue: is_late(comment.state, comment.due, due.is_some(), origin, today),
            due,
        }
    }

    /// Whether the days of its steps may be shown: they are as telling as its own.
    pub fn is_dated(&self) -> bool {
        self.period.and_then(Period::span) == Some(Span::Month)
    }
}

fn place(
    day: NaiveDate,
    field: Option<FieldId>,
    counter: CounterId,
    procedure: Option<ProcedureId>,
) -> Place {
    Place { field, month: Period::around(day, Span::Month), counter, procedure }
}

/// The due date tells the day of the answer, so only those see it who must keep it or see all.
fn sees_due(actor: &Actor, origin: Origin) -> bool {
    let handles = actor.may(Permission::HandleComments) && origin.has_month();
    handles || actor.may(Permission::SeeSmallGroups)
}

/// Whether a comment is told to be late. Whoever does not see the due date learns it when it would be late
/// had it come in on the last day of what is shown, so that nothing is learnt of the day itself.
fn is_late(state: State, due: NaiveDate, sees_due: bool, origin: Origin, today: NaiveDate) -> bool {
    let is_sure = || origin.period.is_some_and(|period| comment::due(period.to()) < today);
    comment::is_overdue(state, due, today) && (sees_due || is_sure())
}

/// Some comments of a list.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Listing {
    /// Comments in order.
    pub comments: Vec<Seen>,
    /// How many there are in all, counted up to one more than [`MOST`].
    pub total: usize,
}

fn today() -> NaiveDate {
    Local::at(Utc::now()).day
}

/// The overall questions of every questionnaire, which each answer has.
pub(super) fn overall_questions(snapshot: &Snapshot) -> Vec<QuestionId> {
    [Kind::Tthc, Kind::AgencyService]
        .into_iter()
        .flat_map(|kind| snapshot.question_ids(kind, Role::Headline))
        .collect()
}

/// Some comments of a list; `place` gives from their number how many to skip and how many to show.
///
/// # Errors
/// Not found for a unit or counter out of reach; those of the database.
pub fn list(
    conn: &mut Conn,
    snapshot: &Snapshot,
    actor: &Actor,
    origins: &Origins,
    query: &Query,
    place: impl FnOnce(usize) -> (usize, usize),
) -> Result<Listing> {
    let today = today();
    let filter = filter(snapshot, actor, query, today)?;
    let (found, total, shown) = if actor.may(Permission::SeeSmallGroups) {
        let total = db::comments::count(conn, &filter, MOST + 1)?;
        let order = (query.order, query.descending);
        (db::comments::page(conn, &filter, order, place(total))?, total, None)
    } else {
        let shown = origins.of(conn, snapshot, filter.served.as_deref())?;
        let ids = veiled::ids(conn, &shown, actor, query, &filter, today)?;
        let total = ids.len().min(MOST + 1);
        let (skip, take) = place(total);
        let part: Vec<Uuid> = ids.iter().skip(skip).take(take).copied().collect();
        (db::comments::by_ids(conn, &part)?, total, Some(shown))
    };
    let seen = |comment: Comment| {
        let place = origin_of(&comment);
        let origin = shown.as_ref().map_or_else(|| place.whole(), |shown| shown.at(comment.served, &place));
        Seen::of(comment, origin, actor, today)
    };
    Ok(Listing { comments: found.into_iter().map(seen).collect(), total })
}

/// How many comments [`list`] finds, counted up to one more than [`MOST`]: what is not shown is not counted.
///
/// # Errors
/// Those of [`list`].
pub fn count(
    conn: &mut Conn,
    snapshot: &Snapshot,
    actor: &Actor,
    origins: &Origins,
    query: &Query,
) -> Result<usize> {
    let today = today();
    let filter = filter(snapshot, actor, query, today)?;
    if actor.may(Permission::SeeSmallGroups) {
        return db::comments::count(conn, &filter, MOST + 1);
    }
    let shown = origins.of(conn, snapshot, filter.served.as_deref())?;
    Ok(veiled::count(conn, &shown, actor, query, &filter, today)?.min(MOST + 1))
}

fn origin_of(comment: &Comment) -> Place {
    place(comment.day, comment.field, comment.counter, comment.procedure)
}

fn filter(snapshot: &Snapshot, actor: &Actor, query: &Query, today: NaiveDate) -> Result<Filter> {
    let narrowed = reach::Narrowed {
        counter: query.counter,
        of_any_unit: false,
        fields: query.field.as_slice(),
        procedure: query.procedure,
    };
    reach::check(snapshot, actor, narrowed)?;
    let versions = |kind: Kind| snapshot.questionnaires.iter().filter(move |one| one.kind == kind);
    Ok(Filter {
        served: reach::units(snapshot, actor, query.unit)?.map(Vec::from_iter),
        period: query.period,
        field: query.field,
        procedure: query.procedure,
        counter: query.counter,
        stages: query.stages.map(|stages| stages.list().to_vec()),
        channel: query.channel,
        questionnaires: query.kind.map(|kind| versions(kind).map(|one| one.id).collect()),
        states: query.states.clone(),
        low: query.low,
        overdue_on: query.overdue.then_some(today),
        assignee: query.assignee.map(|assignee| match assignee {
            // Nobody has the id nought, and nothing is assigned to a key.
            Assignee::Me => Some(actor.person().unwrap_or_else(|| 0.into())),
            Assignee::Nobody => None,
        }),
        phrases: Phrases::of(&query.search),
    })
}

/// Everything about one comment.
#[derive(Debug, Clone, PartialEq)]
pub struct Detail {
    /// The comment.
    pub seen: Seen,
    /// What was done with it, oldest step first: texts masked, and the due date for whoever sees that of the
    /// comment.
    pub events: Vec<Event>,
    /// Number of those that changed how it stands.
    pub changes: usize,
    /// People to whom the actor may give it; none for whoever does not handle comments.
    pub handlers: Vec<Handler>,
}

/// One comment with its history.
///
/// # Errors
/// Not found, also for a comment out of reach; those of the database.
pub fn one(
    conn: &mut Conn,
    snapshot: &Snapshot,
    actor: &Actor,
    origins: &Origins,
    id: Uuid,
) -> Result<Detail> {
    let comment = find(conn, snapshot, actor, id)?;
    let place = origin_of(&comment);
    let origin = if actor.may(Permission::SeeSmallGroups) {
        place.whole()
    } else {
        origins.of(conn, snapshot, Some(&[comment.served]))?.at(comment.served, &place)
    };
    let handlers = if actor.may(Permission::HandleComments) {
        handlers(conn, snapshot, actor, comment.served)?
    } else {
        Vec::new()
    };
    let sees_due = sees_due(actor, origin);
    let seen_event =
        |event: Event| Event { body: mask::mask(&event.body), due: event.due.filter(|_| sees_due), ..event };
    let events: Vec<Event> = db::comments::events(conn, id)?.into_iter().map(seen_event).collect();
    let changes = events.iter().filter(|event| event.step != Step::Note).count();
    Ok(Detail { seen: Seen::of(comment, origin, actor, today()), events, changes, handlers })
}

fn find(conn: &mut Conn, snapshot: &Snapshot, actor: &Actor, id: Uuid) -> Result<Comment> {
    db::comments::by_id(conn, id)?
        .filter(|comment| reach::contains(snapshot, actor, comment.served))
        .ok_or_else(|| Error::NotFound(Message::new("comments.not-found")))
}

/// Those who handle comments of a unit; whoever is bound to a unit gives them to colleagues there alone.
fn handlers(conn: &mut Conn, snapshot: &Snapshot, actor: &Actor, served: UnitId) -> Result<Vec<Handler>> {
    let own = actor.scope().map(|scope| snapshot.units.subtree(scope));
    let fits = |handler: &Handler| {
        let reaches = handler.unit.is_some_and(|unit| snapshot.units.subtree(unit).contains(&served));
        let is_near = match &own {
            None => handler.role.sees_province() || reaches,
            Some(own) => reaches && handler.unit.is_some_and(|unit| own.contains(&unit)),
        };
        handler.role.may(Permission::HandleComments) && is_near
    };
    let bound =
        |handler: Handler| Handler { unit: handler.unit.map(|unit| reach::heir(snapshot, unit)), ..handler };
    Ok(db::comments::people(conn)?.into_iter().map(bound).filter(fits).collect())
}

/// Folds the comments that were stored before there was a search.
///
/// # Errors
/// Those of the database.
pub fn fold_old(database: &db::conn::Database) -> Result<()> {
    while database.write(db::comments::fold_some)? > 0 {}
    Ok(())
}
