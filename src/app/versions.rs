//! Versions of units and procedures, written in one way by imports and by the console.

use std::collections::HashMap;
use std::hash::Hash;
use std::mem;

use chrono::NaiveDate;

use crate::db::conn::Conn;
use crate::db::{procedure_writes, unit_writes};
use crate::domain::ids::{ProcedureId, UnitId};
use crate::domain::procedure::ProcedureVersion;
use crate::domain::unit::UnitVersion;
use crate::domain::versions::Days;
use crate::error::Result;
use crate::locale::{Lang, Message};

/// A version of something that keeps its id while its versions follow one another.
pub trait Versioned: Clone + PartialEq {
    /// What identifies the thing.
    type Id: Copy + Eq + Hash;
    /// The thing that it is a version of.
    fn id(&self) -> Self::Id;
    /// Code.
    fn code(&self) -> &str;
    /// Name.
    fn name(&self) -> &str;
    /// First day, and the one on which it no longer holds.
    fn days(&self) -> Days;
    /// Sets the day on which it no longer holds.
    fn set_end(&mut self, end: Option<NaiveDate>);
    /// Takes the id of another version.
    fn belong_with(&mut self, other: &Self);
    /// Makes what it is a version of, and takes the new id.
    ///
    /// # Errors
    /// Those of the database.
    fn make(&mut self, conn: &mut Conn) -> Result<()>;
    /// Writes it as a new row.
    ///
    /// # Errors
    /// Conflict when there is a version from that day.
    fn insert(&self, conn: &mut Conn) -> Result<()>;
    /// Takes its row away.
    ///
    /// # Errors
    /// Those of the database.
    fn remove(&self, conn: &mut Conn) -> Result<()>;
    /// Writes it over the row that begins on the same day.
    ///
    /// # Errors
    /// Those of the database.
    fn update(&self, conn: &mut Conn) -> Result<()>;
}

/// All versions of a kind, kept as the database has them.
pub struct Versions<V: Versioned> {
    known: Vec<V>,
    /// Places of the versions that bear a code: a long file asks for one in each line.
    by_code: HashMap<String, Vec<usize>>,
    /// Places of the versions of a thing.
    by_id: HashMap<V::Id, Vec<usize>>,
}

impl<V: Versioned> Versions<V> {
    /// The versions that the database holds.
    pub fn new(known: Vec<V>) -> Self {
        let mut versions =
            Self { known: Vec::with_capacity(known.len()), by_code: HashMap::new(), by_id: HashMap::new() };
        known.into_iter().for_each(|version| versions.note(version));
        versions
    }

    /// Every version.
    pub fn iter(&self) -> impl Iterator<Item = &V> {
        self.known.iter()
    }

    /// The versions that bear a code, at whatever time.
    pub fn of_code(&self, code: &str) -> impl Iterator<Item = &V> {
        self.at(self.by_code.get(code))
    }

    /// The versions of a thing.
    pub fn of(&self, id: V::Id) -> impl Iterator<Item = &V> {
        self.at(self.by_id.get(&id))
    }

    fn at<'a>(&'a self, places: Option<&'a Vec<usize>>) -> impl Iterator<Item = &'a V> {
        places.into_iter().flatten().filter_map(|place| self.known.get(*place))
    }

    /// The newest version of a thing.
    pub fn last(&self, id: V::Id) -> Option<&V> {
        self.of(id).max_by_key(|one| one.days().from)
    }

    /// The newest version, if it may be ended on a day.
    ///
    /// # Errors
    /// The sentence that says why not: it begins on that day or later, or it ended before.
    pub fn ending(last: &V, day: NaiveDate) -> std::result::Result<(), Message> {
        let days = last.days();
        if day <= days.from {
            return Err(Message::new("catalogue.fault.too-early")
                .with_day("last", days.from)
                .with_day("found", day));
        }
        match days.to.filter(|end| *end <= day) {
            Some(end) => {
                Err(Message::new("catalogue.fault.ended").with_day("end", end).with_day("found", day))
            }
            None => Ok(()),
        }
    }

