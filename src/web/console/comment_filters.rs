//! The filters of the list of comments: read from the address, written into links.

use std::collections::HashMap;

use actix_web::web::Query as Asked;

use super::filters::{UNSTATED, read_id, written};
use super::paging::{self, ROWS};
use crate::app::comments::{Assignee, MOST, Query};
use crate::db::comments::Order;
use crate::domain::comment::State;
use crate::domain::ids::{CounterId, FieldId, ProcedureId, UnitId};
use crate::domain::link::{Channel, Stages};
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

/// The name under which a page of one comment keeps the list that it came from.
const FROM: &str = "from";

/// The word for everything that is not ended yet.
pub const OPEN: &str = "open";

/// Filters of figures that comments cannot follow: a comment knows neither which unit decided nor whether
/// its answer bears a flag. A page that is asked for them says so.
const UNFIT: [(&str, &str); 3] = [("side", "deciding"), ("flagged", "excluded"), ("flagged", "only")];

/// A filter of figures that changes nothing here, since comments always name their unit as it was; it is
/// kept for the way back.
const KEPT: (&str, &str) = ("view", "then");

/// What else the address may name.
const NAMES: [&str; 17] = [
    "period",
    "unit",
    "field",
    "procedure",
    "counter",
    "stage",
    "channel",
    "kind",
    "view",
    "state",
    "assignee",
    "q",
    "low",
    "overdue",
    "sort",
    "dir",
    "page",
];

