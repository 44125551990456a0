//! Counters and links of a simulated year: who takes in what, and who decides it.

use std::collections::BTreeSet;

use chrono::{NaiveDate, NaiveTime};

use super::dice::{Dice, Lot};
use super::opinion;
use crate::app::catalogue::Snapshot;
use crate::domain::closure::Closure;
use crate::domain::code::{Code, SPACE};
use crate::domain::ids::{CounterId, FieldId, LinkId, UnitId};
use crate::domain::link::{Counter, Link, Stage};
use crate::domain::number::real;
use crate::domain::procedure::Field;
use crate::domain::questionnaire::Kind;
use crate::domain::unit::{UnitLevel, UnitVersion};
use crate::locale::Lang;

/// Shares of the stages; a result is what most people come for.
const STAGES: [(f64, Stage); 4] =
    [(0.7, Stage::Result), (0.16, Stage::Intake), (0.09, Stage::Supplement), (0.05, Stage::Refusal)];

/// Fields of a commune's one-stop section and their share of its answers.
const COMMUNE_FIELDS: [(&str, f64); 13] = [
    ("ho-tich", 27.0),
    ("dat-dai", 21.0),
    ("cu-tru", 14.0),
    ("bao-hiem", 8.0),
    ("kinh-doanh", 7.0),
    ("xay-dung", 6.0),
    ("khac", 4.0),
    ("nong-nghiep", 3.0),
    ("thue", 2.5),
    ("moi-truong", 1.5),
    ("giao-thong", 1.5),
    ("hai-quan", 0.0),
    ("dau-tu", 0.25),
];

/// Fields of which a commune hands a part on to the provincial body that decides.
const HANDED_ON: [&str; 6] = ["dat-dai", "xay-dung", "kinh-doanh", "giao-thong", "nong-nghiep", "dau-tu"];

/// What is peculiar about a unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Habit {
    /// Nothing.
    Ordinary,
    /// Too few people to judge.
    Tiny,
    /// It fills forms in itself at the end of each quarter.
    VotesForItself,
    /// One of its counters fell silent.
    Silent,
}

/// A link as the simulation uses it.
#[derive(Debug, Clone)]
pub struct Post {
    /// Link.
    pub link: Link,
    /// Key of the field, empty for none.
    pub field_key: String,
    /// Log-odds by which this counter differs.
    pub shift: f64,
}

/// A unit with its posts.
#[derive(Debug, Clone)]
pub struct Site {
    /// Unit.
    pub unit: UnitId,
    /// Since when the unit exists.
    pub since: NaiveDate,
    /// Share of all answers, before the whole is divided.
    pub weight: f64,
    /// What is peculiar about it.
    pub habit: Habit,
    /// Counters.
    pub counters: Vec<Counter>,
    /// Posts by weight.
    pub posts: Lot<Post>,
    /// The links, each once.
    pub links: Vec<Link>,
}

/// Gives ids and codes that nothing else bears.
struct Register {
    counter: i64,
    link: i64,
    codes: BTreeSet<Code>,
    from: NaiveDate,
    end: NaiveDate,
}

impl Register {
    fn after(snapshot: &Snapshot, from: NaiveDate, end: NaiveDate) -> Self {
        Self {
            counter: snapshot.counters.keys().map(|id| id.raw()).max().unwrap_or(0),
            link: snapshot.links.values().map(|link| link.id.raw()).max().unwrap_or(0),
            codes: snapshot.links.keys().cloned().collect(),
            from,
            end,
        }
    }

    fn link(&mut self, counter: CounterId, kind: Kind, dice: &mut Dice) -> Link {
        let mut code = Code::numbered(dice.below(SPACE));
        while !self.codes.insert(code.clone()) {
            code = Code::numbered(dice.below(SPACE));
        }
        self.link += 1;
        Link {
            id: LinkId::from(self.link),
            code,
            counter,
            kind,
            field: None,
            procedure: None,
            deciding: None,
            stage: None,
            valid_from: self.from,
            valid_to: None,
            revoked: false,
            replaces: None,
        }
    }
}

/// The sites of all communes and provincial bodies in force on the last day, by unit.
pub fn sites(snapshot: &Snapshot, from: NaiveDate, end: NaiveDate, dice: &mut Dice) -> Vec<Site> {
    let mut units: Vec<&UnitVersion> = snapshot
        .units
        .all_on(end)
        .filter(|unit| matches!(unit.level, UnitLevel::Commune | UnitLevel::Body))
        .collect();
    units.sort_by_key(|unit| unit.unit);
    let mut register = Register::after(snapshot, from, end);
    units.iter().zip(0u32..).map(|(unit, place)| site(snapshot, unit, place, &mut register, dice)).collect()
}

