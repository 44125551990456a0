//! The breakdown: one questionnaire cut by one thing, every row leading to what it is made of.

use std::collections::HashMap;

use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use chrono::{NaiveDate, Utc};

use super::choices::{self, Choice};
use super::filters::Filters;
use super::paging::{self, Pages};
use super::periods::{self, Periods};
use super::tables::{Leads, View};
use super::{Shell, answers, words};
use crate::app::catalogue::Snapshot;
use crate::app::scores::{self, Cell, Compared, Dimension, Query};
use crate::domain::day::Local;
use crate::domain::link::{Channel, Stage};
use crate::domain::period::Period;
use crate::domain::person::Permission;
use crate::domain::target::Verdict;
use crate::error::{Error, Result};
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

/// A filter that is set, with the page without it.
struct Chip {
    label: String,
    value: String,
    without: String,
}

#[derive(Template)]
#[template(path = "console/breakdown.html", config = "frontend/askama.toml")]
struct Page {
    shell: Shell,
    by: &'static str,
    sentence: String,
    tabs: Vec<Tab>,
    chips: Vec<Chip>,
    period_value: String,
    period_fault: Option<String>,
    periods: Periods,
    kinds: Vec<Choice>,
    units: Vec<Choice>,
    fields: Vec<Choice>,
    stages: Vec<Choice>,
    channels: Vec<Choice>,
    filters: Filters,
    table: View,
    breaks: Vec<String>,
    /// Whether one unit is looked at, which may serve or decide.
    of_unit: bool,
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
) -> std::result::Result<HttpResponse, Fault> {
    let snapshot = state.catalogue.snapshot();
    let today = Local::at(Utc::now()).day;
    let filters = Filters::read(&asked, today);
    let by = match asked.get("by").filter(|key| !key.is_empty()) {
        None => next_cut(&filters, actor.person.sees_province()),
        Some(key) => {
            Dimension::from_key(key).ok_or_else(|| Error::NotFound(Message::new("error.page-not-found")))?
        }
    };
    in_sight(&snapshot, &actor, &filters)?;
    // Elements are what a brief query leaves out.
    let now = Query { brief: by != Dimension::Element, ..filters.narrowed(&[by]) };
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
    page_with(filters.status(), &build(shell, &snapshot, &actor, filters, by, &found, paging::number(&asked)))
}

