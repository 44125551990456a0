//! How far the comments of a simulated year are handled: the older ones mostly done, the latest new.

use chrono::{Days, NaiveDate, NaiveDateTime, NaiveTime};
use uuid::Uuid;

use crate::db::comments::Event;
use crate::domain::answer::Response;
use crate::domain::comment::{self, State, Step};
use crate::locale::Lang;

/// Days after which every simulated comment has been looked at.
const LOOKED_AT: i64 = 14;

/// Days within which none has.
const FRESH: i64 = 4;

/// A comment that is no longer new.
#[derive(Debug, Clone, PartialEq)]
pub struct Handled {
    /// Id of the comment.
    pub comment: Uuid,
    /// State at the end of the year.
    pub state: State,
    /// The steps there, oldest first.
    pub events: Vec<Event>,
}

/// What was done with the comment of a response until a day, if anything.
///
/// The lot is drawn from the id of the comment, so that it disturbs no other draw.
pub fn of(response: &Response, end: NaiveDate) -> Option<Handled> {
    let comment = response.comment.as_ref()?;
    let age = end.signed_duration_since(response.day).num_days();
    let lot = comment.id.as_u128() % 100;
    let is_low = response.level().is_some_and(comment::is_low);
    let state = match age {
        age if age >= LOOKED_AT => match lot {
            0..6 => State::Acknowledged,
            6..80 if is_low => State::Answered,
            _ => State::Closed,
        },
        age if age >= FRESH && lot < 65 => State::Acknowledged,
        _ => return None,
    };
    let mut events = vec![event(response.day, 1, Step::Acknowledge, "")];
    match state {
        State::Answered if lot < 45 => events.push(event(response.day, 4, Step::Answer, "sorry")),
        State::Answered => events.push(event(response.day, 5, Step::Answer, "mend")),
        State::Closed => events.push(event(response.day, 2, Step::Close, "thanks")),
        State::New | State::Acknowledged | State::Assigned => {}
    }
    Some(Handled { comment: comment.id, state, events })
}

/// A step some days after the comment, in the afternoon.
fn event(day: NaiveDate, after: u64, step: Step, reply: &str) -> Event {
    let day = day.checked_add_days(Days::new(after)).unwrap_or(day);
    let body = if reply.is_empty() { String::new() } else { Lang::Vi.text(&format!("demo.reply-{reply}")) };
    Event {
        at: NaiveDateTime::new(day, NaiveTime::from_hms_opt(8, 0, 0).unwrap_or_default()),
        actor: Lang::Vi.text("demo.handler"),
        step,
        body,
        assignee: String::new(),
        due: None,
    }
}
