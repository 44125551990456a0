//! The catalogue in the console: what Sở Nội vụ keeps, as lists, pages and forms of one make.

pub mod counters;
pub mod form;
pub mod import;
pub mod procedures;
pub mod targets;
pub mod unit_forms;
pub mod units;

use std::collections::HashMap;

use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;

use super::Shell;
use super::paging::{self, Pages};
use crate::app::catalogue::Snapshot;
use crate::db::conn::Conn;
use crate::domain::fold::fold;
use crate::domain::person::{self, Permission};
use crate::error::{Error, Result};
use crate::locale::Lang;
use crate::web::actor::{Actor, encode};
use crate::web::respond::{Fault, page};
use crate::web::state::State;
use form::{Control, Input};

/// What an address says.
pub type Words = web::Query<HashMap<String, String>>;
/// What a handler gives.
pub type Reply = std::result::Result<HttpResponse, Fault>;

/// Address of the whole catalogue.
pub const HOME: &str = "/console/catalogue";

/// The parts of the catalogue: key and address.
const PARTS: [(&str, &str); 5] = [
    ("units", "/console/catalogue/units"),
    ("procedures", "/console/catalogue/procedures"),
    ("questionnaires", "/console/catalogue/questionnaires"),
    ("targets", "/console/catalogue/targets"),
    ("import", "/console/catalogue/import"),
];

