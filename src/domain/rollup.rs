//! Rollups: tallies summed by month or quarter under a few cuts, so that a page over the province reads
//! thousands of rows and not millions.

use std::collections::{BTreeMap, BTreeSet};

use super::ids::{CounterId, FieldId, ProcedureId, QuestionId, UnitId};
use super::link::Stage;
use super::period::Span;
use super::tally::{Levels, TallyKey};

/// What a rollup keeps apart beside question, month or quarter, and whether there are flags.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Cut {
    /// Field, stage and channel, by month.
    Field,
    /// Unit served, stage and channel, by month.
    Served,
    /// Unit served, field and stage, by month.
    ServedField,
    /// Unit that decides, field and stage, by month.
    DecidingField,
    /// Field, procedure and stage, by month.
    Procedure,
    /// Field and channel, by quarter, at the stages of the headline.
    QuarterField,
    /// Unit served, by quarter, at the stages of the headline.
    QuarterServed,
    /// Unit served and field, by quarter, overall questions at the stages of the headline.
    QuarterServedField,
    /// Unit served, field and counter, by month, at the stages of the headline.
    Counter,
}

/// Which unit a cut keeps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// None: it is about the province.
    Province,
    /// The one that serves.
    Served,
    /// The one that decides.
    Deciding,
}

impl Cut {
    /// Every cut; of two that answer the same question the smaller one comes first.
    pub const ALL: [Self; 9] = [
        Self::QuarterField,
        Self::Field,
        Self::QuarterServed,
        Self::Served,
        Self::QuarterServedField,
        Self::Counter,
        Self::ServedField,
        Self::DecidingField,
        Self::Procedure,
    ];

    /// The number under which it is stored.
    pub const fn number(self) -> i16 {
        match self {
            Self::Field => 1,
            Self::Served => 2,
            Self::ServedField => 3,
            Self::DecidingField => 4,
            Self::Procedure => 5,
            Self::QuarterField => 6,
            Self::QuarterServed => 7,
            Self::QuarterServedField => 8,
            Self::Counter => 9,
        }
    }

    /// The months that it sums: one, or those of a quarter.
    pub const fn span(self) -> Span {
        match self {
            Self::QuarterField | Self::QuarterServed | Self::QuarterServedField => Span::Quarter,
            _ => Span::Month,
        }
    }

    /// Which unit it keeps.
    pub const fn side(self) -> Side {
        match self {
            Self::Field | Self::Procedure | Self::QuarterField => Side::Province,
            Self::DecidingField => Side::Deciding,
            Self::Served
            | Self::ServedField
            | Self::QuarterServed
            | Self::QuarterServedField
            | Self::Counter => Side::Served,
        }
    }

    /// Whether it keeps the field.
    pub const fn keeps_field(self) -> bool {
        !matches!(self, Self::Served | Self::QuarterServed)
    }

    /// Whether it keeps the procedure.
    pub const fn keeps_procedure(self) -> bool {
        matches!(self, Self::Procedure)
    }

    /// Whether it keeps the counter.
    pub const fn keeps_counter(self) -> bool {
        matches!(self, Self::Counter)
    }

    /// Whether it keeps the stage; one that does not holds the stages of the headline alone.
    pub const fn keeps_stage(self) -> bool {
        !matches!(self, Self::QuarterField | Self::QuarterServed | Self::QuarterServedField | Self::Counter)
    }

    /// Whether it keeps the channel.
    pub const fn keeps_channel(self) -> bool {
        matches!(self, Self::Field | Self::Served | Self::QuarterField)
    }

    /// Whether it holds every question, and not the overall ones alone.
    pub const fn holds_elements(self) -> bool {
        !matches!(self, Self::QuarterServedField)
    }

    /// Whether it sums a tally; `overall` are the overall questions.
    fn holds(self, tally: &TallyKey, overall: &BTreeSet<QuestionId>) -> bool {
        let stage = self.keeps_stage() || Stage::HEADLINE.iter().any(|stage| stage.number() == tally.stage);
        stage && (self.holds_elements() || overall.contains(&tally.question))
    }
}

/// What one rollup is about; what its cut leaves out is none or zero. The order of the members is
/// the order of the primary key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RollupKey {
    /// Cut.
    pub cut: Cut,
    /// Question, or the pseudo-question "completely satisfied".
    pub question: QuestionId,
    /// The month, or the first month of the quarter, as the number yyyymm.
    pub month: i32,
    /// Unit that the cut keeps.
    pub unit: Option<UnitId>,
    /// Field.
    pub field: Option<FieldId>,
    /// Procedure.
    pub procedure: Option<ProcedureId>,
    /// Counter.
    pub counter: Option<CounterId>,
    /// Stage as its stored number, zero for none and where the cut leaves it out.
    pub stage: i16,
    /// Channel as its stored number, zero where the cut leaves it out.
    pub channel: i16,
    /// Whether the answers bear a flag.
    pub flagged: bool,
}

