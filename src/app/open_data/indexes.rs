//! The published indexes of a period in the form that the province's reporting system reads.

use serde_json::{Map, Value as Json, json};

use super::{Edition, File};
use crate::app::catalogue::Snapshot;
use crate::app::publications::Names;
use crate::app::reach;
use crate::domain::dataset::{Cut, Dataset, Hundredths, Row, UnitEntry};
use crate::domain::number::in_hundredths;
use crate::domain::person::Actor;
use crate::domain::questionnaire::Kind;
use crate::locale::Lang;

/// Name and version of the form.
pub const SCHEMA: &str = "hailong-indexes/1";

/// The indexes of the province and of the units that an actor may see.
pub fn indexes(file: &File, snapshot: &Snapshot, actor: &Actor) -> Json {
    let dataset = &file.dataset;
    let names = &Lang::ALL.map(|lang| Names::of(dataset, lang));
    let [own, _] = names;
    let seen = |unit: &UnitEntry| {
        let mut ids = unit.holds.iter().chain([&unit.id]).filter_map(|id| id.parse::<i64>().ok());
        ids.any(|id| reach::contains(snapshot, actor, id.into()))
    };
    json!({
        "schema": SCHEMA,
        "period": dataset.period,
        "publication": publication(&file.edition, dataset),
        "method": dataset.method,
        "hidden_below": dataset.floor,
        "simulated": dataset.simulated,
        "targets": targets(dataset, names),
        "imported": imported(dataset, own),
        "fields": rows(dataset, names, Cut::Field, |_| true),
        "units": rows(dataset, names, Cut::Unit, |row| {
            let entry = row.key.first().and_then(|id| own.unit(id));
            entry.is_some_and(seen)
        }),
    })
}

fn publication(edition: &Edition, dataset: &Dataset) -> Json {
    let issue = dataset.issue.as_ref();
    json!({
        "number": edition.number,
        "version": edition.version,
        "published_at": issue.map(|issue| issue.at),
        "frozen_at": dataset.frozen_at,
        "sha256": edition.sha256,
        "previous_sha256": issue.and_then(|issue| issue.previous.as_ref()),
        "corrects_sha256": issue.and_then(|issue| issue.corrects.as_ref()),
    })
}

fn targets(dataset: &Dataset, names: &[Names; 2]) -> Vec<Json> {
    let of = |kind: Kind| {
        dataset.rows(kind, Cut::Target).iter().map(move |row| {
            let [own, _] = names;
            let entry = row.key.first().and_then(|key| own.target(key));
            let mut members = figures(names, kind, Cut::Target, row);
            members.insert("legal_basis".to_owned(), json!(entry.map(|entry| &entry.legal_basis)));
            Json::Object(members)
        })
    };
    Kind::ALL.into_iter().flat_map(of).collect()
}

fn imported(dataset: &Dataset, names: &Names) -> Vec<Json> {
    let figure = |figure: &crate::domain::dataset::Imported| {
        let target = names.target(&figure.target);
        json!({
            "key": figure.target,
            "name": target.map(|target| &target.name),
            "name_en": target.map(|target| &target.name_en),
            "target": percent(target.map(|target| target.threshold.into())),
            "index": percent(figure.index),
            "respondents": figure.respondents,
            "source": figure.source,
        })
    };
    dataset.imported.iter().map(figure).collect()
}

fn rows(dataset: &Dataset, names: &[Names; 2], by: Cut, seen: impl Fn(&Row) -> bool) -> Vec<Json> {
    let of = |kind: Kind| dataset.rows(kind, by).iter().map(move |row| (kind, row));
    let rows = Kind::ALL.into_iter().flat_map(of).filter(|(_, row)| seen(row));
    rows.map(|(kind, row)| Json::Object(figures(names, kind, by, row))).collect()
}

fn figures(names: &[Names; 2], kind: Kind, by: Cut, row: &Row) -> Map<String, Json> {
    let (figures, share) = (row.figures, row.share());
    let id = row.key.first().map_or("", String::as_str);
    let [own, _] = names;
    let unit = (by == Cut::Unit).then(|| own.unit(id)).flatten();
    let [vi, en] = names.each_ref().map(|names| names.row(kind, by, &row.key));
    let marks: Vec<&str> = row.marks.iter().map(|mark| mark.key()).collect();
    let members = [
        ("kind", json!(kind.key())),
        ("key", json!(unit.map_or(id, |unit| unit.code.as_str()))),
        ("name", json!(vi)),
        ("name_en", json!(en)),
        ("target", percent(row.target.map(Hundredths::from))),
        ("hidden", json!(row.levels.is_none())),
        ("n", json!(share.map(|share| share.n))),
        ("k", json!(share.map(|share| share.k))),
        ("index", percent(figures.and_then(|one| one.index))),
        ("low", percent(figures.and_then(|one| one.low))),
        ("high", percent(figures.and_then(|one| one.high))),
        ("verdict", json!(figures.and_then(|one| one.verdict))),
        ("marks", json!(marks)),
    ];
    members.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

/// A percentage with its two decimals.
fn percent(value: Option<Hundredths>) -> Json {
    value.map_or(Json::Null, |value| json!(in_hundredths(value)))
}
