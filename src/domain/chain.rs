//! The chain of the audit: each row's hash covers the row and the hash before it, so that a row that is
//! changed, removed or put in later breaks every hash after it.

use std::collections::BTreeMap;

use chrono::NaiveDateTime;
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::hex::hex;

/// What the hash of a row covers besides the hash before it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// Instant (UTC), in whole microseconds as both databases keep it.
    pub at: NaiveDateTime,
    /// Who.
    pub actor: String,
    /// What was done, such as `link.create`.
    pub action: String,
    /// To what, such as `link:12`.
    pub subject: String,
    /// What else is to be said.
    pub details: Value,
}

impl Record {
    /// The hash of the row after `previous`, as 64 hexadecimal digits; the first row comes after "".
    ///
    /// The canonical form is the JSON array of the six values without spaces, members of objects in the
    /// order of their names, and the instant with six decimals.
    pub fn hash(&self, previous: &str) -> String {
        let at = self.at.format("%Y-%m-%dT%H:%M:%S%.6f").to_string();
        let texts = [previous, &at, &self.actor, &self.action, &self.subject];
        let mut values: Vec<String> = texts.iter().map(|text| Value::from(*text).to_string()).collect();
        values.push(canonical(&self.details));
        hex(&Sha256::digest(format!("[{}]", values.join(","))))
    }
}

fn canonical(value: &Value) -> String {
    match value {
        Value::Object(members) => {
            let sorted: BTreeMap<&String, &Value> = members.iter().collect();
            let members = sorted
                .into_iter()
                .map(|(name, value)| format!("{}:{}", Value::from(name.as_str()), canonical(value)));
            format!("{{{}}}", members.collect::<Vec<_>>().join(","))
        }
        Value::Array(values) => {
            format!("[{}]", values.iter().map(canonical).collect::<Vec<_>>().join(","))
        }
        plain => plain.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hash_is_that_of_the_written_form_and_each_part_counts() {
        let record = Record {
            at: "2026-11-23T01:02:03.0405".parse().unwrap(),
            actor: "lan".to_owned(),
            action: "link.create".to_owned(),
            subject: "link:1".to_owned(),
            details: serde_json::from_str(r#"{"b": [1, {"z": null, "c": "\""}], "a": true}"#).unwrap(),
        };
        let written = r#"["","2026-11-23T01:02:03.040500","lan","link.create","link:1",{"a":true,"b":[1,{"c":"\"","z":null}]}]"#;
        let hash = record.hash("");
        assert_eq!(hash, hex(&Sha256::digest(written)));
        assert_ne!(hash, record.hash("0"));
        assert_ne!(hash, Record { actor: "lanlink".to_owned(), ..record.clone() }.hash(""));
        assert_ne!(hash, Record { details: Value::Null, ..record }.hash(""));
    }
}
