//! One publication in the console: its figures, what is hidden, what came late, and the steps that may follow.

use std::collections::HashMap;

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;

use super::{LIST, Reply, Texts, address, at, is_newest, name};
use crate::app::batches::{self, Waiting};
use crate::app::publications::{self, Change, Course, Form, Names, Public, Scope};
use crate::db::people;
use crate::domain::dataset::{Cut, Dataset, Row};
use crate::domain::number::in_hundredths;
use crate::domain::person::Permission;
use crate::domain::publication::{Event, Publication, REMARK_LENGTH, State as Standing, Step};
use crate::domain::questionnaire::Kind;
use crate::domain::target::Verdict;
use crate::error::{Error, Result};
use crate::locale::{Lang, Message};
use crate::web::actor::{Actor, encode};
use crate::web::console::charts::Mark;
use crate::web::console::{FormFault, Shell, form_faults, words};
use crate::web::respond::{page_with, see_other};
use crate::web::state::State;

/// A row of the figures that a reader looks at first.
struct Figure {
    name: String,
    n: String,
    index: String,
    interval: String,
    target: String,
    verdict: Option<Mark>,
}

impl Figure {
    fn of(names: &Names, kind: Kind, row: &Row) -> Self {
        let lang = names.lang();
        let shown = |value: Option<String>| value.unwrap_or_else(|| "…".to_owned());
        let percent = |value: i64| lang.decimal(in_hundredths(value), 2);
        let figures = row.figures;
        Self {
            name: names.row(kind, Cut::Target, &row.key),
            n: shown(row.n().map(|n| lang.count(n))),
            index: shown(
                figures.map(|one| {
                    one.index.map_or_else(|| "–".to_owned(), |value| format!("{}%", percent(value)))
                }),
            ),
            interval: shown(figures.map(|one| match (one.low, one.high) {
                (Some(low), Some(high)) => format!("{}–{}", percent(low), percent(high)),
                _ => "–".to_owned(),
            })),
            target: row
                .target
                .map_or_else(|| "–".to_owned(), |target| format!("≥ {}%", percent(target.into()))),
            verdict: figures.and_then(|one| one.verdict).map(|verdict: Verdict| Mark::of(lang, verdict)),
        }
    }
}

/// A line of the history.
struct Said {
    at: String,
    who: String,
    what: String,
    remark: String,
}

/// A step that may be taken now.
struct Deed {
    step: &'static str,
    word: String,
    hint: String,
    asks_remark: bool,
    class: &'static str,
}

/// A change since the figures were frozen.
struct Late {
    what: String,
    name: String,
    before: String,
    now: String,
    difference: String,
}

#[derive(Template)]
#[template(path = "console/publication.html", config = "frontend/askama.toml")]
struct OnePage {
    shell: Shell,
    texts: Texts,
    address: String,
    state: &'static str,
    facts: Vec<(String, String)>,
    figures: Vec<(String, Vec<Figure>)>,
    hidden: Vec<(String, String, String)>,
    obstacles: Vec<String>,
    /// What is still being keyed in, and the list of it.
    waiting: Option<(String, String)>,
    late: Vec<Late>,
    events: Vec<Said>,
    deeds: Vec<Deed>,
    sees_all: bool,
    is_published: bool,
    number: i64,
    remark: String,
    most: usize,
    faults: Vec<FormFault>,
}

/// All that the page needs.
struct Found {
    course: Course,
    public: Public,
    waiting: Option<Waiting>,
    late: Vec<Change>,
    newest: bool,
    names: HashMap<String, String>,
}

async fn find(state: &State, actor: &Actor, id: i64) -> Result<Found> {
    let (person, snapshot) = (actor.person.clone(), state.catalogue.snapshot());
    state
        .block(move |db| {
            let (course, complete, public, waiting, newest, names) = db.read_at_once(|conn| {
                let sees_all = person.may(Permission::SeeSmallGroups);
                let course = publications::find(conn, &person, id.into())?;
                let all = publications::list(conn, &person)?;
                let newest = is_newest(&all, &course.publication);
                let complete = || publications::complete(conn, &person, id.into());
                let complete = sees_all.then(complete).transpose()?;
                let names = people::names(conn)?;
                let public = publications::public(conn, &snapshot, &person, id.into())?;
                let waiting = if newest && person.may(Permission::Publish) {
                    batches::waiting(conn, &snapshot, &person, course.publication.period)?
                } else {
                    None
                };
                Ok((course, complete, public, waiting, newest, names))
            })?;
            let Publication { period, version, .. } = course.publication;
            let late = match complete.filter(|_| newest) {
                Some(complete) => {
                    publications::changes(&complete, &publications::live(db, &snapshot, period, version)?)
                }
                None => Vec::new(),
            };
            Ok(Found { course, public, waiting, late, newest, names })
        })
        .await
}

