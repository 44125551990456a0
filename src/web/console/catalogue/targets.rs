//! Targets in the console: their rows by plan, a successor from a day on, and imported figures.

use actix_web::{HttpRequest, web};
use chrono::Utc;

use super::form::{FormPage, Inputs, Reader, Typed, settle};
use super::{Action, Cell, Page, Reply, Table, Words, days, shell, text, write};
use crate::app::catalogue::Snapshot;
use crate::app::import::hundredths;
use crate::app::targets::{self, TargetDraft};
use crate::app::units::NAME_LENGTH;
use crate::db;
use crate::db::targets::ImportedFigure;
use crate::domain::day::Local;
use crate::domain::period::Period;
use crate::domain::target::{Scope, Target, Threshold};
use crate::error::{Error, Result};
use crate::locale::{Lang, Message};
use crate::web::actor::{Actor, encode};
use crate::web::console::words;
use crate::web::respond::page;
use crate::web::state::State;

const PATH: &str = "/console/catalogue/targets";
const FIGURES: &str = "/console/catalogue/figures";

/// Longest legal basis and source, in characters.
const BASIS_LENGTH: usize = 300;
/// Longest key, in characters.
const KEY_LENGTH: usize = 40;
/// Longest period or number, in characters.
const SHORT: usize = 40;

type Body = web::Form<Vec<(String, String)>>;

fn percent(lang: Lang, hundredths: i32) -> String {
    lang.decimal(f64::from(hundredths) / 100.0, 2)
}

/// GET /console/catalogue/targets
///
/// # Errors
/// Not found for whoever does not keep the catalogue; those of the database.
pub async fn list(state: web::Data<State>, actor: Actor, request: HttpRequest) -> Reply {
    let (snapshot, lang) = (state.catalogue.snapshot(), actor.lang());
    let shell = shell(&actor, &snapshot, text(lang, "part.targets"), &request)?;
    let figures = state.block(|db| db.read(db::targets::figures)).await?;
    let mut plans: Vec<&str> = Vec::new();
    for target in &snapshot.targets {
        let plan = plan(target);
        if !plans.contains(&plan) {
            plans.push(plan);
        }
    }
    let mut tables: Vec<Table> = plans.into_iter().map(|plan| rows(lang, &snapshot, plan)).collect();
    tables.push(imported(lang, &snapshot, figures));
    page(&Page {
        lead: text(lang, "lead-targets"),
        actions: vec![Action {
            word: text(lang, "do.target-create"),
            address: format!("{PATH}/new"),
            first: false,
        }],
        tables,
        ..Page::new(shell).within("targets")
    })
}

/// The document that lays a target down, without the place in it.
fn plan(target: &Target) -> &str {
    target.legal_basis.split(',').next().unwrap_or_default().trim()
}

fn rows(lang: Lang, snapshot: &Snapshot, of: &str) -> Table {
    let heads = ["target", "threshold", "scope", "basis", "from", "until", "edit"];
    let mut table = Table { title: of.to_owned(), ..Table::new(lang, "targets", &heads) };
    let last = |target: &Target| {
        let rows = snapshot.targets.iter().filter(|one| one.key == target.key);
        rows.map(|one| one.valid_from).max() == Some(target.valid_from)
    };
    table.rows = snapshot
        .targets
        .iter()
        .filter(|target| plan(target) == of)
        .map(|target| {
            let [from, until] = days(lang, target.valid_from, target.valid_to);
            let edit = Cell::link(text(lang, "do.target-succeed"), format!("{PATH}/{}", encode(&target.key)));
            vec![
                Cell::text(target.name_in(lang)),
                Cell {
                    class: "num",
                    ..Cell::text(format!("≥ {}%", percent(lang, target.threshold.hundredths())))
                },
                Cell::text(scope(lang, snapshot, target)),
                Cell::text(&target.legal_basis),
                from,
                until,
                if last(target) { edit } else { Cell::text("") },
            ]
        })
        .collect();
    table
}

