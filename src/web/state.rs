//! What every handler shares.

use std::sync::Arc;

use crate::app::alerts::Watch;
use crate::app::catalogue::Catalogue;
use crate::app::comments::Origins;
use crate::app::intake::Intake;
use crate::app::jobs::Jobs;
use crate::app::open_data::Shelf;
use crate::app::submissions::{self, Submission};
use crate::config::{Config, Secret};
use crate::db::conn::{Conn, Database};
use crate::domain::person;
use crate::error::{Error, Result};

use super::actor::Actor;
use super::survey::cache::Cache;

/// The parts of a running service.
#[derive(Clone)]
pub struct State {
    /// Pools.
    pub database: Database,
    /// The catalogue in memory.
    pub catalogue: Arc<Catalogue>,
    /// Entrance to the writer.
    pub intake: Intake,
    /// Long work outside of requests.
    pub jobs: Arc<Jobs>,
    /// Alerts, as they were a moment ago.
    pub alerts: Arc<Watch>,
    /// What is shown of where and when comments were written.
    pub origins: Arc<Origins>,
    /// What was published.
    pub open: Arc<Shelf>,
    /// Forms of the survey that were rendered.
    pub forms: Arc<Cache>,
    /// Settings.
    pub config: Arc<Config>,
    /// Key of this installation.
    pub secret: Secret,
}

impl State {
    /// Runs database work off the async threads; one call per handler.
    ///
    /// # Errors
    /// Those of `work`; internal when the pool of threads is gone.
    pub async fn block<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Database) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let database = self.database.clone();
        actix_web::web::block(move || work(&database)).await.map_err(Error::internal)?
    }

    /// Reads the database for an actor, all of it as it is at one moment.
    ///
    /// # Errors
    /// Those of `work` and of the database.
    pub async fn read<T: Send + 'static>(
        &self,
        actor: &Actor,
        work: impl FnOnce(&mut Conn, &person::Actor) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let person = actor.person.clone();
        self.block(move |db| db.read_at_once(|conn| work(conn, &person))).await
    }

    /// Changes the database in the name of an actor, in one transaction.
    ///
    /// # Errors
    /// Those of `work` and of the database.
    pub async fn write<T: Send + 'static>(
        &self,
        actor: &Actor,
        work: impl FnOnce(&mut Conn, &person::Actor) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let person = actor.person.clone();
        self.block(move |db| db.write_audited(|conn| work(conn, &person))).await
    }

    /// Carries a form out in the name of an actor, once however often it is sent, and gives the address to which
    /// it leads; the next page shows what it changed.
    ///
    /// # Errors
    /// Those of `work` and of the database.
    pub async fn once(
        &self,
        actor: &Actor,
        sent: Submission,
        work: impl FnOnce(&mut Conn, &person::Actor) -> Result<String> + Send + 'static,
    ) -> Result<String> {
        let carry_out = move |conn: &mut Conn, person: &person::Actor| {
            submissions::once(conn, person, &sent, |conn| work(conn, person))
        };
        self.change(actor, carry_out).await
    }

    /// Where a form led, if it was carried out before.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn led_to(&self, actor: &Actor, sent: &Submission) -> Result<Option<String>> {
        let sent = sent.clone();
        self.read(actor, move |conn, person| submissions::place(conn, person, &sent)).await
    }

    /// Changes the catalogue in the name of an actor, in one transaction; the next page shows it.
    ///
    /// # Errors
    /// Those of `work` and of the database.
    pub async fn change<T: Send + 'static>(
        &self,
        actor: &Actor,
        work: impl FnOnce(&mut Conn, &person::Actor) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let done = self.write(actor, work).await?;
        let catalogue = Arc::clone(&self.catalogue);
        self.block(move |db| catalogue.refresh(db)).await?;
        Ok(done)
    }
}
