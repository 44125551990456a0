//! The forms about a person: what was typed is kept as text until all of it can be read.

use std::collections::HashMap;

use askama::Template;
use chrono::{NaiveDate, Utc};

use super::choices::{self, Choice};
use super::{FormFault, Shell, words};
use crate::app::catalogue::Snapshot;
use crate::app::people::{Change, Draft};
use crate::db::people::Person;
use crate::domain::day::Local;
use crate::domain::ids::UnitId;
use crate::domain::person::Role;
use crate::error::{Error, Result};
use crate::locale::{Lang, Message};
use crate::web::actor::Actor;

type Typed = HashMap<String, String>;

/// Every role.
pub fn roles(lang: Lang, typed: &str) -> Vec<Choice> {
    choices::of(Role::ALL.map(|role| (role.key(), words::role_name(lang, role))), Some(typed))
}

/// Whether a unit ended without one heir, so that somebody has to choose anew for whoever is bound to it.
pub fn is_ended(snapshot: &Snapshot, unit: Option<UnitId>, today: NaiveDate) -> bool {
    unit.is_some_and(|unit| snapshot.units.on(snapshot.units.present(unit, today).unit(), today).is_none())
}

/// Every unit in force, the province first; above them one that ended, where somebody is bound to it.
pub fn units(lang: Lang, snapshot: &Snapshot, today: NaiveDate, typed: &str) -> Vec<Choice> {
    let bound = typed.parse::<i64>().ok().map(|id| snapshot.units.present(id.into(), today).unit());
    let known = bound.filter(|unit| snapshot.units.nearest(*unit, today).is_some());
    let ended = known.filter(|unit| is_ended(snapshot, Some(*unit), today));
    let above = ended.map(|unit| (unit, words::bound(lang, snapshot, unit, today)));
    let mut units = choices::of(above, bound);
    units.extend(choices::all_units(snapshot, today, bound));
    units
}

/// What the form of a person says before anything is typed.
pub fn typed(person: &Person) -> Typed {
    let unit = person.unit.map_or_else(String::new, |unit| unit.to_string());
    [("name", person.name.clone()), ("role", person.role.key().to_owned()), ("unit", unit)]
        .map(|(name, value)| (name.to_owned(), value))
        .into()
}

fn text<'a>(typed: &'a Typed, name: &str) -> &'a str {
    typed.get(name).map_or("", |text| text.trim())
}

/// Reads name, role and unit.
///
/// # Errors
/// Invalid for a role or a unit that cannot be read.
pub fn change(typed: &Typed) -> Result<Change> {
    let found = text(typed, "role");
    let role = Role::from_key(found).ok_or_else(|| {
        let expected = Role::ALL.map(Role::key).join(", ");
        let message = Message::new("error.expected-one-of").with("expected", expected).with("found", found);
        Error::invalid("role", message)
    })?;
    let unit = match text(typed, "unit") {
        "" => None,
        id => Some(
            id.parse::<i64>()
                .map(UnitId::from)
                .map_err(|_| Error::invalid("unit", Message::new("error.unit-not-found")))?,
        ),
    };
    Ok(Change { name: text(typed, "name").to_owned(), role, unit })
}

/// Reads the form of an invitation.
///
/// # Errors
/// Those of [`change`].
pub fn draft(typed: &Typed) -> Result<Draft> {
    let Change { name, role, unit } = change(typed)?;
    Ok(Draft { login: text(typed, "login").to_owned(), name, role, unit, language: Lang::default() })
}

#[derive(Template)]
#[template(path = "console/person-new.html", config = "frontend/askama.toml")]
pub(super) struct FormPage {
    shell: Shell,
    faults: Vec<FormFault>,
    typed: Typed,
    roles: Vec<Choice>,
    units: Vec<Choice>,
}

impl FormPage {
    pub(super) fn of(actor: &Actor, snapshot: &Snapshot, typed: Typed, faults: Vec<FormFault>) -> Self {
        let lang = actor.lang();
        let title = lang.text("people.invite");
        Self {
            shell: Shell::of(actor, snapshot, "people", title, "/console/people/new".to_owned()),
            roles: roles(lang, text(&typed, "role")),
            units: choices::all_units(snapshot, Local::at(Utc::now()).day, typed.get("unit")),
            faults,
            typed,
        }
    }

    fn typed(&self, name: &str) -> &str {
        self.typed.get(name).map_or("", String::as_str)
    }
}
