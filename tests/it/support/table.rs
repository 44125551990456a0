//! Tables that the service hands out, read back.

use std::collections::BTreeMap;

use serde_json::Value;

/// The values of a row by the keys of their columns.
pub type Row = BTreeMap<String, String>;

/// The keys of a CSV in their order, and its rows.
pub fn rows(bytes: &[u8]) -> (Vec<String>, Vec<Row>) {
    let mut reader = csv::Reader::from_reader(bytes.strip_prefix("\u{feff}".as_bytes()).expect("the mark"));
    let keys = reader.headers().unwrap().iter().map(str::to_owned).collect();
    (keys, reader.deserialize().map(|row| row.unwrap()).collect())
}

/// Whether a single answer bears a flag.
pub fn is_flagged(answer: &Row) -> bool {
    answer.iter().any(|(column, value)| column.starts_with("flag_") && value == "true")
}

/// A value of JSON as a CSV writes it.
pub fn plain(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// The objects of a JSON array as a CSV would hold them.
pub fn json_rows(bytes: &[u8]) -> Vec<Row> {
    let rows: Vec<BTreeMap<String, Value>> = serde_json::from_slice(bytes).unwrap();
    rows.iter().map(|row| row.iter().map(|(key, value)| (key.clone(), plain(value))).collect()).collect()
}
