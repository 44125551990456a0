//! Names of what a table is cut by, in the language of the reader.

use chrono::{NaiveDate, NaiveDateTime};

use crate::app::catalogue::Snapshot;
use crate::app::scores::{self, Cell, Flagged, Table};
use crate::domain::day::Local;
use crate::domain::ids::UnitId;
use crate::domain::link::{Channel, Stage, Stages};
use crate::domain::period::Period;
use crate::domain::person::{Actor, Role};
use crate::domain::questionnaire::Kind;
use crate::domain::suppress;
use crate::locale::Lang;

/// The name of a unit on a day, or else the nearest it had.
pub fn unit(snapshot: &Snapshot, id: UnitId, day: NaiveDate) -> String {
    snapshot.units.nearest(id, day).map_or_else(|| id.to_string(), |version| version.name.clone())
}

/// The name of the unit to which somebody is bound: after a merger that of the heir; marked where it ended
/// without one heir.
pub fn bound(lang: Lang, snapshot: &Snapshot, id: UnitId, day: NaiveDate) -> String {
    let heir = snapshot.units.present(id, day).unit();
    let name = unit(snapshot, heir, day);
    match snapshot.units.on(heir, day) {
        Some(_) => name,
        None => lang.with("people.unit-ended", &[("unit", &name)]),
    }
}

/// The name of a stage.
pub fn stage(lang: Lang, stage: Stage) -> String {
    lang.text(&format!("stage.{}", stage.key()))
}

/// The names of stages that somebody asks for.
pub fn stages(lang: Lang, stages: Stages) -> String {
    match stages {
        Stages::Headline => lang.text("figures.breakdown.headline-stages"),
        Stages::One(one) => stage(lang, one),
    }
}

/// The name of a channel.
pub fn channel(lang: Lang, channel: Channel) -> String {
    lang.text(&format!("channel.{}", channel.key()))
}

/// A sentence for each day of a period on which a questionnaire changed so that figures from before and
/// after cannot be compared.
pub fn breaks(lang: Lang, snapshot: &Snapshot, asked: Kind, period: Period) -> Vec<String> {
    let name = kind(lang, asked);
    let sentence = |day| {
        lang.with("questionnaires.changed", &[("day", lang.date(day).as_str()), ("kind", name.as_str())])
    };
    snapshot.breaks(asked, period).into_iter().map(sentence).collect()
}

/// A sentence for each element of a table whose question changed within the period, though the overall
/// question did not.
pub fn element_breaks(lang: Lang, snapshot: &Snapshot, table: &Table) -> Vec<String> {
    let (kind, period) = (table.query.kind, table.query.period);
    let general = snapshot.breaks(kind, period);
    let sentences = table.rows.iter().flat_map(|row| {
        let days = scores::breaks(row, &table.query, snapshot).into_iter();
        let element = row.cells.iter().find(|cell| matches!(cell, Cell::Element(_)));
        let name = element.map(|cell| scores::name(*cell, snapshot, table.day, lang));
        days.filter(|day| !general.contains(day)).filter_map(move |day| {
            let places = [("day", lang.date(day)), ("name", name.clone()?)];
            let places = places.each_ref().map(|(key, value)| (*key, value.as_str()));
            Some(lang.with("questionnaires.changed-question", &places))
        })
    });
    sentences.collect()
}

/// Why figures over very few answers are not shown. Where only a part of the answers is looked at, they are
/// hidden also where the other part is small, since beside all answers each would tell of the other.
pub fn hidden(lang: Lang, flagged: Flagged) -> String {
    let key = if flagged == Flagged::Included { "hidden" } else { "hidden-part" };
    let least = suppress::SHOWN_TO_UNITS.to_string();
    lang.with(&format!("console.table.{key}"), &[("least", &least)])
}

/// The name of a questionnaire kind.
pub fn kind(lang: Lang, kind: Kind) -> String {
    lang.text(&format!("console.words.kind-{}", kind.key()))
}

/// The name of the actor's role.
pub fn role(lang: Lang, actor: &Actor) -> String {
    match actor {
        Actor::Person { role, .. } => role_name(lang, *role),
        Actor::Operator | Actor::Key { .. } => lang.text("console.words.role-operator"),
    }
}

/// An instant as Vietnamese clocks show it, to the minute.
pub fn instant(lang: Lang, at: NaiveDateTime) -> String {
    let local = Local::at(at.and_utc());
    format!("{} {}", lang.date(local.day), local.time.format("%H:%M"))
}

/// The name of a role.
pub fn role_name(lang: Lang, role: Role) -> String {
    lang.text(&format!("console.words.role-{}", role.key()))
}

/// Whoever is named in the audit.
pub fn who(lang: Lang, name: String) -> String {
    if name == Actor::Operator.audit_name() { role(lang, &Actor::Operator) } else { name }
}
