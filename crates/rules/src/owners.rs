//! Rules for linking postings to one owner, and the over-link guard: `rules/owners.toml`.

use serde::Deserialize;

/// The table `rules/owners.toml`; weights are bits of evidence that two selectors belong to one owner.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Owners {
    /// Both used in one template family.
    pub first_family: f64,
    /// Each further family they share.
    pub next_family: f64,
    /// Both beside pictures of one group.
    pub image: f64,
    /// Both used by one account.
    pub account: f64,
    /// Both in one posting, twice or more.
    pub together: f64,
    /// Both in one metropolitan area within `near_days`.
    pub same_place: f64,
    /// Days for `same_place`.
    pub near_days: f64,
    /// Places known on both sides, none shared.
    pub other_place: f64,
    /// The same given name advertised.
    pub same_name: f64,
    /// Evidence from which two selectors are one owner's.
    pub least: f64,
    /// A family with more selectors than this is common text.
    pub family_most: usize,
    /// A picture group beside more selectors than this is a stock photo.
    pub image_most: usize,
    /// Postings beside other numbers from which a number is shared.
    pub beside_least: usize,
    /// Share of its postings from which such a number is shared.
    pub beside_share: f64,
    /// Share of a family from which its main owner takes its postings without selectors.
    pub main_share: f64,
    /// Largest distance of two hashes of one picture.
    pub image_distance: u32,
}
