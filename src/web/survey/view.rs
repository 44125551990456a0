//! What the survey's templates show.

use askama::Template;
use chrono::NaiveDate;

use super::style::CSS;
use super::visit::{Query, Subject, address};
use super::words::{Said, Words};
use crate::app::answers::Form;
use crate::app::catalogue::Snapshot;
use crate::domain::answer::{COMMENT_LENGTH, Score};
use crate::domain::level::Level;
use crate::domain::link::{Link, Respondent};
use crate::domain::questionnaire::tag::Tag;
use crate::domain::questionnaire::{Question, Questionnaire, standard_words};
use crate::error::FieldError;
use crate::locale::Lang;

/// The same page in another language.
pub struct Other {
    /// Address.
    pub address: String,
    /// Language.
    pub tag: String,
    /// What the language calls itself.
    pub name: String,
}

/// The page in each other language in which a questionnaire is offered.
pub fn others(questionnaire: &Questionnaire, query: &Query, address: impl Fn(&str) -> String) -> Vec<Other> {
    let here = query.tag();
    let elsewhere = questionnaire.offered().into_iter().filter(|tag| **tag != here);
    elsewhere.map(|tag| Other::of(questionnaire, tag, address(tag.as_str()))).collect()
}

impl Other {
    /// The page of an address in a language of a questionnaire.
    pub fn of(questionnaire: &Questionnaire, tag: &Tag, address: String) -> Self {
        let name = questionnaire.texts.get(tag).map(|texts| texts.own_name(tag));
        Self { address, tag: tag.to_string(), name: name.unwrap_or_default() }
    }
}

/// What surrounds each page.
pub struct Shell {
    /// The words of the page.
    pub words: Words,
    /// Style inside the page.
    pub css: &'static str,
    /// The same page in other languages; none where something typed would be lost.
    pub others: Vec<Other>,
    /// Whether the data are simulated.
    pub simulated: bool,
    /// Whether the page stands on a tablet.
    pub kiosk: bool,
}

impl Shell {
    /// The frame of a page that is reached by an address.
    pub fn new(snapshot: &Snapshot, words: Words, query: &Query, others: Vec<Other>) -> Self {
        Self { words, css: &CSS, others, simulated: snapshot.simulated, kiosk: query.is_kiosk() }
    }

    /// A text of the survey in the language of the page.
    pub fn text(&self, key: &str) -> String {
        self.words.text(key)
    }

    /// The attribute that the element of such a text needs.
    pub fn tongue(&self, key: &str) -> &'static str {
        self.words.tongue(key)
    }

    /// The attribute of what is Vietnamese in every language that the program does not speak.
    pub fn vietnamese(&self) -> &'static str {
        self.words.vietnamese()
    }
}

