//! The page of alerts: each leads to what it is made of.

use actix_web::{HttpResponse, web};
use askama::Template;

use super::comments::Line;
use super::{Shell, tables, words};
use crate::app::alerts::{self, Missed, Silent};
use crate::app::catalogue::Snapshot;
use crate::app::comments::{self, Query};
use crate::app::scores::Figures;
use crate::db::comments::Order;
use crate::domain::comment::State;
use crate::domain::period::Period;
use crate::domain::rhythm::{LEAST_A_WEEK, LEAST_WEEKS, QUIET};
use crate::domain::target::{ENOUGH, Scope, Target};
use crate::locale::Lang;
use crate::web::actor::{Actor, encode};
use crate::web::respond::{Fault, page};
use crate::web::state::State as Shared;

/// Comments shown before the rest is led to.
const SHOWN: usize = 10;

struct MissedLine {
    unit: String,
    address: String,
    target: String,
    threshold: String,
    index: String,
    interval: String,
    n: String,
}

struct SilentLine {
    unit: String,
    counter: String,
    address: String,
    last: String,
    a_week: String,
}

#[derive(Template)]
#[template(path = "console/alerts.html", config = "frontend/askama.toml")]
struct Page {
    shell: Shell,
    summary: String,
    unseen: String,
    lines: Vec<Line>,
    has_more: bool,
    quarter: String,
    missed: Vec<MissedLine>,
    missed_rule: String,
    silent: Vec<SilentLine>,
    silent_rule: String,
    read_at: String,
}

impl Page {
    fn t(&self, key: &str) -> String {
        self.shell.lang.text(&format!("alerts.{key}"))
    }
}

/// GET /console/alerts
///
/// # Errors
/// Those of the database.
pub async fn show(state: web::Data<Shared>, actor: Actor) -> Result<HttpResponse, Fault> {
    let (snapshot, lang) = (state.catalogue.snapshot(), actor.lang());
    let (person, catalogue, watch) = (actor.person.clone(), snapshot.clone(), state.alerts.clone());
    // The oldest first: it has waited longest.
    let query = Query { states: vec![State::New], low: true, order: Order::Due, ..Query::default() };
    let (board, listing, unseen) = state
        .block(move |db| {
            db.read(|conn| {
                let board = watch.board(conn, &catalogue)?.seen_by(&catalogue, &person);
                let listing = comments::list(conn, &catalogue, &person, &query, (0, SHOWN))?;
                Ok((board, listing, alerts::unseen(conn, &catalogue, &person)?))
            })
        })
        .await?;
    let total = unseen + board.missed.len() + board.silent.len();
    let title = lang.text("alerts.title");
    let at = board.at.format("%H:%M").to_string();
    page(&Page {
        summary: lang.with("alerts.waiting", &[("count", &alerts::shown(total))]),
        unseen: alerts::shown(unseen),
        lines: listing.comments.iter().map(|seen| Line::of(lang, &snapshot, seen)).collect(),
        has_more: unseen > SHOWN,
        quarter: lang.period(board.quarter),
        missed: board.missed.iter().map(|one| missed(lang, &snapshot, one, board.quarter)).collect(),
        missed_rule: lang.with("alerts.missed-rule", &[("enough", &ENOUGH.to_string())]),
        silent: board.silent.iter().map(|one| silent(lang, &snapshot, one, board.quarter)).collect(),
        silent_rule: lang.with(
            "alerts.silent-rule",
            &[
                ("quiet", &QUIET.to_string()),
                ("least", &LEAST_A_WEEK.to_string()),
                ("weeks", &LEAST_WEEKS.to_string()),
            ],
        ),
        read_at: lang.with("alerts.read-at", &[("time", &at)]),
        shell: Shell::of(&actor, &snapshot, "alerts", title, "/console/alerts".to_owned()),
    })
}

fn missed(lang: Lang, snapshot: &Snapshot, one: &Missed, quarter: Period) -> MissedLine {
    let figures = Figures { f1: one.share, ..Figures::default() };
    MissedLine {
        unit: words::unit(snapshot, one.unit, quarter.to()),
        address: format!(
            "/console/breakdown?by=field&period={quarter}&kind={}&unit={}",
            kind(&one.target),
            one.unit
        ),
        target: one.target.name_in(lang).to_owned(),
        threshold: lang.percent(Some(one.target.threshold.percent())),
        index: lang.percent(one.share.percent()),
        interval: tables::interval(lang, figures),
        n: lang.count(one.share.n),
    }
}

/// The questionnaire that a target judges.
fn kind(target: &Target) -> &'static str {
    match &target.scope {
        Scope::Measured { kind, .. } => kind.key(),
        Scope::Imported => "",
    }
}

fn silent(lang: Lang, snapshot: &Snapshot, one: &Silent, quarter: Period) -> SilentLine {
    let counter = snapshot.counters.get(&one.counter).map(|counter| counter.name.clone()).unwrap_or_default();
    SilentLine {
        unit: words::unit(snapshot, one.unit, quarter.to()),
        address: format!("/console/links?unit={}&q={}", one.unit, encode(&counter)),
        counter,
        last: lang.date(one.rhythm.last),
        a_week: lang.decimal(one.rhythm.a_week(), 1),
    }
}
