//! The columns of the table and the row of an answer.

use std::collections::HashMap;

use chrono::{NaiveDate, Utc};

use super::form::Cell;
use crate::app::catalogue::Snapshot;
use crate::domain::answer::Response;
use crate::domain::day::{HalfDay, Local};
use crate::domain::flags::Flag;
use crate::domain::ids::{ProcedureId, QuestionnaireId, UnitId};
use crate::domain::procedure::ProcedureVersion;
use crate::domain::questionnaire::Kind;
use crate::domain::unit::Present;

/// Columns before the flags. Those that the table of scores has too mean the same there.
const FIXED: [&str; 23] = [
    "kind",
    "questionnaire_version",
    "date",
    "half_day",
    "unit_code",
    "unit",
    "unit_now_code",
    "unit_now",
    "unit_split",
    "deciding_code",
    "deciding",
    "deciding_now_code",
    "deciding_now",
    "deciding_split",
    "counter_code",
    "counter",
    "field_code",
    "field",
    "procedure_code",
    "procedure",
    "stage_code",
    "channel_code",
    "respondent",
];

/// Columns between the flags and the scores.
const LAST: [&str; 2] = ["language", "has_comment"];

/// Lays answers of one kind of questionnaire out as rows.
///
/// The id of an answer is no column: whoever sent the answer knows it, and with it in the table a row could
/// be traced back to them.
pub struct Layout<'a> {
    snapshot: &'a Snapshot,
    kind: Kind,
    columns: Vec<String>,
    /// Keys of the questions of all versions.
    questions: Vec<&'a str>,
    versions: HashMap<QuestionnaireId, i32>,
    /// The day whose units are those of today.
    today: NaiveDate,
    /// Procedures that were looked up, since the catalogue has many and answers name few.
    procedures: HashMap<(ProcedureId, NaiveDate), Option<&'a ProcedureVersion>>,
}

impl<'a> Layout<'a> {
    /// The layout of a kind.
    pub fn new(snapshot: &'a Snapshot, kind: Kind) -> Self {
        let mut of_kind: Vec<_> = snapshot.questionnaires.iter().filter(|one| one.kind == kind).collect();
        of_kind.sort_by_key(|one| one.version);
        let mut questions: Vec<&str> = Vec::new();
        for question in of_kind.iter().flat_map(|one| one.asked()) {
            if !questions.contains(&&*question.key) {
                questions.push(&question.key);
            }
        }
        let fixed = FIXED.iter().map(|key| (*key).to_owned());
        let flags = Flag::ALL.map(|flag| format!("flag_{}", flag.key()));
        let last = LAST.iter().map(|key| (*key).to_owned());
        let scores = questions.iter().map(|key| format!("score_{key}"));
        Self {
            columns: fixed.chain(flags).chain(last).chain(scores).collect(),
            versions: of_kind.iter().map(|one| (one.id, one.version)).collect(),
            today: Local::at(Utc::now()).day,
            procedures: HashMap::new(),
            questions,
            snapshot,
            kind,
        }
    }

    /// The keys of the columns, in order.
    pub fn columns(&self) -> &[String] {
        &self.columns
    }

    /// The row of an answer; none for an answer to another kind of questionnaire.
    pub fn row<'b>(&mut self, response: &'b Response) -> Option<Vec<Cell<'b>>>
    where
        'a: 'b,
    {
        let version = *self.versions.get(&response.questionnaire)?;
        let mut row = Vec::with_capacity(self.columns.len());
        row.extend([
            Cell::Word(self.kind.key()),
            Cell::Number(version.into()),
            Cell::Day(response.day),
            Cell::Word(half(response.half)),
        ]);
        self.unit(&mut row, response.served, response.day);
        self.unit(&mut row, response.deciding, response.day);
        self.subject(&mut row, response);
        row.push(response.stage.map_or(Cell::Empty, |stage| Cell::Word(stage.key())));
        row.push(Cell::Word(response.channel.key()));
        row.push(response.respondent.map_or(Cell::Empty, |one| Cell::Word(one.key())));
        row.extend(Flag::ALL.map(|flag| Cell::Is(response.flags.has(flag))));
        row.extend([Cell::Text(response.language.as_str()), Cell::Is(response.comment.is_some())]);
        row.extend(
            self.questions
                .iter()
                .map(|key| response.scores.get(*key).copied().map_or(Cell::Empty, Cell::Score)),
        );
        Some(row)
    }

    /// A unit as it was on the day and as it is today.
    fn unit<'b>(&self, row: &mut Vec<Cell<'b>>, unit: UnitId, day: NaiveDate)
    where
        'a: 'b,
    {
        let units = &self.snapshot.units;
        let present = units.present(unit, self.today);
        for version in [units.nearest(unit, day), units.nearest(present.unit(), self.today)] {
            row.push(version.map_or(Cell::Empty, |version| Cell::Text(&version.code)));
            row.push(version.map_or(Cell::Empty, |version| Cell::Text(&version.name)));
        }
        row.push(Cell::Is(matches!(present, Present::Split(_))));
    }

    /// Counter, field and procedure.
    fn subject<'b>(&mut self, row: &mut Vec<Cell<'b>>, response: &Response)
    where
        'a: 'b,
    {
        row.push(Cell::Code(response.counter.raw()));
        let counter = self.snapshot.counters.get(&response.counter);
        row.push(counter.map_or(Cell::Empty, |counter| Cell::Text(&counter.name)));
        let field = response.field.and_then(|id| self.snapshot.field(id));
        row.push(field.map_or(Cell::Empty, |field| Cell::Text(&field.key)));
        row.push(field.map_or(Cell::Empty, |field| Cell::Text(&field.name)));
        let procedure = response.procedure.and_then(|id| self.procedure(id, response.day));
        row.push(procedure.map_or(Cell::Empty, |version| Cell::Text(&version.code)));
        row.push(procedure.map_or(Cell::Empty, |version| Cell::Text(&version.name)));
    }

    fn procedure(&mut self, id: ProcedureId, day: NaiveDate) -> Option<&'a ProcedureVersion> {
        let snapshot = self.snapshot;
        *self.procedures.entry((id, day)).or_insert_with(|| snapshot.procedure(id, day))
    }
}

const fn half(half: HalfDay) -> &'static str {
    match half {
        HalfDay::Morning => "morning",
        HalfDay::Afternoon => "afternoon",
    }
}
