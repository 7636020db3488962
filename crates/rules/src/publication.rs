//! What is hidden in figures for the public: `rules/publication.toml`.

use crate::record::Grade;
use serde::Deserialize;
use std::sync::OnceLock;

/// The table `rules/publication.toml`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Publication {
    /// Figures from 1 up to this one are hidden.
    pub largest_hidden: Largest,
}

/// A number with its source.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Largest {
    /// The number.
    pub count: u64,
    /// Where it comes from.
    pub cite: String,
    /// How well that was read.
    pub grade: Grade,
}

impl Publication {
    /// The rules that this build carries.
    pub fn embedded() -> &'static Publication {
        static RULES: OnceLock<Publication> = OnceLock::new();
        RULES.get_or_init(|| {
            crate::parsed("publication.toml", include_str!("../../../rules/publication.toml"))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_of_one_to_ten_are_hidden() {
        assert_eq!(Publication::embedded().largest_hidden.count, 10);
    }
}
