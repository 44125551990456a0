//! The page of alerts: each leads to what it is made of.

use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;

use super::comment_filters::CommentFilters;
use super::comments::Line;
use super::filters::Filters;
use super::listing::{Cell, Head, Listing, Rank, Table, Words};
use super::{Shell, overview, tables, words};
use crate::app::alerts::{self, Board, Missed, Silent};
use crate::app::catalogue::Snapshot;
use crate::app::comments;
use crate::app::scores::Figures;
use crate::domain::latest::Latest;
use crate::domain::number::nearest;
use crate::domain::person::Permission;
use crate::domain::rhythm::{LEAST_A_WEEK, LEAST_WEEKS, QUIET};
use crate::domain::target::ENOUGH;
use crate::locale::Lang;
use crate::web::actor::{Actor, encode};
use crate::web::respond::{Fault, page};
use crate::web::state::State as Shared;

/// Comments shown before the rest is led to.
const SHOWN: usize = 10;

/// Address of the page.
const PATH: &str = "/console/alerts";

#[derive(Template)]
#[template(path = "console/alerts.html", config = "frontend/askama.toml")]
struct Page {
    shell: Shell,
    summary: String,
    unseen: String,
    lines: Vec<Line>,
    /// The list of all of them, where they are filtered and had as a file.
    all: String,
    missed: Table,
    missed_rule: String,
    silent: Table,
    silent_rule: String,
    read_at: String,
}

impl Page {
    fn t(&self, key: &str) -> String {
        self.shell.lang.text(&format!("alerts.{key}"))
    }
}

/// GET /console/alerts, and /console/alerts.{format}: one of its lists.
///
/// # Errors
/// Not found for a file that there is not; those of the database.
pub async fn show(
    state: web::Data<Shared>,
    actor: Actor,
    request: HttpRequest,
    asked: web::Query<Words>,
) -> Result<HttpResponse, Fault> {
    let (snapshot, lang) = (state.catalogue.snapshot(), actor.lang());
    let (catalogue, watch) = (snapshot.clone(), state.alerts.clone());
    let origins = state.origins.clone();
    let unseen = CommentFilters::unseen();
    let query = unseen.query.clone();
    let (board, found, waiting) = state
        .read(&actor, move |conn, person| {
            let board = watch.board(conn, &catalogue)?.seen_by(&catalogue, person);
            let found = comments::list(conn, &catalogue, person, &origins, &query, |_| (0, SHOWN))?;
            Ok((board, found, alerts::unseen(conn, &catalogue, person)?))
        })
        .await?;
    let total = waiting + board.missed.len() + board.silent.len();
    let title = lang.text("alerts.title");
    let at = board.at.format("%H:%M").to_string();
    let listing = Listing::of(lang, PATH, &request, &asked);
    let mut tables = [missed(&actor, &snapshot, &board), silent(&actor, &snapshot, &board)];
    if let Some(file) = listing.arrange(&mut tables, &title).await? {
        return Ok(file);
    }
    let [missed, silent] = tables;
    let here = request.uri().path_and_query().map_or_else(String::new, ToString::to_string);
    page(&Page {
        summary: lang.with("alerts.waiting", &[("count", &alerts::shown(total))]),
        unseen: alerts::shown(waiting),
        lines: found.comments.iter().map(|seen| Line::of(lang, &snapshot, seen, &unseen)).collect(),
        all: unseen.address(1),
        missed,
        missed_rule: lang.with("alerts.missed-rule", &[("enough", &ENOUGH.to_string())]),
        silent,
        silent_rule: lang.with(
            "alerts.silent-rule",
            &[
                ("quiet", &QUIET.to_string()),
                ("least", &LEAST_A_WEEK.to_string()),
                ("weeks", &LEAST_WEEKS.to_string()),
            ],
        ),
        read_at: lang.with("alerts.read-at", &[("time", &at)]),
        shell: Shell::of(&actor, &snapshot, "alerts", title, here),
    })
}

/// A list of the page without rows.
fn list(lang: Lang, id: &'static str, heads: &[&'static str]) -> Table {
    let head = |key: &&'static str| Head::of(key, lang.text(&format!("alerts.{key}")));
    Table {
        id,
        title: lang.text(&format!("alerts.{id}")),
        empty: lang.text(&format!("alerts.{id}-none")),
        heads: heads.iter().map(head).collect(),
        ..Table::default()
    }
}

fn missed(actor: &Actor, snapshot: &Snapshot, board: &Board) -> Table {
    let (lang, quarter) = (actor.lang(), board.quarter);
    let heads = ["unit", "side", "target", "threshold", "index", "interval", "answers"];
    let mut table = list(lang, "missed", &heads);
    table.caption = lang.with("alerts.missed-caption", &[("quarter", &lang.period(quarter))]);
    let share = |percent: Option<f64>| {
        let rank = percent.map_or(Rank::Text, |percent| Rank::Hundredths(nearest(percent * 100.0)));
        Cell::number(lang.percent(percent), rank)
    };
    let row = |one: &Missed| {
        let figures = Figures { f1: one.share, ..Figures::default() };
        let filters = Filters {
            period: quarter,
            unit: Some(one.unit),
            of_deciding: one.of_deciding,
            ..Filters::read(&Words::default(), quarter.from())
        };
        let address = overview::made_of(&filters, &one.target, actor.person.sees_province());
        let side = if one.of_deciding { "side-deciding" } else { "side-served" };
        vec![
            Cell::link(words::unit(snapshot, one.unit, quarter.to()), address),
            Cell::text(lang.text(&format!("console.overview.{side}"))),
            Cell::text(one.target.name_in(lang)),
            share(Some(one.target.threshold.percent())),
            share(one.share.percent()),
            Cell::number(tables::interval(lang, figures), Rank::Text),
            Cell::number(lang.count(one.share.n), Rank::Count(one.share.n)),
        ]
    };
    table.rows = board.missed.iter().map(row).collect();
    table
}

fn silent(actor: &Actor, snapshot: &Snapshot, board: &Board) -> Table {
    let lang = actor.lang();
    let sees_days = actor.person.may(Permission::SeeSmallGroups);
    let mut table = list(lang, "silent", &["counter", "unit", "a-week", "last"]);
    table.caption = lang.text("alerts.silent-caption");
    let row = |one: &Silent| {
        let counter = snapshot.counters.get(&one.counter).map(|counter| counter.name.clone());
        let counter = counter.unwrap_or_default();
        let address = format!("/console/links?unit={}&q={}", one.unit, encode(&counter));
        let a_week = one.rhythm.a_week();
        vec![
            Cell::link(counter, address),
            Cell::text(words::unit(snapshot, one.unit, board.quarter.to())),
            Cell::number(lang.decimal(a_week, 1), Rank::Hundredths(nearest(a_week * 100.0))),
            Cell::latest(lang, if sees_days { Latest::On(one.rhythm.last) } else { one.latest }),
        ]
    };
    table.rows = board.silent.iter().map(row).collect();
    table
}
