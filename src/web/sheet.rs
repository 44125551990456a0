//! Printed sheets: what hangs at a counter decides how many citizens answer.

pub mod asked;
pub mod many;

use actix_web::{HttpResponse, web};
use askama::Template;
use chrono::{NaiveDate, Utc};

use self::asked::Asked;
use crate::app::catalogue::Snapshot;
use crate::app::links;
use crate::app::progress::Progress;
use crate::db::conn::Conn;
use crate::domain::day::Local;
use crate::domain::ids::{LinkId, UnitId};
use crate::domain::job::Step;
use crate::domain::link::{Link, Stage};
use crate::domain::person::{Actor, Permission};
use crate::domain::questionnaire::Kind;
use crate::error::{Error, Result};
use crate::locale::{Lang, Message};
use crate::web::actor::Words;
use crate::web::respond::Fault;
use crate::web::state::State;
use crate::web::{actor, assets, qr};

/// Codes that are drawn at once, within the request; a sheet of more is a job: in a second some hundreds are drawn.
const AT_ONCE: usize = 200;

/// What is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Format {
    /// One A4 page for the wall.
    #[default]
    Poster,
    /// A5 for the table, two on an A4 page.
    Stand,
    /// 24 stickers of 70 × 37 mm on an A4 page.
    Stickers,
}

impl Format {
    /// Every format, in the order in which they are offered.
    pub const ALL: [Self; 3] = [Self::Poster, Self::Stand, Self::Stickers];

    /// The word used in addresses and style sheets.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Poster => "poster",
            Self::Stand => "stand",
            Self::Stickers => "stickers",
        }
    }

    /// The format of that word.
    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|format| format.key() == key)
    }

    const fn places(self) -> usize {
        match self {
            Self::Poster => 1,
            Self::Stand => 2,
            Self::Stickers => 24,
        }
    }

    /// How many places of its pages one link of so many takes: a single link fills the page.
    const fn copies(self, links: usize) -> usize {
        if links == 1 { self.places() } else { 1 }
    }
}

/// How a sheet is printed.
#[derive(Debug, Clone)]
pub struct Setting<'a> {
    /// What is printed.
    pub format: Format,
    /// Public address of the service, without a slash at its end.
    pub public_url: &'a str,
    /// Language of the tool bar; the sheet itself speaks Vietnamese and English.
    pub lang: Lang,
    /// Date of issue.
    pub today: NaiveDate,
    /// What the same sheet in another format keeps of its address.
    pub kept: &'a str,
    /// Whether the page is a file of its own, which must carry its style.
    pub is_file: bool,
}

/// One code with all that stands around it.
#[derive(Debug, Clone)]
struct Place {
    unit: String,
    /// How far the name must shrink: empty, "long" or "longer".
    fit: &'static str,
    counter: String,
    about: String,
    invitation: String,
    invitation_en: String,
    address: String,
    code: String,
    svg: String,
}

struct Choice {
    href: String,
    name: String,
    is_current: bool,
}

#[derive(Template)]
#[template(path = "print/sheet.html", config = "frontend/askama.toml")]
struct Page {
    lang: Lang,
    css: String,
    style: String,
    format: &'static str,
    choices: Vec<Choice>,
    pages: Vec<Vec<Place>>,
    count: String,
    issued: String,
    is_simulated: bool,
}

impl Page {
    /// A text of the sheet in Vietnamese.
    fn vi(&self, key: &str) -> String {
        Lang::Vi.text(&format!("print.{key}"))
    }

    /// The same in English.
    fn en(&self, key: &str) -> String {
        Lang::En.text(&format!("print.{key}"))
    }

    /// A text of the tool bar.
    fn tool(&self, key: &str) -> String {
        self.lang.text(&format!("print.{key}"))
    }
}

