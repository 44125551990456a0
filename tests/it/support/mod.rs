//! A real service for each test: port 0, a database of its own.

pub mod answers;
pub mod browser;
pub mod program;
pub mod publishing;
pub mod questionnaires;
pub mod staff;
mod store;
pub mod table;

use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use chrono::{NaiveDate, NaiveTime, Utc};
use clap::Parser;
use hailong::app::catalogue::{Catalogue, Snapshot};
use hailong::app::links::{self, CounterDraft, LinkDraft};
use hailong::config::Config;
use hailong::db::conn::Database;
use hailong::domain::day::Local;
use hailong::domain::ids::UnitId;
use hailong::domain::link::{Link, Stage};
use hailong::domain::person::Actor;
use hailong::domain::questionnaire::Kind;
use hailong::web::server::Service;
pub use store::{Backend, Store};

/// Runs one test on each database.
macro_rules! on_both {
    ($(#[$doc:meta])* fn $name:ident($app:ident) $body:block) => {
        mod $name {
            use super::*;

            fn body($app: &$crate::support::App) $body

            #[test]
            fn sqlite() {
                body(&$crate::support::App::start($crate::support::Backend::Sqlite));
            }

            #[test]
            fn postgres() {
                body(&$crate::support::App::start($crate::support::Backend::Postgres));
            }
        }
    };
}
pub(crate) use on_both;

#[derive(Parser)]
struct Settings {
    #[command(flatten)]
    config: Config,
}

/// A running service.
pub struct App {
    pub url: String,
    pub store: Arc<Store>,
    handle: actix_web::dev::ServerHandle,
    thread: Option<JoinHandle<()>>,
}

/// What the service answered.
pub struct Reply {
    pub status: u16,
    pub location: String,
    pub headers: ureq::http::HeaderMap,
    pub body: String,
}

impl App {
    pub fn start(backend: Backend) -> Self {
        Self::start_with(backend, &[])
    }

    pub fn start_with(backend: Backend, settings: &[&str]) -> Self {
        Self::serve(Arc::new(Store::create(backend)), settings)
    }

    /// Another instance on the same database.
    pub fn beside(&self) -> Self {
        Self::serve(Arc::clone(&self.store), &[])
    }

    fn serve(store: Arc<Store>, settings: &[&str]) -> Self {
        let secret = store.folder.path().join("secret");
        let database = store.open();
        let mut arguments = vec!["test", "--bind", "127.0.0.1:0", "--secret-file", secret.to_str().unwrap()];
        arguments.extend(settings);
        let config = Settings::parse_from(arguments).config;
        let (ready, started) = std::sync::mpsc::channel();
        let thread = std::thread::spawn(move || {
            actix_web::rt::System::new().block_on(async {
                let service = Service::start(database, config).unwrap();
                ready.send((service.address, service.handle())).unwrap();
                service.run().await.unwrap();
            });
        });
        let (address, handle) = started.recv().unwrap();
        Self { url: format!("http://{address}"), store, handle, thread: Some(thread) }
    }

    pub fn agent() -> ureq::Agent {
        ureq::Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .timeout_global(Some(Duration::from_secs(30)))
            .build()
            .into()
    }

    pub fn get(&self, path: &str) -> Reply {
        self.get_with(path, &[])
    }

    /// Asks with headers of one's own.
    pub fn get_with(&self, path: &str, headers: &[(&str, &str)]) -> Reply {
        let request = Self::agent().get(format!("{}{path}", self.url));
        read(
            headers
                .iter()
                .fold(request, |request, (name, value)| request.header(*name, *value))
                .call()
                .unwrap(),
        )
    }

    /// The bytes of a file that everyone may have.
    pub fn bytes(&self, path: &str) -> Vec<u8> {
        let mut response = Self::agent().get(format!("{}{path}", self.url)).call().unwrap();
        assert_eq!(response.status().as_u16(), 200, "{path}");
        response.body_mut().read_to_vec().unwrap()
    }

    pub fn post(&self, path: &str, form: &[(&str, &str)]) -> Reply {
        read(Self::agent().post(format!("{}{path}", self.url)).send_form(form.iter().copied()).unwrap())
    }

    pub fn database(&self) -> Database {
        self.store.open()
    }

    pub fn snapshot(&self) -> Arc<Snapshot> {
        Catalogue::load(&self.database()).unwrap().snapshot()
    }

    /// The unit that bears a code today.
    pub fn unit(&self, code: &str) -> UnitId {
        self.snapshot().units.by_code(code, today()).unwrap().unit
    }

    /// A link at a commune that knows its field, and its procedure where the field has any.
    pub fn link(&self, field: &str, stage: Stage) -> Link {
        self.link_of(&draft(&self.snapshot(), "24781", "Quầy thử", field, stage))
    }

    /// A link as a draft says.
    pub fn link_of(&self, draft: &LinkDraft) -> Link {
        let link = self.database().write(|conn| links::create(conn, &Actor::Operator, draft)).unwrap();
        self.wait_for(&format!("/s/{}", link.code), 200);
        link
    }

    /// Waits until the running service knows what another connection changed.
    pub fn wait_for(&self, path: &str, status: u16) {
        let start = Instant::now();
        while self.get(path).status != status {
            assert!(start.elapsed() < Duration::from_secs(10), "{path} never gave {status}");
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// Sends an answer as the page would.
    pub fn answer(&self, link: &Link, id: &str, overall: &str) -> Reply {
        self.post(&format!("/s/{}", link.code), &[("id", id), ("overall", overall)])
    }
}

impl Drop for App {
    fn drop(&mut self) {
        let stop = self.handle.stop(true);
        actix_web::rt::System::new().block_on(stop);
        if let Some(thread) = self.thread.take() {
            let ended = thread.join();
            assert!(ended.is_ok() || std::thread::panicking(), "the service broke");
        }
    }
}

pub fn read(mut response: ureq::http::Response<ureq::Body>) -> Reply {
    let location = response.headers().get("location").map(|value| value.to_str().unwrap().to_owned());
    Reply {
        status: response.status().as_u16(),
        location: location.unwrap_or_default(),
        headers: response.headers().clone(),
        body: response.body_mut().read_to_string().unwrap_or_default(),
    }
}

pub fn today() -> NaiveDate {
    Local::at(Utc::now()).day
}

pub fn id() -> String {
    uuid::Uuid::new_v4().to_string()
}

pub fn draft(snapshot: &Snapshot, unit: &str, counter: &str, field: &str, stage: Stage) -> LinkDraft {
    let field = snapshot.field_by_key(field).unwrap().id;
    LinkDraft {
        counter: CounterDraft {
            unit: snapshot.units.by_code(unit, today()).unwrap().unit,
            name: counter.to_owned(),
            opens: NaiveTime::from_hms_opt(7, 30, 0).unwrap(),
            closes: NaiveTime::from_hms_opt(17, 0, 0).unwrap(),
        },
        kind: Kind::Tthc,
        field: Some(field),
        procedure: snapshot.procedures_of(field, today()).next().map(|one| one.procedure),
        deciding: None,
        stage: Some(stage),
        valid_from: today(),
        valid_until: None,
    }
}