    /// Whether the code of a version is free on all its days.
    ///
    /// # Errors
    /// The sentence that names who bears it.
    pub fn is_free(&self, version: &V) -> std::result::Result<(), Message> {
        let taken = |one: &&V| one.id() != version.id() && one.days().overlaps(version.days());
        let Some(bearer) = self.of_code(version.code()).find(taken) else {
            return Ok(());
        };
        let end = bearer.days().to.map_or_else(|| "…".to_owned(), |end| Lang::Vi.date(end));
        let message = Message::new("catalogue.fault.code-taken").with("found", version.code());
        Err(message.with("bearer", bearer.name()).with_day("from", bearer.days().from).with("end", end))
    }

    /// Writes the first version of something new, which then has its id.
    ///
    /// # Errors
    /// Those of the database.
    pub fn begin(&mut self, conn: &mut Conn, mut version: V) -> Result<V> {
        version.make(conn)?;
        self.add(conn, version.clone())?;
        Ok(version)
    }

    /// Ends a version where the next one of the same thing begins.
    ///
    /// # Errors
    /// Those of the database.
    pub fn follow(&mut self, conn: &mut Conn, last: &V, next: V) -> Result<()> {
        self.end(conn, last, next.days().from)?;
        self.add(conn, next)
    }

    /// Ends a version.
    ///
    /// # Errors
    /// Those of the database.
    pub fn end(&mut self, conn: &mut Conn, last: &V, day: NaiveDate) -> Result<()> {
        let mut ended = last.clone();
        ended.set_end(Some(day));
        self.correct(conn, ended)
    }

    /// Writes a version over the one that begins on the same day.
    ///
    /// # Errors
    /// Those of the database.
    pub fn correct(&mut self, conn: &mut Conn, version: V) -> Result<()> {
        version.update(conn)?;
        for place in self.by_id.get(&version.id()).into_iter().flatten() {
            let slot = self.known.get_mut(*place);
            if let Some(slot) = slot.filter(|one| one.days().from == version.days().from) {
                *slot = version;
                break;
            }
        }
        Ok(())
    }

    /// Knows a thing no more.
    pub fn forget(&mut self, id: V::Id) {
        let known = mem::take(&mut self.known).into_iter().filter(|one| one.id() != id).collect();
        *self = Self::new(known);
    }

    /// Knows the last version of a thing no more.
    pub fn drop_last(&mut self, id: V::Id) {
        let last = self.last(id).map(|last| last.days().from);
        let is_last = |one: &V| one.id() == id && Some(one.days().from) == last;
        let known = mem::take(&mut self.known).into_iter().filter(|one| !is_last(one)).collect();
        *self = Self::new(known);
    }

    fn add(&mut self, conn: &mut Conn, version: V) -> Result<()> {
        version.insert(conn)?;
        self.note(version);
        Ok(())
    }

    fn note(&mut self, version: V) {
        let place = self.known.len();
        self.by_code.entry(version.code().to_owned()).or_default().push(place);
        self.by_id.entry(version.id()).or_default().push(place);
        self.known.push(version);
    }
}

/// The two kinds differ in names alone.
macro_rules! versioned {
    ($version:ty, $id:ident: $kind:ty, $writes:ident, |$made:ident, $conn:ident| $make:expr) => {
        impl Versioned for $version {
            type Id = $kind;

            fn id(&self) -> $kind {
                self.$id
            }

            fn code(&self) -> &str {
                &self.code
            }

            fn name(&self) -> &str {
                &self.name
            }

            fn days(&self) -> Days {
                Days { from: self.valid_from, to: self.valid_to }
            }

            fn set_end(&mut self, end: Option<NaiveDate>) {
                self.valid_to = end;
            }

            fn belong_with(&mut self, other: &Self) {
                self.$id = other.$id;
            }

            fn make(&mut self, $conn: &mut Conn) -> Result<()> {
                let $made = &*self;
                self.$id = $make?;
                Ok(())
            }

            fn insert(&self, conn: &mut Conn) -> Result<()> {
                $writes::insert_version(conn, self)
            }

            fn remove(&self, conn: &mut Conn) -> Result<()> {
                $writes::delete_version(conn, self)
            }

            fn update(&self, conn: &mut Conn) -> Result<()> {
                $writes::update_version(conn, self)
            }
        }
    };
}

versioned!(UnitVersion, unit: UnitId, unit_writes, |made, conn| unit_writes::insert(conn, made.level));
versioned!(ProcedureVersion, procedure: ProcedureId, procedure_writes, |_made, conn| procedure_writes::insert(conn));
