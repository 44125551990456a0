//! The filters of the overview: read from the address, written into links.

use std::collections::HashMap;

use chrono::NaiveDate;

use crate::app::scores::{Dimension, Flagged, Query};
use crate::domain::ids::{FieldId, UnitId};
use crate::domain::link::Channel;
use crate::domain::period::{Period, Span};
use crate::domain::questionnaire::Kind;
use crate::domain::unit::UnitView;
use crate::error::{Error, Result};
use crate::locale::Message;
use crate::web::actor::encode;

/// Column by which the tables are sorted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sort {
    /// Name, or the official order of fields.
    Name,
    /// Number of answers.
    Answers,
    /// Index.
    Index,
    /// Verdict, the worst first.
    Verdict,
    /// Difference to the period before.
    Difference,
}

impl Sort {
    /// Every column that sorts.
    pub const ALL: [Self; 5] = [Self::Name, Self::Answers, Self::Index, Self::Verdict, Self::Difference];

    /// The word in addresses and locale keys.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::Answers => "n",
            Self::Index => "index",
            Self::Verdict => "verdict",
            Self::Difference => "difference",
        }
    }
}

/// What the address asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Filters {
    /// Days.
    pub period: Period,
    /// Only this unit and what is below it.
    pub unit: Option<UnitId>,
    /// Only this channel.
    pub channel: Option<Channel>,
    /// Which answers count.
    pub flagged: Flagged,
    /// Units then or now.
    pub view: UnitView,
    /// Column that sorts.
    pub sort: Sort,
    /// Whether from high to low.
    pub descending: bool,
}

impl Filters {
    /// Reads them; what is missing means the current quarter and everything.
    ///
    /// # Errors
    /// Invalid for a period that cannot be read.
    pub fn read(words: &HashMap<String, String>, today: NaiveDate) -> Result<Self> {
        let word = |name: &str| words.get(name).map(String::as_str).filter(|text| !text.is_empty());
        let period = match word("period") {
            None => Period::around(today, Span::Quarter),
            Some(text) => Period::parse(text).map_err(|wrong| {
                Error::invalid("period", Message::new("error.no-period").with("found", wrong.0))
            })?,
        };
        Ok(Self {
            period,
            unit: word("unit").and_then(|id| id.parse::<i64>().ok()).map(UnitId::from),
            channel: word("channel").and_then(Channel::from_key),
            flagged: if word("flagged") == Some("excluded") { Flagged::Excluded } else { Flagged::Included },
            view: if word("view") == Some("then") { UnitView::Then } else { UnitView::Now },
            sort: word("sort")
                .and_then(|key| Sort::ALL.into_iter().find(|sort| sort.key() == key))
                .unwrap_or(Sort::Name),
            descending: word("dir") == Some("desc"),
        })
    }

    /// The query for these filters.
    pub fn query(&self, kind: Kind, fields: Option<Vec<FieldId>>, by: &[Dimension]) -> Query {
        Query {
            unit: self.unit,
            channel: self.channel,
            flagged: self.flagged,
            view: self.view,
            fields,
            ..Query::of(kind, self.period)
        }
        .by(by)
    }

    /// The part of an address after the question mark.
    pub fn to_query(&self) -> String {
        let mut parts = vec![format!("period={}", encode(&self.period.to_string()))];
        parts.extend(self.unit.map(|unit| format!("unit={unit}")));
        parts.extend(self.channel.map(|channel| format!("channel={}", channel.key())));
        if self.flagged == Flagged::Excluded {
            parts.push("flagged=excluded".to_owned());
        }
        if self.view == UnitView::Then {
            parts.push("view=then".to_owned());
        }
        if self.sort != Sort::Name || self.descending {
            parts.push(format!("sort={}&dir={}", self.sort.key(), self.direction()));
        }
        parts.join("&")
    }

    /// The address of the overview with these filters.
    pub fn address(&self) -> String {
        format!("/console?{}", self.to_query())
    }

    /// The address of an export with these filters.
    pub fn export(&self, format: &str) -> String {
        format!("/console/scores.{format}?{}", self.to_query())
    }

    /// The word of the direction.
    pub const fn direction(&self) -> &'static str {
        if self.descending { "desc" } else { "asc" }
    }

    /// The same with another part changed.
    #[must_use]
    pub fn with(&self, change: impl FnOnce(&mut Self)) -> Self {
        let mut changed = self.clone();
        change(&mut changed);
        changed
    }

    /// Sorted by a column; by the same one again the other way round.
    #[must_use]
    pub fn sorted(&self, sort: Sort) -> Self {
        let again = self.sort == sort;
        let first = matches!(sort, Sort::Answers);
        self.with(|filters| {
            filters.descending = if again { !self.descending } else { first };
            filters.sort = sort;
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_reads_back() {
        let today = "2026-11-23".parse().unwrap();
        let words = |text: &str| {
            text.split('&')
                .filter_map(|pair| pair.split_once('='))
                .map(|(k, v)| (k.into(), v.into()))
                .collect()
        };
        let text = "period=2026-Q3&unit=7&channel=qr&flagged=excluded&view=then&sort=index&dir=desc";
        let filters = Filters::read(&words(text), today).unwrap();
        assert_eq!(filters.to_query(), text);
        let default = Filters::read(&HashMap::new(), today).unwrap();
        assert_eq!(default.to_query(), "period=2026-Q4");
        assert!(Filters::read(&words("period=x"), today).is_err());
    }
}
