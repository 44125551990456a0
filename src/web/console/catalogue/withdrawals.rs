//! Plans withdrawn in the console: what has no day yet of a unit, procedure, target, counter or field.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, web};
use chrono::{NaiveDate, Utc};

use super::form::Typed;
use super::{Confirm, HOME, Page, Reply, fields, procedures, shell, text, units};
use crate::app::catalogue::Snapshot;
use crate::app::withdrawals;
use crate::db::conn::Conn;
use crate::domain::closure::Closure;
use crate::domain::day::Local;
use crate::domain::ids::{ProcedureId, UnitId};
use crate::domain::person;
use crate::domain::versions::{Days, Planned, planned};
use crate::error::{Error, Result};
use crate::locale::{Lang, Message};
use crate::web::actor::{Actor, encode};
use crate::web::console::form_faults;
use crate::web::console::listing::Button;
use crate::web::respond::{page, page_with, see_other};
use crate::web::state::State;

type Body = web::Form<Vec<(String, String)>>;

/// What a plan may be about.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    Unit(i64),
    Procedure(i64),
    Target(String),
    Counter(i64),
    Field(i64),
}

impl Part {
    fn of(part: &str, id: &str) -> Result<Self> {
        let missing = || Error::NotFound(Message::new("error.page-not-found"));
        let number = || id.parse::<i64>().map_err(|_| missing());
        match part {
            "units" => number().map(Self::Unit),
            "procedures" => number().map(Self::Procedure),
            "targets" => Ok(Self::Target(id.to_owned())),
            "counters" => number().map(Self::Counter),
            "fields" => number().map(Self::Field),
            _ => Err(missing()),
        }
    }

    /// The name of the thing, what is planned of it, and the page to go back to.
    fn look(
        &self,
        lang: Lang,
        snapshot: &Snapshot,
        today: NaiveDate,
    ) -> Option<(String, Option<Planned>, String)> {
        let closing = |closure: Closure| closure.planned(today).map(Planned::End);
        Some(match self {
            Self::Unit(id) => {
                let unit = UnitId::from(*id);
                let last = snapshot.units.versions_of(unit).last()?;
                (last.name.clone(), of_unit(snapshot, unit, today), units::address_of(unit))
            }
            Self::Procedure(id) => {
                let versions = snapshot.procedures.iter().filter(|one| one.procedure.raw() == *id);
                let last = versions.max_by_key(|one| one.valid_from)?;
                let plan = of_procedure(snapshot, last.procedure, today);
                (last.name.clone(), plan, procedures::address_of(last.procedure))
            }
            Self::Target(key) => {
                let rows = || snapshot.targets.iter().filter(|one| one.key == *key);
                let last = rows().max_by_key(|one| one.valid_from)?;
                let plan = (last.valid_from > today).then_some(match rows().count() {
                    1 => Planned::Beginning(last.valid_from),
                    _ => Planned::Change(last.valid_from),
                });
                (last.name_in(lang).to_owned(), plan, super::targets::PATH.to_owned())
            }
            Self::Counter(id) => {
                let counter = snapshot.counters.get(&(*id).into())?;
                let unit = snapshot.units.present(counter.unit, today).unit();
                (counter.name.clone(), closing(counter.closure), units::address_of(unit))
            }
            Self::Field(id) => {
                let field = snapshot.field((*id).into())?;
                (field.name_in(lang).to_owned(), closing(field.closure), fields::PATH.to_owned())
            }
        })
    }

    /// Withdraws the plan; says whether the thing is there no more.
    fn withdraw(&self, conn: &mut Conn, actor: &person::Actor, today: NaiveDate) -> Result<bool> {
        match self {
            Self::Unit(id) => withdrawals::unit(conn, actor, (*id).into(), today),
            Self::Procedure(id) => withdrawals::procedure(conn, actor, (*id).into(), today),
            Self::Target(key) => withdrawals::target(conn, actor, key, today).map(|()| false),
            Self::Counter(id) => withdrawals::counter(conn, actor, (*id).into(), today).map(|()| false),
            Self::Field(id) => withdrawals::field(conn, actor, (*id).into(), today).map(|()| false),
        }
    }

    /// The list in which the thing stood.
    const fn list(&self) -> &'static str {
        match self {
            Self::Unit(_) => units::PATH,
            Self::Procedure(_) => procedures::PATH,
            Self::Target(_) => super::targets::PATH,
            Self::Field(_) => fields::PATH,
            Self::Counter(_) => HOME,
        }
    }
}

