//! Every route, in one table.

use actix_web::Route;
use actix_web::guard::{Any, Get, Head};
use actix_web::web::{ServiceConfig, get, post, resource, route, scope, to};

use super::actor::{CODE_PATH, TOTP_PATH};
use super::console::{
    account, alerts, answers, api_keys, audit, breakdown, catalogue, code, comment, comments, entry, exports,
    invitation, jobs, link_bulk, link_list, links, map, overview, people, person, priorities, publications,
    questionnaires, session, sessions, uploads,
};
use super::{api, assets, health, open, openapi, qr, sheet, survey};

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
        .service(resource("/console/breakdown").route(get().to(breakdown::show)))
        .service(resource("/console/map").route(get().to(map::show)))
        .service(resource("/console/alerts").route(get().to(alerts::show)))
        .service(resource("/console/alerts.{format}").route(get().to(alerts::show)))
        .service(resource("/console/comments").route(get().to(comments::list)))
        .service(resource("/console/comments.{format}").route(get().to(comments::export)))
        .service(resource("/console/comments/{id}").route(get().to(comment::show)))
        .service(resource("/console/comments/{id}/unmasking").route(post().to(comment::unmask)))
        .service(resource("/console/comments/{id}/{step}").route(post().to(comment::step)))
        .service(resource("/console/priorities").route(get().to(priorities::show)))
        .service(resource("/console/priorities.{format}").route(get().to(priorities::show)))
        .service(resource("/console/scores.{format}").route(get().to(exports::show)))
        .service(resource("/console/answers.{format}").route(get().to(answers::show)))
        .service(resource("/console/audit").route(get().to(audit::list)))
        .service(resource("/console/audit.{format}").route(get().to(audit::export)))
        .service(resource("/console/links").route(get().to(link_list::list)).route(post().to(links::create)))
        .service(resource("/console/links.{format}").route(get().to(link_list::list)))
        .service(resource("/console/links/new").route(get().to(links::new)))
        .service(
            resource("/console/links/bulk").route(get().to(link_bulk::form)).route(post().to(link_bulk::act)),
        )
        .service(
            resource("/console/links/sheet")
                .route(get().to(sheet::all))
                .route(post().to(sheet::many::prepare)),
        )
        .service(resource("/console/links/{id}").route(get().to(links::show)))
        .service(resource("/console/links/{id}/sheet").route(get().to(sheet::one)))
        .service(resource("/console/links/{id}/revocation").route(post().to(links::revoke)))
        .service(resource("/console/links/{id}/replacement").route(post().to(links::replace)))
        .service(resource("/console/jobs").route(get().to(jobs::list)))
        .service(resource("/console/jobs.{format}").route(get().to(jobs::list)))
        .service(resource("/console/jobs/{id}").route(get().to(jobs::show)))
        .service(resource("/console/jobs/{id}/file").route(get().to(jobs::file)))
        .service(resource("/console/jobs/{id}/faults.{format}").route(get().to(jobs::faults)))
        .service(resource("/console/jobs/{id}/preview").route(post().to(jobs::look_again)))
        .service(resource("/console/jobs/{id}/cancellation").route(post().to(jobs::cancel)))
        .configure(accounts)
        .configure(of_publications)
        .service(resource("/console/catalogue/questionnaires.{format}").route(get().to(questionnaires::list)))
        .service(scope("/console/catalogue/questionnaires").configure(of_questionnaires))
        .configure(entry::configure)
        .configure(catalogue_routes)
        .configure(of_procedures)
        .configure(open::configure)
        .configure(of_programs);
}

/// GET and HEAD.
pub fn read() -> Route {
    route().guard(Any(Get()).or(Head()))
}

/// What other programs read.
fn of_programs(config: &mut ServiceConfig) {
    let other = || to(api::wrong_method);
    config
        .service(resource("/api/v1/scores").route(read().to(api::scores)).default_service(other()))
        .service(resource("/api/v1/indexes").route(read().to(api::indexes)).default_service(other()))
        .service(resource("/api/v1/openapi.json").route(read().to(openapi::show)).default_service(other()))
        .service(resource("/api/{path:.*}").to(api::unknown));
}

