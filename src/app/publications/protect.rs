//! What of a dataset everyone may see, in the light of all that was published before.

mod plane;

use std::collections::BTreeMap;

use plane::{Layer, Part, Plane};

use super::changes::changed;
use crate::domain::dataset::{Cut, Dataset, Mark, Row, Table};
use crate::domain::period::Period;
use crate::domain::questionnaire::Kind;
use crate::domain::suppress::{Grid, Place, Protected, SHOWN_TO_PUBLIC, Standing};
use crate::locale::Message;

/// A publication that was there before.
#[derive(Debug, Clone)]
pub struct Earlier {
    /// Days.
    pub period: Period,
    /// Number in the chain.
    pub number: i64,
    /// All of it.
    pub complete: Dataset,
    /// What everyone saw.
    pub shown: Dataset,
}

/// The public form of a dataset.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Public {
    /// The dataset with its small groups hidden.
    pub dataset: Dataset,
    /// Why it cannot be published; empty when it can.
    pub obstacles: Vec<Obstacle>,
}

/// Something that stands in the way of publishing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Obstacle {
    /// So few answers have changed that a correction would speak of them alone.
    FewLate(u64),
    /// With what was published before, so many small groups would follow.
    LaidOpen(usize),
    /// No overall index rests on enough answers.
    AllHidden,
}

impl Obstacle {
    /// The sentence for whoever wants to publish.
    pub fn message(self) -> Message {
        let message = match self {
            Self::FewLate(found) => Message::new("publications.fault.few-late").with("found", found),
            Self::LaidOpen(count) => Message::new("publications.fault.laid-open").with_count("count", count),
            Self::AllHidden => Message::new("publications.fault.all-hidden"),
        };
        message.with("least", SHOWN_TO_PUBLIC)
    }
}

/// The earlier publications that hang together with a period: those that overlap it, those that overlap these,
/// and so on. What lies apart from them tells nothing about the period.
fn related(period: Period, all: &[Earlier]) -> Vec<&Earlier> {
    let (mut near, mut far) = (Vec::<&Earlier>::new(), Vec::from_iter(all));
    loop {
        let touches = |one: &&Earlier| {
            one.period.overlaps(period) || near.iter().any(|other| one.period.overlaps(other.period))
        };
        let (more, rest): (Vec<_>, Vec<_>) = far.into_iter().partition(touches);
        far = rest;
        if more.is_empty() {
            near.sort_by_key(|one| one.number);
            return near;
        }
        near.extend(more);
    }
}

/// The spans between the first and last days of a period and of what was published before, as far as they lie
/// in one of these and none is exactly theirs.
pub fn gaps(period: Period, earlier: &[Earlier]) -> Vec<Period> {
    let related = related(period, earlier).into_iter();
    let published: Vec<Period> = related.map(|one| one.period).chain([period]).collect();
    Period::pieces(&published).into_iter().filter(|piece| !published.contains(piece)).collect()
}

/// Hides what must not be seen beside all `earlier` publications, which come in the order of their numbers.
/// `between` holds the figures of the [`gaps`].
pub fn protect(
    complete: &Dataset,
    period: Period,
    earlier: &[Earlier],
    between: &[(Period, Dataset)],
) -> Public {
    let mut dataset = Dataset { floor: SHOWN_TO_PUBLIC, seal: None, ..complete.clone() };
    let mut obstacles = Vec::new();
    let related = related(period, earlier);
    for kind in Kind::ALL {
        let world = World::of(kind, complete, period, &related, between);
        let protected = world.grid.protect(SHOWN_TO_PUBLIC);
        let laid_open = protected.laid_open().len();
        if laid_open > 0 {
            obstacles.push(Obstacle::LaidOpen(laid_open));
        }
        world.hide(&protected, &mut dataset);
        let total = complete.row(kind, Cut::Total, &[]).and_then(Row::n).unwrap_or_default();
        let is_hidden = dataset.row(kind, Cut::Total, &[]).is_some_and(|row| row.levels.is_none());
        let corrected = related.iter().rev().find(|one| one.period == period);
        if let Some(corrected) = corrected.filter(|_| is_hidden && total >= SHOWN_TO_PUBLIC) {
            let [old, new] = [&corrected.complete, complete].map(|one| one.row(kind, Cut::Total, &[]));
            obstacles.push(Obstacle::FewLate(changed(old, new)));
        }
    }
    let shows_some = |kind: &Kind| {
        dataset.row(*kind, Cut::Total, &[]).and_then(Row::n).is_some_and(|n| n >= SHOWN_TO_PUBLIC)
    };
    if obstacles.is_empty() && !Kind::ALL.iter().any(shows_some) {
        obstacles.push(Obstacle::AllHidden);
    }
    trend(&mut dataset, earlier);
    Public { dataset, obstacles }
}

