//! Lists: tables of cells, sorted and paged as the address asks, and as a file of exactly what they show.

mod cell;

use std::collections::HashMap;
use std::mem;

use actix_web::{HttpRequest, HttpResponse};

pub use cell::{Button, Cell, Rank};

use self::cell::Key;
use super::exports;
use super::paging::{self, Pages};
use crate::app::exports::Sheet;
use crate::error::{Error, Result};
use crate::locale::{Lang, Message, NameKeys};
use crate::web::actor::encode;

/// Most characters in the name of a worksheet.
const SHEET_NAME: usize = 31;

/// What an address says.
pub type Words = HashMap<String, String>;

/// Where a column stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// On the screen and in the file.
    Everywhere,
    /// On the screen: what can be done about a row.
    Screen,
    /// In the file: what the screen has no room for.
    File,
}

/// The head of a column.
pub struct Head {
    /// Key in the address and the file.
    pub key: &'static str,
    /// Word.
    pub word: String,
    /// Where the column stands.
    pub place: Place,
    /// The list sorted by it.
    pub address: Option<String>,
    /// How the list is sorted by it now.
    pub sorted: Option<&'static str>,
}

impl Head {
    /// A column of screen and file.
    pub fn of(key: &'static str, word: String) -> Self {
        Self { key, word, place: Place::Everywhere, address: None, sorted: None }
    }

    /// The same column in one place.
    #[must_use]
    pub fn only(self, place: Place) -> Self {
        Self { place, ..self }
    }
}

/// A table with its words.
#[derive(Default)]
pub struct Table {
    /// Id within the page, and part of the name of its file.
    pub id: &'static str,
    /// Title; empty where the page has no other table.
    pub title: String,
    /// What the rows are.
    pub caption: String,
    /// Class of its style.
    pub class: &'static str,
    /// Columns.
    pub heads: Vec<Head>,
    /// Rows; the first cell names the row.
    pub rows: Vec<Vec<Cell>>,
    /// What is said, and what to do, when there is no row.
    pub empty: String,
    /// What can be done about the table.
    pub action: Option<(String, String)>,
    /// Column by which it is sorted where the address names none.
    pub first: Option<&'static str>,
    /// All rows, also those of other pages.
    pub total: usize,
    /// Where the rows stand among the pages.
    pub pages: Option<Pages>,
    /// The same list as files.
    pub exports: Vec<(&'static str, String)>,
}

impl Table {
    /// The cells of a row that the screen shows, under their heads; the first names the row.
    pub fn shown<'a>(&'a self, row: &'a [Cell]) -> impl Iterator<Item = (&'a Head, &'a Cell)> {
        self.heads.iter().zip(row).filter(|(head, _)| head.place != Place::File)
    }

    /// The heads that the screen shows, and whether numbers stand below them.
    pub fn shown_heads(&self) -> impl Iterator<Item = (&Head, bool)> {
        let is_number = |column: usize| {
            self.rows.iter().filter_map(|row| row.get(column)).any(|cell| cell.class == "num")
        };
        let heads = self.heads.iter().enumerate().map(move |(column, head)| (head, is_number(column)));
        heads.filter(|(head, _)| head.place != Place::File)
    }

    fn column(&self, key: &str) -> Option<usize> {
        let is_it = |head: &Head| head.key == key && head.place != Place::Screen;
        self.heads.iter().position(is_it)
    }

    fn sheet(&self) -> Sheet {
        let in_file = |head: &Head| head.place != Place::Screen;
        let columns = self.heads.iter().filter(|head| in_file(head));
        let row = |row: &Vec<Cell>| {
            let cells = self.heads.iter().zip(row).filter(|(head, _)| in_file(head));
            cells.map(|(_, cell)| cell.value()).collect()
        };
        Sheet {
            columns: columns.map(|head| (head.key.to_owned(), head.word.clone())).collect(),
            rows: self.rows.iter().map(row).collect(),
        }
    }
}

/// What an address asks of the lists of a page.
pub struct Listing<'a> {
    lang: Lang,
    path: &'a str,
    asked: &'a Words,
    format: Option<&'a str>,
}