/// Closing, approving and publishing the figures of a period.
fn of_publications(config: &mut ServiceConfig) {
    config
        .service(
            resource("/console/publications")
                .route(get().to(publications::list))
                .route(post().to(publications::close)),
        )
        .service(resource("/console/publications.{format}").route(get().to(publications::list)))
        .service(resource("/console/publications/{id}").route(get().to(publications::show)))
        .service(resource("/console/publications/{id}/{scope}.{form}").route(get().to(publications::file)))
        .service(resource("/console/publications/{id}/{step}").route(post().to(publications::act)));
}

/// Sign-in, one's own account, people and keys.
fn accounts(config: &mut ServiceConfig) {
    config
        .service(
            resource("/console/sign-in")
                .route(get().to(session::sign_in_form))
                .route(post().to(session::sign_in)),
        )
        .service(resource(CODE_PATH).route(get().to(code::form)).route(post().to(code::enter)))
        .service(
            resource("/console/invitation/{token}")
                .route(get().to(invitation::form))
                .route(post().to(invitation::accept)),
        )
        .service(resource("/console/sign-out").route(post().to(session::sign_out)))
        .service(resource("/console/language").route(post().to(session::change_language)))
        .service(
            resource("/console/password")
                .route(get().to(session::password_form))
                .route(post().to(session::change_password)),
        )
        .service(resource("/console/account").route(get().to(account::show)))
        .service(resource("/console/account.{format}").route(get().to(account::show)))
        .service(resource("/console/account/sessions/{session}/ending").route(post().to(sessions::end_own)))
        .service(resource("/console/account/sign-out").route(post().to(account::sign_out)))
        .service(resource(TOTP_PATH).route(get().to(account::totp_form)).route(post().to(account::confirm)))
        .service(resource("/console/account/totp/recovery").route(post().to(account::renew_recovery)))
        .service(resource("/console/account/totp/removal").route(post().to(account::remove)))
        .service(resource("/console/people").route(get().to(people::list)).route(post().to(people::create)))
        .service(resource("/console/people.{format}").route(get().to(people::list)))
        .service(resource("/console/people/new").route(get().to(people::new)))
        .service(resource("/console/people/{id}.{format}").route(get().to(person::show)))
        .service(
            resource("/console/people/{id}").route(get().to(person::show)).route(post().to(person::change)),
        )
        .service(resource("/console/people/{id}/lock").route(post().to(person::lock)))
        .service(resource("/console/people/{id}/unlock").route(post().to(person::unlock)))
        .service(resource("/console/people/{id}/reset").route(post().to(person::reset)))
        .service(resource("/console/people/{id}/sign-out").route(post().to(person::sign_out)))
        .service(resource("/console/people/{id}/sessions/{session}/ending").route(post().to(sessions::end)))
        .service(resource("/console/people/{id}/totp-reset").route(post().to(person::reset_totp)))
        .service(
            resource("/console/api-keys").route(get().to(api_keys::list)).route(post().to(api_keys::create)),
        )
        .service(resource("/console/api-keys.{format}").route(get().to(api_keys::list)))
        .service(resource("/console/api-keys/{id}/revocation").route(post().to(api_keys::revoke)));
}

/// Versions of questionnaires.
fn of_questionnaires(config: &mut ServiceConfig) {
    use questionnaires as pages;
    config
        .service(resource("").route(get().to(pages::list)).route(post().to(pages::draft)))
        .service(resource("/{id}").route(get().to(pages::show)))
        .service(resource("/{id}/publication").route(post().to(pages::publish)))
        .service(resource("/{id}/deletion").route(post().to(pages::delete)))
        .service(resource("/{id}/changes").route(get().to(pages::changes)))
        .service(resource("/{id}/preview").route(get().to(pages::preview)))
        .service(resource("/{id}/preview/page").route(get().to(pages::frame)))
        .service(resource("/{id}/questions").route(post().to(pages::add_question)))
        .service(resource("/{id}/questions/new").route(get().to(pages::new_question)))
        .service(
            resource("/{id}/questions/{key}")
                .route(get().to(pages::question))
                .route(post().to(pages::save_question)),
        )
        .service(resource("/{id}/questions/{key}/place").route(post().to(pages::move_question)))
        .service(resource("/{id}/questions/{key}/deletion").route(post().to(pages::delete_question)))
        .service(resource("/{id}/languages").route(post().to(pages::add_language)))
        .service(
            resource("/{id}/languages/{tag}")
                .route(get().to(pages::language))
                .route(post().to(pages::save_language)),
        )
        .service(resource("/{id}/languages/{tag}/deletion").route(post().to(pages::drop_language)));
}

