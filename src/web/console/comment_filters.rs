//! The filters of the list of comments: read from the address, written into links.

use std::collections::HashMap;

use super::paging::{self, ROWS};
use crate::app::comments::{MOST, Query};
use crate::db::comments::Order;
use crate::domain::comment::State;
use crate::domain::ids::{CounterId, FieldId, ProcedureId, UnitId};
use crate::domain::link::{Channel, Stage};
use crate::domain::period::Period;
use crate::domain::questionnaire::Kind;
use crate::error::FieldError;
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

/// Filters of figures that comments cannot follow: a comment knows neither which unit decided nor whether
/// its answer bears a flag. A page that is asked for them says so.
const UNFIT: [(&str, &str); 2] = [("side", "deciding"), ("flagged", "excluded")];

/// What else the address may name.
const NAMES: [&str; 15] = [
    "period",
    "unit",
    "field",
    "procedure",
    "counter",
    "stage",
    "channel",
    "kind",
    "state",
    "q",
    "low",
    "overdue",
    "sort",
    "dir",
    "page",
];

/// What the address asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CommentFilters {
    /// Which comments.
    pub query: Query,
    /// The word of the state, empty for all.
    pub state: String,
    /// Number of the page, from 1.
    pub page: usize,
    /// What stands in the field of the period: also what was typed there and is none.
    pub typed_period: String,
    /// What is wrong with the address.
    pub faults: Vec<FieldError>,
    /// Filters of figures that comments cannot follow.
    pub unfit: Vec<(&'static str, &'static str)>,
}

/// Reads words of the address, and keeps what is wrong with them.
struct Reader<'a> {
    words: &'a HashMap<String, String>,
    faults: Vec<FieldError>,
}

impl<'a> Reader<'a> {
    fn word(&self, name: &str) -> Option<&'a str> {
        self.words.get(name).map(|text| text.trim()).filter(|text| !text.is_empty())
    }

    fn fault(&mut self, name: &str, message: Message) {
        self.faults.push(FieldError::new(name, message));
    }

    fn number<Id: From<i64>>(&mut self, name: &str) -> Option<Id> {
        let text = self.word(name)?;
        let id = text.parse::<i64>().ok();
        if id.is_none() {
            self.fault(name, Message::new("comments.filter-number").with("name", name).with("found", text));
        }
        id.map(Id::from)
    }

    /// One of some words; `read` knows which.
    fn one_of<T>(
        &mut self,
        name: &str,
        keys: impl IntoIterator<Item = &'static str>,
        read: impl Fn(&str) -> Option<T>,
    ) -> Option<T> {
        let text = self.word(name)?;
        let found = read(text);
        if found.is_none() {
            let keys: Vec<&str> = keys.into_iter().collect();
            let message = Message::new("comments.filter-word").with("name", name);
            self.fault(name, message.with("expected", keys.join(", ")).with("found", text));
        }
        found
    }

    fn period(&mut self) -> Option<Period> {
        match Period::parse(self.word("period")?) {
            Ok(period) => Some(period),
            Err(wrong) => {
                self.fault("period", Message::new("error.no-period").with("found", wrong.0));
                None
            }
        }
    }

    fn states(&mut self) -> Vec<State> {
        let keys = std::iter::once(OPEN).chain(State::ALL.iter().map(|state| state.key()));
        let read = |key: &str| match key {
            OPEN => Some(State::ALL.iter().copied().filter(|state| state.is_open()).collect()),
            key => State::from_key(key).map(|state| vec![state]),
        };
        self.one_of("state", keys, read).unwrap_or_default()
    }

    fn order(&mut self) -> (Order, bool) {
        let by_name = |key: &str| ORDERS.into_iter().find(|(_, name, _)| *name == key);
        let (order, _, first) = self.one_of("sort", ORDERS.map(|(_, name, _)| name), by_name).unwrap_or((
            Order::Received,
            "received",
            true,
        ));
        let descends = |key: &str| (["asc", "desc"].contains(&key)).then_some(key == "desc");
        (order, self.one_of("dir", ["asc", "desc"], descends).unwrap_or(first))
    }

    /// What is asked for and means nothing here.
    fn unfit(&mut self) -> Vec<(&'static str, &'static str)> {
        let words = self.words;
        let unfit: Vec<_> =
            UNFIT.into_iter().filter(|(name, value)| self.word(name) == Some(*value)).collect();
        let is_known = |name: &&str| {
            NAMES.contains(name)
                || words.get(*name).is_some_and(|text| text.is_empty())
                || unfit.iter().any(|(unfit, _)| unfit == name)
        };
        let mut unknown: Vec<&str> =
            words.keys().map(String::as_str).filter(|name| !is_known(name)).collect();
        unknown.sort_unstable();
        for name in unknown {
            let message = Message::new("comments.filter-unknown").with("found", name);
            self.fault("filters", message.with("expected", NAMES.join(", ")));
        }
        unfit
    }
}

