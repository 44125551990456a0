//! Entering what does not come from phones: answers on paper and from interviews, files, dossiers settled.

pub mod batch;
pub mod batches;
pub mod dossiers;
pub mod imports;
pub mod keying;
pub mod sheet;

use std::collections::HashMap;

use actix_web::web::{ServiceConfig, get, post, resource};
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;

use super::{FormFault, Shell, uploads};
use crate::app::batches as app;
use crate::domain::batch::State as Stage;
use crate::domain::person::Permission;
use crate::locale::Lang;
use crate::web::actor::Actor;
use crate::web::respond::{Fault, page};
use crate::web::state::State;

type Typed = HashMap<String, String>;
type Reply = Result<HttpResponse, Fault>;

/// Adds the routes of this area.
pub fn configure(config: &mut ServiceConfig) {
    config
        .service(resource("/console/entry").route(get().to(show)))
        .service(
            resource("/console/entry/batches")
                .route(get().to(batches::list))
                .route(post().to(batches::create)),
        )
        .service(resource("/console/entry/batches.{format}").route(get().to(batches::list)))
        .service(resource("/console/entry/batches/new").route(get().to(batches::new)))
        .service(resource("/console/entry/batches/{id}").route(get().to(batch::show)))
        .service(resource("/console/entry/batches/{id}/sheets").route(post().to(batch::key_in)))
        .service(
            resource("/console/entry/batches/{id}/sheets/{number}")
                .route(get().to(sheet::show))
                .route(post().to(sheet::correct)),
        )
        .service(
            resource("/console/entry/batches/{id}/sheets/{number}/striking").route(post().to(sheet::strike)),
        )
        .service(resource("/console/entry/batches/{id}/checks").route(post().to(batch::check)))
        .service(resource("/console/entry/batches/{id}/closure").route(post().to(batch::close)))
        .service(
            resource("/console/entry/import/{kind}")
                .app_data(uploads::limit())
                .route(get().to(imports::form))
                .route(post().to(imports::preview)),
        )
        .service(resource("/console/entry/import/{kind}/application").route(post().to(imports::apply)))
        .service(
            resource("/console/entry/import/{kind}/template.{format}").route(get().to(imports::template)),
        )
        .service(resource("/console/dossiers").route(get().to(dossiers::list)))
        .service(resource("/console/dossiers.{format}").route(get().to(dossiers::list)))
        .service(
            resource("/console/dossiers/{unit}/{month}")
                .route(get().to(dossiers::show))
                .route(post().to(dossiers::save)),
        );
}

#[derive(Template)]
#[template(path = "console/entry/home.html", config = "frontend/askama.toml")]
struct Home {
    shell: Shell,
    open: String,
}

/// GET /console/entry
///
/// # Errors
/// Not found for whoever may not enter answers; those of the database.
pub async fn show(state: web::Data<State>, actor: Actor) -> Reply {
    actor.person.require(Permission::EnterAnswers)?;
    let snapshot = state.catalogue.snapshot();
    let catalogue = snapshot.clone();
    let batches = state.read(&actor, move |conn, person| app::list(conn, &catalogue, person)).await?;
    let lang = actor.lang();
    let open = batches.iter().filter(|batch| batch.state != Stage::Closed).count();
    page(&Home {
        shell: Shell::of(
            &actor,
            &snapshot,
            "entry",
            lang.text("entry.home.title"),
            "/console/entry".to_owned(),
        ),
        open: lang.with("entry.home.open", &[("count", &whole(lang, open))]),
    })
}

/// A count as the language writes it.
fn whole(lang: Lang, count: usize) -> String {
    lang.count(u64::try_from(count).unwrap_or(u64::MAX))
}

/// A fault with the words that stand at its field.
fn labelled(lang: Lang, fault: FormFault) -> FormFault {
    let label = lang.text(&format!("entry.field.{}", fault.field));
    FormFault { label, ..fault }
}

/// The address of a request.
fn here(request: &HttpRequest) -> String {
    request.uri().path_and_query().map_or_else(String::new, ToString::to_string)
}
