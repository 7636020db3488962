//! Rules of the provider directory: `rules/directory.toml`.

use crate::record::{Distance, Grade, Limit};
use serde::Deserialize;
use std::sync::OnceLock;

/// The table `rules/directory.toml`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DirectoryRules {
    /// How long a stated capacity is taken for true.
    pub capacity_age: Limit,
    /// How far around a place a search reaches when nobody says.
    pub search_radius: Distance,
    /// What makes an address confidential.
    pub confidential: Confidential,
}

/// Words that make an address confidential.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Confidential {
    /// The words, in lower case.
    pub words: Vec<String>,
    /// Where that comes from.
    pub cite: String,
    /// How well that was read.
    pub grade: Grade,
}

impl DirectoryRules {
    /// The rules that this build carries.
    pub fn embedded() -> &'static DirectoryRules {
        static RULES: OnceLock<DirectoryRules> = OnceLock::new();
        RULES.get_or_init(|| crate::parsed("directory.toml", include_str!("../../../rules/directory.toml")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use homeward_model::Span;

    #[test]
    fn the_rules_load() {
        let rules = DirectoryRules::embedded();
        assert_eq!((rules.capacity_age.span, rules.search_radius.metres), (Span::hours(72), 80_000));
        assert!(rules.confidential.words.iter().all(|word| *word == word.to_lowercase()));
    }
}
