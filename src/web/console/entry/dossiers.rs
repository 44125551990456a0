//! Dossiers settled: the units of a month, and the form of one unit and month with a row for each field.

use std::collections::{BTreeMap, HashMap};

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, web};
use askama::Template;
use chrono::Utc;

use super::{Reply, Typed as Words, here};
use crate::app::batches::reach;
use crate::app::catalogue::Snapshot;
use crate::app::dossiers::{self, Typed};
use crate::app::scores::{Cell as Cut, Dimension, Row};
use crate::db;
use crate::db::conn::Conn;
use crate::domain::day::Local;
use crate::domain::ids::{FieldId, UnitId};
use crate::domain::number::{nearest, real};
use crate::domain::period::{Period, Span};
use crate::domain::person::{self, Permission};
use crate::domain::procedure::Field;
use crate::domain::unit::{UnitLevel, UnitVersion};
use crate::error::{Error, Result};
use crate::locale::{Lang, Message, NameKeys};
use crate::web::actor::Actor;
use crate::web::console::listing::{Cell, Head, Listing, Rank, Table};
use crate::web::console::{FormFault, Shell, form_faults};
use crate::web::respond::{page, page_with, see_other};
use crate::web::state::State;

/// A month as it stands in addresses: `2026-09`.
fn key(month: Period) -> String {
    month.from().format("%Y-%m").to_string()
}

/// Answers and response rate as they are shown: hidden where they are few.
fn shown(lang: Lang, row: Option<&Row>, settled: Option<u64>) -> (String, String) {
    let none = || "–".to_owned();
    let Some(row) = row else {
        return ("0".to_owned(), settled.map_or_else(none, |count| lang.part(0, count)));
    };
    let Some(figures) = row.figures else {
        return ("…".to_owned(), "…".to_owned());
    };
    let n = figures.f1.n;
    let rate = settled.map_or_else(none, |count| lang.part(n, count));
    (lang.count(n), rate)
}

/// Address of the list.
const PATH: &str = "/console/dossiers";

/// Columns of the list with the keys of their words.
const COLUMNS: [(&str, &str); 6] = [
    ("unit", "entry.field.unit"),
    ("settled", "entry.dossiers.settled"),
    ("fields", "entry.dossiers.fields"),
    ("answers", "entry.dossiers.answers"),
    ("rate", "entry.dossiers.rate"),
    ("note", "entry.dossiers.note"),
];

#[derive(Template)]
#[template(path = "console/entry/dossiers.html", config = "frontend/askama.toml")]
struct ListPage {
    shell: Shell,
    month: String,
    before: String,
    after: Option<String>,
    unreadable: bool,
    is_exceeded: bool,
    table: Table,
    kept: Vec<(String, String)>,
}

/// GET /console/dossiers, and /console/dossiers.{format}: every unit of the month.
///
/// # Errors
/// Not found for whoever may not enter answers and for another format; those of the database.
pub async fn list(
    state: web::Data<State>,
    actor: Actor,
    request: HttpRequest,
    asked: web::Query<Words>,
) -> Reply {
    actor.person.require(Permission::EnterAnswers)?;
    let (snapshot, lang) = (state.catalogue.snapshot(), actor.lang());
    let last = Period::around(Local::at(Utc::now()).day, Span::Month);
    let read = asked.get("month").map(|text| dossiers::month(text.trim()));
    let month = read.flatten().unwrap_or_else(|| last.previous());
    let catalogue = snapshot.clone();
    let find = move |conn: &mut Conn, person: &person::Actor| {
        let number = dossiers::month_number(month);
        let rows = dossiers::answers(conn, &catalogue, person, (None, month), &[Dimension::Unit])?;
        let answered = dossiers::answered(conn, &catalogue, person, (None, month))?;
        Ok((db::targets::settled(conn, [number, number], None, false)?, rows, answered))
    };
    let (settled, rows, answered) = state.read(&actor, find).await?;
    let by_unit = known(lang, &snapshot, &settled, &answered);
    let mut units: Vec<_> = snapshot.units.all_on(month.to()).collect();
    units.retain(|unit| {
        matches!(unit.level, UnitLevel::Commune | UnitLevel::Body)
            && reach(&snapshot, &actor.person, unit.unit).is_ok()
    });
    let mut names = NameKeys::default();
    units.sort_by_cached_key(|one| (one.level, names.of(&one.name)));
    let row = |unit: &&UnitVersion| {
        let known = by_unit.get(&unit.unit);
        let row = rows.iter().find(|row| row.cells.first() == Some(&Cut::Unit(unit.unit)));
        cells(lang, &snapshot, unit, month, known, row)
    };
    let mut tables = [Table {
        id: "dossiers",
        class: "few",
        caption: lang.text("entry.dossiers.caption"),
        empty: lang.text("entry.dossiers.empty"),
        heads: COLUMNS.map(|(key, word)| Head::of(key, lang.text(word))).into(),
        rows: units.iter().map(row).collect(),
        ..Table::default()
    }];
    let is_marked = |row: &Vec<Cell>| row.last().is_some_and(|note| !note.text.is_empty());
    let is_exceeded = tables.iter().flat_map(|table| &table.rows).any(is_marked);
    let title = lang.with("entry.dossiers.of", &[("month", &lang.period(month))]);
    let listing = Listing::of(lang, PATH, &request, &asked);
    if let Some(file) = listing.arrange(&mut tables, &title).await? {
        return Ok(file);
    }
    let [table] = tables;
    page(&ListPage {
        shell: Shell::of(&actor, &snapshot, "entry", title, here(&request)),
        month: key(month),
        before: key(month.previous()),
        after: (month.from() < last.from()).then(|| key(month.next())),
        unreadable: read == Some(None),
        is_exceeded,
        table,
        kept: listing.kept(),
    })
}