/// GET /console/publications/{id}
///
/// # Errors
/// Not found, also for whoever may not; those of the database.
pub async fn show(state: web::Data<State>, actor: Actor, id: web::Path<i64>) -> Reply {
    let found = find(&state, &actor, *id).await?;
    page_with(StatusCode::OK, &one_page(&state, &actor, &found, String::new(), Vec::new()))
}

/// POST /console/publications/{id}/{step}
///
/// # Errors
/// Forbidden; not found, also for whoever may not; those of the database.
pub async fn act(
    state: web::Data<State>,
    actor: Actor,
    request: HttpRequest,
    path: web::Path<(i64, String)>,
    form: web::Form<HashMap<String, String>>,
) -> Reply {
    let form = actor.accept(&request, form)?;
    let (id, step) = path.into_inner();
    let missing = || Error::NotFound(Message::new("error.page-not-found"));
    let step = Step::from_key(&step).ok_or_else(missing)?;
    let remark = form.get("remark").cloned().unwrap_or_default();
    let (person, snapshot, said) = (actor.person.clone(), state.catalogue.snapshot(), remark.clone());
    let outcome = state
        .block(move |db| match step {
            Step::Freeze => publications::freeze(db, &snapshot, &person, id.into()),
            _ => publications::step(db, &snapshot, &person, id.into(), (step, &said)),
        })
        .await;
    let (status, faults) = match outcome {
        Ok(()) if step == Step::Discard => return Ok(see_other(LIST)),
        Ok(()) => return Ok(see_other(&format!("{LIST}/{id}"))),
        Err(Error::Conflict(message)) => {
            (StatusCode::CONFLICT, vec![at("steps", message.text(actor.lang()))])
        }
        Err(other) => (StatusCode::UNPROCESSABLE_ENTITY, form_faults(actor.lang(), other)?),
    };
    let found = find(&state, &actor, id).await?;
    page_with(status, &one_page(&state, &actor, &found, remark, faults))
}

fn one_page(state: &State, actor: &Actor, found: &Found, remark: String, faults: Vec<FormFault>) -> OnePage {
    let lang = actor.lang();
    let publication = &found.course.publication;
    let title = lang.with("publications.one", &[("name", &name(lang, publication))]);
    let here = address(publication);
    let is_published = publication.issued.is_some();
    OnePage {
        shell: Shell::of(actor, &state.catalogue.snapshot(), "publications", title, here.clone()),
        texts: Texts(lang),
        state: if is_published && !found.newest { "corrected" } else { publication.state.key() },
        facts: facts(lang, found),
        figures: figures(lang, &found.public.dataset),
        hidden: hidden(lang, found),
        obstacles: found.public.obstacles.iter().map(|one| one.message().text(lang)).collect(),
        waiting: found.waiting.map(|waiting| {
            let list = format!(
                "/console/entry/batches?period={}&state=open",
                encode(&publication.period.to_string())
            );
            (still_keyed(lang, waiting), list)
        }),
        late: late(lang, found),
        events: found.course.events.iter().map(|event| said(lang, event, &found.names)).collect(),
        deeds: if actor.person.may(Permission::Publish) {
            deeds(lang, publication.state)
        } else {
            Vec::new()
        },
        sees_all: actor.person.may(Permission::SeeSmallGroups),
        is_published,
        number: publication.issued.as_ref().map_or(0, |issued| issued.number),
        address: here,
        remark,
        most: REMARK_LENGTH,
        faults,
    }
}

fn facts(lang: Lang, found: &Found) -> Vec<(String, String)> {
    let publication = &found.course.publication;
    let word = |key: &str| lang.text(&format!("publications.{key}"));
    let period = publication.period;
    let Dataset { method, questionnaires, .. } = &found.public.dataset;
    let mut facts = vec![
        (word("days"), format!("{} – {}", lang.date(period.from()), lang.date(period.to()))),
        (word("version"), publication.version.to_string()),
        (word("frozen"), words::instant(lang, publication.frozen_at)),
        (word("method"), format!("{} v{}", method.id, method.version)),
    ];
    for questionnaire in questionnaires {
        let kind = words::kind(lang, questionnaire.kind);
        facts.push((kind, format!("{} {}", word("questionnaire"), questionnaire.version)));
    }
    if let Some(issued) = &publication.issued {
        facts.push((word("published"), words::instant(lang, issued.at)));
        facts.push((word("number"), issued.number.to_string()));
        facts.push(("SHA-256".to_owned(), issued.sha256.clone()));
    }
    facts
}

