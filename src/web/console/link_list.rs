//! The list of links: searched, sorted, a page at a time, and as a file of exactly what it shows.

use std::collections::{BTreeSet, HashMap};

use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use chrono::{NaiveDate, NaiveDateTime, Utc};

use super::Shell;
use super::links::{Line, is_seen};
use super::listing::{Cell, Head, Listing, Place, Rank, Table, Words};
use crate::app::catalogue::Snapshot;
use crate::app::reach;
use crate::db;
use crate::db::links::Life;
use crate::domain::day::Local;
use crate::domain::fold;
use crate::domain::ids::{LinkId, UnitId};
use crate::domain::latest::Latest;
use crate::domain::origin::FLOOR;
use crate::domain::person::{self, Permission};
use crate::error::Result;
use crate::locale::NameKeys;
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
    /// Why the last answer is shown by more than its day.
    hidden: Option<String>,
}

/// GET /console/links, and /console/links.{format}: every link that the filters let through, in the order
/// of the page.
///
/// # Errors
/// Not found for another format and a unit out of sight; those of the database.
pub async fn list(
    state: web::Data<State>,
    actor: Actor,
    request: HttpRequest,
    asked: web::Query<Words>,
) -> Reply {
    let (snapshot, lang, today) = (state.catalogue.snapshot(), actor.lang(), Local::at(Utc::now()).day);
    let listing = Listing::of(lang, PATH, &request, &asked);
    let mut lines = find(&snapshot, &actor, &listing, today)?;
    let silent = listing.word("life") == "silent";
    let mut known = HashMap::new();
    // What became of thousands of links is asked only where the filter or the order needs it.
    if silent || listing.sorts_by(&LIVE) {
        known = lives(&state, &lines).await?;
    }
    if silent {
        let is_silent = |line: &Line<'_>, life: &Life| line.is_silent(life, latest(&actor.person, life));
        lines.retain(|line| known.get(&line.link.id).is_some_and(|life| is_silent(line, life)));
    }
    let may_edit = actor.person.may(Permission::ManageLinks);
    let mut table = Table {
        id: "links",
        class: "codes",
        empty: lang.text(empty(&listing, may_edit)),
        heads: COLUMNS.map(|(key, word, place)| Head::of(key, lang.text(word)).only(place)).into(),
        first: Some("unit"),
        ..Table::default()
    };
    let shown =
        listing.choose(&mut table, lines, |line, key| cell(&actor, line, known.get(&line.link.id), key));
    if known.is_empty() {
        known = lives(&state, &shown).await?;
    }
    let row =
        |line: &Line<'_>| COLUMNS.map(|(key, _, _)| cell(&actor, line, known.get(&line.link.id), key)).into();
    table.rows = shown.iter().map(row).collect();
    let title = lang.text("console.links.title");
    if let Some(file) = listing.file(&table, &title).await? {
        return Ok(file);
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
        hidden: (!actor.person.may(Permission::SeeSmallGroups))
            .then(|| lang.with("catalogue.bulk.hidden", &[("least", &FLOOR.to_string())])),
    })
}

/// The key of what is said where there is no link.
fn empty(listing: &Listing<'_>, may_edit: bool) -> &'static str {
    match (listing.word("q"), listing.word("life")) {
        ("", "silent") if may_edit => "catalogue.bulk.no-silent",
        ("", "silent") => "catalogue.bulk.no-silent-shown",
        ("", _) if may_edit => "console.links.none-yet",
        ("", _) => "console.links.empty",
        _ => "console.links.no-match",
    }
}

/// The links within the actor's sight that the address asks for, by counter.
///
/// # Errors
/// Not found for a unit out of sight.
fn find<'a>(
    snapshot: &'a Snapshot,
    actor: &Actor,
    listing: &Listing<'_>,
    today: NaiveDate,
) -> Result<Vec<Line<'a>>> {
    let asked = listing.word("unit").parse::<i64>().ok().map(UnitId::from);
    let seen = reach::units(snapshot, &actor.person, asked)?;
    let replaced: BTreeSet<LinkId> = snapshot.links.values().filter_map(|link| link.replaces).collect();
    let mut lines: Vec<Line<'_>> = snapshot
        .links
        .values()
        .filter(|link| is_seen(snapshot, seen.as_ref(), link))
        .map(|link| Line::of(actor.lang(), snapshot, link, replaced.contains(&link.id), today))
        .filter(|line| matches(line, listing.word("q")))
        .collect();
    let mut names = NameKeys::default();
    lines.sort_by_cached_key(|line| (names.of(line.counter()), line.link.id));
    Ok(lines)
}

fn matches(line: &Line<'_>, searched: &str) -> bool {
    let about = || line.field().unwrap_or_else(|| line.kind());
    let text = || format!("{} {} {} {}", line.link.code, line.unit(), line.counter(), about());
    searched.is_empty() || fold::matches(&fold::fold(&text()), searched)
}

/// When the last answer over a code came, as far as somebody may know.
fn latest(actor: &person::Actor, life: &Life) -> Latest {
    if actor.may(Permission::SeeSmallGroups) { Latest::whole(life.answered) } else { life.latest() }
}

/// What stands under the key of a column.
fn cell(actor: &Actor, line: &Line<'_>, life: Option<&Life>, key: &str) -> Cell {
    let lang = actor.lang();
    let or_dash = |text: Option<String>| Cell::text(text.unwrap_or_else(|| "–".to_owned()));
    let day = |day: Option<NaiveDate>| day.map_or_else(|| Cell::text("–"), |day| Cell::day(lang, day));
    let local = |at: NaiveDateTime| Local::at(at.and_utc()).day;
    match key {
        "code" => Cell::link(line.link.code.as_str(), format!("{PATH}/{}", line.link.id)),
        "unit" => Cell::text(line.unit()),
        "counter" => Cell::whole(line.counter()),
        "kind" => Cell::text(line.kind()),
        "field" => Cell::text(line.field().unwrap_or_else(|| line.kind())),
        "procedure" => or_dash(line.procedure()),
        "deciding" => Cell::text(line.deciding()),
        "stage" => or_dash(line.stage()),
        "validity" => Cell::text(line.validity()).ranked(Rank::Day(line.link.valid_from)),
        "issued" => day(life.map(|life| local(life.issued))),
        "printed" => day(life.and_then(|life| life.printed).map(local)),
        "answered" => {
            life.map_or_else(|| Cell::text("–"), |life| Cell::latest(lang, latest(&actor.person, life)))
        }
        _ => Cell::state(line.state(), line.state_word()),
    }
}

/// What became of the links of some lines.
async fn lives(state: &State, lines: &[Line<'_>]) -> Result<HashMap<LinkId, Life>> {
    let ids: Vec<LinkId> = lines.iter().map(|line| line.link.id).collect();
    let lives = state.block(move |db| db.read(|conn| db::links::lives(conn, &ids))).await?;
    Ok(lives.into_iter().map(|life| (life.link, life)).collect())
}
