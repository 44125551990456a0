//! Units through time: a unit is a stable id, its code, name, level and parent have dates.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use chrono::NaiveDate;
use serde::Serialize;

use super::ids::UnitId;

/// What a unit is at some time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum UnitLevel {
    /// Tỉnh.
    Province,
    /// Cấp huyện (until 30/6/2025).
    District,
    /// Cấp xã: xã, phường, thị trấn, đặc khu.
    Commune,
    /// Sở, ban, ngành and their like.
    Body,
}

impl UnitLevel {
    /// Every level, from the top.
    pub const ALL: [Self; 4] = [Self::Province, Self::District, Self::Commune, Self::Body];

    /// The word under which it is stored and imported.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Province => "tinh",
            Self::District => "huyen",
            Self::Commune => "xa",
            Self::Body => "so",
        }
    }

    /// The level of that word, where there is one.
    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|level| level.key() == key)
    }
}

/// A unit as it was from one day until another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnitVersion {
    /// The unit.
    pub unit: UnitId,
    /// Official code; codes are used again over time, so never a key by itself.
    pub code: String,
    /// Full name.
    pub name: String,
    /// Level.
    pub level: UnitLevel,
    /// Parent, where there is one.
    pub parent: Option<UnitId>,
    /// First day.
    pub valid_from: NaiveDate,
    /// Day on which it no longer holds.
    pub valid_to: Option<NaiveDate>,
}

impl UnitVersion {
    /// Whether the version is in force on a day.
    pub fn is_valid_on(&self, day: NaiveDate) -> bool {
        is_valid_on(self.valid_from, self.valid_to, day)
    }
}

/// Whether `day` lies in [from, to); an open end lasts.
pub fn is_valid_on(from: NaiveDate, to: Option<NaiveDate>, day: NaiveDate) -> bool {
    from <= day && to.is_none_or(|end| day < end)
}

/// How much of an old unit went into a new one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Extent {
    /// All of it.
    Whole,
    /// A part: its answers cannot be given to one successor.
    Part,
}

/// A step from an old unit to a new one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Succession {
    /// The unit that ended.
    pub old: UnitId,
    /// The unit that took it over.
    pub new: UnitId,
    /// Wholly or in part.
    pub extent: Extent,
    /// First day of the new unit.
    pub since: NaiveDate,
}

/// Which unit an answer is counted for in a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum UnitView {
    /// The unit at the time of the survey.
    Then,
    /// The unit of today that took it over.
    #[default]
    Now,
}

impl UnitView {
    /// The word used in addresses and exports.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Then => "then",
            Self::Now => "now",
        }
    }
}

/// The unit of today for an old one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Present {
    /// Itself, or the unit that took all of it over.
    Unit(UnitId),
    /// It was split: it stays on its own and is marked.
    Split(UnitId),
}

impl Present {
    /// The unit to count for, split or not.
    pub const fn unit(self) -> UnitId {
        match self {
            Self::Unit(unit) | Self::Split(unit) => unit,
        }
    }
}

/// All units with their versions and successions.
#[derive(Debug, Clone, Default)]
pub struct Units {
    versions: BTreeMap<UnitId, Vec<UnitVersion>>,
    successors: HashMap<UnitId, Vec<Succession>>,
    children: HashMap<UnitId, Vec<UnitId>>,
    by_code: HashMap<String, Vec<UnitId>>,
}

impl Units {
    /// Puts versions and successions in order; nothing is checked here.
    pub fn new(mut all: Vec<UnitVersion>, successions: Vec<Succession>) -> Self {
        all.sort_by_key(|version| (version.unit, version.valid_from));
        let mut units = Self::default();
        for version in all {
            if let Some(parent) = version.parent {
                units.children.entry(parent).or_default().push(version.unit);
            }
            units.by_code.entry(version.code.clone()).or_default().push(version.unit);
            units.versions.entry(version.unit).or_default().push(version);
        }
        for succession in successions {
            units.successors.entry(succession.old).or_default().push(succession);
        }
        units
    }

    /// Every version of every unit, by unit and date.
    pub fn versions(&self) -> impl Iterator<Item = &UnitVersion> {
        self.versions.values().flatten()
    }

    /// The unit as it was on a day.
    pub fn on(&self, unit: UnitId, day: NaiveDate) -> Option<&UnitVersion> {
        self.versions.get(&unit)?.iter().find(|version| version.is_valid_on(day))
    }

    /// The unit as it was on a day, or else as it was last before, or else as it will first be.
    pub fn nearest(&self, unit: UnitId, day: NaiveDate) -> Option<&UnitVersion> {
        let versions = self.versions.get(&unit)?;
        versions.iter().rev().find(|version| version.valid_from <= day).or_else(|| versions.first())
    }

    /// The unit that bears a code on a day.
    pub fn by_code(&self, code: &str, day: NaiveDate) -> Option<&UnitVersion> {
        let bearers = self.by_code.get(code)?;
        bearers.iter().filter_map(|unit| self.on(*unit, day)).find(|version| version.code == code)
    }

    /// Units in force on a day, by name.
    pub fn all_on(&self, day: NaiveDate) -> impl Iterator<Item = &UnitVersion> {
        self.versions().filter(move |version| version.is_valid_on(day))
    }

