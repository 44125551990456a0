//! The filters of every page of figures: read from the address, written into links.

use std::collections::HashMap;

use actix_web::http::StatusCode;
use actix_web::web::Query as Asked;
use chrono::NaiveDate;

use crate::app::scores::{Dimension, Flagged, Query};
use crate::domain::ids::{CounterId, FieldId, ProcedureId, QuestionId, UnitId};
use crate::domain::link::{Channel, Stage, Stages};
use crate::domain::period::{NoPeriod, Period, Span};
use crate::domain::questionnaire::Kind;
use crate::domain::unit::UnitView;
use crate::locale::Lang;
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
    /// Index of one element, in a table that has them all in columns.
    Element(QuestionId),
}

impl Sort {
    /// Every column of a table of scores that sorts.
    pub const ALL: [Self; 5] = [Self::Name, Self::Answers, Self::Index, Self::Verdict, Self::Difference];

    /// The word in addresses and locale keys.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::Answers => "n",
            Self::Index => "index",
            Self::Verdict => "verdict",
            Self::Difference => "difference",
            Self::Element(_) => "element",
        }
    }

    /// The same as [`Self::key`], with the question that it names.
    pub fn word(self) -> String {
        match self {
            Self::Element(question) => format!("{ELEMENT}{question}"),
            other => other.key().to_owned(),
        }
    }

    /// Every word, with `N` for a number.
    pub const WORDS: [&str; 6] = ["name", "n", "index", "verdict", "difference", "element-N"];

    /// The column of a word.
    pub fn read(word: &str) -> Option<Self> {
        match word.strip_prefix(ELEMENT) {
            Some(question) => question.parse::<i64>().ok().map(|id| Self::Element(id.into())),
            None => Self::ALL.into_iter().find(|sort| sort.key() == word),
        }
    }
}

/// What stands in addresses before the question of [`Sort::Element`].
const ELEMENT: &str = "element-";

/// What stands in addresses for a field or procedure that was not stated.
pub const UNSTATED: &str = "none";

/// The id that a text names, or what stands for none.
pub fn read_id<Id: From<i64>>(text: &str) -> Option<Id> {
    if text == UNSTATED { Some(Id::from(0)) } else { text.parse::<i64>().ok().map(Id::from) }
}

/// An id as addresses say it.
pub fn written(id: i64) -> String {
    if id == 0 { UNSTATED.to_owned() } else { id.to_string() }
}

/// What a page of figures that knows some names of filters keeps of the address of another one: as it was
/// understood there, without what was typed wrong. A page that does not know the sides of a unit knows no
/// unit that decides.
pub fn kept(address: &str, names: &[&str], today: NaiveDate) -> String {
    let query = address.split_once('?').map_or("", |(_, query)| query);
    let words =
        Asked::<HashMap<String, String>>::from_query(query).map(Asked::into_inner).unwrap_or_default();
    let filters = Filters::read(&words, today);
    let is_period_said =
        filters.no_period.is_none() && words.get("period").is_some_and(|period| !period.is_empty());
    let is_kept = |part: &&str| {
        let name = part.split_once('=').map_or("", |(name, _)| name);
        let means_the_same = match name {
            "period" => is_period_said,
            "unit" => !filters.of_deciding || names.contains(&"side"),
            _ => true,
        };
        means_the_same && names.contains(&name)
    };
    filters.to_query().split('&').filter(is_kept).collect::<Vec<_>>().join("&")
}

