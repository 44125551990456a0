//! The first load: units, procedures, targets and questionnaires of Lâm Đồng, carried in the program.

mod territory;

use std::collections::{BTreeMap, HashMap};

use chrono::{NaiveDate, NaiveTime, Utc};
use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::catalogue::Snapshot;
use super::links::{self, CounterDraft, LinkDraft};
use crate::db::conn::Conn;
use crate::db::target_writes::NewTarget;
use crate::db::{
    self, field_writes, procedure_writes, questionnaire_writes, revision, target_writes, unit_writes,
};
use crate::domain::day::Local;
use crate::domain::ids::{FieldId, UnitId};
use crate::domain::link::{Link, Stage};
use crate::domain::person::Actor;
use crate::domain::procedure::ProcedureVersion;
use crate::domain::questionnaire::tag::Tag;
use crate::domain::questionnaire::{Kind, Question, QuestionText, Questionnaire, Role, Status, Steps, Texts};
use crate::domain::unit::{Extent, Succession, UnitLevel, UnitVersion};
use crate::error::{Error, Result};

const FIELDS: &str = include_str!("../catalogue/fields.csv");
const BODIES: &str = include_str!("../catalogue/bodies.csv");
const PROCEDURES: &str = include_str!("../catalogue/procedures.csv");
const TARGETS: &str = include_str!("../catalogue/targets.csv");
const QUESTIONNAIRES: &str = include_str!("../catalogue/questionnaires.json");

/// Phường Xuân Hương - Đà Lạt.
const SAMPLE_UNIT: &str = "24781";

/// What the first counter is called; a name that staff give, and therefore Vietnamese.
const SAMPLE_COUNTER: &str = "Quầy 1";

const SAMPLE_FIELD: &str = "dat-dai";

/// Loads everything into an empty catalogue in the transaction of `conn`, and says whether it did;
/// a catalogue that has units is left as it is.
///
/// # Errors
/// Those of the database.
pub fn run(conn: &mut Conn) -> Result<bool> {
    if unit_writes::exists(conn)? {
        return Ok(false);
    }
    let province = territory::load(conn)?;
    let fields = load_fields(conn)?;
    load_bodies(conn, province, &fields)?;
    load_procedures(conn, &fields)?;
    load_targets(conn)?;
    load_questionnaires(conn)?;
    revision::bump(conn)?;
    Ok(true)
}

/// Makes one counter at Phường Xuân Hương - Đà Lạt and a link for handed-out results in land, so that
/// the first start has something to print.
///
/// # Errors
/// Those of the database; internal when the catalogue was not loaded by [`run`].
pub fn sample(conn: &mut Conn) -> Result<Link> {
    let snapshot = Snapshot {
        units: db::units::load(conn)?,
        fields: db::procedures::fields(conn)?,
        ..Snapshot::default()
    };
    let today = Local::at(Utc::now()).day;
    let missing = || Error::internal("the first link needs the catalogue of the province");
    let hour = |hour, minute| NaiveTime::from_hms_opt(hour, minute, 0).ok_or_else(missing);
    let draft = LinkDraft {
        counter: CounterDraft {
            unit: snapshot.units.by_code(SAMPLE_UNIT, today).ok_or_else(missing)?.unit,
            name: SAMPLE_COUNTER.to_owned(),
            opens: hour(7, 30)?,
            closes: hour(17, 0)?,
        },
        kind: Kind::Tthc,
        field: Some(snapshot.field_by_key(SAMPLE_FIELD).ok_or_else(missing)?.id),
        procedure: None,
        deciding: None,
        stage: Some(Stage::Result),
        valid_from: today,
        valid_until: None,
    };
    links::create(conn, &Actor::Operator, &draft)
}

/// Rows of a file carried in the program; a fault in one is ours.
fn rows<T: DeserializeOwned>(text: &str) -> Result<Vec<T>> {
    csv::Reader::from_reader(text.as_bytes())
        .deserialize()
        .collect::<csv::Result<_>>()
        .map_err(Error::internal)
}

#[derive(Deserialize)]
struct FieldRow {
    key: String,
    name: String,
    name_en: String,
}

type Fields = HashMap<String, FieldId>;

fn load_fields(conn: &mut Conn) -> Result<Fields> {
    let mut fields = Fields::new();
    for (row, position) in rows::<FieldRow>(FIELDS)?.into_iter().zip(1..) {
        let id = field_writes::insert(conn, &row.key, (&row.name, &row.name_en), position)?;
        fields.insert(row.key, id);
    }
    Ok(fields)
}

fn field(fields: &Fields, key: &str) -> Result<FieldId> {
    fields.get(key).copied().ok_or_else(|| Error::internal(format!("no field {key}")))
}

