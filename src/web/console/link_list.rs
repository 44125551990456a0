//! The list of links: searched, sorted, a page at a time, and as a file of exactly what it shows.

use std::collections::{BTreeSet, HashMap};

use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use chrono::{NaiveDate, Utc};

use super::links::{Line, is_seen, live, sight};
use super::paging::{self, Pages};
use super::{Shell, exports};
use crate::app::exports::{Sheet, Value};
use crate::domain::day::Local;
use crate::domain::fold;
use crate::domain::ids::LinkId;
use crate::domain::person::Permission;
use crate::error::Result;
use crate::locale::{Lang, compare_names};
use crate::web::actor::{Actor, encode};
use crate::web::respond::{Fault, page};
use crate::web::state::State;

type Words = web::Query<HashMap<String, String>>;
type Reply = std::result::Result<HttpResponse, Fault>;

/// Columns that sort, with the key of their words.
const SORTS: [(&str, &str); 5] = [
    ("code", "console.links.code"),
    ("unit", "console.links.unit"),
    ("counter", "console.links.counter"),
    ("field", "console.links.field"),
    ("state", "console.links.state"),
];

/// Columns of the file, with the keys of their words.
const COLUMNS: [(&str, &str); 13] = [
    ("code", "console.links.code"),
    ("unit", "console.links.unit"),
    ("counter", "console.links.counter"),
    ("kind", "console.links.kind"),
    ("field", "console.links.field"),
    ("procedure", "console.links.procedure"),
    ("deciding", "console.links.deciding"),
    ("stage", "console.links.stage"),
    ("validity", "console.links.validity"),
    ("issued", "catalogue.bulk.issued"),
    ("printed", "catalogue.bulk.printed"),
    ("answered", "catalogue.bulk.answered"),
    ("state", "console.links.state"),
];

/// What the address asks for.
struct Wanted {
    searched: String,
    silent: bool,
    unit: Option<i64>,
    sort: &'static str,
    descending: bool,
}

impl Wanted {
    fn read(asked: &HashMap<String, String>) -> Self {
        let word = |name: &str| asked.get(name).map(|text| text.trim()).unwrap_or_default();
        let sort = SORTS.into_iter().find(|(key, _)| *key == word("sort"));
        Self {
            searched: word("q").to_owned(),
            silent: word("life") == "silent",
            unit: word("unit").parse().ok(),
            sort: sort.map_or("unit", |(key, _)| key),
            descending: word("dir") == "desc",
        }
    }

    fn to_query(&self) -> String {
        let mut parts = Vec::new();
        if !self.searched.is_empty() {
            parts.push(format!("q={}", encode(&self.searched)));
        }
        if self.silent {
            parts.push("life=silent".to_owned());
        }
        parts.extend(self.unit.map(|unit| format!("unit={unit}")));
        parts.push(format!("sort={}&dir={}", self.sort, if self.descending { "desc" } else { "asc" }));
        parts.join("&")
    }

    /// Sorted by a column; by the same one again the other way round.
    fn sorted(&self, sort: &'static str) -> String {
        let descending = self.sort == sort && !self.descending;
        let turned = Self { searched: self.searched.clone(), sort, descending, ..*self };
        format!("/console/links?{}", turned.to_query())
    }
}

/// A heading that sorts: word, address, value of aria-sort.
struct Heading {
    word: String,
    address: String,
    sorted: Option<&'static str>,
}

