//! The breakdown: one questionnaire cut by one thing, every row leading to what it is made of.

use std::collections::HashMap;

use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use chrono::{NaiveDate, Utc};

use super::filter_form::{Chip, FilterForm, Reader, chips};
use super::filters::Filters;
use super::paging::{self, Pages};
use super::periods::{self, Periods};
use super::tables::{Leads, View};
use super::{Shell, answers, map, words};
use crate::app::catalogue::Snapshot;
use crate::app::reach;
use crate::app::scores::{self, Cell, Compared, Dimension, Flagged, Query};
use crate::domain::day::Local;
use crate::domain::ids::{FieldId, ProcedureId};
use crate::domain::period::Period;
use crate::domain::person::Permission;
use crate::domain::target::Verdict;
use crate::error::Error;
use crate::locale::{Lang, Message};
use crate::web::actor::Actor;
use crate::web::respond::{Fault, page_with};
use crate::web::state::State;

/// A tab of the page.
struct Tab {
    word: String,
    address: String,
    is_open: bool,
}

#[derive(Template)]
#[template(path = "console/breakdown.html", config = "frontend/askama.toml")]
struct Page {
    shell: Shell,
    form: FilterForm,
    sentence: String,
    tabs: Vec<Tab>,
    chips: Vec<Chip>,
    periods: Periods,
    comments: String,
    table: View,
    breaks: Vec<String>,
    pages: Pages,
    answers: Vec<(&'static str, String)>,
}

/// What the database gives for the page.
struct Found {
    compared: Compared,
    /// The days of the months with answers.
    answered: Option<Period>,
    today: NaiveDate,
}

/// GET /console/breakdown
///
/// # Errors
/// Not found for a cut that there is not, and for a unit or
/// counter out of sight; those of the database.
pub async fn show(
    state: web::Data<State>,
    actor: Actor,
    request: HttpRequest,
    asked: web::Query<HashMap<String, String>>,
) -> Result<HttpResponse, Fault> {
    let snapshot = state.catalogue.snapshot();
    let today = Local::at(Utc::now()).day;
    let filters = Filters::read(&asked, today);
    let by = match asked.get("by").filter(|key| !key.is_empty()) {
        None => next_cut(&filters, actor.person.sees_province()),
        Some(key) => {
            Dimension::from_key(key).ok_or_else(|| Error::NotFound(Message::new("error.page-not-found")))?
        }
    };
    // A cut of one questionnaire may say nothing of another, to which the form leads from it.
    let by = if is_offered(by, &filters, actor.person.sees_province()) {
        by
    } else {
        next_cut(&filters, actor.person.sees_province())
    };
    // Elements are what a brief query leaves out.
    let now = Query { brief: by != Dimension::Element, ..filters.narrowed(&[by]) };
    reach::check(&snapshot, &actor.person, now.narrowed())?;
    let catalogue = snapshot.clone();
    let found = state
        .read(&actor, move |conn, person| {
            let compared = Compared::run(conn, &catalogue, person, &now)?;
            Ok(Found { compared, answered: periods::answered(conn, &catalogue)?, today })
        })
        .await?;
    let lang = actor.lang();
    let title = lang.with(
        "figures.breakdown.title",
        &[("by", &lang.text(&format!("figures.by.{}", by.key()))), ("period", &lang.period(filters.period))],
    );
    let here = request.uri().path_and_query().map_or_else(String::new, ToString::to_string);
    let shell = Shell::of(&actor, &snapshot, "breakdown", title, here);
    page_with(
        filters.status(),
        &build(shell, &snapshot, &actor, &filters, by, &found, paging::number(&asked)),
    )
}

/// What a set of figures is best cut by next: from the unit down to the single question.
pub const fn next_cut(filters: &Filters, sees_province: bool) -> Dimension {
    if sees_province && filters.unit.is_none() {
        Dimension::Unit
    } else if filters.field.is_none() && filters.kind.has_fields() {
        Dimension::Field
    } else if filters.procedure.is_none() && filters.kind.has_fields() {
        Dimension::Procedure
    } else if filters.counter.is_none() {
        Dimension::Counter
    } else {
        Dimension::Element
    }
}

/// The page that shows what one row is made of; none where there is nothing finer. The index of an element
/// is made of those of units or fields, which the map shows, the lowest first.
pub fn within(filters: &Filters, by: Dimension, cell: Cell, sees_province: bool) -> Option<String> {
    if let Cell::Element(question) = cell {
        let is_finest = next_cut(filters, sees_province) == Dimension::Element;
        return (!is_finest).then(|| map::of_element(filters, question));
    }
    let narrowed = of_row(filters, by, cell, sees_province)?;
    (narrowed != *filters).then(|| narrowed.breakdown(next_cut(&narrowed, sees_province)))
}

/// The page of the flagged answers of a row; none on a page that shows no others.
pub fn flagged(filters: &Filters, by: Dimension, cell: Cell, sees_province: bool) -> Option<String> {
    let narrowed = of_row(filters, by, cell, sees_province)?.of_flagged();
    let by = match cell {
        Cell::Element(_) => Dimension::Element,
        _ => next_cut(&narrowed, sees_province),
    };
    (narrowed.flagged != filters.flagged).then(|| narrowed.breakdown(by))
}

/// The filters narrowed to a row of a table by one cut; none for a unit that serves of one that decides, and
/// the other way round, since an address names one unit.
fn of_row(filters: &Filters, by: Dimension, cell: Cell, sees_province: bool) -> Option<Filters> {
    if !matches!(cell, Cell::Unit(_)) {
        return Some(narrowed(filters, cell));
    }
    let deciding = by == Dimension::Deciding;
    let names_another = deciding != filters.of_deciding && names_unit(filters, sees_province);
    let of_unit = || narrowed(filters, cell).with(|filters| filters.of_deciding = deciding);
    (!names_another).then(of_unit)
}

/// Whether the figures are those of one unit: of the filter, or one's own.
pub const fn names_unit(filters: &Filters, sees_province: bool) -> bool {
    filters.unit.is_some() || !sees_province
}

/// The filters narrowed to one cell; a unit is one that serves.
pub fn narrowed(filters: &Filters, cell: Cell) -> Filters {
    filters.with(|filters| match cell {
        Cell::Unit(unit) => {
            filters.unit = Some(unit);
            filters.of_deciding = false;
        }
        Cell::Counter(counter) => filters.counter = Some(counter),
        Cell::Field(field) => filters.field = Some(field.unwrap_or(FieldId::UNSTATED)),
        Cell::Procedure(id) => filters.procedure = Some(id.unwrap_or(ProcedureId::UNSTATED)),
        Cell::Stage(stage) => filters.stage = stage,
        Cell::Channel(channel) => filters.channel = channel,
        Cell::Period(period) => filters.period = period,
        Cell::Element(_) => {}
    })
}

fn build(
    shell: Shell,
    snapshot: &Snapshot,
    actor: &Actor,
    filters: &Filters,
    by: Dimension,
    found: &Found,
    number: usize,
) -> Page {
    let (lang, compared) = (shell.lang, &found.compared);
    let sees_province = actor.person.sees_province();
    let address = |cell| within(filters, by, cell, sees_province);
    let flagged = |cell| flagged(filters, by, cell, sees_province);
    let heading = |sorted: &Filters| sorted.breakdown(by);
    let file = |format: &str| filters.export(format, &[by]);
    let leads = Leads { row: &address, flagged: &flagged, sorted: &heading, file: &file };
    let mut table = View::of(lang, snapshot, filters, "rows", compared, &leads);
    table.title = lang.text(&format!("figures.by.{}", by.key()));
    table.caption = caption(lang, by, filters, actor);
    let pages =
        paging::cut(&mut table.lines, number, |page| format!("{}&page={page}", filters.breakdown(by)), lang);
    Page {
        form: FilterForm::narrowing(
            Reader { lang, snapshot, actor: &actor.person },
            filters,
            "/console/breakdown",
            vec![("by", by.key().to_owned())],
        ),
        sentence: sentence(lang, filters.flagged, &compared.table.total),
        tabs: tabs(lang, filters, by, sees_province),
        chips: chips(lang, snapshot, filters, &heading),
        periods: Periods::of(lang, filters, found.today, found.answered, &heading),
        answers: answers::links(&actor.person, filters),
        comments: filters.comments(),
        breaks: words::breaks(lang, snapshot, filters.kind, filters.period)
            .into_iter()
            .chain(words::element_breaks(lang, snapshot, &compared.table))
            .collect(),
        table,
        pages,
        shell,
    }
}

fn caption(lang: Lang, by: Dimension, filters: &Filters, actor: &Actor) -> String {
    let mut caption = lang.text(match by {
        Dimension::Element => "figures.breakdown.caption-element",
        Dimension::Stage => "figures.breakdown.caption-stage",
        _ => "figures.breakdown.caption",
    });
    if !actor.person.may(Permission::SeeSmallGroups) {
        caption = format!("{caption} “…”: {}", words::hidden(lang, filters.flagged));
    }
    caption
}

/// "92,14% trên 318 phiếu; chắc chắn đạt 90%."
pub fn sentence(lang: Lang, flagged: Flagged, total: &scores::Row) -> String {
    let Some(figures) = total.figures else {
        return words::hidden(lang, flagged);
    };
    if figures.f1.n == 0 {
        return lang.text("figures.sentence.none");
    }
    let (index, n) = (lang.percent(figures.f1.percent()), lang.count(figures.f1.n));
    let target = total.threshold.map_or_else(String::new, |threshold| {
        let percent = threshold.percent();
        lang.decimal(percent, if percent.fract() == 0.0 { 0 } else { 2 })
    });
    let key = total.verdict.map_or("plain", Verdict::key);
    lang.with(&format!("figures.sentence.{key}"), &[("index", &index), ("n", &n), ("target", &target)])
}

/// Whether a cut tells anything of what the filters leave.
const fn is_offered(by: Dimension, filters: &Filters, sees_province: bool) -> bool {
    match by {
        Dimension::Unit => sees_province || filters.unit.is_none() || filters.of_deciding,
        Dimension::Field | Dimension::Procedure | Dimension::Stage => filters.kind.has_fields(),
        _ => true,
    }
}

fn tabs(lang: Lang, filters: &Filters, by: Dimension, sees_province: bool) -> Vec<Tab> {
    Dimension::ALL
        .into_iter()
        .filter(|one| is_offered(*one, filters, sees_province))
        .map(|one| Tab {
            word: lang.text(&format!("figures.by.{}", one.key())),
            address: filters.breakdown(one),
            is_open: one == by,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::questionnaire::Kind;

    #[test]
    fn every_row_leads_one_step_down_to_the_single_question() {
        let today = "2026-11-23".parse().unwrap();
        let mut filters = Filters::read(&HashMap::new(), today);
        let mut steps = Vec::new();
        let cells = [
            Cell::Unit(7.into()),
            Cell::Field(Some(3.into())),
            Cell::Procedure(Some(9.into())),
            Cell::Counter(5.into()),
        ];
        for cell in cells {
            let by = next_cut(&filters, true);
            steps.push(by);
            let address = within(&filters, by, cell, true).unwrap();
            let words: HashMap<String, String> = address
                .split_once('?')
                .unwrap()
                .1
                .split('&')
                .filter_map(|pair| pair.split_once('='))
                .map(|(key, value)| (key.to_owned(), value.to_owned()))
                .collect();
            filters = Filters::read(&words, today);
        }
        assert_eq!(steps, [Dimension::Unit, Dimension::Field, Dimension::Procedure, Dimension::Counter]);
        assert_eq!(next_cut(&filters, true), Dimension::Element);
        assert!(within(&filters, Dimension::Element, Cell::Element(1.into()), true).is_none());
        let service = filters.with(|filters| {
            *filters = Filters::read(&HashMap::new(), today);
            filters.kind = Kind::AgencyService;
            filters.unit = Some(7.into());
        });
        assert_eq!(next_cut(&service, true), Dimension::Counter);
    }
}
