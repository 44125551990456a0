//! Answers stored without a browser, and questions to them.

use chrono::{NaiveDate, NaiveTime};
use hailong::app::intake;
use hailong::app::scores::{self, Query, Row, Table};
use hailong::db;
use hailong::db::bulk::Settled;
use hailong::db::dossiers;
use hailong::domain::answer::{Response, Score};
use hailong::domain::day::HalfDay;
use hailong::domain::flags::Flags;
use hailong::domain::ids::UnitId;
use hailong::domain::level::Level;
use hailong::domain::link::{Channel, Stage};
use hailong::domain::period::Period;
use hailong::domain::person::{Actor, Role};
use hailong::domain::questionnaire::Kind;
use hailong::locale::Lang;

use super::App;

pub const QUARTER: &str = "2026-Q3";

/// Answers that differ in their level alone.
#[derive(Clone)]
pub struct Answers {
    pub unit: &'static str,
    /// The unit that ran the counter before this one took it over, by its code and a day of its own.
    pub heir_of: Option<(&'static str, &'static str)>,
    pub counter: &'static str,
    pub field: &'static str,
    pub stage: Stage,
    pub channel: Channel,
    pub flags: Flags,
    pub day: &'static str,
    /// The unit that decides where it is another than that which serves, by its code.
    pub deciding: Option<&'static str>,
    /// Elements that are answered with the same level as the overall question.
    pub elements: &'static [&'static str],
    /// Elements that are answered as not applicable.
    pub not_applicable: &'static [&'static str],
    pub levels: [usize; 5],
}

pub const LAND: Answers = Answers {
    unit: "24781",
    heir_of: None,
    counter: "Quầy số 1",
    field: "dat-dai",
    stage: Stage::Result,
    channel: Channel::Qr,
    flags: Flags::NONE,
    day: "2026-08-03",
    deciding: None,
    elements: &[],
    not_applicable: &[],
    levels: [40, 50, 7, 2, 1],
};

pub fn unit(app: &App, code: &str, day: &str) -> UnitId {
    app.snapshot().units.by_code(code, day.parse().unwrap()).unwrap().unit
}

pub fn store(app: &App, answers: &[Answers]) {
    let link = app.link("dat-dai", Stage::Result);
    let snapshot = app.snapshot();
    let hour = |hour| NaiveTime::from_hms_opt(hour, 0, 0).unwrap();
    app.database()
        .write(|conn| {
            for one in answers {
                let day: NaiveDate = one.day.parse().unwrap();
                let questionnaire = snapshot.asked_on(Kind::Tthc, day).unwrap();
                let served = unit(app, one.unit, one.day);
                let owner = one.heir_of.map_or(served, |(code, day)| unit(app, code, day));
                let counter = db::links::counter_by_name(conn, owner, one.counter, (hour(7), hour(17)))?;
                let levels = Level::DESCENDING.iter().zip(one.levels).flat_map(|(level, n)| vec![*level; n]);
                let responses: Vec<Response> = levels
                    .map(|level| Response {
                        id: uuid::Uuid::new_v4(),
                        served,
                        deciding: one.deciding.map_or(served, |code| unit(app, code, one.day)),
                        counter,
                        link: link.id,
                        questionnaire: questionnaire.id,
                        field: Some(snapshot.field_by_key(one.field).unwrap().id),
                        procedure: None,
                        stage: Some(one.stage),
                        channel: one.channel,
                        respondent: None,
                        language: Lang::Vi.into(),
                        day,
                        half: HalfDay::Morning,
                        scores: ["overall"]
                            .iter()
                            .chain(one.elements)
                            .map(|key| ((*key).to_owned(), Score::Level(level)))
                            .chain(
                                one.not_applicable
                                    .iter()
                                    .map(|key| ((*key).to_owned(), Score::NotApplicable)),
                            )
                            .collect(),
                        comment: None,
                        flags: one.flags,
                    })
                    .collect();
                intake::store(conn, &responses, &snapshot.questionnaires)?;
            }
            Ok(())
        })
        .unwrap();
}

/// Dossiers of a field that a unit settled in a month, `yyyymm`.
pub fn settle(app: &App, code: &str, field: &str, month: i32, count: i64) {
    let unit = unit(app, code, "2026-08-03");
    let field = app.snapshot().field_by_key(field).unwrap().id;
    app.database().write(|conn| dossiers::save(conn, &Settled { unit, field, month, count })).unwrap();
}

pub fn query(period: &str) -> Query {
    Query::of(Kind::Tthc, Period::parse(period).unwrap())
}

pub fn run_as(app: &App, actor: &Actor, query: &Query) -> Table {
    let snapshot = app.snapshot();
    app.database().read(|conn| scores::run(conn, &snapshot, actor, query)).unwrap()
}

pub fn run(app: &App, query: &Query) -> Table {
    run_as(app, &Actor::Operator, query)
}

pub fn share(row: &Row) -> Option<(u64, u64)> {
    row.figures.map(|figures| (figures.f1.k, figures.f1.n))
}

pub fn viewer(unit: UnitId) -> Actor {
    Actor::Person {
        id: 1.into(),
        login: "xem".to_owned(),
        name: "Người xem".to_owned(),
        role: Role::UnitViewer,
        unit: Some(unit),
        language: Lang::Vi,
    }
}
