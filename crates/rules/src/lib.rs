//! Every number that comes from law, policy, literature or measurement: typed tables read from `rules/*.toml`.
//!
//! A table that does not parse or is out of range fails the tests of this crate, so [`Rules::embedded`] cannot fail in
//! use. The version of a rule set is the hash of its files, and goes into every run's manifest.

pub mod directory;
pub mod fairness;
pub mod field;
pub mod help;
pub mod indicators;
pub mod learning;
pub mod matching;
pub mod offences;
pub mod owners;
pub mod persons;
pub mod publication;
pub mod ranking;
pub mod record;
pub mod retention;
pub mod same_child;
pub mod selectors;
pub mod templates;

use homeward_model::Digest;
use std::sync::OnceLock;

/// All rule tables, embedded at build time.
#[derive(Debug, Clone)]
pub struct Rules {
    /// Rules for extraction of selectors: placeholders, toll-free prefixes, confidences.
    pub selectors: selectors::Selectors,
    /// Rules for near-duplicate text families.
    pub templates: templates::Templates,
    /// Rules for linking postings to one owner, and the over-link guard.
    pub owners: owners::Owners,
    /// Rules for matching missing reports to networks.
    pub matching: matching::Matching,
    /// Rules for published support of indicators, disproved cues included.
    pub indicators: indicators::Indicators,
    /// Rules for ordering findings by the chance of reaching a child.
    pub ranking: ranking::Ranking,
    /// Rules for telling whether two reports are of one child.
    pub same_child: same_child::SameChild,
    /// Rules for telling which records are of one person.
    pub persons: persons::Persons,
    /// Rules for how long material is kept, by legal authority.
    pub retention: retention::Retention,
    /// First 16 hexadecimal digits of the hash of all rule files.
    pub version: String,
}

const FILES: [(&str, &str); 9] = [
    ("selectors.toml", include_str!("../../../rules/selectors.toml")),
    ("templates.toml", include_str!("../../../rules/templates.toml")),
    ("owners.toml", include_str!("../../../rules/owners.toml")),
    ("matching.toml", include_str!("../../../rules/matching.toml")),
    ("indicators.toml", include_str!("../../../rules/indicators.toml")),
    ("ranking.toml", include_str!("../../../rules/ranking.toml")),
    ("same_child.toml", include_str!("../../../rules/same_child.toml")),
    ("persons.toml", include_str!("../../../rules/persons.toml")),
    ("retention.toml", include_str!("../../../rules/retention.toml")),
];

impl Rules {
    /// The rule set that this build carries.
    pub fn embedded() -> &'static Rules {
        static RULES: OnceLock<Rules> = OnceLock::new();
        RULES.get_or_init(|| Rules {
            selectors: table("selectors.toml"),
            templates: table("templates.toml"),
            owners: table("owners.toml"),
            matching: table("matching.toml"),
            indicators: table("indicators.toml"),
            ranking: table("ranking.toml"),
            same_child: table("same_child.toml"),
            persons: table("persons.toml"),
            retention: table("retention.toml"),
            version: Digest::of_parts(
                FILES.iter().flat_map(|(name, text)| [name.as_bytes(), text.as_bytes()]),
            )
            .hex()[..16]
                .to_owned(),
        })
    }
}

fn table<T: serde::de::DeserializeOwned>(name: &str) -> T {
    let (_, text) = FILES.iter().find(|(file, _)| *file == name).expect("every table has its file");
    parsed(name, text)
}

/// A file of `rules/` that this build carries; what is wrong with one is told by every test.
fn parsed<T: serde::de::DeserializeOwned>(name: &str, text: &str) -> T {
    toml::from_str(text).unwrap_or_else(|error| panic!("rules/{name}: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn embedded_rules_load() {
        assert_eq!(Rules::embedded().version.len(), 16);
    }
}