fn scope(lang: Lang, snapshot: &Snapshot, target: &Target) -> String {
    match &target.scope {
        Scope::Imported => text(lang, "imported"),
        Scope::Measured { kind, fields: None } => {
            format!("{} ({})", text(lang, "measured"), words::kind(lang, *kind))
        }
        Scope::Measured { fields: Some(fields), .. } => {
            let names: Vec<&str> =
                fields.iter().filter_map(|id| snapshot.field(*id)).map(|field| field.name_in(lang)).collect();
            format!("{} ({})", text(lang, "measured"), names.join(", "))
        }
    }
}

fn imported(lang: Lang, snapshot: &Snapshot, figures: Vec<ImportedFigure>) -> Table {
    let heads = ["target", "period", "index", "respondents", "source", "edit"];
    let mut table = Table::new(lang, "figures", &heads).titled(lang);
    let count = |count: i64| lang.count(u64::try_from(count).unwrap_or_default());
    table.rows = figures
        .into_iter()
        .map(|figure| {
            let edit = format!("{FIGURES}/edit?target={}&period={}", encode(&figure.target), figure.period);
            vec![
                Cell::text(target_name(lang, snapshot, &figure.target)),
                Cell::whole(lang.period(figure.period)),
                Cell { class: "num", ..Cell::text(format!("{}%", percent(lang, figure.hundredths))) },
                Cell {
                    class: "num", ..Cell::text(figure.respondents.map_or_else(|| "–".to_owned(), count))
                },
                Cell::text(figure.source),
                Cell::link(text(lang, "do.correct"), edit),
            ]
        })
        .collect();
    table.action = Some((format!("{FIGURES}/new"), text(lang, "do.figure-create")));
    table
}

fn target_name(lang: Lang, snapshot: &Snapshot, key: &str) -> String {
    let newest = snapshot.targets.iter().rev().find(|target| target.key == key);
    newest.map_or_else(|| key.to_owned(), |target| target.name_in(lang).to_owned())
}

/// GET /console/catalogue/targets/new
///
/// # Errors
/// Not found for whoever does not keep the catalogue.
pub async fn new(state: web::Data<State>, actor: Actor, request: HttpRequest) -> Reply {
    let typed = Typed::of([("from", Local::at(Utc::now()).day.to_string())]);
    page(&target_form(&state.catalogue.snapshot(), &actor, &request, "", &typed)?)
}

/// GET /console/catalogue/targets/{key}
///
/// # Errors
/// Not found for whoever does not keep the catalogue and for an unknown target.
pub async fn edit(
    state: web::Data<State>,
    actor: Actor,
    request: HttpRequest,
    key: web::Path<String>,
) -> Reply {
    let snapshot = state.catalogue.snapshot();
    let newest = snapshot.targets.iter().filter(|target| target.key == *key);
    let newest = newest.max_by_key(|target| target.valid_from);
    let newest = newest.ok_or_else(|| Error::NotFound(Message::new("error.page-not-found")))?;
    let typed = Typed::of([
        ("from", String::new()),
        ("name", newest.name.clone()),
        ("name_en", newest.name_en.clone()),
        ("threshold", percent(actor.lang(), newest.threshold.hundredths())),
        ("legal_basis", newest.legal_basis.clone()),
    ]);
    page(&target_form(&snapshot, &actor, &request, &key, &typed)?)
}

/// The form for a new target, or for the successor of the one with a key.
fn target_form(
    snapshot: &Snapshot,
    actor: &Actor,
    request: &HttpRequest,
    key: &str,
    typed: &Typed,
) -> Result<FormPage> {
    let lang = actor.lang();
    let verb = if key.is_empty() { "target-create" } else { "target-succeed" };
    let inputs = Inputs::new(lang, typed);
    let inputs = if key.is_empty() { inputs.line("key").hint("key") } else { inputs };
    let inputs = inputs.day("from").hint("target-from").long("name").long("name_en");
    let inputs = inputs.line("threshold").hint("percent").long("legal_basis");
    let inputs = if key.is_empty() { inputs } else { inputs.tick("backdated") };
    let title = text(lang, &format!("do.{verb}"));
    let title = if key.is_empty() { title } else { format!("{title}: {}", target_name(lang, snapshot, key)) };
    Ok(FormPage {
        shell: shell(actor, snapshot, title, request)?,
        back: PATH.to_owned(),
        back_word: text(lang, "part.targets"),
        lead: text(lang, &format!("lead-{verb}")),
        action: if key.is_empty() { PATH.to_owned() } else { format!("{PATH}/{}", encode(key)) },
        submit: text(lang, if key.is_empty() { "submit.create" } else { "submit.save" }),
        inputs: inputs.done(),
        faults: Vec::new(),
        is_upload: false,
    })
}

