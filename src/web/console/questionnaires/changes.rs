//! Two versions side by side.

use actix_web::web;
use askama::Template;

use super::super::Shell;
use super::{Reply, Texts, Typed, address, name, not_found, shell};
use crate::app::questionnaires;
use crate::domain::questionnaire::change::{self, Line, Wording};
use crate::domain::questionnaire::{Question, Questionnaire};
use crate::locale::Lang;
use crate::web::actor::Actor;
use crate::web::respond::page;
use crate::web::state::State;

struct Other {
    version: i32,
    is_chosen: bool,
}

struct Row {
    tag: String,
    part: String,
    before: String,
    after: String,
}

struct Block {
    key: String,
    label: String,
    marks: Vec<(&'static str, String)>,
    rules: Option<(String, String)>,
    rows: Vec<Row>,
}

#[derive(Template)]
#[template(path = "console/questionnaire-changes.html", config = "frontend/askama.toml")]
struct Page {
    shell: Shell,
    texts: Texts,
    address: String,
    others: Vec<Other>,
    before: i32,
    after: i32,
    comparable: bool,
    heading: Vec<Row>,
    blocks: Vec<Block>,
    same: usize,
}

/// GET /console/catalogue/questionnaires/{id}/changes: against version `from`, or else the one before.
///
/// # Errors
/// Not found, also for whoever may not and where there is nothing to compare with; those of the database.
pub async fn show(
    state: web::Data<State>,
    actor: Actor,
    id: web::Path<i64>,
    asked: web::Query<Typed>,
) -> Reply {
    let lang = actor.lang();
    let versions = state.read(&actor, questionnaires::list).await?;
    let after = versions.iter().find(|one| one.id.raw() == *id).ok_or_else(not_found)?;
    let others: Vec<&Questionnaire> =
        versions.iter().filter(|one| one.kind == after.kind && one.id != after.id).collect();
    let wanted = asked.get("from").and_then(|number| number.parse::<i32>().ok());
    let before = match wanted {
        Some(number) => others.iter().find(|one| one.version == number),
        // The list goes from the newest to the oldest.
        None => others.iter().find(|one| one.version < after.version),
    };
    let before = before.copied().ok_or_else(not_found)?;
    let difference = change::between(before, after);
    let (changed, same): (Vec<_>, Vec<_>) = difference.lines.iter().partition(|line| !line.marks.is_empty());
    let title = lang.with("questionnaires.changes-of", &[("name", &name(lang, after))]);
    page(&Page {
        shell: shell(&state, &actor, title, format!("{}/changes", address(after.id))),
        texts: Texts(lang),
        address: address(after.id),
        others: others
            .iter()
            .map(|one| Other { version: one.version, is_chosen: one.id == before.id })
            .collect(),
        before: before.version,
        after: after.version,
        comparable: change::comparable(before, after),
        heading: difference.words.iter().map(|words| row(lang, words)).collect(),
        blocks: changed.into_iter().map(|line| block(lang, line)).collect(),
        same: same.len(),
    })
}

fn row(lang: Lang, words: &Wording) -> Row {
    Row {
        tag: words.tag.to_string(),
        part: lang.text(&format!("questionnaires.part-{}", words.part)),
        before: words.before.clone(),
        after: words.after.clone(),
    }
}

fn block(lang: Lang, line: &Line<'_>) -> Block {
    let question = line.after.or(line.before);
    let rules = line.before.zip(line.after).map(|(old, new)| (rules(lang, old), rules(lang, new)));
    Block {
        key: question.map(|one| one.key.clone()).unwrap_or_default(),
        label: question.and_then(|one| one.text(lang)).map(|text| text.label.clone()).unwrap_or_default(),
        marks: line
            .marks
            .iter()
            .map(|mark| (mark.key(), lang.text(&format!("questionnaires.mark-{}", mark.key()))))
            .collect(),
        rules: rules.filter(|(old, new)| old != new),
        rows: line.words.iter().map(|words| row(lang, words)).collect(),
    }
}

fn rules(lang: Lang, question: &Question) -> String {
    let said = [
        (true, format!("role-{}", question.role.key())),
        (question.required, "required-short".to_owned()),
        (question.result_only, "result-only-short".to_owned()),
        (question.allows_na, "allows-na-short".to_owned()),
    ];
    let said = said.into_iter().filter(|(is, _)| *is);
    said.map(|(_, key)| lang.text(&format!("questionnaires.{key}"))).collect::<Vec<_>>().join(", ")
}
