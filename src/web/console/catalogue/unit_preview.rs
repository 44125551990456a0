//! What follows from a merger or a split, shown before it is confirmed.

use std::collections::BTreeSet;

use actix_web::HttpRequest;

use super::closing::becomes;
use super::form::Typed;
use super::units::address_of;
use super::{Confirm, Page, shell, text};
use crate::app::catalogue::Snapshot;
use crate::app::ending::Effect;
use crate::domain::ids::UnitId;
use crate::domain::unit::UnitVersion;
use crate::error::Result;
use crate::locale::Lang;
use crate::web::actor::Actor;

/// The fields of the forms that travel along to the confirmation.
const KEPT: [&str; 4] = ["from", "code", "name", "backdated"];

/// What was seen of an effect, so that another one is shown anew. Answers come in all the time and are not in it.
pub fn seen(effect: &Effect) -> String {
    format!("{}-{}-{}-{}", effect.counters, effect.links, effect.people, effect.keys)
}

/// The page that shows what follows and asks for the confirmation.
///
/// # Errors
/// Not found for whoever does not keep the catalogue.
pub fn page(
    snapshot: &Snapshot,
    actor: &Actor,
    request: &HttpRequest,
    (unit, key, parts): (&UnitVersion, &str, usize),
    (typed, units, effect): (&Typed, &BTreeSet<UnitId>, &Effect),
) -> Result<Page> {
    let lang = actor.lang();
    let title = format!("{}: {}", text(lang, &format!("do.unit-{key}")), unit.name);
    let mut hidden = vec![("confirmed".to_owned(), seen(effect))];
    let mut keep = |name: String| hidden.push((name.clone(), typed.get(&name).to_owned()));
    KEPT.into_iter().map(str::to_owned).for_each(&mut keep);
    (1..=parts).flat_map(|number| [format!("code_{number}"), format!("name_{number}")]).for_each(keep);
    hidden.retain(|(_, value)| !value.is_empty());
    hidden.extend(typed.all("units").map(|unit| ("units".to_owned(), unit.to_owned())));
    let confirm = Confirm {
        action: format!("{}/{key}", address_of(unit.unit)),
        word: text(lang, &format!("submit.{key}")),
        hidden,
        away: format!("{}/{key}", address_of(unit.unit)),
    };
    Ok(Page {
        back: Some((address_of(unit.unit), unit.name.clone())),
        lead: text(lang, &format!("lead-unit-{key}")),
        notice: text(lang, "follows.confirm"),
        facts: facts(lang, snapshot, (unit, key), (typed, units, effect)),
        confirm: Some(confirm),
        ..Page::new(shell(actor, snapshot, title, request)?)
    })
}

fn facts(
    lang: Lang,
    snapshot: &Snapshot,
    (unit, key): (&UnitVersion, &str),
    (typed, units, effect): (&Typed, &BTreeSet<UnitId>, &Effect),
) -> Vec<(String, String)> {
    let name = |id: &UnitId| {
        snapshot.units.versions_of(*id).last().map(|last| format!("{} ({})", last.name, last.code))
    };
    let olds: Vec<String> = units.iter().filter_map(name).collect();
    let day = super::form::day(typed.get("from")).unwrap_or(unit.valid_from);
    let heirs = heirs(typed);
    let mut facts = vec![
        (text(lang, "follows.olds"), olds.join("; ")),
        (text(lang, "follows.heirs"), heirs.join("; ")),
        (text(lang, "field.from"), lang.date(day)),
    ];
    let told = [
        ("answers", usize::try_from(effect.all.count).unwrap_or(usize::MAX)),
        ("counters", effect.counters),
        ("links", effect.links),
        ("people", effect.people),
        ("keys", effect.keys),
    ];
    facts.extend(told.map(|(part, found)| becomes(lang, part, found, key)));
    facts.push((text(lang, "follows.targets"), text(lang, "follows.targets-stay")));
    let last = effect.answers.last.map_or_else(|| text(lang, "follows.no-answer"), |last| lang.date(last));
    facts.push((text(lang, "follows.last-answer"), last));
    facts.push((text(lang, "follows.answers-since"), lang.count(effect.answers.count)));
    facts
}

/// Those that take over, as they were typed.
fn heirs(typed: &Typed) -> Vec<String> {
    let one = |code: &str, name: &str| {
        let (code, name) = (typed.get(code), typed.get(name));
        if name.is_empty() { code.to_owned() } else { format!("{name} ({code})") }
    };
    let parts = (1..=super::unit_forms::PARTS)
        .map(|number| one(&format!("code_{number}"), &format!("name_{number}")));
    std::iter::once(one("code", "name")).chain(parts).filter(|heir| !heir.is_empty()).collect()
}
