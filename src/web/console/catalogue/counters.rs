//! Counters in the console: added to a unit, changed, closed and opened again.

use actix_web::{HttpRequest, web};
use chrono::Utc;

use super::closing::{self, Turn};
use super::form::{FormPage, Inputs, Reader, Typed, settle};
use super::units::{address_of as unit_address, newest};
use super::{Reply, Words, shell, text};
use crate::app::catalogue::Snapshot;
use crate::app::counters;
use crate::app::ending::{Effect, Part};
use crate::app::links::{COUNTER_LENGTH, CounterDraft};
use crate::db::conn::Conn;
use crate::domain::day::Local;
use crate::domain::ids::{CounterId, UnitId};
use crate::domain::link::Counter;
use crate::domain::person::Permission;
use crate::error::{Error, Result};
use crate::locale::Message;
use crate::web::actor::Actor;
use crate::web::respond::{page, see_other};
use crate::web::state::State;

const PATH: &str = "/console/catalogue/counters";

type Body = web::Form<Vec<(String, String)>>;

/// Address of the page of a counter.
pub fn address_of(counter: CounterId) -> String {
    format!("{PATH}/{counter}")
}

/// GET /console/catalogue/counters/new?unit=
///
/// # Errors
/// Not found for whoever does not keep the catalogue and for an unknown unit.
pub async fn new(state: web::Data<State>, actor: Actor, request: HttpRequest, asked: Words) -> Reply {
    actor.person.require(Permission::ManageCatalogue)?;
    let unit = asked.get("unit").cloned().unwrap_or_default();
    let typed = Typed::of([("unit", unit), ("opens", "07:30".into()), ("closes", "17:00".into())]);
    page(&new_form(&state.catalogue.snapshot(), &actor, &request, &typed)?)
}

fn new_form(snapshot: &Snapshot, actor: &Actor, request: &HttpRequest, typed: &Typed) -> Result<FormPage> {
    let unit = typed.get("unit").parse::<i64>().unwrap_or_default();
    let unit = newest(snapshot, unit.into())?;
    let lang = actor.lang();
    let title = format!("{}: {}", text(lang, "do.counter-create"), unit.name);
    Ok(FormPage {
        shell: shell(actor, snapshot, title, request)?,
        back: unit_address(unit.unit),
        back_word: unit.name.clone(),
        lead: String::new(),
        action: PATH.to_owned(),
        submit: text(lang, "submit.create"),
        inputs: Inputs::new(lang, typed).hidden("unit").line("counter").time("opens").time("closes").done(),
        faults: Vec::new(),
        is_upload: false,
    })
}

/// POST /console/catalogue/counters
///
/// # Errors
/// Forbidden for a form of another page; not found for whoever does not keep the catalogue and for an
/// unknown unit; those of the database. Wrong input shows the form again.
pub async fn create(state: web::Data<State>, actor: Actor, request: HttpRequest, body: Body) -> Reply {
    let typed = Typed::from(body.into_inner());
    typed.check(&actor, &request)?;
    let today = Local::at(Utc::now()).day;
    let outcome = match draft(&typed, None) {
        Ok(draft) => {
            let unit = draft.unit;
            let make = move |conn: &mut Conn, person: &_| {
                counters::create(conn, person, &draft, today).map(|_| unit_address(unit))
            };
            state.once(&actor, typed.submission(&request), make).await
        }
        Err(error) => Err(error),
    };
    let snapshot = state.catalogue.snapshot();
    settle(actor.lang(), outcome, || new_form(&snapshot, &actor, &request, &typed))
}

fn draft(typed: &Typed, unit: Option<UnitId>) -> Result<CounterDraft> {
    let mut reader = Reader::new(typed);
    let unit = unit.or_else(|| reader.id("unit"));
    let name = reader.text("counter", COUNTER_LENGTH);
    let (opens, closes) = (reader.time("opens"), reader.time("closes"));
    let draft = || Some(CounterDraft { unit: unit?, name: name?, opens: opens?, closes: closes? });
    reader.done(draft())
}

