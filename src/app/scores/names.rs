//! Names of what a row is about, for screens and exports alike.

use std::cmp::Ordering;

use chrono::NaiveDate;

use super::Cell;
use crate::app::catalogue::Snapshot;
use crate::domain::link::{Channel, Stage};
use crate::domain::tally::day_number;
use crate::locale::{Lang, compare_names};

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
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SortKey {
    place: i64,
    name: String,
}

impl SortKey {
    /// The key of a cell as things were called on a day.
    pub fn of(cell: Cell, snapshot: &Snapshot, day: NaiveDate) -> Self {
        let at = |place: i64| Self { place, name: String::new() };
        match cell {
            Cell::Field(id) => {
                let place = snapshot.fields.iter().zip(1i64..).find(|(field, _)| Some(field.id) == id);
                at(place.map_or(i64::MAX, |(_, place)| place))
            }
            Cell::Element(id) => at(id.raw()),
            Cell::Stage(stage) => at(stage.map_or(i64::MAX, |stage| stage.number().into())),
            Cell::Channel(channel) => at(channel.map_or(i64::MAX, |channel| channel.number().into())),
            Cell::Period(period) => at(day_number(period.from()).into()),
            Cell::Procedure(None) => at(i64::MAX),
            other => Self { place: 0, name: name(other, snapshot, day, Lang::Vi) },
        }
    }
}

impl Ord for SortKey {
    fn cmp(&self, other: &Self) -> Ordering {
        self.place.cmp(&other.place).then_with(|| compare_names(&self.name, &other.name))
    }
}

impl PartialOrd for SortKey {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}
