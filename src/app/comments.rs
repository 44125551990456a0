//! Comments: found within one's reach, shown masked, and handled step by step.

mod sheet;
mod steps;

pub use sheet::sheet;
pub use steps::{Draft, take, unmask};

use std::collections::{BTreeMap, BTreeSet};

use chrono::{NaiveDate, Utc};
use uuid::Uuid;

use super::catalogue::Snapshot;
use super::reach;
use crate::db;
use crate::db::comments::{Comment, Event, Filter, Handler, Order, Words};
use crate::db::conn::Conn;
use crate::db::sums::{self, Column};
use crate::domain::answer::Scores;
use crate::domain::comment::{self, Origin, Sharing, State};
use crate::domain::day::Local;
use crate::domain::ids::{CounterId, FieldId, PersonId, ProcedureId, QuestionId, QuestionnaireId, UnitId};
use crate::domain::level::Level;
use crate::domain::link::{Channel, Stage};
use crate::domain::mask;
use crate::domain::period::{Period, Span};
use crate::domain::person::{Actor, Permission};
use crate::domain::questionnaire::{Kind, Role};
use crate::domain::suppress;
use crate::error::{Error, Result};
use crate::locale::Message;

/// Most comments that a list counts, pages through or exports.
pub const MOST: usize = 10_000;

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
    /// Only these states; empty means all.
    pub states: Vec<State>,
    /// Only levels 1 and 2.
    pub low: bool,
    /// Only those that are late.
    pub overdue: bool,
    /// Words that stand in the text, without regard to marks and case.
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
    /// Month of the answer, where enough answers share it.
    pub month: Option<Period>,
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
    /// Whether it is late.
    pub is_overdue: bool,
}

impl Seen {
    fn of(comment: Comment, origin: Origin, actor: &Actor, today: NaiveDate) -> Self {
        let text = mask::mask(&comment.body);
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
            month: (origin >= Origin::Month).then(|| Period::around(comment.day, Span::Month)),
            counter: (origin >= Origin::Counter).then_some(comment.counter),
            procedure: (origin >= Origin::Procedure).then_some(comment.procedure),
            state: comment.state,
            assignee: comment.assignee,
            assignee_name: comment.assignee_name,
            due: sees_due(actor, origin).then_some(comment.due),
            is_overdue: comment::is_overdue(comment.state, comment.due, today),
        }
    }
}

/// The due date tells the day of the answer, so only those see it who must keep it or see all.
fn sees_due(actor: &Actor, origin: Origin) -> bool {
    let handles = actor.may(Permission::HandleComments) && origin >= Origin::Month;
    handles || actor.may(Permission::SeeSmallGroups)
}

/// Some comments of a list.
#[derive(Debug, Clone, PartialEq)]
pub struct Listing {
    /// Comments in order.
    pub comments: Vec<Seen>,
    /// How many there are in all, counted up to one more than [`MOST`].
    pub total: usize,
    /// Units left out, since a list of so few of their answers' days would tell of persons.
    pub left_out: usize,
}

fn today() -> NaiveDate {
    Local::at(Utc::now()).day
}

fn floor(actor: &Actor) -> u64 {
    if actor.may(Permission::SeeSmallGroups) { 0 } else { Origin::FLOOR }
}

/// The overall questions of every questionnaire, which each answer has.
pub(super) fn overall_questions(snapshot: &Snapshot) -> Vec<QuestionId> {
    [Kind::Tthc, Kind::AgencyService]
        .into_iter()
        .flat_map(|kind| snapshot.question_ids(kind, Role::Headline))
        .collect()
}

/// Some comments of a list, `take` from the `skip`th on.
///
/// # Errors
/// Not found for a unit out of reach; those of the database.
pub fn list(
    conn: &mut Conn,
    snapshot: &Snapshot,
    actor: &Actor,
    query: &Query,
    page: (usize, usize),
) -> Result<Listing> {
    let today = today();
    let served = reach::units(snapshot, actor, query.unit)?.map(Vec::from_iter);
    let left_out = if query.period.is_some() || query.procedure.is_some() {
        let period = query.period.unwrap_or_else(|| Period::of_all_answers(today));
        small_units(conn, snapshot, actor, (period, query.procedure), served.as_deref())?
    } else {
        Vec::new()
    };
    let filter = Filter {
        served,
        period: query.period,
        field: query.field,
        procedure: query.procedure,
        states: query.states.clone(),
        low: query.low,
        overdue_on: query.overdue.then_some(today),
        words: Words::of(&query.search),
        left_out,
    };
    let found = db::comments::page(conn, &filter, (query.order, query.descending), page)?;
    let total = db::comments::count(conn, &filter, MOST + 1)?;
    let origins = origins(conn, snapshot, actor, &found)?;
    let comments = found.into_iter().map(|comment| {
        let key = (comment.served, comment.field, Period::around(comment.day, Span::Month));
        let month = origins.get(&key).copied().unwrap_or_default();
        let origin = Origin::shown(Sharing { month, ..Sharing::default() }, floor(actor));
        Seen::of(comment, origin, actor, today)
    });
    Ok(Listing { comments: comments.collect(), total, left_out: filter.left_out.len() })
}