/// The parts of the catalogue: word, address, whether it is open.
pub fn tabs(lang: Lang, open: &str) -> Vec<(String, &'static str, bool)> {
    let tab =
        |(key, address): (&str, &'static str)| (text(lang, &format!("part.{key}")), address, key == open);
    PARTS.into_iter().map(tab).collect()
}

/// A text of the catalogue.
pub fn text(lang: Lang, key: &str) -> String {
    lang.text(&format!("catalogue.{key}"))
}

/// One cell of a table.
pub struct Cell {
    /// Text.
    pub text: String,
    /// Where it leads.
    pub address: Option<String>,
    /// Class of its style.
    pub class: &'static str,
}

impl Cell {
    /// A text that leads nowhere.
    pub fn text(text: impl Into<String>) -> Self {
        Self { text: text.into(), address: None, class: "" }
    }

    /// A text that leads on.
    pub fn link(text: impl Into<String>, address: String) -> Self {
        Self { address: Some(address), ..Self::text(text) }
    }

    /// A text that is not broken into lines.
    pub fn whole(text: impl Into<String>) -> Self {
        Self { class: "whole", ..Self::text(text) }
    }

    /// A count.
    pub fn count(lang: Lang, count: usize) -> Self {
        Self { class: "num", ..Self::text(lang.count(u64::try_from(count).unwrap_or(u64::MAX))) }
    }
}

/// The head of a column.
pub struct Head {
    /// Word.
    pub word: String,
    /// The list sorted by it.
    pub address: Option<String>,
    /// How the list is sorted by it now.
    pub sorted: Option<&'static str>,
}

/// A table with its words.
#[derive(Default)]
pub struct Table {
    /// Id within the page.
    pub id: &'static str,
    /// Title; empty where the page has no other table.
    pub title: String,
    /// What the rows are.
    pub caption: String,
    /// Columns.
    pub heads: Vec<Head>,
    /// Rows; the first cell names the row.
    pub rows: Vec<Vec<Cell>>,
    /// What is said, and what to do, when there is no row.
    pub empty: String,
    /// What can be done about the table.
    pub action: Option<(String, String)>,
}

impl Table {
    /// A table without rows, its columns named by keys.
    pub fn new(lang: Lang, id: &'static str, heads: &[&str]) -> Self {
        let head =
            |key: &&str| Head { word: text(lang, &format!("head.{key}")), address: None, sorted: None };
        Self {
            id,
            caption: text(lang, &format!("caption.{id}")),
            empty: text(lang, &format!("empty.{id}")),
            heads: heads.iter().map(head).collect(),
            ..Self::default()
        }
    }

    /// The table under a title of its own.
    #[must_use]
    pub fn titled(mut self, lang: Lang) -> Self {
        self.title = text(lang, &format!("table.{}", self.id));
        self
    }
}

/// A link to something that can be done.
pub struct Action {
    /// Word.
    pub word: String,
    /// Address.
    pub address: String,
    /// Whether it is the one most often wanted.
    pub first: bool,
}

/// A form without fields that does what the page showed.
pub struct Confirm {
    /// Where it is sent.
    pub action: String,
    /// Word.
    pub word: String,
    /// What is sent.
    pub hidden: Vec<(&'static str, String)>,
    /// The way out.
    pub away: String,
}

/// A page of the catalogue.
#[derive(Template)]
#[template(path = "console/catalogue/page.html", config = "frontend/askama.toml")]
pub struct Page {
    /// Frame.
    pub shell: Shell,
    /// The way back.
    pub back: Option<(String, String)>,
    /// A sentence below the title.
    pub lead: String,
    /// What was done, or has to be known first.
    pub notice: String,
    /// What can be done.
    pub actions: Vec<Action>,
    /// Parts of the catalogue: word, address, whether it is open.
    pub tabs: Vec<(String, &'static str, bool)>,
    /// Names and values.
    pub facts: Vec<(String, String)>,
    /// Address of the list, for its filters.
    pub path: &'static str,
    /// Filters.
    pub filters: Vec<Input>,
    /// Tables.
    pub tables: Vec<Table>,
    /// Pages of the only table.
    pub pages: Option<Pages>,
    /// The same list as CSV.
    pub export: Option<String>,
    /// What is confirmed.
    pub confirm: Option<Confirm>,
}

impl Page {
    /// A page with a title and nothing else.
    pub fn new(shell: Shell) -> Self {
        Self {
            shell,
            back: None,
            lead: String::new(),
            notice: String::new(),
            actions: Vec::new(),
            tabs: Vec::new(),
            facts: Vec::new(),
            path: "",
            filters: Vec::new(),
            tables: Vec::new(),
            pages: None,
            export: None,
            confirm: None,
        }
    }

    /// The page with the parts of the catalogue above it, one of them open.
    #[must_use]
    pub fn within(mut self, open: &str) -> Self {
        self.tabs = tabs(self.shell.lang, open);
        self
    }

    /// Shows one table, a page of it at a time and sorted as the address asks, or all of it as CSV.
    ///
    /// # Errors
    /// Internal when the page cannot be rendered.
    pub fn list(mut self, path: &'static str, asked: &HashMap<String, String>, mut table: Table) -> Reply {
        let lang = self.shell.lang;
        let column = asked.get("sort").and_then(|text| text.parse::<usize>().ok());
        let falling = asked.get("dir").is_some_and(|dir| dir == "desc");
        if let Some(column) = column.filter(|column| *column < table.heads.len()) {
            table.rows.sort_by_cached_key(|row| row.get(column).map(sort_key));
            if falling {
                table.rows.reverse();
            }
        }
        if asked.get("format").is_some_and(|format| format == "csv") {
            return csv(&table);
        }
        for (place, head) in table.heads.iter_mut().enumerate() {
            let is_sorted = column == Some(place);
            head.sorted = is_sorted.then_some(if falling { "descending" } else { "ascending" });
            let dir = if is_sorted && !falling { "desc" } else { "asc" };
            let extra = [("sort", place.to_string()), ("dir", dir.to_owned())];
            head.address = Some(address(path, asked, &extra));
        }
        let turn = |number: usize| address(path, asked, &[("page", number.to_string())]);
        self.pages = Some(paging::cut(&mut table.rows, paging::number(asked), turn, lang));
        self.export = Some(address(path, asked, &[("format", "csv".to_owned())]));
        self.path = path;
        self.tables = vec![table];
        page(&self)
    }
}

/// Numbers by size, words without their marks.
fn sort_key(cell: &Cell) -> (usize, String) {
    let folded = fold(&cell.text);
    let digits = folded.chars().filter(|letter| *letter != '.' && *letter != ',').collect::<String>();
    let is_number = cell.class == "num" && digits.bytes().all(|byte| byte.is_ascii_digit());
    // dd/mm/yyyy sorts by year first.
    let date: Vec<&str> = folded.split('/').collect();
    match date.as_slice() {
        _ if is_number => (digits.len(), digits),
        [day, month, year] if year.len() == 4 => (0, format!("{year}{month}{day}")),
        _ => (0, folded),
    }
}

/// An address with what was asked for, but for what is said anew; another order starts at the first page.
pub fn address(path: &str, asked: &HashMap<String, String>, extra: &[(&str, String)]) -> String {
    let mut said: Vec<(&str, &str)> = asked
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .filter(|(name, value)| {
            !value.is_empty()
                && !["page", "format"].contains(name)
                && extra.iter().all(|(other, _)| other != name)
        })
        .collect();
    said.sort_unstable();
    said.extend(extra.iter().map(|(name, value)| (*name, value.as_str())));
    let parts: Vec<String> =
        said.into_iter().map(|(name, value)| format!("{}={}", encode(name), encode(value))).collect();
    if parts.is_empty() { path.to_owned() } else { format!("{path}?{}", parts.join("&")) }
}

fn csv(table: &Table) -> Reply {
    let mut writer = csv::Writer::from_writer(Vec::from("\u{feff}"));
    writer.write_record(table.heads.iter().map(|head| head.word.as_str())).map_err(Error::internal)?;
    for row in &table.rows {
        writer.write_record(row.iter().map(|cell| inert(&cell.text))).map_err(Error::internal)?;
    }
    let body = writer.into_inner().map_err(Error::internal)?;
    Ok(HttpResponse::Ok()
        .content_type("text/csv; charset=utf-8")
        .insert_header(("Cache-Control", "no-store"))
        .insert_header(("Content-Disposition", format!("attachment; filename=\"{}.csv\"", table.id)))
        .body(body))
}

/// A text that no sheet takes for a formula.
fn inert(text: &str) -> String {
    if text.starts_with(['=', '+', '-', '@', '\t', '\r']) { format!("'{text}") } else { text.to_owned() }
}

/// Days of a version, the last one included.
pub fn days(lang: Lang, from: chrono::NaiveDate, to: Option<chrono::NaiveDate>) -> [Cell; 2] {
    let last = to.map_or_else(|| text(lang, "open-end"), |end| lang.date(crate::domain::day::previous(end)));
    [Cell::whole(lang.date(from)), Cell::whole(last)]
}

/// Changes the catalogue in one transaction; the next page shows it.
///
/// # Errors
/// Those of `work`.
pub async fn write<T: Send + 'static>(
    state: &State,
    actor: &Actor,
    work: impl FnOnce(&mut Conn, &person::Actor) -> Result<T> + Send + 'static,
) -> Result<T> {
    let person = actor.person.clone();
    let done = state.block(move |db| db.write(|conn| work(conn, &person))).await?;
    super::links::refresh(state).await?;
    Ok(done)
}

/// The frame of a page of the catalogue, for those who keep it.
///
/// # Errors
/// Not found for others.
pub fn shell(actor: &Actor, snapshot: &Snapshot, title: String, request: &HttpRequest) -> Result<Shell> {
    actor.person.require(Permission::ManageCatalogue)?;
    let here = if request.method() == actix_web::http::Method::GET {
        request.uri().path_and_query().map_or_else(String::new, ToString::to_string)
    } else {
        request.path().to_owned()
    };
    Ok(Shell::of(actor, snapshot, "catalogue", title, here))
}

/// GET /console/catalogue
///
/// # Errors
/// Not found for whoever does not keep the catalogue.
pub async fn home(state: web::Data<State>, actor: Actor, request: HttpRequest) -> Reply {
    let (snapshot, lang) = (state.catalogue.snapshot(), actor.lang());
    let shell = shell(&actor, &snapshot, text(lang, "title"), &request)?;
    let mut table = Table::new(lang, "parts", &["part", "about"]);
    table.rows = PARTS
        .into_iter()
        .map(|(key, address)| {
            let name = text(lang, &format!("part.{key}"));
            vec![Cell::link(name, address.to_owned()), Cell::text(text(lang, &format!("about.{key}")))]
        })
        .collect();
    page(&Page { lead: text(lang, "lead"), tables: vec![table], ..Page::new(shell) })
}
