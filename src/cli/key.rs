//! `hailong key`

use chrono::{NaiveDate, Utc};
use clap::Subcommand;

use super::person::unit_of;
use super::{Failure, Outcome, say};
use crate::app::api_keys::{self, Draft};
use crate::app::catalogue::Catalogue;
use crate::app::exports::{self, Sheet, Value};
use crate::app::token::Token;
use crate::db::conn::Database;
use crate::domain::api_key::Reading;
use crate::domain::day::{self, Local};
use crate::domain::ids::KeyId;
use crate::domain::person::Actor;

/// Makes, lists and revokes the keys with which other programs read figures
#[derive(Debug, Subcommand)]
pub enum KeyCommand {
    /// Make a key and print it, once
    Add {
        /// What it is for
        name: String,
        /// Code of the unit to which it is bound; without it, the key reads the province
        #[arg(long)]
        unit: Option<String>,
        /// What it may read
        #[arg(long, default_value = "scores")]
        reads: String,
        /// Last day on which it opens [default: a year from today]
        #[arg(long, value_name = "YYYY-MM-DD")]
        until: Option<NaiveDate>,
    },
    /// List every key
    List,
    /// Revoke a key
    Revoke {
        /// Number of the key
        id: i64,
    },
}

impl KeyCommand {
    /// Runs the command.
    pub fn run(&self, database: &Database) -> Outcome {
        match self {
            Self::Add { name, unit, reads, until } => {
                let draft = Draft {
                    name: name.clone(),
                    unit: unit.as_ref().map(|code| unit_of(database, code)).transpose()?,
                    reads: Reading::from_key(reads).ok_or_else(|| {
                        let keys = Reading::ALL.map(Reading::key).join(", ");
                        Failure::Usage(format!("expected one of {keys}, found \"{reads}\""))
                    })?,
                    last_day: until.unwrap_or_else(api_keys::proposed_last_day),
                };
                let snapshot = Catalogue::load(database)?.snapshot();
                let token = Token::random();
                let key = database.write_audited(|conn| {
                    api_keys::create(conn, &snapshot, &Actor::Operator, &draft, &token)
                })?;
                say!("{key}");
                Ok(())
            }
            Self::List => list(database),
            Self::Revoke { id } => {
                let id = KeyId::from(*id);
                Ok(database.write_audited(|conn| api_keys::revoke(conn, &Actor::Operator, id))?)
            }
        }
    }
}

fn list(database: &Database) -> Outcome {
    let snapshot = Catalogue::load(database)?.snapshot();
    let today = Local::at(Utc::now()).day;
    let stored = database.read(|conn| api_keys::list(conn, &Actor::Operator))?;
    let rows = stored.into_iter().map(|stored| {
        let key = stored.key;
        let unit = key.unit.and_then(|unit| snapshot.units.nearest(unit, today));
        [
            key.id.to_string(),
            key.standing(today).key().to_owned(),
            key.name,
            unit.map_or_else(String::new, |unit| unit.code.clone()),
            key.reads.map_or("", Reading::key).to_owned(),
            day::previous(key.valid_to).to_string(),
            stored.last_used_at.map_or_else(String::new, |at| at.format("%Y-%m-%dT%H:%MZ").to_string()),
        ]
        .map(Value::Text)
        .into()
    });
    let columns = ["id", "state", "name", "unit", "reads", "last day", "last use"]
        .map(|column| (column.to_owned(), column.to_owned()))
        .into();
    say!("{}", exports::text(&Sheet { columns, rows: rows.collect() }));
    Ok(())
}
