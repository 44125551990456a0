//! The tree of 2021, the mergers of 01/12/2024 and those of 01/7/2025, told as one history of units.

use std::collections::{HashMap, HashSet};

use chrono::NaiveDate;
use serde::Deserialize;

use super::rows;
use crate::db::conn::Conn;
use crate::db::unit_writes;
use crate::domain::ids::UnitId;
use crate::domain::unit::{Extent, Succession, UnitLevel, UnitVersion};
use crate::error::{Error, Result};

const TREE_2021: &str = include_str!("../../catalogue/units-2021.csv");
const TREE_2025_06: &str = include_str!("../../catalogue/units-2025-06-predecessors.csv");
const TREE_2025: &str = include_str!("../../catalogue/units-2025.csv");
const CROSSWALK: &str = include_str!("../../catalogue/crosswalk-2025.csv");

/// Code of the province that stays the same unit throughout.
const PROVINCE: &str = "68";

/// Codes of the two provinces that it took over.
const TAKEN_OVER: [&str; 2] = ["60", "67"];

#[derive(Deserialize)]
struct Row {
    code: String,
    name: String,
    level: String,
    parent_code: String,
}

impl Row {
    fn level(&self) -> Result<UnitLevel> {
        UnitLevel::from_key(&self.level).ok_or_else(|| Error::internal(format!("no level {}", self.level)))
    }
}

#[derive(Deserialize)]
struct Step {
    old_code: String,
    new_code: String,
    extent: String,
}

/// Writes the whole history and returns the province.
///
/// The first day of the units of 2021, and of those of the two other provinces, is to be confirmed:
/// the lists say only that they were in force.
pub(super) fn load(conn: &mut Conn) -> Result<UnitId> {
    let start = date(2021, 1, 1)?;
    let mut history = History::default();
    let last_day: Vec<Row> = rows(TREE_2025_06)?;
    let elsewhere = outside(&last_day);
    history.begin(conn, &rows(TREE_2021)?, start)?;
    let (other, own): (Vec<Row>, Vec<Row>) =
        last_day.into_iter().partition(|row| elsewhere.contains(&row.code));
    history.begin(conn, &other, start)?;
    history.revise(&own, &elsewhere, date(2024, 12, 1)?)?;
    history.merge(conn, &rows(TREE_2025)?, &rows(CROSSWALK)?, date(2025, 7, 1)?)?;
    history.write(conn)?;
    history.unit(PROVINCE)
}

fn date(year: i32, month: u32, day: u32) -> Result<NaiveDate> {
    NaiveDate::from_ymd_opt(year, month, day).ok_or_else(|| Error::internal("no such day"))
}

/// Codes of the two other provinces and of all below them; a parent stands before its children.
fn outside(tree: &[Row]) -> HashSet<String> {
    let mut codes: HashSet<String> = TAKEN_OVER.iter().map(|code| (*code).to_owned()).collect();
    for level in ["huyen", "xa"] {
        let below: Vec<String> = tree
            .iter()
            .filter(|row| row.level == level && codes.contains(&row.parent_code))
            .map(|row| row.code.clone())
            .collect();
        codes.extend(below);
    }
    codes
}

/// Versions that ended, those in force by code, and who took over whom.
#[derive(Default)]
struct History {
    ended: Vec<UnitVersion>,
    current: HashMap<String, UnitVersion>,
    successions: Vec<Succession>,
}

impl History {
    fn unit(&self, code: &str) -> Result<UnitId> {
        let version = self.current.get(code).ok_or_else(|| Error::internal(format!("no unit {code}")))?;
        Ok(version.unit)
    }

    fn parent(&self, row: &Row) -> Result<Option<UnitId>> {
        if row.parent_code.is_empty() { Ok(None) } else { self.unit(&row.parent_code).map(Some) }
    }

    /// New units for all rows, in which parents stand before their children.
    fn begin(&mut self, conn: &mut Conn, tree: &[Row], from: NaiveDate) -> Result<()> {
        for row in tree {
            let unit = unit_writes::insert(conn, row.level()?)?;
            self.put(unit, row, from)?;
        }
        Ok(())
    }

    fn put(&mut self, unit: UnitId, row: &Row, from: NaiveDate) -> Result<()> {
        let version = UnitVersion {
            unit,
            code: row.code.clone(),
            name: row.name.clone(),
            level: row.level()?,
            parent: self.parent(row)?,
            valid_from: from,
            valid_to: None,
        };
        self.current.insert(row.code.clone(), version);
        Ok(())
    }

    fn end(&mut self, code: &str, on: NaiveDate) {
        if let Some(mut version) = self.current.remove(code) {
            version.valid_to = Some(on);
            self.ended.push(version);
        }
    }

    /// The mergers of 2024 inside the province: units keep their id with their code, and what is no
    /// longer listed ends. Who took those over is to be confirmed, so no succession is written.
    fn revise(&mut self, tree: &[Row], elsewhere: &HashSet<String>, on: NaiveDate) -> Result<()> {
        for row in tree {
            let unit = self.unit(&row.code)?;
            let parent = self.parent(row)?;
            let same =
                self.current.get(&row.code).is_some_and(|old| old.name == row.name && old.parent == parent);
            if !same {
                self.end(&row.code, on);
                self.put(unit, row, on)?;
            }
        }
        let listed: HashSet<&str> = tree.iter().map(|row| row.code.as_str()).collect();
        let gone: Vec<String> = self
            .current
            .keys()
            .filter(|code| !listed.contains(code.as_str()) && !elsewhere.contains(*code))
            .cloned()
            .collect();
        for code in gone {
            self.end(&code, on);
        }
        Ok(())
    }

    /// The mergers of 2025: all but the province ends, and the crosswalk says what went where.
    fn merge(&mut self, conn: &mut Conn, tree: &[Row], steps: &[Step], on: NaiveDate) -> Result<()> {
        let before: HashMap<String, UnitId> =
            self.current.iter().map(|(code, version)| (code.clone(), version.unit)).collect();
        let old =
            |code: &str| before.get(code).copied().ok_or_else(|| Error::internal(format!("no unit {code}")));
        let continued: HashMap<&str, &str> = steps
            .iter()
            .filter(|step| matches!(step.extent.as_str(), "giu_nguyen" | "doi_ten"))
            .map(|step| (step.new_code.as_str(), step.old_code.as_str()))
            .collect();
        for code in before.keys().filter(|code| code.as_str() != PROVINCE) {
            self.end(code, on);
        }
        for row in tree.iter().filter(|row| row.code != PROVINCE) {
            let unit = match continued.get(row.code.as_str()) {
                Some(code) => old(code)?,
                None => unit_writes::insert(conn, row.level()?)?,
            };
            self.put(unit, row, on)?;
        }
        for step in steps {
            let extent = match step.extent.as_str() {
                "toan_bo" => Extent::Whole,
                "mot_phan" => Extent::Part,
                _ => continue,
            };
            let (old, new) = (old(&step.old_code)?, self.unit(&step.new_code)?);
            self.successions.push(Succession { old, new, extent, since: on });
        }
        for code in TAKEN_OVER {
            let (old, new) = (old(code)?, self.unit(PROVINCE)?);
            self.successions.push(Succession { old, new, extent: Extent::Whole, since: on });
        }
        Ok(())
    }

    fn write(&self, conn: &mut Conn) -> Result<()> {
        for version in self.ended.iter().chain(self.current.values()) {
            unit_writes::insert_version(conn, version)?;
        }
        for succession in &self.successions {
            unit_writes::insert_succession(conn, succession)?;
        }
        Ok(())
    }
}
