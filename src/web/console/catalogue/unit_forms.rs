//! Forms that make, change, close, merge and split units.

use std::collections::BTreeSet;

use actix_web::{HttpRequest, web};
use chrono::Utc;

use super::form::{FormPage, Input, Inputs, Reader, Typed, settle};
use super::units::{PATH, address_of, level, newest, tree};
use super::{Page, Reply, closing, shell, text, unit_preview};
use crate::app::catalogue::Snapshot;
use crate::app::ending::{Effect, End, Part};
use crate::app::submissions::Submission;
use crate::app::units::{self, CODE_LENGTH, Heir, NAME_LENGTH, UnitDraft};
use crate::db::conn::Conn;
use crate::domain::day::Local;
use crate::domain::ids::UnitId;
use crate::domain::person::Permission;
use crate::domain::unit::{UnitLevel, UnitVersion};
use crate::error::{Error, Result};
use crate::locale::{Lang, Message};
use crate::web::actor::Actor;
use crate::web::respond::page;
use crate::web::state::State;

/// Most parts into which a unit is split at once.
pub(super) const PARTS: usize = 4;

type Body = web::Form<Vec<(String, String)>>;

/// What can be done with a unit that is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Doing {
    Change,
    Close,
    Merge,
    Split,
}

impl Doing {
    fn from_key(key: &str) -> Result<Self> {
        match key {
            "change" => Ok(Self::Change),
            "close" => Ok(Self::Close),
            "merge" => Ok(Self::Merge),
            "split" => Ok(Self::Split),
            _ => Err(Error::NotFound(Message::new("error.page-not-found"))),
        }
    }

    /// Whether what follows is shown before it is confirmed.
    const fn is_previewed(self) -> bool {
        matches!(self, Self::Merge | Self::Split)
    }

    const fn key(self) -> &'static str {
        match self {
            Self::Change => "change",
            Self::Close => "close",
            Self::Merge => "merge",
            Self::Split => "split",
        }
    }
}

/// GET /console/catalogue/units/new
///
/// # Errors
/// Not found for whoever does not keep the catalogue.
pub async fn new(state: web::Data<State>, actor: Actor, request: HttpRequest) -> Reply {
    let today = Local::at(Utc::now()).day;
    let snapshot = state.catalogue.snapshot();
    let province = snapshot.units.all_on(today).find(|version| version.level == UnitLevel::Province);
    let parent = province.map_or_else(String::new, |version| version.unit.to_string());
    let typed = Typed::of([
        ("level", UnitLevel::Commune.key().to_owned()),
        ("parent", parent),
        ("from", today.to_string()),
    ]);
    page(&new_form(&snapshot, &actor, &request, &typed)?)
}

fn new_form(snapshot: &Snapshot, actor: &Actor, request: &HttpRequest, typed: &Typed) -> Result<FormPage> {
    let lang = actor.lang();
    let levels = UnitLevel::ALL.map(|one| (one.key().to_owned(), level(lang, one)));
    let inputs = Inputs::new(lang, typed)
        .line("code")
        .line("name")
        .select("level", levels.to_vec())
        .select("parent", parents(lang, snapshot))
        .day("from");
    Ok(FormPage {
        shell: shell(actor, snapshot, text(lang, "do.unit-create"), request)?,
        back: PATH.to_owned(),
        back_word: text(lang, "part.units"),
        lead: String::new(),
        action: PATH.to_owned(),
        submit: text(lang, "submit.create"),
        inputs: inputs.done(),
        faults: Vec::new(),
        is_upload: false,
    })
}

/// Units that may stand above another.
fn parents(lang: Lang, snapshot: &Snapshot) -> Vec<(String, String)> {
    let today = Local::at(Utc::now()).day;
    let above = tree(snapshot, today)
        .into_iter()
        .filter(|(_, version)| version.level < UnitLevel::Body && version.level != UnitLevel::Commune)
        .map(|(_, version)| (version.unit.to_string(), version.name.clone()));
    std::iter::once((String::new(), text(lang, "no-parent"))).chain(above).collect()
}