/// What must travel with each step: language and tablet, where they are not the usual ones.
pub fn kept(query: &Query) -> [(&'static str, Option<&str>); 2] {
    let lang = query.lang.as_deref().filter(|lang| *lang != Lang::default().key());
    [("lang", lang), ("kiosk", query.is_kiosk().then_some("1"))]
}

/// Where the citizen was served, in words.
pub struct Place {
    /// Unit and counter.
    pub counter: String,
    /// Field.
    pub field: Option<String>,
    /// Official name of the procedure, which is always Vietnamese.
    pub procedure: Option<String>,
    /// Stage of the dossier.
    pub stage: Option<Said>,
}

impl Place {
    /// The words for a link and what was chosen.
    pub fn new(snapshot: &Snapshot, link: &Link, subject: Subject, words: &Words, day: NaiveDate) -> Self {
        let counter = snapshot.counters.get(&link.counter);
        let unit = snapshot.served(link, day).and_then(|unit| snapshot.units.nearest(unit, day));
        let counter = [unit.map(|unit| unit.name.as_str()), counter.map(|counter| counter.name.as_str())];
        let field = subject.field.and_then(|id| snapshot.field(id));
        let procedure = subject.procedure.and_then(|id| snapshot.procedure(id, day));
        Self {
            counter: counter.into_iter().flatten().collect::<Vec<_>>().join(" · "),
            field: field.map(|field| field.name_in(words.lang()).to_owned()),
            procedure: procedure.map(|version| version.name.clone()),
            stage: link.stage.map(|stage| words.say(&format!("stage-{}", stage.key()))),
        }
    }
}

/// One radio button.
pub struct Choice {
    /// Value sent.
    pub value: &'static str,
    /// Words beside it.
    pub word: String,
    /// The attribute `lang` of the words, where it is not that of the page.
    pub tongue: &'static str,
    /// Whether it was chosen before.
    pub checked: bool,
}

/// One question.
pub struct QuestionView {
    /// Name of the form field.
    pub key: String,
    /// The question.
    pub ask: Said,
    /// Whether it must be answered; such questions get the large rows.
    pub required: bool,
    /// What is wrong with the answer.
    pub fault: Option<Said>,
    /// The five levels.
    pub levels: Vec<Choice>,
    /// "Not applicable", where it is offered.
    pub na: Option<Choice>,
}

impl QuestionView {
    fn new(question: &Question, levels: &Levels, form: &Form, faults: &[FieldError], words: &Words) -> Self {
        let given = form.answer(&question.key);
        let choice = |score: Score, said: Said| {
            let value = score.form_value();
            Choice { value, word: said.text, tongue: said.tongue, checked: given == Some(value) }
        };
        let standard = standard_words(words.lang());
        let level = |((level, word), standard): ((Level, &String), &String)| {
            let score = Score::Level(level);
            // The narrow cells of the other questions need words that know where they may break.
            let text = if question.required || word != standard {
                word.clone()
            } else {
                words.lang().text(&format!("survey.cell-{}", score.form_value()))
            };
            choice(score, Said { text, tongue: levels.tongue })
        };
        let na = if question.required { "level-na" } else { "cell-na" };
        let ask = |tag: &str| question.texts.get(tag).map(|text| text.ask.as_str());
        Self {
            key: question.key.clone(),
            ask: words.either(ask(words.tag()), ask(Lang::Vi.key())),
            required: question.required,
            fault: fault_of(faults, &question.key, words),
            levels: Level::DESCENDING.into_iter().zip(&levels.words).zip(&standard).map(level).collect(),
            na: question.allows_na.then(|| choice(Score::NotApplicable, words.say(na))),
        }
    }
}

fn fault_of(faults: &[FieldError], field: &str, words: &Words) -> Option<Said> {
    faults.iter().find(|fault| fault.field == field).map(|fault| words.tell(&fault.message))
}

/// One thing that can be chosen from a list.
pub struct Item {
    /// Value or address.
    pub value: String,
    /// Name.
    pub name: String,
}

/// The form.
#[derive(Template)]
#[template(path = "survey/page.html", config = "frontend/askama.toml")]
pub struct FormPage {
    /// Frame.
    pub shell: Shell,
    /// Heading.
    pub title: Said,
    /// Privacy line.
    pub opening: Said,
    /// Where the citizen was served.
    pub place: Place,
    /// Address that takes the answers.
    pub action: String,
    /// Id of the response.
    pub id: String,
    /// Hidden names and values.
    pub hidden: Vec<(&'static str, String)>,
    /// Fields to choose from, where the one sent does not fit.
    pub fields: Vec<Item>,
    /// Questions that must be answered.
    pub first: Vec<QuestionView>,
    /// The others.
    pub more: Vec<QuestionView>,
    /// Comment as it was typed.
    pub comment: String,
    /// Longest comment.
    pub longest: usize,
    /// What is wrong with the comment.
    pub comment_fault: Option<Said>,
    /// Citizen or organization.
    pub respondents: Vec<Choice>,
    /// What is wrong: place in the page and sentence.
    pub faults: Vec<(String, Said)>,
    /// Whether the answers could not be stored now.
    pub busy: bool,
    /// Whether the page is only looked at, and sends nothing.
    pub preview: bool,
}

/// What a form is filled with.
pub struct Filling<'a> {
    /// Id of the response.
    pub id: String,
    /// What was sent before.
    pub form: &'a Form,
    /// What is wrong with it.
    pub faults: &'a [FieldError],
    /// Whether it could not be stored now.
    pub busy: bool,
}

impl FormPage {
    /// The form of a link.
    pub fn new(
        snapshot: &Snapshot,
        link: &Link,
        questionnaire: &Questionnaire,
        query: &Query,
        subject: Subject,
        day: NaiveDate,
        filling: &Filling<'_>,
    ) -> Self {
        let (words, form, faults) = (Words::of(questionnaire, query.tag()), filling.form, filling.faults);
        let tag = query.tag();
        let asked = questionnaire.asked_at(link.stage);
        let [own, vi] = [tag.as_str(), Lang::Vi.key()].map(|tag| questionnaire.texts.get(tag));
        let levels = Levels::of(questionnaire, &words);
        let questions = asked.map(|question| QuestionView::new(question, &levels, form, faults, &words));
        let (first, more) = questions.partition(|question| question.required);
        let mut hidden = hidden(snapshot, link, subject, &tag, day);
        hidden.push(("version", questionnaire.version.to_string()));
        let asks_field = faults.iter().any(|fault| fault.field == "field");
        let others = if faults.is_empty() && !filling.busy {
            others(questionnaire, query, |tag| elsewhere(link, query, tag, &hidden))
        } else {
            Vec::new()
        };
        Self {
            preview: false,
            title: words.either(own.map(|texts| texts.title.as_str()), vi.map(|texts| texts.title.as_str())),
            opening: words
                .either(own.map(|texts| texts.opening.as_str()), vi.map(|texts| texts.opening.as_str())),
            place: Place::new(snapshot, link, subject, &words, day),
            action: address(&link.code, "", &kept(query)),
            id: filling.id.clone(),
            hidden,
            fields: if asks_field { choices(snapshot, words.lang(), day) } else { Vec::new() },
            first,
            more,
            comment: form.value("comment").unwrap_or_default().to_owned(),
            longest: COMMENT_LENGTH,
            comment_fault: fault_of(faults, "comment", &words),
            respondents: respondents(form, &words),
            faults: faults.iter().map(|fault| (anchor(&fault.field), words.tell(&fault.message))).collect(),
            busy: filling.busy,
            shell: Shell::new(snapshot, words, query, others),
        }
    }
}

/// Where the summary of faults leads to.
fn anchor(field: &str) -> String {
    let field = match field {
        "id" | "counter" | "procedure-code" | "version" => "send",
        other => other,
    };
    format!("q-{field}")
}

/// The words of the levels from 5 down to 1, with the attribute that they need.
struct Levels {
    words: [String; 5],
    tongue: &'static str,
}

impl Levels {
    /// Those of a language; where they are not all there yet, the Vietnamese ones.
    fn of(questionnaire: &Questionnaire, words: &Words) -> Self {
        let own = questionnaire.texts.get(words.tag()).map(|texts| texts.words(words.tag()));
        if let Some(own) = own.filter(|own| own.iter().all(|word| !word.trim().is_empty())) {
            return Self { words: own, tongue: "" };
        }
        let vietnamese = Lang::default();
        let texts = questionnaire.text(vietnamese);
        let standard = || standard_words(vietnamese);
        Self {
            words: texts.map_or_else(standard, |texts| texts.words(vietnamese.key())),
            tongue: words.vietnamese(),
        }
    }
}

fn respondents(form: &Form, words: &Words) -> Vec<Choice> {
    let given = form.value("respondent");
    let choice = |respondent: &Respondent| {
        let value = respondent.key();
        let Said { text, tongue } = words.say(&format!("respondent-{value}"));
        Choice { value, word: text, tongue, checked: given == Some(value) }
    };
    Respondent::ALL.iter().map(choice).collect()
}

fn choices(snapshot: &Snapshot, lang: Lang, day: NaiveDate) -> Vec<Item> {
    let option = |field: &crate::domain::procedure::Field| Item {
        value: field.key.clone(),
        name: field.name_in(lang).to_owned(),
    };
    snapshot.fields_on(day).map(option).collect()
}

/// What the form carries unseen: the language, and what was chosen where the link leaves it open.
fn hidden(
    snapshot: &Snapshot,
    link: &Link,
    subject: Subject,
    tag: &Tag,
    day: NaiveDate,
) -> Vec<(&'static str, String)> {
    let mut hidden = vec![("lang", tag.to_string())];
    if link.field.is_none() && link.procedure.is_none() {
        let field = subject.field.and_then(|id| snapshot.field(id));
        hidden.extend(field.map(|field| ("field", field.key.clone())));
    }
    if link.procedure.is_none() {
        let version = subject.procedure.and_then(|id| snapshot.procedure(id, day));
        hidden.extend(version.map(|version| ("procedure", version.code.clone())));
    }
    hidden
}

/// The same form in another language.
fn elsewhere(link: &Link, query: &Query, tag: &str, hidden: &[(&'static str, String)]) -> String {
    let said = |name: &str| hidden.iter().find(|(known, _)| *known == name).map(|(_, value)| value.as_str());
    // "I do not know" is said with an empty procedure, and must not be asked again.
    let procedure = said("procedure").or(query.procedure.as_deref().map(|_| ""));
    let says = [
        ("lang", Some(tag)),
        ("kiosk", query.is_kiosk().then_some("1")),
        ("field", said("field")),
        ("procedure", procedure),
    ];
    address(&link.code, "", &says)
}