/// A page of HTML that prints as one sheet after another.
///
/// # Errors
/// Internal, when an address is too long for a code or the page cannot be written.
pub fn render(
    snapshot: &Snapshot,
    links: &[&Link],
    setting: &Setting<'_>,
    progress: &Progress,
) -> Result<String> {
    progress.begin(Step::Preparing, links.len());
    let copies = setting.format.copies(links.len());
    let draw = |link: &&Link| {
        progress.advance(1)?;
        place(snapshot, link, setting)
    };
    let places: Vec<Place> = links.iter().map(draw).collect::<Result<_>>()?;
    let places: Vec<Place> =
        places.into_iter().flat_map(|place| std::iter::repeat_n(place, copies)).collect();
    let page = Page {
        lang: setting.lang,
        css: assets::url("css/print.css"),
        style: if setting.is_file { assets::text("css/print.css") } else { String::new() },
        format: setting.format.key(),
        choices: choices(setting),
        pages: places.chunks(setting.format.places()).map(<[Place]>::to_vec).collect(),
        count: setting.lang.count(u64::try_from(links.len()).map_err(Error::internal)?),
        issued: Lang::Vi.date(setting.today),
        is_simulated: snapshot.simulated,
    };
    page.render().map_err(Error::internal)
}

fn choices(setting: &Setting<'_>) -> Vec<Choice> {
    let choice = |format: Format| Choice {
        href: format!("?format={}{}", format.key(), setting.kept),
        name: setting.lang.text(&format!("print.format.{}", format.key())),
        is_current: format == setting.format,
    };
    Format::ALL.into_iter().map(choice).collect()
}

fn place(snapshot: &Snapshot, link: &Link, setting: &Setting<'_>) -> Result<Place> {
    let counter = snapshot.counters.get(&link.counter);
    let served = snapshot.served(link, setting.today);
    let version = served.and_then(|unit| snapshot.units.nearest(unit, setting.today));
    let unit = version.map(|version| version.name.clone()).unwrap_or_default();
    let address = qr::address(setting.public_url, &link.code);
    let invitation = match link.kind {
        Kind::Tthc => "print.invitation.tthc",
        Kind::AgencyService => "print.invitation.agency-service",
    };
    Ok(Place {
        fit: fit(&unit),
        unit,
        counter: counter.map(|counter| counter.name.clone()).unwrap_or_default(),
        about: about(snapshot, link),
        invitation: Lang::Vi.text(invitation),
        invitation_en: Lang::En.text(invitation),
        svg: qr::svg(&address)?,
        address: spoken(&address).to_owned(),
        code: spaced(link.code.as_str()),
    })
}

/// Field and stage, as far as the code knows them.
fn about(snapshot: &Snapshot, link: &Link) -> String {
    let field = link.field.and_then(|id| snapshot.field(id)).map(|field| field.name.clone());
    let stage = link.stage.map(|stage: Stage| Lang::Vi.text(&format!("print.stage.{}", stage.key())));
    field.into_iter().chain(stage).collect::<Vec<_>>().join(" · ")
}

/// The address as one would say it.
fn spoken(address: &str) -> &str {
    address.strip_prefix("https://").or_else(|| address.strip_prefix("http://")).unwrap_or(address)
}

/// The code in two groups of three.
fn spaced(code: &str) -> String {
    match code.split_at_checked(3) {
        Some((head, tail)) => format!("{head} {tail}"),
        None => code.to_owned(),
    }
}

fn fit(name: &str) -> &'static str {
    match name.chars().count() {
        0..=26 => "",
        27..=48 => "long",
        _ => "longer",
    }
}

/// GET /console/links/{id}/sheet?format=
///
/// # Errors
/// Those of [`of_link`].
pub async fn one(
    state: web::Data<State>,
    actor: actor::Actor,
    id: web::Path<i64>,
    asked: web::Query<Words>,
) -> std::result::Result<HttpResponse, Fault> {
    let id = id.into_inner();
    let page = of_link(&state, &actor.person, actor.lang(), id, Asked::of(&asked)?.format)?;
    note_print(&state, &actor.person, vec![id.into()]).await?;
    Ok(HttpResponse::Ok()
        .content_type("text/html; charset=utf-8")
        .insert_header(("Cache-Control", "no-store"))
        .body(page))
}

