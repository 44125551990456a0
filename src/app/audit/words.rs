//! Rows of the audit in words: what each is about, and what was changed from what to what.

use chrono::NaiveDate;
use serde_json::{Map, Value};

use super::names::Names;
use crate::db::audit::Entry;
use crate::domain::day::Local;
use crate::domain::number::in_hundredths;
use crate::locale::Lang;

/// Members that hold units.
const UNITS: [&str; 5] = ["unit", "old_unit", "parent", "into", "of"];

/// Members whose values are words of their own, with where these stand.
const WORDS: [(&str, &str); 9] = [
    ("role", "console.words.role-"),
    ("kind", "console.words.kind-"),
    ("channel", "channel."),
    ("stage", "stage."),
    ("stages", "stage."),
    ("flagged", "audit.flagged-"),
    ("by", "audit.by-"),
    ("moved", "audit.moved-"),
    ("reads", "people.reads-"),
];

/// An action in the words of a reader; one that has no words shows itself.
pub fn action(lang: Lang, action: &str) -> String {
    word(lang, &format!("audit.did-{}", action.replace('.', "-"))).unwrap_or_else(|| action.to_owned())
}

/// The text of a key, if it has one: a key without a text shows itself behind the name of the language.
fn word(lang: Lang, key: &str) -> Option<String> {
    Some(lang.text(key)).filter(|text| !text.ends_with(key))
}

/// What a row says was changed, one part after the other: the name of each thing, before → after.
pub fn details(names: &Names<'_>, entry: &Entry) -> String {
    let day = Local::at(entry.record.at.and_utc()).day;
    let teller = Teller { names, day, of_comment: entry.record.action.starts_with("comment.") };
    match &entry.record.details {
        Value::Object(members) => teller.members(members).join("; "),
        Value::Null => String::new(),
        other => teller.value("", other),
    }
}

struct Teller<'a> {
    names: &'a Names<'a>,
    day: NaiveDate,
    /// Whether `from` and `to` are states of a comment and not days.
    of_comment: bool,
}

impl Teller<'_> {
    fn label(&self, name: &str) -> String {
        word(self.names.lang, &format!("audit.detail-{}", name.replace('_', "-")))
            .unwrap_or_else(|| name.to_owned())
    }

    fn members(&self, members: &Map<String, Value>) -> Vec<String> {
        let mut parts = Vec::new();
        if let (Some(Value::Object(old)), Some(Value::Object(new))) = (members.get("old"), members.get("new"))
        {
            parts.extend(self.changed(old, new));
        }
        let is_compared = members.contains_key("old") && members.contains_key("new");
        for (name, value) in members {
            match (name.as_str(), value) {
                ("old" | "new", _) if is_compared => {}
                ("old" | "new" | "scope", Value::Object(inner)) => parts.extend(self.members(inner)),
                ("was", _) if members.contains_key("question") => {}
                ("to", _) if self.of_comment => {}
                ("from", from) if self.of_comment => {
                    parts.push(self.arrow("state", from, members.get("to").unwrap_or(&Value::Null)));
                }
                // The other one of a pair tells both.
                (old, _) if old.strip_prefix("old_").is_some_and(|name| members.contains_key(name)) => {}
                // What says nothing is left out: a deed that was not backdated, an export of all units.
                (_, Value::Null | Value::Bool(false)) if !members.contains_key(&format!("old_{name}")) => {}
                (name, value) => match members.get(&format!("old_{name}")) {
                    Some(old) if old == value => {}
                    Some(old) => parts.push(self.arrow(name, old, value)),
                    None => parts.push(format!("{}: {}", self.label(name), self.value(name, value))),
                },
            }
        }
        parts
    }

    /// What differs between two states of a thing.
    fn changed(&self, old: &Map<String, Value>, new: &Map<String, Value>) -> Vec<String> {
        let names = new.keys().chain(old.keys().filter(|name| !new.contains_key(*name)));
        let of = |members: &Map<String, Value>, name: &str| members.get(name).cloned().unwrap_or(Value::Null);
        let pairs = names.map(|name| (name, of(old, name), of(new, name)));
        let says = |value: &Value| !matches!(value, Value::Null | Value::Bool(false));
        let differ = pairs.filter(|(_, old, new)| old != new && (says(old) || says(new)));
        differ.map(|(name, old, new)| self.arrow(name, &old, &new)).collect()
    }

    fn arrow(&self, name: &str, old: &Value, new: &Value) -> String {
        format!("{}: {} → {}", self.label(name), self.value(name, old), self.value(name, new))
    }

    fn value(&self, name: &str, value: &Value) -> String {
        let lang = self.names.lang;
        match value {
            Value::Null => "–".to_owned(),
            Value::Bool(is_so) => lang.text(if *is_so { "column.yes" } else { "column.no" }),
            Value::String(text) => self.text(name, text),
            Value::Number(number) => match number.as_i64() {
                Some(number) => self.number(name, number),
                None => number.to_string(),
            },
            Value::Array(all) if all.is_empty() => "–".to_owned(),
            Value::Array(all) => all.iter().map(|one| self.value(name, one)).collect::<Vec<_>>().join(", "),
            Value::Object(members) => self.object(members),
        }
    }

    /// A part of a list: `thing: before → after` where it tells both.
    fn object(&self, members: &Map<String, Value>) -> String {
        for (thing, old, new) in [("field", "before", "after"), ("question", "first", "second")] {
            if let (Some(thing_found), Some(old), Some(new)) =
                (members.get(thing), members.get(old), members.get(new))
            {
                let name = self.value(thing, thing_found);
                return format!("{name} {} → {}", self.value("", old), self.value("", new));
            }
        }
        format!("({})", self.members(members).join(", "))
    }

    fn text(&self, name: &str, text: &str) -> String {
        let lang = self.names.lang;
        let key = if self.of_comment && name == "state" { Some("comments.state-") } else { None };
        let named = name.strip_prefix("old_").unwrap_or(name);
        let key = key.or_else(|| WORDS.iter().find(|(name, _)| *name == named).map(|(_, start)| *start));
        let known = key.and_then(|start| word(lang, &format!("{start}{text}")));
        let known = known.or_else(|| match named {
            "field" | "fields" => Some(self.fields(text)),
            _ => text.parse::<NaiveDate>().ok().map(|day| lang.date(day)),
        });
        known.unwrap_or_else(|| text.to_owned())
    }

    /// The fields of some keys with bars between, as targets keep them.
    fn fields(&self, text: &str) -> String {
        let name = |key: &str| {
            let field = self.names.snapshot.field_by_key(key);
            field.map_or_else(|| key.to_owned(), |field| field.name_in(self.names.lang).to_owned())
        };
        match text {
            "*" => self.names.lang.text("audit.all-fields"),
            keys => keys.split('|').map(name).collect::<Vec<_>>().join(", "),
        }
    }

    fn number(&self, name: &str, number: i64) -> String {
        let names = self.names;
        let known = match name {
            name if UNITS.contains(&name) => names.unit(number, self.day),
            "counter" => names.counter(number.into(), self.day),
            "field" | "fields" => {
                names.snapshot.field(number.into()).map(|field| field.name_in(names.lang).to_owned())
            }
            "procedure" => {
                names.snapshot.procedure(number.into(), self.day).map(|version| version.name.clone())
            }
            "assignee" => names.person(number),
            "replaces" => names.code(number.into()),
            "threshold" | "hundredths" => Some(names.lang.percent(Some(in_hundredths(number)))),
            _ => None,
        };
        known.unwrap_or_else(|| number.to_string())
    }
}
