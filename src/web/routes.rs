//! Every route, in one table.

use actix_web::web::{ServiceConfig, get, post, resource};

use super::{assets, health, qr, survey};

/// Adds all routes.
pub fn configure(config: &mut ServiceConfig) {
    config
        .service(resource("/healthz").route(get().to(health::alive)))
        .service(resource("/readyz").route(get().to(health::ready)))
        .service(resource("/assets/{path:.*}").route(get().to(assets::show)))
        .service(resource("/q/{code}.svg").route(get().to(qr::svg_file)))
        .service(resource("/q/{code}.png").route(get().to(qr::png_file)))
        .service(resource("/s/{code}").route(get().to(survey::show)).route(post().to(survey::create)))
        .service(resource("/s/{code}/thanks").route(get().to(survey::thanks)));
}
