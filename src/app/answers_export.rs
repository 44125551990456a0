//! The answers of a period as one tidy table: a row an answer, read and written a page at a time, so that
//! a million answers take no more memory than a thousand. `docs/exports.md` says what each column means.

mod form;
mod layout;

use std::collections::BTreeSet;
use std::ops::ControlFlow;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

use serde_json::json;
use uuid::Uuid;

pub use form::Form;
use form::Writer;
use layout::Layout;

use super::catalogue::Snapshot;
use super::reach;
use super::scores::Query;
use crate::db;
use crate::db::conn::{Conn, Database};
use crate::domain::answer::Response;
use crate::domain::ids::{FieldId, UnitId};
use crate::domain::person::{Actor, Permission};
use crate::error::{Error, Result};

/// Answers that are read at once.
const PAGE: u16 = 2_000;

/// Pages that are read while an earlier one is written.
const AHEAD: usize = 2;

/// A piece of the file.
#[derive(Debug)]
pub struct Chunk {
    /// What comes next in the file.
    pub bytes: Vec<u8>,
    /// Answers written so far.
    pub answers: u64,
}

/// An export that somebody may have.
///
/// Of the query count the kind, the period, and what narrows: unit, fields, procedure, counter, stages,
/// channel and flags. A query that names no stages means all of them.
pub struct Export<'a> {
    snapshot: &'a Snapshot,
    query: Query,
    form: Form,
    /// Units whose answers are asked for; none means all.
    units: Option<BTreeSet<UnitId>>,
}

impl<'a> Export<'a> {
    /// Prepares an export.
    ///
    /// # Errors
    /// Not found for whoever may not see small groups, since a row is a group of one, and for what is not there.
    pub fn new(snapshot: &'a Snapshot, actor: &Actor, query: Query, form: Form) -> Result<Self> {
        actor.require(Permission::SeeSmallGroups)?;
        reach::check(snapshot, actor, query.narrowed())?;
        let units = reach::units(snapshot, actor, query.unit)?;
        Ok(Self { snapshot, query, form, units })
    }

    /// Writes into the audit who takes the answers away.
    ///
    /// # Errors
    /// Those of the database.
    pub fn record(&self, conn: &mut Conn, actor: &Actor) -> Result<()> {
        let query = &self.query;
        let details = json!({
            "kind": query.kind,
            "format": self.form.key(),
            "unit": query.unit,
            "fields": query.fields,
            "procedure": query.procedure,
            "counter": query.counter,
            "stages": query.stages,
            "channel": query.channel,
            "flagged": query.flagged,
        });
        db::audit::insert(conn, actor, "answers.export", &format!("answers {}", query.period), &details)
    }

    /// Reads the answers by unit and within it by their random ids, and hands the file on piece by piece
    /// until `sink` says that nobody takes it any more. Gives the number of answers written.
    ///
    /// A connection is held for a page only, so whoever takes the file slowly is in nobody's way. Answers
    /// are never changed or deleted; one that comes in meanwhile is in the file or not.
    ///
    /// # Errors
    /// Those of the database and of `sink`.
    pub fn run(
        &self,
        database: &Database,
        sink: &mut dyn FnMut(Chunk) -> Result<ControlFlow<()>>,
    ) -> Result<u64> {
        std::thread::scope(|scope| {
            let (sender, pages) = sync_channel(AHEAD);
            let read = move || self.read(database, &sender);
            std::thread::Builder::new().spawn_scoped(scope, read).map_err(Error::internal)?;
            // The pages go with this call, and the reader ends when nobody takes them.
            self.write(pages, sink)
        })
    }

    /// Reads page after page for as long as somebody takes them.
    fn read(&self, database: &Database, sender: &SyncSender<Result<Vec<Response>>>) {
        for unit in self.served() {
            let mut next = Some(Uuid::nil());
            while let Some(from) = next {
                let period = self.query.period;
                let page = database.read(|conn| db::responses::page(conn, unit, period, from, PAGE.into()));
                next = page.as_ref().ok().and_then(|page| after(page));
                let failed = page.is_err();
                if sender.send(page).is_err() || failed {
                    return;
                }
            }
        }
    }

    fn write(
        &self,
        pages: Receiver<Result<Vec<Response>>>,
        sink: &mut dyn FnMut(Chunk) -> Result<ControlFlow<()>>,
    ) -> Result<u64> {
        let mut layout = Layout::new(self.snapshot, self.query.kind);
        let mut writer = Writer::new(self.form, layout.columns())?;
        let mut answers = 0;
        for page in pages {
            for response in page?.iter().filter(|response| self.takes(response)) {
                if let Some(row) = layout.row(response) {
                    writer.row(&row)?;
                    answers += 1;
                }
            }
            if writer.is_filled() && sink(Chunk { bytes: writer.take()?, answers })?.is_break() {
                return Ok(answers);
            }
        }
        sink(Chunk { bytes: writer.finish()?, answers }).map(|_| answers)
    }

    /// Units at whose counters the answers were given, in a fixed order.
    fn served(&self) -> BTreeSet<UnitId> {
        let everywhere = || self.snapshot.units.versions().map(|version| version.unit).collect();
        match &self.units {
            Some(units) if !self.query.of_deciding => units.clone(),
            _ => everywhere(),
        }
    }

    fn takes(&self, response: &Response) -> bool {
        let query = &self.query;
        let is_of_unit =
            !query.of_deciding || self.units.as_ref().is_none_or(|units| units.contains(&response.deciding));
        let has_field = |fields: &Vec<FieldId>| fields.iter().any(|field| field.takes(response.field));
        let has_stage = |stages: &Vec<_>| response.stage.is_some_and(|stage| stages.contains(&stage));
        is_of_unit
            && query.fields.as_ref().is_none_or(has_field)
            && query.procedure.is_none_or(|procedure| procedure.takes(response.procedure))
            && query.counter.is_none_or(|counter| response.counter == counter)
            && query.stages.as_ref().is_none_or(has_stage)
            && query.channel.is_none_or(|channel| response.channel == channel)
            && query.flagged.takes(!response.flags.is_empty())
    }
}

/// The id from which the next page is to be read; none after the last page.
fn after(page: &[Response]) -> Option<Uuid> {
    let last = page.last().filter(|_| page.len() >= usize::from(PAGE))?;
    last.id.as_u128().checked_add(1).map(Uuid::from_u128)
}
