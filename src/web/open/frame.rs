//! The frame around each public page: language, navigation and addresses.

use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::http::header::HeaderMap;
use actix_web::{FromRequest, HttpRequest, web};

use crate::locale::Lang;
use crate::web::assets;
use crate::web::error_page::{asked, wanted};
use crate::web::state::State;

/// The parts of the site in the navigation: address and key of the word.
const PARTS: [(&str, &str); 6] = [
    ("/", "open.nav.home"),
    ("/open/units", "open.nav.units"),
    ("/open/publications", "open.nav.publications"),
    ("/open/method", "open.nav.method"),
    ("/open/data/", "open.nav.data"),
    ("/open/verify", "open.nav.verify"),
];

/// What each public page knows of the request.
pub struct Frame {
    /// Language.
    pub lang: Lang,
    /// Whether the address says the language, so that links must say it too.
    is_said: bool,
    /// The address without its query.
    pub path: String,
    /// What is asked for beside the language.
    pub query: Vec<(String, String)>,
    /// Address of the site without a slash at its end.
    pub site: String,
    /// Whether the catalogue holds simulated data.
    pub simulated: bool,
    pub(super) headers: HeaderMap,
}

impl FromRequest for Frame {
    type Error = actix_web::Error;
    type Future = Ready<Result<Self, Self::Error>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let mut query = web::Query::<Vec<(String, String)>>::from_query(request.query_string())
            .map_or_else(|_| Vec::new(), web::Query::into_inner);
        query.retain(|(name, _)| name != "lang");
        let state = request.app_data::<web::Data<State>>();
        ready(Ok(Self {
            lang: wanted(request),
            is_said: asked(request).is_some(),
            path: request.path().to_owned(),
            query,
            site: state.map_or_else(String::new, |state| state.config.public_url()),
            simulated: state.is_some_and(|state| state.catalogue.snapshot().simulated),
            headers: request.headers().clone(),
        }))
    }
}

impl Frame {
    /// A text of these pages.
    pub fn t(&self, key: &str) -> String {
        self.lang.text(&format!("open.{key}"))
    }

    /// A text of these pages with its places filled.
    pub fn with(&self, key: &str, places: &[(&str, &str)]) -> String {
        self.lang.with(&format!("open.{key}"), places)
    }

    /// What is asked for under a name.
    pub fn asked(&self, name: &str) -> &str {
        self.query.iter().find(|(one, _)| one == name).map_or("", |(_, value)| value.trim())
    }

    /// A link to another page, in the language that this address says.
    pub fn link(&self, address: &str) -> String {
        if self.is_said { said_in(address, self.lang) } else { address.to_owned() }
    }

    /// The language as a hidden field of a form, where this address says it.
    pub fn lang_field(&self) -> Option<&'static str> {
        self.is_said.then(|| self.lang.key())
    }

    fn here(&self) -> String {
        let query: Vec<String> = self
            .query
            .iter()
            .map(|(name, value)| format!("{}={}", super::escaped(name), super::escaped(value)))
            .collect();
        if query.is_empty() { self.path.clone() } else { format!("{}?{}", self.path, query.join("&")) }
    }

    /// This page in the other language.
    pub fn other(&self) -> String {
        said_in(&self.here(), self.lang.other())
    }

    /// Language and full address of each form of this page; `x-default` lets the browser's language decide.
    pub fn alternates(&self) -> [(&'static str, String); 3] {
        let full = |address: String| format!("{}{address}", self.site);
        let [vi, en] = Lang::ALL.map(|lang| (lang.key(), full(said_in(&self.here(), lang))));
        [vi, en, ("x-default", full(self.here()))]
    }

    /// Address, word and whether it is open, of each part of the site.
    pub fn parts(&self) -> Vec<(String, String, bool)> {
        let is_open = |address: &str| {
            self.path == address || address != "/" && self.path.starts_with(address.trim_end_matches('/'))
        };
        PARTS
            .iter()
            .map(|(address, key)| (self.link(address), self.lang.text(key), is_open(address)))
            .collect()
    }

    /// The addresses of the styles.
    pub fn styles(&self) -> [String; 2] {
        [assets::url("css/tokens.css"), assets::url("css/open.css")]
    }
}

fn said_in(address: &str, lang: Lang) -> String {
    let (address, anchor) =
        address.split_once('#').map_or((address, String::new()), |(one, two)| (one, format!("#{two}")));
    let sign = if address.contains('?') { '&' } else { '?' };
    format!("{address}{sign}lang={lang}{anchor}")
}
