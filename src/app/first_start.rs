//! The first start: a database made, filled with the real catalogue, and someone to sign in.

use super::passwords::{Issued, OneTimePassword};
use super::{comments, people, seed};
use crate::db;
use crate::db::conn::Database;
use crate::domain::code::Code;
use crate::domain::person::{Actor, Role};
use crate::error::Result;
use crate::locale::Lang;

/// Sign-in name of the first administrator.
pub const LOGIN: &str = "admin";

/// What a start has to show.
pub struct Prepared {
    /// Password of the first administrator, on the first start alone.
    pub password: Option<OneTimePassword>,
    /// An open link to try, if there is one.
    pub sample: Option<Code>,
}

/// Brings the tables up to date; loads the catalogue and makes the first administrator where there is none.
///
/// # Errors
/// Those of the database.
pub fn prepare(database: &Database) -> Result<Prepared> {
    db::migrate::run(database)?;
    comments::fold_old(database)?;
    // Other instances may be at work: the first administrator's password is hashed before they are held up.
    let is_first = database.read(db::people::count)? == 0;
    let issued = is_first.then(Issued::random).transpose()?;
    database.write_audited(|conn| {
        db::migrate::hold_others(conn)?;
        if seed::run(conn)? {
            seed::sample(conn)?;
        }
        let password = match issued {
            Some(issued) if db::people::count(conn)? == 0 => {
                administrator(conn, &issued)?;
                Some(issued.password)
            }
            _ => None,
        };
        let links = db::links::list(conn)?;
        let sample = links.into_iter().find(|link| !link.revoked).map(|link| link.code);
        Ok(Prepared { password, sample })
    })
}

fn administrator(conn: &mut db::conn::Conn, issued: &Issued) -> Result<()> {
    let draft = people::Draft {
        login: LOGIN.to_owned(),
        name: Lang::Vi.text("console.words.role-administrator"),
        role: Role::Administrator,
        unit: None,
        language: Lang::Vi,
    };
    people::add(conn, &Actor::Operator, &draft, issued)
}
