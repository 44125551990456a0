//! `hailong link`

use std::path::PathBuf;

use chrono::{NaiveDate, NaiveTime, Utc};
use clap::Subcommand;

use super::{Failure, Outcome, progress, say};
use crate::app::catalogue::{Catalogue, Snapshot};
use crate::app::links::{self, CounterDraft, LinkDraft};
use crate::db::conn::Database;
use crate::domain::code::Code;
use crate::domain::day::Local;
use crate::domain::link::{Link, Stage};
use crate::domain::person::Actor;
use crate::domain::questionnaire::Kind;
use crate::locale::Lang;
use crate::web::{qr, sheet};

/// Makes, lists, draws and revokes links
#[derive(Debug, Subcommand)]
pub enum LinkCommand {
    /// Make a link for a counter
    New(New),
    /// List all links
    List,
    /// Write the QR picture of a link as SVG, or as PNG where the file is named so
    Qr(Picture),
    /// Write a page to print with every open link, or with one
    Sheet(Page),
    /// End a link
    Revoke {
        /// Code of the link
        code: String,
    },
}

/// A link to be made
#[derive(Debug, clap::Args)]
pub struct New {
    /// Code of the unit that runs the counter
    #[arg(long)]
    unit: String,
    /// Name of the counter; made where the unit has none of that name
    #[arg(long)]
    counter: String,
    /// Questionnaire: tthc or agency-service
    #[arg(long, default_value = "tthc")]
    kind: String,
    /// Field that the code shall know
    #[arg(long)]
    field: Option<String>,
    /// Code of the procedure that the link shall know
    #[arg(long)]
    procedure: Option<String>,
    /// Code of the unit that decides, if not the unit served
    #[arg(long)]
    deciding: Option<String>,
    /// Stage: intake, supplement, refusal or result
    #[arg(long, default_value = "result")]
    stage: String,
    /// First day [default: today]
    #[arg(long)]
    from: Option<NaiveDate>,
    /// Last day
    #[arg(long)]
    until: Option<NaiveDate>,
    /// Opening hour of the counter
    #[arg(long, default_value = "07:30:00")]
    opens: NaiveTime,
    /// Closing hour of the counter
    #[arg(long, default_value = "17:00:00")]
    closes: NaiveTime,
}

/// A picture to be written
#[derive(Debug, clap::Args)]
pub struct Picture {
    /// Code of the link
    code: String,
    /// Address under which citizens reach the service
    #[arg(long, env = "HAILONG_PUBLIC_URL", default_value = "http://127.0.0.1:8080")]
    public_url: String,
    /// Width and height of a PNG in pixels
    #[arg(long, default_value_t = 600)]
    size: u32,
    /// File to write, ending in .svg or .png
    #[arg(short, long)]
    output: PathBuf,
}

/// A page to be printed
#[derive(Debug, clap::Args)]
pub struct Page {
    /// Code of one link; all open links without it
    code: Option<String>,
    /// poster, stand or stickers
    #[arg(long, default_value = "poster")]
    format: String,
    /// Address under which citizens reach the service
    #[arg(long, env = "HAILONG_PUBLIC_URL", default_value = "http://127.0.0.1:8080")]
    public_url: String,
    /// HTML file to write
    #[arg(short, long)]
    output: PathBuf,
}

impl LinkCommand {
    /// Runs the command.
    pub fn run(&self, database: &Database) -> Outcome {
        let snapshot = Catalogue::load(database)?.snapshot();
        match self {
            Self::New(new) => {
                let draft = new.draft(&snapshot)?;
                let link = database.write_audited(|conn| links::create(conn, &Actor::Operator, &draft))?;
                say!("{}", link.code);
                Ok(())
            }
            Self::List => {
                list(&snapshot);
                Ok(())
            }
            Self::Qr(picture) => picture.write(&snapshot),
            Self::Sheet(page) => page.write(&snapshot),
            Self::Revoke { code } => {
                let id = find(&snapshot, code)?.id;
                Ok(database.write_audited(|conn| links::revoke(conn, &snapshot, &Actor::Operator, id))?)
            }
        }
    }
}

fn today() -> NaiveDate {
    Local::at(Utc::now()).day
}

