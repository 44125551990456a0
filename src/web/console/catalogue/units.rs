//! Units in the console: the tree as it was on a day, and one unit with its history.

use std::collections::{HashMap, HashSet};

use actix_web::{HttpRequest, web};
use chrono::{NaiveDate, Utc};

use super::closing;
use super::form::{Inputs, Typed, day};
use super::{Action, Cell, Page, Reply, Table, Words, address, days, shell, text, withdrawals};
use crate::app::catalogue::Snapshot;
use crate::app::units;
use crate::db;
use crate::domain::day::Local;
use crate::domain::fold::{fold, matches};
use crate::domain::ids::UnitId;
use crate::domain::person::Permission;
use crate::domain::unit::{Extent, UnitLevel, UnitVersion};
use crate::error::{Error, Result};
use crate::locale::{Lang, Message, NameKeys};
use crate::web::actor::Actor;
use crate::web::console::listing::Listing;
use crate::web::console::words;
use crate::web::respond::page;
use crate::web::state::State;

/// Address of the list.
pub const PATH: &str = "/console/catalogue/units";

/// The name of a level.
pub fn level(lang: Lang, level: UnitLevel) -> String {
    text(lang, &format!("level.{}", level.key()))
}

/// Address of the page of a unit.
pub fn address_of(unit: UnitId) -> String {
    format!("{PATH}/{unit}")
}

/// GET /console/catalogue/units
///
/// # Errors
/// Not found for whoever does not keep the catalogue.
pub async fn list(state: web::Data<State>, actor: Actor, request: HttpRequest, asked: Words) -> Reply {
    let (snapshot, lang) = (state.catalogue.snapshot(), actor.lang());
    let shell = shell(&actor, &snapshot, text(lang, "part.units"), &request)?;
    let listing = Listing::of(lang, PATH, &request, &asked);
    let word = |name: &str| listing.word(name);
    let today = Local::at(Utc::now()).day;
    let on = day(word("day")).unwrap_or(today);
    let wanted = UnitLevel::from_key(word("level"));
    let order = tree(&snapshot, on);
    let mut counters: HashMap<UnitId, usize> = HashMap::new();
    for counter in snapshot.counters.values().filter(|counter| !counter.is_closed_on(on)) {
        *counters.entry(snapshot.units.present(counter.unit, on).unit()).or_default() += 1;
    }
    let mut table =
        Table::new(lang, "units", &["name", "code", "level", "parent", "from", "until", "counters"]);
    table.rows = order
        .into_iter()
        .filter(|(_, version)| wanted.is_none_or(|wanted| version.level == wanted))
        .filter(|(_, version)| matches(&fold(&format!("{} {}", version.code, version.name)), word("q")))
        .map(|(depth, version)| row(lang, &snapshot, on, (depth, version), &counters))
        .collect();
    let typed = Typed::of([
        ("q", word("q").to_owned()),
        ("level", word("level").to_owned()),
        ("day", on.to_string()),
    ]);
    let mut levels = vec![(String::new(), text(lang, "all"))];
    levels.extend(UnitLevel::ALL.map(|one| (one.key().to_owned(), level(lang, one))));
    let found = table.rows.len();
    let count = lang.count(u64::try_from(found).unwrap_or(u64::MAX));
    Page {
        lead: lang.with("catalogue.units-on", &[("count", &count), ("day", &lang.date(on))]),
        actions: vec![Action {
            word: text(lang, "do.unit-create"),
            address: format!("{PATH}/new"),
            first: true,
        }],
        path: PATH,
        filters: Inputs::new(lang, &typed).perhaps("q").select("level", levels).day("day").done(),
        ..Page::new(shell).within("units")
    }
    .list(&listing, vec![table])
    .await
}

fn row(
    lang: Lang,
    snapshot: &Snapshot,
    on: NaiveDate,
    (depth, version): (usize, &UnitVersion),
    counters: &HashMap<UnitId, usize>,
) -> Vec<Cell> {
    let class = match depth {
        0 => "",
        1 => "below",
        _ => "below-twice",
    };
    let parent = version.parent.map(|parent| words::unit(snapshot, parent, on));
    let [from, until] = days(lang, version.valid_from, version.valid_to);
    vec![
        Cell { class, ..Cell::link(&version.name, address_of(version.unit)) },
        Cell::whole(&version.code),
        Cell::whole(level(lang, version.level)),
        Cell::text(parent.unwrap_or_else(|| "–".to_owned())),
        from,
        until,
        Cell::count(lang, counters.get(&version.unit).copied().unwrap_or_default()),
    ]
}

