//! The form for a new link: what was typed is kept as text until all of it can be read.

use std::collections::HashMap;

use askama::Template;
use chrono::{NaiveDate, NaiveTime, Utc};

use super::choices::{self, Choice, Group};
use super::{FormFault, Shell};
use crate::app::catalogue::Snapshot;
use crate::app::links::{CounterDraft, LinkDraft};
use crate::domain::day::Local;
use crate::domain::ids::ProcedureId;
use crate::domain::link::Stage;
use crate::domain::questionnaire::Kind;
use crate::error::{Error, FieldError, Result};
use crate::locale::{Lang, Message, compare_names};
use crate::web::actor::Actor;

type Typed = HashMap<String, String>;

/// What a new form says before anything is typed.
pub fn defaults(asked: &Typed) -> Typed {
    let today = Local::at(Utc::now()).day.to_string();
    let first = [
        ("kind", "tthc"),
        ("stage", "result"),
        ("opens", "07:30"),
        ("closes", "17:00"),
        ("valid_from", &today),
    ];
    let mut typed: Typed =
        first.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
    typed.extend(asked.get("unit").map(|unit| ("unit".to_owned(), unit.clone())));
    typed
}

/// Reads the form; a procedure that is chosen without its field brings the field along.
///
/// # Errors
/// Invalid, with every field that cannot be read.
pub fn read(typed: &Typed, snapshot: &Snapshot) -> Result<LinkDraft> {
    let mut faults = Vec::new();
    let text = |name: &str| typed.get(name).map(|text| text.trim()).filter(|text| !text.is_empty());
    let mut need = |name: &str, given: bool| {
        if !given {
            let message = text(name).map_or_else(
                || Message::new("error.missing"),
                |found| Message::new("console.links.unreadable").with("found", found),
            );
            faults.push(FieldError::new(name, message));
        }
    };
    let number = |name: &str| text(name).and_then(|text| text.parse::<i64>().ok());
    let date = |name: &str| text(name).and_then(|text| text.parse::<NaiveDate>().ok());
    let time = |name: &str| text(name).and_then(|text| NaiveTime::parse_from_str(text, "%H:%M").ok());
    let kind = text("kind").and_then(Kind::from_key);
    let (unit, valid_from) = (number("unit"), date("valid_from"));
    let (opens, closes) = (time("opens"), time("closes"));
    let procedure = number("procedure").map(ProcedureId::from);
    let field_of = |procedure| snapshot.procedure(procedure, valid_from?).map(|version| version.field);
    need("unit", unit.is_some());
    need("counter", text("counter").is_some());
    need("kind", kind.is_some());
    need("opens", opens.is_some());
    need("closes", closes.is_some());
    need("valid_from", valid_from.is_some());
    need("valid_until", text("valid_until").is_none() || date("valid_until").is_some());
    for name in ["field", "procedure", "deciding"] {
        need(name, text(name).is_none() || number(name).is_some());
    }
    match (kind, unit, valid_from, opens.zip(closes)) {
        (Some(kind), Some(unit), Some(valid_from), Some((opens, closes))) if faults.is_empty() => {
            Ok(LinkDraft {
                counter: CounterDraft {
                    unit: unit.into(),
                    name: text("counter").unwrap_or("").to_owned(),
                    opens,
                    closes,
                },
                kind,
                field: number("field").map(Into::into).or_else(|| procedure.and_then(field_of)),
                procedure,
                deciding: number("deciding").map(Into::into),
                stage: text("stage").and_then(Stage::from_key),
                valid_from,
                valid_until: date("valid_until"),
            })
        }
        _ => Err(Error::Invalid(faults)),
    }
}

#[derive(Template)]
#[template(path = "console/link-new.html", config = "frontend/askama.toml")]
pub(super) struct FormPage {
    shell: Shell,
    faults: Vec<FormFault>,
    typed: Typed,
    units: Vec<Choice>,
    deciders: Vec<Choice>,
    kinds: Vec<Choice>,
    fields: Vec<Choice>,
    procedures: Vec<Group>,
    stages: Vec<Choice>,
    counters: Vec<String>,
}

impl FormPage {
    pub(super) fn of(actor: &Actor, snapshot: &Snapshot, typed: Typed, faults: Vec<FormFault>) -> Self {
        let (lang, today) = (actor.lang(), Local::at(Utc::now()).day);
        let chosen = |name: &str| typed.get(name);
        let mut counters: Vec<String> =
            snapshot.counters.values().map(|counter| counter.name.clone()).collect();
        counters.sort_by(|one, other| compare_names(one, other).then_with(|| one.cmp(other)));
        counters.dedup();
        Self {
            shell: Shell::of(
                actor,
                snapshot,
                "links",
                lang.text("console.links.new"),
                "/console/links/new".to_owned(),
            ),
            units: choices::all_units(snapshot, today, chosen("unit")),
            deciders: choices::all_units(snapshot, today, chosen("deciding")),
            kinds: choices::kinds(lang, chosen("kind")),
            fields: choices::open_fields(lang, snapshot, today, chosen("field")),
            procedures: choices::procedures(lang, snapshot, today, chosen("procedure")),
            stages: choices::stages(lang, chosen("stage")),
            counters,
            faults: faults.into_iter().map(|fault| labelled(lang, fault)).collect(),
            typed,
        }
    }

    fn typed(&self, name: &str) -> &str {
        self.typed.get(name).map_or("", String::as_str)
    }
}

/// A fault with the words that stand at its field.
fn labelled(lang: Lang, fault: FormFault) -> FormFault {
    let label = lang.text(&format!("console.links.{}", fault.field.replace('_', "-")));
    FormFault { label, ..fault }
}
