//! Rows of the overview's tables: every figure already as text in the reader's language.

use std::cmp::Ordering;

use chrono::NaiveDate;

use super::charts::{Bullet, LevelsBar, Mark};
use super::filters::{Filters, Sort};
use super::words;
use crate::app::catalogue::Snapshot;
use crate::app::exports;
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
    /// Difference to the period before, marked with ≈ where it may be chance.
    pub difference: String,
    /// Number of flagged answers.
    pub flagged: String,
    /// The page of just these.
    pub flagged_address: Option<String>,
    /// F2.
    pub f2: String,
    /// F3.
    pub f3: String,
    /// F4 as 100·M/5 and as 100·(M−1)/4.
    pub f4: String,
    /// F5 and the share of dossiers that it covers.
    pub f5: String,
    /// Dossiers settled.
    pub settled: String,
    /// The sample goal.
    pub goal: String,
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
    /// Sentences about marks and order, to be added to it.
    pub notes: String,
    /// Headings.
    pub headings: Vec<Heading>,
    /// Rows.
    pub lines: Vec<Line>,
    /// Their total.
    pub total: Line,
    /// Why the figures of some rows are hidden.
    pub why_hidden: String,
    /// Files of just these rows.
    pub exports: [(&'static str, String); 3],
}

/// Where the parts of a table lead.
pub struct Leads<'a> {
    /// The page that shows what a row is made of.
    pub row: &'a dyn Fn(Cell) -> Option<String>,
    /// The page of the flagged answers of a row.
    pub flagged: &'a dyn Fn(Cell) -> Option<String>,
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
        let day = filters.day();
        let table = &compared.table;
        let begins = table.rows.iter().filter_map(|row| Some(Bullet::begin(row.figures?.f1, row.threshold?)));
        let begin = begins.fold(50.0, f64::min);
        let by = table.query.by.first().copied();
        let total = by.map(|by| exports::total(by, &table.query, lang)).unwrap_or_default();
        let lines = arranged(lang, snapshot, filters, compared).into_iter().map(|row| {
            let address = row.cells.first().and_then(|cell| (leads.row)(*cell));
            let some_flagged = row.cells.first().filter(|_| flagged(row).is_some_and(|count| count > 0));
            let in_row = row.cells.iter().any(|cell| matches!(cell, Cell::Period(_) | Cell::Element(_)));
            let breaks = in_row && !scores::breaks(row, &table.query, snapshot).is_empty();
            let name = name(lang, snapshot, day, row) + if breaks { " ┆" } else { "" };
            Line {
                bullet: bullet(lang, row, begin),
                flagged_address: some_flagged.and_then(|cell| (leads.flagged)(*cell)),
                ..line(lang, row, name, address, difference(lang, compared, row))
            }
        });
        Self {
            id,
            title: lang.text(&format!("console.table.{id}")),
            caption: lang.with(&format!("console.table.{id}-caption"), &[("enough", &ENOUGH.to_string())]),
            notes: notes(lang, filters, compared),
            headings: headings(lang, filters, id, leads),
            lines: lines.collect(),
            total: Line {
                bullet: bullet(lang, &table.total, begin),
                ..line(lang, &table.total, total, None, difference(lang, compared, &table.total))
            },
            why_hidden: words::hidden(lang, filters.flagged),
            exports: files(leads.file),
        }
    }
}

/// What a reader must know of the marks and of the order of a table.
fn notes(lang: Lang, filters: &Filters, compared: &Compared) -> String {
    let rows = || compared.table.rows.iter().chain([&compared.table.total]);
    let is_alike = rows().any(|row| compared.has_surely_changed(row) == Some(false));
    let is_ranked = matches!(filters.sort, Sort::Index | Sort::Difference);
    let notes = [(is_alike, "alike"), (is_ranked, "ranked")];
    let notes = notes.into_iter().filter(|(is_needed, _)| *is_needed);
    notes.map(|(_, key)| format!(" {}", lang.text(&format!("console.table.note-{key}")))).collect()
}

/// The formats of a table of scores, each with the address of its file.
pub fn files(file: &dyn Fn(&str) -> String) -> [(&'static str, String); 3] {
    [("XLSX", "xlsx"), ("CSV", "csv"), ("JSON", "json")].map(|(name, format)| (name, file(format)))
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
    let day = filters.day();
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
    if filters.sort == Sort::Name && !by_name && filters.descending {
        entries.reverse();
    }
    entries.into_iter().map(|(_, row)| row).collect()
}

/// The rows of a table by one cut and by elements in the order of its heat map: all rows of a cell of the
/// first cut together, as they stood, the other way round, or by the index of one element.
pub fn in_strips<'a>(filters: &Filters, rows: &'a [Row]) -> Vec<&'a Row> {
    let mut strips: Vec<&[Row]> =
        rows.chunk_by(|one, next| one.cells.first() == next.cells.first()).collect();
    match filters.sort {
        Sort::Element(question) => {
            let cell = Some(&Cell::Element(question));
            let index =
                |strip: &[Row]| strip.iter().find(|row| row.cells.last() == cell).and_then(Row::percent);
            strips.sort_by(|one, other| {
                known_first(index(one), index(other), filters.descending, f64::total_cmp)
            });
        }
        _ if filters.descending => strips.reverse(),
        _ => {}
    }
    strips.into_iter().flatten().collect()
}

/// The value of aria-sort at the heading of a column, where the table is sorted by it.
pub fn sorted(filters: &Filters, sort: Sort) -> Option<&'static str> {
    (sort == filters.sort).then_some(if filters.descending { "descending" } else { "ascending" })
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
            Sort::Name | Sort::Element(_) => Ordering::Equal,
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

fn difference(lang: Lang, compared: &Compared, row: &Row) -> String {
    let mark = if compared.has_surely_changed(row) == Some(false) { " ≈" } else { "" };
    format!("{}{mark}", lang.points(compared.difference(row)))
}

fn line(lang: Lang, row: &Row, name: String, address: Option<String>, difference: String) -> Line {
    let known = |count: Option<u64>| count.map_or_else(|| "–".to_owned(), |count| lang.count(count));
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
        difference,
        flagged_address: None,
        flagged: flagged(row).map_or_else(|| "…".to_owned(), |count| lang.count(count)),
        f2: shown(&|figures| lang.percent(figures.f2.percent())),
        f3: shown(&|figures| lang.percent(figures.f3.percent())),
        f4: shown(&|figures| {
            figures.mean().map_or_else(
                || "–".to_owned(),
                |mean| format!("{} / {}", lang.percent(Some(mean.of_five)), lang.percent(Some(mean.of_span))),
            )
        }),
        settled: known(row.settled),
        goal: known(row.goal()),
        f5: shown(&|_| {
            row.weighted.map_or_else(|| "–".to_owned(), |weighted| weighted_words(lang, &weighted))
        }),
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
        sorted: sort.and_then(|sort| sorted(filters, sort)),
        number,
    };
    columns.into_iter().map(heading).collect()
}