/// A counter is as secret as its unit.
///
/// # Errors
/// Not found for a counter out of the actor's sight.
pub fn in_sight(snapshot: &Snapshot, actor: &Actor, filters: &Filters) -> Result<()> {
    let Some((counter, scope)) = filters.counter.zip(actor.person.scope()) else {
        return Ok(());
    };
    let unit = snapshot.counters.get(&counter).map(|counter| counter.unit);
    if unit.is_some_and(|unit| snapshot.units.subtree(scope).contains(&unit)) {
        Ok(())
    } else {
        Err(Error::NotFound(Message::new("error.page-not-found")))
    }
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

/// The page that shows what one row is made of; none where there is nothing finer.
pub fn within(filters: &Filters, by: Dimension, cell: Cell, sees_province: bool) -> Option<String> {
    let mut narrowed = narrowed(filters, cell);
    if matches!(cell, Cell::Unit(_)) {
        narrowed.of_deciding = by == Dimension::Deciding;
    }
    (narrowed != *filters).then(|| narrowed.breakdown(next_cut(&narrowed, sees_province)))
}

/// The filters narrowed to one cell.
pub fn narrowed(filters: &Filters, cell: Cell) -> Filters {
    filters.with(|filters| match cell {
        Cell::Unit(unit) => filters.unit = Some(unit),
        Cell::Counter(counter) => filters.counter = Some(counter),
        Cell::Field(field) => filters.field = field,
        Cell::Procedure(procedure) => filters.procedure = procedure,
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
    filters: Filters,
    by: Dimension,
    found: &Found,
    number: usize,
) -> Page {
    let (lang, compared) = (shell.lang, &found.compared);
    let day = filters.period.to();
    let sees_province = actor.person.sees_province();
    let address = |cell| within(&filters, by, cell, sees_province);
    let heading = |sorted: &Filters| sorted.breakdown(by);
    let file = |format: &str| filters.export(format, &[by]);
    let leads = Leads { row: &address, sorted: &heading, file: &file };
    let mut table = View::of(lang, snapshot, &filters, "rows", compared, &leads);
    table.title = lang.text(&format!("figures.by.{}", by.key()));
    table.caption = caption(lang, by, actor);
    let pages =
        paging::cut(&mut table.lines, number, |page| format!("{}&page={page}", filters.breakdown(by)), lang);
    Page {
        by: by.key(),
        sentence: sentence(lang, &compared.table.total),
        tabs: tabs(lang, &filters, by, sees_province),
        chips: chips(lang, snapshot, &filters, by, day),
        period_value: filters.typed_period(),
        period_fault: filters.period_fault(lang),
        periods: Periods::of(lang, &filters, found.today, found.answered, &heading),
        kinds: choices::kinds(lang, Some(filters.kind.key())),
        units: choices::units(snapshot, &actor.person, filters.period.to(), filters.unit),
        fields: choices::fields(lang, snapshot, filters.field),
        stages: choices::stages(lang, filters.stage.map(Stage::key)),
        channels: choices::channels(lang, Channel::ALL, filters.channel.map(Channel::key)),
        answers: answers::links(&actor.person, &filters),
        breaks: words::breaks(lang, snapshot, filters.kind, filters.period)
            .into_iter()
            .chain(words::element_breaks(lang, snapshot, &compared.table))
            .collect(),
        of_unit: filters.unit.is_some() || actor.person.scope().is_some(),
        table,
        pages,
        filters,
        shell,
    }
}

fn caption(lang: Lang, by: Dimension, actor: &Actor) -> String {
    let mut caption = lang.text(match by {
        Dimension::Element => "figures.breakdown.caption-element",
        Dimension::Stage => "figures.breakdown.caption-stage",
        _ => "figures.breakdown.caption",
    });
    if !actor.person.may(Permission::SeeSmallGroups) {
        caption = format!("{caption} {}", lang.text("figures.breakdown.caption-hidden"));
    }
    caption
}

/// "92,14% trên 318 phiếu; chắc chắn đạt 90%."
pub fn sentence(lang: Lang, total: &scores::Row) -> String {
    let Some(figures) = total.figures else {
        return lang.text("figures.sentence.hidden");
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

fn tabs(lang: Lang, filters: &Filters, by: Dimension, sees_province: bool) -> Vec<Tab> {
    let is_offered = |one: &Dimension| match one {
        Dimension::Unit => sees_province || filters.unit.is_none(),
        Dimension::Field | Dimension::Procedure | Dimension::Stage => filters.kind.has_fields(),
        _ => true,
    };
    Dimension::ALL
        .into_iter()
        .filter(is_offered)
        .map(|one| Tab {
            word: lang.text(&format!("figures.by.{}", one.key())),
            address: filters.breakdown(one),
            is_open: one == by,
        })
        .collect()
}

fn chips(lang: Lang, snapshot: &Snapshot, filters: &Filters, by: Dimension, day: NaiveDate) -> Vec<Chip> {
    type Clear = fn(&mut Filters);
    let cells: [(Option<Cell>, &str, Clear); 6] = [
        (filters.unit.map(Cell::Unit), if filters.of_deciding { "deciding" } else { "unit" }, |filters| {
            filters.unit = None;
            filters.of_deciding = false;
        }),
        (filters.field.map(|id| Cell::Field(Some(id))), "field", |filters| filters.field = None),
        (filters.procedure.map(|id| Cell::Procedure(Some(id))), "procedure", |filters| {
            filters.procedure = None
        }),
        (filters.counter.map(Cell::Counter), "counter", |filters| filters.counter = None),
        (filters.stage.map(|stage| Cell::Stage(Some(stage))), "stage", |filters| filters.stage = None),
        (filters.channel.map(|one| Cell::Channel(Some(one))), "channel", |filters| filters.channel = None),
    ];
    cells
        .into_iter()
        .filter_map(|(cell, key, clear)| {
            Some(Chip {
                label: lang.text(&format!("figures.by.{key}")),
                value: scores::name(cell?, snapshot, day, lang),
                without: filters.with(clear).breakdown(by),
            })
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