/// What is known of the dossiers of a unit in a month.
#[derive(Default)]
struct Known<'a> {
    settled: u64,
    fields: usize,
    /// Names of the fields with more answers than dossiers.
    exceeded: Vec<&'a str>,
}

/// What is known of each unit: dossiers by unit and field, held against the answers.
fn known<'a>(
    lang: Lang,
    snapshot: &'a Snapshot,
    settled: &[(UnitId, FieldId, i32, u64)],
    answered: &dossiers::Answered,
) -> BTreeMap<UnitId, Known<'a>> {
    let mut by_unit: BTreeMap<UnitId, Known<'_>> = BTreeMap::new();
    for &(unit, field, _, count) in settled {
        let known = by_unit.entry(unit).or_default();
        known.settled += count;
        known.fields += 1;
        if dossiers::is_exceeded(answered.get(&(unit, field)).copied(), Some(count)) {
            known.exceeded.extend(snapshot.field(field).map(|field| field.name_in(lang)));
        }
    }
    by_unit
}

/// A unit with the dossiers and fields known of it, and its answers.
fn cells(
    lang: Lang,
    snapshot: &Snapshot,
    unit: &UnitVersion,
    month: Period,
    known: Option<&Known<'_>>,
    row: Option<&Row>,
) -> Vec<Cell> {
    let (settled, fields) = (known.map(|known| known.settled), known.map_or(0, |known| known.fields));
    let (answers, rate) = shown(lang, row, settled);
    let n = row.map_or(Some(0), |row| row.figures.map(|figures| figures.f1.n));
    let share = n.zip(settled.filter(|count| *count > 0));
    let share = share.map(|(n, count)| nearest(10_000.0 * real(n) / real(count)));
    let exceeded = known.map_or_else(String::new, |known| known.exceeded.join(", "));
    let note = match (exceeded.is_empty(), dossiers::is_exceeded(n, settled)) {
        (false, _) => format!("{}: {exceeded}", lang.text("entry.dossiers.exceeded")),
        (true, true) => lang.text("entry.dossiers.exceeded"),
        (true, false) => String::new(),
    };
    vec![
        Cell::link(&unit.name, format!("{PATH}/{}/{}", unit.unit, key(month))),
        Cell::number(
            settled.map_or_else(|| "–".to_owned(), |count| lang.count(count)),
            settled.map_or(Rank::Text, Rank::Count),
        ),
        Cell {
            text: format!("{fields} / {}", snapshot.fields_on(month.from()).count()),
            ..Cell::count(lang, fields)
        },
        Cell::number(answers, n.map_or(Rank::Text, Rank::Count)),
        Cell::number(rate, share.map_or(Rank::Text, Rank::Hundredths)),
        Cell { class: "fault", ..Cell::text(note) },
    ]
}

/// A field in the form.
struct FieldLine {
    id: String,
    key: String,
    name: String,
    typed: String,
    /// What stands there now, which the form sends back to say what it has seen.
    was: String,
    answers: String,
    rate: String,
    is_exceeded: bool,
}

#[derive(Template)]
#[template(path = "console/entry/dossiers-form.html", config = "frontend/askama.toml")]
struct FormPage {
    shell: Shell,
    address: String,
    month: String,
    faults: Vec<FormFault>,
    saved: bool,
    is_exceeded: bool,
    lines: Vec<FieldLine>,
}

fn address(unit: UnitId, month: Period) -> String {
    format!("/console/dossiers/{unit}/{}", key(month))
}

/// The name of the input of a field.
fn field_name(field: &Field) -> String {
    format!("field-{}", field.key)
}

/// The month of an address.
fn month_of(text: &str) -> Result<Period> {
    dossiers::month(text)
        .ok_or_else(|| Error::NotFound(Message::new("entry.dossiers.no-month").with("found", text)))
}