/// What is planned of a procedure.
pub(super) fn of_procedure(snapshot: &Snapshot, id: ProcedureId, today: NaiveDate) -> Option<Planned> {
    let versions = snapshot.procedures.iter().filter(|one| one.procedure == id);
    let days: Vec<Days> = versions.map(|one| Days { from: one.valid_from, to: one.valid_to }).collect();
    planned(&days, today)
}

/// What is planned of a unit.
pub(super) fn of_unit(snapshot: &Snapshot, unit: UnitId, today: NaiveDate) -> Option<Planned> {
    let versions = snapshot.units.versions_of(unit).iter();
    let days: Vec<Days> = versions.map(|one| Days { from: one.valid_from, to: one.valid_to }).collect();
    planned(&days, today)
}

/// The address under which a plan is withdrawn: of one of `units`, `procedures` and so on, by its id or key.
pub fn address(part: &str, id: impl ToString) -> String {
    format!("{HOME}/{part}/{}/withdrawal", encode(&id.to_string()))
}

/// The button that withdraws the closing of a thing, if that is still to come.
pub fn button(lang: Lang, closure: Closure, (part, id): (&str, i64), name: &str) -> Option<Button> {
    closure.planned(Local::at(Utc::now()).day)?;
    Some(Button { action: address(part, id), word: text(lang, "do.withdraw"), about: name.to_owned() })
}

/// What is planned, in words.
fn told(lang: Lang, plan: Option<Planned>) -> String {
    let (key, day) = match plan {
        None => return text(lang, "plan.none"),
        Some(Planned::Beginning(day)) => ("beginning", day),
        Some(Planned::Change(day)) => ("change", day),
        Some(Planned::End(day)) => ("end", day),
    };
    lang.with(&format!("catalogue.plan.{key}"), &[("day", &lang.date(day))])
}

fn shown(
    snapshot: &Snapshot,
    actor: &Actor,
    request: &HttpRequest,
    part: &Part,
    fault: Option<String>,
) -> Result<Page> {
    let (lang, today) = (actor.lang(), Local::at(Utc::now()).day);
    let missing = || Error::NotFound(Message::new("error.page-not-found"));
    let (name, plan, back) = part.look(lang, snapshot, today).ok_or_else(missing)?;
    let shell = shell(actor, snapshot, format!("{}: {name}", text(lang, "do.withdraw")), request)?;
    let confirm = Confirm {
        action: request.path().to_owned(),
        word: text(lang, "do.withdraw"),
        hidden: Vec::new(),
        away: back.clone(),
    };
    Ok(Page {
        back: Some((back, name)),
        lead: told(lang, plan),
        notice: fault.unwrap_or_default(),
        confirm: plan.map(|_| confirm),
        ..Page::new(shell)
    })
}

/// GET /console/catalogue/{part}/{id}/withdrawal: what is planned and would be withdrawn.
///
/// # Errors
/// Not found for whoever does not keep the catalogue and for an unknown thing.
pub async fn ask(
    state: web::Data<State>,
    actor: Actor,
    request: HttpRequest,
    path: web::Path<(String, String)>,
) -> Reply {
    let part = Part::of(&path.0, &path.1)?;
    page(&shown(&state.catalogue.snapshot(), &actor, &request, &part, None)?)
}

/// POST /console/catalogue/{part}/{id}/withdrawal
///
/// # Errors
/// Forbidden for a form of another page; not found for whoever does not keep the catalogue and for an unknown
/// thing; conflict where nothing is planned or something hangs on it; those of the database. A code that is no
/// longer free is said on the page.
pub async fn act(
    state: web::Data<State>,
    actor: Actor,
    request: HttpRequest,
    path: web::Path<(String, String)>,
    body: Body,
) -> Reply {
    let typed = Typed::from(body.into_inner());
    typed.check(&actor, &request)?;
    let (part, snapshot) = (Part::of(&path.0, &path.1)?, state.catalogue.snapshot());
    let (lang, today) = (actor.lang(), Local::at(Utc::now()).day);
    let back = part.look(lang, &snapshot, today).map_or_else(|| part.list().to_owned(), |(_, _, back)| back);
    let wish = part.clone();
    let withdraw = move |conn: &mut Conn, person: &person::Actor| {
        let is_gone = wish.withdraw(conn, person, today)?;
        Ok(if is_gone { wish.list().to_owned() } else { back })
    };
    match state.once(&actor, typed.submission(&request), withdraw).await {
        Ok(address) => Ok(see_other(&address)),
        Err(error) => {
            let faults = form_faults(lang, error)?.into_iter().map(|fault| fault.text);
            let fault = faults.collect::<Vec<_>>().join("; ");
            let again = shown(&snapshot, &actor, &request, &part, Some(fault))?;
            page_with(StatusCode::UNPROCESSABLE_ENTITY, &again)
        }
    }
}
