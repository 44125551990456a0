//! The filters of the list of comments: read from the address, written into links.

use std::collections::HashMap;

use super::paging::{self, ROWS};
use crate::app::comments::{MOST, Query};
use crate::db::comments::Order;
use crate::domain::comment::State;
use crate::domain::ids::{FieldId, ProcedureId, UnitId};
use crate::domain::period::Period;
use crate::error::{Error, Result};
use crate::locale::Message;
use crate::web::actor::encode;

/// The columns that sort, with their words and whether they first go from high to low.
pub const ORDERS: [(Order, &str, bool); 4] = [
    (Order::Received, "received", true),
    (Order::Due, "due", false),
    (Order::Level, "level", false),
    (Order::State, "state", false),
];

/// The word for everything that is not ended yet.
pub const OPEN: &str = "open";

/// What the address asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CommentFilters {
    /// Which comments.
    pub query: Query,
    /// The word of the state, empty for all.
    pub state: String,
    /// Number of the page, from 1.
    pub page: usize,
}

impl CommentFilters {
    /// Reads them; what is missing means everything, the newest first.
    ///
    /// # Errors
    /// Invalid for a period that cannot be read.
    pub fn read(words: &HashMap<String, String>) -> Result<Self> {
        let word = |name: &str| words.get(name).map(|text| text.trim()).filter(|text| !text.is_empty());
        let number = |name: &str| word(name).and_then(|text| text.parse::<i64>().ok());
        let period = word("period").map(Period::parse).transpose().map_err(|wrong| {
            Error::invalid("period", Message::new("error.no-period").with("found", wrong.0))
        })?;
        let states: Vec<State> = match word("state") {
            Some(OPEN) => State::ALL.iter().copied().filter(|state| state.is_open()).collect(),
            Some(key) => State::from_key(key).into_iter().collect(),
            None => Vec::new(),
        };
        let (order, _, first) = word("sort")
            .and_then(|key| ORDERS.into_iter().find(|(_, name, _)| *name == key))
            .unwrap_or((Order::Received, "received", true));
        Ok(Self {
            state: word("state").filter(|_| !states.is_empty()).unwrap_or_default().to_owned(),
            query: Query {
                period,
                unit: number("unit").map(UnitId::from),
                field: number("field").map(FieldId::from),
                procedure: number("procedure").map(ProcedureId::from),
                states,
                low: word("low").is_some(),
                overdue: word("overdue").is_some(),
                search: word("q").unwrap_or_default().to_owned(),
                order,
                descending: word("dir").map_or(first, |dir| dir == "desc"),
            },
            page: paging::number(words).min(MOST / ROWS),
        })
    }

    /// The part of an address after the question mark, without the page.
    pub fn to_query(&self) -> String {
        let query = &self.query;
        let mut parts = Vec::new();
        parts.extend(query.period.map(|period| format!("period={}", encode(&period.to_string()))));
        parts.extend(query.unit.map(|unit| format!("unit={unit}")));
        parts.extend(query.field.map(|field| format!("field={field}")));
        parts.extend(query.procedure.map(|procedure| format!("procedure={procedure}")));
        let texts = [("state", &self.state), ("q", &query.search)];
        let given = texts.into_iter().filter(|(_, text)| !text.is_empty());
        parts.extend(given.map(|(name, text)| format!("{name}={}", encode(text))));
        let marks = [("low", query.low), ("overdue", query.overdue)];
        parts.extend(marks.into_iter().filter(|(_, is_set)| *is_set).map(|(name, _)| format!("{name}=1")));
        if query.order != Order::Received || !query.descending {
            let word = ORDERS.into_iter().find(|(order, _, _)| *order == query.order);
            let dir = if query.descending { "desc" } else { "asc" };
            parts.extend(word.map(|(_, word, _)| format!("sort={word}&dir={dir}")));
        }
        parts.join("&")
    }

    /// The address of a page of the list.
    pub fn address(&self, page: usize) -> String {
        let query = self.to_query();
        match (query.is_empty(), page) {
            (true, 1) => "/console/comments".to_owned(),
            (false, 1) => format!("/console/comments?{query}"),
            (true, _) => format!("/console/comments?page={page}"),
            (false, _) => format!("/console/comments?{query}&page={page}"),
        }
    }

    /// The address of an export of the list.
    pub fn export(&self, format: &str) -> String {
        format!("/console/comments.{format}?{}", self.to_query())
    }

    /// The comments of a period.
    #[must_use]
    pub fn within(&self, period: Period) -> Self {
        Self { query: Query { period: Some(period), ..self.query.clone() }, ..self.clone() }
    }

    /// Sorted by a column; by the same one again the other way round.
    #[must_use]
    pub fn sorted(&self, order: Order, first: bool) -> Self {
        let mut sorted = self.clone();
        sorted.query.descending = if self.query.order == order { !self.query.descending } else { first };
        sorted.query.order = order;
        sorted
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_reads_back() {
        let words = |text: &str| {
            text.split('&')
                .filter_map(|pair| pair.split_once('='))
                .map(|(k, v)| (k.into(), v.into()))
                .collect()
        };
        let text =
            "period=2026-Q3&unit=7&field=2&procedure=9&state=open&q=ho&low=1&overdue=1&sort=due&dir=asc";
        let filters = CommentFilters::read(&words(text)).unwrap();
        assert_eq!(filters.to_query(), text);
        assert_eq!(filters.query.states.len(), 3);
        let default = CommentFilters::read(&HashMap::new()).unwrap();
        assert_eq!(default.address(1), "/console/comments");
        assert!(default.query.descending);
        assert!(CommentFilters::read(&words("period=x")).is_err());
    }
}
