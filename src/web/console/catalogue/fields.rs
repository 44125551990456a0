//! Fields in the console: the list in its official order, and the form that adds, renames, moves, closes
//! and opens them again.

use actix_web::{HttpRequest, web};
use chrono::Utc;

use super::closing::{self, Turn};
use super::form::{FormPage, Inputs, Reader, Typed, settle};
use super::{Action, Cell, Page, Reply, Table, Words, shell, text, withdrawals};
use crate::app::catalogue::Snapshot;
use crate::app::ending::{Effect, Part};
use crate::app::fields::{self, FieldDraft, KEY_LENGTH, NAME_LENGTH};
use crate::db::conn::Conn;
use crate::domain::day::Local;
use crate::domain::ids::FieldId;
use crate::domain::procedure::Field;
use crate::error::{Error, Result};
use crate::locale::{Lang, Message};
use crate::web::actor::Actor;
use crate::web::console::listing::Listing;
use crate::web::respond::{page, see_other};
use crate::web::state::State;

/// Address of the list.
pub(super) const PATH: &str = "/console/catalogue/fields";

type Body = web::Form<Vec<(String, String)>>;

fn address_of(field: FieldId) -> String {
    format!("{PATH}/{field}")
}

/// GET /console/catalogue/fields, and /console/catalogue/fields.{format}
///
/// # Errors
/// Not found for whoever does not keep the catalogue and for another format.
pub async fn list(state: web::Data<State>, actor: Actor, request: HttpRequest, asked: Words) -> Reply {
    let (snapshot, lang) = (state.catalogue.snapshot(), actor.lang());
    let shell = shell(&actor, &snapshot, text(lang, "part.fields"), &request)?;
    let today = Local::at(Utc::now()).day;
    let heads = ["name", "place", "name-en", "key", "procedures", "links", "state"];
    let mut table = Table::new(lang, "fields", &heads);
    let row = |(field, place): (&Field, usize)| {
        let links = snapshot.links.values().filter(|link| link.field == Some(field.id));
        vec![
            Cell::link(&field.name, address_of(field.id)),
            Cell::count(lang, place),
            Cell::text(&field.name_en),
            Cell::whole(&field.key),
            Cell::count(lang, snapshot.procedures_of(field.id, today).count()),
            Cell::count(lang, links.filter(|link| link.is_open_on(today)).count()),
            Cell {
                button: withdrawals::button(
                    lang,
                    field.closure,
                    ("fields", field.id.raw()),
                    field.name_in(lang),
                ),
                ..Cell::text(closing::state(lang, field.closure, today))
            },
        ]
    };
    table.rows = snapshot.fields.iter().zip(1..).map(row).collect();
    Page {
        lead: text(lang, "lead-fields"),
        actions: vec![Action {
            word: text(lang, "do.field-create"),
            address: format!("{PATH}/new"),
            first: true,
        }],
        path: PATH,
        ..Page::new(shell).within("fields")
    }
    .list(&Listing::of(lang, PATH, &request, &asked), vec![table])
    .await
}

/// The places that a field may have among the others: how many stand before it, and after which it comes.
fn places(lang: Lang, snapshot: &Snapshot, own: Option<FieldId>) -> Vec<(String, String)> {
    let others = snapshot.fields.iter().filter(|field| Some(field.id) != own);
    let after = others.map(|field| lang.with("catalogue.place-after", &[("name", field.name_in(lang))]));
    let words = std::iter::once(text(lang, "place-first")).chain(after);
    words.enumerate().map(|(place, word)| (place.to_string(), word)).collect()
}

fn form(
    snapshot: &Snapshot,
    actor: &Actor,
    request: &HttpRequest,
    of: Option<(&Field, &Effect)>,
    typed: &Typed,
) -> Result<FormPage> {
    let (of, effect) = of.unzip();
    let lang = actor.lang();
    let inputs = Inputs::new(lang, typed);
    let inputs = if of.is_none() { inputs.line("key").hint("field-key") } else { inputs };
    let inputs = inputs.line("name").called(text(lang, "field.name-vi")).line("name_en");
    let inputs = inputs.select("place", places(lang, snapshot, of.map(|field| field.id)));
    let new = || text(lang, "do.field-create");
    Ok(FormPage {
        shell: shell(actor, snapshot, of.map_or_else(new, |field| field.name_in(lang).to_owned()), request)?,
        back: PATH.to_owned(),
        back_word: text(lang, "part.fields"),
        lead: match of {
            None => text(lang, "lead-field-create"),
            Some(field) if field.closure.is_lasting() => closing::lead(lang, field.closure, "field"),
            Some(_) => text(lang, "lead-field-change"),
        },
        action: of.map_or_else(|| PATH.to_owned(), |field| address_of(field.id)),
        submit: text(lang, if of.is_some() { "submit.save" } else { "submit.create" }),
        inputs: match of.zip(effect) {
            Some((field, effect)) => closing::ask(inputs, lang, field.closure, effect).done(),
            None => inputs.done(),
        },
        faults: Vec::new(),
        is_upload: false,
    })
}

