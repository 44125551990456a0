//! The survey page as citizens would see it, for a version that may still be a draft.

use actix_web::HttpResponse;
use actix_web::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, X_FRAME_OPTIONS};
use askama::Template;
use chrono::NaiveDate;

use super::style::PREVIEW_POLICY;
use super::view::{Filling, FormPage, Other};
use super::visit::{Query, Subject};
use crate::app::answers::Form;
use crate::app::catalogue::Snapshot;
use crate::domain::code::Code;
use crate::domain::link::{Link, Stage};
use crate::domain::questionnaire::Questionnaire;
use crate::domain::questionnaire::tag::Tag;
use crate::error::{Error, Result};

/// The page in a language at a stage; `address` leads to the same page in another language.
///
/// It has a code that nobody can scan, and its policy lets the browser send nothing.
///
/// # Errors
/// Internal when the template fails.
pub fn page(
    snapshot: &Snapshot,
    questionnaire: &Questionnaire,
    tag: &Tag,
    stage: Option<Stage>,
    day: NaiveDate,
    address: impl Fn(&Tag) -> String,
) -> Result<HttpResponse> {
    let query = Query { lang: Some(tag.to_string()), ..Query::default() };
    let filling = Filling { id: String::new(), form: &Form::default(), faults: &[], busy: false };
    let link = link(questionnaire, stage, day);
    let form = FormPage::new(snapshot, &link, questionnaire, &query, Subject::default(), day, &filling);
    let mut form = FormPage { action: "#".to_owned(), preview: true, ..form };
    form.place.counter = form.shell.words.text("preview-place");
    let others = questionnaire.languages().into_iter().filter(|other| *other != tag);
    form.shell.others = others.map(|other| Other::of(questionnaire, other, address(other))).collect();
    let html = form.render().map_err(Error::internal)?;
    Ok(HttpResponse::Ok()
        .content_type("text/html; charset=utf-8")
        .insert_header((CACHE_CONTROL, "no-store"))
        .insert_header((CONTENT_SECURITY_POLICY, PREVIEW_POLICY.as_str()))
        .insert_header((X_FRAME_OPTIONS, "SAMEORIGIN"))
        .body(html))
}

fn link(questionnaire: &Questionnaire, stage: Option<Stage>, day: NaiveDate) -> Link {
    Link {
        id: 0.into(),
        code: Code::numbered(0),
        counter: 0.into(),
        kind: questionnaire.kind,
        field: None,
        procedure: None,
        deciding: None,
        stage: stage.filter(|_| questionnaire.kind.has_fields()),
        valid_from: day,
        valid_to: None,
        revoked: false,
        replaces: None,
    }
}