/// POST /console/catalogue/units
///
/// # Errors
/// Forbidden for a form of another page; not found for whoever does not keep the catalogue; those of the
/// database. Wrong input shows the form again.
pub async fn create(state: web::Data<State>, actor: Actor, request: HttpRequest, body: Body) -> Reply {
    let typed = Typed::from(body.into_inner());
    typed.check(&actor, &request)?;
    let outcome = match draft(&typed, None) {
        Ok(draft) => {
            let make = move |conn: &mut Conn, person: &_| units::create(conn, person, &draft).map(address_of);
            state.once(&actor, typed.submission(&request), make).await
        }
        Err(error) => Err(error),
    };
    let snapshot = state.catalogue.snapshot();
    settle(actor.lang(), outcome, || new_form(&snapshot, &actor, &request, &typed))
}

fn draft(typed: &Typed, level: Option<UnitLevel>) -> Result<UnitDraft> {
    let mut reader = Reader::new(typed);
    let code = reader.text("code", CODE_LENGTH);
    let name = reader.text("name", NAME_LENGTH);
    let level = level.or_else(|| reader.with("level", "catalogue.fault.no-choice", UnitLevel::from_key));
    let parent = if typed.get("parent").is_empty() { Some(None) } else { reader.id("parent").map(Some) };
    let from = reader.day("from");
    let draft = || Some(UnitDraft { code: code?, name: name?, level: level?, parent: parent?, from: from? });
    reader.done(draft())
}

/// GET /console/catalogue/units/{id}/{doing}
///
/// # Errors
/// Not found for whoever does not keep the catalogue, and for an unknown unit or doing.
pub async fn ask(
    state: web::Data<State>,
    actor: Actor,
    request: HttpRequest,
    path: web::Path<(i64, String)>,
) -> Reply {
    actor.person.require(Permission::ManageCatalogue)?;
    let (unit, doing) = (UnitId::from(path.0), Doing::from_key(&path.1)?);
    let snapshot = state.catalogue.snapshot();
    let last = newest(&snapshot, unit)?;
    let today = Local::at(Utc::now()).day.to_string();
    let parent = last.parent.map_or_else(String::new, |parent| parent.to_string());
    let typed = match doing {
        Doing::Change => Typed::of([
            ("code", last.code.clone()),
            ("name", last.name.clone()),
            ("parent", parent),
            ("from", today),
        ]),
        _ => Typed::of([("from", today)]),
    };
    let effect = foresee(&state, &actor, (last, doing), &typed).await?;
    page(&form(&snapshot, &actor, &request, (last, doing), &typed, effect)?)
}

/// What hangs on the units that the form ends, if it ends any.
async fn foresee(
    state: &State,
    actor: &Actor,
    (unit, doing): (&UnitVersion, Doing),
    typed: &Typed,
) -> Result<Option<Effect>> {
    if doing == Doing::Change {
        return Ok(None);
    }
    let (snapshot, today) = (state.catalogue.snapshot(), Local::at(Utc::now()).day);
    let all = units::with_served(&snapshot.units, &ending(typed, unit), today);
    closing::foresee(state, actor, Part::Units(all), typed.get("from")).await.map(Some)
}

/// The unit of the form and those that were chosen beside it.
fn ending(typed: &Typed, unit: &UnitVersion) -> BTreeSet<UnitId> {
    let chosen = typed.all("units").filter_map(|id| id.parse::<i64>().ok()).map(UnitId::from);
    chosen.chain([unit.unit]).collect()
}

