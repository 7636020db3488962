//! A row before it is typed: names and values, with where it came from.

use homeward_model::{Digest, RowOffset};
use serde_json::{Map, Value};

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

    /// Takes a list of objects out.
    pub fn take_objects(&mut self, name: &str) -> Vec<Map<String, Value>> {
        match self.fields.remove(name) {
            Some(Value::Array(values)) => values
                .into_iter()
                .filter_map(|value| if let Value::Object(object) = value { Some(object) } else { None })
                .collect(),
            _ => Vec::new(),
        }
    }

    /// Takes an object out, or gathers `name.part` and `part` columns into one.
    pub fn take_object(&mut self, name: &str, parts: &[&str]) -> Map<String, Value> {
        if let Some(Value::Object(object)) = self.fields.remove(name) {
            return object;
        }
        let mut object = Map::new();
        for part in parts {
            let value = self.fields.remove(&format!("{name}.{part}")).or_else(|| self.fields.remove(*part));
            if let Some(value) = value {
                object.insert((*part).to_owned(), value);
            }
        }
        object
    }
}
