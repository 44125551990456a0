//! Targets in the console: the list beside that of imported figures, a new one, a successor from a day on.

use actix_web::{HttpRequest, web};
use chrono::Utc;

use super::form::{FormPage, Inputs, Reader, Typed, settle};
use super::{Action, Cell, Page, Rank, Reply, Table, Words, days, figures, shell, text, withdrawals};
use crate::app::catalogue::Snapshot;
use crate::app::import::hundredths;
use crate::app::targets::{self, Beginning, TargetDraft};
use crate::app::units::NAME_LENGTH;
use crate::db;
use crate::domain::day::Local;
use crate::domain::fold::{fold, matches};
use crate::domain::ids::FieldId;
use crate::domain::questionnaire::Kind;
use crate::domain::target::{Scope, Target, Threshold};
use crate::error::{Error, Result};
use crate::locale::{Lang, Message};
use crate::web::actor::{Actor, encode};
use crate::web::console::listing::{Button, Listing};
use crate::web::console::words;
use crate::web::respond::page;
use crate::web::state::State;

/// Address of the lists.
pub(super) const PATH: &str = "/console/catalogue/targets";

/// Longest legal basis and source, in characters.
pub(super) const BASIS_LENGTH: usize = 300;
/// Longest key, in characters.
pub(super) const KEY_LENGTH: usize = 40;

/// The word for a target whose figures are imported.
const IMPORTED: &str = "imported";

pub(super) type Body = web::Form<Vec<(String, String)>>;

/// A percentage with two decimals.
pub(super) fn percent(lang: Lang, hundredths: i32) -> String {
    lang.decimal(f64::from(hundredths) / 100.0, 2)
}

/// GET /console/catalogue/targets
///
/// # Errors
/// Not found for whoever does not keep the catalogue; those of the database.
pub async fn list(state: web::Data<State>, actor: Actor, request: HttpRequest, asked: Words) -> Reply {
    let (snapshot, lang) = (state.catalogue.snapshot(), actor.lang());
    let shell = shell(&actor, &snapshot, text(lang, "part.targets"), &request)?;
    let listing = Listing::of(lang, PATH, &request, &asked);
    let found = state.block(|db| db.read(db::targets::figures)).await?;
    let tables = vec![rows(lang, &snapshot, &listing), figures::table(lang, &snapshot, found, &listing)];
    let mut plans: Vec<&str> = Vec::new();
    for target in &snapshot.targets {
        let plan = plan(target);
        if !plans.contains(&plan) {
            plans.push(plan);
        }
    }
    let all = || (String::new(), text(lang, "all"));
    let plans = plans.into_iter().map(|plan| (plan.to_owned(), plan.to_owned()));
    let typed = Typed::of(["q", "plan", "in_force"].map(|name| (name, listing.word(name).to_owned())));
    Page {
        lead: text(lang, "lead-targets"),
        actions: vec![Action {
            word: text(lang, "do.target-create"),
            address: format!("{PATH}/new"),
            first: false,
        }],
        path: PATH,
        filters: Inputs::new(lang, &typed)
            .perhaps("q")
            .select("plan", std::iter::once(all()).chain(plans).collect())
            .select("in_force", vec![all(), ("1".to_owned(), text(lang, "only-in-force"))])
            .done(),
        ..Page::new(shell).within("targets")
    }
    .list(&listing, tables)
    .await
}

/// The document that lays a target down, without the place in it.
fn plan(target: &Target) -> &str {
    target.legal_basis.split(',').next().unwrap_or_default().trim()
}

fn rows(lang: Lang, snapshot: &Snapshot, listing: &Listing<'_>) -> Table {
    let heads = ["target", "threshold", "scope", "basis", "from", "until", "edit"];
    let mut table = Table::new(lang, "targets", &heads).titled(lang);
    let today = Local::at(Utc::now()).day;
    let last = |target: &Target| {
        let rows = snapshot.targets.iter().filter(|one| one.key == target.key);
        rows.map(|one| one.valid_from).max() == Some(target.valid_from)
    };
    let is_found = |target: &&Target| {
        let said = fold(&format!("{} {} {}", target.key, target.name_in(lang), target.legal_basis));
        (listing.word("plan").is_empty() || listing.word("plan") == plan(target))
            && (listing.word("in_force").is_empty() || target.is_valid_on(today))
            && matches(&said, listing.word("q"))
    };
    let row = |target: &Target| {
        let [from, until] = days(lang, target.valid_from, target.valid_to);
        let withdraw = (target.valid_from > today).then(|| Button {
            action: withdrawals::address("targets", &target.key),
            word: text(lang, "do.withdraw"),
            about: target.name_in(lang).to_owned(),
        });
        let edit = Cell {
            class: "whole",
            button: withdraw,
            ..Cell::link(text(lang, "do.target-succeed"), format!("{PATH}/{}", encode(&target.key)))
        };
        let least = target.threshold.hundredths();
        vec![
            Cell::text(target.name_in(lang)),
            Cell::number(format!("≥ {}%", percent(lang, least)), Rank::Hundredths(least.into())),
            Cell::text(scope(lang, snapshot, target)),
            Cell::text(&target.legal_basis),
            from,
            until,
            if last(target) { edit } else { Cell::text("") },
        ]
    };
    table.rows = snapshot.targets.iter().filter(is_found).map(row).collect();
    table
}

