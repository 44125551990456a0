//! From sums to rows: what a cell is, what is hidden, and what is judged against which target.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{NaiveDate, Utc};

use super::settled::Strata;
use super::{Cell, Dimension, Figures, Flagged, Query, Row};
use crate::app::catalogue::Snapshot;
use crate::db::sums::Sum;
use crate::domain::day::Local;
use crate::domain::ids::{FieldId, ProcedureId, QuestionId, UnitId};
use crate::domain::index::{Share, Stratum, pooled, weighted};
use crate::domain::link::{Channel, Stage};
use crate::domain::period::{Period, Span};
use crate::domain::person::{Actor, Permission};
use crate::domain::questionnaire::{Kind, Role};
use crate::domain::suppress;
use crate::domain::tally::Levels;
use crate::domain::target::{Scope, Threshold, Verdict};
use crate::domain::unit::{Present, UnitView};

/// Counts of one row: without flags, and with.
#[derive(Default)]
pub(super) struct Group {
    headline: [Levels; 2],
    elements: [Levels; 2],
    complete: [Levels; 2],
    /// Who answered each element; kept where small groups are hidden.
    people: BTreeMap<QuestionId, [u64; 2]>,
    pub(super) split: bool,
}

impl Group {
    pub(super) fn count_people(&mut self, element: QuestionId, sum: &Sum) {
        let [unflagged, flagged] = self.people.entry(element).or_default();
        *(if sum.flagged { flagged } else { unflagged }) += sum.levels.valid();
    }

    /// Whether so few answered any one element that F2, which pools all of them, would speak of few people, or
    /// would tell beside that of all answers what few said.
    fn has_few_for_f2(&self, flagged: Flagged, floor: u64) -> bool {
        let is_few = |flagged: Flagged| {
            let counted = self.people.values().map(|parts| flagged.of(*parts));
            suppress::is_hidden(counted.max().unwrap_or_default(), floor)
        };
        let in_a_part = || is_few(Flagged::Excluded) || is_few(Flagged::Only);
        is_few(Flagged::Included) || flagged != Flagged::Included && in_a_part()
    }

    pub(super) fn add(&mut self, sum: &Sum, role: Role) {
        let pair = match role {
            Role::Headline => &mut self.headline,
            Role::Element => &mut self.elements,
            Role::Complete => &mut self.complete,
        };
        let [unflagged, flagged] = pair;
        *(if sum.flagged { flagged } else { unflagged }) += sum.levels;
    }

    fn figures(&self, flagged: Flagged) -> Figures {
        let (levels, elements, complete) =
            (flagged.of(self.headline), flagged.of(self.elements), flagged.of(self.complete));
        Figures {
            levels,
            f1: Share::satisfied(&levels),
            f2: pooled(&[elements]),
            f3: Share::satisfied(&complete),
        }
    }
}

/// What turns sums into rows.
pub(super) struct Judge<'a> {
    pub(super) snapshot: &'a Snapshot,
    pub(super) query: &'a Query,
    pub(super) roles: BTreeMap<QuestionId, Role>,
    /// Each question's newest version with the same key.
    newest: BTreeMap<QuestionId, QuestionId>,
    pub(super) floor: u64,
    /// The day whose units the answers are given to.
    today: NaiveDate,
    /// The day whose names and targets hold.
    pub(super) day: NaiveDate,
}

impl<'a> Judge<'a> {
    pub(super) fn new(snapshot: &'a Snapshot, actor: &Actor, query: &'a Query) -> Self {
        let questions: Vec<_> = snapshot.questions(query.kind).collect();
        let today = Local::at(Utc::now()).day;
        let newest = |key: &str| questions.iter().filter(|one| one.key == key).map(|one| one.id).max();
        Self {
            snapshot,
            query,
            roles: questions.iter().map(|question| (question.id, question.role)).collect(),
            newest: questions.iter().map(|one| (one.id, newest(&one.key).unwrap_or(one.id))).collect(),
            floor: if actor.may(Permission::SeeSmallGroups) { 0 } else { suppress::SHOWN_TO_UNITS },
            today,
            day: query.period.named_on(today),
        }
    }

    /// The newest version's question with the same key.
    pub(super) fn newest(&self, question: QuestionId) -> QuestionId {
        self.newest.get(&question).copied().unwrap_or(question)
    }

    /// A table by stage shows stages that the headline leaves out; its total is the headline still.
    pub(super) fn is_in_total(&self, sum: &Sum) -> bool {
        let by_stage = self.query.by.contains(&Dimension::Stage);
        let headline = Stage::HEADLINE.iter().any(|stage| i64::from(stage.number()) == sum.stage);
        !by_stage || headline || self.query.stages.is_some() || !self.query.kind.has_fields()
    }

    pub(super) fn cell(&self, dimension: Dimension, sum: &Sum, split: &mut bool) -> Cell {
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
            Dimension::Element => Cell::Element(self.newest(sum.question)),
            Dimension::Month => Cell::Period(self.calendar(sum.month, Span::Month)),
            Dimension::Quarter => Cell::Period(self.calendar(sum.month, Span::Quarter)),
        }
    }

    pub(super) fn unit(&self, unit: UnitId, split: &mut bool) -> Cell {
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
        first.map_or(self.query.period, |first| self.query.period.part(Period::around(first, span)))
    }

    pub(super) fn row(&self, cells: Vec<Cell>, group: &Group, strata: Option<Strata>) -> Row {
        // Whoever said "not applicable" is one of those who would be recognised.
        let is_few = |flagged| {
            let levels = group.figures(flagged).levels;
            [levels.valid(), levels.valid() + levels.na].iter().any(|n| suppress::is_hidden(*n, self.floor))
        };
        let (few, few_in_a_part) =
            (is_few(Flagged::Included), is_few(Flagged::Excluded) || is_few(Flagged::Only));
        let shown = |flagged| {
            // Beside all answers, those of one part would tell what the few of the other say.
            let hidden = few || (few_in_a_part && flagged != Flagged::Included);
            let mut figures = group.figures(flagged);
            if group.has_few_for_f2(flagged, self.floor) {
                figures.f2 = Share::default();
            }
            (!hidden).then_some(figures)
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

    /// The target in force on the day of the table for just these fields, or that of the procedure, or else
    /// for all fields. Elements and the stages outside the headline have none.
    fn threshold(&self, cells: &[Cell]) -> Option<Threshold> {
        let is_outside = |stage: &Stage| !Stage::HEADLINE.contains(stage);
        if self.query.stages.iter().flatten().any(is_outside) {
            return None;
        }
        let of = |id| self.snapshot.procedure(id, self.day).map(|one| vec![one.field]);
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
        threshold(self.snapshot, self.query.kind, fields.as_deref(), self.day)
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
