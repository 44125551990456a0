//! Targets and imported figures as Sở Nội vụ keeps them: a target is never edited, it gets a successor.

use chrono::NaiveDate;
use serde_json::json;

use super::units::none;
use crate::db;
use crate::db::conn::Conn;
use crate::db::target_writes::NewTarget;
use crate::db::targets::ImportedFigure;
use crate::domain::day;
use crate::domain::ids::FieldId;
use crate::domain::person::{Actor, Permission};
use crate::domain::procedure::Field;
use crate::domain::target::{Scope, Target, Threshold};
use crate::domain::versions::Days;
use crate::error::{Error, FieldError, Result};
use crate::locale::Message;

/// A target, or its successor, as it is typed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TargetDraft {
    /// Vietnamese name.
    pub name: String,
    /// English name.
    pub name_en: String,
    /// At least this much.
    pub threshold: Threshold,
    /// Where it is laid down.
    pub legal_basis: String,
    /// First day.
    pub from: NaiveDate,
    /// Whether verdicts on days gone by shall change.
    pub backdated: bool,
}

/// What a new target says besides: none of its rows says it otherwise.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Beginning {
    /// Key.
    pub key: String,
    /// What is judged.
    pub scope: Scope,
    /// Last day, if it ends.
    pub until: Option<NaiveDate>,
}

/// Adds a target for an index that is measured or for a figure that is imported.
///
/// # Errors
/// Not found for whoever may not; invalid with every fault, also for days on which another target judges the
/// same, and for a measured one that begins on a day gone by unless the draft says that it is meant; those of
/// the database.
pub fn create(
    conn: &mut Conn,
    actor: &Actor,
    new: &Beginning,
    draft: &TargetDraft,
    today: NaiveDate,
) -> Result<()> {
    actor.require(Permission::ManageCatalogue)?;
    let fields = db::procedures::fields(conn)?;
    let known = db::targets::load(conn, &fields)?;
    none(faults(&known, &fields, new, draft, today))?;
    let (kind, of_fields, source) = match &new.scope {
        Scope::Imported => (new.key.as_str(), "*".to_owned(), "imported"),
        Scope::Measured { kind, fields: asked } => (kind.key(), keys(&fields, asked.as_deref()), "measured"),
    };
    let target = NewTarget {
        key: &new.key,
        name: &draft.name,
        name_en: &draft.name_en,
        kind,
        fields: &of_fields,
        threshold: draft.threshold.hundredths(),
        source,
        legal_basis: &draft.legal_basis,
        position: i32::try_from(known.len() + 1).map_err(Error::internal)?,
        valid_from: draft.from,
        valid_to: new.until.map(day::next),
    };
    db::target_writes::insert(conn, &target)?;
    let scope = json!({ "source": source, "kind": kind, "fields": of_fields, "until": new.until });
    record(conn, actor, "target.create", &new.key, &json!({ "new": contents(draft), "scope": scope }))
}

/// Keys of fields with bars between, or a star for all.
fn keys(fields: &[Field], asked: Option<&[FieldId]>) -> String {
    let Some(asked) = asked else {
        return "*".to_owned();
    };
    let asked = fields.iter().filter(|field| asked.contains(&field.id));
    asked.map(|field| field.key.as_str()).collect::<Vec<_>>().join("|")
}

