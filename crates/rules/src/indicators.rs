//! Rules for published support of indicators, disproved cues included: `rules/indicators.toml`.

use serde::Deserialize;

/// The table `rules/indicators.toml`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Indicators {}
