//! One's own account: sessions, and the set-up of sign-in codes.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use serde::Deserialize;

use super::listing::{Listing, Table, Words};
use super::session::Proof;
use super::throttle::Throttle;
use super::{FormFault, Shell, form_faults, sessions, words};
use crate::app::totp::{self, Shared};
use crate::app::{people, sign_in};
use crate::error::{Error, Result};
use crate::locale::Message;
use crate::web::actor::{Actor, TOTP_PATH, encode, no_cookie};
use crate::web::qr;
use crate::web::respond::{Fault, page, page_with, see_other};
use crate::web::state::State;

type Reply = std::result::Result<HttpResponse, Fault>;

/// Address of the page.
const PATH: &str = "/console/account";

/// What the authenticator app shows beside the code; short and plain, so that the picture stays coarse.
const ISSUER: &str = "Hai-long-Lam-Dong";

#[derive(Template)]
#[template(path = "console/account.html", config = "frontend/askama.toml")]
struct AccountPage {
    shell: Shell,
    login: String,
    sessions: Table,
    codes_since: Option<String>,
    recovery_codes: u64,
    needs_codes: bool,
}

/// GET /console/account, and /console/account.{format}: one's sessions.
///
/// # Errors
/// Not found for another format; those of the database.
pub async fn show(
    state: web::Data<State>,
    actor: Actor,
    request: HttpRequest,
    asked: web::Query<Words>,
) -> Reply {
    let lang = actor.lang();
    let account = state.read(&actor, people::own_account).await?;
    let title = lang.text("people.account-title");
    let here = request.uri().path_and_query().map_or_else(String::new, ToString::to_string);
    let mut tables = [sessions::table(lang, PATH, &account.sessions, &actor.token.hash())];
    if let Some(file) = Listing::of(lang, PATH, &request, &asked).arrange(&mut tables, &title).await? {
        return Ok(file);
    }
    let [sessions] = tables;
    page(&AccountPage {
        shell: Shell::of(&actor, &state.catalogue.snapshot(), "", title, here),
        sessions,
        codes_since: account.person.totp_since.map(|since| words::instant(lang, since)),
        recovery_codes: account.recovery_codes,
        needs_codes: state.config.requires_totp() && account.person.role.needs_code(),
        login: account.person.login,
    })
}

/// POST /console/account/sign-out: ends all sessions, this one too.
///
/// # Errors
/// Forbidden for a form of another page; those of the database.
pub async fn sign_out(
    state: web::Data<State>,
    actor: Actor,
    request: HttpRequest,
    form: web::Form<Proof>,
) -> Reply {
    actor.check(request.headers(), &form.csrf)?;
    state.write(&actor, sign_in::sign_out_everywhere).await?;
    let mut response = see_other("/console/sign-in");
    response.add_cookie(&no_cookie(state.config.is_https())).map_err(Error::internal)?;
    Ok(response)
}

#[derive(Template)]
#[template(path = "console/totp.html", config = "frontend/askama.toml")]
struct SetUpPage {
    shell: Shell,
    forced: bool,
    picture: String,
    secret: String,
    groups: String,
    faults: Vec<FormFault>,
}

impl SetUpPage {
    fn of(state: &State, actor: &Actor, shared: &Shared, faults: Vec<FormFault>) -> Result<Self> {
        let lang = actor.lang();
        let secret = shared.to_text();
        let login = encode(actor.person.audit_name());
        let address = format!("otpauth://totp/{ISSUER}:{login}?secret={secret}&issuer={ISSUER}");
        let letters: Vec<char> = secret.chars().collect();
        let groups: Vec<String> = letters.chunks(4).map(|group| group.iter().collect()).collect();
        let title = lang.text("people.totp-title");
        Ok(Self {
            shell: Shell::of(actor, &state.catalogue.snapshot(), "", title, TOTP_PATH.to_owned()),
            forced: actor.must_set_up_codes,
            picture: qr::svg(&address)?,
            groups: groups.join(" "),
            secret,
            faults,
        })
    }
}

#[derive(Template)]
#[template(path = "console/totp-on.html", config = "frontend/askama.toml")]
struct OnPage {
    shell: Shell,
    since: String,
    recovery_codes: u64,
    faults: Vec<FormFault>,
}

