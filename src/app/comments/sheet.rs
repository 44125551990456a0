//! The sheet of a list of comments, with the columns of the page.

use chrono::NaiveDate;

use super::{Listing, Seen};
use crate::app::catalogue::Snapshot;
use crate::app::exports::{Sheet, Value};
use crate::domain::level::Level;
use crate::locale::Lang;

/// Stable keys of the columns, in order.
const COLUMNS: [&str; 9] =
    ["received", "unit", "field", "level", "comment", "state", "assignee", "due", "overdue"];

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
        field.map_or(Value::Empty, |field| Value::Text(field.name_in(lang).to_owned())),
        seen.level.map_or(Value::Empty, |level: Level| Value::Count(u8::from(level).into())),
        Value::Text(seen.text.clone()),
        Value::Text(lang.text(&format!("comments.state-{}", seen.state.key()))),
        seen.assignee_name.clone().map_or(Value::Empty, Value::Text),
        seen.due.map_or(Value::Hidden, |due| Value::Text(due.to_string())),
        Value::Text(if seen.is_overdue { lang.text("column.yes") } else { String::new() }),
    ]
}
