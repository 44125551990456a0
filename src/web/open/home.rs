//! The first page: the newest published figures, for citizens.

use actix_web::http::StatusCode;
use actix_web::web;
use askama::Template;

use super::charts::{Point, Trend};
use super::figures::{self, Figure, Mark};
use super::frame::Frame;
use super::{Reply, page, units};
use crate::app::open_data::{Edition, File, Reading};
use crate::app::publications::Names;
use crate::domain::dataset::{Cut, Dataset, Hundredths, Row};
use crate::domain::day::Local;
use crate::domain::questionnaire::Kind;
use crate::locale::Lang;
use crate::web::state::State;

#[derive(Template)]
#[template(path = "open/home.html", config = "frontend/askama.toml")]
struct Home<'a> {
    frame: &'a Frame,
    about: About,
    first: Option<Figure>,
    others: Vec<Figure>,
    imported: Vec<Imported>,
    trends: Vec<History>,
    fields: Vec<Figure>,
    units: usize,
    levels: Vec<(&'static str, String, bool)>,
    limits: Vec<String>,
    also: Vec<(String, String)>,
}

#[derive(Template)]
#[template(path = "open/empty.html", config = "frontend/askama.toml")]
struct Empty<'a> {
    frame: &'a Frame,
}

/// Which publication a page tells of.
pub struct About {
    /// "quý III/2026"
    pub period: String,
    /// Days.
    pub days: String,
    /// Day of publication.
    pub published: String,
    /// Address of the publication.
    pub address: String,
    /// Answers in all.
    pub answers: String,
    /// Number of the correction, from 1; none for what was first published.
    pub correction: Option<i32>,
}

impl About {
    /// What is said of a file.
    pub fn of(frame: &Frame, file: &File) -> Self {
        let (lang, edition) = (frame.lang, &file.edition);
        let counts = Kind::ALL.iter().map(|kind| file.dataset.row(*kind, Cut::Total, &[])?.n());
        let all: Option<u64> = counts.sum();
        Self {
            period: lang.period(edition.period),
            days: days(lang, edition),
            published: lang.date(Local::at(edition.at.and_utc()).day),
            address: frame.link(&format!("/open/publications/{}", edition.number)),
            answers: all.map_or_else(|| "…".to_owned(), |all| lang.count(all)),
            correction: (edition.version > 1).then(|| edition.version - 1),
        }
    }
}

/// First and last day.
pub fn days(lang: Lang, edition: &Edition) -> String {
    format!("{}–{}", lang.date(edition.period.from()), lang.date(edition.period.to()))
}

/// A figure of another ministry's method.
pub struct Imported {
    /// Name of the target.
    pub name: String,
    /// The index; none where nobody has given it.
    pub index: Option<String>,
    /// The target.
    pub target: String,
    /// Whether the target is met; none without a figure.
    pub is_met: Option<bool>,
    /// Respondents and source.
    pub source: String,
}

/// The figures of other ministries' methods in a dataset.
pub fn imported(dataset: &Dataset, names: &Names) -> Vec<Imported> {
    let lang = names.lang();
    let entries = dataset.imported.iter().filter_map(|figure| {
        let target = names.target(&figure.target)?;
        let threshold = Hundredths::from(target.threshold);
        let respondents = figure.respondents.and_then(|count| u64::try_from(count).ok());
        let respondents =
            respondents.map(|count| lang.with("open.imported.respondents", &[("n", &lang.count(count))]));
        let source = figure.source.as_ref().map(|name| lang.with("open.imported.source", &[("name", name)]));
        Some(Imported {
            name: names.target_name(&figure.target),
            index: figure.index.map(|index| figures::percent(lang, index)),
            target: figures::target(lang, threshold),
            is_met: figure.index.map(|index| index >= threshold),
            source: respondents.into_iter().chain(source).collect::<Vec<_>>().join(" · "),
        })
    });
    entries.collect()
}

/// One figure through the publications: a chart, and the same as a table.
pub struct History {
    /// What it is about.
    pub name: String,
    /// Chart, where there are two figures or more.
    pub chart: Option<Trend>,
    /// A line for each period, the newest first.
    pub lines: Vec<Line>,
    /// Whether some line was measured in another way.
    pub differs: bool,
}

/// A period in a history.
pub struct Line {
    /// Period.
    pub period: String,
    /// The publication, where there is one.
    pub address: Option<String>,
    /// Figures.
    pub figure: Option<Figure>,
    /// Whether it was measured as the newest one was.
    pub is_alike: bool,
}

