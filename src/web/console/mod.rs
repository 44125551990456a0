//! The console of staff: plain links and forms, rendered here, working without JavaScript.

pub mod account;
pub mod alerts;
pub mod answers;
pub mod api_keys;
pub mod audit;
pub mod breakdown;
pub mod catalogue;
pub mod charts;
pub mod choices;
pub mod code;
pub mod comment;
pub mod comment_filters;
pub mod comments;
pub mod context;
pub mod entry;
pub mod exports;
pub mod filter_form;
pub mod filters;
pub mod invitation;
pub mod jobs;
pub mod lapsed;
pub mod link_bulk;
mod link_form;
pub mod link_list;
pub mod links;
pub mod listing;
pub mod map;
pub mod month_chart;
pub mod overview;
pub mod paging;
pub mod people;
pub mod periods;
pub mod person;
mod person_form;
pub mod priorities;
pub mod publications;
pub mod questionnaires;
mod series;
pub mod session;
pub mod sessions;
pub mod tables;
pub mod throttle;
pub mod uploads;
pub mod words;

use chrono::Utc;

use super::actor::Actor;
use super::assets;
use crate::app::alerts::shown as alerts_shown;
use crate::app::catalogue::Snapshot;
use crate::domain::day::Local;
use crate::domain::person::Permission;
use crate::locale::Lang;

/// Sections of the console: key, address, and what the role must allow to see it.
const SECTIONS: &[(&str, &str, Option<Permission>)] = &[
    ("overview", "/console", None),
    ("alerts", "/console/alerts", None),
    ("breakdown", "/console/breakdown", None),
    ("priorities", "/console/priorities", None),
    ("map", "/console/map", None),
    ("comments", "/console/comments", None),
    ("links", "/console/links", None),
    ("entry", "/console/entry", Some(Permission::EnterAnswers)),
    ("catalogue", "/console/catalogue", Some(Permission::ManageCatalogue)),
    ("publications", "/console/publications", Some(Permission::ReadPublications)),
    ("people", "/console/people", Some(Permission::ManagePeople)),
    ("api-keys", "/console/api-keys", Some(Permission::ManagePeople)),
    ("audit", "/console/audit", Some(Permission::ReadAudit)),
];

/// Filters of the overview.
const OF_TARGETS: &[&str] = &["period", "unit", "side", "channel", "flagged", "view"];

/// Filters of pages about one questionnaire.
const OF_FIGURES: &[&str] = &[
    "period",
    "kind",
    "unit",
    "side",
    "field",
    "procedure",
    "counter",
    "stage",
    "channel",
    "flagged",
    "view",
];

/// Filters of figures that the list of comments follows, or keeps for the way back.
const OF_COMMENTS: &[&str] =
    &["period", "kind", "unit", "field", "procedure", "counter", "stage", "channel", "flagged", "view"];

/// The filters that a section shares with the other pages of figures.
fn shared_filters(section: &str) -> &'static [&'static str] {
    match section {
        "overview" => OF_TARGETS,
        "breakdown" | "priorities" | "map" => OF_FIGURES,
        "comments" => OF_COMMENTS,
        _ => &[],
    }
}

/// A section in the navigation.
pub struct Entry {
    /// Word.
    pub word: String,
    /// Address; between pages of figures with the filters of the page that is open.
    pub address: String,
    /// Whether it is open.
    pub is_open: bool,
    /// How much waits there, and the words for it.
    pub waiting: Option<(String, String)>,
}

