//! A row before it is typed: names and values, with where it came from.

use crate::media;
use homeward_model::{Digest, RowOffset};
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// A row of any format.
#[derive(Clone, Debug, PartialEq)]
pub struct Record {
    /// Values by trimmed, lower-case name.
    pub fields: Map<String, Value>,
    /// File as given.
    pub file: String,
    /// Where the row begins.
    pub offset: RowOffset,
    /// SHA-256 of the raw row.
    pub raw_sha256: Digest,
    /// Remarks of the reader.
    pub notes: Vec<String>,
}

/// A value as text; `None` for null, empty text and nested values.
pub fn text_of(value: &Value) -> Option<String> {
    match value {
        Value::String(text) if text.trim().is_empty() => None,
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(truth) => Some(truth.to_string()),
        _ => None,
    }
}

/// How a remark on a field that could not be read begins.
const UNREAD: &str = "unreadable `";
/// Characters of an unreadable value that its remark shows.
const SHOWN: usize = 60;

/// What of a row could not be read: its text is kept beside, with a remark that names the field and the value.
#[derive(Debug, Default)]
pub struct Aside {
    /// Texts by the name of their field.
    pub texts: BTreeMap<String, String>,
    /// Remarks.
    pub notes: Vec<String>,
}

impl Aside {
    /// Keeps a value that could not be read.
    pub fn keep(&mut self, field: &str, text: &str, why: &str) {
        let text = media::left_out(text);
        let shown: String = text.chars().take(SHOWN).collect();
        let rest = if shown.len() < text.len() { "…" } else { "" };
        self.notes.push(format!("{UNREAD}{field}`: `{shown}{rest}` {why}; kept as text"));
        self.beside(field, &text);
    }

    /// Keeps a text under its name; several of one name stand one after the other.
    pub fn beside(&mut self, field: &str, text: &str) {
        let kept = self.texts.entry(field.to_owned()).or_default();
        if !kept.is_empty() {
            kept.push('|');
        }
        kept.push_str(text);
    }
}

/// The remarks that tell of a field that could not be read.
pub fn unread(notes: &[String]) -> impl Iterator<Item = &str> {
    notes.iter().map(String::as_str).filter(|note| note.starts_with(UNREAD))
}

impl Record {
    /// A row of a file by its fields and its raw bytes.
    pub fn new(fields: Map<String, Value>, file: &str, offset: RowOffset, raw: &[u8]) -> Record {
        Record { fields, file: file.to_owned(), offset, raw_sha256: Digest::of(raw), notes: Vec::new() }
    }

    /// Puts text in under a name, unless it is empty.
    pub fn put(&mut self, name: &str, text: impl Into<String>) {
        let text = text.into();
        if !text.is_empty() {
            self.fields.insert(name.to_owned(), Value::String(text));
        }
    }

    /// Takes a field out as text.
    pub fn take(&mut self, name: &str) -> Option<String> {
        self.fields.remove(name).as_ref().and_then(text_of)
    }

    /// Takes a list out: a JSON array of texts, or one text with `|` between its parts.
    pub fn take_list(&mut self, name: &str) -> Vec<String> {
        match self.fields.remove(name) {
            Some(Value::Array(values)) => values.iter().filter_map(text_of).collect(),
            Some(value) => {
                let text = text_of(&value).unwrap_or_default();
                text.split('|').map(str::trim).filter(|part| !part.is_empty()).map(str::to_owned).collect()
            }
            None => Vec::new(),
        }
    }

    /// Takes a list of objects out; what is no object is kept beside.
    pub fn take_objects(&mut self, name: &str, aside: &mut Aside) -> Vec<Map<String, Value>> {
        let values = match self.fields.remove(name) {
            Some(Value::Array(values)) => values,
            other => other.into_iter().collect(),
        };
        let mut objects = Vec::new();
        for value in values {
            match value {
                Value::Object(object) => objects.push(object),
                other => {
                    if let Some(text) = text_of(&other) {
                        aside.keep(name, &text, "is no object with names and values");
                    }
                }
            }
        }
        objects
    }

    /// Takes an object out, or gathers `name.part` and `part` columns into one. A text in its place is its `text`.
    pub fn take_object(&mut self, name: &str, parts: &[&str]) -> Map<String, Value> {
        let mut object = match self.fields.remove(name) {
            Some(Value::Object(object)) => return object,
            Some(text) if text_of(&text).is_some() => Map::from_iter([("text".to_owned(), text)]),
            _ => Map::new(),
        };
        for part in parts {
            let value = self.fields.remove(&format!("{name}.{part}")).or_else(|| self.fields.remove(*part));
            if let Some(value) = value.filter(|value| !value.is_null()) {
                object.insert((*part).to_owned(), value);
            }
        }
        object
    }
}
