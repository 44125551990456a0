//! The simulated year is the same for the same seed, and looks as it was designed to.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{Datelike, Weekday};

use super::*;
use crate::app::intake;
use crate::domain::answer::{Response, Score};
use crate::domain::closure::Closure;
use crate::domain::comment::State;
use crate::domain::flags::Flag;
use crate::domain::ids::{FieldId, UnitId};
use crate::domain::link::Stage;
use crate::domain::procedure::Field;
use crate::domain::questionnaire::{Question, Questionnaire, Role, Status, Steps};
use crate::domain::unit::{UnitLevel, UnitVersion, Units};

const COMMUNES: i64 = 124;

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn questionnaire(id: i64, kind: Kind) -> Questionnaire {
    let keys = ["overall", "access", "procedure", "staff", "result", "feedback", "complete"];
    let question = |(key, number): (&str, i64)| Question {
        id: (id * 10 + number).into(),
        key: key.to_owned(),
        role: match key {
            "overall" => Role::Headline,
            "complete" => Role::Complete,
            _ => Role::Element,
        },
        required: key == "overall",
        result_only: key == "result",
        allows_na: key == "feedback",
        texts: BTreeMap::new(),
    };
    let questions = keys.into_iter().zip(1..).map(question).collect();
    Questionnaire {
        id: id.into(),
        kind,
        version: 1,
        status: Status::Published,
        steps: Steps::default(),
        texts: BTreeMap::new(),
        questions,
    }
}

fn snapshot() -> Snapshot {
    let unit = |id: i64, level, name: String| UnitVersion {
        unit: id.into(),
        code: id.to_string(),
        name,
        level,
        parent: None,
        valid_from: day("2025-07-01"),
        valid_to: None,
    };
    let communes = (1..COMMUNES).map(|id| unit(id, UnitLevel::Commune, format!("Xã {id}")));
    let island = unit(COMMUNES, UnitLevel::Commune, "Đặc khu Phú Quý".to_owned());
    let bodies = (201..215).map(|id| unit(id, UnitLevel::Body, format!("Sở {id}")));
    let keys =
        ["dat-dai", "xay-dung", "dau-tu", "ho-tich", "cu-tru", "kinh-doanh", "bao-hiem", "thue", "khac"];
    let field = |(key, id): (&str, i64)| Field {
        id: id.into(),
        key: key.to_owned(),
        name: key.to_owned(),
        name_en: key.to_owned(),
        closure: Closure::default(),
    };
    Snapshot {
        units: Units::new(communes.chain([island]).chain(bodies).collect(), Vec::new()),
        fields: keys.into_iter().zip(1..).map(field).collect(),
        bodies_by_field: [(1, 201), (2, 202), (3, 203), (6, 203), (7, 204)]
            .into_iter()
            .map(|(field, body)| (FieldId::from(field), vec![UnitId::from(body)]))
            .collect(),
        questionnaires: vec![questionnaire(1, Kind::Tthc), questionnaire(2, Kind::AgencyService)],
        ..Snapshot::default()
    }
}

fn year(snapshot: &Snapshot, seed: u64, count: u64) -> Vec<Batch> {
    let plan = Plan::new(snapshot, seed, day("2026-11-23"), count).unwrap();
    plan.batches().map(Result::unwrap).collect()
}

/// F1 in percent over the stages of the headline.
fn index<'a>(responses: impl Iterator<Item = &'a Response>) -> (f64, u32) {
    let (mut satisfied, mut all) = (0, 0);
    for response in responses {
        if response.stage.is_none_or(|stage| Stage::HEADLINE.contains(&stage)) {
            let Score::Level(level) = response.scores["overall"] else {
                panic!("the headline is always answered")
            };
            satisfied += u32::from(level.is_satisfied());
            all += 1;
        }
    }
    (100.0 * f64::from(satisfied) / f64::from(all), all)
}

#[test]
fn the_same_seed_gives_the_same_year() {
    let snapshot = snapshot();
    assert!(year(&snapshot, 7, 6000) == year(&snapshot, 7, 6000));
    assert!(year(&snapshot, 7, 6000) != year(&snapshot, 8, 6000));
}

#[test]
fn codes_and_ids_are_each_used_once() {
    let snapshot = snapshot();
    let plan = Plan::new(&snapshot, 7, day("2026-11-23"), 1000).unwrap();
    let links = plan.links();
    assert_eq!(links.iter().map(|link| &link.code).collect::<BTreeSet<_>>().len(), links.len());
    assert_eq!(links.iter().map(|link| link.id).collect::<BTreeSet<_>>().len(), links.len());
    let counters = plan.counters();
    assert_eq!(
        counters.iter().map(|one| (one.unit, &one.name)).collect::<BTreeSet<_>>().len(),
        counters.len()
    );
}

