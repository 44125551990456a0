//! Answers on paper and from interviews from a file: one line a sheet.

use std::cmp::Reverse;

use chrono::{NaiveDate, Utc};
use serde_json::json;
use sha2::{Digest, Sha256};

use super::columns::{Column, Columns};
use super::sheet::{Line, Sheet};
use super::{Change, Changes, Faults, dates};
use crate::app::answers::{self, Form};
use crate::app::batches::{self, Place};
use crate::app::catalogue::Snapshot;
use crate::app::intake;
use crate::app::progress::Progress;
use crate::db;
use crate::db::conn::Conn;
use crate::domain::answer::{COMMENT_LENGTH, Outcome, Response, Scores};
use crate::domain::batch::derived_id;
use crate::domain::day::Local;
use crate::domain::hex::hex;
use crate::domain::ids::{FieldId, ProcedureId};
use crate::domain::job::Step;
use crate::domain::keyed::{self, BLANK};
use crate::domain::link::{Channel, Counter, Respondent, Stage};
use crate::domain::person::{Actor, Permission};
use crate::domain::questionnaire::{Kind, Questionnaire, Status};
use crate::error::Result;
use crate::locale::{Lang, Message};

/// Columns that must be there; `field` and `stage` too for lines about procedures.
pub const REQUIRED: [&str; 3] = ["unit_code", "counter", "day"];

/// Columns that may be there, besides one for each question under its key.
pub const OPTIONAL: [&str; 7] =
    ["kind", "channel", "field", "procedure_code", "stage", "respondent", "comment"];

/// The keys of all questions that are or were asked, those of the newest versions first.
pub fn question_keys(snapshot: &Snapshot) -> Vec<&str> {
    let mut keys: Vec<&str> = Vec::new();
    let mut versions: Vec<&Questionnaire> = snapshot.questionnaires.iter().collect();
    versions.sort_by_key(|one| (Reverse(one.status == Status::Published), one.kind, Reverse(one.version)));
    for questionnaire in versions {
        let asked = questionnaire.asked_at(None).map(|question| question.key.as_str());
        let fresh: Vec<&str> = asked.filter(|key| !keys.contains(key)).collect();
        keys.extend(fresh);
    }
    keys
}

/// The columns of a file, with one for each question under its key or its short name.
pub fn columns(snapshot: &Snapshot) -> Columns {
    let question = |key: &str| {
        let mut versions: Vec<&Questionnaire> = snapshot.questionnaires.iter().collect();
        versions
            .sort_by_key(|one| (Reverse(one.status == Status::Published), one.kind, Reverse(one.version)));
        let asked = versions.iter().find_map(|one| one.question(key));
        let title = |lang: Lang| asked.and_then(|one| one.text(lang)).map(|text| text.label.clone());
        let titles = Lang::ALL.map(|lang| title(lang).unwrap_or_default());
        Column { key: key.to_owned(), is_required: false, titles }
    };
    Columns::of(super::Kind::Answers, question_keys(snapshot).into_iter().map(question).collect())
}

/// The answers of a file.
#[derive(Debug)]
pub struct Sheets {
    /// SHA-256 of the file, from which the ids of its responses follow.
    pub hash: String,
    /// One response for each line.
    pub responses: Vec<Response>,
}

/// Reads a file into responses; nothing is stored. The same line of the same file is always the same
/// response.
///
/// # Errors
/// Not found for whoever may not enter answers; invalid with every fault, each with its line and column.
pub fn read(snapshot: &Snapshot, actor: &Actor, file: &[u8], progress: &Progress) -> Result<Sheets> {
    actor.require(Permission::EnterAnswers)?;
    let mut faults = Faults::default();
    let sheet = Sheet::of(file, columns(snapshot), super::MOST_LINES, &mut faults)?;
    let hash = Sha256::digest(file);
    progress.begin(Step::Preparing, sheet.lines.len());
    let mut responses = Vec::with_capacity(sheet.lines.len());
    for line in &sheet.lines {
        let reading = Reading { snapshot, actor, line };
        responses.extend(reading.response(&hash, &mut faults));
        progress.advance(1)?;
    }
    faults.none()?;
    Ok(Sheets { hash: hex(&hash), responses })
}

/// Whether the file of these responses was stored before: it is stored wholly or not at all.
///
/// # Errors
/// Those of the database.
pub fn is_stored(conn: &mut Conn, responses: &[Response]) -> Result<bool> {
    match responses.first() {
        Some(first) => Ok(db::responses::scores(conn, first.served, first.id)?.is_some()),
        None => Ok(false),
    }
}