fn faults(
    known: &[Target],
    fields: &[Field],
    new: &Beginning,
    draft: &TargetDraft,
    today: NaiveDate,
) -> Vec<FieldError> {
    let mut faults = Vec::new();
    let mut fault = |field: &str, message: Message| faults.push(FieldError::new(field, message));
    if known.iter().any(|target| target.key == new.key) {
        fault("key", Message::new("catalogue.fault.target-taken").with("found", &new.key));
    }
    if new.until.is_some_and(|until| until < draft.from) {
        fault("until", Message::new("error.dates-reversed"));
    }
    if let Scope::Measured { kind, fields: Some(asked) } = &new.scope {
        let find = |id: &FieldId| fields.iter().find(|field| field.id == *id);
        if !kind.has_fields() {
            fault("fields", Message::new("catalogue.fault.no-fields"));
        } else if asked.iter().any(|id| find(id).is_none()) {
            fault("fields", Message::new("error.field-unknown"));
        } else if asked.iter().filter_map(find).any(|field| field.is_closed_on(draft.from)) {
            fault("fields", Message::new("error.field-closed").with_day("day", draft.from));
        }
    }
    let days = Days { from: draft.from, to: new.until.map(day::next) };
    faults.extend(overlap(known, (&new.key, &new.scope), days));
    if new.scope != Scope::Imported {
        faults.extend(backdated(draft, today));
    }
    faults
}

/// The target of another key that judges the same on one of the days: of two nobody would know which counts.
fn overlap(known: &[Target], (key, scope): (&str, &Scope), days: Days) -> Option<FieldError> {
    let of = |target: &Target| Days { from: target.valid_from, to: target.valid_to };
    let is_other =
        |target: &&Target| target.key != key && target.scope.is_same(scope) && of(target).overlaps(days);
    let other = known.iter().find(is_other)?;
    let message = Message::new(match other.valid_to {
        Some(_) => "catalogue.fault.target-overlaps-until",
        None => "catalogue.fault.target-overlaps",
    });
    let message =
        message.with("name", &other.name).with("key", &other.key).with_day("from", other.valid_from);
    let message = message.with_day("until", other.valid_to.map_or(other.valid_from, day::previous));
    Some(FieldError::new("from", message))
}

/// A day gone by changes verdicts that were read already, and must be meant.
fn backdated(draft: &TargetDraft, today: NaiveDate) -> Option<FieldError> {
    let message = || Message::new("catalogue.fault.backdated").with_day("found", draft.from);
    (draft.from < today && !draft.backdated)
        .then(|| FieldError::new("backdated", message().with_day("today", today)))
}

/// Lets another row follow from a day on; the newest one ends the day before.
///
/// # Errors
/// Not found for whoever may not and for an unknown target; invalid for a day that comes too early or from
/// which another target judges the same, and for one gone by unless the draft says that it is meant; those of the database.
pub fn succeed(
    conn: &mut Conn,
    actor: &Actor,
    key: &str,
    draft: &TargetDraft,
    today: NaiveDate,
) -> Result<()> {
    actor.require(Permission::ManageCatalogue)?;
    let known = load(conn)?;
    let last = known.iter().filter(|target| target.key == key).max_by_key(|target| target.valid_from);
    let last = last.ok_or_else(|| Error::NotFound(Message::new("error.page-not-found")))?;
    let mut faults = Vec::new();
    if draft.from <= last.valid_from {
        let message = Message::new("catalogue.fault.too-early").with_day("last", last.valid_from);
        faults.push(FieldError::new("from", message.with_day("found", draft.from)));
    } else if last.valid_to.is_some_and(|end| end < draft.from) {
        let end = last.valid_to.unwrap_or(draft.from);
        let message =
            Message::new("catalogue.fault.ended").with_day("end", end).with_day("found", draft.from);
        faults.push(FieldError::new("from", message));
    }
    faults.extend(overlap(&known, (key, &last.scope), Days { from: draft.from, to: None }));
    faults.extend(backdated(draft, today));
    none(faults)?;
    db::target_writes::end(conn, key, last.valid_from, draft.from)?;
    db::target_writes::follow(conn, key, last.valid_from, &draft.successor())?;
    let old = json!({ "from": last.valid_from, "threshold": last.threshold, "name": last.name, "legal_basis": last.legal_basis });
    record(conn, actor, "target.succeed", key, &json!({ "old": old, "new": contents(draft) }))
}

