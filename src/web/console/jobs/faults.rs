//! All that is wrong with a file, as a file: whoever mends thousands of lines does it in a spreadsheet.

use actix_web::web;

use super::{ask, known};
use crate::app::exports::{Sheet, Value};
use crate::domain::job::State as Standing;
use crate::error::Error;
use crate::locale::{Lang, Message};
use crate::web::actor::Actor;
use crate::web::console::catalogue::Reply;
use crate::web::console::exports::download;
use crate::web::state::State;

/// Line, column and sentence of a fault as a job keeps it: `name: line 3: a value is needed`.
fn row(told: &str) -> Vec<Value> {
    let (column, sentence) = told.split_once(": ").unwrap_or(("", told));
    let line = sentence.split_once(": ").and_then(|(place, _)| place.rsplit(' ').next()?.parse().ok());
    vec![
        line.map_or(Value::Empty, Value::Count),
        if column == "file" { Value::Empty } else { Value::Text(column.to_owned()) },
        Value::Text(sentence.to_owned()),
    ]
}

fn sheet(lang: Lang, error: &str) -> Sheet {
    let column = |key: &str| (key.to_owned(), lang.text(&format!("jobs.fault-{key}")));
    Sheet { columns: ["line", "column", "fault"].map(column).into(), rows: error.lines().map(row).collect() }
}

/// GET /console/jobs/{id}/faults.{format}
///
/// # Errors
/// Not found for a job that did not fail or of somebody else, and for another format; those of the database.
pub async fn faults(state: web::Data<State>, actor: Actor, of: web::Path<(String, String)>) -> Reply {
    let (id, format) = of.into_inner();
    let id = known(&id)?;
    let job = ask(&state, &actor, move |jobs, person| jobs.find(person, id)).await?;
    if job.state != Standing::Failed {
        return Err(Error::NotFound(Message::new("jobs.not-found")).into());
    }
    let name = actor.lang().text("jobs.faults-file");
    Ok(download(sheet(actor.lang(), &job.error), &name, &name, &format).await?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_is_parted_into_line_column_and_sentence() {
        let text = |text: &str| Value::Text(text.to_owned());
        assert_eq!(row("name: line 3: a: b"), [Value::Count(3), text("name"), text("line 3: a: b")]);
        assert_eq!(row("file: no lines"), [Value::Empty, Value::Empty, text("no lines")]);
    }
}