fn form(
    snapshot: &Snapshot,
    actor: &Actor,
    request: &HttpRequest,
    (unit, doing): (&UnitVersion, Doing),
    typed: &Typed,
    effect: Option<Effect>,
) -> Result<FormPage> {
    let lang = actor.lang();
    let key = doing.key();
    let title = format!("{}: {}", text(lang, &format!("do.unit-{key}")), unit.name);
    Ok(FormPage {
        shell: shell(actor, snapshot, title, request)?,
        back: address_of(unit.unit),
        back_word: unit.name.clone(),
        lead: text(lang, &format!("lead-unit-{key}")),
        action: format!("{}/{key}", address_of(unit.unit)),
        submit: text(
            lang,
            &if doing.is_previewed() { "follows.look".to_owned() } else { format!("submit.{key}") },
        ),
        inputs: inputs(lang, snapshot, (unit, doing), typed, effect),
        faults: Vec::new(),
        is_upload: false,
    })
}

fn inputs(
    lang: Lang,
    snapshot: &Snapshot,
    (unit, doing): (&UnitVersion, Doing),
    typed: &Typed,
    effect: Option<Effect>,
) -> Vec<Input> {
    let inputs = Inputs::new(lang, typed).day("from").hint("from");
    let inputs = match doing {
        Doing::Change => inputs.line("code").line("name").select("parent", parents(lang, snapshot)),
        Doing::Close => inputs,
        Doing::Merge => {
            let inputs = inputs.checks("units", siblings(snapshot, unit));
            let inputs = inputs.line("code").called(text(lang, "label.heir-code"));
            inputs.perhaps("name").called(text(lang, "label.heir-name")).hint("heir")
        }
        Doing::Split => {
            let mut parts = inputs;
            for number in 1..=PARTS {
                let label = |key: &str| format!("{} {number}", text(lang, key));
                parts = parts.perhaps(&format!("code_{number}")).called(label("label.part-code"));
                parts = parts.perhaps(&format!("name_{number}")).called(label("label.part-name"));
            }
            parts.hint("heir")
        }
    };
    let Some(effect) = effect else {
        return inputs.done();
    };
    let told = [("counters", effect.counters), ("links", effect.links), ("people", effect.people)];
    let facts = told.map(|(part, found)| closing::becomes(lang, part, found, doing.key()));
    closing::warn(inputs, lang, facts.into(), &effect.answers).done()
}

/// The other units beside one.
fn siblings(snapshot: &Snapshot, unit: &UnitVersion) -> Vec<(String, String)> {
    let today = Local::at(Utc::now()).day;
    tree(snapshot, today)
        .into_iter()
        .map(|(_, version)| version)
        .filter(|one| one.level == unit.level && one.parent == unit.parent && one.unit != unit.unit)
        .map(|one| (one.unit.to_string(), format!("{} ({})", one.name, one.code)))
        .collect()
}

/// What was read of a form.
#[derive(Clone)]
enum Wish {
    Change(UnitDraft),
    Close(End),
    Merge(BTreeSet<UnitId>, Heir, End),
    Split(Vec<Heir>, End),
}

/// POST /console/catalogue/units/{id}/{doing}; a merger and a split first show what follows.
///
/// # Errors
/// Forbidden for a form of another page; not found for whoever does not keep the catalogue, and for an
/// unknown unit or doing; those of the database. Wrong input shows the form again.
pub async fn act(
    state: web::Data<State>,
    actor: Actor,
    request: HttpRequest,
    path: web::Path<(i64, String)>,
    body: Body,
) -> Reply {
    let typed = Typed::from(body.into_inner());
    typed.check(&actor, &request)?;
    actor.person.require(Permission::ManageCatalogue)?;
    let (unit, doing) = (UnitId::from(path.0), Doing::from_key(&path.1)?);
    let (snapshot, sent) = (state.catalogue.snapshot(), typed.submission(&request));
    let last = newest(&snapshot, unit)?.clone();
    let outcome = match wish(&typed, &last, doing) {
        Ok(wish) if doing.is_previewed() => {
            // What cannot be done is said before what would follow from it.
            let (person, tried) = (actor.person.clone(), wish.clone());
            let tried = move |conn: &mut Conn| fulfil(conn, &person, unit, tried);
            match state.block(move |db| db.rehearse(tried)).await {
                Ok(_) => match preview(&state, &actor, &request, (&last, doing), &typed).await? {
                    Some(shown) => return page(&shown),
                    None => carry_out(&state, &actor, (unit, wish), sent).await,
                },
                // What was carried out by the same form a moment ago cannot be done again.
                Err(error) => state.led_to(&actor, &sent).await?.ok_or(error),
            }
        }
        Ok(wish) => carry_out(&state, &actor, (unit, wish), sent).await,
        Err(error) => Err(error),
    };
    let effect = match &outcome {
        Err(Error::Invalid(_)) => foresee(&state, &actor, (&last, doing), &typed).await?,
        _ => None,
    };
    settle(actor.lang(), outcome, || form(&snapshot, &actor, &request, (&last, doing), &typed, effect))
}

