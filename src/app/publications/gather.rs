//! Gathering the complete figures of a period, every row as the console would show it.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};

use super::lists::Named;
use crate::app::catalogue::Snapshot;
use crate::app::scores::{self, Cell, Dimension, Query};
use crate::db::conn::Conn;
use crate::db::{tallies, targets};
use crate::domain::dataset::{
    Cut, Dataset, Dates, FORMAT, Figures, Imported, Mark, Method, Part, Row, Survey, Table,
};
use crate::domain::flags::{Flag, Flags};
use crate::domain::index::Share;
use crate::domain::link::Stage;
use crate::domain::period::Period;
use crate::domain::person::Actor;
use crate::domain::questionnaire::{Kind, Role};
use crate::domain::tally::Levels;
use crate::domain::target::{Scope, Target};
use crate::domain::unit::UnitView;
use crate::error::Result;

/// Periods in a trend, the one reported among them.
const TREND: usize = 8;

/// The complete figures of a period, small groups and all; to be read in one transaction.
///
/// # Errors
/// Those of the database.
pub fn gather(
    conn: &mut Conn,
    snapshot: &Snapshot,
    period: Period,
    version: i32,
    now: DateTime<Utc>,
) -> Result<Dataset> {
    let mut surveys = Vec::new();
    for kind in Kind::ALL {
        surveys.push(survey(conn, snapshot, kind, period)?);
    }
    let named = Named::of(snapshot, period, &surveys);
    Ok(Dataset {
        format: FORMAT.to_owned(),
        issue: None,
        seal: None,
        period: Dates { key: period.to_string(), from: period.from(), to: period.to() },
        version,
        simulated: snapshot.simulated,
        frozen_at: now,
        floor: 0,
        method: Method::current(),
        imported: imported(conn, snapshot, period)?,
        targets: named.targets(),
        questionnaires: named.questionnaires(),
        units: named.units(),
        counters: named.counters(),
        fields: named.fields(),
        procedures: named.procedures(),
        surveys,
    })
}

fn imported(conn: &mut Conn, snapshot: &Snapshot, period: Period) -> Result<Vec<Imported>> {
    let in_force = snapshot.targets.iter().filter(|target| target.is_valid_on(period.to()));
    let wanted = in_force.filter(|target| target.scope == Scope::Imported);
    wanted
        .map(|target| {
            let figure = targets::imported(conn, &target.key, period)?;
            Ok(Imported {
                target: target.key.clone(),
                index: figure.as_ref().map(|figure| figure.hundredths.into()),
                respondents: figure.as_ref().and_then(|figure| figure.respondents),
                source: figure.map(|figure| figure.source),
            })
        })
        .collect()
}

fn survey(conn: &mut Conn, snapshot: &Snapshot, kind: Kind, period: Period) -> Result<Survey> {
    let mut gatherer = Gatherer { conn, snapshot, kind, period };
    let mut tables = Vec::new();
    for by in Cut::ALL {
        let rows = gatherer.rows(by)?;
        tables.extend(rows.map(|rows| Table { by, rows }));
    }
    let then =
        |tables: &[Table], by| tables.iter().find(|table| table.by == by).map(|table| table.rows.clone());
    if then(&tables, Cut::UnitThen) == then(&tables, Cut::Unit) {
        tables.retain(|table| table.by != Cut::UnitThen);
    }
    Ok(Survey { kind, breaks: snapshot.breaks(kind, period), tables })
}

struct Gatherer<'a> {
    conn: &'a mut Conn,
    snapshot: &'a Snapshot,
    kind: Kind,
    period: Period,
}

