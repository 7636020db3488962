//! What the fairness report needs before it states a rate, and how it groups reports: `rules/fairness.toml`.
//!
//! It describes how well matching does and changes no result, so no run carries its version.

use serde::Deserialize;
use std::collections::BTreeMap;
use std::sync::OnceLock;

/// The table `rules/fairness.toml`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fairness {
    /// Below this many, no rate is stated.
    pub least: usize,
    /// Judged matches in the record before its own figures are stated.
    pub least_judged: usize,
    /// A corrected p-value below this is called larger than chance.
    pub level: f64,
    /// Right and wrong rows that the test of calibration expects at least.
    pub least_expected: f64,
    /// Candidates of a report within which the right one counts as found.
    pub first: usize,
    /// Race in words by NCIC code.
    pub race: BTreeMap<String, String>,
    /// State codes by Census region.
    pub region: BTreeMap<String, Vec<String>>,
    /// Sizes of places, most populous first.
    pub place: Vec<PlaceSize>,
}

/// A size of place.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlaceSize {
    /// What it is called.
    pub name: String,
    /// Residents from which on a place is of this size.
    pub least: u32,
}

impl Fairness {
    /// The rules that this build carries.
    pub fn embedded() -> &'static Fairness {
        static RULES: OnceLock<Fairness> = OnceLock::new();
        RULES.get_or_init(|| crate::parsed("fairness.toml", include_str!("../../../rules/fairness.toml")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_state_has_one_region_and_every_place_a_size() {
        let rules = Fairness::embedded();
        let mut states: Vec<&String> = rules.region.values().flatten().collect();
        states.sort();
        states.dedup();
        assert_eq!((states.len(), rules.region.values().flatten().count()), (51, 51));
        assert!(rules.place.is_sorted_by(|a, b| a.least > b.least));
        assert_eq!(rules.place.last().unwrap().least, 0);
        assert!(rules.least >= 20 && rules.least_judged >= rules.least);
        assert!(rules.level > 0.0 && rules.level <= 0.05);
    }
}
