//! What the engine knows of a posting once it has been read: the input of every later step.

use crate::describe::Description;
use homeward_model::{Instant, Pdq, SelectorKind, key64};
use homeward_places::CityId;

/// An identifying selector of one posting, ready to be joined on.
#[derive(Clone, Debug, PartialEq)]
pub struct SelectorFact {
    /// Kind; only kinds for which [`SelectorKind::identifies`] holds.
    pub kind: SelectorKind,
    /// Normalised value.
    pub value: String,
    /// How likely the reading is right, 0 to 1.
    pub confidence: f32,
    /// Toll-free, placeholder or the site's own: must not link.
    pub common: bool,
}

impl SelectorFact {
    /// Stable key of kind and value.
    pub fn key(&self) -> u64 {
        selector_key(self.kind, &self.value)
    }
}

/// Stable key of a selector.
pub fn selector_key(kind: SelectorKind, value: &str) -> u64 {
    key64(format!("{}\u{1f}{value}", kind.word()).as_bytes())
}

/// A posting reduced to what linkage compares. A pure function of the posting, the rules and the tables embedded in the
/// build.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Facts {
    /// First 64 bits of the posting's identity digest: names it inside a run and breaks every tie.
    pub key: u64,
    /// Skeleton tokens of title and body, see [`crate::templates::tokens`].
    pub tokens: Vec<u32>,
    /// Identifying selectors, sorted by kind and value, without repeats.
    pub selectors: Vec<SelectorFact>,
    /// Key of site and account, when the source names an account.
    pub account: Option<u64>,
    /// PDQ hashes of quality 50 or better.
    pub images: Vec<Pdq>,
    /// When posted, else when collected.
    pub seen_at: Option<Instant>,
    /// The city the posting is for.
    pub city: Option<CityId>,
    /// What the text says of the person advertised.
    pub person: Description,
}