impl Gatherer<'_> {
    /// The rows of a cut; none where the kind has no such cut.
    fn rows(&mut self, by: Cut) -> Result<Option<Vec<Row>>> {
        let of_dossiers = self.kind.has_fields();
        let all = Query::of(self.kind, self.period);
        let cut = |dimensions: &[Dimension]| Some(all.clone().by(dimensions));
        let query = match by {
            Cut::Total => return self.total(&all).map(|row| Some(vec![row])),
            Cut::Target => return self.targets().map(Some),
            Cut::Trend => return self.trend().map(Some),
            Cut::Flag => return self.flags().map(Some),
            Cut::Field | Cut::UnitField | Cut::Procedure | Cut::Stage if !of_dossiers => None,
            Cut::Field => cut(&[Dimension::Field]),
            Cut::Unit => cut(&[Dimension::Unit]),
            Cut::UnitThen => cut(&[Dimension::Unit]).map(|query| Query { view: UnitView::Then, ..query }),
            Cut::Deciding => cut(&[Dimension::Deciding]),
            Cut::UnitField => cut(&[Dimension::Unit, Dimension::Field]),
            Cut::Procedure => cut(&[Dimension::Procedure]),
            Cut::Counter => cut(&[Dimension::Counter]),
            Cut::Element => cut(&[Dimension::Element]),
            Cut::Stage => cut(&[Dimension::Stage]),
            Cut::Channel => cut(&[Dimension::Channel]),
            Cut::Month => cut(&[Dimension::Month]),
        };
        query.map(|query| self.run(by, &query)).transpose()
    }

    fn run(&mut self, by: Cut, query: &Query) -> Result<Vec<Row>> {
        let table = scores::run(self.conn, self.snapshot, &Actor::Operator, query)?;
        Ok(table.rows.iter().map(|row| self.row(by, row)).collect())
    }

    fn total(&mut self, query: &Query) -> Result<Row> {
        let table = scores::run(self.conn, self.snapshot, &Actor::Operator, query)?;
        let row = self.row(Cut::Total, &table.total);
        Ok(Row { marks: self.retargeted(None), ..row })
    }

    fn targets(&mut self) -> Result<Vec<Row>> {
        let mut rows = Vec::new();
        for (target, fields) in in_force(self.snapshot, self.kind, self.period) {
            let query = Query { fields, ..Query::of(self.kind, self.period) };
            let table = scores::run(self.conn, self.snapshot, &Actor::Operator, &query)?;
            let row = self.row(Cut::Target, &table.total);
            let marks = self.retargeted(Some(target));
            rows.push(Row { key: vec![target.key.clone()], marks, ..row });
        }
        Ok(rows)
    }

    fn trend(&mut self) -> Result<Vec<Row>> {
        let Some(span) = self.period.span() else {
            return Ok(Vec::new());
        };
        let mut rows = Vec::new();
        for period in self.period.trail(span, TREND) {
            for (target, fields) in in_force(self.snapshot, self.kind, self.period) {
                let query = Query { fields, ..Query::of(self.kind, period) }.brief();
                let table = scores::run(self.conn, self.snapshot, &Actor::Operator, &query)?;
                let row = self.row(Cut::Trend, &table.total);
                let marks = self.changed(period);
                rows.push(Row { key: vec![period.to_string(), target.key.clone()], marks, ..row });
            }
        }
        Ok(rows)
    }

    /// How many answers bear each flag; the headline alone, as everywhere else.
    fn flags(&mut self) -> Result<Vec<Row>> {
        let questions = self.snapshot.question_ids(self.kind, Role::Headline);
        let stages =
            if self.kind.has_fields() { Stage::HEADLINE.map(Stage::number).to_vec() } else { Vec::new() };
        let sets: Vec<(Flags, Levels)> = tallies::by_flags(self.conn, self.period, &questions, &stages)?;
        let row = |flag: Flag| {
            let levels = sets.iter().filter(|(set, _)| set.has(flag)).map(|(_, levels)| *levels).sum();
            Row {
                key: vec![flag.key().to_owned()],
                marks: Vec::new(),
                target: None,
                settled: None,
                figures: Some(Figures::of(&levels, None)),
                levels: Some(levels),
                unflagged: None,
            }
        };
        Ok(Flag::ALL.into_iter().map(row).collect())
    }

    fn row(&self, by: Cut, row: &scores::Row) -> Row {
        let target = row.threshold.map(|threshold| threshold.hundredths());
        let is_pooled = matches!(by, Cut::Element);
        let part = |share: Share| (!is_pooled).then(|| Part::from(share));
        Row {
            key: row.cells.iter().map(|cell| self.key(*cell)).collect(),
            marks: self.marks(row),
            target,
            settled: row.settled,
            levels: row.figures.map(|figures| figures.levels),
            figures: row.figures.map(|figures| Figures {
                f2: if by == Cut::Trend { None } else { part(figures.f2) },
                f3: if by == Cut::Trend { None } else { part(figures.f3) },
                f5: row.weighted.map(Into::into),
                ..Figures::of(&figures.levels, target)
            }),
            unflagged: row.without_flagged.map(|figures| Part::from(figures.f1)),
        }
    }

    fn key(&self, cell: Cell) -> String {
        match cell {
            Cell::Unit(unit) => unit.to_string(),
            Cell::Counter(counter) => counter.to_string(),
            Cell::Field(field) => field
                .and_then(|id| self.snapshot.field(id))
                .map_or_else(String::new, |field| field.key.clone()),
            Cell::Procedure(procedure) => procedure.map_or_else(String::new, |id| id.to_string()),
            Cell::Stage(stage) => stage.map_or("", Stage::key).to_owned(),
            Cell::Channel(channel) => channel.map_or("", |channel| channel.key()).to_owned(),
            Cell::Element(id) => {
                let question = self.snapshot.questions(self.kind).find(|question| question.id == id);
                question.map_or_else(String::new, |question| question.key.clone())
            }
            Cell::Period(period) => period.to_string(),
        }
    }

    fn marks(&self, row: &scores::Row) -> Vec<Mark> {
        let mut marks = BTreeSet::new();
        if row.split {
            marks.insert(Mark::Split);
        }
        for cell in &row.cells {
            match *cell {
                Cell::Unit(unit) if self.snapshot.units.on(unit, self.period.to()).is_none() => {
                    marks.insert(Mark::Ended);
                }
                Cell::Period(period) => marks.extend(self.changed(period)),
                Cell::Element(question) if !self.snapshot.breaks_of(question, self.period).is_empty() => {
                    marks.insert(Mark::Changed);
                }
                _ => {}
            }
        }
        marks.into_iter().collect()
    }

    fn changed(&self, period: Period) -> Vec<Mark> {
        let changes = !self.snapshot.breaks(self.kind, period).is_empty();
        changes.then_some(Mark::Changed).into_iter().collect()
    }

    /// Marks a row whose target is not the same on every day of the period: that of a scope, or the general one.
    fn retargeted(&self, target: Option<&Target>) -> Vec<Mark> {
        let general = Scope::Measured { kind: self.kind, fields: None };
        let scope = target.map_or(&general, |target| &target.scope);
        let same = self.snapshot.targets.iter().filter(|one| one.scope == *scope);
        let in_period = same.filter(|one| {
            one.valid_from <= self.period.to() && one.valid_to.is_none_or(|end| end > self.period.from())
        });
        let thresholds: BTreeSet<_> = in_period.map(|one| one.threshold).collect();
        (thresholds.len() > 1).then_some(Mark::Retargeted).into_iter().collect()
    }
}

/// The measured targets of a kind in force on the last day of a period, with their fields.
pub fn in_force(
    snapshot: &Snapshot,
    kind: Kind,
    period: Period,
) -> impl Iterator<Item = (&Target, Option<Vec<crate::domain::ids::FieldId>>)> {
    let on_last_day = snapshot.targets.iter().filter(move |target| target.is_valid_on(period.to()));
    on_last_day.filter_map(move |target| match &target.scope {
        Scope::Measured { kind: judged, fields } if *judged == kind => Some((target, fields.clone())),
        _ => None,
    })
}
