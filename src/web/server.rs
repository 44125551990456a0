//! The running service: from settings to a listening address, and down again without loss.

use std::net::SocketAddr;
use std::sync::Arc;

use actix_web::error::UrlencodedError;
use actix_web::middleware::{Compress, Condition, DefaultHeaders, from_fn};
use actix_web::{App, HttpRequest, HttpServer, web};

use super::console::lapsed;
use super::entrance::{self, FORM_LIMIT, refusal};
use super::respond::Fault;
use super::{error_page, routes, state::State};
use crate::app::catalogue::Catalogue;
use crate::app::intake::Intake;
use crate::app::jobs::{self, Jobs};
use crate::config::{Config, Secret};
use crate::db::conn::Database;
use crate::error::{Error, Result, Unread};
use crate::locale::Message;

/// Policy of every page that brings no stricter one of its own.
pub const POLICY: &str = "default-src 'none'; style-src 'self'; img-src 'self' data:; script-src 'self'; \
                      form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// A service that listens.
pub struct Service {
    /// Address on which it listens; the port is the real one when 0 was asked for.
    pub address: SocketAddr,
    server: actix_web::dev::Server,
    state: State,
    writer: std::thread::JoinHandle<()>,
    worker: std::thread::JoinHandle<()>,
}

impl Service {
    /// Starts to listen.
    ///
    /// # Errors
    /// Those of the database; internal when the address is taken or the secret cannot be read.
    pub fn start(database: Database, config: Config) -> Result<Self> {
        let listener = std::net::TcpListener::bind(config.bind)
            .map_err(|error| Error::internal(format!("cannot listen on {}: {error}", config.bind)))?;
        let address = listener.local_addr().map_err(Error::internal)?;
        let secret = Secret::load_or_create(&config.secret_file).map_err(Error::internal)?;
        let catalogue = Catalogue::load(&database)?;
        catalogue.follow(database.clone())?;
        let (intake, writer) = Intake::start(database.clone(), Arc::clone(&catalogue), config.queue)?;
        let (jobs, worker) = Jobs::begin(database.clone(), Arc::clone(&catalogue))?;
        // Pages print the real address, also where the system chose the port.
        let config = Arc::new(Config { bind: address, ..config });
        let alerts = Arc::default();
        let (origins, open, forms) = (Arc::default(), Arc::default(), Arc::default());
        let state = State { database, catalogue, intake, jobs, alerts, origins, open, forms, config, secret };
        let data = web::Data::new(state.clone());
        let throttle = web::Data::new(super::console::throttle::Throttle::default());
        let exports = web::Data::new(super::console::answers::Places::default());
        let https = state.config.is_https();
        let server = HttpServer::new(move || {
            App::new()
                .app_data(data.clone())
                .app_data(throttle.clone())
                .app_data(exports.clone())
                .app_data(web::FormConfig::default().limit(FORM_LIMIT).error_handler(unreadable))
                .wrap(from_fn(lapsed::keep))
                .app_data(
                    web::QueryConfig::default()
                        .error_handler(|_, request| refusal(request, entrance::unreadable_address())),
                )
                .app_data(web::PathConfig::default().error_handler(|_, request| refusal(request, no_page())))
                .wrap(from_fn(entrance::check))
                .wrap(from_fn(error_page::show))
                .wrap(Compress::default())
                .wrap(Condition::new(
                    https,
                    DefaultHeaders::new().add(("Strict-Transport-Security", "max-age=31536000")),
                ))
                .wrap(headers())
                .configure(routes::configure)
                .default_service(web::to(not_found))
        })
        // Head and body may go out in two writes; the second must not wait for an acknowledgement.
        .tcp_nodelay(true)
        .workers(std::thread::available_parallelism().map_or(2, usize::from))
        .shutdown_timeout(20)
        .listen(listener)
        .map_err(Error::internal)?
        .run();
        Ok(Self { address, server, state, writer, worker })
    }

    /// The parts of the running service.
    pub const fn state(&self) -> &State {
        &self.state
    }

    /// A handle that stops the service from elsewhere.
    pub fn handle(&self) -> actix_web::dev::ServerHandle {
        self.server.handle()
    }

    /// Serves until a signal, then answers what is under way, writes what is queued, and waits a while for the
    /// job at work.
    ///
    /// # Errors
    /// Internal, when the server or the writer breaks.
    pub async fn run(self) -> Result<()> {
        self.server.await.map_err(Error::internal)?;
        self.state.jobs.close();
        drop(self.state);
        let (writer, worker) = (self.writer, self.worker);
        web::block(move || jobs::wind_up(&worker)).await.map_err(Error::internal)?;
        web::block(move || writer.join())
            .await
            .map_err(Error::internal)?
            .map_err(|_| Error::internal("the writer broke"))
    }
}

fn headers() -> DefaultHeaders {
    DefaultHeaders::new()
        .add(("Content-Security-Policy", POLICY))
        .add(("X-Content-Type-Options", "nosniff"))
        .add(("Referrer-Policy", "no-referrer"))
        .add(("X-Frame-Options", "DENY"))
        .add(("Cross-Origin-Opener-Policy", "same-origin"))
        .add(("Permissions-Policy", "camera=(), geolocation=(), microphone=()"))
}

/// A form that cannot be read, in words and on a page as any other fault.
fn unreadable(cause: UrlencodedError, request: &HttpRequest) -> actix_web::Error {
    let error = match cause {
        UrlencodedError::Overflow { .. } => entrance::too_large(),
        UrlencodedError::ContentType => entrance::unreadable_form(Unread::WrongKind),
        // It is a form, but not the one that the address takes.
        UrlencodedError::Parse(_) => Error::invalid("form", Message::new("error.form-unreadable")),
        _ => entrance::unreadable_form(Unread::Garbled),
    };
    refusal(request, error)
}

fn no_page() -> Error {
    Error::NotFound(Message::new("error.page-not-found"))
}

async fn not_found() -> std::result::Result<actix_web::HttpResponse, Fault> {
    Err(no_page().into())
}