/// Sign-in codes as they stand: what is needed to set them up, or what can be done with them.
async fn totp_page(state: &State, actor: &Actor, status: StatusCode, faults: Vec<FormFault>) -> Reply {
    let lang = actor.lang();
    let account = state.read(actor, people::own_account).await?;
    match account.person.totp_since {
        None => page_with(status, &SetUpPage::of(state, actor, &Shared::random(), faults)?),
        Some(since) => {
            let title = lang.text("people.totp-title");
            let shell = Shell::of(actor, &state.catalogue.snapshot(), "", title, TOTP_PATH.to_owned());
            let since = words::instant(lang, since);
            page_with(status, &OnPage { shell, since, recovery_codes: account.recovery_codes, faults })
        }
    }
}

/// GET /console/account/totp
///
/// # Errors
/// Those of the database.
pub async fn totp_form(state: web::Data<State>, actor: Actor) -> Reply {
    totp_page(&state, &actor, StatusCode::OK, Vec::new()).await
}

/// What the set-up form sends.
#[derive(Deserialize)]
pub struct SetUp {
    csrf: String,
    secret: String,
    code: String,
}

#[derive(Template)]
#[template(path = "console/recovery.html", config = "frontend/askama.toml")]
struct RecoveryPage {
    shell: Shell,
    codes: Vec<String>,
}

fn recovery_page(state: &State, actor: &Actor, codes: Vec<String>) -> Reply {
    let title = actor.lang().text("people.recovery-title");
    let shell = Shell::of(actor, &state.catalogue.snapshot(), "", title, "/console/account".to_owned());
    page(&RecoveryPage { shell, codes })
}

/// POST /console/account/totp
///
/// # Errors
/// Forbidden for a form of another page; too many tries; conflict when they are set up; those of the
/// database. A wrong code shows the form again, with the same picture.
pub async fn confirm(
    state: web::Data<State>,
    throttle: web::Data<Throttle>,
    actor: Actor,
    request: HttpRequest,
    form: web::Form<SetUp>,
) -> Reply {
    actor.check(request.headers(), &form.csrf)?;
    throttle.check_code(actor.person.audit_name())?;
    let shared = Shared::parse(&form.secret)
        .ok_or_else(|| Error::invalid("code", Message::new("people.code-wrong")))?;
    let (secret, code) = (state.secret.clone(), form.code.clone());
    let proved = shared.clone();
    let outcome =
        state.write(&actor, move |conn, person| totp::confirm(conn, &secret, person, &proved, &code)).await;
    match outcome {
        Ok(codes) => recovery_page(&state, &actor, codes),
        Err(error) => {
            let faults = form_faults(actor.lang(), error)?;
            let page = SetUpPage::of(&state, &actor, &shared, faults)?;
            page_with(StatusCode::UNPROCESSABLE_ENTITY, &page)
        }
    }
}

/// What a form sends that asks for a code.
#[derive(Deserialize)]
pub struct WithCode {
    csrf: String,
    code: String,
}

/// POST /console/account/totp/recovery: new recovery codes, for a code.
///
/// # Errors
/// Forbidden for a form of another page; too many tries; those of the database. A wrong code shows the
/// page again.
pub async fn renew_recovery(
    state: web::Data<State>,
    throttle: web::Data<Throttle>,
    actor: Actor,
    request: HttpRequest,
    form: web::Form<WithCode>,
) -> Reply {
    actor.check(request.headers(), &form.csrf)?;
    throttle.check_code(actor.person.audit_name())?;
    let (secret, code) = (state.secret.clone(), form.code.clone());
    let outcome =
        state.write(&actor, move |conn, person| totp::renew_recovery(conn, &secret, person, &code)).await;
    match outcome {
        Ok(codes) => recovery_page(&state, &actor, codes),
        Err(error) => {
            let faults = form_faults(actor.lang(), error)?;
            totp_page(&state, &actor, StatusCode::UNPROCESSABLE_ENTITY, faults).await
        }
    }
}

/// POST /console/account/totp/removal: takes the codes away, for a code.
///
/// # Errors
/// Those of [`renew_recovery`].
pub async fn remove(
    state: web::Data<State>,
    throttle: web::Data<Throttle>,
    actor: Actor,
    request: HttpRequest,
    form: web::Form<WithCode>,
) -> Reply {
    actor.check(request.headers(), &form.csrf)?;
    throttle.check_code(actor.person.audit_name())?;
    let (secret, code) = (state.secret.clone(), form.code.clone());
    let outcome = state.write(&actor, move |conn, person| totp::remove(conn, &secret, person, &code)).await;
    match outcome {
        Ok(()) => Ok(see_other(TOTP_PATH)),
        Err(error) => {
            let faults = form_faults(actor.lang(), error)?;
            totp_page(&state, &actor, StatusCode::UNPROCESSABLE_ENTITY, faults).await
        }
    }
}
