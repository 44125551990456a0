//! Procedures in the console, under their fields: the list as of a day, new ones, new versions, closing.

use actix_web::{HttpRequest, web};
use chrono::Utc;

use super::form::{FormPage, Inputs, Reader, Typed, day, settle};
use super::{Action, Cell, Page, Reply, Table, Words, closing, days, shell, text, withdrawals};
use crate::app::catalogue::Snapshot;
use crate::app::ending::{Effect, End, Part};
use crate::app::procedures::{self, ProcedureDraft};
use crate::app::units::{CODE_LENGTH, NAME_LENGTH};
use crate::db::conn::Conn;
use crate::domain::day::Local;
use crate::domain::fold::{fold, matches};
use crate::domain::ids::{FieldId, ProcedureId};
use crate::domain::procedure::{Field, ProcedureVersion};
use crate::error::{Error, Result};
use crate::locale::{Lang, Message};
use crate::web::actor::Actor;
use crate::web::console::listing::Listing;
use crate::web::respond::page;
use crate::web::state::State;

/// Address of the list.
pub(super) const PATH: &str = "/console/catalogue/procedures";

type Body = web::Form<Vec<(String, String)>>;

pub(super) fn address_of(procedure: ProcedureId) -> String {
    format!("{PATH}/{procedure}")
}

fn field_name(lang: Lang, snapshot: &Snapshot, field: FieldId) -> String {
    snapshot.field(field).map_or_else(|| field.to_string(), |field| field.name_in(lang).to_owned())
}

fn choice(lang: Lang, field: &Field) -> (String, String) {
    (field.id.to_string(), field.name_in(lang).to_owned())
}

fn confirmed(lang: Lang, version: &ProcedureVersion) -> String {
    text(lang, if version.confirmed { "confirmed" } else { "unconfirmed" })
}

/// GET /console/catalogue/procedures
///
/// # Errors
/// Not found for whoever does not keep the catalogue.
pub async fn list(state: web::Data<State>, actor: Actor, request: HttpRequest, asked: Words) -> Reply {
    let (snapshot, lang) = (state.catalogue.snapshot(), actor.lang());
    let shell = shell(&actor, &snapshot, text(lang, "part.procedures"), &request)?;
    let listing = Listing::of(lang, PATH, &request, &asked);
    let word = |name: &str| listing.word(name);
    let on = day(word("day")).unwrap_or_else(|| Local::at(Utc::now()).day);
    let field = word("field").parse::<i64>().ok().map(FieldId::from);
    let mut table = Table::new(lang, "procedures", &["name", "code", "field", "code-state", "from", "until"]);
    table.rows = snapshot
        .procedures
        .iter()
        .filter(|version| version.is_valid_on(on))
        .filter(|version| field.is_none_or(|field| version.field == field))
        .filter(|version| word("confirmed").is_empty() || (word("confirmed") == "yes") == version.confirmed)
        .filter(|version| matches(&fold(&format!("{} {}", version.code, version.name)), word("q")))
        .map(|version| {
            let [from, until] = days(lang, version.valid_from, version.valid_to);
            vec![
                Cell::link(&version.name, address_of(version.procedure)),
                Cell::whole(&version.code),
                Cell::text(field_name(lang, &snapshot, version.field)),
                Cell::text(confirmed(lang, version)),
                from,
                until,
            ]
        })
        .collect();
    let typed = Typed::of([
        ("q", word("q").to_owned()),
        ("field", word("field").to_owned()),
        ("confirmed", word("confirmed").to_owned()),
        ("day", on.to_string()),
    ]);
    let all = || (String::new(), text(lang, "all"));
    let fields =
        std::iter::once(all()).chain(snapshot.fields.iter().map(|field| choice(lang, field))).collect();
    let states = [("yes", "confirmed"), ("no", "unconfirmed")];
    let states = states.map(|(value, key)| (value.to_owned(), text(lang, key)));
    let states = std::iter::once(all()).chain(states).collect();
    let count = lang.count(u64::try_from(table.rows.len()).unwrap_or(u64::MAX));
    let filters = Inputs::new(lang, &typed).perhaps("q").select("field", fields).select("confirmed", states);
    Page {
        lead: lang.with("catalogue.procedures-on", &[("count", &count), ("day", &lang.date(on))]),
        actions: vec![Action {
            word: text(lang, "do.procedure-create"),
            address: format!("{PATH}/new"),
            first: true,
        }],
        path: PATH,
        filters: filters.day("day").done(),
        ..Page::new(shell).within("procedures")
    }
    .list(&listing, vec![table])
    .await
}

fn newest(snapshot: &Snapshot, id: i64) -> Result<&ProcedureVersion> {
    let id = ProcedureId::from(id);
    let versions = snapshot.procedures.iter().filter(|version| version.procedure == id);
    let last = versions.max_by_key(|version| version.valid_from);
    last.ok_or_else(|| Error::NotFound(Message::new("error.page-not-found")))
}

