//! The list of links: searched, sorted, a page at a time, and as a file of exactly what it shows.

use std::collections::{BTreeSet, HashMap};

use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use chrono::{NaiveDate, NaiveDateTime, Utc};
use uuid::Uuid;

use super::Shell;
use super::links::{Line, is_seen};
use super::listing::{self, Cell, Head, Listing, Place, Rank, Table, Words};
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
use crate::locale::{Lang, NameKeys};
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
    filter: Filter,
    /// The sheet of the codes that can be printed, and what it is called.
    print: Option<(String, String)>,
    /// Where all codes are, while those of one job are shown.
    all: Option<String>,
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
    let filter = Filter::of(&asked);
    let (lines, mut known) = filter.lines(&state, &actor, &snapshot, today).await?;
    // What became of thousands of links is asked only where the filter or the order needs it.
    if known.is_empty() && listing.sorts_by(&LIVE) {
        known = lives(&state, &lines).await?;
    }
    let printable = lines.iter().filter(|line| line.is_printable()).count();
    let may_edit = actor.person.may(Permission::ManageLinks);
    let mut table = Table {
        id: "links",
        class: "codes",
        empty: lang.text(filter.empty(may_edit)),
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
        print: (printable > 0).then(|| print(lang, printable, &filter)),
        all: (!filter.job.is_empty()).then(|| PATH.to_owned()),
        filter,
        may_edit,
        hidden: (!actor.person.may(Permission::SeeSmallGroups))
            .then(|| lang.with("catalogue.bulk.hidden", &[("least", &FLOOR.to_string())])),
    })
}

/// The sheet of exactly the codes of a list that can be printed.
fn print(lang: Lang, printable: usize, filter: &Filter) -> (String, String) {
    let count = lang.count(u64::try_from(printable).unwrap_or(u64::MAX));
    let words = filter.words().map(|(name, value)| (name.to_owned(), value.to_owned()));
    let words: HashMap<String, String> = words.chain([("listed".to_owned(), "1".to_owned())]).collect();
    (listing::address(&format!("{PATH}/sheet"), &words, &[]), lang.with("print.listed", &[("count", &count)]))
}

/// Which links a list shows, as its address says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    /// Words that are looked for.
    q: String,
    /// Unit within which they are.
    unit: String,
    /// `silent` for those in use without a recent answer.
    life: String,
    /// The job that made them.
    job: String,
}

impl Filter {
    /// What an address or a form says.
    pub fn of(asked: &Words) -> Self {
        let word = |name: &str| asked.get(name).map(|text| text.trim().to_owned()).unwrap_or_default();
        Self { q: word("q"), unit: word("unit"), life: word("life"), job: word("job") }
    }

    /// What it says, for an address or a form.
    pub fn words(&self) -> impl Iterator<Item = (&'static str, &str)> {
        [("q", &*self.q), ("unit", &*self.unit), ("life", &*self.life), ("job", &*self.job)].into_iter()
    }

    /// What the form of the filters keeps as it is.
    fn hidden(&self) -> impl Iterator<Item = (&'static str, &str)> {
        self.words().filter(|(name, value)| matches!(*name, "unit" | "job") && !value.is_empty())
    }

    fn is_silent(&self) -> bool {
        self.life == "silent"
    }

    /// The key of what is said where there is no link.
    fn empty(&self, may_edit: bool) -> &'static str {
        match (self.q.as_str(), self.is_silent()) {
            ("", true) if may_edit => "catalogue.bulk.no-silent",
            ("", true) => "catalogue.bulk.no-silent-shown",
            ("", false) if may_edit && self.job.is_empty() => "console.links.none-yet",
            ("", false) => "console.links.empty",
            _ => "console.links.no-match",
        }
    }

    /// The links that it lets through within the actor's sight, by counter; with what became of each where it
    /// had to be asked.
    ///
    /// # Errors
    /// Not found for a unit out of sight; those of the database.
    pub(in crate::web) async fn lines<'a>(
        &self,
        state: &State,
        actor: &Actor,
        snapshot: &'a Snapshot,
        today: NaiveDate,
    ) -> Result<(Vec<Line<'a>>, HashMap<LinkId, Life>)> {
        let mut lines = find(snapshot, actor, self, today)?;
        if !self.job.is_empty() {
            let job = Uuid::try_parse(&self.job).unwrap_or_default();
            let made = state.block(move |db| db.read(|conn| db::links::of_job(conn, job))).await?;
            lines.retain(|line| made.contains(&line.link.id));
        }
        let mut known = HashMap::new();
        if self.is_silent() {
            known = lives(state, &lines).await?;
            let is_silent = |line: &Line<'_>, life: &Life| line.is_silent(life, latest(&actor.person, life));
            lines.retain(|line| known.get(&line.link.id).is_some_and(|life| is_silent(line, life)));
        }
        Ok((lines, known))
    }
}

/// The links within the actor's sight that words and unit let through, by counter.
///
/// # Errors
/// Not found for a unit out of sight.
fn find<'a>(
    snapshot: &'a Snapshot,
    actor: &Actor,
    filter: &Filter,
    today: NaiveDate,
) -> Result<Vec<Line<'a>>> {
    let asked = filter.unit.parse::<i64>().ok().map(UnitId::from);
    let seen = reach::units(snapshot, &actor.person, asked)?;
    let replaced: BTreeSet<LinkId> = snapshot.links.values().filter_map(|link| link.replaces).collect();
    let mut lines: Vec<Line<'_>> = snapshot
        .links
        .values()
        .filter(|link| is_seen(snapshot, seen.as_ref(), link))
        .map(|link| Line::of(actor.lang(), snapshot, link, replaced.contains(&link.id), today))
        .filter(|line| matches(line, &filter.q))
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
