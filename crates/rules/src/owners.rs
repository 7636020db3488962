//! Rules for linking postings to one owner, and the over-link guard: `rules/owners.toml`.

use serde::Deserialize;

/// The table `rules/owners.toml`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Owners {}
