//! What was published, without the figures.

use chrono::NaiveDateTime;

use crate::db;
use crate::db::conn::Conn;
use crate::domain::period::Period;
use crate::error::Result;

/// One publication.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edition {
    /// Days.
    pub period: Period,
    /// 1, or one more for each correction.
    pub version: i32,
    /// Number in the chain, from 1.
    pub number: i64,
    /// When it was published (UTC).
    pub at: NaiveDateTime,
    /// SHA-256 of the file.
    pub sha256: String,
    /// Number of the newest version of the period, where that is another.
    pub corrected_by: Option<i64>,
    /// Number of the version that this one corrects.
    pub corrects: Option<i64>,
}

/// Everything that was published, the latest period first and its newest version before the older ones.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Editions(Vec<Edition>);

impl Editions {
    /// Reads them.
    ///
    /// # Errors
    /// Those of the database.
    pub fn read(conn: &mut Conn) -> Result<Self> {
        let published = db::publications::list(conn)?.into_iter().filter_map(|one| {
            let issued = one.issued?;
            Some(Edition {
                period: one.period,
                version: one.version,
                number: issued.number,
                at: issued.at,
                sha256: issued.sha256,
                corrected_by: None,
                corrects: None,
            })
        });
        let all: Vec<Edition> = published.collect();
        let linked = |one: &Edition| {
            let same = || all.iter().filter(|other| other.period == one.period);
            let newest = same().max_by_key(|other| other.version);
            let before = same().filter(|other| other.version < one.version).max_by_key(|other| other.version);
            Edition {
                corrected_by: newest.filter(|other| other.version > one.version).map(|other| other.number),
                corrects: before.map(|other| other.number),
                ..one.clone()
            }
        };
        Ok(Self(all.iter().map(linked).collect()))
    }

    /// All of them.
    pub fn all(&self) -> &[Edition] {
        &self.0
    }

    /// The newest version of each period.
    pub fn current(&self) -> impl Iterator<Item = &Edition> {
        self.0.iter().filter(|one| one.corrected_by.is_none())
    }

    /// The period that ended last; of several that end on the same day the shortest.
    pub fn newest(&self) -> Option<&Edition> {
        self.current().max_by_key(|one| (one.period.to(), one.period.from()))
    }

    /// The newest version of a period.
    pub fn of(&self, period: Period) -> Option<&Edition> {
        self.current().find(|one| one.period == period)
    }

    /// The publication of a number.
    pub fn numbered(&self, number: i64) -> Option<&Edition> {
        self.0.iter().find(|one| one.number == number)
    }

    /// Up to `count` periods of the length of one, which is the last, from the first published one on.
    pub fn trail<'a>(&'a self, last: &'a Edition, count: usize) -> Vec<(Period, Option<&'a Edition>)> {
        let Some(span) = last.period.span() else {
            return vec![(last.period, Some(last))];
        };
        let earlier = last.period.trail(span, count).into_iter().map(|period| (period, self.of(period)));
        let earlier = earlier.filter(|(period, _)| *period != last.period);
        earlier.skip_while(|(_, edition)| edition.is_none()).chain([(last.period, Some(last))]).collect()
    }
}
