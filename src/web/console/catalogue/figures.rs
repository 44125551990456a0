//! Imported figures in the console: the list with sources, and the form for a new one or a correction.

use actix_web::{HttpRequest, web};
use chrono::Utc;

use super::form::{FormPage, Inputs, Reader, Typed, settle};
use super::targets::{BASIS_LENGTH, Body, KEY_LENGTH, PATH, percent, target_name};
use super::{Cell, Rank, Reply, Table, Words, shell, text};
use crate::app::catalogue::Snapshot;
use crate::app::import::hundredths;
use crate::app::targets;
use crate::db;
use crate::db::conn::Conn;
use crate::db::targets::ImportedFigure;
use crate::domain::day::Local;
use crate::domain::fold::{fold, matches};
use crate::domain::period::Period;
use crate::domain::person;
use crate::domain::target::Scope;
use crate::error::{Error, Result};
use crate::locale::{Lang, Message};
use crate::web::actor::{Actor, encode};
use crate::web::console::listing::Listing;
use crate::web::respond::page;
use crate::web::state::State;

const FIGURES: &str = "/console/catalogue/figures";

/// Longest period or number, in characters.
const SHORT: usize = 40;

/// The list of imported figures.
pub(super) fn table(
    lang: Lang,
    snapshot: &Snapshot,
    figures: Vec<ImportedFigure>,
    listing: &Listing<'_>,
) -> Table {
    let heads = ["target", "period", "index", "respondents", "source", "edit"];
    let mut table = Table::new(lang, "figures", &heads).titled(lang);
    let is_found = |figure: &ImportedFigure| {
        let name = target_name(lang, snapshot, &figure.target);
        matches(&fold(&format!("{name} {} {}", figure.period, figure.source)), listing.word("q"))
    };
    let respondents = |count: Option<i64>| match count.and_then(|count| u64::try_from(count).ok()) {
        Some(count) => Cell::number(lang.count(count), Rank::Count(count)),
        None => Cell::number("–", Rank::Text),
    };
    let row = |figure: ImportedFigure| {
        let edit = format!("{FIGURES}/edit?target={}&period={}", encode(&figure.target), figure.period);
        vec![
            Cell::text(target_name(lang, snapshot, &figure.target)),
            Cell::whole(lang.period(figure.period)).ranked(Rank::Day(figure.period.from())),
            Cell::number(
                format!("{}%", percent(lang, figure.hundredths)),
                Rank::Hundredths(figure.hundredths.into()),
            ),
            respondents(figure.respondents),
            Cell::text(figure.source),
            Cell::link(text(lang, "do.correct"), edit),
        ]
    };
    table.rows = figures.into_iter().filter(is_found).map(row).collect();
    table.action = Some((format!("{FIGURES}/new"), text(lang, "do.figure-create")));
    table
}

/// GET /console/catalogue/figures/new
///
/// # Errors
/// Not found for whoever does not keep the catalogue.
pub async fn new(state: web::Data<State>, actor: Actor, request: HttpRequest) -> Reply {
    page(&form(&state.catalogue.snapshot(), &actor, &request, false, &Typed::default())?)
}

/// GET /console/catalogue/figures/edit?target=&period=
///
/// # Errors
/// Not found for whoever does not keep the catalogue and for a figure that is not there; those of the
/// database.
pub async fn edit(state: web::Data<State>, actor: Actor, request: HttpRequest, asked: Words) -> Reply {
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
    page(&form(&state.catalogue.snapshot(), &actor, &request, true, &typed)?)
}

fn form(
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
pub async fn save(state: web::Data<State>, actor: Actor, request: HttpRequest, body: Body) -> Reply {
    let typed = Typed::from(body.into_inner());
    typed.check(&actor, &request)?;
    let corrects = typed.get("corrects") == "1";
    let outcome = match figure(&typed) {
        Ok(figure) => {
            let today = Local::at(Utc::now()).day;
            let save = move |conn: &mut Conn, person: &person::Actor| {
                if corrects {
                    targets::correct_figure(conn, person, &figure)?;
                } else {
                    targets::add_figure(conn, person, &figure, today)?;
                }
                Ok(PATH.to_owned())
            };
            state.once(&actor, typed.submission(&request), save).await
        }
        Err(error) => Err(error),
    };
    let snapshot = state.catalogue.snapshot();
    settle(actor.lang(), outcome, || form(&snapshot, &actor, &request, corrects, &typed))
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
