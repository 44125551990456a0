//! The list of batches, and the form for a new one.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, web};
use askama::Template;
use chrono::{NaiveDate, Utc};

use super::{Reply, Typed, here, labelled, whole};
use crate::app::batches::{self, BatchDraft};
use crate::app::catalogue::Snapshot;
use crate::db::conn::Conn;
use crate::domain::batch::{Batch, State as Stage};
use crate::domain::day::Local;
use crate::domain::fold::{fold, matches};
use crate::domain::ids::{CounterId, UnitId};
use crate::domain::link::{Channel, Counter, Stage as DossierStage};
use crate::domain::number::nearest;
use crate::domain::period::{Period, Span};
use crate::domain::person::Permission;
use crate::domain::procedure::Field;
use crate::domain::questionnaire::Kind;
use crate::error::{Error, FieldError, Result};
use crate::locale::{Lang, Message, NameKeys};
use crate::web::actor::{Actor, submission};
use crate::web::console::choices::{self, Choice, Group};
use crate::web::console::listing::{self, Cell, Head, Listing, Place, Rank, Table};
use crate::web::console::periods::Periods;
use crate::web::console::{FormFault, Shell, form_faults, words};
use crate::web::respond::{page, page_with, see_other};
use crate::web::state::State;

/// A batch as a row, and as the head of its own page.
pub(super) struct Line {
    pub address: String,
    pub name: String,
    pub unit: String,
    pub counter: String,
    pub about: String,
    pub channel: String,
    pub day: String,
    pub sheets: String,
    pub state: &'static str,
    pub state_word: String,
    pub error_rate: String,
    pub opened: String,
}

impl Line {
    pub(super) fn of(lang: Lang, snapshot: &Snapshot, batch: &Batch) -> Self {
        let counter = snapshot.counters.get(&batch.counter);
        let name = |field: &Field| field.name_in(lang).to_owned();
        let kind = snapshot.questionnaires.iter().find(|one| one.id == batch.questionnaire);
        let subject = batch.field.and_then(|id| snapshot.field(id)).map(name);
        let procedure = batch.procedure.and_then(|id| snapshot.procedure(id, batch.day));
        let parts = [
            subject.or_else(|| kind.map(|one| words::kind(lang, one.kind))),
            procedure.map(|version| version.name.clone()),
            batch.stage.map(|stage| words::stage(lang, stage)),
        ];
        let created = Local::at(batch.created_at.and_utc());
        Self {
            address: format!("/console/entry/batches/{}", batch.id),
            name: batch.name(),
            unit: words::unit(snapshot, batch.unit, batch.day),
            counter: counter.map_or_else(String::new, |counter| counter.name.clone()),
            about: parts.into_iter().flatten().collect::<Vec<_>>().join(" · "),
            channel: words::channel(lang, batch.channel),
            day: lang.date(batch.day),
            sheets: format!("{} / {}", batch.standing(), batch.announced),
            state: batch.state.key(),
            state_word: lang.text(&format!("entry.state.{}", batch.state.key())),
            error_rate: error_rate(lang, batch),
            opened: format!("{} · {}", batch.opened_by, lang.date(created.day)),
        }
    }
}

/// `1,7% (2 / 120)`, or a dash for a batch that was not checked.
pub(super) fn error_rate(lang: Lang, batch: &Batch) -> String {
    if batch.compared == 0 {
        return "–".to_owned();
    }
    let count = |count: i32| u64::try_from(count).unwrap_or_default();
    let share = lang.part(count(batch.differing), count(batch.compared));
    format!("{share} ({} / {})", batch.differing, batch.compared)
}

/// Address of the list.
const PATH: &str = "/console/entry/batches";

/// What narrows the list, and its order.
const FILTERS: [&str; 5] = ["q", "state", "channel", "sort", "dir"];

