//! A dataset as one tidy table: a row for each row of each cut of each survey.

use crate::app::exports::{Sheet, Value};
use crate::app::publications::Names;
use crate::domain::dataset::{Cut, Dataset, Figures, Hundredths, Imported, Part, Row};
use crate::domain::questionnaire::Kind;
use crate::locale::Lang;

/// The word that stands for the kind where a figure comes from elsewhere.
pub const IMPORTED: &str = "imported";

/// The columns, in order.
pub const COLUMNS: [&str; 50] = [
    "period",
    "from",
    "to",
    "number",
    "version",
    "kind",
    "cut",
    "key",
    "code",
    "name",
    "name_en",
    "marks",
    "hidden",
    "target",
    "settled",
    "n",
    "k",
    "n5",
    "n4",
    "n3",
    "n2",
    "n1",
    "na",
    "index",
    "low",
    "high",
    "verdict",
    "f2_k",
    "f2_n",
    "f2",
    "f3_k",
    "f3_n",
    "f3",
    "f4",
    "f4_of_5",
    "f4_of_span",
    "f5",
    "f5_low",
    "f5_high",
    "f5_coverage",
    "f5_effective_n",
    "f5_capped",
    "unflagged_k",
    "unflagged_n",
    "unflagged_index",
    "source",
    "method",
    "simulated",
    "published_at",
    "corrects",
];

/// Lays a dataset out as a sheet; what is hidden is empty and says so in its column.
pub fn sheet(dataset: &Dataset) -> Sheet {
    let names = Lang::ALL.map(|lang| Names::of(dataset, lang));
    let mut rows = Vec::new();
    for survey in &dataset.surveys {
        for table in &survey.tables {
            rows.extend(table.rows.iter().map(|row| measured(dataset, &names, survey.kind, table.by, row)));
        }
    }
    rows.extend(dataset.imported.iter().map(|figure| imported(dataset, &names, figure)));
    let columns = COLUMNS.iter().map(|key| ((*key).to_owned(), (*key).to_owned())).collect();
    Sheet { columns, rows }
}

fn measured(dataset: &Dataset, names: &[Names; 2], kind: Kind, by: Cut, row: &Row) -> Vec<Value> {
    let mut values = head(dataset);
    let [own, _] = names;
    values.extend([text(kind.key()), text(by.key()), text(row.key.join("/")), text(code(own, by, row))]);
    values.extend(names.each_ref().map(|names| text(names.row(kind, by, &row.key))));
    let marks: Vec<&str> = row.marks.iter().map(|mark| mark.key()).collect();
    values.extend([text(marks.join(" ")), truth(row.levels.is_none())]);
    values.push(hundredths(row.target.map(Hundredths::from)));
    values.push(count(row.settled));
    let levels = row.levels;
    values.extend([count(row.n()), count(levels.map(|one| one.satisfied()))]);
    match levels {
        Some(levels) => {
            values.extend(levels.descending().map(Value::Count));
            values.push(Value::Count(levels.na));
        }
        None => values.extend(std::iter::repeat_n(Value::Empty, 6)),
    }
    figures(&mut values, row.figures);
    part(&mut values, row.unflagged);
    let method = format!("{} v{}", dataset.method.id, dataset.method.version);
    values.extend([Value::Empty, text(method)]);
    values.extend(tail(dataset));
    values
}

fn figures(values: &mut Vec<Value>, figures: Option<Figures>) {
    let of = |read: fn(Figures) -> Option<Hundredths>| hundredths(figures.and_then(read));
    values.extend([of(|one| one.index), of(|one| one.low), of(|one| one.high)]);
    let verdict = figures.and_then(|one| one.verdict);
    values.push(verdict.map_or(Value::Empty, |verdict| text(verdict.key())));
    for one in [figures.and_then(|one| one.f2), figures.and_then(|one| one.f3)] {
        part(values, one);
    }
    values.extend([of(|one| one.f4), of(|one| one.f4_of_5), of(|one| one.f4_of_span)]);
    let weighted = figures.and_then(|one| one.f5);
    let of = |value: Option<Hundredths>| hundredths(value);
    values.extend([
        of(weighted.map(|one| one.index)),
        of(weighted.map(|one| one.low)),
        of(weighted.map(|one| one.high)),
        of(weighted.map(|one| one.coverage)),
        of(weighted.map(|one| one.effective)),
        weighted.map_or(Value::Empty, |one| truth(one.capped)),
    ]);
}

fn part(values: &mut Vec<Value>, part: Option<Part>) {
    values.extend([count(part.map(|one| one.share.k)), count(part.map(|one| one.share.n))]);
    values.push(hundredths(part.and_then(|one| one.index)));
}

/// A figure of another ministry's method; what this service counts stays empty.
fn imported(dataset: &Dataset, names: &[Names; 2], figure: &Imported) -> Vec<Value> {
    let [own, _] = names;
    let target = own.target(&figure.target);
    let mut values = head(dataset);
    values.extend([IMPORTED, Cut::Target.key(), &figure.target, &figure.target].map(text));
    values.extend(names.each_ref().map(|names| text(names.target_name(&figure.target))));
    values.extend([text(""), truth(false), hundredths(target.map(|one| one.threshold.into())), Value::Empty]);
    values.push(count(figure.respondents.and_then(|count| u64::try_from(count).ok())));
    values.extend(std::iter::repeat_n(Value::Empty, 7));
    values.push(hundredths(figure.index));
    values.extend(std::iter::repeat_n(Value::Empty, 21));
    values.extend([text(figure.source.clone().unwrap_or_default()), text("")]);
    values.extend(tail(dataset));
    values
}

fn head(dataset: &Dataset) -> Vec<Value> {
    let period = &dataset.period;
    let number = dataset.issue.as_ref().and_then(|issue| u64::try_from(issue.number).ok());
    vec![
        text(period.key.clone()),
        text(period.from.to_string()),
        text(period.to.to_string()),
        count(number),
        count(u64::try_from(dataset.version).ok()),
    ]
}

fn tail(dataset: &Dataset) -> [Value; 3] {
    let issue = dataset.issue.as_ref();
    let at = issue.map(|issue| issue.at.format("%Y-%m-%dT%H:%M:%SZ").to_string());
    let corrects = issue.and_then(|issue| issue.corrects.clone());
    [truth(dataset.simulated), text(at.unwrap_or_default()), text(corrects.unwrap_or_default())]
}

/// Official codes of what the row is about, where its key has an inner id.
fn code(names: &Names, by: Cut, row: &Row) -> String {
    let unit = |id: &str| names.unit(id).map(|one| one.code.clone());
    let procedure = |id: &str| names.procedure(id).map(|one| one.code.clone());
    let code = |(place, part): (usize, &String)| {
        let found = match by {
            Cut::Unit | Cut::UnitThen | Cut::Deciding => unit(part),
            Cut::UnitField if place == 0 => unit(part),
            Cut::Procedure => procedure(part),
            _ => None,
        };
        found.unwrap_or_else(|| part.clone())
    };
    row.key.iter().enumerate().map(code).collect::<Vec<_>>().join("/")
}

fn text(value: impl Into<String>) -> Value {
    let value = value.into();
    if value.is_empty() { Value::Empty } else { Value::Text(value) }
}

fn truth(is: bool) -> Value {
    text(if is { "true" } else { "false" })
}

fn count(value: Option<u64>) -> Value {
    value.map_or(Value::Empty, Value::Count)
}

fn hundredths(value: Option<Hundredths>) -> Value {
    value.map_or(Value::Empty, Value::Hundredths)
}
