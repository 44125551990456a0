//! What a file of each kind holds: its columns explained, and a template to begin with.

use actix_web::HttpResponse;
use askama::Template;

use super::{Faulty, path};
use crate::app::catalogue::Snapshot;
use crate::app::exports::{Sheet, Value};
use crate::app::import::columns::{Column, Columns};
use crate::app::import::preview::MOST;
use crate::app::import::{Kind, answers};
use crate::domain::link::Stage;
use crate::domain::questionnaire::{Kind as Questionnaire, Question};
use crate::error::Result;
use crate::locale::Lang;
use crate::web::console::exports::download;
use crate::web::console::{FormFault, Shell};

/// The form for a file, with its guide.
#[derive(Template)]
#[template(path = "console/import.html", config = "frontend/askama.toml")]
pub struct UploadPage {
    /// Frame.
    pub shell: Shell,
    /// Where the trail leads.
    pub back: String,
    /// Word of it.
    pub back_word: String,
    /// Sentence above the form.
    pub lead: String,
    /// Where the file is sent.
    pub address: String,
    /// What may be sent.
    pub hint: String,
    /// What is wrong with the file that was sent.
    pub faults: Vec<FormFault>,
    /// How many faults there are, and the addresses of all of them as files.
    pub all_faults: Option<(String, [(&'static str, String); 2])>,
    /// What each kind of file holds; where there are several, one is chosen.
    pub guides: Vec<Guide>,
}

/// What a kind of file holds.
pub struct Guide {
    key: &'static str,
    title: String,
    heading: String,
    chosen: bool,
    files: [(&'static str, String); 2],
    columns: Vec<Told>,
}

/// A column as it is explained.
struct Told {
    key: String,
    title: String,
    needed: String,
    about: String,
    example: String,
}

impl UploadPage {
    /// The form again with what is wrong with the file that was sent.
    #[must_use]
    pub fn again(self, faulty: Faulty) -> Self {
        let lang = self.shell.lang;
        let count = lang.count(u64::try_from(faulty.count).unwrap_or(u64::MAX));
        let told = lang.with("import.guide.all-faults", &[("count", &count)]);
        let files = |all: String| ["xlsx", "csv"].map(|format| format!("{all}.{format}"));
        let all_faults = faulty.all.map(files).map(|[xlsx, csv]| (told, [("XLSX", xlsx), ("CSV", csv)]));
        Self { faults: faulty.told, all_faults, ..self }
    }
}

impl Guide {
    /// The guide to a kind; `chosen` where it is the one that is asked for.
    pub fn of(lang: Lang, snapshot: &Snapshot, kind: Kind, chosen: bool) -> Self {
        let title = lang.text(&format!("import.kind.{}", kind.key()));
        let told = |column: &Column| Told {
            title: column.title(lang).to_owned(),
            needed: lang.text(if column.is_required {
                "import.guide.required"
            } else {
                "import.guide.optional"
            }),
            about: about(lang, snapshot, kind, column),
            example: example(snapshot, kind, column),
            key: column.key.clone(),
        };
        let address = |format: &str| format!("{}.{format}", template(kind));
        Self {
            key: kind.key(),
            heading: lang.with("import.guide.heading", &[("kind", &title)]),
            title,
            chosen,
            files: [("XLSX", address("xlsx")), ("CSV", address("csv"))],
            columns: columns(snapshot, kind).iter().map(told).collect(),
        }
    }
}

/// What may be sent, in a sentence.
pub fn hint(lang: Lang, kinds: &[Kind]) -> String {
    let lines = kinds.iter().map(|kind| kind.most_lines()).min().unwrap_or_default();
    let lines = lang.count(u64::try_from(lines).unwrap_or(u64::MAX));
    lang.with("import.guide.hint", &[("most", &(MOST / 1024 / 1024).to_string()), ("lines", &lines)])
}

/// Where the template of a kind is, without its format.
fn template(kind: Kind) -> String {
    if Kind::ENTRY.contains(&kind) {
        format!("{}/template", path(kind))
    } else {
        format!("{}/template/{}", path(kind), kind.key())
    }
}

fn columns(snapshot: &Snapshot, kind: Kind) -> Columns {
    match kind {
        Kind::Answers => answers::columns(snapshot),
        _ => Columns::of(kind, Vec::new()),
    }
}

fn question<'a>(snapshot: &'a Snapshot, kind: Kind, key: &str) -> Option<&'a Question> {
    let is_question =
        kind == Kind::Answers && !answers::OPTIONAL.contains(&key) && !answers::REQUIRED.contains(&key);
    let of = |key: &str| snapshot.questionnaires.iter().rev().find_map(|version| version.question(key));
    is_question.then(|| of(key)).flatten()
}

fn about(lang: Lang, snapshot: &Snapshot, kind: Kind, column: &Column) -> String {
    if let Some(question) = question(snapshot, kind, &column.key) {
        let asked = question.text(lang).map_or("", |text| text.ask.as_str());
        return lang.with("import.guide.question", &[("question", asked)]);
    }
    let fields = || snapshot.fields.iter().map(|field| field.key.as_str()).collect::<Vec<_>>().join(", ");
    let told = lang.text(&format!("import.about.{}.{}", kind.key(), column.key));
    if column.key == "field" { format!("{told} {}", fields()) } else { told }
}

/// What stands in the one row of a template.
fn example(snapshot: &Snapshot, kind: Kind, column: &Column) -> String {
    if question(snapshot, kind, &column.key).is_some() {
        // The row is about a procedure of which the result was handed out: it is asked what others are not.
        let asked = snapshot.published(Questionnaire::Tthc);
        let mut asked = asked.into_iter().flat_map(|version| version.asked_at(Some(Stage::Result)));
        return if asked.any(|one| one.key == column.key) { "5" } else { "" }.to_owned();
    }
    Lang::Vi.text(&format!("import.example.{}.{}", kind.key(), column.key))
}

/// The template of a kind as a file: names of columns, and one row that is to be replaced.
///
/// # Errors
/// Not found for another format; internal when the writer fails.
pub async fn file(lang: Lang, snapshot: &Snapshot, kind: Kind, format: &str) -> Result<HttpResponse> {
    let columns = columns(snapshot, kind);
    let title = |column: &Column| (column.key.clone(), column.title(lang).to_owned());
    // In a CSV file keys are the header: there too, people read names.
    let named = columns
        .iter()
        .map(title)
        .map(|(key, title)| if title.is_empty() { (key.clone(), key) } else { (title.clone(), title) });
    let row = columns.iter().map(|column| Value::Text(example(snapshot, kind, column)));
    let sheet = Sheet { columns: named.collect(), rows: vec![row.collect()] };
    let name = lang.with("import.guide.file-name", &[("kind", kind.key())]);
    download(sheet, &name, &lang.text(&format!("import.kind.{}", kind.key())), format).await
}
