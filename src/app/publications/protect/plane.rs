//! The cells of one dataset and the sums that hold within it.

use std::collections::{BTreeMap, BTreeSet};

use crate::app::publications::changes::moved;
use crate::domain::dataset::{Cut, Dataset, Row, UnitEntry};
use crate::domain::flags::Flag;
use crate::domain::link::{Channel, Stage};
use crate::domain::questionnaire::Kind;
use crate::domain::suppress::{Grid, Place, Standing};
use crate::domain::tally::Levels;

/// Which answers of a subject are counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Layer {
    /// All of them.
    All,
    /// Those without a flag.
    Unflagged,
    /// Those with one; never shown, but had by subtraction.
    Flagged,
}

/// Cuts in which the index without flagged answers is published too.
const UNFLAGGED: [Cut; 5] = [Cut::Total, Cut::Target, Cut::Field, Cut::Unit, Cut::Deciding];

/// Whether a cell may be seen, by its layer and the row that it comes from.
type Stand<'a> = &'a dyn Fn(Layer, Cut, &[String]) -> Standing;

/// What a figure is about, the same in every dataset: words of a property with its values.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Subject(BTreeMap<&'static str, BTreeSet<String>>);

impl Subject {
    fn with(mut self, property: &'static str, values: impl IntoIterator<Item = String>) -> Self {
        self.0.insert(property, values.into_iter().collect());
        self
    }

    fn of(property: &'static str, value: &str) -> Self {
        Self::default().with(property, [value.to_owned()])
    }

    /// Whether it is a row of a table by month, which names its days itself.
    pub fn is_month(&self) -> bool {
        self.0.contains_key("month")
    }
}

/// A cell with its counts.
#[derive(Debug, Clone, Copy)]
pub struct Part {
    /// Where it is in the grid.
    pub place: Place,
    /// Number of answers.
    pub n: u64,
    levels: Levels,
}

impl Part {
    /// How many answers were added, taken away or given another level.
    pub fn changes(old: Self, new: Self) -> u64 {
        moved(&old.levels, &new.levels).max(old.n.abs_diff(new.n))
    }
}

/// The cells of one dataset and one kind.
#[derive(Debug, Clone)]
pub struct Plane {
    kind: Kind,
    units: BTreeMap<String, BTreeSet<String>>,
    targets: BTreeMap<String, Option<Vec<String>>>,
    parts: BTreeMap<(Layer, Subject), Part>,
}

impl Plane {
    /// Cells that are to be published, as far as they may.
    pub fn open(grid: &mut Grid, kind: Kind, complete: &Dataset) -> Self {
        Self::laid_out(grid, kind, complete, &|_, _, _| Standing::Open)
    }

    /// Cells of an earlier publication, of which some were shown.
    pub fn seen(grid: &mut Grid, kind: Kind, complete: &Dataset, shown: &Dataset) -> Self {
        let standing = |layer: Layer, by: Cut, key: &[String]| {
            let row = shown.rows(kind, by).iter().find(|row| row.key == key);
            let is_shown = row.is_some_and(|row| match layer {
                Layer::All => row.levels.is_some(),
                Layer::Unflagged => row.unflagged.is_some(),
                Layer::Flagged => false,
            });
            if is_shown { Standing::Known } else { Standing::Unpublished }
        };
        Self::laid_out(grid, kind, complete, &standing)
    }

    /// Cells that nobody is shown.
    pub fn unseen(grid: &mut Grid, kind: Kind, complete: &Dataset) -> Self {
        Self::laid_out(grid, kind, complete, &|_, _, _| Standing::Unpublished)
    }

    fn laid_out(grid: &mut Grid, kind: Kind, complete: &Dataset, standing: Stand) -> Self {
        let held = |unit: &UnitEntry| (unit.id.clone(), unit.holds.iter().cloned().collect());
        let mut plane = Self {
            kind,
            units: complete.units.iter().map(held).collect(),
            targets: complete.targets.iter().map(|one| (one.key.clone(), one.fields.clone())).collect(),
            parts: BTreeMap::new(),
        };
        // Counters are never published, and a trend repeats what other periods have published.
        for by in Cut::ALL.into_iter().filter(|by| !matches!(by, Cut::Counter | Cut::Trend)) {
            for row in complete.rows(kind, by) {
                plane.lay(grid, by, row, standing);
            }
        }
        for layer in [Layer::All, Layer::Unflagged, Layer::Flagged] {
            plane.relate(grid, complete, layer);
        }
        plane.relate_stages(grid);
        plane.relate_elements(grid, complete);
        plane.relate_flags(grid, complete);
        plane.relate_procedures(grid, complete);
        plane
    }

