//! Running a query: scope, sums, and the figures of each row.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{NaiveDate, Utc};

use super::settled::{Settled, Strata};
use super::{Cell, Dimension, Figures, Flagged, Query, Row, SortKey, Table};
use crate::app::catalogue::Snapshot;
use crate::app::reach;
use crate::db::conn::Conn;
use crate::db::sums::{Column, Filter, Sum, sums};
use crate::domain::day::Local;
use crate::domain::ids::{CounterId, FieldId, ProcedureId, QuestionId, UnitId};
use crate::domain::index::{Share, Stratum, pooled, weighted};
use crate::domain::link::{Channel, Stage};
use crate::domain::period::{Period, Span};
use crate::domain::person::{Actor, Permission};
use crate::domain::questionnaire::{Kind, Role};
use crate::domain::suppress;
use crate::domain::tally::Levels;
use crate::domain::target::{Scope, Threshold, Verdict};
use crate::domain::unit::{Present, UnitView};
use crate::error::Result;

/// Answers a query within what the actor may see.
///
/// # Errors
/// Not found for a unit outside the actor's subtree; those of the database.
pub fn run(conn: &mut Conn, snapshot: &Snapshot, actor: &Actor, query: &Query) -> Result<Table> {
    let query = Query { unit: reach::unit(snapshot, actor, query.unit)?, ..query.clone() };
    let sums = sums(conn, query.period, &filter(snapshot, &query), &columns(&query.by))?;
    let judge = Judge::new(snapshot, actor, &query);
    let settled = match Settled::find(conn, snapshot, &query)? {
        Some(mut settled) => {
            weigh(conn, &judge, &mut settled)?;
            Some(settled)
        }
        None => None,
    };
    let mut groups: BTreeMap<Vec<Cell>, Group> = BTreeMap::new();
    let mut all = Group::default();
    for sum in &sums {
        let Some(role) = judge.roles.get(&sum.question).copied() else {
            continue;
        };
        if judge.is_in_total(sum) {
            all.add(sum, role);
        }
        let is_element = role == Role::Element;
        if query.by.contains(&Dimension::Element) && !is_element {
            continue;
        }
        let mut split = false;
        let cells: Vec<Cell> =
            query.by.iter().map(|dimension| judge.cell(*dimension, sum, &mut split)).collect();
        let group = groups.entry(cells).or_default();
        group.split |= split;
        // In a table by element the element takes the place of the overall question.
        let role = if query.by.contains(&Dimension::Element) { Role::Headline } else { role };
        group.add(sum, role);
    }
    let mut rows: Vec<(Vec<SortKey>, Row)> = groups
        .into_iter()
        .map(|(cells, group)| {
            let settled = settled.as_ref().map(|known| known.of(&cells));
            let keys = cells.iter().map(|cell| SortKey::of(*cell, snapshot, query.period.to()));
            (keys.collect(), judge.row(cells, &group, settled))
        })
        .collect();
    rows.sort_by(|(one, _), (other, _)| one.cmp(other));
    let rows = rows.into_iter().map(|(_, row)| row).collect();
    let total = judge.row(Vec::new(), &all, settled.as_ref().map(|known| known.total().clone()));
    Ok(Table { query, rows, total })
}

/// Adds the answers to the overall question to the strata that F5 weighs.
fn weigh(conn: &mut Conn, judge: &Judge, settled: &mut Settled) -> Result<()> {
    let query = judge.query.clone().brief();
    let mut columns = columns(&query.by);
    for column in [Column::Served, Column::Field] {
        if !columns.contains(&column) {
            columns.push(column);
        }
    }
    for sum in sums(conn, query.period, &filter(judge.snapshot, &query), &columns)? {
        let counts = query.flagged == Flagged::Included || !sum.flagged;
        let Some(field) = FieldId::stated(sum.field).filter(|_| counts) else {
            continue;
        };
        let mut split = false;
        let Cell::Unit(unit) = judge.unit(sum.served.into(), &mut split) else {
            continue;
        };
        let cells = query.by.iter().map(|dimension| judge.cell(*dimension, &sum, &mut split));
        settled.count(cells.collect(), (unit, field), Share::satisfied(&sum.levels));
    }
    Ok(())
}