/// Leaves of a trend what was published, and this period.
///
/// Periods that nobody has published would be published here, and those that were must not change.
fn trend(dataset: &mut Dataset, earlier: &[Earlier]) {
    let own = dataset.period.key.clone();
    let method = dataset.method.clone();
    let newest: BTreeMap<&str, &Dataset> =
        earlier.iter().map(|one| (one.shown.period.key.as_str(), &one.shown)).collect();
    for survey in &mut dataset.surveys {
        let kind = survey.kind;
        let targets = survey.tables.iter().find(|table| table.by == Cut::Target).cloned();
        for table in survey.tables.iter_mut().filter(|table| table.by == Cut::Trend) {
            let rows = table.rows.drain(..).filter_map(|row| {
                let [period, target] = row.key.as_slice() else {
                    return None;
                };
                let mut marks = row.marks;
                let shown = if *period == own {
                    targets.as_ref()?.rows.iter().find(|row| row.key == [target.clone()])?
                } else {
                    let found = newest.get(period.as_str())?;
                    marks.extend((!found.method.is_alike(&method)).then_some(Mark::Method));
                    found.row(kind, Cut::Target, &[target])?
                };
                Some(Row { key: row.key, marks, unflagged: None, ..shown.clone() })
            });
            table.rows = rows.collect();
        }
    }
}

/// All cells that somebody might put together, of one kind.
struct World {
    kind: Kind,
    grid: Grid,
    own: Plane,
}

impl World {
    fn of(
        kind: Kind,
        complete: &Dataset,
        period: Period,
        earlier: &[&Earlier],
        between: &[(Period, Dataset)],
    ) -> Self {
        let mut grid = Grid::new();
        let mut planes: Vec<(Period, Plane)> = Vec::new();
        for one in earlier {
            let plane = Plane::seen(&mut grid, kind, &one.complete, &one.shown);
            link_versions(&mut grid, &planes, one.period, &plane);
            planes.push((one.period, plane));
        }
        let own = Plane::open(&mut grid, kind, complete);
        link_versions(&mut grid, &planes, period, &own);
        planes.push((period, own.clone()));
        let unseen: Vec<(Period, Plane)> = between
            .iter()
            .map(|(period, dataset)| (*period, Plane::unseen(&mut grid, kind, dataset)))
            .collect();
        link_periods(&mut grid, &planes, &unseen);
        Self { kind, grid, own }
    }

    fn hide(&self, protected: &Protected, dataset: &mut Dataset) {
        let Some(survey) = dataset.surveys.iter_mut().find(|survey| survey.kind == self.kind) else {
            return;
        };
        survey.tables.retain(|table| table.by != Cut::Counter);
        for Table { by, rows } in &mut survey.tables {
            for row in rows.iter_mut() {
                let is_hidden =
                    |layer| self.own.place(layer, *by, &row.key).map(|place| protected.is_hidden(place));
                let (all, unflagged) = (is_hidden(Layer::All), is_hidden(Layer::Unflagged));
                if all == Some(true) {
                    row.hide();
                }
                // What has no cell of its own is not published in this cut.
                if unflagged != Some(false) {
                    row.unflagged = None;
                }
            }
        }
        dataset.counters.clear();
    }
}

/// A figure of an older version of the same period, or of the same month in another period, and what has changed.
fn link_versions(grid: &mut Grid, planes: &[(Period, Plane)], period: Period, new: &Plane) {
    for (layer, subject, part) in new.parts() {
        let is_old = |(old, _): &&(Period, Plane)| *old == period || subject.is_month();
        let old = planes.iter().rev().filter(is_old).find_map(|(_, plane)| plane.part(layer, subject));
        if let Some(old) = old {
            let changes = Part::changes(old, part);
            grid.correction(part.place, old.place, changes);
        }
    }
}

/// Each figure of a period that holds others is the sum of what it holds.
fn link_periods(grid: &mut Grid, planes: &[(Period, Plane)], unseen: &[(Period, Plane)]) {
    let all: Vec<Period> = planes.iter().map(|(period, _)| *period).collect();
    let pieces = Period::pieces(&all);
    for (period, plane) in planes.iter().filter(|(period, _)| !pieces.contains(period)) {
        let held: Vec<&Plane> = pieces
            .iter()
            .filter(|piece| period.holds(**piece))
            .filter_map(|piece| planes.iter().rev().chain(unseen).find(|(other, _)| other == piece))
            .map(|(_, plane)| plane)
            .collect();
        for (layer, subject, part) in plane.parts().filter(|(_, subject, _)| !subject.is_month()) {
            let mut parts: Vec<Place> = Vec::new();
            let mut left = part.n;
            for piece in &held {
                if let Some(found) = piece.part(layer, subject) {
                    parts.push(found.place);
                    left = left.saturating_sub(found.n);
                }
            }
            // A unit may be put together otherwise in another publication, so that some of it is not found there.
            if left > 0 && parts.len() < held.len() {
                parts.push(grid.cell(left, Standing::Unpublished));
            }
            grid.sum(part.place, &parts);
        }
    }
}
