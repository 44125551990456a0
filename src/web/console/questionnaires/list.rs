//! The versions of each kind as lists, with a draft to begin.

use actix_web::{HttpRequest, web};
use askama::Template;

use super::{LIST, Reply, Texts, Typed, address, shell, step};
use crate::app::questionnaires;
use crate::domain::questionnaire::{Kind, Questionnaire, Stamp, Status};
use crate::locale::Lang;
use crate::web::actor::Actor;
use crate::web::console::listing::{Cell, Head, Listing, Rank, Table};
use crate::web::console::{Shell, catalogue, words};
use crate::web::respond::page;
use crate::web::state::State;

/// Columns of a list with the keys of their words.
const COLUMNS: [(&str, &str); 7] = [
    ("version", "version"),
    ("status", "status"),
    ("questions", "questions"),
    ("languages", "offered"),
    ("created", "created"),
    ("published", "published"),
    ("retired", "retired"),
];

/// The versions of one kind.
fn versions(lang: Lang, kind: Kind, all: &[Questionnaire]) -> Table {
    let texts = Texts(lang);
    let step = |stamp: Option<&Stamp>| {
        let rank = stamp.map_or(Rank::Text, |stamp| Rank::Instant(stamp.at));
        Cell::whole(step(lang, stamp)).ranked(rank)
    };
    let row = |one: &Questionnaire| {
        let languages: Vec<String> = one.offered().iter().map(|tag| tag.as_str().to_owned()).collect();
        let (status, steps) = (one.status.key(), &one.steps);
        let version = format!("{} {}", texts.t("version"), one.version);
        vec![
            Cell::link(version, address(one.id)),
            Cell::state(status, texts.t(&format!("status-{status}"))),
            Cell::count(lang, one.asked().count()),
            Cell::text(languages.join(", ")),
            step(steps.created.as_ref()),
            step(steps.published.as_ref()),
            step(steps.retired.as_ref()),
        ]
    };
    Table {
        id: kind.key(),
        title: words::kind(lang, kind),
        class: "few",
        empty: texts.t("none"),
        heads: COLUMNS.map(|(key, word)| Head::of(key, texts.t(word))).into(),
        rows: all.iter().filter(|one| one.kind == kind).map(row).collect(),
        ..Table::default()
    }
}

/// The versions of one kind, and whether a draft can be begun.
struct Group {
    table: Table,
    may_draft: bool,
}

#[derive(Template)]
#[template(path = "console/questionnaires.html", config = "frontend/askama.toml")]
struct ListPage {
    shell: Shell,
    texts: Texts,
    tabs: Vec<(String, &'static str, bool)>,
    groups: Vec<Group>,
}

/// GET /console/catalogue/questionnaires, and the versions of one kind as a file with `.{format}`.
///
/// # Errors
/// Not found for whoever may not, and for a file that there is not; those of the database.
pub async fn list(
    state: web::Data<State>,
    actor: Actor,
    request: HttpRequest,
    asked: web::Query<Typed>,
) -> Reply {
    let lang = actor.lang();
    let all = state.read(&actor, questionnaires::list).await?;
    let listing = Listing::of(lang, LIST, &request, &asked);
    let mut tables = Kind::ALL.map(|kind| versions(lang, kind, &all));
    let title = lang.text("questionnaires.title");
    if let Some(file) = listing.arrange(&mut tables, &title).await? {
        return Ok(file);
    }
    let is_drafted = |kind: &str| all.iter().any(|one| one.kind.key() == kind && one.status == Status::Draft);
    let here = request.uri().path_and_query().map_or_else(String::new, ToString::to_string);
    page(&ListPage {
        shell: shell(&state, &actor, title, here),
        texts: Texts(lang),
        tabs: catalogue::tabs(lang, "questionnaires"),
        groups: tables.map(|table| Group { may_draft: !is_drafted(table.id), table }).into(),
    })
}
