//! Links in bulk: every open counter of the chosen units, at each chosen stage, after a preview of how many.

use std::collections::BTreeSet;

use actix_web::{HttpRequest, web};
use chrono::Utc;

use super::catalogue::form::{FormPage, Inputs, Reader, Typed};
use super::catalogue::units::tree;
use super::catalogue::{Confirm, Page, Reply, text};
use super::{Shell, form_faults, jobs, words};
use crate::app::catalogue::Snapshot;
use crate::app::links::{self, Bulk};
use crate::domain::day::Local;
use crate::domain::ids::UnitId;
use crate::domain::link::Stage;
use crate::domain::person::Permission;
use crate::domain::questionnaire::Kind;
use crate::error::Result;
use crate::web::actor::Actor;
use crate::web::respond::{page, see_other};
use crate::web::state::State;

/// Address of the form.
pub(super) const PATH: &str = "/console/links/bulk";
const LINKS: &str = "/console/links";

/// GET /console/links/bulk
///
/// # Errors
/// Not found for whoever may not make links.
pub async fn form(state: web::Data<State>, actor: Actor) -> Reply {
    let typed = Typed::of([
        ("kind", Kind::Tthc.key().to_owned()),
        ("stages", Stage::Result.key().to_owned()),
        ("from", Local::at(Utc::now()).day.to_string()),
    ]);
    page(&form_page(&state.catalogue.snapshot(), &actor, &typed)?)
}

fn form_page(snapshot: &Snapshot, actor: &Actor, typed: &Typed) -> Result<FormPage> {
    actor.person.require(Permission::ManageLinks)?;
    let (lang, today) = (actor.lang(), Local::at(Utc::now()).day);
    let with_counter: BTreeSet<UnitId> = snapshot
        .counters
        .values()
        .filter(|counter| !counter.is_closed_on(today))
        .map(|counter| snapshot.units.present(counter.unit, today).unit())
        .collect();
    let units = tree(snapshot, today)
        .into_iter()
        .filter(|(_, version)| with_counter.contains(&version.unit))
        .map(|(_, version)| (version.unit.to_string(), version.name.clone()));
    let kinds = Kind::ALL.map(|kind| (kind.key().to_owned(), words::kind(lang, kind)));
    let stages = Stage::ALL.iter().map(|stage| (stage.key().to_owned(), words::stage(lang, *stage)));
    let inputs = Inputs::new(lang, typed)
        .tick("every")
        .checks("units", units.collect())
        .called(lang.text("console.links.unit"))
        .select("kind", kinds.to_vec())
        .called(lang.text("console.links.kind"))
        .checks("stages", stages.collect())
        .day("from");
    Ok(FormPage {
        shell: Shell::of(actor, snapshot, "links", text(lang, "bulk.title"), PATH.to_owned()),
        back: LINKS.to_owned(),
        back_word: lang.text("console.links.title"),
        lead: text(lang, "bulk.lead"),
        action: PATH.to_owned(),
        submit: text(lang, "bulk.preview"),
        inputs: inputs.done(),
        faults: Vec::new(),
        is_upload: false,
    })
}

fn read(typed: &Typed, snapshot: &Snapshot) -> Result<Bulk> {
    let mut reader = Reader::new(typed);
    let kind = reader.with("kind", "catalogue.fault.no-choice", Kind::from_key);
    let valid_from = reader.day("from");
    let units = if typed.get("every") == "1" {
        snapshot.units.versions().map(|version| version.unit).collect()
    } else {
        typed.all("units").filter_map(|id| id.parse::<i64>().ok()).map(UnitId::from).collect()
    };
    let stages = Stage::ALL.iter().copied().filter(|stage| typed.all("stages").any(|key| key == stage.key()));
    let stages = stages.collect();
    let bulk = || Some(Bulk { units, kind: kind?, stages, valid_from: valid_from? });
    reader.done(bulk())
}

/// POST /console/links/bulk: how many there would be, or with `confirmed` the job that makes them.
///
/// # Errors
/// Forbidden for a form of another page; not found for whoever may not make links; those of the database.
/// Wrong input shows the form again.
pub async fn act(
    state: web::Data<State>,
    actor: Actor,
    request: HttpRequest,
    body: web::Form<Vec<(String, String)>>,
) -> Reply {
    let typed = Typed::from(body.into_inner());
    typed.check(&actor, &request)?;
    let (snapshot, sent) = (state.catalogue.snapshot(), typed.submission(&request));
    let form = sent.clone();
    // Once its codes are made the form would have none left to make.
    if let Some(job) = jobs::ask(&state, &actor, move |jobs, person| jobs.of_form(person, &form)).await? {
        return Ok(see_other(&jobs::address(job)));
    }
    let planned = read(&typed, &snapshot)
        .and_then(|bulk| links::plan(&snapshot, &actor.person, &bulk).map(|plan| (bulk, plan)));
    let (bulk, plan) = match planned {
        Ok(planned) => planned,
        Err(error) => {
            let faults = form_faults(actor.lang(), error)?;
            return form_page(&snapshot, &actor, &typed)?.again(faults);
        }
    };
    // Another number than was shown is shown anew.
    if typed.get("confirmed") == plan.missing.len().to_string() {
        let task = links::bulk_task(&actor.person, bulk, plan.missing.len());
        return jobs::launch(&state, &actor, task.sent_by(sent)).await;
    }
    let lang = actor.lang();
    let count = |count: usize| lang.count(u64::try_from(count).unwrap_or(u64::MAX));
    let (missing, present) = (count(plan.missing.len()), count(plan.present));
    let mut hidden = vec![
        ("kind".to_owned(), bulk.kind.key().to_owned()),
        ("from".to_owned(), bulk.valid_from.to_string()),
        ("confirmed".to_owned(), plan.missing.len().to_string()),
        ("every".to_owned(), typed.get("every").to_owned()),
    ];
    hidden.extend(bulk.stages.iter().map(|stage| ("stages".to_owned(), stage.key().to_owned())));
    hidden.extend(typed.all("units").map(|unit| ("units".to_owned(), unit.to_owned())));
    let confirm = Confirm {
        action: PATH.to_owned(),
        word: lang.with("catalogue.bulk.make", &[("count", &missing)]),
        hidden,
        away: PATH.to_owned(),
    };
    let shell = Shell::of(&actor, &snapshot, "links", text(lang, "bulk.title"), PATH.to_owned());
    page(&Page {
        back: Some((LINKS.to_owned(), lang.text("console.links.title"))),
        notice: lang.with("catalogue.bulk.would", &[("missing", &missing), ("present", &present)]),
        confirm: (!plan.missing.is_empty()).then_some(confirm),
        ..Page::new(shell)
    })
}
