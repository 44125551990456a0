//! What stands beside the cards of the overview: comparisons, the sample, and what to mend first.

use super::breakdown;
use super::filters::Filters;
use super::priorities::{Entry, Parts, address, empty, entries};
use super::tables::interval;
use crate::app::catalogue::Snapshot;
use crate::app::comparison::{self, Comparison};
use crate::app::priorities::{self, Ranking};
use crate::app::scores::{self, Dimension, Figures, Query, Table};
use crate::db::conn::Conn;
use crate::domain::index::{Interval, Order, Share, Weighted};
use crate::domain::number::nearest;
use crate::domain::person::Actor;
use crate::domain::questionnaire::Kind;
use crate::error::Result;
use crate::locale::Lang;

/// Where the page has the other formulas by field; a browser opens what is folded when it leads into it.
const FORMULAS: &str = "#formulas-by-field";

/// Entries of the short list.
const SHORT: usize = 5;

/// What the database gives for this part of the page.
pub struct Found {
    comparison: Comparison,
    channels: Table,
    parts: Parts,
    priorities: Ranking,
    own: Option<Figures>,
    /// The same unit on its other side, as one that decides or that serves.
    other_side: Option<Figures>,
}

/// Asks for it.
///
/// # Errors
/// Not found for a unit out of the actor's sight; those of the database.
pub fn find(conn: &mut Conn, snapshot: &Snapshot, actor: &Actor, filters: &Filters) -> Result<Found> {
    let query = filters.query(Kind::Tthc, None, &[]);
    let channels = scores::run(conn, snapshot, actor, &query.clone().by(&[Dimension::Channel]).brief())?;
    let own = channels.total.figures;
    // In a province procedures tell most, and one table of them is read sooner than one of all its counters.
    let names_unit = breakdown::names_unit(filters, actor.sees_province());
    let parts = if names_unit { Parts::All } else { Parts::Procedure };
    let mut priorities = priorities::find(conn, snapshot, actor, &query, parts.cuts())?;
    priorities.parts.truncate(SHORT);
    priorities::find_drivers(conn, snapshot, actor, &query, &mut priorities.parts)?;
    let other = Query { of_deciding: !query.of_deciding, ..query.clone() }.brief();
    let other_side = match names_unit {
        true => scores::run(conn, snapshot, actor, &other)?.total.figures,
        false => None,
    };
    Ok(Found {
        other_side,
        comparison: comparison::find(conn, snapshot, actor, &query, own.map(|figures| figures.f1))?,
        parts,
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
    /// The other side of the unit, where its answers are others: a sentence and its page.
    pub other_side: Option<(String, String)>,
    /// What is said where there is nothing to mend.
    pub empty: String,
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
            other_side: other_side(lang, filters, found),
            rank: rank(lang, found),
            sample: sample(lang, snapshot, (filters, actor.sees_province()), found, fields),
            priorities: entries(lang, snapshot, filters, actor.sees_province(), &found.priorities.parts),
            empty: empty(lang, found.parts, &found.priorities),
            more: address(filters, found.parts),
        }
    }
}

/// What a unit decides is received anywhere, and what it receives may be decided elsewhere: whoever looks at one
/// is told of the other.
fn other_side(lang: Lang, filters: &Filters, found: &Found) -> Option<(String, String)> {
    let shares = |figures: Option<Figures>| figures.map(|figures| figures.f1);
    let other = shares(found.other_side).filter(|other| other.n > 0 && Some(*other) != shares(found.own))?;
    let key = if filters.of_deciding { "served" } else { "deciding" };
    let places = [("index", &*lang.percent(other.percent())), ("n", &lang.count(other.n))];
    let sentence = lang.with(&format!("figures.side.{key}"), &places);
    Some((sentence, filters.with(|filters| filters.of_deciding = !filters.of_deciding).address()))
}

fn beside(lang: Lang, actor: &Actor, filters: &Filters, found: &Found) -> Vec<Beside> {
    let Comparison { last_year, province, like } = &found.comparison;
    let before = filters.with(|filters| filters.period = filters.period.year_before());
    let whole = filters.with(|filters| filters.unit = None);
    let year = lang.period(before.period);
    // What is hidden keeps its line; where nothing lies beyond, there is none.
    let last = lang.with("figures.beside.last-year", &[("period", &year)]);
    let mut lines = vec![(last, *last_year, Some(before.address()))];
    lines.extend(province.map(|figures| {
        let address = actor.sees_province().then(|| whole.address());
        (lang.text("figures.beside.province"), figures, address)
    }));
    lines.extend(like.map(|like| {
        let address = actor.sees_province().then(|| whole.breakdown(Dimension::Unit));
        (lang.text(&format!("figures.beside.like-{}", like.level.key())), like.figures, address)
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
    // The table of the other formulas has them by field.
    let by_field = |key: &str, value: String| Fact { address: Some(FORMULAS.to_owned()), ..fact(key, value) };
    if let Some((settled, n)) = fields.total.settled.zip(n) {
        let goal = fields.total.goal().unwrap_or_default();
        let word = if n >= goal { "goal-reached" } else { "goal-missed" };
        let word = lang.text(&format!("figures.sample.{word}"));
        facts.push(by_field("goal", format!("{} · {word}", lang.count(goal))));
        facts.push(by_field("settled", format!("{} · {}", lang.count(settled), lang.part(n, settled))));
    }
    facts.extend(fields.total.weighted.map(|weighted| by_field("weighted", weighted_words(lang, &weighted))));
    for row in &found.channels.rows {
        let Some(cell) = row.cells.first() else {
            continue;
        };
        let part = row.figures.map(|figures| figures.f1.n).zip(n);
        facts.push(Fact {
            name: scores::name(*cell, snapshot, filters.day(), lang),
            value: part.map_or_else(
                || "…".to_owned(),
                |(part, all)| format!("{} · {}", lang.count(part), lang.part(part, all)),
            ),
            address: parts(&breakdown::narrowed(filters, *cell)),
        });
    }
    facts
}
