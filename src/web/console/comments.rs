//! The list of comments and its exports.

use std::collections::HashMap;

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use chrono::{NaiveDate, Utc};

use super::choices::{self, Choice};
use super::comment_filters::{CommentFilters, OPEN, ORDERS, SEARCH_LENGTH};
use super::filter_form::Chip;
use super::filters::{UNSTATED, written};
use super::paging::{self, Pages, ROWS};
use super::periods::{self, Periods};
use super::{FormFault, Shell, exports, fault_at, form_faults, words};
use crate::app::catalogue::Snapshot;
use crate::app::comments::{self, Assignee, Listing, MOST, Query, Seen};
use crate::app::scores::{self, Cell};
use crate::domain::comment::{DUE_DAYS, State};
use crate::domain::day::Local;
use crate::domain::ids::{FieldId, ProcedureId};
use crate::domain::level::Level;
use crate::domain::link::Channel;
use crate::domain::person::{self, Permission};
use crate::domain::suppress::SHOWN_TO_UNITS;
use crate::error::Error;
use crate::locale::{Lang, Message, compare_names};
use crate::web::actor::Actor;
use crate::web::respond::{Fault, page_with};
use crate::web::state::State as Shared;

type Asked = web::Query<HashMap<String, String>>;
type Reply = Result<HttpResponse, Fault>;

/// A comment as pages print it.
pub(super) struct Line {
    /// The page of the comment, which leads back to the list.
    pub(super) address: String,
    pub(super) text: String,
    pub(super) unit: String,
    /// Empty where it is hidden.
    counter: String,
    pub(super) field: String,
    /// Empty where it is hidden or was not stated.
    procedure: String,
    pub(super) received: String,
    pub(super) level: Option<(u8, String)>,
    pub(super) state: &'static str,
    pub(super) state_word: String,
    pub(super) assignee: String,
    pub(super) due: String,
    pub(super) is_overdue: bool,
}

impl Line {
    pub(super) fn of(lang: Lang, snapshot: &Snapshot, seen: &Seen, list: &CommentFilters) -> Self {
        let today = Local::at(Utc::now()).day;
        let field = seen.field.and_then(|id| snapshot.field(id));
        Self {
            address: list.leading_to(&format!("/console/comments/{}", seen.id)),
            text: seen.text.clone(),
            unit: words::unit(snapshot, seen.served, today),
            counter: comments::counter_name(seen, snapshot).unwrap_or_default(),
            procedure: seen
                .procedure
                .flatten()
                .and_then(|_| comments::procedure_name(seen, snapshot, lang, today))
                .unwrap_or_default(),
            field: field.map_or_else(String::new, |field| field.name_in(lang).to_owned()),
            received: match (seen.day, seen.period) {
                (Some(day), _) => lang.date(day),
                (None, Some(period)) => lang.period(period),
                (None, None) => "…".to_owned(),
            },
            level: seen.level.map(|level| (level.into(), level_word(lang, level))),
            state: seen.state.key(),
            state_word: state_word(lang, seen.state),
            assignee: seen.assignee_name.clone().unwrap_or_default(),
            due: seen.due.filter(|_| seen.state.is_open()).map_or_else(String::new, |due| lang.date(due)),
            is_overdue: seen.is_overdue,
        }
    }
}

impl Line {
    /// Where and when it was written, as lists print it.
    pub(super) fn places(&self) -> impl Iterator<Item = &str> {
        // Names of procedures are long, so they come last.
        let all = [&self.unit, &self.counter, &self.field, &self.received, &self.procedure];
        all.into_iter().map(String::as_str).filter(|text| !text.is_empty())
    }
}

pub(super) fn level_word(lang: Lang, level: Level) -> String {
    lang.text(&format!("console.level.{}", u8::from(level)))
}

pub(super) fn state_word(lang: Lang, state: State) -> String {
    lang.text(&format!("comments.state-{}", state.key()))
}

struct Sorting {
    word: String,
    address: String,
    mark: &'static str,
}

