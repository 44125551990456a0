//! Every route, in one table.

use actix_web::web::{ServiceConfig, get, post, resource};

use super::console::{
    alerts, breakdown, comment, comments, exports, links, map, overview, priorities, session,
};
use super::{assets, health, qr, sheet, survey};

/// Adds all routes.
pub fn configure(config: &mut ServiceConfig) {
    config
        .service(resource("/healthz").route(get().to(health::alive)))
        .service(resource("/readyz").route(get().to(health::ready)))
        .service(resource("/assets/{path:.*}").route(get().to(assets::show)))
        .service(resource("/q/{code}.svg").route(get().to(qr::svg_file)))
        .service(resource("/q/{code}.png").route(get().to(qr::png_file)))
        .service(resource("/s/{code}").route(get().to(survey::show)).route(post().to(survey::create)))
        .service(resource("/s/{code}/thanks").route(get().to(survey::thanks)))
        .service(resource("/console").route(get().to(overview::show)))
        .service(
            resource("/console/sign-in")
                .route(get().to(session::sign_in_form))
                .route(post().to(session::sign_in)),
        )
        .service(resource("/console/sign-out").route(post().to(session::sign_out)))
        .service(resource("/console/language").route(post().to(session::change_language)))
        .service(
            resource("/console/password")
                .route(get().to(session::password_form))
                .route(post().to(session::change_password)),
        )
        .service(resource("/console/breakdown").route(get().to(breakdown::show)))
        .service(resource("/console/map").route(get().to(map::show)))
        .service(resource("/console/priorities").route(get().to(priorities::show)))
        .service(resource("/console/scores.{format}").route(get().to(exports::show)))
        .service(resource("/console/alerts").route(get().to(alerts::show)))
        .service(resource("/console/comments").route(get().to(comments::list)))
        .service(resource("/console/comments.{format}").route(get().to(comments::export)))
        .service(resource("/console/comments/{id}").route(get().to(comment::show)))
        .service(resource("/console/comments/{id}/unmasking").route(post().to(comment::unmask)))
        .service(resource("/console/comments/{id}/{step}").route(post().to(comment::step)))
        .service(resource("/console/links").route(get().to(links::list)).route(post().to(links::create)))
        .service(resource("/console/links/new").route(get().to(links::new)))
        .service(resource("/console/links/sheet").route(get().to(sheet::all)))
        .service(resource("/console/links/{id}").route(get().to(links::show)))
        .service(resource("/console/links/{id}/sheet").route(get().to(sheet::one)))
        .service(resource("/console/links/{id}/revocation").route(post().to(links::revoke)))
        .service(resource("/console/links/{id}/replacement").route(post().to(links::replace)));
}
