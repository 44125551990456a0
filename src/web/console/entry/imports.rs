//! Files of answers on paper and of dossiers: what they hold is shown first, then stored as it was shown.

use std::collections::BTreeMap;

use actix_multipart::form::bytes::Bytes;
use actix_multipart::form::text::Text;
use actix_multipart::form::{MultipartForm, MultipartFormConfig};
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, web};
use askama::Template;
use chrono::{NaiveDate, Utc};

use super::{Reply, Typed, whole};
use crate::app::catalogue::Snapshot;
use crate::app::import::dossiers::Planned;
use crate::app::import::{Changes, answers, dossiers};
use crate::db::conn::Conn;
use crate::domain::answer::{Response, Score};
use crate::domain::day::Local;
use crate::domain::hex::{from_hex, hex};
use crate::domain::level::Level;
use crate::domain::person::{self, Permission};
use crate::domain::tally::day_date;
use crate::error::{Error, Result};
use crate::locale::{Lang, Message};
use crate::web::actor::Actor;
use crate::web::console::{FormFault, Shell, words};
use crate::web::respond::{Fault, page, page_with, see_other};
use crate::web::state::State;

/// Largest file, in bytes: about 15,000 sheets.
const MOST: usize = 1024 * 1024;

/// Largest form that brings a file back as it was shown, in bytes.
pub const FORM_LIMIT: usize = 2 * MOST + 4096;

/// Rows of a preview that are shown; its counts are of all.
const SHOWN: usize = 200;

/// What a file holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Answers,
    Dossiers,
}

impl Kind {
    fn of(actor: &Actor, word: &str) -> Result<Self> {
        actor.person.require(Permission::EnterAnswers)?;
        match word {
            "answers" => Ok(Self::Answers),
            "dossiers" => Ok(Self::Dossiers),
            _ => Err(Error::NotFound(Message::new("error.page-not-found"))),
        }
    }

    const fn key(self) -> &'static str {
        match self {
            Self::Answers => "answers",
            Self::Dossiers => "dossiers",
        }
    }

    fn address(self) -> String {
        format!("/console/entry/import/{}", self.key())
    }

    fn required(self) -> String {
        match self {
            Self::Answers => answers::REQUIRED.join(", "),
            Self::Dossiers => dossiers::REQUIRED.join(", "),
        }
    }

    fn optional(self, snapshot: &Snapshot) -> String {
        let more = || answers::OPTIONAL.into_iter().chain(answers::question_keys(snapshot));
        match self {
            Self::Answers => more().collect::<Vec<_>>().join(", "),
            Self::Dossiers => String::new(),
        }
    }
}

/// What the form sends.
#[derive(MultipartForm)]
pub struct Upload {
    #[multipart(limit = "1KiB")]
    csrf: Text<String>,
    file: Bytes,
}

/// How much is taken in; a longer file is refused.
pub fn upload_limit() -> MultipartFormConfig {
    MultipartFormConfig::default().total_limit(MOST).memory_limit(MOST).error_handler(|error, _| {
        let message = Message::new("entry.import.unreadable").with("most", MOST / 1024).with("found", error);
        Fault::from(Error::invalid("file", message)).into()
    })
}

#[derive(Template)]
#[template(path = "console/entry/import.html", config = "frontend/askama.toml")]
struct FormPage {
    shell: Shell,
    address: String,
    faults: Vec<FormFault>,
    lead: String,
    done: String,
    required: String,
    optional: String,
}

fn form_page(actor: &Actor, snapshot: &Snapshot, kind: Kind, done: String) -> FormPage {
    let lang = actor.lang();
    let title = lang.text(&format!("entry.import.{}", kind.key()));
    FormPage {
        shell: Shell::of(actor, snapshot, "entry", title, kind.address()),
        address: kind.address(),
        faults: Vec::new(),
        lead: lang.text(&format!("entry.import.lead-{}", kind.key())),
        done,
        required: kind.required(),
        optional: kind.optional(snapshot),
    }
}

/// GET /console/entry/import/{kind}
///
/// # Errors
/// Not found for whoever may not enter answers, and for another kind.
pub async fn form(
    state: web::Data<State>,
    actor: Actor,
    kind: web::Path<String>,
    asked: web::Query<Typed>,
) -> Reply {
    let kind = Kind::of(&actor, &kind)?;
    let count = |name: &str| asked.get(name)?.parse::<usize>().ok();
    let counts = count("added").zip(count("changed")).zip(count("unchanged"));
    let done = counts.map_or_else(String::new, |((added, changed), unchanged)| {
        told(actor.lang(), "entry.import.done", Changes { added, changed, unchanged })
    });
    page(&form_page(&actor, &state.catalogue.snapshot(), kind, done))
}