fn draft(reader: &mut Reader<'_>, typed: &Typed) -> Option<TargetDraft> {
    let from = reader.day("from");
    let name = reader.text("name", NAME_LENGTH);
    let name_en = reader.text("name_en", NAME_LENGTH);
    let threshold = reader.with("threshold", "catalogue.fault.no-percent", |text| {
        hundredths(text).and_then(Threshold::of_hundredths)
    });
    let legal_basis = reader.text("legal_basis", BASIS_LENGTH);
    Some(TargetDraft {
        name: name?,
        name_en: name_en?,
        threshold: threshold?,
        legal_basis: legal_basis?,
        from: from?,
        backdated: typed.get("backdated") == "1",
    })
}

/// POST /console/catalogue/targets
///
/// # Errors
/// Forbidden for a form of another page; not found for whoever does not keep the catalogue; those of the
/// database. Wrong input shows the form again.
pub async fn create(state: web::Data<State>, actor: Actor, request: HttpRequest, body: Body) -> Reply {
    let typed = Typed::from(body.into_inner());
    typed.check(&actor, &request)?;
    let mut reader = Reader::new(&typed);
    let key = reader.with("key", "catalogue.fault.no-key", key);
    let draft = draft(&mut reader, &typed);
    let outcome = match reader.done(key.zip(draft)) {
        Ok((key, draft)) => {
            write(&state, &actor, move |conn, person| targets::create(conn, person, &key, &draft)).await
        }
        Err(error) => Err(error),
    };
    let snapshot = state.catalogue.snapshot();
    settle(actor.lang(), outcome.map(|()| PATH.to_owned()), || {
        target_form(&snapshot, &actor, &request, "", &typed)
    })
}

fn key(text: &str) -> Option<String> {
    let fits = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    (text.len() <= KEY_LENGTH && text != "new" && text.bytes().all(fits)).then(|| text.to_owned())
}

/// POST /console/catalogue/targets/{key}
///
/// # Errors
/// Forbidden for a form of another page; not found for whoever does not keep the catalogue and for an
/// unknown target; those of the database. Wrong input shows the form again.
pub async fn succeed(
    state: web::Data<State>,
    actor: Actor,
    request: HttpRequest,
    key: web::Path<String>,
    body: Body,
) -> Reply {
    let typed = Typed::from(body.into_inner());
    typed.check(&actor, &request)?;
    let mut reader = Reader::new(&typed);
    let draft = draft(&mut reader, &typed);
    let (name, today) = (key.clone(), Local::at(Utc::now()).day);
    let outcome = match reader.done(draft) {
        Ok(draft) => {
            write(&state, &actor, move |conn, person| targets::succeed(conn, person, &name, &draft, today))
                .await
        }
        Err(error) => Err(error),
    };
    let snapshot = state.catalogue.snapshot();
    settle(actor.lang(), outcome.map(|()| PATH.to_owned()), || {
        target_form(&snapshot, &actor, &request, &key, &typed)
    })
}

/// GET /console/catalogue/figures/new
///
/// # Errors
/// Not found for whoever does not keep the catalogue.
pub async fn new_figure(state: web::Data<State>, actor: Actor, request: HttpRequest) -> Reply {
    page(&figure_form(&state.catalogue.snapshot(), &actor, &request, false, &Typed::default())?)
}