fn scope(lang: Lang, snapshot: &Snapshot, target: &Target) -> String {
    match &target.scope {
        Scope::Imported => text(lang, "imported"),
        Scope::Measured { kind, fields: None } => {
            format!("{} ({})", text(lang, "measured"), words::kind(lang, *kind))
        }
        Scope::Measured { fields: Some(fields), .. } => {
            let names: Vec<&str> =
                fields.iter().filter_map(|id| snapshot.field(*id)).map(|field| field.name_in(lang)).collect();
            format!("{} ({})", text(lang, "measured"), names.join(", "))
        }
    }
}

/// The name of a target in its newest row.
pub(super) fn target_name(lang: Lang, snapshot: &Snapshot, key: &str) -> String {
    let newest = snapshot.targets.iter().rev().find(|target| target.key == key);
    newest.map_or_else(|| key.to_owned(), |target| target.name_in(lang).to_owned())
}

/// GET /console/catalogue/targets/new
///
/// # Errors
/// Not found for whoever does not keep the catalogue.
pub async fn new(state: web::Data<State>, actor: Actor, request: HttpRequest) -> Reply {
    let typed =
        Typed::of([("from", Local::at(Utc::now()).day.to_string()), ("scope", Kind::Tthc.key().to_owned())]);
    page(&target_form(&state.catalogue.snapshot(), &actor, &request, "", &typed)?)
}

/// GET /console/catalogue/targets/{key}
///
/// # Errors
/// Not found for whoever does not keep the catalogue and for an unknown target.
pub async fn edit(
    state: web::Data<State>,
    actor: Actor,
    request: HttpRequest,
    key: web::Path<String>,
) -> Reply {
    let snapshot = state.catalogue.snapshot();
    let newest = snapshot.targets.iter().filter(|target| target.key == *key);
    let newest = newest.max_by_key(|target| target.valid_from);
    let newest = newest.ok_or_else(|| Error::NotFound(Message::new("error.page-not-found")))?;
    let typed = Typed::of([
        ("from", String::new()),
        ("name", newest.name.clone()),
        ("name_en", newest.name_en.clone()),
        ("threshold", percent(actor.lang(), newest.threshold.hundredths())),
        ("legal_basis", newest.legal_basis.clone()),
    ]);
    page(&target_form(&snapshot, &actor, &request, &key, &typed)?)
}

/// The form for a new target, or for the successor of the one with a key.
fn target_form(
    snapshot: &Snapshot,
    actor: &Actor,
    request: &HttpRequest,
    key: &str,
    typed: &Typed,
) -> Result<FormPage> {
    let lang = actor.lang();
    let verb = if key.is_empty() { "target-create" } else { "target-succeed" };
    let inputs = Inputs::new(lang, typed);
    let inputs = if key.is_empty() {
        let inputs = inputs.select("scope", scopes(lang)).hint("scope");
        let inputs = inputs.checks("fields", fields(lang, snapshot)).line("key").hint("target-key");
        inputs.day("from").perhaps_day("until")
    } else {
        inputs.day("from").hint("target-from")
    };
    let inputs = inputs.long("name").called(text(lang, "field.name-vi")).long("name_en");
    let inputs = inputs.line("threshold").hint("percent").long("legal_basis").hint("legal-basis");
    let inputs = inputs.tick("backdated");
    let title = text(lang, &format!("do.{verb}"));
    let title = if key.is_empty() { title } else { format!("{title}: {}", target_name(lang, snapshot, key)) };
    Ok(FormPage {
        shell: shell(actor, snapshot, title, request)?,
        back: PATH.to_owned(),
        back_word: text(lang, "part.targets"),
        lead: text(lang, &format!("lead-{verb}")),
        action: if key.is_empty() { PATH.to_owned() } else { format!("{PATH}/{}", encode(key)) },
        submit: text(lang, if key.is_empty() { "submit.create" } else { "submit.save" }),
        inputs: inputs.done(),
        faults: Vec::new(),
        is_upload: false,
    })
}

