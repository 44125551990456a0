//! The sheets of a batch: keyed in, corrected and struck out while it is open, then handed over as answers.
//!
//! Nothing of them is an answer before the keying ends, so that a slip is mended without an answer ever being
//! changed or deleted. Each step leaves a row in the audit with what was keyed before it.

use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::{Place, find, questionnaire, questions, served, subject};
use crate::app::answers::{self, Form};
use crate::app::catalogue::Snapshot;
use crate::app::intake;
use crate::db;
use crate::db::conn::Conn;
use crate::domain::answer::{Outcome, Response, Score, Scores};
use crate::domain::batch::{Batch, Difference, KeyedSheet, State, differences};
use crate::domain::hex::hex;
use crate::domain::ids::BatchId;
use crate::domain::keyed;
use crate::domain::link::Link;
use crate::domain::person::Actor;
use crate::domain::questionnaire::Question;
use crate::error::{Error, FieldError, Result};
use crate::locale::{Lang, Message};

/// A sheet as it is typed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sheet {
    /// Number in the batch, from 1.
    pub number: i32,
    /// Digits.
    pub answers: String,
    /// What the field of the digits showed before; empty for nothing.
    pub shown: String,
    /// Comment, empty for none.
    pub comment: String,
}

/// Every sheet that is kept of an open batch, by number; of one that is no longer open, those struck out.
///
/// # Errors
/// Those of the database.
pub fn kept_all(conn: &mut Conn, batch: &Batch) -> Result<Vec<KeyedSheet>> {
    db::batch_sheets::all(conn, batch.id)
}

/// A sheet of an open batch that can still be corrected.
///
/// # Errors
/// Not found for a number that was not keyed; conflict once the sheet is an answer; those of the database.
pub fn kept(conn: &mut Conn, batch: &Batch, number: i32) -> Result<KeyedSheet> {
    if number < 1 || number > batch.keyed {
        return Err(Error::NotFound(Message::new("entry.error.no-sheet")));
    }
    let sheet = match batch.state {
        State::Open => db::batch_sheets::find(conn, batch.id, number)?,
        State::Checking | State::Closed => None,
    };
    sheet.ok_or_else(|| Error::Conflict(Message::new("entry.error.sheets-final")))
}

/// What was keyed for a sheet of an open batch; none for a number that was not keyed.
///
/// # Errors
/// Those of the database.
pub fn scores_of(conn: &mut Conn, snapshot: &Snapshot, batch: &Batch, number: i32) -> Result<Option<Scores>> {
    match db::batch_sheets::find(conn, batch.id, number)? {
        Some(sheet) => Ok(Some(sheet.scores)),
        // Before sheets were kept apart, each became an answer at once.
        None => db::responses::scores(conn, served(snapshot, batch), batch.answer_id(number)),
    }
}

/// Keys in a sheet: the next one, or again one that is in, which then stays as it was first keyed.
///
/// # Errors
/// Not found; conflict when the batch takes no more sheets; invalid with every fault of the sheet.
pub fn key_in(
    conn: &mut Conn,
    snapshot: &Snapshot,
    actor: &Actor,
    id: BatchId,
    sheet: &Sheet,
) -> Result<Outcome> {
    let batch = find(conn, snapshot, actor, id)?;
    let keyed = read(snapshot, &batch, sheet)?;
    if batch.state != State::Open {
        return Err(Error::Conflict(Message::new("entry.error.no-more-sheets")));
    }
    let next = batch.keyed.saturating_add(1);
    if sheet.number < 1 || sheet.number > next {
        let message = Message::new("entry.fault.order").with("expected", next);
        return Err(Error::invalid("answers", message.with("found", sheet.number)));
    }
    if sheet.number < next {
        let is_same = scores_of(conn, snapshot, &batch, sheet.number)?.as_ref() == Some(&keyed.scores);
        return Ok(if is_same { Outcome::Repeated } else { Outcome::FirstStands });
    }
    db::audit::insert(conn, actor, "batch.key", &subject(id), &json!({ "sheet": sheet.number }))?;
    if !db::batches::count_sheet(conn, id, batch.keyed)? {
        return Err(moved_on());
    }
    db::batch_sheets::insert(conn, id, &keyed)?;
    Ok(Outcome::Stored)
}

/// What tells the states of a sheet apart: a form that was made from one carries it along.
pub fn fingerprint(sheet: &KeyedSheet) -> String {
    let state = json!([sheet.scores, sheet.comment, sheet.is_struck]);
    hex(&Sha256::digest(state.to_string()))
}

/// Gives a sheet of an open batch, seen in the state of a fingerprint, other answers; one that was struck
/// out stands again.
///
/// # Errors
/// Not found; conflict once the sheet is an answer; invalid with every fault of the sheet, and where
/// somebody else changed it since it was seen.
pub fn correct(
    conn: &mut Conn,
    snapshot: &Snapshot,
    actor: &Actor,
    id: BatchId,
    (sheet, seen): (&Sheet, &str),
) -> Result<()> {
    let batch = find(conn, snapshot, actor, id)?;
    let before = kept(conn, &batch, sheet.number)?;
    let after = read(snapshot, &batch, sheet)?;
    if after == before {
        return Ok(());
    }
    if fingerprint(&before) != seen {
        return Err(Error::invalid("answers", Message::new("entry.fault.changed-since")));
    }
    let questions = questions(snapshot, &batch)?;
    let details = json!({
        "sheet": sheet.number,
        "differences": told(&differences(&questions, &before.scores, &after.scores)),
        "comment": after.comment != before.comment,
        "restored": before.is_struck,
    });
    db::audit::insert(conn, actor, "batch.correct", &subject(id), &details)?;
    rewrite(conn, &batch, &before, &after)
}