impl CommentFilters {
    /// Reads them; what is missing means everything, the newest first.
    pub fn read(words: &HashMap<String, String>) -> Self {
        let mut reader = Reader { words, faults: Vec::new() };
        let unfit = reader.unfit();
        let states = reader.states();
        let (order, descending) = reader.order();
        let query = Query {
            period: reader.period(),
            unit: reader.number::<UnitId>("unit"),
            field: reader.number::<FieldId>("field"),
            procedure: reader.number::<ProcedureId>("procedure"),
            counter: reader.number::<CounterId>("counter"),
            stage: reader.one_of("stage", Stage::ALL.iter().map(|stage| stage.key()), Stage::from_key),
            channel: reader.one_of(
                "channel",
                Channel::ALL.iter().map(|channel| channel.key()),
                Channel::from_key,
            ),
            kind: reader.one_of("kind", Kind::ALL.map(Kind::key), Kind::from_key),
            states,
            low: reader.word("low").is_some(),
            overdue: reader.word("overdue").is_some(),
            search: reader.word("q").unwrap_or_default().to_owned(),
            order,
            descending,
        };
        Self {
            state: reader.word("state").filter(|_| !query.states.is_empty()).unwrap_or_default().to_owned(),
            page: paging::number(words).min(MOST / ROWS),
            typed_period: reader.word("period").unwrap_or_default().to_owned(),
            faults: reader.faults,
            unfit,
            query,
        }
    }

    /// The part of an address after the question mark, without the page.
    pub fn to_query(&self) -> String {
        let query = &self.query;
        let mut parts = Vec::new();
        parts.extend(query.period.map(|period| format!("period={}", encode(&period.to_string()))));
        parts.extend(query.unit.map(|unit| format!("unit={unit}")));
        parts.extend(query.field.map(|field| format!("field={field}")));
        parts.extend(query.procedure.map(|procedure| format!("procedure={procedure}")));
        parts.extend(query.counter.map(|counter| format!("counter={counter}")));
        parts.extend(query.stage.map(|stage| format!("stage={}", stage.key())));
        parts.extend(query.channel.map(|channel| format!("channel={}", channel.key())));
        parts.extend(query.kind.map(|kind| format!("kind={}", kind.key())));
        parts.extend(self.unfit.iter().map(|(name, value)| format!("{name}={value}")));
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

    fn words(text: &str) -> HashMap<String, String> {
        let pairs = text.split('&').filter_map(|pair| pair.split_once('='));
        pairs.map(|(name, value)| (name.into(), value.into())).collect()
    }

    #[test]
    fn what_is_written_reads_back() {
        let text = "period=2026-Q3&unit=7&field=2&procedure=9&counter=4&stage=result&channel=qr&kind=tthc&\
                    flagged=excluded&state=open&q=ho&low=1&overdue=1&sort=due&dir=asc";
        let filters = CommentFilters::read(&words(text));
        assert_eq!(filters.to_query(), text);
        assert_eq!((filters.query.states.len(), filters.faults.len()), (3, 0));
        let default = CommentFilters::read(&HashMap::new());
        assert_eq!(default.address(1), "/console/comments");
        assert!(default.query.descending);
    }

    #[test]
    fn nothing_is_left_out_in_silence() {
        let wrong = words("period=x&unit=ba&stage=3&dir=up&counters=2&side=deciding&flagged=maybe&field=");
        let filters = CommentFilters::read(&wrong);
        let mut named: Vec<&str> = filters.faults.iter().map(|fault| &*fault.field).collect();
        named.sort_unstable();
        assert_eq!(named, ["dir", "filters", "filters", "period", "stage", "unit"]);
        assert_eq!((filters.typed_period.as_str(), filters.unfit.as_slice()), ("x", &UNFIT[..1]));
    }
}
