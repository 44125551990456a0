//! Names of what the rows of a dataset are about, from its own lists.

use crate::domain::dataset::{Cut, Dataset};
use crate::domain::flags::Flag;
use crate::domain::period::Period;
use crate::domain::questionnaire::Kind;
use crate::locale::Lang;

/// The name of a row: its parts with a dot between.
pub fn name(dataset: &Dataset, kind: Kind, by: Cut, key: &[String], lang: Lang) -> String {
    let names: Vec<String> =
        key.iter().zip(parts(by)).map(|(part, what)| of(dataset, kind, *what, part, lang)).collect();
    if names.is_empty() { lang.text("column.total") } else { names.join(" · ") }
}

/// What a part of a key is.
#[derive(Clone, Copy)]
enum Part {
    Target,
    Field,
    Unit,
    Procedure,
    Counter,
    Element,
    Stage,
    Channel,
    Flag,
    Period,
}

const fn parts(by: Cut) -> &'static [Part] {
    match by {
        Cut::Total => &[],
        Cut::Target => &[Part::Target],
        Cut::Field => &[Part::Field],
        Cut::Unit | Cut::UnitThen | Cut::Deciding => &[Part::Unit],
        Cut::UnitField => &[Part::Unit, Part::Field],
        Cut::Procedure => &[Part::Procedure],
        Cut::Counter => &[Part::Counter],
        Cut::Element => &[Part::Element],
        Cut::Stage => &[Part::Stage],
        Cut::Channel => &[Part::Channel],
        Cut::Flag => &[Part::Flag],
        Cut::Month => &[Part::Period],
        Cut::Trend => &[Part::Period, Part::Target],
    }
}

fn of(dataset: &Dataset, kind: Kind, what: Part, key: &str, lang: Lang) -> String {
    let in_lang = |vi: &str, en: &str| if lang == Lang::Vi { vi.to_owned() } else { en.to_owned() };
    let found = match what {
        Part::Target => {
            let target = dataset.targets.iter().rev().find(|one| one.key == key);
            target.map(|one| in_lang(&one.name, &one.name_en))
        }
        Part::Field => {
            dataset.fields.iter().find(|one| one.key == key).map(|one| in_lang(&one.name, &one.name_en))
        }
        Part::Unit => unit(dataset, key).map(ToOwned::to_owned),
        Part::Procedure => dataset.procedures.iter().find(|one| one.id == key).map(|one| one.name.clone()),
        Part::Counter => dataset
            .counters
            .iter()
            .find(|one| one.id == key)
            .map(|one| format!("{} · {}", unit(dataset, &one.unit).unwrap_or_default(), one.name)),
        Part::Element => {
            let versions = dataset.questionnaires.iter().rev().filter(|one| one.kind == kind);
            let question = versions.flat_map(|one| &one.questions).find(|one| one.key == key);
            question.map(|one| in_lang(&one.label, &one.label_en))
        }
        Part::Stage if !key.is_empty() => Some(lang.text(&format!("stage.{key}"))),
        Part::Channel if !key.is_empty() => Some(lang.text(&format!("channel.{key}"))),
        Part::Flag => Flag::ALL
            .into_iter()
            .find(|flag| flag.key() == key)
            .map(|flag| lang.text(&format!("flag.{}", flag.key()))),
        Part::Period => Period::parse(key).ok().map(|period| lang.period(period)),
        Part::Stage | Part::Channel => None,
    };
    found.unwrap_or_else(|| lang.text("scores.not-stated"))
}

fn unit<'a>(dataset: &'a Dataset, id: &str) -> Option<&'a str> {
    dataset.units.iter().find(|one| one.id == id).map(|one| one.name.as_str())
}
