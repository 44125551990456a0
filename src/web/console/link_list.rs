//! The list of links: searched, sorted, a page at a time, and as a file of exactly what it shows.

use std::collections::{BTreeSet, HashMap};

use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use chrono::{NaiveDate, Utc};

use super::Shell;
use super::links::{Line, is_seen, lives, sight};
use super::listing::{Cell, Head, Listing, Place, Rank, Table, Words};
use crate::app::catalogue::Snapshot;
use crate::db::links::Life;
use crate::domain::code::Code;
use crate::domain::day::Local;
use crate::domain::fold;
use crate::domain::ids::LinkId;
use crate::domain::person::Permission;
use crate::error::Result;
use crate::locale::{Lang, compare_names};
use crate::web::actor::Actor;
use crate::web::respond::{Fault, page};
use crate::web::state::State;

type Reply = std::result::Result<HttpResponse, Fault>;

/// Address of the list.
const PATH: &str = "/console/links";

/// Columns of the list with the keys of their words, and where they stand.
const COLUMNS: [(&str, &str, Place); 13] = [
    ("code", "console.links.code", Place::Everywhere),
    ("unit", "console.links.unit", Place::Everywhere),
    ("counter", "console.links.counter", Place::Everywhere),
    ("kind", "console.links.kind", Place::File),
    ("field", "console.links.field", Place::Everywhere),
    ("procedure", "console.links.procedure", Place::File),
    ("deciding", "console.links.deciding", Place::File),
    ("stage", "console.links.stage", Place::Everywhere),
    ("validity", "console.links.validity", Place::Everywhere),
    ("issued", "catalogue.bulk.issued", Place::Everywhere),
    ("printed", "catalogue.bulk.printed", Place::Everywhere),
    ("answered", "catalogue.bulk.answered", Place::Everywhere),
    ("state", "console.links.state", Place::Everywhere),
];

/// The columns of what became of a link.
const LIVE: [&str; 3] = ["issued", "printed", "answered"];

#[derive(Template)]
#[template(path = "console/links.html", config = "frontend/askama.toml")]
struct ListPage {
    shell: Shell,
    table: Table,
    kept: Vec<(String, String)>,
    count: String,
    searched: String,
    silent: bool,
    unit: Option<i64>,
    may_edit: bool,
}

/// GET /console/links, and /console/links.{format}: every link that the filters let through, in the order
/// of the page.
///
/// # Errors
/// Not found for another format; those of the database.
pub async fn list(
    state: web::Data<State>,
    actor: Actor,
    request: HttpRequest,
    asked: web::Query<Words>,
) -> Reply {
    let (snapshot, lang, today) = (state.catalogue.snapshot(), actor.lang(), Local::at(Utc::now()).day);
    let listing = Listing::of(lang, PATH, &request, &asked);
    let mut lines = find(&snapshot, &actor, &listing, today);
    let silent = listing.word("life") == "silent";
    // What became of thousands of links is asked only where the order or the file needs it.
    let needs_all = silent || listing.is_file() || listing.sorts_by(&LIVE);
    let mut known = HashMap::new();
    if needs_all {
        known = lives(&state, lines.iter().map(|line| line.id).collect()).await?;
    }
    if silent {
        lines.retain(|line| known.get(&line.id).is_some_and(|life| line.is_silent(life, today)));
    }
    let may_edit = actor.person.may(Permission::ManageLinks);
    let mut tables = [Table {
        id: "links",
        class: "codes",
        empty: lang.text(empty(&listing, may_edit)),
        heads: COLUMNS.map(|(key, word, place)| Head::of(key, lang.text(word)).only(place)).into(),
        rows: lines.into_iter().map(|line| row(lang, line, &known)).collect(),
        first: Some("unit"),
        ..Table::default()
    }];
    let title = lang.text("console.links.title");
    if let Some(file) = listing.arrange(&mut tables, &title)? {
        return Ok(file);
    }
    let [mut table] = tables;
    if !needs_all {
        fill(&state, lang, &snapshot, &mut table).await?;
    }
    let here = request.uri().path_and_query().map_or_else(String::new, ToString::to_string);
    page(&ListPage {
        shell: Shell::of(&actor, &snapshot, "links", title, here),
        count: lang.count(u64::try_from(table.total).unwrap_or_default()),
        table,
        kept: listing.kept(),
        searched: listing.word("q").to_owned(),
        silent,
        unit: listing.word("unit").parse().ok(),
        may_edit,
    })
}

