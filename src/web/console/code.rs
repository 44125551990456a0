//! The second step of signing in: a code of the telephone, or a recovery code.

use std::collections::HashMap;

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use serde::Deserialize;

use super::lapsed::{self, Kept};
use super::throttle::Throttle;
use super::{FormFault, Shell, form_faults};
use crate::app::sign_in::{self, Opened};
use crate::app::token::Token;
use crate::db::people::Person;
use crate::error::{Error, Result};
use crate::locale::Lang;
use crate::web::actor::{CODE_PATH, cookie, local, token_of};
use crate::web::csrf::Csrf;
use crate::web::respond::{Fault, page, page_with, see_other};
use crate::web::state::State;

type Reply = std::result::Result<HttpResponse, Fault>;

#[derive(Template)]
#[template(path = "console/sign-in-code.html", config = "frontend/askama.toml")]
struct CodePage {
    shell: Shell,
    csrf: String,
    next: String,
    kept: Kept,
    faults: Vec<FormFault>,
}

impl CodePage {
    fn of(state: &State, person: &Person, csrf: &Csrf, next: &str, faults: Vec<FormFault>) -> Self {
        let lang = person.language;
        let title = lang.text("people.code-title");
        Self {
            shell: Shell::plain(lang, state.catalogue.snapshot().simulated, title),
            csrf: csrf.masked(),
            next: local(Some(next)).to_owned(),
            kept: Kept::default(),
            faults,
        }
    }
}

/// Who gave a password and still has to give a code.
async fn half_signed_in(state: &State, request: &HttpRequest) -> Result<Option<(Person, Csrf, Token)>> {
    let Some(token) = token_of(request) else {
        return Ok(None);
    };
    let csrf = Csrf::of(&state.secret, &token.hash())?;
    let looked_up = token.clone();
    let found = state.block(move |db| sign_in::of_session(db, &looked_up)).await?;
    Ok(found.filter(|(session, _)| session.awaits_code).map(|(_, person)| (person, csrf, token)))
}

/// GET /console/sign-in/code
///
/// # Errors
/// Those of the database.
pub async fn form(
    state: web::Data<State>,
    request: HttpRequest,
    words: web::Query<HashMap<String, String>>,
) -> Reply {
    let next = words.get("next").map_or("", String::as_str);
    match half_signed_in(&state, &request).await? {
        Some((person, csrf, _)) => page(&CodePage::of(&state, &person, &csrf, next, Vec::new())),
        None => Ok(see_other(local(Some(next)))),
    }
}

/// What the form sends.
#[derive(Deserialize)]
pub struct Code {
    csrf: String,
    code: String,
    #[serde(default)]
    next: String,
    /// Where a form was to go whose session had ended, and what was typed in it.
    #[serde(default)]
    to: String,
    #[serde(default)]
    typed: String,
}

/// Asks for the code of a person who gave the password after a form whose session had ended.
///
/// # Errors
/// Internal, when the page or its cookie cannot be written.
pub fn ask(state: &State, lang: Lang, opened: &Opened, kept: Kept) -> Reply {
    let shown = CodePage {
        shell: Shell::plain(lang, state.catalogue.snapshot().simulated, lang.text("people.code-title")),
        csrf: Csrf::of(&state.secret, &opened.token.hash())?.masked(),
        next: String::new(),
        kept,
        faults: Vec::new(),
    };
    let mut reply = page(&shown)?;
    reply.add_cookie(&cookie(&opened.token, state.config.is_https())).map_err(Error::internal)?;
    Ok(reply)
}

/// POST /console/sign-in/code
///
/// # Errors
/// Forbidden for a form of another page; too many tries; those of the database. A wrong code shows the
/// form again.
pub async fn enter(
    state: web::Data<State>,
    throttle: web::Data<Throttle>,
    request: HttpRequest,
    form: web::Form<Code>,
) -> Reply {
    let Some((person, csrf, token)) = half_signed_in(&state, &request).await? else {
        return Ok(see_other(CODE_PATH));
    };
    csrf.check(request.headers(), &form.csrf)?;
    throttle.check_code(&person.login)?;
    let (secret, code) = (state.secret.clone(), form.code.clone());
    let kept = Kept { to: form.to.clone(), typed: form.typed.clone() };
    match state.block(move |db| sign_in::enter_code(db, &secret, &token, &code)).await {
        Ok(token) if !kept.is_empty() => {
            let opened = Opened { token, awaits_code: false };
            lapsed::resume(&state, person.language, &opened, &kept)
        }
        Ok(token) => {
            let mut response = see_other(local(Some(&form.next)));
            response.add_cookie(&cookie(&token, state.config.is_https())).map_err(Error::internal)?;
            Ok(response)
        }
        Err(error) => {
            let faults = form_faults(person.language, error)?;
            let page = CodePage::of(&state, &person, &csrf, &form.next, faults);
            page_with(StatusCode::UNPROCESSABLE_ENTITY, &CodePage { kept, ..page })
        }
    }
}