fn told(lang: Lang, key: &str, changes: Changes) -> String {
    let [added, changed, unchanged] =
        [changes.added, changes.changed, changes.unchanged].map(|count| whole(lang, count));
    lang.with(key, &[("added", &added), ("changed", &changed), ("unchanged", &unchanged)])
}

/// What a file holds, and how much of it is new.
struct Contents {
    changes: Changes,
    headings: &'static [&'static str],
    rows: Vec<Vec<String>>,
}

fn contents(
    conn: &mut Conn,
    snapshot: &Snapshot,
    (actor, lang): (&person::Actor, Lang),
    kind: Kind,
    file: &[u8],
) -> Result<Contents> {
    match kind {
        Kind::Answers => {
            let responses = answers::read(snapshot, actor, file)?;
            let count = responses.len();
            let changes = if answers::is_stored(conn, &responses)? {
                Changes { unchanged: count, ..Changes::default() }
            } else {
                Changes { added: count, ..Changes::default() }
            };
            Ok(Contents { changes, headings: &ANSWERS, rows: answer_rows(lang, snapshot, &responses) })
        }
        Kind::Dossiers => {
            let planned = dossiers::plan(conn, snapshot, actor, file)?;
            let count = |fits: &dyn Fn(&Planned) -> bool| planned.iter().filter(|one| fits(one)).count();
            let changes = Changes {
                added: count(&|one| one.before.is_none()),
                changed: count(&|one| one.before.is_some() && one.is_new()),
                unchanged: count(&|one| !one.is_new()),
            };
            let rows = planned.iter().filter(|one| one.is_new()).take(SHOWN);
            let rows = rows.map(|one| dossier_row(lang, snapshot, one)).collect();
            Ok(Contents { changes, headings: &DOSSIERS, rows })
        }
    }
}

const ANSWERS: [&str; 9] =
    ["unit", "counter", "field", "procedure", "stage", "channel", "day", "sheets", "levels"];
const DOSSIERS: [&str; 5] = ["unit", "field", "month", "before", "after"];

/// Sheets that are about the same, with the levels of the overall question from 5 to 1.
fn answer_rows(lang: Lang, snapshot: &Snapshot, responses: &[Response]) -> Vec<Vec<String>> {
    let mut groups: BTreeMap<Vec<String>, (usize, [usize; 5])> = BTreeMap::new();
    let none = || "–".to_owned();
    for one in responses {
        let field = one.field.and_then(|id| snapshot.field(id));
        let procedure = one.procedure.and_then(|id| snapshot.procedure(id, one.day));
        let key = vec![
            words::unit(snapshot, one.served, one.day),
            snapshot.counters.get(&one.counter).map_or_else(none, |counter| counter.name.clone()),
            field.map_or_else(none, |field| field.name_in(lang).to_owned()),
            procedure.map_or_else(none, |version| version.name.clone()),
            one.stage.map_or_else(none, |stage| words::stage(lang, stage)),
            words::channel(lang, one.channel),
            lang.date(one.day),
        ];
        let (count, levels) = groups.entry(key).or_default();
        *count += 1;
        let overall = one.scores.get("overall");
        for (slot, level) in levels.iter_mut().zip(Level::DESCENDING) {
            *slot += usize::from(overall == Some(&Score::Level(level)));
        }
    }
    let row = |(mut cells, (count, levels)): (Vec<String>, (usize, [usize; 5]))| {
        cells.push(whole(lang, count));
        cells.push(levels.map(|count| whole(lang, count)).join(" · "));
        cells
    };
    groups.into_iter().take(SHOWN).map(row).collect()
}

fn dossier_row(lang: Lang, snapshot: &Snapshot, one: &Planned) -> Vec<String> {
    let first = day_date(one.settled.month * 100 + 1).unwrap_or(NaiveDate::MIN);
    let count = |count: i64| lang.count(u64::try_from(count).unwrap_or_default());
    vec![
        words::unit(snapshot, one.settled.unit, first),
        snapshot.field(one.settled.field).map_or_else(String::new, |field| field.name_in(lang).to_owned()),
        first.format("%m/%Y").to_string(),
        one.before.map_or_else(|| "–".to_owned(), count),
        count(one.settled.count),
    ]
}

