//! Drafts as the forms change them: looked up, changed, and shown again with what is wrong.

use actix_web::http::StatusCode;
use askama::Template;

use super::super::{FormFault, form_faults};
use super::{Reply, address, find, not_found};
use crate::app::questionnaires;
use crate::domain::questionnaire::{Questionnaire, Status};
use crate::error::Result;
use crate::web::actor::Actor;
use crate::web::respond::{page_with, see_other};
use crate::web::state::State;

/// A version that may still be changed.
pub async fn find_draft(state: &State, actor: &Actor, id: i64) -> Result<Questionnaire> {
    let found = find(state, actor, id).await?;
    if found.status == Status::Draft { Ok(found) } else { Err(not_found()) }
}

/// Changes a draft off the async threads.
pub async fn edit(
    state: &State,
    actor: &Actor,
    id: i64,
    what: serde_json::Value,
    change: impl FnOnce(&mut Questionnaire) -> Result<()> + Send + 'static,
) -> Result<()> {
    state.write(actor, move |conn, person| questionnaires::edit(conn, person, id.into(), &what, change)).await
}

/// Changes a draft and goes on to a part of its page.
pub async fn change(
    state: &State,
    actor: &Actor,
    (id, part): (i64, &str),
    what: serde_json::Value,
    change: impl FnOnce(&mut Questionnaire) -> Result<()> + Send + 'static,
) -> Reply {
    edit(state, actor, id, what, change).await?;
    Ok(see_other(&format!("{}#{part}", address(id.into()))))
}

/// Changes a draft and goes on to a part of its page, or shows the form again with what is wrong.
pub async fn change_or_show<T: Template>(
    state: &State,
    actor: &Actor,
    (id, part): (i64, &str),
    what: serde_json::Value,
    change: impl FnOnce(&mut Questionnaire) -> Result<()> + Send + 'static,
    again: impl FnOnce(Vec<FormFault>) -> T,
) -> Reply {
    match edit(state, actor, id, what, change).await {
        Ok(()) => Ok(see_other(&format!("{}#{part}", address(id.into())))),
        Err(error) => page_with(StatusCode::UNPROCESSABLE_ENTITY, &again(form_faults(actor.lang(), error)?)),
    }
}