fn figures(lang: Lang, dataset: &Dataset) -> Vec<(String, Vec<Figure>)> {
    let names = Names::of(dataset, lang);
    let of = |kind: Kind| {
        let rows = dataset.rows(kind, Cut::Target).iter().map(|row| Figure::of(&names, kind, row));
        (words::kind(lang, kind), rows.collect::<Vec<_>>())
    };
    Kind::ALL.into_iter().map(of).filter(|(_, rows)| !rows.is_empty()).collect()
}

/// For each cut how many rows there are and how many of them everyone but Sở Nội vụ sees as "…".
fn hidden(lang: Lang, found: &Found) -> Vec<(String, String, String)> {
    let mut lines = Vec::new();
    for survey in &found.public.dataset.surveys {
        for table in &survey.tables {
            let count = table.rows.iter().filter(|row| row.levels.is_none()).count();
            if count > 0 {
                let name = format!("{} · {}", words::kind(lang, survey.kind), cut(lang, table.by));
                let shown = |count: usize| lang.count(u64::try_from(count).unwrap_or(u64::MAX));
                lines.push((name, shown(table.rows.len()), shown(count)));
            }
        }
    }
    lines
}

fn cut(lang: Lang, by: Cut) -> String {
    lang.text(&format!("publications.cut-{}", by.key()))
}

fn still_keyed(lang: Lang, waiting: Waiting) -> String {
    let [batches, sheets] = [waiting.batches, waiting.sheets].map(|count| lang.count(count));
    lang.with("publications.waiting", &[("batches", &batches), ("sheets", &sheets)])
}

fn late(lang: Lang, found: &Found) -> Vec<Late> {
    let names = Names::of(&found.public.dataset, lang);
    let line = |change: &Change| {
        let size = lang.count(change.now.abs_diff(change.before));
        let sign = if change.now < change.before { "−" } else { "+" };
        Late {
            what: format!("{} · {}", words::kind(lang, change.kind), cut(lang, change.by)),
            name: names.row(change.kind, change.by, &change.key),
            before: lang.count(change.before),
            now: lang.count(change.now),
            difference: if change.now == change.before { "±".to_owned() } else { format!("{sign}{size}") },
        }
    };
    found.late.iter().map(line).collect()
}

fn said(lang: Lang, event: &Event, names: &HashMap<String, String>) -> Said {
    let who = names.get(&event.actor).cloned().unwrap_or_else(|| words::who(lang, event.actor.clone()));
    Said {
        at: words::instant(lang, event.at),
        who,
        what: lang.text(&format!("publications.done-{}", event.step.key())),
        remark: event.remark.clone(),
    }
}

fn deeds(lang: Lang, state: Standing) -> Vec<Deed> {
    let order = [Step::Submit, Step::Approve, Step::Publish, Step::Return, Step::Freeze, Step::Discard];
    let deed = |step: Step| Deed {
        step: step.key(),
        word: lang.text(&format!("publications.do-{}", step.key())),
        hint: lang.text(&format!("publications.hint-{}", step.key())),
        asks_remark: !matches!(step, Step::Freeze | Step::Discard),
        class: match step {
            Step::Submit | Step::Approve | Step::Publish => "primary",
            Step::Discard | Step::Return => "danger",
            Step::Freeze => "",
        },
    };
    order.into_iter().filter(|step| state.allows(*step)).map(deed).collect()
}

/// GET /console/publications/{id}/{scope}.{form}: `public` or `complete`, as docx, xlsx, csv or json.
///
/// # Errors
/// Not found, also for whoever may not; those of the database.
pub async fn file(state: web::Data<State>, actor: Actor, path: web::Path<(i64, String, String)>) -> Reply {
    let (id, scope, form) = path.into_inner();
    let missing = || Error::NotFound(Message::new("error.page-not-found"));
    let scope = Scope::from_key(&scope).ok_or_else(missing)?;
    let form = Form::from_key(&form).ok_or_else(missing)?;
    let (person, snapshot, lang) = (actor.person.clone(), state.catalogue.snapshot(), actor.lang());
    let (key, bytes) = state
        .block(move |db| {
            let (report, _) =
                db.read_at_once(|conn| publications::of(conn, &snapshot, &person, id.into(), scope))?;
            Ok((report.dataset.period.key.clone(), report.written(form, lang)?))
        })
        .await?;
    let name = format!("hailong-{key}-{}.{}", scope.key(), form.key());
    Ok(HttpResponse::Ok()
        .content_type(form.media())
        .insert_header(("Content-Disposition", format!("attachment; filename=\"{name}\"")))
        .insert_header(("Cache-Control", "no-store"))
        .body(bytes))
}