/// GET /console/catalogue/procedures/{id}
///
/// # Errors
/// Not found for whoever does not keep the catalogue and for an unknown procedure.
pub async fn show(state: web::Data<State>, actor: Actor, request: HttpRequest, id: web::Path<i64>) -> Reply {
    let (snapshot, lang) = (state.catalogue.snapshot(), actor.lang());
    let last = newest(&snapshot, *id)?;
    let shell = shell(&actor, &snapshot, last.name.clone(), &request)?;
    let open = last.valid_to.is_none_or(|end| Local::at(Utc::now()).day < end);
    let actions = [("change", true), ("close", false)].into_iter().filter(|_| open);
    let today = Local::at(Utc::now()).day;
    let withdraw = withdrawals::of_procedure(&snapshot, last.procedure, today).map(|_| Action {
        word: text(lang, "do.withdraw"),
        address: withdrawals::address("procedures", last.procedure),
        first: false,
    });
    let mut table =
        Table::new(lang, "versions", &["name", "code", "field", "code-state", "from", "until"]).titled(lang);
    let mut versions: Vec<_> =
        snapshot.procedures.iter().filter(|version| version.procedure == last.procedure).collect();
    versions.sort_by_key(|version| version.valid_from);
    table.rows = versions
        .into_iter()
        .map(|version| {
            let [from, until] = days(lang, version.valid_from, version.valid_to);
            let field = Cell::text(field_name(lang, &snapshot, version.field));
            let state = Cell::text(confirmed(lang, version));
            vec![Cell::text(&version.name), Cell::whole(&version.code), field, state, from, until]
        })
        .collect();
    page(&Page {
        back: Some((PATH.to_owned(), text(lang, "part.procedures"))),
        actions: actions
            .map(|(key, first)| Action {
                word: text(lang, &format!("do.procedure-{key}")),
                address: format!("{}/{key}", address_of(last.procedure)),
                first,
            })
            .chain(withdraw)
            .collect(),
        tables: vec![table],
        ..Page::new(shell)
    })
}

