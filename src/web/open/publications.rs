//! The archive of publications, and one of them with all its tables and files.

use actix_web::http::StatusCode;
use actix_web::web;
use askama::Template;

use super::figures::Figure;
use super::frame::Frame;
use super::home::{self, About, Imported, targets};
use super::{Reply, found, missing, page};
use crate::app::open_data::{Edition, File};
use crate::app::publications::{Form, Names};
use crate::domain::dataset::{Cut, Dataset, Row, Survey, Table};
use crate::domain::day::Local;
use crate::domain::questionnaire::Kind;
use crate::locale::Lang;
use crate::web::state::State;

/// Rows of a table on one page.
const ROWS: usize = 150;

/// A publication in the archive.
struct Line {
    address: String,
    period: String,
    days: String,
    number: i64,
    published: String,
    correction: Option<i32>,
    corrected_by: Option<(i64, String)>,
    json: String,
    csv: String,
    sha256: String,
}

impl Line {
    fn of(frame: &Frame, edition: &Edition) -> Self {
        let number = edition.number;
        let address = |number: i64| frame.link(&format!("/open/publications/{number}"));
        Self {
            address: address(number),
            period: frame.lang.period(edition.period),
            days: home::days(frame.lang, edition),
            number,
            published: frame.lang.date(Local::at(edition.at.and_utc()).day),
            correction: (edition.version > 1).then(|| edition.version - 1),
            corrected_by: edition.corrected_by.map(|newer| (newer, address(newer))),
            json: format!("/open/data/publications/{number}.json"),
            csv: format!("/open/data/publications/{number}.csv"),
            sha256: edition.sha256.clone(),
        }
    }
}

#[derive(Template)]
#[template(path = "open/publications.html", config = "frontend/askama.toml")]
struct Archive<'a> {
    frame: &'a Frame,
    lines: Vec<Line>,
}

/// GET /open/publications
///
/// # Errors
/// Those of the database.
pub async fn list(state: web::Data<State>, frame: Frame) -> Reply {
    let shelf = state.open.clone();
    let editions = state.block(move |database| shelf.editions(database)).await?;
    let lines = editions.all().iter().map(|edition| Line::of(&frame, edition)).collect();
    page(&frame, StatusCode::OK, &Archive { frame: &frame, lines })
}

/// A table that a reader may open.
struct Choice {
    address: String,
    word: String,
    rows: String,
    hidden: String,
    is_open: bool,
}

/// A file to be downloaded: address, word, and what it is good for.
struct Offer {
    address: String,
    word: String,
    hint: String,
}

#[derive(Template)]
#[template(path = "open/publication.html", config = "frontend/askama.toml")]
struct One<'a> {
    frame: &'a Frame,
    about: About,
    line: Line,
    figures: Vec<Figure>,
    imported: Vec<Imported>,
    facts: Vec<(String, String)>,
    corrects: Option<(i64, String)>,
    previous: Option<String>,
    files: Vec<Offer>,
    choices: Vec<(String, Vec<Choice>)>,
    title: String,
    rows: Vec<Figure>,
    before: Option<String>,
    after: Option<String>,
    place: String,
    least: String,
}

/// The table that is open, and which part of it.
struct Open {
    kind: Kind,
    cut: Cut,
    page: usize,
}

impl Open {
    fn read(frame: &Frame) -> Self {
        Self {
            kind: Kind::from_key(frame.asked("kind")).unwrap_or(Kind::Tthc),
            cut: Cut::ALL.into_iter().find(|cut| cut.key() == frame.asked("cut")).unwrap_or(Cut::Field),
            page: frame.asked("page").parse().unwrap_or(1).clamp(1, 10_000),
        }
    }

    fn address(&self, frame: &Frame, number: i64, page: usize) -> String {
        let (kind, cut) = (self.kind.key(), self.cut.key());
        let page = if page > 1 { format!("&page={page}") } else { String::new() };
        frame.link(&format!("/open/publications/{number}?kind={kind}&cut={cut}{page}#table"))
    }
}

/// GET /open/publications/{number}?kind=&cut=&page=
///
/// # Errors
/// Those of the database.
pub async fn show(state: web::Data<State>, frame: Frame, number: web::Path<String>) -> Reply {
    let (shelf, number) = (state.open.clone(), number.parse().unwrap_or(0));
    let file = state.block(move |database| shelf.numbered(database, number)).await;
    let Some(file) = found(file)? else {
        return missing(&frame, "open.missing.publication");
    };
    page(&frame, StatusCode::OK, &one(&frame, &file))
}

