//! Rules for how long material is kept, by legal authority: `rules/retention.toml`.

use serde::Deserialize;

/// The table `rules/retention.toml`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Retention {}