#[derive(Deserialize)]
struct BodyRow {
    key: String,
    name: String,
    valid_from: NaiveDate,
    valid_to: Option<NaiveDate>,
    successor: String,
    handles_fields: String,
}

/// The dates of 2025 and the fields that a body handles are to be confirmed by Sở Nội vụ.
fn load_bodies(conn: &mut Conn, province: UnitId, fields: &Fields) -> Result<()> {
    let bodies: Vec<BodyRow> = rows(BODIES)?;
    let mut units = HashMap::new();
    for body in &bodies {
        let unit = unit_writes::insert(conn, UnitLevel::Body)?;
        let version = UnitVersion {
            unit,
            code: body.key.clone(),
            name: body.name.clone(),
            level: UnitLevel::Body,
            parent: Some(province),
            valid_from: body.valid_from,
            valid_to: body.valid_to,
        };
        unit_writes::insert_version(conn, &version)?;
        for key in body.handles_fields.split('|').filter(|key| !key.is_empty()) {
            unit_writes::insert_field(conn, unit, field(fields, key)?)?;
        }
        units.insert(body.key.as_str(), unit);
    }
    for body in &bodies {
        let ends = (units.get(body.key.as_str()), units.get(body.successor.as_str()), body.valid_to);
        if let (Some(&old), Some(&new), Some(since)) = ends {
            let succession = Succession { old, new, extent: Extent::Whole, since };
            unit_writes::insert_succession(conn, &succession)?;
        }
    }
    Ok(())
}

#[derive(Deserialize)]
struct ProcedureRow {
    code: String,
    name: String,
    field: String,
    valid_from: NaiveDate,
    confirmed: String,
}

fn load_procedures(conn: &mut Conn, fields: &Fields) -> Result<()> {
    for row in rows::<ProcedureRow>(PROCEDURES)? {
        let version = ProcedureVersion {
            procedure: procedure_writes::insert(conn)?,
            field: field(fields, &row.field)?,
            code: row.code,
            name: row.name,
            confirmed: row.confirmed == "yes",
            valid_from: row.valid_from,
            valid_to: None,
        };
        procedure_writes::insert_version(conn, &version)?;
    }
    Ok(())
}

#[derive(Deserialize)]
struct TargetRow {
    key: String,
    name: String,
    name_en: String,
    kind: String,
    fields: String,
    threshold_percent: i32,
    valid_from: NaiveDate,
    valid_to: Option<NaiveDate>,
    legal_basis: String,
    source: String,
}

fn load_targets(conn: &mut Conn) -> Result<()> {
    for (row, position) in rows::<TargetRow>(TARGETS)?.iter().zip(1..) {
        let target = NewTarget {
            key: &row.key,
            name: &row.name,
            name_en: &row.name_en,
            kind: &row.kind,
            fields: &row.fields,
            threshold: row.threshold_percent * 100,
            source: &row.source,
            legal_basis: &row.legal_basis,
            position,
            valid_from: row.valid_from,
            valid_to: row.valid_to,
        };
        target_writes::insert(conn, &target)?;
    }
    Ok(())
}

#[derive(Deserialize)]
struct QuestionnaireEntry {
    kind: Kind,
    version: i32,
    texts: BTreeMap<Tag, Texts>,
    questions: Vec<QuestionEntry>,
}

#[derive(Deserialize)]
struct QuestionEntry {
    key: String,
    role: String,
    required: bool,
    result_only: bool,
    allows_na: bool,
    texts: BTreeMap<Tag, QuestionText>,
}

/// The wording of all but the overall question is ours, to be confirmed by Sở Nội vụ.
fn load_questionnaires(conn: &mut Conn) -> Result<()> {
    let entries: Vec<QuestionnaireEntry> = serde_json::from_str(QUESTIONNAIRES).map_err(Error::internal)?;
    for entry in entries {
        let questions = entry.questions.into_iter().map(question).collect::<Result<_>>()?;
        let questionnaire = Questionnaire {
            id: 0.into(),
            kind: entry.kind,
            version: entry.version,
            status: Status::Draft,
            steps: Steps::default(),
            texts: entry.texts,
            questions,
        };
        let by = Actor::Operator;
        let id = questionnaire_writes::insert(conn, &questionnaire, by.audit_name())?;
        questionnaire_writes::publish(conn, id, by.audit_name())?;
    }
    Ok(())
}

fn question(entry: QuestionEntry) -> Result<Question> {
    Ok(Question {
        id: 0.into(),
        role: Role::from_key(&entry.role)
            .ok_or_else(|| Error::internal(format!("no role {}", entry.role)))?,
        key: entry.key,
        required: entry.required,
        result_only: entry.result_only,
        allows_na: entry.allows_na,
        texts: entry.texts,
    })
}