/// Longest search, in characters.
pub const SEARCH_LENGTH: usize = 120;

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
    /// Filters of figures that mean nothing here and are kept for the way back.
    pub kept: Option<(&'static str, &'static str)>,
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

    /// The same, where nothing may be stated.
    fn stated<Id: From<i64>>(&mut self, name: &str) -> Option<Id> {
        if self.word(name) == Some(UNSTATED) { read_id(UNSTATED) } else { self.number(name) }
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
                self.fault("period", wrong.message());
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

    fn search(&mut self) -> String {
        let search = self.word("q").unwrap_or_default();
        let found = search.chars().count();
        if found > SEARCH_LENGTH {
            let message = Message::new("comments.search-too-long").with_count("most", SEARCH_LENGTH);
            self.fault("q", message.with_count("found", found));
        }
        search.to_owned()
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
    /// Whether nothing narrows the list beyond a period.
    pub fn is_plain(&self) -> bool {
        let told = ["period", "sort", "dir"];
        let names = |part: &str| part.split('=').next().is_some_and(|name| told.contains(&name));
        let query = self.to_query();
        self.faults.is_empty() && (query.is_empty() || query.split('&').all(names))
    }

    /// Reads them; what is missing means everything, the newest first.
    pub fn read(words: &HashMap<String, String>) -> Self {
        let mut reader = Reader { words, faults: Vec::new() };
        let unfit = reader.unfit();
        let states = reader.states();
        let (order, descending) = reader.order();
        let query = Query {
            period: reader.period(),
            unit: reader.number::<UnitId>("unit"),
            field: reader.stated::<FieldId>("field"),
            procedure: reader.stated::<ProcedureId>("procedure"),
            counter: reader.number::<CounterId>("counter"),
            stages: reader.one_of("stage", Stages::all().map(Stages::key), Stages::from_key),
            channel: reader.one_of(
                "channel",
                Channel::ALL.iter().map(|channel| channel.key()),
                Channel::from_key,
            ),
            kind: reader.one_of("kind", Kind::ALL.map(Kind::key), Kind::from_key),
            states,
            low: reader.word("low").is_some(),
            overdue: reader.word("overdue").is_some(),
            assignee: reader.one_of("assignee", Assignee::ALL.map(Assignee::key), |key| {
                Assignee::ALL.into_iter().find(|one| one.key() == key)
            }),
            search: reader.search(),
            order,
            descending,
        };
        Self {
            state: reader.word("state").filter(|_| !query.states.is_empty()).unwrap_or_default().to_owned(),
            page: paging::number(words).min(MOST / ROWS),
            typed_period: reader.word("period").unwrap_or_default().to_owned(),
            kept: Some(KEPT).filter(|(name, value)| reader.word(name) == Some(*value)),
            faults: reader.faults,
            unfit,
            query,
        }
    }

    /// The list that a page of one comment came from, as its address says under `from`: read anew, so that it leads
    /// nowhere else. One that cannot be read is the whole list.
    pub fn from(words: &HashMap<String, String>) -> Self {
        let from = words.get(FROM).map_or("", String::as_str);
        let words = Asked::<HashMap<String, String>>::from_query(from).map(Asked::into_inner);
        let filters = Self::read(&words.unwrap_or_default());
        if filters.faults.is_empty() { filters } else { Self::read(&HashMap::new()) }
    }

    /// The list behind the alert about new comments of dissatisfied citizens; what has waited longest comes first.
    pub fn unseen() -> Self {
        let words = [("state", "new"), ("low", "1"), ("sort", "due"), ("dir", "asc")];
        Self::read(&words.map(|(name, value)| (name.to_owned(), value.to_owned())).into())
    }

    /// The address of a comment of this page of the list, or of what is done with it.
    pub fn leading_to(&self, path: &str) -> String {
        let list = self.address(self.page);
        match list.split_once('?') {
            Some((_, query)) => format!("{path}?{FROM}={}", encode(query)),
            None => path.to_owned(),
        }
    }

    /// The part of an address after the question mark, without the page.
    pub fn to_query(&self) -> String {
        let query = &self.query;
        let mut parts = Vec::new();
        parts.extend(query.period.map(|period| format!("period={}", encode(&period.to_string()))));
        parts.extend(query.unit.map(|unit| format!("unit={unit}")));
        parts.extend(query.field.map(|field| format!("field={}", written(field.raw()))));
        parts.extend(query.procedure.map(|procedure| format!("procedure={}", written(procedure.raw()))));
        parts.extend(query.counter.map(|counter| format!("counter={counter}")));
        parts.extend(query.stages.map(|stages| format!("stage={}", stages.key())));
        parts.extend(query.channel.map(|channel| format!("channel={}", channel.key())));
        parts.extend(query.kind.map(|kind| format!("kind={}", kind.key())));
        parts.extend(self.unfit.iter().chain(&self.kept).map(|(name, value)| format!("{name}={value}")));
        let assignee = query.assignee.map_or("", Assignee::key);
        let texts = [("state", self.state.as_str()), ("assignee", assignee), ("q", &query.search)];
        let given = texts.into_iter().filter(|(_, text)| !text.is_empty());
        parts.extend(given.map(|(name, text)| format!("{name}={}", encode(text))));
        let marks = [("low", query.low), ("overdue", query.overdue)];
        parts.extend(marks.into_iter().filter(|(_, is_set)| *is_set).map(|(name, _)| format!("{name}=1")));
        parts.extend(self.order().map(|(word, dir)| format!("sort={word}&dir={dir}")));
        parts.join("&")
    }

    /// Column and direction, where the list is not simply the newest first.
    pub fn order(&self) -> Option<(&'static str, &'static str)> {
        let is_first = self.query.order == Order::Received && self.query.descending;
        let (_, word, _) =
            ORDERS.into_iter().find(|(order, _, _)| *order == self.query.order && !is_first)?;
        Some((word, if self.query.descending { "desc" } else { "asc" }))
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
                    flagged=excluded&view=then&state=open&assignee=me&q=ho&low=1&overdue=1&sort=due&dir=asc";
        let filters = CommentFilters::read(&words(text));
        assert_eq!(filters.to_query(), text);
        assert_eq!((filters.query.states.len(), filters.faults.len()), (3, 0));
        let page = CommentFilters { page: 3, ..filters };
        let address = page.leading_to("/console/comments/7");
        let from = Asked::<HashMap<String, String>>::from_query(address.split_once('?').unwrap().1).unwrap();
        assert_eq!(CommentFilters::from(&from).address(3), format!("/console/comments?{text}&page=3"));
        assert_eq!(CommentFilters::from(&from).page, 3);
        let default = CommentFilters::read(&HashMap::new());
        assert_eq!(default.leading_to("/console/comments/7"), "/console/comments/7");
        for foreign in ["//a.vn", "period=x", "a%0d%0ab"] {
            let from = HashMap::from([("from".to_owned(), foreign.to_owned())]);
            assert_eq!(CommentFilters::from(&from), default, "{foreign}");
        }
        assert_eq!(CommentFilters::unseen().to_query(), "state=new&low=1&sort=due&dir=asc");
        assert_eq!(default.address(1), "/console/comments");
        assert!(default.query.descending);
    }

    #[test]
    fn nothing_is_left_out_in_silence() {
        let headline = CommentFilters::read(&words("stage=headline"));
        assert_eq!(
            (headline.query.stages, headline.to_query().as_str()),
            (Some(Stages::Headline), "stage=headline")
        );
        let wrong = words("period=x&unit=ba&stage=3&dir=up&counters=2&side=deciding&flagged=maybe&field=");
        let filters = CommentFilters::read(&wrong);
        let mut named: Vec<&str> = filters.faults.iter().map(|fault| &*fault.field).collect();
        named.sort_unstable();
        assert_eq!(named, ["dir", "filters", "filters", "period", "stage", "unit"]);
        assert_eq!((filters.typed_period.as_str(), filters.unfit.as_slice()), ("x", &UNFIT[..1]));
        let long = |length| CommentFilters::read(&HashMap::from([("q".to_owned(), "ồ".repeat(length))]));
        assert_eq!((long(120).faults.len(), long(121).faults.len()), (0, 1));
    }
}
