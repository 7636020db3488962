//! Rules for the extraction of selectors: `rules/selectors.toml`.

use serde::Deserialize;

/// The table `rules/selectors.toml`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Selectors {
    /// Area codes of toll-free numbers.
    pub toll_free: Vec<String>,
    /// Exchange and line of directory assistance.
    pub directory: String,
    /// Confidence of a number that the numbering plan allows, 0 to 1.
    pub confidence_valid: f32,
    /// Confidence of a number of possible length that the plan does not allow; people invent and mistype numbers.
    pub confidence_possible: f32,
    /// Factor, 0 to 1, on the confidence of a number that is grouped in no usual way or uses letters for digits.
    pub unusual_factor: f32,
    /// Domains of platforms and sites, whose addresses name no owner.
    pub site_domains: Vec<String>,
}