/// The units in force on a day, each below its parent, with their depth.
pub fn tree(snapshot: &Snapshot, on: NaiveDate) -> Vec<(usize, &UnitVersion)> {
    let all: Vec<&UnitVersion> = snapshot.units.all_on(on).collect();
    let there: HashSet<UnitId> = all.iter().map(|version| version.unit).collect();
    let mut below: HashMap<Option<UnitId>, Vec<&UnitVersion>> = HashMap::new();
    for version in all {
        below.entry(version.parent.filter(|parent| there.contains(parent))).or_default().push(version);
    }
    let mut names = NameKeys::default();
    for versions in below.values_mut() {
        // Taken from the end: the order is turned round.
        versions.sort_by_cached_key(|one| std::cmp::Reverse((one.level, names.of(&one.name))));
    }
    let mut order = Vec::new();
    let mut open: Vec<_> = below.remove(&None).into_iter().flatten().map(|version| (0, version)).collect();
    while let Some((depth, version)) = open.pop() {
        order.push((depth, version));
        open.extend(below.remove(&Some(version.unit)).into_iter().flatten().map(|child| (depth + 1, child)));
    }
    order
}

/// The newest version of a unit.
///
/// # Errors
/// Not found for an unknown unit.
pub fn newest(snapshot: &Snapshot, unit: UnitId) -> Result<&UnitVersion> {
    let last = snapshot.units.versions_of(unit).last();
    last.ok_or_else(|| Error::NotFound(Message::new("error.unit-not-found")))
}

/// GET /console/catalogue/units/{id}
///
/// # Errors
/// Not found for whoever does not keep the catalogue and for an unknown unit; those of the database.
pub async fn show(state: web::Data<State>, actor: Actor, request: HttpRequest, id: web::Path<i64>) -> Reply {
    actor.person.require(Permission::ManageCatalogue)?;
    let (snapshot, lang, unit) = (state.catalogue.snapshot(), actor.lang(), UnitId::from(*id));
    let last = newest(&snapshot, unit)?;
    let today = Local::at(Utc::now()).day;
    let shell = shell(&actor, &snapshot, last.name.clone(), &request)?;
    let log =
        state.block(move |db| db.read(|conn| db::audit::by_subject(conn, &units::subject(unit)))).await?;
    let open = last.valid_to.is_none_or(|end| today < end);
    let doings: &[(&str, bool)] = &[("change", true), ("merge", false), ("split", false), ("close", false)];
    let actions = doings.iter().filter(|_| open).map(|(key, first)| Action {
        word: text(lang, &format!("do.unit-{key}")),
        address: format!("{}/{key}", address_of(unit)),
        first: *first,
    });
    let withdraw = withdrawals::of_unit(&snapshot, unit, today).map(|_| Action {
        word: text(lang, "do.withdraw"),
        address: withdrawals::address("units", unit),
        first: false,
    });
    let below = snapshot.units.all_on(today).filter(|version| version.parent == Some(unit)).count();
    let state_key = if open { "in-force" } else { "ended" };
    let facts = vec![
        (text(lang, "head.code"), last.code.clone()),
        (text(lang, "head.level"), level(lang, last.level)),
        (text(lang, "head.state"), text(lang, state_key)),
        (text(lang, "head.below"), lang.count(u64::try_from(below).unwrap_or(u64::MAX))),
    ];
    page(&Page {
        back: Some((PATH.to_owned(), text(lang, "part.units"))),
        actions: actions.chain(withdraw).collect(),
        facts,
        tables: vec![
            counters(lang, &snapshot, unit, today, open),
            versions(lang, &snapshot, unit),
            relatives(lang, &snapshot, unit),
            history(lang, log),
        ],
        ..Page::new(shell)
    })
}