/// The part of the console that keeps the catalogue.
fn catalogue_routes(config: &mut ServiceConfig) {
    use catalogue::{counters, figures, import, targets, unit_forms, units, withdrawals};
    config
        .service(
            resource("/console/catalogue/{part}/{id}/withdrawal")
                .route(get().to(withdrawals::ask))
                .route(post().to(withdrawals::act)),
        )
        .service(resource("/console/catalogue").route(get().to(catalogue::home)))
        .service(
            resource("/console/catalogue/units")
                .route(get().to(units::list))
                .route(post().to(unit_forms::create)),
        )
        .service(resource("/console/catalogue/units/new").route(get().to(unit_forms::new)))
        .service(resource("/console/catalogue/units/{id}").route(get().to(units::show)))
        .service(
            resource("/console/catalogue/units/{id}/{doing}")
                .route(get().to(unit_forms::ask))
                .route(post().to(unit_forms::act)),
        )
        .service(resource("/console/catalogue/counters").route(post().to(counters::create)))
        .service(resource("/console/catalogue/counters/new").route(get().to(counters::new)))
        .service(
            resource("/console/catalogue/counters/{id}")
                .route(get().to(counters::edit))
                .route(post().to(counters::change)),
        )
        .service(
            resource("/console/catalogue/targets")
                .route(get().to(targets::list))
                .route(post().to(targets::create)),
        )
        .service(resource("/console/catalogue/units.{format}").route(get().to(units::list)))
        .service(resource("/console/catalogue/targets.{format}").route(get().to(targets::list)))
        .service(resource("/console/catalogue/targets/new").route(get().to(targets::new)))
        .service(
            resource("/console/catalogue/targets/{key}")
                .route(get().to(targets::edit))
                .route(post().to(targets::succeed)),
        )
        .service(resource("/console/catalogue/figures").route(post().to(figures::save)))
        .service(resource("/console/catalogue/figures/new").route(get().to(figures::new)))
        .service(resource("/console/catalogue/figures/edit").route(get().to(figures::edit)))
        .service(
            resource("/console/catalogue/import")
                .app_data(uploads::limit())
                .route(get().to(import::form))
                .route(post().to(import::show)),
        )
        .service(
            resource("/console/catalogue/import/template/{kind}.{format}").route(get().to(import::template)),
        )
        .service(resource("/console/catalogue/import/application").route(post().to(import::apply)));
}

/// Procedures and their fields.
fn of_procedures(config: &mut ServiceConfig) {
    use catalogue::{fields, procedures};
    config
        .service(
            resource("/console/catalogue/fields")
                .route(get().to(fields::list))
                .route(post().to(fields::create)),
        )
        .service(resource("/console/catalogue/fields.{format}").route(get().to(fields::list)))
        .service(resource("/console/catalogue/fields/new").route(get().to(fields::new)))
        .service(
            resource("/console/catalogue/fields/{id}")
                .route(get().to(fields::edit))
                .route(post().to(fields::change)),
        )
        .service(resource("/console/catalogue/procedures.{format}").route(get().to(procedures::list)))
        .service(
            resource("/console/catalogue/procedures")
                .route(get().to(procedures::list))
                .route(post().to(procedures::create)),
        )
        .service(resource("/console/catalogue/procedures/new").route(get().to(procedures::new)))
        .service(resource("/console/catalogue/procedures/{id}").route(get().to(procedures::show)))
        .service(
            resource("/console/catalogue/procedures/{id}/{doing}")
                .route(get().to(procedures::ask))
                .route(post().to(procedures::act)),
        );
}
