//! The end of a batch: the second key-in of a sample, what differs, and the closing.

use chrono::Utc;
use serde_json::json;

use super::sheets::{Sheet, hand_over, kept_all, moved_on, scores, told};
use super::{find, questions, served, subject};
use crate::app::catalogue::Snapshot;
use crate::db;
use crate::db::conn::Conn;
use crate::domain::batch::{Batch, Check, REMARK_LENGTH, State, differences, sample_size};
use crate::domain::ids::BatchId;
use crate::domain::person::Actor;
use crate::error::{Error, Result};
use crate::locale::Message;

/// Ends the keying, with a remark where the count is not the one announced, makes answers of the sheets and
/// draws the sample; or closes the batch whose sample was keyed. A batch without sheets is closed at once.
///
/// # Errors
/// Not found; invalid without a remark that is needed; conflict while sheets of the sample are missing,
/// or when the batch is closed.
pub fn close(conn: &mut Conn, snapshot: &Snapshot, actor: &Actor, id: BatchId, remark: &str) -> Result<()> {
    let batch = find(conn, snapshot, actor, id)?;
    match batch.state {
        State::Open => end_keying(conn, snapshot, actor, &batch, remark.trim()),
        State::Checking => finish(conn, snapshot, actor, &batch),
        State::Closed => Err(Error::Conflict(Message::new("entry.error.closed"))),
    }
}

fn end_keying(
    conn: &mut Conn,
    snapshot: &Snapshot,
    actor: &Actor,
    batch: &Batch,
    remark: &str,
) -> Result<()> {
    let length = remark.chars().count();
    if length > REMARK_LENGTH {
        let message = Message::new("entry.fault.remark-length").with_count("most", REMARK_LENGTH);
        return Err(Error::invalid("remark", message.with_count("found", length)));
    }
    if remark.is_empty() && !batch.is_complete() {
        let message = Message::new("entry.fault.remark").with_count("announced", batch.announced);
        return Err(Error::invalid("remark", message.with_count("keyed", batch.standing())));
    }
    let kept = kept_all(conn, batch)?;
    let struck: Vec<i32> = kept.iter().filter(|sheet| sheet.is_struck).map(|sheet| sheet.number).collect();
    let sample = sample((1..=batch.keyed).filter(|number| !struck.contains(number)).collect());
    let closed = sample.is_empty();
    let moved = Batch {
        state: if closed { State::Closed } else { State::Checking },
        closed_at: closed.then(|| Utc::now().naive_utc()),
        remark: remark.to_owned(),
        ..batch.clone()
    };
    let details = json!({
        "announced": batch.announced, "keyed": batch.standing(), "struck": struck, "sample": sample,
        "remark": remark,
    });
    db::audit::insert(conn, actor, "batch.end-keying", &subject(batch.id), &details)?;
    advance(conn, &moved, State::Open)?;
    // From here on nobody changes a sheet; what was read before must still be so.
    if kept_all(conn, batch)? != kept {
        return Err(moved_on());
    }
    hand_over(conn, snapshot, batch, &kept)?;
    if closed { Ok(()) } else { db::batches::insert_checks(conn, batch.id, &sample) }
}

/// Draws some of the sheets at random.
fn sample(sheets: Vec<i32>) -> Vec<i32> {
    let drawn = rand::seq::index::sample(&mut rand::rng(), sheets.len(), sample_size(sheets.len()));
    let mut sample: Vec<i32> = drawn.into_iter().filter_map(|index| sheets.get(index).copied()).collect();
    sample.sort_unstable();
    sample
}

fn advance(conn: &mut Conn, batch: &Batch, from: State) -> Result<()> {
    if db::batches::advance(conn, batch, from)? { Ok(()) } else { Err(moved_on()) }
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
    let second = scores(&questions, sheet)?;
    let first = db::responses::scores(conn, served(snapshot, &batch), batch.answer_id(sheet.number))?
        .ok_or_else(|| Error::internal("a sheet of the sample has no answer"))?;
    let found = told(&differences(&questions, &first, &second));
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
