//! The list of comments and its exports.

use std::collections::HashMap;

use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use chrono::Utc;

use super::choices::{self, Choice};
use super::comment_filters::{CommentFilters, OPEN, ORDERS};
use super::paging::{self, Pages, ROWS};
use super::periods::{self, Periods};
use super::{Shell, exports, words};
use crate::app::catalogue::Snapshot;
use crate::app::comments::{self, Listing, MOST, Seen};
use crate::app::scores::{self, Cell};
use crate::domain::comment::{DUE_DAYS, State};
use crate::domain::day::Local;
use crate::domain::ids::ProcedureId;
use crate::domain::level::Level;
use crate::domain::suppress::SHOWN_TO_UNITS;
use crate::error::Error;
use crate::locale::{Lang, Message};
use crate::web::actor::Actor;
use crate::web::respond::{Fault, page};
use crate::web::state::State as Shared;

type Asked = web::Query<HashMap<String, String>>;
type Reply = Result<HttpResponse, Fault>;

/// A comment as pages print it.
pub(super) struct Line {
    pub(super) address: String,
    pub(super) text: String,
    pub(super) unit: String,
    pub(super) field: String,
    pub(super) received: String,
    pub(super) level: Option<(u8, String)>,
    pub(super) state: &'static str,
    pub(super) state_word: String,
    pub(super) assignee: String,
    pub(super) due: String,
    pub(super) is_overdue: bool,
}

impl Line {
    pub(super) fn of(lang: Lang, snapshot: &Snapshot, seen: &Seen) -> Self {
        let today = Local::at(Utc::now()).day;
        let field = seen.field.and_then(|id| snapshot.field(id));
        Self {
            address: format!("/console/comments/{}", seen.id),
            text: seen.text.clone(),
            unit: words::unit(snapshot, seen.served, today),
            field: field.map_or_else(String::new, |field| field.name_in(lang).to_owned()),
            received: match (seen.day, seen.month) {
                (Some(day), _) => lang.date(day),
                (None, Some(month)) => lang.period(month),
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

/// The procedure that is asked for, with the list of all.
struct Chosen {
    id: ProcedureId,
    name: String,
    without: String,
}

impl Chosen {
    fn of(lang: Lang, snapshot: &Snapshot, filters: &CommentFilters) -> Option<Self> {
        let id = filters.query.procedure?;
        let mut others = filters.clone();
        others.query.procedure = None;
        let today = Local::at(Utc::now()).day;
        let name = scores::name(Cell::Procedure(Some(id)), snapshot, today, lang);
        Some(Self { id, name, without: others.address(1) })
    }
}

#[derive(Template)]
#[template(path = "console/comments.html", config = "frontend/askama.toml")]
struct ListPage {
    shell: Shell,
    lines: Vec<Line>,
    summary: String,
    period: String,
    search: String,
    low: bool,
    overdue: bool,
    units: Vec<Choice>,
    fields: Vec<Choice>,
    procedure: Option<Chosen>,
    states: Vec<Choice>,
    sortings: Vec<Sorting>,
    left_out: Option<String>,
    rules: Vec<String>,
    pages: Pages,
    exports: Option<[(&'static str, String); 2]>,
    is_filtered: bool,
    periods: Periods,
}

impl ListPage {
    fn t(&self, key: &str) -> String {
        self.shell.lang.text(&format!("comments.{key}"))
    }
}

/// GET /console/comments
///
/// # Errors
/// Invalid for a period that cannot be read; not found for a unit out of reach; those of the database.
pub async fn list(state: web::Data<Shared>, actor: Actor, request: HttpRequest, asked: Asked) -> Reply {
    let snapshot = state.catalogue.snapshot();
    let filters = CommentFilters::read(&asked)?;
    let (query, catalogue) = (filters.query.clone(), snapshot.clone());
    let part = ((filters.page - 1) * ROWS, ROWS);
    let (found, answered) = state
        .read(&actor, move |conn, person| {
            let found = comments::list(conn, &catalogue, person, &query, part)?;
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
    page(&build(shell, &actor, &snapshot, &filters, &found, periods))
}

fn build(
    shell: Shell,
    actor: &Actor,
    snapshot: &Snapshot,
    filters: &CommentFilters,
    found: &Listing,
    periods: Periods,
) -> ListPage {
    let lang = shell.lang;
    let least = SHOWN_TO_UNITS.to_string();
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
    ListPage {
        lines: found.comments.iter().map(|seen| Line::of(lang, snapshot, seen)).collect(),
        summary: total(lang, found.total),
        period: filters.query.period.map(|period| period.to_string()).unwrap_or_default(),
        search: filters.query.search.clone(),
        low: filters.query.low,
        overdue: filters.query.overdue,
        units: choices::units(snapshot, &actor.person, Local::at(Utc::now()).day, filters.query.unit),
        fields: choices::fields(lang, snapshot, filters.query.field),
        procedure: Chosen::of(lang, snapshot, filters),
        states: states(lang, filters),
        sortings: ORDERS.into_iter().map(sorting).collect(),
        left_out: (found.left_out > 0).then(|| {
            let count = found.left_out.to_string();
            lang.with("comments.left-out", &[("count", &count), ("least", &least)])
        }),
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
        shell,
    }
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
/// Not found for another format or a unit out of reach; invalid for a period that cannot be read and
/// for more comments than one file holds; those of the database.
pub async fn export(
    state: web::Data<Shared>,
    actor: Actor,
    format: web::Path<String>,
    asked: Asked,
) -> Reply {
    let (snapshot, lang) = (state.catalogue.snapshot(), actor.lang());
    let query = CommentFilters::read(&asked)?.query;
    let catalogue = snapshot.clone();
    let found = state
        .read(&actor, move |conn, person| comments::list(conn, &catalogue, person, &query, (0, MOST)))
        .await?;
    if found.total > MOST {
        let most = lang.count(u64::try_from(MOST).unwrap_or_default());
        let message = Message::new("comments.too-many").with("most", most);
        return Err(Error::invalid("period", message).into());
    }
    let sheet = comments::sheet(&found, &snapshot, lang, Local::at(Utc::now()).day);
    Ok(exports::download(&sheet, "comments", &lang.text("comments.title"), &format)?)
}
