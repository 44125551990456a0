//! Rollups: tallies summed by month under a few cuts, so that a page over the province reads
//! thousands of rows and not millions.

use std::collections::BTreeMap;

use super::ids::{FieldId, ProcedureId, QuestionId, UnitId};
use super::tally::{Levels, TallyKey};

/// What a rollup keeps apart beside question, month, stage and whether there are flags.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Cut {
    /// Field and channel.
    Field,
    /// Unit served and channel.
    Served,
    /// Unit served and field.
    ServedField,
    /// Unit that decides and field.
    DecidingField,
    /// Field and procedure.
    Procedure,
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
    pub const ALL: [Self; 5] =
        [Self::Field, Self::Served, Self::ServedField, Self::DecidingField, Self::Procedure];

    /// The number under which it is stored.
    pub const fn number(self) -> i16 {
        match self {
            Self::Field => 1,
            Self::Served => 2,
            Self::ServedField => 3,
            Self::DecidingField => 4,
            Self::Procedure => 5,
        }
    }

    /// Which unit it keeps.
    pub const fn side(self) -> Side {
        match self {
            Self::Field | Self::Procedure => Side::Province,
            Self::Served | Self::ServedField => Side::Served,
            Self::DecidingField => Side::Deciding,
        }
    }

    /// Whether it keeps the field.
    pub const fn keeps_field(self) -> bool {
        !matches!(self, Self::Served)
    }

    /// Whether it keeps the procedure.
    pub const fn keeps_procedure(self) -> bool {
        matches!(self, Self::Procedure)
    }

    /// Whether it keeps the channel.
    pub const fn keeps_channel(self) -> bool {
        matches!(self, Self::Field | Self::Served)
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
    /// Month as the number yyyymm.
    pub month: i32,
    /// Unit that the cut keeps.
    pub unit: Option<UnitId>,
    /// Field.
    pub field: Option<FieldId>,
    /// Procedure.
    pub procedure: Option<ProcedureId>,
    /// Stage as its stored number, zero for none.
    pub stage: i16,
    /// Channel as its stored number, zero where the cut leaves it out.
    pub channel: i16,
    /// Whether the answers bear a flag.
    pub flagged: bool,
}

impl RollupKey {
    /// The rollup of a cut into which a tally goes.
    pub fn of(tally: &TallyKey, cut: Cut) -> Self {
        Self {
            cut,
            question: tally.question,
            month: tally.day / 100,
            unit: match cut.side() {
                Side::Province => None,
                Side::Served => Some(tally.served),
                Side::Deciding => Some(tally.deciding),
            },
            field: tally.field.filter(|_| cut.keeps_field()),
            procedure: tally.procedure.filter(|_| cut.keeps_procedure()),
            stage: tally.stage,
            channel: if cut.keeps_channel() { tally.channel } else { 0 },
            flagged: tally.flags != 0,
        }
    }
}

/// The rollups of some tallies, under every cut.
pub fn of_tallies(tallies: &BTreeMap<TallyKey, Levels>) -> BTreeMap<RollupKey, Levels> {
    let mut sums = BTreeMap::new();
    for (key, levels) in tallies {
        for cut in Cut::ALL {
            *sums.entry(RollupKey::of(key, cut)).or_default() += *levels;
        }
    }
    sums
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_cut_holds_every_answer_once_and_keeps_what_it_says() {
        let tally = |served: i64, day, counter: i64, procedure: Option<i64>, flags| TallyKey {
            served: served.into(),
            question: 1.into(),
            day,
            counter: counter.into(),
            field: Some(3.into()),
            procedure: procedure.map(ProcedureId::from),
            deciding: 9.into(),
            stage: 4,
            channel: 2,
            flags,
        };
        let one = Levels::of(1, 0, 0, 0, 0);
        let tallies = BTreeMap::from([
            (tally(7, 20261101, 1, Some(5), 0), one),
            (tally(7, 20261130, 2, None, 0), one),
            (tally(8, 20261130, 3, None, 32), one),
        ]);
        let sums = of_tallies(&tallies);
        for cut in Cut::ALL {
            let all: Levels = sums.iter().filter(|(key, _)| key.cut == cut).map(|(_, levels)| *levels).sum();
            assert_eq!(all, Levels::of(3, 0, 0, 0, 0), "{cut:?}");
        }
        let count = |cut| sums.keys().filter(|key| key.cut == cut).count();
        assert_eq!(Cut::ALL.map(count), [2, 2, 2, 2, 3]);
        let served = sums.keys().find(|key| key.cut == Cut::Served).unwrap();
        assert_eq!((served.month, served.unit, served.field), (202611, Some(7.into()), None));
    }
}
