//! Rules for matching missing reports to networks: `rules/matching.toml`.

use serde::Deserialize;

/// The table `rules/matching.toml`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Matching {}
