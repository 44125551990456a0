//! The intake: one durable writer behind a bounded queue, for every channel.

use std::thread::JoinHandle;

use tokio::sync::{mpsc, oneshot};

use super::catalogue::Catalogue;
use crate::db;
use crate::db::conn::Database;
use crate::domain::answer::{Outcome, Response};
use crate::domain::questionnaire::Questionnaire;
use crate::domain::{questionnaire, rollup, tally};
use crate::error::{Error, Result};

/// Responses that may wait; above it the citizen is asked to come back.
pub const CAPACITY: usize = 4096;

/// Most responses in one transaction.
const BATCH: usize = 256;

/// Seconds after which a citizen may try again when the queue is full.
const RETRY_AFTER: u64 = 5;

struct Job {
    response: Response,
    reply: oneshot::Sender<Result<Outcome>>,
}

/// The entrance to the queue; clones share it.
#[derive(Clone)]
pub struct Intake {
    queue: mpsc::Sender<Job>,
}

impl Intake {
    /// Starts the writer. The handle ends when every clone of the entrance is gone and the queue is
    /// written.
    ///
    /// # Errors
    /// Internal, when the machine gives no thread.
    pub fn start(
        database: Database,
        catalogue: std::sync::Arc<Catalogue>,
        capacity: usize,
    ) -> Result<(Self, JoinHandle<()>)> {
        let (queue, jobs) = mpsc::channel(capacity);
        let writer = Writer { database, catalogue };
        let handle = std::thread::Builder::new()
            .name("intake".into())
            .spawn(move || writer.run(jobs))
            .map_err(Error::internal)?;
        Ok((Self { queue }, handle))
    }

    /// Hands a response to the writer and waits until it is on disk.
    ///
    /// # Errors
    /// Unavailable when the queue is full or the database is away; nothing is then stored, and the
    /// same id may be sent again.
    pub async fn submit(&self, response: Response) -> Result<Outcome> {
        let (reply, answer) = oneshot::channel();
        self.queue
            .try_send(Job { response, reply })
            .map_err(|_| Error::Unavailable { retry_after: RETRY_AFTER })?;
        answer.await.map_err(|_| Error::Unavailable { retry_after: RETRY_AFTER })?
    }
}

struct Writer {
    database: Database,
    catalogue: std::sync::Arc<Catalogue>,
}

impl Writer {
    fn run(&self, mut jobs: mpsc::Receiver<Job>) {
        let mut batch = Vec::with_capacity(BATCH);
        while jobs.blocking_recv_many(&mut batch, BATCH) > 0 {
            self.write_all(std::mem::take(&mut batch));
        }
    }

    fn write_all(&self, batch: Vec<Job>) {
        let (responses, replies): (Vec<_>, Vec<_>) =
            batch.into_iter().map(|job| (job.response, job.reply)).unzip();
        match self.write(&responses) {
            Ok(outcomes) => {
                for (reply, outcome) in replies.into_iter().zip(outcomes) {
                    // A citizen who hung up gets the same reply when the page is sent again.
                    drop(reply.send(Ok(outcome)));
                }
            }
            Err(Error::Unavailable { .. }) => refuse(replies),
            // One response that the database will not take must not keep the others out.
            Err(_) if responses.len() > 1 => {
                for (response, reply) in responses.into_iter().zip(replies) {
                    self.write_all(vec![Job { response, reply }]);
                }
            }
            Err(error) => {
                tracing::error!(%error, "a response could not be stored");
                refuse(replies);
            }
        }
    }

    fn write(&self, responses: &[Response]) -> Result<Vec<Outcome>> {
        let snapshot = self.catalogue.snapshot();
        self.database.write(|conn| store(conn, responses, &snapshot.questionnaires))
    }
}

fn refuse(replies: Vec<oneshot::Sender<Result<Outcome>>>) {
    for reply in replies {
        drop(reply.send(Err(Error::Unavailable { retry_after: RETRY_AFTER })));
    }
}

/// Stores responses and their tallies in the transaction of `conn`; outcomes are in the same order.
///
/// # Errors
/// Those of the database; internal for a response to a questionnaire that is not in the catalogue.
pub fn store(
    conn: &mut db::conn::Conn,
    responses: &[Response],
    questionnaires: &[Questionnaire],
) -> Result<Vec<Outcome>> {
    store_all(conn, responses, questionnaires, |_| Ok(()))
}

/// Stores as many responses as there are, some in a statement, and then all that they count for at once;
/// `stored` learns of each part.
///
/// # Errors
/// Those of [`store`] and of `stored`.
pub fn store_all(
    conn: &mut db::conn::Conn,
    responses: &[Response],
    questionnaires: &[Questionnaire],
    stored: impl Fn(usize) -> Result<()>,
) -> Result<Vec<Outcome>> {
    let mut outcomes = Vec::with_capacity(responses.len());
    let mut counted = std::collections::BTreeMap::new();
    for some in responses.chunks(BATCH) {
        let of_some = db::responses::insert_if_missing(conn, some)?;
        for (response, outcome) in some.iter().zip(&of_some) {
            if *outcome == Outcome::Stored {
                count(response, questionnaires, &mut counted)?;
            }
        }
        outcomes.extend(of_some);
        stored(some.len())?;
    }
    db::tallies::add(conn, &counted)?;
    db::rollups::add(conn, &rollup::of_tallies(&counted, &questionnaire::overall(questionnaires)))?;
    Ok(outcomes)
}

/// Adds what one response counts for. The map is in the order of the primary key, so that two
/// writers never wait for each other crosswise.
///
/// # Errors
/// Internal for a questionnaire that is not in the catalogue.
pub fn count(
    response: &Response,
    questionnaires: &[Questionnaire],
    counted: &mut std::collections::BTreeMap<tally::TallyKey, tally::Levels>,
) -> Result<()> {
    let questionnaire = questionnaires
        .iter()
        .find(|one| one.id == response.questionnaire)
        .ok_or_else(|| Error::internal("a response to an unknown questionnaire"))?;
    for (key, score) in tally::entries(response, questionnaire) {
        counted.entry(key).or_default().count(score);
    }
    Ok(())
}