/// The key of what is said where there is no link.
fn empty(listing: &Listing<'_>, may_edit: bool) -> &'static str {
    match (listing.word("q"), listing.word("life")) {
        ("", "silent") => "catalogue.bulk.no-silent",
        ("", _) if may_edit => "console.links.none-yet",
        ("", _) => "console.links.empty",
        _ => "console.links.no-match",
    }
}

/// The links within the actor's sight that the address asks for, by counter.
fn find(snapshot: &Snapshot, actor: &Actor, listing: &Listing<'_>, today: NaiveDate) -> Vec<Line> {
    let lang = actor.lang();
    let seen = sight(snapshot, &actor.person);
    let unit = listing.word("unit").parse::<i64>().ok().map(|unit| snapshot.units.subtree(unit.into()));
    let replaced: BTreeSet<LinkId> = snapshot.links.values().filter_map(|link| link.replaces).collect();
    let mut lines: Vec<Line> = snapshot
        .links
        .values()
        .filter(|link| is_seen(snapshot, seen.as_ref(), link) && is_seen(snapshot, unit.as_ref(), link))
        .map(|link| Line::of(lang, snapshot, link, today))
        .filter(|line| matches(line, listing.word("q")))
        .collect();
    for line in lines.iter_mut().filter(|line| line.state == "revoked" && replaced.contains(&line.id)) {
        line.state_word = lang.text("catalogue.bulk.replaced");
    }
    lines.sort_by(|one, other| compare_names(&one.counter, &other.counter).then(one.id.cmp(&other.id)));
    lines
}

fn matches(line: &Line, searched: &str) -> bool {
    let text = format!("{} {} {} {}", line.code, line.unit, line.counter, line.about);
    fold::matches(&fold::fold(&text), searched)
}

fn row(lang: Lang, line: Line, known: &HashMap<LinkId, Life>) -> Vec<Cell> {
    let [issued, printed, answered] = life(lang, known.get(&line.id));
    vec![
        Cell::link(line.code.as_str(), format!("{PATH}/{}", line.id)),
        Cell::text(line.unit),
        Cell::whole(line.counter),
        Cell::text(line.kind),
        Cell::text(line.about),
        Cell::text(line.procedure),
        Cell::text(line.deciding),
        Cell::text(line.stage),
        Cell::text(line.validity).ranked(Rank::Day(line.valid_from)),
        issued,
        printed,
        answered,
        Cell::state(line.state, line.state_word),
    ]
}

/// The cells of [`LIVE`]: dashes where nothing is known.
fn life(lang: Lang, life: Option<&Life>) -> [Cell; 3] {
    let local = |at: chrono::NaiveDateTime| Local::at(at.and_utc()).day;
    let days = [
        life.map(|life| local(life.issued)),
        life.and_then(|life| life.printed).map(local),
        life.and_then(|life| life.answered),
    ];
    days.map(|day| day.map_or_else(|| Cell::text("–"), |day| Cell::day(lang, day)))
}

/// Adds to the rows of one page what became of their links.
async fn fill(state: &State, lang: Lang, snapshot: &Snapshot, table: &mut Table) -> Result<()> {
    let id = |row: &[Cell]| {
        let code = Code::parse(&row.first()?.text).ok()?;
        snapshot.links.get(&code).map(|link| link.id)
    };
    let known = lives(state, table.rows.iter().filter_map(|row| id(row)).collect()).await?;
    let first = COLUMNS.iter().position(|(key, _, _)| Some(key) == LIVE.first()).unwrap_or_default();
    for row in &mut table.rows {
        let found = id(row).and_then(|id| known.get(&id));
        for (cell, new) in row.iter_mut().skip(first).zip(life(lang, found)) {
            *cell = new;
        }
    }
    Ok(())
}
