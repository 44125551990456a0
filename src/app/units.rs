//! Units as Sở Nội vụ keeps them: made, changed from a day on, closed, merged and split. Nothing is
//! ever deleted: what was answered stays with the unit of its time.

mod ending;

use std::collections::BTreeSet;

use chrono::{NaiveDate, Utc};
use serde_json::json;

use super::counters;
use super::ending::End;
use super::versions::Versions;
use super::withdrawals::Along;
use crate::db;
use crate::db::conn::Conn;
use crate::domain::day::Local;
use crate::domain::ids::UnitId;
use crate::domain::person::{Actor, Permission};
use crate::domain::unit::{Extent, Succession, UnitLevel, UnitVersion, Units};
use crate::error::{Error, FieldError, Result};
use crate::locale::Message;

pub use ending::with_served;

/// Longest code, in characters.
pub const CODE_LENGTH: usize = 20;
/// Longest name of a unit or procedure, in characters.
pub const NAME_LENGTH: usize = 300;

/// A unit, or a version of one, as it is typed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnitDraft {
    /// Code.
    pub code: String,
    /// Name.
    pub name: String,
    /// Level; a change leaves it as it is.
    pub level: UnitLevel,
    /// Unit above.
    pub parent: Option<UnitId>,
    /// First day.
    pub from: NaiveDate,
}

/// Who takes over: a new unit, or by its code alone one that is there already.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Heir {
    /// Code.
    pub code: String,
    /// Name; empty for a unit that is there.
    pub name: String,
}

/// Makes a unit.
///
/// # Errors
/// Not found for whoever may not; invalid with every fault; those of the database.
pub fn create(conn: &mut Conn, actor: &Actor, draft: &UnitDraft) -> Result<UnitId> {
    actor.require(Permission::ManageCatalogue)?;
    let mut book = Book::open(conn)?;
    let version = version(UnitId::from(0), draft, draft.level);
    let mut faults = book.faults(&version);
    faults.extend(fault("code", book.versions.is_free(&version)));
    none(faults)?;
    let made = book.versions.begin(conn, version)?;
    record(
        conn,
        actor,
        "unit.create",
        made.unit,
        &json!({ "code": made.code, "name": made.name, "from": made.valid_from }),
    )?;
    Ok(made.unit)
}

/// Gives a unit another code, name or unit above from a day on; until then it stays what it was.
///
/// # Errors
/// Not found for whoever may not and for an unknown unit; invalid with every fault; those of the database.
pub fn change(conn: &mut Conn, actor: &Actor, unit: UnitId, draft: &UnitDraft) -> Result<()> {
    actor.require(Permission::ManageCatalogue)?;
    let mut book = Book::open(conn)?;
    let last = book.last(unit)?;
    let mut next = version(unit, draft, last.level);
    next.valid_to = last.valid_to;
    let mut faults = book.faults(&next);
    faults.extend(fault("from", Versions::ending(&last, draft.from)));
    faults.extend(fault("code", book.versions.is_free(&next)));
    if (&next.code, &next.name, next.parent) == (&last.code, &last.name, last.parent) {
        faults.push(FieldError::new("name", Message::new("catalogue.fault.same")));
    }
    none(faults)?;
    let details = json!({
        "from": draft.from,
        "old": { "code": last.code, "name": last.name, "parent": last.parent },
        "new": { "code": next.code, "name": next.name, "parent": next.parent },
    });
    book.versions.follow(conn, &last, next)?;
    record(conn, actor, "unit.change", unit, &details)
}

/// Closes a unit without a successor: its counters and links end on the same day.
///
/// # Errors
/// Not found for whoever may not and for an unknown unit; invalid with every fault, also for a unit that has
/// an end and for answers after the day unless that is meant; those of the database.
pub fn close(conn: &mut Conn, actor: &Actor, unit: UnitId, end: End) -> Result<()> {
    actor.require(Permission::ManageCatalogue)?;
    let book = Book::open(conn)?;
    let last = book.last(unit)?;
    none(book.end_faults(conn, std::slice::from_ref(&last), end)?)?;
    db::unit_writes::end(conn, &last, end.from)?;
    let along = book.end_counters(conn, unit, end.from)?;
    let details = json!({ "from": end.from, "backdated": end.backdated, "along": along });
    record(conn, actor, "unit.close", unit, &details)
}

