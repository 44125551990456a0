//! `hailong scores`

use std::io::Write;
use std::path::PathBuf;

use chrono::Utc;
use clap::ValueEnum;

use super::{Failure, Outcome};
use crate::app::catalogue::{Catalogue, Snapshot};
use crate::app::exports;
use crate::app::scores::{Compared, Dimension, Flagged, Query};
use crate::db::conn::Database;
use crate::domain::day::Local;
use crate::domain::ids::{FieldId, UnitId};
use crate::domain::link::{Channel, Stage};
use crate::domain::period::Period;
use crate::domain::person::Actor;
use crate::domain::questionnaire::Kind;
use crate::domain::unit::UnitView;
use crate::error::Error;
use crate::locale::Lang;

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Form {
    Table,
    Csv,
    Xlsx,
    Json,
}

/// Prints or exports the indexes of a period
#[derive(Debug, clap::Args)]
pub struct Scores {
    /// 2026, 2026-H1, 2026-Q3, 2026-09 or 2026-09-01..2026-09-30
    #[arg(long, value_parser = period)]
    period: Period,
    /// Cuts: unit, deciding, counter, field, procedure, stage, channel, element, month, quarter
    #[arg(long, value_delimiter = ',', value_parser = dimension)]
    by: Vec<Dimension>,
    /// Questionnaire: tthc or agency-service
    #[arg(long, default_value = "tthc", value_parser = kind)]
    kind: Kind,
    /// Only the unit of this code and what is below it
    #[arg(long, value_name = "CODE")]
    unit: Option<String>,
    /// Only these fields
    #[arg(long, value_delimiter = ',', value_name = "KEY")]
    field: Vec<String>,
    /// Only these stages; default: result and refusal
    #[arg(long, value_delimiter = ',', value_parser = stage)]
    stage: Vec<Stage>,
    /// Only this channel
    #[arg(long, value_parser = channel)]
    channel: Option<Channel>,
    /// Leave out answers that bear a flag
    #[arg(long)]
    without_flagged: bool,
    /// Count for the units at the time of the survey, not for those of today
    #[arg(long)]
    then: bool,
    /// Form of the output
    #[arg(long, value_enum, default_value = "table")]
    format: Form,
    /// File to write; standard output without it
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Language of titles and names: vi or en
    #[arg(long, default_value = "vi", value_parser = language)]
    lang: Lang,
}

pub(super) fn period(text: &str) -> Result<Period, String> {
    Period::parse(text).map_err(|_| {
        "expected a period such as 2026, 2026-H1, 2026-Q3, 2026-09 or 2026-09-01..2026-09-30".to_owned()
    })
}

fn one_of<T>(found: Option<T>, keys: &[&str]) -> Result<T, String> {
    found.ok_or_else(|| format!("expected one of {}", keys.join(", ")))
}

fn dimension(text: &str) -> Result<Dimension, String> {
    one_of(Dimension::from_key(text), &Dimension::ALL.map(Dimension::key))
}

pub(super) fn kind(text: &str) -> Result<Kind, String> {
    one_of(Kind::from_key(text), &Kind::ALL.map(Kind::key))
}

fn stage(text: &str) -> Result<Stage, String> {
    one_of(Stage::from_key(text), &["intake", "supplement", "refusal", "result"])
}

fn channel(text: &str) -> Result<Channel, String> {
    one_of(Channel::from_key(text), &["qr", "kiosk", "paper", "interview"])
}

pub(super) fn language(text: &str) -> Result<Lang, String> {
    one_of(Lang::from_key(text), &["vi", "en"])
}

/// The unit that has a code at the end of a period, or today while the period is not over; none without a code.
pub(super) fn unit(
    snapshot: &Snapshot,
    code: Option<&str>,
    period: Period,
) -> Result<Option<UnitId>, Failure> {
    let Some(code) = code else {
        return Ok(None);
    };
    let day = period.named_on(Local::at(Utc::now()).day);
    let found = snapshot.units.by_code(code, day).map(|version| version.unit);
    let missing =
        || Failure::Usage(format!("expected the code of a unit in force on {day}, found \"{code}\""));
    found.map(Some).ok_or_else(missing)
}

/// The fields of some keys; no key means every field.
pub(super) fn fields(snapshot: &Snapshot, keys: &[String]) -> Result<Option<Vec<FieldId>>, Failure> {
    let field = |key: &String| {
        let known: Vec<&str> = snapshot.fields.iter().map(|field| field.key.as_str()).collect();
        snapshot.field_by_key(key).map(|field| field.id).ok_or_else(|| {
            Failure::Usage(format!("expected a field out of {}, found \"{key}\"", known.join(", ")))
        })
    };
    let fields = keys.iter().map(field).collect::<Result<Vec<_>, _>>()?;
    Ok((!fields.is_empty()).then_some(fields))
}

impl Scores {
    /// Runs the query and writes its table.
    pub fn run(&self, database: &Database) -> Outcome {
        let snapshot = Catalogue::load(database)?.snapshot();
        let query = self.query(&snapshot)?;
        let compared =
            database.read_at_once(|conn| Compared::run(conn, &snapshot, &Actor::Operator, &query))?;
        let sheet = exports::sheet(&compared, &snapshot, self.lang);
        let bytes = match self.format {
            Form::Table => format!("{}\n", exports::text(&sheet)).into_bytes(),
            Form::Csv => exports::csv(&sheet)?,
            Form::Json => exports::json(&sheet)?,
            Form::Xlsx => exports::xlsx(&sheet, &self.period.to_string())?,
        };
        match &self.output {
            Some(path) => std::fs::write(path, bytes)
                .map_err(|error| Failure::Failed(format!("cannot write {}: {error}", path.display()))),
            None => std::io::stdout().write_all(&bytes).map_err(|error| Failure::Failed(error.to_string())),
        }
    }

    fn query(&self, snapshot: &Snapshot) -> Result<Query, Failure> {
        if let Some(message) = Dimension::fault(&self.by) {
            return Err(Failure::Usage(message.text(Lang::En)));
        }
        Ok(Query {
            unit: unit(snapshot, self.unit.as_deref(), self.period)?,
            fields: fields(snapshot, &self.field)?,
            stages: (!self.stage.is_empty()).then(|| self.stage.clone()),
            channel: self.channel,
            flagged: if self.without_flagged { Flagged::Excluded } else { Flagged::Included },
            view: if self.then { UnitView::Then } else { UnitView::Now },
            ..Query::of(self.kind, self.period).by(&self.by)
        })
    }
}

impl From<std::io::Error> for Failure {
    fn from(error: std::io::Error) -> Self {
        Self::from(Error::internal(error))
    }
}