impl TargetDraft {
    fn successor(&self) -> db::target_writes::Successor<'_> {
        db::target_writes::Successor {
            name: &self.name,
            name_en: &self.name_en,
            threshold: self.threshold.hundredths(),
            legal_basis: &self.legal_basis,
            from: self.from,
        }
    }
}

/// Adds a figure that another method gave.
///
/// # Errors
/// Not found for whoever may not; invalid where the target has a figure for that period, was not in force
/// in it or measures its own, and for a period to come; those of the database.
pub fn add_figure(conn: &mut Conn, actor: &Actor, figure: &ImportedFigure, today: NaiveDate) -> Result<()> {
    actor.require(Permission::ManageCatalogue)?;
    let known = load(conn)?;
    let is_imported = |target: &&Target| target.key == figure.target && target.scope == Scope::Imported;
    if known.iter().find(is_imported).is_none() {
        return Err(Error::invalid("target", Message::new("catalogue.fault.not-imported")));
    }
    if let Some(message) = period_fault(&known, figure, today) {
        return Err(Error::invalid("period", message));
    }
    if db::targets::imported(conn, &figure.target, figure.period)?.is_some() {
        let message = Message::new("catalogue.fault.figure-taken").with("found", figure.period);
        return Err(Error::invalid("period", message));
    }
    db::target_writes::insert_figure(conn, figure)?;
    record(conn, actor, "figure.create", &figure.target, &told(figure))
}

/// Corrects a figure; the audit keeps what it said before.
///
/// # Errors
/// Not found for whoever may not and for a figure that is not there; those of the database.
pub fn correct_figure(conn: &mut Conn, actor: &Actor, figure: &ImportedFigure) -> Result<()> {
    actor.require(Permission::ManageCatalogue)?;
    let old = db::targets::imported(conn, &figure.target, figure.period)?
        .ok_or_else(|| Error::NotFound(Message::new("error.page-not-found")))?;
    db::target_writes::update_figure(conn, figure)?;
    record(conn, actor, "figure.correct", &figure.target, &json!({ "old": told(&old), "new": told(figure) }))
}

/// Why a figure would never be shown: its period has not begun, or its target was not in force on all its days.
pub(super) fn period_fault(known: &[Target], figure: &ImportedFigure, today: NaiveDate) -> Option<Message> {
    let period = figure.period;
    let message = |key| {
        Message::new(key).with("found", period).with_day("first", period.from()).with_day("last", period.to())
    };
    if period.from() > today {
        return Some(message("catalogue.fault.period-to-come").with_day("today", today));
    }
    // Rows of one key follow one another without a gap.
    let rows = || known.iter().filter(|target| target.key == figure.target);
    let from = rows().map(|target| target.valid_from).min()?;
    if period.from() < from {
        return Some(message("catalogue.fault.period-before").with_day("from", from));
    }
    let end = rows().max_by_key(|target| target.valid_from)?.valid_to?;
    (period.to() >= end).then(|| message("catalogue.fault.period-after").with_day("end", day::previous(end)))
}

/// Every row of every target.
pub(super) fn load(conn: &mut Conn) -> Result<Vec<Target>> {
    let fields = db::procedures::fields(conn)?;
    db::targets::load(conn, &fields)
}

fn contents(draft: &TargetDraft) -> serde_json::Value {
    json!({
        "from": draft.from,
        "threshold": draft.threshold,
        "name": draft.name,
        "legal_basis": draft.legal_basis,
        "backdated": draft.backdated,
    })
}

fn told(figure: &ImportedFigure) -> serde_json::Value {
    json!({
        "period": figure.period.to_string(),
        "hundredths": figure.hundredths,
        "respondents": figure.respondents,
        "source": figure.source,
    })
}

fn record(
    conn: &mut Conn,
    actor: &Actor,
    action: &str,
    key: &str,
    details: &serde_json::Value,
) -> Result<()> {
    db::audit::insert(conn, actor, action, &format!("target:{key}"), details)?;
    db::revision::bump(conn)
}
