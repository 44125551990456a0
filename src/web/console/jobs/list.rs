//! The list of one's own jobs, and of those of others that may be cancelled.

use actix_web::{HttpRequest, web};

use super::{PATH, address, ask, kind_of, percent, seconds, state_word, text, time};
use crate::app::jobs::{Job, Jobs};
use crate::domain::person::{self, Permission};
use crate::error::Result;
use crate::locale::Lang;
use crate::web::actor::Actor;
use crate::web::console::Shell;
use crate::web::console::catalogue::{Cell, Head, Page, Rank, Reply, Table, Words};
use crate::web::console::listing::{Button, Listing, Place};
use crate::web::state::State;

/// A row of the list.
fn row(lang: Lang, job: &Job, is_own: bool) -> Result<Vec<Cell>> {
    let state = match percent(job) {
        Some(percent) => format!("{} · {percent}%", state_word(lang, job)),
        None => state_word(lang, job),
    };
    let took = time(lang, job).map_or_else(
        || Cell::whole("–"),
        |took| Cell::whole(took).ranked(Rank::Word(seconds(job).unwrap_or_default().to_string())),
    );
    let what = text(lang, &format!("kind-{}", kind_of(job)?.key()));
    let button = job.state.is_open().then(|| Button {
        action: format!("{}/cancellation", address(job.id)),
        word: text(lang, "cancel"),
        about: what.clone(),
    });
    let cancel = Cell { button, ..Cell::text("") };
    let what = if is_own { Cell::link(what, address(job.id)) } else { Cell::text(what) };
    let mut cells = vec![what, Cell::whole(state), Cell::instant(lang, job.created_at), took];
    if !is_own {
        cells.push(Cell::text(job.person.clone()));
    }
    cells.push(cancel);
    Ok(cells)
}

/// A table of jobs: one's own lead to their pages, those of others say whose they are.
fn table(lang: Lang, jobs: &[Job], is_own: bool) -> Result<Table> {
    let keys: &[&'static str] = if is_own {
        &["what", "state", "asked", "took", "end"]
    } else {
        &["what", "state", "asked", "took", "person", "end"]
    };
    let head = |key: &&'static str| {
        let place = if *key == "end" { Place::Screen } else { Place::Everywhere };
        Head::of(key, text(lang, &format!("column-{key}"))).only(place)
    };
    Ok(Table {
        id: if is_own { "jobs" } else { "others" },
        title: if is_own { String::new() } else { text(lang, "of-others") },
        caption: text(lang, if is_own { "caption" } else { "caption-others" }),
        heads: keys.iter().map(head).collect(),
        rows: jobs.iter().map(|job| row(lang, job, is_own)).collect::<Result<_>>()?,
        empty: text(lang, if is_own { "empty" } else { "empty-others" }),
        ..Table::default()
    })
}

/// GET /console/jobs, and /console/jobs.{format}: one's own jobs, the newest first; whoever may cancel those of
/// others finds the open ones below.
///
/// # Errors
/// Not found for another format; those of the database.
pub async fn list(state: web::Data<State>, actor: Actor, request: HttpRequest, asked: Words) -> Reply {
    let lang = actor.lang();
    let both = |jobs: &Jobs, person: &person::Actor| Ok((jobs.list(person)?, jobs.of_others(person)?));
    let (own, others) = ask(&state, &actor, both).await?;
    let mut tables = vec![table(lang, &own, true)?];
    if actor.person.may(Permission::ManagePeople) {
        tables.push(table(lang, &others, false)?);
    }
    let here = request.uri().path_and_query().map_or_else(String::new, ToString::to_string);
    let shell = Shell::of(&actor, &state.catalogue.snapshot(), "", text(lang, "title"), here);
    let listing = Listing::of(lang, PATH, &request, &asked);
    Page { lead: text(lang, "lead"), ..Page::new(shell) }.list(&listing, tables).await
}
