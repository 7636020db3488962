//! Rules for extraction of selectors: placeholders, toll-free prefixes, confidences: `rules/selectors.toml`.

use serde::Deserialize;

/// The table `rules/selectors.toml`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Selectors {}