/// What follows, unless the form says that just this was seen.
async fn preview(
    state: &State,
    actor: &Actor,
    request: &HttpRequest,
    (last, doing): (&UnitVersion, Doing),
    typed: &Typed,
) -> Result<Option<Page>> {
    let effect = foresee(state, actor, (last, doing), typed).await?;
    let Some(effect) = effect.filter(|effect| typed.get("confirmed") != unit_preview::seen(effect)) else {
        return Ok(None);
    };
    let (snapshot, units) = (state.catalogue.snapshot(), ending(typed, last));
    let (of, found) = ((last, doing.key(), PARTS), (typed, &units, &effect));
    unit_preview::page(&snapshot, actor, request, of, found).map(Some)
}

async fn carry_out(
    state: &State,
    actor: &Actor,
    (unit, wish): (UnitId, Wish),
    sent: Submission,
) -> Result<String> {
    let fulfil = move |conn: &mut Conn, person: &_| fulfil(conn, person, unit, wish).map(address_of);
    state.once(actor, sent, fulfil).await
}

fn fulfil(
    conn: &mut Conn,
    person: &crate::domain::person::Actor,
    unit: UnitId,
    wish: Wish,
) -> Result<UnitId> {
    match wish {
        Wish::Change(draft) => units::change(conn, person, unit, &draft).map(|()| unit),
        Wish::Close(end) => units::close(conn, person, unit, end).map(|()| unit),
        Wish::Merge(olds, heir, end) => units::merge(conn, person, &olds, &heir, end),
        Wish::Split(heirs, end) => units::split(conn, person, unit, &heirs, end).map(|()| unit),
    }
}

fn wish(typed: &Typed, last: &UnitVersion, doing: Doing) -> Result<Wish> {
    if doing == Doing::Change {
        return draft(typed, Some(last.level)).map(Wish::Change);
    }
    let mut reader = Reader::new(typed);
    let end = closing::end(&mut reader, typed, "from");
    match doing {
        Doing::Merge => {
            let heir = reader
                .text("code", CODE_LENGTH)
                .zip(reader.optional("name", NAME_LENGTH))
                .map(|(code, name)| Heir { code, name });
            let olds = ending(typed, last);
            let wish = || Some(Wish::Merge(olds, heir?, end?));
            reader.done(wish())
        }
        Doing::Split => {
            let heirs = (1..=PARTS).filter_map(|number| part(&mut reader, typed, number)).collect();
            let wish = || Some(Wish::Split(heirs, end?));
            reader.done(wish())
        }
        Doing::Change | Doing::Close => reader.done(end.map(Wish::Close)),
    }
}

/// One of the parts into which a unit is split; none where both fields are empty.
fn part(reader: &mut Reader<'_>, typed: &Typed, number: usize) -> Option<Heir> {
    let (code, name) = (format!("code_{number}"), format!("name_{number}"));
    if typed.get(&code).is_empty() && typed.get(&name).is_empty() {
        return None;
    }
    let code = reader.text(&code, CODE_LENGTH);
    let name = reader.optional(&name, NAME_LENGTH);
    Some(Heir { code: code?, name: name? })
}