#[derive(Template)]
#[template(path = "console/comments.html", config = "frontend/askama.toml")]
struct ListPage {
    shell: Shell,
    lines: Vec<Line>,
    summary: String,
    faults: Vec<FormFault>,
    period: String,
    search: String,
    longest: usize,
    low: bool,
    overdue: bool,
    units: Vec<Choice>,
    fields: Vec<Choice>,
    procedures: Vec<Choice>,
    counters: Vec<Choice>,
    assignees: Vec<Choice>,
    stages: Vec<Choice>,
    channels: Vec<Choice>,
    states: Vec<Choice>,
    unseen: Vec<(&'static str, String)>,
    chips: Vec<Chip>,
    notes: Vec<String>,
    sortings: Vec<Sorting>,
    rules: Vec<String>,
    pages: Pages,
    exports: Option<[(&'static str, String); 2]>,
    is_filtered: bool,
    /// Whether a narrow screen shows the form when it is asked for.
    is_folded: bool,
    periods: Periods,
}

impl ListPage {
    fn t(&self, key: &str) -> String {
        self.shell.lang.text(&format!("comments.{key}"))
    }

    fn fault(&self, field: &str) -> Option<&str> {
        fault_at(&self.faults, field).map(|fault| fault.text.as_str())
    }
}

/// GET /console/comments
///
/// # Errors
/// Not found for a unit or counter out of reach; those of the database. An address that cannot be read
/// shows the form without a list.
pub async fn list(state: web::Data<Shared>, actor: Actor, request: HttpRequest, asked: Asked) -> Reply {
    let snapshot = state.catalogue.snapshot();
    let filters = CommentFilters::read(&asked);
    let (query, catalogue, origins) = (filters.query.clone(), snapshot.clone(), state.origins.clone());
    let page = filters.page;
    let place = move |total: usize| (paging::first(page, total.min(MOST)), ROWS);
    let is_read = filters.faults.is_empty();
    let (found, answered) = state
        .read(&actor, move |conn, person| {
            let found = if is_read {
                comments::list(conn, &catalogue, person, &origins, &query, place)?
            } else {
                Listing::default()
            };
            Ok((found, periods::answered(conn, &catalogue)?))
        })
        .await?;
    let today = Local::at(Utc::now()).day;
    let periods = Periods::beside(actor.lang(), filters.query.period, today, answered, &|period| {
        filters.within(period).address(1)
    });
    let here = request.uri().path_and_query().map_or_else(String::new, ToString::to_string);
    let title = actor.lang().text("comments.title");
    let shell = Shell::of(&actor, &snapshot, "comments", title, here);
    let status = if is_read { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    page_with(status, &build(shell, &actor, &snapshot, &filters, &found, periods)?)
}

fn build(
    shell: Shell,
    actor: &Actor,
    snapshot: &Snapshot,
    filters: &CommentFilters,
    found: &Listing,
    periods: Periods,
) -> Result<ListPage, Error> {
    let (lang, today) = (shell.lang, Local::at(Utc::now()).day);
    let least = SHOWN_TO_UNITS.to_string();
    let counters = counters(snapshot, &actor.person, filters);
    let sorting = |(order, word, first)| {
        let is_chosen = filters.query.order == order;
        Sorting {
            word: lang.text(&format!("comments.sort-{word}")),
            address: filters.sorted(order, first).address(1),
            mark: match (is_chosen, filters.query.descending) {
                (false, _) => "",
                (true, true) => "↓",
                (true, false) => "↑",
            },
        }
    };
    Ok(ListPage {
        lines: found.comments.iter().map(|seen| Line::of(lang, snapshot, seen, filters)).collect(),
        summary: if filters.faults.is_empty() { total(lang, found.total) } else { String::new() },
        faults: form_faults(lang, Error::Invalid(filters.faults.clone()))?,
        period: filters.typed_period.clone(),
        search: filters.query.search.clone(),
        longest: SEARCH_LENGTH,
        low: filters.query.low,
        overdue: filters.query.overdue,
        units: choices::units(snapshot, &actor.person, today, filters.query.unit),
        fields: choices::stated_fields(lang, snapshot, filters.query.field),
        unseen: unseen(filters, counters.is_empty()),
        procedures: procedures(lang, snapshot, filters, today),
        counters,
        assignees: assignees(lang, actor, filters),
        stages: choices::stages_asked(lang, filters.query.stages),
        channels: choices::channels(lang, Channel::ALL, filters.query.channel.map(Channel::key)),
        chips: chips(lang, snapshot, filters, today),
        notes: notes(lang, actor, filters),
        states: states(lang, filters),
        sortings: ORDERS.into_iter().map(sorting).collect(),
        rules: vec![
            lang.text("comments.rule-mask"),
            lang.with("comments.rule-due", &[("days", &DUE_DAYS.to_string())]),
            lang.with("comments.rule-origin", &[("least", &least)]),
        ],
        pages: paging::of(found.total.min(MOST), filters.page, |page| filters.address(page), lang),
        exports: (1..=MOST)
            .contains(&found.total)
            .then(|| [("XLSX", filters.export("xlsx")), ("CSV", filters.export("csv"))]),
        periods,
        is_filtered: !filters.to_query().is_empty(),
        is_folded: filters.is_plain(),
        shell,
    })
}

/// The counters of the unit that is asked for, or of the own one; none where there is no such unit.
fn counters(snapshot: &Snapshot, actor: &person::Actor, filters: &CommentFilters) -> Vec<Choice> {
    let Some(unit) = filters.query.unit.or_else(|| actor.scope()) else {
        return Vec::new();
    };
    let units = snapshot.units.subtree(unit);
    let mut counters: Vec<_> =
        snapshot.counters.values().filter(|counter| units.contains(&counter.unit)).collect();
    counters.sort_by(|one, other| compare_names(&one.name, &other.name).then(one.id.cmp(&other.id)));
    choices::of(counters.into_iter().map(|counter| (counter.id, &counter.name)), filters.query.counter)
}

/// The procedures of the field that is asked for; none where there is no such field.
fn procedures(lang: Lang, snapshot: &Snapshot, filters: &CommentFilters, today: NaiveDate) -> Vec<Choice> {
    let chosen = filters.query.procedure;
    let Some(field) = filters.query.field.filter(|field| *field != FieldId::UNSTATED) else {
        return Vec::new();
    };
    let name = |id: Option<ProcedureId>| scores::name(Cell::Procedure(id), snapshot, today, lang);
    let offered: Vec<ProcedureId> =
        snapshot.procedures_of(field, today).map(|version| version.procedure).collect();
    // One that has ended is asked for all the same.
    let other = chosen.filter(|id| *id != ProcedureId::UNSTATED && !offered.contains(id));
    let named = offered.into_iter().chain(other).map(|id| (written(id.raw()), name(Some(id))));
    let unstated = [(UNSTATED.to_owned(), name(None))];
    choices::of(named.chain(unstated), chosen.map(|id| written(id.raw())))
}

/// Whoever handles comments may ask for the own ones.
fn assignees(lang: Lang, actor: &Actor, filters: &CommentFilters) -> Vec<Choice> {
    let may_be_me = actor.person.may(Permission::HandleComments);
    let offered = Assignee::ALL.into_iter().filter(|one| may_be_me || *one != Assignee::Me);
    let named = offered.map(|one| (one.key(), lang.text(&format!("comments.assignee-{}", one.key()))));
    choices::of(named, filters.query.assignee.map(Assignee::key))
}

/// Filters in force, and the order, for which the form has no field.
fn unseen(filters: &CommentFilters, hides_counter: bool) -> Vec<(&'static str, String)> {
    let query = &filters.query;
    let offers_procedure = query.field.is_some_and(|field| field != FieldId::UNSTATED);
    let order = filters.order();
    let kept = [
        ("procedure", query.procedure.filter(|_| !offers_procedure).map(|id| written(id.raw()))),
        ("counter", query.counter.filter(|_| hides_counter).map(|id| id.to_string())),
        ("kind", query.kind.map(|kind| kind.key().to_owned())),
        ("sort", order.map(|(word, _)| word.to_owned())),
        ("dir", order.map(|(_, dir)| dir.to_owned())),
    ];
    let figures = filters.unfit.iter().chain(&filters.kept);
    let figures = figures.map(|(name, value)| (*name, Some((*value).to_owned())));
    let kept = kept.into_iter().chain(figures);
    kept.filter_map(|(name, value)| Some((name, value?))).collect()
}

fn chips(lang: Lang, snapshot: &Snapshot, filters: &CommentFilters, today: NaiveDate) -> Vec<Chip> {
    type Clear = fn(&mut Query);
    let query = &filters.query;
    let name = |cell: Option<Cell>| cell.map(|cell| scores::name(cell, snapshot, today, lang));
    let by = |key: &str| lang.text(&format!("figures.by.{key}"));
    let set: [(String, Option<String>, Clear); 5] = [
        (by("procedure"), name(query.procedure.map(|id| Cell::Procedure(Some(id)))), |query| {
            query.procedure = None;
        }),
        (by("counter"), name(query.counter.map(Cell::Counter)), |query| query.counter = None),
        (by("stage"), query.stages.map(|stages| words::stages(lang, stages)), |query| query.stages = None),
        (by("channel"), name(query.channel.map(|one| Cell::Channel(Some(one)))), |query| {
            query.channel = None;
        }),
        (lang.text("console.links.kind"), query.kind.map(|kind| words::kind(lang, kind)), |query| {
            query.kind = None;
        }),
    ];
    set.into_iter()
        .filter_map(|(label, value, clear)| {
            let mut others = filters.clone();
            clear(&mut others.query);
            Some(Chip { label, value: value?, without: others.address(1) })
        })
        .collect()
}

/// What the list cannot follow, and whom it leaves out so that nobody is recognised.
fn notes(lang: Lang, actor: &Actor, filters: &CommentFilters) -> Vec<String> {
    let unfit = filters.unfit.iter().map(|(name, _)| lang.text(&format!("comments.unfit-{name}")));
    let mut notes: Vec<String> = unfit.collect();
    let query = &filters.query;
    let narrows =
        query.period.is_some() || query.counter.is_some() || query.procedure.is_some() || query.overdue;
    if narrows && !actor.person.may(Permission::SeeSmallGroups) {
        notes.push(lang.text("comments.left-out"));
    }
    notes
}

fn total(lang: Lang, total: usize) -> String {
    let shown = u64::try_from(total.min(MOST)).unwrap_or_default();
    let key = if total > MOST { "comments.more-than" } else { "comments.count" };
    lang.with(key, &[("count", &lang.count(shown))])
}

fn states(lang: Lang, filters: &CommentFilters) -> Vec<Choice> {
    let keys = std::iter::once(OPEN).chain(State::ALL.iter().map(|state| state.key()));
    choices::of(keys.map(|key| (key, lang.text(&format!("comments.state-{key}")))), Some(&filters.state))
}

/// GET /console/comments.{format}: the whole list of the page's filters, in its order.
///
/// # Errors
/// Not found for another format, and for a unit or counter out of reach; invalid for an address that cannot
/// be read and for more comments than one file holds; those of the database.
pub async fn export(
    state: web::Data<Shared>,
    actor: Actor,
    format: web::Path<String>,
    asked: Asked,
) -> Reply {
    let (snapshot, lang) = (state.catalogue.snapshot(), actor.lang());
    let CommentFilters { query, faults, .. } = CommentFilters::read(&asked);
    if !faults.is_empty() {
        return Err(Error::Invalid(faults).into());
    }
    let (catalogue, origins) = (snapshot.clone(), state.origins.clone());
    let found = state
        .read(&actor, move |conn, person| {
            comments::list(conn, &catalogue, person, &origins, &query, |_| (0, MOST))
        })
        .await?;
    if found.total > MOST {
        let most = lang.count(u64::try_from(MOST).unwrap_or_default());
        let message = Message::new("comments.too-many").with("most", most);
        return Err(Error::invalid("period", message).into());
    }
    let sheet = comments::sheet(&found, &snapshot, lang, Local::at(Utc::now()).day);
    Ok(exports::download(sheet, "comments", &lang.text("comments.title"), &format).await?)
}