fn filter(snapshot: &Snapshot, query: &Query) -> Filter {
    let everywhere = || snapshot.units.versions().map(|version| version.unit).collect::<BTreeSet<_>>();
    let subtree = query.unit.map(|unit| snapshot.units.subtree(unit));
    let (served, deciding) = match subtree {
        Some(units) if query.of_deciding => (everywhere(), units),
        Some(units) => (units, BTreeSet::new()),
        None => (everywhere(), BTreeSet::new()),
    };
    let stages = match &query.stages {
        Some(stages) => stages.clone(),
        // A table by stage shows the other stages too, apart from the headline.
        None if query.by.contains(&Dimension::Stage) => Vec::new(),
        None if query.kind.has_fields() => Stage::HEADLINE.to_vec(),
        None => Vec::new(),
    };
    Filter {
        everywhere: query.unit.is_none() || query.of_deciding,
        served: served.into_iter().collect(),
        deciding: deciding.into_iter().collect(),
        questions: snapshot
            .questions(query.kind)
            .filter(|question| question.role == Role::Headline || !query.brief)
            .map(|question| question.id)
            .collect(),
        brief: query.brief,
        fields: query.fields.clone().unwrap_or_default(),
        procedure: query.procedure,
        counter: query.counter.map(CounterId::raw),
        stages: stages.into_iter().map(Stage::number).collect(),
        channel: query.channel.map(Channel::number),
    }
}

fn columns(by: &[Dimension]) -> Vec<Column> {
    by.iter()
        .filter_map(|dimension| match dimension {
            Dimension::Unit => Some(Column::Served),
            Dimension::Deciding => Some(Column::Deciding),
            Dimension::Counter => Some(Column::Counter),
            Dimension::Field => Some(Column::Field),
            Dimension::Procedure => Some(Column::Procedure),
            Dimension::Stage => Some(Column::Stage),
            Dimension::Channel => Some(Column::Channel),
            Dimension::Month | Dimension::Quarter => Some(Column::Month),
            Dimension::Element => None,
        })
        .collect()
}

/// Counts of one row: without flags, and with.
#[derive(Default)]
struct Group {
    headline: [Levels; 2],
    elements: [Levels; 2],
    complete: [Levels; 2],
    split: bool,
}

impl Group {
    fn add(&mut self, sum: &Sum, role: Role) {
        let pair = match role {
            Role::Headline => &mut self.headline,
            Role::Element => &mut self.elements,
            Role::Complete => &mut self.complete,
        };
        let [unflagged, flagged] = pair;
        *(if sum.flagged { flagged } else { unflagged }) += sum.levels;
    }

    fn figures(&self, flagged: Flagged) -> Figures {
        let take = |[without, with]: [Levels; 2]| match flagged {
            Flagged::Excluded => without,
            Flagged::Included => [without, with].into_iter().sum(),
        };
        let (levels, elements, complete) = (take(self.headline), take(self.elements), take(self.complete));
        Figures {
            levels,
            f1: Share::satisfied(&levels),
            f2: pooled(&[elements]),
            f3: Share::satisfied(&complete),
        }
    }
}

/// What turns sums into rows.
struct Judge<'a> {
    snapshot: &'a Snapshot,
    query: &'a Query,
    roles: BTreeMap<QuestionId, Role>,
    /// Each question's newest version with the same key.
    newest: BTreeMap<QuestionId, QuestionId>,
    floor: u64,
    /// The day whose units the answers are given to.
    today: NaiveDate,
}

impl<'a> Judge<'a> {
    fn new(snapshot: &'a Snapshot, actor: &Actor, query: &'a Query) -> Self {
        let questions: Vec<_> = snapshot.questions(query.kind).collect();
        let newest = |key: &str| questions.iter().filter(|one| one.key == key).map(|one| one.id).max();
        Self {
            snapshot,
            query,
            roles: questions.iter().map(|question| (question.id, question.role)).collect(),
            newest: questions.iter().map(|one| (one.id, newest(&one.key).unwrap_or(one.id))).collect(),
            floor: if actor.may(Permission::SeeSmallGroups) { 0 } else { suppress::SHOWN_TO_UNITS },
            today: Local::at(Utc::now()).day,
        }
    }

    /// A table by stage shows stages that the headline leaves out; its total is the headline still.
    fn is_in_total(&self, sum: &Sum) -> bool {
        let by_stage = self.query.by.contains(&Dimension::Stage);
        let headline = Stage::HEADLINE.iter().any(|stage| i64::from(stage.number()) == sum.stage);
        !by_stage || headline || self.query.stages.is_some() || !self.query.kind.has_fields()
    }