/// GET /console/links/sheet?format=, with `unit` or with `listed` and the filters of the list: the sheet, or the
/// form that asks for one of many codes.
///
/// # Errors
/// Not found for a unit that is not there and where there is no code to print; invalid for an unknown format.
pub async fn all(
    state: web::Data<State>,
    actor: actor::Actor,
    asked: web::Query<Words>,
) -> std::result::Result<HttpResponse, Fault> {
    let (snapshot, today) = (state.catalogue.snapshot(), Local::at(Utc::now()).day);
    let asked = Asked::of(&asked)?;
    let links = asked.links(&state, &actor, &snapshot, today).await?;
    if links.len() > AT_ONCE {
        return many::ask(&snapshot, &actor, &asked, links.len());
    }
    let page = of_links(&state, &links, actor.lang(), &asked)?;
    let printed = links.iter().map(|link| link.id).collect();
    note_print(&state, &actor.person, printed).await?;
    Ok(HttpResponse::Ok()
        .content_type("text/html; charset=utf-8")
        .insert_header(("Cache-Control", "no-store"))
        .body(page))
}

/// Those who run the links leave a note when a sheet is first opened; others only look.
async fn note_print(state: &State, actor: &Actor, printed: Vec<LinkId>) -> Result<()> {
    if !actor.may(Permission::ManageLinks) {
        return Ok(());
    }
    let actor = actor.clone();
    let note = move |conn: &mut Conn| links::printed(conn, &actor, &printed, &Progress::default());
    state.block(move |db| db.write_audited(note)).await
}

/// The sheet of one link, for whoever may see its unit.
///
/// # Errors
/// Not found for what the actor may not see; gone for a revoked link.
pub fn of_link(state: &State, actor: &Actor, lang: Lang, id: i64, format: Format) -> Result<String> {
    let snapshot = state.catalogue.snapshot();
    let today = Local::at(Utc::now()).day;
    let found = snapshot.link(id.into()).filter(|link| sees(&snapshot, actor, link));
    let link = found.ok_or_else(|| Error::NotFound(Message::new("print.no-link")))?;
    if link.revoked || link.valid_to.is_some_and(|end| end <= today) {
        return Err(Error::Gone(Message::new("print.gone").with("code", &link.code)));
    }
    let public_url = state.config.public_url();
    render(
        &snapshot,
        &[link],
        &Setting { format, public_url: &public_url, lang, today, kept: "", is_file: false },
        &Progress::default(),
    )
}

/// The sheets of some links.
fn of_links(state: &State, links: &[&Link], lang: Lang, asked: &Asked) -> Result<String> {
    let (public_url, kept) = (state.config.public_url(), asked.query());
    let setting = Setting {
        format: asked.format,
        public_url: &public_url,
        lang,
        today: Local::at(Utc::now()).day,
        kept: &kept,
        is_file: false,
    };
    render(&state.catalogue.snapshot(), links, &setting, &Progress::default())
}

/// The open links the actor may see, or those of a unit and what is below it.
fn open_links<'a>(
    snapshot: &'a Snapshot,
    actor: &Actor,
    unit: Option<&str>,
    today: NaiveDate,
) -> Result<Vec<&'a Link>> {
    let nothing = || Error::NotFound(Message::new("print.no-link"));
    let within = match unit {
        Some(code) => {
            let version = snapshot.units.by_code(code, today).ok_or_else(nothing)?;
            Some(snapshot.units.subtree(version.unit))
        }
        None => None,
    };
    let scope = actor.scope().map(|unit| snapshot.units.subtree(unit));
    let mut links: Vec<&Link> = snapshot
        .links
        .values()
        .filter(|link| link.is_open_on(today) && (actor.sees_province() || scope.is_some()))
        .filter(|link| {
            let unit = served(snapshot, link);
            [&scope, &within]
                .into_iter()
                .flatten()
                .all(|units| unit.is_some_and(|unit| units.contains(&unit)))
        })
        .collect();
    if links.is_empty() {
        return Err(nothing());
    }
    links.sort_by_cached_key(|link| (served(snapshot, link), link.counter, link.id));
    Ok(links)
}

fn sees(snapshot: &Snapshot, actor: &Actor, link: &Link) -> bool {
    let scope = actor.scope().map(|unit| snapshot.units.subtree(unit));
    actor.sees_province()
        || served(snapshot, link).zip(scope).is_some_and(|(unit, scope)| scope.contains(&unit))
}

fn served(snapshot: &Snapshot, link: &Link) -> Option<UnitId> {
    snapshot.counters.get(&link.counter).map(|counter| counter.unit)
}