/// GET /console/catalogue/figures/edit?target=&period=
///
/// # Errors
/// Not found for whoever does not keep the catalogue and for a figure that is not there; those of the
/// database.
pub async fn edit_figure(state: web::Data<State>, actor: Actor, request: HttpRequest, asked: Words) -> Reply {
    let missing = || Error::NotFound(Message::new("error.page-not-found"));
    let target = asked.get("target").cloned().unwrap_or_default();
    let period = asked.get("period").and_then(|text| Period::parse(text).ok()).ok_or_else(missing)?;
    let found = state.block(move |db| db.read(|conn| db::targets::imported(conn, &target, period))).await?;
    let figure = found.ok_or_else(missing)?;
    let typed = Typed::of([
        ("target", figure.target),
        ("period", figure.period.to_string()),
        ("percent", percent(actor.lang(), figure.hundredths)),
        ("respondents", figure.respondents.map_or_else(String::new, |count| count.to_string())),
        ("source", figure.source),
        ("corrects", "1".to_owned()),
    ]);
    page(&figure_form(&state.catalogue.snapshot(), &actor, &request, true, &typed)?)
}

fn figure_form(
    snapshot: &Snapshot,
    actor: &Actor,
    request: &HttpRequest,
    corrects: bool,
    typed: &Typed,
) -> Result<FormPage> {
    let lang = actor.lang();
    let mut keys: Vec<(String, String)> = Vec::new();
    for target in snapshot.targets.iter().filter(|target| target.scope == Scope::Imported) {
        if !keys.iter().any(|(key, _)| *key == target.key) {
            keys.push((target.key.clone(), target.name_in(lang).to_owned()));
        }
    }
    let inputs = Inputs::new(lang, typed);
    let inputs = if corrects {
        inputs.hidden("target").hidden("period").hidden("corrects")
    } else {
        inputs.select("target", keys).line("period").hint("period")
    };
    let title = if corrects {
        let period =
            Period::parse(typed.get("period")).map_or_else(|_| String::new(), |period| lang.period(period));
        format!(
            "{}: {}, {period}",
            text(lang, "do.correct"),
            target_name(lang, snapshot, typed.get("target"))
        )
    } else {
        text(lang, "do.figure-create")
    };
    Ok(FormPage {
        shell: shell(actor, snapshot, title, request)?,
        back: PATH.to_owned(),
        back_word: text(lang, "part.targets"),
        lead: text(lang, "lead-figure"),
        action: FIGURES.to_owned(),
        submit: text(lang, "submit.save"),
        inputs: inputs.line("percent").hint("percent").perhaps("respondents").long("source").done(),
        faults: Vec::new(),
        is_upload: false,
    })
}

/// POST /console/catalogue/figures
///
/// # Errors
/// Forbidden for a form of another page; not found for whoever does not keep the catalogue, and for the
/// correction of a figure that is not there; those of the database. Wrong input shows the form again.
pub async fn save_figure(state: web::Data<State>, actor: Actor, request: HttpRequest, body: Body) -> Reply {
    let typed = Typed::from(body.into_inner());
    typed.check(&actor, &request)?;
    let corrects = typed.get("corrects") == "1";
    let outcome = match figure(&typed) {
        Ok(figure) => {
            let save = if corrects { targets::correct_figure } else { targets::add_figure };
            write(&state, &actor, move |conn, person| save(conn, person, &figure)).await
        }
        Err(error) => Err(error),
    };
    let snapshot = state.catalogue.snapshot();
    settle(actor.lang(), outcome.map(|()| PATH.to_owned()), || {
        figure_form(&snapshot, &actor, &request, corrects, &typed)
    })
}

fn figure(typed: &Typed) -> Result<ImportedFigure> {
    let mut reader = Reader::new(typed);
    let target = reader.text("target", KEY_LENGTH);
    let period = reader.with("period", "catalogue.fault.no-period", |text| Period::parse(text).ok());
    let hundredths = reader.with("percent", "catalogue.fault.no-percent", hundredths);
    let respondents = match reader.optional("respondents", SHORT).as_deref() {
        Some("") => Some(None),
        _ => {
            let count =
                |text: &str| text.replace(['.', ' '], "").parse().ok().filter(|count: &i64| *count >= 0);
            reader.with("respondents", "catalogue.fault.no-count", count).map(Some)
        }
    };
    let source = reader.text("source", BASIS_LENGTH);
    let figure = || {
        Some(ImportedFigure {
            target: target?,
            period: period?,
            hundredths: hundredths?,
            respondents: respondents?,
            source: source?,
        })
    };
    reader.done(figure())
}