    fn cell(&self, dimension: Dimension, sum: &Sum, split: &mut bool) -> Cell {
        match dimension {
            Dimension::Unit => self.unit(sum.served.into(), split),
            Dimension::Deciding => self.unit(sum.deciding.into(), split),
            Dimension::Counter => Cell::Counter(sum.counter.into()),
            Dimension::Field => Cell::Field(FieldId::stated(sum.field)),
            Dimension::Procedure => Cell::Procedure(ProcedureId::stated(sum.procedure)),
            Dimension::Stage => Cell::Stage(i16::try_from(sum.stage).ok().and_then(Stage::from_number)),
            Dimension::Channel => {
                Cell::Channel(i16::try_from(sum.channel).ok().and_then(Channel::from_number))
            }
            Dimension::Element => {
                Cell::Element(self.newest.get(&sum.question).copied().unwrap_or(sum.question))
            }
            Dimension::Month => Cell::Period(self.calendar(sum.month, Span::Month)),
            Dimension::Quarter => Cell::Period(self.calendar(sum.month, Span::Quarter)),
        }
    }

    fn unit(&self, unit: UnitId, split: &mut bool) -> Cell {
        match (self.query.view, self.snapshot.units.present(unit, self.today)) {
            (UnitView::Then, _) => Cell::Unit(unit),
            (UnitView::Now, Present::Unit(present)) => Cell::Unit(present),
            (UnitView::Now, Present::Split(unit)) => {
                *split = true;
                Cell::Unit(unit)
            }
        }
    }

    fn calendar(&self, month: i64, span: Span) -> Period {
        let (year, month) = (i32::try_from(month / 100), u32::try_from(month % 100));
        let first =
            year.ok().zip(month.ok()).and_then(|(year, month)| NaiveDate::from_ymd_opt(year, month, 1));
        first.map_or(self.query.period, |first| Period::around(first, span))
    }

    fn row(&self, cells: Vec<Cell>, group: &Group, strata: Option<Strata>) -> Row {
        let hidden = suppress::is_hidden(group.figures(Flagged::Included).f1.n, self.floor);
        let (all, unflagged) = (group.figures(Flagged::Included).f1.n, group.figures(Flagged::Excluded).f1.n);
        let few_flagged = suppress::is_hidden(all.saturating_sub(unflagged), self.floor);
        let shown = |flagged| {
            // Beside all answers, those without a flag would tell what the few flagged ones say.
            let hidden = hidden || (few_flagged && flagged == Flagged::Excluded);
            let figures = group.figures(flagged);
            (!hidden && !suppress::is_hidden(figures.f1.n, self.floor)).then_some(figures)
        };
        let figures = shown(self.query.flagged);
        let threshold = self.threshold(&cells);
        let verdict =
            figures.zip(threshold).map(|(figures, threshold)| Verdict::judge(figures.f1, threshold));
        let strata: Option<Vec<Stratum>> = strata.map(|strata| strata.into_values().collect());
        Row {
            split: group.split,
            weighted: figures.and(strata.as_deref()).and_then(weighted),
            settled: strata.map(|strata| strata.iter().map(|stratum| stratum.settled).sum()),
            figures,
            with_flagged: shown(Flagged::Included),
            without_flagged: shown(Flagged::Excluded),
            threshold,
            verdict,
            cells,
        }
    }

    /// The target in force at the end of the period for just these fields, or that of the procedure, or else
    /// for all fields. Elements and the stages outside the headline have none.
    fn threshold(&self, cells: &[Cell]) -> Option<Threshold> {
        let of = |id| self.snapshot.procedure(id, self.query.period.to()).map(|one| vec![one.field]);
        let mut fields = self.query.procedure.and_then(of).or_else(|| self.query.fields.clone());
        for cell in cells {
            match cell {
                Cell::Element(_) => return None,
                Cell::Stage(stage) if !stage.is_some_and(|stage| Stage::HEADLINE.contains(&stage)) => {
                    return None;
                }
                Cell::Field(field) => fields = field.map(|field| vec![field]),
                Cell::Procedure(Some(id)) => fields = of(*id),
                _ => {}
            }
        }
        threshold(self.snapshot, self.query.kind, fields.as_deref(), self.query.period.to())
    }
}

fn threshold(
    snapshot: &Snapshot,
    kind: Kind,
    asked: Option<&[FieldId]>,
    day: NaiveDate,
) -> Option<Threshold> {
    let same =
        |one: &[FieldId], other: &[FieldId]| one.iter().collect::<BTreeSet<_>>() == other.iter().collect();
    let find = |asked: Option<&[FieldId]>| {
        let mut in_force = snapshot.targets.iter().filter(|target| target.is_valid_on(day));
        in_force.find_map(|target| match (&target.scope, asked) {
            (Scope::Measured { kind: judged, fields: None }, None) if *judged == kind => {
                Some(target.threshold)
            }
            (Scope::Measured { kind: judged, fields: Some(own) }, Some(asked)) if *judged == kind => {
                same(own, asked).then_some(target.threshold)
            }
            _ => None,
        })
    };
    find(asked).or_else(|| find(None))
}