    fn lay(&mut self, grid: &mut Grid, by: Cut, row: &Row, standing: Stand) {
        let (Some(subject), Some(levels)) = (self.subject(by, &row.key), row.levels) else {
            return;
        };
        if self.parts.contains_key(&(Layer::All, subject.clone())) {
            return;
        }
        let n = levels.valid();
        let place = grid.cell(n, standing(Layer::All, by, &row.key));
        self.parts.insert((Layer::All, subject.clone()), Part { place, n, levels });
        let Some(unflagged) = row.unflagged.filter(|_| UNFLAGGED.contains(&by)) else {
            return;
        };
        let part = |place: Place, k: u64, n: u64| Part {
            place,
            n,
            levels: Levels::of(k, 0, 0, 0, n.saturating_sub(k)),
        };
        let bare = unflagged.share;
        let (k, rest) = (levels.satisfied().saturating_sub(bare.k), n.saturating_sub(bare.n));
        let without = grid.cell(bare.n, standing(Layer::Unflagged, by, &row.key));
        let flagged = grid.cell(rest, Standing::Unpublished);
        grid.sum(place, &[without, flagged]);
        self.parts.insert((Layer::Unflagged, subject.clone()), part(without, bare.k, bare.n));
        self.parts.insert((Layer::Flagged, subject), part(flagged, k, rest));
    }

    fn subject(&self, by: Cut, key: &[String]) -> Option<Subject> {
        let (bare, first) = (Subject::default(), key.first().map(String::as_str).unwrap_or_default());
        let held = |property| {
            let held = self.units.get(first).cloned();
            bare.clone().with(property, held.unwrap_or_else(|| BTreeSet::from([first.to_owned()])))
        };
        Some(match by {
            Cut::Total => bare,
            Cut::Target => match self.targets.get(first)? {
                Some(fields) => bare.with("field", fields.iter().cloned()),
                None => bare,
            },
            Cut::Field => Subject::of("field", first),
            Cut::Unit => held("unit"),
            Cut::UnitThen => Subject::of("unit", first),
            Cut::Deciding => held("deciding"),
            Cut::UnitField => held("unit").with("field", key.get(1).cloned()),
            Cut::Procedure => Subject::of("procedure", first),
            Cut::Element => Subject::of("element", first),
            Cut::Stage => Subject::of("stage", first),
            Cut::Channel => Subject::of("channel", first),
            Cut::Flag => Subject::of("flag", first),
            Cut::Month => Subject::of("month", first),
            Cut::Counter | Cut::Trend => return None,
        })
    }

    /// The cell of a row, where it has one.
    pub fn place(&self, layer: Layer, by: Cut, key: &[String]) -> Option<Place> {
        let is_published = layer != Layer::Unflagged || UNFLAGGED.contains(&by);
        let subject = self.subject(by, key).filter(|_| is_published)?;
        self.part(layer, &subject).map(|part| part.place)
    }

    /// The cell of a subject, where there is one.
    pub fn part(&self, layer: Layer, subject: &Subject) -> Option<Part> {
        self.parts.get(&(layer, subject.clone())).copied()
    }

    /// All cells.
    pub fn parts(&self) -> impl Iterator<Item = (Layer, &Subject, Part)> {
        self.parts.iter().map(|((layer, subject), part)| (*layer, subject, *part))
    }

    fn subjects(&self, complete: &Dataset, by: Cut) -> Vec<Subject> {
        complete.rows(self.kind, by).iter().filter_map(|row| self.subject(by, &row.key)).collect()
    }

    /// Adds the sum of parts, where it holds; those without a cell have no answers.
    fn add(&self, grid: &mut Grid, layer: Layer, total: &Subject, parts: &[Subject]) {
        let Some(total) = self.part(layer, total) else {
            return;
        };
        let parts: Vec<Part> = parts.iter().filter_map(|part| self.part(layer, part)).collect();
        let holds = parts.iter().map(|part| part.n).sum::<u64>() == total.n;
        let parts: Vec<Place> = parts.iter().map(|part| part.place).collect();
        if holds && !parts.is_empty() && !parts.contains(&total.place) {
            grid.sum(total.place, &parts);
        }
    }

