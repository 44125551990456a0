//! Sign-in, sign-out, the change of a password and of the language.

use std::collections::HashMap;

use actix_web::http::StatusCode;
use actix_web::{HttpMessage, HttpRequest, HttpResponse, web};
use askama::Template;
use serde::Deserialize;
use validator::Validate;

use super::lapsed::{self, Kept};
use super::throttle::{Throttle, client_address};
use super::{FormFault, Shell, code, form_faults};
use crate::app::{passwords, people, sign_in};
use crate::error::Error;
use crate::locale::Lang;
use crate::web::actor::{Actor, CODE_PATH, cookie, device_of, encode, local, no_cookie};
use crate::web::csrf::same_site;
use crate::web::respond::{Fault, page, page_with, see_other};
use crate::web::state::State;

#[derive(Template)]
#[template(path = "console/sign-in.html", config = "frontend/askama.toml")]
struct SignInPage {
    shell: Shell,
    login: String,
    next: String,
    kept: Kept,
    faults: Vec<FormFault>,
}

/// What the sign-in form sends.
#[derive(Deserialize, Validate)]
pub struct SignIn {
    #[validate(length(min = 1, max = 64))]
    login: String,
    #[validate(length(min = 1, max = 400))]
    password: String,
    #[serde(default)]
    next: String,
    #[serde(default)]
    lang: String,
    /// Where a form was to go whose session had ended, and what was typed in it.
    #[serde(default)]
    to: String,
    #[serde(default)]
    typed: String,
}

type Words = web::Query<HashMap<String, String>>;

/// GET /console/sign-in
///
/// # Errors
/// Internal when the page cannot be rendered.
pub async fn sign_in_form(state: web::Data<State>, words: Words) -> Result<HttpResponse, Fault> {
    let lang = words.get("lang").and_then(|key| Lang::from_key(key)).unwrap_or_default();
    let next = local(words.get("next").map(String::as_str)).to_owned();
    page(&sign_in_page(&state, lang, String::new(), next, Vec::new()))
}

fn sign_in_page(
    state: &State,
    lang: Lang,
    login: String,
    next: String,
    faults: Vec<FormFault>,
) -> SignInPage {
    let simulated = state.catalogue.snapshot().simulated;
    let title = lang.text("console.sign-in.title");
    SignInPage { shell: Shell::plain(lang, simulated, title), login, next, kept: Kept::default(), faults }
}

/// The sign-in page for whoever sent a form when the session had ended.
///
/// # Errors
/// Internal when the page cannot be rendered.
pub fn lapsed(state: &State, lang: Lang, kept: Kept) -> Result<HttpResponse, Fault> {
    let shown = sign_in_page(state, lang, String::new(), String::new(), Vec::new());
    page(&SignInPage { kept, ..shown })
}

/// POST /console/sign-in
///
/// # Errors
/// Too many tries; those of the database. Wrong input shows the form again.
pub async fn sign_in(
    state: web::Data<State>,
    throttle: web::Data<Throttle>,
    request: HttpRequest,
    form: web::Form<SignIn>,
) -> Result<HttpResponse, Fault> {
    same_site(request.headers())?;
    let SignIn { login, password, next, lang, to, typed } = &*form;
    let kept = Kept { to: to.clone(), typed: typed.clone() };
    let lang = Lang::from_key(lang).unwrap_or_default();
    // A page of an error speaks as the form did.
    request.extensions_mut().insert(lang);
    throttle.check(&people::fold(login), client_address(&request, state.config.trusted_proxy))?;
    let outcome = if form.validate().is_ok() {
        let (login, password, device) = (login.clone(), password.clone(), device_of(&request));
        state.block(move |db| sign_in::sign_in(db, &login, &password, &device)).await
    } else {
        Err(Error::invalid("login", crate::locale::Message::new("console.sign-in.wrong")))
    };
    match outcome {
        Ok(opened) if kept.is_empty() => signed_in(&state, &opened, local(Some(next))),
        Ok(opened) if opened.awaits_code => code::ask(&state, lang, &opened, kept),
        Ok(opened) => lapsed::resume(&state, lang, &opened, &kept),
        Err(error) => {
            let faults = form_faults(lang, error)?;
            let next = local(Some(next)).to_owned();
            let shown = sign_in_page(&state, lang, login.clone(), next, faults);
            page_with(StatusCode::UNPROCESSABLE_ENTITY, &SignInPage { kept, ..shown })
        }
    }
}

