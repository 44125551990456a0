//! Choices of select boxes, the same on every page: each list marks what is chosen.

use std::fmt::Display;

use chrono::NaiveDate;

use super::filters::{UNSTATED, written};
use super::words;
use crate::app::catalogue::Snapshot;
use crate::app::scores::{self, Cell};
use crate::domain::ids::FieldId;
use crate::domain::link::{Channel, Stage, Stages};
use crate::domain::person::Actor;
use crate::domain::procedure::Field;
use crate::domain::questionnaire::Kind;
use crate::domain::unit::{UnitLevel, UnitVersion};
use crate::locale::{Lang, compare_names};

/// An entry of a select box.
pub struct Choice {
    /// Value in the address or the form.
    pub value: String,
    /// Word.
    pub word: String,
    /// Whether it is set.
    pub chosen: bool,
}

/// Entries under one heading.
pub struct Group {
    /// Heading.
    pub name: String,
    /// Entries.
    pub choices: Vec<Choice>,
}

/// Entries from values with their words, in the order given.
pub fn of<V: Display, W: Into<String>>(
    entries: impl IntoIterator<Item = (V, W)>,
    chosen: Option<impl Display>,
) -> Vec<Choice> {
    let chosen = chosen.map(|value| value.to_string());
    let choice = |(value, word): (V, W)| {
        let value = value.to_string();
        Choice { chosen: chosen.as_ref() == Some(&value), value, word: word.into() }
    };
    entries.into_iter().map(choice).collect()
}

/// The units of a day that the actor sees, bodies and communes in the order of their names.
pub fn units(
    snapshot: &Snapshot,
    actor: &Actor,
    day: NaiveDate,
    chosen: Option<impl Display>,
) -> Vec<Choice> {
    let seen = actor.scope().map(|scope| snapshot.units.subtree(scope));
    let units = snapshot
        .units
        .all_on(day)
        .filter(|version| version.level != UnitLevel::Province)
        .filter(|version| seen.as_ref().is_none_or(|seen| seen.contains(&version.unit)));
    by_name(units, chosen)
}

/// Every unit of a day, the province first.
pub fn all_units(snapshot: &Snapshot, day: NaiveDate, chosen: Option<impl Display>) -> Vec<Choice> {
    by_name(snapshot.units.all_on(day), chosen)
}

fn by_name<'a>(units: impl Iterator<Item = &'a UnitVersion>, chosen: Option<impl Display>) -> Vec<Choice> {
    let mut units: Vec<_> = units.collect();
    units.sort_by(|one, other| {
        one.level.cmp(&other.level).then_with(|| compare_names(&one.name, &other.name))
    });
    of(units.into_iter().map(|version| (version.unit, &version.name)), chosen)
}

/// Questionnaire kinds.
pub fn kinds(lang: Lang, chosen: Option<impl Display>) -> Vec<Choice> {
    of(Kind::ALL.map(|kind| (kind.key(), words::kind(lang, kind))), chosen)
}

/// Fields, closed ones too, in their official order.
pub fn fields(lang: Lang, snapshot: &Snapshot, chosen: Option<impl Display>) -> Vec<Choice> {
    of(snapshot.fields.iter().map(|field| (field.id, field.name_in(lang))), chosen)
}

/// The same, with the choice of what was stated of none.
pub fn stated_fields(lang: Lang, snapshot: &Snapshot, chosen: Option<FieldId>) -> Vec<Choice> {
    let mut choices = fields(lang, snapshot, chosen);
    let none = (UNSTATED, scores::name(Cell::Field(None), snapshot, NaiveDate::MIN, lang));
    choices.extend(of([none], chosen.map(|field| written(field.raw()))));
    choices
}

/// The fields to which something new may belong on a day, in their official order.
pub fn open_fields(
    lang: Lang,
    snapshot: &Snapshot,
    day: NaiveDate,
    chosen: Option<impl Display>,
) -> Vec<Choice> {
    of(snapshot.fields_on(day).map(|field| (field.id, field.name_in(lang))), chosen)
}

/// The procedures of a day under their fields, those of closed ones left out.
pub fn procedures(
    lang: Lang,
    snapshot: &Snapshot,
    day: NaiveDate,
    chosen: Option<impl Display>,
) -> Vec<Group> {
    let chosen = chosen.map(|value| value.to_string());
    let group = |field: &Field| {
        let versions = snapshot.procedures_of(field.id, day);
        Group {
            name: field.name_in(lang).to_owned(),
            choices: of(versions.map(|version| (version.procedure, &version.name)), chosen.as_ref()),
        }
    };
    snapshot.fields_on(day).map(group).filter(|group| !group.choices.is_empty()).collect()
}

/// Stages of a dossier.
pub fn stages(lang: Lang, chosen: Option<impl Display>) -> Vec<Choice> {
    of(Stage::ALL.iter().map(|stage| (stage.key(), words::stage(lang, *stage))), chosen)
}

/// The stages of the headline, and each stage alone.
pub fn stages_asked(lang: Lang, chosen: Option<Stages>) -> Vec<Choice> {
    of(Stages::all().map(|stages| (stages.key(), words::stages(lang, stages))), chosen.map(Stages::key))
}

/// Some of the channels, or all.
pub fn channels(lang: Lang, offered: &[Channel], chosen: Option<impl Display>) -> Vec<Choice> {
    of(offered.iter().map(|channel| (channel.key(), words::channel(lang, *channel))), chosen)
}