impl RollupKey {
    /// The rollup of a cut into which a tally goes.
    fn of(tally: &TallyKey, cut: Cut) -> Self {
        let month = tally.day / 100;
        Self {
            cut,
            question: tally.question,
            month: if cut.span() == Span::Quarter { quarter_start(month) } else { month },
            unit: match cut.side() {
                Side::Province => None,
                Side::Served => Some(tally.served),
                Side::Deciding => Some(tally.deciding),
            },
            field: tally.field.filter(|_| cut.keeps_field()),
            procedure: tally.procedure.filter(|_| cut.keeps_procedure()),
            counter: Some(tally.counter).filter(|_| cut.keeps_counter()),
            stage: if cut.keeps_stage() { tally.stage } else { 0 },
            channel: if cut.keeps_channel() { tally.channel } else { 0 },
            flagged: tally.flags != 0,
        }
    }
}

/// The first month of the quarter of a month, both as yyyymm.
pub const fn quarter_start(month: i32) -> i32 {
    month - (month % 100 - 1) % 3
}

/// The rollups of some tallies, under every cut; `overall` are the overall questions of all versions.
pub fn of_tallies(
    tallies: &BTreeMap<TallyKey, Levels>,
    overall: &BTreeSet<QuestionId>,
) -> BTreeMap<RollupKey, Levels> {
    let mut sums = BTreeMap::new();
    for (key, levels) in tallies {
        for cut in Cut::ALL.into_iter().filter(|cut| cut.holds(key, overall)) {
            *sums.entry(RollupKey::of(key, cut)).or_default() += *levels;
        }
    }
    sums
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tally(served: i64, day: i32, counter: i64, procedure: Option<i64>, flags: i16) -> TallyKey {
        TallyKey {
            served: served.into(),
            question: 1.into(),
            day,
            counter: counter.into(),
            field: Some(3.into()),
            procedure: procedure.map(ProcedureId::from),
            deciding: 9.into(),
            stage: Stage::Result.number(),
            channel: 2,
            flags,
        }
    }

    #[test]
    fn each_cut_holds_every_answer_of_the_headline_once_and_keeps_what_it_says() {
        let one = Levels::of(1, 0, 0, 0, 0);
        let tallies = BTreeMap::from([
            (tally(7, 20261101, 1, Some(5), 0), one),
            (tally(7, 20261031, 2, None, 0), one),
            (tally(8, 20261130, 3, None, 32), one),
        ]);
        let sums = of_tallies(&tallies, &BTreeSet::from([1.into()]));
        for cut in Cut::ALL {
            let all: Levels = sums.iter().filter(|(key, _)| key.cut == cut).map(|(_, levels)| *levels).sum();
            assert_eq!(all, Levels::of(3, 0, 0, 0, 0), "{cut:?}");
        }
        let count = |cut| sums.keys().filter(|key| key.cut == cut).count();
        assert_eq!(Cut::ALL.map(count), [2, 3, 2, 3, 2, 3, 3, 3, 3]);
        let served = sums.keys().find(|key| key.cut == Cut::Served).unwrap();
        assert_eq!((served.month, served.unit, served.field), (202610, Some(7.into()), None));
    }

    #[test]
    fn other_stages_and_elements_are_left_to_the_cuts_that_keep_them() {
        let intake = TallyKey { stage: Stage::Intake.number(), ..tally(7, 20260101, 1, None, 0) };
        let element = TallyKey { question: 2.into(), ..tally(7, 20260101, 1, None, 0) };
        let held = |tally: TallyKey| {
            let sums = of_tallies(
                &BTreeMap::from([(tally, Levels::of(1, 0, 0, 0, 0))]),
                &BTreeSet::from([1.into()]),
            );
            sums.keys().map(|key| key.cut).collect::<Vec<_>>()
        };
        let monthly = [Cut::Field, Cut::Served, Cut::ServedField, Cut::DecidingField, Cut::Procedure];
        assert_eq!(held(intake), monthly);
        let held_too = [Cut::QuarterField, Cut::QuarterServed, Cut::Counter];
        assert_eq!(held(element), [&monthly[..], &held_too].concat());
    }

    #[test]
    fn a_quarter_is_named_by_its_first_month() {
        let starts = [202601, 202603, 202604, 202609, 202610, 202612].map(quarter_start);
        assert_eq!(starts, [202601, 202601, 202604, 202607, 202610, 202610]);
    }
}