/// Columns of the list with the keys of their words, and where they stand.
const COLUMNS: [(&str, &str, Place); 13] = [
    ("batch", "entry.batches.number", Place::Everywhere),
    ("unit", "console.links.unit", Place::Everywhere),
    ("counter", "entry.field.counter", Place::Everywhere),
    ("about", "entry.batches.about", Place::Everywhere),
    ("channel", "entry.field.channel", Place::Everywhere),
    ("day", "entry.field.day", Place::Everywhere),
    ("keyed", "entry.batches.keyed", Place::Everywhere),
    ("announced", "entry.batches.announced", Place::Everywhere),
    ("error_rate", "entry.batch.error-rate", Place::Everywhere),
    ("compared", "entry.batches.compared", Place::File),
    ("differing", "entry.batches.differing", Place::File),
    ("state", "console.links.state", Place::Everywhere),
    ("opened", "entry.batches.opened", Place::Everywhere),
];

/// The period that an address asks for; none for all times.
fn period(listing: &Listing<'_>) -> Result<Option<Period>> {
    let found = Some(listing.word("period")).filter(|word| !word.is_empty()).map(Period::parse);
    found.transpose().map_err(|wrong| Error::invalid("period", wrong.message()))
}

/// The batches that an address asks for, the newest first; none where its period cannot be read.
fn table(
    lang: Lang,
    snapshot: &Snapshot,
    batches: &[Batch],
    (listing, period): (&Listing<'_>, &Result<Option<Period>>),
) -> Table {
    let is_any = |name: &str, own: &str| listing.word(name).is_empty() || listing.word(name) == own;
    let is_found = |batch: &&Batch| {
        let line = Line::of(lang, snapshot, batch);
        let text = fold(&format!("{} {} {} {}", line.name, line.unit, line.counter, line.about));
        matches!(period, Ok(asked) if asked.is_none_or(|asked| asked.contains(batch.day)))
            && is_any("state", batch.state.key())
            && is_any("channel", batch.channel.key())
            && matches(&text, listing.word("q"))
    };
    let empty = if batches.is_empty() { "entry.batches.empty" } else { "entry.batches.no-match" };
    Table {
        id: "batches",
        class: "batches",
        caption: lang.text("entry.batches.caption"),
        empty: lang.text(empty),
        heads: COLUMNS.map(|(key, word, place)| Head::of(key, lang.text(word)).only(place)).into(),
        rows: batches.iter().filter(is_found).map(|batch| row(lang, snapshot, batch)).collect(),
        ..Table::default()
    }
}

fn row(lang: Lang, snapshot: &Snapshot, batch: &Batch) -> Vec<Cell> {
    let line = Line::of(lang, snapshot, batch);
    let count = |count: i32| Cell::count(lang, usize::try_from(count).unwrap_or_default());
    let rate = (batch.compared > 0)
        .then(|| nearest(10_000.0 * f64::from(batch.differing) / f64::from(batch.compared)));
    vec![
        Cell::link(line.name, line.address),
        Cell::text(line.unit),
        Cell::text(line.counter),
        Cell::text(line.about),
        Cell::whole(line.channel),
        Cell::day(lang, batch.day),
        count(batch.standing()),
        count(batch.announced),
        Cell::number(line.error_rate, rate.map_or(Rank::Text, Rank::Hundredths)),
        count(batch.compared),
        count(batch.differing),
        Cell::state(line.state, line.state_word),
        Cell::whole(line.opened).ranked(Rank::Instant(batch.created_at)),
    ]
}

#[derive(Template)]
#[template(path = "console/entry/batches.html", config = "frontend/askama.toml")]
struct ListPage {
    shell: Shell,
    faults: Vec<FormFault>,
    count: String,
    searched: String,
    period: String,
    periods: Periods,
    states: Vec<Choice>,
    channels: Vec<Choice>,
    table: Table,
    kept: Vec<(String, String)>,
}

/// GET /console/entry/batches, and /console/entry/batches.{format}: all that the filters find.
///
/// # Errors
/// Not found for whoever may not enter answers and for another format; invalid for a file of a period that cannot
/// be read; those of the database. On the page such a period shows the form again.
pub async fn list(
    state: web::Data<State>,
    actor: Actor,
    request: HttpRequest,
    asked: web::Query<Typed>,
) -> Reply {
    let (snapshot, lang) = (state.catalogue.snapshot(), actor.lang());
    let catalogue = snapshot.clone();
    let found = state.read(&actor, move |conn, person| batches::list(conn, &catalogue, person)).await?;
    let listing = Listing::of(lang, PATH, &request, &asked);
    let period = period(&listing);
    let mut tables = [table(lang, &snapshot, &found, (&listing, &period))];
    let title = lang.text("entry.batches.title");
    if let Some(file) = listing.arrange(&mut tables, &title).await? {
        period?;
        return Ok(file);
    }
    let [table] = tables;
    let (open, faults) = match period {
        Ok(open) => (open, Vec::new()),
        Err(error) => (None, form_faults(lang, error)?),
    };
    let months = || found.iter().map(|batch| Period::around(batch.day, Span::Month));
    let ends = months().map(Period::from).min().zip(months().map(Period::to).max());
    let keyed = ends.and_then(|(from, to)| Period::between(from, to));
    let address = |period: Period| {
        let said = asked.iter().filter(|(name, _)| FILTERS.contains(&name.as_str()));
        listing::address(PATH, said, &[("period", period.to_string())])
    };
    let status = if faults.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let named = Stage::ALL.map(|one| (one.key(), lang.text(&format!("entry.state.{}", one.key()))));
    page_with(
        status,
        &ListPage {
            shell: Shell::of(&actor, &snapshot, "entry", title, here(&request)),
            faults: faults.into_iter().map(|fault| labelled(lang, fault)).collect(),
            period: listing.word("period").to_owned(),
            periods: Periods::beside(lang, open, Local::at(Utc::now()).day, keyed, &address),
            count: lang.with("entry.batches.count", &[("count", &whole(lang, table.total))]),
            searched: listing.word("q").to_owned(),
            states: choices::of(named, Some(listing.word("state"))),
            channels: choices::channels(lang, &Channel::BY_STAFF, Some(listing.word("channel"))),
            kept: listing.kept(),
            table,
        },
    )
}

#[derive(Template)]
#[template(path = "console/entry/batch-new.html", config = "frontend/askama.toml")]
struct FormPage {
    shell: Shell,
    faults: Vec<FormFault>,
    typed: Typed,
    channels: Vec<Choice>,
    counters: Vec<Group>,
    kinds: Vec<Choice>,
    fields: Vec<Choice>,
    procedures: Vec<Group>,
    stages: Vec<Choice>,
}

impl FormPage {
    fn of(actor: &Actor, snapshot: &Snapshot, typed: Typed, faults: Vec<FormFault>) -> Self {
        let (lang, today) = (actor.lang(), Local::at(Utc::now()).day);
        let chosen = |name: &str| typed.get(name);
        let title = lang.text("entry.batches.new");
        let address = "/console/entry/batches/new".to_owned();
        Self {
            shell: Shell::of(actor, snapshot, "entry", title, address),
            faults: faults.into_iter().map(|fault| labelled(lang, fault)).collect(),
            channels: choices::channels(lang, &Channel::BY_STAFF, chosen("channel")),
            counters: counters(actor, snapshot, today, chosen("counter")),
            kinds: choices::kinds(lang, chosen("kind")),
            fields: choices::open_fields(lang, snapshot, today, chosen("field")),
            procedures: choices::procedures(lang, snapshot, today, chosen("procedure")),
            stages: choices::stages(lang, chosen("stage")),
            typed,
        }
    }

    fn typed(&self, name: &str) -> &str {
        self.typed.get(name).map_or("", String::as_str)
    }
}

/// The counters within reach under the names of their units.
fn counters(actor: &Actor, snapshot: &Snapshot, today: NaiveDate, chosen: Option<&String>) -> Vec<Group> {
    let own = actor.person.scope().map(|unit| snapshot.units.subtree(unit));
    let seen = |unit: &UnitId| own.as_ref().is_none_or(|own| own.contains(unit));
    let named =
        |counter: &Counter| (words::unit(snapshot, counter.unit, today), counter.name.clone(), counter.id);
    let mut counters: Vec<(String, String, CounterId)> =
        snapshot.counters.values().filter(|counter| seen(&counter.unit)).map(named).collect();
    let mut names = NameKeys::default();
    counters.sort_by_cached_key(|(unit, name, _)| (names.of(unit), names.of(name)));
    let group = |counters: &[(String, String, CounterId)]| Group {
        name: counters.first().map(|(unit, ..)| unit.clone()).unwrap_or_default(),
        choices: choices::of(counters.iter().map(|(_, name, id)| (*id, name)), chosen),
    };
    counters.chunk_by(|(one, ..), (other, ..)| one == other).map(group).collect()
}

/// GET /console/entry/batches/new
///
/// # Errors
/// Not found for whoever may not enter answers.
pub async fn new(state: web::Data<State>, actor: Actor) -> Reply {
    actor.person.require(Permission::EnterAnswers)?;
    let first = [("channel", "paper"), ("kind", "tthc"), ("stage", "result")];
    let typed = first.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
    page(&FormPage::of(&actor, &state.catalogue.snapshot(), typed, Vec::new()))
}

/// POST /console/entry/batches
///
/// # Errors
/// Forbidden for a form of another page; not found for a counter out of reach; those of the database.
/// Wrong input shows the form again.
pub async fn create(
    state: web::Data<State>,
    actor: Actor,
    request: HttpRequest,
    form: web::Form<Typed>,
) -> Reply {
    let form = actor.accept(&request, form)?;
    actor.person.require(Permission::EnterAnswers)?;
    let snapshot = state.catalogue.snapshot();
    let outcome = match read(&form) {
        Ok(draft) => {
            let catalogue = snapshot.clone();
            let open = move |conn: &mut Conn, person: &_| {
                let batch = batches::open(conn, &catalogue, person, &draft)?;
                Ok(super::batch::address(batch.id))
            };
            state.once(&actor, submission(&request, &form), open).await
        }
        Err(error) => Err(error),
    };
    match outcome {
        Ok(address) => Ok(see_other(&address)),
        Err(error) => {
            let faults = form_faults(actor.lang(), error)?;
            let form = FormPage::of(&actor, &snapshot, form, faults);
            page_with(StatusCode::UNPROCESSABLE_ENTITY, &form)
        }
    }
}

fn read(typed: &Typed) -> Result<BatchDraft> {
    let mut faults = Vec::new();
    let text = |name: &str| typed.get(name).map(|text| text.trim()).filter(|text| !text.is_empty());
    let number = |name: &str| text(name).and_then(|text| text.parse::<i64>().ok());
    let mut need = |name: &str, given: bool| {
        if !given {
            let message = text(name).map_or_else(
                || Message::new("error.missing"),
                |found| Message::new("console.links.unreadable").with("found", found),
            );
            faults.push(FieldError::new(name, message));
        }
    };
    let channel = text("channel").and_then(Channel::from_key);
    let kind = text("kind").and_then(Kind::from_key);
    let day = text("day").and_then(|text| text.parse::<NaiveDate>().ok());
    let announced = text("announced").and_then(|text| text.parse::<i32>().ok());
    let counter = number("counter");
    need("channel", channel.is_some());
    need("counter", counter.is_some());
    need("kind", kind.is_some());
    for name in ["field", "procedure"] {
        need(name, text(name).is_none() || number(name).is_some());
    }
    need("day", day.is_some());
    need("announced", announced.is_some());
    match (channel, counter, kind, day, announced) {
        (Some(channel), Some(counter), Some(kind), Some(day), Some(announced)) if faults.is_empty() => {
            Ok(BatchDraft {
                counter: counter.into(),
                channel,
                kind,
                field: number("field").map(Into::into),
                procedure: number("procedure").map(Into::into),
                stage: text("stage").and_then(DossierStage::from_key),
                day,
                announced,
            })
        }
        _ => Err(Error::Invalid(faults)),
    }
}
