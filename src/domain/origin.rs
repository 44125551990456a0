//! What is shown of where and when an answer with a comment was given: as much as enough answers share.

use std::collections::BTreeMap;

use super::ids::{CounterId, FieldId, ProcedureId};
use super::period::{Period, Span};
use super::suppress;

/// The floor for everyone outside Sở Nội vụ.
pub const FLOOR: u64 = suppress::SHOWN_TO_UNITS;

/// Where and when answers of one unit were given.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    /// Field; it is always shown.
    pub field: Option<FieldId>,
    /// Month.
    pub month: Period,
    /// Counter.
    pub counter: CounterId,
    /// Procedure; none where it was not said.
    pub procedure: Option<ProcedureId>,
}

impl Place {
    /// All of it.
    pub const fn whole(self) -> Origin {
        Origin { period: Some(self.month), counter: Some(self.counter), procedure: Some(self.procedure) }
    }

    fn seen_from(self, view: View) -> Origin {
        Origin {
            period: Some(Period::around(self.month.from(), view.span)),
            counter: view.has_counter.then_some(self.counter),
            procedure: view.has_procedure.then_some(self.procedure),
        }
    }
}

/// What is shown of a place beside unit and field; by default nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Origin {
    /// Month, quarter or year.
    pub period: Option<Period>,
    /// Counter.
    pub counter: Option<CounterId>,
    /// Procedure; the inner one is none where it was not said.
    pub procedure: Option<Option<ProcedureId>>,
}

impl Origin {
    /// Whether the month itself is shown.
    pub fn has_month(self) -> bool {
        self.period.and_then(Period::span) == Some(Span::Month)
    }
}

/// How closely a place is looked at.
#[derive(Debug, Clone, Copy)]
struct View {
    span: Span,
    has_counter: bool,
    has_procedure: bool,
}

/// From the closest to the farthest. The procedure is given up last: it says what is to be mended, and figures
/// by procedure lead to the comments behind them.
fn views() -> impl Iterator<Item = View> {
    let spans = [Span::Month, Span::Quarter, Span::Year];
    [true, false].into_iter().flat_map(move |has_procedure| {
        spans
            .into_iter()
            .flat_map(move |span| [true, false].map(|has_counter| View { span, has_counter, has_procedure }))
    })
}

/// What is shown of each place of a unit, given the answers there.
///
/// Every place gets one origin, the same for every question that is asked, from the closest view in which
/// the answers that no closer view has shown are `floor` or more. So at least `floor` answers have each
/// origin that tells anything beside the field, and what is chosen or sorted by origins tells nothing that
/// the origins do not. Places that are not in the result show their field alone.
pub fn origins(answers: &BTreeMap<Place, u64>, floor: u64) -> BTreeMap<Place, Origin> {
    let mut shown = BTreeMap::new();
    let mut rest = answers.clone();
    for view in views() {
        let mut groups: BTreeMap<(Option<FieldId>, Origin), u64> = BTreeMap::new();
        for (place, count) in &rest {
            *groups.entry((place.field, place.seen_from(view))).or_default() += count;
        }
        rest.retain(|place, _| {
            let origin = place.seen_from(view);
            let is_enough = groups.get(&(place.field, origin)).is_some_and(|count| *count >= floor);
            if is_enough {
                shown.insert(*place, origin);
            }
            !is_enough
        });
    }
    shown
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn place(month: u32, counter: i64, procedure: i64) -> Place {
        Place {
            field: Some(1.into()),
            month: Period::parse(&format!("2026-{month:02}")).unwrap(),
            counter: counter.into(),
            procedure: ProcedureId::stated(procedure),
        }
    }

    fn shown(answers: &[(Place, u64)]) -> Vec<String> {
        let origins = origins(&answers.iter().copied().collect(), FLOOR);
        let word = |place: &Place| {
            let origin = origins.get(place).copied().unwrap_or_default();
            let period = origin.period.map_or_else(|| "…".to_owned(), |period| period.to_string());
            let counter = origin.counter.map_or_else(String::new, |counter| format!(" counter {counter}"));
            let procedure = if origin.procedure.is_some() { " procedure" } else { "" };
            format!("{period}{counter}{procedure}")
        };
        answers.iter().map(|(place, _)| word(place)).collect()
    }

    #[test]
    fn the_closest_view_that_five_answers_share_is_shown() {
        assert_eq!(shown(&[(place(11, 1, 1), 5)]), ["2026-11 counter 1 procedure"]);
        assert_eq!(
            shown(&[(place(11, 1, 1), 3), (place(11, 1, 2), 2)]),
            ["2026-11 counter 1", "2026-11 counter 1"]
        );
        assert_eq!(shown(&[(place(11, 1, 1), 3), (place(11, 2, 2), 2)]), ["2026-11", "2026-11"]);
        assert_eq!(
            shown(&[(place(11, 1, 1), 3), (place(11, 2, 1), 2)]),
            ["2026-11 procedure", "2026-11 procedure"]
        );
        assert_eq!(
            shown(&[(place(10, 1, 1), 4), (place(11, 1, 1), 4)]),
            ["2026-Q4 counter 1 procedure", "2026-Q4 counter 1 procedure"]
        );
        assert_eq!(shown(&[(place(2, 1, 1), 2), (place(11, 2, 2), 3)]), ["2026", "2026"]);
        assert_eq!(shown(&[(place(11, 1, 1), 4)]), ["…"]);
    }

    #[test]
    fn what_is_left_beside_a_month_is_no_quarter_less_that_month() {
        assert_eq!(
            shown(&[(place(10, 1, 1), 7), (place(11, 1, 1), 4)]),
            ["2026-10 counter 1 procedure", "…"],
            "a quarter beside October would tell November"
        );
    }

    proptest! {
        #[test]
        fn each_origin_is_that_of_five_answers(
            answers in proptest::collection::btree_map((1u32..13, 1i64..4, 0i64..4), 1u64..7, 0..40)
        ) {
            let answers: BTreeMap<Place, u64> =
                answers.into_iter().map(|((month, counter, procedure), n)| (place(month, counter, procedure), n)).collect();
            let origins = origins(&answers, FLOOR);
            let mut groups: BTreeMap<Origin, u64> = BTreeMap::new();
            for (place, origin) in &origins {
                *groups.entry(*origin).or_default() += answers[place];
                prop_assert!(origin.period.unwrap().holds(place.month));
                prop_assert!(origin.counter.is_none_or(|counter| counter == place.counter));
                prop_assert!(origin.procedure.is_none_or(|procedure| procedure == place.procedure));
            }
            prop_assert!(groups.values().all(|n| *n >= FLOOR));
            for (place, n) in &answers {
                let origin = origins.get(place);
                prop_assert!(*n < FLOOR || origin == Some(&place.whole()));
            }
        }
    }
}