/// What the address asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Filters {
    /// Days; the current quarter where what was typed is no period.
    pub period: Period,
    /// The day it is.
    pub today: NaiveDate,
    /// What was typed as a period and is none.
    pub no_period: Option<NoPeriod>,
    /// Questionnaire kind, on pages that show one.
    pub kind: Kind,
    /// Only this unit and what is below it.
    pub unit: Option<UnitId>,
    /// Whether `unit` means the unit that decides and not the one that serves.
    pub of_deciding: bool,
    /// Only this field.
    pub field: Option<FieldId>,
    /// Only this procedure.
    pub procedure: Option<ProcedureId>,
    /// Only this counter.
    pub counter: Option<CounterId>,
    /// Only this stage; none means the headline stages.
    pub stage: Option<Stage>,
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
    pub fn read(words: &HashMap<String, String>, today: NaiveDate) -> Self {
        let word = |name: &str| words.get(name).map(String::as_str).filter(|text| !text.is_empty());
        let id = |name: &str| word(name).and_then(read_id::<i64>);
        let number = |name: &str| word(name).and_then(|id| id.parse::<i64>().ok());
        let current = Period::around(today, Span::Quarter);
        let (period, no_period) = match word("period").map(Period::parse) {
            None => (current, None),
            Some(Ok(period)) => (period, None),
            Some(Err(wrong)) => (current, Some(wrong)),
        };
        Self {
            no_period,
            period,
            today,
            kind: word("kind").and_then(Kind::from_key).unwrap_or(Kind::Tthc),
            unit: number("unit").map(UnitId::from),
            of_deciding: word("side") == Some("deciding"),
            field: id("field").map(FieldId::from),
            procedure: id("procedure").map(ProcedureId::from),
            counter: number("counter").map(CounterId::from),
            stage: word("stage").and_then(Stage::from_key),
            channel: word("channel").and_then(Channel::from_key),
            flagged: word("flagged")
                .and_then(|key| Flagged::ALL.into_iter().find(|flagged| flagged.key() == key))
                .unwrap_or_default(),
            view: if word("view") == Some("then") { UnitView::Then } else { UnitView::Now },
            sort: word("sort").and_then(Sort::read).unwrap_or(Sort::Name),
            descending: word("dir") == Some("desc"),
        }
    }

    /// The day whose names and targets hold.
    pub fn day(&self) -> NaiveDate {
        self.period.named_on(self.today)
    }

    /// What stands in the field of the period: also what was typed there and is none.
    pub fn typed_period(&self) -> String {
        self.no_period.as_ref().map_or_else(|| self.period.to_string(), |wrong| wrong.0.clone())
    }

    /// What is wrong with the period, in words.
    pub fn period_fault(&self, lang: Lang) -> Option<String> {
        self.no_period.as_ref().map(|wrong| wrong.message().text(lang))
    }

    /// The status of a page: one that could not read its filters is no answer to the question.
    pub const fn status(&self) -> StatusCode {
        if self.no_period.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK }
    }

    /// The query of a page about one questionnaire, narrowed by every filter.
    pub fn narrowed(&self, by: &[Dimension]) -> Query {
        Query {
            procedure: self.procedure,
            counter: self.counter,
            stages: self.stage.map(|stage| vec![stage]),
            ..self.query(self.kind, self.field.map(|field| vec![field]), by)
        }
    }

    /// The query of a page about the plan's targets: those filters that hold for all of them.
    pub fn query(&self, kind: Kind, fields: Option<Vec<FieldId>>, by: &[Dimension]) -> Query {
        Query {
            unit: self.unit,
            of_deciding: self.of_deciding,
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
        if self.kind != Kind::Tthc {
            parts.push(format!("kind={}", self.kind.key()));
        }
        parts.extend(self.unit.map(|unit| format!("unit={unit}")));
        if self.of_deciding {
            parts.push("side=deciding".to_owned());
        }
        parts.extend(self.places());
        parts.extend(self.flag());
        if self.view == UnitView::Then {
            parts.push("view=then".to_owned());
        }
        if self.is_sorted() {
            parts.push(format!("sort={}&dir={}", self.sort.word(), self.direction()));
        }
        parts.join("&")
    }

    /// Whether rows stand in another order than that of their names.
    pub fn is_sorted(&self) -> bool {
        self.sort != Sort::Name || self.descending
    }

    /// The address of the overview with these filters.
    pub fn address(&self) -> String {
        format!("/console?{}", self.to_query())
    }

    /// The address of the breakdown by a cut with these filters.
    pub fn breakdown(&self, by: Dimension) -> String {
        format!("/console/breakdown?by={}&{}", by.key(), self.to_query())
    }

    /// The address of the comments behind these figures, those of unsatisfied people first. What comments
    /// cannot follow is named there all the same, so that their page can say so.
    pub fn comments(&self) -> String {
        let mut parts = vec![format!("period={}", encode(&self.period.to_string()))];
        match self.unit {
            Some(_) if self.of_deciding => parts.push("side=deciding".to_owned()),
            unit => parts.extend(unit.map(|unit| format!("unit={unit}"))),
        }
        parts.extend(self.places());
        // A field or a procedure is of one kind alone.
        if self.field.is_none() && self.procedure.is_none() {
            parts.push(format!("kind={}", self.kind.key()));
        }
        // Comments are of any stage; figures without one are of the headline's.
        if self.stage.is_none() && self.kind.has_fields() {
            parts.push(format!("stage={}", Stages::Headline.key()));
        }
        parts.extend(self.flag());
        format!("/console/comments?{}&sort=level&dir=asc", parts.join("&"))
    }

    /// The parts of an address about what is narrowed further than to a unit.
    fn places(&self) -> impl Iterator<Item = String> {
        let field = self.field.map(|field| format!("field={}", written(field.raw())));
        let procedure = self.procedure.map(|procedure| format!("procedure={}", written(procedure.raw())));
        let counter = self.counter.map(|counter| format!("counter={counter}"));
        let stage = self.stage.map(|stage| format!("stage={}", stage.key()));
        let channel = self.channel.map(|channel| format!("channel={}", channel.key()));
        [field, procedure, counter, stage, channel].into_iter().flatten()
    }

    fn flag(&self) -> Option<String> {
        (self.flagged != Flagged::Included).then(|| format!("flagged={}", self.flagged.key()))
    }

    /// The address of an export with these filters.
    pub fn export(&self, format: &str, by: &[Dimension]) -> String {
        let by: Vec<&str> = by.iter().map(|dimension| dimension.key()).collect();
        format!("/console/scores.{format}?by={}&{}", by.join(","), self.to_query())
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

    /// Those filters alone that hold for all of the plan's targets.
    pub fn of_targets(&self) -> Self {
        self.with(|filters| {
            filters.kind = Kind::Tthc;
            (filters.field, filters.procedure, filters.counter, filters.stage) = (None, None, None, None);
        })
    }

    /// The flagged answers among these alone.
    #[must_use]
    pub fn of_flagged(&self) -> Self {
        self.with(|filters| filters.flagged = Flagged::Only)
    }

    /// In the order of names.
    #[must_use]
    pub fn unsorted(&self) -> Self {
        self.with(|filters| (filters.sort, filters.descending) = (Sort::Name, false))
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
        let text = "period=2026-Q3&kind=agency-service&unit=7&side=deciding&field=3&procedure=9&counter=12&stage=result&channel=qr&flagged=excluded&view=then&sort=index&dir=desc";
        let filters = Filters::read(&words(text), today);
        assert_eq!(filters.to_query(), text);
        let unstated = "period=2026-Q3&field=none&procedure=none&flagged=only&sort=element-12&dir=asc";
        assert_eq!(Filters::read(&words(unstated), today).to_query(), unstated);
        let default = Filters::read(&HashMap::new(), today);
        assert_eq!(default.to_query(), "period=2026-Q4");
        let wrong = Filters::read(&words("period=x"), today);
        assert_eq!((wrong.typed_period().as_str(), wrong.status().as_u16()), ("x", 422));
    }

    #[test]
    fn another_page_keeps_what_it_knows_and_means_the_same() {
        let today = "2026-11-23".parse().unwrap();
        let kept = |query: &str, names: &[&str]| kept(&format!("/console/map?{query}"), names, today);
        let all = ["period", "unit", "side", "field"];
        assert_eq!(kept("unit=7&field=none&period=2026&stage=result", &all), "period=2026&unit=7&field=none");
        assert_eq!(kept("period=2026-Q9&unit=bay&field=3", &all), "field=3");
        assert_eq!(kept("unit=7&side=deciding", &all), "unit=7&side=deciding");
        assert_eq!(kept("unit=7&side=deciding&field=3", &["unit", "field"]), "field=3");
        assert_eq!(kept("", &all), "");
    }
}
