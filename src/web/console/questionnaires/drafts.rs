//! Drafts as the forms change them: looked up, changed, and shown again with what is wrong.

use actix_web::HttpRequest;
use actix_web::http::StatusCode;
use askama::Template;
use serde_json::Value;

use super::super::{FormFault, form_faults};
use super::{Reply, Typed, address, find, not_found};
use crate::app::questionnaires;
use crate::app::submissions::Submission;
use crate::domain::questionnaire::{Questionnaire, Status, seen};
use crate::error::{Error, Result};
use crate::web::actor::{Actor, submission};
use crate::web::respond::{page_with, see_other};
use crate::web::state::State;

/// A version that may still be changed.
pub async fn find_draft(state: &State, actor: &Actor, id: i64) -> Result<Questionnaire> {
    let found = find(state, actor, id).await?;
    if found.status == Status::Draft { Ok(found) } else { Err(not_found()) }
}

/// A change that a form asks for.
pub struct Wish {
    id: i64,
    place: String,
    what: Value,
    sent: Submission,
}

impl Wish {
    /// A change to a draft, written into the audit as `what`, that leads to a part of the page of the draft.
    pub fn of((request, form): (&HttpRequest, &Typed), (id, part): (i64, &str), what: Value) -> Self {
        let place = format!("{}#{part}", address(id.into()));
        Self { id, place, what, sent: submission(request, form) }
    }

    /// The same, leading elsewhere.
    pub fn leading_to(self, place: String) -> Self {
        Self { place, ..self }
    }
}

/// Changes a draft off the async threads, once however often the form is sent; gives the address to go on to.
pub async fn edit(
    state: &State,
    actor: &Actor,
    wish: Wish,
    change: impl FnOnce(&mut Questionnaire) -> Result<()> + Send + 'static,
) -> Result<String> {
    let Wish { id, place, what, sent } = wish;
    let edit = move |conn: &mut _, person: &_| {
        questionnaires::edit(conn, person, id.into(), &what, change).map(|()| place)
    };
    state.once(actor, sent, edit).await
}

/// Changes a draft and goes on to a part of its page.
pub async fn change(
    state: &State,
    actor: &Actor,
    wish: Wish,
    change: impl FnOnce(&mut Questionnaire) -> Result<()> + Send + 'static,
) -> Reply {
    Ok(see_other(&edit(state, actor, wish, change).await?))
}

/// Changes a draft and goes on to a part of its page, or shows the form again over the draft as it is now, with
/// what is wrong or what somebody else did meanwhile.
pub async fn change_or_show<T: Template>(
    state: &State,
    actor: &Actor,
    wish: Wish,
    change: impl FnOnce(&mut Questionnaire) -> Result<()> + Send + 'static,
    again: impl FnOnce(Questionnaire, Vec<FormFault>) -> T,
) -> Reply {
    let id = wish.id;
    let (status, faults) = match edit(state, actor, wish, change).await {
        Ok(place) => return Ok(see_other(&place)),
        Err(error) => refusal(actor, error)?,
    };
    let draft = find(state, actor, id).await?;
    page_with(status, &again(draft, faults))
}

/// How a form that was refused is shown again.
///
/// # Errors
/// Those that no form tells.
pub fn refusal(actor: &Actor, error: Error) -> Result<(StatusCode, Vec<FormFault>)> {
    match error {
        Error::Conflict(message) => {
            let text = message.text(actor.lang());
            let fault = FormFault { field: seen::FIELD.to_owned(), label: String::new(), text };
            Ok((StatusCode::CONFLICT, vec![fault]))
        }
        error => Ok((StatusCode::UNPROCESSABLE_ENTITY, form_faults(actor.lang(), error)?)),
    }
}
