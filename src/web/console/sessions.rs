//! Sessions as a list, on one's own account and on that of a person.

use actix_web::{HttpRequest, HttpResponse, web};
use serde::Deserialize;

use super::listing::{Button, Cell, Head, Place, Table};
use super::session::Proof;
use crate::app::sessions;
use crate::db::sessions::Session;
use crate::domain::ids::PersonId;
use crate::locale::Lang;
use crate::web::actor::Actor;
use crate::web::respond::{Fault, see_other};
use crate::web::state::State;

type Reply = Result<HttpResponse, Fault>;

/// Columns of the list with the keys of their words, and where they stand.
const COLUMNS: [(&str, &str, Place); 6] = [
    ("device", "people.device", Place::Everywhere),
    ("began", "people.began", Place::Everywhere),
    ("used", "people.used", Place::Everywhere),
    ("ends", "people.ends", Place::Everywhere),
    ("own", "people.this-one", Place::File),
    ("end", "people.session", Place::Screen),
];

/// The sessions of the account at an address; `own` is the hash of one's own, which signing out ends.
pub fn table(lang: Lang, account: &str, sessions: &[Session], own: &str) -> Table {
    let row = |session: &Session| {
        let began = Cell::instant(lang, session.created_at);
        let end = if session.token_hash == own {
            Cell::text(lang.text("people.this-one"))
        } else {
            let button = Button {
                action: format!("{account}/sessions/{}/ending", sessions::name(session)),
                word: lang.text("people.end-session"),
                about: began.text.clone(),
            };
            Cell { button: Some(button), ..Cell::text("") }
        };
        let [used, ends] = [session.last_used_at, session.expires_at].map(|at| Cell::instant(lang, at));
        let own = Cell::text(end.text.clone());
        let device = if session.device.is_empty() { "–".to_owned() } else { session.device.clone() };
        vec![Cell::text(device), began, used, ends, own, end]
    };
    Table {
        id: "sessions",
        class: "plain",
        title: lang.text("people.sessions"),
        caption: lang.text("people.sessions-caption"),
        heads: COLUMNS.map(|(key, word, place)| Head::of(key, lang.text(word)).only(place)).into(),
        rows: sessions.iter().map(row).collect(),
        empty: lang.text("people.no-sessions"),
        ..Table::default()
    }
}

/// POST /console/account/sessions/{session}/ending
///
/// # Errors
/// Forbidden for a form of another page; those of the database.
pub async fn end_own(
    state: web::Data<State>,
    actor: Actor,
    request: HttpRequest,
    session: web::Path<String>,
    form: web::Form<Proof>,
) -> Reply {
    actor.check(request.headers(), &form.csrf)?;
    let session = session.into_inner();
    state.write(&actor, move |conn, person| sessions::end_own(conn, person, &session)).await?;
    Ok(see_other("/console/account"))
}

/// What an address says of a session of somebody.
#[derive(Deserialize)]
pub struct Of {
    id: i64,
    session: String,
}

/// POST /console/people/{id}/sessions/{session}/ending
///
/// # Errors
/// Forbidden for a form of another page; not found, and for all but administrators; those of the database.
pub async fn end(
    state: web::Data<State>,
    actor: Actor,
    request: HttpRequest,
    of: web::Path<Of>,
    form: web::Form<Proof>,
) -> Reply {
    actor.check(request.headers(), &form.csrf)?;
    let Of { id, session } = of.into_inner();
    let of = PersonId::from(id);
    state.write(&actor, move |conn, person| sessions::end(conn, person, of, &session)).await?;
    Ok(see_other(&format!("/console/people/{id}")))
}