/// The sections that the role may see, as the page `active` at the address `here` leads to them.
fn entries(actor: &Actor, active: &str, here: &str) -> Vec<Entry> {
    let today = Local::at(Utc::now()).day;
    let shares = !shared_filters(active).is_empty();
    let lead = |key: &str, address: &str| {
        let names = if shares { shared_filters(key) } else { &[] };
        match filters::kept(here, names, today) {
            query if query.is_empty() => address.to_owned(),
            query => format!("{address}?{query}"),
        }
    };
    let seen = SECTIONS
        .iter()
        .copied()
        .filter(|(_, _, needed)| needed.is_none_or(|needed| actor.person.may(needed)));
    // Of one unit there is no map, but only its elements.
    let word = |key: &str| match key {
        "map" if !actor.person.sees_province() => actor.lang().text("console.nav.map-unit"),
        key => actor.lang().text(&format!("console.nav.{key}")),
    };
    let waiting = |key: &str| {
        let count = if key == "alerts" { actor.alerts } else { 0 };
        let shown = alerts_shown(count);
        let told = || actor.lang().with("alerts.waiting", &[("count", &shown)]);
        (count > 0).then(|| (shown.clone(), told()))
    };
    seen.map(|(key, address, _)| Entry {
        word: word(key),
        address: lead(key, address),
        is_open: key == active,
        waiting: waiting(key),
    })
    .collect()
}

/// What the frame around each page of the console needs.
pub struct Shell {
    /// Language.
    pub lang: Lang,
    /// Title of the page.
    pub title: String,
    /// Full name of the person; empty before sign-in.
    pub person: String,
    /// Name of the role.
    pub role: String,
    /// Proof for the forms of the page.
    pub csrf: String,
    /// Whether the data are simulated.
    pub simulated: bool,
    /// Entries of the navigation; none before sign-in.
    pub entries: Vec<Entry>,
    /// Where the language switch leads back to.
    pub here: String,
    /// Whether the page can be asked for again, so that the language may be switched.
    pub asks_again: bool,
}

/// Letters of a title from which on it is written smaller.
const LONG: usize = 90;

impl Shell {
    /// Whether the title is as long as some names of procedures are, which in full size fill a phone.
    pub fn is_long(&self) -> bool {
        self.title.chars().count() > LONG
    }

    /// The frame of a page for a signed-in person.
    pub fn of(actor: &Actor, snapshot: &Snapshot, active: &'static str, title: String, here: String) -> Self {
        let lang = actor.lang();
        Self {
            lang,
            title,
            person: actor.name().to_owned(),
            role: words::role(lang, &actor.person),
            csrf: actor.csrf.masked(),
            simulated: snapshot.simulated,
            entries: entries(actor, active, &here),
            here,
            asks_again: actor.asks_again,
        }
    }

    /// The frame of a page before sign-in.
    pub fn plain(lang: Lang, simulated: bool, title: String) -> Self {
        Self {
            lang,
            title,
            person: String::new(),
            role: String::new(),
            csrf: String::new(),
            simulated,
            entries: Vec::new(),
            here: String::new(),
            asks_again: true,
        }
    }

    /// A text of the console.
    pub fn t(&self, key: &str) -> String {
        self.lang.text(&format!("console.{key}"))
    }

    /// The address of the style sheet.
    pub fn style(&self) -> String {
        assets::url("css/console.css")
    }
}

/// A fault shown in the summary above a form and at its field.
pub struct FormFault {
    /// Id of the form field.
    pub field: String,
    /// Name of the field, where the sentence does not say it.
    pub label: String,
    /// Sentence.
    pub text: String,
}

/// The first fault at a field.
pub fn fault_at<'a>(faults: &'a [FormFault], field: &str) -> Option<&'a FormFault> {
    faults.iter().find(|fault| fault.field == field)
}

/// Whether a form that came back with faults shall put the cursor into a field: the first that is faulty, or the
/// one where typing goes on.
pub fn has_focus(faults: &[FormFault], field: &str, fields: &[&str]) -> bool {
    let faulty = fields.iter().find(|name| fault_at(faults, name).is_some());
    faulty.or_else(|| fields.first()).is_some_and(|name| *name == field)
}

/// The faults of an invalid input; any other error is handed on.
///
/// # Errors
/// Every error but "invalid".
pub fn form_faults(lang: Lang, error: crate::error::Error) -> crate::error::Result<Vec<FormFault>> {
    match error {
        crate::error::Error::Invalid(faults) => Ok(faults
            .into_iter()
            .map(|fault| FormFault {
                text: fault.message.text(lang),
                label: String::new(),
                field: fault.field,
            })
            .collect()),
        other => Err(other),
    }
}