impl<'a> Listing<'a> {
    /// Reads it: the path is that of the page, and the route of its file adds `.{format}`.
    pub fn of(lang: Lang, path: &'a str, request: &'a HttpRequest, asked: &'a Words) -> Self {
        Self { lang, path, asked, format: request.match_info().get("format") }
    }

    /// A filter of the page, without the blanks around it; empty where it is not set.
    pub fn word(&self, name: &str) -> &'a str {
        self.asked.get(name).map(|text| text.trim()).unwrap_or_default()
    }

    /// Whether a file of all rows is asked for.
    pub const fn is_file(&self) -> bool {
        self.format.is_some()
    }

    /// Whether the only list of the page is sorted by one of some columns.
    pub fn sorts_by(&self, keys: &[&str]) -> bool {
        keys.contains(&self.word("sort"))
    }

    /// The order of the lists, for the form that sets the filters.
    pub fn kept(&self) -> Vec<(String, String)> {
        let is_order = |name: &str| ["sort", "dir"].iter().any(|end| name.ends_with(end));
        let order = self.asked.iter().filter(|(name, value)| is_order(name) && !value.is_empty());
        let mut kept: Vec<_> = order.map(|(name, value)| (name.clone(), value.clone())).collect();
        kept.sort();
        kept
    }

    /// Sorts the lists and cuts them to pages; where the address asks for a file, that file.
    ///
    /// The names of order and page in the address carry the id of the list where a page has several.
    /// `title` is that of the page.
    ///
    /// # Errors
    /// Not found for a file in another format or of another list; internal when it cannot be written.
    pub async fn arrange(&self, tables: &mut [Table], title: &str) -> Result<Option<HttpResponse>> {
        self.lay_out(tables);
        let list = self.word("list");
        let wanted = tables.iter().find(|table| list.is_empty() || table.id == list);
        match wanted {
            Some(table) => self.file(table, title).await,
            None if self.is_file() => Err(Error::NotFound(Message::new("error.page-not-found"))),
            None => Ok(None),
        }
    }

    /// Sorts the lists and cuts them to pages, as [`Self::arrange`] does where no file is asked for.
    pub fn lay_out(&self, tables: &mut [Table]) {
        let several = tables.len() > 1;
        for table in tables.iter_mut() {
            let prefix = if several { format!("{}-", table.id) } else { String::new() };
            let rows = mem::take(&mut table.rows);
            let mut names = NameKeys::default();
            table.rows = self.lay(table, &prefix, rows, |row, column| row.get(column)?.key(&mut names));
        }
    }

    /// The things of which the only list of a page shows rows, all of them for a file: a long list sorts
    /// them by one `cell` of each, under the key of its column, and writes rows for no others.
    pub fn choose<T>(
        &self,
        table: &mut Table,
        things: Vec<T>,
        cell: impl Fn(&T, &'static str) -> Cell,
    ) -> Vec<T> {
        let keys: Vec<&'static str> = table.heads.iter().map(|head| head.key).collect();
        let mut names = NameKeys::default();
        self.lay(table, "", things, |thing, column| cell(thing, keys.get(column)?).key(&mut names))
    }

    /// The file that the address asks for, if it asks for one.
    ///
    /// # Errors
    /// Not found for another format; internal when it cannot be written.
    pub async fn file(&self, table: &Table, title: &str) -> Result<Option<HttpResponse>> {
        match self.format {
            Some(format) => {
                let name = sheet_name(table, title);
                exports::download(table.sheet(), table.id, &name, format).await.map(Some)
            }
            None => Ok(None),
        }
    }

    /// Sorts things by their keys under a column, and cuts them to a page unless a file is asked for.
    fn lay<T>(
        &self,
        table: &mut Table,
        prefix: &str,
        things: Vec<T>,
        mut key: impl FnMut(&T, usize) -> Option<Key>,
    ) -> Vec<T> {
        let (column, falling) = self.order(table, prefix);
        let mut things = match column {
            Some(column) => {
                sorted(things.into_iter().map(|thing| (key(&thing, column), thing)).collect(), falling)
            }
            None => things,
        };
        if !self.is_file() {
            self.cut(table, prefix, &mut things);
        }
        things
    }

    /// The column by which a list is sorted, and whether falling; its heads lead to the other orders.
    fn order(&self, table: &mut Table, prefix: &str) -> (Option<usize>, bool) {
        let (sort, dir) = (format!("{prefix}sort"), format!("{prefix}dir"));
        let key = match self.word(&sort) {
            "" => table.first.unwrap_or_default(),
            key => key,
        };
        let falling = self.word(&dir) == "desc";
        let column = table.column(key);
        let anchor = if prefix.is_empty() { String::new() } else { format!("#{}", table.id) };
        for (place, head) in
            table.heads.iter_mut().enumerate().filter(|(_, head)| head.place != Place::Screen)
        {
            let is_sorted = column == Some(place);
            head.sorted = is_sorted.then_some(if falling { "descending" } else { "ascending" });
            let turned = if is_sorted && !falling { "desc" } else { "asc" };
            let order = [(&*sort, head.key.to_owned()), (&*dir, turned.to_owned())];
            head.address = Some(self.address(self.path, &format!("{prefix}page"), &order) + &anchor);
        }
        (column, falling)
    }

    fn cut<T>(&self, table: &mut Table, prefix: &str, things: &mut Vec<T>) {
        let name = format!("{prefix}page");
        let anchor = if prefix.is_empty() { String::new() } else { format!("#{}", table.id) };
        let turn = |number: usize| self.address(self.path, "", &[(&*name, number.to_string())]) + &anchor;
        table.total = things.len();
        let number = paging::read(self.word(&name));
        table.pages = Some(paging::cut(things, number, turn, self.lang));
        let list: &[(&str, String)] = if prefix.is_empty() { &[] } else { &[("list", table.id.to_owned())] };
        table.exports = [("CSV", "csv"), ("XLSX", "xlsx")]
            .map(|(word, format)| (word, self.address(&format!("{}.{format}", self.path), &name, list)))
            .into();
    }

    fn address(&self, path: &str, without: &str, extra: &[(&str, String)]) -> String {
        let others = self.asked.iter().filter(|(name, _)| *name != without);
        address(path, others, extra)
    }
}