fn find(snapshot: &Snapshot, id: i64) -> Result<&Counter> {
    let found = snapshot.counters.get(&id.into());
    found.ok_or_else(|| Error::NotFound(Message::new("error.page-not-found")))
}

/// GET /console/catalogue/counters/{id}
///
/// # Errors
/// Not found for whoever does not keep the catalogue and for an unknown counter.
pub async fn edit(state: web::Data<State>, actor: Actor, request: HttpRequest, id: web::Path<i64>) -> Reply {
    let snapshot = state.catalogue.snapshot();
    let counter = find(&snapshot, *id)?;
    let typed = Typed::of([
        ("counter", counter.name.clone()),
        ("opens", counter.opens.format("%H:%M").to_string()),
        ("closes", counter.closes.format("%H:%M").to_string()),
    ]);
    let effect = foresee(&state, &actor, counter.id, &typed).await?;
    page(&edit_form(&snapshot, &actor, &request, counter, &typed, &effect)?)
}

/// What would follow if the counter closed on the day that was typed.
async fn foresee(state: &State, actor: &Actor, counter: CounterId, typed: &Typed) -> Result<Effect> {
    closing::foresee(state, actor, Part::Counter(counter), typed.get("closed_from")).await
}

fn edit_form(
    snapshot: &Snapshot,
    actor: &Actor,
    request: &HttpRequest,
    counter: &Counter,
    typed: &Typed,
    effect: &Effect,
) -> Result<FormPage> {
    let unit = newest(snapshot, snapshot.units.present(counter.unit, Local::at(Utc::now()).day).unit())?;
    let lang = actor.lang();
    let inputs = Inputs::new(lang, typed).line("counter").time("opens").time("closes");
    Ok(FormPage {
        shell: shell(actor, snapshot, format!("{} · {}", unit.name, counter.name), request)?,
        back: unit_address(unit.unit),
        back_word: unit.name.clone(),
        lead: closing::lead(lang, counter.closure, "counter"),
        action: address_of(counter.id),
        submit: text(lang, "submit.save"),
        inputs: closing::ask(inputs, lang, counter.closure, effect).done(),
        faults: Vec::new(),
        is_upload: false,
    })
}

/// POST /console/catalogue/counters/{id}: another name or hours, and the day on which it closes or
/// opens again.
///
/// # Errors
/// Forbidden for a form of another page; not found for whoever does not keep the catalogue and for an
/// unknown counter; those of the database. Wrong input shows the form again.
pub async fn change(
    state: web::Data<State>,
    actor: Actor,
    request: HttpRequest,
    id: web::Path<i64>,
    body: Body,
) -> Reply {
    let typed = Typed::from(body.into_inner());
    typed.check(&actor, &request)?;
    let snapshot = state.catalogue.snapshot();
    let counter = find(&snapshot, *id)?.clone();
    let unit = snapshot.units.present(counter.unit, Local::at(Utc::now()).day).unit();
    let outcome = match wish(&typed, &counter) {
        Ok((draft, turn)) => {
            let today = Local::at(Utc::now()).day;
            let change = move |conn: &mut Conn, person: &_| {
                counters::change(conn, person, counter.id, &draft)?;
                match turn {
                    Turn::Stay => {}
                    Turn::Close(end) => counters::close(conn, person, counter.id, end, today)?,
                    Turn::Reopen(day) => counters::reopen(conn, person, counter.id, day)?,
                }
                Ok(unit_address(unit))
            };
            state.once(&actor, typed.submission(&request), change).await
        }
        Err(error) => Err(error),
    };
    if let Ok(address) = &outcome {
        return Ok(see_other(address));
    }
    let (counter, effect) = (find(&snapshot, *id)?, foresee(&state, &actor, (*id).into(), &typed).await?);
    settle(actor.lang(), outcome, || edit_form(&snapshot, &actor, &request, counter, &typed, &effect))
}

fn wish(typed: &Typed, counter: &Counter) -> Result<(CounterDraft, Turn)> {
    Ok((draft(typed, Some(counter.unit))?, closing::read(typed)?))
}
