//! Rules for how long material is kept, by legal authority: `rules/retention.toml`.

use homeward_model::{Authority, Instant};
use serde::{Deserialize, Deserializer};

/// The table `rules/retention.toml`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Retention {
    /// One term for each authority.
    pub term: Vec<Term>,
}

/// How long material of one authority is kept.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Term {
    /// The authority under which it was collected.
    #[serde(deserialize_with = "authority")]
    pub authority: Authority,
    /// Days from entry: the day it was collected, else taken in.
    pub days: u32,
    /// Whether law or a policy of this project sets the number.
    pub basis: Basis,
    /// Where the number comes from.
    pub source: String,
}

/// What stands behind a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Basis {
    /// A statute or regulation.
    Law,
    /// No published number; an agency may set its own.
    Policy,
}

fn authority<'de, D: Deserializer<'de>>(from: D) -> Result<Authority, D::Error> {
    let word = String::deserialize(from)?;
    Authority::parse(&word).ok_or_else(|| serde::de::Error::custom(format!("`{word}` is no authority")))
}

impl Retention {
    /// For each authority the moment before which what was entered is past its term.
    pub fn past_before(&self, now: Instant) -> Vec<(Authority, Instant)> {
        self.term.iter().map(|term| (term.authority, now.plus_days(-f64::from(term.days)))).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Rules;

    #[test]
    fn every_authority_has_one_term_with_its_source() {
        let rules = &Rules::embedded().retention;
        for (authority, word) in Authority::ALL {
            let terms: Vec<&Term> = rules.term.iter().filter(|term| term.authority == authority).collect();
            assert_eq!(terms.len(), 1, "{word}");
            assert!(terms[0].days > 0 && terms[0].source.len() > 20, "{word}");
        }
    }

    #[test]
    fn intelligence_is_never_kept_beyond_five_years() {
        let now = Instant::parse("2024-07-01").unwrap();
        let five_years = Instant::parse("2019-07-01").unwrap();
        assert!(Rules::embedded().retention.past_before(now).iter().all(|(_, moment)| *moment >= five_years));
    }
}