    /// The unit, all that was ever below it, and all that it or they took over.
    ///
    /// The answers of a merged commune belong to the scope of the commune of today.
    pub fn subtree(&self, root: UnitId) -> BTreeSet<UnitId> {
        let mut found = BTreeSet::new();
        let mut open = vec![root];
        while let Some(unit) = open.pop() {
            if found.insert(unit) {
                open.extend(self.children.get(&unit).into_iter().flatten());
                open.extend(self.predecessors(unit));
            }
        }
        found
    }

    /// The unit and all that ever took it over, wholly: those that served at its counters.
    pub fn heirs(&self, unit: UnitId) -> BTreeSet<UnitId> {
        let mut found = BTreeSet::new();
        let mut open = vec![unit];
        while let Some(unit) = open.pop() {
            if found.insert(unit) {
                let steps = self.successions_of(unit);
                open.extend(steps.filter(|step| step.extent == Extent::Whole).map(|step| step.new));
            }
        }
        found
    }

    /// The steps from a unit to those that took it over.
    pub fn successions_of(&self, unit: UnitId) -> impl Iterator<Item = &Succession> {
        self.successors.get(&unit).into_iter().flatten()
    }

    /// The steps to a unit from those that it took over, wholly or in part.
    pub fn taken_over(&self, unit: UnitId) -> impl Iterator<Item = &Succession> {
        self.successors.values().flatten().filter(move |step| step.new == unit)
    }

    /// The versions of a unit, oldest first.
    pub fn versions_of(&self, unit: UnitId) -> &[UnitVersion] {
        self.versions.get(&unit).map_or(&[], Vec::as_slice)
    }

    fn predecessors(&self, unit: UnitId) -> impl Iterator<Item = UnitId> {
        self.taken_over(unit).filter(|step| step.extent == Extent::Whole).map(|step| step.old)
    }

    /// The unit that stands on a day for a unit of any time; later steps are not taken yet.
    pub fn present(&self, unit: UnitId, day: NaiveDate) -> Present {
        let mut current = unit;
        // A chain of successions is finite; the bound only guards against a loop in imported data.
        for _ in 0..self.versions.len().saturating_add(1) {
            let mut steps = self.successions_of(current).filter(|step| step.since <= day);
            match (steps.next(), steps.next()) {
                (None, _) => return Present::Unit(current),
                (Some(Succession { new, extent: Extent::Whole, .. }), None) => current = *new,
                _ => return Present::Split(current),
            }
        }
        Present::Unit(unit)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn version(unit: i64, code: &str, parent: Option<i64>, from: &str, to: Option<&str>) -> UnitVersion {
        UnitVersion {
            unit: unit.into(),
            code: code.into(),
            name: format!("Xã {unit}"),
            level: UnitLevel::Commune,
            parent: parent.map(UnitId::from),
            valid_from: day(from),
            valid_to: to.map(day),
        }
    }

    fn merged() -> Units {
        let since = day("2025-07-01");
        let succession =
            |old: i64, new: i64, extent| Succession { old: old.into(), new: new.into(), extent, since };
        Units::new(
            vec![
                version(1, "68", None, "2021-01-01", None),
                version(2, "24781", Some(1), "2021-01-01", Some("2025-07-01")),
                version(3, "24784", Some(1), "2021-01-01", Some("2025-07-01")),
                version(4, "24781", Some(1), "2025-07-01", None),
                version(5, "22978", Some(1), "2021-01-01", Some("2025-07-01")),
                version(6, "22980", Some(1), "2025-07-01", None),
            ],
            vec![
                succession(2, 4, Extent::Whole),
                succession(3, 4, Extent::Whole),
                succession(5, 4, Extent::Part),
                succession(5, 6, Extent::Part),
            ],
        )
    }

    #[test]
    fn a_code_names_another_unit_after_the_merger() {
        let units = merged();
        assert_eq!(units.by_code("24781", day("2025-06-30")).unwrap().unit, UnitId::from(2));
        assert_eq!(units.by_code("24781", day("2025-07-01")).unwrap().unit, UnitId::from(4));
        assert_eq!(units.by_code("24784", day("2025-07-01")), None);
    }

    #[test]
    fn heirs_take_over_the_whole_of_a_unit() {
        let units = merged();
        assert_eq!(units.heirs(2.into()), BTreeSet::from([2.into(), 4.into()]));
        assert_eq!(units.heirs(5.into()), BTreeSet::from([5.into()]), "what was split has none");
    }

    #[test]
    fn answers_of_a_merged_unit_go_to_its_successor_and_those_of_a_split_one_stay() {
        let units = merged();
        let (before, after) = (day("2025-06-30"), day("2025-07-01"));
        assert_eq!(units.present(2.into(), after), Present::Unit(4.into()));
        assert_eq!(units.present(4.into(), after), Present::Unit(4.into()));
        assert_eq!(units.present(5.into(), after), Present::Split(5.into()));
        for unit in [2, 5] {
            assert_eq!(units.present(unit.into(), before), Present::Unit(unit.into()));
        }
    }

    #[test]
    fn a_subtree_holds_what_the_unit_took_over_but_not_a_share_of_a_split_unit() {
        let units = merged();
        let of = |unit: i64| units.subtree(unit.into()).into_iter().map(UnitId::raw).collect::<Vec<_>>();
        assert_eq!(of(4), [2, 3, 4]);
        assert_eq!(of(1), [1, 2, 3, 4, 5, 6]);
    }
}
