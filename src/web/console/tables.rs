//! Rows of the overview's tables: every figure already as text in the reader's language.

use std::cmp::Ordering;

use chrono::NaiveDate;

use super::charts::{Bullet, LevelsBar, Mark};
use super::filters::{Filters, Sort};
use crate::app::catalogue::Snapshot;
use crate::app::scores::{self, Cell, Compared, Figures, Row};
use crate::domain::index::Weighted;
use crate::domain::target::ENOUGH;
use crate::locale::{Lang, compare_names};

/// One row.
pub struct Line {
    /// Name.
    pub name: String,
    /// The overview of the row, where there is one.
    pub address: Option<String>,
    /// Whether the unit was split since.
    pub split: bool,
    /// Whether the figures are hidden.
    pub hidden: bool,
    /// n.
    pub n: String,
    /// F1 or E_k.
    pub index: String,
    /// The same without flagged answers.
    pub unflagged: String,
    /// Wilson interval.
    pub interval: String,
    /// The index against its target.
    pub bullet: Option<Bullet>,
    /// The five levels.
    pub levels: Option<LevelsBar>,
    /// Verdict.
    pub verdict: Option<Mark>,
    /// Difference to the period before.
    pub difference: String,
    /// Number of flagged answers.
    pub flagged: String,
    /// F2.
    pub f2: String,
    /// F3.
    pub f3: String,
    /// F4 as 100·M/5 and as 100·(M−1)/4.
    pub f4: String,
    /// F5 and the share of dossiers that it covers.
    pub f5: String,
}

/// A heading that sorts.
pub struct Heading {
    /// Word.
    pub word: String,
    /// Address that sorts by it, where it does.
    pub address: Option<String>,
    /// Value of aria-sort where the table is sorted by it.
    pub sorted: Option<&'static str>,
    /// Whether figures stand below it.
    pub number: bool,
}

/// A table with its title.
pub struct View {
    /// Id of the section.
    pub id: &'static str,
    /// Title.
    pub title: String,
    /// Sentence that says what is counted.
    pub caption: String,
    /// Headings.
    pub headings: Vec<Heading>,
    /// Rows.
    pub lines: Vec<Line>,
    /// Files of just these rows.
    pub exports: [(&'static str, String); 3],
}

/// Where the parts of a table lead.
pub struct Leads<'a> {
    /// The page that shows what a row is made of.
    pub row: &'a dyn Fn(Cell) -> Option<String>,
    /// The same page sorted otherwise.
    pub sorted: &'a dyn Fn(&Filters) -> String,
    /// The rows as a file of a format.
    pub file: &'a dyn Fn(&str) -> String,
}

impl View {
    /// Shows a table cut by one dimension.
    pub fn of(
        lang: Lang,
        snapshot: &Snapshot,
        filters: &Filters,
        id: &'static str,
        compared: &Compared,
        leads: &Leads<'_>,
    ) -> Self {
        let day = filters.period.to();
        let table = &compared.table;
        let begins = table.rows.iter().filter_map(|row| Some(Bullet::begin(row.figures?.f1, row.threshold?)));
        let begin = begins.fold(50.0, f64::min);
        let lines = arranged(lang, snapshot, filters, compared).into_iter().map(|row| {
            let address = row.cells.first().and_then(|cell| (leads.row)(*cell));
            let in_row = row.cells.iter().any(|cell| matches!(cell, Cell::Period(_) | Cell::Element(_)));
            let breaks = in_row && !scores::breaks(row, &table.query, snapshot).is_empty();
            let name = name(lang, snapshot, day, row) + if breaks { " ┆" } else { "" };
            Line {
                bullet: bullet(lang, row, begin),
                ..line(lang, row, name, address, compared.difference(row))
            }
        });
        Self {
            id,
            title: lang.text(&format!("console.table.{id}")),
            caption: lang.with(&format!("console.table.{id}-caption"), &[("enough", &ENOUGH.to_string())]),
            headings: headings(lang, filters, id, leads),
            lines: lines.collect(),
            exports: [("XLSX", "xlsx"), ("CSV", "csv"), ("JSON", "json")]
                .map(|(name, format)| (name, (leads.file)(format))),
        }
    }
}

/// Whether there is nothing to show in any of some tables.
pub fn are_empty(tables: &[View]) -> bool {
    tables.iter().all(|table| table.lines.is_empty())
}

/// The rows of a table as the filters sort them.
pub fn arranged<'a>(
    lang: Lang,
    snapshot: &Snapshot,
    filters: &Filters,
    compared: &'a Compared,
) -> Vec<&'a Row> {
    let day = filters.period.to();
    let rows = &compared.table.rows;
    let by_name = matches!(
        rows.first().and_then(|row| row.cells.first()),
        Some(Cell::Unit(_) | Cell::Counter(_) | Cell::Procedure(_))
    );
    let entry = |row: &'a Row| Entry {
        name: name(lang, snapshot, day, row),
        n: row.figures.map(|figures| figures.f1.n),
        index: row.percent(),
        verdict: row.verdict,
        difference: compared.difference(row),
    };
    let mut entries: Vec<(Entry, &Row)> = rows.iter().map(|row| (entry(row), row)).collect();
    entries.sort_by(|(one, _), (other, _)| one.compare(other, filters, by_name));
    entries.into_iter().map(|(_, row)| row).collect()
}

