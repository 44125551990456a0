//! Every route, in one table.

use actix_web::web::{ServiceConfig, get, resource};

use super::{assets, health};

/// Adds all routes.
pub fn configure(config: &mut ServiceConfig) {
    config
        .service(resource("/healthz").route(get().to(health::alive)))
        .service(resource("/readyz").route(get().to(health::ready)))
        .service(resource("/assets/{path:.*}").route(get().to(assets::show)));
}