/// What the forms do.
#[derive(Clone, Copy)]
enum Doing<'a> {
    Create,
    Change(&'a ProcedureVersion),
    Close(&'a ProcedureVersion),
}

impl<'a> Doing<'a> {
    fn of(last: &'a ProcedureVersion, key: &str) -> Result<Self> {
        match key {
            "change" => Ok(Self::Change(last)),
            "close" => Ok(Self::Close(last)),
            _ => Err(Error::NotFound(Message::new("error.page-not-found"))),
        }
    }
}

fn form(
    snapshot: &Snapshot,
    actor: &Actor,
    request: &HttpRequest,
    doing: Doing<'_>,
    typed: &Typed,
    effect: Option<&Effect>,
) -> Result<FormPage> {
    let lang = actor.lang();
    let (key, of) = match doing {
        Doing::Create => ("create", None),
        Doing::Change(last) => ("change", Some(last)),
        Doing::Close(last) => ("close", Some(last)),
    };
    let verb = text(lang, &format!("do.procedure-{key}"));
    let mut inputs = Inputs::new(lang, typed).day("from").hint("from");
    if !matches!(doing, Doing::Close(_)) {
        let today = Local::at(Utc::now()).day;
        let named = of.map(|last| last.field);
        let is_offered = |field: &&Field| !field.is_closed_on(today) || Some(field.id) == named;
        let fields = snapshot.fields.iter().filter(is_offered).map(|field| choice(lang, field)).collect();
        inputs = inputs.line("code").long("name").select("field", fields).tick("confirmed");
    }
    if let Some(effect) = effect {
        let links = closing::becomes(lang, "links", effect.links, "close");
        inputs = closing::warn(inputs, lang, vec![links], &effect.answers);
    }
    let title = of.map_or_else(|| verb.clone(), |last| format!("{verb}: {}", last.name));
    Ok(FormPage {
        shell: shell(actor, snapshot, title, request)?,
        back: of.map_or_else(|| PATH.to_owned(), |last| address_of(last.procedure)),
        back_word: of.map_or_else(|| text(lang, "part.procedures"), |last| last.code.clone()),
        lead: text(lang, &format!("lead-procedure-{key}")),
        action: of.map_or_else(|| PATH.to_owned(), |last| format!("{}/{key}", address_of(last.procedure))),
        submit: text(lang, &format!("submit.{key}")),
        inputs: inputs.done(),
        faults: Vec::new(),
        is_upload: false,
    })
}

/// GET /console/catalogue/procedures/new
///
/// # Errors
/// Not found for whoever does not keep the catalogue.
pub async fn new(state: web::Data<State>, actor: Actor, request: HttpRequest) -> Reply {
    let typed = Typed::of([("from", Local::at(Utc::now()).day.to_string())]);
    page(&form(&state.catalogue.snapshot(), &actor, &request, Doing::Create, &typed, None)?)
}

/// What would follow if the form ends the procedure.
async fn foresee(state: &State, actor: &Actor, doing: Doing<'_>, typed: &Typed) -> Result<Option<Effect>> {
    let Doing::Close(last) = doing else {
        return Ok(None);
    };
    let part = Part::Procedure(last.procedure);
    closing::foresee(state, actor, part, typed.get("from")).await.map(Some)
}

/// GET /console/catalogue/procedures/{id}/{doing}
///
/// # Errors
/// Not found for whoever does not keep the catalogue, and for an unknown procedure or doing.
pub async fn ask(
    state: web::Data<State>,
    actor: Actor,
    request: HttpRequest,
    path: web::Path<(i64, String)>,
) -> Reply {
    let snapshot = state.catalogue.snapshot();
    let last = newest(&snapshot, path.0)?;
    let doing = Doing::of(last, &path.1)?;
    let typed = Typed::of([
        ("from", Local::at(Utc::now()).day.to_string()),
        ("code", last.code.clone()),
        ("name", last.name.clone()),
        ("field", last.field.to_string()),
        ("confirmed", if last.confirmed { "1".to_owned() } else { String::new() }),
    ]);
    let effect = foresee(&state, &actor, doing, &typed).await?;
    page(&form(&snapshot, &actor, &request, doing, &typed, effect.as_ref())?)
}

fn draft(typed: &Typed) -> Result<ProcedureDraft> {
    let mut reader = Reader::new(typed);
    let code = reader.text("code", CODE_LENGTH);
    let name = reader.text("name", NAME_LENGTH);
    let field = reader.id("field");
    let from = reader.day("from");
    let confirmed = typed.get("confirmed") == "1";
    let draft = || Some(ProcedureDraft { code: code?, name: name?, field: field?, confirmed, from: from? });
    reader.done(draft())
}

/// POST /console/catalogue/procedures
///
/// # Errors
/// Forbidden for a form of another page; not found for whoever does not keep the catalogue; those of the
/// database. Wrong input shows the form again.
pub async fn create(state: web::Data<State>, actor: Actor, request: HttpRequest, body: Body) -> Reply {
    let typed = Typed::from(body.into_inner());
    typed.check(&actor, &request)?;
    let outcome = match draft(&typed) {
        Ok(draft) => {
            let make =
                move |conn: &mut Conn, person: &_| procedures::create(conn, person, &draft).map(address_of);
            state.once(&actor, typed.submission(&request), make).await
        }
        Err(error) => Err(error),
    };
    let snapshot = state.catalogue.snapshot();
    settle(actor.lang(), outcome, || form(&snapshot, &actor, &request, Doing::Create, &typed, None))
}

/// What was read of a form about a procedure that is there.
enum Wish {
    Change(ProcedureDraft),
    Close(End),
}

fn wish(typed: &Typed, doing: Doing<'_>) -> Result<Wish> {
    if !matches!(doing, Doing::Close(_)) {
        return draft(typed).map(Wish::Change);
    }
    let mut reader = Reader::new(typed);
    let end = closing::end(&mut reader, typed, "from");
    reader.done(end.map(Wish::Close))
}

/// POST /console/catalogue/procedures/{id}/{doing}
///
/// # Errors
/// Forbidden for a form of another page; not found for whoever does not keep the catalogue, and for an
/// unknown procedure or doing; those of the database. Wrong input shows the form again.
pub async fn act(
    state: web::Data<State>,
    actor: Actor,
    request: HttpRequest,
    path: web::Path<(i64, String)>,
    body: Body,
) -> Reply {
    let typed = Typed::from(body.into_inner());
    typed.check(&actor, &request)?;
    let snapshot = state.catalogue.snapshot();
    let last = newest(&snapshot, path.0)?;
    let (id, doing) = (last.procedure, Doing::of(last, &path.1)?);
    let outcome = match wish(&typed, doing) {
        Ok(wish) => {
            let fulfil = move |conn: &mut Conn, person: &_| {
                match wish {
                    Wish::Close(end) => procedures::close(conn, person, id, end)?,
                    Wish::Change(draft) => procedures::change(conn, person, id, &draft)?,
                }
                Ok(address_of(id))
            };
            state.once(&actor, typed.submission(&request), fulfil).await
        }
        Err(error) => Err(error),
    };
    let effect = match &outcome {
        Err(Error::Invalid(_)) => foresee(&state, &actor, doing, &typed).await?,
        _ => None,
    };
    settle(actor.lang(), outcome, || form(&snapshot, &actor, &request, doing, &typed, effect.as_ref()))
}