fn expected(what: &str, found: &str) -> Failure {
    Failure::Usage(format!("expected {what}, found \"{found}\""))
}

fn find<'a>(snapshot: &'a Snapshot, text: &str) -> Result<&'a Link, Failure> {
    let code = Code::parse(text)
        .map_err(|_| expected("a code of six characters with a fitting check character", text))?;
    snapshot.links.get(&code).ok_or_else(|| expected("the code of a link", text))
}

impl New {
    fn draft(&self, snapshot: &Snapshot) -> Result<LinkDraft, Failure> {
        let day = self.from.unwrap_or_else(today);
        let unit = |code: &String| {
            let found = snapshot.units.by_code(code, day);
            found
                .map(|unit| unit.unit)
                .ok_or_else(|| expected(&format!("the code of a unit in force on {day}"), code))
        };
        let kind =
            Kind::from_key(&self.kind).ok_or_else(|| expected("tthc or agency-service", &self.kind))?;
        let stage = Stage::from_key(&self.stage)
            .ok_or_else(|| expected("intake, supplement, refusal or result", &self.stage))?;
        let field = |key: &String| {
            snapshot
                .field_by_key(key)
                .map(|field| field.id)
                .ok_or_else(|| expected("the key of a field", key))
        };
        let procedure = |code: &String| {
            let mut in_force = snapshot.procedures.iter().filter(|one| one.is_valid_on(day));
            in_force
                .find(|one| one.code == *code)
                .map(|one| one.procedure)
                .ok_or_else(|| expected("the code of a procedure in force", code))
        };
        Ok(LinkDraft {
            counter: CounterDraft {
                unit: unit(&self.unit)?,
                name: self.counter.clone(),
                opens: self.opens,
                closes: self.closes,
            },
            kind,
            field: self.field.as_ref().map(field).transpose()?,
            procedure: self.procedure.as_ref().map(procedure).transpose()?,
            deciding: self.deciding.as_ref().map(unit).transpose()?,
            stage: kind.has_fields().then_some(stage),
            valid_from: day,
            valid_until: self.until,
        })
    }
}

fn list(snapshot: &Snapshot) {
    let mut all: Vec<&Link> = snapshot.links.values().collect();
    all.sort_by_key(|link| link.id);
    for link in all {
        let counter = snapshot.counters.get(&link.counter);
        let unit = counter.and_then(|counter| snapshot.units.nearest(counter.unit, link.valid_from));
        let field = link.field.and_then(|id| snapshot.field(id));
        say!(
            "{}\t{}\t{}\t{}\t{}\t{}",
            link.code,
            unit.map_or("", |unit| unit.name.as_str()),
            counter.map_or("", |counter| counter.name.as_str()),
            field.map_or(link.kind.key(), |field| field.key.as_str()),
            link.stage.map_or("", Stage::key),
            if link.is_open_on(today()) { "open" } else { "ended" },
        );
    }
}

impl Picture {
    fn write(&self, snapshot: &Snapshot) -> Outcome {
        let address = qr::address(&self.public_url, &find(snapshot, &self.code)?.code);
        let bytes = match self.output.extension().and_then(|ending| ending.to_str()) {
            Some("svg") => qr::svg(&address)?.into_bytes(),
            Some("png") => qr::png(&address, self.size)?,
            _ => {
                return Err(expected("a file that ends in .svg or .png", &self.output.display().to_string()));
            }
        };
        std::fs::write(&self.output, bytes)?;
        Ok(())
    }
}

impl Page {
    fn write(&self, snapshot: &Snapshot) -> Outcome {
        let format = sheet::Format::from_key(&self.format)
            .ok_or_else(|| expected("poster, stand or stickers", &self.format))?;
        let today = today();
        let mut links: Vec<&Link> = match &self.code {
            Some(code) => vec![find(snapshot, code)?],
            None => snapshot.links.values().filter(|link| link.is_open_on(today)).collect(),
        };
        links.sort_by_key(|link| link.id);
        let setting = sheet::Setting {
            format,
            public_url: &self.public_url,
            lang: Lang::Vi,
            today,
            kept: "",
            is_file: true,
        };
        let page = progress::watch(|progress| sheet::render(snapshot, &links, &setting, progress))?;
        std::fs::write(&self.output, page)?;
        Ok(())
    }
}
