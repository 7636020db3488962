//! The manifest: the one small file that says what is in force. It is swapped whole, so that every reader sees one state.

use crate::error::{ArchiveError, damaged};
use crate::files::{read_if_there, write_whole};
use crate::purge::PurgeReceipt;
use serde::{Deserialize, Serialize};
use std::path::Path;

/// Version of the folder's layout; a folder of a newer one is refused.
pub const FORMAT: u32 = 1;

/// One file of postings.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SegmentInfo {
    /// Name: hash of the identities and contents it holds.
    pub id: String,
    /// Number of postings.
    pub postings: usize,
    /// When it was taken in, microseconds since 1970 in UTC. Retention counts from here where a posting does not say when it
    /// was collected.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub taken_in_us: Option<i64>,
}

/// What there is.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Manifest {
    pub format: u32,
    pub segments: Vec<SegmentInfo>,
    pub reports: Option<String>,
    /// Decisions that were taken over with the reports.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decisions: Option<String>,
    pub latest_run: Option<String>,
    pub purged: Vec<PurgeReceipt>,
    /// A purge is decided and its files are not all removed yet; the next opening removes the rest.
    #[serde(default)]
    pub clearing: bool,
}

impl Manifest {
    /// The manifest of a folder; `None` when the folder has none.
    pub fn read(root: &Path) -> Result<Option<Manifest>, ArchiveError> {
        let path = root.join("manifest.json");
        let Some(text) = read_if_there(&path)? else { return Ok(None) };
        let value: serde_json::Value = serde_json::from_str(&text).map_err(|error| damaged(&path, error))?;
        let found = value["format"].as_u64().unwrap_or(0) as u32;
        if found > FORMAT {
            return Err(ArchiveError::Newer { path: root.display().to_string(), found });
        }
        serde_json::from_value(value).map(Some).map_err(|error| damaged(&path, error))
    }

    /// Swaps the folder's manifest for this one.
    pub fn write(&self, root: &Path) -> Result<(), ArchiveError> {
        let text = serde_json::to_string_pretty(self).map_err(|error| damaged(root, error))?;
        write_whole(&root.join("manifest.json"), text.as_bytes())
    }
}
