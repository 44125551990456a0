//! The catalogue in the console: what Sở Nội vụ keeps, as lists, pages and forms of one make.

pub mod closing;
pub mod counters;
pub mod fields;
pub mod figures;
pub mod form;
pub mod import;
pub mod procedures;
pub mod targets;
pub mod unit_forms;
mod unit_preview;
pub mod units;
pub mod withdrawals;

use std::collections::HashMap;

use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use chrono::NaiveDate;

use super::Shell;
pub use super::listing::{Cell, Head, Rank, Table, address};
use super::listing::{Listing, Place};
use crate::app::catalogue::Snapshot;
use crate::domain::day;
use crate::domain::person::Permission;
use crate::error::Result;
use crate::locale::Lang;
use crate::web::actor::Actor;
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
const PARTS: [(&str, &str); 6] = [
    ("units", "/console/catalogue/units"),
    ("fields", "/console/catalogue/fields"),
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

/// The column of what can be done about a row.
const EDIT: &str = "edit";

impl Table {
    /// A table of the catalogue without rows, its columns named by keys.
    pub fn new(lang: Lang, id: &'static str, heads: &[&'static str]) -> Self {
        let head = |key: &&'static str| {
            let place = if *key == EDIT { Place::Screen } else { Place::Everywhere };
            Head::of(key, text(lang, &format!("head.{key}"))).only(place)
        };
        Self {
            id,
            class: "listed",
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
    pub hidden: Vec<(String, String)>,
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
    /// The order of the lists, which the filters leave as it is.
    pub kept: Vec<(String, String)>,
    /// Tables.
    pub tables: Vec<Table>,
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
            kept: Vec::new(),
            tables: Vec::new(),
            confirm: None,
        }
    }

    /// The page with the parts of the catalogue above it, one of them open.
    #[must_use]
    pub fn within(mut self, open: &str) -> Self {
        self.tabs = tabs(self.shell.lang, open);
        self
    }

    /// Shows lists, a page of each at a time and in the order that the address asks for, or one as a file.
    ///
    /// # Errors
    /// Not found for a file that there is not; internal when the page cannot be rendered.
    pub async fn list(mut self, listing: &Listing<'_>, mut tables: Vec<Table>) -> Reply {
        if let Some(file) = listing.arrange(&mut tables, &self.shell.title).await? {
            return Ok(file);
        }
        self.kept = listing.kept();
        self.tables = tables;
        page(&self)
    }
}

/// Days of a version, the last one included.
pub fn days(lang: Lang, from: NaiveDate, to: Option<NaiveDate>) -> [Cell; 2] {
    let last = to.map_or_else(
        || Cell::whole(text(lang, "open-end")).ranked(Rank::Day(NaiveDate::MAX)),
        |end| Cell::day(lang, day::previous(end)),
    );
    [Cell::day(lang, from), last]
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
    let mut table = Table { class: "parts", ..Table::new(lang, "parts", &["part", "about"]) };
    table.rows = PARTS
        .into_iter()
        .map(|(key, address)| {
            let name = text(lang, &format!("part.{key}"));
            vec![Cell::link(name, address.to_owned()), Cell::text(text(lang, &format!("about.{key}")))]
        })
        .collect();
    page(&Page { lead: text(lang, "lead"), tables: vec![table], ..Page::new(shell) })
}
