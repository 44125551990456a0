//! Downloads of exactly what a page shows.

use std::collections::HashMap;

use actix_web::{HttpResponse, web};
use chrono::Utc;

use super::filters::{Filters, Sort};
use super::tables;
use crate::app::exports::{self, Sheet};
use crate::app::reach;
use crate::app::scores::{Compared, Dimension};
use crate::domain::day::Local;
use crate::domain::person;
use crate::error::{Error, Result};
use crate::locale::{Lang, Message};
use crate::web::actor::Actor;
use crate::web::respond::Fault;
use crate::web::state::State;

/// GET /console/scores.{format}: the scores of the page's filters by field and unit, or by `by`.
///
/// # Errors
/// Not found for another format or a unit out of sight; invalid for a period or cut that cannot be
/// read; those of the database.
pub async fn show(
    state: web::Data<State>,
    actor: Actor,
    format: web::Path<String>,
    words: web::Query<HashMap<String, String>>,
) -> std::result::Result<HttpResponse, Fault> {
    let lang = actor.lang();
    let (filters, sheet) = sheet(&state, actor.person, &words, lang).await?;
    let name = filters.period.to_string();
    Ok(download(sheet, &name, &name, &format).await?)
}

/// The scores that an address asks for, with what it asks for.
///
/// # Errors
/// Not found for a unit out of sight; invalid for a period or cut that cannot be read; those of the
/// database.
pub async fn sheet(
    state: &State,
    actor: person::Actor,
    words: &HashMap<String, String>,
    lang: Lang,
) -> Result<(Filters, Sheet)> {
    let filters = Filters::read(words, Local::at(Utc::now()).day);
    if let Some(wrong) = &filters.no_period {
        return Err(Error::invalid("period", wrong.message()));
    }
    let query = filters
        .narrowed(&cuts(words.get("by").filter(|by| !by.is_empty()).map_or("field,unit", String::as_str))?);
    let snapshot = state.catalogue.snapshot();
    reach::check(&snapshot, &actor, query.narrowed())?;
    let catalogue = snapshot.clone();
    let mut compared = state
        .block(move |db| db.read_at_once(|conn| Compared::run(conn, &catalogue, &actor, &query)))
        .await?;
    let by = &compared.table.query.by;
    let rows = match (by.as_slice(), filters.sort) {
        ([_, Dimension::Element], Sort::Name | Sort::Element(_)) => {
            Some(tables::in_strips(&filters, &compared.table.rows))
        }
        _ if filters.is_sorted() || by.len() == 1 => {
            Some(tables::arranged(lang, &snapshot, &filters, &compared))
        }
        _ => None,
    };
    if let Some(rows) = rows {
        compared.table.rows = rows.into_iter().cloned().collect();
    }
    Ok((filters, exports::sheet(&compared, &snapshot, lang)))
}

/// A sheet as a file to be kept: `name` is in the name of the file, `title` in the workbook.
///
/// # Errors
/// Not found for another format than csv, json and xlsx; internal when the writer fails.
pub async fn download(sheet: Sheet, name: &str, title: &str, format: &str) -> Result<HttpResponse> {
    let mime = match format {
        "csv" => "text/csv; charset=utf-8",
        "json" => "application/json",
        "xlsx" => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        _ => return Err(Error::NotFound(Message::new("error.page-not-found"))),
    };
    let (title, form) = (title.to_owned(), format.to_owned());
    // Thousands of rows take a while, in which the thread could answer others.
    let bytes = web::block(move || match form.as_str() {
        "csv" => exports::csv(&sheet),
        "json" => exports::json(&sheet),
        _ => exports::xlsx(&sheet, &title),
    });
    let bytes = bytes.await.map_err(Error::internal)??;
    Ok(HttpResponse::Ok()
        .content_type(mime)
        .insert_header(("Content-Disposition", format!("attachment; filename=\"hailong-{name}.{format}\"")))
        .insert_header(("Cache-Control", "no-store"))
        .body(bytes))
}

fn cuts(text: &str) -> Result<Vec<Dimension>> {
    let cut = |key: &str| {
        Dimension::from_key(key).ok_or_else(|| {
            let expected = Dimension::ALL.map(Dimension::key).join(", ");
            Error::invalid(
                "by",
                Message::new("error.expected-one-of").with("expected", expected).with("found", key),
            )
        })
    };
    let cuts = text.split(',').filter(|key| !key.is_empty()).map(cut).collect::<Result<Vec<_>>>()?;
    match Dimension::fault(&cuts) {
        Some(message) => Err(Error::invalid("by", message)),
        None => Ok(cuts),
    }
}