/// Strikes out a sheet of an open batch, seen in the state of a fingerprint: it keeps its number and becomes
/// no answer.
///
/// # Errors
/// Not found; conflict once the sheet is an answer, when it is struck out already, and where somebody else
/// changed it since it was seen.
pub fn strike(
    conn: &mut Conn,
    snapshot: &Snapshot,
    actor: &Actor,
    id: BatchId,
    (number, seen): (i32, &str),
) -> Result<()> {
    let batch = find(conn, snapshot, actor, id)?;
    let before = kept(conn, &batch, number)?;
    if before.is_struck {
        return Err(Error::Conflict(Message::new("entry.error.struck")));
    }
    if fingerprint(&before) != seen {
        return Err(moved_on());
    }
    let answers = digits(&questions(snapshot, &batch)?, &before.scores);
    let details = json!({ "sheet": number, "answers": answers });
    db::audit::insert(conn, actor, "batch.strike", &subject(id), &details)?;
    rewrite(conn, &batch, &before, &KeyedSheet { is_struck: true, ..before.clone() })
}

/// Writes a sheet anew that nobody else changed meanwhile, in a batch that is still open.
fn rewrite(conn: &mut Conn, batch: &Batch, before: &KeyedSheet, after: &KeyedSheet) -> Result<()> {
    let struck = batch.struck + i32::from(after.is_struck) - i32::from(before.is_struck);
    let is_open = db::batches::count_struck(conn, batch, struck)?;
    if !is_open || db::batch_sheets::find(conn, batch.id, before.number)?.as_ref() != Some(before) {
        return Err(moved_on());
    }
    db::batch_sheets::update(conn, batch.id, after)
}

/// Makes answers of the sheets that stand, in the transaction that ends the keying.
///
/// # Errors
/// Invalid where the catalogue no longer takes them; those of the database.
pub(super) fn hand_over(
    conn: &mut Conn,
    snapshot: &Snapshot,
    batch: &Batch,
    sheets: &[KeyedSheet],
) -> Result<()> {
    let standing = sheets.iter().filter(|sheet| !sheet.is_struck);
    let responses = standing.map(|sheet| response(snapshot, batch, sheet)).collect::<Result<Vec<_>>>()?;
    let outcomes = intake::store(conn, &responses, &snapshot.questionnaires)?;
    if outcomes.iter().any(|outcome| *outcome != Outcome::Stored) {
        return Err(Error::internal("a sheet was an answer before its batch was handed over"));
    }
    db::batch_sheets::hand_over(conn, batch.id)
}

/// The sheet as it was typed, if an answer can be made of it.
fn read(snapshot: &Snapshot, batch: &Batch, sheet: &Sheet) -> Result<KeyedSheet> {
    let scores = scores(&questions(snapshot, batch)?, sheet)?;
    let comment = sheet.comment.trim().to_owned();
    let keyed = KeyedSheet { number: sheet.number, scores, comment, is_struck: false };
    response(snapshot, batch, &keyed).map(|_| keyed)
}

/// The answer on a sheet, read as a form of a phone is.
fn response(snapshot: &Snapshot, batch: &Batch, sheet: &KeyedSheet) -> Result<Response> {
    let questionnaire = questionnaire(snapshot, batch)?;
    let place = Place {
        counter: batch.counter,
        kind: questionnaire.kind,
        field: batch.field,
        procedure: batch.procedure,
        stage: batch.stage,
        day: batch.day,
    };
    let link = Link {
        id: batch.link.unwrap_or_else(|| 0.into()),
        deciding: Some(batch.deciding),
        ..place.link(snapshot)
    };
    let id = batch.answer_id(sheet.number);
    let form: Form = pairs(id, &sheet.scores, &sheet.comment).into_iter().collect();
    answers::read(snapshot, &link, questionnaire, &form, Lang::Vi, batch.channel, place.moment())
        .map_err(Error::Invalid)
}

/// A sheet as the names and values that a page would send.
pub(in crate::app) fn pairs(id: Uuid, scores: &Scores, comment: &str) -> Vec<(String, String)> {
    let answers = scores.iter().map(|(key, score)| (key.clone(), score.form_value().to_owned()));
    let rest = [("id".to_owned(), id.to_string()), ("comment".to_owned(), comment.to_owned())];
    answers.chain(rest).collect()
}

/// Reads the digits of a sheet.
///
/// # Errors
/// Invalid, with every sign that does not fit.
pub(super) fn scores(questions: &[&Question], sheet: &Sheet) -> Result<Scores> {
    let text = keyed::over(&sheet.answers, &sheet.shown, questions.len());
    keyed::read(text, questions).map_err(|faults| {
        Error::Invalid(faults.into_iter().map(|fault| FieldError::new("answers", fault)).collect())
    })
}

/// The digits of a sheet as they are keyed.
pub fn digits(questions: &[&Question], scores: &Scores) -> String {
    questions.iter().map(|question| keyed::sign(scores.get(&question.key).copied())).collect()
}

/// Differences as the audit keeps them.
pub(super) fn told(differences: &[Difference<'_>]) -> Vec<Value> {
    let one = |one: &Difference<'_>| {
        let [first, second]: [Option<Score>; 2] = [one.first, one.second];
        json!({ "question": one.question.key, "first": first, "second": second })
    };
    differences.iter().map(one).collect()
}

/// Somebody else was quicker.
pub(super) fn moved_on() -> Error {
    Error::Conflict(Message::new("entry.error.moved-on"))
}
