//! The log of searches: who looks for something says why, and that stays. Appended, never rewritten; results by hash only.

use crate::Archive;
use crate::error::{ArchiveError, io};
use homeward_model::{Instant, Posting};
use serde_json::json;
use std::fs::File;
use std::io::Write;

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

impl Archive {
    /// Appends a search to `searches.jsonl` and makes it durable. A search that cannot be recorded should not be shown.
    pub fn record_search(&self, record: &SearchRecord<'_>) -> Result<(), ArchiveError> {
        let shown: Vec<String> =
            record.shown.iter().map(|posting| posting.identity().hex()[..32].to_owned()).collect();
        let line = json!({"at": record.at.to_string(), "purpose": record.purpose, "query": record.query,
            "found": record.found, "shown": shown});
        let path = self.root.join("searches.jsonl");
        let mut file = File::options().append(true).create(true).open(&path).map_err(io("write", &path))?;
        // One write call, so that two searches at once do not mix their lines.
        file.write_all(format!("{line}\n").as_bytes()).map_err(io("write", &path))?;
        file.sync_data().map_err(io("write", &path))
    }
}
