//! Open data: files at addresses that stay, their dictionary, and the catalogue that portals harvest.

use std::sync::Arc;

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, web};
use askama::Template;

use super::frame::Frame;
use super::{Reply, file, no_file, page};
use crate::app::exports;
use crate::app::open_data::dictionary::{self, Entry, Place};
use crate::app::open_data::{Download, File, catalog};
use crate::app::publications::Form;
use crate::domain::period::Period;
use crate::error::Error;
use crate::web::state::State;

const JSON: &str = "application/json";
const CSV: &str = "text/csv; charset=utf-8";

/// A period with its files.
struct Line {
    period: String,
    key: String,
    address: String,
    json: String,
    csv: String,
    json_size: String,
    csv_size: String,
}

#[derive(Template)]
#[template(path = "open/data.html", config = "frontend/askama.toml")]
struct Home<'a> {
    frame: &'a Frame,
    lines: Vec<Line>,
    licence: &'static str,
    licence_name: &'static str,
}

/// GET /open/data/
///
/// # Errors
/// Those of the database.
pub async fn home(state: web::Data<State>, frame: Frame) -> Reply {
    let shelf = state.open.clone();
    let files = state.block(move |database| {
        let (_, files) = shelf.all(database)?;
        // A file that nobody asked for yet is packed now, for its size.
        for file in &files {
            file.download(Form::Csv)?;
        }
        Ok(files)
    });
    let files = files.await?;
    let lines = files.iter().map(|file| line(&frame, file)).collect::<Result<_, Error>>()?;
    let home = Home { frame: &frame, lines, licence: catalog::LICENCE, licence_name: catalog::LICENCE_NAME };
    page(&frame, StatusCode::OK, &home)
}

fn line(frame: &Frame, file: &Arc<File>) -> Result<Line, Error> {
    let key = file.edition.period.to_string();
    let size = |download: &Download| {
        let kilobytes = download.bytes.len().div_ceil(1024);
        format!("{} KB", frame.lang.count(u64::try_from(kilobytes).unwrap_or_default()))
    };
    Ok(Line {
        period: frame.lang.period(file.edition.period),
        address: frame.link(&format!("/open/publications/{}", file.edition.number)),
        json: format!("/open/data/{key}.json"),
        csv: format!("/open/data/{key}.csv"),
        json_size: size(&file.json),
        csv_size: size(file.download(Form::Csv)?),
        key,
    })
}

/// GET /open/data/{period}.{format}: the newest version of a period.
///
/// # Errors
/// Not found for what is not published; those of the database.
pub async fn of_period(
    state: web::Data<State>,
    request: HttpRequest,
    path: web::Path<(String, String)>,
) -> Reply {
    let (period, format) = path.into_inner();
    let period = Period::parse(&period).map_err(|_| no_file())?;
    let shelf = state.open.clone();
    let found = state.block(move |database| shelf.of(database, period)).await?;
    serve(&state, &request, found, format, &period.to_string()).await
}

/// GET /open/data/publications/{number}.{format}: one publication, for ever.
///
/// # Errors
/// Not found for what is not published; those of the database.
pub async fn numbered(
    state: web::Data<State>,
    request: HttpRequest,
    path: web::Path<(String, String)>,
) -> Reply {
    let (number, format) = path.into_inner();
    let number: i64 = number.parse().map_err(|_| no_file())?;
    let shelf = state.open.clone();
    let found = state.block(move |database| shelf.numbered(database, number)).await?;
    let name = format!("{}-{number}", found.edition.period);
    serve(&state, &request, found, format, &name).await
}

/// A publication in one of its forms.
async fn serve(state: &State, request: &HttpRequest, found: Arc<File>, format: String, name: &str) -> Reply {
    let form = Form::from_key(&format).ok_or_else(no_file)?;
    let (named, made) = (format!("hailong-{name}.{format}"), Arc::clone(&found));
    state.block(move |_| made.download(form).map(drop)).await?;
    Ok(file(request, form.media(), &named, found.download(form)?))
}

#[derive(Template)]
#[template(path = "open/dictionary.html", config = "frontend/askama.toml")]
struct Dictionary<'a> {
    frame: &'a Frame,
    places: Vec<(&'static str, String, Vec<Explained>)>,
}

/// A column or member in words.
struct Explained {
    name: &'static str,
    meaning: String,
    form: String,
    allowed: String,
}

impl Explained {
    fn of(frame: &Frame, entry: &Entry) -> Self {
        let empty = || frame.t("dictionary.may-be-empty");
        let words = [entry.form(frame.lang), entry.unit(frame.lang)].into_iter();
        let words = words.chain(entry.may_be_empty.then(empty)).filter(|word| !word.is_empty());
        Self {
            name: entry.name,
            meaning: entry.meaning(frame.lang),
            form: words.collect::<Vec<_>>().join(", "),
            allowed: if entry.allowed.is_empty() { "–".to_owned() } else { entry.allowed.join(", ") },
        }
    }
}

/// GET /open/data/dictionary.json, .csv and .html
///
/// # Errors
/// Not found for another form.
pub async fn dictionary(request: HttpRequest, frame: Frame, format: web::Path<String>) -> Reply {
    let (media, bytes) = match format.as_str() {
        "html" => {
            let words = |place: Place| frame.t(&format!("dictionary.{}", place.key()));
            let explained = |entry: Entry| Explained::of(&frame, &entry);
            let places = Place::ALL
                .map(|place| (place.key(), words(place), dictionary::entries(place).map(explained).collect()))
                .into();
            return page(&frame, StatusCode::OK, &Dictionary { frame: &frame, places });
        }
        "json" => (JSON, serde_json::to_vec_pretty(&dictionary::json()).map_err(Error::internal)?),
        "csv" => (CSV, exports::csv(&dictionary::sheet())?),
        _ => return Err(no_file()),
    };
    Ok(file(&request, media, &format!("hailong-dictionary.{format}"), &Download::new(bytes)))
}

/// GET /open/data/catalog.jsonld
///
/// # Errors
/// Those of the database.
pub async fn catalog(state: web::Data<State>, request: HttpRequest, frame: Frame) -> Reply {
    let shelf = state.open.clone();
    let (_, files) = state.block(move |database| shelf.all(database)).await?;
    let catalog = catalog::catalog(&frame.site, &files)?;
    let bytes = serde_json::to_vec_pretty(&catalog).map_err(Error::internal)?;
    Ok(file(&request, "application/ld+json", "", &Download::new(bytes)))
}
