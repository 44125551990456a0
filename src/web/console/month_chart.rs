//! The index of procedures over a year by month: a chart with intervals, its text, and its table.

use askama::Template;
use chrono::Utc;

use super::charts::{Quarter, TREND_ROOM, gap, target_word};
use super::filters::Filters;
use super::series::{self, Line};
use super::tables;
use crate::app::catalogue::Snapshot;
use crate::app::scores::{self, Cell, Dimension, Figures, Table};
use crate::db::conn::Conn;
use crate::domain::day::Local;
use crate::domain::period::{Period, Span};
use crate::domain::person::Actor;
use crate::domain::questionnaire::Kind;
use crate::domain::target::{Scope, Target};
use crate::error::Result;
use crate::locale::Lang;
use crate::web::line_chart::{Lines, Scale};

/// Months that are shown, the last one that of the end of the period.
const MONTHS: usize = 12;

const LEFT: f64 = 46.0;
const STEP: f64 = 79.0;
const TOP: f64 = 26.0;
const HEIGHT: f64 = 140.0;

struct Point {
    x: String,
    y: String,
    low: String,
    high: String,
    word_y: String,
    word: String,
}

struct Tick {
    x: String,
    word: String,
    n: String,
    is_gap: bool,
}

/// The part of the page.
#[derive(Template)]
#[template(path = "components/months.html", config = "frontend/askama.toml")]
pub struct Months {
    lang: Lang,
    label: String,
    target_y: String,
    target_word: String,
    /// Whether the word stands at the left, where the line leaves it more room.
    target_left: bool,
    lines: Vec<String>,
    points: Vec<Point>,
    ticks: Vec<Tick>,
    rows: Vec<Line>,
    exports: [(&'static str, String); 3],
}

/// What the database gives for the part.
pub struct Found {
    target: Target,
    months: Vec<Period>,
    table: Table,
}

/// Asks for the months under the target for all procedures; none where no such target is in force.
///
/// # Errors
/// Not found for a unit out of the actor's sight; those of the database.
pub fn find(conn: &mut Conn, snapshot: &Snapshot, actor: &Actor, filters: &Filters) -> Result<Option<Found>> {
    let whole = Scope::Measured { kind: Kind::Tthc, fields: None };
    let is_whole = |target: &&Target| target.scope == whole && target.is_valid_on(filters.day());
    let Some(target) = snapshot.targets.iter().find(is_whole) else {
        return Ok(None);
    };
    // Months that are still to come are no gaps.
    let today = Period::around(Local::at(Utc::now()).day, Span::Month);
    let last = if today.to() < filters.period.to() { today } else { filters.period };
    let months = last.trail(Span::Month, MONTHS);
    let ends = months.first().zip(months.last());
    let mut query = filters.query(Kind::Tthc, None, &[Dimension::Month]).brief();
    query.period =
        ends.and_then(|(first, last)| Period::between(first.from(), last.to())).unwrap_or(filters.period);
    let table = scores::run(conn, snapshot, actor, &query)?;
    Ok(Some(Found { target: target.clone(), months, table }))
}

impl Months {
    /// The chart and the table of what was found.
    pub fn of(lang: Lang, filters: &Filters, found: &Found) -> Self {
        let Found { target, months, table } = found;
        let months: Vec<Quarter> = months.iter().map(|period| month(table, *period)).collect();
        let shown = |month: &Quarter| month.figures.filter(|_| gap(month).is_none());
        let threshold = target.threshold;
        let ends = months.iter().filter_map(shown).filter_map(|figures| figures.interval());
        let values = ends.flat_map(|ends| [ends.low, ends.high]).chain([threshold.percent()]);
        let scale = Scale::of(values, TREND_ROOM, (TOP, HEIGHT));
        let room = |end: Option<&Quarter>| {
            let value = end.and_then(shown).and_then(|figures| figures.f1.percent());
            value.map_or(f64::INFINITY, |value| (value - threshold.percent()).abs())
        };
        let (mut lines, mut points, mut ticks) = (Lines::default(), Vec::new(), Vec::new());
        for (month, place) in months.iter().zip(0_u32..) {
            let x = format!("{:.0}", LEFT + f64::from(place) * STEP);
            let figures = shown(month);
            ticks.push(Tick {
                x: x.clone(),
                word: month.period.from().format("%m/%y").to_string(),
                n: month.figures.map_or_else(|| "…".to_owned(), |figures| lang.count(figures.f1.n)),
                is_gap: figures.is_none(),
            });
            match figures.and_then(|figures| figures.f1.percent().zip(figures.interval())) {
                Some((value, ends)) => {
                    let y = format!("{:.1}", scale.y(value));
                    lines.to(&x, &y);
                    let high = scale.y(ends.high);
                    points.push(Point {
                        x,
                        y,
                        low: format!("{:.1}", scale.y(ends.low)),
                        high: format!("{high:.1}"),
                        word_y: format!("{:.1}", high - 6.0),
                        word: lang.hundredths(value),
                    });
                }
                None => lines.stop(),
            }
        }
        Self {
            lang,
            label: label(lang, target, &months),
            target_y: format!("{:.1}", scale.y(threshold.percent())),
            target_word: target_word(lang, threshold),
            target_left: room(months.first()) > room(months.last()),
            lines: lines.paths(),
            points,
            ticks,
            rows: series::lines(lang, threshold, &months, &|period| {
                filters.with(|filters| filters.period = period).address()
            }),
            exports: tables::files(&|format| {
                let long = filters.with(|filters| filters.period = table.query.period).unsorted();
                long.export(format, &[Dimension::Month])
            }),
        }
    }
}

/// One month's figures; a month without a row has no answers.
fn month(table: &Table, period: Period) -> Quarter {
    let row = table.rows.iter().find(|row| row.cells.first() == Some(&Cell::Period(period)));
    Quarter { period, figures: row.map_or(Some(Figures::default()), |row| row.figures) }
}

/// The chart in words.
fn label(lang: Lang, target: &Target, months: &[Quarter]) -> String {
    let said: Vec<String> = months
        .iter()
        .map(|month| {
            let figures = month.figures.filter(|_| gap(month).is_none());
            let value = figures.map_or_else(
                || lang.text("console.months.gap"),
                |figures| lang.percent(figures.f1.percent()),
            );
            format!("{}: {value}", lang.period(month.period))
        })
        .collect();
    let places = [
        ("name", target.name_in(lang)),
        ("target", &*lang.percent(Some(target.threshold.percent()))),
        ("values", &*said.join("; ")),
    ];
    lang.with("console.months.label", &places)
}