fn versions(lang: Lang, snapshot: &Snapshot, unit: UnitId) -> Table {
    let mut table = Table::new(lang, "versions", &["name", "code", "parent", "from", "until"]).titled(lang);
    table.rows = snapshot
        .units
        .versions_of(unit)
        .iter()
        .map(|version| {
            let parent = version.parent.map(|parent| words::unit(snapshot, parent, version.valid_from));
            let [from, until] = days(lang, version.valid_from, version.valid_to);
            let parent = Cell::text(parent.unwrap_or_else(|| "–".to_owned()));
            vec![Cell::text(&version.name), Cell::whole(&version.code), parent, from, until]
        })
        .collect();
    table
}

fn relatives(lang: Lang, snapshot: &Snapshot, unit: UnitId) -> Table {
    let mut table = Table::new(lang, "relatives", &["relation", "name", "extent", "from"]).titled(lang);
    let row = |relation: &str, other: UnitId, extent: Extent, since: NaiveDate| {
        let extent = if extent == Extent::Whole { "extent-whole" } else { "extent-part" };
        let name = Cell::link(words::unit(snapshot, other, since), address_of(other));
        vec![Cell::text(text(lang, relation)), name, Cell::text(text(lang, extent)), Cell::day(lang, since)]
    };
    let units = &snapshot.units;
    // What was taken over is called by its last name, that of the day before.
    let before = units.taken_over(unit).map(|step| row("predecessor", step.old, step.extent, step.since));
    let after = units.successions_of(unit).map(|step| row("successor", step.new, step.extent, step.since));
    table.rows = before.chain(after).collect();
    table
}

fn counters(lang: Lang, snapshot: &Snapshot, unit: UnitId, today: NaiveDate, open: bool) -> Table {
    let mut table =
        Table::new(lang, "counters", &["counter", "hours", "links", "state", "edit"]).titled(lang);
    let mut counters: Vec<_> = snapshot
        .counters
        .values()
        .filter(|counter| counter.unit == unit || snapshot.units.present(counter.unit, today).unit() == unit)
        .collect();
    let mut names = NameKeys::default();
    counters.sort_by_cached_key(|counter| (counter.is_closed_on(today), names.of(&counter.name)));
    table.rows = counters
        .into_iter()
        .map(|counter| {
            let links = snapshot.links.values().filter(|link| link.counter == counter.id);
            let hours = format!("{}–{}", counter.opens.format("%H:%M"), counter.closes.format("%H:%M"));
            let links = links.filter(|link| link.is_open_on(today)).count();
            let mut state = closing::state(lang, counter.closure, today);
            if counter.closure.until.is_some() && links == 0 {
                state = format!("{state}; {}", text(lang, "print-anew"));
            }
            let edit = Cell::link(text(lang, "do.edit"), super::counters::address_of(counter.id));
            vec![
                Cell::text(if counter.unit == unit {
                    counter.name.clone()
                } else {
                    format!("{} ({})", counter.name, words::unit(snapshot, counter.unit, today))
                }),
                Cell::whole(hours),
                Cell::count(lang, links),
                Cell {
                    button: withdrawals::button(
                        lang,
                        counter.closure,
                        ("counters", counter.id.raw()),
                        &counter.name,
                    ),
                    ..Cell::text(state)
                },
                if open { edit } else { Cell::text("") },
            ]
        })
        .collect();
    table.action = open.then(|| {
        (
            address("/console/catalogue/counters/new", [], &[("unit", unit.to_string())]),
            text(lang, "do.counter-create"),
        )
    });
    table
}

fn history(lang: Lang, log: Vec<db::audit::Entry>) -> Table {
    let mut table = Table::new(lang, "history", &["at", "who", "what"]).titled(lang);
    table.rows = log
        .into_iter()
        .rev()
        .map(|entry| {
            let local = Local::at(entry.record.at.and_utc());
            let at = format!("{} {}", lang.date(local.day), local.time.format("%H:%M"));
            let what = text(lang, &format!("did.{}", entry.record.action.replace('.', "-")));
            vec![Cell::whole(at), Cell::text(entry.record.actor), Cell::text(what)]
        })
        .collect();
    table
}