/// What a target may judge: an index that is measured, or a figure that is imported.
fn scopes(lang: Lang) -> Vec<(String, String)> {
    let kind = |kind: Kind| format!("{} ({})", text(lang, "measured"), words::kind(lang, kind));
    let measured = Kind::ALL.iter().map(|one| (one.key().to_owned(), kind(*one)));
    measured.chain([(IMPORTED.to_owned(), text(lang, "imported"))]).collect()
}

fn fields(lang: Lang, snapshot: &Snapshot) -> Vec<(String, String)> {
    let open = snapshot.fields_on(Local::at(Utc::now()).day);
    open.map(|field| (field.id.to_string(), field.name_in(lang).to_owned())).collect()
}

/// What stands in the form only for a new target.
fn beginning(reader: &mut Reader<'_>, typed: &Typed) -> Option<Beginning> {
    let fields: Vec<FieldId> =
        typed.all("fields").filter_map(|id| id.parse::<i64>().ok()).map(FieldId::from).collect();
    let fields = Some(fields).filter(|fields| !fields.is_empty());
    let scope = reader.with("scope", "catalogue.fault.no-choice", |word| match Kind::from_key(word) {
        Some(kind) => Some(Scope::Measured { kind, fields }),
        None => (word == IMPORTED).then_some(Scope::Imported),
    });
    let key = reader.with("key", "catalogue.fault.no-key", key);
    let until = if typed.get("until").is_empty() { Some(None) } else { reader.day("until").map(Some) };
    Some(Beginning { key: key?, scope: scope?, until: until? })
}

fn draft(reader: &mut Reader<'_>, typed: &Typed) -> Option<TargetDraft> {
    let from = reader.day("from");
    let name = reader.text("name", NAME_LENGTH);
    let name_en = reader.text("name_en", NAME_LENGTH);
    let threshold = reader.with("threshold", "catalogue.fault.no-percent", |text| {
        hundredths(text).and_then(Threshold::of_hundredths)
    });
    let legal_basis = reader.text("legal_basis", BASIS_LENGTH);
    Some(TargetDraft {
        name: name?,
        name_en: name_en?,
        threshold: threshold?,
        legal_basis: legal_basis?,
        from: from?,
        backdated: typed.get("backdated") == "1",
    })
}

/// POST /console/catalogue/targets
///
/// # Errors
/// Forbidden for a form of another page; not found for whoever does not keep the catalogue; those of the
/// database. Wrong input shows the form again.
pub async fn create(state: web::Data<State>, actor: Actor, request: HttpRequest, body: Body) -> Reply {
    let typed = Typed::from(body.into_inner());
    typed.check(&actor, &request)?;
    let mut reader = Reader::new(&typed);
    let (new, draft) = (beginning(&mut reader, &typed), draft(&mut reader, &typed));
    let today = Local::at(Utc::now()).day;
    let outcome = match reader.done(new.zip(draft)) {
        Ok((new, draft)) => {
            let create = move |conn: &mut _, person: &_| {
                targets::create(conn, person, &new, &draft, today).map(|()| PATH.to_owned())
            };
            state.once(&actor, typed.submission(&request), create).await
        }
        Err(error) => Err(error),
    };
    let snapshot = state.catalogue.snapshot();
    settle(actor.lang(), outcome, || target_form(&snapshot, &actor, &request, "", &typed))
}

fn key(text: &str) -> Option<String> {
    let fits = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    (text.len() <= KEY_LENGTH && text != "new" && text.bytes().all(fits)).then(|| text.to_owned())
}

/// POST /console/catalogue/targets/{key}
///
/// # Errors
/// Forbidden for a form of another page; not found for whoever does not keep the catalogue and for an
/// unknown target; those of the database. Wrong input shows the form again.
pub async fn succeed(
    state: web::Data<State>,
    actor: Actor,
    request: HttpRequest,
    key: web::Path<String>,
    body: Body,
) -> Reply {
    let typed = Typed::from(body.into_inner());
    typed.check(&actor, &request)?;
    let mut reader = Reader::new(&typed);
    let draft = draft(&mut reader, &typed);
    let (name, today) = (key.clone(), Local::at(Utc::now()).day);
    let outcome = match reader.done(draft) {
        Ok(draft) => {
            let succeed = move |conn: &mut _, person: &_| {
                targets::succeed(conn, person, &name, &draft, today).map(|()| PATH.to_owned())
            };
            state.once(&actor, typed.submission(&request), succeed).await
        }
        Err(error) => Err(error),
    };
    let snapshot = state.catalogue.snapshot();
    settle(actor.lang(), outcome, || target_form(&snapshot, &actor, &request, &key, &typed))
}