#[test]
fn a_year_reaches_every_unit_and_keeps_the_rhythm_of_the_week() {
    let snapshot = snapshot();
    let batches = year(&snapshot, SEED, 20_000);
    assert_eq!(batches.len(), 138);
    assert!(batches.iter().all(|batch| !batch.responses.is_empty()));
    let count = |weekday| {
        batches.iter().flat_map(|batch| &batch.responses).filter(|one| one.day.weekday() == weekday).count()
    };
    assert_eq!(count(Weekday::Sun), 0);
    assert!(count(Weekday::Sat) * 5 < count(Weekday::Fri) && count(Weekday::Fri) < count(Weekday::Mon));
    let new_year = day("2026-02-14")..=day("2026-02-22");
    assert!(batches.iter().flat_map(|batch| &batch.responses).all(|one| !new_year.contains(&one.day)));
}

#[test]
fn tallies_equal_a_recount_and_dossiers_outnumber_answers() {
    let snapshot = snapshot();
    for batch in year(&snapshot, SEED, 10_000) {
        let mut recount = BTreeMap::new();
        for response in &batch.responses {
            intake::count(response, &snapshot.questionnaires, &mut recount).unwrap();
        }
        assert_eq!(batch.tallies, recount);
        assert!(batch.responses.is_sorted_by_key(|response| (response.served, response.id)));
        let settled: i64 = batch.dossiers.iter().map(|one| one.count).sum();
        let answered = batch.responses.iter().filter(|one| one.field.is_some()).count();
        assert!(settled >= i64::try_from(answered).unwrap());
    }
}

#[test]
fn the_year_shows_fields_above_around_and_below_their_targets() {
    let snapshot = snapshot();
    let batches = year(&snapshot, SEED, ANSWERS);
    let all = || batches.iter().flat_map(|batch| &batch.responses);
    assert!(all().count() >= 200_000);
    let of = |key: &str| {
        let field = snapshot.field_by_key(key).map(|field| field.id);
        index(all().filter(move |one| one.field == field)).0
    };
    let figures: Vec<(&str, f64)> = ["ho-tich", "cu-tru", "xay-dung", "dat-dai", "dau-tu"]
        .into_iter()
        .map(|key| (key, of(key)))
        .collect();
    let overall = index(all().filter(|one| one.field.is_some())).0;
    let agency = index(all().filter(|one| one.field.is_none())).0;
    println!("{figures:?} overall {overall} agency {agency}");
    for ((key, found), (low, high)) in
        figures.iter().zip([(95.0, 97.5), (92.5, 95.5), (83.5, 86.5), (80.5, 83.5), (82.0, 91.0)])
    {
        assert!((low..=high).contains(found), "{key}: {found}");
    }
    assert!((90.0..=92.0).contains(&overall), "{overall}");
    assert!((89.0..=92.0).contains(&agency), "{agency}");
    let comments = all().filter(|one| one.comment.is_some()).count();
    assert!((6..=10).contains(&(comments * 100 / all().count())), "{comments}");
}

#[test]
fn some_units_are_too_small_and_one_votes_for_itself() {
    let snapshot = snapshot();
    let batches = year(&snapshot, SEED, ANSWERS);
    let quarter = Period::parse("2026-Q3").unwrap();
    let counted = |batch: &Batch| batch.responses.iter().filter(|one| quarter.contains(one.day)).count();
    let island = batches.iter().find(|batch| batch.responses[0].served == UnitId::from(COMMUNES)).unwrap();
    assert!((1..30).contains(&counted(island)), "{}", counted(island));
    let bursts =
        |batch: &&Batch| batch.responses.iter().filter(|one| one.flags.has(Flag::Burst)).count() > 100;
    assert_eq!(batches.iter().filter(bursts).count(), 1);
}

#[test]
fn old_comments_are_handled_and_the_latest_wait() {
    let snapshot = snapshot();
    let batches = year(&snapshot, SEED, 40_000);
    let handled: BTreeMap<_, _> =
        batches.iter().flat_map(|batch| &batch.handled).map(|one| (one.comment, one)).collect();
    let written = batches.iter().flat_map(|batch| &batch.responses);
    for (response, comment) in written.filter_map(|one| Some((one, one.comment.as_ref()?))) {
        let age = (day("2026-11-23") - response.day).num_days();
        let found = handled.get(&comment.id);
        assert!(age < 14 || found.is_some(), "{age} days");
        assert!(age >= 4 || found.is_none(), "{age} days");
        if let Some(one) = found {
            let end = one.events.iter().fold(State::New, |state, event| state.after(event.step).unwrap());
            assert_eq!(end, one.state, "the steps lead to the state");
            assert!(one.events.iter().all(|event| event.at.date() <= day("2026-11-23")));
        }
    }
}

#[test]
fn there_are_remarks_of_every_mood() {
    assert!(remarks::Remarks::load().count() >= 150);
    let sentences = include_str!("comments.vi").lines();
    assert!(sentences.clone().all(|line| line.splitn(3, '|').count() == 3));
    assert_eq!(sentences.clone().collect::<BTreeSet<_>>().len(), sentences.count());
}
