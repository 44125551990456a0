//! The answers of a period as a file, sent while they are read.

use std::collections::HashMap;
use std::io;
use std::ops::ControlFlow;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use actix_web::body::{BodySize, MessageBody};
use actix_web::{HttpResponse, web};
use chrono::Utc;
use tokio::sync::mpsc::error::TrySendError;
use tokio::sync::mpsc::{Receiver, Sender, channel};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::filters::Filters;
use crate::app::answers_export::{Export, Form};
use crate::app::catalogue::Snapshot;
use crate::app::scores::Query;
use crate::db::conn::Database;
use crate::domain::day::Local;
use crate::domain::person::{self, Permission};
use crate::error::{Error, Result};
use crate::locale::Message;
use crate::web::actor::Actor;
use crate::web::respond::Fault;
use crate::web::state::State;

/// Exports that run at the same time; each keeps a core busy.
const AT_ONCE: usize = 2;

/// Seconds after which somebody who found no place may try again.
const RETRY_AFTER: u64 = 30;

/// Pieces that wait for a client that reads slowly; the reading of answers then waits too.
const WAITING: usize = 4;

/// How often a full channel is tried again.
const PAUSE: Duration = Duration::from_millis(1);

/// How long a client may leave a piece before its export is given up.
const PATIENCE: Duration = Duration::from_secs(60);

/// The places of exports that run.
pub struct Places(Arc<Semaphore>);

impl Default for Places {
    fn default() -> Self {
        Self(Arc::new(Semaphore::new(AT_ONCE)))
    }
}

impl Places {
    fn take(&self) -> Result<OwnedSemaphorePermit> {
        let busy = |_| Error::Unavailable { retry_after: RETRY_AFTER };
        Arc::clone(&self.0).try_acquire_owned().map_err(busy)
    }
}

/// The addresses of the answers behind a page, for those who may see single answers.
pub fn links(actor: &person::Actor, filters: &Filters) -> Vec<(&'static str, String)> {
    let of = |form: Form| {
        let word = match form {
            Form::Csv => "CSV",
            Form::Json => "JSON",
        };
        (word, format!("/console/answers.{}?{}", form.key(), filters.to_query()))
    };
    let forms = if actor.may(Permission::SeeSmallGroups) { Form::ALL.as_slice() } else { &[] };
    forms.iter().copied().map(of).collect()
}

/// GET /console/answers.{format}: the answers within the page's filters, all stages unless one is named.
///
/// # Errors
/// Not found for another format and for whoever may not see single answers; invalid for a period that
/// cannot be read; unavailable when as many exports run as may; those of the database.
pub async fn show(
    state: web::Data<State>,
    places: web::Data<Places>,
    actor: Actor,
    format: web::Path<String>,
    words: web::Query<HashMap<String, String>>,
) -> std::result::Result<HttpResponse, Fault> {
    let form = Form::from_key(&format).ok_or(Error::NotFound(Message::new("error.page-not-found")))?;
    let filters = Filters::read(&words, Local::at(Utc::now()).day);
    let (snapshot, person) = (state.catalogue.snapshot(), actor.person);
    let query = filters.narrowed(&[]);
    Export::new(&snapshot, &person, query.clone(), form)?;
    if let Some(wrong) = &filters.no_period {
        return Err(Error::invalid("period", wrong.message()).into());
    }
    let place = places.take()?;
    let name = format!("hailong-answers-{}-{}.{}", query.kind.key(), query.period, form.key());
    let work = Work { snapshot, person, query, form };
    let work = state.block(move |db| work.record(db).map(|()| work)).await?;
    let (sender, receiver) = channel(WAITING);
    let database = state.database.clone();
    // Nobody waits for it: the body tells how it ended.
    drop(web::block(move || work.run(&database, &sender, place)));
    Ok(HttpResponse::Ok()
        .content_type(match form {
            Form::Csv => "text/csv; charset=utf-8",
            Form::Json => "application/json",
        })
        .insert_header(("Content-Disposition", format!("attachment; filename=\"{name}\"")))
        .insert_header(("Cache-Control", "no-store"))
        .body(Pieces(receiver)))
}

/// What a thread needs to write an export.
struct Work {
    snapshot: Arc<Snapshot>,
    person: person::Actor,
    query: Query,
    form: Form,
}

/// A part of the file, or its end: where that is missing, the file is not whole.
enum Piece {
    Bytes(web::Bytes),
    End,
}

impl Work {
    fn export(&self) -> Result<Export<'_>> {
        Export::new(&self.snapshot, &self.person, self.query.clone(), self.form)
    }

    fn record(&self, database: &Database) -> Result<()> {
        let export = self.export()?;
        database.write_audited(|conn| export.record(conn, &self.person))
    }

    fn run(&self, database: &Database, sender: &Sender<Piece>, _place: OwnedSemaphorePermit) {
        let written = self.export().and_then(|export| {
            export.run(database, &mut |chunk| Ok(send(sender, Piece::Bytes(chunk.bytes.into()))))
        });
        match written {
            // Where the client is gone, this reaches nobody either.
            Ok(_) => drop(send(sender, Piece::End)),
            Err(error) => tracing::error!(%error, "an export of answers broke off"),
        }
    }
}

/// Waits until the client has room for a piece; breaks where it is gone, or keeps its place without reading.
fn send(sender: &Sender<Piece>, mut piece: Piece) -> ControlFlow<()> {
    let start = Instant::now();
    loop {
        match sender.try_send(piece) {
            Ok(()) => return ControlFlow::Continue(()),
            Err(TrySendError::Full(back)) if start.elapsed() < PATIENCE => piece = back,
            Err(_) => return ControlFlow::Break(()),
        }
        std::thread::sleep(PAUSE);
    }
}

/// A body made of the pieces that come out of a channel.
struct Pieces(Receiver<Piece>);

impl MessageBody for Pieces {
    type Error = io::Error;

    fn size(&self) -> BodySize {
        BodySize::Stream
    }

    fn poll_next(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<io::Result<web::Bytes>>> {
        self.0.poll_recv(context).map(|piece| match piece {
            Some(Piece::Bytes(bytes)) => Some(Ok(bytes)),
            Some(Piece::End) => None,
            // The connection breaks too, so that nobody takes half a file for a whole one.
            None => Some(Err(io::Error::other("the export broke off"))),
        })
    }
}
