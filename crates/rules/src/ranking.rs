//! Rules for ordering findings by the chance of reaching a child: `rules/ranking.toml`.

use serde::Deserialize;

/// The table `rules/ranking.toml`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ranking {}
