//! Periods closed and published by two people.

use hailong::app::publications;
use hailong::domain::dataset::Dataset;
use hailong::domain::ids::PublicationId;
use hailong::domain::period::Period;
use hailong::domain::person::{Actor, Role};
use hailong::domain::publication::{Issued, Step};
use hailong::error::Result;
use hailong::locale::Lang;

use super::App;

/// Someone of Sở Nội vụ.
pub fn official(login: &str) -> Actor {
    Actor::Person {
        id: 1.into(),
        login: login.to_owned(),
        name: format!("Cán bộ {login}"),
        role: Role::Method,
        unit: None,
        language: Lang::Vi,
    }
}

pub fn period(text: &str) -> Period {
    Period::parse(text).unwrap()
}

pub fn close(app: &App, text: &str) -> Result<PublicationId> {
    publications::close(&app.database(), &app.snapshot(), &official("lan"), period(text))
}

pub fn step(app: &App, login: &str, id: PublicationId, step: Step, remark: &str) -> Result<()> {
    let snapshot = app.snapshot();
    publications::step(&app.database(), &snapshot, &official(login), id, (step, remark))
}

/// Takes a closed period to the door.
pub fn approve(app: &App, id: PublicationId) {
    step(app, "lan", id, Step::Submit, "").unwrap();
    step(app, "minh", id, Step::Approve, "").unwrap();
}

/// What was published, as everyone gets it.
pub struct Published {
    pub id: PublicationId,
    pub issued: Issued,
    pub file: Vec<u8>,
    pub shown: Dataset,
    pub complete: Dataset,
}

/// Closes and publishes a period.
pub fn publish(app: &App, text: &str) -> Published {
    let id = close(app, text).unwrap();
    approve(app, id);
    step(app, "minh", id, Step::Publish, "").unwrap();
    published(app, id)
}

/// A publication read back.
pub fn published(app: &App, id: PublicationId) -> Published {
    let read = app.database().read(|conn| {
        let course = publications::find(conn, &Actor::Operator, id)?;
        let issued = course.publication.issued.unwrap();
        let file = publications::file(conn, issued.number)?;
        Ok((issued, file, publications::complete(conn, &Actor::Operator, id)?))
    });
    let (issued, file, complete) = read.unwrap();
    Published { id, issued, shown: Dataset::read(&file).unwrap(), file, complete }
}
