//! The filters of every page of figures: read from the address, written into links.

use std::collections::HashMap;

use actix_web::http::StatusCode;
use chrono::NaiveDate;

use crate::app::scores::{Dimension, Flagged, Query};
use crate::domain::ids::{CounterId, FieldId, ProcedureId, UnitId};
use crate::domain::link::{Channel, Stage};
use crate::domain::period::{Period, Span};
use crate::domain::questionnaire::Kind;
use crate::domain::unit::UnitView;
use crate::locale::{Lang, Message};
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
    /// Days; the current quarter where what was typed is no period.
    pub period: Period,
    /// What was typed as a period and is none.
    pub no_period: Option<String>,
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
        let id = |name: &str| word(name).and_then(|id| id.parse::<i64>().ok());
        let current = Period::around(today, Span::Quarter);
        let (period, no_period) = match word("period").map(Period::parse) {
            None => (current, None),
            Some(Ok(period)) => (period, None),
            Some(Err(wrong)) => (current, Some(wrong.0)),
        };
        Self {
            no_period,
            period,
            kind: word("kind").and_then(Kind::from_key).unwrap_or(Kind::Tthc),
            unit: id("unit").map(UnitId::from),
            of_deciding: word("side") == Some("deciding"),
            field: id("field").map(FieldId::from),
            procedure: id("procedure").map(ProcedureId::from),
            counter: id("counter").map(CounterId::from),
            stage: word("stage").and_then(Stage::from_key),
            channel: word("channel").and_then(Channel::from_key),
            flagged: if word("flagged") == Some("excluded") { Flagged::Excluded } else { Flagged::Included },
            view: if word("view") == Some("then") { UnitView::Then } else { UnitView::Now },
            sort: word("sort")
                .and_then(|key| Sort::ALL.into_iter().find(|sort| sort.key() == key))
                .unwrap_or(Sort::Name),
            descending: word("dir") == Some("desc"),
        }
    }

    /// What stands in the field of the period: also what was typed there and is none.
    pub fn typed_period(&self) -> String {
        self.no_period.clone().unwrap_or_else(|| self.period.to_string())
    }

    /// What is wrong with the period, in words.
    pub fn period_fault(&self, lang: Lang) -> Option<String> {
        self.no_period.as_ref().map(|found| Message::new("error.no-period").with("found", found).text(lang))
    }

    /// The status of a page: one that could not read its filters is no answer to the question.
    pub const fn status(&self) -> StatusCode {
        if self.no_period.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK }
    }

    /// The query of a page about one questionnaire, narrowed by every filter.
    pub fn narrowed(&self, by: &[Dimension]) -> Query {
        Query {
            of_deciding: self.of_deciding,
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
        if self.flagged == Flagged::Excluded {
            parts.push("flagged=excluded".to_owned());
        }
        if self.view == UnitView::Then {
            parts.push("view=then".to_owned());
        }
        if self.is_sorted() {
            parts.push(format!("sort={}&dir={}", self.sort.key(), self.direction()));
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
        if self.leaves_out_flagged() {
            parts.push("flagged=excluded".to_owned());
        }
        format!("/console/comments?{}&sort=level&dir=asc", parts.join("&"))
    }

    /// The parts of an address about what is narrowed further than to a unit.
    fn places(&self) -> impl Iterator<Item = String> {
        let field = self.field.map(|field| format!("field={field}"));
        let procedure = self.procedure.map(|procedure| format!("procedure={procedure}"));
        let counter = self.counter.map(|counter| format!("counter={counter}"));
        let stage = self.stage.map(|stage| format!("stage={}", stage.key()));
        let channel = self.channel.map(|channel| format!("channel={}", channel.key()));
        [field, procedure, counter, stage, channel].into_iter().flatten()
    }

    /// The address of an export with these filters.
    pub fn export(&self, format: &str, by: &[Dimension]) -> String {
        let by: Vec<&str> = by.iter().map(|dimension| dimension.key()).collect();
        format!("/console/scores.{format}?by={}&{}", by.join(","), self.to_query())
    }

    /// Whether flagged answers are left out.
    pub fn leaves_out_flagged(&self) -> bool {
        self.flagged == Flagged::Excluded
    }

    /// Whether units are shown as they were then.
    pub fn is_then(&self) -> bool {
        self.view == UnitView::Then
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
            filters.of_deciding = false;
            (filters.field, filters.procedure, filters.counter, filters.stage) = (None, None, None, None);
        })
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
        let default = Filters::read(&HashMap::new(), today);
        assert_eq!(default.to_query(), "period=2026-Q4");
        let wrong = Filters::read(&words("period=x"), today);
        assert_eq!((wrong.typed_period().as_str(), wrong.status().as_u16()), ("x", 422));
    }
}
