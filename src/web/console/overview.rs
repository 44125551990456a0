//! The overview: the plan's verdicts as cards, then fields, units and elements as tables.

use std::collections::HashMap;

use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use chrono::Utc;

use super::charts::{Bullet, Mark, Quarter, Trend};
use super::context::{self, Context};
use super::filter_form::{FilterForm, Reader};
use super::filters::Filters;
use super::month_chart::{self, Months};
use super::periods::{self, Periods};
use super::tables::{self, Leads, View};
use super::{Shell, answers, breakdown, link_bulk, map, series, words};
use crate::app::catalogue::Snapshot;
use crate::app::scores::{self, Cell, Compared, Dimension, Flagged, Query, Table};
use crate::db::conn::Conn;
use crate::db::targets::{self, ImportedFigure};
use crate::domain::day::Local;
use crate::domain::index::{METHOD, METHOD_VERSION};
use crate::domain::period::{Period, Span};
use crate::domain::person::{self, Permission};
use crate::domain::questionnaire::Kind;
use crate::domain::target::{Scope, Target, Verdict};
use crate::error::Result;
use crate::locale::Lang;
use crate::web::actor::Actor;
use crate::web::respond::{Fault, page_with};
use crate::web::state::State;

/// Quarters in a trend.
const QUARTERS: usize = 8;

/// A target with its figures, as the database gives them.
pub struct Measured {
    target: Target,
    now: Table,
    trend: Table,
}

/// All that the page needs from the database.
pub struct Found {
    measured: Vec<Measured>,
    imported: Vec<(Target, Option<ImportedFigure>)>,
    fields: Compared,
    units: Compared,
    elements: Compared,
    context: context::Found,
    months: Option<month_chart::Found>,
    answered: Option<Period>,
}

