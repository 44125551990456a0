//! What stands beside the cards of the overview: comparisons, the sample, and what to mend first.

use super::breakdown;
use super::filters::Filters;
use super::priorities::{Entry, Parts, address, entries};
use super::tables::interval;
use crate::app::catalogue::Snapshot;
use crate::app::comparison::{self, Comparison};
use crate::app::priorities::{self, Priority};
use crate::app::scores::{self, Cell, Dimension, Figures, Table};
use crate::db::conn::Conn;
use crate::domain::index::{Interval, Order, Share, Weighted};
use crate::domain::number::nearest;
use crate::domain::person::Actor;
use crate::domain::questionnaire::Kind;
use crate::error::Result;
use crate::locale::Lang;

/// Entries of the short list.
const SHORT: usize = 3;

/// What the database gives for this part of the page.
pub struct Found {
    comparison: Comparison,
    channels: Table,
    priorities: Vec<Priority>,
    own: Option<Figures>,
}

/// Asks for it.
///
/// # Errors
/// Not found for a unit out of the actor's sight; those of the database.
pub fn find(conn: &mut Conn, snapshot: &Snapshot, actor: &Actor, filters: &Filters) -> Result<Found> {
    let query = filters.query(Kind::Tthc, None, &[]);
    let channels = scores::run(conn, snapshot, actor, &query.clone().by(&[Dimension::Channel]).brief())?;
    let own = channels.total.figures;
    let mut priorities = priorities::find(conn, snapshot, actor, &query, Parts::Procedure.cuts())?;
    priorities.truncate(SHORT);
    priorities::find_drivers(conn, snapshot, actor, &query, &mut priorities)?;
    Ok(Found {
        comparison: comparison::find(conn, snapshot, actor, &query, own.map(|figures| figures.f1))?,
        priorities,
        channels,
        own,
    })
}

/// A line of the comparison.
pub struct Beside {
    /// With what.
    pub name: String,
    /// Index.
    pub index: String,
    /// n.
    pub n: String,
    /// Interval.
    pub interval: String,
    /// How the own index stands to it, in words.
    pub order: String,
    /// The page of its figures, where the reader may see one.
    pub address: Option<String>,
}

/// A fact about the sample.
pub struct Fact {
    /// What.
    pub name: String,
    /// How much.
    pub value: String,
    /// What it is made of.
    pub address: Option<String>,
}

/// The part as the page shows it.
pub struct Context {
    /// Comparisons.
    pub beside: Vec<Beside>,
    /// How many like units are surely higher and lower; none in the province.
    pub rank: Option<String>,
    /// Facts about the sample.
    pub sample: Vec<Fact>,
    /// What to mend first.
    pub priorities: Vec<Entry>,
    /// Whether there are no answers, or too few, for anything to follow from them.
    pub is_blank: bool,
    /// Where all of it is.
    pub more: String,
}

impl Context {
    /// Shows what was found; `fields` is the table by field, which knows the dossiers.
    pub fn of(
        lang: Lang,
        snapshot: &Snapshot,
        actor: &Actor,
        filters: &Filters,
        found: &Found,
        fields: &Table,
    ) -> Self {
        Self {
            beside: beside(lang, actor, filters, found),
            rank: rank(lang, found),
            sample: sample(lang, snapshot, (filters, actor.sees_province()), found, fields),
            priorities: entries(lang, snapshot, filters, actor.sees_province(), &found.priorities),
            is_blank: found.own.is_none_or(|own| own.f1.n == 0),
            more: address(filters, Parts::Procedure),
        }
    }
}

