//! What readers outside Sở Nội vụ are shown of where and when comments were written.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use chrono::NaiveDate;

use super::{overall_questions, today};
use crate::app::catalogue::Snapshot;
use crate::db::conn::Conn;
use crate::db::sums::{self, Column, Sum};
use crate::domain::ids::{FieldId, ProcedureId, UnitId};
use crate::domain::origin::{self, Origin, Place};
use crate::domain::period::{Period, Span};
use crate::domain::tally::day_date;
use crate::error::Result;

/// How long the province is not asked again whether there are new answers; one unit always is.
const LASTING: Duration = Duration::from_secs(60);

/// The origins of the places of one unit.
type OfUnit = BTreeMap<Place, Origin>;

/// Origins as they are shown, by unit.
#[derive(Default)]
pub struct Shown(HashMap<UnitId, Arc<OfUnit>>);

impl Shown {
    /// What is shown of a place of a unit.
    pub fn at(&self, unit: UnitId, place: &Place) -> Origin {
        self.0.get(&unit).and_then(|places| places.get(place)).copied().unwrap_or_default()
    }
}

struct Known {
    answers: u64,
    origins: Arc<OfUnit>,
}

#[derive(Default)]
struct Memory {
    units: HashMap<UnitId, Known>,
    province_asked: Option<Instant>,
}

/// Keeps the origins of each unit until it has new answers. Answers only ever become more, so what was
/// shared by enough of them stays so: an old origin may tell less than it could, and never too much.
#[derive(Default)]
pub struct Origins(Mutex<Memory>);

impl Origins {
    /// The origins of the places of some units; none means all units.
    ///
    /// # Errors
    /// Those of the database.
    pub fn of(&self, conn: &mut Conn, snapshot: &Snapshot, served: Option<&[UnitId]>) -> Result<Shown> {
        if served.is_none() && self.memory().province_asked.is_some_and(|at| at.elapsed() < LASTING) {
            return Ok(self.shown(None));
        }
        let mut filter = filter(snapshot, served);
        let answers = count(conn, &filter)?;
        filter.served = {
            let memory = self.memory();
            let is_new =
                |unit: &UnitId, count: u64| memory.units.get(unit).is_none_or(|known| known.answers != count);
            answers.iter().filter(|(unit, count)| is_new(unit, **count)).map(|(unit, _)| *unit).collect()
        };
        // Those that are left are all there are, or else are named one by one.
        filter.everywhere = false;
        let found = read(conn, &filter)?;
        let mut memory = self.memory();
        for (unit, places) in found {
            let origins = Arc::new(origin::origins(&places, origin::FLOOR));
            let answers = answers.get(&unit).copied().unwrap_or_default();
            memory.units.insert(unit, Known { answers, origins });
        }
        if served.is_none() {
            memory.province_asked = Some(Instant::now());
        }
        drop(memory);
        Ok(self.shown(served))
    }

    fn memory(&self) -> MutexGuard<'_, Memory> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn shown(&self, served: Option<&[UnitId]>) -> Shown {
        let memory = self.memory();
        let is_asked = |unit: &UnitId| served.is_none_or(|served| served.contains(unit));
        let asked = memory.units.iter().filter(|(unit, _)| is_asked(unit));
        Shown(asked.map(|(unit, known)| (*unit, Arc::clone(&known.origins))).collect())
    }
}

fn filter(snapshot: &Snapshot, served: Option<&[UnitId]>) -> sums::Filter {
    let everywhere = || snapshot.units.versions().map(|version| version.unit).collect::<BTreeSet<_>>();
    sums::Filter {
        served: served.map_or_else(|| Vec::from_iter(everywhere()), <[UnitId]>::to_vec),
        everywhere: served.is_none(),
        questions: overall_questions(snapshot),
        brief: true,
        ..sums::Filter::default()
    }
}

/// All months up to this one.
fn months() -> Period {
    let today = today();
    let last = Period::around(today, Span::Month).to();
    Period::between(Period::of_all_answers(today).from(), last)
        .unwrap_or_else(|| Period::of_all_answers(last))
}

fn by(filter: &sums::Filter, columns: &[Column]) -> sums::Asked {
    sums::Asked { period: months(), filter: filter.clone(), columns: columns.to_vec() }
}

/// The answers of each unit.
fn count(conn: &mut Conn, filter: &sums::Filter) -> Result<HashMap<UnitId, u64>> {
    let mut answers = HashMap::new();
    for sum in sums::sums(conn, &by(filter, &[Column::Served]))? {
        *answers.entry(sum.served.into()).or_default() += sum.levels.valid();
    }
    Ok(answers)
}

/// The answers at each place of the units.
fn read(conn: &mut Conn, filter: &sums::Filter) -> Result<HashMap<UnitId, BTreeMap<Place, u64>>> {
    let columns = [Column::Served, Column::Field, Column::Counter, Column::Procedure, Column::Month];
    let mut found: HashMap<UnitId, BTreeMap<Place, u64>> = HashMap::new();
    for sum in sums::sums(conn, &by(filter, &columns))? {
        if let Some(place) = place(&sum) {
            let places = found.entry(sum.served.into()).or_default();
            *places.entry(place).or_default() += sum.levels.valid();
        }
    }
    Ok(found)
}

fn place(sum: &Sum) -> Option<Place> {
    let first: NaiveDate = i32::try_from(sum.month).ok().and_then(|month| day_date(month * 100 + 1))?;
    Some(Place {
        field: FieldId::stated(sum.field),
        month: Period::around(first, Span::Month),
        counter: sum.counter.into(),
        procedure: ProcedureId::stated(sum.procedure),
    })
}