impl History {
    /// The rows that `row` finds in the files of a reading.
    pub fn of<'a>(
        frame: &Frame,
        reading: &'a Reading,
        kind: Kind,
        name: String,
        row: impl Fn(&'a Dataset) -> Option<&'a Row>,
    ) -> Self {
        let now = &reading.file.dataset;
        let (mut points, mut lines, mut target) = (Vec::new(), Vec::new(), None);
        for (period, file) in &reading.trail {
            let found = file.as_ref().and_then(|file| Some((file, row(&file.dataset)?)));
            let is_alike = file.as_ref().is_none_or(|file| is_alike(&file.dataset, now, kind));
            let value = found.and_then(|(_, row)| {
                let figures = row.figures?;
                Some((figures.index?, figures.low?, figures.high?))
            });
            target = found.and_then(|(_, row)| row.target).map(Hundredths::from).or(target);
            points.push(Point { period: *period, value, is_alike });
            let figure = found.map(|(file, row)| Figure::of(frame.lang, &file.dataset, row, String::new()));
            let number = file.as_ref().map(|file| file.edition.number);
            lines.push(Line {
                period: frame.lang.period(*period),
                address: number.map(|number| frame.link(&format!("/open/publications/{number}"))),
                figure,
                is_alike,
            });
        }
        lines.reverse();
        let differs = lines.iter().any(|line| !line.is_alike);
        Self { chart: Trend::of(frame.lang, &name, &points, target), name, lines, differs }
    }
}

/// Whether two datasets measured a kind in the same way: method, questionnaires, and no change on the way.
fn is_alike(one: &Dataset, other: &Dataset, kind: Kind) -> bool {
    let versions = |dataset: &Dataset| -> Vec<i32> {
        dataset.questionnaires.iter().filter(|one| one.kind == kind).map(|one| one.version).collect()
    };
    let breaks = one.surveys.iter().any(|survey| survey.kind == kind && !survey.breaks.is_empty());
    !breaks && versions(one) == versions(other) && one.method.is_alike(&other.method)
}

/// The judged targets of a dataset in order, with their kind.
pub fn targets(dataset: &Dataset) -> impl Iterator<Item = (Kind, &Row)> {
    Kind::ALL.into_iter().flat_map(|kind| dataset.rows(kind, Cut::Target).iter().map(move |row| (kind, row)))
}

/// GET /
///
/// # Errors
/// Those of the database.
pub async fn show(state: web::Data<State>, frame: Frame) -> Reply {
    let shelf = state.open.clone();
    let Some(reading) = state.block(move |database| shelf.newest(database)).await? else {
        return page(&frame, StatusCode::OK, &Empty { frame: &frame });
    };
    let dataset = &reading.file.dataset;
    let (lang, names) = (frame.lang, Names::of(dataset, frame.lang));
    let of_target =
        |(kind, row): (Kind, &Row)| Figure::of(lang, dataset, row, names.row(kind, Cut::Target, &row.key));
    let mut judged = targets(dataset).map(of_target);
    let first = judged.next();
    let others = judged.collect();
    let trends = targets(dataset).map(|(kind, row)| {
        let name = names.row(kind, Cut::Target, &row.key);
        History::of(&frame, &reading, kind, name, move |dataset| {
            dataset.rows(kind, Cut::Target).iter().find(|one| one.key == row.key)
        })
    });
    let mut trends: Vec<History> = trends.collect();
    trends.retain(|trend| trend.lines.len() > 1);
    let also = reading.editions.current().filter(|one| one.number != reading.file.edition.number).take(4);
    let also =
        also.map(|one| (frame.link(&format!("/open/publications/{}", one.number)), lang.period(one.period)));
    let home = Home {
        about: About::of(&frame, &reading.file),
        first,
        others,
        imported: imported(dataset, &names),
        trends,
        fields: fields(dataset, &names),
        units: dataset.units.len(),
        levels: units::levels(lang, ""),
        limits: frame.t("method.limits").lines().map(str::to_owned).collect(),
        also: also.collect(),
        frame: &frame,
    };
    page(&frame, StatusCode::OK, &home)
}

/// The fields in their official order.
fn fields(dataset: &Dataset, names: &Names) -> Vec<Figure> {
    let kind = Kind::Tthc;
    let rows = dataset.rows(kind, Cut::Field).iter();
    rows.map(|row| Figure::of(names.lang(), dataset, row, names.row(kind, Cut::Field, &row.key))).collect()
}

/// The verdicts with what each of them means, against a target.
pub fn verdicts(lang: Lang, enough: u64) -> Vec<Mark> {
    use crate::domain::target::Verdict;
    let word = lang.text("open.method.target-word");
    Verdict::ALL.into_iter().rev().map(|verdict| Mark::of(lang, verdict, &word, enough)).collect()
}
