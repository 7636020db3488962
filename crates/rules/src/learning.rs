//! How judgements and outcomes move the shares of `rules/matching.toml`: `rules/learning.toml`.
//!
//! It makes proposals and no result; a set of weights that a person accepted is named by itself.

use serde::Deserialize;
use std::sync::OnceLock;

/// The table `rules/learning.toml`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Learning {
    /// Confirmed matches before anything is proposed.
    pub least_confirmed: usize,
    /// Observations that the rules' shares of one factor are worth.
    pub strength: f64,
    /// No share moves by more than this factor, up or down.
    pub most_factor: f64,
    /// Rounds of expectation and maximisation.
    pub rounds: u32,
    /// Folds of the comparison of before and after.
    pub folds: u64,
}

impl Learning {
    /// The rules that this build carries.
    pub fn embedded() -> &'static Learning {
        static RULES: OnceLock<Learning> = OnceLock::new();
        RULES.get_or_init(|| crate::parsed("learning.toml", include_str!("../../../rules/learning.toml")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bounds_bind() {
        let rules = Learning::embedded();
        assert!(rules.least_confirmed > 0 && rules.strength > 0.0 && rules.rounds > 0);
        assert!(rules.most_factor > 1.0 && rules.folds >= 2);
    }
}
