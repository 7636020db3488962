//! The log of searches: who looks for something says why, and that stays. Lines are appended; results stand by hash only.
//! A query that found what was purged since may quote it, so its words give way to their hash.

use crate::Archive;
use crate::error::{ArchiveError, io};
use crate::files::{private, write_whole};
use crate::purge::Barred;
use homeward_model::{Digest, Instant, Posting};
use serde_json::{Value, json};
use std::fs::{self, File};
use std::io::Write;
use std::path::Path;

/// One search as it was made.
#[derive(Clone, Debug)]
pub struct SearchRecord<'a> {
    /// When.
    pub at: Instant,
    /// Why, in the words of the person who searched.
    pub purpose: &'a str,
    /// What was typed.
    pub query: &'a str,
    /// How many postings match.
    pub found: usize,
    /// The postings shown.
    pub shown: &'a [Posting],
}

/// Holds the log while it is written: a line must not be lost to a purge at the same moment.
fn hold(root: &Path) -> Result<File, ArchiveError> {
    let path = root.join("searches.lock");
    let lock = private().append(true).create(true).open(&path).map_err(io("write", &path))?;
    lock.lock().map_err(io("lock", &path))?;
    Ok(lock)
}

impl Archive {
    /// Appends a search to `searches.jsonl` and makes it durable. A search that cannot be recorded should not be shown.
    pub fn record_search(&self, record: &SearchRecord<'_>) -> Result<(), ArchiveError> {
        let shown: Vec<String> =
            record.shown.iter().map(|posting| posting.identity().hex()[..32].to_owned()).collect();
        let line = json!({"at": record.at.to_string(), "purpose": record.purpose, "query": record.query,
            "found": record.found, "shown": shown});
        let path = self.root.join("searches.jsonl");
        let _held = hold(&self.root)?;
        let mut file = private().append(true).create(true).open(&path).map_err(io("write", &path))?;
        file.write_all(format!("{line}\n").as_bytes()).map_err(io("write", &path))?;
        file.sync_data().map_err(io("write", &path))
    }

    /// Takes the words out of the queries that showed what is barred now.
    pub(crate) fn redact_searches(&self, barred: &Barred) -> Result<(), ArchiveError> {
        let path = self.root.join("searches.jsonl");
        let _held = hold(&self.root)?;
        let Ok(text) = fs::read_to_string(&path) else { return Ok(()) };
        let kept: String = text.lines().map(|line| redacted(line, barred) + "\n").collect();
        if kept == text { Ok(()) } else { write_whole(&path, kept.as_bytes()) }
    }
}

fn redacted(line: &str, barred: &Barred) -> String {
    let Ok(mut record) = serde_json::from_str::<Value>(line) else { return line.to_owned() };
    let shown = record["shown"].as_array().into_iter().flatten();
    let mut keys =
        shown.filter_map(Value::as_str).filter_map(|identity| u128::from_str_radix(identity, 16).ok());
    if keys.any(|key| barred.key(key))
        && let Some(fields) = record.as_object_mut()
        && let Some(query) = fields.remove("query")
    {
        let hash = Digest::of(query.as_str().unwrap_or_default().as_bytes()).hex();
        fields.insert("query_sha256".to_owned(), json!(hash));
        return record.to_string();
    }
    line.to_owned()
}
