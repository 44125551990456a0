//! Forms of the catalogue: what was typed is kept as text until all of it can be read.

use actix_web::HttpRequest;
use actix_web::http::StatusCode;
use askama::Template;
use chrono::{NaiveDate, NaiveTime, Utc};

use super::{Reply, text};
use crate::app::submissions::Submission;
use crate::domain::day::{Local, far_fault};
use crate::error::{Error, FieldError, Result};
use crate::locale::{Lang, Message};
use crate::web::actor::Actor;
use crate::web::console::choices::Choice;
use crate::web::console::{FormFault, Shell, form_faults};
use crate::web::respond::{page_with, see_other};

/// The fields of a form as they came, some of them more than once.
#[derive(Debug, Clone, Default)]
pub struct Typed(Vec<(String, String)>);

impl From<Vec<(String, String)>> for Typed {
    fn from(pairs: Vec<(String, String)>) -> Self {
        Self(pairs)
    }
}

impl Typed {
    /// What a form says before anything is typed.
    pub fn of<const N: usize>(pairs: [(&str, String); N]) -> Self {
        Self(pairs.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
    }

    /// The text of a field without the blanks around it; empty where there is none.
    pub fn get(&self, name: &str) -> &str {
        self.0.iter().find(|(field, _)| field == name).map_or("", |(_, value)| value.trim())
    }

    /// Every value of a field.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.0.iter().filter(move |(field, _)| field == name).map(|(_, value)| value.as_str())
    }

    /// The form that a request sends, as it is told from others.
    pub fn submission(&self, request: &HttpRequest) -> Submission {
        let fields = self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        Submission::of(request.path(), fields)
    }

    /// Accepts a form of this session.
    ///
    /// # Errors
    /// Forbidden.
    pub fn check(&self, actor: &Actor, request: &HttpRequest) -> Result<()> {
        actor.check(request.headers(), self.get("csrf"))
    }
}

/// Reads fields and notes each that cannot be read.
pub struct Reader<'a> {
    typed: &'a Typed,
    faults: Vec<FieldError>,
}

impl<'a> Reader<'a> {
    /// A reader of a form.
    pub const fn new(typed: &'a Typed) -> Self {
        Self { typed, faults: Vec::new() }
    }

    /// Notes a fault.
    pub fn fault(&mut self, name: &str, message: Message) {
        self.faults.push(FieldError::new(name, message));
    }

    /// A text of one to so many characters.
    pub fn text(&mut self, name: &str, most: usize) -> Option<String> {
        let found = self.optional(name, most)?;
        if found.is_empty() {
            self.fault(name, Message::new("error.missing"));
            return None;
        }
        Some(found)
    }

    /// A text of at most so many characters.
    pub fn optional(&mut self, name: &str, most: usize) -> Option<String> {
        let found = self.typed.get(name);
        let length = found.chars().count();
        if length > most {
            let message =
                Message::new("catalogue.fault.too-long").with_count("most", most).with_count("found", length);
            self.fault(name, message);
            return None;
        }
        Some(found.to_owned())
    }

    /// A value that `read` understands.
    pub fn with<T>(
        &mut self,
        name: &str,
        expected: &'static str,
        read: impl FnOnce(&str) -> Option<T>,
    ) -> Option<T> {
        let found = self.typed.get(name);
        if found.is_empty() {
            self.fault(name, Message::new("error.missing"));
            return None;
        }
        let value = read(found);
        if value.is_none() {
            self.fault(name, Message::new(expected).with("found", found));
        }
        value
    }

    /// A date from which something begins, as a browser sends it or as it is written.
    pub fn day(&mut self, name: &str) -> Option<NaiveDate> {
        let found = self.with(name, "catalogue.fault.no-date", day)?;
        let fault = far_fault(found, Local::at(Utc::now()).day);
        let is_near = fault.is_none();
        self.faults.extend(fault.map(|message| FieldError::new(name, message)));
        is_near.then_some(found)
    }

    /// A time of day.
    pub fn time(&mut self, name: &str) -> Option<NaiveTime> {
        self.with(name, "catalogue.fault.no-time", |text| NaiveTime::parse_from_str(text, "%H:%M").ok())
    }

    /// An id that was chosen.
    pub fn id<T: From<i64>>(&mut self, name: &str) -> Option<T> {
        self.with(name, "catalogue.fault.no-choice", |text| text.parse::<i64>().ok()).map(T::from)
    }

    /// What was read, if all of it could be.
    ///
    /// # Errors
    /// Invalid, with every fault.
    pub fn done<T>(self, value: Option<T>) -> Result<T> {
        value.filter(|_| self.faults.is_empty()).ok_or(Error::Invalid(self.faults))
    }
}

/// A date, as a browser sends it or as it is written.
pub fn day(text: &str) -> Option<NaiveDate> {
    ["%Y-%m-%d", "%d/%m/%Y"].iter().find_map(|form| NaiveDate::parse_from_str(text, form).ok())
}

/// How a field is filled in.
pub enum Control {
    /// One line of text.
    Line(String),
    /// A longer text.
    Long(String),
    /// A date.
    Day(String),
    /// A time of day.
    Time(String),
    /// One of several.
    Select(Vec<Choice>),
    /// Any of several.
    Checks(Vec<Choice>),
    /// Yes or no.
    Tick(bool),
    /// A file.
    File,
    /// Nothing to fill in.
    Hidden(String),
    /// Nothing to fill in but to know first: names and values.
    Told(Vec<(String, String)>),
}

/// A field of a form.
pub struct Input {
    /// Name.
    pub name: String,
    /// Label.
    pub label: String,
    /// A sentence that helps.
    pub hint: String,
    /// Whether it must be filled in.
    pub required: bool,
    /// How it is filled in.
    pub control: Control,
}

