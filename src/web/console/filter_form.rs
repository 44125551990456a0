//! The form that sets the filters of a page of figures, and the filters in force as chips: the same on
//! each of these pages.

use askama::Template;

use super::choices::{self, Choice};
use super::filters::{Filters, written};
use super::words;
use crate::app::catalogue::Snapshot;
use crate::app::scores::{self, Cell, Flagged};
use crate::domain::link::{Channel, Stage};
use crate::domain::person::Actor;
use crate::domain::questionnaire::Kind;
use crate::domain::unit::UnitView;
use crate::locale::Lang;

/// A filter that is set, with the page without it.
pub struct Chip {
    /// What it is.
    pub label: String,
    /// What it is set to.
    pub value: String,
    /// The page without it.
    pub without: String,
}

/// A select box of the form.
struct Select {
    name: &'static str,
    label: String,
    /// The word for no choice, where there may be none.
    none: Option<String>,
    choices: Vec<Choice>,
    is_wide: bool,
}

/// The form.
#[derive(Template)]
#[template(path = "components/filters.html", config = "frontend/askama.toml")]
pub struct FilterForm {
    lang: Lang,
    action: &'static str,
    /// What the address says beside it.
    hidden: Vec<(&'static str, String)>,
    period: String,
    fault: Option<String>,
    selects: Vec<Select>,
    /// Whether a narrow screen shows it when it is asked for, as what is set is told elsewhere on the page.
    is_folded: bool,
}

/// Who fills the form in.
#[derive(Clone, Copy)]
pub struct Reader<'a> {
    /// Language.
    pub lang: Lang,
    /// Catalogue.
    pub snapshot: &'a Snapshot,
    /// Whoever asks.
    pub actor: &'a Actor,
}

impl FilterForm {
    /// The form of a page about the plan's targets.
    pub fn of_targets(reader: Reader<'_>, filters: &Filters, action: &'static str) -> Self {
        let mut selects = vec![reader.unit(filters)];
        selects.extend(reader.side_of_unit(filters));
        selects.push(reader.channel(filters));
        let form = Self::of(reader, filters, (action, Vec::new()), selects);
        Self { is_folded: form.is_folded && filters.channel.is_none(), ..form }
    }

    /// The form of a page about one questionnaire; `hidden` is what else the address of the page says.
    pub fn narrowing(
        reader: Reader<'_>,
        filters: &Filters,
        action: &'static str,
        mut hidden: Vec<(&'static str, String)>,
    ) -> Self {
        hidden.extend(filters.procedure.map(|id| ("procedure", written(id.raw()))));
        hidden.extend(filters.counter.map(|id| ("counter", id.to_string())));
        let mut selects = vec![reader.kind(filters), reader.unit(filters)];
        selects.extend(reader.side_of_unit(filters));
        selects.extend([reader.field(filters), reader.stage(filters), reader.channel(filters)]);
        Self::of(reader, filters, (action, hidden), selects)
    }

    fn of(
        reader: Reader<'_>,
        filters: &Filters,
        (action, mut hidden): (&'static str, Vec<(&'static str, String)>),
        mut selects: Vec<Select>,
    ) -> Self {
        selects.extend([reader.flagged(filters), reader.view(filters)]);
        if filters.is_sorted() {
            hidden.extend([("sort", filters.sort.word()), ("dir", filters.direction().to_owned())]);
        }
        Self {
            lang: reader.lang,
            action,
            hidden,
            period: filters.typed_period(),
            fault: filters.period_fault(reader.lang),
            selects,
            is_folded: filters.no_period.is_none()
                && filters.kind == Kind::Tthc
                && filters.flagged == Flagged::Included
                && filters.view == UnitView::Now,
        }
    }
}

