//! Published support of indicators, disproved cues included: `rules/indicators.toml`.

use serde::Deserialize;

/// The table `rules/indicators.toml`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Indicators {
    /// One row for each indicator.
    pub indicator: Vec<Indicator>,
}

/// An indicator and what research says of it.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Indicator {
    /// Name.
    pub name: String,
    /// `supported`, `disproved` or `excluded`.
    pub status: String,
    /// Weight in a finding of organised activity, bits.
    pub weight_bits: f64,
    /// Why it has this weight.
    pub why: String,
}

#[cfg(test)]
mod tests {
    use crate::Rules;

    #[test]
    fn only_supported_indicators_carry_weight() {
        for row in &Rules::embedded().indicators.indicator {
            assert!(matches!(row.status.as_str(), "supported" | "disproved" | "excluded"), "{}", row.name);
            assert!(row.status == "supported" || row.weight_bits == 0.0, "{}", row.name);
        }
    }
}
