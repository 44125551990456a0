//! The page behind a one-time link: an invited person chooses a password.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use serde::Deserialize;

use super::session::signed_in;
use super::throttle::{Throttle, client_address};
use super::{FormFault, Shell, form_faults};
use crate::app::{passwords, sign_in, token::Token};
use crate::db::people::Person;
use crate::error::{Error, Result};
use crate::locale::Message;
use crate::web::actor::device_of;
use crate::web::csrf::same_site;
use crate::web::respond::{Fault, page, page_with};
use crate::web::state::State;

type Reply = std::result::Result<HttpResponse, Fault>;

#[derive(Template)]
#[template(path = "console/invitation.html", config = "frontend/askama.toml")]
struct InvitationPage {
    shell: Shell,
    name: String,
    login: String,
    rule: String,
    faults: Vec<FormFault>,
}

impl InvitationPage {
    fn of(state: &State, person: Person, faults: Vec<FormFault>) -> Self {
        let lang = person.language;
        let length = passwords::PASSWORD_LENGTH.to_string();
        let title = lang.text("people.invitation-title");
        Self {
            shell: Shell::plain(lang, state.catalogue.snapshot().simulated, title),
            rule: lang.with("people.invitation-rule", &[("length", &length)]),
            name: person.name,
            login: person.login,
            faults,
        }
    }
}

/// The person whom a link invites. Only links that nobody was given are counted: a room full of people with
/// their own ones shares an address, and 256 random bits are not guessed.
async fn invited(
    state: &State,
    throttle: &Throttle,
    request: &HttpRequest,
    token: &str,
) -> Result<(Token, Person)> {
    let found = match Token::parse(token) {
        Some(token) => {
            let asked = token.clone();
            let found = state.block(move |db| db.read(|conn| sign_in::invited(conn, &asked))).await;
            found.map(|person| (token, person))
        }
        None => Err(Error::NotFound(Message::new("people.link-unknown"))),
    };
    if let Err(Error::NotFound(_)) = found {
        throttle.check("", client_address(request, state.config.trusted_proxy))?;
    }
    found
}

/// GET /console/invitation/{token}: looking changes nothing, so that a preview of the link in a chat does
/// not use it up.
///
/// # Errors
/// Not found for a link that is unknown or was used; gone for one that is no longer valid; too many tries.
pub async fn form(
    state: web::Data<State>,
    throttle: web::Data<Throttle>,
    request: HttpRequest,
    token: web::Path<String>,
) -> Reply {
    let (_, person) = invited(&state, &throttle, &request, &token).await?;
    page(&InvitationPage::of(&state, person, Vec::new()))
}

/// What the form sends.
#[derive(Deserialize)]
pub struct Chosen {
    new: String,
    again: String,
}

/// POST /console/invitation/{token}
///
/// # Errors
/// Forbidden for a form of another site; those of [`form`]. A password that breaks a rule shows the form
/// again.
pub async fn accept(
    state: web::Data<State>,
    throttle: web::Data<Throttle>,
    request: HttpRequest,
    token: web::Path<String>,
    form: web::Form<Chosen>,
) -> Reply {
    same_site(request.headers())?;
    let (token, person) = invited(&state, &throttle, &request, &token).await?;
    let (new, device) = (form.new.clone(), device_of(&request));
    let outcome = if form.new == form.again {
        state.block(move |db| sign_in::accept(db, &token, &new, &device)).await
    } else {
        Err(Error::invalid("again", Message::new("console.password.differ")))
    };
    match outcome {
        Ok(opened) => signed_in(&state, &opened, "/console"),
        Err(error @ Error::Invalid(_)) => {
            let faults = form_faults(person.language, error)?;
            page_with(StatusCode::UNPROCESSABLE_ENTITY, &InvitationPage::of(&state, person, faults))
        }
        Err(error) => Err(error.into()),
    }
}
