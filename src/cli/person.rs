//! `hailong person`

use chrono::Utc;
use clap::Subcommand;

use super::{Failure, Outcome, say};
use crate::app::catalogue::Catalogue;
use crate::app::exports::{self, Sheet, Value};
use crate::app::passwords::Issued;
use crate::app::people::{self, Draft};
use crate::db::conn::{Conn, Database};
use crate::domain::day::Local;
use crate::domain::ids::{PersonId, UnitId};
use crate::domain::person::{Actor, Role};
use crate::locale::Lang;

/// Adds people who may sign in, lists, locks and resets them
#[derive(Debug, Subcommand)]
pub enum PersonCommand {
    /// Add a person and print a one-time password
    Add {
        /// Sign-in name
        login: String,
        /// Full name
        #[arg(long)]
        name: String,
        /// administrator, so-noi-vu, unit-viewer, comment-handler, data-entry or auditor
        #[arg(long)]
        role: String,
        /// Code of the unit of whoever does not see the province
        #[arg(long)]
        unit: Option<String>,
    },
    /// List everyone
    List,
    /// Give a person a new one-time password and end the sessions
    Reset {
        /// Sign-in name
        login: String,
    },
    /// Lock an account and end its sessions
    Lock {
        /// Sign-in name
        login: String,
    },
    /// Open a locked account again
    Unlock {
        /// Sign-in name
        login: String,
    },
    /// Take the sign-in codes of a person away, for a lost telephone
    TotpReset {
        /// Sign-in name
        login: String,
    },
}

impl PersonCommand {
    /// Runs the command.
    pub fn run(&self, database: &Database) -> Outcome {
        match self {
            Self::Add { login, name, role, unit } => add(database, login, name, role, unit.as_deref()),
            Self::List => list(database),
            Self::Reset { login } => {
                let issued = Issued::random()?;
                database.write_audited(|conn| people::reset(conn, &Actor::Operator, login, &issued))?;
                say!("{}", issued.password.as_str());
                Ok(())
            }
            Self::Lock { login } => act(database, login, people::lock),
            Self::Unlock { login } => act(database, login, people::unlock),
            Self::TotpReset { login } => act(database, login, people::reset_totp),
        }
    }
}

fn add(database: &Database, login: &str, name: &str, role: &str, unit: Option<&str>) -> Outcome {
    let draft = Draft {
        login: login.to_owned(),
        name: name.to_owned(),
        role: Role::from_key(role).ok_or_else(|| {
            let keys = Role::ALL.map(Role::key).join(", ");
            Failure::Usage(format!("expected a role out of {keys}, found \"{role}\""))
        })?,
        unit: unit.map(|code| unit_of(database, code)).transpose()?,
        language: Lang::Vi,
    };
    let issued = Issued::random()?;
    database.write_audited(|conn| people::add(conn, &Actor::Operator, &draft, &issued))?;
    say!("{}", issued.password.as_str());
    Ok(())
}

fn act(
    database: &Database,
    login: &str,
    deed: fn(&mut Conn, &Actor, PersonId) -> crate::error::Result<()>,
) -> Outcome {
    let done = database.write_audited(|conn| {
        let person = people::id_of(conn, &Actor::Operator, login)?;
        deed(conn, &Actor::Operator, person)
    });
    Ok(done?)
}

fn list(database: &Database) -> Outcome {
    let snapshot = Catalogue::load(database)?.snapshot();
    let today = Local::at(Utc::now()).day;
    let people = database.read(|conn| people::list(conn, &Actor::Operator))?;
    let columns = ["login", "name", "role", "unit", "state", "codes"];
    let rows = people.into_iter().map(|person| {
        let unit = person.unit.and_then(|unit| snapshot.units.nearest(unit, today));
        let state = person.state().key();
        let codes = if person.totp_secret.is_some() { "on" } else { "off" };
        let unit = unit.map_or_else(String::new, |unit| unit.code.clone());
        let texts = [
            person.login,
            person.name,
            person.role.key().to_owned(),
            unit,
            state.to_owned(),
            codes.to_owned(),
        ];
        texts.map(Value::Text).into()
    });
    let columns = columns.map(|column| (column.to_owned(), column.to_owned())).into();
    say!("{}", exports::text(&Sheet { columns, rows: rows.collect() }));
    Ok(())
}

/// The unit of a code that is in force today.
pub fn unit_of(database: &Database, code: &str) -> Result<UnitId, Failure> {
    let snapshot = Catalogue::load(database)?.snapshot();
    let today = Local::at(Utc::now()).day;
    let unit = snapshot.units.by_code(code, today).map(|unit| unit.unit);
    unit.ok_or_else(|| {
        Failure::Usage(format!("expected the code of a unit in force today, found \"{code}\""))
    })
}
