//! Health for those who run the service.

use actix_web::{HttpResponse, web};

use super::state::State;

/// GET /healthz: the process lives.
pub async fn alive() -> HttpResponse {
    HttpResponse::Ok().content_type("text/plain").body("ok\n")
}

/// GET /readyz: the database answers.
pub async fn ready(state: web::Data<State>) -> HttpResponse {
    match state.block(|database| database.read(crate::db::revision::current)).await {
        Ok(_) => HttpResponse::Ok().content_type("text/plain").body("ready\n"),
        Err(error) => {
            tracing::warn!(%error, "not ready");
            HttpResponse::ServiceUnavailable().content_type("text/plain").body("the database is away\n")
        }
    }
}