impl Input {
    /// The id of the sentence that helps; empty without one.
    pub fn hint_id(&self) -> String {
        if self.hint.is_empty() { String::new() } else { format!("{}-hint", self.name) }
    }
}

/// The fields of a form, filled with what was typed.
pub struct Inputs<'a> {
    lang: Lang,
    typed: &'a Typed,
    inputs: Vec<Input>,
}

impl<'a> Inputs<'a> {
    /// No fields yet.
    pub const fn new(lang: Lang, typed: &'a Typed) -> Self {
        Self { lang, typed, inputs: Vec::new() }
    }

    fn add(mut self, name: &str, required: bool, control: Control) -> Self {
        let label = text(self.lang, &format!("field.{}", name.replace('_', "-")));
        self.inputs.push(Input { name: name.to_owned(), label, hint: String::new(), required, control });
        self
    }

    fn typed(&self, name: &str) -> String {
        self.typed.get(name).to_owned()
    }

    fn choices(&self, name: &str, choices: Vec<(String, String)>) -> Vec<Choice> {
        let chosen = |value: &str| self.typed.all(name).any(|typed| typed == value);
        choices.into_iter().map(|(value, word)| Choice { chosen: chosen(&value), value, word }).collect()
    }

    /// One line of text that must be there.
    #[must_use]
    pub fn line(self, name: &str) -> Self {
        let value = self.typed(name);
        self.add(name, true, Control::Line(value))
    }

    /// One line of text that may be empty.
    #[must_use]
    pub fn perhaps(self, name: &str) -> Self {
        let value = self.typed(name);
        self.add(name, false, Control::Line(value))
    }

    /// A longer text that must be there.
    #[must_use]
    pub fn long(self, name: &str) -> Self {
        let value = self.typed(name);
        self.add(name, true, Control::Long(value))
    }

    /// A date that must be there.
    #[must_use]
    pub fn day(self, name: &str) -> Self {
        let value = self.typed(name);
        self.add(name, true, Control::Day(value))
    }

    /// A date that may be empty.
    #[must_use]
    pub fn perhaps_day(self, name: &str) -> Self {
        let value = self.typed(name);
        self.add(name, false, Control::Day(value))
    }

    /// A time of day that must be there.
    #[must_use]
    pub fn time(self, name: &str) -> Self {
        let value = self.typed(name);
        self.add(name, true, Control::Time(value))
    }

    /// One of several.
    #[must_use]
    pub fn select(self, name: &str, choices: Vec<(String, String)>) -> Self {
        let choices = self.choices(name, choices);
        self.add(name, false, Control::Select(choices))
    }

    /// Any of several.
    #[must_use]
    pub fn checks(self, name: &str, choices: Vec<(String, String)>) -> Self {
        let choices = self.choices(name, choices);
        self.add(name, false, Control::Checks(choices))
    }

    /// Yes or no.
    #[must_use]
    pub fn tick(self, name: &str) -> Self {
        let on = self.typed.get(name) == "1";
        self.add(name, false, Control::Tick(on))
    }

    /// A file.
    #[must_use]
    pub fn file(self, name: &str) -> Self {
        self.add(name, true, Control::File)
    }

    /// A value that travels along.
    #[must_use]
    pub fn hidden(self, name: &str) -> Self {
        let value = self.typed(name);
        self.add(name, false, Control::Hidden(value))
    }

    /// What has to be known first, under a label.
    #[must_use]
    pub fn told(self, name: &str, facts: Vec<(String, String)>) -> Self {
        self.add(name, false, Control::Told(facts))
    }

    /// Another label for the last field than its name has elsewhere.
    #[must_use]
    pub fn called(mut self, label: String) -> Self {
        if let Some(input) = self.inputs.last_mut() {
            input.label = label;
        }
        self
    }

    /// A sentence that helps with the last field.
    #[must_use]
    pub fn hint(mut self, key: &str) -> Self {
        let hint = text(self.lang, &format!("hint.{key}"));
        if let Some(input) = self.inputs.last_mut() {
            input.hint = hint;
        }
        self
    }

    /// The fields.
    pub fn done(self) -> Vec<Input> {
        self.inputs
    }
}

/// A form as a page.
#[derive(Template)]
#[template(path = "console/catalogue/form.html", config = "frontend/askama.toml")]
pub struct FormPage {
    /// Frame.
    pub shell: Shell,
    /// Address of the page before.
    pub back: String,
    /// Name of the page before.
    pub back_word: String,
    /// What the form does.
    pub lead: String,
    /// Where it is sent.
    pub action: String,
    /// Word on the button.
    pub submit: String,
    /// Fields.
    pub inputs: Vec<Input>,
    /// Faults.
    pub faults: Vec<FormFault>,
    /// Whether it carries a file.
    pub is_upload: bool,
}

impl FormPage {
    /// The form again, with its faults.
    ///
    /// # Errors
    /// Internal when the page cannot be rendered.
    pub fn again(mut self, faults: Vec<FormFault>) -> Reply {
        let label = |field: &str| {
            self.inputs
                .iter()
                .find(|input| input.name == field)
                .map_or_else(String::new, |input| input.label.clone())
        };
        let told = faults.into_iter().map(|fault| FormFault { label: label(&fault.field), ..fault });
        self.faults = told.collect();
        page_with(StatusCode::UNPROCESSABLE_ENTITY, &self)
    }
}

/// Goes on to an address, or shows the form again.
///
/// # Errors
/// Every error but "invalid".
pub fn settle(lang: Lang, outcome: Result<String>, form: impl FnOnce() -> Result<FormPage>) -> Reply {
    match outcome {
        Ok(address) => Ok(see_other(&address)),
        Err(error) => form()?.again(form_faults(lang, error)?),
    }
}
