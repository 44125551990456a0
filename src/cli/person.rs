//! `hailong person`

use chrono::Utc;
use clap::Subcommand;

use super::{Failure, Outcome};
use crate::app::catalogue::Catalogue;
use crate::app::people::{self, Draft};
use crate::db::conn::Database;
use crate::domain::day::Local;
use crate::domain::person::{Actor, Role};
use crate::locale::Lang;

/// Adds people who may sign in, and resets their passwords
#[derive(Debug, Subcommand)]
pub enum PersonCommand {
    /// Add a person and print a one-time password
    Add {
        /// Sign-in name
        login: String,
        /// Full name
        #[arg(long)]
        name: String,
        /// administrator, so-noi-vu or unit-viewer
        #[arg(long)]
        role: String,
        /// Code of the unit of a viewer
        #[arg(long)]
        unit: Option<String>,
    },
    /// Give a person a new one-time password and end the sessions
    Reset {
        /// Sign-in name
        login: String,
    },
}

impl PersonCommand {
    /// Runs the command.
    pub fn run(&self, database: &Database) -> Outcome {
        let password = match self {
            Self::Add { login, name, role, unit } => {
                let draft = Draft {
                    login: login.clone(),
                    name: name.clone(),
                    role: Role::from_key(role).ok_or_else(|| {
                        let keys = Role::ALL.map(Role::key).join(", ");
                        Failure::Usage(format!("expected a role out of {keys}, found \"{role}\""))
                    })?,
                    unit: unit.as_ref().map(|code| unit_of(database, code)).transpose()?,
                    language: Lang::Vi,
                };
                database.write(|conn| people::add(conn, &Actor::Operator, &draft))?
            }
            Self::Reset { login } => database.write(|conn| people::reset(conn, &Actor::Operator, login))?,
        };
        println!("{}", password.as_str());
        Ok(())
    }
}

fn unit_of(database: &Database, code: &str) -> Result<crate::domain::ids::UnitId, Failure> {
    let snapshot = Catalogue::load(database)?.snapshot();
    let today = Local::at(Utc::now()).day;
    let unit = snapshot.units.by_code(code, today).map(|unit| unit.unit);
    unit.ok_or_else(|| {
        Failure::Usage(format!("expected the code of a unit in force today, found \"{code}\""))
    })
}
