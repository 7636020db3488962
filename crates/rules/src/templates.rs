//! Rules for near-duplicate text families: `rules/templates.toml`.

use serde::Deserialize;

/// The table `rules/templates.toml`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Templates {}