/// Merges units into one from a day on. Their counters and links go on, and serve for the heir.
///
/// # Errors
/// Those of [`close`].
pub fn merge(
    conn: &mut Conn,
    actor: &Actor,
    olds: &BTreeSet<UnitId>,
    heir: &Heir,
    end: End,
) -> Result<UnitId> {
    actor.require(Permission::ManageCatalogue)?;
    let mut book = Book::open(conn)?;
    let lasts = olds.iter().map(|unit| book.last(*unit)).collect::<Result<Vec<_>>>()?;
    let mut faults = book.end_faults(conn, &lasts, end)?;
    let living = heir.name.is_empty();
    if lasts.len() + usize::from(living) < 2 {
        faults.push(FieldError::new("units", Message::new("catalogue.fault.merge-alone")));
    }
    none(faults)?;
    let from = end.from;
    for last in &lasts {
        book.end(conn, last, from)?;
    }
    let first = lasts.first().ok_or_else(|| Error::internal("a merger of no unit"))?;
    let new = book.heir(conn, heir, first, from, ("code", "name"))?;
    for last in &lasts {
        succeed(conn, last.unit, new, Extent::Whole, from)?;
        record(
            conn,
            actor,
            "unit.merge",
            last.unit,
            &json!({ "into": new, "from": end.from, "backdated": end.backdated }),
        )?;
    }
    record(
        conn,
        actor,
        "unit.merge",
        new,
        &json!({ "of": olds, "from": end.from, "backdated": end.backdated }),
    )?;
    Ok(new)
}

/// Splits a unit into several from a day on: its counters and links end, since nobody can say whose they are.
///
/// # Errors
/// Those of [`close`].
pub fn split(conn: &mut Conn, actor: &Actor, unit: UnitId, heirs: &[Heir], end: End) -> Result<()> {
    actor.require(Permission::ManageCatalogue)?;
    let mut book = Book::open(conn)?;
    let last = book.last(unit)?;
    let mut faults = book.end_faults(conn, std::slice::from_ref(&last), end)?;
    if heirs.len() < 2 {
        faults.push(FieldError::new("code_1", Message::new("catalogue.fault.split-alone")));
    }
    none(faults)?;
    let from = end.from;
    let along = book.end_counters(conn, unit, from)?;
    book.end(conn, &last, from)?;
    let mut made = BTreeSet::new();
    for (heir, number) in heirs.iter().zip(1..) {
        let fields = (format!("code_{number}"), format!("name_{number}"));
        let new = book.heir(conn, heir, &last, from, (&fields.0, &fields.1))?;
        if !made.insert(new) {
            let message = Message::new("catalogue.fault.heir-twice").with("found", &heir.code);
            return Err(Error::invalid(fields.0, message));
        }
        succeed(conn, unit, new, Extent::Part, from)?;
        record(
            conn,
            actor,
            "unit.split",
            new,
            &json!({ "of": unit, "from": end.from, "backdated": end.backdated }),
        )?;
    }
    record(
        conn,
        actor,
        "unit.split",
        unit,
        &json!({ "into": made, "from": end.from, "backdated": end.backdated, "along": along }),
    )
}

/// How the audit names a unit.
pub fn subject(unit: UnitId) -> String {
    format!("unit:{unit}")
}

/// The units as the database has them within the transaction.
struct Book {
    units: Units,
    versions: Versions<UnitVersion>,
}

impl Book {
    fn open(conn: &mut Conn) -> Result<Self> {
        let units = db::units::load(conn)?;
        let versions = Versions::new(units.versions().cloned().collect());
        Ok(Self { units, versions })
    }

    fn last(&self, unit: UnitId) -> Result<UnitVersion> {
        let last = self.versions.last(unit).cloned();
        last.ok_or_else(|| Error::NotFound(Message::new("error.unit-not-found")))
    }