fn name(lang: Lang, snapshot: &Snapshot, day: NaiveDate, row: &Row) -> String {
    let names: Vec<String> = row.cells.iter().map(|cell| scores::name(*cell, snapshot, day, lang)).collect();
    names.join(" · ")
}

struct Entry {
    name: String,
    n: Option<u64>,
    index: Option<f64>,
    verdict: Option<crate::domain::target::Verdict>,
    difference: Option<f64>,
}

impl Entry {
    /// What is not known stands last, whichever way the rest is sorted.
    fn compare(&self, other: &Self, filters: &Filters, by_name: bool) -> Ordering {
        let down = filters.descending;
        match filters.sort {
            Sort::Name if by_name => turned(compare_names(&self.name, &other.name), down),
            Sort::Name => Ordering::Equal,
            Sort::Answers => known_first(self.n, other.n, down, u64::cmp),
            Sort::Index => known_first(self.index, other.index, down, f64::total_cmp),
            Sort::Verdict => known_first(self.verdict, other.verdict, down, Ord::cmp),
            Sort::Difference => known_first(self.difference, other.difference, down, f64::total_cmp),
        }
    }
}

fn turned(order: Ordering, down: bool) -> Ordering {
    if down { order.reverse() } else { order }
}

fn known_first<T>(
    one: Option<T>,
    other: Option<T>,
    down: bool,
    compare: impl Fn(&T, &T) -> Ordering,
) -> Ordering {
    match (one, other) {
        (Some(one), Some(other)) => turned(compare(&one, &other), down),
        (Some(_), None) => Ordering::Less,
        (None, Some(_)) => Ordering::Greater,
        (None, None) => Ordering::Equal,
    }
}

fn line(lang: Lang, row: &Row, name: String, address: Option<String>, difference: Option<f64>) -> Line {
    let shown = |text: &dyn Fn(Figures) -> String| row.figures.map_or_else(|| "…".to_owned(), text);
    Line {
        name,
        address,
        split: row.split,
        hidden: row.figures.is_none(),
        n: shown(&|figures| lang.count(figures.f1.n)),
        index: shown(&|figures| lang.percent(figures.f1.percent())),
        unflagged: row
            .without_flagged
            .map_or_else(|| "…".to_owned(), |figures| lang.percent(figures.f1.percent())),
        interval: shown(&|figures| interval(lang, figures)),
        bullet: None,
        levels: row.figures.and_then(|figures| LevelsBar::of(lang, &figures.levels)),
        verdict: row.verdict.map(|verdict| Mark::of(lang, verdict)),
        difference: lang.points(difference),
        flagged: flagged(row).map_or_else(|| "…".to_owned(), |count| lang.count(count)),
        f2: shown(&|figures| lang.percent(figures.f2.percent())),
        f3: shown(&|figures| lang.percent(figures.f3.percent())),
        f4: shown(&|figures| {
            figures.mean().map_or_else(
                || "–".to_owned(),
                |mean| format!("{} / {}", lang.percent(Some(mean.of_five)), lang.percent(Some(mean.of_span))),
            )
        }),
        f5: row.weighted.map_or_else(|| "–".to_owned(), |weighted| weighted_words(lang, &weighted)),
    }
}

/// F5 with the share of dossiers that it covers and whether weights were capped.
fn weighted_words(lang: Lang, weighted: &Weighted) -> String {
    let mark = if weighted.capped { " *" } else { "" };
    format!("{} ({}){mark}", lang.percent(Some(weighted.percent)), lang.percent(Some(weighted.coverage)))
}

/// The index of a row against its target, on a line that begins where those of all rows do.
fn bullet(lang: Lang, row: &Row, begin: f64) -> Option<Bullet> {
    Bullet::row(lang, row.figures?.f1, row.threshold?, row.verdict?, begin)
}

fn flagged(row: &Row) -> Option<u64> {
    Some(row.with_flagged?.f1.n.saturating_sub(row.without_flagged?.f1.n))
}

/// `82,91–85,04`, or a dash without answers.
pub fn interval(lang: Lang, figures: Figures) -> String {
    figures.interval().map_or_else(
        || "–".to_owned(),
        |interval| format!("{}–{}", lang.hundredths(interval.low), lang.hundredths(interval.high)),
    )
}

fn headings(lang: Lang, filters: &Filters, id: &str, leads: &Leads<'_>) -> Vec<Heading> {
    let columns = [
        ("name", Some(Sort::Name), false),
        ("n", Some(Sort::Answers), true),
        ("index", Some(Sort::Index), true),
        ("interval", None, true),
        ("levels", None, false),
        ("verdict", Some(Sort::Verdict), false),
        ("difference", Some(Sort::Difference), true),
        ("flagged", None, true),
    ];
    let heading = |(key, sort, number): (&str, Option<Sort>, bool)| Heading {
        word: lang.text(&format!("console.table.head-{key}")),
        address: sort.map(|sort| format!("{}#{id}", (leads.sorted)(&filters.sorted(sort)))),
        sorted: sort
            .filter(|sort| *sort == filters.sort)
            .map(|_| if filters.descending { "descending" } else { "ascending" }),
        number,
    };
    columns.into_iter().map(heading).collect()
}
