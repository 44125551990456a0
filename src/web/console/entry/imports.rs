//! Files of answers on paper and of dossiers: the form, and what a file holds.

use actix_multipart::form::MultipartForm;
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, web};
use chrono::NaiveDate;

use super::{Reply, whole};
use crate::app::catalogue::Snapshot;
use crate::app::import::Kind;
use crate::app::import::dossiers::Weighed;
use crate::app::import::preview::{Alike, Lines, SHOWN};
use crate::domain::person::Permission;
use crate::domain::tally::day_date;
use crate::error::{Error, Result};
use crate::locale::{Lang, Message};
use crate::web::actor::Actor;
use crate::web::console::catalogue::{Cell, Head, Table};
use crate::web::console::uploads::guide::{self, Guide, UploadPage};
use crate::web::console::uploads::{self, Application, Looked, Upload};
use crate::web::console::{Shell, words};
use crate::web::respond::{page, page_with};
use crate::web::state::State;

fn known(actor: &Actor, word: &str) -> Result<Kind> {
    actor.person.require(Permission::EnterAnswers)?;
    Kind::from_key(word)
        .filter(|kind| Kind::ENTRY.contains(kind))
        .ok_or_else(|| Error::NotFound(Message::new("error.page-not-found")))
}

fn form_page(actor: &Actor, snapshot: &Snapshot, kind: Kind) -> UploadPage {
    let lang = actor.lang();
    let title = lang.text(&format!("entry.import.{}", kind.key()));
    UploadPage {
        shell: Shell::of(actor, snapshot, "entry", title, uploads::path(kind)),
        back: "/console/entry".to_owned(),
        back_word: lang.text("entry.home.title"),
        lead: lang.text(&format!("entry.import.lead-{}", kind.key())),
        address: uploads::path(kind),
        hint: guide::hint(lang, &[kind]),
        faults: Vec::new(),
        all_faults: None,
        guides: vec![Guide::of(lang, snapshot, kind, true)],
    }
}

/// GET /console/entry/import/{kind}/template.{format}
///
/// # Errors
/// Not found for whoever may not enter answers, and for another kind or format.
pub async fn template(state: web::Data<State>, actor: Actor, of: web::Path<(String, String)>) -> Reply {
    let (kind, format) = of.into_inner();
    let kind = known(&actor, &kind)?;
    Ok(guide::file(actor.lang(), &state.catalogue.snapshot(), kind, &format).await?)
}

/// GET /console/entry/import/{kind}
///
/// # Errors
/// Not found for whoever may not enter answers, and for another kind.
pub async fn form(state: web::Data<State>, actor: Actor, kind: web::Path<String>) -> Reply {
    let kind = known(&actor, &kind)?;
    page(&form_page(&actor, &state.catalogue.snapshot(), kind))
}

const ANSWERS: [&str; 9] =
    ["unit", "counter", "field", "procedure", "stage", "channel", "day", "sheets", "levels"];
const DOSSIERS: [&str; 7] = ["unit", "field", "month", "before", "after", "answers", "note"];

/// Sheets that are about the same, with the levels of the overall question from 5 to 1.
fn answer_rows(lang: Lang, snapshot: &Snapshot, groups: &[Alike]) -> Vec<Vec<String>> {
    let none = || "–".to_owned();
    let row = |Alike { about, sheets, levels }: &Alike| {
        let field = about.field.and_then(|id| snapshot.field(id));
        let procedure = about.procedure.and_then(|id| snapshot.procedure(id, about.day));
        vec![
            words::unit(snapshot, about.unit, about.day),
            snapshot.counters.get(&about.counter).map_or_else(none, |counter| counter.name.clone()),
            field.map_or_else(none, |field| field.name_in(lang).to_owned()),
            procedure.map_or_else(none, |version| version.name.clone()),
            about.stage.map_or_else(none, |stage| words::stage(lang, stage)),
            words::channel(lang, about.channel),
            lang.date(about.day),
            whole(lang, *sheets),
            levels.map(|count| whole(lang, count)).join(" · "),
        ]
    };
    let mut rows: Vec<_> = groups.iter().map(row).collect();
    rows.sort();
    rows.truncate(SHOWN);
    rows
}

