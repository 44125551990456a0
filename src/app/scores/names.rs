//! Names of what a row is about, for screens and exports alike.

use chrono::NaiveDate;

use super::Cell;
use crate::app::catalogue::Snapshot;
use crate::domain::link::{Channel, Stage};
use crate::locale::Lang;

/// The name of a cell as things were called on a day.
pub fn name(cell: Cell, snapshot: &Snapshot, day: NaiveDate, lang: Lang) -> String {
    let unknown = || lang.text("scores.not-stated");
    match cell {
        Cell::Unit(unit) => snapshot.units.nearest(unit, day).map_or_else(unknown, |unit| unit.name.clone()),
        Cell::Counter(id) => snapshot.counters.get(&id).map_or_else(unknown, |counter| {
            let unit = snapshot.units.nearest(counter.unit, day).map_or("", |unit| unit.name.as_str());
            format!("{unit} · {}", counter.name)
        }),
        Cell::Field(id) => {
            id.and_then(|id| snapshot.field(id)).map_or_else(unknown, |field| field.name_in(lang).to_owned())
        }
        Cell::Procedure(id) => id
            .and_then(|id| snapshot.procedure(id, day))
            .map_or_else(unknown, |procedure| procedure.name.clone()),
        Cell::Stage(stage) => {
            stage.map_or_else(unknown, |stage: Stage| lang.text(&format!("stage.{}", stage.key())))
        }
        Cell::Channel(channel) => {
            channel.map_or_else(unknown, |channel: Channel| lang.text(&format!("channel.{}", channel.key())))
        }
        Cell::Element(id) => snapshot
            .questionnaires
            .iter()
            .flat_map(|one| &one.questions)
            .find(|question| question.id == id)
            .and_then(|question| question.text(lang))
            .map_or_else(unknown, |text| text.label.clone()),
        Cell::Period(period) => lang.period(period),
    }
}

/// What rows are sorted by: the official order of fields and questions, otherwise the name.
pub fn sort_key(cell: Cell, snapshot: &Snapshot, day: NaiveDate) -> (i64, String) {
    match cell {
        Cell::Field(id) => {
            let place = snapshot.fields.iter().zip(1i64..).find(|(field, _)| Some(field.id) == id);
            (place.map_or(i64::MAX, |(_, place)| place), String::new())
        }
        Cell::Element(id) => (id.raw(), String::new()),
        Cell::Stage(stage) => (stage.map_or(i64::MAX, |stage| stage.number().into()), String::new()),
        Cell::Channel(channel) => {
            (channel.map_or(i64::MAX, |channel| channel.number().into()), String::new())
        }
        Cell::Period(period) => (0, period.from().to_string()),
        Cell::Procedure(None) => (i64::MAX, String::new()),
        other => (0, name(other, snapshot, day, Lang::Vi)),
    }
}
