//! Showing the survey: its short steps, the form, and the thanks.

use std::sync::Arc;

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use chrono::{NaiveDate, Utc};

use super::cache::{Cache, Key};
use super::reply;
use super::splice::{PLACE, Page};
use super::view::{Filling, FormPage, Item, Place, Shell, kept, others};
use super::visit::{self, Query, Step, Subject, address};
use super::words::Words;
use crate::app::answers::Form;
use crate::app::catalogue::Snapshot;
use crate::domain::day::Local;
use crate::domain::fold;
use crate::domain::ids::FieldId;
use crate::domain::link::Link;
use crate::domain::questionnaire::Questionnaire;
use crate::error::{Error, Result};
use crate::web::respond::Fault;
use crate::web::state::State;

/// The step of choosing a field.
#[derive(Template)]
#[template(path = "survey/fields.html", config = "frontend/askama.toml")]
struct FieldsPage {
    shell: Shell,
    place: Place,
    fields: Vec<Item>,
}

/// The step of choosing a procedure.
#[derive(Template)]
#[template(path = "survey/procedures.html", config = "frontend/askama.toml")]
struct ProceduresPage {
    shell: Shell,
    place: Place,
    procedures: Vec<Item>,
    action: String,
    hidden: Vec<(&'static str, String)>,
    search: String,
    skip: String,
    back: Option<String>,
}

/// The page after an accepted answer.
#[derive(Template)]
#[template(path = "survey/thanks.html", config = "frontend/askama.toml")]
struct ThanksPage {
    shell: Shell,
    first_stands: bool,
    again: String,
}

/// `GET /s/{code}`
pub async fn show(
    state: web::Data<State>,
    request: HttpRequest,
    code: web::Path<String>,
    query: web::Query<Query>,
) -> std::result::Result<HttpResponse, Fault> {
    let snapshot = state.catalogue.snapshot();
    let shown = (&snapshot, &*state.forms);
    Ok(respond(shown, &request, &code, &query, Local::at(Utc::now()).day)?)
}

pub(super) fn respond(
    (snapshot, forms): (&Arc<Snapshot>, &Cache),
    request: &HttpRequest,
    code: &str,
    query: &Query,
    day: NaiveDate,
) -> Result<HttpResponse> {
    let link = match visit::open(snapshot, code, day) {
        Ok(link) => link,
        Err(dead) => return reply::dead(snapshot, code, &dead, query),
    };
    let questionnaire = visit::asked(snapshot, link)?;
    let query = &query.clone().offered_by(questionnaire);
    match visit::step(snapshot, link, query, day) {
        Step::Field => reply::page(StatusCode::OK, &fields(snapshot, link, questionnaire, query, day)),
        Step::Procedure(field) => {
            reply::page(StatusCode::OK, &procedures(snapshot, link, questionnaire, field, query, day))
        }
        Step::Form(subject) => {
            let page = form((snapshot, forms), link, questionnaire, query, subject, day)?;
            Ok(reply::spliced(request, &page, query.is_kiosk()))
        }
    }
}

/// `GET /s/{code}/thanks`
pub async fn thanks(
    state: web::Data<State>,
    code: web::Path<String>,
    query: web::Query<Query>,
) -> std::result::Result<HttpResponse, Fault> {
    let snapshot = state.catalogue.snapshot();
    let link = match visit::known(&snapshot, &code) {
        Ok(link) => link,
        Err(dead) => return Ok(reply::dead(&snapshot, &code, &dead, &query)?),
    };
    let questionnaire = visit::asked(&snapshot, link)?;
    let query = query.into_inner().offered_by(questionnaire);
    let first_stands = query.first.as_deref() == Some("1");
    let others = others(questionnaire, &query, |tag| {
        let says = [
            ("lang", Some(tag)),
            ("kiosk", query.is_kiosk().then_some("1")),
            ("first", first_stands.then_some("1")),
        ];
        address(&link.code, "/thanks", &says)
    });
    let page = ThanksPage {
        shell: Shell::new(&snapshot, Words::of(questionnaire, query.tag()), &query, others),
        first_stands,
        // The next citizen at a tablet starts in Vietnamese again.
        again: address(&link.code, "", &[("kiosk", query.is_kiosk().then_some("1"))]),
    };
    Ok(reply::page(StatusCode::OK, &page)?)
}

fn form(
    (snapshot, forms): (&Arc<Snapshot>, &Cache),
    link: &Link,
    questionnaire: &Questionnaire,
    query: &Query,
    subject: Subject,
    day: NaiveDate,
) -> Result<Arc<Page>> {
    let passed = subject.procedure.is_none() && query.procedure.is_some();
    let key = Key { link: link.id, tag: query.tag(), kiosk: query.is_kiosk(), passed, subject, day };
    forms.page(snapshot, key, || {
        let filling = Filling { id: PLACE.to_string(), form: &Form::default(), faults: &[], busy: false };
        let view = FormPage::new(snapshot, link, questionnaire, query, subject, day, &filling);
        Page::new(&view.render().map_err(Error::internal)?)
    })
}

fn fields(
    snapshot: &Snapshot,
    link: &Link,
    questionnaire: &Questionnaire,
    query: &Query,
    day: NaiveDate,
) -> FieldsPage {
    let words = Words::of(questionnaire, query.tag());
    let [said_lang, said_kiosk] = kept(query);
    let item = |field: &crate::domain::procedure::Field| Item {
        value: address(&link.code, "", &[said_lang, said_kiosk, ("field", Some(&field.key))]),
        name: field.name_in(words.lang()).to_owned(),
    };
    let others =
        others(questionnaire, query, |tag| address(&link.code, "", &[("lang", Some(tag)), said_kiosk]));
    FieldsPage {
        place: Place::new(snapshot, link, Subject::default(), &words, day),
        fields: snapshot.fields_on(day).map(item).collect(),
        shell: Shell::new(snapshot, words, query, others),
    }
}

fn procedures(
    snapshot: &Snapshot,
    link: &Link,
    questionnaire: &Questionnaire,
    field: FieldId,
    query: &Query,
    day: NaiveDate,
) -> ProceduresPage {
    let words = Words::of(questionnaire, query.tag());
    let [said_lang, said_kiosk] = kept(query);
    let chosen = snapshot.field(field).map(|field| field.key.as_str()).filter(|_| link.field.is_none());
    let to = |procedure: &str| {
        address(&link.code, "", &[said_lang, said_kiosk, ("field", chosen), ("procedure", Some(procedure))])
    };
    let search = query.q.as_deref().unwrap_or_default().trim();
    let found = snapshot
        .procedures_of(field, day)
        .filter(|version| fold::matches(&fold::fold(&format!("{} {}", version.name, version.code)), search));
    let procedures =
        found.map(|version| Item { value: to(&version.code), name: version.name.clone() }).collect();
    let others = others(questionnaire, query, |tag| {
        address(&link.code, "", &[("lang", Some(tag)), said_kiosk, ("field", chosen)])
    });
    let hidden = [said_lang, said_kiosk, ("field", chosen)];
    let hidden = hidden.into_iter().filter_map(|(name, value)| Some((name, value?.to_owned()))).collect();
    ProceduresPage {
        place: Place::new(snapshot, link, Subject { field: Some(field), procedure: None }, &words, day),
        shell: Shell::new(snapshot, words, query, others),
        procedures,
        action: address(&link.code, "", &[]),
        hidden,
        search: search.to_owned(),
        skip: to(""),
        back: chosen.map(|_| address(&link.code, "", &[said_lang, said_kiosk])),
    }
}
