//! Findings: what the engine proposes. A finding is not a lead; only a named person makes one from it.

use crate::{Instant, PlaceMention};

/// What kind of proposal a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FindingKind {
    /// A missing report and a network in which that child may be.
    Match,
    /// Organised activity.
    Network,
    /// A network moved, grew, or a new person appeared in it.
    Change,
    /// Two records may be one person.
    Person,
    /// A match that a person rejected rests on more since: an alarm. The match itself stays rejected.
    Contradiction,
}

impl FindingKind {
    /// Every kind with its word.
    pub const ALL: [(FindingKind, &'static str); 5] = [
        (FindingKind::Match, "match"),
        (FindingKind::Network, "network"),
        (FindingKind::Change, "change"),
        (FindingKind::Person, "person"),
        (FindingKind::Contradiction, "contradiction"),
    ];

    /// The word for this kind.
    pub fn word(self) -> &'static str {
        Self::ALL[self as usize].1
    }

    /// Reads the word.
    pub fn parse(word: &str) -> Option<FindingKind> {
        Self::ALL.iter().find(|(_, w)| *w == word).map(|(kind, _)| *kind)
    }
}

/// One factor of a finding, with the two values that were compared.
#[derive(Clone, Debug, PartialEq)]
pub struct Reason {
    /// Name of the factor, as in `rules/`.
    pub factor: String,
    /// The value on the report's side (or the first record's).
    pub left: String,
    /// The value on the network's side (or the second record's).
    pub right: String,
    /// Weight in bits: log2 of the likelihood ratio. Positive speaks for, negative against.
    pub weight_bits: f64,
    /// Where the weight comes from, in words: the rule and its published or measured support.
    pub support: String,
    /// Named numbers beside the two values from which the weight was computed (base rates, distances in km, days), so
    /// that anyone can compute it again from the stored reason and the rule version.
    pub measures: Vec<(String, f64)>,
}

impl Reason {
    /// A reason of these parts.
    pub fn new(
        factor: impl Into<String>,
        left: impl Into<String>,
        right: impl Into<String>,
        weight_bits: f64,
        support: &str,
        measures: &[(&str, f64)],
    ) -> Reason {
        Reason {
            factor: factor.into(),
            left: left.into(),
            right: right.into(),
            weight_bits,
            support: support.to_owned(),
            measures: measures.iter().map(|(name, value)| ((*name).to_owned(), *value)).collect(),
        }
    }

    /// A named number beside the two values.
    pub fn measure(&self, name: &str) -> Option<f64> {
        self.measures.iter().find(|(known, _)| known == name).map(|(_, value)| *value)
    }

    /// The number with which a value begins, as in `165 cm`; of both values.
    pub fn numbers(&self) -> Option<(f64, f64)> {
        let number = |text: &str| text.split(' ').next().and_then(|part| part.parse::<f64>().ok());
        Some((number(&self.left)?, number(&self.right)?))
    }
}

/// One proposal of the engine, with its reasons.
#[derive(Clone, Debug, PartialEq)]
pub struct Finding {
    /// Derived from kind, report and network: the same proposal has the same id in every run.
    pub id: String,
    /// Kind of proposal.
    pub kind: FindingKind,
    /// Calibrated probability that the proposal is right, 0 to 1.
    pub probability: f64,
    /// Sum of the prior and the reasons' weights, in bits.
    pub weight_bits: f64,
    /// Chance-of-reaching-a-child score by which findings are ordered, highest first; see `rules/ranking.toml`.
    pub rank_score: f64,
    /// Network concerned, named by its smallest member.
    pub network: Option<String>,
    /// Missing report concerned.
    pub missing_report: Option<String>,
    /// The other report, where two may be of one child.
    pub other_report: Option<String>,
    /// Ids of the postings behind it.
    pub postings: Vec<String>,
    /// Place where the child may be reached, most recent first sight.
    pub place: PlaceMention,
    /// Field office for that place.
    pub office: Option<String>,
    /// First posting's moment.
    pub first_seen: Option<Instant>,
    /// Last posting's moment.
    pub last_seen: Option<Instant>,
    /// Why.
    pub reasons: Vec<Reason>,
}