/// Hands a session to the browser, which goes on to enter a code where one is still to come.
///
/// # Errors
/// Internal, when the cookie cannot be written.
pub fn signed_in(state: &State, opened: &sign_in::Opened, next: &str) -> Result<HttpResponse, Fault> {
    let address = match (opened.awaits_code, next) {
        (false, next) => next.to_owned(),
        (true, "/console") => CODE_PATH.to_owned(),
        (true, next) => format!("{CODE_PATH}?next={}", encode(next)),
    };
    let mut response = see_other(&address);
    response.add_cookie(&cookie(&opened.token, state.config.is_https())).map_err(Error::internal)?;
    Ok(response)
}

/// A form of nothing but its proof.
#[derive(Deserialize)]
pub struct Proof {
    /// The proof.
    pub csrf: String,
}

/// POST /console/sign-out
///
/// # Errors
/// Forbidden for a form of another page; those of the database.
pub async fn sign_out(
    state: web::Data<State>,
    actor: Actor,
    request: HttpRequest,
    form: web::Form<Proof>,
) -> Result<HttpResponse, Fault> {
    actor.check(request.headers(), &form.csrf)?;
    let token = actor.token.clone();
    state.block(move |db| db.write(|conn| sign_in::sign_out(conn, &token))).await?;
    let mut response = see_other("/console/sign-in");
    response.add_cookie(&no_cookie(state.config.is_https())).map_err(Error::internal)?;
    Ok(response)
}

/// What the language switch sends.
#[derive(Deserialize)]
pub struct Switch {
    csrf: String,
    lang: String,
    #[serde(default)]
    next: String,
}

/// POST /console/language
///
/// # Errors
/// Forbidden for a form of another page; those of the database.
pub async fn change_language(
    state: web::Data<State>,
    actor: Actor,
    request: HttpRequest,
    form: web::Form<Switch>,
) -> Result<HttpResponse, Fault> {
    actor.check(request.headers(), &form.csrf)?;
    let lang = Lang::from_key(&form.lang).unwrap_or_default();
    state.write(&actor, move |conn, person| sign_in::change_language(conn, person, lang)).await?;
    Ok(see_other(local(Some(&form.next))))
}

#[derive(Template)]
#[template(path = "console/password.html", config = "frontend/askama.toml")]
struct PasswordPage {
    shell: Shell,
    forced: bool,
    rule: String,
    faults: Vec<FormFault>,
}

/// What the password form sends.
#[derive(Deserialize, Validate)]
pub struct Password {
    csrf: String,
    current: String,
    #[validate(length(max = 400))]
    new: String,
    #[validate(must_match(other = "new"))]
    again: String,
}

/// GET /console/password
///
/// # Errors
/// Internal when the page cannot be rendered.
pub async fn password_form(state: web::Data<State>, actor: Actor) -> Result<HttpResponse, Fault> {
    page(&password_page(&state, &actor, Vec::new()))
}

fn password_page(state: &State, actor: &Actor, faults: Vec<FormFault>) -> PasswordPage {
    let lang = actor.lang();
    let title = lang.text("console.password.title");
    let here = crate::web::actor::PASSWORD_PATH.to_owned();
    let length = passwords::PASSWORD_LENGTH.to_string();
    PasswordPage {
        shell: Shell::of(actor, &state.catalogue.snapshot(), "", title, here),
        forced: actor.must_change_password,
        rule: lang.with("console.password.rule", &[("length", &length)]),
        faults,
    }
}

/// POST /console/password
///
/// # Errors
/// Forbidden for a form of another page; too many tries; those of the database.
pub async fn change_password(
    state: web::Data<State>,
    throttle: web::Data<Throttle>,
    actor: Actor,
    request: HttpRequest,
    form: web::Form<Password>,
) -> Result<HttpResponse, Fault> {
    actor.check(request.headers(), &form.csrf)?;
    throttle.check(actor.person.audit_name(), client_address(&request, state.config.trusted_proxy))?;
    let outcome = if form.validate().is_ok() {
        let (person, current, new) = (actor.person.clone(), form.current.clone(), form.new.clone());
        let device = device_of(&request);
        state.block(move |db| sign_in::change_password(db, &person, &current, &new, &device)).await
    } else {
        Err(Error::invalid("again", crate::locale::Message::new("console.password.differ")))
    };
    match outcome {
        Ok(token) => {
            let mut response = see_other("/console");
            response.add_cookie(&cookie(&token, state.config.is_https())).map_err(Error::internal)?;
            Ok(response)
        }
        Err(error) => {
            let faults = form_faults(actor.lang(), error)?;
            page_with(StatusCode::UNPROCESSABLE_ENTITY, &password_page(&state, &actor, faults))
        }
    }
}