/// Stores the answers of a file in the transaction of `conn`; the same file again stores nothing.
///
/// # Errors
/// Those of the database. The transaction must then be given up.
pub(super) fn store(
    conn: &mut Conn,
    snapshot: &Snapshot,
    actor: &Actor,
    Sheets { hash, responses }: &Sheets,
    progress: &Progress,
) -> Result<Changes> {
    progress.begin(Step::Writing, responses.len());
    // Whoever stores the same file at the same time is through before it is looked for.
    db::audit::reserve(conn)?;
    if !is_stored(conn, responses)? {
        let details = json!({ "sheets": responses.len() });
        db::audit::insert(conn, actor, "import.answers", &format!("answers:{hash}"), &details)?;
    }
    let outcomes =
        intake::store_all(conn, responses, &snapshot.questionnaires, |stored| progress.advance(stored))?;
    let mut changes = Changes::default();
    for outcome in outcomes {
        changes.count(if outcome == Outcome::Stored { Change::Added } else { Change::Unchanged });
    }
    Ok(changes)
}

struct Reading<'a> {
    snapshot: &'a Snapshot,
    actor: &'a Actor,
    line: &'a Line,
}

impl Reading<'_> {
    fn response(&self, hash: &[u8], faults: &mut Faults) -> Option<Response> {
        let kind = self.one_of("kind", Kind::Tthc, &Kind::ALL, Kind::key, faults);
        let channel = self.one_of("channel", Channel::Paper, &Channel::BY_STAFF, Channel::key, faults);
        let respondent = self.respondent(faults);
        let counter = self.counter(faults);
        let subject = kind.and_then(|kind| self.subject(kind, faults));
        let scores = kind
            .zip(subject)
            .and_then(|(kind, subject)| self.scores(kind, (subject.day, subject.stage), faults));
        let comment = self.comment(faults);
        let (kind, subject, counter) = (kind?, subject?, counter?);
        let place = Place {
            counter: counter.id,
            kind,
            field: subject.field,
            procedure: subject.procedure,
            stage: subject.stage,
            day: subject.day,
        };
        let id = derived_id(hash, i64::try_from(self.line.number).unwrap_or(i64::MAX));
        let mut pairs = batches::pairs(id, &scores?, comment?);
        pairs.extend(respondent?.map(|one| ("respondent".to_owned(), one.key().to_owned())));
        let form: Form = pairs.into_iter().collect();
        let questionnaire = self.questionnaire(kind, place.day, faults)?;
        let link = place.link(self.snapshot);
        let moment = place.moment();
        match answers::read(self.snapshot, &link, questionnaire, &form, Lang::Vi, channel?, moment) {
            Ok(response) => Some(response),
            Err(found) => {
                for fault in found {
                    faults.add(self.line, &fault.field, fault.message);
                }
                None
            }
        }
    }

    /// A word of a list, or the usual one where the cell is empty.
    fn one_of<T: Copy>(
        &self,
        column: &str,
        usual: T,
        all: &[T],
        key: impl Fn(T) -> &'static str,
        faults: &mut Faults,
    ) -> Option<T> {
        let word = self.line.cell(column);
        if word.is_empty() {
            return Some(usual);
        }
        let found = all.iter().copied().find(|one| key(*one) == word);
        if found.is_none() {
            let expected: Vec<&str> = all.iter().map(|one| key(*one)).collect();
            let message = Message::new("import.one-of").with("expected", expected.join(", "));
            faults.add(self.line, column, message.with("found", word));
        }
        found
    }

    fn respondent(&self, faults: &mut Faults) -> Option<Option<Respondent>> {
        let usual = Respondent::Citizen;
        let said = !self.line.cell("respondent").is_empty();
        let read = self.one_of("respondent", usual, Respondent::ALL, Respondent::key, faults);
        read.map(|one| said.then_some(one))
    }

    fn day(&self, faults: &mut Faults) -> Option<NaiveDate> {
        let day = dates::date(self.line, "day", faults)?;
        if day > Local::at(Utc::now()).day {
            let message = Message::new("entry.import.future").with("found", self.line.cell("day"));
            faults.add(self.line, "day", message);
            return None;
        }
        Some(day)
    }

    /// The counter of that name at the unit of that code, within the actor's reach.
    fn counter(&self, faults: &mut Faults) -> Option<&Counter> {
        let code = self.line.text("unit_code", faults);
        let name = self.line.text("counter", faults);
        // A wrong day is told once, where the day is read.
        let day = dates::date(self.line, "day", &mut Faults::default())?;
        let (code, name) = (code?, name?);
        let unit = self.snapshot.units.by_code(code, day);
        let unit = unit.filter(|unit| batches::reach(self.snapshot, self.actor, unit.unit).is_ok());
        let Some(unit) = unit else {
            let message = Message::new("entry.import.no-unit").with("day", day).with("found", code);
            faults.add(self.line, "unit_code", message);
            return None;
        };
        let served = |one: &&Counter| self.snapshot.units.present(one.unit, day).unit() == unit.unit;
        let of_unit = || self.snapshot.counters.values().filter(served);
        let counter = of_unit().find(|counter| counter.name == name);
        if counter.is_none() {
            let names: Vec<&str> = of_unit().map(|counter| counter.name.as_str()).collect();
            let message = Message::new("import.one-of").with("expected", names.join(", "));
            faults.add(self.line, "counter", message.with("found", name));
        }
        if counter.is_some_and(|counter| counter.is_closed_on(day)) {
            let message = Message::new("entry.import.closed").with_day("day", day);
            faults.add(self.line, "day", message.with("found", name));
        }
        counter
    }

    fn subject(&self, kind: Kind, faults: &mut Faults) -> Option<Subject> {
        let day = self.day(faults);
        if !kind.has_fields() {
            return Some(Subject { day: day?, field: None, procedure: None, stage: None });
        }
        let field = field(self.snapshot, self.line, faults);
        let stage = self.line.text("stage", faults);
        let stage = stage.and_then(|_| self.one_of("stage", Stage::Result, Stage::ALL, Stage::key, faults));
        let (day, field) = (day?, field?);
        if self.snapshot.field(field).is_some_and(|field| field.is_closed_on(day)) {
            faults.add(self.line, "field", Message::new("error.field-closed").with_day("day", day));
            return None;
        }
        let procedure = match self.line.cell("procedure_code") {
            "" => None,
            code => match answers::procedure_of(self.snapshot, field, code, day) {
                Some(version) => Some(version.procedure),
                None => {
                    let message = Message::new("entry.import.no-procedure").with("day", day);
                    faults.add(self.line, "procedure_code", message.with("found", code));
                    return None;
                }
            },
        };
        Some(Subject { day, field: Some(field), procedure, stage: Some(stage?) })
    }

    fn scores(
        &self,
        kind: Kind,
        (day, stage): (NaiveDate, Option<Stage>),
        faults: &mut Faults,
    ) -> Option<Scores> {
        let questionnaire = self.questionnaire(kind, day, faults)?;
        let mut scores = Scores::new();
        let mut is_right = true;
        let mut wrong = |column: &str, expected: String, found: &str| {
            let message = Message::new("entry.import.sign").with("expected", expected).with("found", found);
            faults.add(self.line, column, message);
            is_right = false;
        };
        let asked: Vec<_> = questionnaire.asked_at(stage).collect();
        for question in &asked {
            let cell = self.line.cell(&question.key);
            let mut signs = cell.chars();
            let sign = signs.next().unwrap_or(BLANK);
            match keyed::score(question, sign).filter(|_| signs.next().is_none()) {
                Some(score) => scores.extend(score.map(|score| (question.key.clone(), score))),
                None => wrong(&question.key, keyed::allowed(question), cell),
            }
        }
        for key in question_keys(self.snapshot) {
            let cell = self.line.cell(key);
            if !asked.iter().any(|question| question.key == key) && !["", "-"].contains(&cell) {
                wrong(key, BLANK.to_string(), cell);
            }
        }
        is_right.then_some(scores)
    }

    fn questionnaire(&self, kind: Kind, day: NaiveDate, faults: &mut Faults) -> Option<&Questionnaire> {
        let asked = self.snapshot.asked_on(kind, day);
        if asked.is_none() {
            faults.add(self.line, "kind", Message::new("entry.fault.no-questionnaire"));
        }
        asked
    }

    fn comment(&self, faults: &mut Faults) -> Option<&str> {
        let text = self.line.cell("comment");
        let length = text.chars().count();
        if length > COMMENT_LENGTH {
            let message = Message::new("entry.import.comment").with_count("most", COMMENT_LENGTH);
            faults.add(self.line, "comment", message.with_count("found", length));
            return None;
        }
        Some(text)
    }
}

#[derive(Clone, Copy)]
struct Subject {
    day: NaiveDate,
    field: Option<FieldId>,
    procedure: Option<ProcedureId>,
    stage: Option<Stage>,
}

/// The field of the key in a line.
pub(super) fn field(snapshot: &Snapshot, line: &Line, faults: &mut Faults) -> Option<FieldId> {
    let word = line.text("field", faults)?;
    let field = snapshot.field_by_key(word);
    if field.is_none() {
        let keys: Vec<&str> = snapshot.fields.iter().map(|field| field.key.as_str()).collect();
        let message = Message::new("import.one-of").with("expected", keys.join(", ")).with("found", word);
        faults.add(line, "field", message);
    }
    field.map(|field| field.id)
}