#[derive(Template)]
#[template(path = "console/links.html", config = "frontend/askama.toml")]
struct ListPage {
    shell: Shell,
    lines: Vec<Line>,
    headings: HashMap<&'static str, Heading>,
    count: String,
    searched: String,
    silent: bool,
    unit: Option<i64>,
    may_edit: bool,
    pages: Pages,
    exports: [(&'static str, String); 2],
}

impl ListPage {
    fn heading(&self, key: &str) -> Option<&Heading> {
        self.headings.get(key)
    }
}

/// GET /console/links
///
/// # Errors
/// Those of the database.
pub async fn list(state: web::Data<State>, actor: Actor, request: HttpRequest, asked: Words) -> Reply {
    let (wanted, lang, today) = (Wanted::read(&asked), actor.lang(), Local::at(Utc::now()).day);
    let mut lines = find(&state, &actor, &wanted, today).await?;
    let count = lang.count(u64::try_from(lines.len()).unwrap_or_default());
    let address = |number: usize| format!("/console/links?{}&page={number}", wanted.to_query());
    let pages = paging::cut(&mut lines, paging::number(&asked), address, lang);
    if !wanted.silent {
        live(&state, lang, &mut lines, today).await?;
    }
    let here = request.uri().path_and_query().map_or_else(String::new, ToString::to_string);
    let title = lang.text("console.links.title");
    page(&ListPage {
        shell: Shell::of(&actor, &state.catalogue.snapshot(), "links", title, here),
        lines,
        headings: headings(lang, &wanted),
        count,
        silent: wanted.silent,
        unit: wanted.unit,
        may_edit: actor.person.may(Permission::ManageLinks),
        pages,
        exports: ["xlsx", "csv"]
            .map(|format| (format, format!("/console/links.{format}?{}", wanted.to_query()))),
        searched: wanted.searched,
    })
}

/// GET /console/links.{format}: every link that the filters let through, in the order of the page.
///
/// # Errors
/// Not found for another format; those of the database.
pub async fn export(state: web::Data<State>, actor: Actor, format: web::Path<String>, asked: Words) -> Reply {
    let (wanted, lang, today) = (Wanted::read(&asked), actor.lang(), Local::at(Utc::now()).day);
    let mut lines = find(&state, &actor, &wanted, today).await?;
    if !wanted.silent {
        live(&state, lang, &mut lines, today).await?;
    }
    let title = |(key, word): (&str, &str)| (key.to_owned(), lang.text(word));
    let row = |line: &Line| COLUMNS.iter().map(|(key, _)| Value::Text(line.cell(key).to_owned())).collect();
    let sheet = Sheet { columns: COLUMNS.map(title).into(), rows: lines.iter().map(row).collect() };
    Ok(exports::download(&sheet, "links", &lang.text("console.links.title"), &format)?)
}

/// The links within the actor's sight that the address asks for, sorted; what became of them is added
/// only where the filter needs it.
async fn find(state: &State, actor: &Actor, wanted: &Wanted, today: NaiveDate) -> Result<Vec<Line>> {
    let (snapshot, lang) = (state.catalogue.snapshot(), actor.lang());
    let seen = sight(&snapshot, &actor.person);
    let unit = wanted.unit.map(|unit| snapshot.units.subtree(unit.into()));
    let replaced: BTreeSet<LinkId> = snapshot.links.values().filter_map(|link| link.replaces).collect();
    let mut lines: Vec<Line> = snapshot
        .links
        .values()
        .filter(|link| is_seen(&snapshot, seen.as_ref(), link) && is_seen(&snapshot, unit.as_ref(), link))
        .map(|link| Line::of(lang, &snapshot, link, today))
        .filter(|line| matches(line, &wanted.searched))
        .filter(|line| !wanted.silent || line.state == "open")
        .collect();
    for line in lines.iter_mut().filter(|line| line.state == "revoked" && replaced.contains(&line.id)) {
        line.state_word = lang.text("catalogue.bulk.replaced");
    }
    if wanted.silent {
        live(state, lang, &mut lines, today).await?;
        lines.retain(|line| line.is_silent);
    }
    lines.sort_by(|one, other| {
        let order = compare_names(one.cell(wanted.sort), other.cell(wanted.sort));
        let order = if wanted.descending { order.reverse() } else { order };
        order.then_with(|| compare_names(&one.counter, &other.counter)).then(one.id.cmp(&other.id))
    });
    Ok(lines)
}

fn matches(line: &Line, searched: &str) -> bool {
    let text = format!("{} {} {} {}", line.code, line.unit, line.counter, line.about);
    fold::matches(&fold::fold(&text), searched)
}

fn headings(lang: Lang, wanted: &Wanted) -> HashMap<&'static str, Heading> {
    let heading = |(key, word): (&'static str, &str)| {
        let sorted =
            (wanted.sort == key).then_some(if wanted.descending { "descending" } else { "ascending" });
        (key, Heading { word: lang.text(word), address: wanted.sorted(key), sorted })
    };
    SORTS.into_iter().map(heading).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_reads_back() {
        let words = |text: &str| -> HashMap<String, String> {
            text.split('&')
                .filter_map(|pair| pair.split_once('='))
                .map(|(key, value)| (key.to_owned(), value.to_owned()))
                .collect()
        };
        for text in ["q=abc&life=silent&unit=7&sort=state&dir=desc", "sort=unit&dir=asc"] {
            assert_eq!(Wanted::read(&words(text)).to_query(), text);
        }
        assert!(Wanted::read(&words("sort=unit&dir=asc")).sorted("unit").ends_with("dir=desc"));
    }
}