/// Things in the order of their keys; what has none stands last, whichever way the rest is sorted.
fn sorted<T>(mut keyed: Vec<(Option<Key>, T)>, falling: bool) -> Vec<T> {
    keyed.sort_by(|(one, _), (other, _)| match (one, other) {
        (Some(one), Some(other)) if falling => other.cmp(one),
        (Some(one), Some(other)) => one.cmp(other),
        _ => other.is_some().cmp(&one.is_some()),
    });
    keyed.into_iter().map(|(_, thing)| thing).collect()
}

/// An address with what is said, but for what is said anew.
pub fn address<'a>(
    path: &str,
    said: impl IntoIterator<Item = (&'a String, &'a String)>,
    extra: &[(&str, String)],
) -> String {
    let is_new = |name: &str| extra.iter().any(|(other, _)| *other == name);
    let said = said.into_iter().map(|(name, value)| (name.as_str(), value.as_str()));
    let mut said: Vec<(&str, &str)> =
        said.filter(|(name, value)| !value.is_empty() && !is_new(name)).collect();
    said.sort_unstable();
    said.extend(extra.iter().map(|(name, value)| (*name, value.as_str())));
    let parts: Vec<String> =
        said.into_iter().map(|(name, value)| format!("{}={}", encode(name), encode(value))).collect();
    if parts.is_empty() { path.to_owned() } else { format!("{path}?{}", parts.join("&")) }
}

/// What a workbook takes as the name of its sheet.
fn sheet_name(table: &Table, title: &str) -> String {
    let name = if table.title.is_empty() { title } else { &table.title };
    name.chars().filter(|letter| !"[]:*?/\\'".contains(*letter)).take(SHEET_NAME).collect()
}