    fn relate(&self, grid: &mut Grid, complete: &Dataset, layer: Layer) {
        let subjects = |by: Cut| self.subjects(complete, by);
        for by in [Cut::Field, Cut::Unit, Cut::Deciding, Cut::Channel, Cut::Month] {
            self.add(grid, layer, &Subject::default(), &subjects(by));
        }
        // Fields pooled by a target, and units that took others over, are the sums of what they hold.
        for (by, property) in [(Cut::Target, "field"), (Cut::Unit, "unit")] {
            for whole in subjects(by) {
                let held = whole.0.get(property).filter(|held| held.len() > 1);
                let held: Vec<Subject> =
                    held.into_iter().flatten().map(|one| Subject::of(property, one)).collect();
                self.add(grid, layer, &whole, &held);
            }
        }
        let crossed = subjects(Cut::UnitField);
        for (by, property) in [(Cut::Unit, "unit"), (Cut::Field, "field")] {
            for margin in subjects(by) {
                let own = crossed.iter().filter(|one| one.0.get(property) == margin.0.get(property));
                self.add(grid, layer, &margin, &own.cloned().collect::<Vec<_>>());
            }
        }
    }

    /// The headline is made of two stages; the others stand apart.
    fn relate_stages(&self, grid: &mut Grid) {
        let headline = Stage::HEADLINE.map(|stage| Subject::of("stage", stage.key()));
        self.add(grid, Layer::All, &Subject::default(), &headline);
    }

    /// All elements together are F2, which is shown wherever the total is.
    fn relate_elements(&self, grid: &mut Grid, complete: &Dataset) {
        let subjects = self.subjects(complete, Cut::Element);
        let elements: Vec<Part> = subjects.iter().filter_map(|one| self.part(Layer::All, one)).collect();
        if !elements.is_empty() {
            let pooled = grid.cell(elements.iter().map(|part| part.n).sum(), Standing::Known);
            grid.sum(pooled, &elements.iter().map(|part| part.place).collect::<Vec<_>>());
        }
    }

    /// A flag that is the only one says what the flagged answers are, and "assisted" what three channels are.
    fn relate_flags(&self, grid: &mut Grid, complete: &Dataset) {
        let flag = |flag: Flag| Subject::of("flag", flag.key());
        let all = Flag::ALL.into_iter().filter_map(|one| self.part(Layer::All, &flag(one)));
        let present: Vec<Part> = all.filter(|part| part.n > 0).collect();
        let flagged = self.part(Layer::Flagged, &Subject::default());
        if let (Some(flagged), [only]) = (flagged, present.as_slice()) {
            grid.sum(flagged.place, &[only.place]);
        }
        let phones = Subject::of("channel", Channel::Qr.key());
        let by_staff: Vec<Subject> =
            self.subjects(complete, Cut::Channel).into_iter().filter(|one| *one != phones).collect();
        self.add(grid, Layer::All, &flag(Flag::Assisted), &by_staff);
    }

    /// A field is its procedures and what was not stated, which is one row over all fields.
    fn relate_procedures(&self, grid: &mut Grid, complete: &Dataset) {
        let of = |key: &str| self.part(Layer::All, &Subject::of("procedure", key));
        let mut rest = Vec::new();
        for field in &complete.fields {
            let Some(whole) = self.part(Layer::All, &Subject::of("field", &field.key)) else {
                continue;
            };
            let named = complete.procedures.iter().filter(|one| one.field == field.key);
            let parts: Vec<Part> = named.filter_map(|procedure| of(&procedure.id)).collect();
            let stated: u64 = parts.iter().map(|part| part.n).sum();
            let unstated = grid.cell(whole.n.saturating_sub(stated), Standing::Unpublished);
            let parts: Vec<Place> = parts.iter().map(|part| part.place).chain([unstated]).collect();
            grid.sum(whole.place, &parts);
            rest.push(unstated);
        }
        if let Some(unstated) = of("").filter(|_| !rest.is_empty()) {
            grid.sum(unstated.place, &rest);
        }
    }
}