/// Units with so few answers in a period, or on a procedure, that to list their comments by it would
/// give away what is hidden of them.
fn small_units(
    conn: &mut Conn,
    snapshot: &Snapshot,
    actor: &Actor,
    (period, procedure): (Period, Option<ProcedureId>),
    served: Option<&[UnitId]>,
) -> Result<Vec<UnitId>> {
    if floor(actor) == 0 {
        return Ok(Vec::new());
    }
    let everywhere = || snapshot.units.versions().map(|version| version.unit).collect::<BTreeSet<_>>();
    let filter = sums::Filter {
        served: served.map_or_else(|| Vec::from_iter(everywhere()), <[UnitId]>::to_vec),
        everywhere: served.is_none(),
        questions: overall_questions(snapshot),
        procedure,
        ..sums::Filter::default()
    };
    let mut answers: BTreeMap<UnitId, u64> = BTreeMap::new();
    for sum in sums::sums(conn, period, &filter, &[Column::Served])? {
        *answers.entry(sum.served.into()).or_default() += sum.levels.valid();
    }
    let small = answers.into_iter().filter(|(_, n)| suppress::is_hidden(*n, floor(actor)));
    Ok(small.map(|(unit, _)| unit).collect())
}

type Cell = (UnitId, Option<FieldId>, Period);

/// Answers that share unit, field and month with any of the comments; a month at a time, for those
/// units alone.
fn origins(
    conn: &mut Conn,
    snapshot: &Snapshot,
    actor: &Actor,
    comments: &[Comment],
) -> Result<BTreeMap<Cell, u64>> {
    let mut units: BTreeMap<Period, BTreeSet<UnitId>> = BTreeMap::new();
    if floor(actor) > 0 {
        for comment in comments {
            units.entry(Period::around(comment.day, Span::Month)).or_default().insert(comment.served);
        }
    }
    let mut answers = BTreeMap::new();
    for (month, served) in units {
        let filter = sums::Filter {
            served: served.into_iter().collect(),
            questions: overall_questions(snapshot),
            ..sums::Filter::default()
        };
        for sum in sums::sums(conn, month, &filter, &[Column::Served, Column::Field])? {
            let cell = (sum.served.into(), FieldId::stated(sum.field), month);
            *answers.entry(cell).or_default() += sum.levels.valid();
        }
    }
    Ok(answers)
}

/// Everything about one comment.
#[derive(Debug, Clone, PartialEq)]
pub struct Detail {
    /// The comment.
    pub seen: Seen,
    /// What was done with it, oldest step first.
    pub events: Vec<Event>,
    /// People to whom the actor may give it; none for whoever does not handle comments.
    pub handlers: Vec<Handler>,
}

/// One comment with its history.
///
/// # Errors
/// Not found, also for a comment out of reach; those of the database.
pub fn one(conn: &mut Conn, snapshot: &Snapshot, actor: &Actor, id: Uuid) -> Result<Detail> {
    let comment = find(conn, snapshot, actor, id)?;
    let origin = Origin::shown(sharing(conn, snapshot, &comment)?, floor(actor));
    let handlers = if actor.may(Permission::HandleComments) {
        handlers(conn, snapshot, actor, comment.served)?
    } else {
        Vec::new()
    };
    let events = db::comments::events(conn, id)?;
    Ok(Detail { seen: Seen::of(comment, origin, actor, today()), events, handlers })
}

fn find(conn: &mut Conn, snapshot: &Snapshot, actor: &Actor, id: Uuid) -> Result<Comment> {
    db::comments::by_id(conn, id)?
        .filter(|comment| reach::contains(snapshot, actor, comment.served))
        .ok_or_else(|| Error::NotFound(Message::new("comments.not-found")))
}

fn sharing(conn: &mut Conn, snapshot: &Snapshot, comment: &Comment) -> Result<Sharing> {
    let filter = sums::Filter {
        served: vec![comment.served],
        questions: overall_questions(snapshot),
        ..sums::Filter::default()
    };
    let month = Period::around(comment.day, Span::Month);
    let columns = [Column::Field, Column::Counter, Column::Procedure];
    let mut sharing = Sharing::default();
    for sum in sums::sums(conn, month, &filter, &columns)? {
        if FieldId::stated(sum.field) != comment.field {
            continue;
        }
        let answers = sum.levels.valid();
        sharing.month += answers;
        if CounterId::from(sum.counter) == comment.counter {
            sharing.counter += answers;
            if ProcedureId::stated(sum.procedure) == comment.procedure {
                sharing.procedure += answers;
            }
        }
    }
    Ok(sharing)
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