#[derive(Template)]
#[template(path = "console/entry/import-preview.html", config = "frontend/askama.toml")]
struct PreviewPage {
    shell: Shell,
    address: String,
    would: String,
    is_new: bool,
    is_cut: bool,
    headings: Vec<String>,
    rows: Vec<Vec<String>>,
    file: String,
    at: String,
}

/// POST /console/entry/import/{kind}: what the file holds; nothing is stored.
///
/// # Errors
/// Forbidden for a form of another page; not found for whoever may not enter answers; those of the
/// database. Faults of the file are told above the form.
pub async fn preview(
    state: web::Data<State>,
    actor: Actor,
    request: HttpRequest,
    kind: web::Path<String>,
    upload: MultipartForm<Upload>,
) -> Reply {
    let Upload { csrf, file } = upload.into_inner();
    actor.check(request.headers(), &csrf)?;
    let kind = Kind::of(&actor, &kind)?;
    let (snapshot, lang) = (state.catalogue.snapshot(), actor.lang());
    let (person, catalogue, bytes) = (actor.person.clone(), snapshot.clone(), file.data.clone());
    let look = move |conn: &mut Conn| contents(conn, &catalogue, (&person, lang), kind, &bytes);
    match state.block(move |db| db.read(look)).await {
        Ok(found) => {
            let title = lang.text(&format!("entry.import.preview-{}", kind.key()));
            let heading = |key: &&str| lang.text(&format!("entry.import.head-{key}"));
            let now = Local::at(Utc::now());
            page(&PreviewPage {
                shell: Shell::of(&actor, &snapshot, "entry", title, kind.address()),
                address: kind.address(),
                would: told(lang, "entry.import.would", found.changes),
                is_new: found.changes.added + found.changes.changed > 0,
                is_cut: found.rows.len() == SHOWN,
                headings: found.headings.iter().map(heading).collect(),
                rows: found.rows,
                file: hex(&file.data),
                at: format!("{} {}", lang.date(now.day), now.time.format("%H:%M")),
            })
        }
        Err(error) => refuse(&actor, &snapshot, kind, error),
    }
}

/// The form with every fault of the file.
fn refuse(actor: &Actor, snapshot: &Snapshot, kind: Kind, error: Error) -> Reply {
    let Error::Invalid(found) = error else {
        return Err(error.into());
    };
    // Columns are named as the file names them; each fault leads to the one field of the form.
    let told = found.into_iter().map(|fault| FormFault {
        label: if fault.field == "file" { String::new() } else { fault.field },
        text: fault.message.text(actor.lang()),
        field: "file".to_owned(),
    });
    let faults = told.collect();
    let again = FormPage { faults, ..form_page(actor, snapshot, kind, String::new()) };
    page_with(StatusCode::UNPROCESSABLE_ENTITY, &again)
}

/// POST /console/entry/import/{kind}/application: stores the file that was shown.
///
/// # Errors
/// Forbidden for a form of another page; not found for whoever may not enter answers; those of the
/// database. Faults of the file are told above the form.
pub async fn apply(
    state: web::Data<State>,
    actor: Actor,
    request: HttpRequest,
    kind: web::Path<String>,
    form: web::Form<Typed>,
) -> Reply {
    actor.check(request.headers(), form.get("csrf").map_or("", String::as_str))?;
    let kind = Kind::of(&actor, &kind)?;
    let file = from_hex(form.get("file").map_or("", String::as_str)).unwrap_or_default();
    let (snapshot, person) = (state.catalogue.snapshot(), actor.person.clone());
    let catalogue = snapshot.clone();
    let write = move |conn: &mut Conn| match kind {
        Kind::Answers => answers::run(conn, &catalogue, &person, &file),
        Kind::Dossiers => dossiers::run(conn, &catalogue, &person, &file),
    };
    match state.block(move |db| db.write(write)).await {
        Ok(Changes { added, changed, unchanged }) => {
            let address = kind.address();
            Ok(see_other(&format!("{address}?added={added}&changed={changed}&unchanged={unchanged}")))
        }
        Err(error) => refuse(&actor, &snapshot, kind, error),
    }
}