fn one<'a>(frame: &'a Frame, file: &File) -> One<'a> {
    let (lang, dataset, number) = (frame.lang, &file.dataset, file.edition.number);
    let (open, names) = (Open::read(frame), Names::of(dataset, lang));
    let all = dataset.rows(open.kind, open.cut);
    let pages = all.len().div_ceil(ROWS).max(1);
    let shown = open.page.min(pages);
    let part = all.iter().skip((shown - 1) * ROWS).take(ROWS);
    let row =
        |kind: Kind, cut: Cut, row: &Row| Figure::of(lang, dataset, row, names.row(kind, cut, &row.key));
    let issue = dataset.issue.as_ref();
    One {
        about: About::of(frame, file),
        line: Line::of(frame, &file.edition),
        figures: targets(dataset).map(|(kind, one)| row(kind, Cut::Target, one)).collect(),
        imported: home::imported(dataset, &names),
        facts: facts(lang, dataset),
        corrects: file
            .edition
            .corrects
            .map(|older| (older, frame.link(&format!("/open/publications/{older}")))),
        previous: issue.and_then(|issue| issue.previous.clone()),
        files: files(lang, number),
        choices: choices(frame, file, &open),
        title: format!("{} · {}", kind_word(lang, open.kind), cut_word(lang, open.cut)),
        rows: part.map(|one| row(open.kind, open.cut, one)).collect(),
        before: (shown > 1).then(|| open.address(frame, number, shown - 1)),
        after: (shown < pages).then(|| open.address(frame, number, shown + 1)),
        place: if pages > 1 { format!("{shown} / {pages}") } else { String::new() },
        least: dataset.floor.to_string(),
        frame,
    }
}

fn kind_word(lang: Lang, kind: Kind) -> String {
    lang.text(&format!("kind.{}", kind.key()))
}

fn cut_word(lang: Lang, cut: Cut) -> String {
    lang.text(&format!("publications.cut-{}", cut.key()))
}

/// The files of a publication.
fn files(lang: Lang, number: i64) -> Vec<Offer> {
    let offer = |form: Form| Offer {
        address: format!("/open/data/publications/{number}.{}", form.key()),
        word: lang.text(&format!("open.file.{}", form.key())),
        hint: lang.text(&format!("open.file.{}-hint", form.key())),
    };
    Form::ALL.map(offer).into()
}

fn choices(frame: &Frame, file: &File, open: &Open) -> Vec<(String, Vec<Choice>)> {
    let lang = frame.lang;
    let count = |rows: usize| lang.count(u64::try_from(rows).unwrap_or_default());
    let of = |survey: &Survey| {
        let choice = |table: &Table| {
            let hidden = table.rows.iter().filter(|row| row.levels.is_none()).count();
            let this = Open { kind: survey.kind, cut: table.by, page: 1 };
            Choice {
                address: this.address(frame, file.edition.number, 1),
                word: cut_word(lang, table.by),
                rows: count(table.rows.len()),
                hidden: if hidden > 0 { count(hidden) } else { String::new() },
                is_open: (survey.kind, table.by) == (open.kind, open.cut),
            }
        };
        let tables = survey.tables.iter().filter(|table| !table.rows.is_empty());
        (kind_word(lang, survey.kind), tables.map(choice).collect())
    };
    file.dataset.surveys.iter().map(of).collect()
}

fn facts(lang: Lang, dataset: &Dataset) -> Vec<(String, String)> {
    let word = |key: &str| lang.text(&format!("open.fact.{key}"));
    let day = |at: chrono::DateTime<chrono::Utc>| {
        let local = Local::at(at);
        format!("{} {}", lang.date(local.day), local.time.format("%H:%M"))
    };
    let mut facts = vec![(word("frozen"), day(dataset.frozen_at))];
    if let Some(issue) = &dataset.issue {
        facts.push((word("published"), day(issue.at)));
        if let Some(late) = issue.late {
            facts.push((word("late"), lang.count(late)));
        }
    }
    facts.push((word("method"), format!("{} v{}", dataset.method.id, dataset.method.version)));
    for questionnaire in &dataset.questionnaires {
        let version = questionnaire.version.to_string();
        let places = [("version", version.as_str())];
        facts.push((kind_word(lang, questionnaire.kind), lang.with("open.fact.questionnaire", &places)));
    }
    facts
}