/// A card for one target.
struct Card {
    name: String,
    basis: String,
    index: String,
    /// Why the figures are hidden, where they are.
    hidden: Option<String>,
    n: String,
    interval: String,
    unflagged: String,
    /// The page of the answers without a flag.
    unflagged_address: String,
    verdict: Option<Mark>,
    bullet: Option<Bullet>,
    trend: Trend,
    /// What the index is made of.
    address: String,
    quarters: Vec<series::Line>,
    /// Files of the quarters, where one page of figures has them.
    exports: Option<[(&'static str, String); 3]>,
}

/// A row of an imported figure.
struct Imported {
    name: String,
    basis: String,
    target: String,
    index: Option<String>,
    respondents: String,
    source: String,
}

#[derive(Template)]
#[template(path = "console/overview.html", config = "frontend/askama.toml")]
struct Page {
    shell: Shell,
    form: FilterForm,
    periods: Periods,
    months: Option<Months>,
    /// Without any answer at all: where links are made, for whoever may make them.
    begin: Option<Option<&'static str>>,
    previous: String,
    next: Option<String>,
    scope: String,
    whole: Option<String>,
    summary: String,
    cards: Vec<Card>,
    breaks: Vec<String>,
    imported: Vec<Imported>,
    context: Context,
    tables: Vec<View>,
    answers: Vec<(&'static str, String)>,
    method: String,
}

/// GET /console
///
/// # Errors
/// Not found for a unit out of sight; those of the database.
pub async fn show(
    state: web::Data<State>,
    actor: Actor,
    request: HttpRequest,
    words: web::Query<HashMap<String, String>>,
) -> std::result::Result<HttpResponse, Fault> {
    let snapshot = state.catalogue.snapshot();
    let today = Local::at(Utc::now()).day;
    // Filters of other pages say nothing here, and nothing in links and files either.
    let filters = Filters::read(&words, today).of_targets();
    let (asked, catalogue) = (filters.clone(), snapshot.clone());
    let found = state.read(&actor, move |conn, person| find(conn, &catalogue, person, &asked)).await?;
    let here = request.uri().path_and_query().map_or_else(String::new, ToString::to_string);
    let title =
        actor.lang().with("console.overview.title", &[("period", &actor.lang().period(filters.period))]);
    let shell = Shell::of(&actor, &snapshot, "overview", title, here);
    page_with(filters.status(), &build(shell, &snapshot, &actor.person, &filters, &found, today))
}

/// Asks for all figures of the page.
///
/// # Errors
/// Not found for a unit out of the actor's sight; those of the database.
pub fn find(conn: &mut Conn, snapshot: &Snapshot, actor: &person::Actor, filters: &Filters) -> Result<Found> {
    let long = shown(filters.period);
    let in_force = |target: &&Target| target.is_valid_on(filters.day());
    let (mut imported, mut measured, mut now, mut trends) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for target in snapshot.targets.iter().filter(in_force) {
        match &target.scope {
            Scope::Imported => {
                imported.push((target.clone(), targets::imported(conn, &target.key, filters.period)?));
            }
            Scope::Measured { kind, fields } => {
                let query = filters.query(*kind, fields.clone(), &[]).brief();
                measured.push(target.clone());
                trends.push(Query { period: long, ..query.clone().by(&[Dimension::Quarter]) });
                now.push(query);
            }
        }
    }
    now.append(&mut trends);
    let mut now = scores::run_all(conn, snapshot, actor, &now)?;
    let trends = now.split_off(measured.len());
    let tables = measured.into_iter().zip(now).zip(trends);
    let measured = tables.map(|((target, now), trend)| Measured { target, now, trend }).collect();
    let mut compared = |by: Dimension| {
        let query = filters.query(Kind::Tthc, None, &[by]);
        let query = if by == Dimension::Unit { query.brief() } else { query };
        Compared::run(conn, snapshot, actor, &query)
    };
    let (fields, units, elements) =
        (compared(Dimension::Field)?, compared(Dimension::Unit)?, compared(Dimension::Element)?);
    let context = context::find(conn, snapshot, actor, filters)?;
    let months = month_chart::find(conn, snapshot, actor, filters)?;
    let answered = periods::answered(conn, snapshot)?;
    Ok(Found { measured, imported, fields, units, elements, context, months, answered })
}

/// All days that the trends of a period show.
fn shown(period: Period) -> Period {
    let trail = period.trail(Span::Quarter, QUARTERS);
    let ends = trail.first().zip(trail.last());
    ends.and_then(|(first, last)| Period::between(first.from(), last.to())).unwrap_or(period)
}

fn build(
    shell: Shell,
    snapshot: &Snapshot,
    actor: &person::Actor,
    filters: &Filters,
    found: &Found,
    today: chrono::NaiveDate,
) -> Page {
    let lang = shell.lang;
    let scope = filters.unit.or_else(|| actor.scope());
    let total =
        found.units.table.total.figures.map_or_else(|| "…".to_owned(), |figures| lang.count(figures.f1.n));
    let places = found.units.table.rows.len();
    let next = filters.period.next();
    let sees_province = actor.sees_province();
    Page {
        form: FilterForm::of_targets(Reader { lang, snapshot, actor }, filters, "/console"),
        periods: Periods::of(lang, filters, today, found.answered, &Filters::address),
        months: found.months.as_ref().map(|months| Months::of(lang, filters, months)),
        begin: found.answered.is_none().then(|| {
            let may = actor.require(Permission::ManageLinks).is_ok();
            may.then_some(link_bulk::PATH)
        }),
        previous: filters.with(|filters| filters.period = filters.period.previous()).address(),
        next: (next.from() <= today).then(|| filters.with(|filters| filters.period = next).address()),
        scope: scope.map_or_else(
            || lang.text("console.overview.province"),
            |unit| {
                let name = words::unit(snapshot, unit, filters.day());
                let key = if filters.of_deciding { "scope-deciding" } else { "scope-served" };
                lang.with(&format!("console.overview.{key}"), &[("unit", &name)])
            },
        ),
        whole: filters
            .unit
            .filter(|_| actor.sees_province())
            .map(|_| filters.with(|filters| filters.unit = None).address()),
        summary: lang.with("console.overview.summary", &[("n", &total), ("units", &places.to_string())]),
        breaks: Kind::ALL
            .into_iter()
            .flat_map(|kind| words::breaks(lang, snapshot, kind, shown(filters.period)))
            .collect(),
        cards: found.measured.iter().map(|measured| card(lang, filters, measured, sees_province)).collect(),
        imported: found
            .imported
            .iter()
            .map(|(target, figure)| imported(lang, target, figure.as_ref()))
            .collect(),
        tables: tables(lang, snapshot, filters, sees_province, found),
        context: Context::of(lang, snapshot, actor, filters, &found.context, &found.fields.table),
        answers: answers::links(actor, filters),
        method: lang
            .with("console.overview.method", &[("method", METHOD), ("version", &METHOD_VERSION.to_string())]),
        shell,
    }
}

/// The tables below the cards, each with its files.
fn tables(
    lang: Lang,
    snapshot: &Snapshot,
    filters: &Filters,
    sees_province: bool,
    found: &Found,
) -> Vec<View> {
    let table = |id, by, compared| {
        let row = |cell| match cell {
            // An address names one unit: that which decides already.
            Cell::Unit(_) if filters.of_deciding && breakdown::names_unit(filters, sees_province) => None,
            Cell::Unit(unit) => Some(filters.with(|filters| filters.unit = Some(unit)).address()),
            Cell::Element(question) => Some(map::of_element(filters, question)),
            _ => breakdown::within(filters, by, cell, sees_province),
        };
        let flagged = |cell| breakdown::flagged(filters, by, cell, sees_province);
        let file = |format: &str| filters.export(format, &[by]);
        let leads = Leads { row: &row, flagged: &flagged, sorted: &Filters::address, file: &file };
        View::of(lang, snapshot, filters, id, compared, &leads)
    };
    vec![
        table("fields", Dimension::Field, &found.fields),
        table("units", Dimension::Unit, &found.units),
        table("elements", Dimension::Element, &found.elements),
    ]
}

/// The page that shows what the index of a target is made of: the answers that it judges and no others.
pub fn made_of(filters: &Filters, target: &Target, sees_province: bool) -> String {
    let narrowed = narrowed_to(filters, target);
    // Some fields together are rows of the overview's table by field.
    if is_pooled(target) {
        return format!("{}#fields", narrowed.address());
    }
    narrowed.breakdown(breakdown::next_cut(&narrowed, sees_province))
}

/// Whether a target is one for some fields together.
fn is_pooled(target: &Target) -> bool {
    matches!(&target.scope, Scope::Measured { fields: Some(fields), .. } if fields.len() > 1)
}

/// The filters narrowed to the questionnaire of a target, and to its field where it has one.
fn narrowed_to(filters: &Filters, target: &Target) -> Filters {
    let Scope::Measured { kind, fields } = &target.scope else {
        return filters.clone();
    };
    filters.with(|filters| {
        filters.kind = *kind;
        filters.field = match fields.as_deref() {
            Some([field]) => Some(*field),
            _ => None,
        };
    })
}

fn card(lang: Lang, filters: &Filters, measured: &Measured, sees_province: bool) -> Card {
    let Measured { target, now, trend } = measured;
    let figures = now.total.figures;
    let verdict = figures.map(|figures| Verdict::judge(figures.f1, target.threshold));
    let unflagged = now
        .total
        .without_flagged
        .map_or_else(|| "…".to_owned(), |figures| lang.percent(figures.f1.percent()));
    let quarters: Vec<Quarter> = filters
        .period
        .trail(Span::Quarter, QUARTERS)
        .into_iter()
        .map(|period| {
            let row = trend.rows.iter().find(|row| row.cells.first() == Some(&Cell::Period(period)));
            // A quarter without a row has no answers; one without figures is hidden.
            Quarter { period, figures: row.map_or(Some(scores::Figures::default()), |row| row.figures) }
        })
        .collect();
    let name = target.name_in(lang).to_owned();
    let leads = |filters: &Filters| made_of(filters, target, sees_province);
    Card {
        address: leads(filters),
        unflagged_address: leads(&filters.with(|filters| filters.flagged = Flagged::Excluded)),
        quarters: series::lines(lang, target.threshold, &quarters, &|period| {
            leads(&filters.with(|filters| filters.period = period))
        }),
        exports: (!is_pooled(target)).then(|| {
            let long = narrowed_to(filters, target).unsorted().with(|long| long.period = shown(long.period));
            tables::files(&|format| long.export(format, &[Dimension::Quarter]))
        }),
        basis: target.legal_basis.clone(),
        index: figures.map_or_else(|| "…".to_owned(), |figures| lang.percent(figures.f1.percent())),
        hidden: figures.is_none().then(|| words::hidden(lang, filters.flagged)),
        n: figures.map_or_else(|| "…".to_owned(), |figures| lang.count(figures.f1.n)),
        interval: figures.map_or_else(|| "…".to_owned(), |figures| tables::interval(lang, figures)),
        unflagged,
        verdict: verdict.map(|verdict| Mark::of(lang, verdict)),
        bullet: figures
            .zip(verdict)
            .and_then(|(figures, verdict)| Bullet::of(lang, figures.f1, target.threshold, verdict)),
        trend: Trend::of(lang, &name, &quarters, target.threshold),
        name,
    }
}

fn imported(lang: Lang, target: &Target, figure: Option<&ImportedFigure>) -> Imported {
    Imported {
        name: target.name_in(lang).to_owned(),
        basis: target.legal_basis.clone(),
        target: lang.percent(Some(target.threshold.percent())),
        index: figure.map(|figure| lang.percent(Some(f64::from(figure.hundredths) / 100.0))),
        respondents: figure
            .and_then(|figure| u64::try_from(figure.respondents?).ok())
            .map_or_else(|| "–".to_owned(), |count| lang.count(count)),
        source: figure.map_or_else(String::new, |figure| figure.source.clone()),
    }
}
