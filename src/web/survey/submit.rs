//! Taking the survey's answers.

use std::sync::Arc;

use actix_web::http::StatusCode;
use actix_web::http::header::{HeaderValue, RETRY_AFTER};
use actix_web::{HttpResponse, web};
use chrono::{NaiveDate, Utc};
use uuid::Uuid;

use super::reply;
use super::view::{Filling, FormPage, kept};
use super::visit::{self, Query, Step, Subject, address};
use crate::app::answers::{self, Form};
use crate::app::catalogue::Snapshot;
use crate::domain::answer::Outcome;
use crate::domain::answer::Response;
use crate::domain::day::Local;
use crate::domain::link::Link;
use crate::domain::questionnaire::Questionnaire;
use crate::error::{Error, FieldError, Result};
use crate::locale::Message;
use crate::web::respond::Fault;
use crate::web::state::State;

/// A form that came in, with what it is about.
pub(super) struct Sent<'a> {
    pub snapshot: &'a Arc<Snapshot>,
    pub link: &'a Link,
    pub questionnaire: &'a Questionnaire,
    pub query: &'a Query,
    pub form: &'a Form,
    pub now: Local,
}

/// `POST /s/{code}`
pub async fn create(
    state: web::Data<State>,
    code: web::Path<String>,
    query: web::Query<Query>,
    body: web::Bytes,
) -> std::result::Result<HttpResponse, Fault> {
    let (now, form) = (Local::at(Utc::now()), pairs(&body));
    let snapshot = newest(&state, &code, &form).await?;
    let query = with_form(query.into_inner(), &form);
    let link = match visit::open(&snapshot, &code, now.day) {
        Ok(link) => link,
        Err(dead) => return Ok(reply::dead(&snapshot, &code, &dead, &query)?),
    };
    let version = answers::version(&snapshot, link, &form, Utc::now().naive_utc());
    let questionnaire = version.map_or_else(|| visit::asked(&snapshot, link), Ok)?;
    let query = query.offered_by(questionnaire);
    let sent = Sent { snapshot: &snapshot, link, questionnaire, query: &query, form: &form, now };
    if version.is_none() {
        return Ok(sent.invalid(&[FieldError::new("version", Message::new("survey.fault.version"))])?);
    }
    let response = match sent.read() {
        Ok(response) => response,
        Err(faults) => return Ok(sent.invalid(&faults)?),
    };
    match state.intake.submit(response).await {
        Ok(outcome) => Ok(sent.accepted(outcome)),
        Err(Error::Unavailable { retry_after }) => Ok(sent.busy(retry_after)?),
        Err(error) => Err(error.into()),
    }
}

/// The catalogue in force, looked at anew where a form knows a version that it does not: another
/// instance showed the form a moment ago.
async fn newest(state: &State, code: &str, form: &Form) -> Result<Arc<Snapshot>> {
    let snapshot = state.catalogue.snapshot();
    let named = visit::known(&snapshot, code).ok().zip(answers::version_number(form));
    if named.is_none_or(|(link, number)| snapshot.version(link.kind, number).is_some()) {
        return Ok(snapshot);
    }
    let catalogue = Arc::clone(&state.catalogue);
    state.block(move |db| catalogue.refresh(db)).await?;
    Ok(state.catalogue.snapshot())
}

impl Sent<'_> {
    pub(super) fn read(&self) -> std::result::Result<Response, Vec<FieldError>> {
        let (tag, channel) = (self.query.tag(), self.query.channel());
        answers::read(self.snapshot, self.link, self.questionnaire, self.form, tag, channel, self.now)
    }

    fn accepted(&self, outcome: Outcome) -> HttpResponse {
        let [lang, kiosk] = kept(self.query);
        let first = (outcome == Outcome::FirstStands).then_some("1");
        reply::see_other(&address(&self.link.code, "/thanks", &[lang, kiosk, ("first", first)]))
    }

    pub(super) fn invalid(&self, faults: &[FieldError]) -> Result<HttpResponse> {
        reply::page(StatusCode::UNPROCESSABLE_ENTITY, &self.again(faults, false))
    }

    pub(super) fn busy(&self, retry_after: u64) -> Result<HttpResponse> {
        let mut reply = reply::page(StatusCode::SERVICE_UNAVAILABLE, &self.again(&[], true))?;
        reply.headers_mut().insert(RETRY_AFTER, HeaderValue::from(retry_after));
        Ok(reply)
    }

    /// The form as it was filled, id included: sent again it is the same response.
    fn again(&self, faults: &[FieldError], busy: bool) -> FormPage {
        let id = answers::page_id(self.form).unwrap_or_else(Uuid::new_v4).to_string();
        let filling = Filling { id, form: self.form, faults, busy };
        let day = self.now.day;
        let subject = subject(self.snapshot, self.link, self.query, day);
        FormPage::new(self.snapshot, self.link, self.questionnaire, self.query, subject, day, &filling)
    }
}

/// What the form says it is about, as far as that fits.
fn subject(snapshot: &Snapshot, link: &Link, query: &Query, day: NaiveDate) -> Subject {
    match visit::step(snapshot, link, query, day) {
        Step::Form(subject) => subject,
        Step::Procedure(field) => Subject { field: Some(field), procedure: None },
        Step::Field => Subject::default(),
    }
}

/// The address, with the language and the choices that the form itself carries.
pub(super) fn with_form(query: Query, form: &Form) -> Query {
    let said = |name: &str| form.choice(name).map(str::to_owned);
    Query {
        lang: said("lang").or(query.lang),
        field: said("field"),
        procedure: Some(said("procedure").unwrap_or_default()),
        ..query
    }
}

/// What cannot be read as a form is an empty form, which the citizen is asked to fill in.
fn pairs(body: &[u8]) -> Form {
    let text = String::from_utf8_lossy(body);
    let pairs = web::Query::<Vec<(String, String)>>::from_query(&text);
    pairs.map(|pairs| pairs.into_inner().into_iter().collect()).unwrap_or_default()
}