fn beside(lang: Lang, actor: &Actor, filters: &Filters, found: &Found) -> Vec<Beside> {
    let Comparison { last_year, province, like } = &found.comparison;
    let before = filters.with(|filters| filters.period = filters.period.year_before());
    let whole = filters.with(|filters| filters.unit = None);
    let year = lang.period(before.period);
    // A year that is hidden keeps its line; where nothing lies beyond, there is none.
    let last = lang.with("figures.beside.last-year", &[("period", &year)]);
    let mut lines = vec![(last, *last_year, Some(before.address()))];
    lines.extend(province.map(|figures| {
        let address = actor.sees_province().then(|| whole.address());
        (lang.text("figures.beside.province"), Some(figures), address)
    }));
    lines.extend(like.map(|like| {
        (lang.text(&format!("figures.beside.like-{}", like.level.key())), Some(like.figures), None)
    }));
    let shown = |figures: Option<Figures>, text: &dyn Fn(Figures) -> String| {
        figures.map_or_else(|| "…".to_owned(), text)
    };
    let line = |(name, figures, address): (String, Option<Figures>, Option<String>)| Beside {
        name,
        index: shown(figures, &|figures| lang.percent(figures.f1.percent())),
        n: shown(figures, &|figures| lang.count(figures.f1.n)),
        interval: shown(figures, &|figures| interval(lang, figures)),
        order: shown(figures, &|figures| order(lang, found.own.map(|own| own.f1), figures.f1)),
        address,
    };
    lines.into_iter().map(line).collect()
}

/// "cao hơn rõ rệt", "chưa phân biệt được" and so on.
fn order(lang: Lang, own: Option<Share>, other: Share) -> String {
    let key = match own.filter(|own| own.n > 0 && other.n > 0).map(|own| own.order(other)) {
        None => return "–".to_owned(),
        Some(Order::Above) => "above",
        Some(Order::Alike) => "alike",
        Some(Order::Below) => "below",
    };
    lang.text(&format!("figures.beside.{key}"))
}

fn rank(lang: Lang, found: &Found) -> Option<String> {
    let like = found.comparison.like.filter(|like| like.judged > 0)?;
    let count = |count: usize| lang.count(u64::try_from(count).unwrap_or(u64::MAX));
    let places = [
        ("judged", count(like.judged)),
        ("above", count(like.above)),
        ("below", count(like.below)),
        ("alike", count(like.judged - like.above - like.below)),
    ];
    let places: Vec<(&str, &str)> = places.iter().map(|(key, value)| (*key, value.as_str())).collect();
    Some(lang.with("figures.beside.rank", &places))
}

fn weighted_words(lang: Lang, weighted: &Weighted) -> String {
    let Interval { low, high } = weighted.interval;
    let places = [
        ("index", lang.percent(Some(weighted.percent))),
        ("interval", format!("{}–{}", lang.hundredths(low), lang.hundredths(high))),
        ("coverage", lang.percent(Some(weighted.coverage))),
        ("effective", lang.count(u64::try_from(nearest(weighted.effective)).unwrap_or_default())),
    ];
    let places: Vec<(&str, &str)> = places.iter().map(|(key, value)| (*key, value.as_str())).collect();
    lang.with("figures.sample.weighted-value", &places)
}

fn sample(
    lang: Lang,
    snapshot: &Snapshot,
    (filters, sees_province): (&Filters, bool),
    found: &Found,
    fields: &Table,
) -> Vec<Fact> {
    let fact = |key: &str, value: String| Fact {
        name: lang.text(&format!("figures.sample.{key}")),
        value,
        address: None,
    };
    let parts = |filters: &Filters| Some(filters.breakdown(breakdown::next_cut(filters, sees_province)));
    let n = found.own.map(|own| own.f1.n);
    let answers = fact("answers", n.map_or_else(|| "…".to_owned(), |n| lang.count(n)));
    let mut facts = vec![Fact { address: parts(filters), ..answers }];
    if let Some((settled, n)) = fields.total.settled.zip(n) {
        let goal = fields.total.goal().unwrap_or_default();
        let word = if n >= goal { "goal-reached" } else { "goal-missed" };
        facts.push(fact(
            "goal",
            format!("{} · {}", lang.count(goal), lang.text(&format!("figures.sample.{word}"))),
        ));
        facts.push(fact("settled", format!("{} · {}", lang.count(settled), lang.part(n, settled))));
    }
    facts.extend(fields.total.weighted.map(|weighted| fact("weighted", weighted_words(lang, &weighted))));
    for row in &found.channels.rows {
        let (Some(cell @ Cell::Channel(_)), Some((part, all))) =
            (row.cells.first(), row.figures.map(|figures| figures.f1.n).zip(n))
        else {
            continue;
        };
        facts.push(Fact {
            name: scores::name(*cell, snapshot, filters.period.to(), lang),
            value: format!("{} · {}", lang.count(part), lang.part(part, all)),
            address: parts(&breakdown::narrowed(filters, *cell)),
        });
    }
    facts
}