/// GET /console/catalogue/fields/new
///
/// # Errors
/// Not found for whoever does not keep the catalogue.
pub async fn new(state: web::Data<State>, actor: Actor, request: HttpRequest) -> Reply {
    let snapshot = state.catalogue.snapshot();
    let typed = Typed::of([("place", snapshot.fields.len().to_string())]);
    page(&form(&snapshot, &actor, &request, None, &typed)?)
}

fn find(snapshot: &Snapshot, id: i64) -> Result<&Field> {
    snapshot.field(id.into()).ok_or_else(|| Error::NotFound(Message::new("error.page-not-found")))
}

/// GET /console/catalogue/fields/{id}
///
/// # Errors
/// Not found for whoever does not keep the catalogue and for an unknown field.
pub async fn edit(state: web::Data<State>, actor: Actor, request: HttpRequest, id: web::Path<i64>) -> Reply {
    let snapshot = state.catalogue.snapshot();
    let field = find(&snapshot, *id)?;
    let place = snapshot.fields.iter().position(|one| one.id == field.id).unwrap_or_default();
    let typed = Typed::of([
        ("name", field.name.clone()),
        ("name_en", field.name_en.clone()),
        ("place", place.to_string()),
    ]);
    let effect = foresee(&state, &actor, field.id, &typed).await?;
    page(&form(&snapshot, &actor, &request, Some((field, &effect)), &typed)?)
}

/// What would follow if the field closed on the day that was typed.
async fn foresee(state: &State, actor: &Actor, field: FieldId, typed: &Typed) -> Result<Effect> {
    closing::foresee(state, actor, Part::Field(field), typed.get("closed_from")).await
}

fn draft(reader: &mut Reader<'_>) -> Option<FieldDraft> {
    let (name, name_en) = (reader.text("name", NAME_LENGTH), reader.text("name_en", NAME_LENGTH));
    let place = reader.with("place", "catalogue.fault.no-choice", |text| text.parse().ok());
    Some(FieldDraft { name: name?, name_en: name_en?, place: place? })
}

/// A key as addresses, imports and exports take it.
fn key(text: &str) -> Option<String> {
    let fits = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    (text.len() <= KEY_LENGTH && text.bytes().all(fits)).then(|| text.to_owned())
}

/// POST /console/catalogue/fields
///
/// # Errors
/// Forbidden for a form of another page; not found for whoever does not keep the catalogue; those of the
/// database. Wrong input shows the form again.
pub async fn create(state: web::Data<State>, actor: Actor, request: HttpRequest, body: Body) -> Reply {
    let typed = Typed::from(body.into_inner());
    typed.check(&actor, &request)?;
    let mut reader = Reader::new(&typed);
    let (key, draft) = (reader.with("key", "catalogue.fault.no-key", key), draft(&mut reader));
    let outcome = match reader.done(key.zip(draft)) {
        Ok((key, draft)) => {
            let make = move |conn: &mut Conn, person: &_| {
                fields::create(conn, person, &key, &draft).map(|_| PATH.to_owned())
            };
            state.once(&actor, typed.submission(&request), make).await
        }
        Err(error) => Err(error),
    };
    let snapshot = state.catalogue.snapshot();
    settle(actor.lang(), outcome, || form(&snapshot, &actor, &request, None, &typed))
}

/// POST /console/catalogue/fields/{id}: other names, another place, and the day on which it closes or opens
/// again.
///
/// # Errors
/// Forbidden for a form of another page; not found for whoever does not keep the catalogue and for an
/// unknown field; those of the database. Wrong input shows the form again.
pub async fn change(
    state: web::Data<State>,
    actor: Actor,
    request: HttpRequest,
    id: web::Path<i64>,
    body: Body,
) -> Reply {
    let typed = Typed::from(body.into_inner());
    typed.check(&actor, &request)?;
    let snapshot = state.catalogue.snapshot();
    let field = find(&snapshot, *id)?;
    let (id, today) = (field.id, Local::at(Utc::now()).day);
    let mut reader = Reader::new(&typed);
    let draft = draft(&mut reader);
    let outcome = match reader.done(draft).and_then(|draft| Ok((draft, closing::read(&typed)?))) {
        Ok((draft, turn)) => {
            let change = move |conn: &mut Conn, person: &_| {
                fields::change(conn, person, id, &draft)?;
                match turn {
                    Turn::Stay => {}
                    Turn::Close(end) => fields::close(conn, person, id, end, today)?,
                    Turn::Reopen(day) => fields::reopen(conn, person, id, day)?,
                }
                Ok(PATH.to_owned())
            };
            state.once(&actor, typed.submission(&request), change).await
        }
        Err(error) => Err(error),
    };
    if outcome.is_ok() {
        return Ok(see_other(PATH));
    }
    let effect = foresee(&state, &actor, id, &typed).await?;
    settle(actor.lang(), outcome, || form(&snapshot, &actor, &request, Some((field, &effect)), &typed))
}