async fn load(state: &State, actor: &Actor, unit: UnitId, month: Period) -> Result<FormPage> {
    let (snapshot, lang) = (state.catalogue.snapshot(), actor.lang());
    let catalogue = snapshot.clone();
    let find = move |conn: &mut Conn, person: &person::Actor| {
        let held = dossiers::find(conn, &catalogue, person, unit, month)?;
        let by = [Dimension::Unit, Dimension::Field];
        Ok((held, dossiers::answers(conn, &catalogue, person, (Some(unit), month), &by)?))
    };
    let (held, rows) = state.read(actor, find).await?;
    let line = |field: &Field| {
        let held = held.get(&field.id).and_then(|count| u64::try_from(*count).ok());
        let cells = [Cut::Unit(unit), Cut::Field(Some(field.id))];
        let row = rows.iter().find(|row| row.cells == cells);
        let n = row.and_then(|row| row.figures).map(|figures| figures.f1.n);
        let (answers, rate) = shown(lang, row, held);
        let was = held.map_or_else(String::new, |count| count.to_string());
        FieldLine {
            id: field_name(field),
            key: field.key.clone(),
            name: field.name_in(lang).to_owned(),
            typed: was.clone(),
            was,
            answers,
            rate,
            is_exceeded: dossiers::is_exceeded(n, held),
        }
    };
    let lines: Vec<FieldLine> = dossiers::fields(&snapshot, month, &held).map(line).collect();
    let name = crate::web::console::words::unit(&snapshot, unit, month.to());
    let period = lang.period(month);
    let title = lang.with("entry.dossiers.at", &[("unit", &name), ("month", &period)]);
    Ok(FormPage {
        shell: Shell::of(actor, &snapshot, "entry", title, address(unit, month)),
        address: address(unit, month),
        month: key(month),
        faults: Vec::new(),
        saved: false,
        is_exceeded: lines.iter().any(|line| line.is_exceeded),
        lines,
    })
}

/// GET /console/dossiers/{unit}/{month}
///
/// # Errors
/// Not found, also for a unit out of reach and a month that has not begun; those of the database.
pub async fn show(
    state: web::Data<State>,
    actor: Actor,
    path: web::Path<(i64, String)>,
    asked: web::Query<Words>,
) -> Reply {
    let (unit, month) = path.into_inner();
    let found = load(&state, &actor, unit.into(), month_of(&month)?).await?;
    page(&FormPage { saved: asked.contains_key("saved"), ..found })
}

/// POST /console/dossiers/{unit}/{month}
///
/// # Errors
/// Forbidden for a form of another page; not found; those of the database. Wrong input shows the form again.
pub async fn save(
    state: web::Data<State>,
    actor: Actor,
    request: HttpRequest,
    path: web::Path<(i64, String)>,
    form: web::Form<Words>,
) -> Reply {
    let form = actor.accept(&request, form)?;
    let (unit, month) = path.into_inner();
    let (unit, month) = (UnitId::from(unit), month_of(&month)?);
    let snapshot = state.catalogue.snapshot();
    let of_field = |field: &Field| {
        let (name, word) = (field_name(field), |name: &str| form.get(name).cloned());
        Typed { text: word(&name).unwrap_or_default(), was: word(&format!("was-{}", field.key)) }
    };
    let typed: BTreeMap<FieldId, Typed> =
        snapshot.fields.iter().map(|field| (field.id, of_field(field))).collect();
    let names = snapshot.fields.iter().map(|field| (field_name(field), typed.get(&field.id).cloned()));
    let by_name: HashMap<String, Typed> = names.filter_map(|(name, typed)| Some((name, typed?))).collect();
    let save = move |conn: &mut Conn, person: &person::Actor| {
        dossiers::save(conn, &snapshot, person, (unit, month), &typed)
    };
    match state.write(&actor, save).await {
        Ok(_) => Ok(see_other(&format!("{}?saved=1", address(unit, month)))),
        Err(error) => {
            let faults = form_faults(actor.lang(), error)?;
            let mut again = load(&state, &actor, unit, month).await?;
            for line in &mut again.lines {
                // What nobody touched is shown as it is now, and not as it was when the form was opened.
                if let Some(typed) = by_name.get(&line.id).filter(|typed| typed.is_touched()) {
                    line.typed.clone_from(&typed.text);
                }
            }
            let named = |fault: FormFault| {
                let line = again.lines.iter().find(|line| line.id == fault.field);
                FormFault { label: line.map_or_else(String::new, |line| line.name.clone()), ..fault }
            };
            again.faults = faults.into_iter().map(named).collect();
            page_with(StatusCode::UNPROCESSABLE_ENTITY, &again)
        }
    }
}