fn dossier_row(lang: Lang, snapshot: &Snapshot, weighed: &Weighed) -> Vec<String> {
    let one = &weighed.planned;
    let first = day_date(one.settled.month * 100 + 1).unwrap_or(NaiveDate::MIN);
    let count = |count: i64| lang.count(u64::try_from(count).unwrap_or_default());
    vec![
        words::unit(snapshot, one.settled.unit, first),
        snapshot.field(one.settled.field).map_or_else(String::new, |field| field.name_in(lang).to_owned()),
        first.format("%m/%Y").to_string(),
        one.before.map_or_else(|| "–".to_owned(), count),
        count(one.settled.count),
        weighed.answers.map_or_else(|| "–".to_owned(), |answers| lang.count(answers)),
        if weighed.is_exceeded() { lang.text("entry.dossiers.exceeded") } else { String::new() },
    ]
}

/// What a file holds; of dossiers, only the lines that change something.
fn table(lang: Lang, snapshot: &Snapshot, lines: &Lines) -> Table {
    let (heads, rows): (&[&'static str], _) = match lines {
        Lines::Answers(groups) => (&ANSWERS, answer_rows(lang, snapshot, groups)),
        Lines::Dossiers(weighed) => {
            (&DOSSIERS, weighed.iter().map(|one| dossier_row(lang, snapshot, one)).collect())
        }
        Lines::Rows(_) => (&[], Vec::new()),
    };
    let exceeded = matches!(lines, Lines::Dossiers(weighed) if weighed.iter().any(Weighed::is_exceeded));
    let said = [
        (true, "entry.import.caption"),
        (exceeded, "entry.import.exceeded"),
        (rows.len() == SHOWN, "entry.import.cut"),
    ];
    let said = said.into_iter().filter(|(is_said, _)| *is_said).map(|(_, key)| lang.text(key));
    let head = |key: &&'static str| Head::of(key, lang.text(&format!("entry.import.head-{key}")));
    Table {
        id: "preview",
        caption: said.collect::<Vec<_>>().join(" "),
        heads: heads.iter().map(head).collect(),
        rows: rows.into_iter().map(|row: Vec<String>| row.into_iter().map(Cell::text).collect()).collect(),
        empty: lang.text("import.nothing"),
        ..Table::default()
    }
}

/// POST /console/entry/import/{kind}: what the file holds, or the page of the job that finds it; nothing is
/// stored.
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
    let kind = known(&actor, &kind)?;
    match uploads::look(&state, &actor, &request, kind, upload.into_inner()).await? {
        Looked::Shown(reply) => Ok(reply),
        Looked::Faulty(faulty) => {
            let again = form_page(&actor, &state.catalogue.snapshot(), kind).again(faulty);
            page_with(StatusCode::UNPROCESSABLE_ENTITY, &again)
        }
    }
}

/// The title of a preview, and what the file holds.
pub fn previewed(lang: Lang, snapshot: &Snapshot, kind: Kind, lines: &Lines) -> (String, Table) {
    (lang.text(&format!("entry.import.preview-{}", kind.key())), table(lang, snapshot, lines))
}

/// POST /console/entry/import/{kind}/application: starts to store the file that was shown.
///
/// # Errors
/// Those of [`uploads::apply`].
pub async fn apply(
    state: web::Data<State>,
    actor: Actor,
    request: HttpRequest,
    kind: web::Path<String>,
    form: web::Form<Application>,
) -> Reply {
    let kind = known(&actor, &kind)?;
    uploads::apply(&state, &actor, &request, kind, form.into_inner()).await
}