fn site(
    snapshot: &Snapshot,
    unit: &UnitVersion,
    place: u32,
    register: &mut Register,
    dice: &mut Dice,
) -> Site {
    let handled = handled_fields(snapshot, unit);
    let habit = habit(unit, place);
    let weight = weight(unit, habit, handled.len(), dice);
    let counters = counters(snapshot, unit.unit, count_of_counters(weight), register);
    let unit_shift = dice.normal() * 0.22;
    let mut posts = Vec::new();
    for ((field, share), turn) in handled.iter().zip(0..) {
        let Some(counter) = counters.iter().cycle().nth(turn % counters.len().max(1)) else {
            continue;
        };
        let shift = unit_shift + dice.normal() * 0.1;
        for (share, deciding) in deciders(snapshot, unit, field, *share, register.end) {
            for (part, stage) in STAGES {
                let mut link = register.link(counter.id, Kind::Tthc, dice);
                link.field = Some(field.id);
                link.stage = Some(stage);
                link.deciding = deciding;
                posts.push((share * part, Post { link, field_key: field.key.clone(), shift }));
            }
        }
    }
    if let Some(counter) = counters.first() {
        let link = register.link(counter.id, Kind::AgencyService, dice);
        let tthc: f64 = posts.iter().map(|(share, _)| share).sum();
        let share = if tthc > 0.0 { tthc * 0.07 } else { 1.0 };
        posts.push((share, Post { link, field_key: String::new(), shift: unit_shift - 0.3 }));
    }
    let links = posts.iter().map(|(_, post)| post.link.clone()).collect();
    Site { unit: unit.unit, since: unit.valid_from, weight, habit, counters, posts: Lot::new(posts), links }
}

/// The fields a unit takes in with their weights.
fn handled_fields<'a>(snapshot: &'a Snapshot, unit: &UnitVersion) -> Vec<(&'a Field, f64)> {
    if unit.level == UnitLevel::Commune {
        let known = COMMUNE_FIELDS.iter().filter(|(_, share)| *share > 0.0);
        return known.filter_map(|(key, share)| Some((snapshot.field_by_key(key)?, *share))).collect();
    }
    let handles =
        |id: &FieldId| snapshot.bodies_by_field.get(id).is_some_and(|bodies| bodies.contains(&unit.unit));
    let share = |key: &str| match key {
        "dau-tu" => 1.0,
        "giao-thong" | "kinh-doanh" => 6.0,
        _ => 4.0,
    };
    snapshot
        .fields
        .iter()
        .filter(|field| handles(&field.id))
        .map(|field| (field, share(&field.key)))
        .collect()
}

fn habit(unit: &UnitVersion, place: u32) -> Habit {
    if unit.level != UnitLevel::Commune {
        return Habit::Ordinary;
    }
    // The island has few inhabitants; the others are spread over the list.
    let is_island = unit.name.ends_with("Phú Quý");
    match place {
        _ if is_island => Habit::Tiny,
        41 | 88 => Habit::Tiny,
        57 => Habit::VotesForItself,
        23 | 101 => Habit::Silent,
        _ => Habit::Ordinary,
    }
}

fn weight(unit: &UnitVersion, habit: Habit, handled: usize, dice: &mut Dice) -> f64 {
    let size = (dice.normal() * 0.35).exp();
    match (unit.level, habit) {
        (_, Habit::Tiny) => 0.045,
        // A fixed size keeps these two visible whatever the seed.
        (_, Habit::VotesForItself | Habit::Silent) => 1.1,
        (UnitLevel::Body, _) => real(u64::try_from(handled).unwrap_or(0)) * 1.1 + 0.25,
        _ => size,
    }
}

fn count_of_counters(weight: f64) -> u32 {
    if weight > 1.3 {
        4
    } else if weight > 0.9 {
        3
    } else if weight > 0.2 {
        2
    } else {
        1
    }
}

fn counters(snapshot: &Snapshot, unit: UnitId, count: u32, register: &mut Register) -> Vec<Counter> {
    let taken: BTreeSet<&str> = snapshot
        .counters
        .values()
        .filter(|counter| counter.unit == unit)
        .map(|one| one.name.as_str())
        .collect();
    let names = (1u32..).map(|number| Lang::Vi.with("demo.counter", &[("number", &number.to_string())]));
    let free = names.filter(|name| !taken.contains(name.as_str()));
    let hour = |hour, minute| NaiveTime::from_hms_opt(hour, minute, 0).unwrap_or(NaiveTime::MIN);
    free.take(usize::try_from(count).unwrap_or(1))
        .map(|name| {
            register.counter += 1;
            let id = CounterId::from(register.counter);
            Counter { id, unit, name, opens: hour(7, 30), closes: hour(17, 0), closure: Closure::default() }
        })
        .collect()
}

/// Who decides: the unit itself, and for a part of some fields a provincial body.
fn deciders(
    snapshot: &Snapshot,
    unit: &UnitVersion,
    field: &Field,
    share: f64,
    end: NaiveDate,
) -> Vec<(f64, Option<UnitId>)> {
    let in_force = |id: &&UnitId| snapshot.units.on(**id, end).is_some();
    let bodies = snapshot.bodies_by_field.get(&field.id).into_iter().flatten();
    let body = bodies.rev().find(in_force).copied();
    let hands_on = unit.level == UnitLevel::Commune && HANDED_ON.contains(&field.key.as_str());
    match body.filter(|_| hands_on) {
        Some(body) if field.key == "dau-tu" => vec![(share, Some(body))],
        Some(body) => vec![(share * 0.75, None), (share * 0.25, Some(body))],
        None => vec![(share, None)],
    }
}

/// Share of the satisfied at a post on a day so far into the year.
pub fn share(post: &Post, progress: f64) -> f64 {
    let base =
        if post.link.kind == Kind::AgencyService { 0.915 } else { opinion::field_share(&post.field_key) };
    let trend = if post.field_key == "dat-dai" { 0.35 } else { 0.12 };
    opinion::shifted(base, post.shift + opinion::stage_shift(post.link.stage) + trend * (progress - 0.5))
}