    /// Faults of the words of a version, and of the unit above.
    fn faults(&self, version: &UnitVersion) -> Vec<FieldError> {
        let mut faults = Vec::new();
        let day = version.valid_from;
        let fits = match version.parent {
            None => version.level == UnitLevel::Province,
            Some(parent) => self.on(parent, day).is_some_and(|above| above.level < version.level),
        };
        if !fits {
            faults
                .push(FieldError::new("parent", Message::new("catalogue.fault.parent").with_day("day", day)));
        }
        faults
    }

    fn on(&self, unit: UnitId, day: NaiveDate) -> Option<&UnitVersion> {
        self.versions.of(unit).find(|version| version.is_valid_on(day))
    }

    /// Ends a unit, for those that take its code over too.
    fn end(&mut self, conn: &mut Conn, last: &UnitVersion, day: NaiveDate) -> Result<()> {
        db::unit_writes::end(conn, last, day)?;
        self.versions.end(conn, last, day)
    }

    /// The unit that takes over, made where it is new, beside `like` in the tree.
    fn heir(
        &mut self,
        conn: &mut Conn,
        heir: &Heir,
        like: &UnitVersion,
        from: NaiveDate,
        (code, name): (&str, &str),
    ) -> Result<UnitId> {
        let draft = UnitDraft {
            code: heir.code.clone(),
            name: heir.name.clone(),
            level: like.level,
            parent: like.parent,
            from,
        };
        let version = version(UnitId::from(0), &draft, like.level);
        if heir.name.is_empty() {
            let bearer = self.versions.of_code(&heir.code).find(|one| one.is_valid_on(from));
            let message =
                || Message::new("catalogue.fault.no-heir").with("found", &heir.code).with_day("day", from);
            let bearer = bearer.ok_or_else(|| Error::invalid(name, message()))?;
            if bearer.level != like.level {
                return Err(Error::invalid(code, Message::new("catalogue.fault.other-level")));
            }
            return Ok(bearer.unit);
        }
        self.versions.is_free(&version).map_err(|message| Error::invalid(code, message))?;
        self.versions.begin(conn, version).map(|made| made.unit)
    }

    /// Ends the counters of a unit, and those of units that it took over; says how it was before.
    fn end_counters(&self, conn: &mut Conn, unit: UnitId, from: NaiveDate) -> Result<Along> {
        let served = ending::served(&self.units, unit, from);
        let (today, mut ended) = (Local::at(Utc::now()).day, BTreeSet::new());
        let mut before = Vec::new();
        for counter in db::links::counters(conn)?.into_iter().filter(|one| served.contains(&one.unit)) {
            db::counter_writes::save_closure(conn, counter.id, counter.closure.ending(from, today))?;
            before.push((counter.id.raw(), counter.closure));
            ended.insert(counter.id);
        }
        Ok(Along { counters: before, links: counters::end_links(conn, &ended, from)? })
    }
}

fn version(unit: UnitId, draft: &UnitDraft, level: UnitLevel) -> UnitVersion {
    UnitVersion {
        unit,
        code: draft.code.clone(),
        name: draft.name.clone(),
        level,
        parent: draft.parent,
        valid_from: draft.from,
        valid_to: None,
    }
}

fn succeed(conn: &mut Conn, old: UnitId, new: UnitId, extent: Extent, since: NaiveDate) -> Result<()> {
    db::unit_writes::insert_succession(conn, &Succession { old, new, extent, since })
}

fn record(
    conn: &mut Conn,
    actor: &Actor,
    action: &str,
    unit: UnitId,
    details: &serde_json::Value,
) -> Result<()> {
    db::audit::insert(conn, actor, action, &subject(unit), details)?;
    db::revision::bump(conn)
}

/// A rule that was broken, at its field.
pub(super) fn fault(field: &str, checked: std::result::Result<(), Message>) -> Option<FieldError> {
    checked.err().map(|message| FieldError::new(field, message))
}

/// Goes on where there is no fault.
pub(super) fn none(faults: Vec<FieldError>) -> Result<()> {
    if faults.is_empty() { Ok(()) } else { Err(Error::Invalid(faults)) }
}