impl Reader<'_> {
    fn select(self, name: &'static str, label: &str, none: Option<&str>, choices: Vec<Choice>) -> Select {
        let text = |key: &str| self.lang.text(key);
        Select { name, label: text(label), none: none.map(text), choices, is_wide: false }
    }

    fn kind(self, filters: &Filters) -> Select {
        let choices = choices::kinds(self.lang, Some(filters.kind.key()));
        Select { is_wide: true, ..self.select("kind", "console.links.kind", None, choices) }
    }

    /// Which part of one unit is meant.
    fn side_of_unit(self, filters: &Filters) -> Option<Select> {
        let names_unit = filters.unit.is_some() || self.actor.scope().is_some();
        names_unit.then(|| self.side(filters))
    }

    fn unit(self, filters: &Filters) -> Select {
        let day = filters.day();
        let mut choices = choices::units(self.snapshot, self.actor, day, filters.unit);
        // A unit of another day is asked for all the same.
        if let Some(unit) = filters.unit.filter(|_| !choices.iter().any(|choice| choice.chosen)) {
            choices.extend(choices::of([(unit, words::unit(self.snapshot, unit, day))], Some(unit)));
        }
        let all = Some("console.overview.all-units");
        Select { is_wide: true, ..self.select("unit", "console.overview.unit", all, choices) }
    }

    fn side(self, filters: &Filters) -> Select {
        let deciding = [("deciding", self.lang.text("console.overview.side-deciding"))];
        let choices = choices::of(deciding, filters.of_deciding.then_some("deciding"));
        let served = Some("console.overview.side-served");
        Select { is_wide: true, ..self.select("side", "console.overview.side", served, choices) }
    }

    fn field(self, filters: &Filters) -> Select {
        let choices = choices::stated_fields(self.lang, self.snapshot, filters.field);
        self.select("field", "console.links.field", Some("console.overview.all-channels"), choices)
    }

    fn stage(self, filters: &Filters) -> Select {
        let choices = choices::stages(self.lang, filters.stage.map(Stage::key));
        let headline = Some("figures.breakdown.headline-stages");
        Select { is_wide: true, ..self.select("stage", "console.links.stage", headline, choices) }
    }

    fn channel(self, filters: &Filters) -> Select {
        let choices = choices::channels(self.lang, Channel::ALL, filters.channel.map(Channel::key));
        self.select("channel", "console.overview.channel", Some("console.overview.all-channels"), choices)
    }

    fn flagged(self, filters: &Filters) -> Select {
        let word = |flagged: Flagged| self.lang.text(&format!("console.overview.flagged-{}", flagged.key()));
        let parts = [Flagged::Excluded, Flagged::Only].map(|flagged| (flagged.key(), word(flagged)));
        let choices = choices::of(parts, Some(filters.flagged.key()));
        self.select("flagged", "console.overview.flagged", Some("console.overview.flagged-included"), choices)
    }

    fn view(self, filters: &Filters) -> Select {
        let then = [("then", self.lang.text("console.overview.view-then"))];
        let choices = choices::of(then, (filters.view == UnitView::Then).then_some("then"));
        let now = Some("console.overview.view-now");
        Select { is_wide: true, ..self.select("view", "console.overview.view", now, choices) }
    }
}

/// The filters that narrow a page further than to its period, each with the page without it.
pub fn chips(
    lang: Lang,
    snapshot: &Snapshot,
    filters: &Filters,
    address: &dyn Fn(&Filters) -> String,
) -> Vec<Chip> {
    type Clear = fn(&mut Filters);
    let cells: [(Option<Cell>, &str, Clear); 6] = [
        (filters.unit.map(Cell::Unit), if filters.of_deciding { "deciding" } else { "unit" }, |filters| {
            filters.unit = None;
            filters.of_deciding = false;
        }),
        (filters.field.map(|id| Cell::Field(Some(id))), "field", |filters| filters.field = None),
        (filters.procedure.map(|id| Cell::Procedure(Some(id))), "procedure", |filters| {
            filters.procedure = None
        }),
        (filters.counter.map(Cell::Counter), "counter", |filters| filters.counter = None),
        (filters.stage.map(|stage| Cell::Stage(Some(stage))), "stage", |filters| filters.stage = None),
        (filters.channel.map(|one| Cell::Channel(Some(one))), "channel", |filters| filters.channel = None),
    ];
    let chip = |(cell, key, clear): (Option<Cell>, &str, Clear)| {
        Some(Chip {
            label: lang.text(&format!("figures.by.{key}")),
            value: scores::name(cell?, snapshot, filters.day(), lang),
            without: address(&filters.with(clear)),
        })
    };
    let flagged = format!("console.overview.flagged-{}", filters.flagged.key());
    let others: [(bool, &str, String, Clear); 3] = [
        (filters.kind != Kind::Tthc, "console.links.kind", words::kind(lang, filters.kind), |filters| {
            filters.kind = Kind::Tthc;
        }),
        (filters.flagged != Flagged::Included, "console.overview.flagged", lang.text(&flagged), |filters| {
            filters.flagged = Flagged::Included;
        }),
        (
            filters.view != UnitView::Now,
            "console.overview.view",
            lang.text("console.overview.view-then"),
            |filters| {
                filters.view = UnitView::Now;
            },
        ),
    ];
    let other = |(_, key, value, clear): (bool, &str, String, Clear)| Chip {
        label: lang.text(key),
        value,
        without: address(&filters.with(clear)),
    };
    let others = others.into_iter().filter(|(is_set, ..)| *is_set).map(other);
    cells.into_iter().filter_map(chip).chain(others).collect()
}
