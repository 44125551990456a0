//! The sheet of a list of comments, with the columns of the page, and the names in both.

use chrono::NaiveDate;

use super::{Listing, Seen};
use crate::app::catalogue::Snapshot;
use crate::app::exports::{Sheet, Value};
use crate::app::scores::{self, Cell};
use crate::domain::level::Level;
use crate::locale::Lang;

/// Stable keys of the columns, in order.
const COLUMNS: [&str; 11] = [
    "received",
    "unit",
    "counter",
    "field",
    "procedure",
    "level",
    "comment",
    "state",
    "assignee",
    "due",
    "overdue",
];

/// The name of the counter; none where it is hidden.
pub fn counter_name(seen: &Seen, snapshot: &Snapshot) -> Option<String> {
    let counter = snapshot.counters.get(&seen.counter?);
    Some(counter.map_or_else(String::new, |counter| counter.name.clone()))
}

/// The name of the procedure as it is on a day, or that it was not stated; none where it is hidden.
pub fn procedure_name(seen: &Seen, snapshot: &Snapshot, lang: Lang, day: NaiveDate) -> Option<String> {
    seen.procedure.map(|id| scores::name(Cell::Procedure(id), snapshot, day, lang))
}

/// Lays a list out as a sheet: what the page shows, masked and hidden alike.
pub fn sheet(listing: &Listing, snapshot: &Snapshot, lang: Lang, today: NaiveDate) -> Sheet {
    let title = |key: &&str| ((*key).to_owned(), lang.text(&format!("comments.column-{key}")));
    Sheet {
        columns: COLUMNS.iter().map(title).collect(),
        rows: listing.comments.iter().map(|seen| row(seen, snapshot, lang, today)).collect(),
    }
}

fn row(seen: &Seen, snapshot: &Snapshot, lang: Lang, today: NaiveDate) -> Vec<Value> {
    let received = match (seen.day, seen.period) {
        (Some(day), _) => Value::Text(day.to_string()),
        (None, Some(period)) => Value::Text(period.to_string()),
        (None, None) => Value::Hidden,
    };
    let unit = snapshot.units.nearest(seen.served, today);
    let field = seen.field.and_then(|id| snapshot.field(id));
    vec![
        received,
        unit.map_or(Value::Empty, |unit| Value::Text(unit.name.clone())),
        counter_name(seen, snapshot).map_or(Value::Hidden, Value::Text),
        field.map_or(Value::Empty, |field| Value::Text(field.name_in(lang).to_owned())),
        procedure_name(seen, snapshot, lang, today).map_or(Value::Hidden, Value::Text),
        seen.level.map_or(Value::Empty, |level: Level| Value::Count(u8::from(level).into())),
        Value::Text(seen.text.clone()),
        Value::Text(lang.text(&format!("comments.state-{}", seen.state.key()))),
        seen.assignee_name.clone().map_or(Value::Empty, Value::Text),
        seen.due.map_or(Value::Hidden, |due| Value::Text(due.to_string())),
        Value::Text(if seen.is_overdue { lang.text("column.yes") } else { String::new() }),
    ]
}
