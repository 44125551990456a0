//! The end of a batch: the second key-in of a sample, what differs, and the closing.

use chrono::Utc;
use serde_json::json;

use super::{Sheet, find, questions, scores, subject};
use crate::app::catalogue::Snapshot;
use crate::db;
use crate::db::conn::Conn;
use crate::domain::batch::{Batch, Check, REMARK_LENGTH, State, differences, sample_size};
use crate::domain::ids::BatchId;
use crate::domain::person::Actor;
use crate::error::{Error, Result};
use crate::locale::Message;

/// Ends the keying, with a remark where the count is not the one announced, and draws the sample; or
/// closes the batch whose sample was keyed. A batch without sheets is closed at once.
///
/// # Errors
/// Not found; invalid without a remark that is needed; conflict while sheets of the sample are missing,
/// or when the batch is closed.
pub fn close(conn: &mut Conn, snapshot: &Snapshot, actor: &Actor, id: BatchId, remark: &str) -> Result<()> {
    let batch = find(conn, snapshot, actor, id)?;
    match batch.state {
        State::Open => end_keying(conn, actor, &batch, remark.trim()),
        State::Checking => finish(conn, snapshot, actor, &batch),
        State::Closed => Err(Error::Conflict(Message::new("entry.error.closed"))),
    }
}

fn end_keying(conn: &mut Conn, actor: &Actor, batch: &Batch, remark: &str) -> Result<()> {
    let length = remark.chars().count();
    if length > REMARK_LENGTH {
        let message = Message::new("entry.fault.remark-length").with("most", REMARK_LENGTH);
        return Err(Error::invalid("remark", message.with("found", length)));
    }
    if remark.is_empty() && !batch.is_complete() {
        let message = Message::new("entry.fault.remark").with("announced", batch.announced);
        return Err(Error::invalid("remark", message.with("keyed", batch.keyed)));
    }
    let sheets = sample(batch.keyed)?;
    let closed = sheets.is_empty();
    let moved = Batch {
        state: if closed { State::Closed } else { State::Checking },
        closed_at: closed.then(|| Utc::now().naive_utc()),
        remark: remark.to_owned(),
        ..batch.clone()
    };
    let details = json!({
        "announced": batch.announced, "keyed": batch.keyed, "sample": sheets, "remark": remark,
    });
    db::audit::insert(conn, actor, "batch.end-keying", &subject(batch.id), &details)?;
    advance(conn, &moved, State::Open)?;
    if closed { Ok(()) } else { db::batches::insert_checks(conn, batch.id, &sheets) }
}

/// Numbers of sheets drawn at random.
fn sample(keyed: i32) -> Result<Vec<i32>> {
    let length = usize::try_from(keyed).map_err(Error::internal)?;
    let drawn = rand::seq::index::sample(&mut rand::rng(), length, sample_size(length));
    let number = |index| i32::try_from(index + 1).map_err(Error::internal);
    let mut sheets = drawn.into_iter().map(number).collect::<Result<Vec<_>>>()?;
    sheets.sort_unstable();
    Ok(sheets)
}

fn advance(conn: &mut Conn, batch: &Batch, from: State) -> Result<()> {
    if db::batches::advance(conn, batch, from)? {
        Ok(())
    } else {
        Err(Error::Conflict(Message::new("entry.error.moved-on")))
    }
}

/// The sheets of the sample.
///
/// # Errors
/// Those of the database.
pub fn checks(conn: &mut Conn, batch: &Batch) -> Result<Vec<Check>> {
    db::batches::checks(conn, batch.id)
}

/// Keys a drawn sheet a second time; what counts stays as it was keyed first.
///
/// # Errors
/// Not found, also for a sheet that was not drawn; conflict when it was keyed before; invalid with every
/// fault of the sheet.
pub fn check(conn: &mut Conn, snapshot: &Snapshot, actor: &Actor, id: BatchId, sheet: &Sheet) -> Result<()> {
    let batch = find(conn, snapshot, actor, id)?;
    let drawn = checks(conn, &batch)?;
    if !drawn.iter().any(|check| check.sheet == sheet.number) {
        return Err(Error::NotFound(Message::new("entry.error.not-drawn")));
    }
    let questions = questions(snapshot, &batch)?;
    let second = scores(&questions, &sheet.answers)?;
    let first = db::responses::scores(conn, batch.unit, batch.answer_id(sheet.number))?
        .ok_or_else(|| Error::internal("a sheet of the sample has no answer"))?;
    let found: Vec<_> = differences(&questions, &first, &second)
        .iter()
        .map(|one| json!({ "question": one.question.key, "first": one.first, "second": one.second }))
        .collect();
    let details = json!({ "sheet": sheet.number, "differences": found });
    db::audit::insert(conn, actor, "batch.check", &subject(id), &details)?;
    if batch.state == State::Checking && db::batches::save_check(conn, id, sheet.number, &first, &second)? {
        Ok(())
    } else {
        Err(Error::Conflict(Message::new("entry.error.checked")))
    }
}

fn finish(conn: &mut Conn, snapshot: &Snapshot, actor: &Actor, batch: &Batch) -> Result<()> {
    let questions = questions(snapshot, batch)?;
    let (mut compared, mut differing) = (0, 0);
    for check in checks(conn, batch)? {
        let Some((first, second)) = check.keyed else {
            return Err(Error::Conflict(Message::new("entry.error.sample-missing")));
        };
        compared += questions.len();
        differing += differences(&questions, &first, &second).len();
    }
    let closed = Batch {
        state: State::Closed,
        closed_at: Some(Utc::now().naive_utc()),
        compared: i32::try_from(compared).map_err(Error::internal)?,
        differing: i32::try_from(differing).map_err(Error::internal)?,
        ..batch.clone()
    };
    let details = json!({ "compared": compared, "differing": differing });
    db::audit::insert(conn, actor, "batch.close", &subject(batch.id), &details)?;
    advance(conn, &closed, State::Checking)
}
